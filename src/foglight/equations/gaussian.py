"""Gaussian beliefs as the equations carry them, and the information that an update returns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import textbook, ud
from foglight.equations.measurement import Faults
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import known_zero, product
from foglight.trace.symbol import Symbol

Linearise = Callable[[NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]  # x -> h(x), dh/dx
Innovate = Callable[[NDArray[Any]], NDArray[Any]]  # h(x) -> z - h(x), angles wrapped


@dataclass(frozen=True, eq=False)
class Factored:
    """A covariance Q = G diag(variances) Gᵀ, of any rank.

    Parameters
    ----------
    G : array_like (n, r)
        Effect of each disturbance on the states.
    variances : array_like (r,)
        Variances of the disturbances, >= 0.

    Examples
    --------
    >>> fog.noise.factored([[0.5], [1.0]], [4.0]).variances
    array([4.])
    """

    G: NDArray[Any]
    variances: NDArray[Any]

    @property
    def cov(self) -> NDArray[Any]:
        """The full Q (n, n), for inspection: the filter computes with the factor."""
        Q: NDArray[Any] = (self.G * self.variances) @ self.G.T
        return Q


def _without_zeros(Q: Factored) -> Factored:
    """Q without disturbances that are known to be 0, where that leaves few: a season has one for a dozen states."""
    present = [j for j, v in enumerate(Q.variances) if not known_zero(v)]
    return Q if 2 * len(present) > len(Q.G) else Factored(Q.G[:, present], Q.variances[present])


def _triangle(Q: Factored) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """A factor of Q with an upper triangular G of at least n columns: its own, or that of constants; else None."""
    n, r = Q.G.shape
    if r >= n and all(known_zero(Q.G[i, j]) for i in range(n) for j in range(i)):
        return Q.G, Q.variances
    if any(isinstance(v, Symbol) for v in (*Q.G.flat, *Q.variances.flat)):
        return None
    return ud.combine(Q.G.astype(float), Q.variances.astype(float))


class Belief(NamedTuple):
    """N(x, U D Uᵀ): what the factored filter carries from step to step."""

    x: NDArray[Any]
    U: NDArray[Any]
    D: NDArray[Any]

    def predict(self, y: NDArray[Any], F: NDArray[Any], Q: Factored) -> "Belief":
        """N(y, F P Fᵀ + Q): the time update.  Eqs. 10.3.2-4 and -6; in factors, Bierman 1977, §VI.4."""
        moved = product(F, self.U)
        entries = isinstance(moved, ArraySymbol) and not isinstance(Q.G, ArraySymbol)
        Q = _without_zeros(Q) if entries else Q
        triangle = _triangle(Q) if entries else None
        if triangle is not None:  # its zeros first, where they save work
            G, variances = triangle
            both = np.hstack([G, moved]), np.concatenate([variances, self.D])
            return Belief(y, *ud.combine(*both, triangular=True))
        columns = np.hstack([moved, Q.G])
        return Belief(y, *ud.combine(columns, np.concatenate([self.D, Q.variances])))

    def take(
        self, h: NDArray[Any], r: Any, e: Any, used: Any, floor: Any
    ) -> tuple["Belief", Any, NDArray[Any], Any]:
        """`ud.condition`: the belief, S, the gain; and False: this belief has no unknown directions."""
        x, U, D, S, k = ud.condition(*self, h, r, e, used, floor)
        return Belief(x, U, D), S, k, False


class FullBelief(NamedTuple):
    """N(x, P): what the two forms with a full covariance carry (Joseph and textbook)."""

    x: NDArray[Any]
    P: NDArray[Any]

    def predict(self, y: NDArray[Any], F: NDArray[Any], Q: Factored) -> "FullBelief":
        """N(y, F P Fᵀ + Q).  Eqs. 10.3.2-4 and -6."""
        return FullBelief(y, textbook.predict(self.P, F, Q.cov))


class White(NamedTuple):
    """Decorrelated innovations (m,), their variances S and noise variances r; S - r is the part due to the state.

    A missing component has innovation 0, S = r = 1.
    """

    eps: NDArray[Any]
    S: NDArray[Any]
    r: NDArray[Any]


class UpdateInfo(NamedTuple):
    """What an update returns besides the belief. S (m, m), K (n, m)."""

    innovation: NDArray[Any]
    S: NDArray[Any]
    K: NDArray[Any]
    nis: Any
    loglik: Any
    faults: Faults
    white: White
    absorbed: tuple[Any, ...] = ()

    def refused_if(self, mask: Any) -> "UpdateInfo":
        """The same, and refused where this holds, too: R is not a covariance."""
        return self._replace(faults=self.faults._replace(indefinite=self.faults.indefinite | mask))
