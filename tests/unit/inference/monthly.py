"""Series with a trend, a season and a regressor, and the same model of statsmodels."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.statespace.structural import UnobservedComponents

import foglight as fog

Array = NDArray[np.float64]

VARIANCES = {"irregular": 0.9, "level": 0.3, "slope": 0.02, "season": 0.05}


def series(seed: int, season: int, rows: int = 96) -> tuple[Array, Array]:
    """A series with a trend, a season and a price, three months of it missing; and the price."""
    rng = np.random.default_rng(seed)
    price = rng.normal(2.0, 1.0, rows)
    k = np.arange(rows)
    y = 100.0 + 0.3 * k + 5.0 * np.sin(2.0 * np.pi * k / season) - 1.5 * price + rng.normal(0.0, 1.0, rows)
    y[[20, 21, 60]] = np.nan
    return y, price


@cache
def dummies(season: int) -> fog.Model:
    """A local linear trend, a season of dummies (season - 1 states), and a coefficient of the price."""
    seasons = tuple(f"season_{k}" for k in range(1, season))

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        s = [x[2 + k] for k in range(season - 1)]
        return [x.level + x.slope, x.slope, -sum(s), *s[:-1], x.price_effect]

    return _model(("level", "slope", *seasons, "price_effect"), dynamics, ("season_1",))


@cache
def harmonics(season: int, count: int) -> fog.Model:
    """The same with a season of harmonics, a pair of states for each."""
    pairs = [(f"season_{k}", f"season_{k}_star") for k in range(1, count + 1)]
    seasons = tuple(name for pair in pairs for name in pair)

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        found = [x.level + x.slope, x.slope]
        for k in range(1, count + 1):
            c, s = float(np.cos(2.0 * np.pi * k / season)), float(np.sin(2.0 * np.pi * k / season))
            a, b = x[2 * k], x[2 * k + 1]
            found += [c * a + s * b, -s * a + c * b]
        return [*found, x.price_effect]

    firsts = tuple(first for first, _ in pairs)
    return _model(("level", "slope", *seasons, "price_effect"), dynamics, firsts, groups={"season": seasons})


def _model(state: tuple[str, ...], dynamics: Any, season: tuple[str, ...], **more: Any) -> fog.Model:
    shaken = ("season_1",) if "groups" not in more else more["groups"]["season"]
    variances = {"level": VARIANCES["level"], "slope": VARIANCES["slope"]}
    variances |= dict.fromkeys(shaken, VARIANCES["season"])
    Q = np.diag([variances.get(name, 0.0) for name in state])
    motion = fog.Motion(state, dynamics, lambda x, dt, p: Q, **more)
    gauge = fog.Sensor(
        "gauge",
        ("y",),
        lambda x, p, u: [x.level + sum(getattr(x, name) for name in season) + u.price * x.price_effect],
        lambda x, p, u: [[VARIANCES["irregular"]]],
        controls=("price",),
    )
    return fog.Model(motion, [gauge], start=None)


def log_of(y: Array, price: Array) -> fog.Log:
    """The log of one series."""
    return fog.Log.regular(y, dt=1.0, u={"price": price})


@cache
def smoothed(model: fog.Model, season: int) -> fog.Smoothed:
    """The series of seed 1, smoothed."""
    return fog.smooth(fog.run(model, log_of(*series(1, season))))


@cache
def peer(season: int, count: int = 0) -> Any:
    """The results of statsmodels for that series at the same parameters, exact diffuse; count: of harmonics."""
    y, price = series(1, season)
    of_season: dict[str, Any] = {"seasonal": season}
    if count:
        of_season = {"freq_seasonal": [{"period": season, "harmonics": count}]}
    model = UnobservedComponents(
        y, "lltrend", exog=price[:, None], mle_regression=False, use_exact_diffuse=True, **of_season
    )
    return model.smooth(list(VARIANCES.values()))
