"""The torture cases T1 to T4 and T6: linear problems that defeat the covariance form, with exact answers.

Every case can be asked in any state order and in any power-of-two units; the exact answer is computed once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from oracle import models, recursion
from oracle.metrics import Reference

Array = NDArray[np.float64]
Factor = tuple[Array, Array]
Answer = tuple[Array, Factor]  # mean and (U, D) of one row


@dataclass(frozen=True)
class Problem:
    """F, Q constant, H (T, m, n), R constant, a start that is not predicted, measurements (T, m)."""

    F: Array
    Q: Array
    H: Array
    R: Array
    mean: Array
    cov: Array
    z: Array

    def seen_as(self, order: Sequence[int], states: Sequence[int], measurements: Sequence[int]) -> "Problem":
        """The same problem with state i the old state order[i], in units 2^states[old] and 2^measurements."""
        s = 2.0 ** np.array(states)[list(order)]
        t = 2.0 ** np.array(measurements)
        ix = np.ix_(order, order)
        return Problem(
            s[:, None] * self.F[ix] / s,
            s[:, None] * self.Q[ix] * s,
            t[:, None] * self.H[:, :, order] / s,
            t[:, None] * self.R * t,
            s * self.mean[order],
            s[:, None] * self.cov[ix] * s,
            t * self.z,
        )


@dataclass(frozen=True)
class Case:
    """A problem and its exact filtered beliefs, one per row."""

    problem: Problem
    exact: tuple[Reference, ...]


@cache
def solved(make: Callable[..., Problem], *arguments: Any, digits: int) -> Case:
    """The problem make(*arguments) and its exact answer."""
    problem = make(*arguments)
    rows = recursion.filter_rows(
        problem.F, problem.Q, problem.H, problem.R, problem.mean, problem.cov, problem.z, digits=digits
    )
    return Case(problem, tuple(Reference(row.mean, row.cov, row.predicted_cov, digits) for row in rows))


def bierman(e: float, rows: int) -> Problem:
    """T1: P0 = I/e^2, H = [1, e] and [1, 1], R = 1; both in one row, or one after the other in two."""
    H = np.array([[1.0, e], [1.0, 1.0]])
    z = np.array([1.5, -0.75])
    if rows == 2:
        return static(H[:, None, :], np.eye(1), np.eye(2) / e**2, z[:, None])
    return static(H[None], np.eye(2), np.eye(2) / e**2, z[None])


def dyer_mcreynolds(d: float) -> Problem:
    """T2: two measurements that differ by d only, R = d^2 I; z is the noise-free image of (1, 1, 1)."""
    H = np.array([[[1, 1, 1], [1, 1, 1 + d]]])
    return static(H, d**2 * np.eye(2), np.eye(3), np.array([[3, 3 + d]]))


def precise(n: int, r: float, dense: bool) -> Problem:
    """T3: one measurement of variance r under a full prior; of one state, or of a mixture of all."""
    rng = np.random.default_rng(30 + n)
    cov = models.covariance(rng, n)
    mixture = rng.uniform(0.3, 1.7, n) * np.where(np.arange(n) % 2, -1, 1)
    H = mixture[None, None] if dense else np.eye(1, n)[None]
    return static(H, np.full((1, 1), r), cov, np.array([[0.7]]))


def trend(n: int, k: float) -> Problem:
    """T4: a chain of n - 1 integrations seen through its level, start k I, full process noise, 10 rows."""
    F = np.array([[1, 1, 0.5], [0, 1, 1], [0, 0, 1.0]])[:n, :n]
    Q = np.array([[0.5, 0.2, 0.1], [0.2, 0.4, 0.15], [0.1, 0.15, 0.3]])[:n, :n]
    z = np.array([0.3, 1.9, 2.2, 4.7, 5.1, 4.4, 7.9, 8.2, 10.6, 11.3])[:, None]
    H = np.broadcast_to(np.eye(1, n), (10, 1, n))
    return Problem(F, Q, H, np.eye(1), np.zeros(n), k * np.eye(n), z)


def near_unobservable(n: int, d: float) -> Problem:
    """T6: 20 measurements of one sum of n states, whose weights differ by parts of d from row to row; R = d^2."""
    rng = np.random.default_rng(60 + n)
    H = 1 + d * rng.uniform(-1, 1, (20, 1, n))
    cov = 4 * models.covariance(rng, n)
    z = H @ rng.normal(0, 2, n) + d * rng.standard_normal((20, 1))
    return static(H, np.full((1, 1), d**2), cov, z)


def static(H: Array, R: Array, cov: Array, z: Array) -> Problem:
    """A state that does not move and is not disturbed; the start is 0."""
    n = len(cov)
    return Problem(np.eye(n), np.zeros((n, n)), np.asarray(H, float), R, np.zeros(n), cov, z)


def through_run(p: Problem) -> list[Answer]:
    """Filtered mean and factor of every row, from one `run`."""
    H = p.H[0] if (p.H == p.H[0]).all() else p.H
    model = fog.linear_model(p.F, p.Q, H, p.R, start=fog.Belief(p.mean, cov=p.cov))
    run = fog.run(model, fog.Log.regular(p.z, dt=1.0), method=fog.KF())
    U, D = run.filtered.factor
    return [(run.filtered.mean[k], (U[k], D[k])) for k in range(len(p.z))]


def through_calls(p: Problem) -> list[Answer]:
    """The same from chained `predict` and `update`, belief by belief."""
    belief = fog.Belief(p.mean, cov=p.cov)
    out = []
    for k, z in enumerate(p.z):
        if k:
            belief = fog.predict(belief, F=p.F, Q=p.Q)
        belief, _ = fog.update(belief, z=z, H=p.H[k], R=p.R)
        out.append((belief.mean, belief.factor))
    return out


ROUTES: dict[str, Callable[[Problem], list[Answer]]] = {
    "run": through_run,
    "calls": through_calls,
}
