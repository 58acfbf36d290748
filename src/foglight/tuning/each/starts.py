"""Where each series begins its ascent: the most likely of candidates that all series share.

With the same parameters the series share the covariances, and only the means are left to compute. So many candidates
cost little. Each is taken at the best common factor of all noises of that series, which is known at once: with a sum of
the NIS of q over N innovations it is c, c² = q/N (see initial_guess.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array
from foglight.inference.likelihoods import InnovationMap, Likelihoods
from foglight.tuning import candidates
from foglight.tuning.candidates import scales_of, spread
from foglight.tuning.each.objectives import Objectives
from foglight.tuning.initial_guess import begin
from foglight.tuning.objective import Objective

_EACH = 64  # candidates for each ratio of two noises, at most
_LEAST, _SERIES = (
    24,
    16,
)  # candidates, at least, and series for each of the others: a map takes as long as some of them
_DECADES = (-2.6, 1.5)  # powers of ten of such a ratio
_NOTHING = -2.0  # power of ten below which a noise is tried as 0


@dataclass(frozen=True)
class Starts:
    """Candidates (C, p) that are shared, which parameters (p,) are scales, and the map of each candidate, if any."""

    values: Array
    scales: NDArray[np.bool_]
    maps: list[InnovationMap]

    @classmethod
    def around(cls, objective: Objective, likelihoods: Likelihoods) -> "Starts":
        """Candidates around what suits one of the series. objective: of that series."""
        given = begin(objective, objective.likelihood.values)
        known, is_scale = np.diag(given.information) > 0.0, scales_of(objective)
        scales, others = np.flatnonzero(is_scale & known), np.flatnonzero(~is_scale & known)
        first = likelihoods.linear_map(given.values) if len(scales) and not len(others) else None
        if first is not None:
            values = np.vstack(
                [given.values, _ratios(objective, given.values, scales, len(likelihoods.rows))]
            )
            maps = [likelihoods.linear_map(one) for one in values[1:]]
            sound = [(value, one) for value, one in zip(values[1:], maps, strict=True) if one is not None]
            return cls(
                np.array([given.values, *(v for v, _ in sound)]),
                is_scale & known,
                [first, *(m for _, m in sound)],
            )
        if candidates.small_enough(scales, others):
            found = candidates.grid(objective, given, scales)
        else:
            found = candidates.far(objective, given, scales, others, 0, candidates.sample_size(others))
        return cls(np.vstack([given.values, found.values]), is_scale & known, [])

    def best(self, objectives: Objectives) -> tuple[Array, Array]:
        """The most likely candidate of each series (K, p), with its noises at their best factor, and the square (K, p)
        of a small value of each noise."""
        count = objectives.likelihoods.tested[objectives.series]
        best, values = np.full(len(count), -np.inf), np.tile(self.values[0], (len(count), 1))
        factor = np.ones(len(count))
        for candidate, (loglik, nis) in zip(self.values, self._evaluated(objectives), strict=True):
            square = np.maximum(nis / count, 1e-12) if self.scales.any() else np.ones(len(count))
            expected = loglik + 0.5 * count * (square - 1.0 - np.log(square))
            up = expected > best
            values[up] = (candidate * np.where(self.scales, np.sqrt(square)[:, None], 1.0))[up]
            best[up], factor[up] = expected[up], square[up]
        small = factor[:, None] * (10.0**_NOTHING * self.values[0]) ** 2
        return np.clip(values, objectives.low, objectives.high), small

    def _evaluated(self, objectives: Objectives) -> Iterator[tuple[Array, Array]]:
        likelihoods, series = objectives.likelihoods, objectives.series
        if self.maps:
            return likelihoods.mapped(series, self.maps)
        return (likelihoods.at_common(series, candidate) for candidate in self.values)


def _ratios(objective: Objective, centre: Array, scales: NDArray[np.int64], series: int) -> Array:
    """Points that fill the space of ratios of noises to the last one; a small noise is 0."""
    count = min(max(_LEAST, series // _SERIES), _EACH * (len(scales) - 1))
    low, high = _DECADES
    powers = low + (high - low) * spread(0, count, len(scales) - 1)
    values = np.tile(centre, (count, 1))
    values[:, scales[:-1]] *= np.where(powers < _NOTHING, 0.0, 10.0**powers)
    return np.asarray(np.clip(values, objective.low, objective.high))
