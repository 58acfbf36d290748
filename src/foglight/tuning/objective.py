"""The objective that tuning maximises, and its coordinates.

A parameter that is bounded below by 0 (a standard deviation, a rate) moves by its logarithm η = log θ, so that it
stays positive and a step is a factor; any other moves as it is, η = θ. At exactly 0 the derivative with respect
to η is 0 and so is the information, so a parameter that was set to 0 stays there.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.inference.likelihood import Likelihood
from foglight.model.belief import Belief
from foglight.model.parameters import full_name

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Point:
    """Parameter values (p,), their log-likelihood, and the value, gradient and information in η of the log-likelihood
    plus the log prior."""

    values: Array
    loglik: float
    value: float
    gradient: Array
    information: Array


class Objective:
    """log p(data; θ) + log p(θ) in the coordinates η, and the number of rows filtered so far."""

    def __init__(
        self,
        likelihood: Likelihood,
        priors: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.likelihood = likelihood
        self.names = likelihood.names
        bounds = [likelihood.model.bounds[name] for name in self.names]
        self.low = np.array([low for low, _ in bounds])
        self.high = np.array([high for _, high in bounds])
        self.logs = self.low == 0.0
        self.means, self.precisions = self._priors({} if priors is None else priors)
        self._progress = progress
        self._held = np.zeros(len(self.names), bool)
        self.rows = 0

    def holding(self, i: int) -> "Objective":
        """The same objective with one more coordinate held fixed."""
        other = copy.copy(self)
        other._held = self._held | (np.arange(len(self.names)) == i)
        return other

    def at(self, values: Array) -> Point:
        """The objective at these values; NaN if the filter breaks."""
        found = self.likelihood.at(values)
        self.rows += self.likelihood.rows * max(1, len(self.names))
        if self._progress is not None:
            self._progress(self.rows)
        slope = np.where(self.logs, values, 1.0)  # dθ/dη
        gradient, information = slope * found.gradient, slope[:, None] * found.information * slope
        # If a derivative overflows the ascent cannot continue: treated as if the filter broke.
        sound = np.isfinite(gradient).all() and np.isfinite(information).all()
        value = found.loglik if sound else np.nan
        with_prior = self.precisions > 0.0
        if with_prior.any():
            eta = self.eta(values)
            deviation = np.where(with_prior, eta, 0.0) - self.means
            value -= 0.5 * float(self.precisions @ (deviation * deviation))
            gradient = gradient - self.precisions * deviation
            information = information + np.diag(self.precisions)
        return Point(values, found.loglik, value, gradient, information)

    def eta(self, values: Array) -> Array:
        """The coordinates of these parameters; -inf for a logarithm of 0."""
        with np.errstate(divide="ignore"):
            return np.where(self.logs, np.log(np.where(self.logs, values, 1.0)), values)

    def moved(self, values: Array, step: Array) -> Array:
        """The parameters after a step in η, within their bounds."""
        with np.errstate(over="ignore"):
            new = np.where(self.logs, values * np.exp(np.where(self.logs, step, 0.0)), values + step)
        return np.clip(new, self.low, self.high)

    def free(self, point: Point) -> NDArray[np.bool_]:
        """Which coordinates can ascend: those that affect the data and whose gradient does not point beyond a bound."""
        values, g = point.values, point.gradient
        blocked = ((values <= self.low) & (g <= 0.0)) | ((values >= self.high) & (g >= 0.0))
        return np.asarray((np.diag(point.information) > 0.0) & ~blocked & ~self._held)

    def _priors(self, priors: Mapping[str, Any]) -> tuple[Array, Array]:
        means, precisions = np.zeros(len(self.names)), np.zeros(len(self.names))
        if not isinstance(priors, Mapping):
            raise ModelError.expected(
                "priors", priors, "{name: (mean, std)}", f"Write priors={{'{self.names[0]}': (0.0, 1.0)}}."
            )
        for name, prior in priors.items():
            full = full_name(name, self.likelihood.model.parameters)
            if full not in self.names:
                raise ModelError(
                    f"priors[{name!r}]: this parameter is not tuned: expected one of {', '.join(self.names)}. Add it "
                    "to free, or leave its prior out.",
                    field="priors", index=name, value=full,
                )  # fmt: skip
            i = self.names.index(full)
            means[i], std = _mean_and_std(name, prior)
            precisions[i] = 1.0 / std**2
        return means, precisions


def _mean_and_std(name: str, prior: Any) -> tuple[float, float]:
    pair: Sequence[Any] = (
        (prior.mean[0], prior.std[0]) if isinstance(prior, Belief) and len(prior.mean) == 1 else prior
    )
    try:
        mean, std = (float(v) for v in pair)
    except (TypeError, ValueError):
        mean, std = np.nan, np.nan
    if not (np.isfinite(mean) and 0.0 < std < np.inf):
        raise ModelError.expected(
            "priors",
            prior,
            (
                "(mean, std) of the parameter, or of its logarithm where it is bounded below by 0, "
                "with std > 0"
            ),
            "Write (math.log(0.4), 0.5).",
            index=name,
        )
    return mean, std
