"""Conversions between units that readings are often in."""

import numpy as np

DEGREES = 180.0 / np.pi
# How many of the first unit are one of the second.
COMMON = (
    (1000.0, "milli-units, such as mm for m"), (DEGREES, "degrees for radians"), (9.81, "g for m/s²"),
    (100.0, "cm for m"), (3.6, "km/h for m/s"), (1.0 / 0.3048, "feet for metres"),
)  # fmt: skip
GROSS = 4.0  # factor on a mean square of innovations from which readings may be in other units
UNITS = (*COMMON, (3.6 / 1.852, "knots for m/s"), (3.6 / 1.609344, "mph for m/s"))


def conversion_of(factor: float, near: float, units: tuple[tuple[float, str], ...] = UNITS) -> str:
    """The units that a factor suggests, within this relative distance, or ""."""
    for size, name in units:
        for known, said in ((size, name), (1.0 / size, f"the reverse of {name}")):
            if abs(np.log(abs(factor) / known)) < near:
                return said
    return ""
