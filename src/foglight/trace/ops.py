"""Operations on scalars for symbols and floats alike: select, pairwise sums, square roots, reciprocals.

Equations are written with these, so that the same code runs on floats and is traced on symbols.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace import array_functions, array_symbol, scalars
from foglight.trace.array_symbol import ArraySymbol, mapped, symbols_in
from foglight.trace.primitives import biased_exponent, looked_up, power_of_two
from foglight.trace.symbol import Symbol, is_array

EPS = float(np.finfo(np.float64).eps)
_LIMITS = {"tiny": float(np.finfo(np.float64).tiny), "eps": EPS}


def known_zero(value: Any) -> bool:
    """Whether a value is known to be 0 while tracing, so that it folds away."""
    if isinstance(value, ArraySymbol):
        return array_symbol.known_zero(value)
    return scalars.known_zero(value)


def select(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b: on symbols a node (one per element of arrays), on floats np.where."""
    if any(isinstance(value, ArraySymbol) for value in (mask, a, b)):
        return mapped("select", mask, a, b) if not isinstance(mask, (bool, np.bool_)) else (a if mask else b)
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


def select_each(mask: Any, a: Any, b: Any) -> Any:
    """`select` of each of two sequences of scalars: an array if one of them is an array as a whole, else a list."""
    if isinstance(a, ArraySymbol) or isinstance(b, ArraySymbol):
        return select(mask, joined(a), joined(b))
    return [select(mask, x, y) for x, y in zip(a, b, strict=True)]


def lookup(index: Any, values: Sequence[Any]) -> Any:
    """The value whose number is the whole part of `index` (see primitives.looked_up)."""
    if isinstance(index, ArraySymbol):
        return mapped("lookup", index, *values)
    return (
        index.graph.apply("lookup", index, *values)
        if isinstance(index, Symbol)
        else looked_up(index, *values)
    )


def below(a: Any, limit: Any) -> Any:
    """Which entries of a vector are below a limit."""
    if isinstance(a, ArraySymbol) or a.dtype != object:
        return a < limit
    return elementwise(lambda value, bound: value < bound, [a, box(limit)])


def negated(mask: Any) -> Any:
    """The mask that holds where this one does not."""
    return np.logical_not(mask)


def total(terms: Any) -> Any:
    """The pairwise sum of scalars, neighbours first: short chains, and an order that depends only on positions.

    A known zero keeps its position. If it were dropped, or if known terms were summed first, a model whose F
    has an exact 1 (which folds away) would be summed in another order than the same model in other units.
    """
    if isinstance(terms, ArraySymbol):
        return array_functions.total(terms)
    return scalars.pairwise(list(terms))


def product(a: Any, b: Any, lower: bool = False) -> Any:
    """a @ b for vectors and matrices: NumPy's on floats; on symbols each entry is a `total`, on arrays of them see
    `array_functions.product`. lower: whether a has zeros behind its diagonal, which need no work."""
    if isinstance(a, ArraySymbol) or isinstance(b, ArraySymbol):
        return array_functions.product(a, b, lower)
    if a.dtype != object and b.dtype != object:
        return a @ b
    rows, columns = np.atleast_2d(a), np.atleast_2d(b.T)
    result = np.empty((len(rows), len(columns)), dtype=object)
    for i, j in np.ndindex(result.shape):
        result[i, j] = total([x * y for x, y in zip(rows[i], columns[j], strict=True)])
    return result.reshape(a.shape[:-1] + b.shape[1:])[()]


def zeros(shape: int | tuple[int, ...], like: Any) -> Any:
    """Zeros in the type of an array."""
    if isinstance(like, ArraySymbol):
        return array_functions.filled(like.graph, "zero", (shape,) if isinstance(shape, int) else shape)
    return np.full(shape, 0.0, like.dtype)


def all_constants(A: Any) -> bool:
    """Whether a matrix of scalars has only constants."""
    return not isinstance(A, ArraySymbol) and array_functions.all_constants(A)


def in_type_of(like: Any, value: NDArray[Any]) -> Any:
    """An array of scalars, as a whole if `like` is one."""
    return array_symbol.lifted(like.graph, value) if isinstance(like, ArraySymbol) else value


def dense(A: Any, like: Any) -> Any:
    """A matrix of scalars, as a whole if `like` is one and most entries are not known."""
    if not isinstance(like, ArraySymbol) or isinstance(A, ArraySymbol):
        return A
    return array_symbol.lifted(like.graph, A) if array_functions.mostly_symbols(A) else A


def joined(*parts: Any) -> Any:
    """Vectors, sequences of scalars and matrices row by row, one after the other: an array if one of them is an array
    as a whole."""
    graph = symbols_in(*parts)
    if graph is not None:
        arrays = [array_symbol.lifted(graph, part) for part in parts if len(part)]
        return arrays[0] if len(arrays) == 1 else array_symbol.in_a_row(graph, arrays)
    flat = (part.ravel() if isinstance(part, np.ndarray) else part for part in parts)
    return [value for part in flat for value in part]


