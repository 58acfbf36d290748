"""A run's innovations, normalised: independent standard normals if the model is right.

The innovation e of each sensor is whitened by the Cholesky factor of its S = L Lᵀ, its used components in declared
order: ε = L⁻¹ e. The sensors of one row are processed in sequence, so they are independent already (Kailath 1968).
A component is used where the run's innovation is not NaN: not if it is missing, gated or absorbed by a diffuse start.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core.types import Floats
from foglight.diagnostics.chi_square import Cut, cut
from foglight.inference.run import Run
from foglight.methods.method import Method
from foglight.model.model import Model


@dataclass(frozen=True)
class Innovations:
    """N rows of all tracks, one track after another, and the M components of all sensors in declared order.

    value (N, M): ε, N(0, 1) if the model is right; NaN where unused.  scale (N, M): its standard deviation in the
    component's own unit, given the components before it.  limit (N, sensors): the largest NIS that is used, inf
    without a gate; readings beyond a Huber bound, and those that count less than half with a Student-t distribution,
    are left out like those beyond a gate.
    track (N,): the track of each row.
    """

    value: Floats
    scale: Floats
    limit: Floats
    track: NDArray[np.int64]
    sizes: tuple[int, ...]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which components are used (N, M)."""
        return ~np.isnan(self.value)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The components of each sensor."""
        ends = np.cumsum([0, *self.sizes])
        return tuple(slice(int(a), int(b)) for a, b in pairwise(ends))

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Components used, by row and sensor (N, sensors): the degrees of freedom of its NIS."""
        return np.stack([self.used[:, at].sum(axis=1) for at in self.slices], axis=1)

    @cached_property
    def nis(self) -> Floats:
        """The NIS by row and sensor (N, sensors); NaN where the sensor was not used."""
        sums = np.stack([np.nansum(self.value[:, at] ** 2, axis=1) for at in self.slices], axis=1)
        return np.where(self.counts > 0, sums, np.nan)

    @cached_property
    def expected(self) -> Cut:
        """Moments of each square, by row and sensor (N, sensors)."""
        if not np.isfinite(self.limit).any():
            one, shape = 1.0, self.limit.shape
            return Cut(*[np.broadcast_to(v, shape) for v in (one, 2.0, 0.0, 1.0)])
        return cut(np.maximum(self.counts, 1), self.limit)

    def by_component(self, by_sensor: Floats) -> Floats:
        """Values by sensor (N, sensors), repeated for each of its components (N, M)."""
        return np.repeat(by_sensor, self.sizes, axis=1)


def innovations_of(run: Run) -> Innovations:
    """The innovations of a run, without readings that its method's gates and bounds leave out."""
    return normalised(run.model, run.method, run.innovation, run.innovation_cov, track_of(run._arrays))


def normalised(
    model: Model, guards: Method | None, e: Floats, S: Floats, track: NDArray[np.int64]
) -> Innovations:
    """From e (…, T, M) and S (…, T, M, M) of a run; guards: the method whose gates and bounds apply, or None."""
    M = e.shape[-1]
    e, S = e.reshape(-1, M), S.reshape(-1, M, M)
    sizes = tuple(len(sensor.measures) for sensor in model.sensors)
    value, scale = np.empty(e.shape), np.empty(e.shape)
    limit = np.full((len(e), len(sizes)), np.inf)
    first = 0
    for k, (sensor, m) in enumerate(zip(model.sensors, sizes, strict=True)):
        at = slice(first, first + m)
        value[:, at], scale[:, at] = whiten(e[:, at], S[:, at, at])
        if guards is not None:
            limit[:, k] = limits_of(guards, sensor, (~np.isnan(value[:, at])).sum(axis=1))
            # The filter uses a reading beyond a bound, but bounded. Those within it are a truncated χ².
            beyond = np.nansum(value[:, at] ** 2, axis=1) > limit[:, k]
            value[np.ix_(beyond, range(first, first + m))] = np.nan
        first += m
    return Innovations(value, scale, limit, track, sizes)


def track_of(arrays: Arrays) -> NDArray[np.int64]:
    """The track number of each row, rows of all tracks one track after another."""
    T = len(arrays.dt)
    if arrays.first is None:
        return np.repeat(np.arange(arrays.tracks), T)
    starts = np.zeros(T, np.int64)
    starts[arrays.first] = 1
    return np.cumsum(starts) - 1


def limits_of(method: Method, sensor: Any, counts: NDArray[np.int64]) -> Floats:
    """The largest NIS that is used (N,), by the number of used components (N,)."""
    thresholds = method.thresholds(sensor.name, len(sensor.measures))
    limit = np.full(len(counts), np.inf)
    for limits in (thresholds.gates, thresholds.bounds, thresholds.doubted):
        if limits:
            limit = np.minimum(limit, np.array([np.inf, *limits])[counts])
    return limit


def whiten(e: Floats, S: Floats) -> tuple[Floats, Floats]:
    """ε (N, m) and the deviations (N, m) that e was divided by, from e (N, m) and S (N, m, m); NaN where e is NaN."""
    m = e.shape[1]
    used = ~np.isnan(e)
    if m == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            deviation = np.sqrt(S[:, 0])
            return np.where(deviation > 0.0, e / deviation, np.nan), np.where(used, deviation, np.nan)
    both = used[:, :, None] & used[:, None, :]
    L = np.where(both, S, np.eye(m))
    value, deviation = np.where(used, e, 0.0), np.ones(e.shape)
    for j in range(m):
        for i in range(j):
            value[:, j] -= L[:, j, i] * value[:, i]
            L[:, j:, j] -= L[:, j:, i] * L[:, j, i, None]
        pivot = L[:, j, j].copy()
        sound = pivot > 0.0
        deviation[:, j] = np.sqrt(np.where(sound, pivot, 1.0))
        value[:, j] = np.where(sound, value[:, j] / deviation[:, j], 0.0)
        L[:, j:, j] = np.where(sound[:, None], L[:, j:, j] / deviation[:, j, None], 0.0)
        used[:, j] &= sound
    return np.where(used, value, np.nan), np.where(used, deviation, np.nan)
