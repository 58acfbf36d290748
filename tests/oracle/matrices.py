"""Linear algebra on NumPy object arrays of mpmath numbers: enough for Gaussians, at any precision.

Floats enter exactly, so a reference sees the same inputs as the float64 code under test.
"""

from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

Exact = NDArray[Any]


def exact(a: Any) -> Exact:
    """The same numbers as mpmath numbers, without rounding; strings are decimals of up to 60 digits."""
    a = np.asarray(a)
    out = np.empty(a.shape, dtype=object)
    with mp.workdps(max(mp.dps, 60)):
        for index, value in np.ndenumerate(a):
            out[index] = (
                value if isinstance(value, mpf) else mpf(value if isinstance(value, str) else float(value))
            )
    return out


def floats(a: Exact) -> NDArray[np.float64]:
    """Rounded to float64."""
    return np.array([float(v) for v in np.asarray(a).ravel()]).reshape(np.shape(a))


def identity(n: int) -> Exact:
    return exact(np.eye(n))


def cholesky(A: Exact) -> Exact:
    """Lower L with L L' = A. A pivot that is not positive is an error: a reference never repairs."""
    n = len(A)
    L = exact(np.zeros((n, n)))
    for j in range(n):
        pivot = A[j, j] - (L[j, :j] @ L[j, :j] if j else 0)
        if not pivot > 0:
            raise ValueError(f"the matrix is not positive definite: pivot {j} is {mp.nstr(pivot, 5)}")
        L[j, j] = mp.sqrt(pivot)
        for i in range(j + 1, n):
            L[i, j] = (A[i, j] - (L[i, :j] @ L[j, :j] if j else 0)) / L[j, j]
    return L


def forward(L: Exact, B: Exact) -> Exact:
    """L^-1 B for lower triangular L; B is a vector or a matrix."""
    X = np.array(B, dtype=object)
    for i in range(len(L)):
        if i:
            X[i] = X[i] - L[i, :i] @ X[:i]
        X[i] = X[i] / L[i, i]
    return X


def solve(A: Exact, B: Exact) -> Exact:
    """A^-1 B for a positive definite A."""
    L = cholesky(A)
    return backward(L, forward(L, B))


def backward(L: Exact, B: Exact) -> Exact:
    """L'^-1 B for lower triangular L."""
    X = np.array(B, dtype=object)
    n = len(L)
    for i in reversed(range(n)):
        if i + 1 < n:
            X[i] = X[i] - L[i + 1 :, i] @ X[i + 1 :]
        X[i] = X[i] / L[i, i]
    return X


def frobenius(A: Exact) -> float:
    return float(mp.sqrt(sum((v * v for v in np.asarray(A).ravel()), mpf(0))))
