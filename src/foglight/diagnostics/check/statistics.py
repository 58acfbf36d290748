"""The statistics of normalised innovations, each with its distribution if the model is right.

Every function takes `Innovations`: ε of all rows, independent N(0, 1), truncated by gates.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.correlations import correlation_time
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.chi_square import quantile, sum_bounds, two_sided

BLOCKS = 10
COVERED = (0.5, 0.9, 0.95)
STUCK = 5  # equal readings in a row, at least, of a sensor that seems stuck
_CHANCE = 1e-6  # of so long a run


class Mean(NamedTuple):
    """A mean square per degree of freedom, and the bounds that it leaves with probability `level`."""

    value: float
    low: float
    high: float
    dof: int

    @property
    def inside(self) -> bool:
        """Whether the mean is within its bounds."""
        return self.low <= self.value <= self.high


class Change(NamedTuple):
    """A CUSUM: sup |Σ_{i<=k} ε_i|/√(N τ) ~ sup |W|, W a Brownian motion on [0, 1]; its tail is at most 4 Φ(-x)
    (reflection, both sides).

    τ is the correlation time of ε less its means before and after the change: correlated innovations sum up without a
    change of their mean.  row: the row of the log where the mean changes most.  shift: the mean from there on.
    error: its standard error, τ included.
    """

    component: int
    statistic: float
    p: float
    row: int
    shift: float
    error: float


def nis_mean(found: Innovations, level: float, sensors: list[int], rows: slice = slice(None)) -> Mean:
    """The NIS of these sensors summed over rows, per component: χ² with Σ m degrees of freedom (Bar-Shalom,
    Li & Kirubarajan 2001, §5.4.2); with a gate a sum of truncated χ², of which two moments are matched."""
    m = found.counts[rows][:, sensors]
    square, spread, common, _ = (np.asarray(v)[rows][:, sensors] for v in found.expected)
    dof = int(m.sum())
    if not dof:
        return Mean(np.nan, np.nan, np.nan, 0)
    low, high = sum_bounds(float((m * square).sum()), float((m * (spread + (m - 1) * common)).sum()), level)
    return Mean(float(np.nansum(found.nis[rows][:, sensors])) / dof, low / dof, high / dof, dof)


def square_mean(found: Innovations, component: int, level: float) -> Mean:
    """The mean square of one component."""
    value = found.value[:, component]
    used = ~np.isnan(value)
    sensor = int(np.searchsorted(np.cumsum(found.sizes), component, "right"))
    square, spread = (np.asarray(v)[used, sensor] for v in found.expected[:2])
    dof = int(used.sum())
    if not dof:
        return Mean(np.nan, np.nan, np.nan, 0)
    low, high = sum_bounds(float(square.sum()), float(spread.sum()), level)
    return Mean(float(np.nansum(value**2)) / dof, low / dof, high / dof, dof)


def means(found: Innovations) -> tuple[Floats, Floats]:
    """The mean of each component and its standard error √(τ Σ E[ε²])/N, τ the correlation time of ε less its mean."""
    square = found.by_component(np.asarray(found.expected.square))
    count = found.used.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(found.value, axis=0) / count
        error = np.sqrt(np.sum(np.where(found.used, square, 0.0), axis=0)) / count
    for i in np.flatnonzero(count):
        rows = found.used[:, i]
        error[i] *= np.sqrt(correlation_time(found.value[rows, i] - mean[i], found.track[rows]))
    return mean, error


def robust_variance(value: Floats, slope: Floats, track: NDArray[np.int64]) -> float:
    """How many times larger the variance of an estimated offset is than 1/Σ s² says, at least 1; its root multiplies
    the standard error.

    value (N,): ε of one component.  slope (N,): s, its derivative by the offset.  With r = s (ε - s b), b the least
    squares estimate, and τ the correlation time of r, the ratio is τ Σ r²/Σ s² (White 1980; Newey & West 1987). It is 1
    for independent N(0, 1), τ if they are correlated, and large if few readings have all the weight.
    """
    information = float(slope @ slope)
    if information <= 0.0:
        return 1.0
    rest = slope * (value - slope * (float(slope @ value) / information))
    return max(1.0, correlation_time(rest, track) * float(rest @ rest) / information)


def changes(found: Innovations) -> list[Change]:
    """The CUSUM of each component."""
    result = []
    square = found.by_component(np.asarray(found.expected.square))
    for i in range(found.value.shape[1]):
        rows = np.flatnonzero(found.used[:, i])
        if len(rows) < 2:
            continue
        value = found.value[rows, i]
        sums = np.cumsum(value)
        count = np.arange(1, len(rows))
        bridge = np.abs(sums[:-1] - count / len(rows) * sums[-1]) / np.sqrt(count * (1.0 - count / len(rows)))
        at = int(np.argmax(bridge)) + 1
        shift = float(value[at:].mean())
        centred = np.concatenate([value[:at] - value[:at].mean(), value[at:] - shift])
        time = correlation_time(centred, found.track[rows])
        statistic = float(np.abs(sums).max() / np.sqrt(time * square[rows, i].sum()))
        p = min(1.0, float(2.0 * two_sided(statistic)))
        error = float(np.sqrt(time * square[rows[at:], i].mean() / (len(rows) - at)))
        result.append(Change(i, statistic, p, int(rows[at]), shift, error))
    return result


def coverage(found: Innovations, sensor: int) -> Floats:
    """The share of a sensor's readings within the regions that hold 50, 90 and 95 % of them if the model is right."""
    rows = found.counts[:, sensor] > 0
    m, limit, nis = found.counts[rows, sensor], found.limit[rows, sensor], found.nis[rows, sensor]
    if not len(m):
        return np.full(len(COVERED), np.nan)
    return np.array([float(np.mean(nis <= bound_by_row(m, share, limit))) for share in COVERED])


