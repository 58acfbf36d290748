"""Which measures of a sensor are angles because they contain an angle of the motion: a heading, or one plus a bias.

A heading is kept in [-π, π), so a measure that contains it jumps by 2π at the seam, and the innovation must be taken
the short way round. A ready-made sensor takes this from the motion; a user's own sensor has to say so.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.model import returned
from foglight.model.model_parts import Motion, Sensor
from foglight.model.parameters import params_of
from foglight.model.part_fields import is_ready_made
from foglight.model.part_functions import held_controls, own_params
from foglight.trace.named_vector import Vector

# Each measure is called at two states, and at steps of each angle from them; angles stay within half a turn.
_FIRST, _BETWEEN, _ANGLES = (1.0, -0.7), (0.1, 0.23), (0.31, -0.26)
_STEPS = (0.0078125, 0.47, -1.13)  # the first is too short for another turn
_TOLERANCE = 1e-9  # in turns; enough for the rounding of sums and differences
_UNITS = {"radians": 1.0, "degrees": 180.0 / math.pi}

Measured = Callable[[Floats], Floats | None]


def with_angles(sensors: Sequence[Sensor], motion: Motion) -> tuple[Sensor, ...]:
    """The sensors, those that are ready-made with the angles that they take from the motion.

    Raises ModelError for a user's own sensor that measures an angle of the motion and does not declare it.
    """
    return tuple(_with_angles(sensor, motion) for sensor in sensors) if motion.angles else tuple(sensors)


def _with_angles(sensor: Sensor, motion: Motion) -> Sensor:
    if set(sensor.angles) == set(sensor.measures):
        return sensor
    turns = _turns(sensor, motion)
    found = {name: unit for name, unit in turns.items() if name not in sensor.angles}
    if not found:
        return sensor
    all_angles = tuple(m for m in sensor.measures if m in {*found, *sensor.angles})
    if is_ready_made(sensor.measure):
        return replace(sensor, params=params_of(sensor), angles=all_angles)
    name, unit = next(iter(found.items()))
    listed = ", ".join(motion.angles)
    what, remedy = "an angle as the state is", "Write"
    if unit == "degrees":
        what = "an angle in radians"
        remedy = "Return radians, convert the readings with np.radians, and write"
    raise ModelError(
        f"{sensor.name}.angles = {sensor.angles!r}: {name} measures an angle of the motion ({listed}), which is kept "
        f"in [-π, π), so it jumps by a whole turn: expected {name} to be declared {what}. {remedy} "
        f"angles={all_angles!r} in the fog.Sensor, or take the state out of the angles of the motion.",
        field=f"{sensor.name}.angles",
        value=sensor.angles,
    )


def _turns(sensor: Sensor, motion: Motion) -> dict[str, str]:
    """{measure: "radians" or "degrees"} of the measures that contain whole multiples of angle states.

    Such a measure is a + k·angle, up to whole turns, where a may depend on the other states (a bias) but not on the
    angle, and k is the same at every state. Empty if the first step rules out every measure that is not declared.
    """
    angles = [motion.ambient.index(name) for name in motion.angles]
    h = _function(sensor, motion.ambient)
    changes: list[Floats] = []
    for x in _states(len(motion.ambient), angles):
        base = h(x)
        for step in _STEPS:
            found = None if base is None else _change(h, x, base, angles, step)
            if found is None or not (changes or _some_turn(sensor, found)):
                return {}
            changes.append(found)
    several = np.reshape(changes, (-1, len(_STEPS), *changes[0].shape))  # (states, steps, measures, angles)
    return {
        name: unit
        for row, name in enumerate(sensor.measures)
        for unit, factor in _UNITS.items()
        if _turns_with(several[:, :, row] / factor)
    }


def _some_turn(sensor: Sensor, change: Floats) -> bool:
    """Whether a measure that is not declared may turn with an angle, by its change (measures, angles) at first."""
    undeclared = change[[name not in sensor.angles for name in sensor.measures]]
    return any(_multiples(undeclared / factor).any() for factor in _UNITS.values())


def _multiples(change: Floats) -> Floats:
    """The whole k of each angle by which the first step has changed a measure."""
    return np.asarray(np.round(change / _STEPS[0]))


def _turns_with(changes: Floats) -> bool:
    """Whether changes (states, steps, angles) are k times the step, up to whole turns, k ≠ 0 whole for some angle."""
    steps = np.array(_STEPS)[:, None]
    k = _multiples(changes[0, 0])
    turns = (changes - k * steps) / (2.0 * math.pi)
    return bool(k.any() and (np.abs(turns - np.round(turns)) <= _TOLERANCE * max(1.0, np.abs(k).max())).all())


def _states(n: int, angles: list[int]) -> list[Floats]:
    """Two states without round numbers, and equal to each other in no entry."""
    found = []
    for first, between, angle in zip(_FIRST, _BETWEEN, _ANGLES, strict=True):
        x = first + between * np.arange(n, dtype=np.float64)
        x[angles] = angle
        found.append(x)
    return found


def _change(h: Measured, x: Floats, base: Floats, angles: list[int], step: float) -> Floats | None:
    """h(x + step) - h(x), shape (measures, angles); None where h cannot be computed."""
    change = np.zeros((len(base), len(angles)))
    for column, i in enumerate(angles):
        moved = x.copy()
        moved[i] += step
        found = h(moved)
        if found is None:
            return None
        change[:, column] = found - base
    return change


def _function(sensor: Sensor, state: tuple[str, ...]) -> Measured:
    """h on numbers; None where it cannot be computed: validation has called the function where it must work."""
    p, u = own_params(sensor, number=np.float64), held_controls(sensor)

    def measured(x: Floats) -> Floats | None:
        try:
            with np.errstate(all="ignore"):
                value = sensor.measure(Vector(state, list(x)), p, *u)
                found = returned.vector(value, sensor.measures, f"{sensor.name}.measure").astype(float)
        except Exception:
            return None
        return found if np.isfinite(found).all() else None

    return measured
