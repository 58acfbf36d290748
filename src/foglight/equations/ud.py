"""Gaussians as factors P = U D Uᵀ: all the algebra is built from two primitives.

`combine` computes the factor of a sum of squares (prediction, sigma points, innovation covariance, smoothing);
`condition` processes one scalar measurement (linear and linearised updates). Neither ever subtracts
covariances, so P always stays symmetric and positive semidefinite. U (n, n) is unit upper triangular, D (n,) >= 0.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from foglight.trace import array_functions
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import (
    any_of,
    below,
    conditioned,
    divided,
    known_zero,
    limit,
    maximum,
    negated,
    over,
    positive,
    product,
    reciprocal,
    running,
    select,
    squares,
    sweep,
    total,
    triangle,
    unit,
    with_diagonal,
    zeros,
)

# The minor form costs n³ per measurement: above this number of states only a directly measured state uses it.
BIERMAN_ABOVE = 8
SPLIT_WHOLE_ABOVE = 8  # rows of a covariance on whole arrays: a smaller one is factored entry by entry


def combine(
    columns: NDArray[Any],
    weights: NDArray[Any],
    floors: dict[int, Any] | None = None,
    triangular: bool = False,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The factor U, D of C diag(w) Cᵀ by weighted Gram–Schmidt, last row first.

    columns (n, k), weights (k,) >= 0.  Bierman 1977, §VI.4, eqs. 4.9–4.14 (Thornton's time update).
    triangular: whether row j has zeros before column j, which stay zeros and need no work.
    A row without weight gives D = 0 and a zero column of U, exactly; so does one whose D is below its floor.
    """
    n, whole = len(columns), cast(Any, columns)
    if isinstance(whole, ArraySymbol):
        least = [floors.get(j, 0.0) for j in range(n)] if floors else None
        found: tuple[Any, Any] = array_functions.combine(whole, weights, least, triangular)
        return found
    W = columns.copy()
    U, D = unit(n, W), zeros(n, W)
    for j in reversed(range(n)):
        v = W[j] * weights
        D[j] = product(v, W[j])
        if floors and j in floors:
            D[j] = select(D[j] < floors[j], 0.0, D[j])
        if j:
            s = reciprocal(D[j])
            u = product(W[:j], v) * s
            W[:j] -= np.outer(u, W[j])
            U[:j, j] = u
    return U, D


def condition(
    x: NDArray[Any],
    U: NDArray[Any],
    D: NDArray[Any],
    h: NDArray[Any],
    r: Any,
    e: Any,
    used: Any = True,
    floor: Any = 0.0,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], Any, NDArray[Any]]:
    """Condition N(x, U D Uᵀ) on a scalar measurement z = h·x + v, v ~ N(0, r), with innovation e = z - h·x.

    h (n,), r >= 0. Returns x, U, D of p(x | z), S, the variance of e, and k (n,), the gain. Where `used` does
    not hold, r must be 1 and e 0: then v = 0, every a is 1, and x, U, D are returned unchanged, to the bit.
    An S below `floor` (see rounding_floor) is only rounding: it is returned as 0, and x, U, D unchanged.
    D as in Bierman 1977, §V.3, eq. 3.14–3.19. U in the minor form: the cancellation is confined to the minors
    U_ij f_l - f_j U_il, which are exactly 0 where h picks one state, so that a direct measurement is exact
    to rounding at any r. With many states only the row of a directly measured state uses this form: it is the
    one in which the cancellation matters, and the others cost n instead of n² each.
    """
    n = len(x)
    f = product(h, U)
    v = select(used, D * f, zeros(n, D))
    a = running(r, f * v)
    least = limit("tiny", r) if known_zero(floor) else maximum(floor, limit("tiny", r))
    empty = below(a, least)
    S = select(empty[n], 0.0, a[n])
    # Where a_j is 0 or has underflowed, the gain is 0: U and D stay unchanged.
    D_new = select(empty[1:], D, D * divided(a[:-1], a[1:]))
    if n <= BIERMAN_ABOVE:
        k, U_new = product(U, v) * reciprocal(S), _with_minors(U, f, v, a, empty)
    else:
        U_new, k = sweep(U, v, select(empty[:-1], 0.0, divided(f, a[:-1])))
        k = k * reciprocal(S)
        measured = [i for i in range(n) if not known_zero(h[i])]
        if len(measured) == 1:
            i = measured[0]  # its minors are 0
            row = divided(U[i, i + 1 :] * a[i], a[i + 1 : n])
            U_new[i, i + 1 :] = select(empty[i + 1 : n], U[i, i + 1 :], row)
    return x + k * e, U_new, D_new, S, k


