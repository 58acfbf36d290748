"""Models of every ready-made part, and functions of a module, that travel to other processes in tests."""

from collections.abc import Callable
from typing import Any

import numpy as np

import foglight as fog

TABLE = fog.table([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 4.0, 9.0], "cubic")
ONE = fog.Log.regular(5.0 + np.random.default_rng(3).normal(size=40), dt=0.1)


def swings(x: Any, dt: Any, p: Any, t: Any) -> list[Any]:
    return [x.level * np.cos(0.1 * t) * p.share]


def spread(x: Any, dt: Any, p: Any) -> list[list[Any]]:
    return [[0.1 * dt]]


def seen(x: Any, p: Any, t: Any) -> list[Any]:
    return [x.level + 0.01 * t]


def looked_up(x: Any, p: Any) -> list[Any]:
    return [TABLE(x.level)]


def squared(x: Any, p: Any) -> list[Any]:
    return [float(x.level) ** 2]


def unit(x: Any, p: Any) -> list[list[float]]:
    return [[1.0]]


def place(x: Any, p: Any) -> list[Any]:
    return [x.x, x.y]


def two(x: Any, p: Any) -> Any:
    return 0.25 * np.eye(2)


def way(x: Any, p: Any) -> list[Any]:
    return [x.heading]


def speed(x: Any, p: Any) -> list[Any]:
    return [x.speed]


def falls(x: Any, p: Any) -> list[Any]:
    return [x.v, -p.k * np.sin(x.v)]


def density(x: Any, p: Any) -> list[list[float]]:
    return [[0.0, 0.0], [0.0, 0.1]]


def _gauge(**more: Any) -> fog.Sensor:
    return fog.sensing.linear("gauge", of="level", std=1.0, **more)


def _model(motion: fog.Motion, *sensors: fog.Sensor) -> fog.Model:
    n = len(motion.ambient)
    return fog.Model(motion, sensors or [_gauge()], motion.belief(np.ones(n), std=np.ones(len(motion.state))))


def _robot() -> fog.Model:
    gps = fog.Sensor(
        "gps", ("x", "y"), place, two, bias=fog.bias(0.5, drift=0.1), lever_arm=fog.lever_arm([1.0, 0.5])
    )
    compass = fog.Sensor(
        "compass", ("heading",), way, unit, angles=("heading",), facing=fog.facing(0.1), delay=fog.delay(0.2)
    )
    wheel = fog.Sensor(
        "wheel", ("speed",), speed, unit, scale=fog.scale(0.1), coloured=fog.coloured(tau=2.0, std=0.1)
    )
    motion = fog.motion.ctrv(accel=1.0, turn_accel=0.3)
    return fog.Model(motion, [gps, compass, wheel], fog.Belief(np.ones(5), std=np.ones(5)))


_S, _M = fog.sensing, fog.motion
MODELS: dict[str, Callable[[], fog.Model]] = {
    "random walk": lambda: _model(_M.random_walk("level", std=[0.3])),
    "straight": lambda: _model(
        _M.constant_velocity(("x", "y"), accel=0.4), _S.range("far", std=1.0), _S.bearing("course", std=0.1)
    ),
    "accelerating": lambda: _model(_M.constant_acceleration("level", jerk=[0.4])),
    "singer": lambda: _model(_M.singer("level", tau=2.0, accel=[0.4])),
    "drawn back": lambda: _model(_M.ornstein_uhlenbeck("level", tau=2.0, std=0.4)),
    "swaying": lambda: _model(_M.sway("level", tau=2.0, std=0.4)),
    "turning": lambda: _model(
        _M.ctrv(accel=1.0, turn_accel=0.3), _S.range_bearing("radar", range_std=1.0, bearing_std=0.1)
    ),
    "turning and braking": lambda: _model(
        _M.ctra(jerk=1.0, turn_accel=0.3),
        _S.range_bearing_rate(
            "radar", range_std=1.0, bearing_std=0.1, range_rate_std=0.5, speed="speed", heading="heading"
        ),
    ),
    "matrices": lambda: fog.linear_model(
        F=np.eye(2), Q=np.eye(2), H=[[1.0, 0.0]], R=[[1.0]], start=fog.Belief([0.0, 0.0], std=[1.0, 1.0])
    ),
    "structural": lambda: fog.structural(
        trend="random", seasonal=12, cycle=(6.0, 30.0), autoregressive=2, regression=["price"]
    ),
    "logarithm": lambda: fog.structural(
        seasonal=fog.fourier(7.0, 2), log=True, intervention=fog.intervention("law", at=3)
    ),
    "arima": lambda: fog.arima((2, 1, 1), (1, 0, 1, 4), regression=["price"]),
    "vector": lambda: fog.vector_autoregression(["a", "b"], 1, moving_average=1, trend="constant"),
    "factors": lambda: fog.dynamic_factor(["a", "b", "c"], 1, 1, errors=1),
    "helper states": _robot,
    "continuous": lambda: _model(
        fog.Motion.continuous(("level", "v"), falls, density, longest_step=1.0, params={"k": 0.1})
    ),
    "correlated": lambda: fog.with_cross_noise(_model(_M.random_walk("level", std=0.3)), "gauge", [[0.1]]),
    "table": lambda: _model(_M.random_walk("level", std=0.3), fog.Sensor("t", ("z",), looked_up, unit)),
    "opaque": lambda: _model(
        _M.random_walk("level", std=0.3), fog.Sensor("t", ("z",), fog.opaque(squared, key="1"), unit)
    ),
    "time, and shared": lambda: _model(
        fog.Motion(("level",), swings, spread, params={"share": fog.shared("all.share", 0.9)}).with_states(
            _M.random_walk("other", std=[0.1])
        ),
        fog.Sensor("t", ("z",), seen, unit, params={"share": fog.shared("all.share", 0.9)}),
    ),
}


def radar() -> fog.Model:
    """The model of the first page."""
    motion = fog.motion.constant_velocity("gap", accel=0.4)
    return fog.Model(
        motion, [fog.sensing.linear("radar", of="gap", std=0.8)], fog.Belief([5.0, 0.0], std=[2.0, 1.0])
    )


def ran(model: fog.Model) -> tuple[fog.Run, int, int]:
    """A run in this process, how many engines the model had before it, and which process this is."""
    import os

    before = len(model.kernels)
    return fog.run(model, ONE, fog.EKF()), before, os.getpid()
