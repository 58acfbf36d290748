"""A real radar, and one person walking in front of it: with stale frames, and with holes.

    python examples/real/mmwave.py

The log is mmwave_person_sot of Research-and-Project/mmWave_radar_tracking (MIT): the centroid of what a millimetre-wave
radar saw of one person: 255 rows of x_m, y_m, z_m, and no time column. 97 rows repeat the previous row to the last
digit: the computer polled the radar faster than it measured. If they count as new information, each of them makes the
filter more certain than it should be; `repeats="skip"` leaves them out and marks them in the status. In a second file
eight rows are lost, and the filter bridges them. On the command line:

    foglight run examples/real/mmwave.toml orig_traj_withNaN.csv -o out.csv --dt 0.051 --repeats skip

A third file, of another walk, has single echoes with their range and Doppler speed: the speed at which the person
leaves, as estimated from the ranges alone, agrees with the Doppler shift.
"""

import gzip
from pathlib import Path

import numpy as np
from recorded import folder
from scipy.stats import chi2

import foglight as fog

Array = np.ndarray
MODEL = Path(__file__).with_name("mmwave.toml")
PERIOD = 0.051  # s between rows
MOVING = 0.3  # m/s: slower echoes come from walls and furniture


def follow(path: Path, repeats: str = "skip") -> fog.Run:
    """Where the person was, from the centroids."""
    model, method = fog.load_model(MODEL)
    return fog.run(model, fog.Log.read(path, dt=PERIOD, repeats=repeats), method)


def claimed_std(run: fog.Run, rows: Array) -> float:
    """The mean standard deviation of y, down range, that the filter claims in these rows (m)."""
    return float(run.filtered.std[rows, 1].mean())


def echoes(path: Path) -> tuple[Array, Array, Array]:
    """Time in s, range in m and Doppler speed in m/s (T,): medians over what moved in each frame."""
    with gzip.open(path, "rt") as file:
        _, stamp, distance, _, _, speed, _ = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    moving = np.abs(speed) > MOVING
    stamp, distance, speed = stamp[moving], distance[moving], speed[moving]
    seen = []
    for now in np.unique(stamp):
        frame = stamp == now
        middle = np.median(distance[frame])
        person = frame & (np.abs(distance - middle) < 0.75)
        seen.append([now / 1e3, middle, np.median(speed[person])])
    time, middle, doppler = np.array(seen).T
    return time, middle, doppler


def leaving(time: Array, distance: Array) -> fog.Run:
    """Range and range rate, from ranges alone."""
    model = fog.Model(
        fog.motion.constant_velocity("range", accel=1.0),
        [fog.sensing.linear("radar", of="range", std=0.15)],
        start=fog.Belief([5, 0], std=[3, 1.5]),
    )
    return fog.run(model, fog.Log.from_arrays(time, radar=distance))


def main() -> None:
    data = folder("mmwave_person_sot")
    kept, skipped = (follow(data / "orig_traj.csv", repeats) for repeats in ("keep", "skip"))
    stale = (skipped.status & fog.Status.REPEATED) != 0
    print(skipped)
    print(
        f"{stale.sum()} stale rows: used as new readings, they give a claimed std of {claimed_std(kept, stale):.2f} m,"
    )
    print(f"skipped, {claimed_std(skipped, stale):.2f} m")

    run = follow(data / "orig_traj_withNaN.csv")
    silent = run.status & (fog.Status.MISSING | fog.Status.REPEATED)
    lost = np.flatnonzero(silent == fog.Status.MISSING)
    components = np.count_nonzero(~np.isnan(run.innovation))
    low, high = chi2.interval(0.95, components)
    print(f"lost rows {', '.join(map(str, lost))}: bridged")
    print(
        f"NIS per component {np.nansum(run.nis) / components:.2f}, where 95 % of correct models have "
        f"{low / components:.2f} to {high / components:.2f}"
    )

    time, distance, doppler = echoes(data / "moving_points.csv.gz")
    speed = leaving(time, distance).filtered.mean[:, 1]
    walking = np.abs(speed) > MOVING
    agree = np.mean(np.sign(speed[walking]) == np.sign(doppler[walking]))
    print(
        f"{len(time)} frames: in {agree:.0%} of those with somebody walking, the speed from ranges and the Doppler"
    )
    print(
        f"speed have the same sign; the median difference is {np.median(np.abs(speed - doppler)[walking]):.2f} m/s"
    )


if __name__ == "__main__":
    main()
