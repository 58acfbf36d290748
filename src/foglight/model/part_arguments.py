"""Check the arguments of ready-made parts: names, standard deviations that become parameters, fixed numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import Param, real

Names = str | Sequence[str]
Spread = float | Param | Sequence[float | Param]


def axis_names(value: Names, field: str = "axes") -> tuple[str, ...]:
    """One name or several, checked, as a tuple."""
    return checks.names((value,) if isinstance(value, str) else value, field)


def at_least_zero(value: float | Param, field: str) -> Param:
    """A standard deviation or the like, >= 0, as a Param; a Param keeps its own bounds above 0."""
    found = value if isinstance(value, Param) else Param(real(value, field), 0.0)
    if found.value < 0.0:
        raise ModelError(
            f"{field} = {found.value:g}: expected a number >= 0. It is a standard deviation, not a signed value.",
            field=field,
            value=found.value,
        )
    return replace(found, low=max(found.low, 0.0))


def spreads(
    name: str, value: Spread, labels: tuple[str, ...]
) -> tuple[dict[str, Param], Callable[[Any], list[Any]]]:
    """The parameters of a std-like argument, and a function that reads one value per label from p.

    A number is a single parameter, `name`, for all labels; a list gives each label its own, `label_name`.
    """
    if (
        isinstance(value, str)
        or not isinstance(value, Sequence | np.ndarray)
        or not np.ndim(cast(Any, value))
    ):
        return {name: at_least_zero(cast(Any, value), name)}, lambda p: [getattr(p, name)] * len(labels)
    if len(value) != len(labels):
        raise ModelError(
            f"{name} has {len(value)} values: expected one number, or one for each of {', '.join(labels)}.",
            field=name,
            value=value,
        )
    own = [f"{label}_{name}" for label in labels]
    params = {
        full: at_least_zero(v, f"{name}[{i}]") for i, (full, v) in enumerate(zip(own, value, strict=True))
    }
    return params, lambda p: [getattr(p, full) for full in own]


def per_axis(value: Any, axes: tuple[str, ...], field: str) -> list[float]:
    """Fixed numbers, one for each axis; a single number applies to all."""
    array = checks.numbers(value, field)
    if array.ndim and array.shape != (len(axes),):
        raise ModelError(
            f"{field} has shape {array.shape}: expected one number, or one for each of {', '.join(axes)}.",
            field=field,
            value=array.shape,
        )
    return array.tolist() if array.ndim else [float(array)] * len(axes)


def positive(value: Any, field: str) -> float:
    """A time constant, > 0 (s)."""
    number = real(value, field)
    if number <= 0.0:
        raise ModelError(f"{field} = {number:g}: expected a time > 0, in seconds.", field=field, value=number)
    return number
