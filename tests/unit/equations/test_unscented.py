"""Sigma points in differences, on numbers and on symbols, against points and weights as they are usually written."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import unscented
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief, Factored
from oracle import plain
from unit.both import BOTH, Call
from unit.curved import Curved, full_noise, noise, straight
from unit.gaussians import close, gaussian, independent

pytestmark = pytest.mark.parametrize("way", BOTH)
Array = NDArray[np.float64]
YES, NO = np.bool_(True), np.bool_(False)


def transformed(
    f: Curved, x: Array, U: Array, D: Array, alpha: float, beta: float, kappa: float
) -> tuple[Array, Array, Array]:
    """Mean, covariance and cross-covariance by points and weights as Julier & Uhlmann write them."""
    n = len(x)
    total = alpha**2 * (n + kappa)
    root = U * np.sqrt(D * total)
    points = [x, *(x + root.T), *(x - root.T)]
    weights = np.full(2 * n + 1, 0.5 / total)
    weights[0] = 1.0 - n / total
    values = np.array([f(p) for p in points])
    mean = weights @ values
    weights[0] += 1.0 - alpha**2 + beta
    deviations, moves = values - mean, np.array(points) - x
    return mean, (weights * deviations.T) @ deviations, (weights * moves.T) @ deviations


CHOICES = [(0.7, 2.0, 0.5), (1.0, 0.0, 0.0), (1.0, 2.0, -1.0), (0.9, 0.81, 1.0)]


@pytest.mark.parametrize("choice", CHOICES)
def test_sigma_points_predict_as_the_unscented_transform(way: Call, choice: tuple[float, ...]) -> None:
    rng = np.random.default_rng(3)
    n = 3
    x, U, D = gaussian(rng, n)
    D = D / D.max()
    f, Q, weights = Curved(rng, n, n), noise(rng, n), unscented.Weights.of(n, *choice)
    mean, U_new, D_new = way(
        lambda x, U, D, G, v: unscented.predict(Belief(x, U, D), f.spread, Factored(G, v), weights, ()),
        x, U, D, Q.G, Q.variances,
    )  # fmt: skip
    expected, P, _ = transformed(f, x, U, D, *choice)
    P = P + (Q.G * Q.variances) @ Q.G.T
    scale = np.sqrt(np.outer(np.diag(P), np.diag(P)))
    np.testing.assert_allclose(mean, expected, rtol=1e-12)
    close((U_new * D_new) @ U_new.T, P, scale, 1e-11)


@pytest.mark.parametrize("used", [[0, 1], [1], []])
@pytest.mark.parametrize("choice", CHOICES)
def test_sigma_points_update_as_the_unscented_transform(
    way: Call, choice: tuple[float, ...], used: list[int]
) -> None:
    rng = np.random.default_rng(5)
    n, m = 3, 2
    x, U, D = gaussian(rng, n)
    D = D / D.max()
    h, R, weights = Curved(rng, n, m), full_noise(rng, m), unscented.Weights.of(n, *choice)
    mean, S, C = transformed(h, x, U, D, *choice)
    S = S + R
    z = mean + rng.normal(size=m)
    flags = [YES if i in used else NO for i in range(m)] if len(used) < m else [True] * m

    def step(x: Any, U: Any, D: Any, z: Any, R: Any, used: list[Any]) -> Any:
        belief = Belief(x, U, D)
        new, info = unscented.update(belief, h.spread, h.linearise, lambda v: z - v, R, used, weights, ())
        return *new, *info[:7]

    readings = np.where(np.isin(np.arange(m), used), z, math.nan)
    x_new, U_new, D_new, e, S_new, K, nis, ll, faults, white = way(step, x, U, D, readings, R, flags)
    assert not any(faults)
    P = (U * D) @ U.T
    scale = np.sqrt(np.diag(P))
    S, C, e_used = S[np.ix_(used, used)], C[:, used], (z - mean)[used]
    gain = np.linalg.solve(S, C.T).T if used else C
    close(x_new, x + gain @ e_used, scale, 1e-11)
    close((U_new * D_new) @ U_new.T, P - gain @ S @ gain.T, np.outer(scale, scale), 1e-11)
    np.testing.assert_allclose(e[used], e_used, rtol=1e-11)
    np.testing.assert_allclose(S_new[np.ix_(used, used)], S, rtol=1e-11)
    np.testing.assert_array_equal(S_new, S_new.T)
    np.testing.assert_allclose(K[:, used], gain, rtol=1e-9, atol=1e-11)
    absent = [i for i in range(m) if i not in used]
    assert not K[:, absent].any() and not e[absent].any()
    expected = e_used @ np.linalg.solve(S, e_used) if used else 0.0
    assert abs(nis - expected) < 1e-11
    complete = len(used) * math.log(2 * math.pi) + np.linalg.slogdet(S)[1] + expected if used else 0.0
    assert abs(ll + 0.5 * complete) < 1e-11
    last_first = [m - 1 - i for i in reversed(used)]
    apart = independent(e_used[::-1], S[::-1, ::-1], R[::-1, ::-1], last_first, m)[:, ::-1]
    np.testing.assert_allclose(np.array(white, float), apart, rtol=1e-9, atol=1e-11)


def test_weights_of_the_unscented_transform(way: Call) -> None:
    square, theta = unscented.Weights.of(3, 0.5, 2.0, 1.0)
    assert square == 1.0
    assert abs(theta - (1.0 - math.sqrt(1.0 + 1.75 * 3.0)) / 3.0) < 1e-16
    for alpha, kappa in ((0.0, 1.0), (0.5, -3.0), (0.5, -4.0)):
        with pytest.raises(ValueError, match=r"alpha² \(n \+ kappa\) = -?[\d.]+ for n = 3 states must be"):
            unscented.Weights.of(3, alpha, 2.0, kappa)
    with pytest.raises(ValueError, match=r"alpha=1, beta=0, kappa=-1 put a negative weight on the centre"):
        unscented.Weights.of(3, 1.0, 0.0, -1.0)
    # (beta - alpha²) n = -alpha² (n + kappa): the centre is left out, to rounding.
    for off in (-1e-13, 0.0, 1e-13):
        square, theta = unscented.Weights.of(4, 1.0, off, 0.0)
        assert abs(theta - 1.0) < 1e-6
    for beta in (-2e-12, -1.005e-12):
        with pytest.raises(ValueError, match="negative weight"):
            unscented.Weights.of(4, 1.0, beta, 0.0)
    assert unscented.Weights.of(4, 1.0, -0.995e-12, 0.0).theta == 1.0


def test_angles_deviate_by_less_than_a_turn(way: Call) -> None:
    weights = unscented.Weights.of(2, 1.0, 2.0, 1.0)
    centre = np.array([0.5, 3.0, 7.0])
    s = np.array([[0.2, -0.1], [0.4, 0.6], [0.3, 0.7]])
    d = np.array([[5.0, 7.0], [3.0, -4.0], [9.0, 0.5]])
    before = s.copy(), d.copy()
    mean, columns = way(lambda c, s, d: unscented.moments(c, s, d, weights, (1,)), centre, s, d)
    np.testing.assert_array_equal(before, (s, d))
    plus, minus = wrap(s[1] + d[1]), wrap(s[1] - d[1])
    assert np.any(plus != s[1] + d[1])
    s[1], d[1] = (plus + minus) / 2, (plus - minus) / 2
    mu = s.sum(axis=1) / 3.0
    expected = centre + mu
    expected[1] = wrap(expected[1])
    assert abs(expected[1]) < math.pi < centre[1] + mu[1] + math.pi
    np.testing.assert_allclose(mean, expected, rtol=1e-14)
    np.testing.assert_allclose(columns, np.hstack([d, s - weights.theta * mu[:, None]]), rtol=1e-13)


def test_a_straight_function_has_no_curved_columns(way: Call) -> None:
    weights = unscented.Weights.of(2, 1.0, 2.0, 1.0)
    d = np.array([[1.0, 2.0], [3.0, 5.0]])
    mean, columns = way(lambda c, d: unscented.moments(c, 0.0 * d, d, weights, ()), np.array([1.0, 2.0]), d)
    assert columns.shape == (2, 2) and mean.tolist() == [1.0, 2.0]
    for s in (np.array([[0.0, 0.0], [0.0, 0.5]]), np.array([[0.0, 0.5], [0.0, 0.0]])):
        _, columns = way(lambda s, d: unscented.moments(np.array([1.0, 2.0]), s, d, weights, ()), s, d)
        assert columns.shape == (2, 4)


def test_points_lie_gamma_deviations_away(way: Call) -> None:
    _, U, D = gaussian(np.random.default_rng(2), 3)
    weights = unscented.Weights.of(3, 0.5, 2.0, 1.5)
    columns = way(lambda U, D: unscented.points(Belief(D, U, D), weights), U, D)
    np.testing.assert_allclose(columns @ columns.T, weights.square * (U * D) @ U.T, rtol=1e-13)
    np.testing.assert_array_equal(np.tril(columns, -1), 0.0)


def test_sigma_points_leave_out_components_that_are_rounding(way: Call) -> None:
    """x0 + x1/3 is known exactly. Measured without noise and with another last digit, it adds nothing."""
    third = 1.0 / 3.0
    x, D = np.array([3.0, 3.0, 1.0]), np.array([1e-310, 2.0, 0.5])
    U = np.array([[1.0, -third, 0.25], [0.0, 1.0, -0.75], [0.0, 0.0, 1.0]])
    U[0, 2] = -third * U[1, 2]
    H = np.array([[0.3, 0.1, 1.0], [1.0, math.nextafter(third, 1.0), 0.0]])
    R, z, weights = (
        np.diag([0.5, 0.0]),
        H @ x + np.array([0.7, 1e-15]),
        unscented.Weights.of(3, 1.0, 2.0, 0.0),
    )

    def step(x: Any, U: Any, D: Any, R: Any, z: Any) -> Any:
        spread, linearise = straight(np.array(H, x.dtype))
        belief, used = Belief(x, U, D), [True, True]
        (x, U, D), info = unscented.update(belief, spread, linearise, lambda v: z - v, R, used, weights, ())
        return x, (U * D) @ U.T, info.faults

    x_new, P_new, faults = way(step, x, U, D, R, z)
    assert [bool(v) for v in faults] == [False, False, True, False]
    P = (U * D) @ U.T
    x_plain, P_plain, _, _ = plain.update(x, P, z[:1] - H[:1] @ x, H[:1], R[:1, :1])
    np.testing.assert_allclose(x_new, x_plain, rtol=1e-12)
    np.testing.assert_allclose(P_new, P_plain, rtol=1e-11, atol=1e-13)


def test_two_components_that_agree_do_not_contradict(way: Call) -> None:
    """z0 = 2 z1 without noise: after z1, z0 does not contradict the state unless it differs."""
    x, D = np.array([0.5, 0.25, 3.0]), np.array([4.0, 2.0, 3.0])
    U = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    H, weights = np.array([[2.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), unscented.Weights.of(3, 1.0, 2.0, 1.0)

    def step(x: Any, U: Any, D: Any, e: Any) -> Any:
        spread, linearise = straight(np.array(H, x.dtype))
        R = np.full((2, 2), 0.0, x.dtype)
        belief, used = Belief(x, U, D), [True, True]
        new, info = unscented.update(belief, spread, linearise, lambda v: e, R, used, weights, ())
        return new.x, info.faults

    x_new, faults = way(step, x, U, D, np.array([3.0, 1.5]))
    assert not faults[1] and abs(x_new[0] - x[0] - 1.5) < 1e-14
    assert way(step, x, U, D, np.array([3.0, 1.6]))[1][1]


@pytest.mark.parametrize("slope", [math.inf, math.nan])
def test_sigma_points_do_without_a_derivative(way: Call, slope: float) -> None:
    """Where h has no derivative, nothing counts as rounding, however small the variances are."""
    x, U, D = gaussian(np.random.default_rng(9), 2)
    D = D * 1e-40
    H, R, weights = np.array([[1.0, 2.0]]), np.array([[1e-41]]), unscented.Weights.of(2, 1.0, 2.0, 0.0)

    def step(x: Any, U: Any, D: Any, R: Any, e: Any, slopes: Any) -> Any:
        spread, _ = straight(np.array(H, x.dtype))
        new, info = unscented.update(
            Belief(x, U, D), spread, lambda x: (H @ x, slopes), lambda v: e, R, [True], weights, ()
        )
        return new.x, info.faults

    e = np.array([1e-20])
    P = (U * D) @ U.T
    x_new, faults = way(step, x * 1e-20, U, D, R, e, np.array([[slope, slope]]))
    expected = plain.update(x * 1e-20, P, e, H, R)[0]
    np.testing.assert_allclose(x_new, expected, rtol=1e-11)
    assert not any(faults)


def test_a_covariance_of_three_components_is_symmetric_to_the_bit(way: Call) -> None:
    rng = np.random.default_rng(11)
    for _ in range(5):
        x, U, D = gaussian(rng, 4)
        h, R, weights = Curved(rng, 4, 3), full_noise(rng, 3), unscented.Weights.of(4, 1.0, 2.0, 0.0)

        def step(x: Any, U: Any, D: Any, R: Any, h: Any = h, weights: Any = weights) -> Any:
            belief, used = Belief(x, U, D), [True] * 3
            return unscented.update(belief, h.spread, h.linearise, lambda v: v, R, used, weights, ())[1].S

        S = np.array(way(lambda *given: (step(*given),), x, U, D, R)[0])
        np.testing.assert_array_equal(S, S.T)
