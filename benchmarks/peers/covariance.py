"""The covariance form that anyone writes in NumPy, with as few products as it can have. No checks, no safe form."""

import numpy as np
from answers import Answer
from contender import Contender
from models import Array, Linear, Ring

NAME = "NumPy, covariance form"


def version() -> str:
    return str(np.__version__)


def update(
    x: Array, P: Array, e: Array, H: Array, R: Array, likely: bool = True
) -> tuple[Array, Array, float]:
    """P - K S Kᵀ, and the log-likelihood if `likely`. e (m,): NaN where a component is missing."""
    used = ~np.isnan(e)
    if not used.all():
        e, H, R = e[used], H[used], R[np.ix_(used, used)]
        if not len(e):
            return x, P, 0.0
    seen = H @ P
    S = seen @ H.T + R
    K = np.linalg.solve(S, seen).T
    if not likely:
        return x + K @ e, P - K @ seen, np.nan
    loglik = -0.5 * (len(e) * np.log(2 * np.pi) + np.linalg.slogdet(S)[1] + e @ np.linalg.solve(S, e))
    return x + K @ e, P - K @ seen, float(loglik)


def series(model: Linear) -> Contender:
    F, H = model.F, model.H

    def call() -> tuple[Array, Array, Array]:
        x, P = model.mean, model.cov
        means, covs, logliks = empty(model)
        for k, z in enumerate(model.z):
            if k:
                x, P = F @ x, F @ P @ F.T + model.Q
            x, P, logliks[k] = update(x, P, z - H @ x, H, model.R)
            means[k], covs[k] = x, P
        return means, covs, logliks

    return Contender(NAME, len(model.z), call, lambda out: Answer(*out))


def ekf(model: Ring, *, likely: bool = True) -> Contender:
    """With the Jacobian derived by hand."""
    H = model.H(model.mean)

    def call() -> tuple[Array, Array, Array]:
        x, P = model.mean, model.cov
        means, covs, logliks = empty(model)
        for k, z in enumerate(model.z):
            if k:
                F = model.F(x)
                x, P = model.f(x), F @ P @ F.T + model.Q
            x, P, logliks[k] = update(x, P, z - model.h(x), H, model.R, likely)
            means[k], covs[k] = x, P
        return means, covs, logliks

    name = NAME if likely else f"{NAME}, no likelihood"
    return Contender(name, len(model.z), call, lambda out: Answer(out[0], out[1], out[2] if likely else None))


def empty(model: Linear | Ring) -> tuple[Array, Array, Array]:
    """Room for means, covariances and log-likelihoods."""
    rows, n = len(model.z), len(model.mean)
    return np.empty((rows, n)), np.empty((rows, n, n)), np.empty(rows)
