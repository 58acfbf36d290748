"""A flat prior on some directions of the start: generalised least squares of the whole trajectory, no recursion.

All measurements are z = c + G δ + e, e ~ N(0, S), with S = L L' the covariance that everything else has and δ the
coefficients of the unknown directions. With B = L^-1 Cov(z, x), g = L^-1 G and w = L^-1 (z - c), and V an orthonormal
basis of the rows of g, so that M = V' g' g V has full rank, the first r measurements leave

    δ = V M^-1 V' g' w,   E(x) = c_x + B' w + (X - B' g) δ,   Cov(x) = C - B' B + (X - B' g) V M^-1 V' (X - B' g)'

for every entry of x that has no part across V, and the limit of log p(z) + rank/2 log of the prior variance is
-1/2 (N log 2 pi + log det S + log det M + w' w - w' g V M^-1 V' g' w).
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from .dense import measurements, trajectory
from .matrices import Exact, cholesky, exact, floats, forward, solve


@dataclass(frozen=True)
class Answer:
    """What is known about x_k before z_k and after it, NaN where it is nothing; squares and loglik of z_0 … z_k.

    known: whether each state is. rank: how many directions are.
    """

    predicted_mean: Any
    predicted_cov: Any
    mean: Any
    cov: Any
    predicted_known: Any
    known: Any
    rank: Any
    squares: Any
    loglik: Any

    def rounded(self) -> "Answer":
        """The same in float64."""
        return Answer(*[floats(getattr(self, field.name)) for field in fields(self)])


def condition(
    F: Any,
    Q: Any,
    H: Any,
    R: Any,
    mean: Any,
    cov: Any,
    unknown: NDArray[np.float64],
    z: NDArray[np.float64],
    *,
    b: Any = None,
    d: Any = None,
    digits: int = 60,
) -> Answer:
    """Everything about a start N(mean, cov + ∞ unknown unknown'), unknown (n, directions)."""
    with mp.workdps(digits):
        n, (steps, width) = len(mean), z.shape
        b = np.zeros(n) if b is None else b
        d = np.zeros(width) if d is None else d
        c, C = trajectory(F, Q, mean, cov, b, steps, False)
        still = np.zeros_like(np.asarray(F, float))
        X = np.array(
            [trajectory(F, still, a, 0.0 * np.eye(n), np.zeros(n), steps, False)[0] for a in unknown.T]
        ).T
        seen, big_H, big_R, used = measurements(H, R, d, z, n)
        L = cholesky(big_H @ C @ big_H.T + big_R)
        w, B, g = forward(L, seen - big_H @ c), forward(L, big_H @ C), forward(L, big_H @ X)
        before = np.searchsorted(used, np.arange(steps + 1) * width)

        def given(count: int, k: int) -> tuple[Exact, Exact, list[bool]]:
            own = slice(k * n, (k + 1) * n)
            V = _rows(g[:count])
            a = B[:count, own].T
            apart = X[own] - a @ g[:count] if count else X[own]
            across = apart - (apart @ V) @ V.T if V.shape[1] else apart
            known = [max(abs(v) for v in row) < _nothing() for row in across]
            m, P = (c[own] + a @ w[:count], C[own, own] - a @ a.T) if count else (c[own], C[own, own])
            if V.shape[1]:
                gV = g[:count] @ V
                m = m + apart @ V @ solve(gV.T @ gV, gV.T @ w[:count])
                P = P + apart @ V @ solve(gV.T @ gV, (apart @ V).T)
            return m, P, known

        def likelihood(count: int) -> tuple[int, Any, Any]:
            V = _rows(g[:count])
            part = w[:count]
            squares = part @ part if count else mpf(0)
            logs = count * mp.log(2 * mp.pi) + 2 * sum((mp.log(L[i, i]) for i in range(count)), mpf(0))
            if V.shape[1]:
                gV = g[:count] @ V
                M = gV.T @ gV
                squares = squares - (part @ gV) @ solve(M, gV.T @ part)
                logs = logs + 2 * sum(mp.log(v) for v in np.diag(cholesky(M)))
            return V.shape[1], squares, -(logs + squares) / 2

        ahead, filtered = ([given(count[k], k) for k in range(steps)] for count in (before[:-1], before[1:]))
        rank, squares, loglik = (np.array(list(values)) for values in
                                 zip(*[likelihood(count) for count in before[1:]], strict=True))  # fmt: skip
        blocks = [np.array([entry[i] for entry in entries]) for entries in (ahead, filtered) for i in (0, 1)]
        known = [np.array([entry[2] for entry in entries]) for entries in (ahead, filtered)]
        return Answer(*blocks, *known, *(rank, squares, loglik))


def _nothing() -> Any:
    return mpf(10) ** (-mp.dps // 2)


def _rows(g: Exact) -> Exact:
    """An orthonormal basis of the rows of g, as columns."""
    d = g.shape[1]
    found: list[Any] = []
    for row in g:
        left = row
        for v in found:
            left = left - (left @ v) * v
        size = mp.sqrt(left @ left)
        if size > _nothing():
            found.append(left / size)
    return np.array(found).T if found else exact(np.zeros((d, 0)))


def smoothed(
    F: Any,
    Q: Any,
    H: Any,
    R: Any,
    cov: Any,
    unknown: NDArray[np.float64],
    z: NDArray[np.float64],
    rows: list[int],
    *,
    digits: int = 50,
) -> list[tuple[Any, Any]]:
    """Mean and covariance of x_k given all z (T, m), for each k in `rows`, of constant F, Q, H and diagonal R.

    The start is N(0, cov + ∞ unknown unknown'); all of it must be determined. With X_k = F^k and everything else that
    moves x_k in C_k = Cov(x_k), C_0 = cov, C_k+1 = F C_k F' + Q, so that Cov(x_k, x_t) = C_k (F^(t-k))' for t >= k:
    the measurements alone are stacked, which larger models allow.
    """  # fmt: skip
    with mp.workdps(digits):
        steps, used = len(z), [(t, i) for t, i in np.ndindex(z.shape) if not np.isnan(z[t, i])]
        C, X = [exact(cov)], [exact(unknown)]
        sees = [exact(H)]  # H F^j
        for _ in range(steps - 1):
            C.append(_moved(F, _moved(F, C[-1]).T) + exact(Q))
            X.append(_moved(F, X[-1]))
            sees.append(_moved(np.asarray(F).T, sees[-1].T).T)
        # Cov(x_k, z_t): C_k (H F^(t-k))' for t >= k, else F^(k-t) C_t H'.
        crossing = [[C[k] @ sees[t - k].T if t >= k else None for t in range(steps)] for k in range(steps)]
        for t in range(steps):
            for k in range(t + 1, steps):
                crossing[k][t] = _moved(F, crossing[k - 1][t])
        S = exact(np.zeros((len(used), len(used))))
        for a, (t, i) in enumerate(used):
            for b, (s, j) in enumerate(used[: a + 1]):
                S[a, b] = S[b, a] = sees[0][i] @ crossing[t][s][:, j]
            S[a, a] = S[a, a] + mpf(float(R[i][i]))
        seen = exact([z[t, i] for t, i in used])
        G = np.array([sees[0][i] @ X[t] for t, i in used])
        L = cholesky(S)
        w, g = forward(L, seen), forward(L, G)
        M = g.T @ g
        delta = solve(M, g.T @ w)
        found = []
        for k in rows:
            B = forward(L, np.array([crossing[k][t][:, i] for t, i in used]))
            apart = X[k] - B.T @ g
            mean = B.T @ w + apart @ delta
            found.append((floats(mean), floats(C[k] - B.T @ B + apart @ solve(M, apart.T))))
        return found


def _moved(F: Any, A: Exact) -> Exact:
    """F A, skipping the zeros of F."""
    F = np.asarray(F, float)
    result = exact(np.zeros((len(F), A.shape[1])))
    for i, j in zip(*np.nonzero(F), strict=True):
        result[i] = result[i] + (A[j] if F[i, j] == 1.0 else mpf(float(F[i, j])) * A[j])
    return result
