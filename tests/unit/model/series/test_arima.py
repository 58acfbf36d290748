"""`fog.arima`: its likelihood is that of the dense joint distribution, and bad arguments are refused by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats

import foglight as fog
from foglight.compiler.engine.gradient_engine import gradient_of
from foglight.inference.likelihood import Likelihood
from foglight.methods.diffuse_start import Diffuse
from foglight.model.model import unknown_directions

Z = np.random.default_rng(5).normal(size=40).cumsum()


def regular(z: np.ndarray, **inputs: Any) -> fog.Log:
    return fog.Log.regular(z[:, None], dt=1.0, **inputs)


def autocovariances(phi: list[float], theta: list[float], std: float, count: int) -> np.ndarray:
    """γ_0 … of an ARMA process, from its moving average of infinite order, cut off where it has died away."""
    psi = np.zeros(3000)
    for k in range(len(psi)):
        psi[k] = float(k == 0) + sum(t for j, t in enumerate(theta, 1) if j == k)
        psi[k] += sum(f * psi[k - j] for j, f in enumerate(phi, 1) if j <= k)
    return np.array([std**2 * psi[: len(psi) - h] @ psi[h:] for h in range(count)])


def test_the_likelihood_is_that_of_the_dense_joint_distribution() -> None:
    model = fog.arima((2, 0, 1), trend="linear", ar=[0.5, 0.2], ma=[0.4], std=1.5)
    model = model.with_parameters({"mean": 1.0, "slope": -0.2})
    gamma = autocovariances([0.5, 0.2], [0.4], 1.5, len(Z))
    k = np.arange(len(Z))
    there = (k < 7) | (k > 11)
    mean, cov = 1.0 - 0.2 * k[there], gamma[abs(k[:, None] - k)][np.ix_(there, there)]
    run = fog.run(model, regular(np.where(there, Z, np.nan)))
    assert run.loglik == pytest.approx(scipy.stats.multivariate_normal(mean, cov).logpdf(Z[there]), rel=1e-12)


def test_differences_are_those_of_the_series() -> None:
    """With nothing known of the first values, the likelihood is that of the differences, and 2π for each of them."""
    model = fog.arima((0, 1, 1), (0, 1, 0, 4), ma=[-0.4], std=1.5)
    w = np.diff(Z[4:] - Z[:-4])
    gamma = autocovariances([], [-0.4], 1.5, len(w))
    k = np.arange(len(w))
    expected = scipy.stats.multivariate_normal(np.zeros(len(w)), gamma[abs(k[:, None] - k)]).logpdf(w)
    run = fog.run(model, regular(Z))
    assert run.absorbed == 5
    assert run.loglik + 2.5 * np.log(2.0 * np.pi) == pytest.approx(expected, rel=1e-12)


def test_a_regression_is_subtracted() -> None:
    u = np.sin(np.arange(40.0))
    with_price = fog.arima((1, 0, 0), regression={"price": 2.5}, ar=[0.6])
    plain = fog.arima((1, 0, 0), ar=[0.6])
    expected = fog.run(plain, regular(Z - 2.5 * u)).loglik
    assert fog.run(with_price, regular(Z, u={"price": u})).loglik == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        fog.arima((2, 0, 1), ar=[0.5, 0.2], ma=[0.4]),
        fog.arima((0, 1, 1), (1, 0, 0, 2), ma=[0.4], seasonal_ar=[-0.3], std=0.7),
    ],
    ids=["arma", "seasonal"],
)
def test_the_gradient_includes_that_of_the_start(model: fog.Model) -> None:
    likelihood = Likelihood(model, regular(Z[:12]), fog.EKF())
    values, step = likelihood.values, 1e-5
    ends = [[likelihood.loglik(values + s * step * d) for s in (1.0, -1.0)] for d in np.eye(len(values))]
    slopes = [(up - down) / (2.0 * step) for up, down in ends]
    assert likelihood.at(values).gradient == pytest.approx(slopes, rel=1e-7, abs=1e-7)


def test_the_gradient_stays_finite_while_exact_readings_determine_all_states() -> None:
    """Their variances decay geometrically, until they underflow."""
    model = fog.arima((0, 0, 2), ma=[-0.2, 0.02])
    z = np.random.default_rng(1).normal(size=400)
    assert np.isfinite(Likelihood(model, regular(z), fog.EKF()).at([1.0, -0.2, 0.02]).gradient).all()


@pytest.mark.parametrize(
    "model",
    [
        fog.arima((0, 0, 1), (0, 0, 1, 4), ma=[0.05], seasonal_ma=[0.01]),
        pytest.param(
            fog.arima((0, 1, 1), (0, 1, 1, 12), ma=[-0.4], seasonal_ma=[-0.6]), marks=pytest.mark.campaign
        ),
    ],
    ids=["six states", "airline"],
)
def test_on_arrays_too_while_all_that_is_left_is_rounding(model: fog.Model) -> None:
    log = regular(np.random.default_rng(1).normal(size=200))
    which = range(len(model.parameters))
    directions = unknown_directions(model)
    phases = [Diffuse(fog.EKF(), directions)] * (directions > 0) + [fog.EKF()]
    for phase in phases:
        model.kernels[repr(phase), "gradient", tuple(which), False] = gradient_of(
            model, phase, tuple(which), False, arrays=True
        )
    likelihood = Likelihood(model, log, fog.EKF())
    values, step = likelihood.values, 1e-6
    ends = [[likelihood.loglik(values + s * step * d) for s in (1.0, -1.0)] for d in np.eye(len(values))]
    slopes = [(up - down) / (2.0 * step) for up, down in ends]
    assert likelihood.at(values).gradient == pytest.approx(slopes, rel=1e-7)


def test_the_start_follows_the_parameters() -> None:
    model = fog.arima((1, 0, 0), ar=[0.6])
    assert model.start is not None
    assert model.start.std[0] == pytest.approx(1.25)
    moved = model.with_parameters({"ar_partial_1": 0.8, "std": 3.0})
    assert moved.start is not None
    assert moved.start.std[0] == pytest.approx(5.0)
    assert moved.coefficients == {"ar_1": 0.8}


def test_coefficients_are_those_given() -> None:
    given = {"ar": [0.5, -0.2], "ma": [0.3], "seasonal_ar": [0.4], "seasonal_ma": [-0.6, 0.2]}
    found = fog.arima((2, 1, 1), (1, 0, 2, 4), **given).coefficients  # type: ignore[arg-type]
    assert found == pytest.approx(
        {
            "ar_1": 0.5,
            "ar_2": -0.2,
            "ma_1": 0.3,
            "seasonal_ar_1": 0.4,
            "seasonal_ma_1": -0.6,
            "seasonal_ma_2": 0.2,
        }
    )


def test_every_parameter_within_its_bounds_is_stationary() -> None:
    model = fog.arima((2, 0, 2))
    for extreme in (0.0, 1.0):
        values = {
            name: low + extreme * (high - low)
            for name, (low, high) in model.bounds.items()
            if np.isfinite(high)
        }
        run = fog.run(model.with_parameters(values), regular(Z[:6]))
        assert np.isfinite(run.loglik)


REFUSED: list[tuple[str, Callable[[], Any], str]] = [
    ("negative", lambda: fog.arima((-1, 0, 0)), "order[0] = -1: expected a whole number p >= 0"),
    ("a float", lambda: fog.arima((1, 0.5, 0)), "order[1] = 0.5: expected a whole number d >= 0"),  # type: ignore[arg-type]
    ("two", lambda: fog.arima((1, 0)), "order = (1, 0): expected (p, d, q)"),
    (
        "season of 1",
        lambda: fog.arima((0, 1, 1), (0, 1, 1, 1)),
        "seasonal[3] = 1: a season has at least 2 rows",
    ),
    (
        "explosive",
        lambda: fog.arima((2, 0, 0), ar=[1.2, -0.1]),
        "ar = 1.2, -0.1: the model is not stationary",
    ),
    ("not invertible", lambda: fog.arima((0, 0, 1), ma=[1.5]), "ma = 1.5: the model is not invertible"),
    ("too few", lambda: fog.arima((2, 0, 0), ar=[0.2]), "ar has 1 coefficients: expected 2"),
    ("no number", lambda: fog.arima((1, 0, 0), ar=["x"]), "ar = 'x': expected a finite number"),  # type: ignore[list-item]
    ("a mean", lambda: fog.arima((0, 1, 1), trend="constant"), "the differences, d + D = 1, remove the mean"),
    (
        "a slope",
        lambda: fog.arima((0, 2, 1), trend="linear"),
        "the differences, d + D = 2, remove the mean and the",
    ),
    (
        "a word",
        lambda: fog.arima((0, 0, 1), trend="ct"),
        "trend = 'ct': expected None, 'constant' or 'linear'",
    ),
    ("std", lambda: fog.arima((0, 0, 1), std=-1.0), "std = -1: expected a number >= 0"),
    (
        "a name",
        lambda: fog.arima((1, 0, 0), regression=("mean",), trend="constant"),
        "regression['mean']: trend =",
    ),
    ("twice", lambda: fog.arima((1, 0, 0), regression=("a", "a")), "regression[1] = 'a': duplicate name"),
]


@pytest.mark.parametrize(
    ("make", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_bad_arguments_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(fog.ModelError) as error:
        make()
    assert message in str(error.value)
    assert error.value.field


def test_a_series_that_is_too_short_is_refused() -> None:
    with pytest.raises(fog.DataError, match=r"has 4 readings, .* and the model 5 states .*y, y_1, y_2 and 2"):
        fog.tune(fog.arima((0, 1, 0), (0, 1, 0, 4)), regular(Z[:4]))


def test_a_regressor_that_is_missing_ahead_is_refused() -> None:
    model = fog.arima((1, 0, 0), regression=("price",), ar=[0.5])
    run = fog.run(model, regular(Z, u={"price": np.arange(40.0)}))
    with pytest.raises(
        fog.DataError, match=r"controls \(price\): expected those that act until each time ahead"
    ):
        fog.forecast(run, steps=3)
    with pytest.raises(fog.DataError, match=r"u\[1,0\] = nan: .* Give the value that price will have"):
        fog.forecast(run, steps=3, u={"price": [1.0, np.nan, 2.0]})
