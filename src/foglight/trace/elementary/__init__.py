"""The functions a model may call, as branch-free sequences of IEEE operations.

`LOWERING[dtype][op]` takes Symbols, or NumPy arrays and scalars of that dtype, and returns the same kind. The
operations are the same either way, in the same order, and so are the bits. Ranges and accuracy:
docs/reference/elementary.md.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from foglight.trace.elementary import exponential, inverse, power, special, trigonometric
from foglight.trace.elementary.coefficients import FLOAT32, FLOAT64

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": trigonometric.sin, "cos": trigonometric.cos, "tan": trigonometric.tan,
    "asin": inverse.asin, "acos": inverse.acos, "atan": inverse.atan, "atan2": inverse.atan2,
    "exp": exponential.exp, "expm1": exponential.expm1, "tanh": exponential.tanh,
    "log": exponential.log, "log1p": exponential.log1p,
    "pow": power.power, "hypot": special.hypot, "erf": special.erf,
}  # fmt: skip

LOWERING: dict[str, dict[str, Callable[..., Any]]] = {
    form.name: {name: partial(function, form=form) for name, function in _FUNCTIONS.items()}
    for form in (FLOAT64, FLOAT32)
}
