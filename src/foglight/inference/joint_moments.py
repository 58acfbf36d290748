"""Mean and covariance of two or three correlated numbers, each between limits.

The last number is integrated given the others, the others by Gauss–Legendre quadrature one within another: the order of
integration of Genz & Bretz 2009, §4.1. Nodes are where the density matters, and closer where another number comes to
its limit. All is relative to the largest value of the density: nothing underflows in a tail, no moments are subtracted.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.inference.truncated_moments import (
    DECAY,
    REACH,
    gauss_legendre,
    log_probability,
    moments,
    moments_and_mass,
)

JOINTLY = 3  # so many numbers at most: the cost is that of about 100 nodes for each but the last
_PANELS = 4  # between the ends of the range
_STEEP = 8.0  # a limit of a later number takes effect over so many of its standard deviations, either way
_NODES, _COARSE, _LAST = 12, 4, 32  # of a panel; of one while the range is sought; of the last number
_SHRUNK = 0.5  # the range has been found once a pass leaves more of it
_AT_ONCE = 2**20  # nodes, as memory allows


class Box(NamedTuple):
    """Gaussians y = mean + L w, w ~ N(0, diag(S)), between limits.

    mean (R, k); L (R, k, k), unit lower triangular; S (R, k) >= 0, where the first is positive; low, high (k,).
    """

    mean: Array
    L: Array
    S: Array
    low: Array
    high: Array


class Moments(NamedTuple):
    """The logarithm of the probability within the limits (R,), mean (R, k) and covariance (R, k, k)."""

    log: Array
    mean: Array
    cov: Array


def integration_order(mean: Array, cov: Array, low: Array, high: Array) -> NDArray[np.int64]:
    """The order (R, k) in which to integrate: the least probable limits first, then those that are so given the first,
    with its truncated mean. Gibson, Glasbey & Elston 1994.

    mean (R, k), cov (R, k, k). In another order a later limit may act where the nodes of a number are not expected.
    """
    rows, k = mean.shape
    index = np.arange(rows)
    x, P = mean.copy(), cov.copy()
    order, left = np.zeros((rows, k), int), np.ones((rows, k), bool)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for step in range(k):
            std = np.sqrt(np.maximum(np.diagonal(P, axis1=1, axis2=2), 0.0))
            logs = [log_probability(x[:, j], std[:, j], low[j], high[j]) for j in range(k)]
            log = np.where(left, np.nan_to_num(np.stack(logs, axis=1), nan=0.0), np.inf)
            order[:, step] = i = log.argmin(axis=1)
            left[index, i] = False
            at, scale = x[index, i], std[index, i]
            _, beyond, _ = moments((low[i] - at) / scale, (high[i] - at) / scale)
            inside = np.clip(at, low[i], high[i]) + scale * beyond
            gain = np.where(scale[:, None] > 0.0, P[index, i] / (scale * scale)[:, None], 0.0)
            x += np.nan_to_num(gain * (inside - at)[:, None])
            P -= gain[:, :, None] * P[index, i][:, None, :]
    return order


def joint_moments(box: Box) -> Moments:
    """Moments of Gaussians of two or three correlated numbers within their limits; NaN where nothing is within.

    With the numbers in the order of `integration_order`, errors are at most 1e-7 of a standard deviation.
    """
    rows, k = box.mean.shape
    at_once = max(1, _AT_ONCE // (_LAST * (8 * _NODES) ** (k - 1)))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        parts = [
            _integrated(box._replace(mean=box.mean[some], L=box.L[some], S=box.S[some]))
            for some in (slice(first, first + at_once) for first in range(0, rows, at_once))
        ]
    log, mean, cov = (np.concatenate(values) for values in zip(*parts, strict=True))
    return Moments(log - 0.5 * k * np.log(2.0 * np.pi), mean, cov)


def _integrated(box: Box) -> Moments:
    k = len(box.low)
    if k == 1:
        return _last(box.mean[:, 0], np.sqrt(box.S[:, 0]), box.low[0], box.high[0])
    t, weights = _panels(_edges(box, *_range(box)), _NODES)
    some = weights > 0.0
    inner = _integrated(_given_first(box, t, some))
    log = _spread(inner.log, some, -np.inf) - 0.5 * t * t
    peak = log.max(axis=1, keepdims=True)
    density = weights * np.exp(log - peak)
    mass = density.sum(axis=1, keepdims=True)
    density /= mass
    y = _spread(np.concatenate([np.zeros((len(inner.mean), 1)), inner.mean], axis=1), some, 0.0)
    y[..., 0] = box.mean[:, :1] + np.sqrt(box.S[:, :1]) * t
    mean = np.einsum("rc,rck->rk", density, y)
    y -= mean[:, None]
    cov = np.einsum("rc,rck,rcl->rkl", density, y, y)
    cov[:, 1:, 1:] += np.einsum("rc,rckl->rkl", density, _spread(inner.cov, some, 0.0))
    return Moments((peak + np.log(mass))[:, 0], mean, cov)


def _spread(values: Array, some: NDArray[np.bool_], elsewhere: float) -> Array:
    """The values at some of the nodes (R, N), and a number at the others, which are in panels without width."""
    found = np.full(some.shape + values.shape[1:], elsewhere)
    found[some] = values
    return found


def _last(mean: Array, std: Array, low: float, high: float) -> Moments:
    """One number. Where its std is 0 it is its mean, which is within the limits or not."""
    known = std == 0.0
    a, b = (low - mean) / std, (high - mean) / std
    nearest, beyond, variance, mass = moments_and_mass(
        np.where(known, -1.0, a), np.where(known, 1.0, b), _LAST
    )
    log = np.log(mass) - 0.5 * nearest * nearest
    log = np.where(known, np.where((low <= mean) & (mean <= high), 0.0, -np.inf), log)
    found = np.where(known, mean, np.clip(mean, low, high) + std * beyond)
    return Moments(log, found[:, None], (variance * std * std)[:, None, None])


def _given_first(box: Box, t: Array, some: NDArray[np.bool_]) -> Box:
    """The other numbers given the first one at some of the nodes t (R, N), in its standard deviations."""
    rows = np.nonzero(some)[0]
    moved = np.sqrt(box.S[rows, 0]) * t[some]
    mean = box.mean[rows, 1:] + moved[:, None] * box.L[rows, 1:, 0]
    return Box(mean, box.L[rows, 1:, 1:], box.S[rows, 1:], box.low[1:], box.high[1:])


def _log_mass(box: Box) -> Array:
    """The logarithm of the probability, to a few digits, which is enough to find a range."""
    if len(box.low) > 1:
        t, weights = _panels(_edges(box, *_range(box)), _COARSE)
        log = _log_density(box, t, weights)
        peak = log.max(axis=1, keepdims=True)
        return np.asarray(np.log((weights * np.exp(log - peak)).sum(axis=1)) + peak[:, 0])
    mean, std = box.mean[:, 0], np.sqrt(box.S[:, 0])
    inside = (box.low[0] <= mean) & (mean <= box.high[0])
    log = log_probability(mean, std, box.low[0], box.high[0])
    return np.where(std == 0.0, np.where(inside, 0.0, -np.inf), log)


def _log_density(box: Box, t: Array, weights: Array) -> Array:
    """The logarithm of the density of the first number at nodes t (R, N), which it has for the others' sake."""
    some = weights > 0.0
    return _spread(_log_mass(_given_first(box, t, some)), some, -np.inf) - 0.5 * t * t


