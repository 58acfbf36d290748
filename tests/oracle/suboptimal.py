"""What a filter of one model states and what is true of it when another model makes the data.

The truth x and the estimate y = E(x | z) of the claimed model move together as one linear system (linear covariance
analysis: Maybeck 1979, section 6.8; Geller 2006):

    x' = F x + b + w, y' = Fc y + bc        z = H x + d + v,  y' = y + K (z - Hc y - dc)

Its mean gives the bias of the estimate, its covariance the true error. The gain K is that of the claimed model.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp

from .matrices import Exact, exact, floats, identity, solve
from .models import Linear
from .recursion import at


@dataclass(frozen=True)
class Answer:
    """One entry a row: the stated covariance, the true covariance of the error y - x and its mean."""

    stated: Any
    true: Any
    bias: Any


def compare(claimed: Linear, true: Linear, predict_first: bool = False, digits: int = 60) -> Answer:
    """Both models have one entry a row; true.z says which components there are."""
    with mp.workdps(digits):
        n, zero = len(true.mean), exact(np.zeros((len(true.mean),) * 2))
        P = exact(claimed.cov)
        mean = np.concatenate([exact(true.mean), exact(claimed.mean)])
        J = np.block([[exact(true.cov), zero], [zero, zero]])
        stated, truth, bias = [], [], []
        for k, z in enumerate(true.z):
            if k or predict_first:
                F, Fc = at(true.F, k, 2), at(claimed.F, k, 2)
                both = np.block([[F, zero], [zero, Fc]])
                P = Fc @ P @ Fc.T + at(claimed.Q, k, 2)
                mean = both @ mean + np.concatenate([at(true.b, k, 1), at(claimed.b, k, 1)])
                J = both @ J @ both.T
                J[:n, :n] = J[:n, :n] + at(true.Q, k, 2)
            used = np.flatnonzero(~np.isnan(z))
            if len(used):
                H, Hc = at(true.H, k, 2)[used], at(claimed.H, k, 2)[used]
                R, Rc = (at(m.R, k, 2)[np.ix_(used, used)] for m in (true, claimed))
                K = solve(Hc @ P @ Hc.T + Rc, Hc @ P).T
                P = P - K @ Hc @ P
                both = np.block([[identity(n), zero], [K @ H, identity(n) - K @ Hc]])
                shift = K @ (at(true.d, k, 1) - at(claimed.d, k, 1))[used]
                mean = both @ mean + np.concatenate([exact(np.zeros(n)), shift])
                J = both @ J @ both.T
                J[n:, n:] = J[n:, n:] + K @ R @ K.T
            error = np.hstack([-identity(n), identity(n)])
            stated.append(floats(P))
            truth.append(floats(_symmetric(error @ J @ error.T)))
            bias.append(floats(error @ mean))
        return Answer(np.array(stated), np.array(truth), np.array(bias))


def _symmetric(A: Exact) -> Exact:
    return (A + A.T) / 2
