"""No recursion at all: stack the whole trajectory and all measurements, condition once. For tiny T."""

from typing import Any

import numpy as np
from mpmath import mp
from numpy.typing import NDArray

from .matrices import Exact, cholesky, exact, forward, identity, solve
from .recursion import at


def trajectory(
    F: Any, Q: Any, mean: Any, cov: Any, b: Any, steps: int, predict_first: bool
) -> tuple[Exact, Exact]:
    """Mean and covariance of (x_0, ..., x_{T-1}), stacked.

    x_k = Phi(k, 0) x_0 + sum_j Phi(k, j) (b_j + w_j): every block is written out from the products Phi.
    """
    n = len(mean)
    phi = [[identity(n) for _ in range(steps)] for _ in range(steps)]
    for j in range(steps):
        for k in range(j + 1, steps):
            phi[k][j] = at(F, k, 2) @ phi[k - 1][j]
    sources = [(exact(mean), exact(cov))] + [(at(b, j, 1), at(Q, j, 2)) for j in range(1, steps)]
    if predict_first:
        F0 = at(F, 0, 2)
        sources[0] = (F0 @ exact(mean) + at(b, 0, 1), F0 @ exact(cov) @ F0.T + at(Q, 0, 2))
    m = exact(np.zeros(n * steps))
    C = exact(np.zeros((n * steps, n * steps)))
    for k in range(steps):
        for j in range(k + 1):
            m[k * n : (k + 1) * n] = m[k * n : (k + 1) * n] + phi[k][j] @ sources[j][0]
            for i in range(j, steps):
                block = np.s_[k * n : (k + 1) * n, i * n : (i + 1) * n]
                C[block] = C[block] + phi[k][j] @ sources[j][1] @ phi[i][j].T
    return m, C


def measurements(H: Any, R: Any, d: Any, z: NDArray[np.float64], n: int) -> tuple[Exact, Exact, Exact]:
    """All measurements as one, with the missing components left out: (z - d), H and R, stacked."""
    steps, width = z.shape
    big_H = exact(np.zeros((steps * width, steps * n)))
    big_R = exact(np.zeros((steps * width, steps * width)))
    offset = exact(np.zeros(steps * width))
    for k in range(steps):
        rows = slice(k * width, (k + 1) * width)
        big_H[rows, k * n : (k + 1) * n] = at(H, k, 2)
        big_R[rows, rows] = at(R, k, 2)
        offset[rows] = at(d, k, 1)
    used = np.flatnonzero(~np.isnan(z.ravel()))
    return exact(z.ravel()[used]) - offset[used], big_H[used], big_R[np.ix_(used, used)]


def condition(
    F: Any,
    Q: Any,
    H: Any,
    R: Any,
    mean: Any,
    cov: Any,
    z: NDArray[np.float64],
    *,
    b: Any = None,
    d: Any = None,
    predict_first: bool = False,
    digits: int = 60,
) -> tuple[Exact, Exact, Any]:
    """Mean and covariance of the last state given all of z, and the log-likelihood of all of z."""
    with mp.workdps(digits):
        n, steps = len(mean), len(z)
        b = np.zeros(n) if b is None else b
        d = np.zeros(z.shape[1]) if d is None else d
        m, C = trajectory(F, Q, mean, cov, b, steps, predict_first)
        seen, big_H, big_R = measurements(H, R, d, z, n)
        S = big_H @ C @ big_H.T + big_R
        e = seen - big_H @ m
        cross = C[-n:] @ big_H.T
        gain = solve(S, cross.T).T
        L = cholesky(S)
        white = forward(L, e)
        loglik = -(len(e) * mp.log(2 * mp.pi) + white @ white) / 2 - sum(mp.log(v) for v in np.diag(L))
        return m[-n:] + gain @ e, C[-n:, -n:] - gain @ cross.T, loglik
