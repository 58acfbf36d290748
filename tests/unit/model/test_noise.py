"""Process noise against 70-digit quadrature of its continuous model, for steps from picoseconds to decades."""

import doctest
from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import foglight
from foglight import ModelError
from foglight.equations.gaussian import Factored
from foglight.model import noise
from foglight.model.special_functions import phis
from unit.traced import Traced

STEPS = (1e-12, 1e-6, 3e-3, 1.0, 7e2, 1e9)
TIMES = (1e-6, 1e-2, 1.3, 1e6)
TARGET = 1e-12  # relative, entry by entry
SMALLEST = 1e-290  # entries that underflow are not compared
NOTHING = 1e-60  # a correlation below this has decayed to nothing; the quadrature is accurate to 1e-70

Responses = Sequence[Callable[[Any], Any]]


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(70):
        yield


def responses(kind: str, tau: Any) -> tuple[Any, Responses]:
    """Density 1 for std = 1, and each state's response at age u to a unit impulse of the white noise."""
    if kind == "white_acceleration":
        return 1, [lambda u: u, lambda u: 1]
    if kind == "white_jerk":
        return 1, [lambda u: u**2 / 2, lambda u: u, lambda u: 1]
    if kind == "ornstein_uhlenbeck":
        return 2 / tau, [lambda u: mp.exp(-u / tau)]
    if kind == "sway":  # x'' + 2 x'/tau + x/tau² = w
        return 4 / tau**3, [lambda u: u * mp.exp(-u / tau), lambda u: (1 - u / tau) * mp.exp(-u / tau)]
    assert kind == "singer"
    return 2 / tau, [
        lambda u: tau**2 * (u / tau - 1 + mp.exp(-u / tau)),
        lambda u: -tau * mp.expm1(-u / tau),
        lambda u: mp.exp(-u / tau),
    ]


def exact(kind: str, dt: float, tau: float) -> Any:
    """Q = density ∫ g gᵀ du over the step, by quadrature on intervals that follow the decay."""
    T, tau = mp.mpf(dt), mp.mpf(tau)
    density, g = responses(kind, tau)
    knots = [mp.mpf(0), *[tau * k for k in (1, 4, 16, 64, 256) if tau * k < T], T]
    Q = mp.matrix(len(g))
    for i in range(len(g)):
        for j in range(i + 1):
            product = lambda u, i=i, j=j: g[i](u) * g[j](u)  # noqa: E731
            Q[i, j] = Q[j, i] = density * mp.quad(product, knots, method="gauss-legendre")
    return Q


def worst(found: Factored, Q: Any) -> float:
    """The largest relative error of an entry of G diag(v) Gᵀ, multiplied out in 70 digits."""
    G, v = mp.matrix(found.G.tolist()), mp.diag([mp.mpf(float(x)) for x in found.variances])
    P = G * v * G.T
    errors = []
    for i in range(Q.rows):
        for j in range(Q.cols):
            if Q[i, i] > SMALLEST and Q[j, j] > SMALLEST:
                size = mp.sqrt(Q[i, i] * Q[j, j])
                errors.append(float(abs(P[i, j] - Q[i, j]) / max(abs(Q[i, j]), NOTHING * size)))
    assert errors
    return max(errors)


DECAYING = {"ornstein_uhlenbeck": noise.ornstein_uhlenbeck, "sway": noise.sway, "singer": noise.singer}


@pytest.mark.parametrize(
    "tau", [*TIMES[::2], *[pytest.param(tau, marks=pytest.mark.campaign) for tau in TIMES[1::2]]]
)
@pytest.mark.parametrize("kind", DECAYING)
def test_decaying_noise_is_exact_at_every_step(kind: str, tau: float) -> None:
    for dt in STEPS:
        assert worst(DECAYING[kind](dt, tau, 1.0), exact(kind, dt, tau)) < TARGET, dt


@pytest.mark.parametrize("kind", ["sway", "singer"])
def test_nothing_breaks_where_the_formulas_change(kind: str) -> None:
    """On both sides of every threshold the entries are exact and the pivots positive."""
    for ratio in [0.5 - 2**-54, 0.5, 1 - 2**-53, 1.0, 1 + 2**-52, 0.3, 0.8, 1.7, 3.0, 12.0]:
        found = DECAYING[kind](ratio * 0.7, 0.7, 1.0)
        assert (found.variances > 0).all()
        assert worst(found, exact(kind, ratio * 0.7, 0.7)) < TARGET, ratio


@pytest.mark.parametrize("dt", STEPS)
def test_polynomial_noise_is_exact_at_every_step(dt: float) -> None:
    assert worst(noise.white_acceleration(dt, 1.0), exact("white_acceleration", dt, 1.0)) < TARGET
    assert worst(noise.white_jerk(dt, 1.0), exact("white_jerk", dt, 1.0)) < TARGET