def unit(n: int, like: Any) -> Any:
    """The unit matrix in the type of an array; a whole array is stored by columns."""
    if isinstance(like, ArraySymbol):
        return array_functions.unit(n, like.graph)
    U = np.full((n, n), 0.0, like.dtype)
    U[np.diag_indices(n)] = 1.0
    return U


def with_diagonal(A: Any, diagonal: Any) -> Any:
    """A matrix with another diagonal."""
    if isinstance(A, ArraySymbol):
        return array_functions.with_diagonal(A, diagonal)
    A = A.copy()
    A[np.diag_indices(len(A))] = diagonal
    return A


def squares(U: Any, D: Any) -> Any:
    """The diagonal of U diag(D) Uᵀ for an upper triangular U."""
    if isinstance(U, ArraySymbol):
        return array_functions.squares(U, D)
    return np.array([total(list(U[i, i:] * U[i, i:] * D[i:])) for i in range(len(D))], U.dtype)


def running(first: Any, terms: Any) -> Any:
    """The sums first, first + t_0, first + t_0 + t_1, ...: one more than there are terms."""
    if isinstance(terms, ArraySymbol):
        return array_functions.running(first, terms)
    sums = [first]
    for term in terms:
        sums.append(sums[-1] + term)
    return np.array(sums, terms.dtype)


def row_sums(A: Any) -> Any:
    """The sum of each row of a matrix."""
    return array_functions.row_sums(A) if isinstance(A, ArraySymbol) else A.sum(axis=1)


def preceding(A: Any) -> Any:
    """For each row of a matrix, the sum of the rows before it."""
    if isinstance(A, ArraySymbol):
        return array_functions.preceding(A)
    sums = np.full(A.shape, 0.0, A.dtype)
    for j in range(1, len(A)):
        sums[j] = sums[j - 1] + A[j - 1]
    return sums


def sweep(U: Any, v: Any, factors: Any) -> tuple[Any, Any]:
    """Column j of an upper triangular U minus factor_j times Σ_{l<j} v_l column l, for each j; and U v."""
    if isinstance(U, ArraySymbol):
        return array_functions.sweep(U, v, factors)
    swept, found = U.copy(), np.full(len(U), 0.0, U.dtype)
    for j in range(len(U)):
        swept[: j + 1, j] = U[: j + 1, j] - factors[j] * found[: j + 1]
        found[: j + 1] = found[: j + 1] + v[j] * U[: j + 1, j]
    return swept, found


def conditioned(
    rows: Any, D: Any, H: Any, s: Any, mean: tuple[Any, Any] | None = None, echelon: int = 0
) -> tuple[Any, Any, Any]:
    """A Gaussian conditioned on h·x = z + N(0, 1/s) for each row h of H, one after the other: see `ud.condition_all`.

    rows (n, k): the columns of its U, of which each may begin with k - n further entries that are swept with it.
    mean: x and z; None if only the covariance is of interest, and then None is returned for x.
    echelon: 1 if row i of H has zeros before entry i + k - n, which need no work; -1 if row i from the last one on has.
    """
    if isinstance(rows, ArraySymbol):
        return array_functions.conditioned(rows, D, H, s, mean, echelon)
    x = None if mean is None else mean[0]
    for number, (h, weight) in enumerate(zip(H, s, strict=True)):
        f = product(rows, h)
        v = D * weight * f
        a = running(1.0, f * v)
        sums, swept = np.full(len(h), 0.0, rows.dtype), []
        for row, factor, share in zip(rows, f / a[:-1], v, strict=True):
            swept.append(row - factor * sums)
            sums = sums + share * row
        rows, D = np.array(swept), D * (a[:-1] / a[1:])
        if mean is not None:
            x = x + sums * ((mean[1][number] - product(h, x)) / a[-1])
    return rows, D, x


def increased(rows: Any, D: Any, H: Any, w: Any) -> tuple[Any, Any]:
    """The factor of U D Uᵀ + Hᵀ diag(w) H for w >= 0. rows (n, k): the columns of U, which may begin with k - n
    further entries, as the rows of H (m, k) do.

    Each row h of H meets the columns of U from the last one on, whose entry on the diagonal is 1. There h has p:

        d' = d + w p²,   column ← (d/d') column + (w p/d') h,   h ← h - p column,   w ← (d/d') w,   d ← d'

    Nothing is lost where d' is much more than d, since the column is not made from what is left of h. This is a fast
    Givens rotation: Gentleman 1973.
    """
    if isinstance(rows, ArraySymbol):
        return array_functions.increased(rows, D, H, w)
    rows, D, H, w = (a.copy() for a in (rows, D, H, w))
    for j in reversed(range(len(rows))):
        to = j + rows.shape[1] - len(rows)
        for b in range(len(H)):
            p, row, column = H[b, to], rows[j, :to].copy(), H[b, :to].copy()
            after = D[j] + w[b] * p * p
            kept, given = ratio(D[j], after), w[b] * p * reciprocal(after)
            rows[j, :to], H[b, :to] = kept * row + given * column, column - p * row
            w[b], D[j] = w[b] * kept, after
    return rows, D


