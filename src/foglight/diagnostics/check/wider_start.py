"""The start of a model that is given additional states."""

import numpy as np

from foglight.core.types import ArrayLike
from foglight.model.belief import Belief
from foglight.model.model import Model


def wider_start(model: Model, stds: ArrayLike) -> Belief:
    """The start of a model, with further states of mean 0 and these standard deviations; a model without one knows
    nothing of its states."""
    n, extra = len(model.state), np.asarray(stds, float)
    start = Belief(np.zeros(n), std=np.full(n, np.inf)) if model.start is None else model.start
    U, D = start.factor
    wider = np.eye(n + len(extra))
    wider[:n, :n] = U
    unknown = np.vstack([start.unknown, np.zeros((len(extra), start.unknown.shape[1]))])
    return Belief(
        [*start.mean, *np.zeros(len(extra))], factor=(wider, [*D, *np.square(extra)]), unknown=unknown
    )
