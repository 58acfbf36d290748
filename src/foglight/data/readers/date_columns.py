"""The dates of a column, an index or an array: in local time and in UTC, whatever their type."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np

from foglight.core.dates import Spot, no_time
from foglight.core.errors import TimeError
from foglight.core.types import Array
from foglight.core.zones import name_of
from foglight.data.calendar import iso_date


class Stamps(NamedTuple):
    """Dates (T,) in local time and in UTC, their zone, their unit, and the frequency and kind of their index."""

    local: Array
    utc: Array
    zone: str
    unit: str
    alias: str = ""
    periods: bool = False


def are_dates(values: Any) -> bool:
    """Whether an array, or an index of pandas, holds dates."""
    if hasattr(values, "to_timestamp") or getattr(values, "tz", None) is not None:
        return True
    if values.dtype == object:
        return len(values) > 0 and (isinstance(values[0], date) or hasattr(values[0], "to_timestamp"))
    return getattr(values.dtype, "kind", "") == "M"


def is_dated(series: "nw.Series[Any]") -> bool:
    if series.dtype in (nw.Date, nw.Datetime):
        return True
    return series.dtype in (nw.Object, nw.Unknown) and are_dates(np.asarray(series.to_list(), object))


def of_index(level: Any, field: str) -> Stamps:
    """The dates of an index of pandas."""
    if hasattr(level, "to_timestamp"):
        return _of_periods(level, field)
    zone = getattr(level, "tz", None)
    if zone is None:
        return of_array(level.to_numpy(), field, getattr(level, "freqstr", None) or "")
    utc = _known_dates(level.tz_convert("UTC").tz_localize(None).to_numpy(), field)
    return _zoned(utc, lambda: level.tz_localize(None).to_numpy(), name_of(zone), level.freqstr or "")


def _of_periods(periods: Any, field: str) -> Stamps:
    dates = _known_dates(periods.to_timestamp(how="start").to_numpy(), field)
    return Stamps(dates, dates, "", "s", periods.freqstr, periods=True)


def of_series(series: "nw.Series[Any]", field: str) -> Stamps:
    """The dates of a column."""
    absent = np.flatnonzero(series.is_null().to_numpy().astype(bool))
    if absent.size:
        raise no_time(Spot(field), int(absent[0]), "null")
    dtype = series.dtype
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        utc = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_numpy()
        return _zoned(utc, lambda: series.dt.replace_time_zone(None).to_numpy(), dtype.time_zone)
    native = nw.to_native(series)
    if hasattr(native, "dt") and hasattr(getattr(native, "dtype", None), "freq"):  # periods of pandas
        return _of_periods(native.array, field)
    return of_array(np.asarray(series.to_list(), object) if dtype == nw.Object else series.to_numpy(), field)


def _zoned(utc: Array, local: Callable[[], Array], zone: str, alias: str = "") -> Stamps:
    return Stamps(np.asarray(local()), utc, zone, np.datetime_data(utc.dtype)[0], alias)


def of_array(values: Array, field: str, alias: str = "") -> Stamps:
    """The dates of an array of datetime64, of objects, or of ISO 8601 text."""
    if values.ndim != 1:
        raise TimeError(
            f"{field} has shape {values.shape}: expected one date per row, (T,). Pass a 1-D array.",
            field=field,
            value=values.shape,
        )
    if values.dtype.kind in "OUT":
        return _of_objects(values.tolist(), field)
    if values.dtype.kind != "M":
        raise TimeError(
            f"{field} has dtype {values.dtype}: expected dates. Convert it, for instance with pd.to_datetime, or use "
            "fog.Log.from_frame for times in seconds.",
            field=field,
            value=str(values.dtype),
        )
    dates = _known_dates(values, field)
    return Stamps(dates, dates, "", np.datetime_data(dates.dtype)[0], alias)


def _known_dates(values: Array, field: str) -> Array:
    bad = np.flatnonzero(np.isnat(values))
    if bad.size:
        raise no_time(Spot(field), int(bad[0]), "NaT")
    return np.asarray(values)


def _of_objects(values: list[Any], field: str) -> Stamps:
    """Dates as objects of Python or pandas, or as text without a zone."""
    if hasattr(values[0], "to_timestamp"):
        raise TimeError(
            f"{field}[0] = {values[0]!r} is a period among objects: expected a column of periods. Convert it with "
            "astype('period[M]').",
            field=field,
            index=0,
            value=str(values[0]),
        )
    found: list[Any] = []
    zones: list[str] = []
    for row, value in enumerate(values):
        stamp = iso_date(value) if isinstance(value, str) else value
        if not isinstance(stamp, date | np.datetime64) or stamp != stamp:
            raise TimeError(
                f"{field}[{row}] = {value!r}: expected a date, or ISO 8601 text without a zone such as '1968-03-15'. "
                "Convert the column to dates.",
                field=field,
                index=row,
                value=value,
            )
        zone = getattr(stamp, "tzinfo", None)
        zones.append("" if zone is None else name_of(zone))
        if zones[-1] != zones[0]:
            has, have = (
                f"is in the zone {name}" if name else "has no zone" for name in (zones[-1], zones[0])
            )
            raise TimeError(
                f"{field}[{row}] = {value} {has}, and {field}[0] = {values[0]} {have}: expected one zone. Convert "
                "them, for instance with pd.to_datetime(…, utc=True).",
                field=field,
                index=row,
                value=str(value),
            )
        found.append(stamp)
    if zones[0]:
        local = np.array([stamp.replace(tzinfo=None) for stamp in found], "M8[us]")
        utc = local - np.array([stamp.utcoffset() for stamp in found], "m8[us]")
        return Stamps(local, utc, zones[0], "us")
    dates = np.array(found, "M8[us]")
    days = (dates == dates.astype("M8[D]")).all() and not any(isinstance(stamp, datetime) for stamp in found)
    return Stamps(dates, dates, "", "D" if days else "us")
