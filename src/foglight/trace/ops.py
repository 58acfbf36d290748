"""Operations on scalars for symbols and floats alike: select, pairwise sums, square roots, reciprocals.

Equations are written with these, so that the same code runs on floats and is traced on symbols.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace.primitives import biased_exponent, power_of_two
from foglight.trace.symbol import Symbol, is_array

_LIMITS = {"tiny": float(np.finfo(np.float64).tiny), "eps": float(np.finfo(np.float64).eps)}


def known_zero(value: Any) -> bool:
    """Whether a value is known to be 0 while tracing, so that it folds away."""
    if isinstance(value, Symbol):
        return bool(value.op == "const" and value.value == 0.0)
    return bool(value == 0.0)


def select(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b: on symbols a node (one per element of arrays), on floats np.where."""
    for value in (mask, a, b):
        if isinstance(value, Symbol):
            if any(is_array(v) and v.ndim for v in (mask, a, b)):
                return elementwise(select, [box(v) for v in (mask, a, b)])
            return value.graph.apply("select", mask, a, b)
    if isinstance(mask, (bool, np.bool_)):
        return a if mask else b
    if any(is_array(v) and v.dtype == object for v in (mask, a, b)):
        return elementwise(select, [box(v) for v in (mask, a, b)])
    return np.where(mask, a, b)[()]


def negated(mask: Any) -> Any:
    """The mask that holds where this one does not."""
    return np.logical_not(mask)


def total(terms: Sequence[Any]) -> Any:
    """The pairwise sum of scalars, neighbours first: short chains, and an order that depends only on positions.

    A known zero keeps its position. If it were dropped, or if known terms were summed first, a model whose F
    has an exact 1 (which folds away) would be summed in another order than the same model in other units.
    """
    left = list(terms)
    if not left:
        return 0.0
    while len(left) > 1:
        pairs = [left[i] + left[i + 1] for i in range(0, len(left) - 1, 2)]
        left = pairs + left[len(left) - len(left) % 2 :]
    return left[0]


def product(a: NDArray[Any], b: NDArray[Any]) -> Any:
    """a @ b for vectors and matrices: NumPy's on floats; on symbols each entry is a `total`."""
    if a.dtype != object and b.dtype != object:
        return a @ b
    rows, columns = np.atleast_2d(a), np.atleast_2d(b.T)
    result = np.empty((len(rows), len(columns)), dtype=object)
    for i, j in np.ndindex(result.shape):
        result[i, j] = total([x * y for x, y in zip(rows[i], columns[j], strict=True)])
    return result.reshape(a.shape[:-1] + b.shape[1:])[()]


def all_finite(values: Sequence[Any]) -> Any:
    """Whether all values are finite: their sum is finite then, unless it overflows."""
    return absolute(total(values)) < np.inf


def any_of(masks: Sequence[Any]) -> Any:
    """Whether any of these masks holds; False for none."""
    return functools.reduce(lambda a, b: a | b, masks) if len(masks) else False


def minimum(a: Any, b: Any) -> Any:
    """The smaller value; NaN if either is NaN."""
    return select((a < b) | (a != a), a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger value; NaN if either is NaN."""
    return select((b < a) | (a != a), a, b)


def unary(op: str, fallback: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one scalar: a node for a Symbol, else `fallback`."""

    def function(x: Any) -> Any:
        return x.graph.apply(op, x) if isinstance(x, Symbol) else fallback(x)

    return function


sqrt = unary("sqrt", np.sqrt)

floor = unary("floor", np.floor)

rint = unary("rint", np.rint)

absolute = unary("abs", np.abs)


def binary(op: str, fallback: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two scalars: a node if either is a Symbol, else `fallback`."""

    def function(a: Any, b: Any) -> Any:
        for value in (a, b):
            if isinstance(value, Symbol):
                return value.graph.apply(op, a, b)
        return fallback(a, b)

    return function


copysign = binary("copysign", np.copysign)


def exponent(x: Any) -> Any:
    """The exponent field minus its bias, as a number (see primitives.biased_exponent)."""
    return x.graph.apply("exponent", x) if isinstance(x, Symbol) else biased_exponent(x)


def pow2(k: Any) -> Any:
    """2**k for a whole number k in the normal range (see primitives.power_of_two)."""
    return k.graph.apply("pow2", k) if isinstance(k, Symbol) else power_of_two(k)


def box(value: Any) -> Any:
    """A value as an object array, 0-d for a scalar."""
    boxed = np.empty((), dtype=object)
    if is_array(value):
        return value.astype(object)
    boxed[()] = value
    return boxed


def elementwise(function: Callable[..., Any], arrays: list[Any]) -> Any:
    """The function applied to every element of arrays, broadcast together."""
    grids = np.broadcast_arrays(*arrays)
    result = np.empty(np.broadcast(*arrays).shape, dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = function(*[g[index] for g in grids])
    return result


def positive(s: Any) -> Any:
    """Whether a sum of squares is a normal number; below that it is 0 or has underflowed."""
    return s >= limit("tiny", s)


def reciprocal(s: Any) -> Any:
    """1/s, or 0 if s is not `positive`: the direction it belongs to is then left unchanged."""
    if isinstance(s, Symbol):
        return select(positive(s), 1.0 / s, 0.0)
    return 1.0 / s if positive(s) else 0.0


def ratio(a: Any, s: Any) -> Any:
    """a/s, the share of a in a sum s of squares; 1 if s is not `positive`."""
    if isinstance(s, Symbol):
        return select(positive(s), a / s, 1.0)
    return a / s if positive(s) else 1.0


def over(s: Any) -> Any:
    """1/s for a result that a later select discards if s is not `positive`: one select less in the chain."""
    if isinstance(s, Symbol):
        return 1.0 / s
    return 1.0 / s if positive(s) else 0.0


def limit(name: str, like: Any) -> Any:
    """A limit of the float type of `like`: "tiny", the smallest normal number, or "eps" = 2 u."""
    return like.graph.limit(name) if isinstance(like, Symbol) else _LIMITS[name]
