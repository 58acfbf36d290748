"""Rotations as unit quaternions, used as `fog.rotation.multiply(...)`. The code is in `foglight.model.rotation`."""

from foglight.model.rotation import (
    exp,
    from_euler,
    from_matrix,
    integrate,
    inverse,
    log,
    multiply,
    rotate,
    to_euler,
    to_matrix,
)

__all__ = [
    "exp",
    "from_euler",
    "from_matrix",
    "integrate",
    "inverse",
    "log",
    "multiply",
    "rotate",
    "to_euler",
    "to_matrix",
]
