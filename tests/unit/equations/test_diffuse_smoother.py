"""One backward step with unknown directions, on numbers and on symbols, against generalised least squares."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import diffuse, diffuse_smoother, smoother
from foglight.equations.gaussian import Factored
from unit.both import BOTH, Call
from unit.gaussians import close, gaussian

pytestmark = pytest.mark.parametrize("way", BOTH)
Array = NDArray[np.float64]
N = 4


class Case:
    """x = m + A c + N(0, P), with c unknown; x' = F x + w. Given x' = y + δ, the mean of x is m + G δ."""

    def __init__(self, seed: int, d: int = 2) -> None:
        rng = np.random.default_rng(seed)
        self.d = d
        self.x, self.U, self.D = gaussian(rng, N)
        self.A, self.w = rng.normal(size=(N, d)), rng.uniform(0.5, 2.0, d)
        self.F, self.y = rng.normal(size=(N, N)), rng.normal(size=N)
        self.Q = Factored(rng.normal(size=(N, N)), rng.uniform(0.1, 1.0, N))
        self.after, self.U_s, self.D_s = gaussian(rng, N)
        self.xi = rng.uniform(0.5, 1.5, N)
        self.P_s = (self.U_s * self.D_s) @ self.U_s.T

    def exact(self) -> tuple[Array, Array]:
        """G and the covariance of x given x', where x' determines all of c."""
        P = (self.U * self.D) @ self.U.T
        S = self.F @ P @ self.F.T + (self.Q.G * self.Q.variances) @ self.Q.G.T
        B, G = self.F @ self.A, np.linalg.solve(S, self.F @ P).T
        rest, information = self.A - G @ B, B.T @ np.linalg.solve(S, B)
        least_squares = np.linalg.solve(information, np.linalg.solve(S, B).T)
        cov = P - G @ S @ G.T + rest @ np.linalg.solve(information, rest.T)
        return G + rest @ least_squares, cov

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.x, self.U, self.D, self.A, self.w, self.F, self.Q.G, self.Q.variances, self.y

    @staticmethod
    def given(x: Any, U: Any, D: Any, A: Any, w: Any, F: Any, G: Any, v: Any, y: Any) -> Any:
        belief = diffuse.Belief(x, U, D, A, w)
        ordinary = smoother.given_next(smoother.linearised(belief.known, y, F, Factored(G, v)))
        return diffuse_smoother.given_next(belief, ordinary, F)


def scale(P: Array) -> Array:
    deviations = np.sqrt(np.diag(P))
    return np.outer(deviations, deviations)


def smoothed(way: Call, case: Case, later: Array, weights: Array, angles: tuple[int, ...] = ()) -> Any:
    """x, U, D, A, w of the smoothed belief, and the columns."""

    def step(after: Any, U_s: Any, D_s: Any, A_s: Any, w_s: Any, *rest: Any) -> Any:
        ahead = diffuse.Belief(after, U_s, D_s, A_s, w_s)
        new, columns = diffuse_smoother.smoothed(rest[0], case.given(*rest), ahead, angles)
        return *new, columns

    found = way(step, case.after, case.U_s, case.D_s, later, weights, *case.arguments)
    return [np.array(part, float) for part in found]


@pytest.mark.parametrize("angles", [(), (1,)])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_next_state_determines_unknown_directions(way: Call, d: int, angles: tuple[int, ...]) -> None:
    case = Case(d, d)
    case.after[:2] += 5.0  # beyond half a turn
    difference = case.after - case.y
    for i in angles:
        difference[i] = math.remainder(difference[i], 2.0 * math.pi)
    G, cov = case.exact()
    x, U, D, A, w, columns = smoothed(way, case, np.zeros((N, d)), np.zeros(d), angles)
    P = cov + G @ case.P_s @ G.T
    np.testing.assert_allclose(x, case.x + G @ difference, rtol=1e-9, atol=1e-10)
    close((U * D) @ U.T, P, scale(P), 1e-9)
    np.testing.assert_allclose(columns, G @ case.U_s, rtol=1e-8, atol=1e-10)
    assert (A == 0.0).all() and A.shape == (N, d) and (w == 0.0).all()


@pytest.mark.parametrize("angles", [(), (1,)])
def test_a_draw_has_the_conditional_mean_and_covariance(way: Call, angles: tuple[int, ...]) -> None:
    case = Case(5)
    case.after[:2] += 5.0
    difference = case.after - case.y
    for i in angles:
        difference[i] = math.remainder(difference[i], 2.0 * math.pi)
    G, cov = case.exact()

    def step(after: Any, xi: Any, *rest: Any) -> Any:
        return diffuse_smoother.drawn(rest[0], case.given(*rest), after, xi, angles)

    mean, *ends = (
        np.array(way(step, case.after, xi, *case.arguments), float) for xi in (np.zeros(N), *np.diag(case.xi))
    )
    np.testing.assert_allclose(mean, case.x + G @ difference, rtol=1e-9, atol=1e-10)
    columns = (np.array(ends) - mean).T / case.xi
    close(columns @ columns.T, cov, scale(cov), 1e-9)
    assert (np.tril(columns, -1) == 0.0).all() and (np.diag(columns) > 0.0).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_stays_unknown_ahead_was_unknown_before(way: Call, seed: int) -> None:
    """x' = … + F A M g leaves x = … + A M g, whatever else is known; a direction of weight 0 ahead has weight 0."""
    case = Case(10 + seed)
    M = np.random.default_rng(seed).normal(size=(2, 2))
    M[:, 1] = 0.0
    later = case.F @ case.A @ M
    before = later.copy()
    *_, A, w, _ = smoothed(way, case, later, np.array([0.7, 0.0]))
    np.testing.assert_array_equal(later, before)
    np.testing.assert_allclose(A, case.A @ M, rtol=1e-10, atol=1e-11)
    assert (A[:, 1] == 0.0).all() and w.tolist() == [0.7, 0.0]


