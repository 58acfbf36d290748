"""Logs of time series: with dates, and a calendar whose periods are their steps."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number
from foglight.core.errors import DataError, TimeError
from foglight.core.moments import stamp_on
from foglight.core.timestamps import span_text
from foglight.data.controls import Hold
from foglight.data.log_arrays import LogArrays
from foglight.data.readers.position import kind_of


@dataclass(frozen=True, eq=False, repr=False)
class LogCalendar(LogArrays):
    """Rows of measurements that may have a calendar."""

    @classmethod
    def series(
        cls,
        data: Any,
        *,
        freq: str | None = None,
        time: str | None = None,
        track: str | None = None,
        ignore: Collection[str] = (),
        hold: Hold = False,
        repeats: str = "keep",
    ) -> Self:
        """Make a log of a time series with dates, whose steps are periods of a calendar: months, business days, hours.

        Time counts periods, so dt is 1 from each month to the next. A period without a row becomes a row without
        readings. Results come back with dates, in the library of the data.

        Parameters
        ----------
        data : series, dataframe or dict
            A pandas Series or DataFrame with a DatetimeIndex or a PeriodIndex, a dataframe of any library with a column
            of dates, or {name: array}. All other columns are measurements or controls.
        freq : str, optional
            "year", "quarter", "month", "week", "business day", "day", "hour", "minute" or "second", several as in
            "15 minutes", or a name of pandas such as "MS". By default that of the index, or the only one that all dates
            fit with a row in most of its periods.
        time : str, optional
            The column of dates, if there is more than one.
        track : str, optional
            The column or level of the index with the name of each row's track. Each may have its own first and last
            period.
        ignore, hold, repeats
            As in `Log.read`.

        Returns
        -------
        Log
            A log with a calendar, from the first to the last period of each track.

        Raises
        ------
        TimeError
            If a date is missing, out of order, a duplicate, in another time zone, or not where the others are in their
            periods; or if the frequency is not certain.
        DataError
            If there is no column of dates, or a column cannot be used.

        Warns
        -----
        FoglightWarning
            If periods have no row; it names the first one.

        Notes
        -----
        In a time zone, hours and shorter periods are counted in UTC, so that a day may have 23 or 25 of them; days and
        longer ones in local time. A model with a single measure takes a single column, whatever its name.

        Examples
        --------
        >>> import pandas as pd
        >>> log = fog.Log.series(pd.Series([112.0, 118.0, 132.0], pd.date_range("1949-01", periods=3, freq="MS")))
        >>> log, log.dt().tolist()
        (Log(3 rows, 1949-01 to 1949-03, month, z), [0.0, 1.0, 1.0])
        """
        from foglight.data.dated_rows import dated_rows

        return cls(**dated_rows(data, freq, time, track, ignore, hold, repeats)._asdict())

    def row(self, time: Any) -> int:
        """The number of the row at a time.

        Parameters
        ----------
        time : float, datetime, pandas.Timestamp, datetime64 or str
            Seconds as in `time`, or a date if the log came with dates; if it has a calendar also as text such as
            "1968-03", "1968-Q1" or "1968-03-15".

        Returns
        -------
        int
            The number of the row, counted from 0; of several the first.

        Raises
        ------
        TimeError
            If the log has no row at that time, or the text means several of its dates.
        DataError
            If the log has a column of tracks.

        Examples
        --------
        >>> log.row(0.5)
        5
        """
        if self.track is not None:
            raise DataError(
                f"the log has {len(self.track_names)} tracks, which may each have a row at that time: expected one "
                "series. Select the rows of a track first.",
                field="track",
                value=len(self.track_names),
            )
        clock = kind_of(self.origin)
        found = np.flatnonzero(self.time_ns == stamp_on(time, "time", clock, self.time_ns))
        if not found.size:
            span = span_text(int(self.time_ns[0]), int(self.time_ns[-1]), clock)
            raise TimeError.expected(
                "time", str(time), f"the time of a row, from {span}", "See log.columns()['time']."
            )
        return int(found[0])

    def season(self, period: int) -> NDArray[np.int64]:
        """The phase of each row in a season that is aligned with the calendar.

        Parameters
        ----------
        period : int
            The number of rows in a season, such as 12 in a year of months.

        Returns
        -------
        ndarray of int
            Shape (T,): 0 … period - 1. Phase 0 is January in a year of 12 months, the first of 4 quarters, Monday in a
            week of 7 days, 5 business days or 168 hours, and the hour after midnight in a day of 24. In other seasons
            it is the period of 1970-01-01. In a time zone, hours are those of UTC.

        Raises
        ------
        TimeError
            If the log has no calendar, or period is not a whole number.

        Examples
        --------
        >>> import pandas as pd
        >>> sales = pd.Series([3.0, 4.0, 8.0], pd.date_range("2025-11", periods=3, freq="MS"))
        >>> fog.Log.series(sales).season(12)
        array([10, 11,  0])
        """
        if self.calendar is None:
            raise TimeError(
                f"season({period!r}): the log has no calendar, so its rows have no season. Make it with "
                "fog.Log.series(data, freq='month').",
                field="period",
                value=period,
            )
        return self.calendar.season(period, self.time_ns)

    def _bound_of(self, time: Any, name: str) -> int:
        """A time in nanoseconds; of a year or the like the time of its first row."""
        if self.calendar is not None:
            return self.calendar.ends(time, name)[0]
        return stamp_on(time, name, kind_of(self.origin), self.time_ns)

    def _rows_of(self, key: slice) -> NDArray[np.int64]:
        """The rows from one date to another, both included."""
        if self.calendar is None or key.step is not None or is_number(key.start) or is_number(key.stop):
            what = "two numbers of rows" + (
                ", or two dates, without a step" if self.calendar is not None else ""
            )
            raise DataError.expected(
                "log[...]", f"{key.start}:{key.stop}", what, "For times write log.between(first, last)."
            )
        first = last = np.ones(len(self), bool)
        if key.start is not None:
            first = self.time_ns >= self.calendar.ends(key.start, "first")[0]
        if key.stop is not None:
            last = self.time_ns < self.calendar.ends(key.stop, "last")[1]
        return np.flatnonzero(first & last)