def share_bounds(share: float, count: int, level: float) -> tuple[float, float]:
    """The interval that the share of `count` readings leaves with probability `level` at most: binomial, half of
    `level` on either side."""
    from scipy.special import bdtrik

    least, most = np.ceil(np.nan_to_num(bdtrik([level / 2.0, 1.0 - level / 2.0], count, share)))
    return float(least) / count, float(most) / count


def bound_by_row(m: NDArray[np.int64], share: float, limit: Floats) -> Floats:
    """The quantile of each row's NIS, by its number of components m (N,) and its limit (N,)."""
    bound = np.empty(len(m))
    for k in range(int(m.max(initial=0)) + 1):
        rows = m == k
        if rows.any():
            limits = limit[rows]
            bound[rows] = quantile(k, share, limits[0] if (limits == limits[0]).all() else limits)
    return bound


def tails(found: Innovations, component: int) -> tuple[float, float, float]:
    """Skewness, excess kurtosis, and z of the kurtosis: γ₂ √(N/24) ~ N(0, 1) for normal ε (Jarque & Bera 1987)."""
    value = found.value[found.used[:, component], component]
    if len(value) < 8:
        return np.nan, np.nan, 0.0
    off = value - value.mean()
    spread = float(np.mean(off**2))
    if spread <= 0.0:
        return np.nan, np.nan, 0.0
    kurtosis = float(np.mean(off**4)) / spread**2 - 3.0
    return float(np.mean(off**3)) / spread**1.5, kurtosis, kurtosis * float(np.sqrt(len(value) / 24.0))


def blocks(found: Innovations, sensor: int, level: float) -> list[tuple[int, int, Mean]]:
    """The first row, the row after the last, and the mean NIS of each of ten parts of the log."""
    ends = np.linspace(0, len(found.value), BLOCKS + 1).astype(int)
    return [
        (int(a), int(b), nis_mean(found, level, [sensor], slice(int(a), int(b)))) for a, b in pairwise(ends)
    ]


def beyond_chance(length: int, often: float, count: int) -> bool:
    """Whether a run of equal readings, among `count` of them, is so long that the sensor seems stuck, given how `often`
    a reading equals the one before it elsewhere."""
    chance = count * max(often, 1.0 / max(count, 1)) ** (length - 1)
    return length >= STUCK and chance < _CHANCE


def longest_run(z: Floats) -> tuple[int, int, float]:
    """The longest run of equal readings: its length, the index of its first reading, and how often a reading equals
    the one before it elsewhere. z (N,): the readings of a component, without missing ones."""
    if len(z) < 2:
        return len(z), 0, 0.0
    same = z[1:] == z[:-1]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(int)))
    if not len(edges):
        return 1, 0, 0.0
    starts, ends = edges[::2], edges[1::2]
    k = int(np.argmax(ends - starts))
    length = int(ends[k] - starts[k])
    rest = len(same) - length
    return length + 1, int(starts[k]), float((same.sum() - length) / rest) if rest else 0.0
