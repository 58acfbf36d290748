"""Foglight gives the numbers that other people's linear filters have published."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from oracle import recorded

from .linear import filtered

Array = NDArray[np.float64]

OUTPUTS = {
    "predicted": lambda run: run.predicted.mean,
    "mean": lambda run: run.filtered.mean,
    "cov": lambda run: run.filtered.cov,
    "loglik": lambda run: run.loglik,
}


def assert_as_published(run: Any, expected: dict[str, tuple[Any, float]], rows: slice = slice(None)) -> None:
    compared = 0
    for output, (values, tolerance) in expected.items():
        if output == "serial_innovation":
            continue
        got = np.asarray(OUTPUTS[output](run))
        got = got[rows] if got.ndim else got
        known = ~np.isnan(values)
        assert got.shape == np.shape(values)
        assert np.abs(got - values)[known].max() <= tolerance, output
        compared += int(known.sum())
    assert compared > 0


@pytest.mark.parametrize("method", [fog.KF(), fog.EKF()], ids=["KF", "EKF"])
@pytest.mark.parametrize("name", recorded.ALL)
def test_published_numbers(name: str, method: Any, shared_data: Path) -> None:
    case = recorded.ALL[name](shared_data)
    run = filtered(case, method=method, predict_first=case.predict_first)
    assert_as_published(run, case.expected)


@pytest.mark.parametrize("name", ["robot", "car_track", "gtsam_linear", "toolbox_ukf"])
def test_a_start_before_the_first_row_is_an_empty_first_row(name: str, shared_data: Path) -> None:
    """The two spellings of "predict before the first update" are one: `start_time`, or a row without data."""
    case = recorded.ALL[name](shared_data)
    z = np.vstack([np.full((1, case.z.shape[1]), np.nan), case.z])
    b = case.b if case.b is None or case.b.ndim == 1 else np.vstack([np.zeros((1, case.b.shape[1])), case.b])
    run = filtered(replace(case, b=b), z=z)
    assert_as_published(run, case.expected, rows=slice(1, None))
    assert run.filtered.mean[0] == pytest.approx(np.asarray(case.start_mean, float), abs=0)


def test_position_error_of_the_car_track(shared_data: Path) -> None:
    case = recorded.car_track(shared_data)
    run = filtered(case, predict_first=True)
    error = run.filtered.mean[:, :2] - recorded.car_track_truth(shared_data)
    rmse = np.sqrt(np.mean(np.sum(error**2, axis=1)))
    assert rmse == pytest.approx(recorded.CAR_TRACK_RMSE["filtered"], abs=1e-12)


@pytest.mark.parametrize("name", ["kfas_walks", "kfas_growth"])
def test_three_sensors_are_three_updates(name: str, shared_data: Path) -> None:
    """KFAS takes one component after the other; so do three sensors, and the innovations are its own."""
    case = recorded.ALL[name](shared_data)
    names = ("one", "two", "three")
    motion = fog.Motion(state=names, dynamics=lambda x, dt, p: case.F @ x, noise=lambda x, dt, p: case.Q)
    sensors = [
        fog.Sensor(
            name,
            measures=(f"m{i}",),
            measure=lambda x, p, i=i: [x[i]],
            noise=lambda x, p, i=i: [[case.R[i, i]]],
        )
        for i, name in enumerate(names)
    ]
    model = fog.Model(motion, sensors, start=fog.Belief(case.start_mean, cov=case.start_cov))
    log = fog.Log.from_arrays(np.arange(len(case.z)), **{n: case.z[:, [i]] for i, n in enumerate(names)})
    run = fog.run(model, log, method=fog.KF())
    assert_as_published(run, case.expected)
    values, tolerance = case.expected["serial_innovation"]
    assert (np.isnan(run.innovation) == np.isnan(values)).all()
    assert np.nanmax(np.abs(run.innovation - values)) <= tolerance
