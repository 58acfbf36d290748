"""Readings in other units: known conversions, with either sign."""

from functools import partial

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis, of_readings

DEGREES = 180.0 / np.pi
UNITS = (  # how many of the first unit are one of the second
    (1000.0, "milli-units, such as mm for m"), (DEGREES, "degrees for radians"), (9.81, "g for m/s²"),
    (100.0, "cm for m"), (3.6, "km/h for m/s"), (1.0 / 0.3048, "feet for metres"), (3.6 / 1.852, "knots for m/s"),
    (3.6 / 1.609344, "mph for m/s"),
)  # fmt: skip
_NEAR = 0.02  # relative distance within which a factor is taken for a known conversion
_GROSS = 4.0  # factor on a mean square from which readings may be in other units


def conversion_of(factor: float) -> str:
    """The units that a factor suggests, or ""."""
    for size, name in UNITS:
        for known, units in ((size, name), (1.0 / size, f"the reverse of {name}")):
            if abs(np.log(abs(factor) / known)) < _NEAR:
                return units
    return ""


def families(evidence: Evidence) -> list[Family]:
    """Each known conversion of each sensor and measure whose innovations are far too large or too small; of angles
    that are declared only degrees."""
    found = []
    for group in evidence.groups():
        angles = [evidence.is_angle(i) for i in group]
        if (any(angles) and not all(angles)) or not evidence.wrong_size(group, _GROSS):
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
        f"{subject} reads {abs(factor):.4g}x what the model predicts{sign}: {conversion_of(factor)}?",
        f"divide its readings by {factor:.4g}",
        f"other units of {subject}",
        of_readings(partial(divided, components, factor)),
        dict.fromkeys(components, -float(np.log(abs(factor)))),
    )


def divided(components: tuple[int, ...], factor: float, z: Floats) -> Floats:
    """The readings z (…, M), those of some components divided by a factor."""
    z[..., list(components)] /= factor
    return z
