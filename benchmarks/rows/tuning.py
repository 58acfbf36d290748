"""Maximum likelihood: a local linear trend with three unknown variances, exact diffuse start on both sides."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from answers import Answer, DisagreementError
from contender import Contender
from models import Array
from race import Effort
from results import Line, Table
from timing import interleave, say

import foglight as fog
from foglight.compiler.backends.llvm_frames import make_frame
from foglight.compiler.engine.cache import engine_of
from foglight.inference.likelihood import Likelihood

AGREED = 1e-6  # of the log-likelihoods at the tops
REPEATED = 30
STDS = {"level_std": 0.5, "slope_std": 0.1}


def series(rows: int, seed: int = 0) -> Array:
    """A level with a slope, both wandering, seen with noise of 1."""
    rng, level, slope, z = np.random.default_rng(seed), 0.0, 0.0, []
    for _ in range(rows):
        level += slope + STDS["level_std"] * rng.standard_normal()
        slope += STDS["slope_std"] * rng.standard_normal()
        z.append(level + rng.standard_normal())
    return np.array(z)


def trend() -> fog.Model:
    """Written by hand, as a user would; nothing of it is compiled yet."""

    def noise(x: Any, dt: Any, p: Any) -> Any:
        return [[p.level_std**2 * dt, 0.0], [0.0, p.slope_std**2 * dt]]

    motion = fog.Motion(
        ("level", "slope"),
        lambda x, dt, p: [x.level + dt * x.slope, x.slope],
        noise,
        params={name: fog.param(1.0, low=0) for name in STDS},
    )
    return fog.Model(motion, [fog.sensing.linear("gauge", of="level", std=1.0)], None)


def ours(z: Array, name: str, make: Callable[[], fog.Model], fresh: bool = False) -> Contender:
    """`tune` of the model that `make` returns, without held-out rows and advice; `fresh`: it has no kernel yet."""
    log, kept = fog.Log.regular(z[:, None], dt=1.0), make()
    fog.tune(kept, log, heldout=False)

    def call() -> Any:
        fit = fog.tune(make() if fresh else kept, log, heldout=False)
        assert fit.converged
        return fit.loglik

    return Contender(name, 1, call, told)


def statsmodels(z: Array) -> Contender:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(z, "lltrend", use_exact_diffuse=True)

    def call() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.fit(disp=0).llf

    return Contender("statsmodels", 1, call, told)


def told(loglik: Any) -> Answer:
    return Answer(np.zeros((1, 1)), None, float(loglik))


def kernels(rows: int, irregular: bool) -> list[Contender]:
    """One likelihood, and one with its gradient in three parameters: the compiled scans alone, of a known start."""
    stamps = (
        np.cumsum(np.random.default_rng(1).uniform(0.5, 1.5, rows)) if irregular else np.arange(rows) * 1.0
    )
    model = trend().with_parameters(STDS).with_start(fog.Belief([0.0, 0.0], std=[10.0, 1.0]))
    likelihood = Likelihood(model, fog.Log.from_arrays(stamps, gauge=series(rows)))
    (part,) = likelihood._parts
    (block,) = part.blocks
    plain, values = engine_of(model, fog.EKF(), "last"), np.array(list(model.parameters.values()))
    where, along, _ = part.grouped(np.tile(values, (len(values), 1)), np.eye(len(values)))
    start = part.start(block.carry[:1], where, along)
    start = np.concatenate([start, start[:1]])  # three directions in four lanes
    how = "irregular steps" if irregular else "regular steps"
    return [
        scanning(f"{what}, {how}", engine, given)
        for what, engine, given in (
            ("likelihood", plain, replace(block, carry=likelihood._logs[0].carry)),
            ("likelihood and gradient", part.engine, replace(block, carry=start)),
        )
    ]


def scanning(name: str, engine: Any, given: Any) -> Contender:
    """The same scan again and again, as an optimiser has it, with an empty memo each time."""
    kernel, tracks, rows = engine.kernel, given.tracks, len(given.dt)
    carry, out = np.empty((tracks, kernel.carried)), np.empty((tracks, rows, kernel.width))
    lanes = engine.lanes_for(given)
    scan, memo = engine.scan(lanes), engine.memo(lanes, tracks, rows)
    frame = make_frame(kernel, given, carry, out, memo)
    outlive = (given, out)  # the frame holds addresses

    def call() -> Any:
        for _ in range(REPEATED):
            memo[:, : 8 * lanes] = 0xFF
            scan(frame.ctypes.data)
        return carry[0, -2] if outlive else None

    return Contender(name, rows * REPEATED, call, told)


def tune(effort: Effort) -> list[Table]:
    rows = effort.rows(1000)
    fits = [
        ours(series(rows), "foglight", trend),
        ours(series(rows), "foglight, kernels not compiled", trend, fresh=True),
        statsmodels(series(rows)),
    ]
    pairs = [c for irregular in (False, True) for c in kernels(rows, irregular)]
    tables = []
    for key, title, unit, contenders, agree in (
        ("tune", f"Fit of three variances to the same top, local linear trend, T = {rows}", "ms", fits, fits),
        (
            "gradient",
            f"One likelihood, and one with its exact gradient, T = {rows}",
            "µs per step",
            pairs,
            pairs[:2],
        ),
    ):
        say(title)
        tops = [float(np.asarray(c.read(c.call()).loglik)) for c in agree]
        if np.ptp(tops) > AGREED * abs(tops[0]):
            raise DisagreementError(f"{title}: {tops}")
        times = interleave(contenders, max(effort.rounds, 20 if key == "gradient" else 0))
        lines = [
            Line(c.name, t, c.steps, f"loglik {float(np.asarray(c.read(c.call()).loglik)):.8g}")
            for c, t in zip(contenders, times, strict=True)
        ]
        tables.append(Table(key, title, unit, lines))
    tables[0].notes.append(
        "Exact diffuse start on both sides; without held-out rows and advice. Each at its own settings."
    )
    tables[1].notes.append(
        "The compiled scan alone. The gradient stores dε and d log S of each row and direction, the likelihood nothing."
    )
    return tables
