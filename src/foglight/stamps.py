"""Time stamps become integer nanoseconds, once; from then on differences are exact."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foglight.errors import TimeError

NS = 1_000_000_000
LAST_SECOND = 9_223_372_036  # the int64 range of nanoseconds: the year 2262 when counted from 1970
SHARP_SECOND = 2**21  # below this a float of seconds still separates neighbouring nanoseconds


def nanoseconds(time: ArrayLike, where: str = "time") -> NDArray[np.int64]:
    """Stamps (T,) as int64 nanoseconds, checked to be times and in order.

    Floats and integers are seconds; datetime64 and timedelta64 carry their own unit. float32 is refused:
    on a clock that counts from 1970 it resolves 128 s. `where` is the name that errors use.
    """
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
        raise no_time(where, int(np.argmax(np.ma.getmaskarray(time))), "masked")
    kind = stamps.dtype.kind
    if kind in "mM":
        whole = _calendar(stamps, where)
    elif kind in "iu":
        _within_range(stamps, where)
        whole = stamps.astype(np.int64) * NS
    elif kind == "f" and stamps.dtype.itemsize >= 8:
        whole = _from_seconds(stamps.astype(np.float64), where)
    else:
        raise TimeError(
            f"{where} has dtype {stamps.dtype}: expected float64 seconds or datetime64. {_remedy(stamps)}",
            field=where,
            value=str(stamps.dtype),
        )
    return in_order(whole, where)


def regular(count: int, dt: float, where: str = "dt") -> NDArray[np.int64]:
    """Stamps k·dt, k = 0 … count - 1, each rounded to its own nanosecond, so that no error piles up."""
    given: Any = dt
    number = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
    sound = number and 1e-9 <= given <= LAST_SECOND
    dt = float(given) if sound else float("nan")
    if not sound or dt * max(count - 1, 0) > LAST_SECOND:
        raise TimeError(
            f"{where} = {given!r}: expected the seconds between two rows, at least 1e-9, and {count} rows "
            f"within 292 years. Pass the step in seconds.",
            field=where,
            value=given,
        )
    step = round(dt * NS)
    if step / NS == dt:
        return np.arange(count, dtype=np.int64) * step
    return np.asarray(np.rint(np.arange(count) * (dt * NS)), np.int64)


def from_text(texts: Sequence[str], seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Nanoseconds of stamps written as decimal seconds: `texts`, and the same already read as floats.

    A float of seconds since 1970 is good to 0.2 µs only, so large stamps are read again from their digits.
    """
    if not len(seconds) or np.max(np.abs(seconds)) < SHARP_SECOND:
        return _round(seconds)
    try:
        return np.array([int((Decimal(text) * NS).to_integral_value()) for text in texts], np.int64)
    except InvalidOperation:  # float() takes what Decimal does not only for odd spellings; the float will do
        return _round(seconds)


def in_order(stamps: NDArray[np.int64], where: str) -> NDArray[np.int64]:
    """The stamps themselves, if none is earlier than the one before it; equal stamps are allowed."""
    back = np.flatnonzero(stamps[1:] < stamps[:-1])
    if back.size:
        row = int(back[0]) + 1
        raise backwards(where, row, int(stamps[row - 1]), int(stamps[row]))
    apart(where, stamps)
    return stamps


def apart(where: str, stamps: NDArray[np.int64]) -> None:
    """TimeError where the first and the last are further apart than 64-bit nanoseconds can say."""
    if len(stamps) and int(stamps[-1]) - int(stamps[0]) > LAST_SECOND * NS:
        raise TimeError(
            f"{where} goes from {seconds_text(int(stamps[0]))} s to {seconds_text(int(stamps[-1]))} s: expected rows "
            f"within 292 years. Check the unit of the stamps.",
            field=where,
            index=len(stamps) - 1,
            value=int(stamps[-1]) / NS,
        )


def backwards(where: str, index: int, before: int, stamp: int) -> TimeError:
    """The error for the first row whose stamp is earlier than the row before it."""
    return TimeError(
        f"{where}[{index}] = {seconds_text(stamp)} s is earlier than the row before it, "
        f"{seconds_text(before)} s: rows must be in time order. Sort the rows by time first.",
        field=where,
        index=index,
        value=stamp / NS,
    )


def no_time(where: str, index: int, value: Any) -> TimeError:
    """The error for a stamp that is no time."""
    return TimeError(
        f"{where}[{index}] = {value} is no time: every row needs a stamp. Drop the row or give it one.",
        field=where,
        index=index,
        value=value,
    )


def seconds_text(stamp: int) -> str:
    """Nanoseconds as decimal seconds, every digit and none too many."""
    whole, part = divmod(abs(stamp), NS)
    digits = f"{whole}.{part:09d}".rstrip("0").rstrip(".")
    return "-" + digits if stamp < 0 else digits


def _remedy(stamps: NDArray[Any]) -> str:
    if stamps.dtype.kind == "f":
        return "Convert from the original stamps: this type has already lost digits."
    if stamps.dtype == object and stamps.size and all(isinstance(stamp, datetime) for stamp in stamps):
        zone = "[t.astimezone(UTC).replace(tzinfo=None) for t in time]" if stamps[0].tzinfo else "time"
        return f"Write np.array({zone}, 'datetime64[ns]')."
    return "Convert it first, for instance with np.asarray(time, float)."


def _from_seconds(seconds: NDArray[np.float64], where: str) -> NDArray[np.int64]:
    bad = np.flatnonzero(np.isnan(seconds))
    if bad.size:
        raise no_time(where, int(bad[0]), "NaN")
    _within_range(seconds, where)
    return _round(seconds)


def _round(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    whole = np.floor(seconds)
    return whole.astype(np.int64) * NS + np.rint((seconds - whole) * NS).astype(np.int64)


def _within_range(seconds: NDArray[Any], where: str) -> None:
    bad = np.flatnonzero((seconds >= LAST_SECOND) | (seconds <= -LAST_SECOND))
    if bad.size:
        row = int(bad[0])
        raise TimeError(
            f"{where}[{row}] = {seconds[row]} s lies more than 292 years from zero: expected seconds. "
            f"If these are milliseconds, microseconds or nanoseconds, divide first or pass datetime64.",
            field=where,
            index=row,
            value=seconds[row],
        )


def _calendar(stamps: NDArray[Any], where: str) -> NDArray[np.int64]:
    bad = np.flatnonzero(np.isnat(stamps))
    if bad.size:
        raise no_time(where, int(bad[0]), "NaT")
    seconds = stamps.astype(stamps.dtype.kind + "8[s]").astype(np.int64)
    lost = np.flatnonzero(np.abs(seconds) >= LAST_SECOND)
    if lost.size:
        row = int(lost[0])
        raise TimeError(
            f"{where}[{row}] = {stamps[row]} does not fit into 64-bit nanoseconds: expected 1678 to 2262. "
            f"Check the unit of the stamps.",
            field=where,
            index=row,
            value=str(stamps[row]),
        )
    return stamps.astype(stamps.dtype.kind + "8[ns]").astype(np.int64)
