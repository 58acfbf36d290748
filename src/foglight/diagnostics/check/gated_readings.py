"""Which readings a model is judged by where the filter has a gate.

A gate that rejects one good reading in a hundred picks those that the state foretells worst, so the state is worse
known afterwards than the filter says, and a sound process noise looks too small: by two standard deviations of its
test on 4,000 rows behind gate=0.99. So where a gate rejects no more than it should, the filter is run again behind a
gate that leaves out only what is hopeless. Where it rejects more, its cut off χ² is what there is; where it rejects a
fifth of all, what is left says nothing, and the filter is run without it.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.inference.run import Run
from foglight.methods.method import Method

_WIDE = 1.0 - 1e-6  # the gate that leaves out what is hopeless
_LOST = 0.2  # share of rejected readings beyond which what is left says nothing
_CHANCE = 3.0  # standard deviations of the number of good readings that are rejected


class Judged(NamedTuple):
    """The run that levers are moved on, the readings that count (tracks, T, M; None for all), whether a gate has picked
    among good ones, and what is to be said of it."""

    run: Run
    keep: NDArray[np.bool_] | None
    picked: bool
    notes: list[str]


def judged(run: Run) -> Judged:
    """What a run with or without a gate is judged by."""
    if not run.method.gated(run.model.sensor_names):
        return Judged(run, None, False, [])
    there = ~np.isnan(run.log.bind(run.model))
    lost, expected, count = _rejected(run, there)
    if lost > _LOST:
        note = f"the gate rejects {lost:.0%} of all readings: what is said here is of the filter without it."
        return Judged(without_gate(run), None, False, [note])
    picked = lost > 1.5 * expected + _CHANCE * float(np.sqrt(expected * (1.0 - expected) / max(count, 1)))
    if not picked:
        run = _wider(run)
    keep = ~np.isnan(run.innovation) | ~there
    return Judged(run, keep if run.log.tracks is not None else keep[None], picked, [])


def _rejected(run: Run, there: NDArray[np.bool_]) -> tuple[float, float, int]:
    """The share of readings that are not used, the share that a gate rejects of good ones, and how many there are."""
    used = ~np.isnan(run.innovation)
    lost, expected, count, first = 0, 0.0, 0, 0
    for sensor in run.model.sensors:
        at = slice(first, first + len(sensor.measures))
        first = at.stop
        spoke = there[..., at].any(axis=-1)
        gate: Any = run.method.gate
        chance = gate.get(sensor.name, 1.0) if hasattr(gate, "get") else gate
        lost += int((spoke & ~used[..., at].any(axis=-1)).sum())
        expected += (1.0 - chance) * int(spoke.sum())
        count += int(spoke.sum())
    return lost / max(count, 1), expected / max(count, 1), count


def _wider(run: Run) -> Run:
    """The same log through the same filter behind a gate for what is hopeless."""
    method = run.method.with_guards(gate=dict.fromkeys(run.method.gated(run.model.sensor_names), _WIDE))
    engine = engine_of(run.model, method, "result")
    return Run(run.model, run.log, method, engine, run._arrays, *engine.run(run._arrays))


def without_gate(run: Run) -> Run:
    """The same log through the same filter without its gate."""
    method, arrays = ungated(run)
    engine = engine_of(run.model, method, "result")
    return Run(run.model, run.log, method, engine, arrays, *engine.run(arrays))


def ungated(run: Run) -> tuple[Method, "Arrays"]:
    """The method without its gate, and what its scan reads: no clocks are carried."""
    arrays, clocks = run._arrays, len(run.method.gated(run.model.sensor_names))
    if not clocks:
        return run.method, arrays
    carry = np.ascontiguousarray(np.delete(arrays.carry, np.s_[-2 - clocks : -2], axis=1))
    return run.method.with_guards(gate=None), replace(arrays, carry=carry)
