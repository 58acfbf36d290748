"""Nine hundred real walkers: how well does "straight on" predict the next step, and what would a radar see?

    python examples/real/pedestrians.py

The tracks are biwi_eth, crowds_zara01 and students003 of the ETH and UCY pedestrian recordings (Pellegrini et al.
2009, Lerner et al. 2007; research data, as collected by Social-STGCNN, MIT): positions in m every 0.4 s, annotated
by hand. Here they are the truth.

First: predict each walker's next position from the positions so far. Two points and a ruler, the plain
constant-velocity prediction, miss by 0.186, 0.045 and 0.061 m (root mean square of the distance, from each track's
third row). A Kalman filter based on the same idea also knows how much people change their pace and how much an
annotator's hand shakes; both parameters maximise the likelihood on every other walker:

    scene            ruler    filter    accel (m/s^1.5)   std (m)
    biwi_eth         0.186    0.179         0.38           0.043
    crowds_zara01    0.0453   0.0438        0.15           0.002
    students003      0.0608   0.0589        0.20           none to speak of

Second: a simulated radar, 5 m beside the scene, with standard deviations of a quarter of a metre, 1.5 degrees and
0.2 m/s. All filters start with "somewhere in the scene, at walking speed". Distance from the truth, same rows:

    scene            raw      EKF      UKF      EKF(iterations=5)
    biwi_eth         0.449    0.426    0.464    0.306
    crowds_zara01    0.383    0.310    0.307    0.232
    students003      0.438    0.307    0.323    0.272

The start is vague and the radar is precise, so the first updates are the most nonlinear. The filter that linearises
again at its own result is the only one of the three whose claimed uncertainty is honest: its mean NIS is 2.8 to 2.9,
where 3 is right.
"""

from pathlib import Path

import numpy as np
from recorded import folder
from scipy.optimize import minimize

import foglight as fog

Array = np.ndarray
SCENES = ("biwi_eth", "crowds_zara01", "students003")
FRAME = 0.04  # s
METHODS = (fog.EKF(), fog.UKF(), fog.EKF(iterations=5))
RADAR = {"range_std": 0.25, "bearing_std": np.radians(1.5), "range_rate_std": 0.2}


def read(path: Path) -> tuple[Array, Array, Array]:
    """Walker, time (s) and position (m) of every row, walker after walker."""
    frame, walker, x, y = np.loadtxt(path, unpack=True)
    order = np.lexsort((frame, walker))
    return walker[order].astype(int), frame[order] * FRAME, np.column_stack([x, y])[order]


def from_third(walker: Array) -> Array:
    """Which rows come after at least two rows of the same walker."""
    return np.concatenate([[False, False], walker[2:] == walker[:-2]])


def ruler(walker: Array, position: Array) -> float:
    """The error of the plain prediction: twice the last position minus the one before."""
    rows = from_third(walker)
    predicted = 2 * np.roll(position, 1, axis=0) - np.roll(position, 2, axis=0)
    return distance(predicted[rows], position[rows])


def distance(estimate: Array, truth: Array) -> float:
    """Root mean square of the distance in the plane."""
    return float(np.sqrt(((estimate - truth) ** 2).sum(axis=1).mean()))


def crowd(position: Array, sensor: fog.Sensor, accel: float = 0.3) -> fog.Model:
    """Somebody in the scene, walking straight on."""
    start = fog.Belief([*position.mean(axis=0), 0, 0], std=[*(2 * position.std(axis=0)), 2, 2])
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=accel), [sensor], start)


def tuned(model: fog.Model, log: fog.Log, **guess: float) -> fog.Model:
    """The model with the parameters that maximise the likelihood of the log, found from a first guess."""

    def at(logs: Array) -> fog.Model:
        return model.with_parameters(dict(zip(guess, np.exp(logs), strict=True)))

    def cost(logs: Array) -> float:
        return -float(np.sum(fog.run(at(logs), log, keep="last").loglik))

    first = np.log(list(guess.values()))
    return at(minimize(cost, first, method="Nelder-Mead", options={"xatol": 0.02, "fatol": 1.0}).x)


def predict(walker: Array, time: Array, position: Array) -> tuple[fog.Model, fog.Run]:
    """A camera's model, tuned on every other walker, and its run over all of them."""
    model = crowd(position, fog.sensing.linear("camera", of=("x", "y"), std=0.01))
    half = walker % 2 == 0
    model = tuned(
        model, fog.Log.from_arrays(time[half], track=walker[half], camera=position[half]), accel=0.3, std=0.01
    )
    return model, fog.run(model, fog.Log.from_arrays(time, track=walker, camera=position))


def scan(walker: Array, time: Array, position: Array, seed: int = 1) -> tuple[Array, Array]:
    """The position of the radar, and what it reports in every row: range, bearing, range rate (T, 3)."""
    at = np.array([position[:, 0].mean(), position[:, 1].min() - 5])
    tracks = np.split(np.arange(len(walker)), np.flatnonzero(np.diff(walker)) + 1)
    speed = np.concatenate([np.gradient(position[rows], time[rows], axis=0) for rows in tracks])
    x, y = (position - at).T
    far = np.hypot(x, y)
    exact = np.column_stack([far, np.arctan2(y, x), (x * speed[:, 0] + y * speed[:, 1]) / far])
    return at, exact + np.random.default_rng(seed).normal(size=exact.shape) * list(RADAR.values())


def points(at: Array, reports: Array) -> Array:
    """The positions of the walkers by range and bearing alone."""
    far, bearing, _ = reports.T
    return at + np.column_stack([far * np.cos(bearing), far * np.sin(bearing)])


def track(
    walker: Array, time: Array, position: Array, at: Array, reports: Array, accel: float
) -> list[fog.Run]:
    """A run of each method over the radar's reports."""
    model = crowd(position, fog.sensing.range_bearing_rate("radar", at=tuple(at), **RADAR), accel)
    log = fog.Log.from_arrays(time, track=walker, radar=reports)
    return [fog.run(model, log, method) for method in METHODS]


def main() -> None:
    data = folder("eth_ucy")
    for scene in SCENES:
        walker, time, position = read(data / f"{scene}.txt")
        rows = from_third(walker)
        model, run = predict(walker, time, position)
        plain, filtered = ruler(walker, position), distance(run.predicted.mean[rows, :2], position[rows])
        accel, std = model.parameters.values()
        print(f"{scene}, {len(np.unique(walker))} walkers: a ruler misses the next step by {plain:.4f} m,")
        print(f"  a filter by {filtered:.4f} m (accel {accel:.2f} m/s^1.5, std {1e3 * std:.1f} mm)")
        at, reports = scan(walker, time, position)
        print(f"  a radar's points are off by {distance(points(at, reports)[rows], position[rows]):.3f} m")
        for run in track(walker, time, position, at, reports, accel):
            error = distance(run.filtered.mean[rows, :2], position[rows])
            print(f"  {run.method!r}: {error:.3f} m, mean NIS {np.nanmean(run.nis):.2f}")


if __name__ == "__main__":
    main()
