"""T5: runs of up to ten million rows, in pieces of constant memory, with exact answers at chosen rows.

Between pieces the belief is handed on as its factor, so a run in pieces has the bits of one run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp, mpf

import foglight as fog
from agreement.generated_c import Compiled
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernels.filter import make_kernel, without_records
from foglight.core.errors import Status
from foglight.inference.prepare import row_values, start_carry
from oracle.matrices import Exact, exact, frobenius, identity, solve

from .compiled import unpacked
from .torture import Answer, Array

PIECE = 200_000  # rows


@dataclass(frozen=True)
class Stop:
    """What a run holds after `rows` rows, and all that its status said until then."""

    rows: int
    answer: Answer
    status: Status


def pieces(stops: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    """First row, number of rows, and whether a stop follows."""
    first = 0
    for stop in stops:
        while first < stop:
            count = min(PIECE, stop - first)
            first += count
            yield first - count, count, first == stop


class Regression:
    """Four constants seen through 16 regressors in turn, without process noise: information only grows.

    Every number has few bits, so that float32 and float64 solve the same problem: regressors are eighths, R = 1/4.
    """

    U = np.array([[1, 0.5, -0.25, 0.125], [0, 1, 0.75, -0.5], [0, 0, 1, 0.25], [0, 0, 0, 1]])
    D = np.array([64.0, 16.0, 128.0, 32.0])
    mean = np.array([0.5, -1.0, 2.0, 0.25])
    R = 0.25

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        self.H = np.rint(rng.normal(0, 8, (16, 4))) / 8
        self.z = np.rint(8 * (self.H @ [1.0, -2.0, 0.5, 3.0] + rng.normal(0, 0.5, 16))) / 8
        assert np.linalg.matrix_rank(self.H) == 4

    def model(self, first: int, rows: int, belief: fog.Belief) -> fog.Model:
        turn = np.arange(first, first + rows) % 16
        return fog.linear_model(np.eye(4), np.zeros((4, 4)), self.H[turn][:, None], [[self.R]], start=belief)

    def readings(self, first: int, rows: int) -> Array:
        return self.z[np.arange(first, first + rows) % 16][:, None]

    @property
    def start(self) -> fog.Belief:
        return fog.Belief(self.mean, factor=(self.U, self.D))

    dt = 1.0

    def information(self, rows: int) -> tuple[Exact, Exact]:
        """Y = P^-1 and Y x after a multiple of 16 rows: P0^-1 + (rows/16) sum h h'/r."""
        assert rows % 16 == 0
        U = exact(self.U)
        Y = solve((U * exact(self.D)) @ U.T, identity(4))
        y = Y @ exact(self.mean)
        H = exact(self.H)
        turns = mpf(rows) / 16 / mpf(self.R)
        return Y + H.T @ H * turns, y + H.T @ exact(self.z) * turns

    def errors(self, stop: Stop) -> tuple[float, float]:
        """||Y P - I||_F, and ex."""
        with mp.workdps(60):
            Y, y = self.information(stop.rows)
            x, (U, D) = stop.answer
            P = (exact(U) * exact(D)) @ exact(U).T
            e = exact(x) - solve(Y, y)
            return frobenius(Y @ P - identity(4)), float(mp.sqrt(e @ Y @ e))

    def least_news(self, stop: Stop) -> float:
        """The smallest (S - r)/S of the 16 measurements that come next."""
        _, (U, D) = stop.answer
        spread = ((self.H @ U) ** 2 * D).sum(axis=1)
        return float((spread / (spread + self.R)).min())


@dataclass(frozen=True)
class Velocity:
    """Constant velocity with process noise of density q, steps of dt, R = 1: a covariance that settles."""

    dt: float
    q: float

    start = fog.Belief([0.25, -0.5], std=[2.0, 1.0])

    def model(self, first: int, rows: int, belief: fog.Belief) -> fog.Model:
        motion = fog.motion.constant_velocity("x", accel=float(np.sqrt(self.q)))
        return fog.Model(motion, [fog.sensing.linear("tape", of="x", std=1.0)], belief)

    def readings(self, first: int, rows: int) -> Array:
        return np.sin(np.arange(first, first + rows) * 0.37)[:, None]

    def matrices(self, kind: type = np.float64) -> tuple[Any, Any, Any, Any]:
        """F, Q, H, R as this float type holds dt and the density."""
        dt = mpf(float(kind(self.dt)))
        q = mpf(float(kind(np.sqrt(self.q)))) ** 2
        F = np.array([[mpf(1), dt], [mpf(0), mpf(1)]])
        Q = q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
        return F, Q, np.array([[1.0, 0.0]]), np.array([[1.0]])


Problem = Regression | Velocity


def in_float64(problem: Problem, stops: Sequence[int]) -> list[Stop]:
    """Through `run`, compiled; a row that is refused raises."""
    belief, found = problem.start, []
    for first, rows, stops_here in pieces(stops):
        log = fog.Log.regular(problem.readings(first, rows), dt=problem.dt)
        model = problem.model(first, rows, belief)
        run = fog.run(model, log, method=fog.KF(), start_time=-problem.dt, keep="last")
        belief = run.belief
        if stops_here:
            found.append(Stop(first + rows, (belief.mean, belief.factor), Status(0)))
    return found


def in_float32(problem: Problem, stops: Sequence[int], library: Compiled) -> list[Stop]:
    """Through exported C. The status is that of all rows so far."""
    kernel, found = library.kernel, []
    n = len(problem.start.mean)
    single = np.float32
    start = problem.model(0, 2, problem.start)
    carry = np.array([[*start_carry(start, fog.KF()), 0.0, 0.0]], single)
    parameters = np.array([float(v) for v in start.parameters.values()], single)
    for first, rows, stops_here in pieces(stops):
        model = problem.model(first, rows, problem.start)
        given = Arrays(
            np.full(rows, problem.dt, single),
            np.zeros((1, rows, 0), single),
            row_values(model, rows)[None].astype(single),
            problem.readings(first, rows)[None].astype(single),
            parameters,
            carry,
        )
        carry, _ = library.run(given)
        if stops_here:
            answer = unpacked(carry[0].astype(float), n)
            found.append(Stop(first + rows, answer, Status(int(carry[0, -1]))))
    assert kernel.width == 0
    return found


def compiled(problem: Problem, folder: Path) -> Compiled:
    """The problem's float32 kernel without records, as C."""
    kernel = make_kernel(problem.model(0, 2, problem.start), fog.KF(), "float32")
    return Compiled(without_records(kernel), folder, ("-O2",))


@cache
def regression() -> Regression:
    return Regression()
