"""Differences of float64 results from references of twice the digits, on whole stacks of matrices at once.

A reference is a pair of floats, high + low (Dekker 1971). Only the difference needs so many digits: it is what
would be lost. Once it is there, whitening it in float64 costs a relative error of u cond(P), which is far below
the one digit that counts.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SPLIT = 2.0**27 + 1.0


def exact_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b as a rounded sum and what rounding left out (Knuth)."""
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


def exact_product(a: Array, b: Array) -> tuple[Array, Array]:
    """a b as a rounded product and what rounding left out (Veltkamp, Dekker); no FMA is relied on."""
    p = a * b
    a_high, b_high = _SPLIT * a, _SPLIT * b
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def factor_difference(U: Array, D: Array, high: Array, low: Array) -> Array:
    """U diag(D) U' - (high + low) for stacks (..., n, n): right to about 1e-30 of the matrix."""
    s, rest = -high, -low
    for k in range(D.shape[-1]):
        w, w_rest = exact_product(U[..., :, k], D[..., None, k])
        column = U[..., None, :, k]
        term, term_rest = exact_product(*np.broadcast_arrays(w[..., :, None], column))
        s, left = exact_sum(s, term)
        rest = rest + (left + (term_rest + w_rest[..., :, None] * column))
    return np.asarray(s + rest)


def difference(values: Array, high: Array, low: Array) -> Array:
    """values - (high + low)."""
    s, rest = exact_sum(values, -high)
    return np.asarray(s + (rest - low))


def whitened(P: Array, mean_error: Array, cov_error: Array) -> tuple[Array, Array]:
    """ex and eP of stacks: ||L^-1 dx|| and ||L^-1 dP L^-T||_F with P = L L'."""
    L = np.linalg.cholesky(P)
    ex = np.linalg.solve(L, mean_error[..., None])[..., 0]
    half = np.linalg.solve(L, cov_error)
    whole = np.linalg.solve(L, half.swapaxes(-1, -2))
    return np.linalg.norm(ex, axis=-1), np.linalg.norm(whole, axis=(-2, -1))
