"""Tables with dates, as a series of readings: the dates of the rows, and the columns of numbers beside them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.core.text import listed, shown
from foglight.core.types import Array
from foglight.data.array_input import ArrayRows, one_block, plain_labels
from foglight.data.calendar import Written
from foglight.data.log_measurements import WHOLE
from foglight.data.readers.date_columns import Stamps, are_dates, is_dated, of_array, of_index, of_series
from foglight.data.readers.frames import FrameRows, eager
from foglight.data.readers.options import Reading

FIELD = "time"  # what dates without a name are called in messages


class DatedTable(NamedTuple):
    """Rows with dates. local, utc (T,): datetime64, the same without a zone; columns {name: (T, 1)}; labels (T,): of
    tracks; library: of the dataframe, or ""."""

    local: Array
    utc: Array
    zone: str
    written: Written
    columns: dict[str, NDArray[np.float64]]
    labels: list[Label] | None
    library: str

    @property
    def field(self) -> str:
        """The name of the dates in messages."""
        return self.written.name or FIELD


def dated_names(data: Any) -> list[str]:
    """The levels of the index and the columns that hold dates, of a series or dataframe; none of anything else."""
    levels = [name for name, level in _levels(data).items() if are_dates(level)]
    if levels or not (hasattr(data, "columns") or hasattr(data, "column_names")):
        return levels
    frame, _ = eager(data)
    return [name for name in frame.columns if is_dated(frame[name])]


def dated_table(data: Any, time: str | None, reading: Reading) -> DatedTable:
    """A series or dataframe of pandas with an index of dates, another dataframe with a column of dates, or a dict of
    arrays. time: the column of dates, or None where there is only one. reading: the tracks, and what is left out."""
    if isinstance(data, Mapping):
        return _of_columns(data, time, reading)
    if hasattr(data, "index") and hasattr(data, "to_frame") and not hasattr(data, "columns"):  # a series
        data = data.to_frame(WHOLE if data.name is None else str(data.name))
    levels = _levels(data)
    frame, library = eager(_with_levels(data, levels, reading.track))
    rows = FrameRows(frame)
    _check_rows(rows.rows)
    used = [name for name in frame.columns if not reading.ignores(name)]
    level = _level_of_dates(levels, frame, time, reading.track)
    if level is not None:
        time, stamps = level, of_index(levels[level], level or FIELD)
    else:
        time = _only(time, {name: is_dated(frame[name]) for name in used})
        stamps = of_series(frame[time], time)
        used.remove(time)
    names = [name for name in used if name != reading.track]
    columns = {name: rows.numbers(name)[:, None] for name in names}
    labels = None if reading.track is None else rows.labels(_known(reading.track, frame.columns, "track"))
    written = Written(time, stamps.unit, level is not None, stamps.alias, stamps.periods)
    return _table(stamps, written, columns, labels, library)


def _check_rows(count: int) -> None:
    if not count:
        raise DataError(
            "the table has no rows: expected at least one. Check how it was made.", field="data", value=0
        )


def _table(
    stamps: Stamps, written: Written, columns: dict[str, Any], labels: list[Label] | None, library: str
) -> DatedTable:
    if not columns:
        raise DataError(
            f"the table has no column beside {written.name!r}: expected readings. Add them.",
            field="data",
            value=0,
        )
    return DatedTable(stamps.local, stamps.utc, stamps.zone, written, columns, labels, library)


def _of_columns(data: Mapping[Any, Any], time: str | None, reading: Reading) -> DatedTable:
    given = {str(name): values for name, values in data.items() if not reading.ignores(str(name))}
    time = _only(time, {name: are_dates(_as_array(values)) for name, values in given.items()})
    dates = _as_array(given[time])
    _check_rows(dates.size)
    stamps, rows = of_array(dates, time), len(dates)
    names = [name for name in given if name not in (time, reading.track)]
    columns = {name: one_block(given[name], name, rows) for name in names}
    labels = None
    if reading.track is not None:
        of_rows = _as_array(given[_known(reading.track, list(given), "track")]).tolist()
        labels = plain_labels(ArrayRows(rows), reading.track, of_rows)
    return _table(stamps, Written(time, stamps.unit), columns, labels, "")


def _as_array(values: Any) -> Array:
    """The values as an array; an empty one if they are ragged, so no dates."""
    try:
        return np.asarray(values)
    except ValueError:
        return np.empty(0, object)


def _levels(data: Any) -> dict[str, Any]:
    """The levels of the index of a pandas dataframe by name, "" for one without."""
    index = getattr(data, "index", None)
    if index is None or not hasattr(index, "get_level_values"):
        return {}
    return {
        "" if name is None else str(name): index.get_level_values(k) if index.nlevels > 1 else index
        for k, name in enumerate(index.names)
    }


def _level_of_dates(
    levels: Mapping[str, Any], frame: "nw.DataFrame[Any]", time: str | None, track: str | None
) -> str | None:
    """The level of the index that holds the dates, or None if a column does. A column of dates comes before a level of
    its name. DataError for a level beside the dates and the tracks, whose rows would be mixed up."""
    own = [name for name in levels if name not in frame.columns or not is_dated(frame[name])]
    dated = [name for name in own if are_dates(levels[name])] if time is None else [time]
    if len(dated) != 1 or dated[0] not in own or not are_dates(levels[dated[0]]):
        return None
    for name in levels:
        if name not in (dated[0], track):
            raise DataError(
                f"the index of the table has a level {name!r} beside the dates: expected the tracks. Write "
                f"track={name!r}, or select one of its series.",
                field="track",
                value=name,
            )
    return dated[0]


def _with_levels(data: Any, levels: Mapping[str, Any], track: str | None) -> Any:
    """The dataframe with the tracks of its index as a column."""
    if track is None or track not in levels or track in data.columns:
        return data
    return data.assign(**{track: levels[track]})


def _known(name: str, names: Sequence[str], role: str) -> str:
    if name not in names:
        raise DataError(
            f"the table has no column {shown(name)}: found {listed(names)}. Name another with {role}=.",
            field=role,
            value=name,
        )
    return name


def _only(time: str | None, dated: Mapping[str, bool]) -> str:
    """The column of dates that is meant; dated: which columns hold dates."""
    if time is not None:
        return _known(time, list(dated), "time")
    found = [name for name, dates in dated.items() if dates]
    if len(found) != 1:
        have = (
            f"the columns of dates {listed(found)}" if found else f"no column of dates among {listed(dated)}"
        )
        raise DataError(
            f"the table has {have}: expected one, or an index of dates. Name it with time='date', or convert it to "
            "dates; for a log with times in seconds write fog.Log.from_frame(df).",
            field="time",
            value=found,
        )
    return found[0]
