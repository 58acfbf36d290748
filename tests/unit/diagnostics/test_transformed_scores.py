"""Scores of forecasts of which a logarithm or a power is Gaussian, against closed forms and definitions."""

import numpy as np
import pytest
from scipy.stats import lognorm, norm

import foglight as fog
from foglight.diagnostics.forecast_scores import LEVELS, crps
from foglight.diagnostics.transformed_scores import transformed_crps, transformed_losses
from foglight.model.box_cox import BoxCox

MEAN, STD = np.array([[0.5, 3.0, -1.0, 0.5, 0.5]]), np.array([[0.4, 1.1, 0.02, 0.4, 0.4]])
Z = np.array([[1.2, 90.0, 0.37, 1e-8, 4e5]])


def test_crps_of_a_logarithm_is_the_closed_form() -> None:
    w = (np.log(Z) - MEAN) / STD  # Baran & Lerch 2015, eq. 5
    expected = Z * (2.0 * norm.cdf(w) - 1.0) - 2.0 * np.exp(MEAN + STD**2 / 2.0) * (
        norm.cdf(w - STD) + norm.cdf(STD / np.sqrt(2.0)) - 1.0
    )
    np.testing.assert_allclose(transformed_crps(Z, np.log(Z), MEAN, STD, BoxCox(0.0)), expected, rtol=1e-9)


def test_crps_of_a_power_of_one_is_that_of_the_gaussian() -> None:
    mean, std, y = np.array([[50.0, 50.0, 50.0]]), np.array([[2.0, 2.0, 0.0]]), np.array([[49.0, 95.0, 52.0]])
    found = transformed_crps(y + 1.0, y, mean, std, BoxCox(1.0))
    np.testing.assert_allclose(found, crps(y - mean, std), rtol=1e-9)


def test_losses_are_those_of_the_lognormal_distribution() -> None:
    found = transformed_losses(Z, np.log(Z), np.exp(MEAN + STD**2 / 2.0), MEAN, STD, BoxCox(0.0))
    forecast = lognorm(STD, scale=np.exp(MEAN))
    np.testing.assert_allclose(found.square, (Z - forecast.mean()) ** 2, rtol=1e-12)
    np.testing.assert_allclose(found.absolute, np.abs(Z - forecast.median()), rtol=1e-12)
    losses = [np.where(Z >= q, t * (Z - q), (1.0 - t) * (q - Z)) for t in LEVELS for q in [forecast.ppf(t)]]
    np.testing.assert_allclose(found.pinball, np.mean(losses, axis=0), rtol=1e-12)
    inside = [np.abs(forecast.cdf(Z) - 0.5) <= p / 2.0 for p in (0.8, 0.95)]
    np.testing.assert_array_equal(found.covered, inside)


def test_a_backtest_is_in_the_unit_of_the_series() -> None:
    rng = np.random.default_rng(2)
    z = np.exp(2.0 + 0.1 * rng.normal(size=80).cumsum())
    z[60] = np.nan
    model = fog.structural("sales", log=True).with_parameters({"level_std": 0.1, "irregular_std": 0.02})
    plain = fog.structural("sales").with_parameters(model.parameters)
    times = np.arange(80.0)
    found = fog.backtest(model, fog.Log.from_arrays(times, sales=z), horizon=3)
    by_hand = fog.backtest(plain, fog.Log.from_arrays(times, sales=np.log(z)), horizon=3)
    np.testing.assert_array_equal(found.scores.covered, by_hand.scores.covered)
    np.testing.assert_array_equal(found.scores.count, by_hand.scores.count)
    error = found.reading[..., 0] - np.exp(by_hand.mean + by_hand.std**2 / 2.0)[..., 0]
    np.testing.assert_allclose(found.scores.rmse[:, 0], np.sqrt(np.nanmean(error**2, axis=0)), rtol=1e-12)
    error = found.reading[..., 0] - np.exp(by_hand.mean)[..., 0]
    np.testing.assert_allclose(found.scores.mae[:, 0], np.nanmean(np.abs(error), axis=0), rtol=1e-12)
    ahead = fog.forecast(fog.run(model, fog.Log.from_arrays(times, sales=z)[:40]), steps=3).sensors["sales"]
    np.testing.assert_allclose(found.mean[0], ahead.mean, rtol=1e-12)
    np.testing.assert_allclose(found.std[0], ahead.std, rtol=1e-12)
    with pytest.raises(fog.ModelError, match=r"that measures sales\.value, on its scale"):
        fog.backtest(model, fog.Log.from_arrays(times, sales=z), refit=lambda *_: plain)
