"""Models with so many states that whole arrays pay, and short logs for them in which much goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from agreement.examples import damage
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.recipe import traced
from foglight.inference.prepare import row_values, start_carry
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.method import Method
from foglight.model import noise
from foglight.model.model import unknown_directions
from oracle.models import covariance, full

ROWS = 12
GATED_ROWS = 40  # enough rejections in a row for a gate to give way
GUARDS = [
    fog.KF(gate={"pair": 0.99, "sum": 0.9}, recover=0.3),
    fog.EKF(gate={"sum": 0.999}, huber={"pair": 1.5, "sum": 2.0}, recover=0.2),
    fog.UKF(student={"pair": 4.0, "sum": 2.5}),
]


@dataclass(frozen=True)
class Case:
    """A model of n states and a method. outputs: "result", "detail" or "independent"."""

    model: Callable[[int], fog.Model]
    n: int
    method: Method
    outputs: str = "result"

    def __str__(self) -> str:
        return f"{self.model.__name__}-{self.n}-{self.method!r}-{self.outputs}"

    @property
    def kernel(self) -> Kernel:
        """Its kernel on whole arrays."""
        return _kernel(self)


@cache
def _kernel(case: Case) -> Kernel:
    given = {case.outputs: True} if case.outputs != "result" else {}
    model, method = case.model(case.n), case.method
    if directions := unknown_directions(model):
        method = Diffuse(method, directions)
    return traced(filter_recipe(model, method, **given), arrays=True)


def dense(n: int) -> fog.Model:
    """Every matrix full; a sensor of four components."""
    m = full(n, n, 4, 1)
    return fog.linear_model(m.F, m.Q, m.H, m.R, b=m.b, d=m.d, start=fog.Belief(m.mean, cov=m.cov))


def varying(n: int) -> fog.Model:
    """Every matrix full, and another one in each row."""
    m = full(n, n, 3, ROWS, varying=True)
    return fog.linear_model(m.F, m.Q, m.H, m.R, b=m.b, d=m.d, start=fog.Belief(m.mean, cov=m.cov))


def sensors(n: int) -> fog.Model:
    """Linear, most of the transition zeros; three sensors: of two components, of one, and of one state."""
    rng = np.random.default_rng(n)
    F = np.where(rng.random((n, n)) < 0.25, 0.3 * rng.standard_normal((n, n)), 0.0) + 0.5 * np.eye(n)
    H, R, spread = rng.standard_normal((3, n)), covariance(rng, 2), rng.uniform(0.1, 1.0, n)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        return [sum(dt * F[i, j] * x[j] for j in np.flatnonzero(F[i])) for i in range(n)]

    def noises(x: Any, dt: Any, p: Any) -> Any:
        return noise.independent(dt * p.q * spread)

    def measure(rows: slice) -> Any:
        return lambda x, p: list(H[rows] @ np.array(list(x), dtype=object))

    names = tuple(f"x{i}" for i in range(n))
    return fog.Model(
        fog.Motion(names, dynamics, noises, {"q": 2.0}),
        [
            fog.Sensor("pair", ("a", "b"), measure(slice(2)), lambda x, p: R),
            fog.Sensor("sum", ("s",), measure(slice(2, 3)), lambda x, p: [[p.r]], {"r": 0.3}),
            fog.Sensor("direct", ("x",), lambda x, p: [x[3]], lambda x, p: [[0.2]]),
        ],
        fog.Belief(rng.standard_normal(n), cov=covariance(rng, n)),
    )


def chain(n: int) -> fog.Model:
    """x_i' = x_i + dt sin x_{i+1}, around a ring; two measurements."""
    cov = covariance(np.random.default_rng(n), n)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x[i] + dt * np.sin(x[(i + 1) % n]) for i in range(n)]

    def measure(x: Any, p: Any) -> list[Any]:
        return [x[0] * np.cos(x[2]), x[n // 2] + 0.1 * x[1]]

    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)), dynamics, lambda x, dt, p: noise.independent([0.01 * dt] * n)
    )
    sensor = fog.Sensor("pair", ("a", "b"), measure, lambda x, p: [[0.3, 0.1], [0.1, 0.2]])
    return fog.Model(motion, [sensor], fog.Belief(0.3 * np.arange(n), cov=0.1 * cov))


def noisy(n: int, bent: bool = False) -> fog.Model:
    """Full noises: Q constants times parameters and dt, R of nine components; bent: with the state in each entry."""
    m = full(n, n, 9, 1)
    rng = np.random.default_rng(n)
    Q, R, more = covariance(rng, n), covariance(rng, 9), covariance(rng, n)

    def process(x: Any, dt: Any, p: Any) -> Any:
        return (dt + 0.1 * np.cos(x[0]) ** 2) * Q + p.q * more if bent else dt * p.q**2 * Q

    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)), lambda x, dt, p: m.F @ np.array(list(x)), process, {"q": 0.7}
    )
    measures = tuple(f"m{i}" for i in range(9))
    sensor = fog.Sensor(
        "nine", measures, lambda x, p: m.H @ np.array(list(x)), lambda x, p: p.r * R, {"r": 0.5}
    )
    return fog.Model(motion, [sensor], start=fog.Belief(m.mean, cov=m.cov))


