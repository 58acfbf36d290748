"""A robot counts its wheels, and loses the sky for a minute.

    python examples/models/robot.py

The wheels report speed and turn rate 20 times a second: they are inputs of the motion, not measurements. A receiver
gives a position every second, and nothing between 60 s and 120 s; a compass gives the heading twice a second. Each has
a clock of its own, and `fog.Log.merge` makes one log of the three tables, with `hold=True` for the wheels. These read
3 % too much, since the tyres are worn, and the turn rate is off by 0.01 rad/s: the model has a state for each. The
filter learns both while it sees the sky. So in the outage it is off by less than dead reckoning from the same row on,
and its standard deviation says by how much.

The log is simulated, by a path of its own and not by the model, so that there is a truth.
"""

from typing import Any, NamedTuple

import numpy as np

import foglight as fog

Array = np.ndarray
LENGTH, OUTAGE = 180.0, (60.0, 120.0)  # s
SPEED_STD, TURN_STD, EVERY = 0.15, 0.05, 0.05  # of a report of the wheels: m/s, rad/s, s between two
GPS_STD, COMPASS_STD = 0.5, 0.05  # m, rad
WORN, OFF = 0.97, 0.01  # true speed over what the wheels read; rad/s that their turn rate is off


class Drive(NamedTuple):
    """The true path, time (T,), position (T, 2) and heading (T,), and the tables of the three devices."""

    time: Array
    position: Array
    heading: Array
    wheels: dict[str, Array]
    gps: dict[str, Array]
    compass: dict[str, Array]

    @property
    def log(self) -> fog.Log:
        """One log of the three, with a row for every stamp of any of them."""
        return fog.Log.merge(gps=self.gps, compass=self.compass, u=self.wheels, hold=True)

    def at(self, time: Array) -> Array:
        """The true position at these times."""
        return np.column_stack([np.interp(time, self.time, axis) for axis in self.position.T])


def drive(seed: int) -> Drive:
    """A drive along bends of all kinds, at speeds from 0.5 to 1.5 m/s, and what the devices report of it."""
    rng = np.random.default_rng(seed)
    every, fine = EVERY, 50  # steps of the truth in one of the wheels
    count = round(LENGTH / every)
    middle = (np.arange(count * fine) + 0.5) * every / fine
    speed = 1.0 + 0.5 * np.sin(0.13 * middle)
    turn = 0.3 * np.sin(0.21 * middle) + 0.2 * np.sin(0.05 * middle + 1.0)
    heading = np.concatenate([[0.0], np.cumsum(turn) * every / fine])
    step = speed * every / fine
    along = 0.5 * (heading[1:] + heading[:-1])
    position = np.concatenate(
        [[[0.0, 0.0]], np.cumsum(np.c_[step * np.cos(along), step * np.sin(along)], axis=0)]
    )
    time = np.arange(count * fine + 1) * every / fine

    wheels = {
        "time": (np.arange(count) + 1.0) * every,  # each report is the mean since the one before
        "speed": speed.reshape(count, fine).mean(axis=1) / WORN + SPEED_STD * rng.standard_normal(count),
        "turn": turn.reshape(count, fine).mean(axis=1) + OFF + TURN_STD * rng.standard_normal(count),
    }
    fixes = np.arange(0.4, LENGTH, 1.0)
    fixes = fixes[(fixes < OUTAGE[0]) | (fixes >= OUTAGE[1])]
    seen = np.column_stack([np.interp(fixes, time, axis) for axis in position.T])
    seen += GPS_STD * rng.standard_normal(seen.shape)
    looks = np.arange(0.23, LENGTH, 0.5)
    course = np.interp(looks, time, heading) + COMPASS_STD * rng.standard_normal(len(looks))
    return Drive(
        time, position, heading, wheels,
        {"time": fixes, "x": seen[:, 0], "y": seen[:, 1]},
        {"time": looks, "heading": np.mod(course + np.pi, 2.0 * np.pi) - np.pi},
    )  # fmt: skip


