"""simdkalman: many series at once in NumPy."""

import importlib.metadata
from typing import Any

import simdkalman
from answers import Answer
from contender import Contender
from models import Linear

NAME = "simdkalman"
IMPORTS = "simdkalman"


def version() -> str:
    return importlib.metadata.version("simdkalman")


def batch(model: Linear) -> Contender:
    """Filtered means and covariances of the state; no smoothing, no prediction beyond the data."""
    kf = simdkalman.KalmanFilter(model.F, model.Q, model.H, model.R)

    def call() -> Any:
        return kf.compute(
            model.z, 0, initial_value=model.mean, initial_covariance=model.cov,
            smoothed=False, filtered=True, observations=False,
        ).filtered.states  # fmt: skip

    return Contender(NAME, model.z[..., 0].size, call, lambda out: Answer(out.mean, out.cov))
