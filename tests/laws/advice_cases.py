"""Logs for the campaign of advice: faults of the readings and of the motion on many models, and healthy logs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from foglight.diagnostics.check.health import Finding

from .check_cases import CASES, FAULTS, faulty, healthy, log_of, two
from .robot_cases import GPS, MOTION, ROBOT, START, TURNING, WITH_COMPASS, WITH_RADAR
from .test_check_short_tracks import LINE, PAIR
from .test_check_short_tracks import log_of as tracks_of

Array = NDArray[np.float64]
Rng = np.random.Generator
ROWS = 600
OLD_ROWS = 1_500
_LOST = 7.0  # error of a filter that has lost its track, in standard deviations of one without a gate


@dataclass(frozen=True)
class Case:
    """A log and what its check must say first.

    told: whether a finding names the fault.  words: what names it where the log cannot tell explanations apart.
    true: codes that are no false alarm.
    """

    name: str
    model: fog.Model
    log: fog.Log
    method: Any
    truth: Array | None
    told: Callable[[Finding], bool]
    words: tuple[str, ...] = ()
    true: tuple[str, ...] = ()

    def named(self, health: fog.Health) -> bool:
        """Whether the first finding is right, or says that the right one fits as well."""
        if health.ok:
            return False
        first = health.findings[0]
        _, found, rivals = first.sentence.partition("fit alike")
        if not found:
            _, found, rivals = first.sentence.partition("cannot tell")
        return self.told(first) or any(word in rivals for word in self.words)


def _is(code: str, *subjects: str, near: float | None = None) -> Callable[[Finding], bool]:
    """Whether a finding has this code and one of these subjects, and an estimate within 3 %."""

    def told(finding: Finding) -> bool:
        size = near is None or abs(finding.estimate / near - 1.0) < 0.03
        return finding.code == code and (not subjects or finding.subject in subjects) and size

    return told


# Models ---------------------------------------------------------------------------------------------------------------

ALONE = fog.Model(MOTION, [GPS], START)
CART = fog.Model(
    fog.motion.constant_acceleration(("x",), jerk=0.6),
    [
        fog.sensing.linear("position", of="x", std=0.8),
        fog.sensing.linear("accelerometer", of="x_accel", std=0.15),
    ],
    fog.Belief([5.0, 2.0, 1.0], std=[1.0, 1.0, 0.5]),
)
TWO = two(1.0, 1.0)
MODELS = {
    "robot": ROBOT, "compass": WITH_COMPASS, "radar": WITH_RADAR, "turning": TURNING, "cart": CART, "two": TWO,
    "alone": ALONE,
}  # fmt: skip
STEP = {"two": 0.3}


@cache
def _std(name: str) -> Array:
    """The standard deviations of the innovations of a model's components, of a healthy log."""
    model = MODELS[name]
    log, _ = fog.simulate(model, ROWS, STEP.get(name, 0.1), seed=1)
    return np.asarray(
        np.nanmedian(np.sqrt(fog.run(model, log).innovation_cov.diagonal(axis1=1, axis2=2)), axis=0)
    )


def _of(kind: str, name: str, seed: int, change: Callable[[Array], Array], *rest: Any) -> Case:
    model = MODELS[name]
    log, _ = fog.simulate(model, ROWS, STEP.get(name, 0.1), seed)
    return Case(
        f"{kind}, {name}", model, log_of(model, log.time, change(log.bind(model).copy())), None, None, *rest
    )


def _at(name: str, sensor: str) -> slice:
    return next(at for one, at in MODELS[name].blocks if one.name == sensor)


def _subjects(name: str, sensor: str) -> tuple[str, ...]:
    """The sensor, or its only measure."""
    one = next(s for s in MODELS[name].sensors if s.name == sensor)
    return (sensor,) if len(one.measures) > 1 else (f"{sensor}.{one.measures[0]}",)


