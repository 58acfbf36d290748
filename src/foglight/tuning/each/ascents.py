"""The ascents of several series to their maxima, a step of all that still ascend at a time.

Each ascent has steps of its own, as in `foglight.tuning.ascent`: Fisher scoring, with steps that are shortened if they
lead lower, then Newton's steps, whose matrix is corrected by each change of the gradient (Broyden–Fletcher–Goldfarb–
Shanno). So the second derivative is found once, and serves for the intervals, too. A standard deviation that runs to 0
is set to 0, and is released again if the derivative with respect to its square asks for more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.tuning.ascent import LONGEST_STEP
from foglight.tuning.each.objectives import Objectives, in_units
from foglight.tuning.objective import Points

ENOUGH = 1e-6  # decrement at which an ascent has converged: a thousandth of a standard error
_ONE_HILL = 0.3  # decrement below which the matrix is corrected, and steps are in logarithms
_NEAR = 1e-5  # decrement below which the second derivative is found
_SHORTER, _SHORTEST = (
    (0.1, 0.7),
    1e-6,
)  # by how much a step that leads lower is shortened, and the least share of it
_STEPS = 60  # of an ascent, at most; a series that needs more is tuned alone
_ROUNDING = 1e-13  # relative difference below which two log-likelihoods are equal
_ROUNDS = 3  # in which variances are released
_FAR = 2.0  # factor e^2: two guesses at an error that are further apart call for another look
_SMALL = 1e-3  # share of the standard error of a variance at which the derivative at 0 is evaluated
_NUDGE, _LARGEST_NUDGE = 1e-4, 1e-2  # of a standard error, and of a logarithm: the step of the differences
_CURVED = 1e-3  # share of the information: a negative second derivative that is smaller is flat


@dataclass
class Ascents:
    """Where the ascents of K series are.

    error (K, p): the standard error of the square of a parameter that is 0, as far as it is known.  decrement (K,):
    gᵀ M⁻¹ g, twice what the log-likelihood can still gain.  curvature (K, p, p): the negative second derivative, found
    near the maximum and corrected by the last steps.  is_maximum (K,): whether it is that of a maximum.
    """

    points: Points
    error: Array
    decrement: Array
    curvature: Array
    is_maximum: NDArray[np.bool_]

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which of them have reached a maximum."""
        return np.asarray((self.decrement <= ENOUGH) & self.is_maximum)


def ascend(objectives: Objectives, points: Points, error: Array) -> Ascents:
    """The maxima that these points, at which every filter works, lead to. error: a guess at that of `Ascents`."""
    count, p = points.values.shape
    found = Ascents(points, error, np.full(count, np.inf), np.zeros((count, p, p)), np.zeros(count, bool))
    _raised(objectives, found, np.arange(count))
    changed = np.arange(count)
    for _ in range(_ROUNDS):
        changed = _released(objectives, found, changed)
        if not len(changed):
            break
        _raised(objectives, found, changed)
    rest = np.flatnonzero((found.decrement <= ENOUGH) & ~found.is_maximum)
    found.curvature[rest], found.is_maximum[rest] = _curvatures(
        objectives.some(rest), found.points.take(rest), -_CURVED
    )
    return found


