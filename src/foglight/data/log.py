"""A log: what the sensors reported, in time order, before any model gives it a meaning.

Missing is NaN, per component. Time is stored as integer nanoseconds, so a step is an exact difference.
A log never changes: arrays are copied in, and those returned are read-only.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import DataError
from foglight.core.moments import Moment
from foglight.core.text import listed
from foglight.core.types import ArrayLike
from foglight.data.array_input import one_block, tracks_and_time
from foglight.data.log_measurements import WHOLE, LogMeasurements
from foglight.data.named_columns import named_blocks
from foglight.data.numbers import readings, warn_if_coarse
from foglight.data.readers.options import repeat_policy
from foglight.data.readers.position import Origin, kind_of
from foglight.data.slicing import some_rows

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False, repr=False)
class Log(LogMeasurements):
    """Rows of measurements in time order, made by `Log.read`, `Log.from_frame`, `Log.from_arrays` or `Log.regular`.

    A log never changes. `len(log)` is the number of rows T, and `log[...]` gives a column or a slice of rows.

    Attributes
    ----------
    time_ns : ndarray of int64
        Timestamps (T,) in nanoseconds; since 1970 if the log came with dates.
    time : ndarray
        The same in seconds.
    blocks : mapping
        {name: array (T, m)}: the readings, NaN where missing. From `Log.regular` with several series, one array
        (tracks, T, m).
    u : ndarray or None
        Controls (T, n_u). The control of row k acted between rows k - 1 and k.
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

    Examples
    --------
    >>> log = fog.Log.from_arrays([0.0, 0.1, 0.3], radar=[5.2, float("nan"), 4.9])
    >>> log
    Log(3 rows, 0.3 s, radar)
    >>> log.dt().tolist()
    [0.0, 0.1, 0.2]
    """

    @classmethod
    def from_arrays(
        cls,
        time: ArrayLike,
        *,
        unit: str = "s",
        track: ArrayLike | None = None,
        u: ArrayLike | None = None,
        repeats: str = "keep",
        **sensors: ArrayLike,
    ) -> "Log":
        """Make a log from arrays, one block per sensor.

        Parameters
        ----------
        time : array
            Shape (T,), in order within each track: numbers in `unit`, or datetime64 or timedelta64.
        unit : str, default "s"
            What the numbers count: "s", "ms", "us" or "ns".
        track : array, optional
            Shape (T,): the name or number of each row's track. The rows of a track must be together.
        u : array, optional
            Controls, shape (T, n_u) or (T,). The control of row k acted between rows k - 1 and k. The columns of a
            dataframe are matched by name.
        repeats : str, default "keep"
            "skip" leaves out a reading that equals the same sensor's previous one.
        **sensors : array
            name=z, with z of shape (T, m), or (T,) for one component. NaN marks a component that was not reported. The
            columns of a dataframe are matched with the sensor's measures by name.

        Returns
        -------
        Log
            A log with its own copy of the data.

        Raises
        ------
        TimeError
            If time runs backwards, or a timestamp is invalid.
        DataError
            If an array has the wrong shape or type.

        Examples
        --------
        >>> fog.Log.from_arrays([0, 40, 80], unit="ms", radar=[5.2, float("nan"), 4.9])
        Log(3 rows, 0.08 s, radar)
        """
        time_ns, kind, numbers, names = tracks_and_time(time, unit, track)
        if not sensors:
            raise DataError(
                "no sensor given: expected at least one, by name. Write Log.from_arrays(time, radar=z).",
                field="sensors",
            )
        rows = len(time_ns)
        blocks: dict[str, NDArray[np.float64]] = {}
        for name, z in sensors.items():
            blocks |= named_blocks(z, f"{name}.", rows) or {name: one_block(z, name, rows)}
        named = named_blocks(u, "", rows)
        for name in named.keys() & blocks.keys():
            raise DataError(
                f"u has a column {name!r}, and a sensor has that name: expected one of them. Rename the column.",
                field="u",
                value=name,
            )
        return cls(
            time_ns,
            blocks | named,
            u=None if u is None or named else one_block(u, "u", rows),
            track=numbers,
            track_names=names,
            repeats=repeat_policy(repeats),
            origin=Origin("", kind),
        )

    @classmethod
    def regular(cls, z: ArrayLike, dt: float, *, repeats: str = "keep") -> "Log":
        """Make a log of one sensor at times 0, dt, 2 dt, … seconds.

        Parameters
        ----------
        z : array
            Shape (T,) or (T, m), or (tracks, T, m) for several series at the same times. NaN marks a missing component.
            The columns of a dataframe are matched with the sensor's measures by name.
        dt : float
            Seconds between two rows, at least 1e-9.
        repeats : str, default "keep"
            "skip" leaves out a reading that equals the previous one.

        Returns
        -------
        Log
            A log whose only block belongs to the model's only sensor.

        Raises
        ------
        DataError
            If z has another shape, or is not numeric.
        TimeError
            If dt is not a valid step.

        Examples
        --------
        >>> fog.Log.regular([[1.0, 2.0], [1.5, float("nan")]], dt=0.5)
        Log(2 rows, 0.5 s, z)
        """
        named = named_blocks(z, "", None)
        if named:
            rows = len(next(iter(named.values())))
            return cls(timestamps.regular(rows, dt), named, repeats=repeat_policy(repeats))
        array = readings(z, WHOLE)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim not in (2, 3) or 0 in array.shape:
            raise DataError(
                f"z has shape {np.shape(z)}: expected (T,), (T, m) or (tracks, T, m), none of them 0. "
                f"Put time on the second-last axis.",
                field=WHOLE,
                value=np.shape(z),
            )
        if array.ndim == 3 and array.shape[0] > 1 and array.shape[1:] == (1, 1):
            raise DataError(
                f"z has shape {array.shape}: {len(array)} series of one row each have no step, and {len(array)} column "
                f"vectors are not a log: expected (T,), (T, m) or (tracks, T, m). Vectors are 1-D: write z[:, :, 0].",
                field=WHOLE,
                value=array.shape,
            )
        warn_if_coarse(z, WHOLE)
        time_ns = timestamps.regular(array.shape[-2], dt)
        return cls(time_ns, {WHOLE: array}, nameless=True, repeats=repeat_policy(repeats))

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
            rename=rename, sort=sort, wraps=wraps, progress=progress,
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
        rename: Mapping[str, str] | None = None,
        sort: bool = False,
        wraps: float | None = None,
    ) -> "Log":
        """Make a log from a dataframe of pandas, polars, pyarrow or DuckDB.

        Missing is null, None or NaN.

        Parameters
        ----------
        df : dataframe
            Its timestamps may be dates with or without a time zone, durations, ISO 8601 strings, or numbers in `unit`.
        dt, time, unit, track, sensor, ignore, repeats, rename, sort, wraps
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
            rename=rename, sort=sort, wraps=wraps,
        )  # fmt: skip
        return cls(**fields._asdict())

    def __getitem__(self, key: str | slice) -> Any:
        """Select a column or a sensor's block by name, or some of the rows by a slice.

        Parameters
        ----------
        key : str or slice
            The name of a column or block, or a slice of rows without a step.

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
        if isinstance(key, slice):
            return replace(self, **some_rows(self, np.arange(len(self))[key]))
        columns = self.columns()
        if key in columns or key in self.blocks:
            return columns[key] if key in columns else self.blocks[key]
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
        first, last : float, datetime, pandas.Timestamp or datetime64
            Seconds as in `time`, or dates if the log came with dates.

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
        begins, ends = (
            Moment.of(time, name).on(kind_of(self.origin)).beside(self.time_ns)
            for time, name in ((first, "first"), (last, "last"))
        )
        return replace(
            self, **some_rows(self, np.flatnonzero((begins <= self.time_ns) & (self.time_ns < ends)))
        )
