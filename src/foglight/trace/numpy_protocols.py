"""NumPy's protocols for symbols: the operation that each NumPy function stands for."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

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
    product,
    rint,
    select,
    sqrt,
    unary,
)
from foglight.trace.piecewise import lines
from foglight.trace.symbol import Recorder, Symbol, is_array

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
    """np.where, np.clip, np.interp and the like; @ of whole arrays; what NumPy does on arrays of symbols by itself."""
    if function is np.matmul:
        return product(*args)
    if function is np.where and len(args) == 3 and not kwargs:
        return select(*args)
    if function is np.clip and not kwargs.keys() - _BOUNDS:
        return _clip(*args, **kwargs)
    if function is np.interp:
        return _interp(graph, *args, **kwargs)
    if function is np.polyval and not kwargs:
        return _polyval(*args)
    if function is np.select:
        return _select_first(*args, **kwargs)
    if function in _JOINING:
        return function([_boxed(v) for v in args[0]], *args[1:], **kwargs)
    if function in _ON_ARRAYS:
        found = function(*[_boxed(v) for v in args], **kwargs)
        return found[()] if is_array(found) else found  # [()] of an array without dimensions is its entry
    _refuse_unknown(graph, function)


# They move, multiply and add entries of object arrays; a symbol among their arguments only has to become such an array.
_JOINING = frozenset({np.stack, np.hstack, np.vstack, np.column_stack, np.concatenate})
_ON_ARRAYS = frozenset({
    np.append, np.atleast_1d, np.ravel, np.reshape, np.broadcast_to, np.zeros_like, np.ones_like, np.dot, np.vdot,
    np.inner, np.outer, np.sum, np.mean, np.prod,
})  # fmt: skip


def _boxed(value: Any) -> Any:
    return box(value) if isinstance(value, Symbol) else value


def has_rule(name: str) -> bool:
    """Whether NumPy's function of this name can be traced."""
    function = np.__dict__.get(name)
    return (
        function in (np.where, np.clip, np.interp, np.polyval, np.select)
        or getattr(function, "__name__", "") in _UFUNCS
    )


def _refuse_unknown(graph: Recorder, function: Any) -> NoReturn:
    graph.refuse(
        f"{_name(function)} cannot be traced. Use + - * / **, np.where, np.minimum, np.maximum, "
        "np.abs, np.sqrt, np.hypot, np.sin, np.cos, np.tan, np.arctan2, np.exp, np.log, np.tanh on scalars, "
        "fog.table for an interpolation, or declare the function fog.opaque."
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


def _interp(
    graph: Recorder, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Straight lines between constant points; the last value beyond them, or `left` and `right`."""
    if period is not None:
        graph.refuse("np.interp(..., period=...) cannot be traced. Write np.interp(x % period, ...).")
    try:
        points, values = (np.array(v, np.float64) for v in (xp, fp))
    except ModelError:
        graph.refuse(
            "np.interp needs points that are numbers: only its first argument may depend on a state or parameter. "
            "Interpolate between unit values, and add them multiplied by the parameters."
        )
    if points.ndim != 1 or points.shape != values.shape or len(points) < 2:
        graph.refuse(
            f"np.interp between points of shapes {points.shape} and {values.shape}: expected two points or more, and a "
            "value for each. Give as many values as points."
        )
    for k in np.flatnonzero(~(np.diff(points) > 0.0))[:1]:
        graph.refuse(
            f"np.interp between points that do not increase, {points[k]:g} and then {points[k + 1]:g}. Sort them, and "
            "give each of them once."
        )
    below, above = (
        float(v if given is None else given) for v, given in ((values[0], left), (values[-1], right))
    )
    return lines(points.tolist(), values.tolist(), below, above)(x)


def _polyval(p: Any, x: Any) -> Any:
    """Σ p x^k by Horner's rule, the highest power first."""
    value: Any = 0.0
    for coefficient in np.asarray(p):
        value = value * x + coefficient
    return value


def _select_first(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The choice of the first condition that holds."""
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = select(condition, choice, default)
    return default


def _fmax(a: Any, b: Any) -> Any:
    """The larger value; the other one where either is NaN."""
    return select((b <= a) | (b != b), a, b)


def _fmin(a: Any, b: Any) -> Any:
    """The smaller value; the other one where either is NaN."""
    return select((a <= b) | (b != b), a, b)


def _trunc(x: Any) -> Any:
    return select(x < 0.0, -floor(-x), floor(x))


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > 0.0 else math.exp(x) / (1.0 + math.exp(x))


def _sign(x: Any) -> Any:
    return select(x > 0, 1.0, select(x < 0, -1.0, select(x == 0, 0.0, x)))  # NaN stays


_UFUNCS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b, "negative": lambda a: -a, "positive": lambda a: a, "power": lambda a, b: a**b,
    "remainder": binary("mod", np.remainder), "square": lambda a: a * a, "reciprocal": lambda a: 1.0 / a,
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
    "exp2": unary("exp2", np.exp2), "log2": unary("log2", np.log2), "log10": unary("log10", np.log10),
    "cbrt": unary("cbrt", np.cbrt), "sinh": unary("sinh", np.sinh), "cosh": unary("cosh", np.cosh),
    "arcsinh": unary("asinh", np.arcsinh), "arccosh": unary("acosh", np.arccosh), "arctanh": unary("atanh", np.arctanh),
    "erf": unary("erf", math.erf), "expit": unary("expit", _expit), "conjugate": lambda a: a,
    "ceil": lambda a: -floor(-a), "trunc": _trunc, "degrees": lambda a: a * _DEGREES, "rad2deg": lambda a: a * _DEGREES,
    "radians": lambda a: a * _RADIANS, "deg2rad": lambda a: a * _RADIANS, "bitwise_xor": lambda a, b: a ^ b,
    "isnan": lambda a: a != a, "isfinite": lambda a: absolute(a) < np.inf, "isinf": lambda a: absolute(a) == np.inf,
}  # fmt: skip
