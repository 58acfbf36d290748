"""Ready-made motions: how things move when nobody steers them on purpose.

Each is a `Motion` whose process noise is derived from its continuous model, exactly in dt where the model is
linear. Parameters are the std-like arguments, all >= 0; a list in place of a number gives each axis its own,
named `axis_argument`. Arguments are data only, so that a model file can name them. `axes` names the
coordinates, one text or several; derived states are called x_speed, x_accel. `limits`: {state: (low, high)}, see
`Motion`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.equations.gaussian import Factored
from foglight.model import noise
from foglight.model.limits import NONE, Limits
from foglight.model.model import Motion
from foglight.model.parameters import Param
from foglight.model.part_arguments import (
    Names,
    Spread,
    at_least_zero,
    axis_names,
    per_axis,
    positive,
    spreads,
)
from foglight.model.special_functions import bow, phis, sinc

__ready_made__ = True  # errors point into these functions as into a user's own


def random_walk(states: Names, std: Spread, *, limits: Limits = NONE) -> Motion:
    """x' = x + w, w ~ N(0, std² dt): each state wanders off without a speed.

    std: unit of the state / √s.  States: those named.

    >>> random_walk(("level",), std=30.0).state
    ('level',)
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
    """Straight on at constant speed, disturbed by white acceleration of density accel².

    x' = x + dt v, v' = v; noise as `noise.white_acceleration`: Bar-Shalom, Li & Kirubarajan 2001, §6.2.2.
    accel: m/s²/√Hz, that is m/s^1.5.  States: x, y, …, x_speed, y_speed, ….

    >>> constant_velocity(("x", "y"), accel=0.4).state
    ('x', 'y', 'x_speed', 'y_speed')
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
    """Constant acceleration, disturbed by white jerk of density jerk².

    x' = x + dt v + dt²/2 a, v' = v + dt a, a' = a; noise as `noise.white_jerk`: Bar-Shalom, Li & Kirubarajan
    2001, §6.2.3.  jerk: m/s³/√Hz.  States: x, y, …, x_speed, y_speed, …, x_accel, y_accel, ….

    >>> constant_acceleration("gap", jerk=0.1).state
    ('gap', 'gap_speed', 'gap_accel')
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
    """Manoeuvres that last: an acceleration of spread accel that forgets itself within tau seconds.

    a' = e^-t a, v' = v + dt φ1 a, x' = x + dt v + dt² φ2 a with t = dt/tau (φ as in `equations.decay`); noise
    as `noise.singer`: Singer 1970; Li & Jilkov 2003, §IV-A.  tau > 0 (s), accel: standard deviation, m/s².
    Small tau tends to `constant_velocity`, large tau to `constant_acceleration`.

    >>> singer(("x", "y"), tau=20.0, accel=1.0).params["accel"]
    1.0
    """
    axes, tau = axis_names(axes), positive(tau, "tau")
    params, accels = spreads("accel", accel, axes)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        e, p1, p2 = phis(dt * (1.0 / tau), 5)[:3]  # as many as the noise needs: equal expressions are one
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
    """x' = mean + e^(-dt/tau) (x - mean) + w: a wandering that is drawn back to `mean` within tau seconds.

    Without measurements it keeps the spread std for ever; noise as `noise.ornstein_uhlenbeck`. tau > 0 (s), std
    and mean in the unit of the state, mean one for all or one for each.  States: those named.

    >>> ornstein_uhlenbeck("sway", tau=1.5, std=0.2).state
    ('sway',)
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
    """Somebody unsteady on their feet: a smooth wandering about `mean`, with a speed, that never runs away.

    x'' = -(x - mean)/tau² - 2 x'/tau + w, critically damped; noise as `noise.sway` (Särkkä & Solin 2019,
    §12.3). With t = dt/tau the deviation u = x - mean and its speed v go to e^-t ((1 + t) u + dt v) and
    e^-t ((1 - t) v - (t/tau) u). Spreads for ever: std in place, std/tau in speed.
    tau > 0 (s), std and mean in m.  States: x, y, …, x_speed, y_speed, ….

    >>> sway("gap", tau=1.5, std=0.2, mean=5.0).state
    ('gap', 'gap_speed')
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
        places = [kept * x[i] + e * dt * x[k + i] + (1.0 - kept) * means[i] for i in range(k)]
        speeds = [e * (1.0 - t) * x[k + i] - back * (x[i] - means[i]) for i in range(k)]
        return places + speeds

    return Motion(
        _derived(axes, "speed"),
        dynamics=dynamics,
        noise=lambda x, dt, p: noise.interleave(*[noise.sway(dt, tau, s) for s in stds(p)]),
        params=params,
        limits=limits,
    )


