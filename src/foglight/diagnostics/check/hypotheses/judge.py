"""The likelihood of the raw readings under a hypothesis: the filter is run on the changed log.

All hypotheses are compared on the same readings, by the density of what the sensors reported. An angle that is
declared is known up to whole turns: its density is spread evenly over the turns that its readings span.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import FoglightError
from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.diagnostics.check.effort import Progress
from foglight.diagnostics.check.hypotheses.hypothesis import Hypothesis
from foglight.inference.run import Run
from foglight.inference.run import run as filtered
from foglight.methods.method import Method
from foglight.model.model import Model


class Judge:
    """Likelihoods of one model on one log and on what hypotheses make of them; without gates.

    counts (M,): the readings of each component that the filter used as they are.  progress: called with the number of
    rows filtered after each run.
    """

    def __init__(
        self, model: Model, log: Log, method: Method, start_time: Any = None, progress: Progress | None = None
    ) -> None:
        self.model, self.log, self._method, self._start_time = model, log, method, start_time
        self._progress = progress
        plain = self.run(model, log)
        self.works = plain is not None
        self.counts = np.zeros(len(model.components), np.int64) if plain is None else _used(plain)
        self.loglik = -np.inf if plain is None else self._density(plain, {})

    def of(self, hypothesis: Hypothesis) -> float:
        """The log density of the readings if the hypothesis is right; -inf if the filter then breaks."""
        try:
            changed = self.run(*(hypothesis.judged or hypothesis.change)(self.model, self.log))
        except FoglightError:
            return -np.inf
        if changed is None or _used(changed).sum() < self.counts.sum():
            return -np.inf
        return self._density(changed, hypothesis.log_slopes)

    def on(self, log: Log) -> "Judge":
        """The same model and method on another log."""
        return Judge(self.model, log, self._method, self._start_time, self._progress)

    def run(self, model: Model, log: Log) -> Run | None:
        """The run of a model on a log with the judge's method; None if the filter breaks."""
        if self._progress is not None:
            self._progress(len(log) * (log.tracks or 1))
        try:
            return filtered(model, log, self._method, start_time=self._start_time, on_bad="flag")
        except (FoglightError, FloatingPointError):
            return None

    def _density(self, run: Run, log_slopes: Mapping[int, float]) -> float:
        loglik = float(np.sum(run.loglik))
        if not np.isfinite(loglik):
            return -np.inf
        loglik += sum(slope * float(self.counts[i]) for i, slope in log_slopes.items())
        return loglik - float(self.counts @ np.log(_turns(run)))


def _used(run: Run) -> NDArray[np.int64]:
    """How many readings of each component the filter used (M,)."""
    used: NDArray[np.int64] = (~np.isnan(run.innovation)).reshape(-1, run.innovation.shape[-1]).sum(axis=0)
    return used


def _turns(run: Run) -> Floats:
    """How many turns the readings of each component span (M,), at least 1; 1 for what is not declared an angle."""
    z = run.log.bind(run.model).reshape(-1, len(run.model.components))
    turns = np.ones(z.shape[1])
    for sensor, at in run.model.blocks:
        for i, measure in enumerate(sensor.measures, at.start):
            known = z[~np.isnan(z[:, i]), i]
            if measure in sensor.angles and len(known):
                turns[i] = max(1.0, float(np.ptp(known)) / (2.0 * np.pi))
    return turns
