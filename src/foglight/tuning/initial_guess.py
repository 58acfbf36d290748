"""Where to begin: noise of about the right size, from a few looks at the data.

If every standard deviation of a model is multiplied by c, so is that of every innovation (but for the start's own),
and the NIS falls by c². So one gradient tells the best c: with G = Σ ∂ll/∂ log s = NIS - N over N innovations,
c² = 1 + G/N. What c cannot mend, how the noise of the motion compares with that of the sensors, is tried in powers of
ten, as long as that pays.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import NumericalError
from foglight.core.types import Array
from foglight.model.model import MOTION
from foglight.tuning.objective import Objective, Point

_FURTHEST = 6  # powers of ten that the noise of the motion is moved by, against that of the sensors
_AGAIN = 2  # rounds over the parameters
_MAGNITUDES = 10.0 ** np.arange(-9.0, 10.0, 3.0)  # of a parameter whose own value is 0


def begin(objective: Objective, values: Array, thorough: bool = False) -> Point:
    """A point from which to climb. thorough: each parameter by itself is tried in powers of ten; for most models it is
    enough to try the noise of the motion as a whole. Raises NumericalError where the filter breaks at every one."""
    values = _without_zeros(objective, values)
    first = objective.at(values)
    logs = _received(objective, first)
    motion = np.array([name.startswith(f"{MOTION}.") for name in objective.names]) & logs
    groups = [motion] if motion.any() and (logs & ~motion).any() else []
    if thorough:
        groups = [np.arange(len(values)) == i for i in np.flatnonzero(logs)] * _AGAIN
    here = np.zeros(len(values))
    tried = {here.tobytes(): (*_with_scale(objective, first), first)}

    def promise(powers: Array) -> float:
        """What the best common scale promises where each parameter is larger by so many powers of ten."""
        key = powers.tobytes()
        if key not in tried:
            point = objective.at(objective.moved(values, powers * np.log(10.0)))
            tried[key] = (*_with_scale(objective, point), point)
        found = tried[key][0]
        return found if np.isfinite(found) else -np.inf

    for group in groups:
        middle = here
        for step in (-1.0 * group, 1.0 * group):
            there = middle
            while np.abs(there + step).max() <= _FURTHEST and promise(there + step) > promise(there):
                there = there + step
            here = there if promise(there) > promise(here) else here
    sound = [found for found in tried.values() if np.isfinite(found[2].value)]
    if not sound:
        shown = ", ".join(f"{name} = {value:g}" for name, value in zip(objective.names, values, strict=True))
        raise NumericalError(
            f"the filter breaks at {shown} and at other noise in their place. Expected parameters at which "
            "fog.run(model, log) works: give such ones to the model.",
            field="free",
            value=shown,
        )
    best = max((point for _, _, point in sound), key=lambda point: point.value)
    _, scale, point = max(sound, key=lambda found: found[0])
    new = objective.at(objective.moved(point.values, np.where(logs, np.log(scale), 0.0)))
    return new if new.value > best.value else best


def _received(objective: Objective, point: Point) -> NDArray[np.bool_]:
    """The logarithms of which the data say anything; all of them where the filter breaks."""
    return np.asarray(objective.logs & (np.diag(point.information) != 0.0))


def _with_scale(objective: Objective, point: Point) -> tuple[float, float]:
    """The log-likelihood that the best common scale promises, and that scale."""
    count = max(objective.likelihood.innovations, 1)
    square = max(1.0 + float(point.gradient[objective.logs].sum()) / count, 1e-12)
    return point.value + 0.5 * count * (square - 1.0 - np.log(square)), float(np.sqrt(square))


def _without_zeros(objective: Objective, values: Array) -> Array:
    """With a magnitude that the data can do with for each logarithm that would start at minus infinity; one of which
    they say nothing stays."""
    values = values.copy()
    for i in np.flatnonzero(objective.logs & (values == 0.0)):
        best = -np.inf, 0.0
        for size in _MAGNITUDES:
            values[i] = min(size, objective.high[i])
            point = objective.at(values)
            promised = _with_scale(objective, point)[0]
            if _received(objective, point)[i] and promised > best[0]:
                best = promised, values[i]
        values[i] = best[1]
    return values
