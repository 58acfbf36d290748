"""A maximum at a kink, where no gradient is 0: those on its two sides point at each other.

The weight of a reading under huber= or student= bends where it begins to fall, and so does the log-likelihood wherever
a reading is just there. Its maximum often is such a point. There 0 is a convex combination of the gradients nearby,
which is what is looked for: the shortest combination of gradients sampled within a small radius. If it is not 0 it is a
direction of ascent; if none leads higher the radius shrinks (Burke, Lewis & Overton 2005).
"""

import numpy as np

from foglight.core.types import Array
from foglight.tuning.ascent import ENOUGH, Ascent, accept, in_units, second_derivative
from foglight.tuning.objective import Objective, Point

_NEAR = 0.1  # decrement beyond which a point is not near a maximum
_RADIUS, _LEAST = 1e-2, 1e-4  # of a standard error: at first, and that at which a maximum is known
_SMOOTH = 4.0 * _LEAST**2  # decrement that a smooth function may have as near its maximum as that
_ROUNDS = 60
_STEPS = 4.0 ** np.arange(-6.0, 3.0)  # of the radius
_WIDE = 0.3  # of a standard error: differences over so many kinks see the curvature between them


def settled_at_kink(objective: Objective, found: Ascent) -> bool:
    """Whether an ascent that has not converged is near a kink that is a maximum; it is moved there."""
    radius = _RADIUS
    for _ in range(_ROUNDS):
        free = objective.free(found.point) & (np.diag(found.point.information) > 0.0)
        if not free.any() or not found.decrement <= _NEAR:
            return False
        units = _units(found.point, free)
        if units is None:
            return False
        shortest = _shortest(objective, found.point, free, units, radius)
        length = float(np.linalg.norm(shortest))
        if not np.isfinite(length):
            return False
        higher = (
            None if length**2 <= ENOUGH else _higher(objective, found.point, free, units, shortest, radius)
        )
        if higher is not None:
            accept(objective, found, higher)
        elif radius > _LEAST:
            radius *= 0.1
        else:
            if length**2 > ENOUGH or found.decrement <= _SMOOTH:
                return False
            found.decrement = length**2
            found.curvature = second_derivative(objective, found.point, _WIDE)
            return True
    return False


def _units(point: Point, free: Array) -> Array | None:
    """The columns (f, f) by which free coordinates have an information of 1; None if it is singular."""
    scale, scaled = in_units(point.information, point.information, free)
    values, vectors = np.linalg.eigh(scaled)
    if not values[0] > ENOUGH * values[-1]:
        return None
    units: Array = scale[:, None] * vectors / np.sqrt(values)
    return units


def _shortest(objective: Objective, point: Point, free: Array, units: Array, radius: float) -> Array:
    """The shortest convex combination of gradients within a radius, in units of the standard errors (f,)."""
    from scipy.optimize import nnls  # takes as long to import as many a fit takes

    count = units.shape[1]
    axes = np.vstack([np.eye(count), -np.eye(count)])
    corners = np.random.default_rng(count).standard_normal((2 * count, count))
    corners /= np.linalg.norm(corners, axis=1)[:, None]
    near = objective.at_each(_moved(objective, point, free, units, radius * np.vstack([axes, corners])))
    gradients = np.vstack([point.gradient, near.gradient])[:, free] @ units
    if not np.isfinite(gradients).all():
        return np.full(count, np.nan)
    # Weights >= 0 with Σ w = 1 that make |Σ w g| least: a multiple of those that make |Σ w g|² + (1 - Σ w)² least.
    longest = float(np.linalg.norm(gradients, axis=1).max()) or 1.0
    weights, _ = nnls(
        np.vstack([gradients.T / longest, np.ones(len(gradients))]), np.append(np.zeros(count), 1.0)
    )
    found: Array = weights @ gradients / weights.sum()
    return found


def _higher(
    objective: Objective, point: Point, free: Array, units: Array, direction: Array, radius: float
) -> Point | None:
    """The highest of several points along a direction, if it is higher than this one."""
    steps = radius * _STEPS[:, None] * direction / np.linalg.norm(direction)
    tried = objective.at_each(_moved(objective, point, free, units, steps))
    best = int(np.argmax(np.where(np.isfinite(tried.value), tried.value, -np.inf)))
    return tried[best] if tried.value[best] > point.value else None


def _moved(objective: Objective, point: Point, free: Array, units: Array, steps: Array) -> Array:
    """The values (K, p) after steps (K, f) in units of the standard errors."""
    moves = np.zeros((len(steps), len(free)))
    moves[:, free] = steps @ units.T
    return objective.moved(point.values, moves)
