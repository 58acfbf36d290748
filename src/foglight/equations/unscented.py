"""Sigma points: the unscented and the cubature Kalman filter, written in differences.

The pair of points x ± γ √D_i U_i goes through f as f0 + s_i ± d_i, with s and d computed without
cancellation (trace/point_pairs.py). Then

    mean = f0 + μ,   μ = Σ s_i / γ²,   cov = (Σ d_i d_iᵀ + Σ (s_i - θ μ)(s_i - θ μ)ᵀ) / γ²

is the unscented transform of Julier & Uhlmann 2004, eqs. 12–15, exactly, without its large negative centre
weight: a sum of squares, so never indefinite, and as accurate at α = 0.001 as at 1.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import textbook, ud
from foglight.equations.angles import wrap
from foglight.equations.extended import term_sizes
from foglight.equations.gaussian import Belief, Factored, Innovate, Linearise, UpdateInfo, White
from foglight.equations.measurement import judge, likelihood, mask_rows, noise_factor
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import absolute, floor, in_type_of, known_zero, row_sums, select, zeros

Spread = Callable[[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]


class Weights(NamedTuple):
    """γ² = α² (n + κ), and θ, which carries the centre weight β - α²."""

    square: float
    theta: float

    @classmethod
    def of(cls, n: int, alpha: float, beta: float, kappa: float) -> "Weights":
        """Weights for n states. ValueError if they could give an indefinite covariance.

        θ = (γ²/n) (1 - √(1 + (β - α²) n/γ²)): completing the square of (β - α²) μ μᵀ over the s_i.
        """
        square = alpha * alpha * (n + kappa)
        if not square > 0.0:
            raise ValueError(f"alpha² (n + kappa) = {square:g} for n = {n} states must be positive")
        inside = 1.0 + (beta - alpha * alpha) * n / square
        if inside < -1e-12:
            raise ValueError(
                f"alpha={alpha:g}, beta={beta:g}, kappa={kappa:g} put a negative weight on the centre that can "
                f"make P indefinite for n = {n} states"
            )
        return cls(square, square / n * (1.0 - math.sqrt(max(inside, 0.0))))


def predict(belief: Belief, spread: Spread, Q: Factored, weights: Weights, angles: tuple[int, ...]) -> Belief:
    """p(x') for x' = f(x) + w, w ~ N(0, Q), by the unscented transform.  Julier & Uhlmann 2004, §III."""
    centre, s, d = spread(belief.x, points(belief, weights))
    mean, deviations = moments(centre, s, d, weights, angles)
    columns = in_type_of(belief.U, np.hstack([deviations, Q.G]))
    equal = np.full(deviations.shape[1], 1.0 / weights.square, columns.dtype)
    return Belief(mean, *ud.combine(columns, np.concatenate([equal, Q.variances])))


def update(
    belief: Belief,
    spread: Spread,
    linearise: Linearise,
    innovate: Innovate,
    R: NDArray[Any],
    used: list[Any],
    weights: Weights,
    angles: tuple[int, ...],
) -> tuple[Belief, UpdateInfo]:
    """p(x | z) for z = h(x) + v, v ~ N(0, R), from the joint factor of (x, z).

    [x; z] has the factor [[U_x, K̃], [0, U_z]], so that S = U_z D_z U_zᵀ and K = K̃ U_z⁻¹; U_x, D_x is the
    factor of x given z. The gain of Särkkä & Svensson 2023, eq. 8.43, without a difference of covariances.
    The derivatives of h serve only to tell rounding from variance.
    """
    x = belief.x
    n, m = len(x), len(R)
    C = points(belief, weights)
    centre, s, d = spread(x, C)
    mean, deviations = moments(centre, s, d, weights, angles)
    L, r, bad = noise_factor(R[::-1, ::-1], used[::-1], x)
    L, r = L[::-1, ::-1], r[::-1]  # R is factored from its last row on, as S is by D_z
    e = mask_rows(innovate(mean), used)
    deviations = mask_rows(deviations, used)
    k = deviations.shape[1]
    columns = zeros((n + m, k + m), C)
    columns[:n, :n] = C
    columns[n:, :k] = deviations
    columns[n:, k:] = L
    equal = np.full(k, 1.0 / weights.square, C.dtype)
    H = linearise(x)[1]
    spreads = [select(absolute(s) < math.inf, s, 0.0) for s in ud.spread_of(H, belief.U, belief.D)]
    floors = {n + j: ud.rounding_floor(s, r[j], n) for j, s in enumerate(spreads)}
    U_joint, D_joint = ud.combine(columns, np.concatenate([equal, r]), floors)
    U_z, D_z, K_tilde = U_joint[n:, n:], D_joint[n:], U_joint[:n, n:]
    eps = ud.solve_upper(U_z, e)
    S = textbook.symmetric((U_z * D_z) @ U_z.T)
    K = K_tilde @ ud.inverse(U_z)
    faults = judge(eps, D_z, r, term_sizes(mean, H, x), spreads, used, n, bad)
    info = UpdateInfo(e, S, K, *likelihood(eps, D_z, used), faults, White(eps, D_z, r))
    return Belief(x + K_tilde @ eps, U_joint[:n, :n], D_joint[:n]), info


def points(belief: Belief, weights: Weights) -> NDArray[Any]:
    """Columns γ √D_i U_i: half the difference of each pair of sigma points."""
    columns: NDArray[Any] = belief.U * (math.sqrt(weights.square) * np.sqrt(belief.D))
    return columns


def moments(
    centre: NDArray[Any], s: NDArray[Any], d: NDArray[Any], weights: Weights, angles: tuple[int, ...]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The mean f0 + μ and the columns [d | s - θ μ], of weight 1/γ² each. Deviations of angles are wrapped."""
    s, d = s.copy(), d.copy()
    whole = isinstance(s, ArraySymbol)
    for i in angles:
        if whole:
            s[i], d[i] = _wrapped_deviations(s[i], d[i])
        else:
            for k in range(s.shape[1]):
                s[i, k], d[i, k] = _wrapped_deviations(s[i, k], d[i, k])
    mu = row_sums(s) * (1.0 / weights.square)
    mean = centre + mu
    for i in angles:
        mean[i] = wrap(mean[i])
    if known_zero(s) if whole else all(known_zero(v) for v in s.flat):
        return mean, d
    curved = s - np.outer(weights.theta * mu, np.full(s.shape[1], 1.0))
    if whole:
        return mean, np.hstack([d, curved])
    keep = [k for k in range(s.shape[1]) if not all(known_zero(v) for v in curved[:, k])]
    return mean, np.hstack([d, curved[:, keep]])


def _wrapped_deviations(s: Any, d: Any) -> tuple[Any, Any]:
    """The pair of deviations s ± d, each wrapped to [-π, π), as s and d again; unchanged if neither wraps."""
    turn = 2.0 * math.pi
    plus = floor((s + d + math.pi) * (1.0 / turn))
    minus = floor((s - d + math.pi) * (1.0 / turn))
    return s - 0.5 * turn * (plus + minus), d - 0.5 * turn * (plus - minus)
