"""A table with dates as the rows of a log: one for each period of its calendar, without readings where it had none."""

import warnings
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core import memory
from foglight.core.errors import DataError, FoglightWarning, TimeError
from foglight.core.resolution import NS
from foglight.core.row_names import Label
from foglight.core.text import listed
from foglight.data.array_input import ArrayRows
from foglight.data.calendar import Calendar, Numbers, date_shown
from foglight.data.controls import Hold
from foglight.data.find_calendar import Dates, calendar_of
from foglight.data.log_rows import starts_of
from foglight.data.readers.assembly import LogFields
from foglight.data.readers.options import Reading, reading
from foglight.data.readers.position import Origin
from foglight.data.readers.tracks import Tracks


def dated_rows(
    data: Any,
    freq: Any,
    time: str | None,
    track: str | None,
    ignore: Collection[str],
    hold: Hold,
    repeats: str,
) -> LogFields:
    """The fields of the log of a table with dates; the arguments are those of `Log.series`."""
    options = reading(time=time or "", track=track, ignore=ignore, hold=hold, repeats=repeats)
    table = _read(data, time, options)
    dates = table.dates
    calendar = calendar_of(dates, freq)
    rows, at, number = _filled(calendar, calendar.numbers(dates.of(calendar.freq)), dates.starts, table.track)
    blocks = {}
    for name, block in table.columns.items():
        blocks[name] = np.full((len(rows), block.shape[1]), np.nan)
        blocks[name][at] = block
    _warn_of_gaps(calendar, rows, at, dates.field)
    return LogFields(
        rows * NS,
        blocks,
        number,
        table.names,
        options.repeats,
        options.hold,
        None,
        Origin(table.library, calendar),
    )


def has_dates(data: Any) -> bool:
    """Whether this is a series or dataframe with dates."""
    if isinstance(data, np.ndarray | list | tuple | dict) or data is None:
        return False
    from foglight.data.readers.dated import dated_names

    return bool(dated_names(data))


def rows_on(calendar: Calendar, data: Any, field: str, track: str | None = None) -> LogFields:
    """The rows of a table with dates as they are, on this calendar. field: the name of the table in messages."""
    table = _read(data, None, reading(time="", track=track), f"{field}.")
    dates = table.dates
    _check_zone(calendar, dates, field)
    given = dates.of(calendar.freq)
    numbers, taken = calendar.numbers(given), calendar.takes(given)
    again = np.append(False, ~dates.starts[1:] & (np.diff(numbers) == 0))
    for row in np.flatnonzero(again | ~taken)[:1]:
        expected, remedy = f"one row for each {calendar.freq}, as in the log", "Leave the others out."
        if not taken[row]:
            near = date_shown(calendar.dates(numbers[row : row + 1])[0])
            expected, remedy = f"a date of the log's calendar, such as {near}", "Correct it."
        value = date_shown(dates.local[row])
        raise TimeError(
            f"{dates.field}[{row}] = {value}: expected {expected}. {remedy}",
            field=field,
            index=int(row),
            value=value,
        )
    return LogFields(
        numbers * NS,
        table.columns,
        table.track,
        table.names,
        "keep",
        False,
        None,
        Origin(table.library, calendar),
    )


def _check_zone(calendar: Calendar, dates: Dates, field: str) -> None:
    """TimeError for dates in another zone than those of the log, whose periods would be others."""
    if dates.zone == calendar.zone or (dates.zone and calendar.in_utc):
        return
    has, have = (f"in the zone {zone}" if zone else "without a zone" for zone in (dates.zone, calendar.zone))
    how = f"tz_localize({calendar.zone!r})" if calendar.zone else "tz_localize(None)"
    if dates.zone and calendar.zone:
        how = f"tz_convert({calendar.zone!r})"
    raise TimeError(
        f"{dates.field} has dates {has}, and the log has dates {have}: expected one zone. Convert them, in pandas with "
        f"{how}.",
        field=field,
        value=dates.zone,
    )


