"""Whether a noise that a model function returned is a covariance, as far as its factor does not show it.

A factorisation reads one triangle. That the other one is equal is proved on the graph where it can be, at no cost; else
it is a condition of the step, which then refuses the row like any other matrix that is not a covariance.
"""

from typing import Any

import numpy as np

from foglight.equations.gaussian import Factored
from foglight.model.covariance import ASYMMETRY
from foglight.trace.algebra import Algebra
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import absolute, known_zero, negated, select, sqrt, total
from foglight.trace.symbol import Symbol


def asymmetric(A: Any, used: list[Any] | None = None) -> Any:
    """Whether A (n, n) is not symmetric, beyond rounding: |A_ij - A_ji| > 1e-10 √(A_ii A_jj), as for a constant one.

    used: the components that count. A condition of the step, or False where the graph proves that A is symmetric.
    """
    bad: Any = False
    if isinstance(A, ArraySymbol):
        sizes = sqrt(A.diagonal())
        near = absolute(A - A.T) <= ASYMMETRY * np.outer(sizes, sizes)
        return total(select(near, 0.0, 1.0).ravel()) > 0.0
    algebra = Algebra()
    for i, j in zip(*np.triu_indices(len(A), 1), strict=True):
        if _equal(algebra, A[i, j], A[j, i]):
            continue
        # With <=, so that a NaN in the triangle that is not read is a difference, too.
        apart = negated(absolute(A[i, j] - A[j, i]) <= ASYMMETRY * (sqrt(A[i, i]) * sqrt(A[j, j])))
        bad = bad | (apart if used is None else apart & used[i] & used[j])
    return bad


def negative(noise: Factored) -> Any:
    """Whether a variance of G diag(v) Gᵀ is negative and the diagonal of the full matrix does not show it: a row of G
    mixes it with others."""
    bad: Any = False
    for k, v in enumerate(noise.variances):
        alone = all(sum(not known_zero(g) for g in row) == 1 for row in noise.G if not known_zero(row[k]))
        if not alone:
            bad = bad | (v < 0.0)
    return bad


def _equal(algebra: Algebra, a: Any, b: Any) -> bool:
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        return algebra.equal(a, b)
    return bool(a == b)
