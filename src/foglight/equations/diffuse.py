"""Exact diffuse initialisation: directions in which nothing is known until a measurement observes them.

P = ∞ · A diag(w) Aᵀ + U D Uᵀ. The limit of a large initial variance is taken before anything is computed, not
after: Durbin & Koopman 2012, §5.2, and component by component §5.4, here with the covariances as factors. They carry
P∞ and P*; here P∞ is carried as A (n, d) and w (d,): the columns of A are the unknown directions, w their weights.
A measurement that observes some of them is absorbed: it makes one w exactly 0, and a weight of 0 stays 0. So the rank
is a count, and no tolerance decides when the diffuse phase is over.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import gaussian, ud
from foglight.equations.gaussian import Factored
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import (
    absolute,
    any_in_rows,
    dense,
    divided,
    entrywise,
    known_zero,
    limit,
    positive,
    preceding,
    product,
    reciprocal,
    running,
    select,
    total,
    with_diagonal,
    zeros,
)

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
        return total(self.w) > 0.0

    def predict(self, y: NDArray[Any], F: NDArray[Any], Q: Factored) -> "Belief":
        """The time update: P∞ becomes F P∞ Fᵀ.  Durbin & Koopman 2012, eq. 5.14 where F∞ = 0."""
        known = self.known.predict(y, F, Q)
        A = products_beyond_rounding(beyond_rounding(dense(F, self.A)), self.A, KEPT)
        return Belief(*known, A, self.w)

    def take(
        self, h: NDArray[Any], r: Any, e: Any, used: Any, floor: Any
    ) -> tuple["Belief", Any, NDArray[Any], Any]:
        """Condition on z = h·x + v, v ~ N(0, r), e = z - h·x: the belief, S, the gain k (n,), whether it was absorbed.

        Where S∞ = hᵀ A diag(w) Aᵀ h > 0, the gain is K0 = A diag(w) Aᵀ h / S∞, S is S∞, and the known covariance is
        (I - K0 hᵀ) U D Uᵀ (I - K0 hᵀ)ᵀ + r K0 K0ᵀ: Durbin & Koopman 2012, §5.4.1 with F∞ > 0, as a sum of squares.
        Otherwise this is the update of the known part, bit for bit.
        """
        seen = products_beyond_rounding(h, self.A, SEEN)
        g = select(used, entrywise(_observed, seen, self.w), zeros(len(self.w), self.w))
        # The rounding in h·a is removed from a, as the filter removes an error; otherwise it would accumulate.
        residue = zeros(len(g), g) if ud.picks_one(h) else product(h, self.A) - g
        known, S, gain, _ = self.known.take(h, r, e, used, floor)
        S_inf = total(self.w * g * g)
        absorbed = S_inf > 0.0
        K0 = product(self.A, self.w * g) * reciprocal(S_inf)
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
        self, g: NDArray[Any], residue: NDArray[Any], gain: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """A and w after Σ g_j c_j is measured exactly, where c ~ N(0, diag w) are the coefficients of A's columns.

        Bierman 1977, §V.3, eq. 3.14–3.19, for r = 0 and the factor I: every non-zero a_j is a sum of squares that have
        not underflowed, so exactly one direction gets weight 0, the first one that is observed.
        """
        v, directions = self.w * g, self.A.T
        # Σ w g² and Σ A w g over the preceding directions.
        sums, along = running(0.0, g * v), preceding(directions * v[:, None])
        before, now = sums[:-1], sums[1:]
        w = entrywise(lambda w, b, left: select(b > 0.0, w * left, w), self.w, now, divided(before, now))
        share = entrywise(lambda seen, a: seen * reciprocal(a), g, before)
        rows = (share[:, None], w[:, None], residue[:, None], gain[None])
        return entrywise(_without, directions, along, *rows).T, w


def _observed(found: Any, weight: Any) -> Any:
    """What is observed of a direction, or 0 where that is so small that its square underflows."""
    return select(positive(weight * found * found), found, 0.0)


def _without(a: Any, along: Any, share: Any, weight: Any, residue: Any, k: Any) -> Any:
    """An entry of a direction without what is measured. k: the gain of its state."""
    entry = sum_beyond_rounding([a, -along * share], KEPT)
    # Where the direction is 0 a residue is only rounding, and would seem to be observed.
    left = entry if known_zero(residue) else entry - k * residue
    return select((weight > 0.0) & (entry != 0.0), left, 0.0)


def beyond_rounding(F: NDArray[Any]) -> NDArray[Any]:
    """F (n, n) with 0 where an entry is only the rounding of a turn: cos(π/2) is 6e-17, and sin(π) is 1e-16.

    Otherwise a direction would seem to be observed, 1e-17 as well as others. F_ii and F_ij F_ji do not depend on the
    units of the states, and are compared with each other.
    """
    diagonal = F.diagonal()
    across, along = with_diagonal(F * F.T, zeros(len(F), F)), np.outer(diagonal, diagonal)
    beside = any_in_rows(entrywise(_negligible, (diagonal * diagonal)[:, None], across))
    cleaned = entrywise(_beyond_rounding, F, across, along)
    result: NDArray[Any] = with_diagonal(cleaned, select(beside, zeros(len(F), F), diagonal))
    return result


def _negligible(square: Any, other: Any) -> Any:
    """Whether the number that has this square is only rounding beside one that has the other."""
    tiny = (KEPT * limit("eps", other)) ** 2
    return False if known_zero(other) else square <= absolute(other) * tiny


def _beyond_rounding(entry: Any, across: Any, along: Any) -> Any:
    """F_ij, or 0 where it is only rounding. across: F_ij F_ji.  along: F_ii F_jj."""
    if known_zero(across) or known_zero(along):
        return entry
    # Where F_ji is 0, and only now, F_ij is compared with nothing.
    return select(_negligible(absolute(across), along) & (absolute(across) > 0.0), 0.0, entry)


def products_beyond_rounding(a: Any, B: Any, times: float) -> Any:
    """a @ B for a (n,) or (k, n) and B (n, d), 0 where an entry is only rounding: a direction keeps its zeros."""
    rows = a[None] if a.ndim == 1 else a
    if isinstance(B, ArraySymbol):
        found, noise = product(a, B), product(absolute(a), absolute(B))
        if not isinstance(a, ArraySymbol):  # one term has no rounding
            several = np.array([float(sum(not known_zero(v) for v in row) > 1) for row in rows])
            noise = noise * (several[:, None] if a.ndim > 1 else several[0])
        rounding = noise * (times * len(B) * limit("eps", noise))
        return select(absolute(found) <= rounding, 0.0, found)
    if a.dtype != object and B.dtype != object:
        found, noise = a @ B, absolute(a) @ absolute(B)
        several = (a != 0.0).astype(float) @ (B != 0.0).astype(float) > 1.0
        rounding = noise * (times * len(B) * limit("eps", noise))
        return np.where(several & (absolute(found) <= rounding), 0.0, found)
    return sums_beyond_rounding(rows[:, :, None] * B[None], times).reshape(*a.shape[:-1], B.shape[1])


def larger_than_rounding(found: Any, sizes: Any, times: float) -> Any:
    """Sums of terms in the same unit, each 0 where its rounding explains it. sizes: the sums of the terms' sizes."""
    return entrywise(
        lambda value, size: select(absolute(value) <= size * (times * limit("eps", size)), 0.0, value),
        found,
        sizes,
    )


def sizes_of(array: Any) -> Any:
    """The absolute value of each entry."""
    return entrywise(absolute, array)


def sums_beyond_rounding(terms: NDArray[Any], times: float = KEPT) -> NDArray[Any]:
    """The sums of terms (n, k, d) over k, exactly 0 where a sum is only rounding: a direction keeps its zeros."""
    sums = np.full((terms.shape[0], terms.shape[2]), 0.0, terms.dtype)
    for i, j in np.ndindex(sums.shape):
        sums[i, j] = sum_beyond_rounding(terms[i, :, j], times)
    return sums


def sum_beyond_rounding(terms: Sequence[Any] | NDArray[Any], times: float) -> Any:
    """The sum of terms in the same unit, or 0 where their rounding explains it."""
    found = total(list(terms))
    several = [term for term in terms if not known_zero(term)]
    if len(several) < 2:
        return found
    noise = total([absolute(term) for term in several])
    return select(absolute(found) <= noise * (times * len(terms) * limit("eps", noise)), 0.0, found)
