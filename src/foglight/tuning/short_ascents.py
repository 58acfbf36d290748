"""Which candidates are worth an ascent: the most likely ones, and of these the ones that a few steps lead high up."""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.tuning.ascent import LONGEST_STEP
from foglight.tuning.candidates import Candidates
from foglight.tuning.objective import Objective, Point, Points

_APART = 0.3  # least distance of two candidates that are followed
_MOST = 5  # candidates, at most, that are followed
_DAMPED = 1e-3, 1e-6  # the damping at first, and at least
_NEAR = 3.0  # standard errors: two points that are nearer lead to the same maximum
_HOPELESS = 10.0  # of log-likelihood
_AS_EXPECTED = 1e-3  # of log-likelihood


def likely(objective: Objective, sample: Candidates, scales: NDArray[np.int64]) -> Array:
    """The most likely candidates that are apart from one another, with their noises at the best common factor.

    Of a curved model, the log-likelihood expected there may be far off. So it is evaluated for those that are expected
    to be the most likely ones, and for all if it is not as expected."""
    scaled, expected = _scaled(objective, sample.values, scales)
    chosen = _apart(sample, expected)
    found, _ = objective.along(scaled[chosen], np.zeros_like(scaled[chosen]))
    if (np.abs(found - expected[chosen]) < _AS_EXPECTED).all():
        return scaled[chosen]
    found, _ = objective.along(scaled, np.zeros_like(scaled))
    return scaled[_apart(sample, found)]


def _apart(sample: Candidates, values: Array) -> list[int]:
    """The numbers of the candidates with the highest values that are apart from one another."""
    chosen: list[int] = []
    for k in np.argsort(-np.where(np.isfinite(values), values, -np.inf)):
        if np.isfinite(values[k]) and (sample.distances(k)[chosen] > _APART).all():
            chosen.append(int(k))
        if len(chosen) == _MOST:
            break
    return chosen


def likely_of_grid(
    objective: Objective, given: Point, sample: Candidates, scales: NDArray[np.int64]
) -> Array:
    """The candidates of a grid that no neighbour exceeds, with their noises at the best common factor. given: a point
    of the objective."""
    values, expected = _scaled(objective, sample.values, scales, given)
    found: list[int] = []
    for k in np.argsort(-expected):
        neighbours = np.ptp(sample.coordinates - sample.coordinates[k], axis=1) <= 1.0
        if np.isfinite(expected[k]) and (expected[neighbours] <= expected[k]).all():
            found.append(int(k))
    return values[found[:_MOST]]


def _scaled(
    objective: Objective, values: Array, scales: NDArray[np.int64], given: Point | None = None
) -> tuple[Array, Array]:
    """The candidates with their noises at the best common factor, and the objective expected there.

    With G = Σ ∂ll/∂ log s = NIS - N over N innovations, the factor c has c² = 1 + G/N (see initial_guess.py)."""
    direction = np.zeros_like(values)
    direction[:, scales] = 1.0
    quick = None if given is None else objective.with_scale_slopes(values, given, scales)
    found, slopes = objective.along(values, direction) if quick is None else quick
    broken = ~np.isfinite(found)
    found[broken], slopes[broken] = -np.inf, 0.0
    count = objective.likelihood.tested
    square = np.maximum(1.0 + slopes / count, 1e-12)
    expected = found + 0.5 * count * (square - 1.0 - np.log(square))
    return np.clip(values * np.sqrt(square)[:, None] ** direction, objective.low, objective.high), expected


def followed(objective: Objective, starts: Array, schedule: tuple[tuple[int, int], ...]) -> Array:
    """Where a few steps of each ascent lead, best first; without those that lead to the same point or fall behind."""
    if len(starts) < 2:
        return starts
    points = objective.at_each(starts)
    points = points.take(np.flatnonzero(np.isfinite(points.value)))
    damping = np.full(len(points), _DAMPED[0])
    for most, steps in schedule:
        kept = worth_following(objective, points)[:most]
        points, damping = points.take(kept), damping[kept]
        if len(points) < 2:
            break
        for _ in range(steps):
            new = objective.at_each(objective.moved(points.values, _steps(objective, points, damping)))
            damping = np.where(new.value > points.value, 0.1 * damping, 10.0 * damping)
            damping = np.maximum(damping, _DAMPED[1])
            points = points.or_better(new)
    return points.take(worth_following(objective, points)).values


def worth_following(objective: Objective, points: Points) -> list[int]:
    """The numbers of the points, best first, that are apart from all better ones and may still reach the best."""
    values = np.where(np.isfinite(points.value), points.value, -np.inf)
    within = values + gain(objective, points) > values.max(initial=-np.inf) - _HOPELESS
    kept: list[int] = []
    for k in np.argsort(-values):
        if within[k] and (objective.squares(points.take(kept), points.values[k]) > _NEAR**2).all():
            kept.append(int(k))
    return kept


def gain(objective: Objective, points: Points) -> Array:
    """By how much each ascent may still gain: four times what a quadratic would."""
    steps = _steps(objective, points, np.full(len(points), _DAMPED[1]))
    found = 2.0 * (points.gradient * steps).sum(axis=1)
    return np.where(np.isfinite(found), np.maximum(found, 0.0), np.inf)


def _steps(objective: Objective, points: Points, damping: Array) -> Array:
    """The steps s (K, p) with (I + damping diag I) s = g in the free coordinates of each point."""
    free, p = objective.free(points), len(objective.names)
    diagonal = np.diagonal(points.information, axis1=1, axis2=2)
    part = np.where(free, 1.0 / np.sqrt(np.where(free, diagonal, 1.0)), 0.0)
    scaled = points.information * part[:, :, None] * part[:, None, :]
    scaled[:, range(p), range(p)] = 1.0 + damping[:, None]
    steps = part * np.linalg.solve(scaled, (part * points.gradient)[:, :, None])[:, :, 0]
    return np.asarray(np.where(objective.logs, np.clip(steps, -LONGEST_STEP, LONGEST_STEP), steps))
