"""Random linear models for the reference set: the same numbers, bit for bit, on every machine.

Every entry is a small integer times a power of two, and every covariance an exact Gram matrix, G diag(v) G'
with v powers of four: all sums are exact in float64, so neither the order of summation nor the NumPy version
matters. F, H, R, Q_G, Q_v, b, d and z fit the 24 bits of float32, too. F, Q, H, R, b, d change from row to row.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from .counter import Integers

Array = NDArray[np.float64]

ROWS = 200
SEED = 1960
GRID = 2.0**-8  # of the simulated states

# How many models of each n; small ones are cheap to record, large ones still appear by the dozen.
COUNTS = {1: 300, 2: 900, 3: 1000, 4: 1000, 5: 700, 6: 500, 7: 200, 8: 200, 9: 60, 10: 60, 11: 40, 12: 60}
MEASURES = {1: (2, 3), 2: (1, 3), 3: (1, 2, 5), 4: (2, 3), 5: (1, 3), 6: (2, 4), 7: (3,), 8: (1, 5),
            9: (2,), 10: (3,), 11: (4,), 12: (2, 5)}  # fmt: skip


@dataclass(frozen=True)
class Varying:
    """x' = F x + b + w, z = H x + d + v with an entry a row: entry k of F, Q, b leads to row k from row k - 1.

    Q = Q_G diag(Q_v) Q_G'; the start, N(mean, U diag(D) U'), is the belief at row 0. z is NaN where missing.
    """

    F: Array
    Q_G: Array
    Q_v: Array
    H: Array
    R: Array
    b: Array
    d: Array
    mean: Array
    U: Array
    D: Array
    z: Array

    @property
    def Q(self) -> Array:
        return gram(self.Q_G, self.Q_v)

    @property
    def cov(self) -> Array:
        return gram(self.U, self.D)

    @property
    def shape(self) -> tuple[int, int]:
        """n, m."""
        return self.H.shape[2], self.H.shape[1]

    def fingerprint(self) -> int:
        """64 bits that depend on every bit of every input."""
        whole = sha256()
        for array in vars(self).values():
            whole.update(np.ascontiguousarray(array, "<f8").tobytes())
        return int.from_bytes(whole.digest()[:8], "little")


def gram(G: Array, v: Array) -> Array:
    """G diag(v) G', of one factor or a stack; exact for the few bits in use here."""
    return (G * v[..., None, :]) @ G.swapaxes(-1, -2)


@cache
def shapes() -> tuple[tuple[int, int], ...]:
    """n and m of every model, in the order of the set."""
    return tuple((n, MEASURES[n][k % len(MEASURES[n])]) for n, count in COUNTS.items() for k in range(count))


def model(index: int) -> Varying:
    """Model number `index` of the set."""
    n, m = shapes()[index]
    draw = Integers(SEED, index)
    dynamics = DYNAMICS[draw.one(0, 2)]
    F = dynamics(draw, n)
    Q_G, Q_v = process_noise(draw, n, n if dynamics is mixing else 1)
    A, stds = np.tril(draw.between(-2, 2, ROWS, m, m) / 2.0, -1) + np.eye(m), power(draw, -3, 0, ROWS, m)
    H, b, d = sensors(draw, n, m), draw.between(-8, 8, ROWS, n) / 8.0, draw.between(-8, 8, ROWS, m) / 8.0
    mean, U, D = start(draw, n)
    x = mean + U @ (np.sqrt(D) * draw.bells(n))
    w = (Q_G @ (np.sqrt(Q_v) * draw.bells(ROWS, n))[:, :, None])[:, :, 0]
    v = (A @ (stds * draw.bells(ROWS, m))[:, :, None])[:, :, 0]
    z = np.empty((ROWS, m))
    for k in range(ROWS):
        if k:
            x = F[k] @ x + b[k] + w[k]
        x = np.floor(x / GRID) * GRID
        z[k] = H[k] @ x + d[k] + v[k]
    z[absent(draw, m)] = np.nan
    return in_units(draw, Varying(F, Q_G, Q_v, H, gram(A, stds**2), b, d, mean, U, D, z))


def power(draw: Integers, low: int, high: int, *shape: int) -> Array:
    """Powers of two."""
    return np.ldexp(1.0, draw.between(low, high, *shape))


