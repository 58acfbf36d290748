"""The methods by whose likelihood parameters can be tuned."""

from typing import Any

from foglight.core.errors import ModelError
from foglight.methods import registry
from foglight.methods.ekf import EKF
from foglight.methods.method import Method


def tunable(method: Any, *, gate: bool = False, also: str = "") -> Method:
    """The method, EKF() for None; ModelError for one whose likelihood is not highest where the filter is best.

    gate: whether it may have a gate.  also: what else is expected, in messages."""
    found = EKF() if method is None else registry.checked(method, also=also)
    if found.gate and not gate:
        bounded = found.huber is not None or found.student is not None
        instead = f"{found.with_guards(gate=None)!r}" if bounded else "huber=3 instead"
        raise ModelError(
            f"method = {method!r}: expected a method without a gate, since readings that it leaves out add nothing to "
            f"the likelihood, and leaving out more would look better. Tune with {instead}, and run with the gate.",
            field="method", value=repr(method),
        )  # fmt: skip
    if found.adaptations:
        raise ModelError(
            f"method = {method!r}: expected a method that adapts no noise, since it would make up for any value of a "
            "noise, so that the log could not tell the values apart. Tune without adapt=, and run with it.",
            field="method", value=repr(method),
        )  # fmt: skip
    return found
