"""Dates and durations as nanoseconds: those of NumPy, of Python, and of dataframe libraries."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import TimeError
from foglight.core.resolution import LAST_SECOND, NS, coarse_row, too_coarse
from foglight.core.types import Array

NUMBER, AWARE, NAIVE = "number", "aware", "naive"  # the kinds of stamps; a log has only one
_MINUTE, _HOUR, _DAY = 60 * NS, 3_600 * NS, 86_400 * NS
_TICKS = {
    "W": 7 * _DAY, "D": _DAY, "h": _HOUR, "m": _MINUTE, "s": NS, "ms": 1_000_000, "us": 1_000, "ns": 1,
}  # fmt: skip
_PARTS = {"ps": 1_000, "fs": 1_000_000, "as": 1_000_000_000}  # of a nanosecond
_MONTHS = {"Y": 12, "M": 1}
_EPOCH = datetime(1970, 1, 1)


class Spot:
    """The names of stamps in messages: `time[3]` for rows, `start_time` for a single stamp (first=None)."""

    def __init__(self, field: str, first: int | None = 0, before: str = "") -> None:
        self.field = field
        self.first = first
        self.before = before

    def __call__(self, row: int) -> str:
        index = self.index(row)
        return f"{self.before}{self.field}" + ("" if index is None else f"[{index}]")

    def index(self, row: int) -> int | None:
        """The index of a row in errors."""
        return None if self.first is None else self.first + row


def no_time(spot: Spot, row: int, value: Any) -> TimeError:
    """The error for an invalid stamp."""
    remedy = "every row needs a timestamp. Drop the row or give it one."
    if spot.first is None:
        remedy = "expected seconds or a date. Give one."
    return TimeError(
        f"{spot(row)} = {value} is not a time: {remedy}",
        field=spot.field,
        index=spot.index(row),
        value=value,
    )


def without_zone(time: Any) -> Array | None:
    """The dates of a column of a dataframe library that has a time zone, in UTC; None for anything else."""
    dtype = getattr(time, "dtype", None)
    if getattr(dtype, "tz", None) is not None:  # pandas
        return np.asarray(time, f"datetime64[{getattr(dtype, 'unit', 'ns')}]")
    zone = getattr(dtype, "time_zone", None) or getattr(getattr(time, "type", None), "tz", None)
    return None if zone is None else np.asarray(time)  # polars, pyarrow


def are_objects(stamps: Array) -> bool:
    """Whether these are dates or durations as objects of Python; those of pandas are of the same classes."""
    return (
        stamps.dtype == object
        and bool(stamps.size)
        and all(isinstance(stamp, date | timedelta) for stamp in stamps.tolist())
    )


def from_objects(stamps: Sequence[Any], spot: Spot) -> tuple[NDArray[np.int64], str]:
    """Dates or durations as objects: nanoseconds (T,), in UTC if they have a zone, and their kind."""
    kinds = [_kind(stamp) for stamp in stamps]
    odd = next((row for row, kind in enumerate(kinds) if kind != kinds[0]), None)
    if odd is not None:
        expected = "only dates, or only durations. Convert them to one kind"
        if NUMBER not in (kinds[0], kinds[odd]):
            expected = "all with a zone, or none. Give every timestamp its zone"
        raise TimeError(
            f"{spot(odd)} = {str(stamps[odd])!r} {_NAMES[kinds[odd]]}, but the rows before it {_BEFORE[kinds[0]]}: "
            f"expected {expected}.",
            field=spot.field,
            index=spot.index(odd),
            value=str(stamps[odd]),
        )
    found = []
    for row, stamp in enumerate(stamps):
        if stamp != stamp:
            raise no_time(spot, row, "NaT")
        found.append(_nanoseconds(stamp))
        if abs(found[-1]) >= LAST_SECOND * NS:
            raise _does_not_fit(spot, row, stamp)
    return np.array(found, np.int64), kinds[0]


_NAMES = {AWARE: "has a zone", NAIVE: "has no zone", NUMBER: "is a duration"}
_BEFORE = {AWARE: "have one", NAIVE: "have none", NUMBER: "are durations"}


def _kind(stamp: Any) -> str:
    if isinstance(stamp, timedelta):
        return NUMBER
    return AWARE if getattr(stamp, "tzinfo", None) is not None else NAIVE


def _nanoseconds(stamp: Any) -> int:
    if isinstance(stamp, timedelta):
        since, finer = stamp, getattr(stamp, "nanoseconds", 0)
    elif isinstance(stamp, datetime):
        since = stamp.replace(tzinfo=None) - _EPOCH - (stamp.utcoffset() or timedelta(0))
        finer = getattr(stamp, "nanosecond", 0)
    else:
        since, finer = datetime(stamp.year, stamp.month, stamp.day) - _EPOCH, 0
    if hasattr(since, "nanoseconds"):  # a pandas.Timedelta holds them itself
        finer = since.nanoseconds
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000 + int(finer)


def from_numpy(stamps: Array, spot: Spot) -> NDArray[np.int64]:
    """datetime64 or timedelta64 of any unit as nanoseconds (T,). Finer ones are rounded, unless that is noticeable."""
    bad = np.flatnonzero(np.isnat(stamps))
    if bad.size:
        raise no_time(spot, int(bad[0]), "NaT")
    unit, count = np.datetime_data(stamps.dtype)
    if unit == "generic" or (stamps.dtype.kind == "m" and unit in _MONTHS):
        raise TimeError(
            f"{spot.before}{spot.field} has dtype {stamps.dtype}: expected a unit of fixed length, from weeks to "
            "nanoseconds. Write np.timedelta64(5, 'ms').",
            field=spot.field,
            value=str(stamps.dtype),
        )
    ticks = stamps.astype(np.int64)
    if unit in _PARTS:
        return _from_finer(stamps, ticks, count, _PARTS[unit], spot)
    if unit in _MONTHS:
        _check_range(stamps, ticks, (LAST_SECOND // (28 * 86_400)) // (_MONTHS[unit] * count), spot)
        ticks, unit, count = stamps.astype("M8[D]").astype(np.int64), "D", 1
    per = _TICKS[unit] * count
    _check_range(stamps, ticks, LAST_SECOND * NS // per, spot)
    return ticks * per


def rounding(stamp: np.datetime64 | np.timedelta64) -> float:
    """By how many nanoseconds `from_numpy` changes a stamp, which it has accepted."""
    unit, count = np.datetime_data(stamp)
    return float(_rounded(stamp.astype(np.int64), count, _PARTS[unit])[1]) if unit in _PARTS else 0.0


def _from_finer(
    stamps: Array, ticks: NDArray[np.int64], count: int, parts: int, spot: Spot
) -> NDArray[np.int64]:
    """Stamps in units of `count` of so many parts of a nanosecond."""
    _check_range(stamps, ticks, np.iinfo(np.int64).max // count, spot)
    whole, off = _rounded(ticks, count, parts)
    row = coarse_row(whole, off)
    if row is not None:
        raise too_coarse(f"{spot(row)} = {stamps[row]}", spot.field, spot.index(row), str(stamps[row]))
    return np.asarray(whole, np.int64)


def _rounded(ticks: Any, count: int, parts: int) -> tuple[Any, Any]:
    """The nearest whole nanoseconds, and by how many nanoseconds they differ."""
    whole, rest = np.divmod(ticks * count, parts)
    up = 2 * rest >= parts
    return whole + up, (up * parts - rest) / parts


def _check_range(stamps: Array, ticks: NDArray[np.int64], most: int, spot: Spot) -> None:
    lost = np.flatnonzero((ticks > most) | (ticks < -most))
    if lost.size:
        raise _does_not_fit(spot, int(lost[0]), stamps[int(lost[0])])


def _does_not_fit(spot: Spot, row: int, stamp: Any) -> TimeError:
    return TimeError(
        f"{spot(row)} = {stamp} does not fit into 64-bit nanoseconds: expected 1678 to 2262. Check the unit of the "
        "stamps.",
        field=spot.field,
        index=spot.index(row),
        value=str(stamp),
    )
