"""The log-likelihood of a model's parameters, its exact gradient, and the Fisher information.

    ll(θ) = Σ log p(z_k | z_1:k-1; θ)
    I(θ)  = Σ ½ dlogS dlogSᵀ + dε dεᵀ/S      over the independent innovations ε ~ N(0, S) of every row

Durbin & Koopman 2012, §7.3.3; Harvey 1989, eq. 3.4.69. The information needs first derivatives only, is never
indefinite, and is the expected value of the negative second derivative of ll. So it gives a good step (Fisher scoring)
and good error bars.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of, gradient_engine
from foglight.compiler.kernel import LOGLIK, SEEN
from foglight.compiler.kernels.gradient import log_variances
from foglight.compiler.kernels.increments import digits_lost
from foglight.core.errors import REFUSED, ModelError
from foglight.core.types import Array, Time
from foglight.data.log import Log
from foglight.inference.directions import Along, DirectionRuns, GradientEngine, parts_of
from foglight.inference.moving_start import MovingStart
from foglight.inference.prepare import prepare
from foglight.inference.regular_rows import RegularRows, regular_rows
from foglight.inference.row_errors import any_refused
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model, parameter_values, unknown_directions
from foglight.model.parameters import full_name
from foglight.model.pickling import Portable

_PAYS = 2e9  # scalar operations of a search along lines from which on a kernel of its own takes less time
_STEP = float(np.cbrt(np.finfo(float).eps))  # step of a central difference, relative to the parameter


@dataclass(frozen=True)
class Evaluation:
    """ll(θ), its gradient (p,), and the Fisher information (p, p), in the parameters' own units."""

    loglik: float
    gradient: Array
    information: Array


