"""A log: what the sensors reported, in time order, before any model gives it a meaning.

Missing is NaN, per component. Time is stored as integer nanoseconds, so a step is an exact difference.
A log never changes: arrays are copied in, and those returned are read-only.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from foglight.core.checks import is_whole
from foglight.core.errors import DataError
from foglight.core.text import listed
from foglight.data.controls import Hold
from foglight.data.log_calendar import LogCalendar
from foglight.data.slicing import some_rows

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False, repr=False)
class Log(LogCalendar):
    """Rows of measurements in time order, made by `Log.read`, `Log.from_frame`, `Log.from_arrays`, `Log.merge`,
    `Log.regular` or `Log.series`.

    A log never changes. `len(log)` is the number of rows T, and `log[...]` gives a column or a slice of rows.

    Attributes
    ----------
    time_ns : ndarray of int64
        Timestamps (T,) in nanoseconds; since 1970 if the log came with dates. In a log with a calendar a period takes
        10^9 of them.
    time : ndarray
        The same in seconds, or in periods.
    calendar : Calendar or None
        The periods of a log from `Log.series`, such as months, and their dates.
    blocks : mapping
        {name: array (T, m)}: the readings, NaN where missing. From `Log.regular` with several series, one array
        (tracks, T, m).
    u : ndarray or None
        Controls (T, n_u) in the order of a model. The control of row k acted between rows k - 1 and k.
    inputs : tuple of str
        The blocks that hold controls, as far as that is known without a model: those given as `u`.
    hold : bool or dict
        Whether the last value of a control holds until its next one; {name: value} before the first one.
    tracks : int or None
        The number of series of equal length that share the time, from `Log.regular`.
    track : ndarray of int64 or None
        The number of each row's track (T,), if tracks of any lengths follow one another.
    track_names : tuple
        The names of those tracks, in order.
    repeats : str
        "keep", or "skip" if a reading equal to the sensor's previous one is not new information.
    nameless : bool
        Whether the only block belongs to the only sensor of the model, whatever its name.
    long : Long or None
        For a table in long format, which columns each sensor uses.
    origin : Origin or None
        The dataframe library that the log came from, and whether its timestamps were dates.
    moved : dict
        {sensor: nanoseconds} by which readings stand earlier here than they were stamped, because a model says that the
        sensor is late; see `fog.delay`.

    Examples
    --------
    >>> log = fog.Log.from_arrays([0.0, 0.1, 0.3], radar=[5.2, float("nan"), 4.9])
    >>> log
    Log(3 rows, 0.3 s, radar)
    >>> log.dt().tolist()
    [0.0, 0.1, 0.2]
    """

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        *,
        dt: float | None = None,
        time: str = "time",
        unit: str = "s",
        track: str | None = None,
        sensor: str | None = None,
        ignore: Collection[str] = (),
        repeats: str = "keep",
        hold: Hold = False,
        rename: Mapping[str, str] | None = None,
        sort: bool = False,
        wraps: float | None = None,
        progress: Progress | None = None,
    ) -> "Log":
        """Read a log from a CSV file or, with the suffix .parquet or .pq, a Parquet file.

        Each column is a measurement, except those that the options name. An empty cell, NaN, nan, NA and null mean
        missing; in a file with one column, so does a blank line.

        Parameters
        ----------
        path : str or path
            The file.
        dt : float, optional
            Seconds between two rows, for a file without a time column.
        time : str, default "time"
            The time column: numbers in `unit`, or ISO 8601 dates and times.
        unit : str, default "s"
            What the numbers in the time column count: "s", "ms", "us" or "ns".
        track : str, optional
            The column with the name of each row's track.
        sensor : str, optional
            The column with the name of each row's sensor, for a table in long format, where each row is the report
            of one sensor.
        ignore : collection of str, default ()
            Columns that are not measurements. * stands for any text, as in "field.header.*".
        repeats : str, default "keep"
            "skip" leaves out a reading that equals the same sensor's previous one.
        hold : bool or dict, default False
            True carries the last value of every control forward, to rows that have none; {name: value} does so, too,
            with these values before the first one.
        rename : dict, optional
            {name in the table: new name}. The other options use the new names.
        sort : bool, default False
            Whether to sort the rows by track and time.
        wraps : float, optional
            For a time counter that starts again at 0: its range, in its unit.
        progress : callable, optional
            Called with the number of rows read so far.

        Returns
        -------
        Log
            The whole file.

        Raises
        ------
        DataError
            If the file cannot be read, or a cell is not a number; with line, column and text.
        TimeError
            If time runs backwards, or a timestamp is invalid; with the line.

        Examples
        --------
        >>> fog.Log.read("radar.csv")
        Log(300 rows, 29.9 s, radar.gap)
        """
        from foglight.data.readers.whole import read

        fields = read(
            path, dt=dt, time=time, unit=unit, track=track, sensor=sensor, ignore=ignore, repeats=repeats,
            hold=hold, rename=rename, sort=sort, wraps=wraps, progress=progress,
        )  # fmt: skip
        return cls(**fields._asdict())

    @classmethod
    def from_frame(
        cls,
        df: Any,
        *,
        dt: float | None = None,
        time: str = "time",
        unit: str = "s",
        track: str | None = None,
        sensor: str | None = None,
        ignore: Collection[str] = (),
        repeats: str = "keep",
        hold: Hold = False,
        rename: Mapping[str, str] | None = None,
        sort: bool = False,
        wraps: float | None = None,
    ) -> "Log":
        """Make a log from a dataframe of pandas, polars, pyarrow or DuckDB, or from Arrow record batches.

        Missing is null, None or NaN.

        Parameters
        ----------
        df : dataframe
            Or whatever hands over a record batch or a stream of them, which is read once. Its timestamps may be dates
            with or without a time zone, durations, ISO 8601 strings, or numbers in `unit`.
        dt, time, unit, track, sensor, ignore, repeats, hold, rename, sort, wraps
            As in `Log.read`. In pandas, the columns of time, tracks and sensors may be levels of the index; an index of
            dates is the time, whatever its name.

        Returns
        -------
        Log
            A log with its own copy of the data.

        Raises
        ------
        DataError
            If a column cannot be used; with column and row.
        TimeError
            If time runs backwards, or a timestamp is invalid; with column and row.

        Examples
        --------
        >>> import polars as pl
        >>> fog.Log.from_frame(pl.DataFrame({"time": [0, 33, 66], "radar": [5.25, None, 4.5]}), unit="ms")
        Log(3 rows, 0.066 s, radar)
        """
        from foglight.data.readers.whole import from_frame

        fields = from_frame(
            df, dt=dt, time=time, unit=unit, track=track, sensor=sensor, ignore=ignore, repeats=repeats,
            hold=hold, rename=rename, sort=sort, wraps=wraps,
        )  # fmt: skip
        return cls(**fields._asdict())

    def __getitem__(self, key: str | slice) -> Any:
        """Select a column or a sensor's block by name, or some of the rows by a slice.

        Parameters
        ----------
        key : str or slice
            The name of a column or block, or a slice of rows without a step. In a log with a calendar its ends may be
            dates, both included: `log["1968":"1969-06"]`.

        Returns
        -------
        ndarray or Log
            The column (T,), the block (T, m), or a log of these rows.

        Raises
        ------
        DataError
            If there is no such name, or the slice has no rows or a step.

        Examples
        --------
        >>> log["radar.gap"].shape
        (300,)
        >>> log[1:]
        Log(299 rows, 29.8 s, radar.gap)
        """
        if isinstance(key, slice) and not (_is_row(key.start) and _is_row(key.stop)):
            return replace(self, **some_rows(self, self._rows_of(key)))
        if isinstance(key, slice):
            return replace(self, **some_rows(self, np.arange(len(self))[key]))
        columns = self.columns()
        if key in columns or key in self.blocks:
            return columns[key] if key in columns else self.blocks[key]
        measures = [column for name, column in columns.items() if name.startswith(f"{key}.")]
        if measures:
            found = np.column_stack(measures)
            found.flags.writeable = False
            return found
        raise DataError.expected(
            "log[...]",
            key,
            f"a slice of rows, or one of {listed(dict.fromkeys([*columns, *self.blocks]))}",
            "Rename it.",
        )

    def between(self, first: Any, last: Any) -> "Log":
        """The rows with first <= time < last.

        Parameters
        ----------
        first, last : float, datetime, pandas.Timestamp, datetime64 or str
            Seconds as in `time`, or dates if the log came with dates; as text, too, if it has a calendar.

        Returns
        -------
        Log
            A log of these rows.

        Raises
        ------
        DataError
            If there are no such rows.
        TimeError
            If first or last is not a time, or a date that does not fit the timestamps of the log.

        Examples
        --------
        >>> log.between(0.5, 1.5)
        Log(10 rows, 0.9 s, radar.gap)
        """
        begins, ends = self._bound_of(first, "first"), self._bound_of(last, "last")
        return replace(
            self, **some_rows(self, np.flatnonzero((begins <= self.time_ns) & (self.time_ns < ends)))
        )


def _is_row(end: Any) -> bool:
    return end is None or is_whole(end)
