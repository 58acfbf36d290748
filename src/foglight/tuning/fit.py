"""What tuning found."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from foglight.core.types import Array
from foglight.data.table import Table, for_json
from foglight.diagnostics.consistency import WITHIN
from foglight.model.model import Model
from foglight.tuning.ascent import ENOUGH, Ascent, definite, second_derivative
from foglight.tuning.objective import Objective

if TYPE_CHECKING:
    from foglight.data.log import Log


class HeldOut(NamedTuple):
    """Mean log-likelihood of the rows that were not used: of a fit on those before, and of the model before tuning."""

    tuned: float
    before: float
    rows: int


class Fit(Table):
    """A tuned model, and how well the data know its parameters.

    model: with the parameters that make all logs together most likely.  params, std_errors: {full name: float} of those
    that were free.  intervals: {full name: (low, high)}, 95 %; not for a parameter at a bound.  loglik: of the data,
    without priors.  decrement: gᵀ H⁻¹ g, twice what the log-likelihood can still gain.  converged: whether that is
    below 1e-10.  heldout: a second fit on the first 80 % of the rows, scored on the others, or None.  iterations.
    advice: sentences on what the data can and cannot tell; computed when first asked for, by a few more fits.
    columns(), to_frame(): one row an iteration.  profile(name): the likelihood along one parameter.
    """

    def __init__(
        self, objective: Objective, ascent: Ascent, heldout: HeldOut | None, logs: "tuple[Log, ...]"
    ) -> None:
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

    @cached_property
    def model(self) -> Model:
        """The tuned model."""
        return self.objective.likelihood.model.with_parameters(self.params)

    @property
    def converged(self) -> bool:
        """Whether the maximum was reached: decrement <= 1e-10."""
        return self.decrement <= ENOUGH

    @cached_property
    def cov(self) -> Array:
        """The covariance (p, p) of the estimates of η, log θ for a θ bounded below by 0: the inverse of the observed
        information, or of Fisher's where that is not definite; NaN for a parameter at a bound."""
        objective, point = self.objective, self.ascent.point
        free = objective.free(point)
        observed = second_derivative(objective, point)
        matrix = observed if definite(objective, point, observed) else point.information
        assert matrix is not None
        cov = np.full(matrix.shape, np.nan)
        inside = np.ix_(free, free)
        scale = 1.0 / np.sqrt(np.diag(point.information)[free])
        values, vectors = np.linalg.eigh(matrix[inside] * np.outer(scale, scale))
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # a direction of which nothing is known: infinite
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

    @cached_property
    def advice(self) -> list[str]:
        """What the data can and cannot tell of these parameters."""
        from foglight.tuning.advice import advice_on

        return advice_on(self)

    def columns(self) -> dict[str, Array]:
        """One row an iteration: iteration, loglik, decrement, and the value of each parameter."""
        logliks, decrements, values = zip(*self.ascent.path, strict=True)
        found = {
            "iteration": np.arange(len(logliks)),
            "loglik": np.array(logliks),
            "decrement": np.array(decrements),
        }
        return found | dict(zip(self.names, np.array(values).T, strict=True))

    def _stamps(self) -> None:
        return None  # the rows are not the log's

    def profile(self, name: str, points: int = 21, reach: float = 3.0) -> "Profile":
        """The log-likelihood at values of one parameter, the others at their best for each.

        points values within `reach` standard errors; about a bound, from there.

        >>> fit.profile("accel").to_frame("pandas")
        """
        from foglight.tuning.profile import profile_of

        return profile_of(self, name, points, reach)

    def as_dict(self) -> dict[str, Any]:
        """All of it as numbers, texts and lists; None for what is not finite."""
        told = {
            "params": self.params,
            "std_errors": self.std_errors,
            "intervals": self.intervals,
            "loglik": self.loglik,
            "decrement": self.decrement,
            "converged": self.converged,
            "iterations": self.iterations,
            "heldout": None if self.heldout is None else self.heldout._asdict(),
            "advice": self.advice,
        }
        found: dict[str, Any] = for_json(told)
        return found

    def __str__(self) -> str:
        from foglight.tuning.report import report_of

        return report_of(self)

    __repr__ = __str__

    @property
    def spread(self) -> Array:
        """The standard error of each coordinate η (p,), NaN at a bound."""
        return np.asarray(np.sqrt(np.diag(self.cov)))


class Profile(Table):
    """The log-likelihood at values (K,) of a parameter, and the others (K, p) that make it largest there."""

    def __init__(self, name: str, names: tuple[str, ...], values: Array, logliks: Array, log: "Log") -> None:
        self.name = name
        self.names = names
        self.values = values
        self.logliks = logliks
        self.log = log

    def columns(self) -> dict[str, Array]:
        """loglik, and each parameter by its name."""
        return {"loglik": self.logliks} | dict(zip(self.names, self.values.T, strict=True))

    def _stamps(self) -> None:
        return None
