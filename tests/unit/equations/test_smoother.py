"""The equations of one backward step, on numbers and on symbols, against the plain formulas of the smoother."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import smoother, unscented
from foglight.equations.gaussian import Belief, Factored
from unit.both import BOTH, Call
from unit.curved import Curved, noise
from unit.gaussians import close, gaussian

pytestmark = pytest.mark.parametrize("way", BOTH)
Array = NDArray[np.float64]
N = 3


class Case:
    """A Gaussian, a linear motion with noise of lower rank, and what is known of the state after it."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.x, self.U, self.D = gaussian(rng, N)
        self.F, self.y = rng.normal(size=(N, N)), rng.normal(size=N)
        self.Q = noise(rng, N)
        self.after, self.U_s, self.D_s = gaussian(rng, N)
        self.xi = rng.uniform(0.5, 1.5, N)
        self.P, self.P_s = (self.U * self.D) @ self.U.T, (self.U_s * self.D_s) @ self.U_s.T
        self.P_p = self.F @ self.P @ self.F.T + (self.Q.G * self.Q.variances) @ self.Q.G.T
        self.gain = np.linalg.solve(self.P_p, self.F @ self.P).T
        self.left = self.P - self.gain @ self.P_p @ self.gain.T

    def given(self, x: Any, U: Any, D: Any, G: Any, v: Any, y: Any) -> Any:
        return smoother.given_next(smoother.linearised(Belief(x, U, D), y, self.F, Factored(G, v)))

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.x, self.U, self.D, self.Q.G, self.Q.variances, self.y


def scale(P: Array) -> Array:
    deviations = np.sqrt(np.diag(P))
    return np.outer(deviations, deviations)


def test_state_and_next_state_are_columns_with_shared_weights(way: Call) -> None:
    case = Case(1)
    y, columns, weights, sizes = way(
        lambda x, U, D, G, v, y: tuple(smoother.linearised(Belief(x, U, D), y, case.F, Factored(G, v))),
        *case.arguments,
    )
    np.testing.assert_array_equal(np.array(y, float), case.y)
    joint = (columns * weights) @ columns.T
    both = np.block([[case.P, case.P @ case.F.T], [case.F @ case.P, case.P_p]])
    close(np.asarray(joint, float), both, scale(both))
    np.testing.assert_allclose(np.array(sizes, float), case.y**2 + (case.F**2) @ case.x**2, rtol=1e-13)


