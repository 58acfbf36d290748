"""The Kalman filter in ball arithmetic (Arb, by python-flint): every number comes with a proven bound of its error.

Only the reference set is made with it; `recursion` is the same filter in mpmath, a hundred times slower.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from .strategy import Array, Varying


@dataclass(frozen=True)
class Ball:
    """A belief before and after a row, and the log-likelihood of that row."""

    cov_before: Any
    mean: Any
    cov: Any
    loglik: Any


def matrix(a: Array) -> Any:
    """Floats as balls of radius 0; a vector becomes a column."""
    a = a[:, None] if a.ndim == 1 else a
    return arb_mat(*a.shape, a.ravel().tolist())


def rows(given: Varying, bits: int) -> Iterator[Ball]:
    """Every row of the textbook filter, computed with so many bits."""
    ctx.prec = bits
    x, P = matrix(given.mean), matrix(given.cov)
    Q = given.Q
    for k, z in enumerate(given.z):
        if k:
            F = matrix(given.F[k])
            x, P = F * x + matrix(given.b[k]), F * P * F.transpose() + matrix(Q[k])
        before, loglik = P, arb(0)
        used = np.flatnonzero(~np.isnan(z))
        if len(used):
            H, R = matrix(given.H[k][used]), matrix(given.R[k][np.ix_(used, used)])
            e = matrix(z[used]) - H * x - matrix(given.d[k][used])
            HP = H * P
            S = HP * H.transpose() + R
            inverse = S.inv()
            gain = HP.transpose() * inverse
            x, P = x + gain * e, P - gain * HP
            nis = (e.transpose() * inverse * e)[0, 0]
            loglik = -(len(used) * (2 * arb.pi()).log() + S.det().log() + nis) / 2
        yield Ball(before, x, P, loglik)
