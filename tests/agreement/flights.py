"""A drone with a gyroscope whose bias drifts, an accelerometer and a magnetometer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog

QUATERNION = ("qw", "qx", "qy", "qz")
STATE = (*QUATERNION, "bx", "by", "bz")
UP, NORTH = (0.0, 0.0, 1.0), (0.6, 0.0, -0.8)
START = (0.9, 0.3, -0.2, 0.25, 0.02, -0.01, 0.03)


def motion(**more: Any) -> fog.Motion:
    def dynamics(x: Any, dt: Any, p: Any, u: Any) -> list[Any]:
        return [*fog.rotation.integrate(x[:4], u[:] - x[4:7], dt), *x[4:7]]

    def noise(x: Any, dt: Any, p: Any, u: Any) -> Any:
        return fog.noise.independent([dt * p.gyro**2] * 3 + [dt * p.drift**2] * 3)

    return fog.Motion(
        STATE,
        dynamics,
        noise,
        params={"gyro": fog.param(0.02, low=0.0), "drift": fog.param(0.002, low=0.0)},
        controls=("rx", "ry", "rz"),
        rotations={"attitude": QUATERNION},
        **more,
    )


def sensor(name: str, along: tuple[float, ...], std: float) -> fog.Sensor:
    """What is `along` in the world, in the body."""
    return fog.Sensor(
        name,
        ("x", "y", "z"),
        lambda x, p: fog.rotation.rotate(fog.rotation.inverse(x[:4]), along),
        lambda x, p: fog.noise.independent([p.std**2] * 3),
        params={"std": fog.param(std, low=0.0)},
    )


def flight(turned: float = 0.3, bias: float = 0.05) -> fog.Model:
    """turned, bias: the standard deviations of the start."""
    moving = motion()
    start = moving.belief(START, std=[turned] * 3 + [bias] * 3)
    return fog.Model(moving, [sensor("accelerometer", UP, 0.05), sensor("magnetometer", NORTH, 0.08)], start)


def rates(rows: int) -> NDArray[np.float64]:
    """What the gyroscope reports (rows, 3), in rad/s."""
    t = 0.05 * np.arange(rows)
    return np.stack([0.8 * np.sin(0.9 * t), 0.5 * np.cos(0.4 * t), 0.6 * np.sin(0.3 * t + 1.0)], axis=1)


def simulated(model: fog.Model, rows: int, seed: int, missing: float = 0.2) -> tuple[fog.Log, Any]:
    return fog.simulate(model, rows, 0.05, seed, u=rates(rows), missing=missing)
