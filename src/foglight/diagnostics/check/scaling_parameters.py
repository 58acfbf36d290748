"""Which of the user's parameters scale a noise, found by changing them and evaluating the noise.

A parameter p scales a variance if doubling p multiplies it by 4 (p is a standard deviation) or by 2 (p is a
variance), at any state. Then "1.9 times too small" becomes "try range_std = 1.1".
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Floats
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.at_start import seen_at_start, start_mean
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.model.part_functions import held_controls, own_params
from foglight.trace.named_vector import Vector

OFFSETS = 1.0 + 0.37 * np.arange(1000)  # of a second state to try, from the start, different for each entry
_STEPS = (0.1, 0.7)  # time steps to try, in seconds
_CLOSE = 1e-9  # relative difference within which a ratio is exact


class ScalingParameter(NamedTuple):
    """A variance is proportional to this power of the parameter `name`."""

    name: str
    value: float
    power: float

    def moved(self, factor: float) -> float:
        """The value of the parameter that multiplies the standard deviation by `factor`."""
        return float(self.value * factor ** (2.0 / self.power))


def scaling_of_measurement(
    model: Model, sensor: Sensor, components: list[int], alone: bool = True
) -> list[ScalingParameter]:
    """The parameters that together scale the noise of these components of a sensor, and of no other; [] if they do not
    scale all of it. alone=False: also those that scale the noise of other sensors, which share them."""
    u = held_controls(sensor)
    cases = [(lambda p, x=x: _full(sensor.noise(x, p, *u), len(sensor.measures))) for x in _states(model)]
    return _scaling(model, sensor, sensor.name, components, cases, alone)


def scaling_of_motion(model: Model, only: str | None = None) -> list[ScalingParameter]:
    """The parameters that together scale all of the process noise; or only the one of this name."""
    motion, n = model.motion, len(model.state)
    if only is not None:
        found = [_power(motion, only, case) for case in _motion_cases(model)]
        powers = {power for power, _ in found}
        return (
            [ScalingParameter(model.full_names(MOTION)[only], motion.params[only], powers.pop())]
            if len(powers) == 1
            else []
        )
    cases = [case for case in _motion_cases(model)]
    with_noise = [i for i in range(n) if any(case(_values(motion))[i, i] > 0.0 for case in cases)]
    return _scaling(model, motion, MOTION, with_noise, cases)


def scales_noise_only(model: Model, name: str) -> bool:
    """Whether this parameter of the motion scales some of its process noise and does not enter its dynamics."""
    motion = model.motion
    if not motion.params[name]:
        return False
    u = held_controls(motion)
    for x in _states(model):
        for dt in _STEPS:
            try:
                moved = [
                    np.asarray(
                        returned.vector(motion.dynamics(x, dt, p, *u), motion.ambient, "motion.dynamics"),
                        float,
                    )
                    for p in (_values(motion), _values(motion, name))
                ]
            except Exception:  # the user's function may fail away from the data
                return False
            if not np.array_equal(moved[0], moved[1]):
                return False
    try:
        found = [_power(motion, name, case) for case in _motion_cases(model)]
    except Exception:
        return False
    return all(power > 0.0 for power, _ in found)


def _scaling(
    model: Model, part: Any, label: str, components: list[int], cases: list[Any], alone: bool = True
) -> list[ScalingParameter]:
    """The parameters of a part that scale these components only; [] unless they scale all of their noise.

    alone: leave out those that other parts share, since they scale theirs too.
    cases: functions from parameters to the full noise matrix, one for each state and step to try."""
    scaled: set[int] = set()
    scaling: dict[str, ScalingParameter] = {}
    try:
        for name, full in model.full_names(label).items():
            value = part.params[name]
            if alone and len(model.owners(full)) > 1:
                continue
            found = [_power(part, name, case) for case in cases]
            if not value or any(power <= 0.0 for power, _ in found) or len({power for power, _ in found}) > 1:
                continue
            changed = set().union(*[indices for _, indices in found])
            if changed <= set(components):
                scaled |= changed
                scaling[name] = ScalingParameter(full, float(value), found[0][0])
        complete = scaled == set(components) and all(_doubles(part, scaling, case) for case in cases)
    except Exception:  # the user's function may fail away from the data
        return []
    return list(scaling.values()) if complete else []


def _doubles(part: Any, scaling: dict[str, ScalingParameter], case: Any) -> bool:
    """Whether changing all these parameters at once doubles the standard deviations that they change."""
    moved = {name: parameter.moved(2.0) for name, parameter in scaling.items()}
    before, after = case(own_params(part)), case(own_params(part, moved))
    changed = np.diagonal(after) != np.diagonal(before)
    return bool(
        np.allclose(
            after[np.ix_(changed, changed)], 4.0 * before[np.ix_(changed, changed)], rtol=_CLOSE, atol=0.0
        )
    )


def _power(part: Any, name: str, case: Any) -> tuple[float, set[int]]:
    """2 for a standard deviation, 1 for a variance, 0 for neither; and the indices of the variances that it changes."""
    before, after = case(_values(part)), case(_values(part, name))
    share = np.diagonal(after) / np.where(np.diagonal(before) > 0.0, np.diagonal(before), np.nan)
    changed = np.flatnonzero(np.abs(share - 1.0) > _CLOSE)
    for power in (2.0, 1.0):
        if len(changed) and np.allclose(share[changed], 2.0**power, rtol=_CLOSE, atol=0.0):
            return power, set(changed.tolist())
    # A parameter of one of several disturbances scales only a part of a variance.
    difference = after - before
    if len(changed) and np.linalg.matrix_rank(difference) and (np.diagonal(difference)[changed] > 0.0).all():
        second = case(_values(part, name, 4.0)) - before
        for power in (2.0, 1.0):
            ratio = (4.0**power - 1.0) / (2.0**power - 1.0)
            if np.allclose(second, ratio * difference, rtol=1e-6, atol=1e-9 * np.abs(second).max()):
                return power, set(changed.tolist())
    return 0.0, set(changed.tolist())


def _motion_cases(model: Model) -> list[Any]:
    """Functions from parameters to the full process noise, one for each state and step to try."""
    motion, u = model.motion, held_controls(model.motion)
    return [
        (lambda p, x=x, dt=dt: _full(motion.noise(x, dt, p, *u), len(motion.state)))
        for x in _states(model)
        for dt in _STEPS
    ]


def _states(model: Model) -> list[Vector]:
    """The states to try."""
    mean = start_mean(model)
    return [seen_at_start(model, point) for point in (mean, mean + np.resize(OFFSETS, len(mean)))]


def _values(part: Motion | Sensor, moved: str = "", factor: float = 2.0) -> Vector:
    """The parameters of a part, the one named `moved` multiplied by `factor`."""
    return own_params(part, {moved: part.params[moved] * factor} if moved else {})


def _full(noise: Any, size: int) -> Floats:
    found = returned.covariance(noise, size, "noise")
    return np.asarray(found.cov if isinstance(found, Factored) else found, dtype=float)
