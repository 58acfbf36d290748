"""Named columns, one entry per log row: as CSV cells with full precision, and as arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.core.csv_text import text_cell
from foglight.core.errors import ModelError
from foglight.core.timestamps import NS, seconds_text
from foglight.data.calendar import Calendar
from foglight.data.log_like import LogLike


class Column(Protocol):
    """A column, as the CSV cells of some rows or as one array."""

    def cells(self, part: slice) -> Sequence[str]:
        """The CSV cells of these rows."""

    def array(self) -> NDArray[Any]:
        """Every value, for a file that holds numbers: float64, or strings."""

    def plain(self) -> NDArray[Any]:
        """Every value, for a table in memory: numbers, or strings of one width."""


@dataclass(frozen=True)
class Numbers:
    """Floats: the shortest text that gives the same float again; a missing value is an empty cell."""

    values: NDArray[np.float64]

    def cells(self, part: slice) -> Sequence[str]:
        return ["" if value != value else repr(value) for value in self.values[part].tolist()]

    def array(self) -> NDArray[Any]:
        return np.ascontiguousarray(self.values)

    plain = array


@dataclass(frozen=True)
class Stamps:
    """Nanoseconds, written as decimal seconds or as the dates of a calendar, and repeated for each of the tracks that
    share them."""

    time_ns: NDArray[np.int64]
    tracks: int
    calendar: Calendar | None = None

    def cells(self, part: slice) -> Sequence[str]:
        rows = np.arange(part.start, part.stop) % len(self.time_ns)
        if self.calendar is not None:
            return self.calendar.texts(self.time_ns[rows])
        return [seconds_text(stamp) for stamp in self.time_ns[rows].tolist()]

    def array(self) -> NDArray[Any]:
        return np.tile(times_of(self.time_ns, self.calendar), self.tracks)

    plain = array


@dataclass(frozen=True)
class Words:
    """An integer code for each row, written as a name: labels of tracks, flags of a status.

    labels: the values that the codes stand for, if these are not just strings.
    """

    codes: NDArray[np.int64]
    name: Callable[[int], str]
    labels: NDArray[Any] | None = None

    def cells(self, part: slice) -> Sequence[str]:
        codes = self.codes[part].tolist()
        texts = {code: text_cell(self.name(code)) for code in set(codes)}
        return [texts[code] for code in codes]

    def array(self) -> NDArray[Any]:
        if self.labels is not None and self.labels.dtype.kind in "iu":  # numbers of tracks stay numbers
            return np.asarray(self.labels[self.codes])
        return self._texts(object)

    def plain(self) -> NDArray[Any]:
        return self._texts(str) if self.labels is None else self.labels[self.codes]

    def _texts(self, kind: type) -> NDArray[Any]:
        """The name of each row, from one of each distinct code."""
        distinct = np.flatnonzero(np.bincount(self.codes))  # codes count from 0: no need to sort them
        texts: NDArray[Any] = np.array([self.name(code) for code in distinct.tolist()], dtype=kind)
        number = np.zeros(distinct[-1] + 1 if len(distinct) else 0, np.intp)
        number[distinct] = np.arange(len(distinct))
        return np.asarray(texts[number[self.codes]])


Columns = list[tuple[str, Column]]


def times_of(time_ns: NDArray[np.int64], calendar: Calendar | None) -> NDArray[Any]:
    """Stamps as a column: seconds, or the dates of a calendar."""
    return np.asarray(time_ns / NS) if calendar is None else calendar.at(time_ns)


def table_of(columns: Columns) -> dict[str, NDArray[Any]]:
    """Columns as plain arrays; ModelError if two have the same name."""
    distinct([name for name, _ in columns], "the table")
    return {name: column.plain() for name, column in columns}


def distinct(names: Sequence[str], of: str) -> Sequence[str]:
    """The names unchanged; ModelError if two are the same."""
    for name in names:
        if names.count(name) > 1:
            raise ModelError(
                f"two columns of {of} would be called {name!r}: expected different names. Rename the state.",
                field=name,
            )
    return names


def clock(log: LogLike) -> Columns:
    tracks = log.tracks or 1
    time: Columns = [("time", Stamps(log.time_ns, tracks, log.calendar))]
    if log.track is not None:
        return [
            ("track", Words(log.track, lambda k: str(log.track_names[k]), np.array(log.track_names))),
            *time,
        ]
    if log.tracks is not None:
        return [("track", Words(np.repeat(np.arange(tracks), len(log)), str, np.arange(tracks))), *time]
    return time
