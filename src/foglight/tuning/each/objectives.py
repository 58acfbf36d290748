"""The objectives of several series side by side, in the coordinates of `Objective`."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.inference.likelihoods import Likelihoods, Numbers
from foglight.tuning.objective import Points
from foglight.tuning.search_coordinates import SearchCoordinates

_NULL = 1e-12  # eigenvalues below this share of the largest one of the scaled information are rounding


class Objectives(SearchCoordinates):
    """log p(series; θ) of each series in η: log θ of a parameter that is bounded below by 0, else θ.

    series (K,): the numbers of the series; all arrays below are in their order.  least: {number of a series: {index of
    a parameter: its least value}} where that is above 0.
    """

    def __init__(
        self,
        likelihoods: Likelihoods,
        bounds: Array,
        series: Numbers,
        least: Mapping[int, Mapping[int, float]],
    ) -> None:
        self.likelihoods, self.series = likelihoods, series
        self.logs = bounds[:, 0] == 0.0
        self.low = np.tile(bounds[:, 0], (len(series), 1))
        self.high = bounds[:, 1]
        for k, number in enumerate(series.tolist()):
            for i, value in least.get(number, {}).items():
                self.low[k, i] = min(value, self.high[i])

    def some(self, which: NDArray[np.int64]) -> "Objectives":
        """The objectives of some of the series, which may recur."""
        other = object.__new__(Objectives)
        other.__dict__ = self.__dict__ | {"series": self.series[which], "low": self.low[which]}
        return other

    def at(self, values: Array) -> Points:
        """Each objective at its values (K, p); NaN where the filter breaks."""
        loglik, slopes, informations = self.likelihoods.at_each(self.series, values)
        scale = np.where(self.logs, values, 1.0)  # dθ/dη
        with np.errstate(over="ignore", invalid="ignore"):
            gradient, information = scale * slopes, scale[:, :, None] * informations * scale[:, None, :]
        sound = np.isfinite(gradient).all(axis=1) & np.isfinite(information).all(axis=(1, 2))
        return Points(values, loglik, np.where(sound, loglik, np.nan), gradient, information)

    def free(self, points: Points) -> NDArray[np.bool_]:
        """Which coordinates of each series can ascend."""
        return self.ascending(points.values, points.gradient, points.information)

    def steps(self, points: Points, matrices: Array, damping: Array | float = 0.0) -> Array:
        """The steps s (K, p) with (matrix + damping diag) s = g in the free coordinates; 0 along null directions."""
        diagonal = np.diagonal(matrices, axis1=1, axis2=2)
        free = self.free(points) & (diagonal > 0.0)
        scale = np.where(free, 1.0 / np.sqrt(np.where(free, diagonal, 1.0)), 0.0)
        values, vectors = np.linalg.eigh(in_units(matrices, scale))
        along = np.einsum("kij,ki->kj", vectors, scale * points.gradient)
        known = values > _NULL * values[:, -1:]
        divisor = np.where(known, values, 1.0) + np.asarray(damping).reshape(-1, 1)
        return np.asarray(scale * np.einsum("kij,kj->ki", vectors, np.where(known, along / divisor, 0.0)))


def in_units(matrices: Array, scale: Array) -> Array:
    """Matrices (K, p, p) in these units (K, p) of the coordinates."""
    return np.asarray(matrices * scale[:, :, None] * scale[:, None, :])
