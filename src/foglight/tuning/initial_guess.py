"""The initial guess: noises of about the right size, from a few evaluations of the likelihood.

If every standard deviation of a model is multiplied by c, so is that of every innovation (except for the effect of the
start), and the NIS falls by c². So one gradient gives the best c: with G = Σ ∂ll/∂ log s = NIS - N over N innovations,
c² = 1 + G/N. The ratio of the noise of the motion to that of the sensors, which c does not change, is tried in powers
of ten for as long as the likelihood grows.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import NumericalError
from foglight.core.types import Array
from foglight.model.model import MOTION
from foglight.tuning.objective import Objective, Point

_FURTHEST = 6  # powers of ten by which the noise of the motion is changed, at most
_ROUNDS = 2  # rounds over the parameters
_MAGNITUDES = 10.0 ** np.arange(-9.0, 10.0, 3.0)  # values to try for a parameter that is 0


def begin(objective: Objective, values: Array, thorough: bool = False) -> Point:
    """The point from which the ascent begins.

    thorough: whether to try each parameter in powers of ten; for most models it is enough to try the noise of the
    motion as a whole. Raises NumericalError if the filter breaks at every point."""
    values = _without_zeros(objective, values)
    first = objective.at(values)
    logs = _informative(objective, first)
    motion = np.array([name.startswith(f"{MOTION}.") for name in objective.names]) & logs
    groups = [motion] if motion.any() and (logs & ~motion).any() else []
    if thorough:
        groups = [np.arange(len(values)) == i for i in np.flatnonzero(logs)] * _ROUNDS
    best_powers = np.zeros(len(values))
    tried = {best_powers.tobytes(): (*_with_scale(objective, first), first)}

    def expected(powers: Array) -> float:
        """The log-likelihood expected at the best common scale, with each parameter changed by powers of ten."""
        key = powers.tobytes()
        if key not in tried:
            point = objective.at(objective.moved(values, powers * np.log(10.0)))
            tried[key] = (*_with_scale(objective, point), point)
        found = tried[key][0]
        return found if np.isfinite(found) else -np.inf

    for group in groups:
        middle = best_powers
        for step in (-1.0 * group, 1.0 * group):
            powers = middle
            while np.abs(powers + step).max() <= _FURTHEST and expected(powers + step) > expected(powers):
                powers = powers + step
            best_powers = powers if expected(powers) > expected(best_powers) else best_powers
    sound = [found for found in tried.values() if np.isfinite(found[2].value)]
    if not sound:
        shown = ", ".join(f"{name} = {value:g}" for name, value in zip(objective.names, values, strict=True))
        raise NumericalError(
            f"the filter breaks at {shown} and at all other values tried: expected parameters at which "
            "fog.run(model, log) works. Change them in the model.",
            field="free",
            value=shown,
        )
    best = max((point for _, _, point in sound), key=lambda point: point.value)
    _, scale, point = max(sound, key=lambda found: found[0])
    new = objective.at(objective.moved(point.values, np.where(logs, np.log(scale), 0.0)))
    return new if new.value > best.value else best


def _informative(objective: Objective, point: Point) -> NDArray[np.bool_]:
    """Which parameters move by their logarithm and affect the readings; all of the former if the filter breaks."""
    return np.asarray(objective.logs & (np.diag(point.information) != 0.0))


def _with_scale(objective: Objective, point: Point) -> tuple[float, float]:
    """The log-likelihood expected at the best common scale of the noises, and that scale."""
    count = max(objective.likelihood.innovations, 1)
    square = max(1.0 + float(point.gradient[objective.logs].sum()) / count, 1e-12)
    return point.value + 0.5 * count * (square - 1.0 - np.log(square)), float(np.sqrt(square))


def _without_zeros(objective: Objective, values: Array) -> Array:
    """The values with the most likely magnitude for each parameter that moves by its logarithm and is 0; one that does
    not affect the readings stays 0."""
    values = values.copy()
    for i in np.flatnonzero(objective.logs & (values == 0.0)):
        best = -np.inf, 0.0
        for size in _MAGNITUDES:
            values[i] = min(size, objective.high[i])
            point = objective.at(values)
            loglik = _with_scale(objective, point)[0]
            if _informative(objective, point)[i] and loglik > best[0]:
                best = loglik, values[i]
        values[i] = best[1]
    return values
