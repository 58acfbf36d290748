"""What is said of parameters that the log cannot tell apart; of fits, it is tested in test_tune.py."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from foglight.tuning.identifiability import unidentified


def sentence(weight: float) -> str:
    """Of two parameters whose effects are nearly the same, one of them in a unit that is `weight` times as large."""
    information = np.array([[1.0, 0.99999 * weight], [0.99999 * weight, weight**2]])
    fit: Any = SimpleNamespace(
        names=("a", "b"),
        ascent=SimpleNamespace(point=SimpleNamespace(information=information)),
        objective=SimpleNamespace(free=lambda point: np.array([True, True]), logs=np.array([False, False])),
    )
    (found,) = unidentified(fit)
    return found


def test_two_parameters_that_trade_off_are_both_named() -> None:
    assert sentence(1.0).startswith(
        "The data can hardly tell a and b apart: a by +1, b by -1 together changes almost"
    )


def test_a_parameter_that_is_lost_by_itself_is_named_alone() -> None:
    expected = "The data can hardly determine a: a by +1 changes almost nothing. Fix it, free=… without a, or give it "
    assert sentence(1e3) == f"{expected}a prior."
