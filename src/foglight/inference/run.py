"""Filter a log with a model: `fog.run` and its result."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.adaptation import columns
from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernel import LOGLIK
from foglight.core import memory
from foglight.core.checks import one_of
from foglight.core.errors import DataError, StateError
from foglight.core.pictured import Reported
from foglight.core.text import counted
from foglight.core.threads import at_most, with_threads
from foglight.core.types import Array, Time
from foglight.data.log import Log
from foglight.data.long_step import StepSizes
from foglight.inference.components import Decomposable, States
from foglight.inference.detail import Block, blocks_of, gain, innovation_cov
from foglight.inference.gaussians import Gaussians, Unknown, anchors_of, belief_from, unlimited
from foglight.inference.prepare import checked_log, prepare
from foglight.inference.row_errors import any_refused, raise_first_bad
from foglight.inference.row_marks import check_gap, row_marks
from foglight.inference.run_columns import RunTable
from foglight.inference.scans import unflat
from foglight.inference.short_logs import warn_of_few_readings, warn_of_short_season
from foglight.inference.time_steps import time_steps
from foglight.inference.truncation import limited
from foglight.methods import registry
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.model.pickling import Portable


@with_threads
def run(
    model: Model,
    log: Log,
    method: Method | None = None,
    *,
    start_time: Time | None = None,
    gap: float | None = None,
    max_gap: float | None = None,
    keep: str = "all",
    on_bad: str = "raise",
    threads: int | None = None,
) -> "Run":
    """Filter a log: p(x_k | z_1:k) for every row k.

    Every row predicts from the row before, then updates with its sensors in declared order. NaN is a missing
    component. Each track of a log begins at the model's start.

    Parameters
    ----------
    model : Model
        The motion, the sensors and the start.
    log : Log
        The readings, in time order. A series or dataframe with dates is one, as `Log.series` reads it.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    start_time : float, datetime, pandas.Timestamp or datetime64, default the time of the first row
        When the model's start holds: seconds as in `log.time`, or a date if the log came with dates. The start is
        predicted once from then to the first row.
    gap : float, optional
        Seconds, or periods of the log's calendar. A row that is later than this after the row before it has
        Status.AFTER_GAP.
    max_gap : float, optional
        Seconds, or periods. A row that is later than this after the row before it has a wrong stamp: an error, or
        with on_bad="flag" left out with Status.TIME_JUMP, until such rows have gone on for longer than max_gap.
    keep : {"all", "last"}, default "all"
        What to keep: the results of every row, or only the final belief and the log-likelihood.
    on_bad : {"raise", "flag"}, default "raise"
        What to do with a row that cannot be computed: raise at the first one, or skip the step that fails (a
        prediction, or the update of one sensor) as a whole and flag it in `status`. If a prediction is skipped, the
        belief is unchanged.
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Run
        The filtered and predicted states, innovations, log-likelihood and status of every row.

    Raises
    ------
    ModelError
        If an argument is invalid, or the model has matrices for another number of rows.
    DataError
        If the log has no rows or does not fit the model, or the results do not fit in memory. With on_bad="raise" also
        if a reading is infinite.
    TimeError
        If gap or max_gap is not positive, if start_time is after the first row or not a time of the log, and with
        on_bad="raise" if a row comes later than max_gap.
    NumericalError
        If a row cannot be computed and on_bad="raise".

    Notes
    -----
    Each error names the field, the row and the value, and gives a remedy.

    Examples
    --------
    >>> run = fog.run(model, log, method=fog.EKF())
    >>> run.filtered.mean.shape
    (300, 2)
    >>> round(run.loglik, 2)
    -388.89
    """
    log = checked_log(model, log)
    method = EKF() if method is None else registry.checked(method)
    one_of(keep, ("all", "last"), "keep")
    one_of(on_bad, ("raise", "flag"), "on_bad")
    check_gap(gap)
    steps = time_steps(log, start_time, None, max_gap, on_bad=on_bad)
    arrays = prepare(model, log, method, start_time, steps=steps)
    if not len(arrays.dt):
        raise DataError("the log has no rows. Give it at least one.", field="log", value=0)
    engine = engine_of(model, method, "result" if keep == "all" else "last")
    size, rows = 8 * arrays.tracks * len(arrays.dt) * engine.kernel.width, len(arrays.dt)
    memory.check_fits(size, f"the results of {rows} rows", "Run with keep='last', or in parts.", "log", rows)
    carry, records = engine.run(arrays)
    records.flags.writeable = False
    marks = row_marks(model, log, steps, gap)
    warn_of_short_season(model, log, stacklevel=3)
    warn_of_few_readings(model, log, arrays, stacklevel=3)
    kept = records if keep == "all" else None
    result = Run(model, log, method, engine, arrays, carry, kept, marks, threads)
    if on_bad == "raise" and any_refused(carry):
        raise_first_bad(model, method, arrays, kept)
    return result


class Run(RunTable, Decomposable, Reported, Portable):
    """The result of filtering a log: one entry per row, in the log's order.

    Arrays are for T rows, n states and M measured components, which are in the declared order of sensors and
    measures. Where tracks share their times, every array but `time` has a leading axis of tracks. Where the log has a
    column of tracks, the rows of all tracks follow one another.

    Attributes
    ----------
    model : Model
        The model that was run.
    log : Log
        The log that was filtered.
    method : KF, EKF, UKF or CKF
        The method, with its options.
    engine : str
        What computed this run, such as "llvm, 149 operations, 1 lane".
    time : ndarray (T,)
        Time of each row, in seconds.
    track : ndarray (T,) or None
        Number of the track of each row; None where the log has no column of tracks.
    filtered : Gaussians
        p(x_k | z_1:k), within the model's limits: mean (T, n), cov (T, n, n), std (T, n) and factor (U, D).
    predicted : Gaussians
        p(x_k | z_1:k-1), without limits, in the same shapes. Computed when first asked for.
    innovation : ndarray (T, M)
        z - h(x), in units of the measures; NaN where a component was not used.
    innovation_cov : ndarray (T, M, M)
        Covariance S of the innovation. Computed when first asked for.
    gain : ndarray (T, n, M)
        Kalman gain K. Computed when first asked for.
    nis : ndarray (T,)
        Normalised innovation squared of the row: χ² with one degree of freedom per component used; NaN where no sensor
        was used.
    row_loglik : ndarray (T,)
        Log-likelihood of each row's readings.
    status : ndarray of int (T,)
        `Status` bits of each row.
    loglik : float or ndarray (tracks,)
        Log-likelihood of all readings; one per track where the log has tracks.
    absorbed : int or ndarray (tracks,)
        Number of measured components that resolved an unknown direction of the start.
    belief : Belief or list of Belief
        The belief after the last row; one per track where the log has tracks.
    adapted : dict of str to ndarray (T,)
        The scale of each noise that the method adapts, by sensor, and that of Q as "motion".

    Examples
    --------
    >>> run.filtered.std.shape, run.innovation.shape
    ((300, 2), (300, 1))
    >>> fog.Status(run.status[-1])
    <Status.USED: 1>
    """

    def __init__(
        self,
        model: Model,
        log: Log,
        method: Method,
        engine: Engine,
        arrays: Arrays,
        carry: Array,
        records: Array | None,
        marks: NDArray[np.int64] | None = None,
        threads: int | None = None,
    ) -> None:
        self.model = model
        self.log = log
        self.method = method
        self._engine = engine
        self._arrays = arrays
        self._carry = carry
        self._records = records
        self._marks = marks
        self._threads = threads

    @cached_property
    def _engine(self) -> Engine:
        """What computed this run. An engine does not travel: a run from elsewhere makes it again."""
        return engine_of(self.model, self.method, "last" if self._records is None else "result")

    def __repr__(self) -> str:
        rows = counted(len(self._arrays.dt), "row")
        tracks = "" if self.log.tracks is None else f"{counted(self._arrays.tracks, 'track')} x "
        if self.track is not None:
            tracks = f"{counted(len(self._carry), 'track')}, "
        jump = StepSizes().and_then(self._arrays.dt).jump()
        note = "" if jump is None else f"; {jump}"
        return f"Run({self.method!r}, {tracks}{rows}, loglik={np.sum(self.loglik):.6g}, {self.engine}{note})"

    @property
    def engine(self) -> str:
        """What computed this run, such as "llvm, 149 operations, 1 lane"."""
        return self._engine.describe(self._arrays)

    @property
    def time(self) -> NDArray[np.float64]:
        """Time of each row (T,), in seconds, as in the log."""
        return np.asarray(self.log.time_ns / 1e9)

    @property
    def track(self) -> NDArray[np.int64] | None:
        """Number of the track of each row (T,), as in the log; None where the log has no column of tracks."""
        return self.log.track

    @property
    def filtered(self) -> Gaussians:
        """p(x_k | z_1:k), within the model's limits."""
        return self._filtered

    @cached_property
    def _filtered(self) -> Gaussians:
        unknown = self._unknown()
        records = limited(self.model, self.method, self._kept)
        free = unlimited(self.model, unknown.A)
        if free.any():
            records, rows = records.copy(), unknown.rows
            raw = self._kept[:, rows, : records.shape[2]]
            records[:, rows] = np.where(free[:, :, None], raw, records[:, rows])
        anchors = anchors_of(self.model, self._kept)
        single, limits = self.log.tracks is None, self.model.motion.limits
        return Gaussians(self.model, self.method, records, single, unknown, anchors, limits)

    @property
    def predicted(self) -> Gaussians:
        """p(x_k | z_1:k-1), before the row's first sensor and without limits: the basis of innovation and S."""
        return self._predicted

    @cached_property
    def _predicted(self) -> Gaussians:
        unknown, single = self._unknown("detail"), self.log.tracks is None
        anchors = anchors_of(self.model, self._detail)
        return Gaussians(self.model, self.method, self._detail, single, unknown, anchors)

    def _unknown(self, outputs: str = "result", unsettled: bool = False) -> Unknown:
        """The directions that are unknown after each row, or with "detail" before its first sensor.

        unsettled: with the rows that a smoother takes from the start on though nothing is unknown in them.
        """
        engine = engine_of(self.model, self.method, outputs)
        n, tracks = len(self.model.state), len(self._kept)
        if not isinstance(engine, TwoPhaseEngine):
            return Unknown(np.zeros(0, np.int64), np.zeros((tracks, 0, n, 0)), np.zeros((tracks, 0, 0)))
        with at_most(self._threads):
            rows, apart = engine.unknown(self._arrays) if unsettled else engine.directions(self._arrays)
        apart = engine.unsettled(apart) if unsettled else apart
        d = len(engine.weights)
        return Unknown(rows, unflat(apart[:, :, : n * d], n), apart[:, :, n * d :])

    @property
    def innovation(self) -> Array:
        """z - h(x) of each sensor, given the sensors before it in the row (T, M); NaN where it was not used."""
        return self._shaped(self._kept[:, :, self._innovation_at])

    @property
    def nis(self) -> Array:
        """eᵀ S⁻¹ e over the row's sensors (T,): χ² with one degree of freedom per component used; NaN if none was."""
        return self._shaped(self._kept[:, :, self._engine.kernel.nis])

    @property
    def row_loglik(self) -> Array:
        """log p(z_k | z_1:k-1) (T,), with the 2π term; 0 where nothing was measured."""
        return self._shaped(self._kept[:, :, self._engine.kernel.loglik])

    @cached_property
    def status(self) -> NDArray[np.int64]:
        """The `Status` bits of each row (T,)."""
        status = np.asarray(self._shaped(self._kept[:, :, self._engine.kernel.status]).astype(np.int64))
        return status if self._marks is None else status | self._marks

    @property
    def loglik(self) -> Any:
        """log p(z_1:T); (tracks,) where the log has tracks."""
        total = self._carry[:, LOGLIK]
        return total if self._many else float(total[0])

    @property
    def absorbed(self) -> Any:
        """The number of measured components that resolved an unknown direction of the start; (tracks,) with tracks.

        Each adds -½ (log 2π + log S) to the log-likelihood and nothing to the NIS.
        """
        if isinstance(self._engine, TwoPhaseEngine):
            count = (self._carry[:, self._engine.weights] == 0.0).sum(axis=1)
        else:
            count = np.zeros(len(self._carry), np.int64)
        return count if self._many else int(count[0])

    @property
    def belief(self) -> Any:
        """The belief after the last row; a list with one per track where the log has tracks."""
        engine = self._engine
        apart = engine.apart[engine.shown] if isinstance(engine, TwoPhaseEngine) else ()
        beliefs = [belief_from(self.model, self.method, row, row[list(apart)]) for row in self._carry]
        return beliefs if self._many else beliefs[0]

    @property
    def adapted(self) -> dict[str, Array]:
        """The scale of the R of each sensor that the method adapts, and that of Q as "motion", after each row (T,)."""
        at = columns(self.model, self.method, len(self._engine.kernel.carry))
        return {name: self._shaped(self._kept[:, :, column]) for name, column in at.items()}

    @cached_property
    def innovation_cov(self) -> Array:
        """S (T, M, M), one block per sensor; NaN where a component was not used.

        It is block diagonal, since innovations of successive sensors are uncorrelated. Its variance is inf where an
        unknown direction absorbed the measurement.
        """
        innovation = self._kept[:, :, self._innovation_at]
        return self._shaped(innovation_cov(self._detail, innovation, self._blocks))

    @cached_property
    def gain(self) -> Array:
        """K (T, n, M), by sensor; NaN where the sensor did not report."""
        return self._shaped(gain(self._detail, len(self.model.state), self._components, self._blocks))

    @property
    def _blocks(self) -> list[Block]:
        return blocks_of(self.model, len(self._engine.kernel.carry))

    @property
    def _innovation_at(self) -> slice:
        first = len(self._engine.kernel.carry)
        return slice(first, first + self._components)

    @property
    def _received(self) -> Array:
        """What each sensor reported (T, M), as the scan read it: without repeats and rows that were left out."""
        return self._shaped(self._arrays.z)

    @property
    def _components(self) -> int:
        return len(self.model.components)

    @property
    def _kept(self) -> Array:
        if self._records is None:
            raise StateError(
                "this run kept only its last belief. Run again with keep='all' for results of every row.",
                field="keep",
            )
        return self._records

    @cached_property
    def _detail(self) -> Array:
        with at_most(self._threads):
            return engine_of(self.model, self.method, "detail").run(self._arrays)[1]

    def _states(self) -> States:
        return States(self.model, self._arrays, self.filtered, self._arrays.z)

    @property
    def _many(self) -> bool:
        return self.log.tracks is not None or self.track is not None

    def _shaped(self, array: Array) -> Array:
        return array[0] if self.log.tracks is None else array
