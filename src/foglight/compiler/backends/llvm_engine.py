"""Kernels as machine code: the number of lanes, the memo, and the frame of addresses that a call reads."""

import copy
import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends import jit, llvm, llvm_arrays, llvm_frames, llvm_memo, loop_library
from foglight.compiler.backends.array_memory import Memory
from foglight.compiler.backends.llvm_frames import Frames, make_frame
from foglight.compiler.backends.memo import PERIOD, plan
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.core import memory, threads
from foglight.core.locks import COMPILING
from foglight.core.types import Array

_MEMO_BYTES = 1 << 21  # about the size of a processor core's own cache
_WRITING = 4  # lanes that write results fastest
_SAMPLED = 64  # one track in 64 is sampled
_LINE = 64  # bytes of a cache line, and of a vector
# Code of little effort is made in a third of the time and runs at half the speed: up to 70,000 rows and more, that
# takes less time in all.
_FEW_ROWS = 50_000
_LITTLE, _MUCH = 0, 2
# Of kernels on arrays: much effort in the loops, which all scans share, and little in the scan itself.
_IN_LOOPS = 1
# Scalar operations of all rows up to which less effort pays. Loops of little effort are three to nine times slower, a
# scan of little effort that calls the others is up to a third slower.
_FEW_ON_ARRAYS, _MANY_ON_ARRAYS = 4e8, 1e10
_THREAD = 4_000_000  # operations of vectors that are worth a thread: a millisecond
_WIDTH = 8  # numbers in a vector of an array
_PARTS = 4  # for each thread, so that one that is held up leaves its share to the others
_LONG = 1_000  # rows of a track from which on a memo saves more than lanes do
_LOOKED_AT, _ALIKE = 1_000, 0.9  # rows whose steps are sampled, and the share of them that must be the same
_NO_MEMO = np.empty((0, 0), np.uint8)


class LlvmBackend:
    """Machine code with the loop over rows inside, for 1, 2, 4 or 8 tracks at a time."""

    name = "llvm"

    def available(self) -> bool:
        """Whether llvmlite is installed."""
        try:
            import llvmlite.binding  # noqa: F401
        except ImportError:
            return False
        return True

    def engine(self, kernel: Kernel, *, brief: bool, often: bool = False) -> "CompiledEngine":
        """The engine of a kernel, compiled when it first runs."""
        if kernel.on_arrays:
            return ArrayEngine(kernel, least=_IN_LOOPS if often else _LITTLE, brief=brief)
        return CompiledEngine(kernel, effort=_LITTLE if brief else None)


