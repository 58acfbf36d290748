"""The door to ready-made motions: `fog.motion.constant_velocity(...)`. They stand in `foglight.model.motion`."""

from foglight.model.motion import (
    constant_acceleration,
    constant_velocity,
    ctra,
    ctrv,
    ornstein_uhlenbeck,
    random_walk,
    singer,
    sway,
)

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
