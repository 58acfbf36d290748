"""Rotations in many flights: the errors are as large as the filter says, and rotations keep their length."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

import foglight as fog
from agreement import flights
from foglight.diagnostics.truth import errors_from


@pytest.mark.parametrize(
    "count, rows, method",
    [
        (12, 40, fog.EKF()),
        pytest.param(500, 120, fog.EKF(), marks=pytest.mark.campaign),
        pytest.param(500, 120, fog.UKF(), marks=pytest.mark.campaign),
    ],
    ids=str,
)
def test_errors_are_as_large_as_the_filter_says(count: int, rows: int, method: Any) -> None:
    """The NEES of the last row of each flight, six degrees of freedom each, within its 99 % band."""
    model = flights.flight(turned=0.1)
    nees = []
    for seed in range(count):
        log, truth = flights.simulated(model, rows, seed=seed)
        run = fog.run(model, log, method=method)
        nees.append(errors_from(run.filtered, model, truth).nees[-1])
    low, high = stats.chi2.ppf([0.005, 0.995], 6 * count) / count
    assert low < np.mean(nees) < high


def test_sensors_that_claim_too_much_are_noticed() -> None:
    model = flights.flight(turned=0.1)
    claims = model.with_parameters({"accelerometer.std": 0.025, "magnetometer.std": 0.04})
    nees = []
    for seed in range(12):
        log, truth = flights.simulated(model, 40, seed=seed)
        nees.append(errors_from(fog.run(claims, log).filtered, model, truth).nees[-1])
    assert np.mean(nees) > stats.chi2.ppf(0.995, 6 * 12) / 12


@pytest.mark.campaign
@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_rotation_keeps_its_length_for_a_million_rows(method: Any) -> None:
    model = flights.flight()
    rows = 1_000_000
    log, _ = flights.simulated(model, rows, seed=1)
    length = np.linalg.norm(fog.run(model, log, method=method).filtered.mean[:, :4], axis=1)
    assert np.abs(length - 1.0).max() <= 4 * 2.0**-53
