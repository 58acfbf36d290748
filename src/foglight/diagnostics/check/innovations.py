"""A run's innovations, normalised: independent standard normals if the model is right.

The used components of each sensor are taken in declared order, each given those before it: ε/√s with S = L diag(s) Lᵀ
and ε = L⁻¹ e. The filter itself computes them so, and they are recorded by a scan of its own, without S and K. The
sensors of one row are processed in sequence, so they are independent already (Kailath 1968).
A component is used where the run's innovation is not NaN: not if it is missing, gated or absorbed by a diffuse start.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.core.types import Floats
from foglight.diagnostics.chi_square import Cut, cut
from foglight.inference.run import Run
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.pickling import Portable


@dataclass(frozen=True)
class Innovations(Portable):
    """N rows of all tracks, one track after another, and the M components of all sensors in declared order.

    value (N, M): ε, N(0, 1) if the model is right; NaN where unused.  scale (N, M): its standard deviation in the
    component's own unit, given the components before it.  limit (N, sensors): the largest NIS that is used, inf
    without a gate; readings beyond a Huber bound, and those that count less than half with a Student-t distribution,
    are left out like those beyond a gate.
    track (N,): the track of each row.  typical (M,): the median standard deviation √S of each component, NaN if none is
    known; of the innovations of a run.
    """

    value: Floats
    scale: Floats
    limit: Floats
    track: NDArray[np.int64]
    sizes: tuple[int, ...]
    typical: Floats | None = None

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

    @cached_property
    def loglik(self) -> Floats:
        """log p of each component (N, M), up to 2π; NaN where it was not used."""
        value: Floats = -0.5 * self.value**2 - np.log(self.scale)
        return value

    def by_component(self, by_sensor: Floats) -> Floats:
        """Values by sensor (N, sensors), repeated for each of its components (N, M)."""
        return np.repeat(by_sensor, self.sizes, axis=1)


def innovations_of(run: Run) -> Innovations:
    """The innovations of a run, without readings that its method's gates and bounds leave out."""
    records = recorded(run.model, run.method, run._arrays)
    found = normalised(run.model, run.method, records, track_of(run._arrays))
    return replace(found, typical=_typical(variances_of(run.model, records)))


def _typical(variances: Floats) -> Floats:
    known = [variance[variance > 0.0] for variance in variances.T]
    return np.array([np.sqrt(np.median(variance)) if len(variance) else np.nan for variance in known])


def recorded(model: Model, method: Method, arrays: Arrays) -> Floats:
    """What one scan of these arrays says of innovations (tracks, T, 3 M).

    For each sensor ε (m,), each component given those before it, then their variances, then the diagonal of S. NaN
    where a component was not used."""
    return engine_of(model, method, "innovations").run(arrays)[1]


def normalised(model: Model, guards: Method | None, records: Floats, track: NDArray[np.int64]) -> Innovations:
    """From what was `recorded`; guards: the method whose gates and bounds apply, or None."""
    records = records.reshape(-1, records.shape[-1])
    sizes = tuple(len(sensor.measures) for sensor in model.sensors)
    value, scale = np.empty((2, len(records), sum(sizes)))
    limit = np.full((len(records), len(sizes)), np.inf)
    for k, (sensor, at) in enumerate(model.blocks):
        m = sizes[k]
        eps, variance = (records[:, 3 * at.start + j * m : 3 * at.start + (j + 1) * m] for j in range(2))
        with np.errstate(invalid="ignore", divide="ignore"):
            deviation = np.sqrt(variance)
            value[:, at] = np.where(deviation > 0.0, eps / deviation, np.nan)
        scale[:, at] = np.where(deviation > 0.0, deviation, np.nan)
        if guards is not None:
            limit[:, k] = limits_of(guards, sensor, (~np.isnan(value[:, at])).sum(axis=1))
            # The filter uses a reading beyond a bound, but bounded. Those within it are a truncated χ².
            beyond = np.nansum(value[:, at] ** 2, axis=1) > limit[:, k]
            value[beyond, at] = np.nan
    return Innovations(value, scale, limit, track, sizes)


def places_of(model: Model, rows: NDArray[np.int64], components: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where ε and its variance of these components (K,) in these rows (K,) are in what was `recorded`, (2, K)."""
    of_eps = np.concatenate([2 * at.start + np.arange(at.start, at.stop) for _, at in model.blocks])
    size = np.concatenate([np.full(at.stop - at.start, at.stop - at.start) for _, at in model.blocks])
    first = rows * (3 * len(of_eps)) + of_eps[components]
    return np.stack([first, first + size[components]])


def variances_of(model: Model, records: Floats) -> Floats:
    """The diagonal of S (N, M), from what was `recorded`."""
    found = records.reshape(-1, records.shape[-1])
    return np.concatenate([found[:, 2 * at.stop + at.start : 3 * at.stop] for _, at in model.blocks], axis=1)


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
