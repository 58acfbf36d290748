"""The distribution in the first row of a vector autoregression with moving averages.

    y_k = A_1 y_k-1 + … + A_p y_k-p + η_k + M_1 η_k-1 + … + M_q η_k-q,   η = N ε,   ε ~ N(0, I)

    y_k = Σ_i Ψ_i η_k-i,    Ψ_0 = I,    Ψ_i = A_1 Ψ_i-1 + … + A_p Ψ_i-p + M_i        Lütkepohl 2005, eq. 11.3.6

The state (y_k, …, y_k-p+1, η_k, …, η_k-q+1) is a sum over all past ε. The last q of them are summed one by one; what
came before acts through F, the companion matrix of the A alone, and is summed by doubling (Anderson & Moore 1979,
§6.7):

    P_0 = B Bᵀ,    P_k+1 = P_k + F_k P_k F_kᵀ,    F_k+1 = F_k²,    the first 2ᵏ terms of Σ Fⁱ B Bᵀ Fⁱᵀ
"""

from collections.abc import Sequence

import numpy as np

from foglight.core.types import Array
from foglight.equations import ud
from foglight.trace.ops import product

_DOUBLINGS = 31  # 2³¹ terms: all that counts for roots up to 1 - 2⁻²⁶, where F to that power is below e⁻³²


def first_row(A: Sequence[Array], M: Sequence[Array], N: Array, lags: int) -> tuple[Array, Array]:
    """U and D of the stationary covariance of (y, …, its `lags` values, η, …, its q values), symbols or floats."""
    m, q = len(N), len(M)
    size = m * lags
    effects = [product(psi, N) for psi in _responses(A, M, m)]
    columns = np.full((size + m * q, m * q + size), 0.0, dtype=object)
    for i in range(q):
        at = slice(m * i, m * (i + 1))
        columns[:size, at] = _stacked(effects[i::-1], lags, m)
        columns[size + m * i : size + m * (i + 1), at] = N
    F = np.eye(size, k=-m, dtype=object)
    F[:m] = 0.0
    F[:m, : m * len(A)] = np.hstack(list(A)) if A else 0.0
    U, D = _summed(F, _stacked(effects[q::-1], lags, m))
    columns[:size, m * q :] = U
    return ud.combine(columns, np.concatenate([np.full(m * q, 1.0, dtype=object), D]))


def _responses(A: Sequence[Array], M: Sequence[Array], m: int) -> list[Array]:
    """Ψ_0 … Ψ_q."""
    found = [np.eye(m, dtype=object)]
    for moved in M:
        past = [product(a, psi) for a, psi in zip(A, reversed(found), strict=False)]
        found.append(sum(past, start=moved))
    return found


def _stacked(effects: Sequence[Array], lags: int, m: int) -> Array:
    """What one ε does to the last values of y, newest first; 0 in those before it."""
    found = np.full((m * lags, m), 0.0, dtype=object)
    for k, effect in enumerate(effects[:lags]):
        found[m * k : m * (k + 1)] = effect
    return found


def _summed(F: Array, B: Array) -> tuple[Array, Array]:
    """U and D of Σ Fⁱ B Bᵀ Fⁱᵀ."""
    U, D = ud.combine(B, np.full(B.shape[1], 1.0, dtype=object))
    for _ in range(_DOUBLINGS):
        U, D = ud.combine(np.hstack([U, product(F, U)]), np.concatenate([D, D]))
        F = product(F, F)
    return U, D