def ceiling(sums: Array) -> Array:
    """The least power of two that is no smaller; sums are at least 1."""
    fraction, exponent = np.frexp(sums)
    return np.ldexp(1.0, exponent - (fraction == 0.5))


def mixing(draw: Integers, n: int) -> Array:
    """Full matrices that mix all states; rows have absolute sums in (1/2, 1], so that no state can grow."""
    A = draw.between(-7, 7, ROWS, n, n).astype(float)
    sums = np.abs(A).sum(2)
    A[:, range(n), range(n)] += sums == 0
    return A / ceiling(np.maximum(sums, 1.0))[:, :, None]


def slow(draw: Integers, n: int) -> Array:
    """15/16 on the diagonal, and up to 1/16 of each state leaks from the others."""
    A = draw.between(-3, 3, ROWS, n, n).astype(float)
    A[:, range(n), range(n)] = 0.0
    A /= 16.0 * ceiling(np.maximum(np.abs(A).sum(2), 1.0))[:, :, None]
    A[:, range(n), range(n)] = 15.0 / 16.0
    return A


def turning(draw: Integers, n: int) -> Array:
    """States change places and signs, nearly without loss."""
    order = np.argsort(draw.words(ROWS, n), axis=1)
    signs = 2.0 * draw.between(0, 1, ROWS, n, 1) - 1.0
    return np.take_along_axis(slow(draw, n), order[:, :, None], axis=1) * signs


DYNAMICS = (mixing, slow, turning)


def process_noise(draw: Integers, n: int, least: int) -> tuple[Array, Array]:
    """Of one rank throughout, full or from `least`; with a rank below n, a row in eight has no noise at all.

    Mixing forgets what it had, so that noise of a low rank would leave covariances nearly singular: another test.
    """
    rank = n if draw.one(0, 2) == 0 else draw.one(least, n)
    G, v = draw.between(-4, 4, ROWS, n, n) / 4.0, power(draw, -3, 0, ROWS, n) ** 2
    quiet = draw.between(0, 7, ROWS) == 0
    if rank == n:
        return np.tril(G, -1) + np.eye(n), v
    G[:, range(rank), range(rank)] = 1.0
    v[:, rank:] = 0.0
    v[quiet] = 0.0
    return G, v


def sensors(draw: Integers, n: int, m: int) -> Array:
    """Full rows, some entries 0; a row in eight sees one state alone."""
    H = draw.between(-4, 4, ROWS, m, n) / 2.0
    alone = draw.between(0, 7, ROWS, m) == 0
    which = draw.between(0, n - 1, ROWS, m)
    one = np.eye(n)[which]
    return np.where((alone | ~H.any(2))[:, :, None], one * 1.5, H)


def start(draw: Integers, n: int) -> tuple[Array, Array, Array]:
    """Standard deviations from 1/2 to 2, 1/8 to 8 or 1/64 to 64, correlated; one start in four is singular."""
    reach = (1, 3, 6)[draw.one(0, 2)]
    U = np.triu(draw.between(-4, 4, n, n) / 4.0, 1) + np.eye(n)
    D = power(draw, -reach, reach, n) ** 2
    if draw.one(0, 3) == 0:
        D[draw.between(0, 1, n) == 0] = 0.0
    return draw.between(-64, 64, n) / 16.0, U, D


def absent(draw: Integers, m: int) -> NDArray[np.bool_]:
    """Components missing on their own, and rows missing altogether."""
    components, rows = (0, 1, 3)[draw.one(0, 2)], draw.one(0, 1)
    alone = draw.between(0, 7, ROWS, m) < components
    whole = draw.between(0, 7, ROWS) < rows
    return alone | whole[:, None]


def in_units(draw: Integers, given: Varying) -> Varying:
    """Every second model with each state and each measurement in a unit of its own, 2^-8 to 2^8."""
    n, m = given.shape
    s, t = power(draw, -8, 8, n), power(draw, -8, 8, m)
    if draw.one(0, 1) == 0:
        return given
    return Varying(
        F=s[:, None] * given.F / s, Q_G=s[:, None] * given.Q_G, Q_v=given.Q_v,
        H=t[:, None] * given.H / s, R=t[:, None] * given.R * t, b=s * given.b, d=t * given.d,
        mean=s * given.mean, U=s[:, None] * given.U / s, D=s * s * given.D, z=t * given.z,
    )  # fmt: skip
