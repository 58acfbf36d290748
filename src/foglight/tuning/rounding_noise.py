"""The least noise that a sensor can have: that of rounding its readings to their resolution.

Readings that are rounded to steps of r have an error that is uniform within ±r/2, of variance r²/12, whatever the
sensor does (Widrow 1956). The likelihood does not know this: on a log of rounded readings it may well be highest where
the sensor has no noise at all, and a filter with such a sensor believes each reading exactly.
"""

from collections.abc import Mapping

import numpy as np

from foglight.core.types import Array
from foglight.diagnostics.check.scaling_parameters import OFFSETS
from foglight.inference.likelihood import Likelihood
from foglight.model.at_start import seen_at_start, start_mean
from foglight.model.model import MOTION, Model, Sensor
from foglight.model.part_functions import PartFunctions, held_controls, own_params
from foglight.model.reading_scales import on_model_scale
from foglight.tuning.noise_parameters import noise_names
from foglight.tuning.objective import LeastNoise

_RECUR = 3  # different values that recur: rounded readings, not a sensor that saturates at either end
_ROUNDING = 2.0**-40  # relative difference of two readings that are equal but for floating-point rounding
_CLOSE = 1e-9  # relative difference within which a ratio is exact


def step_of(readings: Array) -> float:
    """The smallest step between two different readings (T,) if they are rounded to steps; 0 if nothing shows it.

    Values of rounded readings recur, and they still do after a change of units or a logarithm; those of other readings
    do not, unless a reading is repeated or the sensor saturates."""
    known = readings[np.isfinite(readings)]
    changed = known[np.append(True, known[1:] != known[:-1])] if len(known) else known
    distinct, counts = np.unique(changed, return_counts=True)
    steps = np.diff(distinct)
    steps = steps[steps > _ROUNDING * np.abs(known).max(initial=0.0)]
    return float(steps.min()) if len(steps) and np.count_nonzero(counts > 1) >= _RECUR else 0.0


def least_noises(likelihood: Likelihood, steps: Mapping[str, Array] | None = None) -> dict[int, LeastNoise]:
    """{index of a free parameter: its least value} for each that alone makes the noise of a measure of known step.

    steps: {sensor: the step (m,) of each of its measures}; None for those of the likelihood's logs."""
    model, noises = likelihood.model, noise_names(likelihood.model)
    owners = {
        i: model.owners(name)
        for i, name in enumerate(likelihood.names)
        if name in noises and model.bounds[name][0] == 0.0
    }
    owners = {i: pairs for i, pairs in owners.items() if all(part != MOTION for part, _ in pairs)}
    if not owners:
        return {}
    steps = _steps(likelihood) if steps is None else steps
    sensors = {sensor.name: sensor for sensor in model.sensors}
    found: dict[int, LeastNoise] = {}
    for i, pairs in owners.items():
        value = float(likelihood.values[i]) or 1.0
        for part, own in pairs:
            for least in _least_values(model, sensors[part], own, value, steps[part]):
                found[i] = max(least, found.get(i, least))
    return found


def _steps(likelihood: Likelihood) -> dict[str, Array]:
    """{sensor: the step (m,) of each of its measures}, over all logs."""
    model = likelihood.model
    given = [on_model_scale(model, log.bind(model)) for log in likelihood.logs]
    z = np.concatenate([np.reshape(readings, (-1, len(model.components))) for readings in given])
    return {sensor.name: np.array([step_of(column) for column in z[:, at].T]) for sensor, at in model.blocks}


def _least_values(model: Model, sensor: Sensor, own: str, value: float, steps: Array) -> list[LeastNoise]:
    """For each measure whose variance is proportional to this parameter, or to its square, at any state, its least
    value: that of the variance r²/12."""
    try:
        at_zero, once, twice, elsewhere = (
            np.diag(_noise(model, sensor, {own: v}, off))
            for v, off in ((0.0, 0.0), (value, 0.0), (2.0 * value, 0.0), (value, 1.0))
        )
    except Exception:  # the user's function may fail away from the data
        return []
    found = []
    for c in np.flatnonzero((steps > 0.0) & (at_zero == 0.0) & (once > 0.0)):
        power = round(float(np.log2(twice[c] / once[c])))
        exact = abs(twice[c] / once[c] - 2.0**power) < _CLOSE * 2.0**power
        if power in (1, 2) and exact and abs(elsewhere[c] - once[c]) <= _CLOSE * once[c]:
            least = value * (steps[c] ** 2 / 12.0 / once[c]) ** (1.0 / power)
            found.append(LeastNoise(float(least), f"{sensor.name}.{sensor.measures[c]}", float(steps[c])))
    return found


def _noise(model: Model, sensor: Sensor, moved: dict[str, float], off: float) -> Array:
    """R at the start, or off it, with some parameters moved."""
    mean = start_mean(model)
    x = seen_at_start(model, mean + off * np.resize(OFFSETS, len(mean)))
    p, u = own_params(sensor, moved), held_controls(sensor)
    return PartFunctions(sensor, model.ambient).full_noise(x, p, *u).astype(float)
