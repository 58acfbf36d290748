"""Constant velocity: one step at a time, one long series, many series, growth with the state."""

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import reference
from answers import Answer
from models import Linear, chain
from race import Effort, Entrant, race
from results import Table

JITTER = (1e-5, 1e-6)  # what a nanosecond in each step changes, at the speeds that a long series reaches


def checks(axes: int = 2) -> list[tuple[Linear, Answer]]:
    """A short series from a start that correlates everything."""
    crossed = chain(1000, axes=axes, crossed=True)
    return [(crossed, reference.kf(crossed))]


def with_gaps(model: Linear) -> Linear:
    """A fifth of the components missing."""
    z = model.z.copy()
    z[np.random.default_rng(22).random(z.shape) < 0.2] = np.nan
    return dataclasses.replace(model, z=z)


def online(effort: Effort) -> list[Table]:
    long, short = chain(effort.rows(20_000)), chain(effort.rows(2_000))
    entrants = [
        Entrant("foglight", "online", long),
        Entrant("filterpy", "online", long),
        Entrant("pykalman", "online", short),
        Entrant("stonesoup", "online", short),
        Entrant("c_floor", "online", long),
    ]
    title = "Online: one step at a time from Python, 4-state KF"
    notes = [
        "Each hands the filtered mean and covariance (foglight and C: the factor) to Python at every step."
    ]
    return [
        race(
            "online",
            title,
            "µs per step",
            entrants,
            effort.rounds,
            reference=reference.kf,
            checks=checks(),
            notes=notes,
        )
    ]


def single(effort: Effort) -> list[Table]:
    """Called from a loop in Python: 2, 4 and 6 states."""
    tables = []
    for axes in (1, 2, 3):
        model = chain(effort.rows(5_000), axes=axes)
        entrants = [Entrant("foglight", "single", model), Entrant("filterpy", "online", model)]
        title = f"Single calls of predict and update: n = {2 * axes}, m = {axes}"
        notes = ["Mean and covariance are read at every step; foglight's log-likelihood, too."]
        tables.append(
            race(
                f"single {2 * axes}",
                title,
                "µs per step",
                entrants,
                effort.rounds,
                reference=reference.kf,
                checks=checks(axes),
                notes=notes,
            )
        )
    return tables


def series(effort: Effort) -> list[Table]:
    long = chain(effort.rows(100_000))
    middle, short = chain(effort.rows(20_000)), chain(effort.rows(3_000))
    gaps = with_gaps(chain(1000, crossed=True))
    for peer in ("c_floor", "foglight"):
        entrant = Entrant(peer, "series", gaps)
        entrant.check(entrant.contender(gaps), reference.kf(gaps))
    entrants = [
        Entrant("foglight", "series", long),
        Entrant("foglight", "unsettled", long, tolerance=JITTER),
        Entrant("foglight", "covariances", long),
        Entrant("c_floor", "series", long),
        Entrant("c_floor", "series", long, {"fresh": False}),
        Entrant("statsmodels", "series", long),
        Entrant("statsmodels", "series", long, {"settle": False}),
        Entrant("statsmodels", "series", long, {"conserve": True}),
        Entrant("dynamax", "series", long),
        Entrant("filterpy", "series", middle),
        Entrant("pykalman", "series", short),
        Entrant("stonesoup", "series", short),
    ]
    title = f"One long series: 4-state KF, 2 measurements, T = {len(long.z)}"
    notes = [
        f"filterpy over {len(middle.z)} rows, pykalman and Stone Soup over {len(short.z)}: times are per step.",
        "dynamax runs with the flags that keep XLA on one thread; on one core they make it faster than its defaults.",
        "On regular stamps foglight's covariance settles to the bit and is then taken from a memo, not approximated; "
        "'every row computed' is the same filter over stamps that jitter by a nanosecond. statsmodels stops updating "
        "its covariance once it changes little; 'tolerance 0' is without that.",
        "foglight and the C floor were also checked with a fifth of the components missing.",
    ]
    return [
        race(
            "series",
            title,
            "µs per step",
            entrants,
            2 * effort.rounds,
            checks=checks(),
            reference=reference.kf,
            notes=notes,
        )
    ]


def many(effort: Effort) -> list[Table]:
    def answer(model: Linear, tracks: int = 100) -> Answer:
        each = [reference.kf(model, z) for z in model.z[:tracks]]
        return Answer(
            *(np.stack(part) for part in zip(*((a.mean, a.cov, a.loglik) for a in each), strict=True))
        )

    all_tracks = chain(100, tracks=effort.rows(10_000))
    few = chain(100, tracks=21, crossed=True)
    entrants = [
        Entrant("foglight", "batch", all_tracks),
        Entrant("dynamax", "batch", all_tracks),
        Entrant("simdkalman", "batch", all_tracks),
        Entrant("c_floor", "batch", all_tracks),
        Entrant("c_floor", "batch", all_tracks, {"fresh": False}),
    ]
    title = f"Many series: {len(all_tracks.z)} x 100, 4-state KF"
    return [
        race(
            "many",
            title,
            "ns per series-step",
            entrants,
            effort.rounds,
            reference=answer,
            checks=[(few, answer(few))],
            notes=["The answers of the first 100 series are compared."],
        )
    ]


@contextmanager
def all_cores() -> Iterator[int]:
    """Inside, this process may use every core of the machine: how many there are."""
    if not hasattr(os, "sched_setaffinity"):
        yield os.cpu_count() or 1
        return
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield len(os.sched_getaffinity(0))
    finally:
        os.sched_setaffinity(0, own)


def threads(effort: Effort) -> list[Table]:
    """One thread against two, on a machine with two cores."""

    def answer(model: Linear, tracks: int = 10) -> Answer:
        each = [reference.kf(model, z) for z in model.z[:tracks]]
        return Answer(
            *(np.stack(part) for part in zip(*((a.mean, a.cov, a.loglik) for a in each), strict=True))
        )

    def last(model: Linear) -> Answer:
        whole = answer(model)
        assert whole.cov is not None and whole.loglik is not None
        return Answer(whole.mean[:, -1:], whole.cov[:, -1:], np.sum(whole.loglik, axis=-1)[:, None])

    model = chain(1000, tracks=effort.rows(10_000))
    entrants = [
        Entrant("foglight", "threads", model, {"count": count, "keep": keep}, reference=of)
        for keep, of in (("all", answer), ("last", last))
        for count in (1, 2)
    ]
    title = f"Threads: {len(model.z)} x 1000, 4-state KF"
    notes = [
        "The answers of the first 10 series are compared. The first run fills memory that the system has to clear; the "
        "others use it again."
    ]
    with all_cores() as cores:
        if cores < 2:
            return []
        return [
            race(
                "threads", title, "ns per series-step", entrants, effort.rounds, reference=answer, notes=notes
            )
        ]


def growth(effort: Effort) -> list[Table]:
    tables = []
    for axes in (1, 2, 4, 8):
        long, short = chain(effort.rows(20_000), axes=axes), chain(effort.rows(3_000), axes=axes)
        entrants = [
            Entrant("foglight", "series", long),
            Entrant("statsmodels", "series", long),
            Entrant("dynamax", "series", long),
            Entrant("filterpy", "series", short),
        ]
        title = f"Growth: n = {2 * axes}, m = {axes}, one series"
        tables.append(
            race(
                f"growth {2 * axes}",
                title,
                "µs per step",
                entrants,
                effort.rounds,
                reference=reference.kf,
                checks=checks(axes),
            )
        )
    return tables
