"""Forecast a run: the state and every sensor's readings at times after its last row."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.core import timestamps
from foglight.core.errors import DataError, ModelError
from foglight.core.text import counted, first_of
from foglight.core.threads import with_threads
from foglight.core.timestamps import span_text
from foglight.core.types import Array, ArrayLike
from foglight.data.columns import times_of
from foglight.data.log import Log
from foglight.data.readers.position import kind_of
from foglight.data.table import glance
from foglight.inference.components import Decomposable, States
from foglight.inference.gaussians import Gaussians, anchors_of, labelled
from foglight.inference.predicted_readings import predicted_readings
from foglight.inference.prediction import Prediction
from foglight.inference.row_errors import any_refused, raise_bad_reading, raise_first_bad
from foglight.inference.rows_ahead import last_stamps, periods_until, picked, rows_ahead, stamps_ahead
from foglight.inference.run import Run
from foglight.inference.transformed_prediction import carried_back
from foglight.inference.truncation import limited
from foglight.methods.layout import belief_size


@with_threads
def forecast(
    run: Run,
    steps: int | None = None,
    *,
    times: ArrayLike | None = None,
    u: ArrayLike | Mapping[str, ArrayLike] | None = None,
    threads: int | None = None,
) -> "Forecast":
    """The state and every sensor's readings after the last row of a run, with their uncertainty.

    Give either steps or times. Each track is forecast from its own last row.

    Parameters
    ----------
    run : Run
        The result of `fog.run`; keep="last" is enough.
    steps : int, optional
        The number of times ahead, as far apart as the rows of the log, which must be equally spaced. If the log has a
        calendar, its next periods.
    times : array_like (S,), optional
        Times ahead in seconds, or dates if the log came with dates; in order, and none before the last row. If the log
        has a calendar, every period until then is a step. If it has none, each time is one row ahead: one step of a
        model whose steps are rows, as those of `fog.structural`, however long it lasts.
    u : array_like (S, n_u) or dict, optional
        Controls of a motion that has some, or {name: values (S,)}; each row acts from the time before it until its own
        time. Of a dataframe with dates, for a log with a calendar, the rows of the dates ahead.
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Forecast
        Mean and covariance of the state, and of every sensor's reading with its noise.

    Raises
    ------
    TimeError
        If steps or times are invalid, or the log has no constant step.
    DataError
        If u does not fit, the log does not determine the last state, or the results do not fit in memory.
    ModelError
        If run is not the result of `fog.run`, or the model has matrices for each row of the log.
    NumericalError
        If a forecast is not finite, as beyond the points of a table, or a step is longer than the motion is integrated
        for.

    Notes
    -----
    A forecast is the filter on rows without readings. A reading is forecast as the filter would meet it: by h(x) and
    S = H P Hᵀ + R, or by sigma points. Where a logarithm or a power of a series is modelled (log=, boxcox= of
    `fog.structural`), the readings are in its unit: `median` and `interval` carry the quantiles back, `mean` and `std`
    are those of what comes of it, such as a lognormal distribution.

    Examples
    --------
    >>> ahead = fog.forecast(run, steps=10)
    >>> low, high = ahead.state.interval(0.95)
    >>> low.shape, ahead.sensors["radar"].mean.shape
    ((10, 2), (10, 1))
    """
    if not isinstance(run, Run):
        raise ModelError(
            f"forecast({type(run).__name__}): expected what fog.run returned. Write fog.forecast(fog.run(model, log)).",
            field="run",
            value=run,
        )
    if run.model.rows:
        name = next(iter(run.model.rows))
        raise ModelError(
            f"{name} has one entry per row of the log, and none for later rows. Expected a constant {name}. Append "
            "rows of NaN to the log and entries to the model's matrices; run.predicted then contains the forecast.",
            field=name,
        )
    log = run.log
    lasts = last_stamps(run)
    stamps_ns = stamps_ahead(log, lasts, steps, times, run._engine.kernel.width)
    every = periods_until(log, lasts, stamps_ns, run._engine.kernel.width)
    arrays = rows_ahead(run, lasts, every, u, None if every is stamps_ns else stamps_ns[0])
    carry, records = engine_of(run.model, run.method, "result").run(arrays)
    if any_refused(carry):
        raise_first_bad(run.model, run.method, arrays, records)
    if isinstance(run._engine, TwoPhaseEngine) and run._carry[:, run._engine.weights].any():
        raise _unresolved(run)
    if every is not stamps_ns:
        arrays, rows = picked(arrays, every, stamps_ns)
        records = records[:, rows]
    charts, size = run.model.charts, belief_size(len(run.model.state))
    beliefs = np.ascontiguousarray(records[:, :, :size])
    readings = predicted_readings(run.model, run.method, arrays, records)
    raise_bad_reading(run.model, run.method, arrays, records, readings)
    single = log.tracks is None
    anchors = anchors_of(run.model, records)
    state = Gaussians(run.model, run.method, limited(run.model, run.method, beliefs), single, anchors=anchors)
    limits = run.model.motion.limits
    ends = np.array([limits.get(name, (-np.inf, np.inf)) for name in run.model.state])
    sensors = {}
    for sensor in run.model.sensors:
        h, S = (a[0] if single else a for a in readings[sensor.name])
        sensors[sensor.name] = carried_back(
            Prediction(sensor.measures, h, S, sensor=sensor.name), sensor.transform
        )
    found = Prediction(run.model.ambient, state.mean, state.cov, ends, charts=charts)
    return Forecast(log, stamps_ns, found, sensors, States(run.model, arrays, state, None))


def _unresolved(run: Run) -> DataError:
    """The error for a run that leaves states of its last row unknown."""
    beliefs = run.belief if isinstance(run.belief, list) else [run.belief]
    track = next(k for k, belief in enumerate(beliefs) if belief.unknown.size)
    free = [name for name, std in zip(run.model.state, beliefs[track].std, strict=True) if np.isinf(std)]
    names = run.log.track_names if run.track is not None else range(len(beliefs))
    of = f" of track {names[track]!r}" if len(beliefs) > 1 else ""
    if run.log.calendar is not None and not of:
        of = f", {run.log.calendar.text(int(run.log.time_ns[-1]))}"
    return DataError(
        f"the log does not determine {first_of(free)} in its last row{of}, so a forecast would be unbounded. Expected "
        "a log that resolves the start. Run a longer log, or give the model a start with a finite std.",
        field="start", index=track if len(beliefs) > 1 else None, value=free,
    )  # fmt: skip


class Forecast(Decomposable):
    """The result of a forecast: the state and every sensor's readings at S times ahead.

    Where the log's tracks share their times, the arrays of state and sensors have a leading axis of tracks. Where the
    log has a column of tracks, the rows of all tracks follow one another.

    Attributes
    ----------
    state : Prediction
        The state within the model's limits: mean (S, n), cov (S, n, n), std (S, n) and interval(0.95).
    sensors : dict of str to Prediction
        For each sensor its reading, noise included, in the same form: mean (S, m), cov (S, m, m), std and interval.
    time : ndarray (S,)
        Times ahead, in seconds.
    track : ndarray (S,) or None
        Number of the track of each row; None where the log has no column of tracks.
    log : Log
        The log that ends before the forecast.

    Examples
    --------
    >>> ahead = fog.forecast(run, steps=10)
    >>> ahead.time[:3]
    array([30. , 30.1, 30.2])
    >>> ahead.state.mean.shape, ahead.sensors["radar"].std.shape
    ((10, 2), (10, 1))
    """

    def __init__(
        self,
        log: Log,
        time_ns: NDArray[np.int64],
        state: Prediction,
        sensors: Mapping[str, Prediction],
        states: States,
    ) -> None:
        self.log = log
        self._ahead = states
        self.state = state
        self.sensors = dict(sensors)
        self._time_ns = time_ns.ravel()
        ragged = log.track is not None
        self.track = np.repeat(np.arange(len(time_ns)), time_ns.shape[1]) if ragged else None

    def __repr__(self) -> str:
        ends = int(self._time_ns.min()), int(self._time_ns.max())
        rows = counted(len(self._time_ns), "row")
        tracks = "" if self.log.tracks is None else f"{counted(self.log.tracks, 'track')} x "
        return f"Forecast({tracks}{rows}, {span_text(*ends, kind_of(self.log.origin))}, {', '.join(self.state.names)})"

    def __str__(self) -> str:
        rows = [(name, values, None) for name, values in self._rows()]
        values = [(name, mean, std) for name, mean, std in self._values() if mean is not None]
        return glance(repr(self), [*rows, *values], self._dates())

    @property
    def time(self) -> NDArray[np.float64]:
        """Times ahead (S,), in seconds."""
        return np.asarray(self._time_ns / timestamps.NS)

    def columns(self) -> dict[str, Array]:
        """The forecast as named columns, one entry per time ahead.

        Returns
        -------
        dict of str to ndarray (S,)
            time, then each state and each measurement with its standard deviation (`gap`, `gap_std`, `radar.range`,
            `radar.range_std`). Where there are tracks, their rows follow one another, and `track` is the first column.

        Raises
        ------
        ModelError
            If two columns would have the same name.
        """
        from foglight.data.columns import distinct

        columns = self._rows()
        for name, mean, std in self._values():
            columns += [] if mean is None else [(name, mean)]
            columns += [] if std is None else [(f"{name}_std", std)]
        distinct([name for name, _ in columns], "the forecast")
        return dict(columns)

    def _rows(self) -> list[tuple[str, NDArray[Any]]]:
        """The columns that identify each row: its track, if there are tracks, and its time."""
        tracks = self.log.tracks
        time = ("time", np.tile(times_of(self._time_ns, self.log.calendar), tracks or 1))
        if tracks is not None:
            return [("track", np.repeat(np.arange(tracks), len(self.time))), time]
        return [time] if self.track is None else [("track", np.array(self.log.track_names)[self.track]), time]

    def _states(self) -> States:
        return self._ahead

    def _values(self) -> list[tuple[str, Array | None, Array | None]]:
        """Each state and each measurement: name, means, standard deviations."""
        found = []
        for prefix, part in (("", self.state), *((f"{name}.", p) for name, p in self.sensors.items())):
            mean, std = (a.reshape(-1, a.shape[-1]) for a in (part.mean, part.std))
            found += [
                (f"{prefix}{name}", values, spread)
                for name, values, spread in labelled(part.states, mean, std)
            ]
        return found

    def _stamps(self) -> NDArray[np.int64]:
        return np.tile(self._time_ns, self.log.tracks or 1)
