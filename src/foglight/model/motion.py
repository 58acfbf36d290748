"""Ready-made motions: how things move when nobody steers them on purpose.

Each is a `Motion` whose process noise is derived from its continuous model, exactly in dt because these models are
linear; those that turn are in `turning_motion`. The standard deviations and densities among the arguments become
parameters, all >= 0. A list in place of a number gives each axis its own parameter, named `axis_argument`. Arguments
are plain data, so that they can be written in a model file. `axes` names the coordinates, with one string or several;
derived states are called x_speed, x_accel.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.model import noise
from foglight.model.limits import NONE, Limits
from foglight.model.model import Motion
from foglight.model.part_arguments import Names, Spread, axis_names, per_axis, positive, spreads
from foglight.model.special_functions import phis

__ready_made__ = True  # errors show lines of these functions, as they do for a user's own


def random_walk(states: Names, std: Spread, *, limits: Limits = NONE) -> Motion:
    """Random walk, x' = x + w, w ~ N(0, std² dt): each state drifts without a speed.

    Parameters
    ----------
    states : str or sequence of str
        Names of the states.
    std : float, Param or sequence
        Standard deviation after one second, in the unit of the state / √s; for all states, or one for each.
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with the given states.

    Examples
    --------
    >>> fog.motion.random_walk(("level",), std=30.0)
    Motion(level; std=30)
    """
    states = axis_names(states, "states")
    params, stds = spreads("std", std, states)
    return Motion(
        states,
        dynamics=lambda x, dt, p: list(x),
        noise=lambda x, dt, p: noise.stack(*[noise.random_walk(dt, s * s) for s in stds(p)]),
        params=params,
        limits=limits,
    )


def constant_velocity(axes: Names, accel: Spread, *, limits: Limits = NONE) -> Motion:
    """Straight motion at constant speed, disturbed by white acceleration of density accel².

    Parameters
    ----------
    axes : str or sequence of str
        Names of the coordinates.
    accel : float, Param or sequence
        Root of the density of the acceleration, m/s²/√Hz (that is m/s^1.5), for all axes or one for each.
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with states x, y, …, x_speed, y_speed, ….

    Notes
    -----
    x' = x + dt v, v' = v; noise as `noise.white_acceleration`: Bar-Shalom, Li & Kirubarajan 2001, §6.2.2.

    Examples
    --------
    >>> fog.motion.constant_velocity(("x", "y"), accel=0.4)
    Motion(x, y, x_speed, y_speed; accel=0.4)
    """
    axes = axis_names(axes)
    k = len(axes)
    params, accels = spreads("accel", accel, axes)
    return Motion(
        _derived(axes, "speed"),
        dynamics=lambda x, dt, p: [*[x[i] + dt * x[k + i] for i in range(k)], *x[k:]],
        noise=lambda x, dt, p: noise.interleave(*[noise.white_acceleration(dt, a * a) for a in accels(p)]),
        params=params,
        limits=limits,
    )


def constant_acceleration(axes: Names, jerk: Spread, *, limits: Limits = NONE) -> Motion:
    """Straight motion at constant acceleration, disturbed by white jerk of density jerk².

    Parameters
    ----------
    axes : str or sequence of str
        Names of the coordinates.
    jerk : float, Param or sequence
        Root of the density of the jerk, m/s³/√Hz, for all axes or one for each.
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with states x, y, …, x_speed, y_speed, …, x_accel, y_accel, ….

    Notes
    -----
    x' = x + dt v + dt²/2 a, v' = v + dt a, a' = a; noise as `noise.white_jerk`: Bar-Shalom, Li & Kirubarajan
    2001, §6.2.3.

    Examples
    --------
    >>> fog.motion.constant_acceleration("gap", jerk=0.1)
    Motion(gap, gap_speed, gap_accel; jerk=0.1)
    """
    axes = axis_names(axes)
    params, jerks = spreads("jerk", jerk, axes)
    return Motion(
        _derived(axes, "speed", "accel"),
        dynamics=lambda x, dt, p: _chain(x, len(axes), [dt, 0.5 * dt * dt], [dt], [1.0]),
        noise=lambda x, dt, p: noise.interleave(*[noise.white_jerk(dt, j * j) for j in jerks(p)]),
        params=params,
        limits=limits,
    )


def singer(axes: Names, tau: float, accel: Spread, *, limits: Limits = NONE) -> Motion:
    """Manoeuvres that last: an acceleration with a constant spread that decorrelates within tau.

    For small tau it tends to `constant_velocity`, for large tau to `constant_acceleration`.

    Parameters
    ----------
    axes : str or sequence of str
        Names of the coordinates.
    tau : float
        Time constant of the acceleration (s), > 0.
    accel : float, Param or sequence
        Stationary standard deviation of the acceleration (m/s²), for all axes or one for each.
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with states x, y, …, x_speed, y_speed, …, x_accel, y_accel, ….

    Notes
    -----
    a' = e^-t a, v' = v + dt φ1 a, x' = x + dt v + dt² φ2 a with t = dt/tau (φ as in `special_functions.phis`); noise as
    `noise.singer`: Singer 1970; Li & Jilkov 2003, §IV-A.

    Examples
    --------
    >>> fog.motion.singer("x", tau=20.0, accel=1.0)
    Motion(x, x_speed, x_accel; accel=1)
    """
    axes, tau = axis_names(axes), positive(tau, "tau")
    params, accels = spreads("accel", accel, axes)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        e, p1, p2 = phis(dt * (1.0 / tau), 5)[
            :3
        ]  # 5 as in noise.singer, so that equal expressions are shared
        return _chain(x, len(axes), [dt, dt * dt * p2], [dt * p1], [e])

    return Motion(
        _derived(axes, "speed", "accel"),
        dynamics=dynamics,
        noise=lambda x, dt, p: noise.interleave(*[noise.singer(dt, tau, a) for a in accels(p)]),
        params=params,
        limits=limits,
    )


def ornstein_uhlenbeck(
    states: Names, tau: float, std: Spread, mean: float | Sequence[float] = 0.0, *, limits: Limits = NONE
) -> Motion:
    """Ornstein-Uhlenbeck process: a random walk that is drawn back to `mean` within tau.

    Parameters
    ----------
    states : str or sequence of str
        Names of the states.
    tau : float
        Time constant (s), > 0.
    std : float, Param or sequence
        Stationary standard deviation, in the unit of the state, for all states or one for each.
    mean : float or sequence of float, default 0.0
        Mean, in the unit of the state, for all states or one for each.
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with the given states.

    Notes
    -----
    x' = mean + e^(-dt/tau) (x - mean) + w; noise as `noise.ornstein_uhlenbeck`.

    Examples
    --------
    >>> fog.motion.ornstein_uhlenbeck("sway", tau=1.5, std=0.2)
    Motion(sway; std=0.2)
    """
    states, tau = axis_names(states, "states"), positive(tau, "tau")
    params, stds = spreads("std", std, states)
    means = per_axis(mean, states, "mean")

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        t = dt * (1.0 / tau)
        kept, lost = np.exp(-t), -np.expm1(-t)
        return [kept * v + lost * m for v, m in zip(x, means, strict=True)]

    return Motion(
        states,
        dynamics=dynamics,
        noise=lambda x, dt, p: noise.stack(*[noise.ornstein_uhlenbeck(dt, tau, s) for s in stds(p)]),
        params=params,
        limits=limits,
    )


def sway(
    axes: Names, tau: float, std: Spread, mean: float | Sequence[float] = 0.0, *, limits: Limits = NONE
) -> Motion:
    """Somebody unsteady on their feet: a smooth wandering about `mean`, with a speed, that stays bounded.

    Parameters
    ----------
    axes : str or sequence of str
        Names of the coordinates.
    tau : float
        Time constant (s), > 0.
    std : float, Param or sequence
        Stationary standard deviation of the position (m), for all axes or one for each; of the speed: std/tau.
    mean : float or sequence of float, default 0.0
        Mean position (m), for all axes or one for each.
    limits : dict, default {}
        Limits of states, {state: (low, high)}; see `fog.Motion`.

    Returns
    -------
    Motion
        A motion with states x, y, …, x_speed, y_speed, ….

    Notes
    -----
    x'' = -(x - mean)/tau² - 2 x'/tau + w, critically damped; noise as `noise.sway` (Särkkä & Solin 2019,
    §12.3). With t = dt/tau the deviation u = x - mean and its speed v become e^-t ((1 + t) u + dt v) and
    e^-t ((1 - t) v - (t/tau) u).

    Examples
    --------
    >>> fog.motion.sway("gap", tau=1.5, std=0.2, mean=5.0)
    Motion(gap, gap_speed; std=0.2)
    """
    axes, tau = axis_names(axes), positive(tau, "tau")
    params, stds = spreads("std", std, axes)
    means = per_axis(mean, axes, "mean")
    k = len(axes)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        rate = 1.0 / tau
        t = dt * rate
        e = np.exp(-t)
        kept, back = e * (1.0 + t), e * t * rate
        positions = [kept * x[i] + e * dt * x[k + i] + (1.0 - kept) * means[i] for i in range(k)]
        speeds = [e * (1.0 - t) * x[k + i] - back * (x[i] - means[i]) for i in range(k)]
        return positions + speeds

    return Motion(
        _derived(axes, "speed"),
        dynamics=dynamics,
        noise=lambda x, dt, p: noise.interleave(*[noise.sway(dt, tau, s) for s in stds(p)]),
        params=params,
        limits=limits,
    )


def _chain(x: Any, k: int, position: list[Any], speed: list[Any], accel: list[Any]) -> list[Any]:
    """Position, speed and acceleration on k axes after a step, from the coefficients of their higher derivatives."""
    v, a = x[k : 2 * k], x[2 * k :]
    positions = [x[i] + position[0] * v[i] + position[1] * a[i] for i in range(k)]
    return [*positions, *[v[i] + speed[0] * a[i] for i in range(k)], *[accel[0] * a[i] for i in range(k)]]


def _derived(axes: tuple[str, ...], *derivatives: str) -> tuple[str, ...]:
    """The axes, and their derivatives: x, y, x_speed, y_speed."""
    return (*axes, *[f"{axis}_{derivative}" for derivative in derivatives for axis in axes])
