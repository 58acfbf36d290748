"""Ready-made sensors: what a radar, a gauge or a camera says about a state.

Each is a `Sensor` with independent noise on its measures. Parameters are the std-like arguments, all >= 0.
`of` names the state's coordinates, `at` where the sensor stands, `facing` the direction (rad) from which it
counts bearings; these are fixed. Arguments are data only, so that a model file can name them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.model import noise
from foglight.model.model import Sensor
from foglight.model.parameters import Param, real
from foglight.model.part_arguments import Names, Spread, at_least_zero, axis_names, per_axis, spreads

__ready_made__ = True  # errors point into these functions as into a user's own

Number = float | Param
Offset = Callable[[Any], tuple[list[Any], Any]]  # state -> (target less sensor by axis, direction it faces)


def linear(name: str, of: Names, std: Spread, *, measures: Names | None = None) -> Sensor:
    """z = x + v, v ~ N(0, std²): states as they are, each with its own noise.

    of: one state or several. std: unit of the state, one parameter for all, or a list for one each, named
    `measure_std`. measures: what logs call them, by default the states' names.

    >>> linear("radar", of="gap", std=0.8).measures
    ('gap',)
    """
    states = axis_names(of, "of")
    labels = states if measures is None else axis_names(measures, "measures")
    if len(labels) != len(states):
        raise ModelError(
            f"measures has {len(labels)} names: expected {len(states)}, one for each of {', '.join(states)}.",
            field="measures",
            value=labels,
        )
    params, stds = spreads("std", std, labels)
    return Sensor(
        name,
        labels,
        measure=lambda x, p: [_state(x, state, name) for state in states],
        noise=lambda x, p: noise.independent([s * s for s in stds(p)]),
        params=params,
    )


def range(name: str, of: Names = ("x", "y"), at: Any = 0.0, *, std: Number) -> Sensor:
    """Distance from `at`: z = √Σ (x_i - at_i)² + v.  std: m.  Measures: range.

    On one to any number of axes. It has no derivative where the target stands on the sensor.

    >>> range("uwb", at=(3.0, 4.0), std=0.1).measures
    ('range',)
    """
    offset = _seen(name, axis_names(of, "of"), at, 0.0, None)
    return Sensor(
        name,
        ("range",),
        measure=lambda x, p: [_length(offset(x)[0])],
        noise=lambda x, p: noise.independent([p.std**2]),
        params={"std": at_least_zero(std, "std")},
    )


def bearing(
    name: str,
    of: Names = ("x", "y"),
    at: Any = 0.0,
    *,
    std: Number,
    facing: float = 0.0,
    heading: str | None = None,
) -> Sensor:
    """Direction from `at`, counted from `facing`: z = atan2(y - at_y, x - at_x) - facing + v, an angle.

    std: rad.  Measures: bearing.  heading: name of a state; then the sensor travels with the state, at `of` and
    facing along `heading` + `facing`, and `at` is the landmark that it sees.

    >>> bearing("camera", std=0.01).angles
    ('bearing',)
    """
    offset = _seen(name, _plane(of), at, facing, heading)
    return Sensor(
        name,
        ("bearing",),
        measure=lambda x, p: [_direction(*offset(x))],
        noise=lambda x, p: noise.independent([p.std**2]),
        params={"std": at_least_zero(std, "std")},
        angles=("bearing",),
        units={"bearing": "rad", "std": "rad"},
    )


def range_bearing(
    name: str,
    of: Names = ("x", "y"),
    at: Any = 0.0,
    *,
    range_std: Number,
    bearing_std: Number,
    facing: float = 0.0,
    heading: str | None = None,
) -> Sensor:
    """Distance and direction, as `range` and `bearing` have them.  range_std: m, bearing_std: rad.

    >>> range_bearing("radar", range_std=0.3, bearing_std=0.03).measures
    ('range', 'bearing')
    """
    offset = _seen(name, _plane(of), at, facing, heading)

    def measure(x: Any, p: Any) -> list[Any]:
        d, direction = offset(x)
        return [_length(d), _direction(d, direction)]

    return Sensor(
        name,
        ("range", "bearing"),
        measure,
        noise=lambda x, p: noise.independent([p.range_std**2, p.bearing_std**2]),
        params={
            "range_std": at_least_zero(range_std, "range_std"),
            "bearing_std": at_least_zero(bearing_std, "bearing_std"),
        },
        angles=("bearing",),
        units={"bearing": "rad", "bearing_std": "rad"},
    )


def range_bearing_rate(
    name: str,
    of: Names = ("x", "y"),
    at: Any = 0.0,
    *,
    range_std: Number,
    bearing_std: Number,
    range_rate_std: Number,
    facing: float = 0.0,
    velocity: Sequence[str] | None = None,
    speed: str | None = None,
    heading: str | None = None,
) -> Sensor:
    """Distance, direction and range rate of a Doppler radar: the third is (d · v)/|d|, with d the offset from
    `at` and v the target's velocity.

    range_std: m, bearing_std: rad, range_rate_std: m/s.  v comes from the states x_speed, y_speed; from those
    that `velocity` names; or, with `speed` and `heading` both named, along the heading (as in `motion.ctrv`).

    >>> radar = range_bearing_rate("radar", range_std=0.3, bearing_std=0.03, range_rate_std=0.3)
    >>> radar.measures
    ('range', 'bearing', 'range_rate')
    """
    axes = _plane(of)
    offset = _seen(name, axes, at, facing, None)
    moving = _velocity(name, axes, velocity, speed, heading)

    def measure(x: Any, p: Any) -> list[Any]:
        d, direction = offset(x)
        v = moving(x)
        distance = _length(d)
        return [distance, _direction(d, direction), (d[0] * v[0] + d[1] * v[1]) * (1.0 / distance)]

    return Sensor(
        name,
        ("range", "bearing", "range_rate"),
        measure,
        noise=lambda x, p: noise.independent([p.range_std**2, p.bearing_std**2, p.range_rate_std**2]),
        params={
            "range_std": at_least_zero(range_std, "range_std"),
            "bearing_std": at_least_zero(bearing_std, "bearing_std"),
            "range_rate_std": at_least_zero(range_rate_std, "range_rate_std"),
        },
        angles=("bearing",),
        units={"bearing": "rad", "bearing_std": "rad"},
    )


def _plane(of: Names) -> tuple[str, str]:
    found = axis_names(of, "of")
    if len(found) != 2:
        raise ModelError(
            f"of has {len(found)} names: expected two, such as ('x', 'y'). A bearing needs a plane.",
            field="of",
            value=found,
        )
    return found[0], found[1]


def _state(x: Any, name: str, sensor: str) -> Any:
    try:
        return getattr(x, name)
    except ModelError as error:
        known = str(error).partition("There are: ")[2]
        raise ModelError(
            f"sensor {sensor!r} looks at {name!r}, which is no state: expected among {known} "
            "Name them with of=, velocity=, speed= or heading=.",
            field=name,
            value=name,
        ) from None


def _seen(sensor: str, axes: tuple[str, ...], at: Any, facing: float, heading: str | None) -> Offset:
    """Where the seen thing is, as seen from the sensor: a fixed sensor and a state, or the other way round."""
    place = per_axis(at, axes, "at")
    turned = real(facing, "facing")

    def offset(x: Any) -> tuple[list[Any], Any]:
        found = [_state(x, axis, sensor) - fixed for axis, fixed in zip(axes, place, strict=True)]
        if heading is None:
            return found, turned
        return [-d for d in found], _state(x, heading, sensor) + turned

    return offset


def _velocity(
    sensor: str, axes: tuple[str, str], velocity: Sequence[str] | None, speed: str | None, heading: str | None
) -> Callable[[Any], tuple[Any, Any]]:
    if (speed is None) != (heading is None) or (speed is not None and velocity is not None):
        raise ModelError(
            f"velocity = {velocity!r}, speed = {speed!r}, heading = {heading!r}: expected velocity alone, or speed "
            "and heading together. Write velocity=('x_speed', 'y_speed') or speed='speed', heading='heading'.",
            field="velocity",
        )
    if speed is not None and heading is not None:
        along, course = speed, heading

        def polar(x: Any) -> tuple[Any, Any]:
            v, angle = _state(x, along, sensor), _state(x, course, sensor)
            return v * np.cos(angle), v * np.sin(angle)

        return polar
    east, north = _plane([f"{axis}_speed" for axis in axes] if velocity is None else velocity)
    return lambda x: (_state(x, east, sensor), _state(x, north, sensor))


def _length(d: list[Any]) -> Any:
    if len(d) == 1:
        return abs(d[0])
    return np.sqrt(sum(v * v for v in d))


def _direction(d: list[Any], facing: Any) -> Any:
    return np.arctan2(d[1], d[0]) - facing