class Likelihood(Portable):
    """ll(θ) of a model on one or several logs as a function of some of its parameters.

    names: full or bare names of parameters; None means all.  Tracks and logs are summed.  Where the filter fails,
    the log-likelihood is NaN.  Where functions cannot be traced, or their derivatives are too long to compile, the
    gradient is a central difference and the information is the sum over rows of score scoreᵀ.
    share: the fraction of each log whose readings are used: the first rows of each of its tracks.  truth: for each log,
    the true states (T, n) or (tracks, T, n), NaN where unknown; ll is then the log density of the truth under the
    filtered belief of its row.  rows, used_rows, innovations: the number of all rows, of the rows whose readings are
    used, and of their measured components (with truth, of known true states).  step: the usual time between rows, s.

    >>> likelihood = Likelihood(model, log, fog.EKF(), ("motion.accel",))
    >>> likelihood.at([0.4]).gradient
    """

    def __init__(
        self,
        model: Model,
        logs: Log | Sequence[Log],
        method: Method | None = None,
        names: Sequence[str] | None = None,
        start_time: Time | None = None,
        *,
        share: float = 1.0,
        truth: Sequence[Array] | None = None,
    ) -> None:
        self.model = model
        self.method: Method = EKF() if method is None else method
        known = tuple(model.parameters)
        self.names = known if names is None else tuple(full_name(name, known) for name in names)
        if len(set(self.names)) < len(self.names):
            duplicate = next(name for name in self.names if self.names.count(name) > 1)
            raise ModelError(
                f"names: duplicate {duplicate}. Name each parameter once.", field="names", value=duplicate
            )
        self._which = np.array([known.index(name) for name in self.names], dtype=int)
        self._base = parameter_values(model)
        self.start_time = start_time
        self.logs = (logs,) if isinstance(logs, Log) else tuple(logs)
        self._truth = truth is not None
        logs_in = [prepare(model, log, self.method, start_time) for log in self.logs]
        if truth is not None:
            logs_in = [beside(arrays, known) for arrays, known in zip(logs_in, truth, strict=True)]
        self._parts_along: list[DirectionRuns] | None = None
        if self._truth and self._gradient is None:
            raise ModelError(
                "truth: the model has functions that cannot be traced, or is too long to compile. Expected functions "
                "without fog.opaque. Leave truth out to tune by the readings.",
                field="truth",
            )
        self._take([first_part(arrays, share) for arrays in logs_in])
        self.used_rows = sum(arrays.tracks * first_rows(arrays, share) for arrays in self._logs)

    def _take(self, logs: list[Arrays]) -> None:
        """Take these arrays as the logs."""
        self._logs = logs
        self.rows = self.used_rows = sum(arrays.tracks * len(arrays.dt) for arrays in logs)
        steps = np.concatenate([arrays.dt[arrays.dt > 0.0] for arrays in logs])
        self.step = float(np.median(steps)) if len(steps) else 1.0
        counted = slice(sum(len(s.measures) for s in self.model.sensors) if self._truth else 0, None)
        self.innovations = sum(
            int(np.count_nonzero(~np.isnan(arrays.z[:, :, counted]))) * (arrays.tracks // len(arrays.z))
            for arrays in logs
        )
        for name in ("_regular", "_parts", "_ordinary"):
            vars(self).pop(name, None)
        self._parts_along, self._searched = None, 0.0

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_parts_along": None}

    @cached_property
    def _moving(self) -> MovingStart | None:
        """The start, where it depends on the parameters."""
        start = self.model.parametric_start
        return start if start is None else MovingStart(self.model, self.method, start, self.names)

    @cached_property
    def _gradient(self) -> GradientEngine | None:
        """The engine of the gradient; None for differences."""
        return gradient_engine(self.model, self.method, tuple(self._which.tolist()), self._truth)

    @cached_property
    def _regular(self) -> RegularRows | None:
        """All tracks, if none of them needs the filter itself: their gains come from increments of the covariance."""
        if self._truth or not self._logs:
            return None
        found = regular_rows(self.model, self.method, self._which.tolist(), self._logs)
        return found if found is not None and found.regular.all() else None

    @cached_property
    def _parts(self) -> list[DirectionRuns]:
        if self._regular is None:
            return self._ordinary
        return list(parts_of(self._regular.gradient, self._regular.arrays, len(self.names)))

    @cached_property
    def _ordinary(self) -> list[DirectionRuns]:
        """All tracks, for the filter itself."""
        return [] if self._gradient is None else self._parts_of(self._gradient)

    def _parts_of(self, engine: GradientEngine) -> list[DirectionRuns]:
        """The tracks of all logs, for this engine of the gradient."""
        return [
            part for arrays in self._logs for part in parts_of(engine, arrays, len(self.names), self._moving)
        ]

    def beginning(self, rows: int) -> "Likelihood":
        """The likelihood of the first rows only: of so many logs and tracks as have about this many rows."""
        kept: list[Arrays] = []
        for alone in (one for arrays in self._logs for one in arrays.each()):
            if rows > 0:
                kept.append(alone.rows_of(0, min(rows, len(alone.dt))))
                rows -= len(alone.dt)
        other = copy.copy(self)
        other._take(kept)
        return other

    @property
    def values(self) -> Array:
        """The values of the parameters in the model."""
        return np.asarray(self._base[self._which])

    @property
    def tested(self) -> int:
        """The number of innovations less those that unknown directions of the start absorb; at least 1."""
        tracks = sum(one.tracks if one.first is None else len(one.first) for one in self._logs)
        return max(self.innovations - tracks * unknown_directions(self.model), 1)

    @property
    def exact(self) -> bool:
        """Whether derivatives come from the Program; otherwise they are differences."""
        return self._regular is not None or self._gradient is not None

    def loglik(self, values: Sequence[float] | Array) -> float:
        """ll at these values."""
        if self._truth:
            return self.at(values).loglik
        engine = engine_of(self.model, self.method, "last")
        carries = [engine.run(arrays)[0] for arrays in self._logs_at(np.asarray(values, dtype=float))]
        return _total(carries)

    def at(self, values: Sequence[float] | Array) -> Evaluation:
        """ll, its gradient and the information at these values."""
        logliks, gradients, informations = self.at_each(np.asarray(values, dtype=float)[None])
        return Evaluation(float(logliks[0]), gradients[0], informations[0])

    def at_each(self, points: Array) -> tuple[Array, Array, Array]:
        """ll (K,), its gradient (K, p) and the information (K, p, p) at points (K, p), which share the lanes."""
        count, p = len(points), len(self.names)
        logliks, gradients, informations = np.zeros(count), np.zeros((count, p)), np.zeros((count, p, p))
        if not self.exact:
            for k, values in enumerate(points):
                logliks[k], gradients[k], informations[k] = self._by_differences(values)
            return logliks, gradients, informations
        many = max(p, 1)
        directions = np.eye(many, p)[None].repeat(count, axis=0).reshape(count * many, p)
        for _, found in self._runs(points.repeat(many, axis=0), directions):
            logliks += _logliks(found.ends[::many])
            gradients += found.slopes.sum(axis=1).reshape(count, many)[:, :p]
            if p:
                with np.errstate(over="ignore", invalid="ignore"):
                    informations += [own @ own.T for own in found.scores.reshape(count, p, -1)]
        return logliks, gradients, informations

    def along(self, points: Array, directions: Array) -> tuple[Array, Array]:
        """ll (K,) at several points (K, p), and its derivative (K,) along one direction (K, p) from each."""
        if not self.exact:
            return self._along_by_differences(points, directions)
        if not directions.any() and (heights := self.with_squares(points)) is not None:
            return heights[0], np.zeros(len(points))
        logliks, slopes = np.zeros(len(points)), np.zeros(len(points))
        for _, found in self._runs(points, directions, self._for_one_direction(len(points))):
            logliks += _logliks(found.ends)
            slopes += found.slopes.sum(axis=1)
        return logliks, slopes

    def with_squares(self, points: Array) -> tuple[Array, Array] | None:
        """ll (K,) at several points (K, p) and the NIS (K,), Σ ε²/S of all independent innovations, without gradients;
        None where the kernel of the gradient cannot leave them out."""
        if not self._parts or any(part.layout.squares is None for part in self._parts):
            return None
        logliks, squares = np.zeros(len(points)), np.zeros(len(points))
        for part in self._parts if len(points) else []:
            for block in part.blocks:
                ends = part.run(part.silenced(block, int(self._which[0])), points, np.zeros_like(points)).ends
                logliks += _logliks(ends)
                squares += ends[:, :, part.layout.squares].sum(axis=1)
        return logliks, squares

    def shares(self, values: Sequence[float] | Array) -> Array:
        """∂log S/∂θ (p,), the mean over all independent innovations; times a variance θ, this is its share of S."""
        if not self.exact:
            return np.full(len(self.names), np.nan)
        p, total = len(self.names), np.zeros(len(self.names))
        logs = log_variances(self._parts[0].engine.kernel)
        points = np.tile(np.asarray(values, dtype=float), (p, 1))
        for part, found in self._runs(points, np.eye(p)):
            total += np.sqrt(2.0) * found.scores.reshape(p, -1, part.width)[:, :, logs].sum(axis=(1, 2))
        return total / max(self.innovations, 1)

    def _for_one_direction(self, points: int) -> list[DirectionRuns]:
        """The parts for one direction from each point: for a kernel that carries no more of them, once it pays."""
        engine = None if self._regular is not None else self._gradient
        if engine is None or not engine.kernel.on_arrays or len(self.names) < 2:
            return self._parts
        self._searched += points * self.rows * engine.kernel.work
        if self._parts_along is None and self._searched > _PAYS:
            alone = gradient_engine(self.model, self.method, tuple(self._which.tolist()), self._truth, 1)
            self._parts_along = self._parts if alone is None else self._parts_of(alone)
        return self._parts if self._parts_along is None else self._parts_along

    def _runs(
        self, points: Array, directions: Array, parts: list[DirectionRuns] | None = None
    ) -> Iterator[tuple[DirectionRuns, Along]]:
        """What is found for these pairs in each block of the logs. parts: None for those of all directions."""
        given = (self._parts if parts is None else parts) if len(points) else []
        if given and self._regular is not None:
            ran = [(part, part.run(block, points, directions)) for part in given for block in part.blocks]
            lost = any(digits_lost(found.ends).any() for _, found in ran)
            if not (lost and self._ordinary):
                yield from ran
                return
            given = self._ordinary
        for part in given:
            for block in part.blocks:
                yield part, part.run(block, points, directions)

    def _logs_at(self, values: Array) -> list[Arrays]:
        """The logs with these values of the parameters, and with the start that belongs to them."""
        params = self._base.copy()
        params[self._which] = values
        logs = [replace(arrays, params=params) for arrays in self._logs]
        if self._moving is None:
            return logs
        carry = np.append(self._moving.at(values), [0.0, 0.0])
        return [replace(arrays, carry=np.tile(carry, (len(arrays.carry), 1))) for arrays in logs]

    def _by_differences(self, values: Array) -> tuple[float, Array, Array]:
        """As `at`, by central differences of each row's log-likelihood, one-sided next to a bound."""
        p, here = len(values), self._row_logliks(values)
        slopes = np.zeros((p, len(here)))
        for i, name in enumerate(self.names):
            low, high = self.model.bounds[name]
            step = _STEP * (abs(values[i]) or 1.0)
            ends = []
            for sign in (1.0, -1.0):
                moved = values.copy()
                moved[i] = min(max(values[i] + sign * step, low), high)
                ends.append((moved[i], self._row_logliks(moved) if moved[i] != values[i] else here))
            (after, up), (before, down) = ends
            slopes[i] = (up - down) / (after - before)
        return float(here.sum()), slopes.sum(axis=1), slopes @ slopes.T

    def _along_by_differences(self, points: Array, directions: Array) -> tuple[Array, Array]:
        """As `along`, by central differences."""
        low, high = np.array([self.model.bounds[name] for name in self.names]).reshape(-1, 2).T
        logliks, slopes = np.empty(len(points)), np.empty(len(points))
        for k, (values, direction) in enumerate(zip(points, directions, strict=True)):
            logliks[k], slopes[k] = self.loglik(values), 0.0
            if not direction.any():
                continue
            ends = [np.clip(values + sign * _STEP * direction, low, high) for sign in (1.0, -1.0)]
            up, down = (self.loglik(end) for end in ends)
            apart = float((ends[0] - ends[1]) @ direction) / max(float(direction @ direction), 1e-300)
            if apart:
                slopes[k] = (up - down) / apart
        return logliks, slopes

    def _row_logliks(self, values: Array) -> Array:
        engine = engine_of(self.model, self.method, "result")
        rows = []
        for arrays in self._logs_at(values):
            carry, records = engine.run(arrays)
            logliks = records[:, :, engine.kernel.sums + 1].ravel()
            rows.append(np.full(len(logliks), np.nan) if any_refused(carry) else logliks)
        return np.concatenate(rows)


def first_part(arrays: Arrays, share: float) -> Arrays:
    """The arrays with only the first rows' readings: in each track, those of later rows are missing."""
    if share == 1.0:
        return arrays
    z = arrays.z.copy()
    for _, used_rows, stop in _shared(arrays, share):
        z[:, used_rows:stop] = np.nan
    return replace(arrays, z=z)


def first_rows(arrays: Arrays, share: float) -> int:
    """The number of rows whose readings are used, over all tracks that follow one another."""
    return sum(used_rows - start for start, used_rows, _ in _shared(arrays, share))


def _shared(arrays: Arrays, share: float) -> Iterator[tuple[int, int, int]]:
    """For each track its first row, the end of the rows whose readings are used, and its end."""
    starts = [0] if arrays.first is None else arrays.first.tolist()
    for start, stop in pairwise([*starts, len(arrays.dt)]):
        yield start, start + round(share * (stop - start)), stop


def _total(carries: list[Array]) -> float:
    """Σ loglik of all logs, NaN where a row was refused."""
    return float(sum(_logliks(carry[None])[0] for carry in carries))


def _logliks(carries: Array) -> Array:
    """Σ loglik over the tracks, of carries (…, tracks, carried); NaN where a row of a track was refused."""
    seen = np.bitwise_or.reduce(carries[:, :, SEEN].astype(np.int64), axis=1)
    return np.where(seen & int(REFUSED), np.nan, carries[:, :, LOGLIK].sum(axis=1))


def beside(arrays: Arrays, truth: Array) -> Arrays:
    """The arrays with the true states as additional readings of each row."""
    truth = truth[None] if truth.ndim == 2 else truth
    tracks = max(len(arrays.z), len(truth))
    both = [np.broadcast_to(a, (tracks, *a.shape[1:])) for a in (arrays.z, truth)]
    return replace(arrays, z=np.concatenate(both, axis=2))
