"""Guards compared on simulated logs: a walker among four radio beacons, with spikes and a blocked beacon.

Four beacons stand at the corners of a square of 30 m and report ranges five times a second with a standard deviation of
0.5 m. Somebody walks among them at 1 m/s, for 200 s, from goal to goal. One range in five is a spike, 1 to 20 m too
long, and for 60 s one beacon reads 12 m too long. Every filter has the same model; one knows which readings are bad.

    python examples/guards/beacons.py [logs]
"""

import sys
from typing import Any, NamedTuple

import numpy as np

import foglight as fog

BEACONS = np.array([(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (0.0, 30.0)])
NAMES = ("south_west", "south_east", "north_east", "north_west")
DT, ROWS, BLOCKED = 0.2, 1000, 300
METHODS = (
    fog.EKF(), fog.EKF(huber=1.5), fog.EKF(gate=0.99), fog.EKF(gate=0.999), fog.EKF(gate=0.999, recover=2.0),
    fog.EKF(gate=0.9999, huber=2.0), fog.EKF(student=4), fog.EKF(gate=0.999, student=4),
    fog.EKF(gate=0.999999, student=4), fog.UKF(gate=0.999999, student=4),
)  # fmt: skip
RECOMMENDED = fog.EKF(gate=0.999999, student=4)
LOST = 5.0  # metres: ten times the noise


class Walk(NamedTuple):
    """Stamps (T,), positions (T, 2), ranges (T, 4), and which of them are bad (T, 4)."""

    seconds: Any
    position: Any
    ranges: Any
    bad: Any


def walker(start: float = 5.0) -> fog.Model:
    """A walker among the beacons, who starts near the middle, give or take `start` metres."""
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.5)
    sensors = [
        fog.sensing.range(name, at=tuple(at), std=0.5) for name, at in zip(NAMES, BEACONS, strict=True)
    ]
    return fog.Model(motion, sensors, start=fog.Belief([15, 15, 0, 0], std=[start, start, 1, 1]))


def simulated(seed: int) -> Walk:
    """One walk: towards a goal, turning by at most half a radian a second, then towards the next."""
    rng = np.random.default_rng(seed)
    position, heading, goal = np.array([15.0, 15.0]), rng.uniform(-np.pi, np.pi), rng.uniform(3.0, 27.0, 2)
    path = np.empty((ROWS, 2))
    for k in range(ROWS):
        path[k] = position
        if np.hypot(*(goal - position)) < 2.0:
            goal = rng.uniform(3.0, 27.0, 2)
        turn = np.arctan2(goal[1] - position[1], goal[0] - position[0]) - heading
        heading += np.clip((turn + np.pi) % (2.0 * np.pi) - np.pi, -0.5 * DT, 0.5 * DT)
        position = position + DT * np.array([np.cos(heading), np.sin(heading)])
    ranges = np.linalg.norm(path[:, None] - BEACONS, axis=2) + 0.5 * rng.standard_normal((ROWS, 4))
    bad = rng.random((ROWS, 4)) < 0.2
    ranges[bad] += rng.uniform(1.0, 20.0, bad.sum())
    beacon, first = rng.integers(4), rng.integers(100, ROWS - BLOCKED - 100)
    ranges[first : first + BLOCKED, beacon] += 12.0
    bad[first : first + BLOCKED, beacon] = True
    return Walk(DT * np.arange(ROWS), path, ranges, bad)


def run(model: fog.Model, walk: Walk, method: Any, informed: bool = False) -> fog.Run:
    """A filter on one log. informed: without the bad readings."""
    ranges = np.where(walk.bad, np.nan, walk.ranges) if informed else walk.ranges
    log = fog.Log.from_arrays(walk.seconds, **dict(zip(NAMES, ranges.T, strict=True)))
    return fog.run(model, log, method)


def errors(found: fog.Run, walk: Walk) -> Any:
    """The distance from the true position in each row, from 5 s on."""
    return np.linalg.norm(found.filtered.mean[25:, :2] - walk.position[25:], axis=1)


def rms(values: Any) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def compared(logs: int, methods: Any = METHODS, start: float = 5.0) -> dict[str, Any]:
    """By method (logs, 3): the RMSE in metres, its ratio to that of the informed filter, the largest error."""
    model, found = walker(start), {repr(method): np.empty((logs, 3)) for method in methods}
    for seed in range(logs):
        walk = simulated(seed)
        best = rms(errors(run(model, walk, fog.EKF(), informed=True), walk))
        for method in methods:
            off = errors(run(model, walk, method), walk)
            found[repr(method)][seed] = rms(off), rms(off) / best, off.max()
    return found


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    print(f"{'':35} RMSE: median  worst | of the informed: median  worst | largest error | logs lost")
    for name, figures in compared(count).items():
        (median, ratio, _), (worst, most, largest) = np.median(figures, axis=0), figures.max(axis=0)
        lost = int((figures[:, 2] > LOST).sum())
        print(
            f"{name:35} {median:12.2f} {worst:6.2f} | {ratio:19.2f} {most:6.2f} | {largest:13.1f} | {lost:9}"
        )
