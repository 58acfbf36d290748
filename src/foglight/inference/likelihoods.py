"""The log-likelihoods of several series, each at parameters of its own, with their gradients and Fisher information.

A kernel of a gradient carries the parameters beside the belief. So the series are tracks of one call, and each may have
parameters of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of, gradient_engine
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernel import LOGLIK, SEEN
from foglight.compiler.kernels.increments import digits_lost
from foglight.core.errors import REFUSED
from foglight.core.types import Array, Time
from foglight.data.log import Log
from foglight.inference.directions import DirectionRuns, GradientEngine
from foglight.inference.moving_start import MovingStart
from foglight.inference.prepare import prepare
from foglight.inference.regular_rows import regular_rows
from foglight.methods.method import Method
from foglight.model.model import Model, parameter_values, unknown_directions

Numbers = NDArray[np.int64]
_AT_ONCE = 1 << 24  # bytes of derivatives that are kept at once
_ALONE = 1 << 18  # multiplications of a product, at most
_LARGEST = 256  # readings of a series, at most, whose innovations are found as a product
_SAME = 1e-6  # relative difference of two sums of squares that are equal but for rounding


class InnovationMap(NamedTuple):
    """The innovations over their standard deviations, ε = z A + b, of the readings z (T m,) of a series, for parameters
    whose log-likelihood is c - ½ ε εᵀ."""

    A: Array
    b: Array
    c: float

    def at(self, z: Array) -> tuple[Array, Array]:
        """ll (K,) and the NIS (K,) of series with readings z (K, T, m)."""
        # A product that BLAS would share out among threads of its own takes far longer where all cores are busy.
        count = max(1, _ALONE // self.A.size)
        parts = [
            z[first : first + count].reshape(-1, len(self.A)) @ self.A for first in range(0, len(z), count)
        ]
        white = np.concatenate(parts) + self.b
        nis = np.einsum("ki,ki->k", white, white)
        return self.c - 0.5 * nis, nis


class Likelihoods:
    """ll(θ) of each track of a log, at a θ of its own. names: full names of the parameters θ.

    rows, innovations, tested (S,): of each series the number of rows, of measured components, and of those that an
    unknown start leaves, at least 1.  exact: whether the gradient could be compiled; if not, there is only the number
    of rows and innovations.
    """

    def __init__(
        self, model: Model, log: Log, method: Method, names: Sequence[str], start_time: Time | None = None
    ) -> None:
        known = list(model.parameters)
        self.model, self.method = model, method
        self._which = np.array([known.index(name) for name in names], dtype=int)
        self._base, self._p = parameter_values(model), len(names)
        start = model.parametric_start
        self._moving = None if start is None else MovingStart(model, method, start, names)
        self._arrays = _side_by_side(prepare(model, log, method, start_time))
        ragged = self._arrays.first is not None
        self.rows: Numbers = (
            self._arrays.lengths if ragged else np.full(self._arrays.tracks, len(self._arrays.dt))
        )
        counts = np.count_nonzero(~np.isnan(self._arrays.z), axis=2)
        self.innovations: Numbers = (
            np.add.reduceat(counts[0], self._arrays.first)
            if self._arrays.first is not None
            else np.broadcast_to(counts.sum(axis=1), self.rows.shape)
        )
        self.tested: Numbers = np.maximum(self.innovations - unknown_directions(model), 1)
        self._regular = regular_rows(model, method, self._which.tolist(), [self._arrays])
        regular = np.zeros(len(self.rows), bool) if self._regular is None else self._regular.regular
        self._number = np.where(regular, np.cumsum(regular) - 1, -1)  # among the regular series
        self.exact = bool(regular.all()) or self._runs is not None

    @cached_property
    def _runs(self) -> DirectionRuns | None:
        """The runs of the filter itself; None where the gradient cannot be compiled."""
        engine = gradient_engine(self.model, self.method, tuple(self._which.tolist()))
        return None if engine is None else DirectionRuns(engine, self._p, self._moving)

    def at_each(self, series: Numbers, points: Array) -> tuple[Array, Array, Array]:
        """ll (K,), its gradient (K, p) and the information (K, p, p) of these series (K,) at these points (K, p)."""
        p, regular = self._p, self._regular
        found = np.empty(len(series)), np.empty((len(series), p)), np.empty((len(series), p, p))
        left = self._number[series] < 0
        some = np.flatnonzero(~left)
        if regular is not None and len(some):
            runs = DirectionRuns(regular.gradient, p, None)
            *parts, lost = self._at_each(runs, regular.arrays, self._number[series[some]], points[some])
            for whole, part in zip(found, parts, strict=True):
                whole[some] = part
            if lost.any() and self._runs is not None:
                left[some[lost]] = True
        if left.any():
            *parts, _ = self._at_each(self._runs, self._arrays, series[left], points[left])
            for whole, part in zip(found, parts, strict=True):
                whole[left] = part
        return found

    def _at_each(
        self, runs: DirectionRuns | None, arrays: Arrays, series: Numbers, points: Array
    ) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
        """As `at_each`, by these runs; and for which series digits were lost."""
        assert runs is not None
        p, lost = self._p, np.zeros(len(series), bool)
        d = runs.layout.directions
        groups = -(-p // d)
        seeds = np.zeros((groups * d, p))
        seeds[:p] = np.eye(p)
        logliks, gradients, informations = (
            np.empty(len(series)), np.empty((len(series), p)), np.empty((len(series), p, p))
        )  # fmt: skip
        for at in self._parts(series, groups * d * runs.width):
            count = at.stop - at.start
            where = points[at].repeat(groups, axis=0)
            along = np.tile(seeds.reshape(groups, d, p), (count, 1, 1))
            tracks = series[at].repeat(groups)
            own = arrays.carry[:1] if arrays is self._arrays else arrays.carry[tracks]
            start = runs.start(own, where, along)
            carry, records = self._run(runs.engine, arrays, tracks, start)
            logliks[at] = _logliks(carry[::groups])
            lost[at] = digits_lost(carry[::groups])
            slopes = carry[:, runs.layout.tangent : runs.layout.tangent + d]
            gradients[at] = slopes.reshape(count, groups * d)[:, :p]
            scores = records.reshape(count, groups, -1, d, runs.width).transpose(0, 1, 3, 2, 4)
            own = np.nan_to_num(
                scores.reshape(count, groups * d, -1)[:, :p], nan=0.0, posinf=np.inf, neginf=-np.inf
            )
            with np.errstate(over="ignore", invalid="ignore"):
                informations[at] = own @ own.transpose(0, 2, 1)
        return logliks, gradients, informations, lost

    def readings(self, number: int) -> Array:
        """The readings (rows, m) of a series, on the scale of the model."""
        given = self._arrays
        if given.first is None:
            return np.asarray(given.z[number])
        first = int(given.first[number])
        return np.asarray(given.z[0, first : first + int(self.rows[number])])

    def at_common(self, series: Numbers, values: Array) -> tuple[Array, Array]:
        """ll (K,) and the NIS of all readings (K,) of these series, with the same parameters (p,) for all: less work,
        since the series share the covariances."""
        logliks, nis = np.empty(len(series)), np.empty(len(series))
        left = np.arange(len(series))
        if self._regular is not None:
            left = self._at_common_of_regular(series, values, logliks, nis)
        for part in self._parts(series[left], 3 * self._arrays.z.shape[2]):
            at = left[part]
            logliks[at], white = self._white(self._arrays, series[at], values)
            nis[at] = np.einsum("krm,krm->k", white, white)
        return logliks, nis

    def _at_common_of_regular(self, series: Numbers, values: Array, logliks: Array, nis: Array) -> Numbers:
        """Fill in what `at_common` returns of the regular series; returns the positions of the others."""
        assert self._regular is not None
        numbers = self._number[series]
        some = np.flatnonzero(numbers >= 0)
        params = self._base.copy()
        params[self._which] = values
        given = replace(self._regular.arrays, params=params)
        carry, _ = self._run(self._regular.likelihood, given, numbers[some], given.carry[numbers[some]])
        logliks[some], nis[some] = _logliks(carry), carry[:, self._regular.nis]
        return np.setdiff1d(np.arange(len(series)), some[~digits_lost(carry)])

    def linear_map(self, values: Array) -> "InnovationMap | None":
        """What gives ll and the NIS of any series at these parameters by a product of matrices; None unless all series
        have the same times, no missing readings, and more series than readings each; and where a row is little work.

        In a linear model the innovations are a linear function of the readings, found from those of unit readings."""
        given = self._arrays
        tracks, rows, m = given.z.shape
        count = rows * m
        if (
            given.first is not None
            or self._regular is not None
            or len(given.u) > 1
            or count > min(_LARGEST, tracks)
            or np.isnan(given.z).any()
        ):
            return None
        units = np.concatenate([np.zeros((1, rows, m)), np.eye(count).reshape(count, rows, m)])
        logliks, white = self._white(replace(given, z=units), np.arange(count + 1), values)
        white = white.reshape(count + 1, count)
        found = InnovationMap(white[1:] - white[0], white[0], float(logliks[0] + 0.5 * white[0] @ white[0]))
        some = np.arange(min(2, tracks))
        (_, mapped), (_, usual) = found.at(given.z[some]), self.at_common(some, values)
        return found if np.allclose(mapped, usual, rtol=_SAME) else None

    def mapped(self, series: Numbers, maps: Sequence["InnovationMap"]) -> Iterator[tuple[Array, Array]]:
        """What each of these maps gives for these series."""
        z = self._arrays.z[series]
        return (one.at(z) for one in maps)

    def _white(self, arrays: Arrays, series: Numbers, values: Array) -> tuple[Array, Array]:
        """ll (K,) and the independent innovations over their standard deviations (K, rows, m), 0 where unused."""
        engine = engine_of(self.model, self.method, "innovations")
        params = self._base.copy()
        params[self._which] = values
        carry = self._arrays.carry[:1]
        if self._moving is not None:
            carry = np.append(self._moving.at(values), [0.0, 0.0])[None]
        start = np.tile(carry, (len(series), 1))
        ends, records = self._run(engine, replace(arrays, params=params), series, start)
        sizes, parts, column = [len(sensor.measures) for sensor in self.model.sensors], [], 0
        for m in sizes:
            e, s = records[..., column : column + m], records[..., column + m : column + 2 * m]
            with np.errstate(divide="ignore", invalid="ignore"):
                parts.append(np.nan_to_num(e / np.sqrt(s), nan=0.0))
            column += 3 * m
        return _logliks(ends), np.concatenate(parts, axis=2)

    def _run(
        self, engine: GradientEngine, given: Arrays, tracks: Numbers, start: Array
    ) -> tuple[Array, Array]:
        """The carries and records (tracks, rows, width) of these tracks from this start, NaN beyond their last rows."""
        short = _lanes(engine) - len(tracks)
        if short > 0:  # any track, until the lanes are full: else fewer lanes would be compiled, too
            tracks, start = (
                np.append(tracks, tracks[:1].repeat(short)),
                np.append(start, start[:1].repeat(short, 0), 0),
            )
        if given.first is None:
            u, z = (a[tracks] if len(a) > 1 else a for a in (given.u, given.z))
            some = replace(given, u=u, z=z, carry=start)
        else:
            some, _ = given.parts_of(tracks, np.zeros(len(tracks), np.int64), self.rows[tracks])
            some = replace(some, carry=start)
        carry, records = engine.run(some)
        if some.first is not None:
            records = _padded(records[0], some.lengths)
        count = len(tracks) - max(short, 0)
        return carry[:count], records[:count]

    def _parts(self, series: Numbers, width: int) -> Iterator[slice]:
        """Parts of the series that keep at most so many numbers in each row at once."""
        rows = int(self.rows[series].max(initial=1))
        some = max(1, _AT_ONCE // (8 * rows * max(1, width)))
        for first in range(0, len(series), some):
            yield slice(first, min(first + some, len(series)))


def _side_by_side(arrays: Arrays) -> Arrays:
    """Tracks that follow one another side by side, if they have the same times: then the lanes run without a gap."""
    if arrays.first is None:
        return arrays
    lengths, count = arrays.lengths, len(arrays.first)
    n = int(lengths[0])
    if (lengths != n).any() or arrays.row.size or (arrays.dt.reshape(count, n) != arrays.dt[:n]).any():
        return arrays
    u, z = (a.reshape(count, n, a.shape[2]) for a in (arrays.u, arrays.z))
    return replace(arrays, dt=arrays.dt[:n], u=u, z=z, row=arrays.row[:, :n], first=None)


def _lanes(engine: GradientEngine) -> int:
    one = engine.first if isinstance(engine, TwoPhaseEngine) else engine
    return one.lanes(1 << 30) if isinstance(one, CompiledEngine) else 1


def _padded(records: Array, lengths: Numbers) -> Array:
    """The records of tracks that follow one another as (tracks, longest, width), NaN beyond their ends."""
    whole = np.full((len(lengths), int(lengths.max()), records.shape[1]), np.nan)
    whole[np.arange(whole.shape[1]) < lengths[:, None]] = records
    return whole


def _logliks(carry: Array) -> Array:
    """Σ loglik of each track; NaN where a row was refused."""
    refused = carry[:, SEEN].astype(np.int64) & int(REFUSED) != 0
    return np.where(refused, np.nan, carry[:, LOGLIK])
