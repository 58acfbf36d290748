"""The IEEE operations that every backend offers, and their results on numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

# The IEEE operations that every backend offers, with their number of arguments. All else is lowered to these.
ARITHMETIC = {"add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1, "sqrt": 1}

ROUNDING = {"floor": 1, "rint": 1}

BITS = {"abs": 1, "copysign": 2, "exponent": 1, "pow2": 1}

COMPARISON = {"lt": 2, "le": 2, "eq": 2, "ne": 2}

LOGIC = {"and": 2, "or": 2, "not": 1}

CHOICE = {"select": 3, "lookup": 3}  # a lookup takes an index, and two values or more

PRIMITIVE = ARITHMETIC | ROUNDING | BITS | COMPARISON | LOGIC | CHOICE

MASKS = frozenset(COMPARISON) | frozenset(LOGIC)

# Functions that `foglight.trace.elementary` lowers to the operations above.
ELEMENTARY = {
    "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1, "atan": 1, "atan2": 2, "exp": 1, "expm1": 1,
    "log": 1, "log1p": 1, "pow": 2, "tanh": 1, "hypot": 2, "erf": 1, "exp2": 1, "log2": 1, "log10": 1, "cbrt": 1,
    "sinh": 1, "cosh": 1, "asinh": 1, "acosh": 1, "atanh": 1, "expit": 1, "mod": 2,
}  # fmt: skip

# The number of a table's bounds that are not above the first argument; lowered by `foglight.trace.elementary.search`.
SEARCH = "segment"

EXPONENT_BIAS = {"float64": 1023, "float32": 127}

MANTISSA_BITS = {"float64": 52, "float32": 23}


def biased_exponent(x: Any) -> Any:
    """The exponent field of x, minus its bias, as a number: floor(log2 |x|) for every normal x.

    Zero and subnormals give -bias, infinities and NaN give bias + 1. Works on arrays of one float type.
    """
    x = np.asarray(x)
    name = x.dtype.name
    bits = x.view(np.int64 if name == "float64" else np.int32)
    field = (bits >> MANTISSA_BITS[name]) & (2 * EXPONENT_BIAS[name] + 1)
    return (field - EXPONENT_BIAS[name]).astype(x.dtype)


def power_of_two(k: Any) -> Any:
    """2**k for whole numbers -bias < k <= bias: k is added into the mantissa and shifted to the exponent.

    Other k give whatever these bits mean, the same on every backend.
    """
    k = np.asarray(k)
    name = k.dtype.name
    shift = MANTISSA_BITS[name]
    placed = k + k.dtype.type(2.0**shift + EXPONENT_BIAS[name])
    return (placed.view(np.int64 if name == "float64" else np.int32) << shift).view(k.dtype)


def looked_up(index: Any, *values: Any) -> Any:
    """The value whose number is the whole part of the index: the first one below 1 and for NaN, the last one beyond."""
    k = np.where(index > 0.0, np.minimum(index, len(values) - 1.0), 0.0).astype(np.intp)
    if not any(getattr(v, "ndim", 0) for v in values):
        return np.array(values)[k]
    k, *rows = np.broadcast_arrays(k, *values)
    return np.take_along_axis(np.stack(rows), k[None], axis=0)[0]


def not_above(x: Any, *bounds: Any) -> Any:
    """How many of the bounds, which increase, are <= x; 0 for NaN."""
    x = np.asarray(x)
    return sum(((b <= x).astype(x.dtype) for b in bounds), np.zeros_like(x))


# One rule per operation, on NumPy arrays and scalars of one float type; masks are booleans.
RULES: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "sqrt": np.sqrt, "floor": np.floor, "rint": np.rint, "abs": np.abs, "copysign": np.copysign,
    "exponent": biased_exponent, "pow2": power_of_two,
    "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "select": np.where, "lookup": looked_up,
}  # fmt: skip


TRACED_BELOW = 60_000  # nodes; a function or a step with more is not compiled, and runs on floats


class TooLongError(Exception):
    """The graph has more nodes than its limit."""