def triangle(columns: Any) -> Any:
    """The upper triangular matrix with these columns, one a row."""
    return array_functions.triangle(columns) if isinstance(columns, ArraySymbol) else columns.T


def all_finite(values: Sequence[Any] | NDArray[Any]) -> Any:
    """Whether all values are finite: their sum is finite then, unless it overflows."""
    return absolute(total(values)) < np.inf


def any_of(masks: Sequence[Any]) -> Any:
    """Whether any of these masks holds; False for none."""
    if isinstance(masks, ArraySymbol):
        return total(masks) > 0.0
    return functools.reduce(lambda a, b: a | b, masks) if len(masks) else False


def any_in_rows(masks: Any) -> Any:
    """For each row of masks, whether any of them holds."""
    if isinstance(masks, ArraySymbol) or masks.dtype != object:
        return row_sums(masks) > 0.0
    return np.array([any_of(list(row)) for row in masks], masks.dtype)


def minimum(a: Any, b: Any) -> Any:
    """The smaller value; NaN if either is NaN."""
    return select((a < b) | (a != a), a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger value; NaN if either is NaN."""
    return select((b < a) | (a != a), a, b)


def unary(op: str, fallback: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one scalar: a node for a Symbol, else `fallback`."""

    def function(x: Any) -> Any:
        if isinstance(x, ArraySymbol):
            return mapped(op, x)
        return x.graph.apply(op, x) if isinstance(x, Symbol) else fallback(x)

    return function


sqrt = unary("sqrt", np.sqrt)
floor = unary("floor", np.floor)
rint = unary("rint", np.rint)
absolute = unary("abs", np.abs)


def binary(op: str, fallback: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two scalars: a node if either is a Symbol, else `fallback`."""

    def function(a: Any, b: Any) -> Any:
        if isinstance(a, ArraySymbol) or isinstance(b, ArraySymbol):
            return mapped(op, a, b)
        for value in (a, b):
            if isinstance(value, Symbol):
                return value.graph.apply(op, a, b)
        return fallback(a, b)

    return function


copysign = binary("copysign", np.copysign)


def exponent(x: Any) -> Any:
    """The exponent field minus its bias, as a number (see primitives.biased_exponent)."""
    if isinstance(x, ArraySymbol):
        return mapped("exponent", x)
    return x.graph.apply("exponent", x) if isinstance(x, Symbol) else biased_exponent(x)


def pow2(k: Any) -> Any:
    """2**k for a whole number k in the normal range (see primitives.power_of_two)."""
    if isinstance(k, ArraySymbol):
        return mapped("pow2", k)
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


def entrywise(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of scalars for each entry of arrays, broadcast together; at once on floats and on whole arrays."""
    if symbols_in(*arrays) is not None:
        return function(*arrays)
    if any(array.dtype == object for array in arrays):
        return elementwise(function, [box(array) for array in arrays])
    return np.array(np.broadcast_to(function(*arrays), np.broadcast(*arrays).shape))


def positive(s: Any) -> Any:
    """Whether a sum of squares is a normal number; below that it is 0 or has underflowed."""
    return s >= limit("tiny", s)


def reciprocal(s: Any) -> Any:
    """1/s, or 0 if s is not `positive`: the direction it belongs to is then left unchanged."""
    if isinstance(s, (Symbol, ArraySymbol)):
        return select(positive(s), 1.0 / s, 0.0)
    if is_array(s):
        return np.divide(1.0, s, out=np.zeros(s.shape), where=positive(s))
    return 1.0 / s if positive(s) else 0.0


def ratio(a: Any, s: Any) -> Any:
    """a/s, the share of a in a sum s of squares; 1 if s is not `positive`."""
    if isinstance(s, Symbol):
        return select(positive(s), a / s, 1.0)
    return a / s if positive(s) else 1.0


def over(s: Any) -> Any:
    """1/s for a result that a later select discards if s is not `positive`: one select less in the chain."""
    if isinstance(s, Symbol) and s.op == "const":
        return over(s.value)
    if isinstance(s, (Symbol, ArraySymbol)):
        return 1.0 / s
    return 1.0 / s if positive(s) else 0.0


def divided(a: Any, s: Any) -> Any:
    """a times `over(s)`, entry by entry."""
    if isinstance(a, ArraySymbol) or isinstance(s, ArraySymbol):
        return a * over(s)
    if a.dtype == object or s.dtype == object:
        return elementwise(lambda x, y: x * over(y), [a, s])
    return a * reciprocal(s)


def limit(name: str, like: Any) -> Any:
    """A limit of the float type of `like`: "tiny", the smallest normal number, or "eps" = 2 u."""
    if is_array(like) and like.dtype == object and not isinstance(like, ArraySymbol):
        like = next((v for v in like.ravel() if isinstance(v, Symbol)), 0.0)
    return like.graph.limit(name) if isinstance(like, (Symbol, ArraySymbol)) else _LIMITS[name]
