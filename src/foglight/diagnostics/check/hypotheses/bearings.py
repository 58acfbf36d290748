"""Angles that are counted clockwise, or from north: where the model has φ, a compass reads π/2 - φ."""

from functools import partial

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.changes import of_readings
from foglight.diagnostics.check.conversions import DEGREES
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis

_WRONG = 1.2  # factor on a mean square from which an angle may be measured in another way


def families(evidence: Evidence) -> list[Family]:
    """Each declared angle, counted clockwise from north or from the axis of the model; in radians or in degrees."""
    return [
        Family(partial(_clockwise, evidence, i, north), (unit,))
        for i in range(len(evidence.labels))
        if evidence.is_angle(i) and evidence.wrong_size((i,), _WRONG)
        for north in (True, False)
        for unit in (1.0, DEGREES)
    ]


def _clockwise(evidence: Evidence, component: int, north: bool, unit: float) -> Hypothesis:
    subject = evidence.subject((component,))
    degrees = " in degrees" if unit != 1.0 else ""
    radians = f"z / {unit:.4g}" if degrees else "z"
    remedy = f"π/2 - {radians}" if north else f"-{radians}"
    origin = "north (the second axis)" if north else "the axis of the model"
    return Hypothesis(
        Code.ANGLE if north else Code.SIGN,
        subject,
        -unit,
        f"{subject} is counted clockwise from {origin}{degrees}, the model counts the other way round",
        f"read {remedy} in place of z",
        f"{subject} clockwise from {origin}",
        of_readings(partial(_turned, component, np.pi / 2.0 if north else 0.0, unit)),
        {component: -float(np.log(unit))},
    )


def _turned(component: int, origin: float, unit: float, z: Floats) -> Floats:
    z[..., component] = origin - z[..., component] / unit
    return z
