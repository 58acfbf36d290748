"""Two measures of a sensor that are swapped: y, x for x, y."""

from functools import partial
from itertools import combinations

from foglight.core.types import Floats
from foglight.diagnostics.check.changes import of_readings
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis

_MOST = 28  # pairs of one sensor that are tried


def families(evidence: Evidence) -> list[Family]:
    """Each pair of measures of a sensor."""
    found = []
    for sensor in evidence.model.sensors:
        own = [i for i, (other, _) in enumerate(evidence.labels) if other is sensor]
        found += [
            Family(partial(_exchanged, evidence, pair), (0.0,)) for pair in list(combinations(own, 2))[:_MOST]
        ]
    return found


def _exchanged(evidence: Evidence, pair: tuple[int, int], _: float) -> Hypothesis:
    sensor, first = evidence.labels[pair[0]]
    second = evidence.labels[pair[1]][1]
    return Hypothesis(
        Code.SWAPPED,
        sensor.name,
        1.0,
        f"{first} and {second} of {sensor.name} are swapped",
        "exchange the columns",
        f"{first} and {second} of {sensor.name} exchanged",
        of_readings(partial(_exchange, pair)),
    )


def _exchange(pair: tuple[int, int], z: Floats) -> Floats:
    z[..., list(pair)] = z[..., list(pair[::-1])]
    return z
