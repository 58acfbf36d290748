"""Derivatives by central differences, for functions that cannot be traced."""

from collections.abc import Callable

import numpy as np

from foglight.core.types import Array
from foglight.equations.angles import wrap

# The best step of a central difference, relative to a variable's size.
_STEP = float(np.cbrt(np.finfo(float).eps))


def slopes(
    value: Callable[[Array], Array], x: Array, stds: Array, angles: tuple[int, ...], size: int
) -> Array:
    """The Jacobian (size, n) of a function by central differences, angles wrapped."""
    J = np.zeros((size, len(x)))
    for k, width in enumerate(_STEP * np.maximum(np.abs(x), stds)):
        if width:  # a variable that is 0 and known exactly keeps a slope of 0
            step = np.zeros(len(x))
            step[k] = width
            rise = value(x + step) - value(x - step)
            for i in angles:
                rise[i] = wrap(rise[i])
            J[:, k] = rise / (2.0 * width)
    return J
