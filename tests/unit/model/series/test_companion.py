"""The map onto stationary vector autoregressions, and the joint distribution of their successive values."""

import numpy as np
import pytest
import scipy.linalg

from foglight.model.series import companion

COV = np.array([[1.0, 0.3, -0.2], [0.3, 2.0, 0.4], [-0.2, 0.4, 0.7]])


def moves(order: int, m: int = 3) -> list[np.ndarray]:
    return list(np.random.default_rng(order).normal(size=(order, m, m)))


def process(W: list[np.ndarray]) -> companion.Autoregression:
    L = np.linalg.cholesky(COV[: len(W[0]), : len(W[0])])
    return companion.autoregression(W, L, np.linalg.inv(L))


def lyapunov(A: list[np.ndarray], size: int) -> np.ndarray:
    m = len(A[0])
    F, Q = np.eye(m * size, k=-m), np.zeros((m * size, m * size))
    F[:m, : m * len(A)], Q[:m, :m] = np.hstack(A), COV[:m, :m]
    return np.asarray(scipy.linalg.solve_discrete_lyapunov(F, Q))


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("m", [1, 3])
def test_any_matrices_make_a_stationary_process_and_are_found_again(order: int, m: int) -> None:
    W = moves(order, m)
    A = [a.astype(float) for a in process(W).coefficients]
    F = np.eye(m * order, k=-m)
    F[:m] = np.hstack(A)
    assert np.abs(np.linalg.eigvals(F)).max() < 1.0
    found = companion.moves_of(A, COV[:m, :m])
    assert found is not None
    assert np.allclose(found, W, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("size", [2, 4])
def test_the_window_solves_the_lyapunov_equation(size: int) -> None:
    found = process(moves(2))
    root = companion.window(found, size).astype(float)
    assert np.allclose(
        root @ root.T, lyapunov([a.astype(float) for a in found.coefficients], size), rtol=1e-9
    )


def test_one_series_has_a_partial_autocorrelation() -> None:
    (phi,) = process([np.array([[2.0]])]).coefficients
    assert phi[0, 0] == pytest.approx(2.0 / np.sqrt(5.0))


def test_an_explosive_process_has_no_such_matrices() -> None:
    assert companion.moves_of([np.diag([0.5, 1.0])], np.eye(2)) is None
