"""Adapted noises on simulated logs: a vehicle whose position is measured once a second, with other noises than stated.

The model states a standard deviation of 1 m for each coordinate, and accelerations of 0.5 m/s² per √Hz. In each case
one of them is wrong, for the whole log or from its middle on. Every filter is compared with one that knows the noises,
and which readings are far off.

    python examples/adaptive/noises.py [logs]
"""

import sys
from typing import Any, NamedTuple

import numpy as np

import foglight as fog

ROWS, DT = 2000, 1.0
HALF = ROWS // 2
METHODS = (fog.EKF(), fog.EKF(adapt=fog.adapt(motion=False)), fog.EKF(adapt=fog.adapt()))


class Case(NamedTuple):
    """By what the true standard deviations differ from the stated ones: of readings, then of accelerations.

    change: what the noise of readings is multiplied by from the middle of the log on. wild: the share of readings that
    are ten times as far off.
    """

    name: str
    reading: float = 1.0
    accel: float = 1.0
    change: float = 1.0
    wild: float = 0.0


CASES = (
    Case("as stated"),
    Case("readings 3 times as noisy", reading=3.0),
    Case("readings 3 times as good", reading=1 / 3),
    Case("3 times as noisy from the middle on", change=3.0),
    Case("accelerations 3 times as large", accel=3.0),
    Case("accelerations 3 times as small", accel=1 / 3),
    Case("both 3 times as large", reading=3.0, accel=3.0),
    Case("one reading in 20 ten times as far off", wild=0.05),
)


def vehicle(reading: float = 1.0, accel: float = 1.0) -> fog.Model:
    """The model, its standard deviations multiplied by these factors."""
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.5 * accel)
    gps = fog.sensing.linear("gps", of=("x", "y"), std=1.0 * reading)
    return fog.Model(motion, [gps], start=fog.Belief([0, 0, 0, 0], std=[1, 1, 1, 1]))


def simulated(case: Case, logs: int, seed: int = 1, dt: float = DT, rows: int = ROWS) -> tuple[Any, Any, Any]:
    """Readings (logs, T, 2), true states (logs, T, 4), and which readings are far off (logs, T)."""
    rng = np.random.default_rng(seed)
    q = (0.5 * case.accel) ** 2
    Q = q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    L = np.linalg.cholesky(Q)
    state = rng.standard_normal((logs, 2, 2))  # of each axis: position, speed
    states = np.empty((rows, logs, 2, 2))
    for k in range(rows):
        if k:
            state = state @ np.array([[1.0, 0.0], [dt, 1.0]]) + rng.standard_normal(state.shape) @ L.T
        states[k] = state
    std = np.where(np.arange(rows) < rows // 2, 1.0, case.change) * case.reading
    wild = rng.random((rows, logs)) < case.wild
    off = np.where(wild, 10.0, 1.0)[:, :, None]
    readings = states[..., 0] + std[:, None, None] * off * rng.standard_normal((rows, logs, 2))
    truth = np.concatenate([states[..., 0], states[..., 1]], axis=2)
    return readings.swapaxes(0, 1), truth.swapaxes(0, 1), wild.T


def run(model: fog.Model, readings: Any, method: Any, dt: float = DT) -> fog.Run:
    """One filter on all logs."""
    return fog.run(model, fog.Log.regular(readings, dt=dt), method)


def rms(found: Any, truth: Any) -> float:
    """The root mean square error of the position in the last quarter of the log."""
    last = 3 * truth.shape[1] // 4
    error = found[:, last:, :2] - truth[:, last:, :2]
    return float(np.sqrt((error**2).sum(axis=2).mean()))


def nees(found: fog.Run, truth: Any, row: int) -> Any:
    """The normalised squared error of each log in this row: χ² with 4 degrees of freedom if the filter is honest."""
    error = found.filtered.mean[:, row] - truth[:, row]
    return np.einsum("ki,kij,kj->k", error, np.linalg.inv(found.filtered.cov[:, row]), error)


def main(logs: int) -> None:
    """The table of docs/how-to/adaptive-noise.md."""
    print(
        "| true noises | "
        + " | ".join(f"`{method!r}`" for method in METHODS)
        + " | scale of R | scale of Q | NEES |"
    )
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        readings, truth, wild = simulated(case, logs)
        good = np.where(wild[:, :, None], np.nan, readings)
        best = rms(run(vehicle(case.reading * case.change, case.accel), good, fog.EKF()).filtered.mean, truth)
        runs = [run(vehicle(), readings, method) for method in METHODS]
        errors = [f"{rms(one.filtered.mean, truth) / best:.3f}" for one in runs]
        last = slice(3 * ROWS // 4, None)
        scales = [runs[-1].adapted[name][:, last] for name in ("gps", "motion")]
        cells = [f"{s.mean():.2f} ± {s.std():.2f}" for s in scales]
        honest = np.mean([nees(runs[-1], truth, row).mean() for row in range(3 * ROWS // 4, ROWS, 25)])
        print(f"| {case.name} | {' | '.join([*errors, *cells])} | {honest:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
