"""Forty models to tune, each from five guesses: structural series, oscillators, gains, biases, curved sensors.

Simulated logs, and recorded ones where the folder of recorded data is present. A guess of a parameter that is bounded
below by 0 is wrong by up to a factor of 16 either way (of a noise also by far more, see `guesses`), one within an
interval is anywhere in it, and any other is wrong by several times its size.
"""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from agreement import structural_models
from oracle import structural

Array = NDArray[np.float64]
P = fog.param


@dataclass(frozen=True)
class Problem:
    """A model with the parameters of the log, or some of their size; its log; the method; what is free."""

    name: str
    model: fog.Model
    log: fog.Log
    method: Any = field(default_factory=fog.EKF)
    free: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.model.parameters) if self.free is None else self.free

    def guesses(self, count: int = 5) -> list[fog.Model]:
        """Models with the parameters far off: the first guess is 1 for everything that may be 1."""
        rng, found = np.random.default_rng(sum(map(ord, self.name))), []
        for k in range(count):
            values = {}
            for name in self.names:
                value, (low, high) = float(self.model.parameters[name]), self.model.bounds[name]
                if k == 0:
                    guess = 1.0
                elif np.isfinite(high) and low != 0.0:
                    guess = rng.uniform(low, high)
                elif low == 0.0:
                    guess = value * 10.0 ** rng.uniform(-1.2, 1.2)
                else:
                    guess = value + 3.0 * abs(value) * rng.standard_normal()
                margin = 0.01 * (high - low) if np.isfinite(high - low) else 0.0
                values[name] = float(np.clip(guess, low + margin, high - margin))
            found.append(self.model.with_parameters(values))
        return found


# Models


def autoregression(phi: float, q: float, r: float) -> fog.Model:
    """A first-order autoregression, read with noise."""
    motion = fog.Motion(
        ("x",), lambda x, dt, p: [p.phi * x.x], lambda x, dt, p: [[p.q**2]],
        params={"phi": P(phi, low=-1, high=1), "q": P(q, low=0)},
    )  # fmt: skip
    sensor = fog.Sensor("a", ("z",), lambda x, p: [x.x], lambda x, p: [[p.r**2]], params={"r": P(r, low=0)})
    return fog.Model(motion, [sensor], fog.Belief([0.0], std=[2.0]))


def second_order(a: float, b: float, q: float, r: float) -> fog.Model:
    """A second-order autoregression, read with noise."""
    motion = fog.Motion(
        ("x", "y"), lambda x, dt, p: [p.a * x.x + p.b * x.y, x.x], lambda x, dt, p: [[p.q**2, 0.0], [0.0, 0.0]],
        params={"a": P(a, low=-1.9, high=1.9), "b": P(b, low=-0.99, high=0.99), "q": P(q, low=0)},
    )  # fmt: skip
    sensor = fog.sensing.linear("s", of="x", std=r)
    return fog.Model(motion, [sensor], fog.Belief([0.0, 0.0], std=[2.0, 2.0]))


def pair(q: float, s1: float, s2: float, rho: float, k: float) -> fog.Model:
    """A walk, read by a sensor of two measures with correlated noises and a gain."""
    motion = fog.Motion(
        ("x",), lambda x, dt, p: [x.x], lambda x, dt, p: [[p.q**2 * dt]], params={"q": P(q, low=0)}
    )
    sensor = fog.Sensor(
        "a", ("z", "y"), lambda x, p: [x.x, p.k * x.x],
        lambda x, p: [[p.s1**2, p.rho * p.s1 * p.s2], [p.rho * p.s1 * p.s2, p.s2**2]],
        params={"s1": P(s1, low=0), "s2": P(s2, low=0), "rho": P(rho, low=-0.999, high=0.999), "k": k},
    )  # fmt: skip
    return fog.Model(motion, [sensor], fog.Belief([3.0], std=[2.0]))


def turned(x: Any, dt: Any, p: Any) -> Any:
    fade, c, s = np.exp(-p.g * dt), np.cos(p.w * dt), np.sin(p.w * dt)
    return [fade * (c * x.a + s * x.b), fade * (c * x.b - s * x.a)]


