"""The discretisation of a linear differential equation by one matrix exponential, to 40 digits."""

from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray


def van_loan(A: NDArray[Any], W: NDArray[Any], T: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """e^(A T) and Q = ∫ e^(A s) W e^(Aᵀ s) ds over T, from one exponential of a block matrix (Van Loan 1978)."""
    n = len(A)
    with mpmath.workdps(40):
        block = mpmath.matrix(np.block([[-A, W], [np.zeros((n, n)), A.T]]).tolist()) * mpmath.mpf(T)
        found = mpmath.expm(block)
        Phi = found[n:, n:].T
        Q = Phi * found[:n, n:]
    return np.array(Phi.tolist(), dtype=float), np.array(Q.tolist(), dtype=float)
