"""Reproduce the log of the demo, to the byte: python examples/fog/make_log.py

A car creeps through the fog towards somebody who sways on the shoulder of the road. The true model below contains what
the filter is not given: he sways about one spot, 2.2 m beside the car's path, and the car holds its speed. Its radar
reports range and bearing twenty times a second; one report in ten is lost, and for one second, in a thicker bank of
fog, all of them.
"""

import sys
from pathlib import Path

import numpy as np

import foglight as fog

SEED = 7
DT, STEPS = 0.05, 220  # s, rows: eleven seconds
SPOT = 2.2  # m beside the car's path
BANK = slice(110, 130)  # rows lost in the thicker bank

swaying = fog.motion.sway(("sway_ahead", "sway_aside"), tau=1.0, std=0.4)


def drive(x, dt, p):
    return [x.gap - dt * p.speed, *swaying.dynamics(x[1:], dt, p)]


def unrest(x, dt, p):
    return fog.noise.stack(fog.noise.random_walk(dt, 0.0), swaying.noise(x[1:], dt, p))


def echo(x, p):
    ahead, aside = x.gap + x.sway_ahead, SPOT + x.sway_aside
    return [np.hypot(ahead, aside), np.arctan2(aside, ahead)]


def echo_noise(x, p):
    return [[p.range_std**2, 0.0], [0.0, p.bearing_std**2]]


world = fog.Model(
    fog.Motion(("gap", *swaying.state), drive, unrest, params={"speed": 5.0, **swaying.params}),
    [
        fog.Sensor(
            "radar",
            ("range", "bearing"),
            echo,
            echo_noise,
            params={"range_std": 0.5, "bearing_std": 0.03},
            angles=("bearing",),
        )
    ],
    start=fog.Belief([60.0, 0.0, 0.0, 0.0, 0.0], std=[0.0, 0.4, 0.4, 0.4, 0.4]),
)


def main(folder: Path) -> None:
    """Write pedestrian.csv and truth.csv, the latter as seen from the car: ahead, aside, and their speeds."""
    log, states = fog.simulate(world, STEPS, DT, SEED, missing=0.1)
    z = np.round(log.bind(world), 4)
    z[BANK] = np.nan
    fog.Log.from_arrays(log.time_ns / 1e9, range=z[:, 0], bearing=z[:, 1]).write(folder / "pedestrian.csv")
    gap, ahead, aside, ahead_speed, aside_speed = np.round(states, 4).T
    seen = np.column_stack(
        [gap + ahead, SPOT + aside, ahead_speed - world.parameters["motion.speed"], aside_speed]
    )
    names = ("ahead", "aside", "ahead_speed", "aside_speed")
    log.write(folder / "truth.csv", states=dict(zip(names, np.round(seen, 4).T, strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
