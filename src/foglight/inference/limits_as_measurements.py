"""Limits of many correlated states at once, each replaced by a measurement of its state.

Expectation propagation, Minka 2001; for Gaussians within limits Cunningham, Hennig & Lacoste-Julien 2011: each
measurement leaves the state the mean and variance that its limits would leave it, given the measurements that stand for
the limits of the others. The order of the states does not matter, but only these mean values and variances are matched,
so that it is an approximation.
"""

import numpy as np

from foglight.core.types import Array
from foglight.inference.truncated_moments import moments

_SWEEPS = 100  # at most; ten are usual
_SETTLED = 1e-9  # of a standard deviation


def as_measurements(mean: Array, cov: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Values and noise variances (R, k) of the measurements that stand for the limits of k states.

    mean (R, k), cov (R, k, k), low and high (k,). The noise is infinite where a limit changes nothing.
    """
    rows, k = mean.shape
    value, noise = np.zeros((rows, k)), np.full((rows, k), np.inf)
    before = mean
    for _ in range(_SWEEPS):
        after = np.empty_like(mean)
        for i in range(k):
            x, P = mean.copy(), cov.copy()
            for j in range(k):
                if j != i:
                    x, P = _updated(x, P, j, value[:, j], noise[:, j])
            known = P[:, i, i] <= 0.0  # by the other measurements
            std = np.where(known, 1.0, np.sqrt(np.maximum(P[:, i, i], 0.0)))
            _, beyond, share = moments((low[i] - x[:, i]) / std, (high[i] - x[:, i]) / std)
            after[:, i] = np.clip(x[:, i], low[i], high[i]) + np.where(known, 0.0, std * beyond)
            lost = np.where(known, 0.0, 1.0 - share)
            some = lost > 0.0
            over = np.where(some, lost, 1.0)
            noise[:, i] = np.where(some, std * std * share / over, np.inf)
            value[:, i] = np.where(some, x[:, i] + (after[:, i] - x[:, i]) / over, 0.0)
        change = np.abs(after - before) / np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
        before = after
        if change.max() <= _SETTLED:
            break
    return value, noise


def _updated(x: Array, P: Array, j: int, value: Array, noise: Array) -> tuple[Array, Array]:
    """A Gaussian after a measurement of state j; unchanged if its noise is infinite."""
    column = P[:, :, j]
    S = column[:, j] + noise
    gain = column / S[:, None]
    share = np.where(np.isinf(noise), 1.0, noise / np.where(np.isinf(noise), 1.0, S))
    new = P - gain[:, :, None] * column[:, None, :]
    new[:, j, :] = new[:, :, j] = column * share[:, None]
    return x + gain * (value - x[:, j])[:, None], new
