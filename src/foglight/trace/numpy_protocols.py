"""NumPy's protocols for symbols: the operation that each NumPy function stands for."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from foglight.trace.ops import (
    absolute,
    binary,
    box,
    copysign,
    elementwise,
    floor,
    maximum,
    minimum,
    product,
    rint,
    select,
    sqrt,
    unary,
)
from foglight.trace.symbol import Recorder, is_array

# Keywords of ufuncs that change nothing, with the values that they may have here.
_HARMLESS: dict[str, Callable[[Any], bool]] = {
    "out": lambda value: value is None or all(v is None for v in value),
    "where": lambda value: value is True,
    "dtype": lambda value: value in (None, float, np.float64),
    "casting": lambda value: True,
    "order": lambda value: True,
    "subok": lambda value: True,
}


def call_ufunc(
    graph: Recorder, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """np.sin(x), x + array and the like, element by element if an argument is an array."""
    name = _name(ufunc)
    if method != "__call__":
        graph.refuse(f"{name}.{method} on a symbol cannot be traced. Use {name}(...) on scalars.")
    for keyword, value in kwargs.items():
        if not _HARMLESS.get(keyword, lambda value: False)(value):
            graph.refuse(
                f"{name}(..., {keyword}=...) cannot be traced. Leave out {keyword}=, "
                "and choose with np.where(condition, a, b)."
            )
    if ufunc.__name__ not in _UFUNCS:
        _refuse_unknown(graph, ufunc)
    function = _UFUNCS[ufunc.__name__]
    if any(is_array(v) and v.ndim for v in inputs):
        return elementwise(function, [box(v) for v in inputs])
    return function(*[v.item() if isinstance(v, (np.ndarray, np.generic)) else v for v in inputs])


def call_function(graph: Recorder, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """np.where, np.clip, and @ of whole arrays."""
    if function is np.matmul:
        return product(*args)
    if function is np.where and len(args) == 3 and not kwargs:
        return select(*args)
    if function is np.clip and not kwargs.keys() - _BOUNDS:
        return _clip(*args, **kwargs)
    _refuse_unknown(graph, function)


def has_rule(name: str) -> bool:
    """Whether NumPy's function of this name can be traced."""
    function = np.__dict__.get(name)
    return function in (np.where, np.clip) or getattr(function, "__name__", "") in _UFUNCS


def _refuse_unknown(graph: Recorder, function: Any) -> NoReturn:
    graph.refuse(
        f"{_name(function)} cannot be traced. Use + - * / **, np.where, np.minimum, np.maximum, "
        "np.abs, np.sqrt, np.hypot, np.sin, np.cos, np.tan, np.arctan2, np.exp, np.log, np.tanh on scalars, "
        "or declare the function fog.opaque."
    )


def _name(function: Any) -> str:
    """The function's name as a user writes it: `np.interp`; without a module for one of another library."""
    name: str = function.__name__
    return f"np.{name}" if name in np.__dict__ else name


_DEGREES, _RADIANS = 180.0 / math.pi, math.pi / 180.0
_BOUNDS = {"a_min", "a_max", "min", "max"}


def _clip(x: Any, a_min: Any = None, a_max: Any = None, **bounds: Any) -> Any:
    """NumPy's order: the lower bound first. None means no bound."""
    low, high = bounds.get("min", a_min), bounds.get("max", a_max)
    x = x if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


def _fmax(a: Any, b: Any) -> Any:
    """The larger value; the other one where either is NaN."""
    return select((b <= a) | (b != b), a, b)


def _fmin(a: Any, b: Any) -> Any:
    """The smaller value; the other one where either is NaN."""
    return select((a <= b) | (b != b), a, b)


def _trunc(x: Any) -> Any:
    return select(x < 0.0, -floor(-x), floor(x))


def _sign(x: Any) -> Any:
    return select(x > 0, 1.0, select(x < 0, -1.0, select(x == 0, 0.0, x)))  # NaN stays


_UFUNCS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b, "negative": lambda a: -a, "positive": lambda a: a, "power": lambda a, b: a**b,
    "remainder": lambda a, b: a % b, "square": lambda a: a * a, "reciprocal": lambda a: 1.0 / a,
    "less": lambda a, b: a < b, "less_equal": lambda a, b: a <= b, "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b, "equal": lambda a, b: a == b, "not_equal": lambda a, b: a != b,
    "logical_and": lambda a, b: a & b, "logical_or": lambda a, b: a | b, "logical_not": lambda a: ~a,
    "bitwise_and": lambda a, b: a & b, "bitwise_or": lambda a, b: a | b, "invert": lambda a: ~a,
    "minimum": minimum, "maximum": maximum, "fmin": _fmin, "fmax": _fmax, "sign": _sign,
    "absolute": absolute, "fabs": absolute, "sqrt": sqrt, "floor": floor, "rint": rint, "copysign": copysign,
    "sin": unary("sin", np.sin), "cos": unary("cos", np.cos), "tan": unary("tan", np.tan),
    "arcsin": unary("asin", np.arcsin), "arccos": unary("acos", np.arccos),
    "arctan": unary("atan", np.arctan), "arctan2": binary("atan2", np.arctan2),
    "exp": unary("exp", np.exp), "expm1": unary("expm1", np.expm1), "log": unary("log", np.log),
    "log1p": unary("log1p", np.log1p), "tanh": unary("tanh", np.tanh), "hypot": binary("hypot", np.hypot),
    "erf": unary("erf", math.erf), "conjugate": lambda a: a,
    "ceil": lambda a: -floor(-a), "trunc": _trunc, "degrees": lambda a: a * _DEGREES, "rad2deg": lambda a: a * _DEGREES,
    "radians": lambda a: a * _RADIANS, "deg2rad": lambda a: a * _RADIANS, "bitwise_xor": lambda a, b: a ^ b,
    "isnan": lambda a: a != a, "isfinite": lambda a: absolute(a) < np.inf, "isinf": lambda a: absolute(a) == np.inf,
}  # fmt: skip