def oscillator(w: float, g: float, q: float, r: float) -> fog.Model:
    """A damped rotation of frequency w."""
    motion = fog.Motion(
        ("a", "b"), turned, lambda x, dt, p: [[p.q**2 * dt, 0.0], [0.0, p.q**2 * dt]],
        params={"w": P(w, low=0), "g": P(g, low=0), "q": P(q, low=0)},
    )  # fmt: skip
    sensor = fog.Sensor("s", ("z",), lambda x, p: [x.a], lambda x, p: [[p.r**2]], params={"r": P(r, low=0)})
    return fog.Model(motion, [sensor], fog.Belief([1.0, 0.0], std=[1.0, 1.0]))


def cycle(w: float, g: float, q: float, mean: float, r: float) -> fog.Model:
    """A damped rotation about a constant."""
    motion = fog.Motion(
        ("a", "b"), turned, lambda x, dt, p: [[p.q**2 * dt, 0.0], [0.0, p.q**2 * dt]],
        params={"w": P(w, low=0, high=3.14), "g": P(g, low=0), "q": P(q, low=0)},
    )  # fmt: skip
    sensor = fog.Sensor(
        "s", ("z",), lambda x, p: [x.a + p.mean], lambda x, p: [[p.r**2]],
        params={"r": P(r, low=0), "mean": mean},
    )  # fmt: skip
    return fog.Model(motion, [sensor], fog.Belief([0.0, 0.0], std=[50.0, 50.0]))


def walker(accel: float, *stds: float) -> fog.Model:
    """Constant velocity in a line, seen by one sensor or more."""
    sensors = [fog.sensing.linear(f"radar{k}", of="gap", std=std) for k, std in enumerate(stds)]
    return fog.Model(
        fog.motion.constant_velocity("gap", accel=accel), sensors, fog.Belief([5, 0], std=[5, 1])
    )


def two_gauges(std: float, gain: float, bias: float, a: float, b: float) -> fog.Model:
    """A level, read well, and read with a gain and a bias."""
    rough = fog.Sensor(
        "rough", ("z",), lambda x, p: [p.gain * x.level + p.bias], lambda x, p: [[p.std**2]],
        params={"gain": gain, "bias": bias, "std": P(b, low=0)},
    )  # fmt: skip
    return fog.Model(
        fog.motion.random_walk("level", std=std), [fog.sensing.linear("fine", of="level", std=a), rough],
        fog.Belief([2.0], std=[3.0]),
    )  # fmt: skip


def lag(rate: float, gain: float, q: float, r: float) -> fog.Model:
    """First-order lag behind an input, with an unknown gain."""

    def follow(x: Any, dt: Any, p: Any, u: Any) -> Any:
        fade = np.exp(-p.rate * dt)
        return [fade * x.y + (1.0 - fade) * p.gain * u.push]

    motion = fog.Motion(
        ("y",), follow, lambda x, dt, p, u: [[p.q**2 * dt]],
        params={"rate": P(rate, low=0), "gain": gain, "q": P(q, low=0)}, controls=("push",),
    )  # fmt: skip
    return fog.Model(motion, [fog.sensing.linear("s", of="y", std=r)], fog.Belief([0.0], std=[1.0]))


def fading_speed(decay: float, q: float, r: float) -> fog.Model:
    """A position whose speed forgets itself (Ornstein–Uhlenbeck)."""

    def move(x: Any, dt: Any, p: Any) -> Any:
        return [x.s + dt * x.v, np.exp(-p.decay * dt) * x.v]

    motion = fog.Motion(
        ("s", "v"), move, lambda x, dt, p: [[0.0, 0.0], [0.0, p.q**2 * dt]],
        params={"decay": P(decay, low=0), "q": P(q, low=0)},
    )  # fmt: skip
    return fog.Model(
        motion, [fog.sensing.linear("gps", of="s", std=r)], fog.Belief([0.0, 0.0], std=[3.0, 2.0])
    )


def scan(accel: float, range_std: float, bearing_std: float, at: Any = (-20.0, 3.0)) -> fog.Model:
    """A walker in the plane, seen by one sensor of range and bearing."""
    eye = fog.sensing.range_bearing("scan", at=at, range_std=range_std, bearing_std=bearing_std)
    start = fog.Belief([3.0, -2.0, 0.5, 0.3], std=[2, 2, 0.7, 0.5])
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=accel), [eye], start)


