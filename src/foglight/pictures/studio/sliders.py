"""The sliders of a model's parameters: their ranges, scales and units."""

import math
from collections.abc import Mapping
from typing import Any

from foglight.model.model import Model
from foglight.model.parameters import Bounds
from foglight.pictures.plot.results import unit_of
from foglight.pictures.studio.given import Label

REACH = 100.0  # times more and less than the value given


def sliders(model: Model, first: Mapping[str, float], labels: Mapping[str, Label]) -> list[dict[str, Any]]:
    """The sliders of all parameters, in declared order, as the page draws them.

    `low`, `high` and `value` are in the unit shown; `log` says that the scale is logarithmic. first: the values with
    which the studio was opened, about which the ranges lie; they always hold the value now.
    """
    found = []
    for name, now in model.parameters.items():
        label = labels.get(name, Label(name, unit_of(model, name)))
        low, high, log = _range(first[name], now, model.bounds[name])
        found.append(
            {
                "parameter": name,
                "name": label.name,
                "unit": label.unit,
                "log": log,
                "low": low**label.power,
                "high": high**label.power,
                "value": now**label.power,
            }
        )
    return found


def parameter_of(shown: float, label: Label | None) -> float:
    """The parameter's value for the number that a slider shows."""
    if label is None or label.power == 1:
        return shown
    return math.copysign(abs(shown) ** (1.0 / label.power), shown)


def _range(first: float, now: float, bounds: Bounds) -> tuple[float, float, bool]:
    lowest, highest = bounds
    log = lowest >= 0.0 and first > 0.0 and now > 0.0
    if log:
        low, high = first / REACH, first * REACH
    elif math.isfinite(lowest) and math.isfinite(highest):
        low, high = lowest, highest
    else:
        reach = max(abs(first), abs(now)) or 1.0
        low, high = (0.0 if lowest >= 0.0 else first - 2.0 * reach), first + 2.0 * reach
    return min(max(low, lowest), now), max(min(high, highest), now), log
