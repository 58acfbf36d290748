"""Ready-made motions, used as `fog.motion.constant_velocity(...)`. The code is in `foglight.model`."""

from foglight.model.motion import (
    constant_acceleration,
    constant_velocity,
    ornstein_uhlenbeck,
    random_walk,
    singer,
    sway,
)
from foglight.model.turning_motion import ctra, ctrv

__all__ = [
    "constant_acceleration",
    "constant_velocity",
    "ctra",
    "ctrv",
    "ornstein_uhlenbeck",
    "random_walk",
    "singer",
    "sway",
]
