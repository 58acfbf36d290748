"""Beliefs truncated at the limits of their states, mean and covariance: what a filter reports.

The filter itself carries the belief as if there were no limits. If a truncated belief were fed back, it would be
truncated again at the next row: the same knowledge, counted once per row, would narrow it without end.
A state alone at its limits: first the moments of its normal distribution between them, then their effect on the other
states through the covariance, by an update with a measurement of the state that leaves it with these moments. Simon &
Simon 2010, §3. Two or three correlated states at their limits: the moments of their joint distribution within all
limits, and the other states by regression. More of them: a measurement for each, which is an approximation.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.inference.joint_moments import JOINTLY, Box, integration_order, joint_moments
from foglight.inference.limit_updates import known, marginal, measured, widened
from foglight.inference.limits_as_measurements import as_measurements
from foglight.inference.truncated_moments import REACH, log_probability, moments
from foglight.methods.layout import belief_size, upper
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.parameters import Bounds

_SLIGHT = 22.0  # limits that cut off less than e^-22, 3e-10, do not act together with others
_CHUNK = 8192  # rows at a time


def limited(model: Model, method: Method, records: Array) -> Array:
    """The beliefs at the beginning of records (..., width), truncated at the model's limits; records if it has none."""
    limits = model.motion.limits
    if not limits:
        return records
    n = len(model.state)
    beliefs = np.array(records[..., : belief_size(n)]).reshape(-1, belief_size(n))
    ends = {model.state.index(name): pair for name, pair in limits.items()}
    for first in range(0, len(beliefs), _CHUNK):
        _truncate(beliefs[first : first + _CHUNK], n, ends, method)
    beliefs.flags.writeable = False
    return beliefs.reshape(*records.shape[:-1], beliefs.shape[1])


def _truncate(beliefs: Array, n: int, ends: dict[int, Bounds], method: Method) -> None:
    """Truncate beliefs (rows, size), overwriting them."""
    free = beliefs.copy()
    states = list(ends)
    low, high = np.array(list(ends.values())).T
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, cov = marginal(free, n, tuple(states), method)
        std = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
        distance = np.minimum(mean - low, high - mean) / std
    near = np.zeros(mean.shape, bool)
    minus_log = np.zeros(len(free))  # -log of the probability of what is within the limits that are counted
    rows = np.arange(len(free))
    while True:
        # A limit that is far may be close once others have cut off most of the belief: at most by their probability.
        counted = (distance[rows] < np.sqrt(2.0 * (_SLIGHT + minus_log[rows, None]))) & (std[rows] > 0.0)
        changed = (counted & ~near[rows]).any(axis=1)
        rows, counted = rows[changed], counted[changed]
        if not len(rows):
            break
        near[rows] |= counted
        beliefs[rows], minus_log[rows] = free[rows], 0.0
        correlated = near[rows, :, None] & near[rows, None, :] & (cov[rows] != 0.0)
        for some, groups in _groups(correlated):
            part = beliefs[rows[some]]
            for group in groups:
                together = {states[i]: ends[states[i]] for i in group}
                minus_log[rows[some]] += _apply(part, n, together, method)
            beliefs[rows[some]] = part
    for i, state in enumerate(states):
        alone = np.flatnonzero(~near[:, i])
        part = beliefs[alone]
        _cut_off(part, n, state, ends[state], method)
        beliefs[alone] = part


def _groups(correlated: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], list[tuple[int, ...]]]]:
    """Rows that agree on which states are correlated (rows, k, k), and the states that are so, directly or not."""
    patterns, index = np.unique(correlated.reshape(len(correlated), -1), axis=0, return_inverse=True)
    found = []
    for number, pattern in enumerate(patterns.reshape(-1, *correlated.shape[1:])):
        reached = pattern
        while (more := reached @ reached).sum() > reached.sum():
            reached = more
        groups = sorted({tuple(np.flatnonzero(row).tolist()) for row in reached} - {()})
        found.append((np.flatnonzero(index.ravel() == number), groups))
    return found


def _apply(beliefs: Array, n: int, ends: dict[int, Bounds], method: Method) -> Array:
    """Truncate correlated states together, overwriting beliefs. Returns -log of the probability (rows,) within."""
    if len(ends) == 1:
        ((state, pair),) = ends.items()
        mean, cov = marginal(beliefs, n, (state,), method)
        _cut_off(beliefs, n, state, pair, method)
        return -log_probability(mean[:, 0], np.sqrt(cov[:, 0, 0]), *pair)
    if len(ends) > JOINTLY:
        return _cut_off_many(beliefs, n, ends, method)
    minus_log = np.empty(len(beliefs))
    order = integration_order(*marginal(beliefs, n, tuple(ends), method), *np.array(list(ends.values())).T)
    for found in np.unique(order, axis=0):
        rows = np.flatnonzero((order == found).all(axis=1))
        part = beliefs[rows]
        states = [list(ends)[j] for j in found]
        minus_log[rows] = _cut_off_together(part, n, {state: ends[state] for state in states}, method)
        beliefs[rows] = part
    return minus_log


