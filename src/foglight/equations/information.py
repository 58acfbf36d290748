"""What later readings say about a state, as equations: C x = y + e, e ~ N(0, diag d), without any prior.

C (n, n) is upper triangular with ones on its diagonal. A row of zeros, with y = 0 and d = 1, says nothing, so that
any amount of information can be held, none included. A further equation h·x = z + v, v ~ N(0, r), enters row by row:
the row j with x_j = y_j + … and variance d_j, and the equation, of which h_j is the coefficient of x_j, become

    s = r + h_j² d_j,      row ← (r/s) row + (h_j d_j/s) equation,      d_j ← (r/s) d_j
    equation ← equation - h_j row,      r ← s

Their errors stay independent, the weights of the row's new coefficients add up to 1, and nothing is divided by a
variance that may be 0. This is a fast Givens rotation in variances instead of weights: Gentleman 1973; for filters
Bierman 1977, ch. VI, where the information matrix is inverted in every step. Here a variance of 0 is an exact equation.

Such equations pass backwards through x' = F x + b + G w: Dyer & McReynolds 1969; Bierman 1977, ch. X. Nothing in them
depends on what was known before, so that they hold where a start is unknown, or the motion is without noise.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.equations import diffuse, gaussian, ud
from foglight.equations.diffuse import SEEN
from foglight.equations.gaussian import Factored
from foglight.trace.array_functions import inverse, joined_equations
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import (
    EPS,
    absolute,
    entrywise,
    in_type_of,
    known_zero,
    limit,
    positive,
    product,
    ratio,
    reciprocal,
    select,
    total,
    unit,
    zeros,
)


class Equations(NamedTuple):
    """C x = y + e, e ~ N(0, diag d): C (n, n), y (n,), d (n,)."""

    C: Any
    y: Any
    d: Any

    def joined(self, h: Array, z: Any, r: Any, sizes: Array | None = None) -> "Equations":
        """These equations and h·x = z + N(0, r); h (n,). sizes (n,): of the terms of which each h_j is a sum.

        What is left of h after a step is a difference. A coefficient that rounding explains counts as 0: otherwise an
        exact equation that is known already would determine a further state by its rounding.
        """
        C, y, d = self.C.copy(), self.y.copy(), self.d.copy()
        left, sums = list(h), [None] * len(h) if sizes is None else list(sizes)
        filled: Any = False  # whether the equation has become a row that said nothing: nothing is left of it
        for j in range(len(h)):
            h_j = left[j]
            if known_zero(h_j):
                continue
            if sums[j] is not None:
                h_j = select(absolute(h_j) > sums[j] * (SEEN * limit("eps", sums[j])), h_j, 0.0)
            h_j = select(filled, 0.0, h_j)
            square = h_j * h_j
            s = r + square * d[j]
            kept, given = ratio(r, s), h_j * d[j] * reciprocal(s)
            if _is_one(C[j, j]):
                d[j] = kept * d[j]
            else:
                empty, inverse = C[j, j] == 0.0, reciprocal(square)
                found = positive(square) & (r * inverse * limit("tiny", r) < 1.0)
                d[j] = select(empty, select(found, r * inverse, 1.0), kept * d[j])
                kept = select(empty, select(found, 0.0, 1.0), kept)
                given = select(empty, select(found, h_j * inverse, 0.0), given)
                C[j, j] = select(empty, select(found, 1.0, 0.0), 1.0)
                filled = filled | (empty & found)
            for k in range(j + 1, len(h)):
                a, b = left[k], C[j, k]
                term = h_j * b
                C[j, k] = kept * b + given * a
                left[k] = a - term
                if not known_zero(a) and not known_zero(term):
                    sums[k] = (absolute(a) if sums[k] is None else sums[k]) + absolute(term)
            y[j], z = kept * y[j] + given * z, z - h_j * y[j]
            r = s
        return Equations(C, y, d)

    def joined_each(self, H: Array, z: Array, r: Array) -> "Equations":
        """These equations and H x = z + N(0, diag r), one after the other; H (m, n), z (m,), r (m,)."""
        if isinstance(self.C, ArraySymbol):
            H, z = in_type_of(self.C, H), in_type_of(self.C, z)
            return self._with(H, z, r, absolute(H))
        result = self
        for h, value, variance in zip(H, z, r, strict=True):
            result = result.joined(h, value, variance)
        return result

    def _with(self, H: Any, z: Any, r: Any, sizes: Any) -> "Equations":
        """`joined_each` on whole arrays. sizes (m, n): of the terms of which each coefficient is a sum."""
        rows, none = np.hstack([H, z[:, None]]), zeros((len(z), 1), H)
        return Equations(*joined_equations(*self, rows, r, np.hstack([sizes, none]), SEEN * EPS))

    def with_all(self, others: "Equations", columns: Array, known: Array) -> "Equations":
        """These equations and those of `others` in x = known + columns · (the unknowns of these)."""
        if isinstance(self.C, ArraySymbol):
            sizes = product(absolute(others.C), absolute(in_type_of(self.C, columns)))
            H = product(others.C, columns)
            return self._with(H, others.y - product(others.C, known), others.d, sizes)
        result = self
        for c, y, d in zip(others.C, others.y, others.d, strict=True):
            terms = [c * column for column in columns.T]
            h = np.array([total(list(term)) for term in terms], columns.dtype)
            result = result.joined(h, y - product(c, known), d, np.array([_size(term) for term in terms]))
        return result

    def solved(self) -> tuple[Any, Any, Any]:
        """The mean C⁻¹ y, and C⁻¹ and d with covariance C⁻¹ diag(d) C⁻ᵀ. An unknown that no row determines counts as a
        number: its column of C⁻¹ is the direction in which nothing is known, and its variance is 0."""
        if isinstance(self.C, ArraySymbol):
            inverted = inverse(self.C)
            determined = select(self.C.diagonal() == 0.0, 0.0, self.d)
            return product(inverted, self.y), inverted, determined
        C, d = self.C.copy(), self.d.copy()
        for j in range(len(C)):
            d[j] = d[j] if _is_one(C[j, j]) else select(C[j, j] == 0.0, 0.0, d[j])
            C[j, j] = 1.0
        U = ud.inverse(C)
        return product(U, self.y), U, d


class Disturbance(NamedTuple):
    """What x and all later readings say about w, the noise of the step: w = c + B x + M ν, ν ~ N(0, diag d)."""

    c: Array
    B: Array
    M: Array
    d: Array


def nothing(n: int, like: Array) -> Equations:
    """Equations for n states that say nothing."""
    return Equations(zeros((n, n), like), zeros(n, like), zeros(n, like) + 1.0)


def before_motion(after: Equations, F: Array, b: Array, Q: Factored) -> tuple[Equations, Disturbance]:
    """What the equations of x' = F x + b + G w say about x, and about w given x.

    w ~ N(0, Q.variances) is eliminated: C G w + C F x = y - C b + e, ordered with w before x.
    """
    n, k = len(F), len(Q.variances)
    both = nothing(k + n, after.C)
    both.C[:k, :k] = unit(k, after.C)
    both.d[:k] = Q.variances
    both = both.with_all(after, np.hstack([Q.G.astype(F.dtype), F]), b)
    M = _inverse(both.C[:k, :k])
    w = Disturbance(product(M, both.y[:k]), -product(M, both.C[:k, k:]), M, both.d[:k])
    return Equations(both.C[k:, k:], both.y[k:], both.d[k:]), w


def smoothed(known: gaussian.Belief, later: Equations) -> gaussian.Belief:
    """p(x | all z) from the filtered belief, as the equations U⁻¹ (x - m) = N(0, D), and what later readings say."""
    own = Equations(_inverse(known.U), zeros(len(known.x), known.x), known.D)
    shift, U, d = own.joined_each(later.C, later.y - product(later.C, known.x), later.d).solved()
    return gaussian.Belief(known.x + shift, U, d)


def resolved(start: diffuse.Belief, later: Equations) -> diffuse.Belief:
    """The start given what all readings say: x = m + U e + A c, e ~ N(0, D), and c is unknown.

    Directions of c that no reading determines stay unknown, with weight 1.
    """
    n, directions = start.A.shape
    parts = np.hstack([start.U, start.A])
    both = nothing(n + directions, start.U)
    both.C[:n, :n] = unit(n, start.U)
    both.d[:n] = start.D
    both = both.with_all(later, parts, start.x)
    found, T, variances = both.solved()
    columns = product(parts, T)
    U, D = ud.combine(columns, variances)
    known = both.C.diagonal()[n:]
    w = entrywise(lambda k, weight: select((k == 0.0) & (weight > 0.0), 1.0, 0.0), known, start.w)
    A = entrywise(lambda a, weight: select(weight > 0.0, a, 0.0), columns[:, n:], w[None])
    return diffuse.Belief(start.x + product(parts, found), U, D, A, w)


def after_motion(known: Any, F: Array, b: Array, G: Array, w: Disturbance) -> Any:
    """p(x' | all z) from p(x | all z): x' = (F + G B) x + b + G (c + M ν). A direction that no reading determines moves
    by F alone."""
    columns = [product(F + product(G, w.B), known.U), product(G, w.M)]
    U, D = ud.combine(np.hstack(columns), np.concatenate([known.D, w.d]))
    x = product(F, known.x) + b + product(G, w.c + product(w.B, known.x))
    if not isinstance(known, diffuse.Belief):
        return gaussian.Belief(x, U, D)
    return diffuse.Belief(x, U, D, diffuse.products_beyond_rounding(F, known.A, diffuse.KEPT), known.w)


def noise(known: gaussian.Belief, G: Array, w: Disturbance) -> gaussian.Belief:
    """p(G w | all z) from p(x | all z): what the noise of the step did to the state."""
    columns = [product(G, product(w.B, known.U)), product(G, w.M)]
    mean = product(G, w.c + product(w.B, known.x))
    return gaussian.Belief(mean, *ud.combine(np.hstack(columns), np.concatenate([known.D, w.d])))


def lag_one(known: gaussian.Belief, F: Array, G: Array, w: Disturbance) -> Array:
    """Cov(x', x | all z) (n, n) = (F + G B) P."""
    lag: Array = product(product(F + product(G, w.B), known.U) * known.D, known.U.T)
    return lag


def _inverse(C: Any) -> Any:
    """C⁻¹ of a unit upper triangular C."""
    return inverse(C) if isinstance(C, ArraySymbol) else ud.inverse(C)


def _size(terms: Array) -> Any:
    """The sum of the absolute values of several terms; None for one term, which is as exact as itself."""
    several = [absolute(term) for term in terms if not known_zero(term)]
    return total(several) if len(several) > 1 else None


def _is_one(value: Any) -> bool:
    """Whether a value is known to be 1 while tracing."""
    constant = getattr(value, "value", None) if getattr(value, "op", None) == "const" else value
    return isinstance(constant, (int, float)) and constant == 1.0
