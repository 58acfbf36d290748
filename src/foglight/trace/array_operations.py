"""The operations on whole arrays, on numbers: what each computes, and in which order it adds.

A matrix is (rows, columns, tracks), a vector a matrix of one row, a scalar (tracks,). Every backend adds in the order
that stands here, so that all give the same bits:

- `dot`, `dots` and `sum`: eight partial sums, of the terms whose number is 0, 1, ... 7 modulo 8, each in order from
  0.0; then neighbours are added, three times. That is one vector register, or two or four of a narrower machine.
- everything else: one term after the other.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace.array_measurements import conditioned, increased
from foglight.trace.array_sums import PARTIAL_SUMS, Matrix, for_all_tracks, summed, tracks_of
from foglight.trace.array_symbol import Shape, View
from foglight.trace.primitives import MASKS, RULES


def seen(matrix: Matrix, view: View) -> Matrix:
    """What a view shows of a matrix: an array of the view's shape and the tracks."""
    rows, columns = indices(view)
    found: Matrix = matrix[rows, columns]
    return found


@functools.lru_cache(maxsize=4096)
def indices(view: View) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of each entry that a view shows, in the shape of the view."""
    grids = np.indices(view.shape)
    found = []
    for axis, first in enumerate(view.start):
        moves = [grid * step[axis] for grid, step in zip(grids, view.steps, strict=True)]
        found.append(first + sum(moves, np.zeros(view.shape, np.intp)))
    return found[0], found[1]


def _matrix(array: Matrix) -> Matrix:
    """A vector as a matrix of one row."""
    return array[None] if array.ndim == 2 else array


def _pack(shape: Shape, *scalars: Any) -> Matrix:
    found = np.empty((len(scalars), max(map(np.size, scalars))), np.asarray(scalars[0]).dtype)
    for k, value in enumerate(scalars):  # to broadcast thousands of scalars takes ten times as long
        found[k] = value
    return _matrix(found.reshape(*shape, -1))


def _map(op: str, shape: Shape, *args: Any) -> Matrix:
    kind = np.result_type(*args)
    result = np.broadcast_to(RULES[op](*args), (*shape, tracks_of(*args)))
    return _matrix(result.astype(kind) if op in MASKS else result)


def _dots(A: Matrix, b: Matrix, triangular: bool, shape: Shape) -> Matrix:
    """The products of the rows of A with b. triangular: row i ends with entry i; what is behind it is not read."""
    terms = A * b
    if triangular:
        below = np.tril(np.ones(terms.shape[:2], bool))[..., None]
        terms = np.where(below, terms, terms.dtype.type(0.0))
    return _matrix(summed(terms))


def _rows(values: Matrix, B: Matrix, pattern: tuple[tuple[int, ...], ...], shape: Shape) -> Matrix:
    """Row i of a sparse matrix times B: Σ values B[columns], one after the other. pattern: the columns of each row.

    values: those there, row by row; or a matrix of which only they are read."""
    if values.ndim == 3:
        values = np.concatenate([values[i, list(columns)] for i, columns in enumerate(pattern)])
    result = np.zeros((*shape, tracks_of(values, B)), B.dtype)
    position = 0
    for i, columns in enumerate(pattern):
        for first, column in enumerate(columns):
            term = values[position] * B[column]
            result[i] = term if first == 0 else result[i] + term
            position += 1
    return result


def _times_upper(A: Matrix, U: Matrix, shape: Shape) -> Matrix:
    """A times an upper triangular matrix, one term after the other; below its diagonal its zeros count from the last
    multiple of eight on."""
    result = np.zeros((*shape, tracks_of(A, U)), U.dtype)
    for p in range(len(U)):
        first = p - p % PARTIAL_SUMS
        term = A[:, p, None] * U[p, first:]
        result[:, first:] = result[:, first:] + term if p else term
    return result


def _unpack(packed: Matrix, shape: Shape) -> Matrix:
    """The columns of U as rows, from a triangle stored column by column with D on its diagonal."""
    n = shape[0]
    result = np.zeros((n, n, packed.shape[-1]), packed.dtype)
    for j in range(n):
        result[j, :j] = packed[j * (j + 1) // 2 :][:j]
        result[j, j] = 1.0
    return result


def _unpack_rows(packed: Matrix, shape: Shape) -> Matrix:
    return np.ascontiguousarray(_unpack(packed, shape).swapaxes(0, 1))


def _pivots(packed: Matrix, shape: Shape) -> Matrix:
    """The D of a stored triangle."""
    return _matrix(packed[[j * (j + 3) // 2 for j in range(shape[0])]])


def _packed(U: Matrix, D: Matrix, shape: Shape) -> Matrix:
    """The stored triangle of U, given as its transpose, and D."""
    U, D = for_all_tracks(U, D)
    parts = [np.concatenate([U[j, :j], D[j : j + 1]]) for j in range(len(U))]
    return _matrix(np.concatenate(parts))


def _running(first: Any, terms: Matrix, shape: Shape) -> Matrix:
    """first, first + t_0, first + t_0 + t_1, ...."""
    first, terms = for_all_tracks(first, terms)
    result = np.zeros((*shape, terms.shape[-1]), terms.dtype)
    result[0] = first
    for k in range(len(terms)):
        result[k + 1] = result[k] + terms[k]
    return _matrix(result)


def _preceding(A: Matrix, shape: Shape) -> Matrix:
    """For each row, the sum of the rows before it."""
    result = np.zeros_like(A)
    for j in range(1, len(A)):
        result[j] = result[j - 1] + A[j - 1]
    return result


def _eliminate(W: Matrix, v: Matrix, s: Any, j: int, first: int) -> tuple[Matrix, Matrix]:
    """W with u_i row j subtracted from each row i < j, and u (j,) = s W[:j] v; row j is 0 before column `first`, a
    multiple of eight."""
    tracks = tracks_of(W, v, s)
    W = np.broadcast_to(W, (*W.shape[:2], tracks)).copy()
    u = summed(W[:j, first:] * v[first:]) * s
    W[:j, first:] = W[:j, first:] - u[:, None] * W[j, first:]
    return W, _matrix(u)


def _combine(
    W: Matrix, weights: Matrix, floors: Matrix | None, triangular: bool, shape: Shape
) -> tuple[Matrix, Matrix]:
    """Weighted Gram-Schmidt from the last row on: V with W = U V, whose rows are orthogonal, and below one another the
    columns of the unit upper triangular U and D = diag(V diag(w) Vᵀ).

    floors: a D below its own is 0.  triangular: row j of W is 0 before column j.
    """
    given = [W, weights] if floors is None else [W, weights, floors]
    W, weights, *below = for_all_tracks(*given)
    n, tiny = len(W), np.finfo(W.dtype).tiny
    result = np.zeros((n + 1, n, W.shape[-1]), W.dtype)
    for j in reversed(range(n)):
        v = W[j] * weights
        d = summed(v[None] * W[j])[0]
        if below:
            d = np.where(d < below[0][j], 0.0, d)
        s = np.where(d >= tiny, 1.0 / d, 0.0)
        W, u = _eliminate(W, v, s, j, (j - j % PARTIAL_SUMS) * triangular)
        result[j, :j], result[j, j], result[n, j] = u[0], 1.0, d
    return W, result


def _folded(N: Matrix, s: Matrix, n: int, shape: Shape) -> tuple[Matrix, Matrix]:
    """Of M = N + Nᵀ the triangle M_ij s_j, stored column by column, with 0 on its diagonal; and the diagonal of M."""
    N, s = for_all_tracks(N, s)
    M = N + N.swapaxes(0, 1)
    parts = [np.concatenate([M[j, :j] * s[j], np.zeros((1, s.shape[-1]), s.dtype)]) for j in range(n)]
    return _matrix(np.concatenate(parts)), _matrix(M[range(n), range(n)])


def _sweep(U: Matrix, v: Matrix, factors: Matrix, shape: Shape) -> tuple[Matrix, Matrix]:
    """Column j of U, given as its transpose, minus factor_j Σ_{l<j} v_l column l, for each j; and the whole sum U v."""
    U, v, factors = for_all_tracks(U, v, factors)
    result, found = np.zeros_like(U), np.zeros(U.shape[1:], U.dtype)
    for j in range(len(U)):
        result[j, : j + 1] = U[j, : j + 1] - factors[j] * found[: j + 1]
        found[: j + 1] = found[: j + 1] + v[j] * U[j, : j + 1]
    return result, _matrix(found)


def _swept_along(
    U: Matrix, v: Matrix, factors: Matrix, dU: Matrix, dv: Matrix, df: Matrix, shape: Shape
) -> tuple[Matrix, Matrix]:
    """The derivative of a sweep: column j is dU_j - df_j total - factor_j d total, with total = Σ_{l<j} v_l U_l and
    d total = Σ_{l<j} (dv_l U_l + v_l dU_l); and d total in the end. U and dU are given as their transposes."""
    U, v, factors, dU, dv, df = for_all_tracks(U, v, factors, dU, dv, df)
    result, total, moved = np.zeros_like(U), np.zeros_like(U[0]), np.zeros_like(U[0])
    for j in range(len(U)):
        to = j + 1
        result[j, :to] = dU[j, :to] - (df[j] * total[:to] + factors[j] * moved[:to])
        total[:to] = total[:to] + v[j] * U[j, :to]
        moved[:to] = moved[:to] + (dv[j] * U[j, :to] + v[j] * dU[j, :to])
    return result, _matrix(moved)


def _join(
    E: Matrix, H: Matrix, r: Matrix, sizes: Matrix, seen: float, equations: int, shape: Shape
) -> tuple[Matrix, Matrix]:
    """Equations with so many further ones, one after the other, by rotations: `equations.information.Equations.joined`.

    E: d, C and y of the equations, side by side.  H: the coefficients of the new ones, and their z.  r: their
    variances.  sizes: of the terms that each coefficient is a sum of, its own for one term.  seen: how far a
    coefficient must exceed its rounding.
    """
    E, H, r, sizes = for_all_tracks(E, H, r, sizes)
    n, tiny = len(E), np.finfo(E.dtype).tiny
    for h, r_h, size in zip(H, r, sizes, strict=True):
        filled = np.zeros(E.shape[-1], bool)
        for j in range(n):
            d, row, rest = E[j, 0], E[j, j + 2 :], h[j + 1 :]
            h_j = np.where(filled | ~(np.abs(h[j]) > size[j] * seen), 0.0, h[j])
            square = h_j * h_j
            s = r_h + square * d
            kept = np.where(s >= tiny, r_h / s, 1.0)
            given = h_j * d * np.where(s >= tiny, 1.0 / s, 0.0)
            empty, inverse = E[j, j + 1] == 0.0, np.where(square >= tiny, 1.0 / square, 0.0)
            found = (square >= tiny) & (r_h * inverse * tiny < 1.0)
            new_d = np.where(empty, np.where(found, r_h * inverse, 1.0), kept * d)
            kept = np.where(empty, np.where(found, 0.0, 1.0), kept)
            given = np.where(empty, np.where(found, h_j * inverse, 0.0), given)
            term = h_j * row
            moves = h_j != 0.0
            size[j + 1 :] = np.where(moves, size[j + 1 :] + np.abs(term), size[j + 1 :])
            E[j, 0] = np.where(moves, new_d, d)
            E[j, j + 1] = np.where(moves & empty & found, 1.0, E[j, j + 1])
            E[j, j + 2 :] = np.where(moves, kept * row + given * rest, row)
            h[j + 1 :] = np.where(moves, rest - term, rest)
            r_h = np.where(moves, s, r_h)
            filled = filled | (moves & empty & found)
    return E, H


def _inverse(C: Matrix, shape: Shape) -> Matrix:
    """C⁻¹ of a unit upper triangular C, whose diagonal is not read."""
    result = np.zeros_like(C)
    for i in reversed(range(len(C))):
        result[i, i] = 1.0
        for k in range(i + 1, len(C)):
            result[i, k:] = result[i, k:] - C[i, k] * result[k, k:]
    return result


def _substitute(U: Matrix, b: Matrix, shape: Shape) -> Matrix:
    """U⁻¹ b for a unit upper triangular U, given as its transpose, whose diagonal is not read; b is a vector or, by
    rows, several of them. Multiples of the last row are subtracted first."""
    U, b = for_all_tracks(U, b)
    for k in reversed(range(1, len(U))):
        b[:k] = b[:k] - U[k, :k].reshape(k, *[1] * (b.ndim - 2), -1) * b[k]
    return _matrix(b)


def _squares(U: Matrix, D: Matrix, shape: Shape) -> Matrix:
    """The diagonal of U D Uᵀ; U is given as its transpose."""
    found = np.zeros((*shape, tracks_of(U, D)), U.dtype)
    for j in range(len(U)):
        found[: j + 1] = found[: j + 1] + D[j] * (U[j, : j + 1] * U[j, : j + 1])
    return _matrix(found)


def _put(view: View, matrix: Matrix, part: Any) -> Matrix:
    result = np.broadcast_to(matrix, (*matrix.shape[:2], tracks_of(matrix, part))).copy()
    result[indices(view)] = part
    return result


def _filled(value: str, shape: Shape) -> Matrix:
    return _matrix(np.eye(shape[0])[..., None] if value == "unit" else np.full((*shape, 1), 0.0))


# The value of a node, then its arguments: matrices, views of matrices (of the view's shape), scalars.
ARRAY_RULES: dict[str, Callable[..., Any]] = {
    "view": lambda static, matrix: seen(matrix, static),
    "item": lambda static, matrix: matrix[static],
    "put": _put,
    "pack": lambda static, *args: _pack(static[0], *args),
    "filled": lambda static: _filled(*static),
    "map": lambda static, *args: _map(*static, *args),
    "dot": lambda static, a, b: summed((a * b)[None])[0],
    "sum": lambda static, a: summed(a[None])[0],
    "dots": lambda static, A, b: _dots(A, b, *static),
    "flat": lambda static, A: A.reshape(1, -1, A.shape[-1]),
    "rows": lambda static, values, B: _rows(values, B, *static),
    "times_upper": lambda static, A, U: _times_upper(A, U, *static),
    "copy": lambda static, A: _matrix(A),
    "unpack": lambda static, packed: _unpack(packed, *static),
    "unpack_rows": lambda static, packed: _unpack_rows(packed, *static),
    "pivots": lambda static, packed: _pivots(packed, *static),
    "packed": lambda static, U, D: _packed(U, D, *static),
    "running": lambda static, first, terms: _running(first, terms, *static),
    "preceding": lambda static, A: _preceding(A, *static),
    "combine": lambda static, W, w, *floors: _combine(W, w, floors[0] if floors else None, *static),
    "sweep": lambda static, U, v, factors: _sweep(U, v, factors, *static),
    "conditioned": lambda static, U, D, H, s, *mean: conditioned(U, D, H, s, mean, *static),
    "increased": lambda static, *args: increased(*args, *static),
    "folded": lambda static, N, s: _folded(N, s, *static),
    "swept_along": lambda static, *args: _swept_along(*args, *static),
    "join": lambda static, E, H, r, sizes: _join(E, H, r, sizes, *static),
    "inverse": lambda static, C: _inverse(C, *static),
    "substitute": lambda static, U, b: _substitute(U, b, *static),
    "first": lambda static, both: both[0],
    "second": lambda static, both: both[1],
    "squares": lambda static, U, D: _squares(U, D, *static),
}  # fmt: skip
