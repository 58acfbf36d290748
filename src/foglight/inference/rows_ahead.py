"""The rows of a forecast: their times, and the controls that act until them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core import memory, timestamps
from foglight.core.checks import is_whole
from foglight.core.entry_names import ordered
from foglight.core.errors import DataError, Status, TimeError
from foglight.core.moments import stamps_on
from foglight.core.row_names import Rows
from foglight.core.timestamps import span_text
from foglight.core.types import Array, ArrayLike
from foglight.data.controls import refuse_unused
from foglight.data.dated_rows import has_dates, inputs_at
from foglight.data.interventions import Stamped, columns_of
from foglight.data.log import Log
from foglight.data.readers.position import kind_of
from foglight.inference.elapsed import began_of, elapsed, takes_time, with_time
from foglight.inference.run import Run

_REGULAR = 1e-3  # steps within this relative distance of their median count as equal


@dataclass(frozen=True)
class RowsAhead(Rows):
    """The rows of a forecast, `steps` for each track, which are counted from 1 after the last row of the log."""

    steps: int = 1

    def number(self, k: int) -> int:
        """Which step ahead it is."""
        return (self.before + k) % self.steps + 1

    def where(self, k: int, track: str = "") -> str:
        """Row k as text: `forecast step 3 (t = 1.2 s)`."""
        return super().where(k, track).replace("row", "forecast step", 1)


def last_stamps(run: Run) -> NDArray[np.int64]:
    """The stamp, in nanoseconds, of the last row of each track that was not left out as a jump of the clock."""
    log, marks = run.log, run._marks
    starts, rows = log.starts(), np.arange(len(log))
    if marks is not None:
        left_out = ((marks & Status.TIME_JUMP) != 0) & (run._arrays.dt == 0.0)
        rows = np.maximum.accumulate(np.where(left_out & ~starts, 0, rows))
    return np.asarray(log.time_ns[rows[np.append(starts[1:], True)]])


def stamps_ahead(
    log: Log, lasts: NDArray[np.int64], steps: int | None, times: ArrayLike | None, width: int
) -> NDArray[np.int64]:
    """The time stamps ahead in nanoseconds (tracks, S), with one row of stamps for tracks that share their times.

    width: how many numbers the record of each stamp takes.
    """
    if (steps is None) == (times is None):
        raise TimeError(
            "expected either steps= or times=. Write fog.forecast(run, steps=10).", field="steps", value=steps
        )
    if times is None:
        if not is_whole(steps) or int(steps or 0) < 1:
            raise TimeError.expected("steps", steps, "a whole number of at least 1", "Write steps=10.")
        tracks, step = max(len(lasts), log.tracks or 1), _step(log, int(steps or 0))
        size = 8 * width * tracks * int(steps or 0)
        memory.check_fits(size, f"the results of {steps} steps", "Forecast fewer.", "steps", steps)
        ahead = timestamps.regular(int(steps or 0) + 1, step)[1:]
        return lasts[:, None] + ahead
    last = lasts.max()
    ahead = stamps_on(times, "times", kind_of(log.origin), last[None])
    if not len(ahead):
        raise TimeError("times is empty: expected at least one. Write times=[...].", field="times", value=0)
    before = np.append(last, ahead[:-1])
    late = np.flatnonzero(ahead < before)
    if len(late):
        k, kind = int(late[0]), kind_of(log.origin)
        raise TimeError(
            f"times[{k}] = {timestamps.time_text(int(ahead[k]), kind)} lies before "
            f"{timestamps.time_text(int(before[k]), kind)}: expected times in order, none before the last row of the "
            "log. Sort them, or run a shorter log.",
            field="times", index=k, value=int(ahead[k]) / timestamps.NS,
        )  # fmt: skip
    return np.tile(ahead, (len(lasts), 1))


def periods_until(
    log: Log, lasts: NDArray[np.int64], ahead: NDArray[np.int64], width: int
) -> NDArray[np.int64]:
    """All periods (tracks, G) of a log with a calendar up to the last time ahead, which include these (tracks, S).

    Each of its rows is one step, and some models are of steps, however long they last: so none is left out. A row that
    repeats the last one of its track changes nothing. The times ahead themselves if the log has no calendar.
    """
    if log.calendar is None or (np.diff(ahead, axis=1, prepend=lasts[:, None]) == timestamps.NS).all():
        return ahead
    first, last = int(lasts.min()) + timestamps.NS, int(ahead.max())
    count = max(last - first, 0) // timestamps.NS + 1
    size = 8 * width * max(len(lasts), log.tracks or 1) * count
    memory.check_fits(
        size, f"the {count} periods until then", "Forecast fewer.", "times", log.calendar.text(last)
    )
    stamps = np.union1d(np.arange(first, last + 1, timestamps.NS), ahead)
    return np.maximum(stamps, lasts[:, None])


def picked(
    arrays: Arrays, every: NDArray[np.int64], ahead: NDArray[np.int64]
) -> tuple[Arrays, NDArray[np.int64]]:
    """Of rows at the times `every` (tracks, G) those at the times ahead (tracks, S), and their numbers."""
    at = [
        np.searchsorted(all_times, times, "right") - 1 for all_times, times in zip(every, ahead, strict=True)
    ]
    rows = np.concatenate([k * every.shape[1] + found for k, found in enumerate(at)])
    u, row, z = (a[:, rows] for a in (arrays.u, arrays.row, arrays.z))
    steps, first, track = ahead.shape[1], None, None
    if arrays.first is not None:
        first, track = np.arange(len(ahead)) * steps, np.repeat(np.arange(len(ahead)), steps)
    names = RowsAhead(ahead.ravel(), track, arrays.rows.names, kind=arrays.rows.kind, steps=steps)
    return replace(arrays, dt=arrays.dt[rows], u=u, row=row, z=z, rows=names, first=first), rows


def _step(log: Log, count: int) -> float:
    """The step of a log whose rows are equally spaced; TimeError for any other log."""
    if log.calendar is not None:
        return 1.0
    steps = log.dt()[~log.starts()]
    if not len(steps):
        raise TimeError(
            "the log has one row, so it has no step: expected at least two rows. Give times=[...].",
            field="steps", value=len(log),
        )  # fmt: skip
    middle = float(np.median(steps))
    far = np.abs(steps - middle) > _REGULAR * middle
    if far.any() or not middle > 0.0:
        dates = kind_of(log.origin) != timestamps.NUMBER
        series = ", or a log of fog.Log.series, whose steps are months or other periods" * dates
        raise TimeError(
            f"the rows of the log are {steps.min():.6g} to {steps.max():.6g} s apart, so a step ahead could be any of "
            f"them: expected equal steps{series}. Give times=, such as {_example(log, middle, count)}.",
            field="steps", value=(float(steps.min()), float(steps.max())),
        )  # fmt: skip
    return middle if np.ptp(steps) < 2e-9 else float(steps.mean())


def _example(log: Log, step: float, count: int) -> str:
    """An expression for `count` times after the last row, about `step` seconds apart, in the terms of the log."""
    if kind_of(log.origin) == timestamps.NUMBER:
        return f"run.time[-1] + {step:.6g} * np.arange(1, {count + 1})"
    last = log.time_ns[-1].astype("M8[ns]")
    months = log.time_ns.astype("M8[ns]").astype("M8[M]")
    apart = np.diff(months.astype(np.int64))[~log.starts()[1:]]
    if (apart == apart[0]).all() and apart[0] > 0:
        ahead = f"{apart[0]} * np.arange(1, {count + 1})" if apart[0] > 1 else f"np.arange(1, {count + 1})"
        for month, sign in ((months, "+"), (months + 1, "-")):  # from its first day, or from its last
            within = np.abs(log.time_ns - month.astype("M8[ns]").astype(np.int64))
            if (within == within[0]).all():
                offset = f" {sign} {_duration(int(within[0]))}" if within[0] else ""
                return f"np.datetime64('{month[-1]}') + {ahead}{offset}"
    return (
        f"np.datetime64('{timestamps.date_text(int(last.astype(np.int64)))}') + np.arange(1, {count + 1}) * "
        + (_duration(round(step * timestamps.NS)))
    )


def _duration(nanoseconds: int) -> str:
    """The same duration in days, seconds or nanoseconds, whichever is whole."""
    units = {"D": 86_400 * timestamps.NS, "s": timestamps.NS, "ns": 1}
    unit = next(unit for unit, size in units.items() if nanoseconds % size == 0)
    return f"np.timedelta64({nanoseconds // units[unit]}, '{unit}')"


def rows_ahead(
    run: Run,
    lasts: NDArray[np.int64],
    ahead: NDArray[np.int64],
    u: ArrayLike | Mapping[str, ArrayLike] | None,
    asked: NDArray[np.int64] | None = None,
) -> Arrays:
    """Rows without readings, after the last one of each track. asked: the times (S,) of the rows of u, if not all."""
    ragged = run.log.track is not None
    dt = np.diff(ahead, axis=1, prepend=lasts[:, None]).ravel() / timestamps.NS
    rows = len(dt)
    carry = run._carry.copy()
    carry[:, -2:] = 0.0
    if run.log.calendar is not None and has_dates(u):
        names, calendar = run.model.given_controls, run.log.calendar
        dates = np.maximum(ahead, lasts[:, None] + timestamps.NS) if asked is not None else ahead
        controls = np.vstack([_controls(run, inputs_at(u, names, calendar, times), times) for times in dates])
    else:
        given = ahead[0] if asked is None else asked
        controls = np.tile(_controls(run, u, given), (len(ahead), 1))
        if asked is not None:
            controls = np.concatenate([controls[np.searchsorted(given, times)] for times in ahead])
    controls = np.hstack([controls, _interventions(run, ahead)])
    if takes_time(run.model):
        began = began_of(run._arrays.u[0], run.log.time_ns, run._arrays.first)
        controls = with_time(controls, elapsed(ahead, began[:, None]).ravel())
    log, steps = run.log, ahead.shape[1]
    track = np.repeat(np.arange(len(ahead)), steps) if ragged else None
    return Arrays(
        dt=dt,
        rows=RowsAhead(ahead.ravel(), track, log.track_names, kind=kind_of(log.origin), steps=steps),
        u=controls[None],
        row=np.zeros((1, rows, 0)),
        z=np.full((1, rows, sum(len(s.measures) for s in run.model.sensors)), np.nan),
        params=run._arrays.params,
        carry=carry,
        first=np.arange(len(ahead)) * steps if ragged else None,
    )


def _interventions(run: Run, ahead: NDArray[np.int64]) -> Array:
    """The controls (tracks x S, n) that the interventions of the model are at the times ahead (tracks, S)."""
    log, found = run.log, []
    for track, times in zip(np.split(log.time_ns, np.flatnonzero(log.starts())[1:]), ahead, strict=True):
        later = (times > track[-1]) | (log.calendar is None)
        stamps = np.concatenate([track, times[later]])
        rows = Stamped(stamps, np.arange(len(stamps)) == 0, kind_of(log.origin), log.calendar)
        columns = columns_of(run.model.interventions, rows).values()
        at = len(track) - 1 + np.cumsum(later)
        found.append(np.hstack([np.zeros((len(times), 0)), *[column[at] for column in columns]]))
    return np.concatenate(found)


def _controls(run: Run, u: ArrayLike | Mapping[str, ArrayLike] | None, ahead: NDArray[np.int64]) -> Array:
    """The controls (S, n_u). ahead (S,): the times ahead, in nanoseconds."""
    steps = len(ahead)
    names = run.model.given_controls
    calendar = run.log.calendar
    if u is not None and not names:
        raise DataError("u: the model has no controls, so expected none. Leave u= out.", field="u")
    if u is None:
        if names:
            span = "" if calendar is None else f", {span_text(int(ahead[0]), int(ahead[-1]), calendar)}"
            raise DataError(
                f"the model has controls ({', '.join(names)}): expected those that act until each time ahead{span}, u "
                f"of shape ({steps}, {len(names)}). Give forecast(…, u=np.zeros(({steps}, {len(names)}))) if none "
                "acts.",
                field="u",
            )
        return np.zeros((steps, 0))
    u = ordered(u, names, "u", DataError, alone=True)
    try:
        given = np.array(u, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.full((), np.nan)
    if given.shape == (steps,) and len(names) == 1:
        given = given[:, None]
    if given.shape != (steps, len(names)):
        raise DataError(
            f"u has shape {given.shape}: expected numbers of shape ({steps}, {len(names)}). Give one row per time "
            "ahead and one column per control.",
            field="u",
            value=given.shape,
        )
    for k, i in np.argwhere(~np.isfinite(given)):
        date = "" if calendar is None else f" for {calendar.text(int(ahead[k]))}"
        raise DataError(
            f"u[{k},{i}] = {given[k, i]}: expected a finite number{date}. Give the value that {names[i]} will have, or "
            "0.0.",
            field="u", index=(int(k), int(i)), value=float(given[k, i]),
        )  # fmt: skip
    refuse_unused(given, np.append(False, np.diff(ahead) == 0), run.model)
    return given
