"""The Runge-Kutta method and the noise gathered over its substeps, against other solvers and against its order."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from foglight.equations import runge_kutta
from foglight.equations.gaussian import Factored

X = np.array([1.1, -0.4, 0.7])


def slope(x: NDArray[Any]) -> NDArray[Any]:
    return np.array([x[1], -2.0 * np.sin(x[0]) - 0.3 * x[1] + x[2], -0.5 * x[2] + 0.1 * x[0] * x[1]])


def jacobian(x: NDArray[Any]) -> NDArray[Any]:
    return np.array([[0.0, 1.0, 0.0], [-2.0 * np.cos(x[0]), -0.3, 1.0], [0.1 * x[1], 0.1 * x[0], -0.5]])


def density(x: NDArray[Any]) -> Factored:
    """Two disturbances, one of them of a direction and a strength that depend on the state."""
    return Factored(np.array([[0.0, 0.3], [1.0, 0.2 * x[0]], [0.5, 0.0]]), np.array([0.4, 0.1 + x[1] ** 2]))


def moments(x: NDArray[Any], T: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """x(T) and P(T) of dx/dt = f and dP/dt = A P + P Aᵀ + W, by another method of order 8."""

    def both(_: float, y: NDArray[Any]) -> NDArray[Any]:
        m, P = y[:3], y[3:].reshape(3, 3)
        A = jacobian(m)
        return np.concatenate([slope(m), (A @ P + P @ A.T + density(m).cov).ravel()])

    found = solve_ivp(both, (0.0, T), np.append(x, np.zeros(9)), "DOP853", rtol=1e-13, atol=1e-16)
    return found.y[:3, -1], found.y[3:, -1].reshape(3, 3)


def test_a_substep_by_hand() -> None:
    """dx/dt = x in one substep: the series of e^h up to h⁴; and its slope at the start."""
    y, first = runge_kutta.substep(lambda x: x, np.array([3.0]), 0.5)
    assert y == pytest.approx([3.0 * (1.0 + 0.5 + 0.125 + 0.125 / 6.0 + 0.0625 / 24.0)], rel=1e-15)
    assert first == [3.0]


def test_the_mean_is_of_order_four() -> None:
    x, _ = moments(X, 1.0)
    errors = [np.abs(runge_kutta.flow(slope, X, 1.0 / n, n) - x).max() for n in (8, 16, 32)]
    assert errors[-1] < 1e-7
    assert np.all((np.divide(errors[:-1], errors[1:]) > 12.0) & (np.divide(errors[:-1], errors[1:]) < 22.0))


def test_the_noise_is_of_order_four() -> None:
    _, P = moments(X, 1.0)
    found = [runge_kutta.gathered_noise(slope, jacobian, density, X, 1.0 / n, n).cov for n in (8, 16, 32)]
    errors = [np.abs(Q - P).max() for Q in found]
    assert errors[-1] < 1e-7 * P.max()
    assert np.all((np.divide(errors[:-1], errors[1:]) > 12.0) & (np.divide(errors[:-1], errors[1:]) < 22.0))


def test_the_transition_is_the_derivative_of_the_mean() -> None:
    """Both by the same method: equal to rounding, not only to its order."""
    both = runge_kutta.variational(slope, jacobian)
    Phi = runge_kutta.flow(both, np.column_stack([X, np.eye(3)]), 0.25, 2)[:, 1:]
    step = 1e-6
    for k, e in enumerate(np.eye(3) * step):
        up, down = (runge_kutta.flow(slope, X + s * e, 0.25, 2) for s in (1.0, -1.0))
        assert Phi[:, k] == pytest.approx((up - down) / (2.0 * step), abs=1e-9)


@pytest.mark.parametrize("count", [1, 3])
def test_a_chain_of_three_integrators_is_exact(count: int) -> None:
    A = np.diag([2.0, 3.0], k=1)
    W = Factored(np.array([[0.1], [0.2], [1.0]]), np.array([0.7]))
    Q = runge_kutta.gathered_noise(lambda x: A @ x, lambda x: A, lambda x: W, X, 0.8 / count, count).cov
    block = expm(0.8 * np.block([[-A, W.cov], [np.zeros((3, 3)), A.T]]))
    assert Q == pytest.approx(block[3:, 3:].T @ block[:3, 3:], rel=1e-13)


@pytest.mark.parametrize("h", [1e-9, 0.1, 2.0, 6.0])
def test_the_noise_is_a_covariance_even_where_it_is_inaccurate(h: float) -> None:
    Q = runge_kutta.gathered_noise(slope, jacobian, density, X, h, 3)
    assert (Q.variances >= 0.0).all() and len(Q.variances) == 18
    spread = np.sqrt(np.diag(Q.cov))
    assert np.linalg.eigvalsh(Q.cov / np.outer(spread, spread)).min() > -1e-14
