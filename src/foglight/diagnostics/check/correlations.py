"""Correlations of normalised innovations, over time and between components, with their distribution if the model is
right.

A correlation is r = Σ a b/√(Σ a² Σ b²) over n products. No means are subtracted, since they are known to be 0. If a and
b are independent, and one of them is normal with an unknown variance, r √(n-1)/√(1-r²) is Student's t with n - 1
degrees of freedom, exactly and for any n (Fisher 1915). So it is between components. At a lag of one component most
numbers are in two products, and |r| is then a little smaller: the test is on the safe side.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.diagnostics.check.innovations import Innovations
from foglight.diagnostics.chi_square import cdf

ENOUGH = 8  # products from which a correlation is tested
_LAGS = 20
_CROSS = 5  # largest lag in rows between sensors
_PER_LAG = 60  # products for each lag of a portmanteau test, at least
_LONGEST = 2000  # largest lag of a correlation time


class Correlations(NamedTuple):
    """Sample correlations of a pair of components by lag, each from `counts` products.

    second: the component that is `lag` reports (or rows) later.
    """

    first: int
    second: int
    lags: NDArray[np.int64]
    value: Floats
    counts: NDArray[np.int64]

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Which lags have enough products for a test."""
        return self.counts >= ENOUGH

    @property
    def z(self) -> Floats:
        """The correlations as standard normal numbers, N(0, 1) if the components are independent; 0 if not tested.

        Of Student's t with ν degrees of freedom, (8ν + 1)/(8ν + 3) √(ν log(1 + t²/ν)) is normal (Wallace 1959)."""
        dof = np.maximum(self.counts - 1.0, 1.0)
        with np.errstate(divide="ignore"):
            size = np.sqrt(-dof * np.log1p(-(self.value**2)))
        return np.where(self.tested, np.sign(self.value) * size * _normal_of(dof), 0.0)

    def bound(self, z: float) -> Floats:
        """The correlations whose normal number is z; 1 if not tested."""
        dof = np.maximum(self.counts - 1.0, 1.0)
        return np.where(self.tested, np.sqrt(-np.expm1(-((z / _normal_of(dof)) ** 2) / dof)), 1.0)


def _normal_of(dof: Floats) -> Floats:
    return (8.0 * dof + 1.0) / (8.0 * dof + 3.0)


