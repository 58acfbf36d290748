"""NumPy's protocols for symbols: the operation that each NumPy function stands for."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.trace.ops import (
    absolute,
    binary,
    box,
    copysign,
    elementwise,
    floor,
    maximum,
    minimum,
    rint,
    select,
    sqrt,
    unary,
)
from foglight.trace.source_location import here
from foglight.trace.symbol import is_array


def call_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """np.sin(x), x + array and the like, element by element if an argument is an array."""
    if method != "__call__" or kwargs.get("out") is not None:
        raise ModelError(
            f"{here()}: np.{ufunc.__name__}.{method} on a symbol. Use np.{ufunc.__name__}(...) without out=."
        )
    if ufunc.__name__ not in _UFUNCS:
        return _unknown(ufunc)
    function = _UFUNCS[ufunc.__name__]
    if any(is_array(v) and v.ndim for v in inputs):
        return elementwise(function, [box(v) for v in inputs])
    return function(*[v.item() if isinstance(v, (np.ndarray, np.generic)) else v for v in inputs])


def call_function(function: Any, args: Sequence[Any]) -> Any:
    """np.where and np.clip."""
    if function is np.where and len(args) == 3:
        return select(*args)
    if function is np.clip:
        return minimum(maximum(args[0], args[1]), args[2])
    return _unknown(function)


def _unknown(function: Any) -> Any:
    raise ModelError(
        f"{here()}: np.{function.__name__} cannot be traced. Use + - * / **, np.where, np.minimum, np.maximum, "
        "np.abs, np.sqrt, np.hypot, np.sin, np.cos, np.tan, np.arctan2, np.exp, np.log, np.tanh on scalars, "
        "or declare the function fog.opaque."
    )


def _sign(x: Any) -> Any:
    return select(x > 0, 1.0, select(x < 0, -1.0, 0.0))


_UFUNCS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b, "negative": lambda a: -a, "positive": lambda a: a, "power": lambda a, b: a**b,
    "remainder": lambda a, b: a % b, "square": lambda a: a * a, "reciprocal": lambda a: 1.0 / a,
    "less": lambda a, b: a < b, "less_equal": lambda a, b: a <= b, "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b, "equal": lambda a, b: a == b, "not_equal": lambda a, b: a != b,
    "logical_and": lambda a, b: a & b, "logical_or": lambda a, b: a | b, "logical_not": lambda a: ~a,
    "bitwise_and": lambda a, b: a & b, "bitwise_or": lambda a, b: a | b, "invert": lambda a: ~a,
    "minimum": minimum, "maximum": maximum, "fmin": minimum, "fmax": maximum, "sign": _sign,
    "absolute": absolute, "fabs": absolute, "sqrt": sqrt, "floor": floor, "rint": rint, "copysign": copysign,
    "sin": unary("sin", np.sin), "cos": unary("cos", np.cos), "tan": unary("tan", np.tan),
    "arcsin": unary("asin", np.arcsin), "arccos": unary("acos", np.arccos),
    "arctan": unary("atan", np.arctan), "arctan2": binary("atan2", np.arctan2),
    "exp": unary("exp", np.exp), "expm1": unary("expm1", np.expm1), "log": unary("log", np.log),
    "log1p": unary("log1p", np.log1p), "tanh": unary("tanh", np.tanh), "hypot": binary("hypot", np.hypot),
    "erf": unary("erf", math.erf), "conjugate": lambda a: a,
}  # fmt: skip