def _choose(rng: Rng, options: list[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


# Faults ---------------------------------------------------------------------------------------------------------------

WHOLE = [
    ("robot", "odo"), ("robot", "gps"), ("compass", "odo"), ("radar", "odo"), ("cart", "accelerometer"),
    ("two", "radar"), ("turning", "gyro"),
]  # fmt: skip


def scaled(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    name, sensor = _choose(rng, WHOLE)
    k = float(np.exp(rng.uniform(np.log(1.15), np.log(5.0))))
    k = k if rng.random() < 0.7 else max(1.0 / k, 0.4)
    at = _at(name, sensor)

    def change(z: Array) -> Array:
        z[:, at] *= k
        return z

    told = _is("GAIN", *_subjects(name, sensor))
    return _of(f"{sensor} x {k:.3g}", name, seed, change, told, (f"a gain of {sensor}", f"units of {sensor}"))


UNITS = [
    ("compass", "compass", 180.0 / np.pi), ("turning", "gyro", 180.0 / np.pi), ("robot", "odo", 1.943844),
    ("robot", "odo", 3.28084), ("cart", "accelerometer", 1.0 / 9.80665), ("two", "radar", 3.28084),
    ("two", "laser", 1000.0), ("radar", "odo", 3.6),
]  # fmt: skip


def units(seed: int) -> Case:
    name, sensor, k = UNITS[seed % len(UNITS)]
    at = _at(name, sensor)

    def change(z: Array) -> Array:
        z[:, at] *= k
        return z

    told = _is("GAIN", *_subjects(name, sensor), near=k)
    return _of(
        f"{sensor} in units x {k:.3g}",
        name,
        seed,
        change,
        told,
        (f"a gain of {sensor}", f"units of {sensor}"),
    )


def negated(seed: int) -> Case:
    name, sensor = [*WHOLE[:1], *WHOLE[2:], ("compass", "compass")][seed % 7]
    at = _at(name, sensor)

    def change(z: Array) -> Array:
        z[:, at] *= -1.0
        return z

    told = _is("SIGN", *_subjects(name, sensor))
    return _of(f"{sensor} negated", name, seed, change, told, (f"sign of {sensor}", f"clockwise of {sensor}"))


def turned(seed: int) -> Case:
    """Angles clockwise from north, in radians and in degrees from 0 to 360."""
    name, sensor, measure, degrees = [
        ("radar", "radar", "bearing", False), ("compass", "compass", "course", False),
        ("compass", "compass", "course", True), ("radar", "radar", "bearing", True),
    ][seed % 4]  # fmt: skip
    i = MODELS[name].components.index(f"{sensor}.{measure}")

    def change(z: Array) -> Array:
        z[:, i] = np.pi / 2.0 - z[:, i]
        if degrees:
            z[:, i] = np.degrees(z[:, i]) % 360.0
        return z

    told = _is("ANGLE", f"{sensor}.{measure}", near=-180.0 / np.pi if degrees else -1.0)
    return _of(f"{sensor} clockwise from north{' in degrees' * degrees}", name, seed, change, told)


def swapped(seed: int) -> Case:
    name, sensor = [
        ("radar", "odo"),
        ("radar", "gps"),
        ("compass", "odo"),
        ("compass", "gps"),
        ("robot", "odo"),
    ][seed % 5]
    at = _at(name, sensor)

    def change(z: Array) -> Array:
        z[:, at] = z[:, at][:, ::-1].copy()
        return z

    return _of(f"{sensor} swapped", name, seed, change, _is("SWAPPED", sensor), (f"of {sensor} exchanged",))


def late(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    name, sensor = [
        ("robot", "gps"),
        ("radar", "gps"),
        ("compass", "gps"),
        ("turning", "needle"),
        ("cart", "position"),
    ][seed % 5]
    at, rows = _at(name, sensor), int(rng.integers(4, 11))

    def change(z: Array) -> Array:
        z[rows:, at], z[:rows, at] = z[:-rows, at].copy(), np.nan
        return z

    told = _is("DELAY", sensor)
    return _of(f"{sensor} {0.1 * rows:.1f} s late", name, seed, change, told, (f"a delay of {sensor}",))


READINGS = [
    ("robot", "gps"), ("robot", "odo"), ("compass", "gps"), ("radar", "gps"), ("cart", "position"), ("two", "laser"),
    ("alone", "gps"), ("turning", "needle"),
]  # fmt: skip


def sentinel(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    name, sensor = READINGS[seed % len(READINGS)]
    at, value = _at(name, sensor), _choose(rng, [-9999.0, 9999.0, -1.0e6, 1.0e5])
    some = np.sort(rng.choice(np.arange(40, ROWS - 10), int(rng.integers(3, 60)), replace=False))

    def change(z: Array) -> Array:
        z[some, at] = value
        return z

    return _of(
        f"{sensor} reports {value:g} {len(some)}x",
        name,
        seed,
        change,
        _is("SENTINEL", *_subjects(name, sensor)),
    )


def stuck(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    name, sensor = READINGS[seed % len(READINGS)]
    at, first, rows = _at(name, sensor), int(rng.integers(60, 350)), int(rng.integers(60, 240))

    def change(z: Array) -> Array:
        z[first : first + rows, at] = z[first, at]
        return z

    return _of(f"{sensor} stuck for {rows} rows", name, seed, change, _is("STUCK", *_subjects(name, sensor)))


def jump(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    name, sensor = READINGS[seed % len(READINGS)]
    at, first = _at(name, sensor), int(rng.integers(100, 450))
    last = ROWS if rng.random() < 0.6 else first + int(rng.integers(50, 140))
    size = _std(name)[at] * rng.uniform(10.0, 40.0) * rng.choice([-1.0, 1.0], at.stop - at.start)

    def change(z: Array) -> Array:
        z[first:last, at] += size
        return z

    return _of(
        f"{sensor} jumps",
        name,
        seed,
        change,
        _is("JUMP", *_subjects(name, sensor)),
        (f"an offset of {sensor}",),
    )


def outliers(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    name, sensor = READINGS[seed % len(READINGS)]
    at, m = _at(name, sensor), len(_std(name)[_at(name, sensor)])
    some = np.sort(rng.choice(np.arange(40, ROWS - 10, 4), int(rng.integers(2, 9)), replace=False))
    size = _std(name)[at] * rng.uniform(12.0, 60.0, (len(some), m)) * rng.choice([-1.0, 1.0], (len(some), m))

    def change(z: Array) -> Array:
        z[some, at] += size
        return z

    return _of(
        f"{sensor} has {len(some)} outliers", name, seed, change, _is("OUTLIERS", *_subjects(name, sensor))
    )


@cache
def _spring(stiffness: float) -> fog.Model:
    motion = fog.Motion(
        ("s", "v"), lambda x, dt, p: [x.s + dt * x.v, x.v - dt * (p.k * x.s + 0.2 * x.v)],
        lambda x, dt, p: fog.noise.white_acceleration(dt, p.q**2), params={"k": stiffness, "q": 0.4},
    )  # fmt: skip
    sensor = fog.sensing.linear("gauge", of="s", std=0.1)
    return fog.Model(motion, [sensor], fog.Belief([1.0, 0.0], std=[0.5, 0.5]))


@cache
def _relaxing(tau: float) -> fog.Model:
    motion = fog.motion.ornstein_uhlenbeck(("s",), std=2.0, tau=tau)
    return fog.Model(motion, [fog.sensing.linear("gauge", of="s", std=0.15)], fog.Belief([0.0], std=[2.0]))


_F = np.array([[0.95, 0.3, 0.0], [-0.3, 0.9, 0.1], [0.05, 0.0, 0.8]])


@cache
def _matrix(wrong: bool) -> fog.Model:
    F = _F.copy()
    if wrong:
        F[0, 1], F[1, 0] = 0.1, -0.1
    H, R = np.array([[1.0, 0.4, -0.3], [0.2, -0.7, 1.1]]), np.diag([0.3, 0.2])
    return fog.linear_model(
        F, np.diag([0.5, 0.4, 0.6]), H, R, start=fog.Belief([1.0, -2.0, 0.5], std=[1.0, 2.0, 1.5])
    )


WRONG_MOTIONS: list[tuple[str, Callable[[], tuple[fog.Model, fog.Model]]]] = [
    ("spring 2x too soft", lambda: (_spring(4.0), _spring(2.0))),
    ("spring 2x too stiff", lambda: (_spring(2.0), _spring(4.0))),
    ("time constant 8x too long", lambda: (_relaxing(1.0), _relaxing(8.0))),
    ("time constant 8x too short", lambda: (_relaxing(8.0), _relaxing(1.0))),
    ("turn of F", lambda: (_matrix(False), _matrix(True))),
]


def wrong_motion(seed: int) -> Case:
    name, models = WRONG_MOTIONS[seed % len(WRONG_MOTIONS)]
    right, wrong = models()
    log, _ = fog.simulate(right, 3 * ROWS, 1.0 if right.matrices else 0.1, seed)
    return Case(f"wrong motion, {name}", wrong, log, None, None, of_the_motion)


def of_the_motion(finding: Finding) -> bool:
    """Whether a finding says that the motion is wrong, and not merely its noise."""
    if finding.code in ("Q_SMALL", "Q_LARGE", "R_SMALL", "R_LARGE", "BIAS", "GAIN", "SIGN", "START"):
        return False
    return "the motion" in finding.sentence or finding.subject.startswith("motion")


NEW: dict[str, Callable[[int], Case]] = {
    "scale": scaled, "units": units, "sign": negated, "clockwise": turned, "swapped": swapped, "late": late,
    "sentinel": sentinel, "stuck": stuck, "jump": jump, "outliers": outliers, "wrong motion": wrong_motion,
}  # fmt: skip


def old(fault: str, seed: int) -> Case:
    case = CASES[seed % len(CASES)]
    model, log, truth = faulty(case, fault, OLD_ROWS, 7_000 + seed)
    told = _is(fault)
    return Case(f"{fault}, {case.name}", model, log, case.method, truth if case.blind else None, told)


OLD: dict[str, Callable[[int], Case]] = {fault: partial(old, fault) for fault in FAULTS}


# Healthy logs ---------------------------------------------------------------------------------------------------------


def _none(finding: Finding) -> bool:
    return False


def _simulated(
    name: str, model: fog.Model, rows: int, seed: int, method: Any = None, dt: float = 0.1
) -> Case:
    log, _ = fog.simulate(model, rows, dt, seed)
    return Case(name, model, log, method, None, _none)


@cache
def _unknown_start(name: str) -> fog.Model:
    model = MODELS[name]
    assert model.start is not None
    return model.with_start(fog.Belief(model.start.mean, std=np.full(len(model.state), np.inf)))


TRACKS = [(100, 2, 11), (60, 25, 25), (40, 3, 40), (15, 20, 59), (300, 1, 3), (500, 1, 1), (200, 1, 1)]


def _short(seed: int) -> Case:
    rows = (20, 25, 40, 60, 100)[seed % 5]
    name = ("robot", "two", "cart", "turning", "compass")[seed % 5]
    return _simulated(f"{rows} rows, {name}", MODELS[name], rows, seed, dt=STEP.get(name, 0.1))


def _tracks(seed: int) -> Case:
    shape = TRACKS[seed % len(TRACKS)]
    model = (LINE, PAIR)[seed // len(TRACKS) % 2]
    log = tracks_of(model, *shape, seed)
    return Case(f"{shape[0]} tracks of {shape[1]} to {shape[2]} rows", model, log, None, None, _none)


def _plain(seed: int) -> Case:
    name = list(MODELS)[seed % len(MODELS)]
    return _simulated(f"{ROWS} rows, {name}", MODELS[name], ROWS, seed, dt=STEP.get(name, 0.1))


def _gated(seed: int) -> Case:
    """A gate of 0.8 rejects a good reading in five, and with them a track: that may be said, if it is so."""
    gate = (0.8, 0.9, 0.95, 0.99, 0.999)[seed % 5]
    name = ("robot", "two", "cart", "alone")[seed % 4]
    model, method = MODELS[name], fog.EKF(gate=gate)
    log, truth = fog.simulate(model, 1_000, STEP.get(name, 0.1), seed)
    found, possible = fog.run(model, log, method).filtered.mean, fog.run(model, log).filtered.std
    lost = bool((np.abs(found - truth) > _LOST * possible).any())
    return Case(f"gate {gate}, {name}", model, log, method, None, _none, true=("LOST",) if lost else ())


def _points(seed: int) -> Case:
    name = ("compass", "radar", "robot")[seed % 3]
    method = (fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF())[seed // 3 % 3]
    return _simulated(f"{method!r}, {name}", MODELS[name], 500, seed, method)


def _started(seed: int) -> Case:
    name = ("robot", "two", "cart", "turning", "alone")[seed % 5]
    log, _ = fog.simulate(MODELS[name], (60, 200, 600)[seed % 3], STEP.get(name, 0.1), seed)
    return Case(f"unknown start, {name}", _unknown_start(name), log, None, None, _none)


def _of_cases(seed: int) -> Case:
    case = CASES[seed % len(CASES)]
    rows = (100, 400, 1_500)[seed % 3]
    log, truth = healthy(case, rows, 40_000 + seed)
    return Case(f"{rows} rows, {case.name}", case.make(1.0, 1.0), log, case.method, truth, _none)


def _long(seed: int) -> Case:
    name, rows = [("two", 200_000), ("robot", 50_000), ("cart", 20_000)][seed % 3]
    return _simulated(f"{rows} rows, {name}", MODELS[name], rows, seed, dt=STEP.get(name, 0.1))


# How many of each: rates of one in a thousand are not seen in fewer.
HEALTHY: dict[str, tuple[Callable[[int], Case], int]] = {
    "short logs": (_short, 240), "many tracks": (_tracks, 294), "600 rows": (_plain, 210), "gates": (_gated, 180),
    "sigma points": (_points, 108), "unknown start": (_started, 225), "cases of the old faults": (_of_cases, 216),
    "20,000 to 200,000 rows": (_long, 27),
}  # fmt: skip


def case_of(group: str, kind: str, seed: int) -> Case:
    """A case of a kind."""
    return HEALTHY[kind][0](seed) if group == "healthy" else {"old": OLD, "new": NEW}[group][kind](seed)
