"""Sigma points on parabolas: means exact at any spread, covariances as the closed forms say.

For y = c + G d + d' A d (each component its own A), d ~ N(0, P), P = B B', a = B' A B:
mean c + tr a. Covariance of a Gaussian d: G P G' + 2 tr(a_i a_j). Of 2 n points: with the sum of squares of the
diagonals instead, γ² Σ a_kk b_kk + (β - α²) tr a tr b, γ² = α² (n + κ). With beta = 2 they agree for one state, and as
alpha goes to 0 wherever all components bend along one direction.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from oracle import models
from oracle.metrics import within

Array = NDArray[np.float64]
METHODS = [fog.UKF(alpha=a) for a in (1.0, 0.3, 1e-3, 1e-6)] + [
    fog.UKF(alpha=0.7, beta=1.5, kappa=1.0),
    fog.CKF(),
]
RNG = np.random.default_rng(141)
MEAN, COV = RNG.standard_normal(3), models.covariance(RNG, 3)
SLOPES = RNG.standard_normal((2, 3))
BENDS = np.array([(A + A.T) / 2 for A in RNG.standard_normal((2, 3, 3))])
ALONG = RNG.standard_normal(3)


def parabolas(x: Any, slopes: Array, bends: Array) -> list[Any]:
    return [
        g @ x + sum(A[i, j] * x[i] * x[j] for i in range(len(A)) for j in range(len(A)))
        for g, A in zip(slopes, bends, strict=True)
    ]


def seen(
    slopes: Array, bends: Array, method: Any, mean: Array = MEAN, cov: Array = COV
) -> tuple[Array, Array]:
    """Mean and covariance of the parabolas, as a sensor without noise would report them, from e and S."""
    n, m = len(mean), len(bends)
    names = tuple("abc"[:n])
    motion = fog.Motion(names, lambda x, dt, p: list(x), lambda x, dt, p: np.zeros((n, n)))
    sensor = fog.Sensor(
        "s",
        tuple(f"y{i}" for i in range(m)),
        lambda x, p: parabolas(x, slopes, bends),
        lambda x, p: np.eye(m),
    )
    model = fog.Model(motion, [sensor], start=fog.Belief(mean, cov=cov))
    run = fog.run(model, fog.Log.from_arrays([0.0], s=np.zeros((1, m))), method=method)
    return -run.innovation[0], run.innovation_cov[0] - np.eye(m)


def around(bends: Array, slopes: Array, mean: Array, root: Array) -> tuple[Array, Array, Array]:
    """The parabolas' values at the mean, and slopes and bends in units of the columns of the root."""
    values = np.array([g @ mean + mean @ A @ mean for g, A in zip(slopes, bends, strict=True)])
    return (
        values,
        np.array([g + 2 * A @ mean for g, A in zip(slopes, bends, strict=True)]) @ root,
        root.T @ bends @ root,
    )


def upper_root(P: Array) -> Array:
    """The upper triangular B with B B' = P: the columns of the factor."""
    return np.asarray(np.linalg.cholesky(P[::-1, ::-1])[::-1, ::-1])


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_several_states(method: Any) -> None:
    mean, cov = seen(SLOPES, BENDS, method)
    values, G, a = around(BENDS, SLOPES, MEAN, upper_root(COV))
    trace, diagonal = np.einsum("ikk->i", a), np.einsum("ikk->ik", a)
    expected = G @ G.T + method.alpha**2 * (3 + method.kappa) * diagonal @ diagonal.T
    expected += (method.beta - method.alpha**2) * np.outer(trace, trace)
    within("mean", np.abs(mean - (values + trace)), 1e-12)
    within("cov", np.abs(cov - expected), 1e-11)


@pytest.mark.parametrize("alpha", [1.0, 0.3, 1e-3, 1e-6])
def test_one_state(alpha: float) -> None:
    """Mean and covariance are those of a Gaussian through the parabolas, at any spread."""
    mean, cov = seen(SLOPES[:, :1], BENDS[:, :1, :1], fog.UKF(alpha=alpha), MEAN[:1], COV[:1, :1])
    values, G, a = around(BENDS[:, :1, :1], SLOPES[:, :1], MEAN[:1], np.sqrt(COV[:1, :1]))
    within("mean", np.abs(mean - (values + a[:, 0, 0])), 1e-13)
    within("cov", np.abs(cov - (G @ G.T + 2 * np.outer(a[:, 0, 0], a[:, 0, 0]))), 1e-13)


def test_one_direction() -> None:
    """(h·x)² in three states: exact as alpha goes to 0, and off by the order of alpha²."""
    bends = np.array([1.5, -0.4])[:, None, None] * np.outer(ALONG, ALONG)
    values, G, a = around(bends, SLOPES, MEAN, upper_root(COV))
    exact = G @ G.T + 2 * np.einsum("ikl,jkl->ij", a, a)
    off = {}
    for alpha in (1e-2, 1e-3, 1e-6):
        mean, cov = seen(SLOPES, bends, fog.UKF(alpha=alpha))
        within("mean", np.abs(mean - (values + np.einsum("ikk->i", a))), 1e-12)
        off[alpha] = np.abs(cov - exact).max()
    assert off[1e-6] < 1e-10 < off[1e-3] < off[1e-2] / 50


def test_the_first_taylor_term_is_noticed() -> None:
    """The planted defect: an EKF has neither the trace nor its square."""
    with pytest.raises(AssertionError, match="used"):
        mean, _ = seen(SLOPES, BENDS, fog.EKF())
        values, _, a = around(BENDS, SLOPES, MEAN, upper_root(COV))
        within("mean", np.abs(mean - (values + np.einsum("ikk->i", a))), 1e-12)
