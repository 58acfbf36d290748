"""A filter that lives beside the one under test: the same calls, 60 digits, and how far apart the two may be.

Every call adds an error of its own, and no later call makes it larger: with Pref = L L', predicting and updating
shrink whitened errors L^-1 dx and L^-1 dP L^-T, since P' >= F P F' and P' >= (I - K H) P (I - K H)'. An error of the
covariance moves the next mean by dP H' S^-1 e, whitened no more than |dP| sqrt(nis). So the allowance of a sequence
is the sum of its calls' bars (metrics.py) and of two things that those leave out:

- Numbers as large as the mean are rounded to u of themselves.
- A covariance given in full is known by its factor, and the factor found is that of another one, off by at most
  FACTORING n u sqrt(C_ii C_jj) in entry i, j (Higham 2002, theorem 10.3). For Q that is an error of P', for R one of
  K R K' in P' and of K R S^-1 e in the mean.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from . import recursion
from .matrices import Exact, cholesky, exact, forward, frobenius, solve
from .metrics import Reference, u

ROUNDINGS = 20  # operations on numbers of the mean's size in one call, in half ulps
FACTORING = 8  # half ulps an entry and state


@dataclass(frozen=True)
class Allowance:
    """How far mean and covariance (whitened) and the log-likelihood may be off."""

    mean: float = 0.0
    cov: float = 0.0
    loglik: float = 0.0


@dataclass(frozen=True)
class Twin:
    """N(mean, cov), and the log-likelihood of all that was measured. Every call gives a new one."""

    mean: Exact
    cov: Exact
    loglik: Any = field(default_factory=lambda: mpf(0))
    allowed: Allowance = Allowance()
    digits: int = 60

    @classmethod
    def of(cls, mean: Any, cov: Any) -> "Twin":
        """At the start, from a covariance in full."""
        with mp.workdps(cls.digits):
            x, P = exact(mean), exact(cov)
            start = Reference(x, P, P, cls.digits)
            return cls(x, P, allowed=Allowance(0.0, start.bar + given_in_full(start.whitening, P), 0.0))

    def predict(self, F: Any, Q: Any, b: Any) -> "Twin":
        with mp.workdps(self.digits):
            x, P = recursion.predict(self.mean, self.cov, exact(F), exact(Q), exact(b))
            step = Reference(x, P, P, self.digits)
            size = np.abs(exact(F)) @ np.abs(self.mean) + np.abs(exact(b))
            mean = self.allowed.mean + step.bar + rounded(step.whitening, size)
            cov = self.allowed.cov + step.bar + given_in_full(step.whitening, exact(Q))
            return replace(self, mean=x, cov=P, allowed=replace(self.allowed, mean=mean, cov=cov))

    def update(self, z: NDArray[np.float64], H: Any, R: Any, d: Any) -> "Twin":
        """NaN is missing, component by component."""
        used = np.flatnonzero(~np.isnan(z))
        if not used.size:
            return self
        with mp.workdps(self.digits):
            H, R = exact(H)[used], exact(R)[np.ix_(used, used)]
            row = recursion.update(self.mean, self.cov, z[used], H, R, exact(d)[used])
            step = Reference(row.mean, row.cov, self.cov, self.digits)
            S = H @ self.cov @ H.T + R
            root, old = float(mp.sqrt(row.nis)), self.allowed
            of_R = given_in_full(step.whitening @ solve(S, H @ self.cov).T, R)
            in_S = given_in_full(forward(cholesky(S), exact(np.eye(len(used)))), R)
            size = rounded(step.whitening, np.abs(self.mean) + np.abs(row.mean))
            mean = old.mean + step.bar + size + root * (old.cov + step.bar + np.sqrt(of_R * in_S))
            cov = old.cov + step.bar + of_R
            # d nis = 2 e' S^-1 de and e' S^-1 dS S^-1 e; d log det S = tr(S^-1 dS); and the sums themselves.
            sums = 8 * u * float(abs(row.loglik) + abs(self.loglik))
            said = root * mean + (float(row.nis) + len(used)) * (cov + in_S) + sums
            allowed = Allowance(mean, cov, old.loglik + said)
            return replace(self, mean=row.mean, cov=row.cov, loglik=self.loglik + row.loglik, allowed=allowed)

    def shares(self, belief: Any, loglik: float | None = None) -> tuple[float, ...]:
        """How much of each allowance a belief (.mean and .factor) and a log-likelihood use: at most 1 if right."""
        reference = Reference(self.mean, self.cov, self.cov, self.digits)
        ex, eP = reference.errors(belief.mean, belief.factor)
        off = 0.0 if loglik is None else abs(loglik - float(self.loglik))
        pairs = ((ex, self.allowed.mean), (eP, self.allowed.cov), (off, self.allowed.loglik))
        return tuple([share(*pair) for pair in pairs])


def given_in_full(W: Exact, C: Exact) -> float:
    """What the factoring of C (n, n) can add to W C W', in the Frobenius norm."""
    return FACTORING * len(C) * u * frobenius(W * [mp.sqrt(v) for v in np.diag(C)]) ** 2


def rounded(W: Exact, size: Exact) -> float:
    """What rounding numbers of this size can add to W x."""
    return ROUNDINGS * u * frobenius(np.abs(W) @ size)


def share(used: float, allowed: float) -> float:
    """used / allowed, where nothing of nothing is 0."""
    return 0.0 if used == 0.0 else used / allowed if allowed else float("inf")
