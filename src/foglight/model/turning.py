"""Integrals along a circular arc that stay smooth where the arc becomes a line."""

import math
from typing import Any

import numpy as np

from foglight.trace.ops import minimum, select

_NEAR = 0.25  # h² below which the series is used; there the next term is below 1e-19
_TERMS = 8


def sinc(h: Any) -> Any:
    """sin(h)/h, and 1 at h = 0: chord over arc for half the turned angle h (rad). A symbol or a float.

    Value and derivative are right to a few units in the last place on either side of the switch from the
    Taylor series to the quotient, and the branch not taken never divides by zero.
    """
    near, low, high = _sides(h)
    return select(
        near, _series(low, [1.0 / math.factorial(2 * k + 1) for k in range(_TERMS)]), np.sin(high) / high
    )


def bow(h: Any) -> Any:
    """(sin(h) - h cos(h))/h², and 0 at h = 0: minus the derivative of `sinc`, the spherical Bessel function j1."""
    near, low, high = _sides(h)
    series = h * _series(low, [2.0 * (k + 1) / math.factorial(2 * k + 3) for k in range(_TERMS)])
    return select(near, series, (np.sin(high) / high - np.cos(high)) / high)


def _sides(h: Any) -> tuple[Any, Any, Any]:
    """Whether h is near 0, and for each side an argument that is safe everywhere: h² for one, h for the other."""
    near = h * h < _NEAR
    return near, minimum(h * h, _NEAR), select(near, 1.0, h)


def _series(s: Any, coefficients: list[float]) -> Any:
    total: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = c - s * total
    return total