def condition_all(
    x: NDArray[Any],
    U: NDArray[Any],
    D: NDArray[Any],
    H: NDArray[Any],
    w: NDArray[Any],
    z: NDArray[Any],
    echelon: int = 0,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """x, U, D of N(x, U D Uᵀ) conditioned on h·x = z + N(0, 1/w) for each row h of H (m, n), one after the other.

    `condition` with weights w (m,) >= 0 in place of variances: one of 0 says nothing, and no a is less than 1.
    echelon: 1 if row i of H has zeros before entry i, which need no work; -1 if row i from the last one on has.
    """
    columns, D, x = conditioned(U.T, D, H, w, (x, z), echelon)
    return x, triangle(columns), D


def _with_minors(
    U: NDArray[Any], f: NDArray[Any], v: NDArray[Any], a: NDArray[Any], empty: NDArray[Any]
) -> NDArray[Any]:
    """The new U in the minor form: U_ij a_j' = U_ij a_i' + Σ_{i<=l<j} v_l (U_ij f_l - f_j U_il), a' = a before j."""
    U_new = U.copy()
    for j in range(len(U)):
        column = U[:j, j].copy()
        for i in range(j):
            minors = U[i, j] * f[i:j] - f[j] * U[i, i:j]
            column[i] = total([U[i, j] * a[i], *(v[i:j] * minors)]) * over(a[j])
        U_new[:j, j] = select(empty[j], U[:j, j], column)
    return U_new


def spread_of(H: NDArray[Any] | list[Any], U: NDArray[Any], D: NDArray[Any]) -> list[Any]:
    """Σ_i h_i² P_ii of each row h of H (m, n): the variance of h·x if the states were uncorrelated.

    0 for a row that picks one state: it adds no terms, so none of its variance is rounding.
    """
    variances = squares(U, D)
    return [0.0 if picks_one(h) else total(h * h * variances) for h in H]


def picks_one(h: NDArray[Any]) -> bool:
    """Whether h (n,) is known to pick one state."""
    return sum(not known_zero(h_i) for h_i in h) == 1


def rounding_floor(spread: Any, r: Any, n: int) -> Any:
    """The variance of h·x that rounding alone can produce where the states cancel: (n eps)² Σ h_i² P_ii.

    Each f_j = h·U_j is a sum of n products, accurate to n u of its terms: after a measurement with R = 0, the same
    measurement again has an S of 1e-32 instead of 0. The floor is 0 where the noise r is more than a millionth of it:
    there the error from rounding is no larger than that of the measurement.
    """
    floor = spread * (n * limit("eps", spread)) ** 2
    return 0.0 if known_zero(floor) else select(r > floor * 2.0**-20, 0.0, floor)


def split(A: NDArray[Any], given: bool = False) -> tuple[NDArray[Any], NDArray[Any], Any]:
    """The factor L, d of a covariance A = L diag(d) Lᵀ in fixed order, and whether A is not a covariance.

    given: A comes from the user, and need not be a covariance. What is left in the column of a zero pivot is then
    checked, too: a variance of 0 allows no covariance.

    L (n, n) is unit lower triangular. A pivot within 4 n u of its own diagonal counts as 0 (the rank is
    lower), and its column is left out. A pivot that is more negative than rounding can explain means indefinite;
    the rounding is 4 n u of each diagonal, propagated through the elimination as the matrix itself is. For matrices
    known only inside a step: a constant one is factored beforehand with pivoting, which loses less.
    """
    n, whole = len(A), cast(Any, A)
    if isinstance(whole, ArraySymbol) and n > SPLIT_WHOLE_ABOVE:
        found: tuple[Any, Any, Any] = _split_columns(whole, given)
        return found
    A = A.copy()
    diagonal = list(A.diagonal())
    L, d = unit(n, A), np.full(n, 0.0, A.dtype)
    noise = [2.0 * n * limit("eps", v) * v for v in diagonal]
    bad: Any = False
    for j in range(n):
        d[j] = A[j, j]
        if d[j] is diagonal[j]:  # unchanged, as in any diagonal matrix: no rounding to allow for
            bad = bad | (d[j] < 0.0)
            kept = positive(d[j])
        else:
            bad = bad | (d[j] < -noise[j])
            kept = d[j] > 2.0 * n * limit("eps", d[j]) * diagonal[j]
            d[j] = select(kept, d[j], 0.0)
        if given:
            for i in range(j + 1, n):
                if not known_zero(A[i, j]):
                    bad = bad | (negated(kept) & (A[i, j] * A[i, j] > 4.0 * noise[j] * diagonal[i]))
        inverse = reciprocal(d[j])
        for i in range(j + 1, n):
            L[i, j] = A[i, j] * inverse
            noise[i] = noise[i] + L[i, j] * L[i, j] * noise[j]
        for i in range(j + 1, n):
            A[i, j + 1 : i + 1] -= L[i, j] * A[j + 1 : i + 1, j]
    return L, d, bad


def _split_columns(A: ArraySymbol, given: bool = False) -> tuple[Any, Any, Any]:
    """`split` of an array as a whole, one column at a time."""
    n, eps, bad = len(A), limit("eps", A), False
    A, diagonal = A.copy(), A.diagonal()
    L, d = with_diagonal(zeros((n, n), A), zeros(n, A) + 1.0), zeros(n, A)
    noise = (2.0 * n * eps) * diagonal
    for j in range(n):
        bad = bad | (A[j, j] < (-noise[j] if j else 0.0))
        kept = A[j, j] > 2.0 * n * eps * diagonal[j] if j else positive(A[j, j])
        d[j] = select(kept, A[j, j], 0.0)
        if j + 1 < n:
            rest = slice(j + 1, n)
            under = A[rest, j]
            column = under * reciprocal(d[j])
            if given:
                stray = any_of(under * under > (4.0 * noise[j]) * diagonal[rest])
                bad = bad | (negated(kept) & stray)
            L[rest, j] = column
            noise[rest] = noise[rest] + column * column * noise[j]
            A[rest, rest] = A[rest, rest] - np.outer(column, under)
    return L, d, bad


def factor_of(P: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """U, D of a covariance that a filter has computed."""
    return combine(*(_split_columns(P) if isinstance(P, ArraySymbol) else split(P))[:2])


def whiten(L: NDArray[Any], B: NDArray[Any]) -> NDArray[Any]:
    """L⁻¹ B for a unit lower triangular L, by substitution; B (n,) or (n, k)."""
    B = B.copy()
    for i in range(1, len(B)):
        if not all(map(known_zero, L[i, :i])):
            B[i] = B[i] - product(L[i, :i], B[:i])
    return B


def solve_upper(U: Any, b: Any) -> Any:
    """U⁻¹ b for a unit upper triangular U, by back substitution; b (n,) or (n, k)."""
    if isinstance(b, ArraySymbol):
        return array_functions.substituted(U, b)
    if b.ndim == 2:
        return np.array([solve_upper(U, column) for column in b.T], b.dtype).reshape(b.T.shape).T
    b = b.copy()
    for i in reversed(range(len(b) - 1)):
        b[i] = b[i] - product(U[i, i + 1 :], b[i + 1 :])
    return b


def inverse(U: NDArray[Any]) -> NDArray[Any]:
    """U⁻¹ for a unit upper triangular U: again unit upper triangular."""
    inverted: NDArray[Any] = solve_upper(U, unit(len(U), U))
    return inverted


def covariance(U: NDArray[Any], D: NDArray[Any]) -> NDArray[Any]:
    """P = U D Uᵀ, computed above the diagonal and copied: symmetric to the bit, its diagonal never negative."""
    n = len(D)
    if n > BIERMAN_ABOVE and U.dtype != object:
        whole: NDArray[Any] = (U * D) @ U.T
        return np.where(np.tri(n, k=-1, dtype=bool), whole.T, whole)
    P = np.full((n, n), 0.0, U.dtype)
    for j in range(n):
        for i in range(j + 1):
            P[i, j] = P[j, i] = product(U[i, j:] * D[j:], U[j, j:])
    return P


def covariances(columns: NDArray[Any], D: NDArray[Any]) -> NDArray[Any]:
    """The same for many factors side by side, P (n, n, rows), with the bits of symbols. columns (n, n, rows): the
    transpose of each U; D (n, rows)."""
    P = np.empty_like(columns)
    weighted = columns * D[:, None]
    for j in range(len(D)):
        P[j, : j + 1] = P[: j + 1, j] = total(list(weighted[j:, : j + 1] * columns[j:, j, None]))
    return P


def variance(row: Sequence[Any], D: Sequence[Any]) -> Any:
    """One entry of the diagonal of P alone, with the same bits: a row of U from its 1 on, and D from there on."""
    return total([u * d * u for u, d in zip(row, D, strict=True)])


def weighted_squares(columns: NDArray[Any], weights: NDArray[Any]) -> list[Any]:
    """The diagonal of C diag(w) Cᵀ."""
    return [total(row * row * weights) for row in columns]
