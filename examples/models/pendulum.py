"""A pendulum swings wide, seen ten times a second: its differential equation against a step of Euler's method.

    python examples/models/pendulum.py

    angle'' = -g/length sin(angle) - friction angle' + shaking

An encoder on the axis reads the angle every 0.1 s, in which the pendulum turns by up to half a radian. A motion in
continuous time integrates mean and covariance over each step to 1e-8 per second. The same equation as one Euler step a
row, which is how it is often written, gains energy in every step. So the log finds it a friction that is not there, and
a rate that is three times as far off. The log is a simulation in steps of 0.1 ms.
"""

import math
from typing import Any

import numpy as np

import foglight as fog

Array = np.ndarray
G = 9.81  # m/s²
LENGTH, FRICTION, SHAKE = 1.2, 0.05, 0.2  # m, 1/s, rad/s per √s
DT, ROWS, STD = 0.1, 400, 0.02  # s between readings, their number, and their standard deviation (rad)
START = fog.Belief([1.5, 0.0], std=[0.1, 0.1], names=("angle", "rate"))
GUESS = {
    "length": fog.param(1.0, low=0.3, high=3.0),
    "friction": fog.param(0.1, low=0),
    "shake": fog.param(0.3, low=0),
}


def swing(x: Any, p: Any) -> list[Any]:
    """The drift: what the pendulum does unless it is shaken."""
    return [x.rate, -G / p.length * np.sin(x.angle) - p.friction * x.rate]


def continuous() -> fog.Motion:
    """The equation itself."""
    return fog.Motion.continuous(
        ("angle", "rate"),
        swing,
        lambda x, p: fog.noise.factored([[0.0], [1.0]], [p.shake**2]),
        params=GUESS,
        angles=("angle",),
        longest_step=DT,
        around=START,
    )


def euler() -> fog.Motion:
    """One Euler step a row."""
    return fog.Motion(
        ("angle", "rate"),
        lambda x, dt, p: [v + dt * slope for v, slope in zip(x, swing(x, p), strict=True)],
        lambda dt, p: fog.noise.factored([[0.0], [1.0]], [p.shake**2 * dt]),
        params=GUESS,
        angles=("angle",),
    )


def model(motion: fog.Motion) -> fog.Model:
    """A motion, and the encoder."""
    encoder = fog.sensing.linear("encoder", of="angle", std=STD)
    return fog.Model(motion, [encoder], START)


def simulated(seed: int) -> tuple[fog.Log, Array]:
    """The encoder's log, and the true states (T, 2) of its rows."""
    rng = np.random.default_rng(seed)
    fine = 1000
    h = DT / fine
    angle, rate = (START.mean + START.std * rng.standard_normal(2)).tolist()
    truth = np.empty((ROWS, 2))
    for k in range(ROWS):
        truth[k] = angle, rate
        for shaken in (SHAKE * h**0.5 * rng.standard_normal(fine)).tolist():
            rate += h * (-G / LENGTH * math.sin(angle) - FRICTION * rate) + shaken
            angle += h * rate
    log = fog.Log.regular(truth[:, :1] + STD * rng.standard_normal((ROWS, 1)), dt=DT)
    return log, truth


def main() -> None:
    log, truth = simulated(seed=1)
    for name, motion in (("the differential equation", continuous()), ("one Euler step a row", euler())):
        fit = fog.tune(model(motion), log, free=("length", "friction", "shake"))
        error = np.sqrt(np.mean((fog.run(fit.model, log).filtered.mean - truth)[:, 1] ** 2))
        print(f"{name}: log-likelihood {fit.loglik:.0f}, rate off by {error:.3f} rad/s")
        for parameter, true in (("length", LENGTH), ("friction", FRICTION), ("shake", SHAKE)):
            low, high = fit.intervals[f"motion.{parameter}"]
            print(f"  {parameter} {low:.3f} to {high:.3f} (true {true})")
    print(continuous())


if __name__ == "__main__":
    main()
