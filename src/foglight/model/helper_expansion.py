"""The helper states of the sensors, added to a model when it is made: states, their motion, their start.

Afterwards the sensors have no helper states left: they are sensors of the larger state, so that a model that is made of
its parts again gains no states a second time. Functions of the user's own are given the states that they know.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from foglight.core.errors import ModelError
from foglight.model import noise
from foglight.model.angle_measures import with_angles
from foglight.model.belief import Belief, in_order
from foglight.model.helper_states import DELAY, KINDS, Bias, Coloured, Facing, LeverArm, Scale
from foglight.model.model_parts import Motion, Sensor
from foglight.model.opaque_functions import like
from foglight.model.parameters import Param, params_of
from foglight.model.part_fields import is_ready_made
from foglight.model.part_functions import PartFunctions
from foglight.model.wider_belief import nothing_known, side_by_side
from foglight.trace.named_vector import Vector

Read = Callable[[Any], Any]  # a helper state, or a number in its stead, from the state of the model


class _Group(NamedTuple):
    """States that one description adds: their motion, and their mean and std at the start."""

    field: str  # the argument, for messages
    motion: Motion
    mean: tuple[float, ...]
    std: tuple[float, ...]


def with_helper_states(
    motion: Motion, sensors: Sequence[Sensor], start: Belief | None
) -> tuple[Motion, tuple[Sensor, ...], Belief | None]:
    """The parts of a model, with the helper states that the sensors ask for; unchanged if there are none.

    start: a belief about the states of the motion, or about all of them.
    Raises ModelError for a state or a parameter that exists already, and a description that does not fit its sensor.
    """
    sensors = [_with_delay(sensor, motion.state) for sensor in sensors]
    if not any(_kinds(sensor) for sensor in sensors):
        return motion, tuple(sensors), start
    sensors = with_angles(sensors, motion)  # of the sensors as they were written
    groups = [group for sensor in sensors for group in _groups(sensor)]
    _check_free(motion, groups)
    wider = motion.with_states(*[group.motion for group in groups]) if groups else motion
    return wider, tuple(_on(sensor, motion.ambient) for sensor in sensors), _start(start, motion, groups)


def on_first_states(sensor: Sensor, state: tuple[str, ...]) -> Sensor:
    """The same sensor on an extended state: its functions are given only the first states, which they know."""
    own = PartFunctions(sensor, state)
    measure, spread = like((sensor.measure,), own.measure), like((sensor.noise,), own.noise)
    return replace(sensor, measure=measure, noise=spread, params=params_of(sensor))


def _with_delay(sensor: Sensor, state: tuple[str, ...]) -> Sensor:
    """The sensor, with its delay among its parameters if that is one. Functions of the user's own are not given it."""
    late = sensor.delay
    if late is None or late.param is None or late.stated:
        return sensor
    if DELAY in sensor.params:
        raise ModelError(
            f"{sensor.name}.delay: it adds a parameter {DELAY!r} to the sensor, which has one: expected another name. "
            "Rename that of the sensor.",
            field=f"{sensor.name}.delay", index=DELAY, value=sensor.params[DELAY],
        )  # fmt: skip
    ready = is_ready_made(sensor.measure) and is_ready_made(sensor.noise)
    own = sensor if ready else on_first_states(sensor, state)
    return replace(own, params=params_of(sensor) | {DELAY: late.param}, delay=late._replace(stated=True))


def _kinds(sensor: Sensor) -> dict[str, Any]:
    """The helper states of a sensor, {argument: descriptions}, in the order of their states."""
    return {kind: given for kind in KINDS if (given := getattr(sensor, kind)) is not None}


def _by_measure(sensor: Sensor, kind: str) -> dict[str, Any]:
    """{measure: description} of one argument other than the lever arm."""
    given = getattr(sensor, kind)
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {measure: given[measure] for measure in sensor.measures if measure in given}
    return dict.fromkeys(sensor.angles if isinstance(given, Facing) else sensor.measures, given)


