"""One backward step: from p(x' | all z) and p(x | z so far) to p(x | all z), for x' = f(x) + w, w ~ N(0, Q).

The smoother of Rauch, Tung & Striebel 1965 for Gaussians given as factors (Särkkä & Svensson 2023, ch. 12 and 13, with
covariances). The two states are made independent by one Gram–Schmidt of their joint columns, x' first:

    [x; x'] = columns · N(0, weights),     factor [[U_c, C̃], [0, U_p]], diag(D_c, D_p)

so that x | x' ~ N(m + C̃ ε, U_c D_c U_cᵀ) with ε = U_p⁻¹ (x' - f(m)), and C̃ U_p⁻¹ is the smoother's gain, which is never
solved for. The smoothed covariance of x' enters as columns, too: a sum of squares, which cannot become indefinite.
With a gain from a linear system in P_p an otherwise factored smoother loses every digit if the start is vague.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.equations import ud, unscented
from foglight.equations.angles import wrap
from foglight.equations.extended import term_sizes
from foglight.equations.gaussian import Belief, Factored, Linearise
from foglight.trace import ops
from foglight.trace.ops import product, zeros

RESOLVED = 32.0  # times rounding: how much a direction of x' must vary to carry information on x


class Joint(NamedTuple):
    """x and x' as columns (2n, k) with weights (k,), x above x'; y (n,) is the mean of x', sizes are the squares of the
    terms that each entry of y is a sum of."""

    y: Array
    columns: Array
    weights: Array
    sizes: Any


class Conditional(NamedTuple):
    """p(x | x') = N(x + C ε, U_c D_c U_cᵀ), ε = U_p⁻¹ (x' - y); U_p, D_p is the factor of Cov x'."""

    y: Array
    U_p: Array
    D_p: Array
    C: Array
    U_c: Array
    D_c: Array


def linearised(belief: Belief, y: Array, F: Array, Q: Factored) -> Joint:
    """x and x' of a motion linearised at the mean m, with Jacobian F (n, n) and f(m) = y."""
    n, size = len(belief.x), len(Q.variances)
    columns = zeros((2 * n, n + size), belief.U)
    columns[:n, :n] = belief.U
    columns[n:, :n] = product(F, belief.U)
    columns[n:, n:] = Q.G
    return Joint(y, columns, np.concatenate([belief.D, Q.variances]), term_sizes(y, F, belief.x))


def paired(
    belief: Belief,
    spread: unscented.Spread,
    linearise: Linearise,
    Q: Factored,
    weights: unscented.Weights,
    angles: tuple[int, ...],
) -> Joint:
    """x and x' by the unscented transform: the odd part of a pair of points is correlated with x, the even part is not.

    The derivatives serve only to tell rounding from variance.
    """
    points = unscented.points(belief, weights)
    centre, s, d = spread(belief.x, points)
    y, deviations = unscented.moments(centre, s, d, weights, angles)
    n, k = deviations.shape
    columns = zeros((2 * n, k + len(Q.variances)), points)
    columns[:n, :n] = points
    columns[n:, :k] = deviations
    columns[n:, k:] = Q.G
    equal = np.full(k, 1.0 / weights.square, points.dtype)
    sizes = term_sizes(y, linearise(belief.x)[1], belief.x)
    return Joint(y, columns, np.concatenate([equal, Q.variances]), sizes)


def given_next(joint: Joint) -> Conditional:
    """p(x | x'), and with it p(x').

    A direction in which x' varies by less than the rounding of its mean carries no information on x, and is left out.
    Otherwise, after a sensor without noise, a difference of 1e-16 would count as standard deviations, and grow from row
    to row.
    """
    n = len(joint.y)
    floors = {
        n + j: size * (RESOLVED * n * ops.limit("eps", size)) ** 2 for j, size in enumerate(joint.sizes)
    }
    U, D = ud.combine(joint.columns, joint.weights, floors)
    return Conditional(joint.y, U[n:, n:], D[n:], U[:n, n:], U[:n, :n], D[:n])


def away(given: Conditional, x: Array, angles: tuple[int, ...]) -> Array:
    """x' - y for a value x of x'; differences of angles are wrapped."""
    difference = x - given.y
    for i in angles:
        difference[i] = wrap(difference[i])
    return difference


def innovation(given: Conditional, x: Array, angles: tuple[int, ...]) -> Array:
    """ε = U_p⁻¹ (x' - y) for a value x of x'."""
    eps: Array = ud.solve_upper(given.U_p, away(given, x, angles))
    return eps


def smoothed(x: Array, given: Conditional, after: Belief, angles: tuple[int, ...]) -> tuple[Belief, Array]:
    """p(x | all z) from the filtered mean x and p(x' | all z), and C̃ U_p⁻¹ U_s (n, n), which lag-one covariances need.

    P = C̃ U_p⁻¹ P_s U_p⁻ᵀ C̃ᵀ + U_c D_c U_cᵀ: the law of total covariance.
    """
    mean = x + product(given.C, innovation(given, after.x, angles))
    columns = product(given.C, ud.solve_upper(given.U_p, after.U))
    U, D = ud.combine(np.hstack([columns, given.U_c]), np.concatenate([after.D, given.D_c]))
    return Belief(mean, U, D), columns


def lag_one(after: Belief, columns: Array) -> Array:
    """Cov(x', x | all z) (n, n) from the columns that `smoothed` returns."""
    lag: Array = product(after.U * after.D, columns.T)
    return lag


def drawn(x: Array, given: Conditional, after: Array, xi: Array, angles: tuple[int, ...]) -> Array:
    """A draw from p(x | x', z so far) for a value `after` of x', from standard normals xi (n,)."""
    mean = x + product(given.C, innovation(given, after, angles))
    draw: Array = mean + product(given.U_c, np.sqrt(given.D_c) * xi)
    return draw
