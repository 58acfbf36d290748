"""A backend in one file: the scan in plain Python, an operation at a time, one track after the other."""

from typing import Any

import numpy as np

from foglight.compiler.engine.arrays import Arrays, concatenated, placed
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status
from foglight.trace.primitives import COMPARISON, LOGIC, RULES

Numbers = dict[tuple[str, int], Any]


class PlainPython:
    """The backend."""

    name = "plain Python"

    def available(self) -> bool:
        return True

    def engine(self, kernel: Kernel, *, brief: bool, often: bool = False) -> "PlainEngine":
        return PlainEngine(kernel)


class PlainEngine:
    """One kernel, run by a loop over its instructions."""

    same_bits = True

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.carried = kernel.carried

    def describe(self, arrays: Arrays) -> str:
        return "plain Python"

    def run(self, arrays: Arrays, out: Any = None) -> tuple[Any, Any]:
        results = [self._track(one) for one in arrays.each()]
        if arrays.first is not None:
            return placed(concatenated(results), out)
        return placed(
            (np.concatenate([c for c, _ in results]), np.concatenate([r for _, r in results], axis=0)), out
        )

    def _track(self, arrays: Arrays) -> tuple[Any, Any]:
        kernel, n = self.kernel, len(self.kernel.carry)
        carry, records = arrays.carry[0].copy(), np.full((len(arrays.dt), kernel.width), np.nan)
        for k in range(len(arrays.dt)):
            sums, status = [0.0, 0.0], 0
            for index, stage in enumerate(kernel.stages):
                given = inputs(arrays, k, carry[:n])
                if present(stage, given):
                    status = self._stage(stage, given, carry, records[k], sums, status)
                if index in kernel.snapshots:
                    records[k, kernel.snapshots[index] : kernel.snapshots[index] + n] = carry[:n]
            if not status & int(kernel.received):
                status |= int(Status.MISSING)
            if kernel.sums >= 0:
                records[k, kernel.nis] = sums[0] if status & int(Status.USED) else np.nan
                records[k, kernel.loglik] = sums[1]
            if kernel.status >= 0:
                records[k, kernel.status] = status
            carry[n], carry[n + 1] = carry[n] + sums[1], int(carry[n + 1]) | status
        return carry[None], records[None]

    def _stage(
        self, stage: Stage, given: Numbers, carry: Any, record: Any, sums: list[float], status: int
    ) -> int:
        out = evaluate(stage.program, given)
        for bit, mask in zip(stage.status, out["status"], strict=True):
            status |= int(bit) * bool(mask)
        if not out["commit"][0]:
            return status
        carry[: len(self.kernel.carry)] = out["carry"]
        for i, value in enumerate(out["sums"]):
            sums[i] += value
        for column, value in zip(stage.record, out["record"], strict=True):
            record[column] = value
        return status | int(stage.used)


def inputs(arrays: Arrays, k: int, carry: Any) -> Numbers:
    given: Numbers = {("carry", i): value for i, value in enumerate(carry)} | {("dt", 0): arrays.dt[k]}
    for source, array in (("u", arrays.u), ("row", arrays.row), ("z", arrays.z)):
        given |= {(source, i): value for i, value in enumerate(array[0, k])}
    return given | {("params", i): value for i, value in enumerate(arrays.params)}


def present(stage: Stage, given: Numbers) -> bool:
    return any(given[t] > 0.0 if t[0] == "dt" else given[t] == given[t] for t in stage.trigger)


def evaluate(program: Any, given: Numbers) -> dict[str, list[Any]]:
    registers: list[Any] = []
    with np.errstate(all="ignore"):
        for code in program.code:
            if code.op == "input":
                registers.append(np.float64(given[code.value]))
            elif code.op == "const":
                registers.append(np.float64(code.value))
            else:
                found = RULES[code.op](*[registers[a] for a in code.args])
                registers.append(
                    bool(found) if code.op in COMPARISON or code.op in LOGIC else np.float64(found)
                )
    return {name: [registers[r] for r in group] for name, group in program.outputs.items()}
