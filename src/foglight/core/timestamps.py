"""Timestamps are converted to integer nanoseconds once; after that, differences are exact."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import TimeError
from foglight.core.types import ArrayLike

NS = 1_000_000_000
LAST_SECOND = 9_223_372_036  # the int64 range of nanoseconds: the year 2262 when counted from 1970
UNITS = {"s": NS, "ms": 1_000_000, "us": 1_000, "ns": 1}  # nanoseconds in each
NUMBER, AWARE, NAIVE = "number", "aware", "naive"  # the kinds of stamps; a file has only one kind


def nanoseconds(
    time: ArrayLike, where: str = "time", unit: str = "s", *, first: int = 0, before: str = ""
) -> NDArray[np.int64]:
    """Checked stamps (T,) as int64 nanoseconds.

    Floats and integers count in `unit`, one of s, ms, us, ns; datetime64 and timedelta64 have their own unit.
    float32 is refused: on a clock that counts from 1970 it resolves 128 s. `where` is the name used in errors,
    `first` the number of the first row, `before` a prefix for messages.
    """
    per = unit_of(unit)
    try:
        stamps = np.asarray(time)
    except ValueError:
        raise TimeError(
            f"{where} is ragged: expected one stamp per row, (T,). Pass a 1-D array.", field=where
        ) from None
    if stamps.ndim != 1:
        raise TimeError(
            f"{where} has shape {stamps.shape}: expected one stamp per row, (T,). Pass a 1-D array.",
            field=where,
            value=stamps.shape,
        )
    if isinstance(time, np.ma.MaskedArray) and np.ma.getmaskarray(time).any():
        raise no_time(where, first + int(np.argmax(np.ma.getmaskarray(time))), "masked", before)
    kind = stamps.dtype.kind
    if kind in "mM":
        return _calendar(stamps, where, first, before)
    if kind in "iu":
        _within_range(stamps, where, unit, first, before)
        return stamps.astype(np.int64) * per
    if kind == "f" and stamps.dtype.itemsize >= 8:
        return _from_floats(stamps.astype(np.float64), where, unit, first, before)
    raise TimeError(
        f"{before}{where} has dtype {stamps.dtype}: expected float64 or integers, or datetime64. {_remedy(stamps)}",
        field=where,
        value=str(stamps.dtype),
    )


def unit_of(unit: object) -> int:
    """The number of nanoseconds in a unit: s, ms, us or ns."""
    if not isinstance(unit, str) or unit not in UNITS:
        raise TimeError.expected(
            "unit", unit, f"one of {', '.join(UNITS)}", "Name the unit that the stamps count in."
        )
    return UNITS[unit]


def rounded(stamps: NDArray[np.float64], unit: int) -> NDArray[np.int64]:
    """Stamps as floats, in a unit of `unit` nanoseconds, rounded to the nearest nanosecond."""
    whole = np.floor(stamps)
    return whole.astype(np.int64) * unit + np.rint((stamps - whole) * unit).astype(np.int64)


def regular(count: int, dt: float, where: str = "dt", *, first: int = 0) -> NDArray[np.int64]:
    """Stamps k·dt, k = first … count - 1, each rounded to the nearest nanosecond, so that errors do not accumulate."""
    given: Any = dt
    number = isinstance(given, (int, float, np.number)) and not isinstance(given, (bool, np.timedelta64))
    sound = number and 1e-9 <= given <= LAST_SECOND
    dt = float(given) if sound else float("nan")
    if not sound or dt * max(count - 1, 0) > LAST_SECOND:
        raise TimeError.expected(
            where,
            given,
            f"the seconds between two rows, at least 1e-9, and {count} rows within 292 years",
            "Pass the step in seconds.",
        )
    step = round(dt * NS)
    if step / NS == dt:
        return np.arange(first, count, dtype=np.int64) * step
    return np.asarray(np.rint(np.arange(first, count) * (dt * NS)), np.int64)


def no_time(where: str, index: int, value: Any, before: str = "") -> TimeError:
    """The error for an invalid stamp."""
    return TimeError(
        f"{before}{where}[{index}] = {value} is not a time: every row needs a timestamp. Drop the row or give it one.",
        field=where,
        index=index,
        value=value,
    )


def seconds_text(stamp: int) -> str:
    """Nanoseconds as decimal seconds, exact and without trailing zeros."""
    whole, part = divmod(abs(stamp), NS)
    digits = f"{whole}.{part:09d}".rstrip("0").rstrip(".")
    return "-" + digits if stamp < 0 else digits


def date_text(stamp: int) -> str:
    """Nanoseconds since 1970 as date and time, exact and without trailing zeros."""
    return str(np.datetime64(stamp, "ns")).rstrip("0").rstrip(".")


def _remedy(stamps: NDArray[Any]) -> str:
    if stamps.dtype.kind == "f":
        return "Convert from the original stamps: this type has already lost digits."
    if stamps.dtype == object and stamps.size and all(isinstance(stamp, datetime) for stamp in stamps):
        zone = "[t.astimezone(UTC).replace(tzinfo=None) for t in time]" if stamps[0].tzinfo else "time"
        return f"Write np.array({zone}, 'datetime64[ns]')."
    return "Convert it first, for instance with np.asarray(time, float)."


def _from_floats(
    stamps: NDArray[np.float64], where: str, unit: str, first: int, before: str
) -> NDArray[np.int64]:
    bad = np.flatnonzero(np.isnan(stamps))
    if bad.size:
        raise no_time(where, first + int(bad[0]), "NaN", before)
    _within_range(stamps, where, unit, first, before)
    return rounded(stamps, UNITS[unit])


def _within_range(stamps: NDArray[Any], where: str, unit: str, first: int, before: str) -> None:
    row = beyond(stamps, unit)
    if row is not None:
        raise TimeError(
            f"{before}{where}[{first + row}] = {stamps[row]} {unit} lies more than 292 years from zero: "
            f"{too_far(unit)}",
            field=where,
            index=first + row,
            value=stamps[row],
        )


def beyond(stamps: NDArray[Any], unit: str) -> int | None:
    """The first row whose stamp does not fit into 64-bit nanoseconds; None if all do."""
    most = LAST_SECOND * (NS // UNITS[unit])
    bad = np.flatnonzero((stamps >= most) | (stamps <= -most))
    return int(bad[0]) if bad.size else None


def too_far(unit: str) -> str:
    """The end of the message for a stamp out of range: what was expected, and the remedy."""
    if unit == "s":
        return "expected seconds. If they are milliseconds, microseconds or nanoseconds, say so with unit=."
    return f"expected {unit}. Check unit=."


def _calendar(stamps: NDArray[Any], where: str, first: int, before: str) -> NDArray[np.int64]:
    bad = np.flatnonzero(np.isnat(stamps))
    if bad.size:
        raise no_time(where, first + int(bad[0]), "NaT", before)
    unit = np.datetime_data(stamps.dtype)[0]
    if unit == "generic" or (stamps.dtype.kind == "m" and unit in ("Y", "M")):
        raise TimeError(
            f"{before}{where} has dtype {stamps.dtype}: expected a unit of fixed length, from weeks to nanoseconds. "
            "Write np.timedelta64(5, 'ms').",
            field=where,
            value=str(stamps.dtype),
        )
    seconds = stamps.astype(stamps.dtype.kind + "8[s]").astype(np.int64)
    lost = np.flatnonzero(np.abs(seconds) >= LAST_SECOND)
    if lost.size:
        row = int(lost[0])
        raise TimeError(
            f"{before}{where}[{first + row}] = {stamps[row]} does not fit into 64-bit nanoseconds: expected 1678 to "
            f"2262. Check the unit of the stamps.",
            field=where,
            index=first + row,
            value=str(stamps[row]),
        )
    return stamps.astype(stamps.dtype.kind + "8[ns]").astype(np.int64)
