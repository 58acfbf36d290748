"""A model at its start: the coordinates of the mean, and what functions see there."""

import numpy as np

from foglight.core.types import Floats
from foglight.model.model import Model
from foglight.trace.named_vector import Vector


def start_mean(model: Model) -> Floats:
    """The coordinates (n,) of the mean of the start, at its own rotations; 0 where nothing is known."""
    if model.start is None:
        return np.zeros(len(model.state))
    return np.array(model.charts.coordinates(model.start.mean), dtype=np.float64)


def seen_at_start(model: Model, x: Floats) -> Vector:
    """What functions see at coordinates (n,) about the rotations of the start."""
    anchors = [] if model.start is None else model.charts.anchors(model.start.mean)
    return model.charts.vector(list(x), anchors)
