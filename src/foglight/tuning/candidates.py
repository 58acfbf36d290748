"""Candidates: values of all parameters, spread over everything that the log does not rule out.

There are three kinds of parameters. A *scale* is bounded below by 0 and affects noises only: a standard deviation. It
is tried in powers of ten about a value at which every noise matters. Any other parameter that is bounded below by 0 (a
rate, a gain) is tried in powers of ten, and as a rate up to half a turn per step. What is left is tried all over its
interval, or as far out as changes a reading by some standard deviations.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.model.model import MOTION
from foglight.tuning.noise_parameters import noise_names
from foglight.tuning.objective import Objective, Point

_LEVELS = np.array([0.0, -1.0, -4.0])  # powers of ten of a scale relative to the largest
_GRID = 3  # scales, at most, of which all combinations of these levels are tried
_DECADES = (-3.0, 1.5)  # powers of ten of a scale
_WIDE = 1.5  # powers of ten of a rate or a gain, either way
_SAMPLE = 32  # points of a sample, doubled for each parameter that is not a scale
_MOST = 160


@dataclass(frozen=True)
class Candidates:
    """values (K, p), and coordinates (K, d) in which two candidates are neighbours or apart."""

    values: Array
    coordinates: Array

    def distances(self, k: int) -> Array:
        """From the k-th candidate to each (K,)."""
        return np.asarray(np.abs(self.coordinates - self.coordinates[k]).max(axis=1))


def scales_of(objective: Objective) -> NDArray[np.bool_]:
    """Which parameters are standard deviations: bounded below by 0 and without effect on anything but noises."""
    noises = noise_names(objective.likelihood.model)
    return np.asarray(objective.logs & np.array([name in noises for name in objective.names], dtype=bool))


def grid(objective: Objective, centre: Point, scales: NDArray[np.int64]) -> Candidates:
    """All combinations of levels of the noises, of which the largest is 0; neighbours have a distance of 1."""
    combinations = product(range(len(_LEVELS)), repeat=len(scales))
    levels = np.array([levels for levels in combinations if min(levels, default=0) == 0])
    values = np.tile(centre.values, (len(levels), 1))
    values[:, scales] *= 10.0 ** _LEVELS[levels]
    return Candidates(np.clip(values, objective.low, objective.high), levels.astype(float))


def small_enough(scales: NDArray[np.int64], others: NDArray[np.int64]) -> bool:
    """Whether a grid of so many parameters is not too large."""
    return not len(others) and len(scales) <= _GRID


def far(
    objective: Objective, centre: Point, scales: Array, others: Array, first: int, count: int
) -> Candidates:
    """Points of a sample that is spread everywhere, from a number of it; a distance of 0.3 is far."""
    sample = spread(first, count, len(scales) + len(others))
    powers, shares = (
        _DECADES[0] + (_DECADES[1] - _DECADES[0]) * sample[:, : len(scales)],
        sample[:, len(scales) :],
    )
    values = np.tile(centre.values, (count, 1))
    values[:, scales] *= 10.0**powers
    for i, share in zip(others, shares.T, strict=True):
        values[:, i] = _anywhere(objective, centre, i, share)
    level = powers - powers.mean(axis=1, keepdims=True) if len(scales) else powers
    return Candidates(np.clip(values, objective.low, objective.high), np.hstack([level / 3.0, 3.0 * shares]))


def lines(objective: Objective, centre: Point, others: Array, count: int) -> Candidates:
    """Points at which one parameter that is not a scale is anywhere, and all else as in a point."""
    shares = (np.arange(count) + 0.5) / count
    values = np.tile(centre.values, (count * len(others), 1))
    coordinates = np.zeros((len(values), len(others)))
    for k, i in enumerate(others):
        own = slice(k * count, (k + 1) * count)
        values[own, i] = _anywhere(objective, centre, i, shares)
        coordinates[own, k] = 3.0 * shares
    return Candidates(np.clip(values, objective.low, objective.high), coordinates)


def near(
    objective: Objective, centre: Point, scales: Array, others: Array, first: int, count: int
) -> Candidates:
    """Points of a sample that is spread around a point."""
    sample = spread(first, count, len(scales) + len(others))
    values = np.tile(centre.values, (count, 1))
    values[:, scales] *= 10.0 ** (1.4 * sample[:, : len(scales)] - 0.7)
    for i, share in zip(others, sample[:, len(scales) :].T, strict=True):
        values[:, i] = _nearby(objective, centre, i, share)
    return Candidates(np.clip(values, objective.low, objective.high), 3.0 * sample)


def sample_size(others: NDArray[np.int64]) -> int:
    """The number of points of the first sample."""
    return min(_SAMPLE << len(others), _MOST)


def _anywhere(objective: Objective, centre: Point, i: int, share: Array) -> Array:
    """Values of parameter i for shares in (0, 1), which are spread evenly."""
    low, high, value = objective.low[i], objective.high[i], centre.values[i]
    if np.isfinite(low) and np.isfinite(high) and low != 0.0:
        return np.asarray(low + (high - low) * (0.02 + 0.96 * share))
    upper = share >= 0.5
    half = np.where(upper, 2.0 * share - 1.0, 2.0 * share)
    if low == 0.0:
        powers = value * 10.0 ** (_WIDE * (2.0 * half - 1.0))
        fastest = np.pi / objective.likelihood.step if objective.names[i].startswith(f"{MOTION}.") else value
        return np.asarray(np.where(upper, min(high, fastest) * half**2, powers))
    reach = max(abs(value), np.sqrt(objective.likelihood.innovations / centre.information[i, i]))
    return np.asarray(np.where(upper, value, 0.0) + reach * np.tan(0.9 * np.pi * (half - 0.5)))


def _nearby(objective: Objective, centre: Point, i: int, share: Array) -> Array:
    value, off = centre.values[i], 2.0 * share - 1.0
    if objective.logs[i]:
        return np.asarray(value * 10.0 ** (0.3 * off))
    if np.isfinite(objective.high[i] - objective.low[i]):
        return np.asarray(value + 0.3 * off * (objective.high[i] - objective.low[i]))
    return np.asarray(value + off * max(0.5 * abs(value), 5.0 / np.sqrt(centre.information[i, i])))


def spread(first: int, count: int, dimensions: int) -> Array:
    """Points (count, dimensions) that fill the unit cube evenly: multiples, modulo 1, of powers of the root of
    x^(d+1) = x + 1 (a Kronecker sequence; Roberts 2018)."""
    root = 2.0
    for _ in range(64):
        root = (1.0 + root) ** (1.0 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    return np.asarray((0.5 + np.arange(first + 1, first + count + 1)[:, None] * steps) % 1.0)