def _raised(objectives: Objectives, found: Ascents, which: NDArray[np.int64]) -> None:
    """Let these series ascend, as far as they can."""
    points = found.points.take(which)
    matrices, share = points.information.copy(), np.ones(len(which))
    found.decrement[which] = _decrements(objectives.some(which), points)
    looked, curved = np.zeros(len(which), bool), np.zeros(len(which), bool)
    refused = np.full((len(which), points.values.shape[1]), np.inf)  # the information at which 0 was worse
    going = np.flatnonzero(found.decrement[which] > ENOUGH)
    for _ in range(_STEPS):
        if not len(going):
            break
        own, at = objectives.some(which[going]), points.take(going)
        near = found.decrement[which[going]] <= _ONE_HILL
        step = share[going, None] * _bounded(own, own.steps(at, matrices[going]), near)
        values, zeroed = _with_zeros(own, at, own.moved(at.values, step), refused[going])
        new = own.at(values)
        better = new.value >= at.value - _ROUNDING * (1.0 + np.abs(at.value))
        refused[going] = np.where(zeroed & ~better[:, None], _informations(at), refused[going])
        up, back = going[better], going[~better & ~zeroed.any(axis=1)]
        matrices[up] = _corrected(own, at, new, matrices[going], near & ~zeroed.any(axis=1))[better]
        share[up] = 1.0
        share[back] *= _shorter(at, new, step)[~better & ~zeroed.any(axis=1)]
        pinned = zeroed & better[:, None]
        elsewhere = going[better & (pinned.any(axis=1) | ~near)]
        looked[elsewhere] = curved[elsewhere] = False
        found.error[which[going]] = np.where(pinned, _error(at), found.error[which[going]])
        _put(points, up, new.take(np.flatnonzero(better)))
        found.decrement[which[up]] = _decrements(objectives.some(which[up]), points.take(up))
        done = (found.decrement[which[going]] <= ENOUGH) | (share[going] < _SHORTEST)
        going = going[~done]
        close = going[(found.decrement[which[going]] <= _NEAR) & ~looked[going]]
        H, definite = _curvatures(objectives.some(which[close]), points.take(close), _CURVED)
        matrices[close[definite]], looked[close], curved[close] = H[definite], True, definite
    _put(found.points, which, points)
    found.curvature[which], found.is_maximum[which] = matrices, curved


def _bounded(own: Objectives, step: Array, near: NDArray[np.bool_]) -> Array:
    """The steps (K, p), none of them too long. Far from the maximum the log-likelihood is more nearly quadratic in a
    variance than in its logarithm, where that must grow: v + 2 v s in place of v exp(2 s)."""
    step = np.where(own.logs, np.clip(step, -LONGEST_STEP, None), step)
    grown = 0.5 * np.log1p(2.0 * np.maximum(step, 0.0))
    return np.where(
        own.logs & ~near[:, None] & (step > 0.0),
        grown,
        np.where(own.logs, np.minimum(step, LONGEST_STEP), step),
    )


def _shorter(at: Points, new: Points, step: Array) -> Array:
    """The share (K,) of each step at which a cubic with the values and slopes of both its ends is highest."""
    with np.errstate(all="ignore"):
        rise, first, last = (
            new.value - at.value,
            (at.gradient * step).sum(axis=1),
            (new.gradient * step).sum(axis=1),
        )
        a, b = first + last - 2.0 * rise, 3.0 * rise - 2.0 * first - last
        share = (-b - np.sqrt(b * b - 3.0 * a * first)) / (3.0 * a)
    return np.clip(np.where(np.isfinite(share), share, _SHORTER[0]), *_SHORTER)


