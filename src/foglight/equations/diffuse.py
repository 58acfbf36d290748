"""The exact diffuse start: directions of which nothing is known, each until a measurement sees it.

P = ∞ · A diag(w) Aᵀ + U D Uᵀ. The limit of a large starting variance is taken before anything is computed, not
after: Durbin & Koopman 2012, §5.2, and component by component §5.4; the covariances as factors. Where they carry
P∞ and P*, here A (n, d) and w (d,) are carried: the columns of A are unknown directions, w says how unknown each is.
A measurement that sees some of them is absorbed: it makes one w exactly 0, and a direction with weight 0 is dead for
ever. So the rank is a count, and no tolerance decides when the start is over.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import gaussian, ud
from foglight.equations.gaussian import Factored
from foglight.trace import ops
from foglight.trace.ops import absolute, known_zero, product, select, total

SEEN = 64.0  # times rounding: what the terms of h·a must leave for a measurement to see the direction a
KEPT = 4.0  # times rounding: what the terms of an entry of A must leave for it to be more than rounding


class Belief(NamedTuple):
    """N(x, ∞ A diag(w) Aᵀ + U D Uᵀ): x (n,), U (n, n), D (n,), A (n, d), w (d,) >= 0.

    In the unknown directions x, U and D mean nothing yet; once every w is 0 this is N(x, U D Uᵀ).
    """

    x: NDArray[Any]
    U: NDArray[Any]
    D: NDArray[Any]
    A: NDArray[Any]
    w: NDArray[Any]

    @property
    def known(self) -> gaussian.Belief:
        """What is left without the unknown directions."""
        return gaussian.Belief(self.x, self.U, self.D)

    def with_known(self, known: gaussian.Belief) -> "Belief":
        """The same directions unknown, and this beside them."""
        return Belief(known.x, known.U, known.D, self.A, self.w)

    @property
    def unsure(self) -> Any:
        """Whether any direction is still unknown."""
        return functools.reduce(lambda a, b: a | b, [weight > 0.0 for weight in self.w])

    def predict(self, y: NDArray[Any], F: NDArray[Any], Q: Factored) -> "Belief":
        """The time update: P∞ becomes F P∞ Fᵀ.  Durbin & Koopman 2012, eq. 5.14 where F∞ = 0."""
        known, terms = self.known.predict(y, F, Q), F[:, :, None] * self.A[None]
        return Belief(known.x, known.U, known.D, sums_beyond_rounding(terms), self.w)

    def take(
        self, h: NDArray[Any], r: Any, e: Any, used: Any, floor: Any
    ) -> tuple["Belief", Any, NDArray[Any], Any]:
        """Condition on z = h·x + v, v ~ N(0, r), e = z - h·x: the belief, S, the gain k (n,), whether it was absorbed.

        Where S∞ = hᵀ A diag(w) Aᵀ h > 0, K0 = A diag(w) Aᵀ h / S∞ moves the mean, S is S∞, and what is known becomes
        (I - K0 hᵀ) U D Uᵀ (I - K0 hᵀ)ᵀ + r K0 K0ᵀ: Durbin & Koopman 2012, §5.4.1 with F∞ > 0, as a sum of squares.
        Elsewhere this is the update of what is known, and its bits.
        """
        sights = [h * a for a in self.A.T]
        g = [select(used, _seen(sight, weight), 0.0) for sight, weight in zip(sights, self.w, strict=True)]
        # What of h·a is rounding is taken out of a as the filter takes out an error: else it would add up.
        missed = [total(list(sight)) - seen for sight, seen in zip(sights, g, strict=True)]
        missed = [0.0 if ud.picks_one(h) else left for left in missed]
        known, S, gain, _ = self.known.take(h, r, e, used, floor)
        S_inf = total([weight * seen * seen for weight, seen in zip(self.w, g, strict=True)])
        absorbed = S_inf > 0.0
        K0 = product(self.A, self.w * np.array(g, self.A.dtype)) * ops.reciprocal(S_inf)
        columns = np.hstack([self.U - np.outer(K0, product(h, self.U)), K0[:, None]])
        squares = ud.combine(columns, np.concatenate([self.D, np.array([r], self.D.dtype)]))
        gain = select(absorbed, K0, gain)
        new = Belief(
            select(absorbed, self.x + K0 * e, known.x),
            select(absorbed, squares[0], known.U),
            select(absorbed, squares[1], known.D),
            *self._without(g, missed, gain),
        )
        return new, select(absorbed, S_inf, S), gain, absorbed

    def _without(
        self, g: list[Any], missed: list[Any], gain: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """A, w of what is unknown once Σ g_j c_j is measured exactly, c ~ N(0, diag w) the coefficients of A's columns.

        Bierman 1977, §V.3, eq. 3.14–3.19, for r = 0 and the factor I: every a_j that is not 0 is a sum of squares that
        carry something, so that the first seen direction has weight 0 behind it, exactly, and no other.
        """
        A, w = self.A.copy(), self.w.copy()
        # Σ w g², and Σ A w g, of the columns before.
        before, along = 0.0, np.full(len(A), 0.0, A.dtype)
        for j, (seen, left) in enumerate(zip(g, missed, strict=True)):
            v = self.w[j] * seen
            now = before + seen * v
            w[j] = select(now > 0.0, self.w[j] * (before * ops.over(now)), self.w[j])
            share = seen * ops.reciprocal(before)
            for i in range(len(A)):
                entry = sum_beyond_rounding(
                    np.array([self.A[i, j], -along[i] * share, -gain[i] * left]), KEPT
                )
                A[i, j] = select(w[j] > 0.0, entry, 0.0)
            before, along = now, along + self.A[:, j] * v
        return A, w


def _seen(terms: NDArray[Any], weight: Any) -> Any:
    """The sum of these terms, or 0 where it is rounding, or so small that its square carries nothing."""
    found = sum_beyond_rounding(terms, SEEN)
    return select(ops.positive(weight * found * found), found, 0.0)


def sums_beyond_rounding(terms: NDArray[Any]) -> NDArray[Any]:
    """The sums of terms (n, k, d) over k, those that are rounding as exact zeros: a direction stays what it is."""
    sums = np.full((terms.shape[0], terms.shape[2]), 0.0, terms.dtype)
    for i, j in np.ndindex(sums.shape):
        sums[i, j] = sum_beyond_rounding(terms[i, :, j], KEPT)
    return sums


def sum_beyond_rounding(terms: NDArray[Any], times: float) -> Any:
    """The sum of terms of one unit, or 0 where their rounding explains it."""
    found = total(list(terms))
    several = [term for term in terms if not known_zero(term)]
    if len(several) < 2:
        return found
    noise = total([absolute(term) for term in several])
    return select(absolute(found) <= noise * (times * len(terms) * ops.limit("eps", noise)), 0.0, found)
