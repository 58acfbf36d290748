"""`fog.vector_autoregression`: its likelihood is that of the dense joint distribution; bad arguments are refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.stats

import foglight as fog
from foglight.inference.likelihood import Likelihood

A = np.array([[[0.5, 0.1], [-0.2, 0.4]], [[0.1, 0.0], [0.3, -0.2]]])
COV = np.array([[1.0, 0.3], [0.3, 2.0]])
Z = np.random.default_rng(3).normal(size=(12, 2))


def model(**given: Any) -> fog.Model:
    return fog.vector_autoregression(("output", "prices"), 2, coefficients=A, cov=COV, **given)


def joint(rows: int) -> np.ndarray:
    """The covariance of so many rows, from that of successive values and F."""
    F, Q = np.eye(4, k=-2), np.zeros((4, 4))
    F[:2], Q[:2, :2] = np.hstack(list(A)), COV
    P = scipy.linalg.solve_discrete_lyapunov(F, Q)
    lags = [(np.linalg.matrix_power(F, h) @ P)[:2, :2] for h in range(rows)]
    return np.block([[lags[i - j] if i >= j else lags[j - i].T for j in range(rows)] for i in range(rows)])


def test_the_likelihood_is_that_of_the_dense_joint_distribution() -> None:
    z = Z.copy()
    z[3, 1] = z[7, 0] = np.nan
    z[9] = np.nan
    means = {"output_mean": 0.5, "prices_mean": -1.0}
    run = fog.run(model(trend="constant").with_parameters(means), fog.Log.regular(z, dt=1.0))
    there = ~np.isnan(z.ravel())
    mean, cov = np.tile([0.5, -1.0], 12)[there], joint(12)[np.ix_(there, there)]
    expected = scipy.stats.multivariate_normal(mean, cov).logpdf(z.ravel()[there])
    assert run.loglik == pytest.approx(expected, rel=1e-12)


def test_coefficients_are_those_given() -> None:
    found = model().coefficients
    names = ("output", "prices")
    for k, i, j in np.ndindex(2, 2, 2):
        assert found[f"{names[i]}_on_{names[j]}_{k + 1}"] == pytest.approx(A[k, i, j], abs=1e-12)
    assert [
        found["cov_output_output"],
        found["cov_prices_output"],
        found["cov_prices_prices"],
    ] == pytest.approx([1.0, 0.3, 2.0])


def test_the_gradient_includes_that_of_the_start() -> None:
    one_lag = fog.vector_autoregression(("output", "prices"), 1, coefficients=A[:1], cov=COV)
    likelihood = Likelihood(one_lag, fog.Log.regular(Z[:3], dt=1.0), fog.EKF())
    values, step = likelihood.values, 1e-5
    ends = [[likelihood.loglik(values + s * step * d) for s in (1.0, -1.0)] for d in np.eye(len(values))]
    slopes = [(up - down) / (2.0 * step) for up, down in ends]
    assert likelihood.at(values).gradient == pytest.approx(slopes, rel=1e-6, abs=1e-7)


REFUSED: list[tuple[str, Callable[[], Any], str]] = [
    (
        "order",
        lambda: fog.vector_autoregression(("a", "b"), 0),
        "order = 0: expected a whole number of at least 1",
    ),
    ("one string", lambda: fog.vector_autoregression("ab", 1), "series = 'ab': expected a tuple of names"),
    ("shape", lambda: fog.vector_autoregression(("a", "b"), 1, coefficients=np.eye(2)), "expected (1, 2, 2)"),
    (
        "explosive",
        lambda: fog.vector_autoregression(("a", "b"), 1, coefficients=[np.diag([1.0, 0.5])]),
        "not stationary",
    ),
    ("singular", lambda: fog.vector_autoregression(("a", "b"), 1, cov=np.ones((2, 2))), "cov is singular"),
    ("trend", lambda: fog.vector_autoregression(("a", "b"), 1, trend="ct"), "trend = 'ct': expected one of"),
]


@pytest.mark.parametrize(
    ("make", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_bad_arguments_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(fog.ModelError) as error:
        make()
    assert message in str(error.value)
    assert error.value.field
