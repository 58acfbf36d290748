"""Robots whose sensors drift, whose clocks run fast or slow, and whose motion has another time constant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog

from .check_cases import log_of
from .robot_cases import GPS, ROBOT, WITH_COMPASS, WITH_RADAR

Array = NDArray[np.float64]
STEP = 0.1  # seconds


@dataclass(frozen=True)
class Cause:
    """What is wrong with a log or a model, and what the check must say first or beside what it says first.

    truth: the model that the log is drawn from.  model: the one that is checked.  change: from a log of the truth to
    that with the fault.  named: code and subject of each right answer.  words: how it is named beside another.
    """

    name: str
    truth: fog.Model
    model: fog.Model
    change: Callable[[fog.Log, int], fog.Log]
    named: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    dt: float = STEP

    def __str__(self) -> str:
        return self.name

    def log(self, seed: int, rows: int = 600) -> fog.Log:
        """A log with this fault."""
        log, _ = fog.simulate(self.truth, rows, self.dt, seed)
        return self.change(log, seed)

    def first(self, health: fog.Health) -> bool:
        """Whether the first finding names it."""
        return not health.ok and (health.findings[0].code, health.findings[0].subject) in self.named

    def told(self, health: fog.Health) -> bool:
        """Whether the first finding names it, or says that it fits alike."""
        if health.ok:
            return False
        beside = health.findings[0].sentence.partition("Several explanations fit alike")[2]
        return self.first(health) or any(word in beside for word in self.words)


def _added(model: fog.Model, components: tuple[int, ...], of: Callable[[Array, int], Array]) -> Any:
    """A change of a log: something is added to some components, from the time (T,) and the seed."""

    def change(log: fog.Log, seed: int) -> fog.Log:
        z = log.bind(model).copy()
        for i in components:
            z[:, i] += of(log.time, 10 * seed + i)
        return log_of(model, log.time, z)

    return change


def _walk(std: float) -> Callable[[Array, int], Array]:
    def of(time: Array, seed: int) -> Array:
        steps = np.random.default_rng(seed).standard_normal(len(time)) * std * np.sqrt(STEP)
        return np.cumsum(steps)

    return of


def _ramp(rate: float) -> Callable[[Array, int], Array]:
    return lambda time, seed: rate * time


def _clock(model: fog.Model, sensor: str, off: float) -> Any:
    """A change of a log: the stamps of a sensor run by `off` seconds in a second faster."""

    def change(log: fog.Log, seed: int) -> fog.Log:
        z, time = log.bind(model), log.time
        at = dict((s.name, part) for s, part in model.blocks)[sensor]
        rows: dict[int, Array] = {}
        for k, row in enumerate(z):
            for stamp, part in ((round(1e9 * time[k] * (1.0 + off)), at), (round(1e9 * time[k]), None)):
                kept = rows.setdefault(stamp, np.full(z.shape[1], np.nan))
                own = np.zeros(z.shape[1], bool)
                own[at] = True
                kept[own if part is not None else ~own] = row[own if part is not None else ~own]
        stamps = np.array(sorted(rows))
        return log_of(model, stamps / 1e9, np.array([rows[stamp] for stamp in stamps.tolist()]))

    return change


def _log_clock(model: fog.Model, factor: float) -> Any:
    return lambda log, seed: log_of(model, log.time * factor, log.bind(model))


def _same(log: fog.Log, seed: int) -> fog.Log:
    return log


def swaying(tau: float) -> fog.Model:
    """A ready-made process, whose time constant is no parameter."""
    motion = fog.motion.ornstein_uhlenbeck("sway", tau=tau, std=2.0)
    return fog.Model(motion, [fog.sensing.linear("gauge", of="sway", std=0.3)], fog.Belief([0.0], std=[2.0]))


def relaxing(tau: float) -> fog.Model:
    """The same with a parameter."""
    motion = fog.Motion(
        ("sway",), lambda x, dt, p: [x.sway * np.exp(-dt / p.tau)],
        lambda x, dt, p: fog.noise.ornstein_uhlenbeck(dt, p.tau, p.std), params={"tau": tau, "std": 2.0},
    )  # fmt: skip
    return fog.Model(motion, [fog.sensing.linear("gauge", of="sway", std=0.3)], fog.Belief([0.0], std=[2.0]))


def dragged(tau: float) -> fog.Model:
    """A robot whose speeds decay."""
    motion = fog.Motion(
        ("x", "x_speed", "y", "y_speed"),
        lambda x, dt, p: [
            x.x + p.tau * (1 - np.exp(-dt / p.tau)) * x.x_speed, np.exp(-dt / p.tau) * x.x_speed,
            x.y + p.tau * (1 - np.exp(-dt / p.tau)) * x.y_speed, np.exp(-dt / p.tau) * x.y_speed,
        ],
        lambda x, dt, p: fog.noise.stack(
            fog.noise.white_acceleration(dt, p.accel**2), fog.noise.white_acceleration(dt, p.accel**2)
        ),
        params={"tau": tau, "accel": 1.0},
    )  # fmt: skip
    sensors = [GPS, fog.sensing.linear("odo", of=("x_speed", "y_speed"), std=0.2)]
    return fog.Model(motion, sensors, fog.Belief([0.0, 8.0, 0.0, 2.0], std=[3.0, 2.0, 3.0, 2.0]))


def _drift(name: str, model: fog.Model, components: tuple[int, ...], of: Any, *subjects: str) -> Cause:
    words = tuple(f"a wandering bias of {s}" for s in subjects) + tuple(
        f"a steady drift of {s}" for s in subjects
    )
    return Cause(
        name, model, model, _added(model, components, of), tuple(("DRIFT", s) for s in subjects), words
    )


GPS_NAMES, ODO_NAMES = ("gps", "gps.x", "gps.y"), ("odo", "odo.x_speed", "odo.y_speed")
DRIFTS = [
    _drift("GPS wanders", ROBOT, (0, 1), _walk(0.5), *GPS_NAMES),
    _drift("GPS wanders far", ROBOT, (0, 1), _walk(2.0), *GPS_NAMES),
    _drift("odometer wanders", ROBOT, (2, 3), _walk(0.1), *ODO_NAMES),
    _drift("GPS wanders beside a radar", WITH_RADAR, (0, 1), _walk(0.5), *GPS_NAMES),
    _drift("one axis of the GPS ramps", ROBOT, (0,), _ramp(0.1), "gps.x"),
    _drift("GPS ramps beside a radar", WITH_RADAR, (0,), _ramp(0.1), *GPS_NAMES),
    _drift("odometer ramps", ROBOT, (2,), _ramp(0.02), *ODO_NAMES),
    _drift("compass wanders", WITH_COMPASS, (4,), _walk(0.03), "compass.course"),
]  # fmt: skip


def _constant(
    name: str, make: Callable[[float], fog.Model], true: float, given: float, subject: str, *words: str
) -> Cause:
    return Cause(name, make(true), make(given), _same, (("DYNAMICS", subject),), words)


PACE = ("time constants of the motion", "clock of the log")
CONSTANTS = [
    _constant("time constant 1, not 10", swaying, 1.0, 10.0, "motion", *PACE),
    _constant("time constant 5, not 1", swaying, 5.0, 1.0, "motion", *PACE),
    _constant("parameter tau 1, not 10", relaxing, 1.0, 10.0, "motion.tau", "motion.tau", *PACE),
    _constant("parameter tau 12, not 5", relaxing, 12.0, 5.0, "motion.tau", "motion.tau", *PACE),
    _constant("drag of 1 s, not 10", dragged, 1.0, 10.0, "motion.tau", "motion.tau"),
    _constant("drag of 10 s, not 2", dragged, 10.0, 2.0, "motion.tau", "motion.tau"),
]


def _fast(name: str, model: fog.Model, sensor: str, off: float) -> Cause:
    return Cause(
        name, model, model, _clock(model, sensor, off), (("CLOCK", sensor),),
        (f"fast clock of {sensor}", f"slow clock of {sensor}"),
    )  # fmt: skip


def _stretched(name: str, model: fog.Model, factor: float) -> Cause:
    return Cause(name, model, model, _log_clock(model, factor), (("CLOCK", "log"),), ("clock of the log",))


CLOCKS = [
    _fast("GPS clock fast by 2 %", ROBOT, "gps", 0.02),
    _fast("GPS clock slow by 2 %", ROBOT, "gps", -0.02),
    _fast("GPS clock fast by 1 % beside a radar", WITH_RADAR, "gps", 0.01),
    _fast("odometer clock fast by 3 %", ROBOT, "odo", 0.03),
    _stretched("clock of the log fast by 10 %", ROBOT, 1.1),
    _stretched("clock of the log slow by 10 %", WITH_RADAR, 0.9),
    _stretched("clock of the log half as fast", ROBOT, 0.5),
]
CAUSES = [*DRIFTS, *CONSTANTS, *CLOCKS]
