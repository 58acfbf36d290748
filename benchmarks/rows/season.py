"""Maximum likelihood of a monthly series: a smooth trend with a seasonal pattern, 13 states, three variances."""

from typing import Any

import numpy as np
from answers import DisagreementError
from contender import Contender
from models import Array
from race import Effort
from results import Line, Table
from timing import interleave, say

import foglight as fog
from rows.tuning import AGREED, ours, told

MONTHS = 12
STDS = {"slope_std": 0.05, "season_std": 0.1}


def series(rows: int, seed: int = 0) -> Array:
    """Many years of months: a slope that wanders, a pattern that slowly changes, and noise of 1."""
    rng = np.random.default_rng(seed)
    level, slope, pattern, z = 0.0, 0.0, list(3.0 * rng.standard_normal(MONTHS - 1)), []
    for _ in range(rows):
        level, slope = level + slope, slope + STDS["slope_std"] * rng.standard_normal()
        pattern = [STDS["season_std"] * rng.standard_normal() - sum(pattern), *pattern[:-1]]
        z.append(level + pattern[0] + rng.standard_normal())
    return np.array(z)


def monthly() -> fog.Model:
    """Written by hand, as a user would; nothing of it is compiled yet."""
    names = ("level", "slope", *(f"month{i}" for i in range(MONTHS - 1)))

    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        level, slope, *pattern = x
        return [level + slope, slope, -sum(pattern), *pattern[:-1]]

    def noise(x: Any, dt: Any, p: Any) -> Any:
        return fog.noise.independent([0.0, p.slope_std**2, p.season_std**2, *[0.0] * (MONTHS - 2)])

    motion = fog.Motion(names, dynamics, noise, params={name: fog.param(1.0, low=0) for name in STDS})
    gauge = fog.Sensor(
        "gauge", ("z",), lambda x, p: [x[0] + x[2]], lambda x, p: [[p.std**2]], {"std": fog.param(1.0, low=0)}
    )
    return fog.Model(motion, [gauge], None)


def statsmodels(z: Array) -> Contender:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    def call() -> Any:
        model = UnobservedComponents(z, "strend", seasonal=MONTHS, use_exact_diffuse=True)
        return model.fit(disp=0, maxiter=200).llf

    return Contender("statsmodels", 1, call, told)


def season(effort: Effort) -> list[Table]:
    rows = effort.rows(480)
    title = f"Fit of three variances to the same top, smooth trend and season of {MONTHS} months, T = {rows}"
    say(title)
    z = series(rows)
    contenders = [
        ours(z, "foglight", monthly),
        ours(z, "foglight, kernels not compiled", monthly, fresh=True),
        statsmodels(z),
    ]
    tops = [float(c.call()) for c in contenders]
    if np.ptp(tops) > AGREED * abs(tops[0]):
        raise DisagreementError(f"{title}: {tops}")
    times = interleave(contenders, effort.rounds)
    lines = [
        Line(c.name, time, 1, f"loglik {top:.8g}")
        for c, time, top in zip(contenders, times, tops, strict=True)
    ]
    note = "Exact diffuse start on both sides; without held-out rows and advice. Each at its own settings."
    return [Table("season", title, "ms", lines, [note])]
