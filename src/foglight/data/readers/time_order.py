"""Checks of the time of rows: counters unwrapped, order within each track, and the range of 64-bit nanoseconds."""

import warnings

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import TimeError
from foglight.core.timestamps import LAST_SECOND, NS, date_text, seconds_text
from foglight.data.readers.position import Position
from foglight.data.readers.table_protocols import NumberedRows

YEARS = (1990, 2100)  # dates outside these years are more often a wrong unit than a recording


def unwrapped(
    table: NumberedRows,
    name: str,
    raw: NDArray[np.int64],
    starts: NDArray[np.bool_],
    before: Position,
    wraps: int,
) -> tuple[NDArray[np.int64], int]:
    """Unwrapped nanoseconds of a counter that starts again at 0 after `wraps`, and its turns in the last track.

    A step counts as forward if that way is at most half the range. A step that is then backwards is an error.
    """
    outside = np.flatnonzero((raw < 0) | (raw >= wraps))
    if outside.size:
        row = int(outside[0])
        raise TimeError(
            f"{table.spot(row, name)} = {seconds_text(int(raw[row]))} s is not a value of a counter from 0 to "
            f"{seconds_text(wraps)} s. Check wraps= and unit=.",
            field=name,
            index=table.index(row),
            value=int(raw[row]) / NS,
        )
    last = 0 if before.stamp is None else before.stamp - before.turns * wraps
    step = raw - np.concatenate(([last], raw[:-1]))
    wrapped = ~starts & (step < 0) & (step + wraps <= wraps // 2)
    bad = np.flatnonzero(~starts & ~wrapped & ((step < 0) | (step > wraps // 2)))
    if bad.size:
        row = int(bad[0])
        raise TimeError(
            f"{table.spot(row, name)} = {seconds_text(int(raw[row]))} s is half the counter's range or more after the "
            f"row before it, {seconds_text(int(raw[row] - step[row]))} s: it is earlier, or follows too long a gap. "
            f"Sort the rows, or start a new log there.",
            field=name,
            index=table.index(row),
            value=int(raw[row]) / NS,
        )
    turns = np.cumsum(wrapped) + before.turns
    turns = turns - np.maximum.accumulate(np.where(starts, turns, 0))
    if float(turns.max()) * wraps > LAST_SECOND * NS:
        raise _apart(table, name, int(np.argmax(turns)), 0, int(turns.max()) * wraps)
    return raw + turns * wraps, int(turns[-1])


def check_order(
    table: NumberedRows,
    name: str,
    stamps: NDArray[np.int64],
    starts: NDArray[np.bool_],
    before: Position,
    dates: bool,
) -> int:
    """First stamp of the last track. Raises TimeError for a row that is earlier than the one before it in its track."""
    previous = np.concatenate(([stamps[0] if before.stamp is None else before.stamp], stamps[:-1]))
    back = np.flatnonzero(~starts & (stamps < previous))
    if back.size:
        row = int(back[0])
        raise TimeError(
            f"{table.spot(row, name)} = {_text(stamps[row], dates)} is earlier than the row "
            f"before it, {_text(previous[row], dates)}: rows must be in time order. "
            f"{in_order(table, 'time')}",
            field=name,
            index=table.index(row),
            value=int(stamps[row]) / NS,
        )
    begun = np.maximum.accumulate(np.where(starts, np.arange(len(stamps)), -1))
    first = np.where(begun < 0, stamps[0] if before.first is None else before.first, stamps[begun])
    far = np.flatnonzero(stamps.astype(float) - first > LAST_SECOND * NS)
    if far.size:
        row = int(far[0])
        raise _apart(table, name, row, int(first[row]), int(stamps[row]))
    return int(first[-1])


def warn_if_odd(name: str, stamp: int, dates: bool, unit: str) -> None:
    """Warn if the first stamp, counted from 1970, is an implausible date. A stamp of 0 is not taken as a date."""
    year = int(np.datetime64(stamp // NS, "s").astype("datetime64[Y]").astype(int)) + 1970
    if year > YEARS[1] or (dates and stamp and year < YEARS[0]):
        hint = "the date" if dates else f"unit={unit!r}"
        warnings.warn(
            f"{name} starts in the year {year}, counted from 1970: expected {YEARS[0]} to {YEARS[1]}. Check {hint}.",
            stacklevel=2,
        )


def in_order(table: NumberedRows, what: str) -> str:
    """The remedy for rows that are out of order."""
    return (
        f"Sort them by {what}, or pass sort=True (--sort)."
        if table.sorts
        else f"Sort the rows by {what} first."
    )


def _text(stamp: np.int64, date: bool) -> str:
    return date_text(int(stamp)) if date else f"{seconds_text(int(stamp))} s"


def _apart(table: NumberedRows, name: str, row: int, first: int, last: int) -> TimeError:
    return TimeError(
        f"{table.spot(row, name)} goes from {seconds_text(first)} s to {seconds_text(last)} s: expected rows "
        f"within 292 years. Check the unit of the stamps.",
        field=name,
        index=table.index(row),
        value=last / NS,
    )
