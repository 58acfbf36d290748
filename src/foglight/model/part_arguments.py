"""How the arguments of ready-made parts are read: names, spreads that become parameters, fixed numbers."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import Param, real

Names = str | Sequence[str]
Spread = float | Param | Sequence[float | Param]


def axis_names(value: Names, field: str = "axes") -> tuple[str, ...]:
    """One name or several, as a tuple."""
    return checks.names((value,) if isinstance(value, str) else value, field)


def at_least_zero(value: float | Param, field: str) -> Param:
    """A spread, density or the like, >= 0; given as a Param it keeps its own bounds."""
    found = value if isinstance(value, Param) else Param(real(value, field), 0.0)
    if found.value < 0.0:
        raise ModelError(
            f"{field} = {found.value:g}: expected a number >= 0. It is a standard deviation, not a signed value.",
            field=field,
            value=found.value,
        )
    return Param(found.value, max(found.low, 0.0), found.high)


def spreads(
    name: str, value: Spread, owners: tuple[str, ...]
) -> tuple[dict[str, Param], Callable[[Any], list[Any]]]:
    """The parameters of a std-like argument, and how to read from p one value for each owner.

    A number is one parameter, `name`, that all share; a list gives each owner its own, `owner_name`.
    """
    if (
        isinstance(value, str)
        or not isinstance(value, Sequence | np.ndarray)
        or not np.ndim(cast(Any, value))
    ):
        return {name: at_least_zero(cast(Any, value), name)}, lambda p: [getattr(p, name)] * len(owners)
    if len(value) != len(owners):
        raise ModelError(
            f"{name} has {len(value)} values: expected one number, or one for each of {', '.join(owners)}.",
            field=name,
            value=value,
        )
    own = [f"{owner}_{name}" for owner in owners]
    params = {
        full: at_least_zero(v, f"{name}[{i}]") for i, (full, v) in enumerate(zip(own, value, strict=True))
    }
    return params, lambda p: [getattr(p, full) for full in own]


def per_axis(value: Any, axes: tuple[str, ...], field: str) -> list[float]:
    """Fixed numbers, one for each axis; one number serves all."""
    array = checks.numbers(value, field)
    if array.ndim and array.shape != (len(axes),):
        raise ModelError(
            f"{field} has shape {array.shape}: expected one number, or one for each of {', '.join(axes)}.",
            field=field,
            value=array.shape,
        )
    return [float(v) for v in np.broadcast_to(array, len(axes))]


def positive(value: Any, field: str) -> float:
    """A time constant."""
    number = real(value, field)
    if number <= 0.0:
        raise ModelError(f"{field} = {number:g}: expected a time > 0, in seconds.", field=field, value=number)
    return number
