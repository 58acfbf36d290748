"""The posterior Cramér–Rao lower bound: how well any filter could do, along the truth.

    J_{k+1} = D22 - D21 (J_k + D11)⁻¹ D12,  D11 = Fᵀ Q⁻¹ F,  D12 = -Fᵀ Q⁻¹,  D22 = Q⁻¹ + Hᵀ R⁻¹ H

with F and H at the true states (Tichavský, Muravchik & Nehorai 1998, eqs. 21 and 34–36). By the matrix inversion
lemma its inverse is predicted as F J⁻¹ Fᵀ + Q and narrowed by each reading, which needs no Q⁻¹; here in Joseph's form,
so that a singular Q is nothing special. For a linear model it is the filter's own covariance.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.linearised import Linearised
from foglight.equations.textbook import predict, update_joseph

ROWS = 2000  # that a check computes it for


def lower_bound(along: Linearised, used: NDArray[np.bool_], dt: Floats, P: Floats) -> Floats:
    """J⁻¹ (T, n, n) of each row after the readings that were used (T, M); P: the covariance at the start."""
    T, n = len(used), len(P)
    bound, nothing = np.empty((T, n, n)), np.zeros(n)
    for k in range(T):
        if dt[k] > 0.0:
            P = predict(P, along.F[k], along.Q[k])
        there = np.flatnonzero(used[k])
        if len(there):
            H, R = along.H[k][there], along.R[k][np.ix_(there, there)]
            P = update_joseph(nothing, P, H, R, np.zeros(len(there)))[1]
        bound[k] = P
    return bound
