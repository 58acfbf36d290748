"""Noise covariances, used as `fog.noise.white_acceleration(...)`. The code is in `foglight.model.noise`."""

from foglight.equations.gaussian import Factored
from foglight.model.noise import (
    factored,
    independent,
    interleave,
    ornstein_uhlenbeck,
    piecewise_acceleration,
    random_walk,
    singer,
    stack,
    sway,
    white_acceleration,
    white_jerk,
)

__all__ = [
    "Factored",
    "factored",
    "independent",
    "interleave",
    "ornstein_uhlenbeck",
    "piecewise_acceleration",
    "random_walk",
    "singer",
    "stack",
    "sway",
    "white_acceleration",
    "white_jerk",
]