@pytest.mark.parametrize("angles", [(), (1,)])
def test_a_backward_step_has_the_gain_of_the_smoother(way: Call, angles: tuple[int, ...]) -> None:
    """m + G (x_s - y) and P + G (P_s - P_p) G', G = P F' / P_p; the covariance of both states is P_s G'."""
    case = Case(2)
    case.after[:2] += 5.0  # beyond half a turn
    difference = case.after - case.y
    for i in angles:
        difference[i] = math.remainder(difference[i], 2.0 * math.pi)

    def step(after: Any, U_s: Any, D_s: Any, *rest: Any) -> Any:
        given, later = case.given(*rest), Belief(after, U_s, D_s)
        (x, U, D), columns = smoother.smoothed(rest[0], given, later, angles)
        return x, U, D, smoother.lag_one(later, columns), smoother.away(given, after, angles)

    x, U, D, lag, away = way(step, case.after, case.U_s, case.D_s, *case.arguments)
    P = case.left + case.gain @ case.P_s @ case.gain.T
    np.testing.assert_allclose(np.array(away, float), difference, rtol=1e-13)
    np.testing.assert_allclose(np.array(x, float), case.x + case.gain @ difference, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(np.tril(np.asarray(U, float)), np.eye(N))
    close(np.asarray((U * D) @ U.T, float), P, scale(P), 1e-11)
    lag_one = case.P_s @ case.gain.T
    close(np.asarray(lag, float), lag_one, np.sqrt(np.outer(np.diag(case.P_s), np.diag(P))), 1e-11)


@pytest.mark.parametrize("angles", [(), (1,)])
def test_a_draw_has_the_conditional_mean_and_covariance(way: Call, angles: tuple[int, ...]) -> None:
    case = Case(3)
    case.after[:2] += 5.0
    difference = case.after - case.y
    for i in angles:
        difference[i] = math.remainder(difference[i], 2.0 * math.pi)

    def step(after: Any, xi: Any, *rest: Any) -> Any:
        return smoother.drawn(rest[0], case.given(*rest), after, xi, angles)

    mean, *ends = (
        np.array(way(step, case.after, xi, *case.arguments), float)
        for xi in (np.zeros(N), *(np.eye(N) * case.xi))
    )
    np.testing.assert_allclose(mean, case.x + case.gain @ difference, rtol=1e-11, atol=1e-11)
    columns = (np.array(ends) - mean).T / case.xi
    close(columns @ columns.T, case.left, scale(case.P), 1e-11)
    assert (np.tril(columns, -1) == 0.0).all() and (np.diag(columns) >= 0.0).all() and columns.any()


@pytest.mark.parametrize("angles", [(), (0,)])
def test_points_are_correlated_with_the_state_and_predict_as_the_filter_does(
    way: Call, angles: tuple[int, ...]
) -> None:
    case, weights = Case(4), unscented.Weights.of(N, 0.3, 2.0, 0.0)
    f = Curved(np.random.default_rng(5), N, N)
    f.a[0] += 3.5

    def step(x: Any, U: Any, D: Any, G: Any, v: Any) -> Any:
        belief, Q = Belief(x, U, D), Factored(G, v)
        joint = smoother.paired(belief, f.spread, f.linearise, Q, weights, angles)
        return *joint, *unscented.predict(belief, f.spread, Q, weights, angles)

    y, columns, shared, sizes, mean, U_p, D_p = way(step, *case.arguments[:5])
    np.testing.assert_array_equal(np.array(y, float), np.array(mean, float))
    P_p, across = np.asarray((U_p * D_p) @ U_p.T, float), f.slope(case.x) @ case.P
    both = np.block([[case.P, across.T], [across, P_p]])
    joint = np.asarray((columns * shared) @ columns.T, float)
    same = [i for i in range(2 * N) if i - N not in angles]  # points apart by more than a turn are wrapped
    close(joint[np.ix_(same, same)], both[np.ix_(same, same)], scale(both)[np.ix_(same, same)])
    close(joint[N:, N:], P_p, scale(P_p))
    at = np.array(y, float)
    np.testing.assert_allclose(np.array(sizes, float), at**2 + (f.slope(case.x) ** 2) @ case.x**2, rtol=1e-13)


@pytest.mark.parametrize("j", [0, 1])
def test_a_direction_that_varies_by_less_than_rounding_has_no_information(way: Call, j: int) -> None:
    """The floor of n = 2 states: (32 · 2 · 2^-52)² = 2^-92 of the squares of the terms of the mean."""
    sizes = np.array([64.0, 4.0])
    floor = 2.0**-92 * sizes[j]

    def step(columns: Any, weights: Any, sizes: list[Any]) -> Any:
        return tuple(smoother.given_next(smoother.Joint(np.zeros(2), columns, weights, sizes)))

    for variance, kept in ((floor, True), (np.nextafter(floor, 0.0), False)):
        columns, weights = np.eye(4), np.ones(4)
        columns[0, 2 + j], weights[2 + j] = 0.5, variance
        _, U_p, D_p, C, U_c, D_c = way(step, columns, weights, sizes.tolist())
        assert D_p[j] == (variance if kept else 0.0) and D_p[1 - j] == 1.0
        assert C[0, j] == (0.5 if kept else 0.0) and C[1, j] == C[0, 1 - j] == C[1, 1 - j] == 0.0
        # What is left out of x' is still part of the variance of x.
        assert D_c[0] == (1.0 if kept else 1.0 + 0.25 * variance) and D_c[1] == 1.0
        np.testing.assert_array_equal(np.array([U_p, U_c], float), [np.eye(2)] * 2)
