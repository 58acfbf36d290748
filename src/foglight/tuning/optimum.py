"""The optimum that tuning found: the parameters, their covariance, and the score of rows held out."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.data.log import Log
from foglight.diagnostics.chi_square import WITHIN
from foglight.model.model import Model
from foglight.model.pickling import Portable
from foglight.tuning.ascent import definite, in_units
from foglight.tuning.lost_filter import lost_filter
from foglight.tuning.objective import Objective
from foglight.tuning.search import Found


class HeldOut(NamedTuple):
    """Mean log-likelihood of the held-out rows: with parameters fitted to the rows before, and before tuning."""

    tuned: float
    before: float
    rows: int


class OtherMaximum(NamedTuple):
    """Another maximum of the log-likelihood: its parameters by full name, and the log-likelihood there."""

    params: dict[str, float]
    loglik: float


class Optimum(Portable):
    """The parameters at the highest maximum that the search found, and their uncertainty."""

    def __init__(
        self, objective: Objective, found: Found, heldout: HeldOut | None, logs: tuple[Log, ...], model: Model
    ) -> None:
        ascent = found.best
        self._given = model
        self.objective = objective
        self.ascent = ascent
        self.heldout = heldout
        self.names = objective.names
        self.log = logs[0]
        point = ascent.point
        self.params = dict(zip(self.names, point.values.tolist(), strict=True))
        self.loglik = point.loglik
        self.decrement = ascent.decrement
        self.iterations = len(ascent.path) - 1
        self.is_maximum = ascent.is_maximum
        self.lost = lost_filter(objective, point, ascent.converged)
        self.cov = self._covariance()
        self.other_maxima = [
            OtherMaximum(dict(zip(self.names, other.point.values.tolist(), strict=True)), other.point.loglik)
            for other in found.others
        ]

    @cached_property
    def model(self) -> Model:
        """The tuned model."""
        return self._given.with_parameters(self.params)

    @property
    def converged(self) -> bool:
        """Whether a maximum was reached: decrement <= 1e-10, the second derivative says that it is one, and the filter
        is not lost there."""
        return self.ascent.converged and not self.lost

    def _covariance(self) -> Array:
        """The covariance (p, p) of the estimates of η, log θ for a θ bounded below by 0: the inverse of the observed
        information, or of Fisher's where that is not definite; NaN for a parameter at a bound, and for all of them if
        the filter is lost."""
        objective, point = self.objective, self.ascent.point
        if self.lost:
            return np.full(point.information.shape, np.nan)
        free = objective.free(point)
        observed = self.ascent.curvature
        matrix = observed if definite(objective, point, observed) else point.information
        assert matrix is not None
        cov = np.full(matrix.shape, np.nan)
        inside = np.ix_(free, free)
        scale, scaled = in_units(matrix, point.information, free)
        values, vectors = np.linalg.eigh(scaled)
        # Along a direction of which nothing is known the variance is infinite.
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.where(values > 0.0, 1.0 / np.where(values > 0.0, values, 1.0), np.inf)
            cov[inside] = np.outer(scale, scale) * ((vectors * np.minimum(spread, 1e300)) @ vectors.T)
        return cov

    @property
    def std_errors(self) -> dict[str, float]:
        """The standard error of each estimate, in its own unit; NaN at a bound."""
        slope = np.where(self.objective.logs, self.ascent.point.values, 1.0)
        return dict(zip(self.names, (slope * self.spread).tolist(), strict=True))

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals, in the logarithm where the parameter is bounded below by 0; none at a bound."""
        eta, spread, found = self.objective.eta(self.ascent.point.values), self.spread, {}
        for i, name in enumerate(self.names):
            if np.isfinite(spread[i]):
                ends = eta[i] + WITHIN * spread[i] * np.array([-1.0, 1.0])
                with np.errstate(over="ignore"):
                    low, high = np.exp(ends) if self.objective.logs[i] else ends
                found[name] = (float(low), float(high))
        return found

    @property
    def spread(self) -> Array:
        """The standard error of each coordinate η (p,), NaN at a bound."""
        return np.asarray(np.sqrt(np.diag(self.cov)))