def test_what_the_motion_forgets_stays_unknown(way: Call) -> None:
    """The second direction does not enter x' and stays unknown; everything else is as if it did not exist."""
    case = Case(20)
    case.A[:, 1] = [0.5, 0.0, 0.0, -1.25]
    case.F[:, 3] = 0.4 * case.F[:, 0]
    assert np.abs(case.F @ case.A[:, 1]).max() <= 1e-15
    x, U, D, A, _, columns = smoothed(way, case, np.zeros((N, 2)), np.zeros(2))
    assert (A[:, 0] == 0.0).all() and (A[1:3, 1] == 0.0).all()
    np.testing.assert_allclose(A[:, 1], case.A[:, 1], rtol=1e-12)
    case.A = case.A[:, :1]
    G, cov = case.exact()
    P = cov + G @ case.P_s @ G.T
    np.testing.assert_allclose(x, case.x + G @ (case.after - case.y), rtol=1e-9, atol=1e-10)
    close((U * D) @ U.T, P, scale(P), 1e-9)
    np.testing.assert_allclose(columns, G @ case.U_s, rtol=1e-8, atol=1e-10)


def test_the_remaining_belief_of_the_coefficients(way: Call) -> None:
    case = Case(30)

    def step(*rest: Any) -> Any:
        found = case.given(*rest)
        columns, weights = found.left()
        return found.c.w, found.c.A, found.B, found.A_bar, columns, weights, found.given.C, found.given.U_p

    w, left, B, A_bar, columns, weights, C, U_p = (
        np.array(part, float) for part in way(step, *case.arguments)
    )
    np.testing.assert_allclose(B, np.linalg.solve(U_p, case.F @ case.A), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(A_bar, case.A - C @ B, rtol=1e-10, atol=1e-12)
    assert (w == 0.0).all() and (left == 0.0).all()
    _, cov = case.exact()
    assert columns.shape == (N, N + 2) and weights.shape == (N + 2,)
    close((columns * weights) @ columns.T, cov, scale(cov), 1e-9)


def test_exact_readings_of_unknown_directions_add_no_variance(way: Call) -> None:
    """x' = F x without noise, and no state known before: x follows from x' and is as certain."""
    case = Case(40, N)
    case.D[:], case.Q = 0.0, Factored(np.zeros((N, 1)), np.zeros(1))
    x, U, D, A, _, columns = smoothed(way, case, np.zeros((N, N)), np.zeros(N))
    back = np.linalg.inv(case.F)
    np.testing.assert_allclose(x, case.x + back @ (case.after - case.y), rtol=1e-9, atol=1e-10)
    P = back @ case.P_s @ back.T
    close((U * D) @ U.T, P, scale(P), 1e-9)
    np.testing.assert_allclose(columns, back @ case.U_s, rtol=1e-8, atol=1e-10)
    assert (A == 0.0).all()


@pytest.mark.parametrize("rest", [2.0**-40, 2.0**-46])
def test_substitution_removes_rounding(way: Call, rest: float) -> None:
    """1 - (1 - 2^-40) is more than rounding, 1 - (1 - 2^-46) is not: 64 · 2 · 2^-52 · 2 = 2^-44."""
    U, columns = np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([[1.0, 3.0], [2.0 * (1.0 - rest), 4.0]])
    found = np.array(way(diffuse_smoother._substituted, U, columns), float)
    assert found.tolist() == [[rest if rest > 2.0**-44 else 0.0, 1.0], columns[1].tolist()]
