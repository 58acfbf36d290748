"""Where a kernel runs: compiled where LLVM is there, else on the interpreter. The same bits either way."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight import memory
from foglight.backends import interpreter, steady
from foglight.backends.steady import PERIOD
from foglight.kernel import FRAME, Kernel
from foglight.locks import COMPILING

Array = NDArray[Any]
_MEMO_BYTES = 1 << 21  # about what stays in a processor's own cache
_WRITING = 4  # lanes
_SAMPLED = 64  # one track of so many
COMPILED_BELOW = 20_000  # operations; a longer Program compiles for longer than it saves


@dataclass(frozen=True)
class Arrays:
    """What a scan reads, C-contiguous in the kernel's type, one leading axis of tracks (1 = shared by all).

    dt (rows,); u, row, z (tracks or 1, rows, width); params (params,); carry (tracks or 1, carried).
    """

    dt: Array
    u: Array
    row: Array
    z: Array
    params: Array
    carry: Array

    @property
    def tracks(self) -> int:
        return max(len(self.z), len(self.u), len(self.carry))

    def each(self) -> Iterator["Arrays"]:
        """The tracks one by one."""
        for k in range(self.tracks):
            u, row, z, carry = (a[min(k, len(a) - 1)][None] for a in (self.u, self.row, self.z, self.carry))
            yield Arrays(self.dt, u, row, z, self.params, carry)


class Engine:
    """One kernel, ready to run; compiled on first use for one series and for lanes of tracks."""

    def __init__(self, kernel: Kernel, lanes: int | None = None) -> None:
        self.kernel = kernel
        self._lanes = lanes
        self._scans: dict[int, Callable[[int], None]] = {}
        self._slot_bytes: dict[int, int] = {}

    def lanes(self, tracks: int) -> int:
        """How many tracks go through one instruction."""
        from foglight.backends.jit import best_lanes

        lanes = self._lanes or best_lanes()
        while lanes > tracks:
            lanes //= 2
        return lanes

    @functools.cached_property
    def _shares(self) -> bool:
        return steady.plan(self.kernel) is not None

    def lanes_for(self, arrays: Arrays) -> int:
        """The lanes for these tracks. Where they share their covariances, writing results is what takes the time,
        and four lanes write faster than eight; a sample of the readings tells, and only speed hangs on it."""
        lanes = self.lanes(arrays.tracks)
        shared = (
            self._lanes is None
            and lanes > _WRITING
            and self._shares
            and not np.isnan(arrays.z[::_SAMPLED]).any()
        )
        return _WRITING if shared else lanes

    def scan(self, lanes: int) -> Callable[[int], None]:
        """The compiled scan for this many lanes."""
        known = self._scans.get(lanes)
        if known is not None:
            return known
        with COMPILING:
            if lanes not in self._scans:
                from foglight.backends import jit, llvm, slots

                self._slot_bytes[lanes] = slots.slot_bytes(self.kernel, lanes)
                self._scans[lanes] = jit.compile_scan(llvm.text(self.kernel, lanes))
            return self._scans[lanes]

    def memo(self, lanes: int, tracks: int, rows: int) -> NDArray[np.uint8]:
        """Empty slots of the memo (backends/steady.py): one a row where tracks may share them, else one period."""
        self.scan(lanes)
        size = self._slot_bytes[lanes]
        count = min(PERIOD, rows)
        if tracks > lanes and rows * size <= _MEMO_BYTES:
            count = rows
        return np.full((count, size), 0xFF, np.uint8)

    def run(self, arrays: Arrays) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width)."""
        if not compiles():
            return interpreter.scan(self.kernel, arrays.__dict__)
        kernel, tracks = self.kernel, arrays.tracks
        kind = np.dtype(kernel.dtype)
        carry = np.empty((tracks, kernel.carried), kind)
        out = memory.empty((tracks, len(arrays.dt), kernel.width), kind)
        lanes = self.lanes_for(arrays)
        scan, memo = self.scan(lanes), self.memo(lanes, tracks, len(arrays.dt))
        frame = make_frame(kernel, arrays, carry, out, memo)
        scan(frame.ctypes.data)
        return carry, out

    def describe(self, arrays: Arrays) -> str:
        """What ran, in words."""
        if not compiles():
            return "interpreter: llvmlite is not there"
        lanes = self.lanes_for(arrays)
        notes = "".join(f"; {stage.note}" for stage in self.kernel.stages if stage.note)
        return f"llvm, {self.kernel.size} operations, {lanes} lane{'s' if lanes > 1 else ''}{notes}"


def make_frame(
    kernel: Kernel, arrays: Arrays, carry: Array, out: Array, memo: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """The frame of a call. It holds addresses: the arrays must outlive it."""
    rows = len(arrays.dt)

    def stride(array: Array, width: int) -> int:
        return width if len(array) > 1 else 0

    values = {
        "tracks": len(carry),
        "rows": rows,
        "dt": arrays.dt.ctypes.data,
        "u": arrays.u.ctypes.data,
        "u_stride": stride(arrays.u, rows * kernel.widths["u"]),
        "row": arrays.row.ctypes.data,
        "z": arrays.z.ctypes.data,
        "z_stride": stride(arrays.z, rows * kernel.widths["z"]),
        "params": arrays.params.ctypes.data,
        "carry_in": arrays.carry.ctypes.data,
        "carry_in_stride": stride(arrays.carry, kernel.carried),
        "carry_out": carry.ctypes.data,
        "out": out.ctypes.data,
        "out_stride": rows * kernel.width,
        "memo": memo.ctypes.data,
        "slots": len(memo),
    }
    return np.array([values[name] for name in FRAME], np.int64)


def compiles() -> bool:
    """Whether LLVM is there."""
    try:
        import llvmlite.binding  # noqa: F401
    except ImportError:
        return False
    return True
