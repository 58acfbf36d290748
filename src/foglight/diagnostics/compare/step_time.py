"""The time of a step: that of the compiled scan alone, without preparing arrays or keeping results."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.llvm_frames import make_frame
from foglight.compiler.engine.arrays import Arrays
from foglight.diagnostics.compare.known_rows import known_rows, ordinary_engine
from foglight.inference.run import Run

ROUNDS = 7
ENOUGH = 2_000_000  # ns that the calls of one round take together, at least
MOST = 1 << 21  # numbers that a call writes, at most


def seconds_per_step(runs: Sequence[Run]) -> list[float]:
    """The time per step of each run: the median over several rounds, in each of which all runs take turns.

    A slow moment of the machine is thus shared. One step is one row of one track. An engine that is not compiled is
    timed once, on the first rows.
    """
    calls = [_Call(run) for run in runs]
    seconds = np.array([[call.seconds() for call in calls] for _ in range(ROUNDS)])
    return [float(value) for value in np.median(seconds, axis=0)]


class _Call:
    """A scan that can be repeated from the same start."""

    def __init__(self, run: Run) -> None:
        engine = ordinary_engine(run)
        _, arrays = next(known_rows(run), (None, run._arrays))
        arrays = next(arrays.each()) if arrays.first is not None else arrays
        self.once: float | None = None
        if len(arrays.carry[0]) != engine.kernel.carried:  # some state is unknown to the end
            self.once = _timed_once(run._engine, _first_rows(arrays, 50))
            return
        if not isinstance(engine, CompiledEngine):
            self.once = _timed_once(engine, _first_rows(arrays, 50))
            return
        width = max(engine.kernel.width, 1)
        arrays = _first_rows(arrays, max(1, MOST // (width * arrays.tracks)))
        kernel, kind = engine.kernel, np.dtype(engine.kernel.dtype)
        carry = np.empty((arrays.tracks, kernel.carried), kind)
        out = np.zeros((arrays.tracks, len(arrays.dt), kernel.width), kind)
        lanes = engine.lanes_for(arrays)
        self._scan, self._memo = engine.scan(lanes), engine.memo(lanes, arrays.tracks, len(arrays.dt))
        self._frame = make_frame(kernel, arrays, carry, out, self._memo)
        self._held = (arrays, carry, out)  # the frame holds their addresses: keep them alive
        self._steps = arrays.tracks * len(arrays.dt)
        self._repeats = 1 + ENOUGH // max(self._elapsed(), 1)

    def seconds(self) -> float:
        """Seconds per step: the median of the calls of one round."""
        if self.once is not None:
            return self.once
        return float(np.median([self._elapsed() for _ in range(self._repeats)])) / self._steps / 1e9

    def _elapsed(self) -> int:
        self._memo.fill(0xFF)  # empty: a call must not reuse the results of the last one
        started = time.perf_counter_ns()
        self._scan(self._frame.ctypes.data)
        return time.perf_counter_ns() - started


def _timed_once(engine: Any, arrays: Arrays) -> float:
    started = time.perf_counter_ns()
    engine.run(arrays)
    return (time.perf_counter_ns() - started) / (arrays.tracks * len(arrays.dt)) / 1e9


def _first_rows(arrays: Arrays, count: int) -> Arrays:
    def of(array: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(array[:, :count])

    u, row, z = of(arrays.u), of(arrays.row), of(arrays.z)
    return replace(arrays, dt=arrays.dt[:count].copy(), u=u, row=row, z=z)
