"""Linear differential equations over a step, exactly: the matrix exponential and the noise that is gathered on the way.

Both are a series over a short time h, then doubled until the step is complete: Φ Φ, S + Φ S, and Q + Φ Q Φᵀ in factors.
With A of norm up to 1/2 over h in any scaling of the states, the truncated terms lie below the rounding.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.equations import ud
from foglight.equations.gaussian import Factored
from foglight.trace.ops import known_zero, product, unit

Array = NDArray[Any]
LARGEST = 0.5  # norm of A over the time of the series: the remainder of the series is below 2e-18 there
_TERMS = 14
NODES = 6  # of the Gauss-Legendre quadrature: its remainder is below 2e-16 there


class Flow(NamedTuple):
    """Of a time t: Φ = e^(A t), and S = ∫ e^(A s) ds from 0 to t."""

    Phi: Array
    S: Array


def flows(A: Array, h: Any, doublings: int) -> list[Flow]:
    """Those of h, 2 h, 4 h, …, 2^doublings h.  A (n, n): of a norm up to `LARGEST` over h.

    Higham 2008, §10.3 and §10.7.4. Doubled as a pair: S alone, by 2 S + A S S, loses its digits where A is stiff.
    """
    terms = [term / (k + 1) for k, term in enumerate(_powers(A, unit(len(A), A)))]
    S = h * _polynomial(terms, h)
    found = [Flow(unit(len(A), A) + product(A, S), S)]
    for _ in range(doublings):
        Phi, S = found[-1]
        found.append(Flow(product(Phi, Phi), S + product(Phi, S)))
    return found


def gathered_noise(A: Array, W: Factored, h: Any, doublings: int, nodes: int = NODES) -> Factored:
    """Q = ∫ e^(A s) W e^(Aᵀ s) ds from 0 to 2^doublings h: the integral of Van Loan 1978, in factors.

    W: the covariance of the noise per second.  nodes: of the quadrature over the first h; r are exact where A^r = 0.
    Its weights are positive and each doubling adds squares, so that Q is a sum of squares.
    """
    powers, quadrature = _powers(A, W.G), _quadrature(nodes)
    columns = np.hstack([_polynomial(powers, share * h) for share, _ in quadrature])
    variances = np.concatenate([weight * h * W.variances for _, weight in quadrature])
    if not doublings:
        return Factored(columns, variances)
    U, D = ud.combine(columns, variances)
    for Phi, _ in flows(A, h, doublings - 1):
        U, D = ud.combine(np.hstack([U, product(Phi, U)]), np.concatenate([D, D]))
    return Factored(U, D)


@cache
def _quadrature(nodes: int) -> list[tuple[float, float]]:
    """The nodes and weights of Gauss-Legendre on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return list(zip((0.5 + 0.5 * points).tolist(), (0.5 * weights).tolist(), strict=True))


def _powers(A: Array, B: Array) -> list[Array]:
    """B, A B, A² B / 2!, …: the terms of e^A B, up to the first that is known to be 0."""
    terms = [B]
    for k in range(1, _TERMS + 1):
        term = product(A, terms[-1]) / k
        if all(known_zero(v) for v in term.flat):
            break
        terms.append(term)
    return terms


def _polynomial(terms: Sequence[Array], t: Any) -> Array:
    """Σ terms_k t^k, by Horner's rule."""
    total = terms[-1]
    for term in reversed(terms[:-1]):
        total = term + t * total
    return total
