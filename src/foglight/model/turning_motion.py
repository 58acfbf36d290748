"""Ready-made motions that turn: constant turn rate, at constant speed or at constant acceleration.

Each is a `Motion` with polar velocity in a plane. The densities among the arguments become parameters, all >= 0.
Arguments are plain data, so that they can be written in a model file.
"""

from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.equations.gaussian import Factored
from foglight.model import noise
from foglight.model.limits import NONE, Limits
from foglight.model.model import Motion
from foglight.model.parameters import Param
from foglight.model.part_arguments import Names, at_least_zero, axis_names
from foglight.model.special_functions import bow, sinc

__ready_made__ = True  # errors show lines of these functions, as they do for a user's own


def ctrv(
    axes: Names = ("x", "y"), *, accel: float | Param, turn_accel: float | Param, limits: Limits = NONE
) -> Motion:
    """Constant turn rate and speed, along a circular arc: cars, cyclists, anything that moves where it heads.

    Parameters
    ----------
    axes : sequence of str, default ("x", "y")
        Names of the two coordinates.
    accel : float or Param
        Root of the density of the acceleration along the path (m/s²/√Hz).
    turn_accel : float or Param
        Root of the density of the angular acceleration (rad/s²/√Hz).
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with states x, y, speed, heading (an angle, rad), turn_rate (rad/s).

    Notes
    -----
    With h = dt turn_rate / 2 and the heading at half the step, m = heading + h:

        x' = x + dt speed sinc(h) cos(m),  y' = y + dt speed sinc(h) sin(m),  heading' = heading + 2 h,

    which is the exact arc, smooth through turn_rate = 0 in value and derivative (Li & Jilkov 2003, §V-A, in
    polar velocity). White acceleration of density accel² drives the speed, white angular acceleration of density
    turn_accel² the turn rate. Their effect on the position is that of the flow linearised at the current state, with
    its direction held at m over the step: `noise.white_acceleration` along the heading, and speed times
    `noise.white_jerk` across it, each an exact integral in dt. The noise is exact for a straight course, and correct
    to first order in the turned angle otherwise.

    Examples
    --------
    >>> fog.motion.ctrv(accel=1.0, turn_accel=0.3)
    Motion(x, y, speed, heading, turn_rate; accel=1; turn_accel=0.3)
    """
    x_name, y_name = _plane(axes)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        east, north, speed, heading, turn_rate = x
        h, m = _half_turn(heading, turn_rate, dt)
        chord = dt * speed * sinc(h)
        return [
            east + chord * np.cos(m),
            north + chord * np.sin(m),
            speed,
            heading + dt * turn_rate,
            turn_rate,
        ]

    def process_noise(x: Any, dt: Any, p: Any) -> Factored:
        _, _, speed, heading, turn_rate = x
        _, m = _half_turn(heading, turn_rate, dt)
        along = noise.white_acceleration(dt, p.accel**2)
        across = noise.white_jerk(dt, p.turn_accel**2)
        return _turned(noise.stack(along, across), m, speed, order=(1, 3, 4), across=2)

    return Motion(
        (x_name, y_name, "speed", "heading", "turn_rate"),
        dynamics,
        process_noise,
        params={
            "accel": at_least_zero(accel, "accel"),
            "turn_accel": at_least_zero(turn_accel, "turn_accel"),
        },
        angles=("heading",),
        units={"heading": "rad", "turn_rate": "rad/s"},
        limits=limits,
    )


def ctra(
    axes: Names = ("x", "y"), *, jerk: float | Param, turn_accel: float | Param, limits: Limits = NONE
) -> Motion:
    """Constant turn rate and acceleration: `ctrv` that brakes and accelerates.

    Parameters
    ----------
    axes : sequence of str, default ("x", "y")
        Names of the two coordinates.
    jerk : float or Param
        Root of the density of the jerk along the path (m/s³/√Hz).
    turn_accel : float or Param
        Root of the density of the angular acceleration (rad/s²/√Hz).
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with states x, y, speed, heading (an angle, rad), turn_rate (rad/s), accel.

    Notes
    -----
    With h and m as in `ctrv`, the mean speed v = speed + dt accel/2, and j1(h) = (sin h - h cos h)/h²:

        x' = x + dt v sinc(h) cos(m) - dt²/2 accel j1(h) sin(m),
        y' = y + dt v sinc(h) sin(m) + dt²/2 accel j1(h) cos(m),

    the exact integral of (speed + accel s) (cos, sin)(heading + turn_rate s). The noise is that of `ctrv`, with white
    jerk of density jerk² along the heading, and the mean speed v for the noise across it.

    Examples
    --------
    >>> fog.motion.ctra(jerk=0.5, turn_accel=0.3)
    Motion(x, y, speed, heading, turn_rate, accel; jerk=0.5; turn_accel=0.3)
    """
    x_name, y_name = _plane(axes)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        east, north, speed, heading, turn_rate, accel = x
        h, m = _half_turn(heading, turn_rate, dt)
        c, s = np.cos(m), np.sin(m)
        ahead = dt * (speed + 0.5 * dt * accel) * sinc(h)
        aside = 0.5 * dt * dt * accel * bow(h)
        return [
            east + ahead * c - aside * s,
            north + ahead * s + aside * c,
            speed + dt * accel,
            heading + dt * turn_rate,
            turn_rate,
            accel,
        ]

    def process_noise(x: Any, dt: Any, p: Any) -> Factored:
        _, _, speed, heading, turn_rate, accel = x
        _, m = _half_turn(heading, turn_rate, dt)
        along = noise.white_jerk(dt, p.jerk**2)
        across = noise.white_jerk(dt, p.turn_accel**2)
        mean_speed = speed + 0.5 * dt * accel
        return _turned(noise.stack(along, across), m, mean_speed, order=(1, 4, 5, 2), across=3)

    return Motion(
        (x_name, y_name, "speed", "heading", "turn_rate", "accel"),
        dynamics,
        process_noise,
        params={"jerk": at_least_zero(jerk, "jerk"), "turn_accel": at_least_zero(turn_accel, "turn_accel")},
        angles=("heading",),
        units={"heading": "rad", "turn_rate": "rad/s"},
        limits=limits,
    )


def _half_turn(heading: Any, turn_rate: Any, dt: Any) -> tuple[Any, Any]:
    """Half the turned angle, and the heading at half the step."""
    h = 0.5 * dt * turn_rate
    return h, heading + h


def _turned(path_noise: Factored, m: Any, speed: Any, order: tuple[int, ...], across: int) -> Factored:
    """Noise in the frame of the path, rotated into the frame of the state.

    Row 0 of the noise is the position along the path, row `across` the integral of the heading; times the speed, that
    is the position across the path. Both are rotated to x, y by the direction m. `order` lists the rows of the other
    states.
    """
    c, s = np.cos(m), np.sin(m)
    along, aside = path_noise.G[0], speed * path_noise.G[across]
    rows = [c * along - s * aside, s * along + c * aside, *path_noise.G[list(order)]]
    return noise.factored([row.tolist() for row in rows], path_noise.variances)


def _plane(axes: Names) -> tuple[str, str]:
    found = axis_names(axes)
    if len(found) != 2:
        raise ModelError(
            f"axes has {len(found)} names: expected two, such as ('x', 'y'). A turn needs a plane.",
            field="axes",
            value=found,
        )
    return found[0], found[1]
