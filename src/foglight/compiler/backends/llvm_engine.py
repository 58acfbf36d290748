"""Kernels as machine code: the number of lanes, the memo, and the frame of addresses that a call reads."""

import copy
import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends import jit, llvm, llvm_memo
from foglight.compiler.backends.memo import PERIOD, plan
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import FRAME, Kernel
from foglight.core import memory
from foglight.core.locks import COMPILING
from foglight.core.types import Array

_MEMO_BYTES = 1 << 21  # about the size of a processor core's own cache
_WRITING = 4  # lanes that write results fastest
_SAMPLED = 64  # one track in 64 is sampled


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

    def engine(self, kernel: Kernel, *, brief: bool) -> "CompiledEngine":
        """The engine of a kernel, compiled when it first runs."""
        return CompiledEngine(kernel, brief=brief)


class CompiledEngine:
    """One kernel, ready to run; compiled on first use for one series and for lanes of tracks.

    brief: it will run a few rows only, so code that is compiled in half the time is better than fast code.
    """

    same_bits = True

    def __init__(self, kernel: Kernel, lanes: int | None = None, *, brief: bool = False) -> None:
        self.kernel = kernel
        self._effort = 0 if brief else 2
        self._lanes = lanes
        self._scans: dict[int, Callable[[int], None]] = {}
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
                self._slot_bytes[lanes] = llvm_memo.slot_bytes(self.kernel, lanes)
                self._scans[lanes] = jit.compile_scan(llvm.text(self.kernel, lanes), self._effort)
            return self._scans[lanes]

    def memo(self, lanes: int, tracks: int, rows: int) -> NDArray[np.uint8]:
        """Empty slots of the memo (backends/memo.py): one per row if tracks may share them, else one period."""
        self.scan(lanes)
        size = self._slot_bytes[lanes]
        count = min(PERIOD, rows)
        if tracks > lanes and rows * size <= _MEMO_BYTES:
            count = rows
        return np.full((count, size), 0xFF, np.uint8)

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given, for tracks side by side."""
        if arrays.first is not None:
            return self._one_after_another(arrays, arrays.first)
        kernel, tracks = self.kernel, arrays.tracks
        kind = np.dtype(kernel.dtype)
        carry = np.empty((tracks, kernel.carried), kind)
        out = memory.empty((tracks, len(arrays.dt), kernel.width), kind) if out is None else out
        lanes = self.lanes_for(arrays)
        scan, memo = self.scan(lanes), self.memo(lanes, tracks, len(arrays.dt))
        frame = make_frame(kernel, arrays, carry, out, memo)
        scan(frame.ctypes.data)
        return carry, out

    def _one_after_another(self, arrays: Arrays, first: NDArray[np.int64]) -> tuple[Array, Array]:
        """Tracks whose rows follow one another: one call of the scan each, into one array of records."""
        kernel, kind = self.kernel, np.dtype(self.kernel.dtype)
        carry = np.empty((len(first), kernel.carried), kind)
        out = memory.empty((1, len(arrays.dt), kernel.width), kind)
        rows = np.diff(first, append=len(arrays.dt))
        scan, memo = self.scan(1), self.memo(1, len(first), int(rows.max()))
        whole = make_frame(kernel, replace(arrays, carry=arrays.carry[:1]), carry[:1], out, memo)
        frames = np.repeat(whole[None], len(first), axis=0)
        frames[:, FRAME.index("rows")] = rows
        strides = {"dt": 1, "out": kernel.width, **{name: kernel.widths[name] for name in ("u", "row", "z")}}
        for name, width in strides.items():
            frames[:, FRAME.index(name)] += first * (width * kind.itemsize)
        for name, carried in (("carry_in", arrays.carry), ("carry_out", carry)):
            frames[:, FRAME.index(name)] += np.arange(len(first)) * carried.strides[0]
        for address in range(frames.ctypes.data, frames.ctypes.data + frames.nbytes, frames.strides[0]):
            scan(address)
        return carry, out

    def describe(self, arrays: Arrays) -> str:
        """What ran, in words."""
        lanes = self.lanes_for(arrays)
        notes = "".join(f"; {stage.note}" for stage in self.kernel.stages if stage.note)
        return f"llvm, {self.kernel.size} operations, {lanes} lane{'s' if lanes > 1 else ''}{notes}"


def make_frame(
    kernel: Kernel, arrays: Arrays, carry: Array, out: Array, memo: NDArray[np.uint8]
) -> NDArray[np.int64]:
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
    }
    return np.array([values[name] for name in FRAME], np.int64)
