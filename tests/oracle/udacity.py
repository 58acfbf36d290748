"""The Udacity laser and radar log, and the filters of its exercise in plain NumPy.

The published figures come out only with one reading of "initialise from the first measurement": the first row
sets the position (a radar row through its range and bearing), the speed is 0 even where the radar measured a
range rate, the covariance is diag(1, 1, 1000, 1000), the first row is not used again as a measurement, and it
counts in the error.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .plain import unscented, update, wrap

Array = NDArray[np.float64]

LIDAR_COV = np.diag([0.0225, 0.0225])
RADAR_COV = np.diag([0.09, 0.0009, 0.09])
START_COV = np.diag([1.0, 1.0, 1000.0, 1000.0])

EKF_RMSE = {
    "LR": [0.09722562, 0.08537612, 0.45085468, 0.43958819],
    "L": [0.12219136, 0.09837984, 0.58251275, 0.45669849],
    "R": [0.19171962, 0.27941666, 0.55690495, 0.65555812],
}
EKF_RUBRIC = [0.11, 0.11, 0.52, 0.52]
UKF_RUBRIC = [0.09, 0.10, 0.40, 0.30]
TURNING: dict[str, Any] = {"accel": 1.0, "turn_accel": 0.5, "start_std": np.array([0.3, 0.3, 3.0, 0.5, 0.3])}


@dataclass(frozen=True)
class Recording:
    """Rows of the chosen sensors; NaN where the other one measured. `start` is (px, py) of the first row."""

    seconds: Array
    lidar: Array
    radar: Array
    truth: Array
    start: Array

    def without_first(self) -> "Recording":
        """The same log with the first row's measurement blanked: the start has used it."""
        lidar, radar = self.lidar.copy(), self.radar.copy()
        lidar[0], radar[0] = np.nan, np.nan
        return Recording(self.seconds, lidar, radar, self.truth, self.start)


def read(data: Path, sensors: str = "LR") -> Recording:
    """The log with the rows of `sensors` only. Time is counted in whole microseconds from the first row kept."""
    text = (data / "udacity_obj_pose" / "obj_pose-laser-radar-synthetic-input.txt").read_text()
    rows = [line.split() for line in text.splitlines() if line[0] in sensors]
    width = {"L": 2, "R": 3}
    stamps = np.array([int(row[1 + width[row[0]]]) for row in rows])
    truth = np.array([row[2 + width[row[0]] :][:4] for row in rows], dtype=float)
    lidar, radar = np.full((len(rows), 2), np.nan), np.full((len(rows), 3), np.nan)
    for k, row in enumerate(rows):
        (lidar if row[0] == "L" else radar)[k] = [float(v) for v in row[1 : 1 + width[row[0]]]]
    start = (
        lidar[0] if rows[0][0] == "L" else radar[0, 0] * np.array([np.cos(radar[0, 1]), np.sin(radar[0, 1])])
    )
    return Recording((stamps - stamps[0]) / 1e6, lidar, radar, truth, start)


def rmse(estimate: Array, truth: Array) -> Array:
    """Root mean square error of each column, all rows counted."""
    return np.asarray(np.sqrt(np.mean((estimate - truth) ** 2, axis=0)))


def radar_of(x: Array) -> Array:
    """Range, bearing and range rate of (px, py, vx, vy) seen from the origin."""
    distance = np.hypot(x[0], x[1])
    return np.array([distance, np.arctan2(x[1], x[0]), (x[0] * x[2] + x[1] * x[3]) / distance])


def ekf(log: Recording) -> Array:
    """Constant velocity, piecewise constant acceleration of variance 9, first-order radar: means (T, 4)."""
    x, P = np.array([*log.start, 0.0, 0.0]), START_COV
    means = [x]
    for k in range(1, len(log.seconds)):
        dt = log.seconds[k] - log.seconds[k - 1]
        F = np.eye(4) + dt * np.eye(4, k=2)
        G = np.vstack([dt**2 / 2 * np.eye(2), dt * np.eye(2)])
        x, P = F @ x, F @ P @ F.T + 9 * G @ G.T
        if not np.isnan(log.lidar[k, 0]):
            x, P, _, _ = update(x, P, log.lidar[k] - x[:2], np.eye(2, 4), LIDAR_COV)
        else:
            e = log.radar[k] - radar_of(x)
            e[1] = wrap(e[1])
            x, P, _, _ = update(x, P, e, radar_slope(x), RADAR_COV)
        means.append(x)
    return np.array(means)


def radar_slope(x: Array) -> Array:
    """The Jacobian of `radar_of`, by the complex step: no subtraction, so exact to rounding."""
    columns = []
    for i in range(4):
        px, py, vx, vy = x + 1e-30j * np.eye(4)[i]
        distance = np.sqrt(px * px + py * py)
        bearing = (x[0] * py.imag - x[1] * px.imag) / (x[0] ** 2 + x[1] ** 2)
        columns.append([distance.imag, bearing, ((px * vx + py * vy) / distance).imag])
    return np.array(columns).T / 1e-30


def ukf_turning(log: Recording, accel: Any, turn_accel: Any, start_std: Any) -> Array:
    """Constant turn rate and speed (px, py, speed, yaw, yaw rate), unscented, alpha = 1: means (T, 5)."""
    x, P = np.array([*log.start, 0.0, 0.0, 0.0]), np.diag(start_std**2)
    is_angle = np.array([False, False, False, True, False])
    means = [x]
    for k in range(1, len(log.seconds)):
        dt = log.seconds[k] - log.seconds[k - 1]
        G = np.array(
            [[dt**2 / 2 * np.cos(x[3]), 0], [dt**2 / 2 * np.sin(x[3]), 0], [dt, 0], [0, dt**2 / 2], [0, dt]]
        )
        noise = (G * [accel**2, turn_accel**2]) @ G.T
        x, P, _ = unscented(lambda s, dt=dt: turn(s, dt), x, P, is_angle)
        P = P + noise
        if not np.isnan(log.lidar[k, 0]):
            x, P, _, _ = update(x, P, log.lidar[k] - x[:2], np.eye(2, 5), LIDAR_COV)
        else:
            z, S, cross = unscented(lambda s: radar_of(cartesian(s)), x, P, np.array([False, True, False]))
            e = log.radar[k] - z
            e[1] = wrap(e[1])
            S = S + RADAR_COV
            x, P = x + cross @ np.linalg.solve(S, e), P - cross @ np.linalg.solve(S, cross.T)
        x[3] = wrap(x[3])
        means.append(x)
    return np.array(means)


def turn(s: Array, dt: float) -> Array:
    """Exact motion along a circle, and along a line where the yaw rate is 0: the chord at half the turn."""
    px, py, speed, yaw, rate = s
    half = rate * dt / 2
    chord = speed * dt * np.sinc(half / np.pi)
    return np.array(
        [px + chord * np.cos(yaw + half), py + chord * np.sin(yaw + half), speed, yaw + rate * dt, rate]
    )


def cartesian(s: Array) -> Array:
    """(px, py, vx, vy) of the turning state; works on rows, too."""
    s = np.asarray(s)
    return np.stack(
        [s[..., 0], s[..., 1], s[..., 2] * np.cos(s[..., 3]), s[..., 2] * np.sin(s[..., 3])], axis=-1
    )
