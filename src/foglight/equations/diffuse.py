"""Exact diffuse initialisation: directions in which nothing is known until a measurement observes them.

P = ∞ · A diag(w) Aᵀ + U D Uᵀ. The limit of a large initial variance is taken before anything is computed, not
after: Durbin & Koopman 2012, §5.2, and component by component §5.4, here with the covariances as factors. They carry
P∞ and P*; here P∞ is carried as A (n, d) and w (d,): the columns of A are the unknown directions, w their weights.
A measurement that observes some of them is absorbed: it makes one w exactly 0, and a weight of 0 stays 0. So the rank
is a count, and no tolerance decides when the diffuse phase is over.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import gaussian, ud
from foglight.equations.gaussian import Factored
from foglight.trace import ops
from foglight.trace.ops import absolute, any_of, known_zero, product, select, total

# In units of rounding: a measurement observes the direction a if h·a is larger than this, relative to its terms.
SEEN = 64.0
# In units of rounding: an entry of A that is smaller than this, relative to its terms, is only rounding.
KEPT = 4.0


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
        """The known part, N(x, U D Uᵀ)."""
        return gaussian.Belief(self.x, self.U, self.D)

    def with_known(self, known: gaussian.Belief) -> "Belief":
        """The same unknown directions with another known part."""
        return Belief(known.x, known.U, known.D, self.A, self.w)

    @property
    def unsure(self) -> Any:
        """Whether any direction is still unknown."""
        return any_of([weight > 0.0 for weight in self.w])

    def predict(self, y: NDArray[Any], F: NDArray[Any], Q: Factored) -> "Belief":
        """The time update: P∞ becomes F P∞ Fᵀ.  Durbin & Koopman 2012, eq. 5.14 where F∞ = 0."""
        known, terms = self.known.predict(y, F, Q), beyond_rounding(F)[:, :, None] * self.A[None]
        return Belief(known.x, known.U, known.D, sums_beyond_rounding(terms), self.w)

    def take(
        self, h: NDArray[Any], r: Any, e: Any, used: Any, floor: Any
    ) -> tuple["Belief", Any, NDArray[Any], Any]:
        """Condition on z = h·x + v, v ~ N(0, r), e = z - h·x: the belief, S, the gain k (n,), whether it was absorbed.

        Where S∞ = hᵀ A diag(w) Aᵀ h > 0, the gain is K0 = A diag(w) Aᵀ h / S∞, S is S∞, and the known covariance is
        (I - K0 hᵀ) U D Uᵀ (I - K0 hᵀ)ᵀ + r K0 K0ᵀ: Durbin & Koopman 2012, §5.4.1 with F∞ > 0, as a sum of squares.
        Otherwise this is the update of the known part, bit for bit.
        """
        products = [h * a for a in self.A.T]
        g = [
            select(used, _observed(terms, weight), 0.0)
            for terms, weight in zip(products, self.w, strict=True)
        ]
        # The rounding in h·a is removed from a, as the filter removes an error; otherwise it would accumulate.
        residue = [total(list(terms)) - seen for terms, seen in zip(products, g, strict=True)]
        residue = [0.0 if ud.picks_one(h) else part for part in residue]
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
            *self._reduced(g, residue, gain),
        )
        return new, select(absorbed, S_inf, S), gain, absorbed

    def _reduced(
        self, g: list[Any], residue: list[Any], gain: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """A and w after Σ g_j c_j is measured exactly, where c ~ N(0, diag w) are the coefficients of A's columns.

        Bierman 1977, §V.3, eq. 3.14–3.19, for r = 0 and the factor I: every non-zero a_j is a sum of squares that have
        not underflowed, so exactly one direction gets weight 0, the first one that is observed.
        """
        A, w = self.A.copy(), self.w.copy()
        # Σ w g² and Σ A w g over the preceding columns.
        before, along = 0.0, np.full(len(A), 0.0, A.dtype)
        for j, (seen, part) in enumerate(zip(g, residue, strict=True)):
            v = self.w[j] * seen
            now = before + seen * v
            w[j] = select(now > 0.0, self.w[j] * (before * ops.over(now)), self.w[j])
            share = seen * ops.reciprocal(before)
            for i in range(len(A)):
                entry = sum_beyond_rounding(np.array([self.A[i, j], -along[i] * share]), KEPT)
                # Where the direction is 0 a residue is only rounding, and would seem to be observed.
                A[i, j] = select((w[j] > 0.0) & (entry != 0.0), entry - gain[i] * part, 0.0)
            before, along = now, along + self.A[:, j] * v
        return A, w


def _observed(terms: NDArray[Any], weight: Any) -> Any:
    """The sum of these terms, or 0 where it is only rounding, or so small that its square underflows."""
    found = sum_beyond_rounding(terms, SEEN)
    return select(ops.positive(weight * found * found), found, 0.0)


def beyond_rounding(F: NDArray[Any]) -> NDArray[Any]:
    """F (n, n) with 0 where an entry is only the rounding of a turn: cos(π/2) is 6e-17, and sin(π) is 1e-16.

    Otherwise a direction would seem to be observed, 1e-17 as well as others. F_ii and F_ij F_ji do not depend on the
    units of the states, and are compared with each other.
    """
    cleaned, n = F.copy(), len(F)
    for i, j in [(i, j) for i in range(n) for j in range(n) if i != j]:
        across, along = F[i, j] * F[j, i], F[i, i] * F[j, j]
        if known_zero(across):
            continue
        tiny = (KEPT * ops.limit("eps", across)) ** 2
        cleaned[i, i] = select(F[i, i] * F[i, i] <= absolute(across) * tiny, 0.0, cleaned[i, i])
        if not known_zero(along):
            # Where F_ji is 0, and only now, F_ij is compared with nothing.
            rounding = (absolute(across) <= absolute(along) * tiny) & (absolute(across) > 0.0)
            cleaned[i, j] = select(rounding, 0.0, F[i, j])
    return cleaned


def sums_beyond_rounding(terms: NDArray[Any]) -> NDArray[Any]:
    """The sums of terms (n, k, d) over k, exactly 0 where a sum is only rounding: a direction keeps its zeros."""
    sums = np.full((terms.shape[0], terms.shape[2]), 0.0, terms.dtype)
    for i, j in np.ndindex(sums.shape):
        sums[i, j] = sum_beyond_rounding(terms[i, :, j], KEPT)
    return sums


def sum_beyond_rounding(terms: NDArray[Any], times: float) -> Any:
    """The sum of terms in the same unit, or 0 where their rounding explains it."""
    found = total(list(terms))
    several = [term for term in terms if not known_zero(term)]
    if len(several) < 2:
        return found
    noise = total([absolute(term) for term in several])
    return select(absolute(found) <= noise * (times * len(terms) * ops.limit("eps", noise)), 0.0, found)
