"""The methods by the names used in the command line, model files and saved filters; checks of method arguments."""

from collections.abc import Sequence
from typing import Any, cast

from foglight.core.errors import ModelError
from foglight.methods.ekf import EKF, KF
from foglight.methods.method import Method
from foglight.methods.ukf import CKF, UKF

METHODS: dict[str, type[Any]] = {"kf": KF, "ekf": EKF, "ukf": UKF, "ckf": CKF}


def checked(value: Any, *, field: str = "method", index: int | None = None, also: str = "") -> Method:
    """The value, if it is a method; else ModelError. also: what else the caller accepts, for the message."""
    if isinstance(value, tuple(METHODS.values())):
        return cast(Method, value)
    names = [f"{kind.__name__}()" for kind in METHODS.values()]
    listed = f"{', '.join(names)}, or {also}" if also else f"{', '.join(names[:-1])} or {names[-1]}"
    where = field if index is None else f"{field}[{index}]"
    raise ModelError(
        f"{where} = {value!r}: expected fog.{listed}. Pass the object, not its name.",
        field=field,
        index=index,
        value=value,
    )


def instead_of(method: Method, name: str | None) -> Method:
    """The method of this name, with the guards of `method`; `method` itself for its own name or None."""
    if name is None or METHODS[name] is type(method):
        return method
    other: Method = METHODS[name](**method.guards)
    return other


def checked_list(values: Any, usual: Sequence[Method]) -> Sequence[Method]:
    """A list of distinct methods, or the usual ones for None; else ModelError."""
    if values is None:
        return usual
    if not isinstance(values, list | tuple) or not values:
        raise ModelError.expected("methods", values, "a list of methods", "Write [fog.EKF(), fog.UKF()].")
    for index, value in enumerate(values):
        method = checked(value, field="methods", index=index)
        if method in values[:index]:
            raise ModelError(
                f"methods[{index}] = {method!r}: expected each method once, and this is a duplicate. Leave one out.",
                field="methods",
                index=index,
                value=repr(method),
            )
    return tuple(values)
