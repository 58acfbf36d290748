"""Scores and Fisher information of perturbations, from the innovations of runs with each perturbed a little.

With ε ~ N(0, s) the independent innovations, d their derivatives by a perturbation, and c, V, W the moments of the
squares truncated by a gate (1, 2 and 0 without one):
  score        Σ ½ dlog s (ε²/s - c) - ε dε/s
  information  Σ ¼ Var[Σ_j ε_j²/s_j dlog s_j] + c dε dεᵀ/s
At the neutral model the score is 0 on average if the model is right, and its variance is the information: a Lagrange
multiplier test (Rao 1948; for innovations Engle & Watson 1981). Scoring steps from there lead to the most likely
perturbations.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foglight.core.errors import FoglightError, NumericalError
from foglight.core.types import Floats
from foglight.diagnostics.check import expected_time
from foglight.diagnostics.check.effort import NORMAL, Effort
from foglight.diagnostics.check.innovations import Innovations, normalised, places_of
from foglight.diagnostics.check.perturbations import FACTORS, OFFSETS, PerturbedModel
from foglight.diagnostics.check.statistics import robust_variance
from foglight.diagnostics.chi_square import cdf

_NUDGE = 1e-3  # step of a central difference, in a perturbation's own unit
_LARGEST_STEP = 1.5  # of a logarithm: a factor of 4.5 in one scoring step
_ENOUGH = 1e-3  # decrement at which the error of a fit is far below its standard error
_STEPS = 15
_TIMED = 4  # directions whose two runs each are timed, at most
_SHOWN = 0.1  # share of the information on an offset from which a component is one that shows it


@dataclass(frozen=True)
class Evaluated:
    """The perturbations theta, the innovations of their run, value and scale (K,) of those that count in order, and
    their log-likelihood."""

    theta: Floats
    innovations: Innovations
    value: Floats
    scale: Floats
    loglik: float


@dataclass(frozen=True)
class Slopes:
    """At a point, along directions: score (a,), information (a, a), and its part from the squares, (a, a).

    excess (a,): how many times larger the variance of an offset is than its information says; 1 of what is no offset.
    """

    score: Floats
    information: Floats
    of_squares: Floats
    excess: Floats

    def along(self, directions: Floats) -> "Slopes":
        """The slopes along combinations (b, a) of the directions."""
        first, second = self.information, self.of_squares
        return Slopes(
            directions @ self.score, directions @ first @ directions.T, directions @ second @ directions.T,
            np.where(directions != 0.0, self.excess, 1.0).max(axis=1),
        )  # fmt: skip


class ScoreTest:
    """The score test of a perturbed model. At every point the same innovations count: those used at the neutral one."""

    def __init__(self, perturbed: PerturbedModel, effort: Effort = NORMAL) -> None:
        self.perturbed = perturbed
        self.effort = effort
        self._seconds = 0.0  # of one run
        theta = np.zeros(len(perturbed.perturbations))
        records = perturbed.recorded(theta)
        neutral = self._innovations(records, guarded=True)
        self._used = neutral.used
        self._counts = neutral.counts
        self._limit = neutral.limit
        self._gated = bool(np.isfinite(neutral.limit).any())
        self._log_scale = np.log(np.where(self._used, neutral.scale, 1.0))
        rows, columns = np.nonzero(self._used)
        self._rows, self._sensors = rows, np.repeat(np.arange(len(neutral.sizes)), neutral.sizes)[columns]
        self.components = columns
        self._at = places_of(perturbed.model, rows, columns)
        found = self.of(theta, lambda: records)
        if found is None:
            raise NumericalError(
                "the innovations of the run are not all finite: expected finite numbers. Find the first bad row with "
                "fog.run(..., on_bad='raise').",
                field="innovation",
            )
        self.neutral = found

    def at(self, theta: Floats) -> Evaluated | None:
        """The point with perturbations theta; None if the filter breaks."""
        return self.of(theta, lambda: self.perturbed.recorded(theta))

    def of(self, theta: Floats, records: Callable[[], Floats]) -> Evaluated | None:
        """The point of innovations as they are `recorded` with perturbations theta; None if the filter breaks."""
        try:
            found = self._innovations(records())
        except (FoglightError, FloatingPointError):
            return None
        value, scale = found.value[self._used], found.scale[self._used]
        if not (np.isfinite(value).all() and np.isfinite(scale).all()):
            return None
        found = replace(found, value=np.where(self._used, found.value, np.nan), limit=self._limits(found))
        loglik = -0.5 * float(np.sum(value * value + np.log(2.0 * np.pi * scale * scale)))
        if self._gated:
            gated = (self._counts > 0) & np.isfinite(found.limit)
            loglik -= float(np.sum(np.log(cdf(self._counts[gated], found.limit[gated]))))
        return Evaluated(theta, found, value, scale, loglik)

    def slopes(self, point: Evaluated, directions: Floats, *, robust: bool = False) -> Slopes | None:
        """Score and information along directions (a, perturbations); None if the filter breaks. robust: whether the
        excess of offsets is wanted."""
        log_variance, value = np.empty((2, len(directions), len(point.value)))
        started = [expected_time.clock()]
        for k, direction in enumerate(directions):
            if 0 < k <= _TIMED:
                started.append(expected_time.clock())
            if 0 < k == min(_TIMED, len(directions) - 1):  # the least of them: one may have compiled
                self._seconds = 0.5 * float(np.diff(started).min())
                self._warn_if_long(2 * len(directions))
            step = _NUDGE / max(np.abs(direction).max(), 1e-300)
            up, down = (self._counted(point.theta + sign * step * direction) for sign in (1.0, -1.0))
            if up is None or down is None:
                return None
            log_variance[k] = np.log(up[1] / down[1]) / (2.0 * step)
            value[k] = (up[0] - down[0]) / (2.0 * step * point.scale)
        excess = self._excess(point, directions, value) if robust else np.ones(len(directions))
        return Slopes(*self._combined(point, log_variance, value), excess)

    def expect(self, directions: int, rounds: int, wrong: bool, accusable: bool) -> None:
        """Warn if the rest of a check will take long, which it does where something is wrong. accusable: whether
        sensors can be accused."""
        sensors = min(len(self.neutral.innovations.sizes), self.effort.sensors) if accusable else 0
        if wrong:
            self._warn_if_long(expected_time.runs_if_wrong(directions, rounds, sensors))

    def _warn_if_long(self, runs: int) -> None:
        rows = len(self.perturbed.track)
        expected_time.warn_if_long(self.perturbed.original, self.effort, runs, rows, self._seconds)

    def _excess(self, point: Evaluated, directions: Floats, value: Floats) -> Floats:
        """The robust variance along each direction that moves only an offset: the largest of the components that
        show it."""
        excess, perturbations = np.ones(len(directions)), self.perturbed.perturbations
        track = point.innovations.track[self._rows]
        for k, direction in enumerate(directions):
            moved = np.flatnonzero(direction)
            if len(moved) != 1 or perturbations[moved[0]].kind not in OFFSETS:
                continue
            shown = np.bincount(self.components, weights=value[k] ** 2)
            for i in np.flatnonzero(shown > _SHOWN * shown.sum()):
                own = self.components == i
                excess[k] = max(excess[k], robust_variance(point.value[own], value[k, own], track[own]))
        return excess

    def _counted(self, theta: Floats) -> Floats | None:
        """ε and its variance (2, K) of the innovations that count, with perturbations theta; None if the filter breaks.

        It is what `at` computes first: a point has up to hundreds of directions."""
        try:
            found = self.perturbed.recorded(theta).ravel()[self._at]
        except (FoglightError, FloatingPointError):
            return None
        return found if np.isfinite(found).all() and (found[1] > 0.0).all() else None

    def fit(self, start: Evaluated, directions: Floats, steps: int = _STEPS) -> Evaluated:
        """The maximum of the likelihood along these directions, by at most this many scoring steps."""
        point = start
        factors = np.array([p.kind in FACTORS for p in self.perturbed.perturbations])
        for _ in range(steps):
            slopes = self.slopes(point, directions)
            if slopes is None:
                break
            step = np.linalg.lstsq(slopes.information, slopes.score, rcond=1e-12)[0]
            if float(slopes.score @ step) < _ENOUGH:
                break
            size = float(np.abs((step @ directions)[factors]).max(initial=0.0))
            better = self._improved(
                point, step @ directions * min(1.0, _LARGEST_STEP / max(size, _LARGEST_STEP))
            )
            if better is None:
                break
            point = better
        return point

    def _combined(
        self, point: Evaluated, log_variance: Floats, value: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Score, information and its part from the squares, from derivatives (a, K) of log s, and of ε over √s."""
        if not self._gated:
            score = 0.5 * (log_variance @ (point.value**2 - 1.0)) - value @ point.value
            of_squares = 0.5 * (log_variance @ log_variance.T)
            return score, of_squares + value @ value.T, of_squares
        moments = point.innovations.expected
        square, spread, common = (np.asarray(v)[self._rows, self._sensors] for v in moments[:3])
        score = 0.5 * (log_variance @ (point.value**2 - square)) - value @ point.value
        of_squares = 0.25 * (log_variance * (spread - common)) @ log_variance.T
        group = self._rows * len(point.innovations.sizes) + self._sensors
        sums = np.stack([np.bincount(group, weights=row) for row in log_variance])
        weight = np.zeros(sums.shape[1])
        weight[group] = common
        of_squares += 0.25 * (sums * weight) @ sums.T
        return score, of_squares + (value * square) @ value.T, of_squares

    def _improved(self, point: Evaluated, step: Floats) -> Evaluated | None:
        """The point after this step, halved until the likelihood grows; None if it does not."""
        for _ in range(8):
            found = self.at(point.theta + step)
            if found is not None and found.loglik > point.loglik:
                return found
            step = 0.5 * step
        return None

    def _innovations(self, records: Floats, guarded: bool = False) -> Innovations:
        guards = self.perturbed.guards if guarded else None
        return normalised(self.perturbed.model, guards, records, self.perturbed.track)

    def _limits(self, found: Innovations) -> Floats:
        """The limits of the gates in units of S at this point instead of S at the neutral one: exact for one component,
        or if S is scaled as a whole."""
        if not self._gated:
            return self._limit
        grown = 2.0 * (np.log(np.where(self._used, found.scale, 1.0)) - self._log_scale)
        sums = np.stack([grown[:, at].sum(axis=1) for at in found.slices], axis=1)
        return self._limit * np.exp(-sums / np.maximum(self._counts, 1))
