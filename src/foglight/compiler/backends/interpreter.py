"""The reference backend: NumPy runs the scan row by row, all tracks at once.

It is slow for one series and independent of any compiler. The other backends must equal it to the bit, and it
runs where nothing can be compiled.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays, concatenated, placed
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status


class InterpreterBackend:
    """NumPy, for machines without a compiler."""

    name = "interpreter"

    def available(self) -> bool:
        """Always."""
        return True

    def engine(self, kernel: Kernel, *, brief: bool, often: bool = False) -> "InterpretedEngine":
        """The engine of a kernel."""
        return InterpretedEngine(kernel)


class InterpretedEngine:
    """One kernel, run row by row."""

    same_bits = True

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    @property
    def carried(self) -> int:
        """Numbers carried from run to run."""
        return self.kernel.carried

    def run(self, arrays: Arrays, out: NDArray[Any] | None = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given."""
        if arrays.first is not None:
            return placed(concatenated(scan(self.kernel, one) for one in arrays.each()), out)
        return placed(scan(self.kernel, arrays), out)

    def describe(self, arrays: Arrays) -> str:
        """What runs, in words."""
        return "interpreter: llvmlite is not installed"


def scan(kernel: Kernel, arrays: Arrays) -> tuple[NDArray[Any], NDArray[Any]]:
    """Run every row of tracks side by side. Returns carry_out (tracks, carried) and records (tracks, rows, width)."""
    tracks = max(len(array) for array in (arrays.u, arrays.row, arrays.z, arrays.carry))
    rows = len(arrays.dt)
    carry = np.broadcast_to(arrays.carry, (tracks, kernel.carried)).T.astype(kernel.dtype)
    records = np.full((tracks, rows, kernel.width), np.nan, kernel.dtype)
    with np.errstate(all="ignore"):
        for k in range(rows):
            carry = _row(kernel, arrays, k, carry, records[:, k])
    return np.ascontiguousarray(carry.T), records


def _row(kernel: Kernel, arrays: Arrays, k: int, carried: NDArray[Any], record: NDArray[Any]) -> NDArray[Any]:
    n = len(kernel.carry)
    carry, total, seen = carried[:n], carried[n], carried[n + 1].astype(np.int64)
    tracks = carried.shape[1]
    sums = np.zeros((2, tracks), carried.dtype)
    status = np.zeros(tracks, np.int64)
    for index, stage in enumerate(kernel.stages):
        inputs = _inputs(arrays, k, carry)
        there = present(stage, inputs, tracks)
        if there.any():
            out = stage.program.evaluate(inputs)
            commit = there & out["commit"][0]
            if n:
                new = (
                    out["carry"][0]
                    if stage.program.on_arrays
                    else np.stack(
                        [np.broadcast_to(value, tracks) for value, _ in zip(out["carry"], carry, strict=True)]
                    )
                )
                carry = np.where(commit, new, carry)
            for row, value in zip(sums, out["sums"], strict=False):
                row += np.where(commit, value, carried.dtype.type(0.0))
            shown = out["record"]
            if len(shown) == 1 and np.ndim(shown[0]) > 1:  # an array as a whole
                shown = list(np.broadcast_to(shown[0], (len(stage.record), tracks)))
            for column, value in zip(stage.record, shown, strict=True):
                record[:, column] = canonical(np.where(commit, value, np.nan))
            for bit, mask in zip(stage.status, out["status"], strict=True):
                status |= np.where(there & mask, int(bit), 0)
            status |= np.where(commit, int(stage.used), 0)
        if index in kernel.snapshots:
            column = kernel.snapshots[index]
            record[:, column : column + n] = carry.T
    used = (status & int(Status.USED)) != 0
    received = (status & int(kernel.received)) != 0
    status |= np.where(received, 0, int(Status.MISSING))
    if kernel.sums >= 0:
        record[:, kernel.sums] = np.where(used, sums[0], np.nan)
        record[:, kernel.sums + 1] = sums[1]
    if kernel.status >= 0:
        record[:, kernel.status] = status
    return np.concatenate([carry, [total + sums[1]], [(seen | status).astype(carried.dtype)]])


def _inputs(arrays: Arrays, k: int, carry: NDArray[Any]) -> dict[tuple[Any, ...], Any]:
    """The numbers by source and index; under the index None all numbers of a source, side by side."""
    inputs: dict[tuple[Any, ...], Any] = {("dt", 0): arrays.dt[k], ("carry", None): carry}
    inputs |= {("carry", i): value for i, value in enumerate(carry)}
    for source, array in (("u", arrays.u), ("row", arrays.row), ("z", arrays.z)):
        inputs[(source, None)] = array[:, k].T
        for i, value in enumerate(array[:, k].T):
            inputs[(source, i)] = value
    inputs[("params", None)] = arrays.params[:, None]
    for i, value in enumerate(arrays.params):
        inputs[("params", i)] = value
    return inputs


def present(stage: Stage, inputs: dict[tuple[Any, ...], Any], tracks: int) -> NDArray[np.bool_]:
    present = np.zeros(tracks, np.bool_)
    for source, i in stage.trigger:
        value = inputs[(source, i)]
        present |= value > 0.0 if source == "dt" else value == value
    return present


def canonical(value: NDArray[Any]) -> NDArray[Any]:
    """Every NaN as the one canonical NaN, whatever its sign and payload."""
    return np.where(value != value, value.dtype.type(np.nan), value)
