"""Differential equations over a step: the classical Runge-Kutta method, and the noise that is gathered on the way."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import Factored
from foglight.trace.ops import product, unit

Array = NDArray[Any]
Slope = Callable[[Array], Array]  # y -> dy/dt
STABLE = (
    2.785  # |λ| h, up to which what decays as e^(λ t) decays in substeps of h.  Hairer & Wanner 1996, §IV.2
)
# Gauss-Legendre quadrature on [0, 1]: exact for polynomials of degree 5.
_NODES = tuple((0.5 + s * math.sqrt(0.15), w / 18.0) for s, w in ((-1.0, 5.0), (0.0, 8.0), (1.0, 5.0)))


class _Node(NamedTuple):
    """The boundary of two substeps: the state x and its slope; there M = Φ(end of the step, here) and its slope."""

    x: Array
    slope: Array
    M: Array
    M_slope: Array


def substep(slope: Slope, y: Array, h: Any) -> tuple[Array, Array]:
    """y a time h later, and dy/dt before: four slopes, order 4.  Hairer, Nørsett & Wanner 1993, §II.1, table 1.2."""
    a = slope(y)
    b = slope(y + h / 2.0 * a)
    c = slope(y + h / 2.0 * b)
    d = slope(y + h * c)
    return y + h / 6.0 * (a + 2.0 * b + 2.0 * c + d), a


def flow(slope: Slope, y: Array, h: Any, count: int) -> Array:
    """y after `count` substeps of h."""
    for _ in range(count):
        y, _ = substep(slope, y, h)
    return y


def variational(slope: Slope, jacobian: Slope) -> Slope:
    """The slope of [x | Φ] (n, 1 + n): dx/dt = f(x) and dΦ/dt = A(x) Φ, A = df/dx.  Hairer et al. 1993, §I.14."""

    def both(y: Array) -> Array:
        return np.column_stack([slope(y[:, 0]), product(jacobian(y[:, 0]), y[:, 1:])])

    return both


def gathered_noise(
    slope: Slope, jacobian: Slope, density: Callable[[Array], Factored], x: Array, h: Any, count: int
) -> Factored:
    """Q = ∫ Φ(T, s) W Φ(T, s)ᵀ ds along `count` substeps of h from x: the P(T) of P' = A P + P Aᵀ + W, P(0) = 0.

    density: x -> W, the covariance of the noise per second.

    A quadrature with positive weights, so that Q is a sum of squares: its columns are Φ(T, s) G at three nodes s of
    each substep. There x and Φ(T, ·) come from the cubic Hermite polynomials of the substep, which are off by O(h⁴). Q
    is of order 4, and exact where the noise feeds through chains of up to three integrators.
    """
    both, identity = variational(slope, jacobian), unit(len(x), x)
    passed = []
    for _ in range(count):
        y, first = substep(both, np.column_stack([x, identity]), h)
        passed.append((x, first, y[:, 1:]))
        x = y[:, 0]
    last = both(np.column_stack([x, identity]))
    after = _Node(x, last[:, 0], identity, -last[:, 1:])
    columns, variances = [], []
    for x, first, step in reversed(passed):
        M = product(after.M, step)
        before = _Node(x, first[:, 0], M, -product(M, first[:, 1:]))
        for share, weight in _NODES:
            W = density(_between(share, h, before.x, before.slope, after.x, after.slope))
            effect = _between(share, h, before.M, before.M_slope, after.M, after.M_slope)
            columns.append(product(effect, W.G))
            variances.append(weight * h * W.variances)
        after = before
    return Factored(np.hstack(columns), np.concatenate(variances))


def _between(share: float, h: Any, a: Array, a_slope: Array, b: Array, b_slope: Array) -> Array:
    """The cubic Hermite polynomial through a and b, which are h apart, at this share of the way."""
    s, r = share, 1.0 - share
    value: Array = (
        r * r * (1.0 + 2.0 * s) * a + s * s * (1.0 + 2.0 * r) * b + (s * r * h) * (r * a_slope - s * b_slope)
    )
    return value
