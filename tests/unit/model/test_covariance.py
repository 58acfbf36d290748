"""Covariances given in full: the right rank, the right digits in any unit, and an error for other matrices."""

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight import ModelError
from foglight.model.covariance import factor_covariance, factor_rows

U = 2.0**-53


def random_covariance(rng: np.random.Generator, n: int, rank: int) -> NDArray[np.float64]:
    """Of rank `rank`: variances over six decades, computed in floating point, units over a range of 2^200."""
    G, v = rng.normal(size=(n, rank)), 10.0 ** rng.uniform(-3, 3, rank)
    S = np.diag(2.0 ** rng.integers(-100, 100, n))
    Q: NDArray[np.float64] = S @ ((G * v) @ G.T) @ S
    return np.triu(Q) + np.triu(Q, 1).T


def test_rank_and_digits_of_singular_covariances() -> None:
    rng = np.random.default_rng(5)
    for n in (2, 3, 4, 6):
        for rank in range(1, n + 1):
            for _ in range(15):
                Q = random_covariance(rng, n, rank)
                G, v = factor_covariance(Q, "Q")
                assert G.shape == (n, rank) and (v > 0).all()
                size = np.sqrt(np.outer(np.diag(Q), np.diag(Q)))
                assert np.abs(((G * v) @ G.T - Q) / size).max() < 4 * n * U


def test_units_change_no_digit() -> None:
    rng = np.random.default_rng(6)
    for n, rank in ((2, 2), (3, 2), (5, 5)):
        Q = random_covariance(rng, n, rank)
        k = rng.integers(-50, 50, n)
        G, v = factor_covariance(Q, "Q")
        G_scaled, v_scaled = factor_covariance(np.ldexp(np.ldexp(Q, k[:, None]), k), "Q")
        pivots = [int(np.flatnonzero(G[:, c] == 1.0)[0]) for c in range(rank)]
        np.testing.assert_array_equal(G_scaled, np.ldexp(G, k[:, None] - k[pivots]))
        np.testing.assert_array_equal(v_scaled, np.ldexp(v, 2 * k[pivots]))


def test_a_slightly_negative_eigenvalue_is_indefinite() -> None:
    """A rank-deficient correlation matrix minus 1e-6 times its null direction is always refused."""
    rng = np.random.default_rng(7)
    for n in (2, 3, 4, 6):
        for _ in range(20):
            Q = random_covariance(rng, n, n - 1)
            s = np.sqrt(np.diag(Q))
            C = Q / np.outer(s, s)
            null = np.linalg.eigh(C)[1][:, 0]
            bad = (C - 1e-6 * np.outer(null, null)) * np.outer(s, s)
            with pytest.raises(ModelError, match=r"Q\[\d,\d\] makes Q indefinite: -?\d.* relative, n = "):
                factor_covariance((bad + bad.T) / 2, "Q")


def test_diagonals_and_zeros() -> None:
    G, v = factor_covariance(np.diag([4.0, 0.0, 9.0]), "P")
    assert G.tolist() == [[1, 0], [0, 0], [0, 1]] and v.tolist() == [4.0, 9.0]
    G, v = factor_covariance(np.zeros((2, 2)), "P")
    assert G.shape == (2, 0) and v.shape == (0,)


def test_rows_are_factored_one_by_one() -> None:
    rng = np.random.default_rng(8)
    Q = np.array([random_covariance(rng, 3, rank) for rank in (3, 1, 2)])
    G, v = factor_rows(Q, "Q")
    assert G.shape == (3, 3, 3) and (v > 0).sum(axis=1).tolist() == [3, 1, 2]
    for k in range(3):
        alone, variances = factor_covariance(Q[k], "Q")
        np.testing.assert_array_equal(G[k][:, v[k] > 0], alone)
        np.testing.assert_array_equal(v[k][v[k] > 0], variances)
    Q[2, 1, 1] *= -1.0
    with pytest.raises(ModelError, match=r"Q\[2,1,1\] = -.*a variance must be >= 0") as caught:
        factor_rows(Q, "Q")
    assert caught.value.field == "Q" and caught.value.index == (2, 1, 1) and caught.value.value == Q[2, 1, 1]


def test_small_asymmetry_is_averaged() -> None:
    P = np.array([[4.0, 1.0], [1.0 + 1e-11, 9.0]])
    G, v = factor_covariance(P, "P")
    assert abs(((G * v) @ G.T)[0, 1] - (1.0 + 5e-12)) < 1e-15
