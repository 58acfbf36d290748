"""How the linear filter moves with its noises: the derivatives of mean and covariance along directions of parameters.

F and H do not depend on the parameters. Then the covariance itself has a recursion that is as short as its own:

    dP' = F dP Fᵀ + dQ                       dx' = F dx
    dP  = (I - k hᵀ) dP (I - k hᵀ)ᵀ + k dr kᵀ      dx  = dx + dk ε + k dε

Harvey 1989, §3.4.6. The factor of P need not be differentiated. Its directions are side by side: dx (n, c) has a column
for each of c directions, dP (n, c n) a matrix.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.trace.array_functions import stacked, stacked_matrices
from foglight.trace.ops import product, reciprocal, select


class Score(NamedTuple):
    """Along each direction, the derivatives (c,) of an innovation ε and of its variance S."""

    eps: list[Any]
    S: list[Any]


class Sensitivity(NamedTuple):
    """dx (n, c) and dP (n, c n) along c directions.

    gains and moves: what components of a reading that were taken so far still subtract from dP: k tᵀ + t kᵀ, with k
    (n,) a row of gains, and t (c, n) a row of moves.
    """

    x: Any
    P: Any
    gains: Any = None
    moves: Any = None

    def predict(self, F: NDArray[Any], dQ: dict[tuple[int, int], list[Any]]) -> "Sensitivity":
        """The time update. dQ: along each direction, the entries of the derivative of Q that are not 0."""
        n = len(F)
        P = product(F, turned(product(F, self.P), n))
        for (i, j), along in dQ.items():
            for c, value in enumerate(along):
                P[i, c * n + j] = P[i, c * n + j] + value
        return Sensitivity(product(F, self.x), P)

    def take(
        self, h: NDArray[Any], dr: list[Any], k: Any, eps: Any, S: Any, used: Any, absorbed: Any
    ) -> tuple["Sensitivity", Score]:
        """The update by one scalar measurement, z = h·x + v, with gain k (n,), innovation eps and its variance S.

        dr (c,): the derivative of the variance of v.  used: whether there is such a measurement; where not, k and eps
        are 0.  absorbed: whether unknown directions of the start absorb it: then k is theirs, and does not move.
        """
        g = product(h, self.P).reshape(len(dr), len(k))
        if self.gains is not None:
            K, T, along = self.gains, self.moves, len(self.gains) * len(dr)
            each = product(T.ravel().reshape(along, len(k)), h).reshape(len(K), len(dr))
            g = g - (product(product(K, h), T).reshape(len(dr), len(k)) + product(each.T, K))
        de = [-v for v in product(h, self.x)]
        dS = [v + r for v, r in zip(product(g, h), dr, strict=True)]
        inverse = select(absorbed, 0.0, reciprocal(S))
        moves = used & (inverse > 0.0)
        score = Score(*([select(moves, v, 0.0) for v in values] for values in (de, dS)))
        half = np.array([0.5 * select(used & (S > 0.0), v, 0.0) for v in dS], object)
        # (I - k hᵀ) dP (I - k hᵀ)ᵀ + k dr kᵀ = dP - k tᵀ - t kᵀ, and dk = (g - dS k) / S
        t = g - np.outer(half, k)
        dk = (t - np.outer(half, k)) * inverse
        x = self.x + ((dk * eps).T + np.outer(k, np.array(de, object)))
        return Sensitivity(x, self.P, below(self.gains, k), below(self.moves, t.ravel())), score

    def taken(self) -> "Sensitivity":
        """The same with nothing left to subtract."""
        K, T = self.gains, self.moves
        along = np.outer(K[0], T[0]) if len(K) == 1 else product(K.T, T)
        return Sensitivity(self.x, self.P - (along + turned(along, len(self.P))))


def below(rows: Any, row: Any) -> Any:
    """The rows of a matrix, or none, and one more."""
    one = stacked([row])
    return one if rows is None else stacked_matrices([rows, one])


def turned(blocks: Any, n: int) -> Any:
    """Matrices (n, n) side by side, each transposed."""
    return np.hstack([blocks[:, first : first + n].T for first in range(0, blocks.shape[1], n)])


def slope(score: Score, eps: Any, S: Any) -> list[Any]:
    """The derivative of log N(ε; 0, S) along each direction."""
    inverse = reciprocal(S)
    square = 0.5 * (eps * eps * inverse - 1.0)
    return [inverse * (square * dS - eps * de) for de, dS in zip(*score, strict=True)]
