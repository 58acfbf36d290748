"""The ascent to the maximum: Fisher scoring with damped steps, and quasi-Newton or Newton steps near the maximum.

A step solves (I + λ diag I) s = g with the Fisher information I, which is never indefinite (Levenberg 1944; Marquardt
1963). Near the maximum each step and the change of the gradient correct I (Broyden–Fletcher–Goldfarb–Shanno; Nocedal &
Wright 2006, §6.1). If that does not converge, because the model is far from the data, the negative second derivative H
from differences of the exact gradient replaces I. The ascent ends when the Newton decrement gᵀ I⁻¹ g, twice what the
log-likelihood can still gain, is negligible (Boyd & Vandenberghe 2004, §9.5).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.tuning.objective import Objective, Point

ENOUGH = 1e-10  # decrement at which the ascent has converged
_DONE = 1e-13  # decrement below which another step changes no digit that counts: 3e-7 of a standard error
_NEAR = 1e-2  # decrement below which undamped steps are tried
LONGEST_STEP = 3.0  # of a logarithm: a factor of twenty
_NULL = 1e-12  # eigenvalues below this share of the largest one of the scaled information are rounding
_ROUNDING = 1e-13  # relative difference below which two log-likelihoods are equal
_NUDGE = 1e-3  # of a standard error: the step of the central differences for H
_ONE_SIDED = 1e-4  # of a standard error: that of one-sided differences, where the gradient is exact
_LARGEST_NUDGE = 0.1  # the same of a logarithm, at most
_STEPS = 12  # of scoring near the maximum; it mostly takes four
_LONGEST = 200  # damped steps, at most
_LEAST_DAMPING = 1e-9


@dataclass(eq=False)
class Ascent:
    """The state of an ascent. path: (loglik, decrement, values) of each accepted point.  pinned: {index of a parameter
    that was set to 0: its value before}.  is_maximum: False once the second derivative, or that with respect to a
    variance at 0, says otherwise.  curvature: the negative second derivative at the point of a finished ascent; None if
    the filter breaks near it."""

    point: Point
    decrement: float
    path: list[tuple[float, float, Array]] = field(default_factory=list)
    pinned: dict[int, float] = field(default_factory=dict)
    is_maximum: bool = True
    curvature: Array | None = None

    @property
    def converged(self) -> bool:
        """Whether the decrement is small enough for a maximum, and the point is one."""
        return self.decrement <= ENOUGH and self.is_maximum


def maximise(
    objective: Objective,
    start: Point,
    path: list[tuple[float, float, Array]] | None = None,
    enough: float = _DONE,
) -> Ascent:
    """Ascend from this point to the nearest maximum. enough: the decrement at which no further step is tried."""
    here = Ascent(start, _decrement(objective, start, start.information), path=[] if path is None else path)
    here.path.append((start.loglik, here.decrement, start.values))
    damping, last = 1e-3, np.zeros(len(start.values))
    for _ in range(_LONGEST):
        if here.decrement <= _NEAR and (_scoring(objective, here, enough) or _newton(objective, here)):
            break
        if _try_zero(objective, here):
            continue
        old = here.point
        new = objective.at(objective.moved(old.values, _damped(objective, old, damping)))
        if new.value >= old.value - slack(old):
            damping = max(0.1 * damping, _LEAST_DAMPING)
        else:
            values, damping = _best_of_several(objective, old, damping, last)
            new = objective.at(values)
            if not new.value >= old.value - slack(old):
                break
        with np.errstate(invalid="ignore"):
            last = np.nan_to_num(objective.eta(new.values) - objective.eta(old.values), neginf=0.0)
        accept(objective, here, new)
        if not new.value > old.value and here.decrement > _NEAR:
            break
    return here


def _damped(objective: Objective, point: Point, damping: float) -> Array:
    """A damped step, clipped one by one: a poorly known parameter must not hold up the others."""
    step = solve(objective, point, point.information, damping)
    return np.where(objective.logs, np.clip(step, -LONGEST_STEP, LONGEST_STEP), step)


def _best_of_several(objective: Objective, point: Point, damping: float, last: Array) -> tuple[Array, float]:
    """The best of shorter steps, and of steps that go on along the last one as well: a ridge is bent, but not much."""
    dampings = damping * 10.0 ** np.arange(1.0, 9.0)
    steps = np.array([_damped(objective, point, d) for d in dampings])
    further = steps[:4, None] + np.array([1.0, 4.0, 16.0])[:, None] * last
    values = objective.moved(point.values, np.concatenate([steps, further.reshape(-1, len(last))]))
    found, _ = objective.along(values, np.zeros_like(values))
    best = int(np.argmax(np.where(np.isfinite(found), found, -np.inf)))
    return values[best], float(dampings[best] if best < len(steps) else dampings[(best - len(steps)) // 3])


def solve(objective: Objective, point: Point, matrix: Array, damping: float = 0.0) -> Array:
    """The step s with (matrix + damping diag) s = g in the free coordinates, scaled to a unit diagonal; it is 0 along
    null directions of the matrix."""
    free = objective.free(point) & (np.diag(matrix) > 0.0)
    step = np.zeros(len(free))
    if free.any():
        scale, scaled = in_units(matrix, matrix, free)
        values, vectors = np.linalg.eigh(scaled)
        along = vectors.T @ (scale * point.gradient[free])
        known = values > _NULL * values[-1]
        along = np.where(known, along / (np.where(known, values, 1.0) + damping), 0.0)
        step[free] = scale * (vectors @ along)
    return step


def in_units(matrix: Array, information: Array, free: NDArray[np.bool_]) -> tuple[Array, Array]:
    """The unit of each free coordinate, 1/√ of its information, and the matrix of these coordinates in their units."""
    scale = 1.0 / np.sqrt(np.diag(information)[free])
    with np.errstate(over="ignore", invalid="ignore"):  # of one that the readings hardly depend on
        return scale, matrix[np.ix_(free, free)] * np.outer(scale, scale)


def second_derivative(objective: Objective, point: Point, nudge: float | None = None) -> Array | None:
    """-∂²/∂η² at a point, (p, p), by differences of the gradient with steps of a small part of each standard error; 0
    in coordinates that are not free; None if the filter breaks. nudge: the part, either way."""
    p = len(point.values)
    free = objective.free(point)
    H = np.zeros((p, p))
    exact = objective.likelihood.exact and nudge is None
    step = (_ONE_SIDED if exact else _NUDGE) if nudge is None else nudge
    with np.errstate(divide="ignore"):
        sizes = step / np.sqrt(np.diag(point.information))
    sizes = np.where(objective.logs, np.minimum(sizes, _LARGEST_NUDGE), sizes)
    which = np.flatnonzero(free)
    if not len(which):
        return H
    up = np.diag(np.where(point.values < objective.high, sizes, -sizes))[which]
    ends = objective.at_each(objective.moved(point.values, up if exact else np.vstack([up, -up])))
    eta, count = objective.eta(ends.values), len(which)
    here = objective.eta(point.values)
    for k, i in enumerate(which):
        start, gradient = (here, point.gradient) if exact else (eta[count + k], ends.gradient[count + k])
        apart = eta[k, i] - start[i]
        H[i] = (gradient - ends.gradient[k]) / apart if apart else np.nan
    H = np.where(np.outer(free, free), 0.5 * (H + H.T), 0.0)
    return H if np.isfinite(H).all() else None


def definite(objective: Objective, point: Point, H: Array | None) -> bool:
    """Whether -∂²/∂η² is positive definite in the free coordinates; False if it is None."""
    if H is None:
        return False
    free = objective.free(point)
    _, scaled = in_units(H, point.information, free)
    return bool((np.linalg.eigvalsh(scaled) > _NULL).all())


def slack(point: Point) -> float:
    """The difference of two log-likelihoods that may be due to rounding."""
    return _ROUNDING * (1.0 + abs(point.value))


def _scoring(objective: Objective, here: Ascent, enough: float) -> bool:
    """Fisher scoring, the information corrected after each step (BFGS); returns whether it has converged."""
    matrix = here.point.information
    for _ in range(_STEPS):
        if here.decrement <= enough:
            break
        old, step = here.point, solve(objective, here.point, matrix)
        new = objective.at(objective.moved(old.values, step))
        left = _decrement(objective, new, new.information)
        if not (new.value >= old.value - slack(old) and left < 0.25 * here.decrement):
            break
        accept(objective, here, new, left)
        change, through = old.gradient - new.gradient, matrix @ step
        if change @ step > 0.0:
            matrix = (
                matrix
                - np.outer(through, through) / (step @ through)
                + np.outer(change, change) / (change @ step)
            )
    return here.decrement <= max(enough, ENOUGH)


def _newton(objective: Objective, here: Ascent) -> bool:
    """Newton steps with H, which is renewed when it stops helping; returns whether they have converged."""
    for _ in range(4):
        H = second_derivative(objective, here.point)
        if not definite(objective, here.point, H):
            return False
        assert H is not None
        here.decrement = _decrement(objective, here.point, H)
        for _ in range(6):
            if here.decrement <= _DONE:
                return True
            new = objective.at(objective.moved(here.point.values, solve(objective, here.point, H)))
            left = _decrement(objective, new, H)
            if not (new.value >= here.point.value - slack(here.point) and left < 0.25 * here.decrement):
                break
            accept(objective, here, new, left)
        if here.decrement <= ENOUGH:
            return True
    return False


def accept(objective: Objective, here: Ascent, new: Point, decrement: float | None = None) -> None:
    """Go on from a point, and remember which parameters it sets to 0."""
    for i in np.flatnonzero(objective.logs & (new.values == 0.0) & (here.point.values > 0.0)):
        here.pinned[int(i)] = float(here.point.values[i])
    here.point = new
    here.decrement = _decrement(objective, new, new.information) if decrement is None else decrement
    here.path.append((new.loglik, here.decrement, new.values))


def _try_zero(objective: Objective, here: Ascent) -> bool:
    """Set a parameter that runs to 0, and hardly affects the likelihood any more, to exactly 0 if that is no worse."""
    point = here.point
    may = (objective.low == 0.0) & (objective.precisions == 0.0)
    for i in np.flatnonzero(may & objective.free(point)):
        if point.gradient[i] < 0.0 and point.information[i, i] < 1.0:
            values = point.values.copy()
            values[i] = 0.0
            new = objective.at(values)
            if new.value >= point.value - slack(point):
                accept(objective, here, new)
                return True
    return False


def _decrement(objective: Objective, point: Point, matrix: Array) -> float:
    """gᵀ M⁻¹ g in the free coordinates; inf if that is not finite."""
    found = float(point.gradient @ solve(objective, point, matrix))
    return found if np.isfinite(found) else np.inf
