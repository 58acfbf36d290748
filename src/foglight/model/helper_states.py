"""Helper states: what else a sensor's readings depend on, stated as an argument of the sensor.

    z = scale · h(x) + bias + coloured - facing + v     h sees the state moved by the lever arm

Each is a frozen description here, and names no state yet: a `Sensor` keeps it, and the `Model` that is made of the
sensor adds the states (`helper_expansion`). A description for a sensor holds for all its measures, or there is a dict
{measure: description}.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import Param, real
from foglight.model.part_arguments import Names, at_least_zero, axis_names, per_axis, positive


@dataclass(frozen=True)
class Bias:
    """What is added to a reading. Made by `bias`."""

    std: float
    drift: Param | None  # None: it is constant


@dataclass(frozen=True)
class Scale:
    """What multiplies a reading. Made by `scale`."""

    std: float


@dataclass(frozen=True)
class Coloured:
    """Noise of a reading that lasts. Made by `coloured`."""

    tau: float | Param
    std: Param


@dataclass(frozen=True)
class Facing:
    """The direction from which a bearing is measured. Made by `facing`."""

    angle: float
    std: float


@dataclass(frozen=True)
class LeverArm:
    """Where a sensor is mounted on what moves. Made by `lever_arm`."""

    arm: tuple[float, float]
    std: tuple[float, float]
    heading: str
    of: tuple[str, str]


class Delay(NamedTuple):
    """How late the readings of a sensor are. Made by `delay`. It adds no states: `on_time` moves the readings.

    param: the parameter that says so instead, None for a fixed delay.  stated: whether the sensor has that parameter.
    """

    seconds: float
    param: Param | None = None
    stated: bool = False

    def of(self, params: Mapping[str, float]) -> float:
        """The delay (s) of a sensor in a model, with these parameters."""
        return self.seconds if self.param is None else params[DELAY]


class Helpers(TypedDict, total=False):
    """The helper states that any ready-made sensor takes, and its delay, as arguments."""

    bias: Bias | Mapping[str, Bias] | None
    scale: Scale | Mapping[str, Scale] | None
    coloured: Coloured | Mapping[str, Coloured] | None
    lever_arm: LeverArm | None
    delay: Delay | None


DELAY = "delay"  # the parameter of a sensor that is a delay
KINDS: Mapping[str, type] = MappingProxyType(
    {"bias": Bias, "scale": Scale, "coloured": Coloured, "facing": Facing, "lever_arm": LeverArm}
)
_EXAMPLES = {
    "bias": "fog.bias(std=0.5)",
    "scale": "fog.scale(std=0.01)",
    "coloured": "fog.coloured(tau=5.0, std=0.5)",
    "facing": "fog.facing(0.0, std=0.1)",
    "lever_arm": "fog.lever_arm((1.2, 0.0))",
}


def bias(std: float, drift: float | Param = 0.0) -> Bias:
    """A bias of a sensor, as a state: z = h(x) + bias + v.

    Parameters
    ----------
    std : float
        Standard deviation of the bias at the start, in the unit of the measure; inf where nothing is known.
    drift : float or Param, default 0.0
        How much the bias changes within a second, as a standard deviation (unit/√s): a parameter of the motion, such as
        `motion.gps_bias_drift`. With 0 the bias is constant.

    Returns
    -------
    Bias
        A description for the argument `bias` of a sensor. The state is called `gps_bias_x`.

    Raises
    ------
    ModelError
        For a number < 0.

    Examples
    --------
    >>> gps = fog.sensing.linear("gps", of=("x", "y"), std=2.0, bias=fog.bias(std=5.0, drift=0.02))
    >>> fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.5), [gps], start=None).state[4:]
    ('gps_bias_x', 'gps_bias_y')
    """
    wanders = isinstance(drift, Param) or real(drift, "drift") != 0.0
    return Bias(_spread(std, "std"), at_least_zero(drift, "drift") if wanders else None)


def scale(std: float) -> Scale:
    """A scale of a sensor that is not quite 1, as a constant state: z = scale · h(x) + v.

    Parameters
    ----------
    std : float
        Standard deviation of the scale at the start, where its mean is 1.

    Returns
    -------
    Scale
        A description for the argument `scale` of a sensor. The state is called `odometer_scale_speed`.

    Raises
    ------
    ModelError
        For a number < 0.

    Examples
    --------
    >>> fog.sensing.linear("odometer", of="speed", std=0.1, scale=fog.scale(std=0.02))
    Sensor(odometer: speed; std=0.1; scale)
    """
    return Scale(_spread(std, "std"))


def coloured(tau: float | Param, std: float | Param) -> Coloured:
    """Noise that lasts from one reading to the next, as a state: an Ornstein-Uhlenbeck process that is added to h(x).

    Parameters
    ----------
    tau : float or Param
        Time (s) within which the noise forgets itself, > 0. A number is fixed; a `fog.param` with a lower bound > 0 is
        a parameter of the motion, such as `motion.gps_coloured_tau`.
    std : float or Param
        Standard deviation of the noise at any time, in the unit of the measure: a parameter of the motion, such as
        `motion.gps_coloured_std`. The start has this std, too, and keeps it where the parameter changes.

    Returns
    -------
    Coloured
        A description for the argument `coloured` of a sensor. The state is called `gps_coloured_x`.

    Raises
    ------
    ModelError
        For a time that is not > 0, or a std < 0.

    Examples
    --------
    >>> gps = fog.sensing.linear("gps", of="x", std=0.5, coloured=fog.coloured(tau=60.0, std=2.0))
    >>> model = fog.Model(fog.motion.constant_velocity("x", accel=0.5), [gps], start=None)
    >>> model.parameters
    {'motion.accel': 0.5, 'motion.gps_coloured_std': 2.0, 'gps.std': 0.5}
    """
    if isinstance(tau, Param):
        if not tau.low > 0.0:
            raise ModelError.expected(
                "tau", tau, "a lower bound > 0, in seconds", "Write fog.param(60.0, low=1.0)."
            )
    else:
        tau = positive(tau, "tau")
    spread = at_least_zero(std, "std")
    if math.isnan(spread.value):
        raise ModelError.expected(
            "std", std, "a value, which is the std at the start, too", "Write fog.shared('gps.slow', 2.0)."
        )
    return Coloured(tau, spread)


def facing(angle: float, std: float = 0.0) -> Facing:
    """The direction from which a bearing is measured, where it is not quite known: z = h(x) - facing + v.

    Parameters
    ----------
    angle : float
        The direction (rad), as the mean at the start.
    std : float, default 0.0
        Standard deviation of the direction at the start (rad); with 0 it is fixed, and no state.

    Returns
    -------
    Facing
        A description for the argument `facing` of a sensor. The state is an angle called `camera_facing_bearing`.

    Raises
    ------
    ModelError
        For an angle that is not finite, or a std < 0.

    Examples
    --------
    >>> camera = fog.sensing.bearing("camera", std=0.01, facing=fog.facing(0.3, std=0.05))
    >>> fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.5), [camera], start=None).motion.angles
    ('camera_facing_bearing',)
    """
    return Facing(real(angle, "angle"), _spread(std, "std"))


def lever_arm(arm: Any, std: Any = 0.0, *, heading: str = "heading", of: Names = ("x", "y")) -> LeverArm:
    """Where a sensor is mounted on a vehicle: its measure sees position + R(heading) · arm in place of the position.

    The position only is moved: a velocity that the measure reads stays that of the vehicle's reference point.

    Parameters
    ----------
    arm : sequence of float
        The sensor's position on the vehicle (m), forward and to the left, as the mean at the start.
    std : float or sequence of float, default 0.0
        Standard deviations of the two numbers at the start (m); with 0 both are fixed, and no states.
    heading : str, default "heading"
        The state that is the vehicle's heading (rad).
    of : sequence of str, default ("x", "y")
        The two states that are the vehicle's position.

    Returns
    -------
    LeverArm
        A description for the argument `lever_arm` of a sensor. The states are called `gps_lever_arm_x` and
        `gps_lever_arm_y`.

    Raises
    ------
    ModelError
        For other than two numbers, a std < 0, or an invalid name.

    Examples
    --------
    >>> gps = fog.sensing.linear("gps", of=("x", "y"), std=1.0, lever_arm=fog.lever_arm((2.0, 0.0), std=0.5))
    >>> fog.Model(fog.motion.ctrv(accel=1.0, turn_accel=0.2), [gps], start=None).state[5:]
    ('gps_lever_arm_x', 'gps_lever_arm_y')
    """
    axes = axis_names(of, "of")
    if len(axes) != 2:
        raise ModelError.expected("of", axes, "two states, such as ('x', 'y')", "A heading needs a plane.")
    if checks.numbers(arm, "arm").shape != (2,):
        raise ModelError.expected("arm", arm, "two numbers, forward and to the left", "Write (1.2, 0.0).")
    forward, left = per_axis(arm, ("forward", "left"), "arm")
    stds = [std, std] if checks.is_number(std) else std
    if isinstance(stds, str) or not isinstance(stds, Iterable) or len(found := list(stds)) != 2:
        raise ModelError.expected("std", std, "one number, or two", "Write (0.5, 0.2).")
    spread = _spread(found[0], "std[0]"), _spread(found[1], "std[1]")
    return LeverArm((forward, left), spread, checks.name(heading, "heading"), (axes[0], axes[1]))


def delay(seconds: float | Param) -> Delay:
    """How late the readings of a sensor are: a reading with the stamp t was measured at t - seconds.

    It is exact for any delay. `fog.run`, `fog.tune` and `fog.compare` filter the log with the corrected stamps, which
    is then `run.log`; a live filter inserts the reading where it belongs, within its `history`. `fog.simulate` gives
    logs whose readings are late.

    Parameters
    ----------
    seconds : float or Param
        The delay (s), > 0. A number is fixed. A `fog.param` is a parameter of the sensor, such as `camera.delay`, which
        `fog.tune` finds if another sensor, or the controls, tell where the state was.

    Returns
    -------
    Delay
        A description for the argument `delay` of a sensor.

    Raises
    ------
    ModelError
        For a number that is not > 0.

    Examples
    --------
    >>> fog.sensing.bearing("camera", std=0.01, delay=fog.delay(0.2))
    Sensor(camera: bearing; std=0.01; delay=0.2)
    >>> camera = fog.sensing.bearing("camera", std=0.01, delay=fog.delay(fog.param(0.2)))
    >>> walk = fog.motion.constant_velocity(("x", "y"), accel=0.5)
    >>> fog.Model(walk, [camera], start=None).parameters
    {'motion.accel': 0.5, 'camera.std': 0.01, 'camera.delay': 0.2}
    """
    param = at_least_zero(seconds, "seconds") if isinstance(seconds, Param) else None
    found = real(seconds, "seconds") if param is None else param.value
    if not found > 0.0:
        raise ModelError.expected(
            "seconds", seconds, "a time > 0", "Leave the delay out where a reading is on time."
        )
    return Delay(found, param)


def read(kind: str, given: Any, sensor: str, measures: tuple[str, ...], angles: tuple[str, ...]) -> Any:
    """The value of one argument, checked: None, a description for the whole sensor, or a read-only dict of them."""
    expected, field = KINDS[kind], f"{sensor}.{kind}"
    if given is None or isinstance(given, expected):
        if kind == "facing" and given is not None and len(angles) != 1:
            raise ModelError(
                f"{field}: {sensor} has {len(angles)} measures that are angles: expected one. Declare it in angles=, "
                f"or name the measures: {kind}={{{measures[0]!r}: {_EXAMPLES[kind]}}}.",
                field=field, value=angles,
            )  # fmt: skip
        return given
    if kind == "lever_arm" or not isinstance(given, Mapping):
        what = f"what fog.{kind} returns" + ("" if kind == "lever_arm" else ", or a dict of them by measure")
        raise ModelError.expected(field, given, what, f"Write {kind}={_EXAMPLES[kind]}.")
    for measure, description in given.items():
        known = angles if kind == "facing" else measures
        if measure not in known:
            what = "measure that is an angle" if kind == "facing" else "measure"
            raise ModelError.expected(
                field, measure, f"a {what} ({', '.join(known) or 'none'})", "Rename it.", index=measure
            )
        if not isinstance(description, expected):
            raise ModelError.expected(
                field, description, f"what fog.{kind} returns", f"Write {_EXAMPLES[kind]}.", index=measure
            )
    return MappingProxyType(dict(given)) if given else None


def check_delay(given: Any, sensor: str, controls: tuple[str, ...]) -> None:
    """ModelError unless this is what `delay` returns, or None, and fits the sensor."""
    field = f"{sensor}.delay"
    if given is not None and not isinstance(given, Delay):
        raise ModelError.expected(field, given, "what fog.delay returns", "Write delay=fog.delay(0.2).")
    if given is not None and controls:
        raise ModelError(
            f"{field} = {given.seconds:g} s: {sensor} has controls ({', '.join(controls)}), whose values in the row of "
            "the reading would be those of another time: expected no delay. Correct the stamps of the log.",
            field=field,
            value=given.seconds,
        )


def _spread(value: Any, field: str) -> float:
    """A standard deviation at the start, >= 0; inf where nothing is known."""
    found = real(value, field, finite=False)
    if found < 0.0:
        raise ModelError(
            f"{field} = {found:g}: expected a number >= 0. It is a standard deviation, not a signed value.",
            field=field,
            value=found,
        )
    return found
