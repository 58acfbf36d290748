"""The parts that all updates share: missing components, correlated noise, and the likelihood."""

import functools
import math
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from foglight.equations.ud import SPLIT_WHOLE_ABOVE, split
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import (
    exponent,
    in_type_of,
    known_zero,
    limit,
    minimum,
    negated,
    positive,
    pow2,
    reciprocal,
    select,
    unit,
)
from foglight.trace.symbol import Symbol

LOG_2PI = math.log(2.0 * math.pi)
LOG_2 = math.log(2.0)
# In units of rounding: by how much an exact measurement may differ from an exactly known state.
CONTRADICTION = 1024.0
# In units of eps: if S - R is a smaller share of S, rounding moves the mean by more than a hundredth of a sigma.
SATURATION = 256.0


class Faults(NamedTuple):
    """The faults of an update, each a mask. The first two refuse the update; the others are only reported.

    indefinite: R is not a covariance. contradicted: a measurement without noise differs from a state known
    exactly. ill_conditioned: half or all of the digits of S are rounding; if all are, the component is left
    out. saturated: S - R is lost in the rounding of S, so that such measurements, however many, add nothing.
    """

    indefinite: Any
    contradicted: Any
    ill_conditioned: Any
    saturated: Any


def judge(
    eps: NDArray[Any],
    S: NDArray[Any],
    r: NDArray[Any],
    sizes: list[Any],
    spreads: list[Any],
    used: list[Any],
    n: int,
    indefinite: Any,
) -> Faults:
    """The faults of independent innovations eps (m,), with variances S (0 where only rounding is left) and noise r.

    sizes: the squares of the terms that eps is a difference of; spreads: of the terms that S - r is a sum of.
    """
    contradicted: Any = False
    ill: Any = False
    saturated: Any = False
    for e, s, r_j, size, spread, u in zip(eps, S, r, sizes, spreads, used, strict=True):
        unit = limit("eps", s)
        beyond = e * e > size * (CONTRADICTION * n * unit) ** 2
        if_used = [] if u is True else [u]
        contradicted = contradicted | _all([negated(positive(s)), beyond, *if_used])
        ill = ill | _all([s <= spread * unit, *if_used])
        saturated = saturated | _all([s - r_j < s * (SATURATION * unit), *if_used])
    return Faults(indefinite, contradicted, ill, saturated)


def _all(masks: list[Any]) -> Any:
    return functools.reduce(lambda a, b: a & b, masks)


def mask_noise(R: NDArray[Any], used: list[Any]) -> NDArray[Any]:
    """R with the identity's row and column for each missing component, so that it decouples exactly."""
    if all(u is True for u in used):
        return R
    I, given = unit(len(R), R), cast(Any, R)  # noqa: E741
    if isinstance(given, ArraySymbol) and len(R) > SPLIT_WHOLE_ABOVE:
        whole: NDArray[Any] = select(both_used(used, given), given, I)
        return whole
    masked = R.copy()
    for i in range(len(R)):
        for j in range(len(R)):
            masked[i, j] = select(used[i] & used[j], R[i, j], I[i, j])
    return masked


def both_used(used: list[Any], like: Any) -> Any:
    """Whether both components of each entry of a matrix (m, m) are used, as an array as `like` is one."""
    if isinstance(like, ArraySymbol):
        there = in_type_of(like, np.array([select(u, 1.0, 0.0) for u in used], object))
        return np.outer(there, there) > 0.0
    return np.array([[a & b for b in used] for a in used])


def mask_rows(rows: Any, used: list[Any]) -> Any:
    """rows (m,) or (m, k) with 0 for each missing component, selected before any arithmetic sees a NaN."""
    if all(u is True for u in used):
        return rows
    masked = rows.copy()
    if isinstance(rows, ArraySymbol) and rows.ndim == 2:
        for i, mask in enumerate(used):
            masked[i] = select(mask, rows[i], 0.0)
        return masked
    for index in np.ndindex(rows.shape):
        masked[index] = select(used[index[0]], rows[index], 0.0)
    return masked


def noise_factor(
    R: NDArray[Any], used: list[Any], like: Any = None
) -> tuple[NDArray[Any], NDArray[Any], Any]:
    """L, d with R = L diag(d) Lᵀ for the used components, and whether R is not a covariance.

    like: if it is an array as a whole, so is L where R is large and has few zeros.
    """
    return split(mask_noise(whole_noise(R, like), used), given=True)


def whole_noise(R: NDArray[Any], like: Any) -> NDArray[Any]:
    """R, as an array as a whole if `like` is one and R is large and has few zeros."""
    whole = isinstance(like, ArraySymbol) and len(R) > SPLIT_WHOLE_ABOVE and not isinstance(R, ArraySymbol)
    if not whole or 2 * sum(known_zero(v) for v in R.flat) > R.size:
        return R
    found: NDArray[Any] = in_type_of(like, R)
    return found


def likelihood(eps: NDArray[Any], S: NDArray[Any], used: list[Any]) -> tuple[Any, Any]:
    """NIS and log-likelihood of independent innovations eps (m,) ~ N(0, S), S (m,).

    NIS = Σ ε²/S ~ χ²(used components);  ll = -½ Σ (log 2π + log S) - ½ NIS. Bar-Shalom 2001, eq. 5.4.2-7
    and 11.3.1-3. A missing component has S = 1, ε = 0, and adds nothing. An innovation without variance is
    left out.
    """
    nis: Any = 0.0
    count: Any = 0.0
    for e, s, u in zip(eps, S, used, strict=True):
        nis = nis + e * e * reciprocal(s)
        count = count + select(positive(s) if u is True else u & positive(s), 1.0, 0.0)
    ll = -0.5 * (count * LOG_2PI + log_product([select(positive(s), s, 1.0) for s in S]) + nis)
    return nis, ll


def log_product(S: list[Any]) -> Any:
    """Σ log S from one logarithm: exponents are summed apart from mantissas, so nothing overflows and
    scaling an S by a power of two changes the exact integer only."""
    if len(S) == 1:
        return np.log(S[0])
    exponents: Any = 0.0
    mantissas: Any = 1.0
    for s in S:
        k = minimum(exponent(s), limit("maxexp", s) - 2.0) if isinstance(s, Symbol) else _exponent(s)
        exponents = exponents + k
        mantissas = mantissas * (s * pow2(-k))
    return exponents * LOG_2 + np.log(mantissas)


def _exponent(s: Any) -> Any:
    return np.float64(min(math.frexp(float(s))[1] - 1, 1022))
