"""A belief as the numbers that are carried from row to row, and back from them."""

from dataclasses import dataclass
from typing import Any, Protocol

from foglight.core.types import Array
from foglight.equations import delayed, diffuse
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief, FullBelief
from foglight.trace import array_functions
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import joined, unit, zeros


class Carries(Protocol):
    """What the layout depends on: whether a factor is carried, and the number of unknown directions."""

    @property
    def factored(self) -> bool:
        """Whether P = U D Uᵀ is carried as its factor; else as the covariance itself."""

    @property
    def directions(self) -> int:
        """The number of unknown directions that are carried."""

    @property
    def delayed(self) -> bool:
        """Whether they are a regression at first, see `equations.delayed`."""


@dataclass(frozen=True)
class Layout:
    """The positions of the numbers that a filter carries: the mean, the stored triangle of factor or covariance, the
    unknown directions one after the other, their weights, the anchors of rotations, the point at which sensors are
    linearised, and after them the clocks of gated sensors.

    anchors: how many numbers the anchors are.
    """

    states: int
    directions: int = 0
    anchors: int = 0
    delayed: bool = False

    @property
    def mean(self) -> slice:
        """The mean: n numbers."""
        return slice(0, self.states)

    @property
    def belief(self) -> slice:
        """The mean and the triangle."""
        return slice(0, belief_size(self.states))

    @property
    def regression(self) -> slice:
        """What the belief follows from while it waits: x0 and its triangle, B, zeta and the triangle of u and v."""
        first, n, d = self.belief.stop, self.states, self.directions
        return slice(first, first + self.delayed * (belief_size(n) + n * d + belief_size(d)))

    @property
    def unknown(self) -> slice:
        """The unknown directions: n numbers each."""
        first = self.regression.stop
        return slice(first, first + self.states * self.directions)

    @property
    def weights(self) -> slice:
        """The weights: one per direction."""
        first = self.unknown.stop
        return slice(first, first + self.directions)

    @property
    def waiting(self) -> slice:
        """How long the belief has waited, one number, if it may."""
        first = self.weights.stop
        return slice(first, first + self.delayed)

    @property
    def anchor(self) -> slice:
        """The anchors of rotations."""
        first = self.waiting.stop
        return slice(first, first + self.anchors)

    @staticmethod
    def indices(at: slice) -> range:
        """The positions of a slice, one by one."""
        return range(at.start, at.stop)


def belief_size(n: int) -> int:
    """The size of a fully known belief: n means and a triangle."""
    return n + n * (n + 1) // 2


def upper(n: int) -> list[tuple[int, int]]:
    """The entries on and above the diagonal in the order in which a factor is stored, column by column."""
    return [(i, j) for j in range(n) for i in range(j + 1)]


def carried(belief: Belief | FullBelief | diffuse.Belief | delayed.Belief) -> Any:
    """A belief as the numbers that are carried: the mean, then the stored triangle of factor or covariance, then the
    unknown directions, one after the other, and their weights."""
    if isinstance(belief, FullBelief):
        return joined(belief.x, stored(belief.P.T, belief.P.diagonal()))
    unknown: tuple[Any, ...] = ()
    if isinstance(belief, diffuse.Belief):
        unknown = belief.A.T.ravel(), belief.w
    elif isinstance(belief, delayed.Belief):
        given = belief.x0, stored(belief.U0, belief.D0), belief.B.T.ravel()
        regression = belief.zeta, stored(belief.u, belief.v)
        unknown = *given, *regression, belief.A.T.ravel(), belief.w, [belief.waiting]
    return joined(belief.x, stored(belief.U, belief.D), *unknown)


def stored(U: Any, D: Any) -> Any:
    """The triangle of a factor as it is stored: U column by column, with D on its diagonal."""
    if isinstance(U, ArraySymbol):
        return array_functions.packed(U, D)
    return [D[j] if i == j else U[i, j] for i, j in upper(len(D))]


def factor_of(triangle: Any, n: int) -> tuple[Any, Any]:
    """U and D of a stored triangle."""
    if isinstance(triangle, ArraySymbol):
        return array_functions.unpacked(triangle, n)
    U, D = unit(n, triangle), zeros(n, triangle)
    for (i, j), value in zip(upper(n), triangle, strict=True):
        if i == j:
            D[j] = value
        else:
            U[i, j] = value
    return U, D


def belief_of(method: Carries, values: Array, n: int) -> Any:
    """The belief at the start of these carried numbers."""
    layout = Layout(n, method.directions, delayed=method.delayed)
    x, triangle = values[layout.mean], values[n : layout.belief.stop]
    if method.factored:
        U, D = factor_of(triangle, n)
        if not method.directions:
            return Belief(x, U, D)
        A = values[layout.unknown].reshape(method.directions, n).T
        found = diffuse.Belief(x, U, D, A, values[layout.weights])
        return _delayed(found, values, layout) if method.delayed else found
    U, D = factor_of(triangle, n)
    for j in range(n):
        U[j, :j], U[j, j] = U[:j, j], D[j]
    return FullBelief(x, U)


def _delayed(belief: diffuse.Belief, values: Array, layout: Layout) -> delayed.Belief:
    """The belief with what it follows from."""
    n, d = layout.states, layout.directions
    rest = values[layout.regression]
    known, regression = belief_size(n), belief_size(n) + n * d
    U, D = factor_of(rest[n:known], n)
    B = rest[known:regression].reshape(d, n).T
    u, v = factor_of(rest[regression + d :], d)
    (waiting,) = values[layout.waiting]
    return delayed.Belief(*belief, rest[:n], U, D, B, rest[regression : regression + d], u, v, waiting)


def wrapped(x: Array, angles: tuple[int, ...]) -> Array:
    """x with these entries wrapped to [-pi, pi)."""
    x = x.copy()
    for i in angles:
        x[i] = wrap(x[i])
    return x
