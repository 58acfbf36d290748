"""Filters in plain NumPy, as a lecture would write them: the second opinion on recorded results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass
class Answer:
    """What a filter says, one entry per row; `loglik` is the sum over the rows."""

    predicted: Array
    predicted_cov: Array
    mean: Array
    cov: Array
    innovation: Array
    innovation_cov: Array
    loglik: float


def update(x: Array, P: Array, e: Array, H: Array, R: Array) -> tuple[Array, Array, Array, float]:
    """Joseph form (Bar-Shalom, Li and Kirubarajan 2001, eq. 5.2.3-18): x, P, S and the log-likelihood of e."""
    S = H @ P @ H.T + R
    K = np.linalg.solve(S, H @ P).T
    I_KH = np.eye(len(x)) - K @ H
    loglik = -0.5 * (len(e) * np.log(2 * np.pi) + np.linalg.slogdet(S)[1] + e @ np.linalg.solve(S, e))
    return x + K @ e, I_KH @ P @ I_KH.T + K @ R @ K.T, S, float(loglik)


def kalman(
    F: Any,
    Q: Any,
    H: Any,
    R: Any,
    mean: Any,
    cov: Any,
    z: Array,
    *,
    b: Any = None,
    d: Any = None,
    predict_first: bool = False,
) -> Answer:
    """The linear filter; a matrix is constant or has a leading axis of rows, entry k leading to row k."""
    T, m = z.shape
    x, P = np.array(mean, float), np.array(cov, float)
    n = len(x)
    Fs, Qs = np.broadcast_to(F, (T, n, n)), np.broadcast_to(Q, (T, n, n))
    Hs, Rs = np.broadcast_to(H, (T, m, n)), np.broadcast_to(R, (T, m, m))
    bs = np.broadcast_to(np.zeros(n) if b is None else b, (T, n))
    ds = np.broadcast_to(np.zeros(m) if d is None else d, (T, m))
    out = Answer(*(np.full(shape, np.nan) for shape in ((T, n), (T, n, n)) * 2 + ((T, m), (T, m, m))), 0.0)
    for k in range(T):
        if k or predict_first:
            x, P = Fs[k] @ x + bs[k], Fs[k] @ P @ Fs[k].T + Qs[k]
        out.predicted[k], out.predicted_cov[k] = x, P
        used = ~np.isnan(z[k])
        if used.any():
            e = (z[k] - ds[k] - Hs[k] @ x)[used]
            x, P, S, loglik = update(x, P, e, Hs[k][used], Rs[k][np.ix_(used, used)])
            out.innovation[k, used] = e
            out.innovation_cov[k][np.ix_(used, used)] = S
            out.loglik += loglik
        out.mean[k], out.cov[k] = x, P
    return out


def wrap(a: Any) -> Any:
    """The same angle in [-pi, pi)."""
    return (np.asarray(a) + np.pi) % (2 * np.pi) - np.pi


def sigma_points(x: Array, P: Array, alpha: float, beta: float, kappa: float) -> tuple[Array, Array, Array]:
    """Points and weights of the scaled unscented transform (Wan and van der Merwe 2000, eq. 15).

    Which square root of P is used changes the answer of a curved model a little; here the upper triangular one.
    """
    n = len(x)
    spread = alpha**2 * (n + kappa)
    root = np.linalg.cholesky(spread * P[::-1, ::-1])[::-1, ::-1]
    points = np.vstack([x, x + root.T, x - root.T])
    weights = np.full(2 * n + 1, 0.5 / spread)
    weights[0] = 1 - n / spread
    weights_cov = weights.copy()
    weights_cov[0] += 1 - alpha**2 + beta
    return points, weights, weights_cov


def unscented(
    function: Callable[[Array], Array],
    x: Array,
    P: Array,
    angles: Array,
    alpha: float = 1.0,
    beta: float = 2.0,
    kappa: float = 0.0,
) -> tuple[Array, Array, Array]:
    """Mean, covariance and cross covariance with x of function(x); `angles` marks angular outputs.

    Deviations are taken from the image of the centre and wrapped there, then averaged.
    """
    points, w, wc = sigma_points(x, P, alpha, beta, kappa)
    images = np.array([function(p) for p in points])
    deviation = images - images[0]
    deviation = np.where(angles, wrap(deviation), deviation)
    shift = w @ deviation
    centred = deviation - shift
    mean = images[0] + shift
    return (
        np.where(angles, wrap(mean), mean),
        (wc[:, None] * centred).T @ centred,
        ((wc[:, None] * (points - x)).T @ centred),
    )