def bent(n: int) -> fog.Model:
    """A full Q that depends on the state."""
    return noisy(n, bent=True)


def correlated(n: int, params: Any = None) -> fog.Model:
    """Nine components with a full R that is known, but for a factor if there is a parameter r."""
    m = full(n, n, 9, 1)
    R = covariance(np.random.default_rng(n), 9)
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)),
        lambda x, dt, p: m.F @ np.array(list(x)),
        lambda x, dt, p: noise.independent([dt * p.q] * n),
        {"q": 0.7},
    )
    measures = tuple(f"m{i}" for i in range(9))
    sensor = fog.Sensor(
        "nine",
        measures,
        lambda x, p: m.H @ np.array(list(x)),
        lambda x, p: p.r**2 * R if params else R,
        params or {},
    )
    return fog.Model(motion, [sensor], start=fog.Belief(m.mean, cov=m.cov))


def scaled(n: int) -> fog.Model:
    """Nine components with a full R that is known but for a factor."""
    return correlated(n, {"r": 0.6})


def of_unknown_start(make: Callable[[int], fog.Model], known: int) -> Callable[[int], fog.Model]:
    """The same model, of whose start only the first states are known."""

    def unknown(n: int) -> fog.Model:
        model = make(n)
        mean = model.start.mean
        return replace(model, start=fog.Belief(mean, std=np.where(np.arange(n) < known, 0.7, np.inf)))

    unknown.__name__ = f"{make.__name__}, {known} known"
    return unknown


CASES = [
    *[Case(dense, n, fog.KF()) for n in (9, 13, 20)],
    Case(dense, 13, fog.KF(), "detail"),
    Case(dense, 13, fog.KF(), "independent"),
    Case(dense, 9, fog.KF(form="joseph")),
    Case(dense, 13, fog.KF(form="textbook")),
    Case(dense, 9, fog.KF(form="textbook"), "detail"),
    Case(varying, 9, fog.KF()),
    Case(sensors, 13, fog.KF()),
    Case(sensors, 9, fog.EKF(iterations=2, joint=True)),
    *[Case(sensors, 9, method) for method in GUARDS],
    Case(chain, 9, fog.EKF(adapt=fog.adapt(forgetting=0.8), gate=0.99, recover=0.2)),
    Case(sensors, 10, fog.UKF(), "independent"),
    Case(chain, 24, fog.EKF()),
    Case(chain, 12, fog.EKF(iterations=3), "detail"),
    Case(chain, 12, fog.UKF()),
    Case(chain, 12, fog.UKF(), "detail"),
    Case(chain, 9, fog.CKF()),
    *[Case(noisy, 13, method) for method in (fog.KF(), fog.UKF(), fog.KF(form="joseph"), fog.EKF(student=4))],
    *[
        Case(bent, 10, method)
        for method in (fog.EKF(gate=0.99, recover=0.2), fog.UKF(), fog.EKF(form="textbook"))
    ],
    Case(of_unknown_start(dense, 0), 13, fog.KF()),
    Case(of_unknown_start(dense, 7), 9, fog.KF(), "detail"),
    Case(of_unknown_start(varying, 2), 9, fog.KF()),
    Case(of_unknown_start(sensors, 5), 9, fog.EKF(iterations=2, joint=True)),
    Case(of_unknown_start(sensors, 3), 10, GUARDS[0]),
    Case(of_unknown_start(chain, 3), 9, fog.UKF()),
    Case(of_unknown_start(noisy, 4), 11, fog.KF()),
]
LARGE = [Case(dense, 50, fog.KF()), Case(chain, 50, fog.EKF()), Case(chain, 20, fog.UKF())]


def arrays(case: Case, tracks: int = 2) -> Arrays:
    """What a scan reads: noise, with readings missing or far off, one that is infinite and one that overflows."""
    rng = np.random.default_rng(case.n)
    model, method = case.model(case.n), case.method
    rows = GATED_ROWS if method.gate else ROWS
    z: NDArray[Any] = 0.4 * rng.standard_normal((tracks, rows, len(model.components)))
    damage(z, rng, 1.0)
    z[:, 11:-5] += 40.0
    z[:, 8, 0], z[:, 9, -1], z[:, 10], z[:, -1] = np.inf, -1e200, np.nan, 0.1
    return Arrays(
        dt=np.concatenate([[0.0], rng.choice([0.1, 0.13, 0.04], rows - 1)]),
        u=np.zeros((1, rows, 0)),
        row=row_values(model, rows)[None],
        z=z,
        params=np.array([float(v) for v in model.parameters.values()]),
        carry=np.array([[*start_carry(model, method), 0.0, 0.0]]),
    )
