"""Factor a covariance given in full, once and outside the step: Q = G diag(v) Gᵀ, or an error that names the entry.

The method is LDLᵀ with diagonal pivoting (Higham 2002, §10.3, for semidefinite matrices), after each state's unit has
been scaled by a power of two. Neither the digits of the factor nor the decision to refuse a matrix depend on units.
With u the unit roundoff, a pivot of at most 4 n u counts as zero and lowers the rank; a remainder of more than 4 n² u
cannot be rounding, so the matrix is indefinite. The arithmetic is double-double, because a pivot is a small difference
of large numbers where states are strongly correlated.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.equations.gaussian import Factored
from foglight.model import small_covariance
from foglight.model.double_double import DoubleDouble
from foglight.model.returned import covariance_hint

U = 2.0**-53
FEW = 32  # components: of covariances up to these, and of larger ones, so many are kept
KEPT, KEPT_LARGE = 128, 8
ASYMMETRY = 1e-10  # relative; enough for the rounding of sums taken in another order


def factor_covariance(P: Any, field: str = "P") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """G (n, r) and variances (r,) with P = G diag(variances) Gᵀ, r the rank of P.

    P (n, n): symmetric to 1e-10 relative, positive semidefinite. A diagonal P gives unit columns.
    Raises ModelError naming the entry where P is not finite, not symmetric, negative or indefinite.

    >>> G, v = factor_covariance([[4.0, 2.0], [2.0, 1.0]])
    >>> G.tolist(), v.tolist()
    ([[1.0], [0.5]], [4.0])
    """
    P = checks.numbers(P, field)
    if P.ndim != 2 or P.shape[0] != P.shape[1] or not P.size:
        raise ModelError(
            f"{field} has shape {P.shape}: expected a square matrix (n, n).", field=field, value=P.shape
        )
    found = small_covariance.factor(P, ASYMMETRY) if len(P) <= small_covariance.UP_TO else None
    G, v = found or [part[0] for part in _factor(P[None], field, rows=False)]
    kept = v > 0.0
    return G[:, kept], v[kept]


def noise_factors(value: Any, n: int, field: str) -> Factored:
    """A constant noise in factored form: from a covariance (n, n), a number where n is 1, or a factor of `fog.noise`.

    Raises ModelError naming the entry where it is not a covariance of n components.
    """
    if not isinstance(value, Factored):
        P = _square(value, n, field)
        return (_factors_of_few if n <= FEW else _factors_of_many)(P.tobytes(), n, field)
    G, v = checks.numbers(value.G, f"{field}.G"), checks.numbers(value.variances, f"{field}.variances")
    if G.shape != (n, len(v)):
        raise ModelError(
            f"{field}.G has shape {G.shape}, expected ({n}, {len(v)}). Give it one row per component.",
            field=f"{field}.G",
            value=G.shape,
        )
    for i in np.flatnonzero(v < 0):
        raise ModelError(
            f"{field}.variances[{i}] = {v[i]}: a variance must be >= 0. Square the standard deviation.",
            field=f"{field}.variances",
            index=int(i),
            value=v[i],
        )
    return Factored(G, v)


def noise_matrix(value: Any, n: int, field: str) -> NDArray[np.float64]:
    """The same as a full covariance (n, n), symmetric to the bit."""
    if isinstance(value, Factored):
        return averaged(noise_factors(value, n, field).cov)
    P = _square(value, n, field)
    return (_matrix_of_few if n <= FEW else _matrix_of_many)(P.tobytes(), n, field)


def _square(value: Any, n: int, field: str) -> NDArray[np.float64]:
    """A matrix (n, n); its entries are not checked yet."""
    P = checks.filled(value if checks.plain(value) else checks.numbers(value, field), (n, n))
    if P.shape != (n, n):
        checks.numbers(P, field)
        raise ModelError(
            f"{field} has shape {P.shape}, expected ({n}, {n}). Nothing is broadcast.{covariance_hint(P, n)}",
            field=field,
            value=P.shape,
        )
    return P


# In a loop of single steps the same noise comes again and again. The bytes are those of the matrix (n, n).
def _kept_factors(content: bytes, n: int, field: str) -> Factored:
    G, v = factor_covariance(np.frombuffer(content).reshape(n, n), field)
    G.setflags(write=False)
    v.setflags(write=False)
    return Factored(G, v)


def _kept_matrix(content: bytes, n: int, field: str) -> NDArray[np.float64]:
    P = np.frombuffer(content).reshape(n, n)
    factor_covariance(P, field)
    full = averaged(P)
    full.setflags(write=False)
    return full


_factors_of_few, _factors_of_many = lru_cache(KEPT)(_kept_factors), lru_cache(KEPT_LARGE)(_kept_factors)
_matrix_of_few, _matrix_of_many = lru_cache(KEPT)(_kept_matrix), lru_cache(KEPT_LARGE)(_kept_matrix)


def averaged(P: Any) -> NDArray[np.float64]:
    """The mean of P and its transpose: removes rounding differences between the two triangles."""
    A = np.asarray(P, dtype=np.float64)
    return 0.5 * (A + A.swapaxes(-1, -2))


def factor_rows(P: Any, field: str = "P") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Like `factor_covariance` for a stack P (T, n, n): G (T, n, n) and variances (T, n), zero beyond the rank."""
    P = checks.numbers(P, field)
    if P.ndim != 3 or P.shape[1] != P.shape[2] or not P.size:
        raise ModelError(f"{field} has shape {P.shape}: expected (T, n, n).", field=field, value=P.shape)
    return _factor(P, field, rows=True)


