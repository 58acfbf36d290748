"""One backward step where the filter does not know some directions of x yet: x' contains information about them.

With x = m + A c + …, c ~ N(0, ∞ diag w), and x' = f(x) + w, the Gram–Schmidt of the ordinary step gives

    ε = U_p⁻¹ (x' - y) = B c + ν,   B = U_p⁻¹ F A,   ν ~ N(0, diag D_p)
    x = m + C̃ ε + (A - C̃ B) c + U_c μ,   μ ~ N(0, diag D_c)

so that x' measures the coefficients c, one independent component of ε after the other, as a sensor would: an exact
update of the unknown part (equations/diffuse.py). Durbin & Koopman 2012, §5.3, take the same limit in another
recursion.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.equations import diffuse, smoother, ud
from foglight.equations.diffuse import SEEN, sum_beyond_rounding, sums_beyond_rounding
from foglight.trace.ops import product, unit


class Unresolved(NamedTuple):
    """p(x | x') with unknown directions: x = m + C̃ ε + Ā c + U_c μ, and c given ε.

    B (n, d); gains: the gain of each component of ε for c; A (n, d); A_bar (n, d) is A - C̃ B; c: the remaining
    belief of the coefficients.
    """

    given: smoother.Conditional
    B: Array
    gains: list[Array]
    A: Array
    A_bar: Array
    c: diffuse.Belief

    def follow(self, ahead: Array) -> Array:
        """The shift of the mean of x for each column (n, k) of x' - y: U_p⁻¹, C̃ and the gains of c, applied in turn."""
        eps = np.array([ud.solve_upper(self.given.U_p, column) for column in ahead.T]).T
        c = np.full((self.B.shape[1], ahead.shape[1]), 0.0, ahead.dtype)
        for j, gain in enumerate(self.gains):
            c = c + np.outer(gain, eps[j] - product(self.B[j], c))
        result: Array = product(self.given.C, eps) + product(self.A_bar, c)
        return result

    def unknown(self, ahead: Array) -> Array:
        """The directions of x that stay unknown: those that follow from the directions `ahead` (n, d) of x', which stay
        unknown, and those that the motion forgets.

        Along them ε is B c and x is A c: the known part does not enter, and sums that are only rounding become 0.
        """
        d = len(self.c.w)
        eps = _substituted(self.given.U_p, ahead)
        c = np.full((d, d), 0.0, ahead.dtype)
        for j, gain in enumerate(self.gains):
            found = c.copy()
            for k, m in np.ndindex(d, d):
                terms = [c[k, m], gain[k] * eps[j, m], *(-gain[k] * self.B[j] * c[:, m])]
                found[k, m] = sum_beyond_rounding(np.array(terms, ahead.dtype), SEEN)
            c = found
        remaining = np.concatenate([c, self.c.A])
        return sums_beyond_rounding(np.hstack([self.A, self.A])[:, :, None] * remaining[None])

    def left(self) -> tuple[Array, Array]:
        """The columns (n, d + n) and weights of the part of x that x' does not determine."""
        columns = np.hstack([product(self.A_bar, self.c.U), self.given.U_c])
        return columns, np.concatenate([self.c.D, self.given.D_c])


def given_next(belief: diffuse.Belief, given: smoother.Conditional, F: Array) -> Unresolved:
    """p(x | x') from the ordinary step on the known part of x, and the Jacobian F of the motion."""
    d = belief.A.shape[1]
    B = sums_beyond_rounding(F[:, :, None] * belief.A[None])
    B = _substituted(given.U_p, B)
    I = unit(d, B)  # noqa: E741
    zeros = np.full(d, 0.0, B.dtype)
    c = diffuse.Belief(zeros, I, zeros, I, belief.w)
    gains = []
    for j in range(len(B)):
        floor = ud.rounding_floor(ud.spread_of(B[j : j + 1], c.U, c.D)[0], given.D_p[j], d)
        c, _, gain, _ = c.take(B[j], given.D_p[j], 0.0, True, floor)
        gains.append(gain)
    terms = np.concatenate([belief.A[:, None], -given.C[:, :, None] * B[None]], axis=1)
    return Unresolved(given, B, gains, belief.A, sums_beyond_rounding(terms), c)


def smoothed(
    x: Array, unresolved: Unresolved, after: diffuse.Belief, angles: tuple[int, ...]
) -> tuple[Any, Array]:
    """p(x | all z) from the filtered mean x and p(x' | all z); and U of x' mapped to x (n, n), for `lag_one`.

    Directions that are unknown in x' stay unknown; so do those that the motion forgets.
    """
    ahead = smoother.away(unresolved.given, after.x, angles)
    moved = unresolved.follow(np.hstack([ahead[:, None], after.U]))
    own, weights = unresolved.left()
    U, D = ud.combine(np.hstack([moved[:, 1:], own]), np.concatenate([after.D, weights]))
    A = unresolved.unknown(after.A)
    return diffuse.Belief(x + moved[:, 0], U, D, A, after.w), moved[:, 1:]


def drawn(x: Array, unresolved: Unresolved, after: Array, xi: Array, angles: tuple[int, ...]) -> Array:
    """A draw from p(x | x', z so far) for a value `after` of x', from standard normals xi (n,)."""
    moved = unresolved.follow(smoother.away(unresolved.given, after, angles)[:, None])[:, 0]
    U, D = ud.combine(*unresolved.left())
    draw: Array = x + moved + product(U, np.sqrt(D) * xi)
    return draw


def _substituted(U: Array, columns: Array) -> Array:
    """U⁻¹ columns for a unit upper triangular U, exactly 0 where a sum is only rounding."""
    result = columns.copy()
    for i in reversed(range(len(U))):
        for j in range(columns.shape[1]):
            terms = np.array([result[i, j], *(-U[i, i + 1 :] * result[i + 1 :, j])], columns.dtype)
            result[i, j] = sum_beyond_rounding(terms, SEEN)
    return result
