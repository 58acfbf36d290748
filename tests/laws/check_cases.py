"""Filters to be checked: models of several kinds, each with faults that a check must find."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

import foglight as fog
from foglight.trace.named_vector import Vector

Array = NDArray[np.float64]
FAULTS = ("R_SMALL", "R_LARGE", "Q_SMALL", "Q_LARGE", "BIAS", "SIGN", "COLOURED")


@dataclass(frozen=True)
class Case:
    """A model built with factors on the variances Q and R, and how its logs are simulated.

    faulty: the sensor and component that gets a bias, the other sign or coloured noise.  blind: without the truth
    nothing in the log shows a constant bias (one sensor, and a level that may be anywhere).
    """

    name: str
    build: Callable[[float, float], fog.Model]
    dt: float
    method: Any = field(default_factory=fog.EKF)
    faulty: tuple[str, int] = ("", 0)
    blind: bool = False
    missing: float = 0.0
    irregular: bool = False

    def __str__(self) -> str:
        return self.name

    def make(self, q: float, r: float) -> fog.Model:
        """The model with these factors; if they are parameters, all these models share their kernels."""
        model = _built(self.build, q, r)
        return model if model.matrices else _built(self.build, 1.0, 1.0).with_parameters(model.parameters)


@cache
def _built(build: Callable[[float, float], fog.Model], q: float, r: float) -> fog.Model:
    return build(q, r)


def walk(q: float, r: float) -> fog.Model:
    motion = fog.motion.random_walk(("level",), std=0.9 * q**0.5)
    gauge = fog.sensing.linear("gauge", of="level", std=1.3 * r**0.5)
    return fog.Model(motion, [gauge], fog.Belief([200.0], std=[3.0]))


def velocity(q: float, r: float) -> fog.Model:
    motion = fog.motion.constant_velocity(("gap",), accel=0.7 * q**0.5)
    radar = fog.sensing.linear("radar", of="gap", std=0.8 * r**0.5)
    return fog.Model(motion, [radar], fog.Belief([300.0, -1.0], std=[4.0, 1.0]))


def two(q: float, r: float) -> fog.Model:
    motion = fog.motion.constant_velocity(("gap",), accel=0.9 * q**0.5)
    radar = fog.sensing.linear("radar", of="gap", std=0.8 * r**0.5)
    laser = fog.sensing.linear("laser", of="gap", std=0.5)
    return fog.Model(motion, [radar, laser], fog.Belief([60.0, -1.0], std=[4.0, 1.0]))


def plane(q: float, r: float) -> fog.Model:
    motion = fog.motion.constant_velocity(("x", "y"), accel=(0.8 * q**0.5, 0.6 * q**0.5))
    radar = fog.sensing.range_bearing(
        "radar", at=(-150.0, 0.0), range_std=0.9 * r**0.5, bearing_std=0.006 * r**0.5
    )
    gps = fog.sensing.linear("gps", of=("x", "y"), std=1.4)
    return fog.Model(motion, [radar, gps], fog.Belief([700.0, 250.0, 1.0, -2.0], std=[3.0, 3.0, 1.0, 1.0]))


_TURN = np.array([[0.95, 0.21, 0.0], [-0.24, 0.9, 0.1], [0.05, 0.0, 0.8]])
_Q = np.array([[0.5, 0.1, 0.05], [0.1, 0.4, -0.1], [0.05, -0.1, 0.6]])
_H = np.array([[1.0, 0.4, -0.3], [0.2, -0.7, 1.1]])
_R = np.array([[0.9, 0.25], [0.25, 0.6]])


def full(q: float, r: float) -> fog.Model:
    start = fog.Belief([1.0, -2.0, 0.5], std=[1.0, 2.0, 1.5])
    return fog.linear_model(_TURN, _Q * q, _H, _R * r, start=start, b=[2.0, -1.0, 1.5])


def settled(q: float, r: float) -> fog.Model:
    motion = fog.motion.random_walk(("level", "tide"), std=(1.1 * q**0.5, 0.6 * q**0.5))
    gauge = fog.sensing.linear("gauge", of=("level", "tide"), std=0.9 * r**0.5)
    buoy = fog.sensing.linear("buoy", of="tide", std=0.5)
    return fog.Model(motion, [gauge, buoy], fog.Belief([50.0, 120.0], std=[3.0, 3.0]))


CASES = (
    Case("one sensor, random walk", walk, 0.5, fog.KF(), ("gauge", 0), blind=True),
    Case("one sensor, constant velocity", velocity, 0.5, fog.KF(), ("radar", 0), blind=True),
    Case("two sensors, missing readings", two, 0.3, fog.KF(), ("radar", 0), missing=0.2),
    Case("radar and GPS, EKF, irregular", plane, 0.5, fog.EKF(), ("radar", 0), irregular=True),
    Case("radar and GPS, UKF", plane, 0.5, fog.UKF(), ("radar", 1)),
    Case("full matrices", full, 1.0, fog.KF(), ("sensor", 0)),
    Case("two sensors, gates", two, 0.3, fog.KF(gate=0.99), ("radar", 0)),
    Case("two walks, missing, irregular", settled, 0.4, fog.EKF(), ("gauge", 1), missing=0.1, irregular=True),
)


def healthy(case: Case, rows: int, seed: int) -> tuple[fog.Log, Array]:
    """A log simulated from the model with factors 1, and its truth."""
    steps = 2 * rows if case.irregular else rows
    log, truth = fog.simulate(case.make(1.0, 1.0), steps, case.dt, seed, missing=case.missing)
    if not case.irregular:
        return log, truth
    keep = np.sort(np.append(0, 1 + np.random.default_rng(seed).permutation(steps - 1)[: rows - 1]))
    blocks: dict[str, Any] = {name: block[keep] for name, block in log.blocks.items()}
    return fog.Log.from_arrays(log.time_ns[keep] / 1e9, **blocks), truth[keep]


def faulty(case: Case, fault: str, rows: int, seed: int) -> tuple[fog.Model, fog.Log, Array]:
    """A wrong model with a healthy log, or the right model with faulty readings, and the truth."""
    log, truth = healthy(case, rows, seed)
    factors = {"R_SMALL": (1.0, 0.5), "R_LARGE": (1.0, 2.0), "Q_SMALL": (0.25, 1.0), "Q_LARGE": (4.0, 1.0)}
    if fault in factors:
        return case.make(*factors[fault]), log, truth
    model = case.make(1.0, 1.0)
    name, component = case.faulty
    sensor = next(s for s in model.sensors if s.name == name)
    column = f"{name}.{sensor.measures[component]}"
    z = log.columns()[_column(log, name, sensor.measures[component], component)].copy()
    x = Vector(model.state, list(truth.T))
    p = Vector(tuple(sensor.params), list(sensor.params.values()), "parameter")
    R = sensor.noise(Vector(model.state, list(model.start.mean)), p)  # type: ignore[union-attr]
    std = float(np.sqrt(np.asarray(getattr(R, "cov", R), float)[component, component]))
    if fault == "BIAS":
        z = z + std
    elif fault == "SIGN":
        z = -z
    else:
        clean = (
            truth @ _H[component] if model.matrices else np.asarray(sensor.measure(x, p)[component], float)
        )
        noise = np.random.default_rng(seed + 1).standard_normal(rows)
        coloured = lfilter([np.sqrt(1.0 - 0.7**2)], [1.0, -0.7], noise)
        z = np.where(np.isnan(z), np.nan, clean + std * coloured)
    return model, _with(log, model, column, z), truth


def _column(log: fog.Log, sensor: str, measure: str, component: int) -> str:
    return next(
        name for name in (f"{sensor}.{measure}", sensor, f"{sensor}.{component}") if name in log.columns()
    )


def _with(log: fog.Log, model: fog.Model, column: str, z: Array) -> fog.Log:
    """The log with the readings of this component replaced by z."""
    whole = log.bind(model).copy()
    names = [f"{s.name}.{m}" for s in model.sensors for m in s.measures]
    whole[:, names.index(column)] = z
    return log_of(model, log.time, whole)


def log_of(model: fog.Model, time: Any, z: Array) -> fog.Log:
    """The log of readings z (T, M)."""
    blocks: dict[str, Any] = {sensor.name: z[:, at] for sensor, at in model.blocks}
    return fog.Log.from_arrays(time, **blocks)


def checked(
    case: Case, model: fog.Model, log: fog.Log, truth: Array | None, level: float = 1e-3
) -> fog.Health:
    return fog.check(fog.run(model, log, case.method), truth, level=level)
