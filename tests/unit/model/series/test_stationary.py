"""The map onto stationary coefficients, and the joint distribution of successive values of an autoregression."""

import numpy as np
import pytest
import scipy.linalg

from foglight.model.series import stationary

PARTIALS = [[0.7], [-0.9], [0.5, -0.3], [0.2, 0.9, -0.6], [0.99, -0.98, 0.5, 0.1]]


def companion(phi: list[float]) -> np.ndarray:
    F = np.eye(len(phi), k=-1)
    F[0] = phi
    return F


@pytest.mark.parametrize("partials", PARTIALS, ids=str)
def test_coefficients_are_stationary_and_lead_back(partials: list[float]) -> None:
    phi = stationary.coefficients(partials)
    assert np.abs(np.linalg.eigvals(companion(phi))).max() < 1.0
    assert stationary.partials(phi) == pytest.approx(partials, rel=1e-9)


@pytest.mark.parametrize(
    "phi", [[1.0], [-1.2], [1.2, -0.1], [0.5, 1.0], [2.0, -1.0], [float("nan")]], ids=str
)
def test_coefficients_that_are_not_stationary_have_no_partials(phi: list[float]) -> None:
    assert stationary.partials(phi) is None


@pytest.mark.parametrize("partials", PARTIALS, ids=str)
@pytest.mark.parametrize("size", [1, 4, 6])
def test_the_window_solves_the_lyapunov_equation(partials: list[float], size: int) -> None:
    phi = stationary.coefficients(partials)
    longest = max(size, len(phi))
    F = companion([*phi, *[0.0] * (longest - len(phi))])
    Q = np.zeros_like(F)
    Q[0, 0] = 1.0
    expected = scipy.linalg.solve_discrete_lyapunov(F, Q)[:size, :size]
    U, D = (part.astype(float) for part in stationary.window(phi, size))
    assert np.allclose(U * D @ U.T, expected, rtol=1e-9, atol=1e-9 * expected[0, 0])
    assert (np.tril(U) == np.eye(size)).all()


def test_a_product_of_polynomials() -> None:
    found = stationary.product([0.5, -0.2], [0.3, 0.1], 4)
    season = np.zeros(9)
    season[[0, 4, 8]] = [1.0, -0.3, -0.1]
    assert found == pytest.approx(-np.convolve([1.0, -0.5, 0.2], season)[1:])
