"""Derivatives by central differences, for functions that cannot be traced."""

from collections.abc import Callable

import numpy as np

from foglight.core.types import Array
from foglight.equations.angles import wrap
from foglight.trace.ops import absolute, known_zero, maximum, select

# The best step of a central difference, relative to a variable's size.
_STEP = float(np.cbrt(np.finfo(float).eps))


def slopes(
    value: Callable[[Array], Array], x: Array, stds: Array, angles: tuple[int, ...], size: int
) -> Array:
    """The Jacobian (size, n) of a function by central differences, angles wrapped."""
    J = np.full((size, len(x)), 0.0, x.dtype)
    for k, (middle, std) in enumerate(zip(x, stds, strict=True)):
        width = _STEP * maximum(absolute(middle), std)
        if known_zero(width):  # a variable that is 0 and known exactly keeps a slope of 0
            continue
        plus, minus = x.copy(), x.copy()
        plus[k], minus[k] = middle + width, middle - width
        rise = value(plus) - value(minus)
        for i in angles:
            rise[i] = wrap(rise[i])
        run = plus[k] - minus[k]  # not 2 width: both points are rounded
        J[:, k] = [select(run == 0.0, 0.0, r / run) for r in rise]
    return J