def _factor(
    P: NDArray[np.float64], field: str, rows: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    T, n, _ = P.shape

    def error_at(index: Any, sentence: str, value: float) -> ModelError:
        entry = tuple(int(i) for i in (index if rows else index[1:]))
        return ModelError(f"{checks.at(field, entry)} {sentence}", field=field, index=entry, value=value)

    diagonal = np.einsum("tii->ti", P)
    for t, i in np.argwhere(diagonal < 0.0)[:1]:
        value = diagonal[t, i]
        raise error_at(
            (t, i, i),
            f"= {value:g}: a variance must be >= 0. Did you pass a signed value, or subtract covariances?",
            value,
        )
    # Scale units by powers of two, which is exact, so that sqrt(P_ii) lies in [0.5, 1).
    k = (np.frexp(diagonal)[1] + 1) // 2
    A = np.ldexp(np.ldexp(P, -k[:, :, None]), -k[:, None, :])
    known = diagonal > 0.0
    stray = (P != 0.0) & ~(known[:, :, None] & known[:, None, :])
    for t, i, j in np.argwhere(stray)[:1]:
        zero = j if known[t, i] else i
        raise error_at(
            (t, i, j),
            f"= {P[t, i, j]:g} but {checks.at(field, (zero, zero))} = 0: a zero variance allows no covariance. "
            "Set the entry to 0 or give the state a variance.",
            P[t, i, j],
        )
    skew = np.abs(A - A.transpose(0, 2, 1))
    size = np.sqrt(np.einsum("tii->ti", A))
    for t, i, j in np.argwhere(skew > ASYMMETRY * size[:, :, None] * size[:, None, :])[:1]:
        mirrored = checks.at(field, ((t,) if rows else ()) + (j, i))
        raise error_at(
            (t, i, j),
            f"= {P[t, i, j]:.17g} but {mirrored} = {P[t, j, i]:.17g}: a covariance is symmetric "
            f"(they differ by {abs(P[t, i, j] - P[t, j, i]):.3g}). "
            f"Write ({field} + {field}.T) / 2 if both should be equal.",
            P[t, i, j],
        )
    A = 0.5 * (A + A.transpose(0, 2, 1))
    # The variances in A are below 1. A covariance of 1 or more is indefinite, and its products could overflow.
    for t, i, j in np.argwhere(np.abs(A) >= 1.0)[:1]:
        raise error_at(
            (t, i, j),
            f"= {P[t, i, j]:g} makes {field} indefinite: the variances {P[t, i, i]:g} and {P[t, j, j]:g} allow no such "
            "covariance. Check the signs and sizes of the covariances: |P_ij| <= sqrt(P_ii P_jj).",
            P[t, i, j],
        )
    rest = DoubleDouble(A, np.zeros_like(A))

    G = np.zeros((T, n, n))
    v = np.zeros((T, n))
    all_rows = np.arange(T)
    left = np.ones((T, n), dtype=bool)  # states that are not eliminated yet
    for _ in range(n):
        pivots = np.where(left, np.einsum("tii->ti", rest.hi), -1.0)
        p = pivots.argmax(axis=1)
        pivot = pivots[all_rows, p]
        positive = pivot > 4.0 * n * U
        if not positive.any():
            break
        column = rest.at((all_rows, slice(None), p))
        divisor = rest.at((all_rows, p, p)).at((positive, None))
        L = DoubleDouble(np.zeros((T, n)), np.zeros((T, n)))
        quotient = column.at(positive).over(divisor)
        L.hi[positive], L.lo[positive] = (
            np.where(left[positive], part, 0.0) for part in (quotient.hi, quotient.lo)
        )
        rest = rest.minus(column.at((..., None)).times(L.at((slice(None), None))))
        L.hi[all_rows[positive], p[positive]] = 1.0
        left[all_rows[positive], p[positive]] = False
        unit = k[all_rows, p]
        G[all_rows[positive], :, p[positive]] = np.ldexp(L.hi, k - unit[:, None])[positive]
        v[all_rows[positive], p[positive]] = np.ldexp(pivot, 2 * unit)[positive]
    remainder = np.where(left[:, :, None] & left[:, None, :], rest.hi, 0.0)
    over = np.argwhere(np.abs(remainder) > 4.0 * n * n * U)
    if len(over):
        t = over[0][0]
        i = int(np.einsum("ii->i", remainder[t]).argmin())
        i, j = (i, i) if remainder[t, i, i] < -4.0 * n * n * U else over[0][1:]
        value = float(np.ldexp(remainder[t, i, j], int(k[t, i] + k[t, j])))
        raise error_at(
            (t, i, j),
            f"makes {field} indefinite: {value:.3g} remains there after the other states are eliminated "
            f"({remainder[t, i, j]:.3g} relative, n = {n}), and a covariance is positive semidefinite. "
            "Check the signs and sizes of the covariances: |P_ij| <= sqrt(P_ii P_jj).",
            value,
        )
    return G, v
