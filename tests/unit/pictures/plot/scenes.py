"""Logs that are hard to draw, and every kind of result of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

import foglight as fog

FUNCTIONS = tuple(fog.plot.__all__)
NAN = float("nan")


def model(start: fog.Belief | None) -> fog.Model:
    """Two coordinates with units, read by one sensor directly and by another as a distance."""
    walk = fog.motion.constant_velocity(("x", "y"), accel=fog.param(0.5, low=0.01))
    walk = replace(walk, units={"x": "m", "y": "m", "x_speed": "m/s", "y_speed": "m/s"})
    gps = replace(fog.sensing.linear("gps", of=("x", "y"), std=2.0), units={"x": "m", "y": "m"})
    step = fog.sensing.linear("odometer", of="x", std=0.7)
    return fog.Model(walk, [gps, step], start)


KNOWN = fog.Belief([0.0, 3.0, 1.0, 0.5], std=[5.0, 4.0, 1.0, 2.0])


def _plain() -> tuple[fog.Model, fog.Log, Any]:
    log, truth = fog.simulate(model(KNOWN), steps=60, dt=0.5, seed=7)
    return model(KNOWN), log, truth


def _nan() -> tuple[fog.Model, fog.Log, Any]:
    """Missing values, one sensor that never reports, and a truth that is known in part."""
    log, truth = fog.simulate(model(KNOWN), steps=60, dt=0.5, seed=8, missing=0.3)
    gps = np.array(log["gps"])
    gps[5:15, 1] = NAN
    truth = truth.copy()
    truth[10:20] = NAN
    truth[:, 3] = NAN
    return model(KNOWN), fog.Log.from_arrays(log.time, gps=gps, odometer=np.full(60, NAN)), truth


def _gaps() -> tuple[fog.Model, fog.Log, Any]:
    """Rows at uneven times, with a long silence."""
    log, truth = fog.simulate(model(KNOWN), steps=60, dt=0.5, seed=9)
    time = np.concatenate([np.sort(log.time[:30] ** 1.3), 500.0 + log.time[30:]])
    return model(KNOWN), fog.Log.from_arrays(time, gps=log["gps"], odometer=log["odometer"]), truth


def _tracks() -> tuple[fog.Model, fog.Log, Any]:
    """Tracks that follow one another, of any lengths, one of them a single row, with names that a formula could be."""
    log, truth = fog.simulate(model(KNOWN), steps=60, dt=0.5, seed=10)
    names = ["$x_{$"] * 35 + ["b"] * 24 + ["<c>"]
    time = np.concatenate([log.time[:35], log.time[:24], [0.0]])
    return (
        model(KNOWN),
        fog.Log.from_arrays(time, track=names, gps=log["gps"], odometer=log["odometer"]),
        truth,
    )


def _shared() -> tuple[fog.Model, fog.Log, Any]:
    """Tracks that share their times, read by one sensor."""
    walk = fog.motion.constant_velocity(("x", "y"), accel=fog.param(0.5, low=0.01))
    one = fog.Model(walk, [fog.sensing.linear("gps", of=("x", "y"), std=2.0)], KNOWN)
    pairs = [fog.simulate(one, steps=40, dt=0.5, seed=seed) for seed in (1, 2, 3)]
    log = fog.Log.regular(np.stack([log["gps"] for log, _ in pairs]), dt=0.5)
    return one, log, np.stack([truth for _, truth in pairs])


def _one_row() -> tuple[fog.Model, fog.Log, Any]:
    return model(KNOWN), fog.Log.from_arrays([0.0], gps=[[1.0, 2.0]], odometer=[0.5]), [[0.0, 3.0, 1.0, 0.5]]


def _unknown() -> tuple[fog.Model, fog.Log, Any]:
    """An unknown start; the second coordinate is never read, so that nothing determines it."""
    log, truth = fog.simulate(model(KNOWN), steps=60, dt=0.5, seed=11)
    gps = np.array(log["gps"])
    gps[:, 1] = NAN
    return model(None), fog.Log.from_arrays(log.time, gps=gps, odometer=log["odometer"]), truth


SCENES: dict[str, Callable[[], tuple[fog.Model, fog.Log, Any]]] = {
    "plain": _plain,
    "NaN": _nan,
    "gaps": _gaps,
    "tracks": _tracks,
    "shared": _shared,
    "one row": _one_row,
    "unknown start": _unknown,
}


@cache
def prepared(scene: str) -> tuple[fog.Model, fog.Log, Any, fog.Run]:
    """The model, the log, the truth and the run of a scene."""
    walk, log, truth = SCENES[scene]()
    return walk, log, truth, fog.run(walk, log)


@cache
def result_of(scene: str, kind: str) -> Any:
    """A result of a kind; FoglightError where the log of the scene allows none."""
    walk, log, _, run = prepared(scene)
    return KINDS[kind](walk, log, run)


KINDS: dict[str, Callable[[fog.Model, fog.Log, fog.Run], Any]] = {
    "Run": lambda walk, log, run: run,
    "last row only": lambda walk, log, run: fog.run(walk, log, keep="last"),
    "Smoothed": lambda walk, log, run: fog.smooth(run),
    "Forecast": lambda walk, log, run: fog.forecast(run, times=log.time.max() + np.array([1.0, 2.0, 4.0])),
    "Components": lambda walk, log, run: run.components(),
    "Decomposition": lambda walk, log, run: run.decompose(),
    "Health": lambda walk, log, run: fog.check(run, effort="quick"),
    "Comparison": lambda walk, log, run: fog.compare(walk, log, [fog.EKF(), fog.UKF()]),
    "Fit": lambda walk, log, run: fog.tune(walk, log, heldout=False),
    "Profile": lambda walk, log, run: fog.tune(walk, log, heldout=False).profile("accel", points=3),
    "Backtest": lambda walk, log, run: fog.backtest(walk, log, horizon=3, every=5),
    "Log": lambda walk, log, run: log,
    "Belief": lambda walk, log, run: run.belief[0] if isinstance(run.belief, list) else run.belief,
    "Fused": lambda walk, log, run: fog.fuse(KNOWN, KNOWN),
    "Pushed": lambda walk, log, run: fog.push(KNOWN_PAIR, lambda x: [x[0] * x[1], x[0] ** 2]),
    "Model": lambda walk, log, run: walk,
    "nothing": lambda walk, log, run: None,
    "number": lambda walk, log, run: 3.0,
}
KNOWN_PAIR = fog.Belief([1.0, 2.0], std=[0.3, 0.4])


def call(function: str, result: Any, truth: Any) -> Any:
    """A function of fog.plot on a result."""
    draw = getattr(fog.plot, function)
    if function == "nees":
        return draw(result, truth)
    if function in ("states", "map") and type(result).__name__ in ("Run", "Smoothed"):
        return draw(result, truth=truth)
    if function == "profile" and type(result).__name__ == "Fit":
        return draw(result, points=3)
    return draw(result)
