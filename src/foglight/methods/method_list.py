"""Which methods to compare, checked."""

from collections.abc import Sequence
from typing import Any

from foglight.core.errors import ModelError
from foglight.methods.methods import EKF, UKF, Method


def listed(methods: Any, usual: Sequence[Method]) -> Sequence[Method]:
    """The methods of a list, or the usual ones for None; ModelError for what is none, or there twice."""
    if methods is None:
        return usual
    if not isinstance(methods, list | tuple) or not methods:
        raise ModelError(
            f"methods = {methods!r}: expected a list of methods. Write [fog.EKF(), fog.UKF()].",
            field="methods",
            value=methods,
        )
    for index, method in enumerate(methods):
        if not isinstance(method, (EKF, UKF)):
            raise ModelError(
                f"methods[{index}] = {method!r}: expected fog.KF(), EKF(), UKF() or CKF(). Pass the object, not its "
                "name.",
                field="methods",
                index=index,
                value=method,
            )
        if method in methods[:index]:
            raise ModelError(
                f"methods[{index}] = {method!r}: expected each method once, and it is there twice. Leave one "
                "out.",
                field="methods",
                index=index,
                value=repr(method),
            )
    return tuple(methods)
