"""Functions that motions need near a limit: integrals of exponential decay, and along an arc that becomes a line.

None cancels, at any ratio of step to time constant, and for any angle of turn.
"""

import math
from typing import Any

import numpy as np

from foglight.trace.ops import maximum, minimum, select

_TERMS = 16  # of the series on [0, 1]: the next term is below 1e-16 of the sum
_NEAR = 0.25  # h² below which the series is used; there the next term is below 1e-19
_ARC_TERMS = 8  # of the series of (1 - cos)/h and (h - sin)/h² near 0


def phis(t: Any, count: int) -> list[Any]:
    """[exp(-t), φ1(-t), …, φcount(-t)] for t >= 0, a symbol or a float, each to a few units in the last place.

    φk(-t) = ∫₀¹ exp(-t (1 - s)) s^(k-1) / (k-1)! ds, so φ1 = (1 - e^-t)/t and φk(0) = 1/k!; they obey
    φk = 1/k! - t φ(k+1)  (Hochbruck & Ostermann 2010, eqs. 2.10 and 2.11). Up to t = 1 the last one is summed
    from its series and the rest follow downwards; beyond, all follow upwards from exp(-t). Each branch sees
    only arguments that are safe for it, so that neither value nor derivative of the other can spoil it.
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
    """sin(h)/h, and 1 at h = 0: chord over arc for half the turned angle h (rad). A symbol or a float.

    Value and derivative are right to a few units in the last place on either side of the switch from the
    Taylor series to the quotient, and the branch not taken never divides by zero.
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
    """Whether h is near 0, and for each side an argument that is safe everywhere: h² for one, h for the other."""
    near = h * h < _NEAR
    return near, minimum(h * h, _NEAR), select(near, 1.0, h)


def _series(s: Any, coefficients: list[float]) -> Any:
    total: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = c - s * total
    return total
