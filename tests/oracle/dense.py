"""No recursion at all: stack the whole trajectory and all measurements, condition once. For tiny T.

With S = L L' the covariance of all measurements in their order, C that of all states, w = L^-1 (z - E z) and
A = L^-1 Cov(z, x), every belief of a filter or a smoother is

    E(x | z_1..r) = E x + A_r' w_r,   Cov(x | z_1..r) = C - A_r' A_r

with the first r rows of A and w, since the leading block of L is the factor of the leading block of S. So are
innovations: of the block B of L after everything before it, e = B w and S = B B'.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

from .matrices import Exact, cholesky, exact, floats, forward, identity
from .recursion import at


@dataclass(frozen=True)
class Answer:
    """What is known about x_k, one entry a row: before z_k, after it, and after all of z.

    lag_one (T, n, n) is Cov(x_k, x_k-1 | all z), entry 0 NaN. innovation (T, M) and innovation_cov (T, M, M) of
    each sensor follow the sensors before it; NaN where missing, and between sensors.
    """

    predicted_mean: Any
    predicted_cov: Any
    mean: Any
    cov: Any
    smoothed_mean: Any
    smoothed_cov: Any
    lag_one: Any
    innovation: Any
    innovation_cov: Any
    nis: Any
    row_loglik: Any

    @property
    def loglik(self) -> Any:
        """log p(z)."""
        return sum(self.row_loglik)

    def rounded(self) -> "Answer":
        """The same in float64."""
        return Answer(*[floats(getattr(self, field.name)) for field in fields(self)])


def trajectory(
    F: Any, Q: Any, mean: Any, cov: Any, b: Any, steps: int, predict_first: bool
) -> tuple[Exact, Exact]:
    """Mean and covariance of (x_0, ..., x_{T-1}), stacked.

    x_k = Phi(k, 0) x_0 + sum_j Phi(k, j) (b_j + w_j): every block is written out from the products Phi.
    """
    n = len(mean)
    phi = [[identity(n) for _ in range(steps)] for _ in range(steps)]
    for j in range(steps):
        for k in range(j + 1, steps):
            phi[k][j] = at(F, k, 2) @ phi[k - 1][j]
    sources = [(exact(mean), exact(cov))] + [(at(b, j, 1), at(Q, j, 2)) for j in range(1, steps)]
    if predict_first:
        F0 = at(F, 0, 2)
        sources[0] = (F0 @ exact(mean) + at(b, 0, 1), F0 @ exact(cov) @ F0.T + at(Q, 0, 2))
    m = exact(np.zeros(n * steps))
    C = exact(np.zeros((n * steps, n * steps)))
    for k in range(steps):
        for j in range(k + 1):
            m[k * n : (k + 1) * n] = m[k * n : (k + 1) * n] + phi[k][j] @ sources[j][0]
            for i in range(j, steps):
                block = np.s_[k * n : (k + 1) * n, i * n : (i + 1) * n]
                C[block] = C[block] + phi[k][j] @ sources[j][1] @ phi[i][j].T
    return m, C


def measurements(
    H: Any, R: Any, d: Any, z: NDArray[np.float64], n: int
) -> tuple[Exact, Exact, Exact, NDArray[np.intp]]:
    """All measurements as one, with the missing components left out: (z - d), H and R, stacked; and which are left."""
    steps, width = z.shape
    big_H = exact(np.zeros((steps * width, steps * n)))
    big_R = exact(np.zeros((steps * width, steps * width)))
    offset = exact(np.zeros(steps * width))
    for k in range(steps):
        rows = slice(k * width, (k + 1) * width)
        big_H[rows, k * n : (k + 1) * n] = at(H, k, 2)
        big_R[rows, rows] = at(R, k, 2)
        offset[rows] = at(d, k, 1)
    used = np.flatnonzero(~np.isnan(z.ravel()))
    return exact(z.ravel()[used]) - offset[used], big_H[used], big_R[np.ix_(used, used)], used


def condition(
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
    sensors: Sequence[int] | None = None,
    predict_first: bool = False,
    digits: int = 60,
) -> Answer:
    """Everything about all states. sensors: how many components of z (T, M) each has, in order; one has all."""
    with mp.workdps(digits):
        n, (steps, width) = len(mean), z.shape
        b = np.zeros(n) if b is None else b
        d = np.zeros(width) if d is None else d
        m, C = trajectory(F, Q, mean, cov, b, steps, predict_first)
        seen, big_H, big_R, used = measurements(H, R, d, z, n)
        L = cholesky(big_H @ C @ big_H.T + big_R)
        white, A = forward(L, seen - big_H @ m), forward(L, big_H @ C)
        before = np.searchsorted(used, np.arange(steps + 1) * width)  # measurements in the rows before row k

        def given(count: int, k: int, i: int) -> tuple[Exact, Exact]:
            """Mean of x_k and covariance of x_k and x_i given the first `count` measurements."""
            own, other = slice(k * n, (k + 1) * n), slice(i * n, (i + 1) * n)
            if not count:
                return m[own], C[own, other]
            a = A[:count, own].T
            return m[own] + a @ white[:count], C[own, other] - a @ A[:count, other]

        rows = range(steps)
        predicted, filtered, smoothed = (
            [given(count[k], k, k) for k in rows] for count in (before[:-1], before[1:], [len(used)] * steps)
        )
        lag_one = [given(len(used), k, k - 1)[1] for k in rows[1:]]
        nothing = exact(np.full((1, n, n), np.nan))
        innovation, S = _innovations(L, white, used, (steps, width), [width] if sensors is None else sensors)
        squares = [white[before[k] : before[k + 1]] ** 2 for k in rows]
        return Answer(
            *[np.array([pair[i] for pair in pairs]) for pairs in (predicted, filtered, smoothed) for i in (0, 1)],
            lag_one=np.concatenate([nothing, *[block[None] for block in lag_one]]),
            innovation=innovation,
            innovation_cov=S,
            nis=np.array([sum(part) if len(part) else mpf("nan") for part in squares]),
            row_loglik=np.array([
                -sum((mp.log(2 * mp.pi) / 2 + mp.log(L[i, i]) + white[i] ** 2 / 2
                      for i in range(before[k], before[k + 1])), mpf(0))
                for k in rows
            ]),
        )  # fmt: skip


def _innovations(
    L: Exact, white: Exact, used: NDArray[np.intp], shape: tuple[int, int], sensors: Sequence[int]
) -> tuple[Exact, Exact]:
    """e (T, M) and S (T, M, M), sensor by sensor."""
    steps, width = shape
    assert sum(sensors) == width
    ends = np.cumsum(sensors)
    e = exact(np.full((steps, width), np.nan))
    S = exact(np.full((steps, width, width), np.nan))
    for k in range(steps):
        for first, last in zip(ends - sensors, ends, strict=True):
            mine = np.flatnonzero((used >= k * width + first) & (used < k * width + last))
            if len(mine):
                block = L[np.ix_(mine, mine)]
                places = used[mine] - k * width
                e[k, places] = block @ white[mine]
                S[k][np.ix_(places, places)] = block @ block.T
    return e, S
