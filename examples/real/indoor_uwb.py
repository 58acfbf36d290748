"""A robot in a labyrinth receives one radio beacon at a time, and each range is a decimetre too long. Where is it?

    python examples/real/indoor_uwb.py

The log is Indoor_UWB of libRSF (TUC-ProAut/libRSF, datasets/Indoor_UWB; (c) 2017-2023 Tim Pfeifer, TU Chemnitz;
CC BY-SA 4.0): 233 ranges to four beacons in turn, eight a second, the speeds of two wheels, and the true path.
It is not known where the robot starts or which way it faces, and the ranges are too long by an amount that nobody
measured. So the bias is a state like any other, and eight filters are started, each facing in a different direction.
In every row their estimates are averaged, weighted by the likelihood of the readings so far. Nothing looks ahead, and
nothing is tuned: all noise levels are those stated with the log.

The likelihood answers one question: what are the wheel columns? The file's readme calls them right and left, and gives
an axle of 0.0785 m. There are four interpretations; the error is the root mean square over all 233 rows, the first one
included:

    axle (m)     log-likelihood   error (m)
    +0.0785          -2705          0.72      as the readme says
    -0.0785          -2438          0.65      left and right exchanged, or the axes left-handed
    +0.1570          -4900          1.06      0.0785 m from the middle to a wheel
    -0.1570           +175          0.083     both, beyond doubt

With that interpretation, and one thing changed at a time:

    no bias                 +57     0.161     ranges used as they are
    bias 0.1 m, by hand    +177     0.087     the target for the estimate, which finds 0.109 +- 0.007 m
    a bias for each beacon +174     0.121     four biases, not one, to learn from the same ranges
    one start, any heading  +17     0.198     a single EKF may take the wrong turn; a UKF: +158, 0.104
    UKF, eight starts      +172     0.091
    EKF(iterations=3)      +175     0.084
    wheels one row later   +164     0.091     as if a wheel reading held since the one before, not until the next

The true path is used for the last column and for nothing else.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from recorded import folder

import foglight as fog

AXLES = (0.0785, -0.0785, 0.157, -0.157)  # m between the wheels; negative: it turns the other way
FACING = np.arange(8) * np.pi / 4  # rad


def read(data: Path) -> tuple[fog.Log, dict[str, list[float]], np.ndarray]:
    """The log, the position of each beacon, and the true path (T, 2)."""
    lines = [line.split() for line in (data / "Indoor_UWB_Input.txt").read_text().splitlines()]
    received = [line for line in lines if line[0] == "range2"]
    wheels = np.array([line[2:4] for line in lines if line[0] == "odom2diff"], float)
    beacons = {f"uwb{line[6]}": [float(line[4]), float(line[5])] for line in received}
    ranges = {
        name: [float(line[2]) if name.endswith(line[6]) else np.nan for line in received] for name in beacons
    }
    wheels = np.vstack([wheels[:1], wheels[:-1]])  # a reading holds until the next; u[k] acts before row k
    log = fog.Log.from_arrays([float(line[1]) for line in received], u=wheels, **ranges)
    return log, beacons, np.loadtxt(data / "Indoor_UWB_GT.txt", usecols=(2, 3))


def drive(x, dt, p, u):
    turn = (u.right - u.left) / p.axle * dt
    ahead = (u.right + u.left) / 2 * dt
    way = x.heading + turn / 2
    return [x.x + ahead * np.cos(way), x.y + ahead * np.sin(way), x.heading + turn, x.bias]


def wheel_noise(x, dt, p, u):
    """The error of each wheel's speed acts as the speed does: half of it ahead, and on the heading."""
    way = x.heading + (u.right - u.left) / p.axle * dt / 2
    ahead = [dt / 2 * np.cos(way), dt / 2 * np.sin(way)]
    right, left = [*ahead, dt / p.axle, 0], [*ahead, -dt / p.axle, 0]
    return fog.noise.factored(np.array([right, left]).T, [p.wheel_std**2, p.wheel_std**2])


def beacon(name, at):
    return fog.Sensor(
        name,
        measures=("range",),
        measure=lambda x, p: [np.hypot(x.x - at[0], x.y - at[1]) + x.bias],
        noise=lambda x, p: [[p.std**2]],
        params={"std": 0.1},
    )


def model(beacons: dict[str, list[float]]) -> fog.Model:
    """The robot, somewhere among its beacons."""
    motion = fog.Motion(
        ("x", "y", "heading", "bias"),
        drive,
        wheel_noise,
        params={"axle": AXLES[-1], "wheel_std": 0.01},
        controls=("right", "left"),
        angles=("heading",),
    )
    middle = np.mean(list(beacons.values()), axis=0)
    start = fog.Belief([*middle, 0, 0], std=[1, 1, np.pi / 8, 0.1])
    return fog.Model(motion, [beacon(name, at) for name, at in beacons.items()], start)


def starts(robot: fog.Model, log: fog.Log, method=None) -> list[fog.Run]:
    """One run for each direction that the robot might face at the start."""
    x, y, _, *rest = robot.start.mean
    beliefs = [fog.Belief([x, y, way, *rest], cov=robot.start.cov) for way in FACING]
    return [fog.run(robot.with_start(belief), log, method) for belief in beliefs]


def weights(runs: Sequence[fog.Run]) -> np.ndarray:
    """The probability of each run in each row (runs, T), given the readings up to that row, by Bayes' rule."""
    loglik = np.cumsum([run.row_loglik for run in runs], axis=1)
    likelihood = np.exp(loglik - loglik.max(axis=0))
    return likelihood / likelihood.sum(axis=0)


def path(runs: Sequence[fog.Run]) -> np.ndarray:
    """The weighted mean position in each row, (T, 2)."""
    return np.einsum("rt,rti->ti", weights(runs), [run.filtered.mean[:, :2] for run in runs])


def loglik(runs: Sequence[fog.Run]) -> float:
    """The log of the mean likelihood: all starts are equally likely."""
    return float(np.logaddexp.reduce([run.loglik for run in runs]) - np.log(len(runs)))


def rms(estimate: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(((estimate - truth) ** 2).sum(axis=1).mean()))


def main() -> None:
    log, beacons, truth = read(folder("libRSF_indoor_uwb"))
    robot = model(beacons)
    candidates = {axle: starts(robot.with_parameters({"axle": axle}), log) for axle in AXLES}
    for axle, runs in candidates.items():
        error = rms(path(runs), truth)
        print(f"axle {axle:+.4f} m: log-likelihood {loglik(runs):+6.0f}, {error:.3f} m from the truth")
    likeliest = max(candidates.values(), key=loglik)
    last = max(likeliest, key=lambda run: run.loglik).belief
    sure = np.argmax(weights(likeliest).max(axis=0) > 0.99)
    print(f"the heading at the start is 99 % certain after {log.dt()[: sure + 1].sum():.1f} s")
    print(f"ranges are too long by {last.mean[3]:.3f} m, give or take {last.std[3]:.3f} m")


if __name__ == "__main__":
    main()