def _groups(sensor: Sensor) -> list[_Group]:
    """The states that a sensor adds. One description for all measures has one set of parameters."""
    found = []
    for kind, given in _kinds(sensor).items():
        if kind == "lever_arm":
            found += _group(sensor, kind, given, _arm_names(sensor), f"{sensor.name}_{kind}")
        elif isinstance(given, Mapping):
            for measure, description in _by_measure(sensor, kind).items():
                name = _name(sensor, kind, measure)
                found += _group(sensor, kind, description, (name,), name)
        else:
            names = tuple(_name(sensor, kind, measure) for measure in _by_measure(sensor, kind))
            found += _group(sensor, kind, given, names, f"{sensor.name}_{kind}")
    return found


def _group(sensor: Sensor, kind: str, given: Any, names: tuple[str, ...], prefix: str) -> list[_Group]:
    """The states of one description; none where it is fixed. prefix: of the names of its parameters."""
    n = len(names)
    mean, std = (0.0,) * n, (getattr(given, "std", 0.0),) * n
    if isinstance(given, Bias):
        motion = (
            _constant(names) if given.drift is None else _random_walk(names, f"{prefix}_drift", given.drift)
        )
    elif isinstance(given, Coloured):
        motion, std = _ornstein_uhlenbeck(names, prefix, given), (given.std.value,) * n
    elif isinstance(given, Scale):
        motion, mean = _constant(names), (1.0,) * n
    elif isinstance(given, LeverArm):
        motion, mean, std = _constant(names), given.arm, given.std
    else:
        motion, mean = _constant(names, angles=names), (given.angle,) * n
    fixed = isinstance(given, Facing | LeverArm) and not any(std)
    return [] if fixed else [_Group(f"{sensor.name}.{kind}", motion, mean, std)]


def _constant(names: tuple[str, ...], angles: tuple[str, ...] = ()) -> Motion:
    return Motion(
        names,
        dynamics=lambda x, dt, p: list(x),
        noise=lambda x, dt, p: noise.independent([0.0] * len(names)),
        angles=angles,
        units=dict.fromkeys(angles, "rad"),
    )


def _random_walk(names: tuple[str, ...], drift: str, value: Param) -> Motion:
    return Motion(
        names,
        dynamics=lambda x, dt, p: list(x),
        noise=lambda x, dt, p: noise.stack(*[noise.random_walk(dt, p[drift] * p[drift])] * len(names)),
        params={drift: value},
    )


def _ornstein_uhlenbeck(names: tuple[str, ...], prefix: str, given: Coloured) -> Motion:
    tau, std, fixed = f"{prefix}_tau", f"{prefix}_std", given.tau

    def time(p: Any) -> Any:
        return p[tau] if isinstance(fixed, Param) else fixed

    return Motion(
        names,
        dynamics=lambda x, dt, p: [np.exp(-(dt * (1.0 / time(p)))) * value for value in x],
        noise=lambda x, dt, p: noise.stack(*[noise.ornstein_uhlenbeck(dt, time(p), p[std])] * len(names)),
        params={std: given.std} | ({tau: fixed} if isinstance(fixed, Param) else {}),
    )


def _check_free(motion: Motion, groups: list[_Group]) -> None:
    """ModelError for a state or a parameter whose name is taken, by the motion or by another helper state."""
    states, params = {*motion.state, *motion.ambient}, set(motion.params)
    for group in groups:
        for what, names, taken in (
            ("state", group.motion.state, states),
            ("parameter", tuple(group.motion.params), params),
        ):
            for name in names:
                if name in taken:
                    raise ModelError(
                        f"{group.field}[{name!r}]: it adds a {what} of that name to the motion, which has one: "
                        "expected another name. Rename that of the motion, or the sensor.",
                        field=group.field, index=name, value=name,
                    )  # fmt: skip
            taken.update(names)


