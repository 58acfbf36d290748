"""A filter is as good as it says, exactly: no sampling, one run per unit vector of the noise.

The error of a linear filter is affine in (start error, process noise, measurement noise). Whiten all of it, run once
without noise and once per unit vector: what is left of the noise-free run is bias, the outer products of the errors
sum to their covariance, those of the innovations to S, and to 0 between innovations of different rows. A slip of 1e-6
in any matrix shows, and so does a filter of another model, whose true covariance differs from the stated one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .models import Linear

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Experiment:
    """Truths (tracks, T, n) and logs (tracks, T, M): track 0 without noise, the others with one unit vector each."""

    truth: Array
    z: Array

    def bias(self, mean: Array) -> Array:
        """The mean error (T, n) of estimates (tracks, T, n)."""
        return np.asarray(mean[0] - self.truth[0])

    def error_cov(self, mean: Array) -> Array:
        """The covariance (T, n, n) of the errors of estimates."""
        error = mean - self.truth
        deviation = error[1:] - error[0]
        return np.asarray(np.einsum("jki,jkl->kil", deviation, deviation))

    def innovation_cov(self, innovation: Array) -> Array:
        """The covariance (T M, T M) of innovations (tracks, T, M) at all times; 0 where there is none."""
        values = np.where(np.isnan(self.z), 0.0, innovation)
        deviation = (values[1:] - values[0]).reshape(len(values) - 1, -1)
        return np.asarray(deviation.T @ deviation)


def experiment(case: Linear, predict_first: bool = False) -> Experiment:
    """The runs for a model with one entry a row. Where case.z has no component, no log has one."""
    T, n, m = len(case.z), len(case.mean), case.z.shape[1]
    moved = range(0 if predict_first else 1, T)
    pushes = [("start", 0, root(case.cov))]
    pushes += [("process", k, root(case.Q[k])) for k in moved]
    pushes += [("measurement", k, columns) for k in range(T) if (columns := seen(case, k)).size]
    none = [("start", 0, np.zeros(n))]
    tracks = none + [(kind, k, column) for kind, k, columns in pushes for column in columns.T]
    truth, z = np.empty((len(tracks), T, n)), np.empty((len(tracks), T, m))
    for track, (kind, when, push) in enumerate(tracks):
        x = case.mean + push if kind == "start" else case.mean
        for k in range(T):
            if k in moved:
                x = case.F[k] @ x + case.b[k]
            if (kind, when) == ("process", k):
                x = x + push
            truth[track, k] = x
            z[track, k] = case.H[k] @ x + case.d[k]
            if (kind, when) == ("measurement", k):
                z[track, k] += push
    return Experiment(truth, np.where(np.isnan(case.z), np.nan, z))


def seen(case: Linear, k: int) -> Array:
    """Columns of noise on the components that row k has."""
    used = np.flatnonzero(~np.isnan(case.z[k]))
    columns = np.zeros((case.z.shape[1], len(used)))
    if used.size:
        columns[used] = root(case.R[k][np.ix_(used, used)])
    return columns


def root(C: Array) -> Array:
    """Columns B with B B' = C, as many as C has rank."""
    values, vectors = np.linalg.eigh(C)
    kept = values > 1e-14 * np.trace(C)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))