def hidden_beacon(accel: float, std: float, x0: float, y0: float) -> fog.Model:
    """Ranges to a beacon at a position to be found; the walker itself is seen well."""
    beacon = fog.Sensor(
        "beacon", ("range",), lambda x, p: [np.hypot(x.x - p.x0, x.y - p.y0)], lambda x, p: [[p.std**2]],
        params={"x0": x0, "y0": y0, "std": P(std, low=0)},
    )  # fmt: skip
    start = fog.Belief([3.0, -2.0, 0.5, 0.3], std=[2, 2, 0.7, 0.5])
    seen = fog.sensing.linear("gps", of=("x", "y"), std=0.5)
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=accel), [seen, beacon], start)


def pendulum(w: float, q: float, r: float) -> fog.Model:
    """A pendulum of frequency w, swinging widely; its angle's sine is read."""

    def swing(x: Any, dt: Any, p: Any) -> Any:
        speed = x.speed - dt * p.w**2 * np.sin(x.angle)
        return [x.angle + dt * speed, speed]

    motion = fog.Motion(
        ("angle", "speed"), swing, lambda x, dt, p: [[0.0, 0.0], [0.0, p.q**2 * dt]],
        params={"w": P(w, low=0), "q": P(q, low=0)},
    )  # fmt: skip
    sensor = fog.Sensor(
        "s", ("z",), lambda x, p: [np.sin(x.angle)], lambda x, p: [[p.r**2]], {"r": P(r, low=0)}
    )
    return fog.Model(motion, [sensor], fog.Belief([0.8, 0.0], std=[0.3, 0.5]))


def growth(rate: float, most: float, q: float, r: float) -> fog.Model:
    """Logistic growth, in the logarithm."""

    def grow(x: Any, dt: Any, p: Any) -> Any:
        return [x.size + dt * p.rate * (1.0 - np.exp(x.size) / p.most)]

    motion = fog.Motion(
        ("size",), grow, lambda x, dt, p: [[p.q**2 * dt]],
        params={"rate": P(rate, low=0), "most": P(most, low=0), "q": P(q, low=0)},
    )  # fmt: skip
    return fog.Model(motion, [fog.sensing.linear("s", of="size", std=r)], fog.Belief([0.0], std=[0.5]))


def moving_average(theta: float, sigma: float, r: float) -> fog.Model:
    """A first-order moving average, read with noise."""
    motion = fog.Motion(
        ("now", "before"), lambda x, dt, p: [0.0 * x.now, x.now], lambda x, dt, p: [[1.0, 0.0], [0.0, 0.0]]
    )
    sensor = fog.Sensor(
        "w", ("w",), lambda x, p: [p.sigma * (x.now + p.theta * x.before)], lambda x, p: [[p.r**2]],
        params={"sigma": P(sigma, low=0), "theta": P(theta, low=-1, high=1), "r": P(r, low=0)},
    )  # fmt: skip
    return fog.Model(motion, [sensor], fog.Belief([0.0, 0.0], std=[1.0, 1.0]))


def seasonal(level: float, slope: float, season: float, noise: float) -> fog.Model:
    """A trend and one trigonometric season of twelve months with its first harmonic."""
    a, b = 2 * np.pi / 12, 4 * np.pi / 12

    def move(x: Any, dt: Any, p: Any) -> Any:
        return [
            x.l + x.b, x.b,
            np.cos(a) * x.c + np.sin(a) * x.s, np.cos(a) * x.s - np.sin(a) * x.c,
            np.cos(b) * x.c2 + np.sin(b) * x.s2, np.cos(b) * x.s2 - np.sin(b) * x.c2,
        ]  # fmt: skip

    motion = fog.Motion(
        ("l", "b", "c", "s", "c2", "s2"), move,
        lambda x, dt, p: fog.noise.independent([p.level**2, p.slope**2, *[p.season**2] * 4]),
        params={"level": P(level, low=0), "slope": P(slope, low=0), "season": P(season, low=0)},
    )  # fmt: skip
    sensor = fog.Sensor(
        "g", ("z",), lambda x, p: [x.l + x.c + x.c2], lambda x, p: [[p.std**2]],
        params={"std": P(noise, low=0)},
    )  # fmt: skip
    return fog.Model(motion, [sensor], None)


def trend(level: float, slope: float, noise: float) -> fog.Model:
    """A local linear trend with an unknown start."""
    return structural_models.trend().with_parameters(
        {"level_std": level, "slope_std": slope, "gauge.std": noise}
    )


