"""One ascent to a point that is a maximum: to the second order, and with no variance at 0 that had better be larger."""

import numpy as np

from foglight.tuning.ascent import Ascent, in_units, maximise, second_derivative, slack
from foglight.tuning.kinks import settled_at_kink
from foglight.tuning.objective import Objective, Point
from foglight.tuning.zero_variance import preferred_std

_ROUNDS = 5
_CURVED = 1e-3  # share of the information: a negative second derivative that is smaller is flat
_HEIGHT = 1e-7  # decrement at which only the height of a maximum is known
_STEPS = 2.0 ** np.arange(-4.0, 5.0)


def ascend(objective: Objective, start: Point) -> Ascent:
    """The maximum that this point leads to; `is_maximum` says whether it is one."""
    found = maximise(objective, start)
    for _ in range(_ROUNDS):
        higher = _with_variances_released(objective, found) or _off_the_saddle(objective, found)
        if higher is None:
            if not found.converged and settled_at_kink(objective, found):
                found.is_maximum = True
            return found
        found = higher
    found.is_maximum, found.curvature = False, second_derivative(objective, found.point)
    return found


def height(objective: Objective, start: Point) -> float:
    """The objective at the maximum that this point leads to, to six digits after the point; a saddle is not left."""
    found = maximise(objective, start, enough=_HEIGHT)
    for _ in range(_ROUNDS):
        higher = _with_variances_released(objective, found)
        if higher is None:
            break
        found = higher
    return found.point.value


def _with_variances_released(objective: Objective, found: Ascent) -> Ascent | None:
    """A higher point, at which a variance is not 0 that was and had better be larger; None if there is none."""
    values = found.point.values.copy()
    for i, before in found.pinned.items():
        values[i] = preferred_std(objective, found.point, i, before)
    if (values == found.point.values).all():
        return None
    new = maximise(objective, objective.at(values), list(found.path))
    new.pinned = {i: before for i, before in found.pinned.items() if values[i] == 0.0} | new.pinned
    return new if new.point.value > found.point.value + slack(found.point) else None


def _off_the_saddle(objective: Objective, found: Ascent) -> Ascent | None:
    """A higher point along the direction of the most negative second derivative; None if there is none."""
    point = found.point
    free, H = objective.free(point), second_derivative(objective, point)
    found.is_maximum, found.curvature = H is not None, H
    if H is None or not free.any():
        return None
    scale, scaled = in_units(H, point.information, free)
    eigenvalues, vectors = np.linalg.eigh(scaled)
    if eigenvalues[0] > -_CURVED:
        return None
    direction = np.zeros(len(free))
    direction[free] = scale * vectors[:, 0]
    steps = np.outer(np.concatenate([_STEPS, -_STEPS]), direction)
    tried = objective.at_each(objective.moved(point.values, steps))
    best = int(np.argmax(np.where(np.isfinite(tried.value), tried.value, -np.inf)))
    if not tried.value[best] > point.value + slack(point):
        return None
    new = maximise(objective, tried[best], list(found.path))
    new.pinned = found.pinned | new.pinned
    return new
