"""The Kalman filter of a model that stays the same, from row to row by the increments of its covariance.

If nothing is known at the start, one more reading before all others lowers the covariance of the prediction by a matrix
of rank one, P_t - P_{t+1} = m mᵀ. In a model that does not change with time the gain then needs no covariance: with
k = F P h and S = hᵀ P h + r (Morf, Sidhu & Kailath 1974),

    g = h·m      S' = S - g²      k' = k - F m g      m' = (F m - k g / S) √(S / S')

That takes a number of operations that grows with n, not n³. The first n readings determine the n states, whatever the
noises are; so k, S and m after them are sums over the noises, each with its variance as a factor (`Beginning`).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.trace.ops import product, reciprocal, select, sqrt

# The largest weight of a reading in the combination that does not depend on the states: with larger ones F hardly has
# an inverse.
_LARGEST = 2.0**20


class Gains(NamedTuple):
    """What a row needs of the covariance of its prediction: k = F P h (n,), the increment m (n,), and S."""

    k: NDArray[Any]
    m: NDArray[Any]
    S: Any

    def next(self, F: NDArray[Any], h: NDArray[Any]) -> "Gains":
        """Those of the next row."""
        g, moved = product(h, self.m), product(F, self.m)
        S = self.S - g * g
        share = g * reciprocal(self.S)
        size = sqrt(self.S * reciprocal(S))
        return Gains(self.k - moved * g, (moved - self.k * share) * size, S)


class Beginning(NamedTuple):
    """The gains after as many rows as there are states, by the noises: the process noises G (n, q), then that of z.

    k, b (q + 1, n), S, c (q + 1,): per unit of each variance.  The increment is Σ v b / √(Σ v c).
    from_readings (n, n): what turns the readings, less those of a mean that begins at 0, into the mean of the states
    in the next row.  log_det: log |det| of the matrix of these readings.
    """

    k: Floats
    b: Floats
    S: Floats
    c: Floats
    from_readings: Floats
    log_det: float

    @classmethod
    def of(cls, F: Floats, h: Floats, G: Floats) -> "Beginning | None":
        """None where the readings of n rows do not determine the states, or F has no inverse.

        F (n, n); h (n,); G (n, q): what each disturbance moves."""
        n, q = G.shape
        powers = [np.eye(n)]
        for _ in range(n):
            powers.append(F @ powers[-1])
        rows = np.array([h @ power for power in powers])  # what rows 0 … n see of the state in row 0
        try:
            W = np.linalg.solve(rows[:n].T, powers[n].T).T
            # The combination of n + 1 readings that does not depend on the states; that of the first row has a 1.
            N = np.concatenate([[1.0], -np.linalg.solve(rows[1:].T, h)])
        except np.linalg.LinAlgError:
            return None
        # Of the disturbance before row i, what rows i … see, and what the state in row n has.
        seen = np.array([[rows[i] @ g for i in range(n)] for g in G.T]).reshape(q, n)
        parts: list[list[Any]] = [[], [], [], []]
        for j in range(q + 1):
            P, b = np.zeros((n, n)), np.zeros(n)
            c = 0.0 if j < q else 1.0 + float(N[1:] @ N[1:])
            for i in range(n):
                if j == q:
                    a, u = -W[:, i], N[1 + i]
                else:  # between rows i and i + 1
                    a = powers[n - 1 - i] @ G[:, j] - W[:, i + 1 :] @ seen[j, : n - 1 - i]
                    u = N[2 + i :] @ seen[j, : n - 1 - i]
                    before = N[1 + i :] @ seen[j, : n - i]  # of the one a row earlier
                    c += float(before * before)
                P, b = P + np.outer(a, a), b + a * u
            for part, value in zip(parts, (F @ P @ h, b, h @ P @ h + (j == q), c), strict=True):
                part.append(value)
        of_k, of_b, of_S, of_c = (np.array(part) for part in parts)
        found = cls(of_k, of_b, of_S, of_c, W, float(np.linalg.slogdet(rows[:n])[1]))
        sound = all(np.isfinite(part).all() for part in found) and np.abs(N).max() < _LARGEST
        return found if sound else None

    def gains(self, variances: list[Any]) -> Gains:
        """The gains for these variances (q + 1,)."""
        k, b, S, c = (
            sum(_scaled(v, part[j]) for j, v in enumerate(variances))
            for part in (self.k, self.b, self.S, self.c)
        )
        return Gains(k, b * select(c > 0.0, sqrt(reciprocal(c)), 0.0), S)


def _scaled(variance: Any, part: Any) -> Any:
    """A variance times numbers, as an array of scalars."""
    return np.array([variance * float(v) for v in part], object) if np.ndim(part) else variance * float(part)
