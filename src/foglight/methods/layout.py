"""A belief as the numbers that are carried from row to row, and back from them."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from foglight.core.types import Array
from foglight.equations import diffuse, ud
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief, FullBelief


class Carries(Protocol):
    """What the layout depends on: whether a factor is carried, and the number of unknown directions."""

    @property
    def factored(self) -> bool:
        """Whether P = U D Uᵀ is carried as its factor; else as the covariance itself."""

    @property
    def directions(self) -> int:
        """The number of unknown directions that are carried."""


@dataclass(frozen=True)
class Layout:
    """The positions of the numbers that a filter carries: the mean, the stored triangle of factor or covariance, the
    unknown directions one after the other, their weights, and after them the clocks of gated sensors."""

    states: int
    directions: int = 0

    @property
    def mean(self) -> slice:
        """The mean: n numbers."""
        return slice(0, self.states)

    @property
    def belief(self) -> slice:
        """The mean and the triangle."""
        return slice(0, belief_size(self.states))

    @property
    def unknown(self) -> slice:
        """The unknown directions: n numbers each."""
        first = self.belief.stop
        return slice(first, first + self.states * self.directions)

    @property
    def weights(self) -> slice:
        """The weights: one per direction."""
        first = self.unknown.stop
        return slice(first, first + self.directions)

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


def carried(belief: Belief | FullBelief | diffuse.Belief) -> list[Any]:
    """A belief as the numbers that are carried: the mean, then the stored triangle of factor or covariance, then the
    unknown directions, one after the other, and their weights."""
    if isinstance(belief, FullBelief):
        return [*belief.x, *[belief.P[i, j] for i, j in upper(len(belief.x))]]
    triangle = [belief.D[j] if i == j else belief.U[i, j] for i, j in upper(len(belief.x))]
    unknown = [*belief.A.T.ravel(), *belief.w] if isinstance(belief, diffuse.Belief) else []
    return [*belief.x, *triangle, *unknown]


def belief_of(method: Carries, values: Array, n: int) -> Any:
    """The belief at the start of these carried numbers."""
    layout = Layout(n, method.directions)
    x, triangle = values[layout.mean], values[n : layout.belief.stop]
    if method.factored:
        U, D = ud.unit(n, values), np.full(n, 0.0, values.dtype)
        for (i, j), value in zip(upper(n), triangle, strict=True):
            if i == j:
                D[j] = value
            else:
                U[i, j] = value
        if not method.directions:
            return Belief(x, U, D)
        A = np.full((n, method.directions), 0.0, values.dtype)
        for j, direction in enumerate(np.split(values[layout.unknown], method.directions)):
            A[:, j] = direction
        return diffuse.Belief(x, U, D, A, values[layout.weights])
    P = np.full((n, n), 0.0, values.dtype)
    for (i, j), value in zip(upper(n), triangle, strict=True):
        P[i, j] = P[j, i] = value
    return FullBelief(x, P)


def wrapped(x: Array, angles: tuple[int, ...]) -> Array:
    """x with these entries wrapped to [-pi, pi)."""
    x = x.copy()
    for i in angles:
        x[i] = wrap(x[i])
    return x
