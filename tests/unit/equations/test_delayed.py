"""A regression on an unknown start, on numbers, on symbols and on whole arrays, against generalised least squares."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import delayed, diffuse
from unit.both import BOTH, Call
from unit.gaussians import close, gaussian

Array = NDArray[np.float64]
N, D, ROWS = 5, 2, 4


def scale(P: Array) -> Array:
    deviations = np.sqrt(np.diag(P))
    return np.outer(deviations, deviations)


@pytest.mark.parametrize("way", BOTH)
@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("r", [0.7, 0.0])
def test_the_rows_of_the_triangle_are_least_squares(way: Call, waits: bool, r: float) -> None:
    """x = m + A c + N(0, P): readings h'x + N(0, r), with c unknown, and what is known of x after them.

    waits: whether the readings tell the directions hardly apart, so that the belief follows from the regression."""
    rng = np.random.default_rng(1)
    x, U, D_ = gaussian(rng, N)
    A = rng.normal(size=(N, D))
    H, z = rng.normal(size=(ROWS, N)), rng.normal(size=ROWS)
    if waits:  # the second reading is all but the first one
        H[1] = H[0] + 1e-4 * H[1]

    def steps(x: Any, U: Any, D_: Any, A: Any, H: Any, z: Any) -> Any:
        belief = delayed.delayed(diffuse.Belief(x, U, D_, A, np.ones(D)))
        said = []
        for h, value in zip(H, z, strict=True):
            e, e0 = value - h @ belief.x, value - h @ belief.x0
            new, eps, S, _, absorbed = belief.take(h, r, e, e0, True, 0.0, 0.0)
            belief = new.settled(belief)
            said += [eps, S, absorbed * 1.0]
        return belief.x, belief.U, belief.D, belief.waiting, said

    mean, factor, variances, waiting, said = way(steps, x, U, D_, A, H, z)
    P = (U * D_) @ U.T
    S = H @ P @ H.T + r * np.eye(ROWS)
    X, e = H @ A, z - H @ x
    information = X.T @ np.linalg.solve(S, X)
    c = np.linalg.solve(information, X.T @ np.linalg.solve(S, e))
    K = np.linalg.solve(S, H @ P).T
    rest = A - K @ X
    cov = P - K @ S @ K.T + rest @ np.linalg.solve(information, rest.T)
    expected = x + A @ c + K @ (e - X @ c)
    mean, factor, variances = (np.array(part, float) for part in (mean, factor, variances))
    found = (factor * variances) @ factor.T
    close(found, cov, scale(cov) + scale(P), 1e-6)
    np.testing.assert_allclose(mean, expected, rtol=1e-5, atol=1e-6)
    eps, variance, absorbed = np.array(said, float).reshape(ROWS, 3).T
    assert absorbed.tolist() == [1.0, 1.0, 0.0, 0.0] and float(waiting) >= 0.0
    # The limit of the density: what is absorbed counts by its variance alone, everything else as a density.
    logdet = np.linalg.slogdet(S)[1] + np.linalg.slogdet(information)[1]
    square = e @ np.linalg.solve(S, e - X @ c)
    assert np.log(variance).sum() == pytest.approx(logdet, rel=1e-7, abs=1e-7)
    assert (eps**2 / variance)[2:].sum() == pytest.approx(square, rel=1e-6, abs=1e-8)
