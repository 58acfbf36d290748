"""A curved model for the laws: a turning walker seen in range and bearing, and by a compass-like camera."""

from functools import cache
from typing import Any

import numpy as np

import foglight as fog

STATES = ("px", "py", "speed", "yaw", "rate")


@cache
def walker(names: tuple[str, ...] = STATES, turned: bool = False) -> Any:
    """Constant turn rate and speed; sensors "radar" (range, bearing) and "camera" (yaw, one position).

    turned: start and camera for the same map turned half round. Models are kept: what they compile is shared.
    """
    facing = -1.0 if turned else 1.0

    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        turn = x[3] + dt * x[4]
        return [x[0] + dt * x[2] * np.cos(turn), x[1] + dt * x[2] * np.sin(turn), x[2], turn, x[4]]

    def noise(x: Any, dt: Any, p: Any) -> Any:
        along = [dt**2 / 2 * np.cos(x[3]), dt**2 / 2 * np.sin(x[3]), dt, 0, 0]
        return fog.noise.factored(
            np.array([along, [0, 0, 0, dt**2 / 2, dt]]).T, [p.push**2 * dt, p.twist**2 * dt]
        )

    motion = fog.Motion(
        state=names, dynamics=dynamics, noise=noise, params={"push": 0.7, "twist": 0.3}, angles=(names[3],)
    )
    radar = fog.Sensor(
        "radar",
        measures=("range", "bearing"),
        measure=lambda x, p: [np.hypot(x[0], x[1]), np.arctan2(x[1], x[0])],
        noise=lambda x, p: [[0.04, 0.001], [0.001, 0.0004]],
        angles=("bearing",),
    )
    camera = fog.Sensor(
        "camera",
        measures=("heading", "across"),
        measure=lambda x, p: [x[3], facing * (x[0] - 0.5 * x[1])],
        noise=lambda x, p: [[0.01, -0.002], [-0.002, 0.09]],
        angles=("heading",),
    )
    return fog.Model(motion, [radar, camera], start=TURNED_START if turned else START)


_A = np.array(
    [
        [1, 0.2, 0, 0, 0],
        [-0.3, 0.8, 0, 0, 0],
        [0.1, 0, 0.5, 0, 0],
        [0, 0.1, 0, 0.3, 0],
        [0, 0, 0.02, 0.1, 0.2],
    ]
)
START = fog.Belief([-4.0, 0.3, 1.2, 1.9, 0.4], cov=_A @ _A.T)
TURN = np.diag([-1.0, -1.0, 1.0, 1.0, 1.0])
TURNED_START = fog.Belief(TURN @ START.mean + [0, 0, 0, -np.pi, 0], cov=TURN @ START.cov @ TURN)


def log(rows: int = 30, seed: int = 3) -> tuple[Any, Any, Any]:
    """Uneven times, radar (rows, 2) and camera (rows, 2): a rough circle, crossing the seam at pi, with gaps."""
    rng = np.random.default_rng(seed)
    seconds = np.cumsum(np.round(rng.uniform(0.05, 0.3, rows), 3))
    yaw = 1.9 + 0.4 * seconds
    px, py = -4 + np.cumsum(np.cos(yaw)) * 0.2, np.linspace(0.9, -1.6, rows)
    radar = np.column_stack([np.hypot(px, py), np.arctan2(py, px)]) + rng.normal(0, [0.2, 0.02], (rows, 2))
    camera = np.column_stack([yaw, px - 0.5 * py]) + rng.normal(0, [0.1, 0.3], (rows, 2))
    radar[rng.random((rows, 2)) < 0.2] = np.nan
    camera[rng.random(rows) < 0.4] = np.nan
    return seconds, radar, camera
