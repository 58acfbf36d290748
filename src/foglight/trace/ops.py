"""Operations on scalars that serve symbols and floats alike: select, sums in pairs, square roots, reciprocals.

Equations are written with these, so that one text runs on floats and is traced on symbols.
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
    """Whether a value is 0 already while tracing, and folds away."""
    if isinstance(value, Symbol):
        return bool(value.op == "const" and value.value == 0.0)
    return bool(value == 0.0)


def select(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b: on symbols a node (one an element of arrays), on floats np.where."""
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
    """Where the mask does not hold."""
    return np.logical_not(mask)


def total(terms: Sequence[Any]) -> Any:
    """The sum of scalars, neighbours first, in pairs: short chains, and an order that only positions decide.

    A known zero keeps its place. Were it dropped, or were the order that of what is known first, a model whose
    F holds an exact 1 (which folds away) would be summed in another order than the same model in other units.
    """
    left = list(terms)
    if not left:
        return 0.0
    while len(left) > 1:
        pairs = [left[i] + left[i + 1] for i in range(0, len(left) - 1, 2)]
        left = pairs + left[len(left) - len(left) % 2 :]
    return left[0]


def product(a: NDArray[Any], b: NDArray[Any]) -> Any:
    """a @ b for vectors and matrices: NumPy's on floats, and on symbols each entry a `total`."""
    if a.dtype != object and b.dtype != object:
        return a @ b
    rows, columns = np.atleast_2d(a), np.atleast_2d(b.T)
    result = np.empty((len(rows), len(columns)), dtype=object)
    for i, j in np.ndindex(result.shape):
        result[i, j] = total([x * y for x, y in zip(rows[i], columns[j], strict=True)])
    return result.reshape(a.shape[:-1] + b.shape[1:])[()]


def all_finite(values: Sequence[Any]) -> Any:
    """Whether all values are finite: then so is their sum, short of overflow."""
    return absolute(total(values)) < np.inf


def any_of(masks: Sequence[Any]) -> Any:
    """Whether any of these masks holds."""
    return functools.reduce(lambda a, b: a | b, masks)


def minimum(a: Any, b: Any) -> Any:
    """The smaller; NaN if either is."""
    return select((a < b) | (a != a), a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger; NaN if either is."""
    return select((b < a) | (a != a), a, b)


def unary(op: str, fallback: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one scalar: a node on a Symbol, else NumPy's."""

    def function(x: Any) -> Any:
        return x.graph.apply(op, x) if isinstance(x, Symbol) else fallback(x)

    return function


sqrt = unary("sqrt", np.sqrt)

floor = unary("floor", np.floor)

rint = unary("rint", np.rint)

absolute = unary("abs", np.abs)


def binary(op: str, fallback: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two scalars: a node if either is a Symbol, else NumPy's."""

    def function(a: Any, b: Any) -> Any:
        for value in (a, b):
            if isinstance(value, Symbol):
                return value.graph.apply(op, a, b)
        return fallback(a, b)

    return function


copysign = binary("copysign", np.copysign)


def exponent(x: Any) -> Any:
    """The exponent field less its bias, as a number (see primitives.biased_exponent)."""
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
    """The function on every element of arrays that are broadcast together."""
    grids = np.broadcast_arrays(*arrays)
    result = np.empty(np.broadcast(*arrays).shape, dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = function(*[g[index] for g in grids])
    return result


def positive(s: Any) -> Any:
    """Whether a sum of squares is a normal number; below that it is 0 or underflowed, and carries nothing."""
    return s >= limit("tiny", s)


def reciprocal(s: Any) -> Any:
    """1/s, or 0 for an s that carries nothing: the direction it belongs to is then left alone."""
    if isinstance(s, Symbol):
        return select(positive(s), 1.0 / s, 0.0)
    return 1.0 / s if positive(s) else 0.0


def over(s: Any) -> Any:
    """1/s for a result that a select leaves out where s carries nothing: one select less in the chain."""
    if isinstance(s, Symbol):
        return 1.0 / s
    return 1.0 / s if positive(s) else 0.0


def limit(name: str, like: Any) -> Any:
    """A limit of the float type of `like`: "tiny", the smallest normal number, or "eps" = 2 u."""
    return like.graph.limit(name) if isinstance(like, Symbol) else _LIMITS[name]
