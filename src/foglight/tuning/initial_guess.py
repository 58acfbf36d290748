"""The initial guess: noises that all matter, at about the right size, whatever the values in the model are.

If every standard deviation of a model is multiplied by c, so is that of every innovation (except for the effect of the
start), and the NIS falls by c². So one gradient gives the best c: with G = Σ ∂ll/∂ log s = NIS - N over N innovations,
c² = 1 + G/N. And the information on log s is ½N if s is all of the innovations' standard deviation, and less in the
square of its share: a noise whose share is small is made larger, until every noise matters.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import NumericalError
from foglight.core.types import Array
from foglight.tuning.candidates import scales_of, spread
from foglight.tuning.objective import Objective, Point

_ROUNDS = 8
_MATTERS = 0.03  # share of the innovations' standard deviation
_FAR = 3.0  # the common factor of all noises is corrected again if it was larger
_MAGNITUDES = 10.0 ** np.arange(-9.0, 10.0, 3.0)  # values to try for a parameter without effect
_DECADES = 18.0  # powers of ten within which noises are tried if the filter breaks
_TRIED = 64


def begin(objective: Objective, values: Array) -> Point:
    """A point at which every noise matters, with all else as in these values.

    Raises NumericalError if the filter breaks at every point."""
    values, scales = np.clip(values, objective.low, objective.high), scales_of(objective)
    point = objective.at(values)
    silent = (objective.logs & (values == 0.0)) | (np.diag(point.information) == 0.0)
    if silent.any():
        values = _with_effect(objective, values, silent)
        point = objective.at(values)
    if not np.isfinite(point.value):
        point = objective.at(_unbroken(objective, values, scales))
    scales &= np.diag(point.information) > 0.0
    if not scales.any():
        return point
    best = point
    for _ in range(_ROUNDS):
        count = objective.likelihood.tested
        shares = np.sqrt(2.0 * np.diag(point.information) / count)
        small = scales & (shares < _MATTERS) & (shares > 0.0)
        common = common_factor(objective, point.gradient[scales].sum())
        if not small.any() and 1.0 / _FAR < common < _FAR:
            break
        with np.errstate(divide="ignore"):
            step = np.where(scales, np.log(common), 0.0) + np.where(
                small, 0.5 * np.log(5.0 * _MATTERS / shares), 0.0
            )
        new = objective.at(objective.moved(point.values, step))
        if not np.isfinite(new.value):
            break
        point = new
        best = max(best, new, key=lambda found: found.value)
    return point


def common_factor(objective: Objective, slope: float) -> float:
    """c, the best common factor of all noises, from Σ ∂ll/∂ log s."""
    return float(np.sqrt(max(1.0 + slope / objective.likelihood.tested, 1e-12)))


def _unbroken(objective: Objective, values: Array, scales: NDArray[np.bool_]) -> Array:
    """Values at which the filter works, with noises of any size; the most likely of those tried."""
    sample = spread(0, _TRIED, int(scales.sum()))
    tried = np.tile(values, (_TRIED, 1))
    tried[:, scales] *= 10.0 ** (_DECADES * (sample - 0.5))
    tried = np.clip(tried, objective.low, objective.high)
    found, _ = objective.along(tried, np.tile(scales.astype(float), (_TRIED, 1)))
    if np.isnan(found).all():
        shown = ", ".join(f"{name} = {value:g}" for name, value in zip(objective.names, values, strict=True))
        raise NumericalError(
            f"the filter breaks at {shown} and at all other values tried: expected parameters at which "
            "fog.run(model, log) works. Change them in the model.",
            field="free",
            value=shown,
        )
    return np.asarray(tried[int(np.nanargmax(found))])


def _with_effect(objective: Objective, values: Array, silent: NDArray[np.bool_]) -> Array:
    """The values with the most likely magnitude for each parameter that has no effect where it is: one that moves by
    its logarithm and is 0, or one at a point of symmetry. One that does not affect the readings keeps its value."""
    values = values.copy()
    for i in np.flatnonzero(silent):
        sizes = _MAGNITUDES if objective.logs[i] else values[i] + np.append(_MAGNITUDES, -_MAGNITUDES)
        sizes = np.clip(sizes, objective.low[i], objective.high[i])
        points = objective.at_each(
            np.array([np.where(np.arange(len(values)) == i, size, values) for size in sizes])
        )
        effective = np.flatnonzero(np.isfinite(points.value) & (points.information[:, i, i] > 0.0))
        if len(effective):
            values = points.values[effective[np.argmax(points.value[effective])]].copy()
    return values
