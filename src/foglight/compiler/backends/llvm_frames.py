"""The frames that compiled scans read: one for a whole call, or several that divide its tracks."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import FRAME, Kernel
from foglight.core.types import Array

Whole = NDArray[np.int64]
COLUMN = {name: index for index, name in enumerate(FRAME)}


class Frames(NamedTuple):
    """Frames to be run.

    table (frames, len(FRAME)).  begins: those that need not follow the one before.  held: what their addresses refer
    to.
    """

    table: Whole
    begins: Whole
    held: tuple[Whole, ...] = ()

    def parts(self, count: int) -> list[tuple[int, int]]:
        """About `count` parts of as many rows each, as (first frame, last frame + 1)."""
        rows = np.cumsum(self.table[:, COLUMN["rows"]] * self.table[:, COLUMN["tracks"]])
        before = np.append(0, rows)[self.begins]
        near = np.searchsorted(before, np.arange(1, count) * rows[-1] // count)
        cuts = np.unique(self.begins[np.minimum(near, len(before) - 1)])
        edges = [0, *cuts[cuts > 0].tolist(), len(self.table)]
        return list(pairwise(edges))

    def give(self, memo: NDArray[np.uint8], first: int, last: int) -> int:
        """Let these frames use a memo; returns the address of the first."""
        self.table[first:last, COLUMN["memo"]] = memo.ctypes.data
        self.table[first:last, COLUMN["slots"]] = len(memo)
        return self.table.ctypes.data + first * self.table.strides[0]


def make_frame(kernel: Kernel, arrays: Arrays, carry: Array, out: Array, memo: NDArray[np.uint8]) -> Whole:
    """The frame of a call. It holds addresses: the arrays must outlive it."""
    rows = len(arrays.dt)

    def stride(array: Array) -> int:
        return array.strides[0] // array.itemsize if len(array) > 1 else 0

    values = {
        "tracks": len(carry),
        "rows": rows,
        "dt": arrays.dt.ctypes.data,
        "u": arrays.u.ctypes.data,
        "u_stride": stride(arrays.u),
        "row": arrays.row.ctypes.data,
        "z": arrays.z.ctypes.data,
        "z_stride": stride(arrays.z),
        "params": arrays.params.ctypes.data,
        "carry_in": arrays.carry.ctypes.data,
        "carry_in_stride": stride(arrays.carry),
        "carry_out": carry.ctypes.data,
        "out": out.ctypes.data,
        "out_stride": stride(out),
        "memo": memo.ctypes.data,
        "slots": len(memo),
        "numbers": 0,
        "firsts": 0,
    }
    return np.array([values[name] for name in FRAME], np.int64)


def side_by_side(whole: Whole, kernel: Kernel, lanes: int, count: int) -> Frames:
    """`count` frames, or fewer, for blocks of the tracks of one frame, which share their times."""
    groups = max(int(whole[COLUMN["tracks"]]) // lanes, 1)
    count = min(count, groups)
    first = np.arange(count) * groups // count * lanes
    table = np.repeat(whole[None], count, axis=0)
    table[:, COLUMN["tracks"]] = np.diff(first, append=whole[COLUMN["tracks"]])
    strides = {name: whole[COLUMN[f"{name}_stride"]] for name in ("u", "z", "carry_in", "out")}
    _move(table, kernel, first, {**strides, "carry_out": kernel.carried})
    return Frames(table, np.arange(count))


def one_after_another(whole: Whole, kernel: Kernel, firsts: Whole, lengths: Whole) -> Frames:
    """A frame for each track, of tracks whose rows follow one another."""
    table = np.repeat(whole[None], len(firsts), axis=0)
    table[:, COLUMN["tracks"]], table[:, COLUMN["rows"]] = 1, lengths
    _move(table, kernel, firsts, {"out": kernel.width, "dt": 1} | _inputs(kernel))
    _move(table, kernel, np.arange(len(firsts)), {"carry_in": kernel.carried, "carry_out": kernel.carried})
    return Frames(table, np.arange(len(firsts)))


def in_lanes(whole: Whole, lanes: int, firsts: Whole, lengths: Whole) -> Frames:
    """Frames for as many tracks at a time, sorted by length, of tracks whose rows follow one another.

    The lanes of a group run together until its shortest track ends, then the others go on to the end of the next. A
    lane whose track has ended repeats another: that writes the same bits twice.
    """
    order = np.argsort(-lengths, kind="stable")
    order = np.append(order, np.repeat(order[-1], -len(order) % lanes)).reshape(-1, lanes)
    ends = lengths[order][:, ::-1]  # of the stretches of each group
    starts = np.hstack([np.zeros((len(ends), 1), np.int64), ends[:, :-1]])
    running = np.minimum(np.arange(lanes), np.arange(lanes)[::-1, None])  # the lanes' tracks in each stretch
    group, stretch = np.nonzero(ends > starts)
    numbers = order[group[:, None], running[stretch]]
    begin = firsts[numbers] + starts[group, stretch][:, None]
    table = np.repeat(whole[None], len(group), axis=0)
    table[:, COLUMN["tracks"]], table[:, COLUMN["rows"]] = lanes, (ends - starts)[group, stretch]
    for name, each in (("numbers", numbers), ("firsts", begin)):
        table[:, COLUMN[name]] = each.ctypes.data + np.arange(len(each)) * each.strides[0]
    return Frames(table, np.flatnonzero(np.diff(group, prepend=-1)), (numbers, begin))


def _inputs(kernel: Kernel) -> dict[str, int]:
    return {name: kernel.widths[name] for name in ("u", "row", "z")}


def _move(table: Whole, kernel: Kernel, count: Whole, strides: dict[str, int]) -> None:
    """Move the addresses of each frame on by `count` strides."""
    for name, stride in strides.items():
        table[:, COLUMN[name]] += count * stride * np.dtype(kernel.dtype).itemsize
