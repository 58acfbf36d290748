"""The seasonal naive forecast: each reading will be that of one season before. What any model should beat.

    ẑ_t+h = z_t+h-m⌈h/m⌉,   σ_h = σ √(⌊(h - 1)/m⌋ + 1),   σ² = mean (z_s - z_s-m)², s <= t

Hyndman & Athanasopoulos 2021, §5.2 and table 5.2. With m = 1 it is the last reading.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats


class Naive(NamedTuple):
    """Means and standard deviations (N, H, M), and the mean |z_s - z_s-m| until then, scale (N, 1, M), which MASE
    divides by; NaN where no two readings are one season apart."""

    mean: Floats
    std: Floats
    scale: Floats


def seasonal_naive(
    z: Floats, rows: NDArray[np.int64], steps: int, season: int, angles: NDArray[np.bool_]
) -> Naive:
    """Forecasts from these rows (N,) of one track with readings z (T, M); angles (M,): which of them wrap around.

    A reading that is missing is that of the last season which has one.
    """
    last = z.copy()
    for t in range(season, len(z)):
        last[t] = np.where(np.isnan(last[t]), last[t - season], last[t])
    change = np.full(z.shape, np.nan)
    change[season:] = z[season:] - z[:-season]
    change[:, angles] -= 2.0 * np.pi * np.round(change[:, angles] / (2.0 * np.pi))
    known = ~np.isnan(change)
    count = np.cumsum(known, axis=0)
    count = np.where(count > 0, count, np.nan)
    square = np.cumsum(np.where(known, change**2, 0.0), axis=0) / count
    absolute = np.cumsum(np.where(known, np.abs(change), 0.0), axis=0) / count
    h = np.arange(1, steps + 1)
    seasons = (h - 1) // season + 1
    at = rows[:, None] + h - season * seasons
    std = np.sqrt(square[rows])[:, None] * np.sqrt(seasons)[:, None]
    mean = np.where((at >= 0)[:, :, None], last[np.maximum(at, 0)], np.nan)
    return Naive(mean, std, absolute[rows][:, None])