def robot(learns: bool = True) -> fog.Model:
    """The model. learns: whether the scale of the wheels and the error of their turn rate are unknown."""

    def noise(x: Any, dt: Any, p: Any) -> Any:
        c, s, o = np.cos(x.heading), np.sin(x.heading), 0.0
        wheels = [[c, o], [s, o], [o, 1.0], [o, o], [o, o]]  # along the way, and in the heading
        return fog.noise.factored(wheels, [p.slip**2 * dt, p.twist**2 * dt])

    motion = fog.Motion(
        ("x", "y", "heading", "scale", "turn_bias"),
        lambda x, dt, u: [
            x.x + dt * x.scale * u.speed * np.cos(x.heading + 0.5 * dt * (u.turn - x.turn_bias)),
            x.y + dt * x.scale * u.speed * np.sin(x.heading + 0.5 * dt * (u.turn - x.turn_bias)),
            x.heading + dt * (u.turn - x.turn_bias),
            x.scale,
            x.turn_bias,
        ],
        noise,
        # A report of the wheels is off for as long as it holds.
        params={"slip": SPEED_STD * EVERY**0.5, "twist": TURN_STD * EVERY**0.5},
        controls=("speed", "turn"),
        angles=("heading",),
    )
    gps = fog.sensing.linear("gps", of=("x", "y"), std=GPS_STD)
    compass = fog.sensing.linear("compass", of="heading", std=COMPASS_STD)
    unknown = [0.05, 0.02] if learns else [0.0, 0.0]
    start = fog.Belief([0.0, 0.0, 0.0, 1.0, 0.0], std=[1.0, 1.0, 0.3, *unknown], names=motion.state)
    return fog.Model(motion, [gps, compass], start)


def row_of(run: fog.Run, time: float) -> int:
    """The last row before this time."""
    return int(np.searchsorted(run.time, time)) - 1


def off(run: fog.Run, driven: Drive) -> Array:
    """How far the filter is from the truth in each row (m)."""
    distance: Array = np.linalg.norm(run.filtered.mean[:, :2] - driven.at(run.time), axis=1)
    return distance


def wide(run: fog.Run) -> Array:
    """How far it says that it is, root mean square, in each row (m)."""
    cov = run.filtered.cov
    return np.sqrt(cov[:, 0, 0] + cov[:, 1, 1])


def dead_reckoning(run: fog.Run, driven: Drive) -> float:
    """How far off the wheels alone, as they read, are at the outage's end, from the filter's last row before it (m)."""
    first, last = (row_of(run, time) for time in OUTAGE)
    x, y, heading = run.filtered.mean[first, :3]
    dt, u = np.diff(run.time), run.log.controls(run.model)
    for k in range(first, last):
        speed, turn = u[k + 1]
        x, y = x + dt[k] * speed * np.cos(heading), y + dt[k] * speed * np.sin(heading)
        heading += dt[k] * turn
    return float(np.hypot(*([x, y] - driven.at(run.time[last : last + 1])[0])))


def main() -> None:
    driven = drive(seed=1)
    run, naive = (fog.run(robot(learns), driven.log) for learns in (True, False))
    found = " and ".join(
        f"{name} {mean:.4f} ± {std:.4f} (true {true})"
        for name, mean, std, true in zip(
            run.model.state[3:], run.filtered.mean[-1, 3:], run.filtered.std[-1, 3:], (WORN, OFF), strict=True
        )
    )
    print(f"{len(run.log)} rows; learnt: {found}")
    print("time     off     std    off, if nothing is learnt")
    for time in (OUTAGE[0], 80.0, 100.0, OUTAGE[1], OUTAGE[1] + 3.0):
        k = row_of(run, time)
        print(
            f"{time:4.0f} s  {off(run, driven)[k]:.2f} m  {wide(run)[k]:.2f} m  {off(naive, driven)[k]:.2f} m"
        )
    print(f"the wheels alone, from 60 s on: {dead_reckoning(run, driven):.1f} m off at 120 s")
    print(f"of the filter that learns nothing, fog.check says: {fog.check(naive).findings[0].sentence}")


if __name__ == "__main__":
    main()
