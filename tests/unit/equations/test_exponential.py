"""Linear differential equations over a step, against matrix exponentials computed elsewhere and to more digits."""

import numpy as np
import pytest
from scipy.linalg import expm

from foglight.equations import exponential
from foglight.equations.gaussian import Factored
from unit.van_loan import van_loan

TURN = np.array([[-0.2, 1.5, 0.3], [-1.1, 0.1, -0.4], [0.6, 0.0, -0.9]])
NOISE = Factored(np.array([[0.0, 1.0], [1.0, 0.5], [0.2, 0.0]]), np.array([0.3, 2.0]))


@pytest.mark.parametrize("doublings", [0, 1, 6])
def test_the_exponential_and_its_integral(doublings: int) -> None:
    h = 0.2
    flows = exponential.flows(TURN, h, doublings)
    assert len(flows) == doublings + 1
    for k, found in enumerate(flows):
        block = expm(h * 2**k * np.block([[TURN, np.eye(3)], [np.zeros((3, 6))]]))
        size = np.abs(block).max()
        assert found.S == pytest.approx(block[:3, 3:], abs=2e-15 * size * 2**k)
        assert found.Phi == pytest.approx(block[:3, :3], abs=4e-15 * size * 2**k)


@pytest.mark.parametrize("doublings", [0, 1, 6])
def test_the_noise_is_that_of_van_loan(doublings: int) -> None:
    h = 0.2
    found = exponential.gathered_noise(TURN, NOISE, h, doublings)
    _, Q = van_loan(TURN, NOISE.cov, h * 2.0**doublings)
    spread = np.sqrt(np.diag(Q))
    assert np.abs((found.cov - Q) / np.outer(spread, spread)).max() < 1e-14
    assert (found.variances >= 0.0).all()


@pytest.mark.parametrize("T", [1e-6, 1e-2, 1.0, 1e3, 1e9])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_chain_of_integrators_needs_no_doubling(n: int, T: float) -> None:
    """White noise integrated n times: Q_ij = T^(a+b+1) / ((a+b+1) a! b!) with a = n-1-i, b = n-1-j, at any T."""
    A = np.diag(np.ones(n - 1), k=1)
    Q = exponential.gathered_noise(A, Factored(np.eye(n)[:, -1:], np.ones(1)), T, 0, nodes=n).cov
    a = np.arange(n)[::-1]
    factorial = np.cumprod([1, *range(1, n)])[a].astype(float)
    power = a[:, None] + a + 1.0
    assert Q == pytest.approx(T**power / (power * np.outer(factorial, factorial)), rel=4e-15)


def test_small_noise_keeps_its_digits() -> None:
    """Two of four states are reached only through others: their variances are of order h³ and h⁵."""
    A = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-3.0, -2.0, -0.7]])
    Q = exponential.gathered_noise(A, Factored(np.eye(3)[:, -1:], np.ones(1)), 1e-4 / 8.0, 3).cov
    assert Q == pytest.approx(van_loan(A, np.diag([0.0, 0.0, 1.0]), 1e-4)[1], rel=1e-14)


def test_a_stiff_part_keeps_its_digits() -> None:
    """x1 follows x2 within 10 µs, in steps of 0.1 s: doubled 15 times."""
    fast, T, doublings = 1e5, 0.1, 15
    A, W = np.array([[-fast, fast], [0.0, -1.0]]), Factored(np.array([[0.0], [1.0]]), np.ones(1))
    share = fast / (fast - 1.0)
    found = exponential.flows(A, T / 2**doublings, doublings)[-1].Phi
    assert found == pytest.approx(np.exp(-T) * np.array([[0.0, share], [0.0, 1.0]]), rel=1e-11)
    slow, mixed, settled = -0.5 * np.expm1(-2.0 * T), 1.0 / (fast + 1.0), 0.5 / fast
    first = share**2 * (slow - 2.0 * mixed + settled)
    both = share * (slow - mixed)
    Q = exponential.gathered_noise(A, W, T / 2**doublings, doublings).cov
    assert Q == pytest.approx(np.array([[first, both], [both, slow]]), rel=1e-11)
