"""Where a run goes from here: the state and every sensor's readings at times that are still to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of, readings_engine
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernels.predicted_readings import moments_of
from foglight.core import memory, timestamps
from foglight.core.errors import DataError, ModelError, NumericalError, TimeError
from foglight.core.text import counted
from foglight.core.types import Array, ArrayLike
from foglight.data.log import Log
from foglight.data.table import Table, glance
from foglight.inference.gaussians import Gaussians
from foglight.inference.row_errors import any_refused
from foglight.inference.run import Run
from foglight.inference.truncation import limited

_REGULAR = 1e-3  # steps this close to their median, relatively, are one step


def forecast(
    run: Run, steps: int | None = None, *, times: ArrayLike | None = None, u: ArrayLike | None = None
) -> "Forecast":
    """The state and every sensor's readings after the last row of a run, with what is not known about them.

    steps: so many, as far apart as the rows of the log; a log whose rows are not needs times. times (S,): seconds, or
    dates where the log has dates, none before the last row.  u (S, n_u): controls of a motion that has some, each
    acting since the time before. Tracks are forecast each from its own last row.
    Raises TimeError, DataError or ModelError naming what does not fit.

    >>> ahead = fog.forecast(fog.run(model, log), steps=10)
    >>> low, high = ahead.state.interval(0.95)
    >>> ahead.sensors["radar"].mean
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
            f"{name} has one entry a row of the log, none for later ones. Expected a constant {name}. Append rows of "
            "NaN to the log and entries to the model's matrices; run.predicted then has the forecast.",
            field=name,
        )
    log = run.log
    lasts = log.time_ns[-1:] if log.track is None else log.time_ns[np.append(log.starts()[1:], True)]
    stamps_ns = _stamps(log, lasts, steps, times, run._engine.kernel.width)
    arrays = _arrays(run, lasts, stamps_ns, u)
    carry, records = engine_of(run.model, run.method, "result").run(arrays)
    if any_refused(carry):
        raise NumericalError(
            "a forecast is not finite: the motion leaves the finite numbers. Forecast fewer steps, or check the model.",
            field="steps" if times is None else "times",
        )
    if isinstance(run._engine, TwoPhaseEngine) and run._carry[:, run._engine.weights].any():
        raise _unresolved(run)
    n = len(run.model.state)
    beliefs = np.ascontiguousarray(records[:, :, : n + n * (n + 1) // 2])
    nothing = np.zeros((1, len(arrays.dt), 0))
    rows = Arrays(arrays.dt, nothing, nothing, beliefs, arrays.params, np.zeros((1, 2)))
    readings = readings_engine(run.model, run.method).run(rows)[1]
    single = log.tracks is None
    state = Gaussians(run.model, run.method, limited(run.model, run.method, beliefs), single)
    limits = run.model.motion.limits
    ends = np.array([limits.get(name, (-np.inf, np.inf)) for name in run.model.state])
    sensors = {}
    for sensor in run.model.sensors:
        h, S = (a[0] if single else a for a in moments_of(readings, run.model)[sensor.name])
        sensors[sensor.name] = Prediction(sensor.measures, h, S)
    return Forecast(log, stamps_ns, Prediction(run.model.state, state.mean, state.cov, ends), sensors)


def _unresolved(run: Run) -> DataError:
    """The error for a run that does not know all states of its last row."""
    beliefs = run.belief if isinstance(run.belief, list) else [run.belief]
    track = next(k for k, belief in enumerate(beliefs) if belief.unknown.size)
    free = [name for name, std in zip(run.model.state, beliefs[track].std, strict=True) if np.isinf(std)]
    names = run.log.track_names if run.track is not None else range(len(beliefs))
    of = f" of track {names[track]!r}" if len(beliefs) > 1 else ""
    return DataError(
        f"the log does not tell {', '.join(free)} in its last row{of}, so nothing bounds what comes after it. Expected "
        "a log that resolves the start. Run a longer log, or give the model a start with a finite std.",
        field="start", index=track if of else None, value=free,
    )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """Gaussians ahead: names, mean (S, k), cov (S, k, k); a leading axis where the log's tracks share their times.

    ends (k, 2): limits, where there are some.
    """

    names: tuple[str, ...]
    mean: Array
    cov: Array
    ends: Array | None = None

    @property
    def std(self) -> Array:
        """(S, k)"""
        return np.asarray(np.sqrt(np.diagonal(self.cov, axis1=-2, axis2=-1)))

    def interval(self, probability: float = 0.95) -> tuple[Array, Array]:
        """Low and high (S, k): each value is between them with this probability, if the model is right.

        mean ± z std of the Gaussian, cut off at limits; the ends of an angle may lie beyond ±π.
        """
        given: Any = probability
        number = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
        if not (number and 0.0 < given < 1.0):
            raise ModelError(
                f"probability = {probability!r}: expected a number between 0 and 1. Write 0.95 for 95 %.",
                field="probability",
                value=probability,
            )
        reach = float(ndtri(0.5 + 0.5 * given)) * self.std
        low, high = self.mean - reach, self.mean + reach
        if self.ends is not None:
            low, high = np.maximum(low, self.ends[:, 0]), np.minimum(high, self.ends[:, 1])
        return low, high

    def __repr__(self) -> str:
        return f"Prediction({', '.join(self.names)}: {counted(self.mean.shape[-2], 'step')})"


class Forecast(Table):
    """Where a run goes: `state` and `sensors[name]`, each a Prediction with mean, cov, std and interval(0.95).

    time (S,): seconds. Where the log has tracks of their own lengths, rows of all follow one another, told apart by
    track (S,). columns(): time, each state and each measurement with its standard deviation.
    """

    def __init__(
        self, log: Log, time_ns: NDArray[np.int64], state: Prediction, sensors: Mapping[str, Prediction]
    ) -> None:
        self.log = log
        self.state = state
        self.sensors = dict(sensors)
        self._time_ns = time_ns.ravel()
        ragged = log.track is not None
        self.track = np.repeat(np.arange(len(time_ns)), time_ns.shape[1]) if ragged else None

    def __repr__(self) -> str:
        first, last = (
            timestamps.seconds_text(int(end)) for end in (self._time_ns.min(), self._time_ns.max())
        )
        rows = counted(len(self._time_ns), "row")
        tracks = "" if self.log.tracks is None else f"{counted(self.log.tracks, 'track')} x "
        return f"Forecast({tracks}{rows}, {first} s to {last} s, {', '.join(self.state.names)})"

    def __str__(self) -> str:
        rows = [(name, values, None) for name, values in self._rows()]
        return glance(repr(self), [*rows, *self._values()])

    @property
    def time(self) -> NDArray[np.float64]:
        """Seconds (S,)."""
        return np.asarray(self._time_ns / timestamps.NS)

    def columns(self) -> dict[str, Array]:
        """{name: 1-D array}: time, then `gap`, `gap_std`, `radar.range`, `radar.range_std`; `track` in front where
        there are tracks."""
        from foglight.data.columns import distinct

        columns = self._rows()
        for name, mean, std in self._values():
            columns += [(name, mean), (f"{name}_std", std)]
        distinct([name for name, _ in columns], "the forecast")
        return dict(columns)

    def _rows(self) -> list[tuple[str, NDArray[Any]]]:
        """Whose row each is, and of when."""
        tracks = self.log.tracks
        time = ("time", np.tile(self.time, tracks or 1))
        if tracks is not None:
            return [("track", np.repeat(np.arange(tracks), len(self.time))), time]
        return [time] if self.track is None else [("track", np.array(self.log.track_names)[self.track]), time]

    def _values(self) -> list[tuple[str, Array, Array]]:
        """Each state and each measurement: name, means, standard deviations."""
        found = []
        for prefix, part in (("", self.state), *((f"{name}.", p) for name, p in self.sensors.items())):
            mean, std = (a.reshape(-1, len(part.names)) for a in (part.mean, part.std))
            found += [(f"{prefix}{name}", mean[:, i], std[:, i]) for i, name in enumerate(part.names)]
        return found

    def _stamps(self) -> NDArray[np.int64]:
        return np.tile(self._time_ns, self.log.tracks or 1)


def _stamps(
    log: Log, lasts: NDArray[np.int64], steps: int | None, times: ArrayLike | None, width: int
) -> NDArray[np.int64]:
    """The stamps ahead (tracks of their own lengths, S), in nanoseconds. width: numbers that each will take."""
    if (steps is None) == (times is None):
        raise TimeError(
            "expected either steps= or times=. Write fog.forecast(run, steps=10).", field="steps", value=steps
        )
    if times is None:
        whole = isinstance(steps, (int, np.integer)) and not isinstance(steps, bool)
        if not whole or int(steps or 0) < 1:
            raise TimeError(
                f"steps = {steps!r}: expected a whole number of at least 1. Write steps=10.",
                field="steps",
                value=steps,
            )
        tracks, step = max(len(lasts), log.tracks or 1), _step(log)
        size = 8 * width * tracks * int(steps or 0)
        memory.check_fits(size, f"the results of {steps} steps", "Forecast fewer.", "steps", steps)
        ahead = timestamps.regular(int(steps or 0) + 1, step)[1:]
        return lasts[:, None] + ahead
    ahead = timestamps.nanoseconds(times, "times")
    if not len(ahead):
        raise TimeError("times is empty: expected at least one. Write times=[...].", field="times", value=0)
    before = np.append(lasts.max(), ahead[:-1])
    late = np.flatnonzero(ahead < before)
    if len(late):
        k = int(late[0])
        raise TimeError(
            f"times[{k}] = {timestamps.seconds_text(int(ahead[k]))} s lies before "
            f"{timestamps.seconds_text(int(before[k]))} s: expected times in order, none before the last row of the "
            "log. Sort them, or run a shorter log.",
            field="times", index=k, value=int(ahead[k]) / timestamps.NS,
        )  # fmt: skip
    return np.tile(ahead, (len(lasts), 1))


def _step(log: Log) -> float:
    """The step of a log whose rows are equally far apart; TimeError for any other."""
    steps = log.dt()[~log.starts()]
    if not len(steps):
        raise TimeError(
            "the log has one row, and no step: expected at least two. Give times=[...].",
            field="steps", value=len(log),
        )  # fmt: skip
    middle = float(np.median(steps))
    far = np.abs(steps - middle) > _REGULAR * middle
    if far.any() or not middle > 0.0:
        raise TimeError(
            f"the rows of the log are {steps.min():.6g} to {steps.max():.6g} s apart, so a step ahead could be any of "
            f"them: expected equal steps. Give times=, such as run.time[-1] + {middle:.6g} * np.arange(1, 11).",
            field="steps", value=(float(steps.min()), float(steps.max())),
        )  # fmt: skip
    return middle if np.ptp(steps) < 2e-9 else float(steps.mean())


def _arrays(run: Run, lasts: NDArray[np.int64], ahead: NDArray[np.int64], u: ArrayLike | None) -> Arrays:
    """Rows without readings after the last one of each track."""
    ragged = run.log.track is not None
    dt = np.diff(ahead, axis=1, prepend=lasts[:, None]).ravel() / timestamps.NS
    rows = len(dt)
    carry = run._carry.copy()
    carry[:, -2:] = 0.0
    return Arrays(
        dt=dt,
        u=np.tile(_controls(run, u, ahead.shape[1]), (len(ahead), 1))[None],
        row=np.zeros((1, rows, 0)),
        z=np.full((1, rows, sum(len(s.measures) for s in run.model.sensors)), np.nan),
        params=run._arrays.params,
        carry=carry,
        first=np.arange(len(ahead)) * ahead.shape[1] if ragged else None,
    )


def _controls(run: Run, u: ArrayLike | None, steps: int) -> Array:
    names = run.model.motion.controls
    if u is not None and not names:
        raise DataError("u: the motion has no controls, so expected none. Leave u= out.", field="u")
    if u is None:
        if names:
            raise DataError(
                f"the motion has controls ({', '.join(names)}): expected what acts until each time ahead, u of shape "
                f"({steps}, {len(names)}). Give forecast(…, u=np.zeros(({steps}, {len(names)}))) if nothing does.",
                field="u",
            )
        return np.zeros((steps, 0))
    try:
        given = np.array(u, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.full((), np.nan)
    if given.shape == (steps,) and len(names) == 1:
        given = given[:, None]
    if given.shape != (steps, len(names)):
        raise DataError(
            f"u has shape {given.shape}: expected numbers of shape ({steps}, {len(names)}). Give one row a time "
            "ahead, one column a control.",
            field="u",
            value=given.shape,
        )
    for k, i in np.argwhere(~np.isfinite(given)):
        raise DataError(
            f"u[{k},{i}] = {given[k, i]}: expected a finite number. Give what {names[i]} will be, or 0.0.",
            field="u", index=(int(k), int(i)), value=float(given[k, i]),
        )  # fmt: skip
    return given
