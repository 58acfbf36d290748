"""A laser measures position; a radar measures range, bearing and range rate. One car, two sensors that take turns.

    python examples/real/laser_and_radar.py

The log is obj_pose-laser-radar-synthetic-input.txt of the Udacity extended Kalman filter project (MIT, (c)
2017-2018 Udacity), 500 rows, 20 a second, with the truth. Its exercises ask for errors in x, y and the two speeds of
at most 0.11, 0.11, 0.52, 0.52 (extended) and 0.09, 0.10, 0.40, 0.30 (unscented), first rows included. The
sensors' standard deviations are those of the exercise; accel and turn_accel are the values among 0.1, 0.3 and 1 with
the highest likelihood:

    model              method   log-likelihood   x      y      x_speed  y_speed
    straight on        EKF           456        0.090  0.083   0.402    0.390
    turning (CTRV)     EKF           555        0.062  0.083   0.416    0.249
    turning (CTRV)     UKF           577        0.061  0.086   0.310    0.205

A motion that can turn explains the log far better. The UKF gains on the EKF in the first half second, while the
heading of the car is still unknown. Every row is processed once, with the sensor that it has.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from recorded import folder

import foglight as fog

Array = np.ndarray


def read(data: Path) -> tuple[fog.Log, Array]:
    """The log, and the truth (T, 4): x, y and their speeds.

    A row has L or R, then the two or three values of that sensor, the time in microseconds, and the truth. No table
    reader can know rows of different kinds and lengths, but it takes only ten lines of Python to read them.
    """
    lines = (data / "obj_pose-laser-radar-synthetic-input.txt").read_text().splitlines()
    stamps, truth = [], []
    readings = {"L": np.full((len(lines), 2), np.nan), "R": np.full((len(lines), 3), np.nan)}
    for k, line in enumerate(lines):
        kind, *values = line.split()
        seen = readings[kind][k]
        seen[:] = values[: len(seen)]
        stamps.append(int(values[len(seen)]))
        truth.append(values[len(seen) + 1 :][:4])
    time = np.array(stamps, "datetime64[us]")  # whole microseconds, as in the file
    return fog.Log.from_arrays(time, laser=readings["L"], radar=readings["R"]), np.array(truth, float)


laser = fog.sensing.linear("laser", of=("x", "y"), std=0.15)
stds = {"range_std": 0.3, "bearing_std": 0.03, "range_rate_std": 0.3}

straight = fog.Model(
    fog.motion.constant_velocity(("x", "y"), accel=1.0),
    [laser, fog.sensing.range_bearing_rate("radar", **stds)],
    start=fog.Belief([0, 0, 0, 0], std=[10, 10, 5, 5]),
)
turning = fog.Model(
    fog.motion.ctrv(accel=0.1, turn_accel=0.1),
    [laser, fog.sensing.range_bearing_rate("radar", **stds, speed="speed", heading="heading")],
    start=fog.Belief([0, 0, 0, 0, 0], std=[10, 10, 5, 1, 0.5]),
)


def cartesian(run: fog.Run) -> Array:
    """x, y and their speeds (T, 4), whatever the model calls its states."""
    mean = run.filtered.mean
    if run.model.state == straight.state:
        return mean
    x, y, speed, heading, _ = mean.T
    return np.column_stack([x, y, speed * np.cos(heading), speed * np.sin(heading)])


def rmse(run: fog.Run, truth: Array) -> Array:
    return np.sqrt(((cartesian(run) - truth) ** 2).mean(axis=0))


def runs(log: fog.Log) -> Iterator[tuple[str, fog.Run]]:
    yield "straight on, EKF", fog.run(straight, log, fog.EKF())
    yield "turning, EKF", fog.run(turning, log, fog.EKF())
    yield "turning, UKF", fog.run(turning, log, fog.UKF())


def main() -> None:
    log, truth = read(folder("udacity_obj_pose"))
    print(log)
    for name, run in runs(log):
        errors = "  ".join(f"{error:.3f}" for error in rmse(run, truth))
        print(f"{name:18} log-likelihood {run.loglik:5.0f}   off by {errors}")


if __name__ == "__main__":
    main()
