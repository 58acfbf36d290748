"""The dates of a calendar in dataframes: as they stood in the user's own."""

from typing import Any

import narwhals as nw
import numpy as np

from foglight.core.resolution import NS
from foglight.core.types import Array
from foglight.data.calendar import Calendar, Numbers

_RESOLVED = ("s", "ms", "us", "ns")  # units of datetime64 that dataframes have


def dates_of(calendar: Calendar, time_ns: Numbers, library: str) -> Array:
    """The dates of these times, in UTC if they have a zone, in a unit that dataframes of the library have."""
    units = _RESOLVED[library == "polars" :]
    unit = calendar.written.unit
    return calendar.instants(time_ns).astype(f"M8[{unit if unit in units else 'us'}]")


def with_dates(frame: "nw.DataFrame[Any]", calendar: Calendar) -> "nw.DataFrame[Any]":
    """The frame with its dates, in UTC in `time`, in their zone and type, and called as they were."""
    written, time = calendar.written, nw.col("time")
    if calendar.zone:
        frame = frame.with_columns(time.dt.replace_time_zone("UTC").dt.convert_time_zone(calendar.zone))
    elif written.unit == "D" and not frame.implementation.is_pandas():
        frame = frame.with_columns(time.cast(nw.Date))
    is_index = written.is_index and frame.implementation.is_pandas()
    if is_index or not written.name or written.name in frame.columns:
        return frame
    return frame.rename({"time": written.name})


def with_calendar(frame: Any, calendar: Calendar, time_ns: Numbers) -> Any:
    """A pandas dataframe with its dates as periods or as the index, and this with a frequency, where they had these."""
    written = calendar.written
    if written.periods:
        name = written.name if not written.is_index and written.name in frame.columns else "time"
        frame = frame.assign(**{name: frame[name].dt.to_period(written.alias)})
    if not written.is_index:
        return frame
    frame = frame.set_index("time").rename_axis(index=written.name or None)
    if written.alias and not written.periods and (np.diff(time_ns) == NS).all():
        frame.index.freq = written.alias
    return frame