# Problems


def by_name(build: Callable[[], Iterator[Problem]]) -> Callable[[], dict[str, Problem]]:
    """The problems by their names, built once."""
    return cache(lambda: {problem.name: problem for problem in build()})


def simulated(
    name: str, model: fog.Model, steps: int, seed: int, dt: float = 1.0, missing: float = 0.0, **options: Any
) -> Problem:
    known = model if model.start is not None else model.with_start(
        fog.Belief(np.zeros(len(model.state)), std=np.ones(len(model.state)))
    )  # fmt: skip
    log, _ = fog.simulate(known, steps, dt, seed=seed, missing=missing)
    return Problem(name, model, log, **options)


def driven(name: str, model: fog.Model, steps: int, seed: int) -> Problem:
    """A lag behind steps of an input."""
    rng = np.random.default_rng(seed)
    u = np.repeat(rng.normal(size=steps // 10 + 1), 10)[:steps]
    rate, gain, q, r = model.parameters.values()
    y, z, fade = 0.0, [], np.exp(-rate)
    for push in u:
        y = fade * y + (1 - fade) * gain * push + q * rng.standard_normal()
        z.append(y + r * rng.standard_normal())
    return Problem(name, model, fog.Log.from_arrays(np.arange(float(steps)), u=u[:, None], s=z))


@by_name
def simulated_problems() -> Iterator[Problem]:
    yield simulated(
        "level", structural_models.level().with_parameters({"motion.std": 0.4, "gauge.std": 1.5}), 200, 1
    )
    yield simulated(
        "level, mostly noise", structural_models.level().with_parameters({"motion.std": 0.02, "gauge.std": 1.5}),
        150, 2,
    )  # fmt: skip
    yield simulated("trend", trend(0.5, 0.1, 1.0), 300, 3)
    yield simulated("trend that bends only", trend(0.0, 0.05, 2.0), 120, 4)
    yield simulated("trend, both", trend(0.6, 0.05, 2.0), 60, 5)
    yield simulated("walker", walker(0.4, 0.8), 300, 6, 0.2)
    yield simulated("two radars", walker(0.4, 0.8, 3.0), 300, 7, 0.1, missing=0.3)
    yield simulated("three radars", walker(0.7, 0.2, 0.5, 2.5), 250, 8, 0.1, missing=0.4)
    yield simulated("season", seasonal(0.3, 0.02, 0.1, 0.6), 180, 9)
    yield simulated(
        "AR negative", autoregression(-0.40504730273364475, 0.4010034878558994, 0.5991479571933884),
        1000, 9, missing=0.2,
    )  # fmt: skip
    yield simulated("AR positive", autoregression(0.7, 1.0, 0.8), 300, 10)
    yield simulated("AR near one", autoregression(0.97, 0.3, 1.0), 400, 11)
    yield simulated("AR weak", autoregression(0.5, 0.5, 1.5), 500, 12)
    yield simulated("AR(2)", second_order(1.2, -0.7, 1.0, 1.0), 400, 13)
    yield simulated("AR(2) turning fast", second_order(-0.9, -0.8, 0.6, 0.5), 300, 14)
    yield simulated(
        "pair",
        pair(0.32458433247336327, 0.962487422254646, 0.22778858228564663, 0.19324049759105344, 0.8426311581013439),
        400, 4, missing=0.2,
    )  # fmt: skip
    yield simulated("pair, negative gain", pair(0.5, 0.6, 1.2, -0.6, -1.7), 300, 15)
    yield simulated("pair, strong", pair(0.2, 1.0, 0.7, 0.9, 2.0), 300, 16, missing=0.1)
    yield simulated(
        "oscillator fast",
        oscillator(2.274860993104406, 0.025882432229295413, 0.0933536454590173, 0.6300833465811859),
        150,
        58,
    )
    yield simulated("oscillator slow", oscillator(0.3, 0.02, 0.2, 0.5), 300, 17)
    yield simulated("oscillator at 20 Hz", oscillator(9.0, 0.4, 0.8, 0.3), 400, 18, 0.05)
    yield simulated("oscillator damped", oscillator(1.1, 0.2, 0.6, 0.4), 300, 19)
    yield simulated("gain and bias", two_gauges(0.3, 1.8, -2.5, 0.2, 1.0), 300, 20)
    yield simulated("negative gain", two_gauges(0.5, -0.6, 4.0, 0.3, 0.5), 200, 21, missing=0.2)
    yield driven("lag", lag(0.2, 3.0, 0.1, 0.3), 300, 22)
    yield driven("lag with a negative gain", lag(0.8, -1.5, 0.3, 0.4), 200, 23)
    yield simulated("fading speed", fading_speed(0.3, 0.8, 1.5), 300, 24)
    yield simulated("range and bearing", scan(0.7, 0.5, 0.02), 250, 25, 0.2)
    yield simulated("range and bearing, coarse", scan(0.3, 2.0, 0.1), 250, 26, 0.2, method=fog.UKF())
    yield simulated("hidden beacon", hidden_beacon(0.5, 0.4, 6.0, -9.0), 200, 27, 0.5)
    yield simulated("pendulum", pendulum(1.5, 0.2, 0.2), 300, 28, 0.1)
    yield simulated("growth", growth(0.3, 20.0, 0.05, 0.2), 120, 29, 0.5)
    yield simulated("moving average", moving_average(-0.6, 1.2, 0.3), 300, 30)


def recorded_problems(shared: Path) -> Iterator[Problem]:
    """Recorded series, each with the model that its literature uses."""
    yield Problem("Nile", structural_models.level(), structural_models.yearly(structural.nile(shared)))
    yield Problem("drivers", trend(0.1, 0.01, 0.05), structural_models.yearly(structural.drivers(shared)))
    yield Problem(
        "Finland", trend(0.01, 0.03, 0.06), structural_models.yearly(structural.fatalities(shared)[:, 1])
    )
    air = np.log(
        np.loadtxt(shared / "airline_passengers" / "AirPassengers.csv", delimiter=",", skiprows=1)[:, 2]
    )
    yield Problem("airline season", seasonal(0.02, 0.001, 0.005, 0.03), structural_models.yearly(air))
    yield Problem(
        "airline", structural_models.seasonal_moving_average().with_parameters({"ma": -0.3, "sma": -0.4}),
        structural_models.yearly(structural.airline(shared)),
    )  # fmt: skip
    track = np.loadtxt(shared / "beetle_track" / "track.csv")
    yield Problem(
        "beetle",
        fog.Model(
            fog.motion.constant_velocity(("x", "y"), accel=3.0), [fog.sensing.linear("eye", of=("x", "y"), std=0.5)],
            fog.Belief([*track[0, :2], 0, 0], std=[1, 1, 5, 5]),
        ),
        fog.Log.from_arrays(track[:, 2], eye=track[:, :2]),
    )  # fmt: skip
    car = json.loads((shared / "bfs_car_track" / "car_track.json").read_text())
    yield Problem(
        "car",
        fog.Model(
            fog.motion.constant_velocity(("x", "y"), accel=1.0), [fog.sensing.linear("gps", of=("x", "y"), std=0.5)],
            fog.Belief([0, 0, 1, -1], std=[1, 1, 1, 1]),
        ),
        fog.Log.regular(np.array(car["Y"]).T, dt=0.1),
    )  # fmt: skip
    with (shared / "statsmodels_results" / "macrodata.csv").open() as file:
        table = [float(row["infl"]) for row in csv.DictReader(file)]
    yield Problem("inflation", autoregression(0.8, 1.0, 1.0), structural_models.yearly(np.array(table)))


@by_name
def statsmodels_problems() -> Iterator[Problem]:
    """Series that statsmodels ships."""
    import statsmodels.api as sm

    weekly = sm.datasets.co2.load_pandas().data["co2"]
    monthly = weekly.resample("MS").mean().interpolate().to_numpy()
    spots = sm.datasets.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()
    yield Problem(
        "log CO2, 240 months", trend(1e-3, 1e-3, 1e-3), structural_models.yearly(np.log(monthly[:240]))
    )
    yield Problem("CO2", trend(0.5, 0.5, 0.5), structural_models.yearly(monthly))
    yield Problem("sunspots", trend(5.0, 20.0, 1.0), structural_models.yearly(spots))
    yield Problem("sunspots as a cycle", cycle(0.57, 0.05, 15.0, 50.0, 5.0), structural_models.yearly(spots))