def _with_zeros(
    own: Objectives, at: Points, values: Array, refused: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """The values, with 0 in place of the step for a standard deviation that runs to 0 and hardly affects the likelihood
    any more; and which that is."""
    information = _informations(at)
    may = (
        (own.low == 0.0)
        & own.free(at)
        & (at.gradient < 0.0)
        & (information < np.minimum(1.0, 0.25 * refused))
    )
    first = may & (np.cumsum(may, axis=1) == 1)
    return np.where(first.any(axis=1)[:, None], np.where(first, 0.0, at.values), values), first


def _corrected(own: Objectives, at: Points, new: Points, matrices: Array, near: NDArray[np.bool_]) -> Array:
    """The matrix of each next step: the information, or near the maximum the last matrix corrected (Nocedal & Wright
    2006, eq. 6.19) by the change of the gradient."""
    step = _apart(own, new.values, at.values)
    change = at.gradient - new.gradient
    through = np.einsum("kij,kj->ki", matrices, step)
    along, across = (change * step).sum(axis=1), (through * step).sum(axis=1)
    use = near & (along > 0.0) & (across > 0.0)
    along, across = (np.where(use, v, 1.0)[:, None, None] for v in (along, across))
    corrected = matrices - _squared(through) / across + _squared(change) / along
    return np.where(use[:, None, None], corrected, new.information)


def _released(objectives: Objectives, found: Ascents, among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of these series in which a variance is no longer 0, since the derivative says that it had better be larger.

    In s the likelihood is flat at s = 0; the derivative with respect to v = s² decides: ∂ll/∂v = (s ∂ll/∂s) / 2v, at a
    thousandth of the standard error of v (Harvey 1989, §5.1.2)."""
    pinned = objectives.logs & (found.points.values == 0.0)
    which = among[(pinned.any(axis=1) & (found.decrement <= ENOUGH))[among]]
    rising: list[int] = []
    for _ in range(_ROUNDS):
        if not len(which):
            break
        at, own, there = pinned[which], objectives.some(which), found.points.take(which)
        values = np.where(at, np.sqrt(_SMALL * found.error[which]), there.values)
        near = own.at(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            error, slope = np.where(at, _error(near), np.nan), near.gradient / (2.0 * values**2)
            far = at & (np.abs(np.log(error / found.error[which])) > _FAR) & np.isfinite(error)
            more = at & (slope * error > _SMALL) & np.isfinite(slope * error)
            values = np.where(more, error * np.sqrt(slope), there.values)
        found.error[which] = np.where(np.isfinite(error) & (error > 0.0), error, found.error[which])
        up = np.flatnonzero(more.any(axis=1) & ~far.any(axis=1))
        new = own.some(up).at(values[up])
        higher = new.value > there.value[up]
        _put(found.points, which[up][higher], new.take(np.flatnonzero(higher)))
        rising += which[up][higher].tolist()
        which = which[far.any(axis=1)]
    return np.array(rising, dtype=np.int64)


def _curvatures(own: Objectives, points: Points, least: float) -> tuple[Array, NDArray[np.bool_]]:
    """The negative second derivative (K, p, p) at each point, by differences of the exact gradient, 0 in coordinates
    that are not free; and whether its eigenvalues, in units of the information, are above `least`."""
    p, free = points.values.shape[1], own.free(points)
    H = np.zeros((len(points), p, p))
    if not len(points):
        return H, np.zeros(0, bool)
    with np.errstate(divide="ignore"):
        sizes = _NUDGE / np.sqrt(_informations(points))
    sizes = np.where(own.logs, np.minimum(sizes, _LARGEST_NUDGE), sizes)
    which, i = np.nonzero(free)
    some = own.some(which)
    values = some.moved(points.values[which], np.where(np.arange(p) == i[:, None], sizes[which], 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (some.eta(values) - some.eta(points.values[which]))[np.arange(len(i)), i]
        H[which, i] = (points.gradient[which] - some.at(values).gradient) / apart[:, None]
    H = np.where(free[:, :, None] & free[:, None, :], 0.5 * (H + H.transpose(0, 2, 1)), 0.0)
    sound = np.isfinite(H).all(axis=(1, 2))
    H[~sound] = 0.0
    scale = np.where(free, 1.0 / np.sqrt(np.where(free, _informations(points), 1.0)), 0.0)
    scaled = in_units(H, scale) + _diagonal(~free)
    return H, sound & (np.linalg.eigvalsh(scaled)[:, 0] > least)


def _diagonal(flags: NDArray[np.bool_]) -> Array:
    """Matrices (K, p, p) with these on the diagonal."""
    return np.asarray(flags[:, :, None] * np.eye(flags.shape[1]))


def _decrements(own: Objectives, points: Points) -> Array:
    found = (points.gradient * own.steps(points, points.information)).sum(axis=1)
    return np.where(np.isfinite(found), found, np.inf)


def _error(points: Points) -> Array:
    """The standard error (K, p) of the square of each parameter, from the information on its logarithm; inf if there is
    none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2.0 * points.values**2 / np.sqrt(_informations(points)))


def _apart(own: Objectives, values: Array, others: Array) -> Array:
    """The differences (K, p) of coordinates; 0 where a parameter is 0."""
    with np.errstate(invalid="ignore"):
        apart = own.eta(values) - own.eta(others)
        return np.asarray(np.nan_to_num(apart, nan=0.0, posinf=0.0, neginf=0.0))


def _informations(points: Points) -> Array:
    """The information (K, p) on each parameter alone."""
    return np.asarray(np.diagonal(points.information, axis1=1, axis2=2))


def _squared(vectors: Array) -> Array:
    return np.asarray(vectors[:, :, None] * vectors[:, None, :])


def _put(points: Points, which: NDArray[np.int64], new: Points) -> None:
    for array, other in zip(vars(points).values(), vars(new).values(), strict=True):
        array[which] = other
