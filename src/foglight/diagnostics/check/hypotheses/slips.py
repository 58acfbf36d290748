"""An angle that jumps by whole turns, in a measure that is not declared as an angle."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.sentences import labels_of
from foglight.model.model import Model
from foglight.model.parameters import params_of

_TURN = 2.0 * np.pi
_ROOM = 1.02  # range of the readings, in turns, up to which they may be wrapped
_JUMPS = 0.8  # of a turn, from which a change is a jump


def families(evidence: Evidence) -> list[Family]:
    """Each measure whose readings keep within a turn and jump by almost one."""
    return [
        Family(partial(_wrapped, evidence, i), (0.0,))
        for i in range(len(evidence.labels))
        if not evidence.is_angle(i) and _jumps(evidence.z[..., i])
    ]


def declared_angles(model: Model, z: Floats) -> Model | None:
    """The model with every measure declared an angle whose readings jump by whole turns; None if none does.

    z (..., M): the readings of all components."""
    angles = {sensor.name: sensor.angles for sensor in model.sensors}
    for i, (sensor, measure) in enumerate(labels_of(model)):
        if measure not in sensor.angles and _jumps(z[..., i]):
            angles[sensor.name] = (*angles[sensor.name], measure)
    changed = any(angles[sensor.name] != sensor.angles for sensor in model.sensors)
    return _with_angles(model, angles) if changed else None


def _jumps(z: Floats) -> bool:
    known = z[~np.isnan(z)]
    if len(known) < 2:
        return False
    within = float(known.max() - known.min()) < _ROOM * _TURN
    return within and bool((np.abs(np.diff(known)) > _JUMPS * _TURN).any())


def _wrapped(evidence: Evidence, component: int, _: float) -> Hypothesis:
    sensor, measure = evidence.labels[component]
    subject = evidence.subject((component,))
    angles = tuple(m for m in sensor.measures if m in sensor.angles or m == measure)
    return Hypothesis(
        Code.ANGLE,
        subject,
        _TURN,
        f"{subject} jumps by whole turns of 2π, and its innovation is not taken the short way round",
        f"declare angles={angles!r} in the sensor",
        f"turns of {subject}",
        partial(_declared, sensor.name, angles),
    )


def _declared(name: str, angles: tuple[str, ...], model: Model, log: Log) -> tuple[Model, Log]:
    return _with_angles(model, {name: angles}), log


def _with_angles(model: Model, angles: Mapping[str, tuple[str, ...]]) -> Model:
    """The model with other angles of some sensors."""
    sensors = [
        replace(sensor, params=params_of(sensor), angles=angles.get(sensor.name, sensor.angles))
        for sensor in model.sensors
    ]
    return Model(model.motion, sensors, model.start, verify=False)
