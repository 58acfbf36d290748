"""Example models that between them use every part of a kernel, and logs for them in which much goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

import foglight as fog
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import make_kernel
from foglight.inference.prepare import row_values, start_carry
from foglight.methods.method import Method
from foglight.model import noise
from oracle.models import full

STARTS = fog.Belief([10.0, 5.0, 1.0, 0.2, 0.1], cov=np.diag([1.0, 0.8, 1.2, 0.1, 0.02]) + 0.005)
CORRELATED = [[0.5, 0.12], [0.12, 0.3]]


@dataclass(frozen=True)
class Example:
    """A model for logs of this many rows, and a method."""

    name: str
    model: Callable[[int], fog.Model]
    method: Method
    simulated: bool = True  # else its log is noise alone

    def __str__(self) -> str:
        return self.name

    def kernel(self, dtype: str = "float64", detail: bool = False) -> Kernel:
        """The kernel; it serves logs of any length."""
        return make_kernel(self.model(4), self.method, dtype, detail)


def walk(rows: int) -> fog.Model:
    """One state, one measure."""
    start = fog.Belief([80.0], std=[300.0])
    return fog.Model(
        fog.motion.random_walk("level", std=30.0), [fog.sensing.linear("gauge", of="level", std=100.0)], start
    )


def plane(rows: int) -> fog.Model:
    """Constant velocity in the plane; both coordinates measured at once, with correlated errors."""

    def measure(x: Any, p: Any) -> list[Any]:
        return [x.x + 0.1 * x.y, x.y - 0.2 * x.x]

    def noises(x: Any, p: Any) -> list[list[Any]]:
        return [[p.r * v for v in row] for row in CORRELATED]

    camera = fog.Sensor("camera", ("along", "across"), measure, noises, {"r": 1.3})
    mean, cov = [1.0, -2.0, 0.5, 0.3], np.diag([4.0, 3.0, 1.0, 0.5]) + 0.2
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.7), [camera], fog.Belief(mean, cov=cov))


def varying(rows: int) -> fog.Model:
    """Every matrix and offset has an entry a row."""
    m = full(5, 3, 2, rows, varying=True)
    return fog.linear_model(m.F, m.Q, m.H, m.R, b=m.b, d=m.d, start=fog.Belief(m.mean, cov=m.cov))


def radar(rows: int) -> fog.Model:
    """A turning target, seen by a Doppler radar."""
    motion = fog.motion.ctrv(accel=1.0, turn_accel=0.3)
    sensor = fog.sensing.range_bearing_rate(
        "radar", range_std=0.3, bearing_std=0.03, range_rate_std=0.3, speed="speed", heading="heading"
    )
    return fog.Model(motion, [sensor], STARTS)


def driven(rows: int) -> fog.Model:
    """Two controls: thrust and brake; noise that grows with the thrust; the range to a corner is measured."""

    def dynamics(x: Any, dt: Any, p: Any, u: Any) -> list[Any]:
        push = p.gain * u.thrust - u.brake * x.speed
        return [x.place + dt * x.speed + 0.5 * dt * dt * push, x.speed + dt * push, 0.98 * x.bias]

    def process_noise(x: Any, dt: Any, p: Any, u: Any) -> Any:
        return noise.factored(
            [[0.5 * dt, 0.0], [1.0, 0.0], [0.1, 1.0]], [dt * (0.1 + u.thrust * u.thrust), 0.01 * dt]
        )

    motion = fog.Motion(
        ("place", "speed", "bias"), dynamics, process_noise, {"gain": 0.8}, ("thrust", "brake")
    )
    tape = fog.Sensor(
        "tape",
        ("length", "drift"),
        lambda x, p: [np.hypot(x.place, 3.0) + x.bias, x.speed + x.bias],
        lambda x, p: CORRELATED,
    )
    return fog.Model(motion, [tape], fog.Belief([4.0, 1.0, 0.1], std=[1.0, 0.5, 0.2]))


def rates(rows: int) -> fog.Model:
    """Two sensors, one of which speaks in every fifth row only."""
    lidar = fog.sensing.linear("lidar", of=("x", "y"), std=[0.4, 0.6], measures=("px", "py"))
    scan = fog.sensing.range_bearing("scan", at=(-20.0, 3.0), range_std=0.5, bearing_std=0.02)
    start = fog.Belief([3.0, -2.0, 0.5, 0.3], cov=np.diag([4.0, 3.0, 1.0, 0.5]) + 0.2)
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.7), [scan, lidar], start)


def turns(rows: int) -> fog.Model:
    """Linear, with sensors that take turns: what depends on the covariance alone repeats every three rows."""
    one = fog.sensing.linear("one", of=("x", "y"), std=[0.4, 0.6], measures=("px", "py"))
    doppler = fog.Sensor(
        "doppler", ("v",), lambda x, p: [0.8 * x.x_speed - 0.6 * x.y_speed], lambda x, p: [[p.s]], {"s": 0.02}
    )
    start = fog.Belief([3.0, -2.0, 0.5, 0.3], cov=np.diag([4.0, 3.0, 1.0, 0.5]) + 0.2)
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=1.7), [one, doppler], start)


def elementary(rows: int) -> fog.Model:
    """Every elementary function and every other operation; roots, logarithms and arcs leave their domain."""

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        a, b, c = x
        bend = np.where((a > b) & ~(c <= 0.0) | (b == c), np.sin(b), np.cos(c) - 1.0)
        step = np.floor(2.0 * b) / 8.0 + 0.1 * np.rint(c) + np.copysign(0.05, a)
        return [
            0.9 * a + dt * bend + 0.05 * np.tanh(a * b) + 0.02 * np.exp(-c * c) + 0.01 * a % 0.3,
            0.8 * b + 0.1 * erf(c) + 0.1 * np.arctan(a) - dt * np.expm1(-b * b) + 0.02 * np.arctan2(b, a),
            0.7 * c + 0.3 * np.log1p(a * a) - 0.1 * np.hypot(a, b) + 0.02 * np.tan(np.tanh(c)) - 0.1 * step,
        ]

    def measure(x: Any, p: Any) -> list[Any]:
        a, b, c = x
        return [
            np.arctan2(a, b),
            np.sqrt(c + 0.6) + np.minimum(a, b) - np.maximum(c, -1.0) ** 3,
            np.log(c + 1.0) + np.abs(c) ** p.power,
            np.arcsin(0.9 * a) - np.arccos(0.5 * b),
        ]

    def noises(x: Any, p: Any) -> list[list[Any]]:
        A = 0.2 + 0.1 * np.array([[0, 1, 2, 3], [1, 0, 1, 2], [2, 1, 0, 1], [3, 2, 1, 0]])
        return [[0.1 * A[i, j] + (1.0 + 0.1 * x.a**2 if i == j else 0.0) for j in range(4)] for i in range(4)]

    motion = fog.Motion(
        ("a", "b", "c"), dynamics, lambda x, dt, p: noise.independent([p.q * dt, 0.04, 0.05]), {"q": 0.3}
    )
    odd = fog.Sensor(
        "odd", ("turn", "root", "level", "arc"), measure, noises, {"power": 1.7}, angles=("turn",)
    )
    plain = fog.Sensor(
        "plain", ("sum", "c"), lambda x, p: [x.a + x.b, x.c], lambda x, p: [[0.4, 0.1], [0.1, 0.3]]
    )
    return fog.Model(motion, [odd, plain], fog.Belief([0.3, -0.2, 0.4], std=[0.3, 0.4, 0.2]))


EXAMPLES = [
    Example("walk-KF", walk, fog.KF()),
    Example("plane-KF", plane, fog.KF()),
    Example("plane-joseph", plane, fog.KF(form="joseph")),
    Example("plane-textbook", plane, fog.KF(form="textbook")),
    Example("varying-KF", varying, fog.KF()),
    Example("radar-EKF", radar, fog.EKF()),
    Example("radar-iterated", radar, fog.EKF(iterations=3)),
    Example("radar-UKF", radar, fog.UKF()),
    Example("radar-CKF", radar, fog.CKF()),
    Example("driven-EKF", driven, fog.EKF()),
    Example("rates-EKF", rates, fog.EKF()),
    Example("joint-EKF", rates, fog.EKF(iterations=2, joint=True)),
    Example("turns-KF", turns, fog.KF()),
    Example(
        "guarded-EKF", turns, fog.EKF(gate={"one": 0.99}, huber={"one": 1.5, "doppler": 2.0}, recover=0.3)
    ),
    Example(
        "student-UKF",
        turns,
        fog.UKF(gate={"doppler": 0.9999}, student={"one": 4.0, "doppler": 2.5}, recover=0.3),
    ),
    Example("adapted-KF", plane, fog.KF(adapt=fog.adapt("camera", forgetting=0.9))),
    Example(
        "adapted-UKF",
        turns,
        fog.UKF(
            adapt=fog.adapt("one", forgetting=0.9), gate={"one": 0.99}, huber={"doppler": 2.0}, recover=0.3
        ),
    ),
    Example("elementary-EKF", elementary, fog.EKF(), simulated=False),
    Example("elementary-UKF", elementary, fog.UKF(), simulated=False),
]


def arrays(example: Example, kernel: Kernel, tracks: int, rows: int, calm: bool = False) -> Arrays:
    """What a scan reads: a simulated log. Either its steps change in length and every track has damage of its own,
    or it is calm: equal steps, sensors that take turns, and damage in the last third of the tracks or rows."""
    rng = np.random.default_rng(rows)
    model, kind = example.model(rows), np.dtype(kernel.dtype)
    u = rng.uniform(0.0, 1.0, (tracks, rows, kernel.widths["u"]))
    clean = np.zeros((rows, kernel.widths["z"]))
    if example.simulated:
        clean = fog.simulate(model, rows, dt=0.1, seed=3, u=u[0] if u.size else None)[0].bind(model)
    z = (clean + 0.4 * rng.standard_normal((tracks, *clean.shape))).astype(kind)
    if calm:
        last = z[2 * tracks // 3 :] if tracks > 1 else z[:, 2 * rows // 3 :]
        damage(last, rng, 0.1)
    else:
        damage(z, rng, 1.0)
    if len(model.sensors) > 1:
        period = 3 if calm else 5
        z[:, np.arange(rows) % period != 0, : len(model.sensors[0].measures)] = np.nan
    if np.isfinite(example.method.recover) and not calm:
        jump(z, clean, model, example.method)
    carry = np.array([*start_carry(model, example.method), 0.0, 0.0])
    return Arrays(
        dt=(np.full(rows, 0.1) if calm else rng.choice([0.1, 0.1, 0.13, 0.04, 0.0], rows)).astype(kind),
        u=u.astype(kind),
        row=row_values(model, rows)[None].astype(kind),
        z=z,
        params=np.array([float(v) for v in model.parameters.values()]).astype(kind),
        carry=carry[None].astype(kind),
    )


def jump(z: NDArray[Any], clean: NDArray[Any], model: fog.Model, method: Any) -> None:
    """In stretches of each track of z (tracks, rows, M), readings of gated sensors are far off; others are missing."""
    gated = np.repeat(
        [sensor.name in method.gated(model.sensor_names) for sensor in model.sensors],
        [len(sensor.measures) for sensor in model.sensors],
    )
    for k, track in enumerate(z):
        for first in range(30 + k % 30, len(clean) - 15, 100):
            at = slice(first, first + 15)
            track[at] = np.where(gated, clean[at] + 40.0, np.nan)


def damage(z: NDArray[Any], rng: np.random.Generator, share: float) -> None:
    """Put into z (tracks, rows, M) missing components and rows, NaN of every kind, infinities, overflow."""
    z[rng.random(z.shape) < 0.08 * share] = np.nan
    z[rng.random(z.shape[:2]) < 0.05 * share] = np.nan
    for value in (np.inf, -np.inf, 1e25 if z.dtype == np.float32 else 1e200):
        z[rng.random(z.shape) < 0.004 * share] = value
    bits = z.view(np.uint32 if z.dtype == np.float32 else np.uint64)
    quiet, sign = (0x7FC007A2, 0x80000000) if z.dtype == np.float32 else (0x7FF80000000007A2, 1 << 63)
    for value in (quiet, quiet | sign):
        bits[rng.random(z.shape) < 0.01 * share] = value
