"""Recorded results of other people's linear filters: the model, the data, and the numbers they published.

Where each number comes from is in the README of the shared data folder. A prediction column of KFAS leads to
the next row; here everything is aligned with the row it belongs to.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.linalg import solve_discrete_lyapunov

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Recorded:
    """A linear filtering problem and its known answers; `expected` maps an output to (values, tolerance).

    Outputs are predicted, mean, cov, loglik and serial_innovation (one component after the other); where the
    values are NaN nothing is compared.
    """

    F: Array
    Q: Array
    H: Array
    R: Array
    start_mean: Any
    start_cov: Any
    z: Array
    b: Array | None = None
    d: Array | None = None
    predict_first: bool = False
    expected: dict[str, tuple[Any, float]] = field(default_factory=dict)


def robot(data: Path) -> Recorded:
    """P. Abbeel's robot (pykalman), computed in MATLAB: offsets b (one per row) and d, start unmeasured."""
    m = loadmat(data / "pykalman_robot" / "robot.mat")
    means, covs = m["xfilt"].T, np.array(list(m["Vfilt"][0]))
    return Recorded(
        m["A"], m["Q"], m["C"], m["R"], m["x0"][:, 0], m["P_0"], m["y"].T, m["b"].T, m["d"][:, 0], True,
        {"mean": (means[1:], 1e-12), "cov": (covs[1:], 1e-12)},
    )  # fmt: skip


def car_track(data: Path) -> Recorded:
    """Sarkka and Svensson 2023, example 6.8: constant velocity in the plane, predicted before the first row."""
    track = json.loads((data / "bfs_car_track" / "car_track.json").read_text())
    dt = 0.1
    F = np.eye(4) + dt * np.eye(4, k=2)
    Q = np.kron([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]], np.eye(2))
    end = np.full((100, 4), np.nan)
    end[-1] = [9.71005425, -10.34449078, 2.95656679, -0.85653335]
    return Recorded(
        F, Q, np.eye(2, 4), 0.25 * np.eye(2), [0, 0, 1, -1], np.eye(4), np.array(track["Y"]).T,
        predict_first=True, expected={"mean": (end, 5e-9), "loglik": (-195.8988063018, 1e-9)},
    )  # fmt: skip


def car_track_truth(data: Path) -> Array:
    """True (px, py) of every row of the car track."""
    return np.array(json.loads((data / "bfs_car_track" / "car_track.json").read_text())["X"]).T[:, :2]


CAR_TRACK_RMSE = {"raw": 0.7679855237247215, "filtered": 0.4253824660526518}


def toolbox_ukf(data: Path) -> Recorded:
    """Three steps of the MATLAB EKF/UKF toolbox, through pykalman's tests."""
    case = json.loads((data / "test_vectors" / "vectors.json").read_text())["ukf_linear_from_matlab_ekfukf"]
    m = {k: np.array(v, float) for k, v in case["model"].items() if k != "note"}
    return Recorded(
        m["A"], m["Q"], m["C"], m["R"].reshape(1, 1), m["x0"], m["P0"], np.array([[1.0], [2.0], [3.0]]),
        predict_first=True,
        expected={"mean": (np.array(case["filter_mean"]), 1e-8), "cov": (np.array(case["filter_cov"]), 1e-8)},
    )  # fmt: skip


def gtsam_linear(data: Path) -> Recorded:
    """GTSAM's linear1: everything the identity, a constant push of 1 in x, information 150, 160, 161.53…"""
    case = json.loads((data / "test_vectors" / "vectors.json").read_text())["gtsam_linear1"]
    information = [150.0]
    for _ in range(2):
        information.append(1 / (1 / information[-1] + 0.01) + 100)
    small = 0.01 * np.eye(2)
    return Recorded(
        np.eye(2), small, np.eye(2), small, [0, 0], small, np.array([[1.0, 0], [2, 0], [3, 0]]),
        np.array([1.0, 0.0]), predict_first=True,
        expected={
            "mean": (np.array(case["means"], float), 1e-14),
            "cov": (np.array([np.eye(2) / i for i in information]), 1e-16),
        },
    )  # fmt: skip


def quarterly(data: Path, *names: str) -> Array:
    """Columns of the US macro data, one row per quarter."""
    table = np.genfromtxt(data / "statsmodels_results" / "macrodata.csv", delimiter=",", names=True)
    return np.column_stack([table[name] for name in names])


def columns(data: Path, file: str, *names: str) -> Array:
    """Columns of a recorded result; NA is NaN."""
    table = np.genfromtxt(
        data / "statsmodels_results" / file,
        delimiter=",",
        names=True,
        missing_values="NA",
        filling_values=np.nan,
    )
    return np.column_stack([table[name] for name in names])


def kfas_walks(data: Path) -> Recorded:
    """KFAS: three random walks with unit noise, differences of the macro data, long stretches missing."""
    z = np.diff(quarterly(data, "realgdp", "realcons", "realinv"), axis=0)
    for column, first, last in ((0, 1, 50), (0, 120, 130), (1, 20, 70), (2, 40, 90), (2, 120, 130)):
        z[first - 1 : last, column] = np.nan
    eye = np.eye(3)
    return kfas(data, "results_smoothing_R.csv", eye, eye, eye, eye, z, -205310.97675, 5e-5)


