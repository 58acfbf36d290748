"""The readings by which a model is judged if the filter has a gate.

A gate that rejects one good reading in a hundred selects those that the state predicts worst. Afterwards the state is
known less well than the filter states, and a correct process noise looks too small: by two standard deviations of its
test on 4,000 rows with gate=0.99. So if a gate rejects no more than it should, the filter is rerun with a very wide
gate (1 - 1e-6). If it rejects more, the readings that passed are judged by a truncated χ². If it rejects more than a
fifth of all readings, those that passed say nothing, and the filter is rerun without the gate.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler import adaptation, recovery
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.inference.run import Run
from foglight.methods.method import Method
from foglight.methods.outliers import of_sensor

_WIDE = 1.0 - 1e-6  # the very wide gate
_MOST_REJECTED = 0.2  # share of rejected readings beyond which those that passed say nothing
_CHANCE = 3.0  # standard deviations by which the number of rejected good readings may exceed its mean


class Judged(NamedTuple):
    """The run to be perturbed, the readings that count (tracks, T, M; None for all), whether a gate has selected among
    good ones, and notes."""

    run: Run
    keep: NDArray[np.bool_] | None
    selected: bool
    notes: list[str]


def judged(run: Run) -> Judged:
    """The run and the readings by which a run is judged."""
    if not run.method.gated(run.model.sensor_names):
        return Judged(run, None, False, [])
    present = np.isfinite(run._received)
    rejected, expected, count = _rejected(run, present)
    if rejected > _MOST_REJECTED:
        note = f"the gate rejects {rejected:.0%} of all readings: this check is of the filter without it."
        return Judged(without_gate(run), None, False, [note])
    selected = rejected > 1.5 * expected + _CHANCE * float(
        np.sqrt(expected * (1.0 - expected) / max(count, 1))
    )
    if not selected:
        run = _wider(run)
    keep = ~np.isnan(run.innovation) | ~present
    return Judged(run, keep if run.log.tracks is not None else keep[None], selected, [])


def _rejected(run: Run, present: NDArray[np.bool_]) -> tuple[float, float, int]:
    """The share of readings that are not used, the share of good ones that a gate rejects, and the number of all."""
    used = ~np.isnan(run.innovation)
    rejected, expected, count = 0, 0.0, 0
    for sensor, at in run.model.blocks:
        reported = present[..., at].any(axis=-1)
        gate = of_sensor(run.method.gate, sensor.name)
        rejected += int((reported & ~used[..., at].any(axis=-1)).sum())
        expected += 0.0 if gate is None else (1.0 - gate) * int(reported.sum())
        count += int(reported.sum())
    return rejected / max(count, 1), expected / max(count, 1), count


def _wider(run: Run) -> Run:
    """Rerun with a very wide gate (1 - 1e-6)."""
    method = run.method.with_guards(gate=dict.fromkeys(run.method.gated(run.model.sensor_names), _WIDE))
    engine = engine_of(run.model, method, "result")
    return Run(run.model, run.log, method, engine, run._arrays, *engine.run(run._arrays))


def without_gate(run: Run) -> Run:
    """Rerun without the gate."""
    method, arrays = ungated(run)
    engine = engine_of(run.model, method, "result")
    return Run(run.model, run.log, method, engine, arrays, *engine.run(arrays))


def ungated(run: Run) -> tuple[Method, "Arrays"]:
    """The method without its gate, and the arrays of its scan, whose carry holds nothing about rejections."""
    arrays, numbers = run._arrays, len(recovery.start_values(run.model, run.method))
    last = -2 - adaptation.size(run.model, run.method)
    carry = np.delete(arrays.carry, np.s_[last - numbers : last], axis=1)
    return run.method.with_guards(gate=None), replace(arrays, carry=carry)
