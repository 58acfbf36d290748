"""The profile likelihood along one parameter."""

import numpy as np

from foglight.core.checks import is_whole
from foglight.core.errors import DataError, ModelError
from foglight.core.pictured import Pictured
from foglight.core.types import Array
from foglight.data.log import Log
from foglight.data.table import Table
from foglight.model.parameters import full_name
from foglight.tuning.ascent import maximise
from foglight.tuning.optimum import Optimum
from foglight.tuning.zero_variance import slope_at_zero

_WIDEST = 2.0  # standard error of a logarithm, at most: beyond it a profile is flat


class Profile(Table, Pictured):
    """The log-likelihood logliks (K,) along one parameter, and the values (K, p) of all parameters that maximise it."""

    def __init__(self, name: str, names: tuple[str, ...], values: Array, logliks: Array, log: Log) -> None:
        self.name = name
        self.names = names
        self.values = values
        self.logliks = logliks
        self.log = log

    def columns(self) -> dict[str, Array]:
        """loglik, and each parameter by its full name."""
        return {"loglik": self.logliks} | dict(zip(self.names, self.values.T, strict=True))

    def _stamps(self) -> None:
        return None


def profile_of(fit: Optimum, name: str, points: int, reach: float) -> Profile:
    """See `Fit.profile`."""
    few = not is_whole(points) or points < 2
    if few or not 0.0 < reach < np.inf:
        raise ModelError(
            f"points = {points!r}, reach = {reach!r}: expected a whole number from 2 and a number above 0. Leave them "
            "out for 21 and 3.",
            field="points" if few else "reach", value=points if few else reach,
        )  # fmt: skip
    full = full_name(name, fit.names)
    i, best = fit.names.index(full), fit.ascent.point
    held = fit.objective.holding(i)
    grid = _grid(fit, i, points, reach)
    values, logliks = np.empty((points, len(fit.names))), np.empty(points)
    # From the estimate outwards, so that each fit starts where its neighbour ended.
    centre = int(np.argmin(np.abs(grid - best.values[i])))
    for outwards in (range(centre, points), range(centre - 1, -1, -1)):
        start = best.values
        for k in outwards:
            start = start.copy()
            start[i] = grid[k]
            top = maximise(held, held.at(start)).point
            values[k], logliks[k], start = top.values, top.value, top.values
    return Profile(full, fit.names, values, logliks, fit.log)


def _grid(fit: Optimum, i: int, points: int, reach: float) -> Array:
    """The values of parameter i at which the profile is computed."""
    objective, point = fit.objective, fit.ascent.point
    spread = fit.spread[i]
    if np.isfinite(spread):
        steps = np.zeros((points, len(fit.names)))
        steps[:, i] = np.linspace(-reach, reach, points) * (
            min(spread, _WIDEST) if objective.logs[i] else spread
        )
        return np.array([objective.moved(point.values, step)[i] for step in steps])
    before = fit.ascent.pinned.get(i)
    if before is not None:
        _, information = slope_at_zero(objective, point, i, before)
        return np.asarray(np.linspace(0.0, np.sqrt(reach / np.sqrt(information)), points))
    information = point.information[i, i] / (point.values[i] if objective.logs[i] else 1.0) ** 2
    if not information > 0.0:
        name = fit.names[i]
        raise DataError(
            f"profile: the log says nothing about {name} at its bound: expected readings that depend on it. Fix "
            f"{name}, or give a longer log.",
            field=name, value=float(point.values[i]),
        )  # fmt: skip
    inwards = 1.0 if point.values[i] <= objective.low[i] else -1.0
    ends = point.values[i] + inwards * np.linspace(0.0, reach / np.sqrt(information), points)
    return np.asarray(np.clip(ends, objective.low[i], objective.high[i]))
