"""Stationary vector autoregressions: the smooth map onto their coefficients, and their distribution in the first row.

    y_k = A_1 y_k-1 + … + A_p y_k-p + N ε_k,   ε ~ N(0, I)

Partial autocorrelation matrices P_1 … P_p with singular values below 1 make all stationary autoregressions of order p,
each once; and any square matrix W makes such a P, as B⁻¹ W with B Bᵀ = I + W Wᵀ (Ansley & Kohn 1986). The recursion
from P to the coefficients is that of Whittle (1963), for a series x with Cov x = I, of which y is M x: predictions of
ever more values, forward and backward. Their errors are known with them, and so is the covariance of successive values.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from foglight.core.types import Array, Floats
from foglight.trace.ops import product, sqrt


class Predictions(NamedTuple):
    """The best predictions of x from the s values after and before it, for one s.

    forward, backward: their coefficients, s of (m, m) each.  error, past_error: roots of the covariances of their
    errors, (m, m).  inverse, past_inverse: the inverses of these roots.
    """

    forward: list[Array]
    backward: list[Array]
    error: Array
    inverse: Array
    past_error: Array
    past_inverse: Array


class Autoregression(NamedTuple):
    """coefficients: A_1 … A_p, (m, m) each.  scale: M of y = M x.  predictions: of x, for s = 0 … p."""

    coefficients: list[Array]
    scale: Array
    predictions: list[Predictions]


def autoregression(moves: Sequence[Array], noise: Array, inverse_noise: Array) -> Autoregression:
    """The autoregression that matrices W_1 … W_p (m, m) make, symbols or floats. noise: N, and its inverse."""
    found = [_from_nothing(len(noise))]
    for W in moves:
        found.append(_from_one_more(found[-1], W))
    M, inverse = product(noise, found[-1].inverse), product(found[-1].error, inverse_noise)
    return Autoregression([product(product(M, phi), inverse) for phi in found[-1].forward], M, found)


def window(process: Autoregression, size: int) -> Array:
    """A root R (m size, m size) of the stationary covariance R Rᵀ of (y_k, …, y_k-size+1)."""
    m, p = len(process.scale), len(process.coefficients)
    root = np.full((m * size, m * size), 0.0, dtype=object)
    blocks = [slice(m * i, m * (i + 1)) for i in range(size)]
    for i in reversed(range(size)):
        known = process.predictions[min(p, size - 1 - i)]
        root[blocks[i], blocks[i]] = known.error
        for phi, older in zip(known.forward, blocks[i + 1 :], strict=False):
            root[blocks[i]] = root[blocks[i]] + product(phi, root[older])
    for block in blocks:
        root[block] = product(process.scale, root[block])
    return root


def moves_of(coefficients: Sequence[Floats], cov: Floats) -> list[Floats] | None:
    """W_1 … W_p of an autoregression with these coefficients; None if it is not stationary. cov (m, m): of its noise,
    positive definite."""
    from scipy.linalg import solve_discrete_lyapunov

    m, p = len(cov), len(coefficients)
    F, Q = np.eye(m * p, k=-m), np.zeros((m * p, m * p))
    F[:m], Q[:m, :m] = np.hstack(coefficients), cov
    if not np.abs(np.linalg.eigvals(F)).max() < 1.0:
        return None
    P = solve_discrete_lyapunov(F, Q)  # the covariances of p successive values of y
    M = np.linalg.cholesky(P[:m, :m])
    inverse = np.linalg.inv(M)
    lagged = [inverse @ P[:m, m * h : m * (h + 1)] @ inverse.T for h in range(p)]  # Cov(x_k, x_k-h)
    pairs = zip(coefficients, lagged[::-1], strict=True)
    lagged.append(np.sum([inverse @ A @ M @ before for A, before in pairs], axis=0))
    found: list[Floats] = []
    known = _from_nothing(m)
    for s in range(p):
        explained = [phi @ lagged[s - i] for i, phi in enumerate(known.forward)]
        partial = (
            known.inverse
            @ (lagged[s + 1] - np.sum([np.zeros((m, m)), *explained], axis=0))
            @ known.past_inverse.T
        )
        rest = (np.eye(m) - partial @ partial.T).astype(float)  # B⁻¹ B⁻ᵀ
        found.append(np.linalg.solve(np.linalg.cholesky(rest), partial.astype(float)))
        known = _from_one_more(known, found[-1])
    return found


def inverse_of(L: Array) -> Array:
    """The inverse of a lower triangular matrix, symbols or floats."""
    m = len(L)
    found = np.full((m, m), 0.0, dtype=object)
    for i in range(m):
        row = np.eye(m)[i].astype(object)
        for j in range(i):
            row = row - L[i, j] * found[j]
        found[i] = row * (1.0 / L[i, i])
    return found


def _from_nothing(m: int) -> Predictions:
    one = np.eye(m, dtype=object)
    return Predictions([], [], one, one, one, one)


def _from_one_more(known: Predictions, W: Array) -> Predictions:
    """The predictions from s + 1 values, by those from s. Ansley & Kohn 1986, §2."""
    one = np.eye(len(W), dtype=object)
    B, C = _root(one + product(W, W.T)), _root(one + product(W.T, W))
    B_inverse, C_inverse = inverse_of(B), inverse_of(C)
    P = product(B_inverse, W)
    last = product(product(known.error, P), known.past_inverse)
    first = product(product(known.past_error, P.T), known.inverse)
    return Predictions(
        forward=_corrected(known.forward, last, known.backward),
        backward=_corrected(known.backward, first, known.forward),
        error=product(known.error, B_inverse),  # I - P Pᵀ = B⁻¹ B⁻ᵀ
        inverse=product(B, known.inverse),
        past_error=product(known.past_error, C_inverse.T),  # I - Pᵀ P = C⁻ᵀ C⁻¹
        past_inverse=product(C.T, known.past_inverse),
    )


def _corrected(own: list[Array], last: Array, others: list[Array]) -> list[Array]:
    """The coefficients of s values, where one more has the coefficient `last`, and that one as the last."""
    return [*[a - product(last, b) for a, b in zip(own, reversed(others), strict=True)], last]


def _root(A: Array) -> Array:
    """The lower triangular root of a positive definite matrix, symbols or floats (Cholesky)."""
    m = len(A)
    L = np.full((m, m), 0.0, dtype=object)
    for j in range(m):
        L[j, j] = sqrt(A[j, j] - product(L[j, :j], L[j, :j]) if j else A[j, j])
        for i in range(j + 1, m):
            L[i, j] = (A[i, j] - product(L[i, :j], L[j, :j]) if j else A[i, j]) * (1.0 / L[j, j])
    return L
