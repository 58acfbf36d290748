"""Readings in other units: known conversions, with either sign."""

from functools import partial

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.changes import of_readings
from foglight.diagnostics.check.conversions import DEGREES, GROSS, UNITS, conversion_of
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis

NEAR = 0.02  # relative distance within which a factor is taken for a known conversion


def families(evidence: Evidence) -> list[Family]:
    """Each known conversion of each sensor and measure whose innovations are far too large or too small; of angles
    that are declared only degrees."""
    found = []
    for group in evidence.groups():
        angles = [evidence.is_angle(i) for i in group]
        if (any(angles) and not all(angles)) or not evidence.wrong_size(group, GROSS):
            continue
        for size in (DEGREES,) if angles[0] else tuple(size for size, _ in UNITS):
            for factor in (size, 1.0 / size, -size, -1.0 / size):
                found.append(Family(partial(_converted, evidence, group), (factor,)))
    return found


def _converted(evidence: Evidence, components: tuple[int, ...], factor: float) -> Hypothesis:
    subject = evidence.subject(components)
    sign = ", with the other sign" if factor < 0.0 else ""
    return Hypothesis(
        Code.GAIN,
        subject,
        factor,
        f"{subject} reads {abs(factor):.4g}x what the model predicts{sign}: {conversion_of(factor, NEAR)}?",
        f"divide its readings by {factor:.4g}",
        f"other units of {subject}",
        of_readings(partial(divided, components, factor)),
        dict.fromkeys(components, -float(np.log(abs(factor)))),
    )


def divided(components: tuple[int, ...], factor: float, z: Floats) -> Floats:
    """The readings z (…, M), those of some components divided by a factor."""
    z[..., list(components)] /= factor
    return z
