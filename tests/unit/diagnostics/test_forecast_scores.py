"""Scores of Gaussian forecasts, against their definitions as integrals and sums; and the seasonal naive forecast."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from foglight.diagnostics.forecast_scores import crps, pinball, scores_of
from foglight.diagnostics.seasonal_naive import seasonal_naive


@pytest.mark.parametrize(
    ("mean", "std", "z"), [(0.0, 1.0, 0.3), (2.0, 0.5, -1.0), (-3.0, 4.0, -3.0), (1.0, 0.2, 9.0)]
)
def test_crps_is_the_integral_of_the_squared_distance_of_distribution_functions(
    mean: float, std: float, z: float
) -> None:
    far = mean + np.array([-12.0, 12.0]) * std
    below = quad(lambda x: norm.cdf(x, mean, std) ** 2, min(far[0], z - 1.0), z, epsabs=1e-13, limit=200)[0]
    above = quad(lambda x: norm.sf(x, mean, std) ** 2, z, max(far[1], z + 1.0), epsabs=1e-13, limit=200)[0]
    assert crps(np.array(z - mean), np.array(std)) == pytest.approx(below + above, abs=1e-10)


def test_crps_is_twice_the_pinball_loss_over_all_levels() -> None:
    levels = (np.arange(20_000) + 0.5) / 20_000
    quantile = 1.0 + 2.0 * norm.ppf(levels)
    for z in (-4.0, 0.5, 2.0):
        loss = np.where(z < quantile, (levels - 1.0) * (z - quantile), levels * (z - quantile))
        assert crps(np.array(z - 1.0), np.array(2.0)) == pytest.approx(2.0 * loss.mean(), rel=1e-4)


def test_pinball_loss_at_nine_levels() -> None:
    z, mean, std = 1.7, 1.0, 0.6
    losses = []
    for level in np.arange(1, 10) / 10.0:
        q = norm.ppf(level, mean, std)
        losses.append(level * (z - q) if z >= q else (1.0 - level) * (q - z))
    assert pinball(np.array([z - mean]), np.array([std])) == pytest.approx(np.mean(losses), rel=1e-12)


def test_a_certain_forecast_scores_its_error() -> None:
    assert crps(np.array([-2.0, 0.0]), np.zeros(2)).tolist() == [2.0, 0.0]


def test_missing_readings_are_not_scored() -> None:
    error = np.array([[[3.0], [np.nan]], [[-4.0], [np.nan]]])
    found = scores_of(error, np.ones((2, 2, 1)), np.array([[[2.0]], [[0.0]]]))
    assert found.count[:, 0].tolist() == [2.0, 0.0]
    assert found.rmse[0, 0] == np.sqrt(12.5) and found.mae[0, 0] == 3.5 and np.isnan(found.rmse[1, 0])
    assert found.mase[0, 0] == 1.5  # the second has no scale
    assert found.covered[:, 0, 0].tolist() == [0.0, 0.0] and np.isnan(found.covered[:, 1, 0]).all()


def test_the_naive_forecast_is_the_last_reading_of_the_same_season() -> None:
    z = np.array([1.0, 2.0, 3.0, 11.0, np.nan, 13.5, 21.0, 22.5, np.nan, 40.0, 41.0])[:, None]
    found = seasonal_naive(z, np.array([8]), 5, 3, np.array([False]))
    assert found.mean[0, :, 0].tolist() == [21.0, 22.5, 13.5, 21.0, 22.5]
    changes = np.array([10.0, 10.5, 10.0])  # 11 - 1, 13.5 - 3, 21 - 11
    assert found.scale[0, 0, 0] == pytest.approx(changes.mean(), rel=1e-15)
    one = np.sqrt(np.mean(changes**2))
    assert found.std[0, :, 0] == pytest.approx(one * np.sqrt([1, 1, 1, 2, 2]), rel=1e-14)
    early = seasonal_naive(z, np.array([1]), 2, 3, np.array([False]))
    assert np.isnan(early.mean[0, 0, 0]) and early.mean[0, 1, 0] == 1.0 and np.isnan(early.std).all()


def test_changes_of_angles_are_wrapped() -> None:
    z = np.array([3.1, -3.1, 3.1])[:, None]
    found = seasonal_naive(z, np.array([2]), 1, 1, np.array([True]))
    assert found.scale[0, 0, 0] == pytest.approx(2.0 * np.pi - 6.2, rel=1e-12)
