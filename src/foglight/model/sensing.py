"""Ready-made sensors: how a radar, a gauge or a camera measures a state.

Each is a `Sensor` with independent noise on its measures. The standard deviations among the arguments become its
parameters, all >= 0; the other arguments are fixed: `of` names the coordinates of the target, `at` is the position of
the sensor, and `facing` the direction (rad) from which bearings are measured. Arguments are plain data, so that they
can be written in a model file. Each sensor takes the helper states of `fog.Sensor`, too: bias, scale, coloured and
lever_arm.
"""

from collections.abc import Sequence
from typing import Any, Unpack

from foglight.core.errors import ModelError
from foglight.model import noise
from foglight.model.helper_states import Facing, Helpers
from foglight.model.model import Sensor
from foglight.model.parameters import Param
from foglight.model.part_arguments import Names, Spread, at_least_zero, axis_names, spreads
from foglight.model.target_geometry import (
    as_state,
    direction_of,
    length,
    offset_of,
    plane,
    state_named,
    velocity_of,
)
from foglight.trace.ops import select

__ready_made__ = True  # errors show lines of these functions, as they do for a user's own

Number = float | Param


def linear(
    name: str, of: Names, std: Spread, *, measures: Names | None = None, **helpers: Unpack[Helpers]
) -> Sensor:
    """Direct measurement of states with independent noise, z = x + v, v ~ N(0, std²).

    Parameters
    ----------
    name : str
        Name of the sensor.
    of : str or sequence of str
        The states that are measured.
    std : float, Param or sequence
        Standard deviation of the noise, in the unit of the state: one parameter `std` for all measures, or a list with
        one for each, named `measure_std`.
    measures : str or sequence of str, default the names of the states
        Names of the measures, as in logs.
    **helpers
        Helper states of the sensor, see `fog.Sensor`.

    Returns
    -------
    Sensor
        A sensor with one measure for each state.

    Raises
    ------
    ModelError
        For an invalid name, a std < 0, or numbers of names and values that differ.

    Examples
    --------
    >>> fog.sensing.linear("radar", of="gap", std=0.8)
    Sensor(radar: gap; std=0.8)
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
        measure=lambda x, p: [state_named(x, state, name) for state in states],
        noise=lambda x, p: noise.independent([s * s for s in stds(p)]),
        params=params,
        **helpers,
    )


def range(
    name: str, of: Names = ("x", "y"), at: Any = 0.0, *, std: Number, **helpers: Unpack[Helpers]
) -> Sensor:
    """Distance from a fixed position, z = √Σ (x_i - at_i)² + v, on any number of axes.

    It has no derivative where the target is at the position of the sensor.

    Parameters
    ----------
    name : str
        Name of the sensor.
    of : str or sequence of str, default ("x", "y")
        The states that are coordinates of the target.
    at : float or sequence of float, default 0.0
        Position of the sensor (m), one number for all axes or one for each.
    std : float or Param
        Standard deviation of the noise (m).
    **helpers
        Helper states of the sensor, see `fog.Sensor`.

    Returns
    -------
    Sensor
        A sensor with the measure `range`.

    Raises
    ------
    ModelError
        For an invalid name, a std < 0, or a position that does not fit the axes.

    Examples
    --------
    >>> fog.sensing.range("uwb", at=(3.0, 4.0), std=0.1)
    Sensor(uwb: range; std=0.1)
    """
    offset = offset_of(name, axis_names(of, "of"), at, 0.0, None)
    return Sensor(
        name,
        ("range",),
        measure=lambda x, p: [length(offset(x)[0])],
        noise=lambda x, p: noise.independent([p.std**2]),
        params={"std": at_least_zero(std, "std")},
        **helpers,
    )


def bearing(
    name: str,
    of: Names = ("x", "y"),
    at: Any = 0.0,
    *,
    std: Number,
    facing: float | Facing = 0.0,
    heading: str | None = None,
    **helpers: Unpack[Helpers],
) -> Sensor:
    """Direction of a target in the plane, z = atan2(y - at_y, x - at_x) - facing + v, an angle.

    With `heading` the sensor moves with the state instead: it is at `of` and faces along `heading` + `facing`, and `at`
    is the landmark that it sees.

    Parameters
    ----------
    name : str
        Name of the sensor.
    of : sequence of str, default ("x", "y")
        The two states that are coordinates of the target.
    at : float or sequence of float, default 0.0
        Position of the sensor (m), or of the landmark if `heading` is given.
    std : float or Param
        Standard deviation of the noise (rad).
    facing : float or Facing, default 0.0
        Direction from which the bearing is measured (rad); what `fog.facing` returns is a state.
    heading : str or None, default None
        Name of the state that is the heading (rad) of a moving sensor.
    **helpers
        Helper states of the sensor, see `fog.Sensor`.

    Returns
    -------
    Sensor
        A sensor with the measure `bearing`, an angle (rad).

    Raises
    ------
    ModelError
        For an invalid name, a std < 0, or a number of axes other than two.

    Examples
    --------
    >>> camera = fog.sensing.bearing("camera", std=0.01)
    >>> camera.measures, camera.angles
    (('bearing',), ('bearing',))
    """
    offset = offset_of(name, plane(of), at, facing, heading)
    return Sensor(
        name,
        ("bearing",),
        measure=lambda x, p: [direction_of(*offset(x))],
        noise=lambda x, p: noise.independent([p.std**2]),
        params={"std": at_least_zero(std, "std")},
        angles=("bearing",),
        units={"bearing": "rad", "std": "rad"},
        facing=as_state(facing),
        **helpers,
    )


def range_bearing(
    name: str,
    of: Names = ("x", "y"),
    at: Any = 0.0,
    *,
    range_std: Number,
    bearing_std: Number,
    facing: float | Facing = 0.0,
    heading: str | None = None,
    **helpers: Unpack[Helpers],
) -> Sensor:
    """Distance and direction of a target in the plane, as `range` and `bearing` measure them.

    Parameters
    ----------
    name : str
        Name of the sensor.
    of : sequence of str, default ("x", "y")
        The two states that are coordinates of the target.
    at : float or sequence of float, default 0.0
        Position of the sensor (m), or of the landmark if `heading` is given.
    range_std, bearing_std : float or Param
        Standard deviations of the noise on the range (m) and on the bearing (rad).
    facing : float or Facing, default 0.0
        Direction from which the bearing is measured (rad); what `fog.facing` returns is a state.
    heading : str or None, default None
        Name of the state that is the heading (rad) of a moving sensor, see `bearing`.
    **helpers
        Helper states of the sensor, see `fog.Sensor`.

    Returns
    -------
    Sensor
        A sensor with the measures `range` and `bearing`.

    Raises
    ------
    ModelError
        For an invalid name, a std < 0, or a number of axes other than two.

    Examples
    --------
    >>> fog.sensing.range_bearing("radar", range_std=0.3, bearing_std=0.03).measures
    ('range', 'bearing')
    """
    offset = offset_of(name, plane(of), at, facing, heading)

    def measure(x: Any, p: Any) -> list[Any]:
        d, direction = offset(x)
        return [length(d), direction_of(d, direction)]

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
        facing=as_state(facing),
        **helpers,
    )


def range_bearing_rate(
    name: str,
    of: Names = ("x", "y"),
    at: Any = 0.0,
    *,
    range_std: Number,
    bearing_std: Number,
    range_rate_std: Number,
    facing: float | Facing = 0.0,
    velocity: Sequence[str] | None = None,
    speed: str | None = None,
    heading: str | None = None,
    **helpers: Unpack[Helpers],
) -> Sensor:
    """Distance, direction and range rate of a target in the plane, as a Doppler radar measures them.

    The range rate is (d · v)/|d|, with d the offset of the target from `at` and v its velocity. v is read from the
    states x_speed and y_speed, from those that `velocity` names, or, if `speed` and `heading` are given, from a speed
    along a heading as in `motion.ctrv`. Where the target is at the position of the sensor, d has no direction: the
    range rate is then 0, its mean over all directions. There is no derivative there, so start an EKF elsewhere.

    Parameters
    ----------
    name : str
        Name of the sensor.
    of : sequence of str, default ("x", "y")
        The two states that are coordinates of the target.
    at : float or sequence of float, default 0.0
        Position of the sensor (m).
    range_std, bearing_std, range_rate_std : float or Param
        Standard deviations of the noise on the range (m), the bearing (rad) and the range rate (m/s).
    facing : float or Facing, default 0.0
        Direction from which the bearing is measured (rad); what `fog.facing` returns is a state.
    velocity : sequence of str or None, default None
        The two states that are the velocity of the target (m/s).
    speed, heading : str or None, default None
        The states that are the speed (m/s) and the heading (rad) of the target; give both or neither.
    **helpers
        Helper states of the sensor, see `fog.Sensor`.

    Returns
    -------
    Sensor
        A sensor with the measures `range`, `bearing` and `range_rate`.

    Raises
    ------
    ModelError
        For an invalid name, a std < 0, a number of axes other than two, or velocity together with speed and heading.

    Examples
    --------
    >>> fog.sensing.range_bearing_rate("radar", range_std=0.3, bearing_std=0.03, range_rate_std=0.3).measures
    ('range', 'bearing', 'range_rate')
    """
    if helpers.get("lever_arm") is not None:
        raise ModelError(
            "lever_arm: a range rate needs the velocity of the sensor's own position, which a lever arm does not give: "
            "expected none. Use fog.sensing.range_bearing.",
            field="lever_arm",
            value=helpers["lever_arm"],
        )
    axes = plane(of)
    offset = offset_of(name, axes, at, facing, None)
    velocity_at = velocity_of(name, axes, velocity, speed, heading)

    def measure(x: Any, p: Any) -> list[Any]:
        d, direction = offset(x)
        v = velocity_at(x)
        distance = length(d)
        rate = (d[0] * v[0] + d[1] * v[1]) * (1.0 / select(distance > 0.0, distance, 1.0))
        return [distance, direction_of(d, direction), rate]

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
        facing=as_state(facing),
        **helpers,
    )
