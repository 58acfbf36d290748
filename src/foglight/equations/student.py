"""Innovations with a Student-t distribution: how much a reading counts, and its log-likelihood.

If the innovation e of m components has a t distribution with ν degrees of freedom and scale S, the mean moves along the
score of its density (Masreliez 1975, eq. 8):

    x⁺ = x - P Hᵀ ∂ log p(e)/∂e = x + w K e,   w = (ν + m)/(ν + NIS)

w is the weight of an M-estimate with t errors (Lange, Little & Taylor 1989, eq. 2). The pull w e falls with the
distance beyond NIS = ν: it redescends. w is at most 1 here: no reading counts more than with Gaussian noise.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import UpdateInfo
from foglight.equations.robust import by_count, count_of
from foglight.trace.ops import any_of, maximum, select


def bounded(R: NDArray[Any], info: UpdateInfo, used: list[Any], dof: float) -> NDArray[Any]:
    """The noise R + (1/w - 1) S that makes the gain w K, where NIS > m; else R.

    A reading that an unknown direction absorbs, in part or whole, keeps its noise R.
    """
    more = _excess(info, used, dof)
    result: NDArray[Any] = select(more > 0.0, R + more * info.S, R)
    return result


def loglik(plain: UpdateInfo, held: UpdateInfo, used: list[Any], dof: float) -> Any:
    """log t(e; ν, S), the log-density of the innovation, from the update whose noise is that of `bounded`, `held`.

    The Gaussian log N(e; 0, S/w) has w NIS and -m log w in place of the t distribution's tail:

        log t = log N + ½ (w NIS - m log w) - ½ (ν + m) log(1 + NIS/ν) + c(ν, m)

    in which no term is larger than the logarithm of the NIS.
    """
    absorbed = any_of(plain.absorbed)
    m = count_of(plain, used)
    nis = select(absorbed, 0.0, plain.nis)
    inverse = 1.0 + _excess(plain, used, dof)
    tail = (dof + m) * np.log1p(nis * (1.0 / dof))
    constants = [constant(dof, k) for k in range(len(used) + 1)]
    more = 0.5 * (nis / inverse + m * np.log(inverse) - tail) + by_count(constants, m, 0)
    return held.loglik + select(absorbed, 0.0, more)


def _excess(info: UpdateInfo, used: list[Any], dof: float) -> Any:
    """1/w - 1 = (NIS - m)/(ν + m), at least 0."""
    m = count_of(info, used)
    share = by_count([1.0 / (dof + k) for k in range(len(used) + 1)], m, 0)
    more = maximum(0.0, (info.nis - m) * share)
    return select(any_of(info.absorbed), 0.0, more)


def constant(dof: float, m: int) -> float:
    """c(ν, m) = log Γ((ν + m)/2) - log Γ(ν/2) - m/2 log(ν/2), which is 0 in the limit of ν.

    With Stirling's formula for log Γ all large terms cancel: with a = ν/2 and b = (ν + m)/2,

        c = s(b) - s(a) + (b - ½) log(b/a) - m/2,   s its remainder
    """
    half = 0.5 * dof
    return (
        _remainder(half + 0.5 * m) - _remainder(half) + (half + 0.5 * m - 0.5) * math.log1p(m / dof) - 0.5 * m
    )


def _remainder(z: float) -> float:
    """log Γ(z) - (z - ½) log z + z - ½ log 2π; from 10 on by its series (Abramowitz & Stegun 1964, eq. 6.1.41)."""
    if z < 10.0:
        return math.lgamma(z) - (z - 0.5) * math.log(z) + z - 0.5 * math.log(2.0 * math.pi)
    series = 0.0
    for term in (1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0):
        series = series / (z * z) + term
    return series / z
