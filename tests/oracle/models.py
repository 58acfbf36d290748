"""Random linear models with nothing to hide behind: every matrix full, F not symmetric, start and offsets not 0."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """x' = F x + b + w, z = H x + d + v, a start and measurements (T, m) with NaN where missing."""

    F: Array
    Q: Array
    H: Array
    R: Array
    mean: Array
    cov: Array
    z: Array
    b: Array
    d: Array


def covariance(rng: np.random.Generator, n: int) -> Array:
    """A full covariance with correlations away from 0 and 1 and variances of different size."""
    A = np.eye(n) + 0.4 * rng.standard_normal((n, n))
    scale = np.exp(rng.uniform(-1, 1, n))
    C = scale[:, None] * (A @ A.T) * scale
    return (C + C.T) / 2


def full(seed: int, n: int, m: int, steps: int, *, missing: float = 0.0, varying: bool = False) -> Linear:
    """A stable random model and a log from it. `missing` is the share of NaN components;

    `varying` gives F, Q, H, R, b and d one entry per row.
    """
    rng = np.random.default_rng(seed)
    rows = steps if varying else 1
    F = np.array([transition(rng, n) for _ in range(rows)])
    Q = np.array([0.2 * covariance(rng, n) for _ in range(rows)])
    H = rng.standard_normal((rows, m, n))
    R = np.array([covariance(rng, m) for _ in range(rows)])
    b, d = rng.standard_normal((rows, n)), rng.standard_normal((rows, m))
    mean, cov = 3 * rng.standard_normal(n), covariance(rng, n)
    x = rng.multivariate_normal(mean, cov)
    z = np.empty((steps, m))
    for k in range(steps):
        j = k if varying else 0
        if k:
            x = F[j] @ x + b[j] + rng.multivariate_normal(np.zeros(n), Q[j])
        z[k] = H[j] @ x + d[j] + rng.multivariate_normal(np.zeros(m), R[j])
    z[rng.random(z.shape) < missing] = np.nan
    F, Q, H, R, b, d = (a if varying else a[0] for a in (F, Q, H, R, b, d))
    return Linear(F, Q, H, R, mean, cov, z, b, d)


def transition(rng: np.random.Generator, n: int) -> Array:
    """Not symmetric, full, largest eigenvalue 0.95 in size: a memory, but no explosion."""
    A = np.eye(n) + 0.5 * rng.standard_normal((n, n))
    return np.asarray(0.95 * A / np.abs(np.linalg.eigvals(A)).max())
