"""The filter run again on other readings of the same log, and how far each reading is from what it then predicts."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.core.types import Floats
from foglight.diagnostics.check.divergence import predicted_readings, where
from foglight.diagnostics.check.faulty_readings.fault import Mask
from foglight.diagnostics.check.innovations import Innovations, normalised, recorded, track_of
from foglight.diagnostics.check.sentences import accused
from foglight.diagnostics.chi_square import quantile
from foglight.inference.run import Run
from foglight.model.model import Model, Sensor

_SHARE = 0.05  # of the level, for readings of healthy logs that are far off by chance
_KEPT = 3  # runs that are kept, besides the first
_PARTS = 10  # of a log, at most
_PART = 50  # readings of a part, at least
_CHANCE = 4.5  # three times √N times the standard deviation of a median of N squares, over that of χ²
_LEAST = 1.5  # factor on the least median of the parts, which is small by chance
_WRONG = 2.0  # median NIS over that of χ² from which noises are wrong: the limit is then of all readings,
_MARGIN = 4.0  # and so much larger


@dataclass(frozen=True)
class Rerun:
    """A run on readings z (N, M), and its innovations.

    ratio (N, sensors): the NIS over its limit, 0 where the sensor was not used. The limit is that of χ² for all
    readings of the log together; where a sensor's innovations are too wide in all parts of the log, it grows with them.
    """

    reruns: "Reruns"
    z: Floats

    @cached_property
    def run(self) -> Run:
        """The run itself."""
        return self.reruns.run_on(self.z)

    @cached_property
    def found(self) -> Innovations:
        """The innovations, by a scan of their own: most reruns need nothing else."""
        of = self.reruns
        if self.z is of.z and of.found is not None and of._finite:
            return of.found
        method = of.original.method
        return normalised(of.model, method, recorded(of.model, method, of.arrays_with(self.z)), of.track)

    @cached_property
    def limit(self) -> Floats:
        """The largest NIS that is not gross, by sensor, with all its components."""
        return np.array(
            [
                self.reruns.bound(len(sensor.measures)) * self._widening(k)
                for k, sensor in enumerate(self.reruns.model.sensors)
            ]
        )

    def limit_of_one(self, sensor: int) -> float:
        """The largest NIS of one component of a sensor that is not gross."""
        m = self.reruns.slices[sensor].stop - self.reruns.slices[sensor].start
        return float(self.limit[sensor] * self.reruns.bound(1) / self.reruns.bound(m))

    @cached_property
    def ratio(self) -> Floats:
        """The NIS over its limit (N, sensors); 0 where the sensor was not used."""
        return np.nan_to_num(self.found.nis, nan=0.0, posinf=np.inf) / self.limit

    @cached_property
    def beyond(self) -> Mask:
        """Whether the NIS is beyond the limit of χ² alone (N, sensors)."""
        bound = [self.reruns.bound(at.stop - at.start) for at in self.reruns.slices]
        return np.asarray(np.nan_to_num(self.found.nis, nan=0.0, posinf=np.inf) > bound)

    def residuals(self, sensor: int, rows: NDArray[np.int64], z: Floats) -> Floats:
        """The NIS (rows, m) of each component of the readings z (N, M), which this run left out; 0 where unknown."""
        at = self.reruns.slices[sensor]
        out = np.zeros((len(rows), at.stop - at.start))
        known = ~self.reruns.unknown[rows]
        if not known.any():
            return out
        one = self.reruns.model.sensors[sensor]
        h, S = (found[one.name] for found in predicted_readings(self.run, rows[known]))
        out[known] = np.nan_to_num(_wrapped(z[rows[known], at] - h, one) ** 2 / S.diagonal(axis1=1, axis2=2))
        return out

    def next_fit(self, sensor: int, rows: NDArray[np.int64]) -> Mask:
        """Whether the sensor's first reading after each of these rows, which were left out, fits; True if none is."""
        reports = self.reruns.reports(sensor, self.z)
        after = np.searchsorted(reports, rows, side="right")
        if not len(reports):
            return np.ones(len(rows), bool)
        row = reports[np.minimum(after, len(reports) - 1)]
        none = (after == len(reports)) | (self.reruns.track[row] != self.reruns.track[rows])
        fits: Mask = none | (self.ratio[row, sensor] <= 1.0)
        return fits

    def gain_over(self, other: "Rerun") -> float:
        """2 Δloglik over another run, of the readings that both use."""
        return float(2.0 * np.nansum(self.found.loglik - other.found.loglik))

    def width(self, sensor: int, rows: slice = slice(None)) -> float:
        """The median NIS of a sensor over that of χ², in some rows; NaN if it has none there."""
        m, nis = self.found.counts[rows, sensor], self.found.nis[rows, sensor]
        used = m > 0
        if not used.any():
            return float("nan")
        half = quantile(np.arange(1, m.max() + 1), 0.5)[m[used] - 1]
        return float(np.median(nis[used] / half))

    def _widening(self, sensor: int) -> float:
        """How much wider than χ² a sensor's NIS is, at least 1.

        It is that of the part of the log where it is least, so that what is gross in other parts does not count. Where
        that is far from 1, noises are wrong, and tails may be heavy.
        """
        reports = self.reruns.reports(sensor, self.z)
        whole = self.width(sensor)
        if not whole > 1.0 + _CHANCE / np.sqrt(len(reports)):
            return 1.0
        parts = np.array_split(reports, max(1, min(_PARTS, len(reports) // _PART)))
        widths = [self.width(sensor, slice(part[0], part[-1] + 1)) for part in parts if len(part)]
        least = min([width for width in widths if np.isfinite(width)], default=1.0)
        return max(1.0, _LEAST * least if least < _WRONG else _MARGIN * whole)


class Reruns:
    """Runs of one model, method and log on changed readings.

    z (N, M): the readings, rows of all tracks one track after another; NaN where missing or not finite.  track (N,).
    judged: the numbers of the sensors that are looked at: those that no gate, bound or Student-t distribution guards.
    found: the innovations of the original run, if they are known.
    """

    def __init__(self, run: Run, level: float, found: Innovations | None = None) -> None:
        self.original, self.found = run, found
        self.model: Model = run.model
        self.shape = run._received.shape
        z = run._received.reshape(-1, self.shape[-1])
        self.z: Floats = np.where(np.isfinite(z), z, np.nan)
        self.track = track_of(run._arrays)
        self.slices = [at for _, at in run.model.blocks]
        self.judged = [k for k, sensor in enumerate(run.model.sensors) if not _guarded(run, sensor)]
        self.unknown: Mask = np.zeros(len(self.z), bool)
        if isinstance(run._engine, TwoPhaseEngine):
            rows = run._unknown().rows
            self.unknown = np.isin(np.arange(len(self.z)) % self.shape[-2], rows)
        reports = sum(int((~np.isnan(self.z[:, at])).any(axis=1).sum()) for at in self.slices)
        self._tail = _SHARE * level / max(reports, 1)
        self._finite = bool((np.isfinite(z) | np.isnan(z)).all())
        self._kept = [Rerun(self, self.z)] if self._finite else []

    def on(self, z: Floats) -> Rerun:
        """The run on readings z (N, M)."""
        for found in self._kept:
            if np.array_equal(z, found.z, equal_nan=True):
                return found
        found = Rerun(self, z)
        self._kept = [*self._kept[:1], *self._kept[1:][-_KEPT:], found]
        return found

    def run_on(self, z: Floats) -> Run:
        """The filter run on readings z (N, M); the original run on its own."""
        run, arrays = self.original, self.arrays_with(z)
        if arrays is run._arrays:
            return run
        return Run(run.model, run.log, run.method, run._engine, arrays, *run._engine.run(arrays), run._marks)

    def arrays_with(self, z: Floats) -> Arrays:
        """The arrays of a scan of readings z (N, M); those of the original run for its own."""
        arrays = self.original._arrays
        return arrays if self._finite and z is self.z else replace(arrays, z=z.reshape(arrays.z.shape))

    def bound(self, m: int) -> float:
        """The NIS of m components that no reading of a healthy log exceeds, with the share of the level for it."""
        from scipy.special import gammainccinv

        return float(2.0 * gammainccinv(0.5 * m, self._tail))

    def ends(self, row: int) -> tuple[int, int]:
        """The first row of a row's track, and the row after its last."""
        rows = np.flatnonzero(self.track == self.track[row])
        return int(rows[0]), int(rows[-1]) + 1

    def reports(self, sensor: int, z: Floats) -> NDArray[np.int64]:
        """The rows in which a sensor has a reading in z."""
        return np.flatnonzero(~np.isnan(z[:, self.slices[sensor]]).all(axis=1))

    def mask(self, sensor: int, rows: NDArray[np.int64], components: tuple[int, ...]) -> Mask:
        """The readings (N, M) of some rows and components of a sensor."""
        mask = np.zeros(self.z.shape, bool)
        for i in components:
            mask[rows, self.slices[sensor].start + i] = True
        return mask

    def subject(self, sensor: int, components: tuple[int, ...]) -> str:
        """The name of a sensor, or of the only one of its components that is accused."""
        return accused(self.model, [self.slices[sensor].start + i for i in components])

    def where(self, row: int) -> str:
        """A row (of all tracks) in words."""
        return where(self.original, row)

    def number(self, row: int) -> str:
        """The number of a row, with its track where tracks lie side by side."""
        T = self.shape[-2]
        return f"{row % T} of track {row // T}" if self.original._arrays.tracks > 1 else str(row)


def _guarded(run: Run, sensor: Sensor) -> bool:
    thresholds = run.method.thresholds(sensor.name, len(sensor.measures))
    return bool(thresholds.gates or thresholds.bounds or thresholds.doubted)


def _wrapped(e: Floats, sensor: Sensor) -> Floats:
    angle = np.array([measure in sensor.angles for measure in sensor.measures])
    return np.where(angle, np.remainder(e + np.pi, 2.0 * np.pi) - np.pi, e)
