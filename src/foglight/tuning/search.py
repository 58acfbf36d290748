"""The search for the highest maximum: candidates, short ascents from the best of them, whole ones where these lead.

A likelihood may have several maxima, so one ascent is not enough. Many candidates are evaluated side by side, each in a
lane, with the derivative along the one direction in which all noises change by a common factor: this gives the best
factor at once. The most likely candidates are followed for a few steps. Those that come to the same point, or fall
behind, are dropped; the others ascend to their maxima. If there are parameters other than noises, more candidates are
tried around the best maximum and elsewhere, until they lead no higher.
"""

from dataclasses import dataclass

import numpy as np

from foglight.core.types import Array
from foglight.tuning import candidates
from foglight.tuning.ascent import Ascent, in_units
from foglight.tuning.candidates import scales_of
from foglight.tuning.initial_guess import begin
from foglight.tuning.maximum import ascend
from foglight.tuning.objective import Objective, Point
from foglight.tuning.short_ascents import followed, gain, likely, likely_of_grid, worth_following

_FIRST = ((6, 3), (3, 3), (2, 4))  # (how many short ascents go on, for how many steps)
_AGAIN = ((8, 3), (4, 3))
_LOOKS = 4  # further looks, at most
_LOOK, _LINE = 24, 32  # candidates around the best and elsewhere, and on each line through the best
_ROWS, _ROWS_EACH = 400, 80  # rows by which candidates are judged, and those for each parameter
_ROWS_OF_NOISES = 240  # the former if there are only a few noises
_BETWEEN = 7  # points between two others, at which they are found to be on one hill
_ONE = 0.1  # standard errors: two maxima that are nearer are one
_WITHIN_REACH = 5.0  # of log-likelihood: another maximum as near as this is reported
_SAME = 1e-6  # of log-likelihood
_EQUAL = 1e-3  # of log-likelihood: on a ridge
_UNKNOWN = 1e-9  # eigenvalue of the scaled information that is rounding


@dataclass
class Found:
    """The highest maximum, and others that are within reach of it, highest first."""

    best: Ascent
    others: list[Ascent]


def search(objective: Objective) -> Found:
    """The highest maximum that any of the candidates leads to, and the others within reach."""
    given = begin(objective, objective.likelihood.values)
    known, is_scale = np.diag(given.information) > 0.0, scales_of(objective)
    if not known.any():  # a filter that rejects every reading: no other value is any likelier
        return Found(ascend(objective, given), [])
    scales, others = np.flatnonzero(is_scale & known), np.flatnonzero(~is_scale & known)
    few_noises = candidates.small_enough(scales, others)
    quick, seen = _quick(objective, _ROWS_OF_NOISES if few_noises else _ROWS), 0
    if few_noises:
        point = given if quick is objective else quick.at(given.values)
        starts = likely_of_grid(quick, point, candidates.grid(objective, given, scales), scales)
    else:
        seen = candidates.sample_size(others)
        sample = candidates.far(objective, given, scales, others, 0, seen)
        starts = likely(quick, sample, scales)
    # Of mirrored maxima, and of the points on a ridge, the one near the values in the model is wanted.
    tops = [ascend(objective, given)] if len(others) or not _isolated(objective, given) else []
    tops = _tops(objective, followed(quick, starts, _FIRST), tops)
    if not tops or tops[0].point.value < given.value:
        tops = [ascend(objective, given), *tops]
    for _ in range(_LOOKS):
        before = tops[0].point.value
        if tops[0].converged and not len(others):
            break
        centre = objective.at(np.where(tops[0].point.values == 0.0, 0.1 * given.values, tops[0].point.values))
        samples = [
            candidates.near(objective, centre, scales, others, seen, _LOOK),
            candidates.far(objective, given, scales, others, seen, _LOOK),
        ]
        if len(others):
            samples.append(candidates.lines(objective, centre, others, _LINE))
        seen += _LOOK
        starts = np.vstack([likely(quick, sample, scales) for sample in samples])
        tops = _tops(objective, followed(quick, starts, _AGAIN), tops)
        if tops[0].converged and tops[0].point.value < before + _SAME:
            break
    return _ranked(objective, tops)


