"""Uphill to the maximum: Fisher scoring with a damped step, then with what the steps themselves tell of the curvature.

A step solves (I + λ diag I) s = g with the Fisher information I, which is never indefinite (Levenberg 1944; Marquardt
1963). Near the top each step and the change of the gradient correct I (Broyden–Fletcher–Goldfarb–Shanno; Nocedal &
Wright 2006, §6.1); where that does not serve, because the model is far from the data, the negative second derivative H
from differences of the exact gradient takes its place. It ends where the Newton decrement gᵀ I⁻¹ g, twice what the
log-likelihood can still gain, is nothing (Boyd & Vandenberghe 2004, §9.5).
"""

from dataclasses import dataclass, field

import numpy as np

from foglight.core.types import Array
from foglight.tuning.objective import Objective, Point

ENOUGH = 1e-10  # decrement at which a maximum is one
_DONE = 1e-15  # where another step changes no digit that anybody reads
_NEAR = 1e-2  # decrement below which the second derivative pays
_FACTOR = 3.0  # the longest step of a logarithm: a factor of twenty
_NULL = 1e-12  # of the largest eigenvalue of the scaled information: what is below is rounding
_ROUNDING = 1e-13  # of the log-likelihood, relative: what differs by less is as good
_NUDGE = 1e-3  # of a standard error: the difference that H is taken over
_LARGEST_NUDGE = 0.1  # of a logarithm
_STEPS = 12  # of scoring near the top; it mostly takes four
_LONGEST = 200


@dataclass
class Ascent:
    """Where an ascent has come to. path: (loglik, decrement, values) of each point that was taken."""

    point: Point
    decrement: float
    path: list[tuple[float, float, Array]] = field(default_factory=list)
    pinned: dict[int, float] = field(default_factory=dict)  # a coordinate put to 0, and its value before

    @property
    def converged(self) -> bool:
        """Whether the decrement says that this is the top."""
        return self.decrement <= ENOUGH


def maximise(
    objective: Objective, start: Point, path: list[tuple[float, float, Array]] | None = None
) -> Ascent:
    """Go uphill from here to the nearest maximum."""
    here = Ascent(start, _decrement(objective, start, start.information), path=[] if path is None else path)
    here.path.append((start.loglik, here.decrement, start.values))
    damping = 1e-3
    for _ in range(_LONGEST):
        if here.decrement <= _NEAR and (_scoring(objective, here) or _newton(objective, here)):
            break
        taken = _try_zero(objective, here)
        while not taken and damping < 1e12:
            step = solve(objective, here.point, here.point.information, damping)
            # One by one: a parameter of which little is known must not hold up the others.
            short = np.where(objective.logs, np.clip(step, -_FACTOR, _FACTOR), step)
            new = objective.at(objective.moved(here.point.values, short))
            taken = new.value >= here.point.value - slack(here.point)
            damping = max(damping * (0.1 if taken else 10.0), 1e-9)
            if taken:
                better = new.value > here.point.value
                _take(objective, here, new)
                if not better and here.decrement > _NEAR:
                    return here
        if not taken:
            break
    return here


def solve(objective: Objective, point: Point, matrix: Array, damping: float = 0.0) -> Array:
    """The step (matrix + damping diag) s = g in the free coordinates, each scaled by what it says of itself; along
    directions of which the matrix says nothing there is none."""
    free = objective.free(point) & (np.diag(matrix) > 0.0)
    step = np.zeros(len(free))
    if free.any():
        scale = 1.0 / np.sqrt(np.diag(matrix)[free])
        values, vectors = np.linalg.eigh(matrix[np.ix_(free, free)] * np.outer(scale, scale))
        along = vectors.T @ (scale * point.gradient[free])
        known = values > _NULL * values[-1]
        along = np.where(known, along / (np.where(known, values, 1.0) + damping), 0.0)
        step[free] = scale * (vectors @ along)
    return step


def second_derivative(objective: Objective, point: Point) -> Array | None:
    """-∂²/∂η² at a point, (p, p), by central differences of the exact gradient over a small part of each standard
    error; 0 in coordinates that are not free; None where the filter breaks."""
    p = len(point.values)
    free = objective.free(point)
    H = np.zeros((p, p))
    for i in np.flatnonzero(free):
        step = np.zeros(p)
        step[i] = _NUDGE / np.sqrt(point.information[i, i])
        if objective.logs[i]:
            step[i] = min(step[i], _LARGEST_NUDGE)
        ends = [objective.moved(point.values, sign * step) for sign in (1.0, -1.0)]
        above, below = (objective.at(end).gradient for end in ends)
        apart = objective.eta(ends[0])[i] - objective.eta(ends[1])[i]
        H[i] = (below - above) / apart if apart else np.nan
    H = np.where(np.outer(free, free), 0.5 * (H + H.T), 0.0)
    return H if np.isfinite(H).all() else None


def definite(objective: Objective, point: Point, H: Array | None) -> bool:
    """Whether a second derivative curves downwards along every free direction that the data know of."""
    if H is None:
        return False
    free = objective.free(point)
    scale = 1.0 / np.sqrt(np.diag(point.information)[free])
    values = np.linalg.eigvalsh(H[np.ix_(free, free)] * np.outer(scale, scale))
    return bool((values > _NULL).all())


def slack(point: Point) -> float:
    """What two log-likelihoods may differ by, and still be the same but for rounding."""
    return _ROUNDING * (1.0 + abs(point.value))


def _scoring(objective: Objective, here: Ascent) -> bool:
    """Fisher scoring, the information corrected by each step that was taken; whether the top is reached."""
    matrix = here.point.information
    for _ in range(_STEPS):
        if here.decrement <= _DONE:
            break
        old, step = here.point, solve(objective, here.point, matrix)
        new = objective.at(objective.moved(old.values, step))
        left = _decrement(objective, new, new.information)
        if not (new.value >= old.value - slack(old) and left < 0.25 * here.decrement):
            break
        _take(objective, here, new, left)
        change, through = old.gradient - new.gradient, matrix @ step
        if change @ step > 0.0:
            matrix = (
                matrix
                - np.outer(through, through) / (step @ through)
                + np.outer(change, change) / (change @ step)
            )
    return here.decrement <= ENOUGH


def _newton(objective: Objective, here: Ascent) -> bool:
    """Newton's steps with one H, and another one where it does not serve; whether the top is reached."""
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
            _take(objective, here, new, left)
        if here.decrement <= ENOUGH:
            return True
    return False


def _take(objective: Objective, here: Ascent, new: Point, decrement: float | None = None) -> None:
    here.point = new
    here.decrement = _decrement(objective, new, new.information) if decrement is None else decrement
    here.path.append((new.loglik, here.decrement, new.values))


def _try_zero(objective: Objective, here: Ascent) -> bool:
    """Put a parameter that runs to 0, and hardly says anything any more, to exactly 0 if that is no worse."""
    point = here.point
    for i in np.flatnonzero(objective.logs & objective.free(point) & (objective.precisions == 0.0)):
        if point.gradient[i] < 0.0 and point.information[i, i] < 1.0:
            values = point.values.copy()
            values[i] = 0.0
            new = objective.at(values)
            if new.value >= point.value - slack(point):
                here.pinned[int(i)] = float(point.values[i])
                _take(objective, here, new)
                return True
    return False


def _decrement(objective: Objective, point: Point, matrix: Array) -> float:
    """gᵀ M⁻¹ g in the free coordinates; inf where that is no number."""
    found = float(point.gradient @ solve(objective, point, matrix))
    return found if np.isfinite(found) else np.inf
