"""How noisy the measures of a model are at its start."""

import numpy as np

from foglight.core.types import Floats
from foglight.model import returned
from foglight.model.model import Model
from foglight.model.part_functions import full, held_controls, own_params
from foglight.trace.named_vector import Vector


def noise_stds(model: Model) -> Floats:
    """The standard deviation of the noise of each component at the start (M,); 0 where it is not known."""
    stds = []
    mean = np.zeros(len(model.state)) if model.start is None else np.asarray(model.start.mean, float)
    for sensor in model.sensors:
        try:
            R = sensor.noise(Vector(model.state, list(mean)), own_params(sensor), *held_controls(sensor))
            found = full(returned.covariance(R, len(sensor.measures), "noise"))
            stds.append(np.sqrt(np.diagonal(np.asarray(found, float))))
        except Exception:  # the user's function may fail away from the data
            stds.append(np.zeros(len(sensor.measures)))
    found = np.concatenate(stds)
    return np.where(np.isfinite(found), found, 0.0)
