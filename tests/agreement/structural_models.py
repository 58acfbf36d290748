"""Structural time-series models as anybody would write them; estimates of theirs are published."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog

Array = NDArray[np.float64]


def yearly(y: Array) -> fog.Log:
    """A log of one reading a step."""
    return fog.Log.regular(y[:, None], dt=1.0)


def level(noise: bool = True) -> fog.Model:
    """A level that wanders; read with noise, or exactly."""
    gauge = fog.sensing.linear("gauge", of="level", std=1.0) if noise else exact()
    return fog.Model(fog.motion.random_walk("level", std=1.0), [gauge], None)


def trend(wanders: bool = True, noise: bool = True) -> fog.Model:
    """A level with a slope; the slope wanders, and the level too if it `wanders`."""

    def noises(x: Any, dt: Any, p: Any) -> Any:
        return [[p.level_std**2 if wanders else 0.0, 0.0], [0.0, p.slope_std**2]]

    stds = ("level_std", "slope_std") if wanders else ("slope_std",)
    motion = fog.Motion(
        ("level", "slope"),
        lambda x, dt, p: [x.level + x.slope, x.slope],
        noises,
        params={name: fog.param(0.1, low=0) for name in stds},
    )
    return fog.Model(motion, [fog.sensing.linear("gauge", of="level", std=1.0) if noise else exact()], None)


def exact() -> fog.Sensor:
    """The level as it is."""
    return fog.Sensor("gauge", ("level",), lambda x, p: [x.level], lambda x, p: [[0.0]])


def seasonal_moving_average() -> fog.Model:
    """ARIMA(0,0,1)(0,0,1)12 in state-space form: the states are the last 14 shocks, of variance 1."""
    push = np.zeros((14, 1))
    push[0, 0] = 1.0
    motion = fog.Motion(
        tuple(f"e{k}" for k in range(14)),
        lambda x, dt, p: [0.0 * x.e0, *list(x)[:13]],
        lambda x, dt, p: fog.noise.factored(push, [1.0]),
    )
    sensor = fog.Sensor(
        "w",
        ("w",),
        lambda x, p: [p.sigma * (x.e0 + p.ma * x.e1 + p.sma * x.e12 + p.ma * p.sma * x.e13)],
        lambda x, p: [[0.0]],
        params={"sigma": fog.param(0.1, low=0), "ma": 0.0, "sma": 0.0},
    )
    return fog.Model(motion, [sensor], fog.Belief(np.zeros(14), std=np.ones(14)))
