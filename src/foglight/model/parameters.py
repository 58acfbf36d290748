"""Parameters of a model: named numbers with bounds, and how full and short names are resolved."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Param:
    """A parameter's value, and the interval in which tuning may change it."""

    value: float
    low: float = -math.inf
    high: float = math.inf


def param(value: float, low: float | None = None, high: float | None = None) -> Param:
    """A parameter with bounds for tuning; a plain number in its place has none.

    Parameters
    ----------
    value : float
        The value, in the parameter's own unit.
    low, high : float or None, default None
        Bounds, low <= value <= high; None for no bound.

    Returns
    -------
    Param
        The value with its bounds.

    Raises
    ------
    ModelError
        For a value outside its bounds or one that is not a finite number.

    Examples
    --------
    >>> fog.param(0.4, low=0)
    Param(value=0.4, low=0.0, high=inf)
    >>> fog.motion.constant_velocity(("gap",), accel=fog.param(0.4, low=0.1, high=2.0)).bounds["accel"]
    (0.1, 2.0)
    """
    lowest = -math.inf if low is None else real(low, "low", finite=False)
    highest = math.inf if high is None else real(high, "high", finite=False)
    found = Param(value, lowest, highest)
    return Param(_within(found, "value"), lowest, highest)


def _within(found: Param, field: str) -> float:
    value = real(found.value, field)
    if not found.low <= value <= found.high:
        raise ModelError(
            f"param value = {value:g}: expected {found.low:g} <= value <= {found.high:g}"
            f"{'' if field == 'value' else f' of {field}'}. Move the value or the bound.",
            field=field,
            value=value,
        )
    return value


def read(params: Any, field: str) -> tuple[Mapping[str, float], Mapping[str, Bounds]]:
    """The values and the bounds of a part's parameters, each by name, read-only."""
    if not isinstance(params, Mapping):
        raise ModelError.expected(field, params, "names and values", "Write params={'accel': 0.4}.")
    checks.names(tuple(params), field, empty=True)
    values: dict[str, float] = {}
    bounds: dict[str, Bounds] = {}
    for name, given in params.items():
        entry = f"{field}[{name!r}]"
        found = given if isinstance(given, Param) else Param(given)
        values[name], bounds[name] = _within(found, entry), (found.low, found.high)
    return MappingProxyType(values), MappingProxyType(bounds)


def full_name(name: str, known: Iterable[str]) -> str:
    """The full name, `part.parameter`, for a full or short name; only one parameter may have the short name.

    >>> full_name("accel", ["motion.accel", "radar.std"])
    'motion.accel'
    """
    known = list(known)
    found = [full for full in known if name in (full, full.partition(".")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        raise ModelError(
            f"parameter {name!r} could be {' or '.join(found)}. Use the full name.", field=name, value=found
        )
    raise ModelError(
        f"there is no parameter {name!r}. There are: {', '.join(known) or 'none'}.",
        field="values",
        index=name,
        value=name,
    )


def real(value: Any, field: str, *, finite: bool = True) -> float:
    """The value as a float; not NaN, and finite unless finite=False."""
    try:
        number = math.nan if isinstance(value, (str, complex)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number) or (finite and math.isinf(number)):
        raise ModelError.expected(field, value, "a finite number", "Write one, such as 0.4.")
    return number
