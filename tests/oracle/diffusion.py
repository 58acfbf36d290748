"""Exact F and Q of a linear stochastic differential equation over a step, by series and doubling in mpmath.

    x' = A x + w, w white with density W:   F(t) = exp(A t),   Q(t) = ∫ exp(A s) W exp(A s)' ds over 0..t

Taylor series over a step so short that they converge at once, then F(2t) = F F and Q(2t) = F Q F' + Q: sums of
covariances, in which nothing cancels. Right at any stiffness, since exponents of mpmath do not end.
"""

from typing import Any

import numpy as np
from mpmath import mp, mpf

from .matrices import Exact, exact, identity


def over_step(A: Any, W: Any, dt: Any, digits: int = 120) -> tuple[Exact, Exact]:
    """F, Q of x' = A x + w over dt >= 0."""
    with mp.workdps(digits):
        A, W, dt = exact(A), exact(W), mpf(dt)
        size = max(sum(abs(v) for v in row) for row in A) * dt
        doublings = max(0, int(mp.ceil(mp.log(size, 2))) + 6) if size > 0 else 0
        h = dt / mpf(2) ** doublings
        F, term = identity(len(A)), identity(len(A))
        Q, L = W * h, W
        factor = h
        for k in range(1, digits):  # each term is 64 times smaller at least
            term = term @ A * (h / k)
            F = F + term
            L = A @ L + L @ A.T
            factor = factor * h / (k + 1)
            Q = Q + L * factor
        for _ in range(doublings):
            Q = F @ Q @ F.T + Q
            F = F @ F
        return F, Q


def block(*parts: Exact) -> Exact:
    """The block-diagonal matrix of square parts."""
    whole = exact(np.zeros((sum(map(len, parts)),) * 2))
    first = 0
    for part in parts:
        last = first + len(part)
        whole[first:last, first:last] = part
        first = last
    return whole
