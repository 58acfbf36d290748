"""A covariance given in full, factored once and outside the step: Q = G diag(v) Gᵀ, or a verdict.

Diagonally pivoted LDLᵀ after scaling each state's unit by a power of two (Higham 2002, §10.3 for pivoting
semidefinite matrices), so that neither the verdict nor a digit depends on units.
A pivot within 4 n u of nothing is a zero of rank; a remainder beyond 4 n² u is no rounding: indefinite.
In twice the digits, for where states go closely together a pivot is a small difference of large numbers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.double_double import Twice

U = 2.0**-53
ASYMMETRY = 1e-10  # relative; what summing in another order can leave, and no more


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
    G, v = _factor(P[None], field, rows=False)
    kept = v[0] > 0.0
    return G[0][:, kept], v[0][kept]


def averaged(P: Any) -> NDArray[np.float64]:
    """P with the rounding between its two triangles averaged out."""
    A = np.asarray(P, dtype=np.float64)
    return 0.5 * (A + A.swapaxes(-1, -2))


def factor_rows(P: Any, field: str = "P") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for a stack P (T, n, n): G (T, n, n) and variances (T, n), columns beyond the rank are zero."""
    P = checks.numbers(P, field)
    if P.ndim != 3 or P.shape[1] != P.shape[2] or not P.size:
        raise ModelError(f"{field} has shape {P.shape}: expected (T, n, n).", field=field, value=P.shape)
    return _factor(P, field, rows=True)


def _factor(
    P: NDArray[np.float64], field: str, rows: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    T, n, _ = P.shape

    def refuse(index: Any, sentence: str, value: float) -> ModelError:
        where = tuple(int(i) for i in (index if rows else index[1:]))
        return ModelError(f"{checks.at(field, where)} {sentence}", field=field, index=where, value=value)

    diagonal = np.einsum("tii->ti", P)
    for t, i in np.argwhere(diagonal < 0.0)[:1]:
        value = diagonal[t, i]
        raise refuse(
            (t, i, i),
            f"= {value:g}: a variance must be >= 0. Did you pass a signed value, or subtract covariances?",
            value,
        )
    # Units: sqrt(P_ii) is brought into [0.5, 1) by a power of two, exactly.
    k = (np.frexp(diagonal)[1] + 1) // 2
    A = np.ldexp(np.ldexp(P, -k[:, :, None]), -k[:, None, :])
    known = diagonal > 0.0
    stray = (P != 0.0) & ~(known[:, :, None] & known[:, None, :])
    for t, i, j in np.argwhere(stray)[:1]:
        zero = j if known[t, i] else i
        raise refuse(
            (t, i, j),
            f"= {P[t, i, j]:g} but {checks.at(field, (zero, zero))} = 0: what does not vary cannot covary. "
            "Set the entry to 0 or give the state a variance.",
            P[t, i, j],
        )
    skew = np.abs(A - A.transpose(0, 2, 1))
    size = np.sqrt(np.einsum("tii->ti", A))
    for t, i, j in np.argwhere(skew > ASYMMETRY * size[:, :, None] * size[:, None, :])[:1]:
        where = checks.at(field, ((t,) if rows else ()) + (j, i))
        raise refuse(
            (t, i, j),
            f"= {P[t, i, j]:.17g} but {where} = {P[t, j, i]:.17g}: a covariance is symmetric "
            f"(they differ by {abs(P[t, i, j] - P[t, j, i]):.3g}). "
            f"Write ({field} + {field}.T) / 2 if both mean one number.",
            P[t, i, j],
        )
    A = 0.5 * (A + A.transpose(0, 2, 1))
    for t, i, j in np.argwhere(np.abs(A) >= 1.0)[
        :1
    ]:  # variances are below 1: so far beyond them products overflow
        raise refuse(
            (t, i, j),
            f"= {P[t, i, j]:g} makes {field} indefinite: the variances {P[t, i, i]:g} and {P[t, j, j]:g} allow no such "
            "covariance. Check the signs and sizes of the covariances: |P_ij| <= sqrt(P_ii P_jj).",
            P[t, i, j],
        )
    rest = Twice(A, np.zeros_like(A))

    G = np.zeros((T, n, n))
    v = np.zeros((T, n))
    every = np.arange(T)
    left = np.ones((T, n), dtype=bool)
    for _ in range(n):
        pivots = np.where(left, np.einsum("tii->ti", rest.hi), -1.0)
        p = pivots.argmax(axis=1)
        pivot = pivots[every, p]
        sound = pivot > 4.0 * n * U
        if not sound.any():
            break
        column = rest.at((every, slice(None), p))
        divisor = rest.at((every, p, p)).at((sound, None))
        L = Twice(np.zeros((T, n)), np.zeros((T, n)))
        quotient = column.at(sound).over(divisor)
        L.hi[sound], L.lo[sound] = (np.where(left[sound], part, 0.0) for part in (quotient.hi, quotient.lo))
        rest = rest.minus(column.at((..., None)).times(L.at((slice(None), None))))
        L.hi[every[sound], p[sound]] = 1.0
        left[every[sound], p[sound]] = False
        unit = k[every, p]
        G[every[sound], :, p[sound]] = np.ldexp(L.hi, k - unit[:, None])[sound]
        v[every[sound], p[sound]] = np.ldexp(pivot, 2 * unit)[sound]
    remainder = np.where(left[:, :, None] & left[:, None, :], rest.hi, 0.0)
    over = np.argwhere(np.abs(remainder) > 4.0 * n * n * U)
    if len(over):
        t = over[0][0]
        i = int(np.einsum("ii->i", remainder[t]).argmin())
        i, j = (i, i) if remainder[t, i, i] < -4.0 * n * n * U else over[0][1:]
        value = float(np.ldexp(remainder[t, i, j], int(k[t, i] + k[t, j])))
        raise refuse(
            (t, i, j),
            f"makes {field} indefinite: {value:.3g} is left there once the other entries are explained "
            f"({remainder[t, i, j]:.3g} relative, n = {n}), and a covariance leaves >= 0. "
            "Check the signs and sizes of the covariances: |P_ij| <= sqrt(P_ii P_jj).",
            value,
        )
    return G, v
