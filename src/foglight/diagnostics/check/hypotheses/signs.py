"""Readings with the other sign."""

from functools import partial

from foglight.core.types import Floats
from foglight.diagnostics.check.changes import of_readings
from foglight.diagnostics.check.drive import sign_of_motion
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis


def families(evidence: Evidence) -> list[Family]:
    """The other sign of each sensor and measure; that of a declared angle is a bearing counted clockwise."""
    return [
        Family(partial(_negated, evidence, group), (-1.0,))
        for group in evidence.groups()
        if not any(evidence.is_angle(i) for i in group)
    ]


def _negated(evidence: Evidence, components: tuple[int, ...], _: float) -> Hypothesis:
    subject = evidence.subject(components)
    return Hypothesis(
        Code.SIGN,
        subject,
        -1.0,
        f"{subject} has the wrong sign: negated it fits",
        "change the sign of the readings, or of measure"
        + sign_of_motion(evidence.model, subject.partition(".")[0]),
        f"the other sign of {subject}",
        of_readings(partial(_negate, components)),
    )


def _negate(components: tuple[int, ...], z: Floats) -> Floats:
    z[..., list(components)] *= -1.0
    return z