def _start(start: Belief | None, motion: Motion, groups: list[_Group]) -> Belief | None:
    """The start about all states; unchanged if it is not about those of the motion, which is checked later."""
    n = len(motion.ambient)
    if not groups or (motion.charts.parts if start is None else len(start.mean) != n):
        return start
    angles = [name for group in groups for name in group.motion.angles]
    names = tuple(name for group in groups for name in group.motion.state)
    helpers = Belief(
        [value for group in groups for value in group.mean],
        std=[value for group in groups for value in group.std],
        names=names,
        angles=angles,
    )
    return side_by_side(nothing_known(n) if start is None else in_order(start, motion.ambient), helpers)


def _on(sensor: Sensor, state: tuple[str, ...]) -> Sensor:
    """A sensor of the larger state, without helper states of its own. state: the states that its functions know."""
    kinds = _kinds(sensor)
    if not kinds:
        ready = is_ready_made(sensor.measure) and is_ready_made(sensor.noise)
        return sensor if ready else on_first_states(sensor, state)
    original, seen = PartFunctions(sensor, state), _seen(sensor, state)
    readings = [_reading(sensor, name) for name in sensor.measures]

    def measure(x: Any, p: Any, *u: Any) -> list[Any]:
        values = original.measure(seen(x), p, *u)
        return [of(value, x) for of, value in zip(readings, values, strict=True)]

    without: dict[str, Any] = dict.fromkeys(KINDS)
    return replace(
        sensor,
        measure=like((sensor.measure,), measure),
        noise=like((sensor.noise,), original.noise),
        params=params_of(sensor),
        **without,
    )


def _reading(sensor: Sensor, measure: str) -> Callable[[Any, Any], Any]:
    """What a measure reads, as a function of h(x) and the state: scale · h(x) + bias + coloured - facing."""
    own = {kind: _by_measure(sensor, kind).get(measure) for kind in KINDS if kind != "lever_arm"}
    names = {kind: _name(sensor, kind, measure) for kind, given in own.items() if given is not None}
    facing = own["facing"]
    if "scale" in names and measure in sensor.angles:
        others = [name for name in sensor.measures if name not in sensor.angles]
        raise ModelError(
            f"{sensor.name}.scale[{measure!r}]: {measure} is an angle, which jumps by a whole turn, and a scale would "
            f"change that: expected a measure that is no angle ({', '.join(others) or 'none'}). Leave it out"
            + (f", and write scale={{{others[0]!r}: fog.scale(0.01)}}." if others else "."),
            field=f"{sensor.name}.scale", index=measure, value=measure,
        )  # fmt: skip

    def reading(value: Any, x: Any) -> Any:
        if "scale" in names:
            value = x[names["scale"]] * value
        for kind in ("bias", "coloured"):
            if kind in names:
                value = value + x[names[kind]]
        if facing is not None:
            value = value - (x[names["facing"]] if facing.std else facing.angle)
        return value

    return reading


def _seen(sensor: Sensor, state: tuple[str, ...]) -> Read:
    """The state that the measure sees: with the position of the sensor in place of the vehicle's."""
    given: LeverArm | None = sensor.lever_arm
    if given is None:
        return lambda x: x
    for argument, name in (("heading", given.heading), ("of", given.of[0]), ("of", given.of[1])):
        if name not in state:
            raise ModelError(
                f"{sensor.name}.lever_arm: {argument} = {name!r}: expected a state ({', '.join(state)}). Name it with "
                f"{argument}= in fog.lever_arm.",
                field=f"{sensor.name}.lever_arm", index=argument, value=name,
            )  # fmt: skip
    arm, names = given, _arm_names(sensor) if any(given.std) else ()

    def moved(x: Any) -> Vector:
        forward, left = [x[name] for name in names] or arm.arm
        c, s = np.cos(x[arm.heading]), np.sin(x[arm.heading])
        at = dict(zip(arm.of, (c * forward - s * left, s * forward + c * left), strict=True))
        return Vector(state, [x[name] + at[name] if name in at else x[name] for name in state])

    return moved


def _arm_names(sensor: Sensor) -> tuple[str, str]:
    return _name(sensor, "lever_arm", "x"), _name(sensor, "lever_arm", "y")


def _name(sensor: Sensor, kind: str, measure: str) -> str:
    """The name of a helper state, such as gps_bias_x."""
    return f"{sensor.name}_{kind}_{measure}"
