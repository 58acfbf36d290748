"""The optima of all series as arrays, filled as series after series is tuned, and how they are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foglight.core import threads
from foglight.core.errors import FoglightError, NumericalError
from foglight.core.types import Array, Time
from foglight.data.log import Log
from foglight.inference.likelihood import Likelihood
from foglight.inference.likelihoods import Likelihoods, Numbers
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.tuning.each.ascents import Ascents, ascend
from foglight.tuning.each.objectives import Objectives, in_units
from foglight.tuning.each.series import flaw, series_of
from foglight.tuning.each.starts import Starts
from foglight.tuning.objective import Objective, Progress
from foglight.tuning.rounding_noise import least_noises, step_of
from foglight.tuning.tune import tune

CONVERGED, NOT_CONVERGED, BREAKS = "converged", "not converged", "the filter breaks"
_AT_ONCE = 128  # series whose ascents run side by side
_TRIED = 5  # series, at most, around one of which candidates are looked for


@dataclass
class Optima:
    """values, spread (S, p): the parameters of each series, and the standard errors of their coordinates η; loglik,
    status (S,). NaN where a series has none."""

    values: Array
    spread: Array
    loglik: Array
    status: NDArray[np.object_]

    @classmethod
    def none(cls, series: int, parameters: int) -> "Optima":
        """Those of series of which none is tuned yet."""
        unknown = np.full((series, parameters), np.nan)
        return cls(unknown, unknown.copy(), np.full(series, np.nan), np.full(series, "", dtype=object))


class Search:
    """The search for the optima of all tracks of a log."""

    def __init__(
        self,
        model: Model,
        log: Log,
        method: Method,
        names: tuple[str, ...],
        start_time: Time | None,
        resolution: bool,
    ) -> None:
        self.model, self.log, self.method, self.names = model, log, method, names
        self._start_time, self._resolution = start_time, resolution
        self.likelihoods = Likelihoods(model, log, method, names, start_time)
        self.optima = Optima.none(len(self.likelihoods.rows), len(names))
        self._bounds = np.array([model.bounds[name] for name in names])

    def run(self, progress: Progress | None, alone: bool) -> Optima:
        """Find the optima. alone: whether each series is to be tuned by itself."""
        optima, count = self.optima, len(self.optima.status)
        for k in range(count):
            optima.status[k] = flaw(self.likelihoods, k, len(self.names))
        sound = np.flatnonzero(optima.status == "")
        starts = None if alone or not self.likelihoods.exact else self._starts(sound)
        size = _AT_ONCE if starts is not None else 1
        parts = [sound[first : first + size] for first in range(0, len(sound), size)]
        done = [count - len(sound)]

        def work(left: Iterator[Numbers]) -> None:
            with threads.at_most(1):
                for part in left:
                    rest = part if starts is None else self._together(part, starts)
                    for k in rest.tolist():
                        self._alone(k)
                    done[0] += len(part)
                    if progress is not None:
                        progress(done[0])

        threads.share_out(work, parts, min(threads.allowed(), len(parts)))
        return optima

    def _starts(self, sound: Numbers) -> Starts | None:
        """Candidates for all series, or None if the filter breaks wherever it is tried."""
        for k in sound[:_TRIED].tolist():
            try:
                return Starts.around(Objective(self._likelihood(k)), self.likelihoods)
            except NumericalError:
                continue
        return None

    def _likelihood(self, k: int) -> Likelihood:
        return Likelihood(self.model, series_of(self.log, k), self.method, self.names, self._start_time)

    def _together(self, series: Numbers, starts: Starts) -> Numbers:
        """Tune these series side by side; returns those that did not get to a maximum."""
        objectives = Objectives(self.likelihoods, self._bounds, series, self._least(series))
        values, error = starts.best(objectives)
        points = objectives.at(values)
        sound = np.flatnonzero(np.isfinite(points.value))
        objectives = objectives.some(sound)
        found = ascend(objectives, points.take(sound), error[sound])
        reached = np.flatnonzero(found.converged)
        at, optima = series[sound[reached]], self.optima
        optima.values[at], optima.loglik[at] = found.points.values[reached], found.points.loglik[reached]
        optima.spread[at], optima.status[at] = _spread(objectives, found)[reached], CONVERGED
        return np.setdiff1d(series, at)

    def _alone(self, k: int) -> None:
        """Tune one series by itself, with the whole search."""
        optima = self.optima
        try:
            found = tune(
                self.model, series_of(self.log, k), self.names, method=self.method, start_time=self._start_time,
                heldout=False, resolution=self._resolution,
            )  # fmt: skip
        except FoglightError:
            optima.status[k] = BREAKS
            return
        optima.values[k] = list(found.params.values())
        optima.spread[k], optima.loglik[k] = found.spread, found.loglik
        optima.status[k] = CONVERGED if found.converged else NOT_CONVERGED

    def _least(self, series: Sequence[int] | Numbers) -> dict[int, dict[int, float]]:
        """{series: {index of a parameter: its least value}} of those with rounded readings."""
        found: dict[int, dict[int, float]] = {}
        for k in np.asarray(series).tolist() if self._resolution else ():
            z = self.likelihoods.readings(k)
            steps = {s.name: np.array([step_of(c) for c in z[:, at].T]) for s, at in self.model.blocks}
            if any(own.any() for own in steps.values()):
                least = least_noises(self._likelihood(k), steps)
                found[k] = {i: noise.value for i, noise in least.items()}
        return found


def _spread(objectives: Objectives, found: Ascents) -> Array:
    """The standard errors (K, p) of the coordinates, from the second derivative, or from the information where that is
    not definite; NaN at a bound."""
    points, free = found.points, objectives.free(found.points)
    information = np.diagonal(points.information, axis1=1, axis2=2)
    scale = np.where(free, 1.0 / np.sqrt(np.where(free, information, 1.0)), 0.0)
    fixed = (~free)[:, :, None] * np.eye(free.shape[1])
    observed, expected = (in_units(matrix, scale) + fixed for matrix in (found.curvature, points.information))
    definite = np.linalg.eigvalsh(observed)[:, 0] > 1e-12
    values, vectors = np.linalg.eigh(np.where(definite[:, None, None], observed, expected))
    with np.errstate(divide="ignore"):
        inverse = np.minimum(np.where(values > 0.0, 1.0 / values, np.inf), 1e300)
    variances = np.einsum("kij,kj,kij->ki", vectors, inverse, vectors)
    return np.where(free, scale * np.sqrt(variances), np.nan)
