"""A sensor, or one of its measures, whose readings are scaled by a factor, noise and all."""

from functools import partial

import numpy as np

from foglight.diagnostics.check.changes import of_readings
from foglight.diagnostics.check.conversions import conversion_of
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.units import NEAR, divided

TRIED = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.1, 1.4, 2.0, 3.0, 5.0, 10.0, 20.0)
_MOST = 6  # sensors and measures whose gain is fitted


def families(evidence: Evidence) -> list[Family]:
    """A gain of each sensor and measure, those with the most significant score first; not of angles, which wrap."""
    groups = [g for g in evidence.groups() if not any(evidence.is_angle(i) for i in g)]
    groups.sort(key=lambda group: -float(evidence.gain_score[list(group)].max()))
    return [Family(partial(_scaled, evidence, group), TRIED, fitted=True) for group in groups[:_MOST]]


def _scaled(evidence: Evidence, components: tuple[int, ...], factor: float) -> Hypothesis:
    subject = evidence.subject(components)
    units = conversion_of(factor, NEAR)
    return Hypothesis(
        Code.GAIN,
        subject,
        factor,
        f"{subject} reads {factor:.4g}x what the model predicts{f': {units}?' if units else ', noise and all'}",
        f"divide its readings by {factor:.4g}",
        f"a gain of {subject}",
        of_readings(partial(divided, components, factor)),
        dict.fromkeys(components, -float(np.log(factor))),
    )
