"""Seasons: a pattern that repeats with a known period, and may change slowly.

As dummies, s values that sum to nothing but noise:

    γ' = -(γ + γ_1 + … + γ_s-2) + ω,  ω ~ N(0, season_std²)

As a sum of harmonics, each a wave that turns by λ = 2π k/s in a row:

    γ_k'  =  cos λ γ_k + sin λ γ_k* + ω          γ_k*' = -sin λ γ_k + cos λ γ_k* + ω*

Harvey 1989, §2.3.4; Durbin & Koopman 2012, eq. 3.3 and 3.7-3.8. The fastest harmonic of an even period changes sign in
every row, and has no second state.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import param
from foglight.model.series.choices import FIXED, RANDOM, choice, count
from foglight.model.series.component import Component


@dataclass(frozen=True)
class Fourier:
    """A season as a sum of harmonics. Made by `fourier`."""

    period: float
    harmonics: int


def fourier(period: float, harmonics: int | None = None) -> Fourier:
    """A season as a sum of harmonics, for the argument `seasonal` of `fog.structural`.

    With few harmonics a long season takes few states, and its pattern is smooth.

    Parameters
    ----------
    period : float
        The number of rows after which the pattern repeats, at least 2; it need not be whole, as in 365.25 days.
    harmonics : int, default period / 2
        The number of harmonics, each with two states: period, period / 2, period / 3, … rows long. At most period / 2.

    Returns
    -------
    Fourier
        A description of the season.

    Raises
    ------
    ModelError
        For a period below 2, or a number of harmonics that is not from 1 to period / 2.

    Notes
    -----
    Harvey 1989, §2.3.4; Durbin & Koopman 2012, eq. 3.7-3.8.

    Examples
    --------
    >>> fog.structural(seasonal=fog.fourier(12, harmonics=2)).state
    ('level', 'season_1', 'season_1_star', 'season_2', 'season_2_star')
    """
    found = _period(period, "period", "Write fog.fourier(12, harmonics=3).")
    most = int(found // 2.0)
    wanted = most if harmonics is None else count(harmonics, "harmonics", "harmonics=3")
    if wanted > most:
        raise ModelError(
            f"harmonics = {wanted}: a period of {found:g} rows has at most {most}, since a faster wave looks like a "
            f"slower one: expected 1 to {most}. Write harmonics={most}.",
            field="harmonics", value=wanted,
        )  # fmt: skip
    return Fourier(found, wanted)


def seasons_of(seasonal: Any) -> list[Component]:
    """The seasons that the argument describes: a period, a Fourier, several of them, or a dict {one: "fixed"}."""
    described = _described(seasonal)
    periods = [one.period if isinstance(one, Fourier) else one for one, _ in described]
    for index, period in enumerate(periods):
        if period in periods[:index]:
            raise ModelError(
                f"seasonal[{index}]: a second season of period {period:g}: expected each period once. Leave it out.",
                field="seasonal", index=index, value=period,
            )  # fmt: skip
    found = []
    for (one, kind), period in zip(described, periods, strict=True):
        name = "season" if len(described) == 1 else f"season_{_plain(period)}"
        make = _harmonics if isinstance(one, Fourier) else _dummies
        found.append(make(name, one, choice(kind, "seasonal", (RANDOM, FIXED)) == RANDOM))
    return found


def _described(seasonal: Any) -> list[tuple[Any, Any]]:
    """Each season, a whole period or a Fourier, with its kind."""
    if seasonal is None:
        return []
    if isinstance(seasonal, Mapping):
        pairs = list(seasonal.items())
    elif isinstance(seasonal, Iterable) and not isinstance(seasonal, str):
        pairs = [(one, RANDOM) for one in seasonal]
    else:
        pairs = [(seasonal, RANDOM)]
    return [(one if isinstance(one, Fourier) else _whole(one), kind) for one, kind in pairs]


def _whole(period: Any) -> int:
    """The period of a season of dummies."""
    remedy = "Write seasonal=12."
    if checks.is_number(period) and float(period) != int(period):
        remedy = f"Write fog.fourier({float(period):g}, harmonics=3)."
    found = _period(period, "seasonal", remedy)
    if found != int(found):
        raise ModelError.expected("seasonal", period, "a whole number of rows", remedy)
    return int(found)


def _period(period: Any, field: str, remedy: str) -> float:
    if not checks.is_number(period) or not math.isfinite(period) or float(period) < 2.0:
        raise ModelError.expected(field, period, "a period of at least 2 rows", remedy)
    return float(period)


def _plain(period: float) -> str:
    """A period as the end of a name: 12, or 365_25."""
    return f"{period:.12g}".replace(".", "_")


def _dummies(name: str, period: int, random: bool) -> Component:
    states = tuple(f"{name}_{k}" for k in range(1, period))

    def dynamics(x: Any, p: Any) -> list[Any]:
        gamma = [x[state] for state in states]
        return [-sum(gamma[1:], start=gamma[0]), *gamma[:-1]]

    return _season(name, period, states, dynamics, states[:1], states[:1] if random else ())


def _harmonics(name: str, season: Fourier, random: bool) -> Component:
    waves = [f"{name}_{k}" for k in range(1, season.harmonics + 1)]
    turns = [k / season.period for k in range(1, season.harmonics + 1)]
    states = [
        state
        for wave, turn in zip(waves, turns, strict=True)
        for state in ((wave,) if turn == 0.5 else (wave, f"{wave}_star"))
    ]

    def dynamics(x: Any, p: Any) -> list[Any]:
        found = []
        for wave, turn in zip(waves, turns, strict=True):
            c, s = _cosine(turn), _cosine(turn - 0.25)
            if turn == 0.5:
                found += [-x[wave]]
            else:
                gamma, star = x[wave], x[f"{wave}_star"]
                found += [c * gamma + s * star, c * star - s * gamma]
        return found

    disturbed = tuple(states) if random else ()
    return _season(name, season.period, tuple(states), dynamics, tuple(waves), disturbed)


def _cosine(turn: float) -> float:
    """cos(2π turn) for |turn| <= 1/2, exact at quarters, so that zeros are zeros."""
    return 0.0 if abs(turn) == 0.25 else math.cos(2.0 * math.pi * turn)


def _season(
    name: str,
    period: float,
    states: tuple[str, ...],
    dynamics: Any,
    read: tuple[str, ...],
    disturbed: tuple[str, ...],
) -> Component:
    """read: the states whose sum is added to the series."""
    own = f"{name}_std"
    return Component(
        states,
        dynamics=dynamics,
        reading=lambda x, u: sum((x[state] for state in read[1:]), start=x[read[0]]),
        params={own: param(1.0, low=0.0)} if disturbed else {},
        noise=lambda p: [p[own] ** 2 for _ in disturbed],
        disturbed=disturbed,
        name=name,
        period=period,
    )
