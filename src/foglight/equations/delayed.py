"""An unknown start of which the first readings tell some directions hardly apart: they stay a regression at first.

Long waves look alike over a few rows. Once each direction has absorbed a reading, its variance is finite and may yet be
1e24 times that of a reading, and a mean and a covariance of the states do not hold what is known beside that. So the
states are carried as N(x0 + B c, U0 D0 U0ᵀ), where c (d,) are the coefficients of the unknown directions at the start,
and what the readings say of c as the rows of a triangle, u c = zeta + N(0, diag v): de Jong 1991, the diffuse Kalman
filter, with the square-root-free rotations of Gentleman 1973 for its cross products. No number of these is larger for
readings that tell little. The belief that is shown follows from them, and takes over once it holds all digits.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import diffuse, gaussian, ud
from foglight.equations.gaussian import Factored
from foglight.trace.ops import (
    any_of,
    dense,
    entrywise,
    negated,
    positive,
    product,
    reciprocal,
    select,
    squares,
    unit,
    zeros,
)

# The variance of a state, in variances of it given other states, up to which a belief of the states holds all digits.
LEAST = 2.0**16
# After so many updates of known states the belief takes over in any case: what is wide then, will remain so.
LONGEST = 4096.0


class Belief(NamedTuple):
    """The belief of `diffuse.Belief` that is shown, x, U, D, A, w, and what it follows from while `waiting` > 0.

    x0 (n,), U0 (n, n), D0 (n,), B (n, d), zeta (d,), u (d, d) unit upper triangular, v (d,), -1 for a direction that
    has absorbed no reading.  waiting: 0 once the belief that is shown goes on by itself, then exactly as an ordinary
    one; else the number of updates since all directions are known, plus 1.
    """

    x: NDArray[Any]
    U: NDArray[Any]
    D: NDArray[Any]
    A: NDArray[Any]
    w: NDArray[Any]
    x0: NDArray[Any]
    U0: NDArray[Any]
    D0: NDArray[Any]
    B: NDArray[Any]
    zeta: NDArray[Any]
    u: NDArray[Any]
    v: NDArray[Any]
    waiting: Any

    @property
    def plain(self) -> diffuse.Belief:
        """The belief that is shown."""
        return diffuse.Belief(*self[:5])

    @property
    def given(self) -> gaussian.Belief:
        """What is known of the states if c is 0."""
        return gaussian.Belief(self.x0, self.U0, self.D0)

    @property
    def waits(self) -> Any:
        """Whether the belief that is shown does not go on by itself."""
        return self.waiting > 0.0

    def predict(self, y: NDArray[Any], F: NDArray[Any], Q: Factored, y0: NDArray[Any]) -> "Belief":
        """The time update of a linear motion. y0: where it takes x0."""
        given = self.given.predict(y0, F, Q)
        B = product(dense(F, self.B), self.B)
        moved = self._replace(x0=given.x, U0=given.U, D0=given.D, B=B)
        return moved._while(self.waits)._replace(**self.plain.predict(y, F, Q)._asdict())

    def take(
        self, h: NDArray[Any], r: Any, e: Any, e0: Any, used: Any, floor: Any, floor0: Any
    ) -> tuple["Belief", Any, Any, NDArray[Any], Any]:
        """As `diffuse.Belief.take`, and the innovation e itself after the belief. e0, floor0: those of x0.

        A row u_j c = zeta_j + N(0, v_j) is taken from the reading before the next one; so what is left of it in the end
        is its innovation given all readings before, and S is the variance of that. The first direction that the reading
        observes and none before has makes it a row of its own.
        """
        plain, S_plain, gain, absorbed = self.plain.take(h, r, e, used, floor)
        given, S, k0, _ = self.given.take(h, r, e0, used, floor0)
        d = len(self.w)
        seen = select(used, product(h, self.B), zeros(d, self.B))
        observed = diffuse.products_beyond_rounding(h, self.A, diffuse.SEEN)
        B = self.B - np.outer(k0, seen)
        zeta, u, v = self.zeta.copy(), self.u.copy(), self.v.copy()
        size: Any = 1.0
        rest = seen
        for j in range(d):
            first = (self.w[j] > 0.0) & (plain.w[j] == 0.0)
            met = self.v[j] >= 0.0
            c, left = rest[0], e0 - rest[0] * zeta[j]
            along = c * select(met, self.v[j], 0.0)
            S_next = S + c * along
            share = along * reciprocal(S_next)
            pivot = select(c == 0.0, observed[j], c)
            square = pivot * pivot
            inverse = pivot * reciprocal(square)
            if j + 1 < d:
                own, others = self.u[j, j + 1 :], rest[1:]
                ahead = others - c * own
                u[j, j + 1 :] = select(first, others * inverse, own + share * ahead)
                rest = select(first, zeros(d - j - 1, ahead), ahead)
            zeta[j] = select(first, e0 * inverse, self.zeta[j] + share * left)
            kept = select(positive(S_next), S * reciprocal(S_next), 1.0)
            v[j] = select(first, S * reciprocal(square), select(met, self.v[j] * kept, -1.0))
            size = select(first, square * reciprocal(observed[j] * observed[j]), size)
            e0, S = left, S_next
        waits = self.waits
        new = Belief(*plain, *given, B, zeta, u, v, self.waiting)
        S = select(absorbed, S_plain * select(waits, size, 1.0), select(waits, S, S_plain))
        return new, select(waits & negated(absorbed), e0, e), S, gain, absorbed

    def settled(self, before: "Belief") -> "Belief":
        """The belief after an update, with the one that is shown as it follows from the regression. before: the update.

        A belief that holds all digits as soon as all directions are known is the one of `diffuse`, bit for bit.
        """
        v = entrywise(lambda one: select(one >= 0.0, one, 0.0), self.v)
        columns = np.hstack([self.U0, product(self.B, ud.inverse(self.u))])
        U, D = ud.combine(columns, np.concatenate([self.D0, v]))
        x = self.x0 + product(self.B, ud.solve_upper(self.u, self.zeta))
        variances = squares(U, D)
        wide = any_of([(variances[i] > LEAST * D[i]) & positive(D[i]) for i in range(len(x))])
        waits, known = self.waits, negated(self.plain.unsure)
        follows = waits & known & (negated(before.plain.unsure) | wide)
        still = waits & (negated(known) | (wide & (self.waiting < LONGEST)))
        x, U, D = (select(follows, a, b) for a, b in zip((x, U, D), self[:3], strict=True))
        waiting = select(still, self.waiting + select(known, 1.0, 0.0), 0.0)
        return self._while(still)._replace(x=x, U=U, D=D, waiting=waiting)

    def _while(self, still: Any) -> "Belief":
        """The same while this holds, else 0 where it is not shown: it is not needed any more, and does not change."""
        n, d, like = len(self.x), len(self.w), self.x
        nothing = (
            zeros(n, like),
            unit(n, like),
            zeros(n, like),
            zeros((n, d), like),
            zeros(d, like),
            unit(d, like),
        )
        kept = zip(self[5:], (*nothing, zeros(d, like), 0.0), strict=True)
        return Belief(*self.plain, *[select(still, a, b) for a, b in kept])


def delayed(belief: diffuse.Belief) -> Belief:
    """A start, all of whose unknown directions are, to be resolved late."""
    d, x = len(belief.w), belief.x
    regression = zeros(d, x), unit(d, x), zeros(d, x) - 1.0
    return Belief(*belief, x, belief.U, belief.D, belief.A, *regression, 1.0)