def _range(box: Box) -> tuple[Array, Array]:
    """The ends (R,) of the first number, in its standard deviations, between which the density matters.

    The density is log-concave: its peak is between the neighbours of the highest node. From a range that is wide
    enough, a few passes find the right one.
    """
    std = np.sqrt(box.S[:, 0])
    reach = _distance(box)
    reach = np.sqrt(reach * reach + 2.0 * DECAY)
    first = np.maximum((box.low[0] - box.mean[:, 0]) / std, -reach)
    last = np.minimum((box.high[0] - box.mean[:, 0]) / std, reach)
    rows = np.flatnonzero(reach > REACH)  # else the peak is at the mean
    while len(rows):
        some = Box(box.mean[rows], box.L[rows], box.S[rows], box.low, box.high)
        t, weights = _panels(_edges(some, first[rows], last[rows]), _COARSE)
        log = _log_density(some, t, weights)
        matters = log >= log.max(axis=1, keepdims=True) - DECAY
        ends = np.concatenate([first[rows, None], t, last[rows, None]], axis=1)
        index = np.arange(len(rows))
        new_first = ends[index, matters.argmax(axis=1)]
        new_last = ends[index, t.shape[1] + 1 - matters[:, ::-1].argmax(axis=1)]
        width = last[rows] - first[rows]
        first[rows], last[rows] = new_first, new_last
        rows = rows[(new_last - new_first < _SHRUNK * width) & np.isfinite(log.max(axis=1))]
    return first, last