def autocorrelations(found: Innovations) -> list[Correlations]:
    """The autocorrelations of each component, within tracks; lags are counted in its own reports."""
    result = []
    for i in range(found.value.shape[1]):
        rows = np.flatnonzero(found.used[:, i])
        value, track = found.value[rows, i], found.track[rows]
        lags = np.arange(1, min(_LAGS, len(value) // 4) + 1)
        values, counts = np.zeros(len(lags)), np.zeros(len(lags), np.int64)
        for k, lag in enumerate(lags):
            first, second = value[:-lag], value[lag:]
            if track[0] != track[-1]:
                same = track[:-lag] == track[lag:]
                first, second = first[same], second[same]
            counts[k], values[k] = len(first), correlation(first, second)
        result.append(Correlations(i, i, lags, values, counts))
    return result


def cross_correlations(found: Innovations) -> list[Correlations]:
    """The correlations of any two components in the same row, and of two sensors some rows apart, within tracks."""
    sensor = np.repeat(np.arange(len(found.sizes)), found.sizes)
    pairs = [(i, j) for i in range(len(sensor)) for j in range(i + 1, len(sensor))]
    apart = _CROSS if len(found.sizes) > 1 and len(found.value) > 4 * _CROSS else 0
    by_lag = _by_lag(found, apart) if pairs else []
    result = []
    for i, j in pairs:
        most = apart if sensor[i] != sensor[j] else 0
        lags = np.arange(-most, most + 1)
        cells = [(abs(lag), *((i, j) if lag >= 0 else (j, i))) for lag in lags]
        values = np.array([by_lag[lag][0][first, second] for lag, first, second in cells])
        counts = np.array([by_lag[lag][1][first, second] for lag, first, second in cells], np.int64)
        result.append(Correlations(i, j, lags, values, counts))
    return result


def _by_lag(found: Innovations, most: int) -> list[tuple[Floats, Floats]]:
    """The correlations (M, M) of each component with each other one 0, 1, … rows later, and their counts (M, M)."""
    N, one_track = len(found.value), bool(found.track[0] == found.track[-1])
    used, filled = found.used.astype(float), np.where(found.used, found.value, 0.0)
    squares, by_lag = filled * filled, []
    for lag in range(most + 1):
        a, a_squares, a_used = filled[: N - lag], squares[: N - lag], used[: N - lag]
        if not one_track:
            same = (found.track[: N - lag] == found.track[lag:])[:, None]
            a, a_squares, a_used = a * same, a_squares * same, a_used * same
        size = np.sqrt(a_squares.T @ used[lag:]) * np.sqrt(a_used.T @ squares[lag:])
        by_lag.append((_ratio(a.T @ filled[lag:], size), a_used.T @ used[lag:]))
    return by_lag


def correlation(a: Floats, b: Floats) -> float:
    """Σ a b/√(Σ a² Σ b²), between -1 and 1; 0 if either is 0 throughout, or its square overflows."""
    return float(_ratio(a @ b, np.sqrt(a @ a) * np.sqrt(b @ b)))


def _ratio(product: Floats, size: Floats) -> Floats:
    sound = (size > 0.0) & np.isfinite(size)
    return np.where(sound, np.clip(product / np.where(sound, size, 1.0), -1.0, 1.0), 0.0)


def portmanteau(found: Correlations) -> float:
    """P(T >= Σ z²) over the first L lags of an autocorrelation, all lags together (after Box & Pierce 1970).

    The lags are uncorrelated, but not independent: the mean of z_k z_l z_{k+l} is √s_kl, s_kl = 4 n_{k+l}/(n_k n_l)
    and n the numbers of products. To first order in 1/n, T has the mean L and
      variance        2L + Σ_{k≠l} s_kl
      third cumulant  8L + 12 Σ_{k≠l} s_kl + 12 Σ_{k+l<=L} s_kl + 6 Σ_{2k<=L} s_kk
    T is approximated by a multiple of χ² plus a constant with these three. Lags up to L are used if there are at least
    _PER_LAG products for each of them; with more lags, higher orders matter.
    """
    few = found.counts < _PER_LAG * found.lags
    most = int(np.argmax(few)) if few.any() else len(found.lags)
    if not most:
        return 1.0
    lags, n = found.lags[:most], found.counts[:most].astype(float)
    sums = lags[:, None] + lags
    # Beyond the largest lag, its number of products is an upper bound.
    s = 4.0 * found.counts[np.minimum(sums, len(found.counts)) - 1] / np.outer(n, n)
    apart, within = float(s.sum() - np.trace(s)), sums <= most
    doubled = float(np.trace(np.where(within, s, 0.0)))
    variance = 2.0 * most + apart
    third = 8.0 * most + 12.0 * apart + 12.0 * float(s[within].sum()) + 6.0 * doubled
    scale = third / (4.0 * variance)
    dof = variance / (2.0 * scale * scale)
    total = float(np.sum(found.z[:most] ** 2))
    return float(1.0 - cdf(dof, max(total - (most - scale * dof), 0.0) / scale))


def correlation_time(value: Floats, track: NDArray[np.int64]) -> float:
    """The integrated autocorrelation time τ = 1 + 2 Σ ρ >= 1 of a series of mean 0, one track after another.

    Their sum has τ times the variance that it would have if they were independent. ρ is summed while pairs of it stay
    positive (Geyer 1992, §3.3).
    """
    n = len(value)
    power = float(np.mean(value * value))
    if power <= 0.0:
        return 1.0
    rho = [1.0]
    for lag in range(1, min(_LONGEST, n // 2)):
        products = value[lag:] * value[:-lag]
        if track[0] != track[-1]:
            products = products[track[lag:] == track[:-lag]]
        if not len(products):
            break
        rho.append(float(products.sum()) / n / power)
        if len(rho) % 2 == 0 and rho[-1] + rho[-2] <= 0.0:
            del rho[-2:]
            break
    return max(1.0, 2.0 * sum(rho) - 1.0) if rho else 1.0
