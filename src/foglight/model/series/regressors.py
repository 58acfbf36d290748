"""The regression of a series whose coefficients are parameters: on inputs of the log, and on a mean and a slope."""

from collections.abc import Mapping
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model import parameters
from foglight.model.parameters import Param
from foglight.model.series.arima_orders import Orders

CONSTANT, LINEAR = "constant", "linear"


def slopes_of(given: Any) -> dict[str, Param]:
    """The coefficients of inputs, by name: those given, or 0."""
    values = dict(given) if isinstance(given, Mapping) else None
    names = checks.names(
        (given,) if isinstance(given, str) else tuple(given) if values is None else tuple(values),
        "regression",
        empty=True,
    )
    if values is None:
        return {name: Param(0.0) for name in names}
    return {
        name: value if isinstance(value, Param) else Param(parameters.real(value, f"regression[{name!r}]"))
        for name, value in values.items()
    }


def trends_of(trend: Any, orders: Orders, slopes: Mapping[str, Param]) -> dict[str, Param]:
    """The mean and the slope, by name; those that the differences remove are not there."""
    if trend is not None and trend not in (CONSTANT, LINEAR):
        raise ModelError.expected("trend", trend, "None, 'constant' or 'linear'", "Write trend='constant'.")
    removed = orders.d + orders.D
    if removed and (trend == CONSTANT or removed > 1) and trend is not None:
        what = "mean" if trend == CONSTANT else "mean and the slope"
        raise ModelError(
            f"trend = {trend!r}: the differences, d + D = {removed}, remove the {what}, so that no reading depends on "
            f"it. Expected {'None or ' + repr(LINEAR) if removed == 1 else None}. Leave the trend out.",
            field="trend", value=trend,
        )  # fmt: skip
    wanted = {None: (), CONSTANT: ("mean",), LINEAR: ("slope",) if removed else ("mean", "slope")}[trend]
    for name in wanted:
        if name in slopes:
            raise ModelError(
                f"regression[{name!r}]: trend = {trend!r} has a parameter of that name: expected another name. Rename "
                "the input.",
                field="regression", index=name, value=name,
            )  # fmt: skip
    return {name: Param(0.0) for name in wanted}
