"""The plain NumPy filters reproduce every published number: what we ask of Foglight can be had."""

from pathlib import Path

import numpy as np
import pytest

from . import plain, recorded, serial, udacity


@pytest.mark.parametrize("name", recorded.ALL)
def test_plain_numpy_reproduces_the_published_numbers(name: str, shared_data: Path) -> None:
    case = recorded.ALL[name](shared_data)
    answer = plain.kalman(
        case.F, case.Q, case.H, case.R, case.start_mean, case.start_cov, case.z,
        b=case.b, d=case.d, predict_first=case.predict_first,
    )  # fmt: skip
    assert case.expected
    for output, (values, tolerance) in case.expected.items():
        if output == "serial_innovation":
            got = serial.innovations(case.F, case.Q, case.H, case.R, case.start_mean, case.start_cov, case.z)
        else:
            got = np.asarray(getattr(answer, output))
        known = ~np.isnan(values)
        assert known.any()
        assert np.abs(got - values)[known].max() <= tolerance, output


def test_position_error_of_the_car_track(shared_data: Path) -> None:
    case = recorded.car_track(shared_data)
    answer = plain.kalman(
        case.F, case.Q, case.H, case.R, case.start_mean, case.start_cov, case.z, predict_first=True
    )  # fmt: skip
    truth = recorded.car_track_truth(shared_data)
    for name, estimate in (("raw", case.z), ("filtered", answer.mean[:, :2])):
        error = np.sqrt(np.mean(np.sum((estimate - truth) ** 2, axis=1)))
        assert error == pytest.approx(recorded.CAR_TRACK_RMSE[name], abs=1e-12)


@pytest.mark.parametrize("sensors", udacity.EKF_RMSE)
def test_laser_and_radar_in_plain_numpy(sensors: str, shared_data: Path) -> None:
    log = udacity.read(shared_data, sensors).without_first()
    assert udacity.rmse(udacity.ekf(log), log.truth) == pytest.approx(udacity.EKF_RMSE[sensors], abs=5e-9)


def test_turning_model_in_plain_numpy(shared_data: Path) -> None:
    log = udacity.read(shared_data).without_first()
    states = udacity.ukf_turning(log, **udacity.TURNING)
    assert (udacity.rmse(udacity.cartesian(states), log.truth) <= udacity.UKF_RUBRIC).all()
