"""A robot with GPS, odometer, compass and radar, and logs whose readings are not what the model takes them for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import foglight as fog

from .check_cases import log_of

Array = NDArray[np.float64]

MOTION = fog.motion.constant_velocity(("x", "y"), accel=0.5)
START = fog.Belief([0.0, 0.0, 8.0, 2.0], std=[3.0, 3.0, 2.0, 2.0])
GPS = fog.sensing.linear("gps", of=("x", "y"), std=1.0)
ODO = fog.sensing.linear("odo", of=("x_speed", "y_speed"), std=0.2)
_COMPASS = fog.Sensor(
    "compass", ("course",), lambda x, p: [np.arctan2(x.y_speed, x.x_speed)], lambda x, p: [[0.05**2]],
    angles=("course",),
)  # fmt: skip
_RADAR = fog.sensing.range_bearing("radar", at=(-50.0, 20.0), range_std=1.0, bearing_std=0.02)
_TURNING = fog.Motion(
    ("heading", "rate"), lambda x, dt, p: [x.heading + dt * x.rate, x.rate],
    lambda x, dt, p: fog.noise.white_acceleration(dt, 0.05**2),
)  # fmt: skip
_NEEDLE = fog.Sensor("needle", ("heading",), lambda x, p: [x.heading], lambda x, p: [[0.05**2]])
_GYRO = fog.Sensor("gyro", ("rate",), lambda x, p: [x.rate], lambda x, p: [[0.02**2]])

ROBOT = fog.Model(MOTION, [GPS, ODO], START)
WITH_COMPASS = fog.Model(MOTION, [GPS, ODO, _COMPASS], START)
WITH_RADAR = fog.Model(MOTION, [GPS, ODO, _RADAR], START)
TURNING = fog.Model(_TURNING, [_NEEDLE, _GYRO], fog.Belief([0.5, 0.3], std=[0.1, 0.1]))


def scaled_odo(k: float) -> fog.Model:
    """The robot with an odometer that reads k times the speed, noise and all."""
    odo = fog.Sensor(
        "odo", ("x_speed", "y_speed"), lambda x, p: [p.k * x.x_speed, p.k * x.y_speed],
        lambda x, p: [[p.std**2, 0.0], [0.0, p.std**2]], params={"k": k, "std": 0.2 * k},
    )  # fmt: skip
    return fog.Model(MOTION, [GPS, odo], START)


@dataclass(frozen=True)
class Fault:
    """What happens to the readings of a model, and what the first finding must say."""

    name: str
    model: fog.Model
    change: Callable[[Array], Array]
    code: str
    subject: str
    low: float
    high: float

    def __str__(self) -> str:
        return self.name

    def log(self, seed: int, rows: int = 600) -> fog.Log:
        """A log with this fault."""
        log, _ = fog.simulate(self.model, rows, 0.1, seed)
        return log_of(self.model, log.time, self.change(log.bind(self.model).copy()))

    def told(self, health: fog.Health) -> bool:
        """Whether the first finding names it."""
        if health.ok:
            return False
        first = health.findings[0]
        return (first.code, first.subject) == (
            self.code,
            self.subject,
        ) and self.low < first.estimate < self.high


def _scaled(k: float) -> Fault:
    def change(z: Array) -> Array:
        z[:, 2:4] *= k
        return z

    return Fault(f"odo x {k}", ROBOT, change, "GAIN", "odo", 0.97 * k, 1.03 * k)


def _degrees(z: Array) -> Array:
    z[:, 4] = np.degrees(z[:, 4])
    return z


def _compass_card(z: Array) -> Array:
    z[:, 4] = np.degrees(np.pi / 2.0 - z[:, 4]) % 360.0
    return z


def _clockwise(z: Array) -> Array:
    z[:, 5] = np.pi / 2.0 - z[:, 5]
    return z


def _late(z: Array) -> Array:
    z[5:, :2], z[:5, :2] = z[:-5, :2].copy(), np.nan
    return z


def _swapped(z: Array) -> Array:
    z[:, [2, 3]] = z[:, [3, 2]]
    return z


def _wrapped(z: Array) -> Array:
    z[:, 0] = (z[:, 0] + np.pi) % (2.0 * np.pi) - np.pi
    return z


SCALES = [_scaled(k) for k in (0.5, 0.7, 0.9, 1.1, 1.2, 1.5, 1.944, 2.0, 2.237, 3.0, 4.0, 5.0)]
OTHERS = [
    Fault("compass in degrees", WITH_COMPASS, _degrees, "GAIN", "compass.course", 57.29, 57.30),
    Fault("compass card", WITH_COMPASS, _compass_card, "ANGLE", "compass.course", -57.30, -57.29),
    Fault("late GPS", ROBOT, _late, "DELAY", "gps", 0.3, 0.7),
    Fault("late GPS beside a radar", WITH_RADAR, _late, "DELAY", "gps", 0.3, 0.7),
    Fault("clockwise bearing", WITH_RADAR, _clockwise, "ANGLE", "radar.bearing", -1.01, -0.99),
    Fault("swapped odometer", WITH_RADAR, _swapped, "SWAPPED", "odo", 0.0, 2.0),
    Fault("heading by whole turns", TURNING, _wrapped, "ANGLE", "needle.heading", 6.2, 6.3),
]
