"""Gains that a log shows only by the start: if nothing else says how large the states are that a sensor reads, readings
scaled by g are those of states, noises and a start scaled by g.

A component is alone if its states can be scaled by a matrix D without any other change: f(D x) = D f(x), its readings
grow by the same factor, and those of all other components stay. Only the mean of the start then tells a gain from
larger noises.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.diagnostics.check.hypotheses.hypothesis import Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import (
    CLOSE,
    STEP,
    linked,
    links,
    moved,
    read,
    somewhere,
)
from foglight.model.belief import Belief
from foglight.model.model import Model

_SCALE = 1.7  # by which states are scaled


def states_alone(model: Model, components: tuple[int, ...]) -> tuple[int, ...]:
    """The states whose size is shown by the readings of these components alone; none if something else shows it, too,
    or if the model's functions cannot be evaluated."""
    if model.rows or model.start is None or any(_is_angle(model, i) for i in components):
        return ()
    if model.charts.parts:  # a rotation has a size of its own
        return ()
    x = somewhere(model)
    chosen = np.isin(np.arange(len(model.components)), components)
    try:
        F, H = links(model, x)
        within = linked(F, (H[chosen] != 0.0).any(axis=0))
        larger = np.where(within, _SCALE, 1.0)
        ahead, of_larger = moved(model, x, STEP), moved(model, larger * x, STEP)
        seen, seen_larger = read(model, x), read(model, larger * x)
    except Exception:  # the user's functions may fail away from the data
        return ()
    same = _close(of_larger, larger * ahead) and _close(seen_larger, np.where(chosen, _SCALE, 1.0) * seen)
    return tuple(np.flatnonzero(within).tolist()) if same else ()


def components_alone(model: Model) -> frozenset[int]:
    """The components each of which alone shows how large its states are."""
    return frozenset(i for i in range(len(model.components)) if states_alone(model, (i,)))


def without_start(model: Model, hypothesis: Hypothesis) -> Hypothesis | None:
    """The hypothesis of a gain with a start whose mean is as far off as the readings were: what larger noises explain.
    None if the gain shows elsewhere, too."""
    states = list(states_alone(model, tuple(hypothesis.log_slopes)))
    if not states or model.charts.parts:
        return None

    def changed(model: Any, log: Log) -> tuple[Any, Log]:
        model, log = hypothesis.change(model, log)
        start = model.start
        mean = np.array(start.mean, float)
        mean[states] /= hypothesis.value
        return model.with_start(Belief(mean, factor=start.factor, unknown=start.unknown)), log

    return replace(hypothesis, change=changed, judged=None)


def _is_angle(model: Model, component: int) -> bool:
    """Whether a component is an angle: it wraps, and so it has a size of its own."""
    return any(
        sensor.measures[component - at.start] in sensor.angles
        for sensor, at in model.blocks
        if at.start <= component < at.stop
    )


def _close(a: Floats, b: Floats) -> bool:
    return bool(np.allclose(a, b, rtol=CLOSE, atol=CLOSE * float(np.abs(b).max(initial=0.0))))