def kfas_growth(data: Path) -> Recorded:
    """KFAS: a full vector autoregression of growth rates with full process noise."""
    z = np.diff(np.log(quarterly(data, "realgdp", "realcons", "realinv")), axis=0)
    F = np.array([[-.1119908792, .8441841604, .0238725303],
                  [.2629347724, .4996718412, -.0173023305],
                  [-3.2192369082, 4.1536028244, .4514379215]])  # fmt: skip
    Q = np.array([[6.40649e-5, 3.88496e-5, 2.148769e-4],
                  [3.88496e-5, 5.72802e-5, 1.555e-6],
                  [2.148769e-4, 1.555e-6, 1.7088585e-3]])  # fmt: skip
    R = np.diag([6.40649e-5, 5.72802e-5, 1.7088585e-3])
    return kfas(data, "results_smoothing2_R.csv", F, Q, np.eye(3), R, z, 1695.34872, 5e-6)


def kfas(
    data: Path, file: str, F: Any, Q: Any, H: Any, R: Any, z: Any, loglik: float, tol: float
) -> Recorded:
    """P1 = 1e6 I at the first row, and the predictions as KFAS wrote them.

    KFAS takes the components one by one, so its innovation is that of three sensors: `serial_innovation`.
    """
    ahead = columns(data, file, "a1", "a2", "a3")
    predicted = np.vstack([np.zeros((1, 3)), ahead[:-1]])
    innovation = columns(data, file, "v1", "v2", "v3")
    return Recorded(
        F, Q, H, R, np.zeros(3), 1e6 * np.eye(3), z,
        expected={
            "predicted": (predicted, 1e-8), "loglik": (loglik, tol), "serial_innovation": (innovation, 1e-8)
        },
    )  # fmt: skip


def wholesale(data: Path) -> tuple[Array, Array]:
    """Stata's file of the wholesale price index: the differences (T, 1), and its twelve result columns."""
    text = (data / "statsmodels_results" / "results_wpi1_ar3_stata.csv").read_text()
    rows = [line.split(",") for line in text.split()[1:]]
    price = np.array([float(row[0]) for row in rows])
    return np.diff(price)[:, None], np.array([[float(v) for v in row[3:]] for row in rows[1:]])


def ar3(z: Array, start_cov: Any, expected: dict[str, tuple[Any, float]]) -> Recorded:
    """A stationary autoregression of order 3 as a filter: the measurement is perfect, R = 0."""
    F = np.eye(3, k=-1)
    F[0] = [0.5270715, 0.0952613, 0.2580355]
    return Recorded(
        F, np.diag([0.5307459, 0, 0]), np.eye(1, 3), np.zeros((1, 1)), np.zeros(3), start_cov, z, expected=expected
    )  # fmt: skip


def ar3_missing(data: Path) -> Recorded:
    """KFAS: the autoregression with the measurements 10 to 20 missing."""
    z, _ = wholesale(data)
    z[9:20] = np.nan
    a, b, c = 1.58276997, 1.24351589, 1.12706975
    cov = np.array([[a, b, c], [b, a, b], [c, b, a]])
    ahead = columns(data, "results_smoothing3_R.csv", "a1", "a2", "a3")
    predicted = np.vstack([np.zeros((1, 3)), ahead[:-1]])
    return ar3(z, cov, {"predicted": (predicted, 1e-8), "loglik": (-130.0310409, 5e-8)})


def ar3_complete(data: Path) -> Recorded:
    """Stata's sspace: one-step predictions and filtered states, as many digits as it printed."""
    z, table = wholesale(data)
    F = ar3(z, np.eye(3), {}).F
    cov = solve_discrete_lyapunov(F, np.diag([0.5307459, 0, 0]))
    return ar3(z, cov, {"predicted": (table[:, 2:5], 1e-5), "mean": (table[:, 5:8], 1e-5)})


def ar12(data: Path) -> Recorded:
    """Stata: an autoregression of order 12 on the growth of US output; coefficients as Stata estimated them."""
    names = ["value", *(f"u{i}" for i in range(1, 13))]
    table = columns(data, "results_realgdpar_stata.csv", *names)
    F = np.eye(12, k=-1)
    F[0] = [0.40725515, 0.18782621, -0.01514009, -0.01027267, -0.03642297, 0.11576416,
            0.02573029, -0.00766572, 0.13506498, 0.08649569, 0.06942822, -0.10685783]  # fmt: skip
    Q = np.zeros((12, 12))
    Q[0, 0] = 0.00007999607
    return Recorded(
        F, Q, np.eye(1, 12), np.zeros((1, 1)), np.zeros(12), solve_discrete_lyapunov(F, Q),
        np.diff(np.log(table[:, :1]), axis=0), expected={"mean": (table[1:, 1:], 1e-6)},
    )  # fmt: skip


def clark(data: Path) -> Recorded:
    """Clark 1989: trend, cycle (three lags), drift, and trend unemployment, from output and unemployment (FKF)."""
    z = np.loadtxt(data / "statsmodels_results" / "clark1989.csv", delimiter=",")[4:]
    F = np.zeros((6, 6))
    F[[0, 0, 1, 1, 2, 3, 4, 5], [0, 4, 1, 2, 1, 2, 4, 5]] = [1, 1, 1.43859, -0.517385, 1, 1, 1, 1]
    Q = np.diag(np.square([0.004863, 0.00668, 0, 0, 0.000295, 0.001518]))
    H = np.array([[1, 1, 0, 0, 0, 0], [0, -0.336789, -0.163511, -0.072012, 0, 1]])
    return Recorded(
        F, Q, H, np.diag([0.0, 0.000306**2]), np.zeros(6), 100 * F @ F.T,
        np.column_stack([np.log(z[:, 0]), z[:, 1] / 100]), expected={"loglik": (1485.41934, 5e-3)},
    )  # fmt: skip


ALL: dict[str, Callable[[Path], Recorded]] = {
    case.__name__: case
    for case in (robot, car_track, toolbox_ukf, gtsam_linear, kfas_walks, kfas_growth, ar3_missing, ar3_complete, ar12,
                 clark)
}  # fmt: skip
