"""Stationary autoregressions: the smooth map onto their coefficients, and their distribution in the first row.

    x_k = φ_1 x_k-1 + … + φ_p x_k-p + ε_k,   ε ~ N(0, 1)

The coefficients of all stationary autoregressions of order p are those that the Durbin–Levinson recursion makes of p
partial autocorrelations in (-1, 1), and each is made once (Barndorff-Nielsen & Schou 1973; Monahan 1984). The same
recursion, backwards, gives what the Lyapunov equation P = F P Fᵀ + Q has as its solution, already as a factor: each
value is predicted from those before it, with the errors of the lower orders.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.types import Array
from foglight.equations import ud

# Of a partial autocorrelation: nearer to 1, more than half the digits of the start's variance are lost.
LARGEST = 1.0 - 2.0**-26


def coefficients(partials: Sequence[Any]) -> list[Any]:
    """φ (p,) from the partial autocorrelations r (p,), symbols or floats: φ_kk = r_k, φ_kj = φ_k-1,j - r_k φ_k-1,k-j.

    Monahan 1984, eq. 1.

    >>> coefficients([0.5, -0.2])
    [0.6, -0.2]
    """
    phi: list[Any] = []
    for r in partials:
        phi = [a - r * b for a, b in zip(phi, reversed(phi), strict=True)] + [r]
    return phi


def partials(phi: Sequence[float]) -> list[float] | None:
    """The partial autocorrelations r (p,) of φ; None for an autoregression that is not stationary.

    >>> [round(r, 12) for r in partials([0.6, -0.2])]
    [0.5, -0.2]
    """
    found: list[float] = []
    lower: list[float] = list(phi)
    while lower:
        if not abs(lower[-1]) < 1.0:
            return None
        found.append(lower[-1])
        lower = _one_lower(lower)
    return found[::-1]


def window(phi: Sequence[Any], size: int) -> tuple[Array, Array]:
    """The factor U, D of the stationary covariance of (x_k, …, x_k-size+1), for an ε of variance 1; symbols or floats.

    Each value is predicted from those before it, with an error that is independent of them: of the variance 1 where
    there are p of them, and of more where there are fewer. Brockwell & Davis 1991, §5.2.
    """
    # From p, p - 1, … values: coefficients, variance of the error.
    orders: list[tuple[list[Any], Any]] = [(list(phi), 1.0)]
    while orders[-1][0]:
        higher, variance = orders[-1]
        orders.append((_one_lower(higher), variance / ((1.0 - higher[-1]) * (1.0 + higher[-1]))))
    errors, D = np.eye(size, dtype=object), np.full(size, 0.0, dtype=object)
    for i in range(size):
        before = min(len(phi), size - 1 - i)
        a, D[i] = orders[len(phi) - before]
        for j, weight in enumerate(a, i + 1):
            errors[i, j] = -weight
    return ud.inverse(errors), D


def _one_lower(phi: Sequence[Any]) -> list[Any]:
    """The coefficients of the prediction from one value less, of the same process."""
    *rest, r = phi
    return [(a + r * b) / ((1.0 - r) * (1.0 + r)) for a, b in zip(rest, reversed(rest), strict=True)]


def product(phi: Sequence[Any], seasonal: Sequence[Any], period: int) -> list[Any]:
    """The coefficients of (1 - φ_1 B - …)(1 - Φ_1 Bˢ - …) = 1 - c_1 B - c_2 B² - …, symbols or floats.

    >>> product([0.5], [0.2], 3)
    [0.5, 0.0, 0.2, -0.1]
    """
    found: list[Any] = [*phi, *[0.0] * (period * len(seasonal))]
    for j, outer in enumerate(seasonal, 1):
        at = period * j
        found[at - 1] = found[at - 1] + outer
        for i, inner in enumerate(phi, 1):
            found[at + i - 1] = found[at + i - 1] - outer * inner
    return found
