"""The functions a model may call, as branch-free sequences of IEEE operations.

`LOWERING[dtype][op]` takes Symbols, or NumPy arrays and numbers of that dtype, and returns the same kind. Either way
the operations and their order are the same, and so are the bits of the results. Ranges and accuracy:
docs/reference/elementary.md.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.elementary import exponential, hyperbolic, inverse, power, special, trigonometric
from foglight.trace.elementary.coefficients import FLOAT32, FLOAT64
from foglight.trace.elementary.format import Format
from foglight.trace.symbol import Symbol

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": trigonometric.sin, "cos": trigonometric.cos, "tan": trigonometric.tan,
    "asin": inverse.asin, "acos": inverse.acos, "atan": inverse.atan, "atan2": inverse.atan2,
    "exp": exponential.exp, "expm1": exponential.expm1, "tanh": exponential.tanh,
    "log": exponential.log, "log1p": exponential.log1p,
    "exp2": exponential.exp2, "sinh": exponential.sinh, "cosh": exponential.cosh, "expit": exponential.expit,
    "asinh": hyperbolic.asinh, "acosh": hyperbolic.acosh, "atanh": hyperbolic.atanh,
    "pow": power.power, "log2": power.log2, "log10": power.log10,
    "hypot": special.hypot, "erf": special.erf, "cbrt": special.cbrt, "mod": special.mod,
}  # fmt: skip


def _typed(function: Callable[..., Any], form: Format) -> Callable[..., Any]:
    """`function` in one float type. If an argument is a Symbol, numbers become constants; otherwise arrays."""

    def apply(*arguments: Any) -> Any:
        if any(isinstance(argument, ArraySymbol) for argument in arguments):
            return function(*arguments, form=form)
        for argument in arguments:
            if isinstance(argument, Symbol):
                return function(*[argument.graph.lift(a) for a in arguments], form=form)
        arrays = np.broadcast_arrays(*[np.asarray(a, form.name) for a in arguments])
        with np.errstate(all="ignore"):  # elements that a select discards
            return function(*[np.atleast_1d(a) for a in arrays], form=form).reshape(arrays[0].shape)[()]

    return apply


LOWERING: dict[str, dict[str, Callable[..., Any]]] = {
    form.name: {name: _typed(function, form) for name, function in _FUNCTIONS.items()}
    for form in (FLOAT64, FLOAT32)
}
