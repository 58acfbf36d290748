"""The Kalman filter of the textbook (Kalman 1960), in mpmath: with 60 digits even the naive form is exact.

    x' = F x + b + w,  w ~ N(0, Q)        z = H x + d + v,  v ~ N(0, R)

A matrix is constant, (a, b), or given per row, (T, a, b); entry k of F, Q and b leads to row k.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from .matrices import Exact, cholesky, exact, forward, solve


@dataclass(frozen=True)
class Row:
    """One row of the filter. `innovation` is NaN where a component is missing."""

    predicted_mean: Exact
    predicted_cov: Exact
    mean: Exact
    cov: Exact
    innovation: Exact
    nis: Any
    loglik: Any


def predict(x: Exact, P: Exact, F: Exact, Q: Exact, b: Any = 0) -> tuple[Exact, Exact]:
    """N(F x + b, F P F' + Q)."""
    return F @ x + b, F @ P @ F.T + Q


def update(x: Exact, P: Exact, z: NDArray[np.float64], H: Exact, R: Exact, d: Any = 0) -> Row:
    """Condition N(x, P) on those components of z that are not NaN."""
    used = [i for i, value in enumerate(z) if not np.isnan(value)]
    innovation = np.full(len(z), mpf("nan"), dtype=object)
    if not used:
        return Row(x, P, x, P, innovation, mpf("nan"), mpf(0))
    offset = exact(np.zeros(len(z))) + d
    H, R = H[used], R[np.ix_(used, used)]
    e = exact(z[used]) - H @ x - offset[used]
    innovation[used] = e
    S = H @ P @ H.T + R
    gain = solve(S, H @ P).T
    L = cholesky(S)
    white = forward(L, e)
    nis = white @ white
    loglik = -(len(used) * mp.log(2 * mp.pi) + nis) / 2 - sum(mp.log(L[i, i]) for i in range(len(used)))
    return Row(x, P, x + gain @ e, P - gain @ S @ gain.T, innovation, nis, loglik)


def at(a: Any, k: int, dimensions: int) -> Any:
    """Entry k of a sequence of arrays, or the array itself where it is constant."""
    a = np.asarray(a)
    return exact(a[k] if a.ndim > dimensions else a)


def filter_rows(
    F: Any,
    Q: Any,
    H: Any,
    R: Any,
    mean: Any,
    cov: Any,
    z: NDArray[np.float64],
    *,
    b: Any = None,
    d: Any = None,
    predict_first: bool = False,
    digits: int = 60,
) -> list[Row]:
    """Every row of the filter over z (T, m). The start is the belief at the first row, unless `predict_first`."""
    with mp.workdps(digits):
        x, P = exact(mean), exact(cov)
        b = np.zeros(len(x)) if b is None else b
        d = np.zeros(z.shape[1]) if d is None else d
        rows = []
        for k in range(len(z)):
            if k or predict_first:
                x, P = predict(x, P, at(F, k, 2), at(Q, k, 2), at(b, k, 1))
            row = update(x, P, z[k], at(H, k, 2), at(R, k, 2), at(d, k, 1))
            x, P = row.mean, row.cov
            rows.append(row)
        return rows


def smooth_rows(rows: list[Row], F: Any, *, digits: int = 60) -> list[tuple[Exact, Exact, Exact]]:
    """Mean, covariance and Cov(x_k, x_k-1 | all z) of every row (Rauch, Tung & Striebel 1965; the last one as Shumway
    & Stoffer 1982, in its simplest form); NaN for the covariance with what is before the first row."""
    with mp.workdps(digits):
        x, P = rows[-1].mean, rows[-1].cov
        found = []
        for k in reversed(range(len(rows))):
            if not k:
                found.append((x, P, np.full(P.shape, mpf("nan"), dtype=object)))
                break
            gain = solve(rows[k].predicted_cov, at(F, k, 2) @ rows[k - 1].cov).T
            found.append((x, P, P @ gain.T))
            x = rows[k - 1].mean + gain @ (x - rows[k].predicted_mean)
            P = rows[k - 1].cov + gain @ (P - rows[k].predicted_cov) @ gain.T
        return found[::-1]
