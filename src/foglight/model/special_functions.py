"""Exponential decay and its repeated integrals, without cancellation at any ratio of step to time constant."""

import math
from typing import Any

import numpy as np

from foglight.trace.ops import maximum, minimum, select

_TERMS = 16  # of the series on [0, 1]: the next term is below 1e-16 of the sum


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