class CompiledEngine:
    """One kernel, ready to run; compiled on first use for one series and for lanes of tracks.

    effort: that of compilation, 0 to 3. None: little at first, and more once it has run many rows.
    """

    same_bits = True

    def __init__(self, kernel: Kernel, lanes: int | None = None, *, effort: int | None = None) -> None:
        self.kernel = kernel
        self._effort = effort
        self._lanes = lanes
        self._rows: dict[tuple[int, bool], float] = {}
        self._scans: dict[tuple[int, int, bool], jit.Scan] = {}
        self._slot_bytes: dict[int, int] = {}

    @property
    def carried(self) -> int:
        """Numbers carried from run to run."""
        return self.kernel.carried

    def __deepcopy__(self, memo: object) -> "CompiledEngine":
        """The engine itself: compiled code is never changed, and the copies of a run may share it."""
        return self

    def lanes(self, tracks: int) -> int:
        """How many tracks go through one instruction."""
        lanes = self._lanes or jit.best_lanes()
        while lanes > tracks:
            lanes //= 2
        return lanes

    def narrowed(self, lanes: int) -> "CompiledEngine":
        """The same engine with this many lanes at most; it shares what is compiled."""
        other = copy.copy(self)
        other._lanes = self.lanes(lanes)
        return other

    @functools.cached_property
    def _shares(self) -> bool:
        return plan(self.kernel) is not None

    def lanes_for(self, arrays: Arrays) -> int:
        """The lanes for these tracks. If they share their covariances, most of the time goes into writing results,
        and four lanes write faster than eight. A sample of the readings decides; only the speed depends on it."""
        if arrays.first is not None:
            return self._lanes_of_ragged(arrays, len(arrays.first))
        lanes = self.lanes(arrays.tracks)
        shared = (
            self._lanes is None
            and lanes > _WRITING
            and self._shares
            and not np.isnan(arrays.z[::_SAMPLED]).any()
        )
        return _WRITING if shared else lanes

    def _lanes_of_ragged(self, arrays: Arrays, tracks: int) -> int:
        """The lanes for tracks of any lengths and times. One in long tracks of equal steps, where the memo saves more
        than lanes do. Only the speed depends on it."""
        if self._lanes is None and self._shares and len(arrays.dt) > _LONG * tracks:
            some = arrays.dt[1 :: max(1, len(arrays.dt) // _LOOKED_AT)]
            alike = np.mean(some == np.median(some)) > _ALIKE
            if alike and not np.isnan(arrays.z[:, ::_SAMPLED]).any():
                return 1
        return self.lanes(tracks)

    def scan(self, lanes: int, rows: float = math.inf, *, apart: bool = False) -> jit.Scan:
        """The compiled scan for this many lanes. rows: how many it will run now; many, if that is not known.
        apart: for tracks with times of their own."""
        effort = self._effort
        if effort is None:
            self._rows[lanes, apart] = self._rows.get((lanes, apart), 0) + rows
            effort = self._effort_for(self._rows[lanes, apart])
        key = (lanes, effort, apart)
        known = self._scans.get(key)
        if known is not None:
            return known
        with COMPILING:
            if key not in self._scans:
                self._scans[key] = self._compiled(lanes, effort, apart)
            return self._scans[key]

    def _effort_for(self, rows: float) -> int:
        """The effort that pays for this number of rows."""
        return _LITTLE if rows < _FEW_ROWS else _MUCH

    def _compiled(self, lanes: int, effort: int, apart: bool) -> jit.Scan:
        text = llvm.text(self.kernel, lanes, apart=apart, twice=effort == _MUCH)
        return jit.compile_scan(text, effort)

    def memo(self, lanes: int, tracks: int, rows: int) -> NDArray[np.uint8]:
        """Empty slots of the memo (backends/memo.py): one per row if tracks may share them, else one period."""
        if lanes not in self._slot_bytes:
            self._slot_bytes[lanes] = llvm_memo.slot_bytes(self.kernel, lanes)
        size = self._slot_bytes[lanes]
        count = min(PERIOD, rows)
        if tracks > lanes and rows * size <= _MEMO_BYTES:
            count = rows
        return np.full((count, size), 0xFF, np.uint8)

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given, for tracks side by side."""
        kernel, kind = self.kernel, np.dtype(self.kernel.dtype)
        if out is None:
            out = memory.empty((arrays.tracks, len(arrays.dt), kernel.width), kind)
        if arrays.first is not None:
            return self._run_ragged(arrays, arrays.first, out), out
        tracks, rows, lanes = arrays.tracks, len(arrays.dt), self.lanes_for(arrays)
        carry = np.empty((tracks, kernel.carried), kind)
        scan = self.scan(lanes, rows * math.ceil(tracks / lanes))
        count = self._threads(rows * tracks, lanes)
        if count == 1:
            memo = self.memo(lanes, tracks, rows)
            frame = make_frame(kernel, arrays, carry, out, memo)
            scan(frame.ctypes.data)
            return carry, out
        whole = make_frame(kernel, arrays, carry, out, _NO_MEMO)
        frames = llvm_frames.side_by_side(whole, kernel, lanes, count * _PARTS)
        self._call(scan, frames, lambda: self.memo(lanes, tracks, rows), count)
        return carry, out

    def _run_ragged(self, arrays: Arrays, first: NDArray[np.int64], out: Array) -> Array:
        """carry_out of tracks whose rows follow one another, their records in `out`."""
        kernel, rows, lengths = self.kernel, len(arrays.dt), arrays.lengths
        carry = np.array(np.broadcast_to(arrays.carry, (len(first), kernel.carried)))  # changed where it is
        whole = make_frame(kernel, replace(arrays, carry=carry), carry, out, _NO_MEMO)
        lanes = self.lanes_for(arrays)
        if lanes > 1:
            scan, frames = (
                self.scan(lanes, rows / lanes, apart=True),
                llvm_frames.in_lanes(whole, lanes, first, lengths),
            )
            self._call(scan, frames, lambda: _NO_MEMO, self._threads(rows, lanes))
        else:
            scan, frames = self.scan(1, rows), llvm_frames.one_after_another(whole, kernel, first, lengths)
            longest = int(lengths.max())
            self._call(scan, frames, lambda: self.memo(1, len(first), longest), self._threads(rows, 1))
        return carry

    def _threads(self, rows: int, lanes: int) -> int:
        """How many threads are worth starting for these rows."""
        worth = rows * self._size // (lanes * _THREAD)
        return min(worth, threads.allowed()) if worth > 1 else 1

    @functools.cached_property
    def _size(self) -> int:
        return self.kernel.size

    def _call(
        self, scan: jit.Scan, frames: Frames, memo: Callable[[], NDArray[np.uint8]], count: int
    ) -> None:
        """Run the frames in `count` threads, each with a memo of its own."""

        def some(parts: Iterator[tuple[int, int]]) -> None:
            own = memo()
            for first, last in parts:
                scan.each(frames.give(own, first, last), last - first)

        parts = frames.parts(count * _PARTS) if count > 1 else [(0, len(frames.table))]
        threads.share_out(some, parts, min(count, len(parts)))

    def describe(self, arrays: Arrays) -> str:
        """What ran, in words."""
        lanes = self.lanes_for(arrays)
        notes = "".join(f"; {stage.note}" for stage in self.kernel.stages if stage.note)
        return f"llvm, {self.kernel.size} operations, {lanes} lane{'s' if lanes > 1 else ''}{notes}"


class ArrayEngine(CompiledEngine):
    """A kernel on whole arrays: one track after another, since its vectors are full of states.

    least: the least effort of compilation, if `effort` is None.  brief: whether it will run a few rows only.
    """

    def __init__(
        self, kernel: Kernel, *, effort: int | None = None, least: int = _LITTLE, brief: bool = False
    ) -> None:
        super().__init__(kernel, effort=effort)
        self._least = least
        self._unless_known = 0.0 if brief else math.inf

    def scan(self, lanes: int, rows: float | None = None, *, apart: bool = False) -> jit.Scan:
        """The compiled scan; one that is brief runs few rows if it is not known how many."""
        return super().scan(lanes, self._unless_known if rows is None else rows, apart=apart)

    def lanes(self, tracks: int) -> int:
        """One track at a time."""
        return 1

    def lanes_for(self, arrays: Arrays) -> int:
        """One track at a time."""
        return 1

    def _effort_for(self, rows: float) -> int:
        """The effort that pays for this number of rows: not little if loops with more of it are there already."""
        operations = rows * self._work
        if operations >= _MANY_ON_ARRAYS:
            return _MUCH
        if operations >= _FEW_ON_ARRAYS:
            return _IN_LOOPS
        new = (1, _LITTLE, False) not in self._scans
        return _IN_LOOPS if new and not loop_library.missing(self._text.loops, _MUCH) else self._least

    def _compiled(self, lanes: int, effort: int, apart: bool) -> jit.Scan:
        at = loop_library.addresses(self._text.loops, _LITTLE if effort == _LITTLE else _MUCH)
        return jit.compile_scan(self._text.text, _MUCH if effort == _MUCH else _LITTLE, at)

    @functools.cached_property
    def _text(self) -> llvm_arrays.ScanText:
        return llvm_arrays.text(self.kernel, self._memories)

    @functools.cached_property
    def _work(self) -> float:
        return self.kernel.work

    @functools.cached_property
    def _size(self) -> int:
        return int(self._work / _WIDTH)

    def memo(self, lanes: int, tracks: int, rows: int) -> NDArray[np.uint8]:
        """The memory of the arrays, one slot: there is no memo."""
        memory_of_all = np.empty(self._work_bytes + _LINE, np.uint8)
        first = -memory_of_all.ctypes.data % _LINE
        return memory_of_all[None, first : first + self._work_bytes]

    @functools.cached_property
    def _work_bytes(self) -> int:
        numbers = llvm_arrays.workspace(self.kernel, self._memories)
        return numbers * np.dtype(self.kernel.dtype).itemsize

    @functools.cached_property
    def _memories(self) -> tuple[Memory, ...]:
        return llvm_arrays.memories(self.kernel)

    def describe(self, arrays: Arrays) -> str:
        """What ran, in words."""
        notes = "".join(f"; {stage.note}" for stage in self.kernel.stages if stage.note)
        return f"llvm, {self.kernel.size} operations, many of them on whole arrays{notes}"
