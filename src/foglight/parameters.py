"""Parameters of a model: numbers with a name and bounds, and how their names are read."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from foglight import shapes
from foglight.errors import ModelError

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Param:
    """A parameter's value and the interval it may move in while a model is tuned."""

    value: float
    low: float = -math.inf
    high: float = math.inf


def param(value: float, low: float | None = None, high: float | None = None) -> Param:
    """A parameter with bounds, where a plain number has none: `params={"accel": param(0.4, low=0)}`.

    low <= value <= high, in the parameter's own unit. Raises ModelError where the value is outside.

    >>> param(0.4, low=0)
    Param(value=0.4, low=0.0, high=inf)
    """
    lowest = -math.inf if low is None else real(low, "low", finite=False)
    highest = math.inf if high is None else real(high, "high", finite=False)
    value = real(value, "value")
    if not lowest <= value <= highest:
        raise ModelError(
            f"param value = {value:g}: expected {lowest:g} <= value <= {highest:g}. Move the value or the bound.",
            field="value",
            value=value,
        )
    return Param(value, lowest, highest)


def read(params: Any, field: str) -> tuple[Mapping[str, float], Mapping[str, Bounds]]:
    """The values and the bounds of a part's parameters, each by name, frozen."""
    if not isinstance(params, Mapping):
        raise ModelError(
            f"{field} = {params!r}: expected names and values. Write params={{'accel': 0.4}}.",
            field=field,
            value=params,
        )
    shapes.names(tuple(params), field, empty=True)
    values: dict[str, float] = {}
    bounds: dict[str, Bounds] = {}
    for name, given in params.items():
        here = f"{field}[{name!r}]"
        found = given if isinstance(given, Param) else Param(real(given, here))
        found = param(found.value, found.low, found.high)
        values[name], bounds[name] = found.value, (found.low, found.high)
    return MappingProxyType(values), MappingProxyType(bounds)


def full_name(name: str, known: Iterable[str]) -> str:
    """The full name `part.parameter` that a full or bare name means; a bare one must be the only one.

    >>> full_name("accel", ["motion.accel", "radar.std"])
    'motion.accel'
    """
    known = list(known)
    found = [full for full in known if name in (full, full.partition(".")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        raise ModelError(f"parameter {name!r} could be {' or '.join(found)}. Use the full name.", field=name)
    raise ModelError(
        f"there is no parameter {name!r}. There are: {', '.join(known) or 'none'}.", field=name, value=name
    )


def real(value: Any, field: str, *, finite: bool = True) -> float:
    """A number, finite unless it is a bound."""
    try:
        number = math.nan if isinstance(value, (str, complex)) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number) or (finite and math.isinf(number)):
        raise ModelError(f"{field} = {value!r}: expected a finite number.", field=field, value=value)
    return number
