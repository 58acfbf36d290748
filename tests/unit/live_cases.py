"""Models and rows that live filters are tested on, and the same rows as a log."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog

Array = NDArray[Any]
R = np.array([[0.5, 0.1], [0.1, 0.4]])
P = np.array([[2.0, 0.3, 0.1, 0.0], [0.3, 1.5, 0.0, 0.2], [0.1, 0.0, 1.0, 0.1], [0.0, 0.2, 0.1, 1.2]])
START = fog.Belief([1.0, 2.0, 0.5, -0.3], cov=P)
ROWS = 60


def fix(turn: Callable[[Any], Any] = lambda function: function) -> fog.Sensor:
    """A position, its components correlated."""
    return fog.Sensor("fix", ("x", "y"), turn(lambda x, p: [x[0], x[1] + 0.1 * x[2]]), lambda x, p: R)


def beacon() -> fog.Sensor:
    """A distance and a bearing from the origin."""
    return fog.Sensor(
        "beacon",
        ("far", "course"),
        lambda x, p: [np.sqrt(x[0] ** 2 + x[1] ** 2), np.arctan2(x[1], x[0])],
        lambda x, p: [[p.std**2, 0.01], [0.01, 0.02]],
        params={"std": 0.4},
        angles=("course",),
    )


def plane(*sensors: fog.Sensor, limits: Any = None) -> fog.Model:
    """A point in the plane."""
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.6)
    if limits is not None:
        motion = fog.Motion(motion.state, motion.dynamics, motion.noise, params=motion.params, limits=limits)
    return fog.Model(motion, sensors or [fix(), beacon()], START)


def steered() -> fog.Model:
    """Acceleration along x and y is known."""
    motion = fog.Motion(
        ("x", "y", "vx", "vy"),
        lambda x, dt, p, u: [x[0] + dt * x[2], x[1] + dt * x[3], x[2] + dt * u.ax, x[3] + dt * u.ay],
        lambda x, dt, p, u: (0.05 + 0.1 * u.ax**2) * dt * np.array(P),
        controls=("ax", "ay"),
    )
    return fog.Model(motion, [fix(), beacon()], START)


def matrices() -> fog.Model:
    """From matrices."""
    F = np.eye(4) + 0.1 * np.eye(4, k=2)
    return fog.linear_model(F, 0.1 * P, [[1.0, 0.2, 0.0, 0.1], [0.0, 1.0, 0.3, 0.0]], R, start=START)


MODELS: dict[str, Callable[[], fog.Model]] = {
    "two sensors": plane,
    "limits": lambda: plane(limits={"x": (0.0, None)}),
    "controls": steered,
    "matrices": matrices,
    "opaque": lambda: plane(fix(fog.opaque), beacon()),
}
METHODS: dict[str, Any] = {
    "EKF": fog.EKF(),
    "iterated": fog.EKF(iterations=3),
    "UKF": fog.UKF(alpha=0.8),
    "CKF": fog.CKF(),
    "joseph": fog.EKF(form="joseph"),
    "gated": fog.EKF(gate=0.6, recover=0.3),
    "huber": fog.UKF(huber=1.0, gate={"fix": 0.9}),
    "student": fog.EKF(student={"fix": 2.0}, gate=0.9),
    "adapted": fog.EKF(adapt=fog.adapt("fix", forgetting=0.8)),
}


@dataclass(frozen=True)
class Row:
    """The arguments of one call of step."""

    t: Any
    sensor: str | None
    z: Array
    u: Array | None

    def step(self, live: Any) -> Any:
        return live.step(self.t, self.sensor, self.z, self.u)


def rows(model: fog.Model, seed: int = 5, count: int = ROWS) -> list[Row]:
    """Rows in time order: one sensor a row, with equal stamps, gaps, missing components, outliers and repeats."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([0, 33_333_333, 100_000_000, 700_000_000], count, p=[0.3, 0.3, 0.35, 0.05])
    stamps = (1_000_000_000 + np.cumsum(steps)).astype("m8[ns]")
    found: list[Row] = []
    last: dict[str, Array] = {}
    for stamp in stamps:
        sensor = model.sensors[int(rng.integers(len(model.sensors)))]
        z = rng.normal(size=len(sensor.measures)) + 2.0
        if rng.random() < 0.2 and sensor.name in last:
            z = last[sensor.name]
        if rng.random() < 0.2:
            z[rng.integers(len(z))] = np.nan
        if rng.random() < 0.1:
            z = z + 30.0
        last[sensor.name] = z.copy()
        u = rng.normal(size=2) if model.motion.controls else None
        if found and stamp == found[-1].t:
            u = found[-1].u  # another one would never act
        found.append(Row(stamp, sensor.name, z, u))
    return found


def log_of(model: fog.Model, rows: Iterable[Row], repeats: str = "keep") -> fog.Log:
    """The same rows as a log."""
    rows = list(rows)
    blocks = {s.name: np.full((len(rows), len(s.measures)), np.nan) for s in model.sensors}
    for k, row in enumerate(rows):
        blocks[str(row.sensor)][k] = row.z
    u = np.array([row.u for row in rows]) if model.motion.controls else None
    return fog.Log.from_arrays(np.array([row.t for row in rows]), u=u, repeats=repeats, **blocks)


def columns_of(model: fog.Model, sensor: str | None) -> slice:
    """The columns of a sensor in a row of all components."""
    first = 0
    for other in model.sensors:
        if other.name == sensor:
            return slice(first, first + len(other.measures))
        first += len(other.measures)
    return slice(0, first)
