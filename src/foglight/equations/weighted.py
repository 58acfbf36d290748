"""What later readings say about a state, as equations with weights: Uᵀ x = y + e, e ~ N(0, diag 1/w), and no prior.

The information matrix is U diag(w) Uᵀ, a factor like that of a covariance, and so the filter's own two primitives do
most of the algebra (the dual of a covariance filter: Bierman 1977, ch. VI and X). A reading is one more column of the
factor, and the columns of U take it in one after the other. Noise of the motion, x' = F x + b + G w, takes information
away as a measurement takes variance:

    Λ - Λ g (1/q + gᵀ Λ g)⁻¹ gᵀ Λ      for each column g of G, of variance q

and y is swept like another row of U. Only readings, which are few, need rotations, of which each waits for the one
before, and no covariances are subtracted. But an exact reading would have an infinite weight, which only
`equations.information` can hold, and one that is all but exact buries others in its rounding.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.equations import gaussian, ud
from foglight.equations.gaussian import Factored
from foglight.trace.ops import (
    conditioned,
    in_type_of,
    increased,
    known_zero,
    limit,
    product,
    squares,
    triangle,
    zeros,
)
from foglight.trace.symbol import Symbol


class Weighted(NamedTuple):
    """Uᵀ x = y + e, e ~ N(0, diag 1/w): U (n, n) unit upper triangular, y (n,), w (n,) >= 0.

    rows (n, n + 1): y, and beside it Uᵀ.
    """

    rows: Any
    w: Any

    @property
    def y(self) -> Any:
        """The right-hand side (n,)."""
        return self.rows[:, 0]

    @property
    def U(self) -> Any:
        """The factor (n, n) of the information."""
        return triangle(self.rows[:, 1:])

    def joined(self, H: Array, z: Array, w: Array) -> "Weighted":
        """These equations and H x = z + N(0, diag 1/w); H (m, n), z (m,), w (m,)."""
        z, H = (in_type_of(self.rows, part) for part in (z, H))  # constants stay a matrix of their own
        return Weighted(*increased(self.rows, self.w, np.hstack([z[:, None], H]), w))

    def rounding(self, variances: Any) -> Any:
        """What rounding may seem to say about each state, as a share of what is known of it before: in a direction in
        which there is no information, (n eps)² of all that there is about the state is left."""
        eps = len(self.w) * limit("eps", variances)
        return squares(self.U, self.w) * variances * eps**2


class Rows(NamedTuple):
    """H x = y + e, e ~ N(0, diag 1/w): the same of any matrix H (n, n)."""

    H: Any
    y: Any
    w: Any

    def equations(self) -> Weighted:
        """The same information with a triangular matrix."""
        n = len(self.y)
        both = zeros((n + 1, n), self.H)
        both[0], both[1:] = self.y, self.H.T
        U, D = ud.combine(both, self.w)
        return Weighted(U.T[1:], D[1:])


def before_motion(after: Weighted, F: Array, b: Array, Q: Factored) -> Rows:
    """What the equations of x' = F x + b + G w, w ~ N(0, Q.variances), say about x."""
    G, q, lower = _lower(Q)
    H = np.hstack([np.full((len(q), 1), 0.0), G.T])
    swept, w, _ = conditioned(after.rows, after.w, H, q, echelon=int(lower))
    y, U = swept[:, 0], triangle(swept[:, 1:])
    if not all(map(known_zero, b)):
        y = y - product(b, U)
    # Zeros are left out of one of the two: of F where most of it is zeros.
    sparse = 2 * sum(map(known_zero, F.flat)) > F.size
    return Rows(product(F.T, U).T if sparse else product(swept[:, 1:], F, lower=True), y, w)


def smoothed(known: gaussian.Belief, later: Weighted) -> gaussian.Belief:
    """p(x | all z) from the filtered belief and what later readings say about the states in reverse order.

    The first of these equations is about the last state, and each of the others about one state more before it: it
    leaves the columns of the belief's U before as they are. In the other order the mean would go to and fro: with a
    start of variance 1e12 and next to no noise it loses five digits.
    """
    return gaussian.Belief(*ud.condition_all(*known, later.rows[:, :0:-1], later.w, later.y, echelon=-1))


def _lower(Q: Factored) -> tuple[Array, Array, bool]:
    """A factor of Q, its variances, and whether it is lower triangular: its own, or that of constants."""
    n, k = Q.G.shape
    if all(known_zero(Q.G[i, j]) for i in range(n) for j in range(i + 1, k)):
        return Q.G, Q.variances, True
    if k < n or any(isinstance(v, Symbol) for v in (*Q.G.flat, *Q.variances.flat)):
        return Q.G, Q.variances, False
    U, D = ud.combine(Q.G[::-1].astype(float), Q.variances.astype(float))
    return U[::-1, ::-1], D[::-1], True
