"""The CTRV model with a range, bearing and range-rate radar: EKF and UKF."""

import reference
from answers import Answer
from models import Linear, Turning, chain, turning
from race import Effort, Entrant, race
from results import Table

HEADING = (3,)  # the state that is an angle: compared modulo a full turn
# pykalman's weights are fixed at others than the reference's.
OTHER_POINTS = (0.5, 0.1)
TEXTBOOK = (1e-6, 1e-8)  # over 100,000 rows, P - K S Kᵀ of the reference loses digits
DIFFERENCES = (1e-6, 1e-7)  # a derivative by differences has nine or ten digits
JITTER = (1e-5, 1e-6)  # what a nanosecond in each step changes, at the speeds that a long series reaches


def ekf(effort: Effort) -> list[Table]:
    long, state = turning(effort.rows(100_000)), turning(effort.rows(100_000), noise="state")
    middle, short = turning(effort.rows(10_000)), turning(effort.rows(2_000))
    entrants = [
        Entrant("foglight", "ekf", long),
        Entrant("foglight", "ekf", state),
        Entrant("dynamax", "ekf", long),
        Entrant("filterpy", "ekf", middle),
        Entrant("stonesoup", "ekf", short),
        Entrant("foglight", "series", chain(effort.rows(100_000))),
        Entrant("foglight", "unsettled", chain(effort.rows(100_000)), tolerance=JITTER),
    ]

    def answer(model: Turning | Linear) -> Answer:
        return reference.kf(model) if isinstance(model, Linear) else reference.ekf(model)

    title = f"EKF: CTRV and radar (5 states, 3 measurements), T = {len(long.z)}"
    notes = [
        "Constant process noise for all, which is all that dynamax can express; foglight also with the noise that "
        "turns with the heading. The 4-state KF runs in the same race, for the ratio: over stamps that jitter by a "
        "nanosecond, so that it too computes every row, and over regular ones, where its covariance settles.",
        f"filterpy over {len(middle.z)} rows and Stone Soup over {len(short.z)}, both with Jacobians by hand.",
    ]
    return [
        race(
            "ekf",
            title,
            "µs per step",
            entrants,
            effort.rounds,
            reference=answer,
            angles=HEADING,
            notes=notes,
        )
    ]


def opaque(effort: Effort) -> list[Table]:
    """Functions that are called in Python, by everybody."""
    problem = turning(effort.rows(2_000))
    entrants = [
        Entrant("foglight", "opaque", problem, tolerance=DIFFERENCES),
        Entrant("filterpy", "differences", problem, tolerance=DIFFERENCES),
        Entrant("filterpy", "ekf", problem),
    ]
    title = f"EKF with functions that cannot be traced: CTRV and radar, T = {len(problem.z)}"
    notes = ["f and h are called 11 times each in a row; filterpy with Jacobians by hand calls them once."]
    unit, answer = "µs per step", reference.ekf
    return [
        race("opaque", title, unit, entrants, effort.rounds, reference=answer, angles=HEADING, notes=notes)
    ]


def ukf(effort: Effort) -> list[Table]:
    long, middle, short = (turning(effort.rows(rows)) for rows in (100_000, 20_000, 1_000))
    plain = chain(1000, crossed=True)
    exact = reference.kf(plain)
    peers = {"foglight": long, "dynamax": middle, "filterpy": short, "pykalman": short, "stonesoup": short}
    entrants = [
        Entrant(
            peer,
            "ukf",
            problem,
            tolerance={"pykalman": OTHER_POINTS, "foglight": TEXTBOOK}.get(peer),
            reference=reference.ukf_along_ud if peer == "foglight" else None,
        )
        for peer, problem in peers.items()
    ]
    for peer in peers:
        entrant = Entrant(peer, "ukf", plain)
        entrant.check(entrant.contender(plain), exact)
    title = f"UKF: CTRV and radar, alpha 1, beta 2, kappa 0, T = {len(long.z)}"
    notes = [
        f"dynamax over {len(middle.z)} rows, filterpy, pykalman and Stone Soup over {len(short.z)}.",
        "On a linear model every UKF here gave the KF's answer. On CTRV the answer depends on the choice of points: "
        "foglight (along U, D) and pykalman (beta 0, kappa 3 - n) are compared loosely with the Cholesky points.",
    ]
    return [
        race(
            "ukf",
            title,
            "µs per step",
            entrants,
            effort.rounds,
            reference=reference.ukf,
            angles=HEADING,
            notes=notes,
        )
    ]