def _distance(box: Box) -> Array:
    """A bound (R,) on how far from its mean the peak within the limits is: the distance of a point within them."""
    square, w = np.zeros(len(box.mean)), np.zeros(box.mean.shape)
    for j, (low, high) in enumerate(zip(box.low, box.high, strict=True)):
        mean = box.mean[:, j] + (box.L[:, j, :j] * w[:, :j]).sum(axis=1)
        w[:, j] = np.clip(mean, low, high) - mean
        known = box.S[:, j] == 0.0
        beyond = np.maximum(np.abs(w[:, j]), np.abs(np.clip(box.mean[:, j], low, high) - box.mean[:, j]))
        slope = np.abs(box.L[:, j, 0]) * np.sqrt(box.S[:, 0])
        square += (beyond / np.where(known, slope, np.sqrt(box.S[:, j]))) ** 2
    return np.sqrt(square)


def _edges(box: Box, first: Array, last: Array) -> Array:
    """The ends of panels (R, P + 1), in order: equal ones, and closer where a later number comes to its limit."""
    found = [first + (last - first) * (i / _PANELS) for i in range(1, _PANELS)]
    for mean, slope, spread, end in _steps(box):
        at, width = (end - mean) / slope, _STEEP * spread / np.abs(slope)
        found += [at - width, at, at + width]
    inner = np.clip(np.nan_to_num(np.array(found), nan=-np.inf), first, last)
    return np.concatenate([first[:, None], np.sort(inner, axis=0).T, last[:, None]], axis=1)


def _steps(box: Box) -> Iterator[tuple[Array, Array, Array, float]]:
    """Each finite limit of a later number, with its mean, its slope and its std given the first one (R,); and the same
    for the last number while the one before it is at a limit."""
    std = np.sqrt(box.S[:, 0])
    ends = [[end for end in pair if np.isfinite(end)] for pair in zip(box.low, box.high, strict=True)]
    for j in range(1, len(ends)):
        spread = np.sqrt((box.L[:, j, 1:] ** 2 * box.S[:, 1:]).sum(axis=1))
        yield from ((box.mean[:, j], box.L[:, j, 0] * std, spread, end) for end in ends[j])
    if len(ends) == JOINTLY:
        share = box.L[:, 2, 1]
        slope = (box.L[:, 2, 0] - share * box.L[:, 1, 0]) * std
        for before in ends[1]:
            mean = box.mean[:, 2] + share * (before - box.mean[:, 1])
            yield from ((mean, slope, np.sqrt(box.S[:, 2]), end) for end in ends[2])


def _panels(edges: Array, count: int) -> tuple[Array, Array]:
    """Nodes and weights (R, P count) of so many nodes in each panel."""
    nodes, weights = gauss_legendre(count)
    widths = np.diff(edges, axis=1)[..., None]
    t = edges[:, :-1, None] + widths * nodes
    return t.reshape(len(t), -1), (widths * weights).reshape(len(t), -1)