def ctrv(
    axes: Names = ("x", "y"), *, accel: float | Param, turn_accel: float | Param, limits: Limits = NONE
) -> Motion:
    """Constant turn rate and speed along a circular arc: cars, cyclists, anything that heads where it goes.

    With h = dt turn_rate / 2 and the heading half-way, m = heading + h:
        x' = x + dt speed sinc(h) cos(m),  y' = y + dt speed sinc(h) sin(m),  heading' = heading + 2 h,
    which is the exact arc, smooth through turn_rate = 0 in value and derivative (Li & Jilkov 2003, §V-A, in
    polar velocity). Noise: white acceleration of density accel² drives the speed, white angular acceleration
    of density turn_accel² the turn rate. Their paths into the position are those of the flow linearised at
    the current state with its direction held at m over the step, so that along the heading stands
    `noise.white_acceleration` and across it speed times `noise.white_jerk`, each an exact integral in dt; exact
    for a straight course, and to first order in the turned angle otherwise.
    accel: m/s²/√Hz, turn_accel: rad/s²/√Hz.  States: x, y, speed, heading (an angle), turn_rate.

    >>> ctrv(accel=1.0, turn_accel=0.3).angles
    ('heading',)
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
    """Constant turn rate and acceleration: `ctrv` that brakes and speeds up.

    With h and m as in `ctrv`, the mean speed v = speed + dt accel/2, and j1(h) = (sin h - h cos h)/h² (`bow`):
        x' = x + dt v sinc(h) cos(m) - dt²/2 accel j1(h) sin(m),
        y' = y + dt v sinc(h) sin(m) + dt²/2 accel j1(h) cos(m),
    the exact integral of (speed + accel s) (cos, sin)(heading + turn_rate s). Noise as in `ctrv`, with white
    jerk of density jerk² along the heading, and the mean speed v across it.
    jerk: m/s³/√Hz, turn_accel: rad/s²/√Hz.  States: x, y, speed, heading (an angle), turn_rate, accel.

    >>> ctra(jerk=0.5, turn_accel=0.3).state
    ('x', 'y', 'speed', 'heading', 'turn_rate', 'accel')
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
    """Half the turned angle, and the heading half-way."""
    h = 0.5 * dt * turn_rate
    return h, heading + h


def _turned(own: Factored, m: Any, speed: Any, order: tuple[int, ...], across: int) -> Factored:
    """Noise in the frame of the path, brought into the state's.

    own: rows are the place along (0), what follows from it, the bearing's integral (`across`), and so on.
    Place along goes to x, y by the direction m, the bearing's integral by speed at right angles to it; the
    other states are the rows in `order`.
    """
    c, s = np.cos(m), np.sin(m)
    along, aside = own.G[0], speed * own.G[across]
    rows = [c * along - s * aside, s * along + c * aside, *own.G[list(order)]]
    return noise.factored([row.tolist() for row in rows], own.variances)


def _chain(x: Any, k: int, place: list[Any], speed: list[Any], accel: list[Any]) -> list[Any]:
    """Place, speed and acceleration on k axes, each carried on by its own and the next ones' coefficients."""
    v, a = x[k : 2 * k], x[2 * k :]
    places = [x[i] + place[0] * v[i] + place[1] * a[i] for i in range(k)]
    return [*places, *[v[i] + speed[0] * a[i] for i in range(k)], *[accel[0] * a[i] for i in range(k)]]


def _plane(axes: Names) -> tuple[str, str]:
    found = axis_names(axes)
    if len(found) != 2:
        raise ModelError(
            f"axes has {len(found)} names: expected two, such as ('x', 'y'). A turn needs a plane.",
            field="axes",
            value=found,
        )
    return found[0], found[1]


def _derived(axes: tuple[str, ...], *derivatives: str) -> tuple[str, ...]:
    return (*axes, *[f"{axis}_{derivative}" for derivative in derivatives for axis in axes])
