"""Foglight smooths as other people's programs have: KFAS, Stata, MATLAB, and the book's own notebook."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import loadmat

import foglight as fog
from foglight.inference.sample import trajectories
from oracle import models, recorded, recursion
from oracle.matrices import floats

from .linear import filtered

Array = NDArray[np.float64]
EACH = [fog.KF(), fog.UKF()]
CAR_TRACK_SMOOTHED = 0.26497104638205465
each_method = pytest.mark.parametrize("method", EACH, ids=repr)


def smoothed(case: recorded.Recorded, method: Any = None) -> Any:
    return fog.smooth(filtered(case, method=method, predict_first=case.predict_first))


@each_method
@pytest.mark.parametrize(
    "name, file, mean_tol, det_tol",
    [
        ("kfas_walks", "results_smoothing_R.csv", 1e-8, 1e-8),
        ("kfas_growth", "results_smoothing2_R.csv", 5e-9, 1e-5),
        ("ar3_missing", "results_smoothing3_R.csv", 1e-10, 1e-8),
    ],
)
def test_kfas(name: str, file: str, mean_tol: float, det_tol: float, method: Any, shared_data: Path) -> None:
    """Smoothed states, and the determinants of their covariances relative to the largest."""
    found = smoothed(recorded.ALL[name](shared_data), method)
    table = recorded.columns(shared_data, file, "alphahat1", "alphahat2", "alphahat3", "detV")
    assert table.shape == (len(found.time), 4) and np.isfinite(table).all()
    assert np.abs(found.mean - table[:, :3]).max() <= mean_tol
    assert np.abs(np.linalg.det(found.cov) - table[:, 3]).max() <= det_tol * np.abs(table[:, 3]).max()


@each_method
def test_stata(method: Any, shared_data: Path) -> None:
    """As many digits as it printed; its noise is 0, its states those of a lagged series."""
    found = smoothed(recorded.ar3_complete(shared_data), method)
    _, table = recorded.wholesale(shared_data)
    assert np.abs(found.mean - table[:, 8:11]).max() <= 1e-5


@pytest.mark.parametrize(
    "file, missing",
    [("results_wpi1_ar3_matlab_ssm.csv", False), ("results_wpi1_missing_ar3_matlab_ssm.csv", True)],
)
def test_the_toolbox_of_peng_and_aston(file: str, missing: bool, shared_data: Path) -> None:
    """SSM for MATLAB: means and determinants of what is smoothed, with and without a gap of eleven rows."""
    case = (recorded.ar3_missing if missing else recorded.ar3_complete)(shared_data)
    found = smoothed(case)
    table = np.loadtxt(shared_data / "statsmodels_results" / file, delimiter=",")
    assert len(table) == len(found.time)
    assert np.abs(found.mean - table[:, 4:7]).max() <= 5e-5 * np.abs(table[:, 4:7]).max()
    assert np.abs(np.linalg.det(found.cov) - table[:, 7]).max() <= 1e-4


@each_method
def test_the_robot(method: Any, shared_data: Path) -> None:
    """From the unmeasured start on, 501 means and covariances."""
    case = recorded.robot(shared_data)
    assert case.b is not None
    before = replace(case, b=np.vstack([np.zeros((1, 5)), case.b]), predict_first=False)
    z = np.vstack([np.full((1, 2), np.nan), case.z])
    found = fog.smooth(filtered(before, z=z, method=method))
    m = loadmat(shared_data / "pykalman_robot" / "robot.mat")
    covs = np.array(list(m["Vsmooth"][0]))
    assert found.mean.shape == m["xsmooth"].T.shape == (501, 5)
    assert np.abs(found.mean - m["xsmooth"].T).max() <= 1e-12 * np.abs(m["xsmooth"]).max()
    assert np.abs(found.cov - covs).max() <= 1e-12 * np.abs(covs).max()


@each_method
def test_position_error_of_the_smoothed_car_track(method: Any, shared_data: Path) -> None:
    case = recorded.car_track(shared_data)
    found = smoothed(case, method)
    error = found.mean[:, :2] - recorded.car_track_truth(shared_data)
    assert np.sqrt(np.mean(np.sum(error**2, axis=1))) == pytest.approx(CAR_TRACK_SMOOTHED, abs=1e-14)
    assert found.mean[0] == pytest.approx([0.75013033, -0.00468798, 1.0344166, -1.34959269], abs=5e-9)


def test_a_simulation_smoother_without_chance(shared_data: Path) -> None:
    """KFAS with zero variates, on the model of its growth rates."""
    case = recorded.kfas_growth(shared_data)
    states = recorded.columns(shared_data, "results_simulation_smoothing0.csv", "state1", "state2", "state3")
    run = filtered(replace(case, z=case.z[: len(states)]))
    paths = trajectories(run, np.zeros((1, 1, len(states), 3)))[0, 0]
    assert len(states) == 9 and np.abs(paths - states).max() <= 5e-9


def test_the_ninth_digit_of_kfas_is_rounding(shared_data: Path) -> None:
    """Its start of 1e6 beside a noise of 1e-5 costs it digits in the first rows; in 60 digits Foglight is right."""
    case = recorded.kfas_growth(shared_data)
    rows = recursion.filter_rows(case.F, case.Q, case.H, case.R, case.start_mean, case.start_cov, case.z)
    exact = np.array([floats(mean) for mean, _, _ in recursion.smooth_rows(rows, case.F)])
    table = recorded.columns(shared_data, "results_smoothing2_R.csv", "alphahat1", "alphahat2", "alphahat3")
    assert np.abs(smoothed(case).mean - exact).max() <= 1e-16
    assert np.abs(table - exact).max() >= 1e-9


@each_method
@pytest.mark.parametrize("shape", [(3, 2), (2, 4)], ids=str)
def test_statsmodels_smooths_alike(shape: tuple[int, int], method: Any) -> None:
    """Smoothed means, covariances and those of neighbouring rows, on random models with missing components."""
    from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

    case = models.full(97, *shape, steps=40, missing=0.2)
    n, m = shape
    other = KalmanSmoother(k_endog=m, k_states=n)
    other.bind(np.ascontiguousarray(case.z))
    other["design"], other["obs_cov"], other["obs_intercept"] = case.H, case.R, case.d[:, None]
    other["transition"], other["state_cov"], other["state_intercept"] = case.F, case.Q, case.b[:, None]
    other["selection"] = np.eye(n)
    other.initialize_known(case.mean, case.cov)
    answer = other.smooth()
    found = fog.smooth(filtered(case, method=method))
    assert np.abs(found.mean - answer.smoothed_state.T).max() <= 1e-10
    assert np.abs(found.cov - answer.smoothed_state_cov.transpose(2, 0, 1)).max() <= 1e-10
    # Its autocovariance of row k is Cov(x_k+1, x_k).
    lag = answer.smoothed_state_autocov.transpose(2, 0, 1)[:-1]
    assert np.abs(found.lag_one_cov[1:] - lag).max() <= 1e-10


LINE = np.array([[1.0, 1.0], [0.0, 1.0]])
UNKNOWN = {
    "local_level": (np.eye(1), [[8.253]], np.eye(1), [[1.993]], [[10.2394]]),
    "local_linear_trend": (
        LINE, np.diag([8.253, 2.334]), np.eye(1, 2), [[1.993]], [[10.2394], [4.2039], [6.123123]],
    ),
    "common_level": (
        np.eye(2), np.diag([3.2324, 0.0]), [[1.0, 0.0], [0.1111, 1.0]], np.eye(2), [[10.2394, 8.2304]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [*UNKNOWN, "var1"])
def test_kfas_smooths_an_unknown_start_alike(name: str, shared_data: Path) -> None:
    """Exact diffuse: smoothed states, and the sums of their covariances."""
    if name == "var1":
        growth = np.diff(np.log(recorded.quarterly(shared_data, "realgdp", "realcons")), axis=0)
        F, Q, H, R = [[0.5, 0.3], [0.2, 0.4]], np.diag([2.0, 3.0]), np.eye(2), np.zeros((2, 2))
        z = 400 * growth[:20]
    else:
        F, Q, H, R, first = UNKNOWN[name]
        z = np.ones((10, len(H)))
        z[: len(first)] = first
    model = fog.linear_model(F, Q, H, R, start=None)
    run = fog.run(model, fog.Log.regular(z, dt=1.0))
    found = fog.smooth(run)
    n = len(F)
    names = [f"alphahat_{i + 1}" for i in range(n)]
    covs = [f"V_{i + 1}" for i in range(n * n)] if name == "var1" else ["sumV"]
    table = recorded.columns(shared_data, f"results_exact_initial_{name}_R.csv", *names, *covs)[: len(z)]
    assert np.abs(found.mean - table[:, :n]).max() <= 1e-13
    P = found.cov.reshape(len(z), -1) if name == "var1" else found.cov.sum(axis=(1, 2))[:, None]
    assert np.abs(P - table[:, n:]).max() <= 1e-13
    paths = trajectories(run, np.zeros((1, 1, len(z), n)))
    assert np.array_equal(paths[0, 0], found.mean)


def test_the_trend_of_the_drivers(shared_data: Path) -> None:
    """Commandeur and Koopman 2007: the first smoothed level and slope, as many digits as were printed."""
    text = (shared_data / "commandeur_koopman" / "UKdriversKSI.txt").read_text().splitlines()[1:]
    z = np.log([float(line) for line in text if line.strip()])[:, None]
    model = fog.linear_model(LINE, np.diag([0.0121285, 2.774e-9]), np.eye(1, 2), [[0.00211807]], start=None)
    found = fog.smooth(fog.run(model, fog.Log.regular(z, dt=1.0)))
    assert len(z) == 192
    assert found.mean[0, 0] == pytest.approx(7.4157359290, abs=5e-8)
    assert found.mean[0, 1] == pytest.approx(0.0002893677, abs=5e-10)


@pytest.mark.campaign
def test_a_dozen_unknown_states_are_smoothed_as_statsmodels_does(shared_data: Path) -> None:
    """Level and eleven dummies of the season, all unknown at first, on the drivers' log."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    text = (shared_data / "commandeur_koopman" / "UKdriversKSI.txt").read_text().splitlines()[1:]
    z = np.log([float(line) for line in text if line.strip()])
    F, Q, H = np.zeros((12, 12)), np.zeros((12, 12)), np.zeros((1, 12))
    F[0, 0], F[1, 1:], F[2:, 1:-1], Q[0, 0], H[0, :2] = 1.0, -1.0, np.eye(10), 0.0009456, 1.0
    model = fog.linear_model(F, Q, H, [[0.003514]], start=None)
    found = fog.smooth(fog.run(model, fog.Log.regular(z, dt=1.0)))
    other = UnobservedComponents(z, "llevel", seasonal=12, stochastic_seasonal=False, use_exact_diffuse=True)
    answer = other.smooth([0.003514, 0.0009456])
    assert np.abs(found.mean - answer.smoothed_state.T).max() <= 1e-13
    assert np.abs(found.cov - answer.smoothed_state_cov.transpose(2, 0, 1)).max() <= 1e-15
