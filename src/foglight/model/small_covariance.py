"""The factor of one small covariance, on Python's numbers: what `covariance.py` computes on arrays, to the bit.

A few rows and columns are too little for NumPy: each of its calls costs as much as twenty operations here. A matrix
that is not a covariance is left to `covariance.py`, which says why.
"""

import math

import numpy as np
from numpy.typing import NDArray

UP_TO = 8  # states
U = 2.0**-53
_SPLITTER = 2.0**27 + 1.0
Number = tuple[float, float]  # hi + lo, see double_double.py


def factor(
    P: NDArray[np.float64], asymmetry: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """G (n, n) and variances (n,) with P = G diag(variances) Gᵀ, zero beyond the rank; None if P is no covariance."""
    n, rows = len(P), P.tolist()
    try:
        scaled = _scaled(rows, asymmetry)
        if scaled is None:
            return None
        k, rest = scaled
        G, v, left = np.zeros((n, n)), np.zeros(n), list(range(n))
        while left:
            p = max(left, key=lambda i: rest[i][i][0])  # the first of the largest
            pivot = rest[p][p][0]
            if not pivot > 4.0 * n * U:
                break
            left.remove(p)
            column = [(i, rest[i][p]) for i in left if rest[i][p][0] != 0.0]
            L = [(i, _over(entry, rest[p][p])) for i, entry in column]
            for i, entry in column:
                row = rest[i]
                for j, share in L:
                    row[j] = _less(row[j], entry, share)
            G[p, p], v[p] = 1.0, math.ldexp(pivot, 2 * k[p])
            for i, share in L:
                G[i, p] = math.ldexp(share[0], k[i] - k[p])
    except OverflowError:
        return None
    over = any(abs(rest[i][j][0]) > 4.0 * n * n * U for i in left for j in left)
    return None if over else (G, v)


def _scaled(rows: list[list[float]], asymmetry: float) -> tuple[list[int], list[list[Number]]] | None:
    """The exponent of each state's unit, and the symmetric matrix in these units; None if it is no covariance."""
    n = len(rows)
    if any(not rows[i][i] >= 0.0 for i in range(n)):
        return None
    k = [(math.frexp(rows[i][i])[1] + 1) // 2 for i in range(n)]
    A = [[math.ldexp(math.ldexp(rows[i][j], -k[i]), -k[j]) for j in range(n)] for i in range(n)]
    size = [math.sqrt(A[i][i]) for i in range(n)]
    rest = [[(0.0, 0.0)] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            stray = (rows[i][j] != 0.0 or rows[j][i] != 0.0) and not (rows[i][i] > 0.0 and rows[j][j] > 0.0)
            value = 0.5 * (A[i][j] + A[j][i])
            if stray or abs(A[i][j] - A[j][i]) > asymmetry * size[i] * size[j] or not abs(value) < 1.0:
                return None
            rest[i][j] = rest[j][i] = (value, 0.0)
    return k, rest


def _less(a: Number, b: Number, c: Number) -> Number:
    """a - b c."""
    p = b[0] * c[0]
    t = _SPLITTER * b[0]
    b1 = t - (t - b[0])
    t = _SPLITTER * c[0]
    c1 = t - (t - c[0])
    b2, c2 = b[0] - b1, c[0] - c1
    lo = (((b1 * c1 - p) + b1 * c2 + b2 * c1) + b2 * c2) + (b[0] * c[1] + b[1] * c[0])
    product = p + lo
    s = a[0] - product
    t = s - a[0]
    rest = ((a[0] - (s - t)) + (-product - t)) + (a[1] - (lo - (product - p)))
    difference = s + rest
    return difference, rest - (difference - s)


def _over(a: Number, b: Number) -> Number:
    """a / b."""
    q = a[0] / b[0]
    rest = _less(a, b, (q, 0.0))[0] / b[0]
    quotient = q + rest
    return quotient, rest - (quotient - q)
