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
from foglight.equations.diffuse import KEPT, SEEN, larger_than_rounding, products_beyond_rounding, sizes_of
from foglight.trace.ops import dense, product, unit, zeros


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
        eps = ud.solve_upper(self.given.U_p, ahead)
        c = zeros((self.B.shape[1], ahead.shape[1]), ahead)
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
        c = zeros((d, d), ahead)
        for j, gain in enumerate(self.gains):
            b, size = self.B[j], sizes_of(gain)
            found = c + np.outer(gain, eps[j]) - np.outer(gain, product(b, c))
            sizes = sizes_of(c) + np.outer(size, sizes_of(eps[j]))
            sizes = sizes + np.outer(size, product(sizes_of(b), sizes_of(c)))
            c = larger_than_rounding(found, sizes, SEEN * (d + 2))
        remaining = np.hstack([c.T, self.c.A.T]).T
        result: Array = products_beyond_rounding(np.hstack([self.A, self.A]), remaining, KEPT)
        return result

    def left(self) -> tuple[Array, Array]:
        """The columns (n, d + n) and weights of the part of x that x' does not determine."""
        columns = np.hstack([product(self.A_bar, self.c.U), self.given.U_c])
        return columns, np.concatenate([self.c.D, self.given.D_c])


def given_next(belief: diffuse.Belief, given: smoother.Conditional, F: Array) -> Unresolved:
    """p(x | x') from the ordinary step on the known part of x, and the Jacobian F of the motion."""
    n, d = belief.A.shape
    B = _substituted(given.U_p, products_beyond_rounding(dense(F, belief.A), belief.A, KEPT))
    I = unit(d, B)  # noqa: E741
    nothing = zeros(d, B)
    c = diffuse.Belief(nothing, I, nothing, I, belief.w)
    gains = []
    for j in range(n):
        floor = ud.rounding_floor(ud.spread_of(B[j : j + 1], c.U, c.D)[0], given.D_p[j], d)
        c, _, gain, _ = c.take(B[j], given.D_p[j], 0.0, True, floor)
        gains.append(gain)
    sizes = sizes_of(belief.A) + product(sizes_of(given.C), sizes_of(B))
    A_bar = larger_than_rounding(belief.A - product(given.C, B), sizes, KEPT * (n + 1))
    return Unresolved(given, B, gains, belief.A, A_bar, c)


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
    result, n = columns.copy(), len(U)
    for i in reversed(range(n - 1)):
        row, below = U[i, i + 1 :], result[i + 1 :]
        sizes = sizes_of(result[i]) + product(sizes_of(row), sizes_of(below))
        result[i] = larger_than_rounding(result[i] - product(row, below), sizes, SEEN * (n - i))
    return result
