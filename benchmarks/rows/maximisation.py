"""Free Q and R by expectation–maximisation: so many iterations from the same start."""

import dataclasses

import numpy as np
import reference
from answers import Answer
from models import Linear, chain
from race import Effort, Entrant, race
from results import Table

ITERATIONS = 5
AGREED = (1e-5, 1e-8)  # five iterations of recursions with inverses, in filtered standard deviations


def begun(rows: int) -> Linear:
    """Constant velocity whose noises are to be found: Q is four times, R a quarter of what it was made with."""
    made = chain(rows, crossed=True)
    return dataclasses.replace(made, Q=4.0 * made.Q + 1e-4 * np.eye(made.n), R=made.R / 4.0)


def answer(model: Linear) -> Answer:
    """The textbook's filter with the Q and R that the textbook's iterations lead to."""
    return filtered(model, *reference.em(model, ITERATIONS))


def filtered(model: Linear, Q: np.ndarray, R: np.ndarray) -> Answer:
    """An answer in the words of the other rows: the textbook's filter with these Q and R."""
    return reference.kf(dataclasses.replace(model, Q=Q, R=R))


def em(effort: Effort) -> list[Table]:
    model = begun(effort.rows(500))
    entrants = [Entrant(peer, "em", model, tolerance=AGREED) for peer in ("foglight", "pykalman")]
    title = f"EM for Q and R: one iteration, T = {len(model.z)}, 4 states, 2 measurements"
    notes = [
        "Both are compared by the filter with the Q and R that they found after five iterations from the same start."
    ]
    return [race("em", title, "ms per iteration", entrants, effort.rounds, reference=answer, notes=notes)]
