"""Vector autoregressions with moving averages: statsmodels' likelihoods, the dense joint distribution, the gradient."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.stats

import foglight as fog
from foglight.inference.likelihood import Likelihood

A = np.array([[[0.5, 0.1], [-0.2, 0.4]], [[0.1, 0.0], [0.3, -0.2]]])
M = np.array([[[0.4, -0.1], [0.3, 0.2]], [[0.1, 0.2], [0.0, -0.2]]])
COV = np.array([[1.0, 0.3], [0.3, 2.0]])
Z = np.random.default_rng(0).normal(size=(60, 2)).cumsum(axis=0) * 0.2
Z[5, 1] = Z[30, 0] = Z[20:23] = np.nan
# VARMAX(Z, order, trend="n") of statsmodels 0.15.0 (BSD-3), ssm.tolerance = 0, loglike at A, M and the Cholesky of COV.
STATSMODELS = {
    (1, 1): -131.9042116956276,
    (2, 1): -136.7090374935418,
    (1, 2): -136.7216391655754,
    (2, 2): -145.02998760016953,
    (0, 1): -143.79734698693935,
    (0, 2): -154.60020876564465,
}
FIRST, *OTHERS = STATSMODELS


def model(p: int, q: int, **given: Any) -> fog.Model:
    ahead = {"coefficients": A[:p]} if p else {}
    return fog.vector_autoregression(
        ("output", "prices"), p, moving_average=q, ma=M[:q], cov=COV, **ahead, **given
    )


@pytest.mark.parametrize(
    "orders", [FIRST, *[pytest.param(one, marks=pytest.mark.campaign) for one in OTHERS]], ids=str
)
def test_the_likelihood_is_that_of_statsmodels(orders: tuple[int, int]) -> None:
    run = fog.run(model(*orders), fog.Log.regular(Z, dt=1.0), keep="last")
    assert run.loglik == pytest.approx(STATSMODELS[orders], abs=1e-8)


@pytest.mark.parametrize(("p", "q"), STATSMODELS)
def test_the_start_solves_the_lyapunov_equation(p: int, q: int) -> None:
    found = model(p, q)
    n, own = len(found.state), 2 * max(p, 1)
    F, G = np.eye(n, k=-2), np.zeros((n, 2))
    F[:2], F[own : own + 2] = 0.0, 0.0
    F[:2, : 2 * p], F[:2, own:] = np.hstack([*A[:p], np.zeros((2, 0))]), np.hstack(list(M[:q]))
    G[:2] = G[own : own + 2] = np.eye(2)
    assert found.start is not None
    np.testing.assert_allclose(
        found.start.cov, scipy.linalg.solve_discrete_lyapunov(F, G @ COV @ G.T), rtol=1e-12, atol=1e-14
    )


def test_a_start_near_the_unit_circle() -> None:
    """One series, in closed form: Var y = σ² (1 + (φ + θ)²/(1 - φ²))."""
    for phi in (0.999, 1.0 - 1e-6):
        one = fog.vector_autoregression(["sales"], 1, moving_average=1, coefficients=[[[phi]]], ma=[[[0.3]]])
        assert one.start is not None
        expected = 1.0 + (phi + 0.3) ** 2 / ((1.0 - phi) * (1.0 + phi))
        assert one.start.cov[0, 0] == pytest.approx(expected, rel=1e-15 / (1.0 - phi))


def test_the_likelihood_is_that_of_the_dense_joint_distribution() -> None:
    z = np.random.default_rng(3).normal(size=(9, 2))
    z[3, 1] = z[7, 0] = z[5] = np.nan
    psi = [np.eye(2), A[0] + M[0]]
    while len(psi) < 400:
        psi.append(A[0] @ psi[-1])
    lags = [sum(a @ COV @ b.T for a, b in zip(psi[h:], psi, strict=False)) for h in range(9)]
    cov = np.block([[lags[i - j] if i >= j else lags[j - i].T for j in range(9)] for i in range(9)])
    there, means = ~np.isnan(z.ravel()), {"output_mean": 0.5, "prices_mean": -1.0}
    run = fog.run(
        model(1, 1, trend="constant").with_parameters(means), fog.Log.regular(z, dt=1.0), keep="last"
    )
    mean, cov = np.tile([0.5, -1.0], 9)[there], cov[np.ix_(there, there)]
    assert run.loglik == pytest.approx(
        scipy.stats.multivariate_normal(mean, cov).logpdf(z.ravel()[there]), rel=1e-12
    )


def test_coefficients_are_those_given() -> None:
    found, names = model(2, 2).coefficients, ("output", "prices")
    for k, i, j in np.ndindex(2, 2, 2):
        assert found[f"{names[i]}_on_{names[j]}_{k + 1}"] == pytest.approx(A[k, i, j], abs=1e-12)
        assert found[f"{names[i]}_on_{names[j]}_noise_{k + 1}"] == pytest.approx(M[k, i, j], abs=1e-12)


def test_the_gradient_includes_that_of_the_start() -> None:
    """Also where all coefficients are 0, and the start's covariance is singular."""
    likelihood = Likelihood(model(1, 1), fog.Log.regular(Z[:4], dt=1.0), fog.EKF())
    coefficients = ["partial" in name for name in likelihood.names]
    for values in (likelihood.values, np.where(coefficients, 0.0, likelihood.values)):
        ends = [[likelihood.loglik(values + s * 1e-5 * d) for s in (1.0, -1.0)] for d in np.eye(len(values))]
        slopes = [(up - down) / 2e-5 for up, down in ends]
        assert likelihood.at(values).gradient == pytest.approx(slopes, rel=1e-6, abs=1e-7)


@pytest.mark.campaign
def test_a_fit_finds_the_coefficients() -> None:
    both, _ = fog.simulate(model(1, 1), steps=2000, dt=1.0, seed=1)
    fit = fog.tune(fog.vector_autoregression(("output", "prices"), 1, moving_average=1), both, heldout=False)
    true = model(1, 1).coefficients
    for name, (value, std_error) in fit.coefficients.items():
        assert abs(value - true[name]) < 3.5 * std_error < 0.7


@pytest.mark.parametrize(
    ("orders", "given", "message"),
    [
        ((1, -1), {}, "moving_average = -1: expected a whole number of at least 0"),
        ((0, 0), {}, "order = 0: expected a whole number of at least 1"),
        ((-1, 1), {}, "order = -1: expected a whole number of at least 0"),
        ((1, 1), {"ma": [[[1.2, 0.0], [0.0, 0.1]]]}, "ma: the model is not invertible"),
        ((1, 1), {"ma": np.eye(2)}, "ma has shape (2, 2): expected (1, 2, 2)"),
        ((0, 1), {"coefficients": A[:1]}, "coefficients has shape (1, 2, 2): expected (0, 2, 2)"),
    ],
)
def test_bad_arguments_are_refused(orders: tuple[int, int], given: dict[str, Any], message: str) -> None:
    with pytest.raises(fog.ModelError) as refused:
        fog.vector_autoregression(("output", "prices"), orders[0], moving_average=orders[1], **given)
    assert str(refused.value).startswith(message)
    assert refused.value.field
