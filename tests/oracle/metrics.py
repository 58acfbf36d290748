"""How far a belief is from the exact one, in units that no choice of units can change.

    eP = || L^-1 (P - Pref) L^-T ||_F,   ex = || L^-1 (x - xref) ||,   Pref = L L'

P is formed from the factor (U, D) in mpmath: forming it in float64 would add an error of its own. The
tolerance is derived, not chosen: 100 u max(sqrt kappa_g, sqrt cond corr(P)), where kappa_g is the largest
eigenvalue of P_post^-1 P_pred, the information gained in the step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from .matrices import Exact, cholesky, exact, floats, forward, frobenius, identity, solve

u = 2.0**-53


@dataclass(frozen=True)
class Reference:
    """An exact belief after a step, the exact covariance before it, and the digits they are known to."""

    mean: Exact
    cov: Exact
    cov_before: Exact
    digits: int = 60
    unit: float = u  # half an ulp of 1 in the type under test

    @cached_property
    def whitening(self) -> Exact:
        """L^-1, Pref = L L'."""
        with mp.workdps(self.digits):
            return forward(cholesky(self.cov), identity(len(self.cov)))

    @cached_property
    def kappa(self) -> float:
        """Information gained: the largest eigenvalue of P_post^-1 P_pred."""
        with mp.workdps(self.digits):
            W = self.whitening
            return float(np.linalg.eigvalsh(floats(W @ self.cov_before @ W.T)).max())

    @cached_property
    def correlation_condition(self) -> float:
        """Condition number of the correlation matrix of P_post."""
        with mp.workdps(self.digits):
            scale = np.array([mp.sqrt(v) for v in np.diag(self.cov)], dtype=object)
            C = self.cov / np.outer(scale, scale)
            inverse = solve(C, identity(len(C)))
            largest = np.linalg.eigvalsh(floats(C)).max()
            return float(largest * np.linalg.eigvalsh(floats(inverse)).max())

    @cached_property
    def bar(self) -> float:
        return 100 * self.unit * float(np.sqrt(max(self.kappa, self.correlation_condition)))

    def errors(
        self,
        mean: NDArray[np.float64],
        factor: tuple[NDArray[np.float64], NDArray[np.float64]],
        order: Sequence[int] | None = None,
        exponents: Sequence[int] | None = None,
    ) -> tuple[float, float]:
        """(ex, eP) of a belief whose state i is 2^exponents[order[i]] times state order[i] of the reference.

        The factor (U, D) is taken back to the reference's order and units without rounding.
        """
        with mp.workdps(self.digits):
            n = len(self.mean)
            back = list(range(n)) if order is None else [list(order).index(i) for i in range(n)]
            unit = [mpf(2) ** -(exponents[i] if exponents is not None else 0) for i in range(n)]
            U, D = exact(factor[0])[back], exact(factor[1])
            U = np.array(unit, dtype=object)[:, None] * U
            x = np.array(unit, dtype=object) * exact(mean)[back]
            W = self.whitening
            WU = W @ U
            return frobenius(W @ (x - self.mean)), frobenius((WU * D) @ WU.T - identity(n))

    def cov_error(self, cov: NDArray[np.float64]) -> float:
        """eP of a full covariance."""
        with mp.workdps(self.digits):
            W = self.whitening
            return frobenius(W @ (exact(cov) - self.cov) @ W.T)


def variance_along(h: Any, factor: tuple[NDArray[np.float64], NDArray[np.float64]], digits: int = 60) -> Any:
    """h' U D U' h, exactly."""
    with mp.workdps(digits):
        f = exact(factor[0]).T @ exact(h)
        return (f * f) @ exact(factor[1])


def within(what: str, used: Any, allowed: Any) -> None:
    """Fails where a figure is above what it may be, or is NaN; prints how much of it is used, for `pytest -rP`."""
    used, allowed = np.broadcast_arrays(np.asarray(used, dtype=float), np.asarray(allowed, dtype=float))
    assert used.size, what
    share = np.where(used == 0, 0.0, used / np.where(allowed > 0, allowed, np.nan))
    worst = np.unravel_index(np.argmax(np.where(np.isnan(share), np.inf, share)), share.shape)
    line = f"{what}: {used[worst]:.1e} of {allowed[worst]:.1e}, {share[worst]:.1%} used"
    print(line)
    assert (share <= 1).all(), line
