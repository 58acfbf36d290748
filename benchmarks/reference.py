"""The textbook filters in plain NumPy: what every contender must answer before it is timed.

Covariance form with the Joseph update (Bar-Shalom, Li, Kirubarajan 2001, eq. 5.2.3-18), one row at a time.
A NaN component is missing: its row is left out of that update.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from answers import Answer
from models import Array, Linear, Ring, Turning


def update(x: Array, P: Array, e: Array, H: Array, R: Array) -> tuple[Array, Array, float]:
    """Condition on the innovation e (m,), NaN where missing. Returns mean, covariance, log-likelihood."""
    used = ~np.isnan(e)
    if not used.any():
        return x, P, 0.0
    e, H, R = e[used], H[used], R[np.ix_(used, used)]
    S = H @ P @ H.T + R
    K = np.linalg.solve(S, H @ P).T
    keep = np.eye(len(x)) - K @ H
    loglik = -0.5 * (len(e) * np.log(2 * np.pi) + np.linalg.slogdet(S)[1] + e @ np.linalg.solve(S, e))
    return x + K @ e, keep @ P @ keep.T + K @ R @ K.T, float(loglik)


def scan(
    z: Array,
    mean: Array,
    cov: Array,
    R: Array,
    predict: Callable[..., tuple[Array, Array]],
    measure: Callable[[Array], tuple[Array, Array]],
) -> Answer:
    """The loop of every filter here: predict (not before the first row), then update."""
    x, P = mean, cov
    means, covs, logliks = np.empty((len(z), len(x))), np.empty((len(z), *P.shape)), np.empty(len(z))
    for k, row in enumerate(z):
        if k:
            x, P = predict(x, P)
        hx, H = measure(x)
        x, P, logliks[k] = update(x, P, row - hx, H, R)
        means[k], covs[k] = x, P
    return Answer(means, covs, logliks)


def kf(model: Linear, z: Array | None = None) -> Answer:
    """Filter one series; `loglik` of the answer holds one number per row."""
    F, Q, H = model.F, model.Q, model.H
    return scan(
        model.z if z is None else z, model.mean, model.cov, model.R,
        lambda x, P: (F @ x, F @ P @ F.T + Q), lambda x: (H @ x, H),
    )  # fmt: skip


def ekf(model: Turning | Ring) -> Answer:
    """The same for a curved model, linearised by hand; Q at the filtered mean before the step."""

    def predict(x: Array, P: Array) -> tuple[Array, Array]:
        F = model.F(x)
        return model.f(x), F @ P @ F.T + model.noise_at(x)

    return scan(model.z, model.mean, model.cov, model.R, predict, lambda x: (model.h(x), model.H(x)))


def upper_factor(P: Array) -> Array:
    """The upper triangular factor with P = U Uᵀ: the columns of the UD factors, times the roots of D."""
    return np.asarray(np.linalg.cholesky(P[::-1, ::-1])[::-1, ::-1])


def ukf_along_ud(model: Turning | Ring) -> Answer:
    """The unscented filter with its sigma points along the upper factor, as foglight has them."""
    return ukf(model, upper_factor)


def ukf(model: Turning | Ring, factor: Callable[[Array], Array] = np.linalg.cholesky) -> Answer:
    """The unscented filter with alpha 1, beta 2, kappa 0 (Wan, van der Merwe 2000): sigma points from the Cholesky
    factor, drawn again after the prediction. Only the points' direction is a choice; the answer depends on it."""
    n = len(model.mean)
    spread = np.concatenate([np.zeros((1, n)), np.sqrt(n) * np.eye(n), -np.sqrt(n) * np.eye(n)])
    weights = np.array([0.0] + [1 / (2 * n)] * (2 * n))
    around = weights + np.array([2.0] + [0.0] * (2 * n))

    def moments(function: Callable[[Array], Array], x: Array, P: Array) -> tuple[Array, Array, Array]:
        """Mean of the image, its deviations (2n+1, k), and those of the points."""
        points = x + spread @ factor(P).T
        image = function(points.T).T
        mean = weights @ image
        return mean, image - mean, points - x

    x, P = model.mean, model.cov
    means, covs, logliks = np.empty((len(model.z), n)), np.empty((len(model.z), n, n)), np.empty(len(model.z))
    for k, z in enumerate(model.z):
        if k:
            x, off, _ = moments(model.f, x, P)
            P = (off.T * around) @ off + model.Q
        guess, seen, off = moments(model.h, x, P)
        S, e = (seen.T * around) @ seen + model.R, z - guess
        K = np.linalg.solve(S, (seen.T * around) @ off).T
        x, P = x + K @ e, P - K @ S @ K.T
        logliks[k] = -0.5 * (np.linalg.slogdet(2 * np.pi * S)[1] + e @ np.linalg.solve(S, e))
        means[k], covs[k] = x, P
    return Answer(means, covs, logliks)


def rts(model: Linear) -> tuple[Answer, Array]:
    """The smoother of Rauch, Tung and Striebel, with the filter's log-likelihoods; and Cov(x_k+1, x_k) of each step."""
    F, Q, filtered = model.F, model.Q, kf(model)
    assert filtered.cov is not None
    x, P = filtered.mean.copy(), filtered.cov.copy()
    cross = np.empty((len(x) - 1, *Q.shape))
    for k in reversed(range(len(x) - 1)):
        m, C = filtered.mean[k], filtered.cov[k]
        ahead = F @ C @ F.T + Q
        G = np.linalg.solve(ahead, F @ C).T
        x[k] = m + G @ (x[k + 1] - F @ m)
        P[k] = C + G @ (P[k + 1] - ahead) @ G.T
        cross[k] = P[k + 1] @ G.T
    return Answer(x, P, filtered.loglik), cross


def smoothed(model: Linear) -> Answer:
    return rts(model)[0]


def em(model: Linear, iterations: int) -> tuple[Array, Array]:
    """Q and R after so many iterations (Shumway and Stoffer 1982), by the smoother of Rauch, Tung and Striebel."""
    Q, R, F, H, rows = model.Q, model.R, model.F, model.H, len(model.z)
    for _ in range(iterations):
        answer, cross = rts(dataclasses.replace(model, Q=Q, R=R))
        x, P = answer.mean, answer.cov
        assert P is not None
        steps = np.zeros_like(Q)
        for k in reversed(range(rows - 1)):
            w = x[k + 1] - F @ x[k]
            steps += np.outer(w, w) + P[k + 1] - cross[k] @ F.T - F @ cross[k].T + F @ P[k] @ F.T
        e = model.z - x @ H.T
        R = (e.T @ e + H @ P.sum(axis=0) @ H.T) / rows
        Q = (steps + steps.T) / (2 * (rows - 1))
    return Q, R
