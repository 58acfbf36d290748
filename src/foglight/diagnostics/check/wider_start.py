"""The start of a model that is given additional states."""

import numpy as np

from foglight.core.types import ArrayLike
from foglight.model.belief import Belief
from foglight.model.model import Model
from foglight.model.wider_belief import nothing_known, side_by_side


def wider_start(model: Model, stds: ArrayLike) -> Belief:
    """The start of a model, with further states of mean 0 and these standard deviations; a model without one knows
    nothing of its states."""
    start = nothing_known(len(model.state)) if model.start is None else model.start
    return side_by_side(start, Belief(np.zeros(np.size(stds)), std=stds))
