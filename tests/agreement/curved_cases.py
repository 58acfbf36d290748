"""Curved models of one or two states, their exact answers by quadrature, and what a filter misses of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from oracle import plain, quadrature

Array = NDArray[np.float64]
METHODS = {
    "EKF": fog.EKF(),
    "iterated": fog.EKF(iterations=5),
    "UKF": fog.UKF(),
    "UKF 1e-3": fog.UKF(alpha=1e-3),
    "CKF": fog.CKF(),
}


@dataclass(frozen=True)
class Case:
    """A start; perhaps a motion, without noise; one reading. Functions take and return lists of components."""

    mean: list[float]
    cov: list[list[float]]
    measure: Callable[[Any], list[Any]]
    R: list[list[float]]
    move: Callable[[Any], list[Any]] | None = None
    angles: tuple[int, ...] = ()

    def prior(self, reach: float, count: int) -> quadrature.Density:
        start = quadrature.gaussian(np.array(self.mean), np.array(self.cov), reach, count)
        return quadrature.moved(start, over_points(self.move)) if self.move else start

    def readings(self) -> Array:
        """Measurements (k, m) in equal steps; all that are not a thousand times less likely than others."""
        prior = self.prior(7.0, 64)
        images = quadrature.moved(prior, over_points(self.measure))
        count = 41 if len(self.R) == 1 else 13
        lattice = quadrature.spread(images.mean, images.cov + np.array(self.R), 4.0, count)
        density = np.array([self.posterior(z, prior)[-1] for z in lattice])
        lattice = lattice[density > 1e-3 * density.max()]
        for i in self.angles:
            lattice[:, i] = plain.wrap(lattice[:, i])
        return lattice

    def posterior(self, z: Array, prior: quadrature.Density) -> Array:
        """Mean, covariance and density of z in one row."""
        after, p = quadrature.updated(prior, over_points(self.measure), np.array(self.R), z, self.angles)
        return np.array([*after.mean, *after.cov.ravel(), p])

    def model(self) -> fog.Model:
        n, m = len(self.mean), len(self.R)
        motion = fog.Motion(
            tuple("ab"[:n]),
            lambda x, dt, p: self.move(list(x)) if self.move else list(x),
            lambda x, dt, p: np.zeros((n, n)),
        )
        names = tuple("zw"[:m])
        sensor = fog.Sensor(
            "sensor", names, lambda x, p: self.measure(list(x)), lambda x, p: self.R,
            angles=tuple(names[i] for i in self.angles),
        )  # fmt: skip
        return fog.Model(motion, [sensor], fog.Belief(self.mean, cov=self.cov))


def over_points(function: Callable[[Any], list[Any]]) -> quadrature.Function:
    """The function on all points at once."""
    return lambda points: np.stack(function(list(points.T)), axis=1)


def squared(x: Any) -> list[Any]:
    return [x[0] * x[0]]


def distance(x: Any) -> list[Any]:
    return [np.hypot(x[0], x[1])]


def direction(x: Any) -> list[Any]:
    return [np.arctan2(x[1], x[0])]


def both(x: Any) -> list[Any]:
    return [np.hypot(x[0], x[1]), np.arctan2(x[1], x[0])]


def polar(x: Any) -> list[Any]:
    return [x[0] * np.cos(x[1]), x[0] * np.sin(x[1])]


CASES = {
    "square of a state": Case([1.2], [[0.16]], squared, [[0.09]]),
    "range of a near point": Case([1.9, 1.2], [[0.25, 0.08], [0.08, 0.15]], distance, [[0.01]]),
    "bearing of a near point": Case(
        [-2.4, 0.4], [[0.12, 0.03], [0.03, 0.1]], direction, [[0.01]], angles=(0,)
    ),
    "range and bearing": Case(
        [1.9, 1.1], [[0.16, 0.05], [0.05, 0.1]], both, [[0.02, 0.002], [0.002, 0.01]], angles=(1,)
    ),
    "polar motion": Case(
        [2.0, 0.9], [[0.02, 0.01], [0.01, 0.09]], lambda x: [x[0] + 0.3 * x[1]], [[0.04]], move=polar
    ),
}


@cache
def exact(name: str) -> tuple[Array, Array]:
    """Readings (k, m), and what each leaves: mean, covariance, density (k, n + n^2 + 1)."""
    case = CASES[name]
    readings = case.readings()

    def compute(reach: float, count: int) -> Array:
        prior = case.prior(reach, count)
        return np.array([case.posterior(z, prior) for z in readings])

    return readings, quadrature.converged(compute, 80 if len(case.mean) == 2 else 256, tolerance=1e-7)


def missed(name: str, case: Case, method: Any) -> tuple[float, float]:
    """Bias in true standard deviations and claimed over true standard deviation; `case` may differ from `name`."""
    readings, truth = exact(name)
    n = len(case.mean)
    z = np.full((len(readings), 2, readings.shape[1]), np.nan)
    z[:, 1] = readings
    run = fog.run(case.model(), fog.Log.regular(z, dt=1.0), method=method)
    mean, cov = run.filtered.mean[:, 1], run.filtered.cov[:, 1]
    L = np.linalg.cholesky(truth[:, n:-1].reshape(-1, n, n))
    bias = np.linalg.solve(L, (mean - truth[:, :n])[..., None])[..., 0]
    weight = truth[:, -1] / truth[:, -1].sum()
    size = np.sqrt(np.linalg.det(cov)) / np.prod(np.einsum("kii->ki", L), axis=1)
    return float(np.sqrt(weight @ (bias**2).sum(1))), float(weight @ size ** (1 / n))


STEPS = {"Q": 0.09, "R": 0.04, "mean": 0.8, "cov": 0.25}
READ = [0.9, 2.6, 1.7, 4.1, 5.2]


def swing(x: Any) -> list[Any]:
    return [x[0] + 0.5 * np.sin(x[0])]


def bowl(x: Any) -> list[Any]:
    return [x[0] + 0.125 * x[0] * x[0]]


@cache
def exact_steps() -> Array:
    """Mean and variance after each reading."""

    def compute(reach: float, count: int) -> Array:
        belief = quadrature.gaussian(np.array([STEPS["mean"]]), np.array([[STEPS["cov"]]]), reach, count)
        rows = []
        for k, z in enumerate(READ):
            if k:
                Q = np.array([[STEPS["Q"]]])
                belief = quadrature.diffused(belief, over_points(swing), Q, reach, count)
            R = np.array([[STEPS["R"]]])
            belief, _ = quadrature.updated(belief, over_points(bowl), R, np.array([z]))
            rows.append([belief.mean[0], belief.cov[0, 0]])
        return np.array(rows)

    return quadrature.converged(compute, 200, tolerance=1e-8)


def missed_steps(method: Any, q: float = STEPS["Q"], r: float = STEPS["R"]) -> tuple[float, float]:
    """The same two figures over the rows of one log: a noisy motion that bends, and a sensor that bends."""
    motion = fog.Motion(("a",), lambda x, dt, p: swing([x.a]), lambda x, dt, p: [[q]])
    sensor = fog.Sensor("sensor", ("z",), lambda x, p: bowl([x.a]), lambda x, p: [[r]])
    model = fog.Model(motion, [sensor], fog.Belief([STEPS["mean"]], cov=[[STEPS["cov"]]]))
    run = fog.run(model, fog.Log.regular(np.array(READ)[:, None], dt=1.0), method=method)
    truth = exact_steps()
    bias = (run.filtered.mean[:, 0] - truth[:, 0]) / np.sqrt(truth[:, 1])
    size = np.sqrt(run.filtered.cov[:, 0, 0] / truth[:, 1])
    return float(np.sqrt(np.mean(bias**2))), float(size.mean())
