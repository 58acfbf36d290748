"""χ² and χ² truncated by a gate: moments, quantiles and bounds of the squares of healthy innovations.

With a gate, a reading is used only if its NIS, χ² with m degrees of freedom, is at most the limit g. With F_m the
distribution function of χ²_m, the moments of the truncated χ² follow from E[q^j; q <= g] = E[q^j] F_{m+2j}(g):
  E[q | q <= g] = m F_{m+2}/F_m,  E[q² | q <= g] = m (m+2) F_{m+4}/F_m,  E[ε_i⁴] = 3 F_{m+4}/F_m.
Without a gate g = ∞ and every ratio is 1. Johnson, Kotz & Balakrishnan 1994, §18.3 and §18.8.
"""

from typing import Any, NamedTuple

import numpy as np

from foglight.core.types import ArrayLike, Floats
from foglight.inference.run import Run

WITHIN = 1.959963984540054  # standard deviations on either side of a Gaussian's mean hold 95 % of it


class Cut(NamedTuple):
    """Moments of one of m standard normal components, given that their squares sum to at most the limit.

    square: E[ε²].  spread: Var[ε²].  common: Cov[ε_i², ε_j²] of two of them, <= 0.  kept: P(sum <= limit).
    """

    square: Floats
    spread: Floats
    common: Floats
    kept: Floats


def cut(m: ArrayLike, limit: ArrayLike) -> Cut:
    """The moments for m components and this limit, broadcast to one shape; a limit of inf means no gate."""
    m, limit = np.broadcast_arrays(np.asarray(m, float), np.asarray(limit, float))
    none, two, four = cdf(m, limit), cdf(m + 2.0, limit), cdf(m + 4.0, limit)
    square, fourth = two / none, four / none
    return Cut(square, 3.0 * fourth - square**2, fourth - square**2, none)


def cdf(m: ArrayLike, q: ArrayLike) -> Floats:
    """P(χ²_m <= q)."""
    from scipy.special import gammainc

    return np.asarray(gammainc(0.5 * np.asarray(m, float), 0.5 * np.asarray(q, float)))


def quantile(m: ArrayLike, p: ArrayLike, limit: ArrayLike = np.inf) -> Floats:
    """The q with P(χ²_m <= q | χ²_m <= limit) = p."""
    from scipy.special import gammaincinv

    half = 0.5 * np.asarray(m, float)
    return np.asarray(2.0 * gammaincinv(half, np.asarray(p, float) * cdf(m, limit)))


def sum_bounds(mean: float, variance: float, level: float) -> tuple[float, float]:
    """The interval that a sum of many squares with this mean and variance leaves with probability `level`.

    Half of `level` is on either side. The sum is approximated by c χ²_ν with the same two moments:
    c = variance/(2 mean), ν = 2 mean²/variance (Satterthwaite 1946). Without a gate this is exact.
    """
    from scipy.special import gammainccinv, gammaincinv

    if mean <= 0.0 or variance <= 0.0:
        return 0.0, 0.0
    scale, half = variance / mean, mean * mean / variance
    return float(scale * gammaincinv(half, level / 2.0)), float(scale * gammainccinv(half, level / 2.0))


def two_sided(z: ArrayLike) -> Floats:
    """P(|N(0, 1)| >= |z|)."""
    from scipy.special import erfc

    return np.asarray(erfc(np.abs(np.asarray(z, float)) / np.sqrt(2.0)))


def critical(level: float) -> float:
    """The z with P(|N(0, 1)| >= z) = level."""
    from scipy.special import erfcinv

    return float(np.sqrt(2.0) * erfcinv(level))


def student(dof: float, level: float) -> float:
    """The t with P(|t_dof| >= t) = level."""
    from scipy.special import stdtrit

    return float(-stdtrit(dof, level / 2.0))


def discovery_rates(p: Floats) -> Floats:
    """The smallest false discovery rate at which each of these probabilities is reported (Benjamini & Hochberg 1995).

    That of the i-th smallest of m is the least of p_j m/j over all j >= i. SciPy's stats, which knows it too, takes a
    second to import.
    """
    order = np.argsort(p)
    rates = np.empty_like(p)
    scaled = p[order] * (len(p) / np.arange(1, len(p) + 1))
    rates[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.minimum(rates, 1.0)


def to_json(value: Any) -> Any:
    """A number for JSON: None in place of NaN and infinity."""
    number = float(value)
    return number if np.isfinite(number) else None


class Band(NamedTuple):
    """The mean NIS per component, its 95 % band if the model is right, and the number of components used."""

    mean: float
    low: float
    high: float
    components: int


def nis_band(run: "Run", rows: slice = slice(None)) -> Band:
    """The normalised innovation squared (NIS) of a run, summed and divided by the number of components used.

    If the model is right, the sum is χ² with as many degrees of freedom as components were used, whichever are
    missing (Bar-Shalom, Li & Kirubarajan 2001, §5.4.2); the band holds 95 % of such runs. rows: only these rows.
    """
    components = int(np.count_nonzero(~np.isnan(run.innovation[..., rows, :])))
    return band_of(float(np.nansum(run.nis[..., rows])), components)


def band_of(total: float, components: int) -> Band:
    """The band of the mean NIS, given its sum over this number of components."""
    from scipy.special import gammaincinv

    if not components:
        return Band(float("nan"), float("nan"), float("nan"), 0)
    low, high = (2.0 * float(gammaincinv(components / 2.0, tail)) / components for tail in (0.025, 0.975))
    return Band(total / components, low, high, components)
