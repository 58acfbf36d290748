"""Many states: dense linear models, and a ring of sines for the EKF and the UKF."""

import dataclasses
from collections.abc import Callable

import numpy as np
import reference
from answers import Answer
from models import Linear, Ring, dense, ring
from peers import foglight
from race import Effort, Entrant, race
from results import Line, Table
from timing import say, summary

DENSE = (
    (2, 1),
    (4, 2),
    (8, 2),
    (13, 1),
    (20, 4),
    (30, 5),
    (50, 10),
    (100, 10),
    (200, 10),
)  # states, measured
SMOOTHED = ((20, 4), (50, 10))
FIRST = ((13, 1), (20, 4), (50, 10))
EKF, UKF = (24, 50), (12, 20, 50)
DRAWS = 100
# Six standard errors of a mean of draws, and no log-likelihood.
BY_CHANCE = (6.0 / DRAWS**0.5, 1.0)
RING_ROWS = 1000  # what rounding has grown by then stays below 1e-8 standard deviations
WARM = 12  # runs of so many rows after which 24 states have code of much effort, as in a log of 12,000


def whole(model: Linear) -> Linear:
    """Nothing missing, for filterpy, which knows no missing components."""
    return dataclasses.replace(model, z=np.where(np.isnan(model.z), 0.5, model.z))


def warm_rows(effort: Effort, states: int) -> int:
    """So many that code of much effort runs for most of them; what the first calls cost has rows of its own."""
    return effort.rows(min(20_000, 2_000_000 // states**2))


def filtering(effort: Effort) -> list[Table]:
    """Every row computed."""
    tables = []
    for states, measured in DENSE:
        long = dense(warm_rows(effort, states), states, measured)
        short = dense(effort.rows(4_000 // states), states, measured)
        complete = whole(short)
        entrants = [
            Entrant("foglight", "series", long),
            Entrant("statsmodels", "every_row", long),
            Entrant("covariance", "series", short),
            Entrant("filterpy", "series", complete),
        ]
        tables.append(
            race(
                f"states {states}",
                f"Many states: n = {states}, m = {measured}, dense, every row computed",
                "µs per step",
                entrants,
                effort.rounds,
                reference=reference.kf,
                checks=[(complete, reference.kf(complete))],
                notes=[
                    f"NumPy and filterpy over {len(short.z)} rows; a fiftieth is missing, for filterpy nothing."
                ],
            )
        )
    return tables


def smoothing(effort: Effort) -> list[Table]:
    tables = []
    for states, measured in SMOOTHED:
        long = dense(warm_rows(effort, states), states, measured)
        entrants = [
            Entrant("foglight", "smoother", long),
            Entrant("foglight", "smoother", long, {"covariances": True}),
            Entrant("statsmodels", "smoother", long),
            Entrant("statsmodels", "smoother", long, {"everything": True}),
        ]
        tables.append(
            race(
                f"smoother {states}",
                f"Filter and smoother: n = {states}, m = {measured}, dense, every row computed",
                "µs per step",
                entrants,
                effort.rounds,
                reference=reference.smoothed,
                notes=[
                    "statsmodels computes means and covariances of the states, and by default also the disturbances. "
                    "foglight's covariances are factors U, D until they are read."
                ],
            )
        )
    return tables


def drawing(effort: Effort) -> list[Table]:
    """Trajectories given all readings."""
    model = dense(effort.rows(300), 20, 4)
    entrants = [
        Entrant(peer, "draws", model, {"count": DRAWS}, tolerance=BY_CHANCE)
        for peer in ("foglight", "statsmodels")
    ]
    return [
        race(
            "draws",
            f"{DRAWS} draws of the trajectory: n = 20, m = 4, dense, T = {len(model.z)}",
            "µs per step",
            entrants,
            effort.rounds,
            reference=reference.smoothed,
            notes=[
                "Per row and draw, with the filter. The means of all draws are compared with the smoother's."
            ],
        )
    ]


def first_calls(effort: Effort) -> list[Table]:
    """From the matrices to the first two rows."""
    say("First calls of dense models")
    lines = []
    for states, measured in FIRST:
        model = dense(2, states, measured)
        samples = [foglight.compile_time(model) for _ in range(effort.rounds + 1)][1:]
        lines.append(Line(f"{foglight.NAME}, n = {states}", summary(samples), 1))
    note = "A new model each time, in a process that has compiled before: from the matrices to two filtered rows."
    return [Table("first", "First call of dense models: trace, compile, two rows", "s", lines, [note])]


def ring_ekf(effort: Effort) -> list[Table]:
    tables = []
    for states in EKF:
        long, short = ring(effort.rows(RING_ROWS), states), ring(effort.rows(300), states)
        entrants = [
            Entrant("foglight", "ekf", long, {"warm": WARM}),
            Entrant("covariance", "ekf", long, {"likely": False}),
            Entrant("covariance", "ekf", long),
            Entrant("filterpy", "ekf", short),
        ]
        tables.append(
            _around(
                "EKF",
                states,
                entrants,
                effort,
                reference.ekf,
                f"The others with Jacobians by hand. foglight has run the series {WARM} times before; it spends more "
                "on its code then.",
            )
        )
    return tables


def ring_ukf(effort: Effort) -> list[Table]:
    tables = []
    for states in UKF:
        long, short = ring(effort.rows(RING_ROWS), states), ring(effort.rows(200), states)
        entrants = [
            Entrant("foglight", "ukf", long, reference=reference.ukf_along_ud),
            Entrant("filterpy", "ukf", short),
        ]
        note = "foglight's sigma points lie along U and D, the others' along Cholesky's columns."
        tables.append(_around("UKF", states, entrants, effort, reference.ukf, note))
    return tables


def _around(
    which: str,
    states: int,
    entrants: list[Entrant],
    effort: Effort,
    answer: Callable[[Ring], Answer],
    note: str,
) -> Table:
    """The race of one filter on the ring."""
    return race(
        f"{which.lower()} {states}",
        f"{which}: ring of {states} states, x_i' = x_i + dt sin x_i+1, two measured",
        "µs per step",
        entrants,
        effort.rounds,
        reference=answer,
        notes=[note],
    )
