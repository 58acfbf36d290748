"""Parameters of a model: named numbers with bounds, and how full and short names are resolved."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from foglight.core import checks
from foglight.core.errors import ModelError

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Param:
    """A parameter's value, and the interval in which tuning may change it."""

    value: float
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class SharedParam(Param):
    """A parameter that several parts of a model have in common, under one full name."""

    name: str = ""


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
    found = Param(value, _bound(low, -math.inf, "low"), _bound(high, math.inf, "high"))
    return Param(_within(found, "value"), found.low, found.high)


def _bound(bound: float | None, none: float, field: str) -> float:
    return none if bound is None else real(bound, field, finite=False)


def shared(
    name: str, value: float | None = None, low: float | None = None, high: float | None = None
) -> SharedParam:
    """A parameter that several sensors, or a sensor and the motion, have in common.

    A model has it once, under the given name: in `model.parameters`, for `fog.tune` and in model files.

    Parameters
    ----------
    name : str
        Full name of the parameter, "group.parameter". The group must not be the name of a part of the model.
    value : float, optional
        The value, in the parameter's own unit. One part of the model must state it; those that do must agree.
    low, high : float or None, default None
        Bounds, low <= value <= high; None for no bound.

    Returns
    -------
    SharedParam
        The value with its bounds and its name, to be used in place of a number.

    Raises
    ------
    ModelError
        For a name that is not of that form, a value outside its bounds or one that is not a finite number. A model
        raises it where no part states the value, or two state different ones.

    Examples
    --------
    >>> beacons = [
    ...     fog.sensing.range("a", at=(0, 0), std=fog.shared("beacons.std", 0.5)),
    ...     fog.sensing.range("b", at=(30, 0), std=fog.shared("beacons.std")),
    ... ]
    >>> walk = fog.motion.random_walk(("x", "y"), std=1.0)
    >>> fog.Model(walk, beacons, start=fog.Belief([5.0, 8.0], std=[9.0, 9.0])).parameters
    {'motion.std': 1.0, 'beacons.std': 0.5}
    """
    parts = name.split(".") if isinstance(name, str) else []
    if len(parts) != 2:
        raise ModelError.expected("name", name, "a group and a parameter", "Write 'beacons.std'.")
    for part in parts:
        checks.name(part, "name")
    lowest, highest = _bound(low, -math.inf, "low"), _bound(high, math.inf, "high")
    found = SharedParam(math.nan if value is None else real(value, "value"), lowest, highest, name)
    return replace(found, value=_within(found, "value"))


def _within(found: Param, field: str) -> float:
    """The value within its bounds; NaN for a shared parameter whose value another part states."""
    if isinstance(found, SharedParam) and math.isnan(found.value):
        return found.value
    value = real(found.value, field)
    if not found.low <= value <= found.high:
        raise ModelError(
            f"param value = {value:g}: expected {found.low:g} <= value <= {found.high:g}"
            f"{'' if field == 'value' else f' of {field}'}. Move the value or the bound.",
            field=field,
            value=value,
        )
    return value


class Parameters(NamedTuple):
    """A part's parameters by name, read-only: values, bounds, and the full names of those that are shared."""

    params: Mapping[str, float]
    bounds: Mapping[str, Bounds]
    shared: Mapping[str, str]


class Parametrised(Protocol):
    """A motion or a sensor, as far as its parameters go."""

    @property
    def params(self) -> Mapping[str, Any]:
        """{name: value}."""

    @property
    def bounds(self) -> Mapping[str, Bounds]:
        """{name: (low, high)}."""

    @property
    def shared(self) -> Mapping[str, str]:
        """{name: full name} of those that several parts have in common."""


def params_of(part: Parametrised, values: Mapping[str, float] = MappingProxyType({})) -> dict[str, Param]:
    """The parameters of a part as arguments of another, with their bounds and shared names, some with other values."""
    found = {}
    for name, value in part.params.items():
        new = Param(values.get(name, value), *part.bounds[name])
        found[name] = (
            SharedParam(new.value, new.low, new.high, part.shared[name]) if name in part.shared else new
        )
    return found


def read(params: Any, field: str) -> Parameters:
    """The parameters of a part from {name: number, Param or SharedParam}."""
    if not isinstance(params, Mapping):
        raise ModelError.expected(field, params, "names and values", "Write params={'accel': 0.4}.")
    checks.names(tuple(params), field, empty=True)
    values: dict[str, float] = {}
    bounds: dict[str, Bounds] = {}
    common: dict[str, str] = {}
    for name, given in params.items():
        entry = f"{field}[{name!r}]"
        found = given if isinstance(given, Param) else Param(given)
        values[name], bounds[name] = _within(found, entry), (found.low, found.high)
        if isinstance(found, SharedParam):
            common[name] = found.name
    return Parameters(MappingProxyType(values), MappingProxyType(bounds), MappingProxyType(common))


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