def test_singer_agrees_with_van_loan() -> None:
    """An independent reference: the matrix exponential of the augmented system (Van Loan 1978)."""
    dt, tau, std = 1.9, 1.3, 0.6
    A = mp.matrix([[0, 1, 0], [0, 0, 1], [0, 0, -1 / mp.mpf(tau)]])
    M = mp.matrix(6)
    M[0:3, 0:3], M[3:6, 3:6] = -A, A.T
    M[2, 5] = 2 * mp.mpf(std) ** 2 / mp.mpf(tau)
    E = mp.expm(M * mp.mpf(dt))
    Q = E[3:6, 3:6].T * E[0:3, 3:6]
    assert worst(noise.singer(dt, tau, std), Q) < 1e-13


@pytest.mark.parametrize(
    "t", [0.0, 1e-300, 1e-18, 1e-9, 1e-3, 0.4, 1 - 2**-53, 1.0, 1.001, 7.0, 60.0, 1e4, 1e15]
)
def test_decay_and_its_integrals(t: float) -> None:
    for k, found in enumerate(phis(t, 5)):
        expected = mp.hyp1f1(1, k + 1, -mp.mpf(t)) / mp.factorial(k) if k else mp.exp(-mp.mpf(t))
        if expected > SMALLEST:
            assert abs(float(found / expected) - 1) < 1e-14, k


@pytest.mark.parametrize("kind", DECAYING)
def test_symbols_give_the_same_noise_and_no_nan(kind: str) -> None:
    """The compiled Program: value and derivative by dt, on both sides of the thresholds and at dt = 0."""

    def both(dt: Any, tau: Any, std: Any) -> list[Any]:
        found = DECAYING[kind](dt, tau, std)
        return [*found.G.ravel(), *found.variances]

    traced = Traced(both, 3)
    for dt, tau in [(0.0, 1.0), (1e-12, 1e6), (1e-3, 1.0), (0.4, 0.7), (0.7, 0.7), (5.0, 0.7), (1e9, 1e-6)]:
        values, slopes = traced(dt, tau, 1.5)
        assert np.isfinite(values).all() and np.isfinite(slopes).all(), (dt, tau)
        expected = np.array(both(dt, tau, 1.5), dtype=float)
        np.testing.assert_allclose(values, expected, rtol=2e-14, atol=0, err_msg=f"{dt} {tau}")


@pytest.mark.parametrize("kind", DECAYING)
def test_slopes_by_step_match_across_the_threshold(kind: str) -> None:
    """d variances / d dt from the Program against 70-digit differentiation of the exact first pivot."""
    traced = Traced(lambda dt: [DECAYING[kind](dt, 1.0, 1.0).variances[-1]], 1)
    for dt in (0.3, 0.4999, 0.5001, 0.9, 1.1, 3.0):
        _, slopes = traced(dt)
        last = len(responses(kind, mp.mpf(1))[1]) - 1
        density, g = responses(kind, mp.mpf(1))
        expected = density * g[last](mp.mpf(dt)) ** 2  # d/dT of ∫₀ᵀ g² du
        assert abs(slopes[0, 0] - float(expected)) < 1e-13


def test_piecewise_acceleration_has_rank_one() -> None:
    found = noise.piecewise_acceleration(0.3, 2.5)
    assert found.G.shape == (2, 1)
    dt = 0.3
    np.testing.assert_allclose(
        found.cov, 2.5 * np.array([[dt**4 / 4, dt**3 / 2], [dt**3 / 2, dt**2]]), rtol=1e-15
    )


def test_stack_and_interleave_place_blocks() -> None:
    a, b = noise.white_acceleration(0.3, 2.0), noise.white_acceleration(0.3, 5.0)
    zero = np.zeros((2, 2))
    np.testing.assert_array_equal(noise.stack(a, b).cov, np.block([[a.cov, zero], [zero, b.cov]]))
    order = [0, 2, 1, 3]
    np.testing.assert_array_equal(noise.interleave(a, b).cov, noise.stack(a, b).cov[np.ix_(order, order)])
    mixed = noise.stack(noise.random_walk(2.0, 3.0), noise.piecewise_acceleration(1.0, 4.0))
    np.testing.assert_array_equal(mixed.cov, [[6, 0, 0], [0, 1, 2], [0, 2, 4]])


def test_factored_refuses_shapes_that_do_not_fit() -> None:
    with pytest.raises(ModelError, match=r"G has shape \(2, 1\) and variances \(2,\).*one column of G"):
        noise.factored([[0.5], [1.0]], [1.0, 2.0])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: noise.factored("a", [1.0]), "G = 'a': expected numbers"),
        (lambda: noise.factored([[1.0], [1.0, 2.0]], [1.0]), "G = .*equal length"),
        (lambda: noise.factored([[1.0]], ["b"]), "variances = .*expected numbers"),
        (lambda: noise.independent([[3.0]]), r"variances has shape \(1, 1\).*Write \[0.25\]"),
        (lambda: noise.stack(noise.random_walk(1.0, 1.0), np.eye(2)), "part 1 = (?s:.*)noise.factored"),
    ],
)
def test_anything_but_noise_is_refused(made: Callable[[], Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        made()


def test_examples_in_the_docstrings() -> None:
    result = doctest.testmod(noise, extraglobs={"fog": foglight})
    assert result.attempted >= 8 and result.failed == 0