def inputs_at(u: Any, names: Sequence[str], calendar: Calendar, time_ns: Numbers) -> NDArray[np.float64]:
    """The controls (S, n_u) of these names at these times of a calendar, from a table with dates."""
    rows = rows_on(calendar, u, "u")
    if sorted(rows.blocks) != sorted(names):
        raise DataError(
            f"u has the columns {listed(rows.blocks)}: expected the controls {listed(names)}. Rename them, or leave "
            "others out.",
            field="u",
            value=tuple(rows.blocks),
        )
    at = np.minimum(np.searchsorted(rows.time_ns, time_ns), len(rows.time_ns) - 1)
    for k in np.flatnonzero(rows.time_ns[at] != time_ns):
        date = calendar.text(int(time_ns[k]))
        raise DataError(
            f"u has no row for {date}: expected {listed(names)} for every time ahead. Add that row.",
            field="u",
            value=date,
        )
    return np.hstack([rows.blocks[name][at] for name in names])


class _Rows(NamedTuple):
    """The rows of a table: their dates, columns {name: (T, 1)}, the number of the track of each, and the tracks."""

    dates: Dates
    columns: dict[str, NDArray[np.float64]]
    track: Numbers | None
    names: tuple[Label, ...]
    library: str


def _read(data: Any, time: str | None, options: Reading, before: str = "") -> _Rows:
    """The rows of a table with dates, in order within each track. before: the name of the table in messages."""
    from foglight.data.readers.dated import dated_table

    table = dated_table(data, time, options)
    tracks, number = Tracks(), None
    if table.labels is not None and options.track is not None:
        number, _ = tracks.number(ArrayRows(len(table.local)), options.track, table.labels, None)
    starts, field = starts_of(len(table.local), number), before + table.field
    _check_order(table.local, table.utc, starts, field)
    dates = Dates(table.local, table.utc, table.zone, starts, field, table.written)
    return _Rows(dates, table.columns, number, tuple(tracks.names), table.library)


def _filled(
    calendar: Calendar, numbers: Numbers, starts: NDArray[np.bool_], track: Numbers | None
) -> tuple[Numbers, Numbers, Numbers | None]:
    """The numbers of all periods from the first to the last row of each track, the row of each given one among them,
    and the number of the track of each."""
    first = np.flatnonzero(starts)
    sizes = numbers[np.append(first[1:], len(numbers)) - 1] - numbers[first] + 1
    memory.check_fits(
        16 * int(sizes.sum()), f"a row for each of {sizes.sum()} {calendar.freq.word}s", "Give another freq.", "freq",
        str(calendar.freq),
    )  # fmt: skip
    begins = np.cumsum(sizes) - sizes
    number = np.cumsum(starts) - 1
    at = begins[number] + numbers - numbers[first][number]
    rows = np.arange(int(sizes.sum())) - np.repeat(begins - numbers[first], sizes)
    return rows, at, None if track is None else np.repeat(track[first], sizes)


def _check_order(local: Any, utc: Any, starts: NDArray[np.bool_], field: str) -> None:
    """TimeError unless each date of a track is later than the one before it."""
    bad = np.flatnonzero(~starts[1:] & (utc[1:] <= utc[:-1]))
    if not bad.size:
        return
    row = int(bad[0]) + 1
    if utc[row] == utc[row - 1]:
        problem, remedy = (
            "is the date of the row before it, too: expected one row for each",
            "Merge or drop one.",
        )
        if utc[row] != utc[row].astype("M8[D]"):
            remedy = "Merge or drop one; or, if a clock was set back there, give the dates their time zone."
    else:
        problem = (
            f"is earlier than the row before it, {date_shown(local[row - 1])}: expected rows in time order"
        )
        remedy = "Sort the rows by date."
    shown = date_shown(local[row])
    raise TimeError(f"{field}[{row}] = {shown} {problem}. {remedy}", field=field, index=row, value=shown)


def _warn_of_gaps(calendar: Calendar, rows: Numbers, at: Numbers, field: str) -> None:
    """Warn of periods without a row, which have become rows without readings."""
    given = np.zeros(len(rows), bool)
    given[at] = True
    if given.all():
        return
    first, missing = calendar.text(int(rows[np.argmin(given)]) * NS), int((~given).sum())
    more = f", the first of {missing} periods without one" if missing > 1 else ""
    warnings.warn(
        f"{field} has no row for {first}{more}, for freq={str(calendar.freq)!r}: such periods are rows without "
        "readings now. Add them to the data as rows of NaN, or correct freq.",
        FoglightWarning,
        stacklevel=4,
    )
