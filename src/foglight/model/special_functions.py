"""Functions of motions with a delicate limit: integrals of exponential decay, and of an arc that becomes a line.

None of them loses digits by cancellation, at any ratio of step to time constant and for any turned angle.
"""

import math
from typing import Any

import numpy as np

from foglight.trace.ops import maximum, minimum, select

_TERMS = 16  # terms of the series on [0, 1]: the next one is below 1e-16 of the sum
_NEAR = 0.25  # the series is used for h² below this; there its next term is below 1e-19
_ARC_TERMS = 8  # terms of the series of sinc and bow near 0


def phis(t: Any, count: int) -> list[Any]:
    """[exp(-t), φ1(-t), …, φcount(-t)] for t >= 0, a symbol or a float, each to a few units in the last place.

    φk(-t) = ∫₀¹ exp(-t (1 - s)) s^(k-1) / (k-1)! ds, so φ1 = (1 - e^-t)/t and φk(0) = 1/k!; they obey
    φk = 1/k! - t φ(k+1)  (Hochbruck & Ostermann 2010, eqs. 2.10 and 2.11). Up to t = 1 the last one is summed
    from its series, and the recursion gives the others downwards. Beyond 1 it gives all of them upwards from exp(-t).
    Each branch is evaluated only at arguments that are safe for it, so neither its value nor its derivative can spoil
    the result of the other.
    """
    near = t < 1.0
    low = minimum(t, 1.0)
    total: Any = 1.0 / math.factorial(count + _TERMS)
    for k in reversed(range(count, count + _TERMS)):
        total = 1.0 / math.factorial(k) - low * total
    down = [total]
    for k in reversed(range(count)):
        down.append(1.0 / math.factorial(k) - low * down[-1])
    high = maximum(t, 1.0)
    inverse = 1.0 / high
    up = [np.exp(-high)]
    for k in range(count):
        up.append((1.0 / math.factorial(k) - up[-1]) * inverse)
    return [select(near, small, large) for small, large in zip(reversed(down), up, strict=True)]


def sinc(h: Any) -> Any:
    """sin(h)/h, and 1 at h = 0: the ratio of chord to arc for half the turned angle h (rad), a symbol or a float.

    Value and derivative are correct to a few units in the last place on both sides of the switch from the
    Taylor series to the quotient, and the branch that is not taken never divides by zero.
    """
    near, low, high = _sides(h)
    return select(
        near, _series(low, [1.0 / math.factorial(2 * k + 1) for k in range(_ARC_TERMS)]), np.sin(high) / high
    )


def bow(h: Any) -> Any:
    """(sin(h) - h cos(h))/h², and 0 at h = 0: minus the derivative of `sinc`, the spherical Bessel function j1."""
    near, low, high = _sides(h)
    series = h * _series(low, [2.0 * (k + 1) / math.factorial(2 * k + 3) for k in range(_ARC_TERMS)])
    return select(near, series, (np.sin(high) / high - np.cos(high)) / high)


def _sides(h: Any) -> tuple[Any, Any, Any]:
    """Whether h is near 0, and arguments that are safe on both sides: h² for the series, h for the quotient."""
    near = h * h < _NEAR
    return near, minimum(h * h, _NEAR), select(near, 1.0, h)


def _series(s: Any, coefficients: list[float]) -> Any:
    """The alternating series c0 - c1 s + c2 s² - …, by Horner's rule."""
    total: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = c - s * total
    return total
