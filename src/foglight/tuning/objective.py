"""The objective that tuning maximises, and its coordinates.

A parameter that is bounded below by 0 (a standard deviation, a rate) moves by its logarithm η = log θ, so that it
stays positive and a step is a factor; any other moves as it is, η = θ. At exactly 0 the derivative with respect
to η is 0 and so is the information, so a parameter that was set to 0 stays there.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.inference.likelihood import Likelihood
from foglight.model.belief import Belief
from foglight.model.parameters import full_name
from foglight.model.pickling import Portable
from foglight.tuning.search_coordinates import SearchCoordinates

Progress = Callable[[int], None]
_EQUAL = 1e-9  # of two slopes, relative to the number of innovations


class LeastNoise(NamedTuple):
    """The least value of a parameter, and the measure (sensor.measure) and its step that set it."""

    value: float
    measure: str
    step: float


@dataclass(frozen=True)
class Point:
    """Parameter values (p,), their log-likelihood, and the value, gradient and information in η of the log-likelihood
    plus the log prior."""

    values: Array
    loglik: float
    value: float
    gradient: Array
    information: Array


@dataclass(frozen=True)
class Points:
    """Several points: the same, with a leading axis."""

    values: Array
    loglik: Array
    value: Array
    gradient: Array
    information: Array

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, k: int) -> Point:
        loglik, value = float(self.loglik[k]), float(self.value[k])
        return Point(self.values[k], loglik, value, self.gradient[k], self.information[k])

    def take(self, which: Sequence[int] | NDArray[np.int64]) -> "Points":
        """The points with these numbers."""
        return Points(*(array[which] for array in vars(self).values()))

    def or_better(self, other: "Points") -> "Points":
        """Of each pair of points the one with the higher value."""
        up = other.value > self.value
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Points(*(np.where(up.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in pairs))


class Objective(SearchCoordinates, Portable):
    """log p(data; θ) + log p(θ) in the coordinates η, and the number of rows filtered so far.

    least: {index of a parameter: its least value} where that is above 0; it becomes the lower bound."""

    def __init__(
        self,
        likelihood: Likelihood,
        priors: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        least: Mapping[int, LeastNoise] | None = None,
    ) -> None:
        self.likelihood = likelihood
        self.names = likelihood.names
        bounds = [likelihood.model.bounds[name] for name in self.names]
        self.low = np.array([low for low, _ in bounds])
        self.high = np.array([high for _, high in bounds])
        self.logs = self.low == 0.0
        self.least = {} if least is None else least
        for i, least_noise in self.least.items():
            self.low[i] = min(least_noise.value, self.high[i])
        self.means, self.precisions = self._priors({} if priors is None else priors)
        self._progress = progress
        self._held = np.zeros(len(self.names), bool)
        self._filtered = [0]  # rows, shared with the objectives made from this one

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_progress": None}

    @property
    def rows(self) -> int:
        """How many rows were filtered so far."""
        return self._filtered[0]

    def beginning(self, rows: int) -> "Objective":
        """The objective with the likelihood of the first rows only."""
        other = copy.copy(self)
        other.likelihood = self.likelihood.beginning(rows)
        return other

    def holding(self, i: int) -> "Objective":
        """The same objective with one more coordinate held fixed."""
        other = copy.copy(self)
        other._held = self._held | (np.arange(len(self.names)) == i)
        return other

    def at(self, values: Array) -> Point:
        """The objective at these values; NaN if the filter breaks."""
        return self.at_each(values[None])[0]

    def at_each(self, values: Array) -> Points:
        """The objective at each of several values (K, p), which share the lanes; NaN where the filter breaks."""
        loglik, slopes, informations = self.likelihood.at_each(values)
        self._count(len(values) * max(1, len(self.names)))
        scale = np.where(self.logs, values, 1.0)  # dθ/dη
        with np.errstate(over="ignore", invalid="ignore"):
            gradient, information = scale * slopes, scale[:, :, None] * informations * scale[:, None, :]
        # If a derivative overflows the ascent cannot continue: treated as if the filter broke.
        sound = np.isfinite(gradient).all(axis=1) & np.isfinite(information).all(axis=(1, 2))
        value = np.where(sound, loglik, np.nan)
        with_prior = self.precisions > 0.0
        if with_prior.any():
            deviation = np.where(with_prior, self.eta(values), 0.0) - self.means
            value = value - 0.5 * (deviation * deviation) @ self.precisions
            gradient = gradient - self.precisions * deviation
            information = information + np.diag(self.precisions)
        return Points(values, loglik, value, gradient, information)

    def along(self, values: Array, directions: Array) -> tuple[Array, Array]:
        """The objective (K,) at several values (K, p), and its derivative (K,) along a direction in η from each."""
        found, slopes = self.likelihood.along(values, np.where(self.logs, values, 1.0) * directions)
        self._count(len(values))
        found = np.where(np.isfinite(slopes), found, np.nan)
        with_prior = self.precisions > 0.0
        if with_prior.any():
            deviation = np.where(with_prior, self.eta(values), 0.0) - self.means
            found = found - 0.5 * (deviation * deviation) @ self.precisions
            slopes = slopes - (deviation * directions) @ self.precisions
        return found, slopes

    def with_scale_slopes(
        self, values: Array, point: Point, scales: NDArray[np.int64]
    ) -> tuple[Array, Array] | None:
        """The objective (K,) at several values (K, p), and its derivative (K,) in a common factor of these noises.

        Σ ∂ll/∂ log s is the NIS less the number of innovations if all noises are among them, which the gradient at a
        point says; no gradients are needed then. None if it does not say so, and where that saves nothing."""
        if (self.precisions > 0.0).any():
            return None
        found = self.likelihood.with_squares(np.vstack([point.values, values]))
        if found is None:
            return None
        self._count(len(values) + 1)
        values_found, slopes = found[0], found[1] - self.likelihood.tested
        size = np.abs(point.gradient[scales]).sum() + self.likelihood.tested
        if not abs(slopes[0] - point.gradient[scales].sum()) < _EQUAL * size:
            return None
        return values_found[1:], slopes[1:]

    def _count(self, runs: int) -> None:
        self._filtered[0] += self.likelihood.rows * runs
        if self._progress is not None:
            self._progress(self._filtered[0])

    def free(self, point: Point | Points) -> NDArray[np.bool_]:
        """Which coordinates can ascend: see `ascending`; those that are held cannot."""
        return self.ascending(point.values, point.gradient, point.information) & ~self._held

    def squares(self, point: Point | Points, values: Array) -> Array:
        """The squared distances of values (p,) from points, in standard errors there."""
        with np.errstate(invalid="ignore"):
            apart = self.eta(values) - self.eta(point.values)
        apart = np.nan_to_num(apart, nan=0.0, posinf=0.0, neginf=0.0)
        return np.asarray(np.einsum("...i,...ij,...j->...", apart, point.information, apart))

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
