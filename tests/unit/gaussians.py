"""Gaussians drawn as factors, rows that measure them, innovations made independent, how close two covariances are."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def gaussian(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    """A mean and a full factor, and what they are a factor of."""
    U = np.triu(rng.normal(size=(n, n)), 1) + np.eye(n)
    D = 10.0 ** rng.uniform(-2, 2, n)
    return rng.normal(size=n), U, D


def close(a: Array, b: Array, scale: Array, tolerance: float = 1e-12) -> None:
    """Entry by entry, relative to the standard deviations."""
    assert a.shape == b.shape
    assert np.all(np.abs(a - b) <= tolerance * scale), np.max(np.abs(a - b) / scale)


def pattern(rng: np.random.Generator, n: int, kind: str) -> Array:
    """A row that sees every state, one of them, or the first and the last."""
    h = rng.normal(size=n)
    if kind == "one":
        h[np.arange(n) != n // 2] = 0.0
    elif kind == "two":
        h[1:-1] = 0.0
    return h


def independent(e: Array, S: Array, R: Array, used: list[int], m: int) -> Array:
    """(3, m): innovations made independent in their order, their variances, and how much of these is noise.

    With the triangular roots of S and R: e = L ε, and the squares of their diagonals. 0, 1, 1 where not used.
    """
    result = np.array([np.zeros(m), np.ones(m), np.ones(m)])
    if used:
        C = np.linalg.cholesky(S)
        result[0, used] = np.linalg.solve(C, e) * C.diagonal()
        result[1, used] = C.diagonal() ** 2
        result[2, used] = np.linalg.cholesky(R[np.ix_(used, used)]).diagonal() ** 2
    return result
