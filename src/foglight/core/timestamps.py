"""Timestamps are converted to integer nanoseconds once; after that, differences are exact."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.core import dates
from foglight.core.dates import AWARE as AWARE
from foglight.core.dates import NAIVE as NAIVE
from foglight.core.dates import NUMBER as NUMBER
from foglight.core.dates import Spot
from foglight.core.errors import TimeError
from foglight.core.resolution import FINE, NOTICEABLE, coarse_row, too_coarse
from foglight.core.resolution import LAST_SECOND as LAST_SECOND
from foglight.core.resolution import NS as NS
from foglight.core.types import ArrayLike


class Clock(Protocol):
    """A clock that counts in periods of a calendar, as the kind of its stamps."""

    def text(self, stamp: int) -> str:
        """The period of a stamp, for people."""

    def length(self, nanoseconds: int) -> str:
        """A difference of stamps, for people."""

    def stamp(self, value: Any, field: str) -> int:
        """A date or a number of periods as a stamp; TimeError for anything else."""


Kind = str | Clock  # of stamps: numbers, dates with or without a time zone, or periods of a calendar
UNITS = {"s": NS, "ms": 1_000_000, "us": 1_000, "ns": 1}  # nanoseconds in each


def stamps_of(time: ArrayLike, spot: Spot, unit: str = "s") -> tuple[NDArray[np.int64], str]:
    """Checked stamps (T,) as int64 nanoseconds, and their kind: numbers, or dates with or without a time zone.

    Floats and integers count in `unit`, one of s, ms, us, ns. datetime64 and timedelta64, and the dates and durations
    of Python and of dataframe libraries, have their own unit; dates with a zone are converted to UTC. float32 is
    refused: on a clock that counts from 1970 it resolves 128 s. So are stamps whose rounding to nanoseconds changes
    a step noticeably.
    """
    per = unit_of(unit)
    zoned = dates.without_zone(time)
    try:
        stamps = np.asarray(time) if zoned is None else zoned
    except ValueError:
        raise TimeError(
            f"{spot.field} is ragged: expected one stamp per row, (T,). Pass a 1-D array.", field=spot.field
        ) from None
    if stamps.ndim != 1:
        raise TimeError(
            f"{spot.field} has shape {stamps.shape}: expected one stamp per row, (T,). Pass a 1-D array.",
            field=spot.field,
            value=stamps.shape,
        )
    if isinstance(time, np.ma.MaskedArray) and np.ma.getmaskarray(time).any():
        raise dates.no_time(spot, int(np.argmax(np.ma.getmaskarray(time))), "masked")
    kind = stamps.dtype.kind
    if kind in "mM":
        return dates.from_numpy(
            stamps, spot
        ), AWARE if zoned is not None else NAIVE if kind == "M" else NUMBER
    if dates.are_objects(stamps):
        return dates.from_objects(stamps.tolist(), spot)
    if kind in "iu":
        _within_range(stamps, spot, unit)
        return stamps.astype(np.int64) * per, NUMBER
    if kind == "f" and stamps.dtype.itemsize >= 8:
        return _from_floats(stamps.astype(np.float64), spot, unit), NUMBER
    raise TimeError(
        f"{spot.before}{spot.field} has dtype {stamps.dtype}: expected float64 or integers, or dates. "
        + (
            "Convert from the original stamps: this type has already lost digits."
            if kind == "f"
            else "Convert it first, for instance with np.asarray(time, float)."
        ),
        field=spot.field,
        value=str(stamps.dtype),
    )


def unit_of(unit: object) -> int:
    """The number of nanoseconds in a unit: s, ms, us or ns."""
    if not isinstance(unit, str) or unit not in UNITS:
        raise TimeError.expected(
            "unit", unit, f"one of {', '.join(UNITS)}", "Name the unit that the stamps count in."
        )
    return UNITS[unit]


def rounded(stamps: NDArray[np.float64], unit: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest whole nanoseconds of stamps in a unit of `unit` of them, and by how many nanoseconds they differ."""
    whole = np.floor(stamps)
    part = (stamps - whole) * unit
    nearest = np.rint(part)
    return whole.astype(np.int64) * unit + nearest.astype(np.int64), np.asarray(nearest - part)


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
    stamps = np.asarray(np.rint(np.arange(first, count) * (dt * NS)), np.int64)
    if dt * NS < FINE and (np.abs(np.diff(stamps) - dt * NS) > NOTICEABLE * dt * NS).any():
        raise too_coarse(f"{where} = {given!r}", where, None, given)
    return stamps


def seconds_text(stamp: int) -> str:
    """Nanoseconds as decimal seconds, exact and without trailing zeros."""
    whole, part = divmod(abs(stamp), NS)
    digits = f"{whole}.{part:09d}".rstrip("0").rstrip(".")
    return "-" + digits if stamp < 0 else digits


def date_text(stamp: int) -> str:
    """Nanoseconds since 1970 as date and time, exact and without trailing zeros."""
    return str(np.datetime64(stamp, "ns")).rstrip("0").rstrip(".")


def time_text(stamp: int, kind: Kind) -> str:
    """A stamp for people: `1.2 s`, or a date and time if stamps of this kind are dates, or a period of a calendar."""
    if not isinstance(kind, str):
        return kind.text(stamp)
    if kind not in (AWARE, NAIVE):
        return f"{seconds_text(stamp)} s"
    return date_text(stamp).replace("T", " ") + (" UTC" if kind == AWARE else "")


def length_text(nanoseconds: int, kind: Kind) -> str:
    """A difference of stamps for people: `1.2 s`, or `3 months`."""
    return f"{seconds_text(nanoseconds)} s" if isinstance(kind, str) else kind.length(nanoseconds)


def span_text(first: int, last: int, kind: Kind) -> str:
    """From one stamp to another, for people: `1.2 s to 4 s`, or two dates."""
    return f"{time_text(first, NAIVE if kind == AWARE else kind)} to {time_text(last, kind)}"


def _from_floats(stamps: NDArray[np.float64], spot: Spot, unit: str) -> NDArray[np.int64]:
    bad = np.flatnonzero(np.isnan(stamps))
    if bad.size:
        raise dates.no_time(spot, int(bad[0]), "NaN")
    _within_range(stamps, spot, unit)
    whole, off = rounded(stamps, UNITS[unit])
    row = coarse_row(whole, off)
    if row is not None:
        raise too_coarse(
            f"{spot(row)} = {stamps[row]} {unit}", spot.field, spot.index(row), float(stamps[row])
        )
    return whole


def _within_range(stamps: NDArray[Any], spot: Spot, unit: str) -> None:
    row = beyond(stamps, unit)
    if row is not None:
        raise TimeError(
            f"{spot(row)} = {stamps[row]} {unit} lies more than 292 years from zero: {too_far(unit)}",
            field=spot.field,
            index=spot.index(row),
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