def _quick(objective: Objective, least: int) -> Objective:
    """The objective of the first rows, if there are many. least: so many, or more."""
    likelihood, enough = objective.likelihood, max(least, _ROWS_EACH * len(objective.names))
    if likelihood.rows < 2 * enough or not likelihood.exact:
        return objective
    short = objective.beginning(enough)
    usual = likelihood.innovations * enough / likelihood.rows
    return short if short.likelihood.innovations > 0.5 * usual else objective


def _ranked(objective: Objective, tops: list[Ascent]) -> Found:
    """The highest maximum, among equals the one nearest to the values in the model, and the others within reach."""
    best = tops[0]
    for top in tops[1:]:
        equal = top.point.value > tops[0].point.value - _SAME and top.converged == tops[0].converged
        if equal and _nearer(objective, top.point, best.point):
            best = top
    # On a ridge every point is as high as any other, and none is another maximum.
    most = np.inf if _isolated(objective, best.point) else best.point.value - _EQUAL
    within_reach = [top for top in tops if best.point.value - _WITHIN_REACH < top.point.value < most]
    return Found(best, [top for top in within_reach if top.converged and top is not best])


def _nearer(objective: Objective, a: Point, b: Point) -> bool:
    """Whether the values in the model are nearer to a than to b: in the coordinates in which these differ, as shares of
    their distance. A logarithm of 0 is farther than anything."""
    ends = np.array([objective.eta(one.values) for one in (a, b)])
    zeros = np.isneginf(ends).sum(axis=1)
    if zeros[0] != zeros[1]:
        return bool(zeros[0] < zeros[1])
    given = objective.eta(objective.likelihood.values)
    with np.errstate(invalid="ignore"):
        apart = np.abs(ends[0] - ends[1])
        differ = np.isfinite(given) & np.isfinite(apart) & (apart > 1e-6 * np.abs(ends).sum(axis=0))
    shares = (ends - given)[:, differ] / apart[differ]
    return bool((shares[0] ** 2).sum() < (shares[1] ** 2).sum())


def _isolated(objective: Objective, point: Point) -> bool:
    """Whether the data know every combination of the free parameters."""
    free = objective.free(point)
    if not free.any():
        return True
    _, scaled = in_units(point.information, point.information, free)
    return bool(np.linalg.eigvalsh(scaled)[0] > _UNKNOWN)


def _tops(objective: Objective, starts: Array, tops: list[Ascent]) -> list[Ascent]:
    """The tops, highest first, with those that further points lead to, except from the hill of a known one."""
    tops, points = list(tops), objective.at_each(starts)
    points = points.take(worth_following(objective, points))
    gains = gain(objective, points)
    for k in range(len(points)):
        hopeless = tops and points.value[k] + gains[k] < tops[0].point.value - _WITHIN_REACH
        if hopeless or any(_same_hill(objective, top.point, points[k]) for top in tops):
            continue
        new = ascend(objective, points[k])
        known = [top for top in tops if _one_top(objective, top, new)]
        if all(new.point.value > top.point.value for top in known):
            tops = [top for top in tops if top not in known] + [new]
        tops.sort(key=lambda top: -top.point.value)
    return tops


def _one_top(objective: Objective, a: Ascent, b: Ascent) -> bool:
    """Whether two ascents ended at one point, so far as the data know it."""
    return bool(objective.squares(a.point, b.point.values) < _ONE**2)


def _same_hill(objective: Objective, top: Point, point: Point) -> bool:
    """Whether nothing on the way from a point to a top is lower than the point (Ursem 1999)."""
    if point.value > top.value + _SAME:
        return False
    share = np.linspace(0.0, 1.0, _BETWEEN + 2)[1:-1, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        both = objective.logs & (top.values > 0.0) & (point.values > 0.0)
        factor = np.where(both, top.values / point.values, 1.0)
    straight = point.values + share * (top.values - point.values)
    line = np.where(both, point.values * factor**share, straight)
    values, _ = objective.along(line, np.zeros_like(line))
    return bool((values >= point.value - _SAME).all())