def _cut_off(beliefs: Array, n: int, i: int, ends: Bounds, method: Method) -> None:
    """Truncate state i, overwriting beliefs, where a limit is near enough to matter."""
    low, high = ends
    column = {pair: n + k for k, pair in enumerate(upper(n))}
    variance = beliefs[:, column[i, i]].copy()
    if method.factored:
        for j in range(i + 1, n):
            variance += beliefs[:, column[i, j]] ** 2 * beliefs[:, column[j, j]]
    std = np.sqrt(variance)
    near = (beliefs[:, i] - low < REACH * std) | (high - beliefs[:, i] < REACH * std)
    rows = np.flatnonzero(near & (std > 0.0))  # a state that is known exactly is unchanged
    mean, std, variance = beliefs[rows, i], std[rows], variance[rows]
    _, beyond, share = moments((low - mean) / std, (high - mean) / std)
    inside = np.clip(np.clip(mean, low, high) + std * beyond, low, high)
    lost = 1.0 - share
    some = lost > 0.0
    rows, inside, lost = rows[some], inside[some], lost[some]
    # A measurement with this noise leaves `share` of the variance, and moves the mean by `lost` times its innovation.
    r, e = variance[some] * share[some] / lost, (inside - mean[some]) / lost
    beliefs[rows] = measured(beliefs[rows], n, i, r, e, method)
    beliefs[rows, i] = inside


def _cut_off_together(beliefs: Array, n: int, ends: dict[int, Bounds], method: Method) -> Array:
    """Truncate two or three correlated states, in the order of integration, overwriting beliefs.

    The gains of exact measurements of the states, one after the other, are the regression of all states on them.
    """
    states = tuple(ends)
    k = len(states)
    gains, S, given = known(beliefs, n, states, method)
    L = np.tril(gains[:, states], -1) + np.eye(k)
    low, high = np.array(list(ends.values())).T
    inside = joint_moments(Box(beliefs[:, states], L, S, low, high))
    # Where the limits contradict each other to rounding, nothing is within them.
    rows = np.flatnonzero(np.isfinite(inside.mean).all(axis=1))
    regression = np.linalg.solve(L[rows].transpose(0, 2, 1), gains[rows].transpose(0, 2, 1)).transpose(
        0, 2, 1
    )
    regression[:, states] = np.eye(k)
    V, D = _factor(inside.cov[rows])
    new = widened(given[rows], n, regression @ V, D, method)
    moved = inside.mean[rows] - beliefs[rows][:, states]
    new[:, :n] = beliefs[rows, :n] + (regression @ moved[..., None])[..., 0]
    new[:, states] = np.clip(inside.mean[rows], low, high)
    minus_log = -inside.log
    rest = np.setdiff1d(np.arange(len(beliefs)), rows)
    others = beliefs[rest]
    if len(rest):
        minus_log[rest] = _cut_off_many(others, n, ends, method)
    beliefs[rows], beliefs[rest] = new, others
    return minus_log


def _cut_off_many(beliefs: Array, n: int, ends: dict[int, Bounds], method: Method) -> Array:
    """Truncate correlated states by a measurement for each, overwriting beliefs."""
    states = tuple(ends)
    low, high = np.array(list(ends.values())).T
    mean, cov = marginal(beliefs, n, states, method)
    value, noise = as_measurements(mean, cov, low, high)
    for j, state in enumerate(states):
        rows = np.flatnonzero(np.isfinite(noise[:, j]))
        e = value[rows, j] - beliefs[rows, state]
        beliefs[rows] = measured(beliefs[rows], n, state, noise[rows, j], e, method)
    beliefs[:, states] = np.clip(beliefs[:, states], low, high)
    std = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    alone = [log_probability(mean[:, j], std[:, j], *pair) for j, pair in enumerate(ends.values())]
    return np.asarray(-np.sum(alone, axis=0))


def _factor(cov: Array) -> tuple[Array, Array]:
    """V (rows, k, k), unit upper triangular, and D (rows, k) of covariances V diag(D) Vᵀ."""
    A, k = cov.copy(), cov.shape[1]
    V, D = np.zeros(cov.shape) + np.eye(k), np.zeros(cov.shape[:2])
    for j in reversed(range(k)):
        D[:, j] = np.maximum(A[:, j, j], 0.0)
        column = A[:, :j, j] / np.where(D[:, j] > 0.0, D[:, j], 1.0)[:, None]
        V[:, :j, j] = np.where(D[:, j, None] > 0.0, column, 0.0)
        A[:, :j, :j] -= D[:, j, None, None] * V[:, :j, None, j] * V[:, None, :j, j]
    return V, D
