"""Single times that a user gives, beside the stamps of a log or a filter: one rule for all of them.

Seconds are rounded to nanoseconds as the stamps of a log are. Above 2^21 s, 24 days, floats are too coarse for that:
there a float that is the time of a row, as `log.time` shows it, means that row. Seconds fit any clock. Dates fit a
clock of dates; with a zone if its stamps have one, and without if they have none. A datetime64, which cannot hold a
zone, is UTC where the stamps have one.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.dates import AWARE, NAIVE, NUMBER, Spot
from foglight.core.errors import TimeError
from foglight.core.resolution import NS
from foglight.core.timestamps import Kind, stamps_of

_EXPECTED = "seconds, a datetime, a pandas.Timestamp or a numpy.datetime64"
_REMEDY = "Write 1.5, or np.datetime64('2026-03-02T10:15:00.5')."


class Moment(NamedTuple):
    """One time. stamp: in nanoseconds; kind: of number or date; value: as it was given; field: its name in errors."""

    stamp: int
    kind: str
    value: Any
    field: str

    @classmethod
    def of(cls, value: Any, field: str, unit: str = "s") -> "Moment":
        """A time in `unit`, or a date or duration. Raises TimeError for anything else."""
        if value is None or isinstance(value, (str, bytes, bool, np.bool_)) or np.ndim(value):
            raise TimeError.expected(field, value, _EXPECTED, _REMEDY)
        stamps, kind = stamps_of([value], Spot(field, first=None), unit)
        return cls(int(stamps[0]), kind, value, field)

    def on(self, clock: Kind, whose: str = "the log's stamps") -> "Moment":
        """This time, if it fits a clock of this kind; else TimeError. whose: the stamps of that clock, in messages."""
        if not isinstance(clock, str):
            return self._replace(stamp=clock.stamp(self.value, self.field))
        check_clock(self.kind, clock, self.value, self.field, whose)
        return self

    def beside(self, stamps: NDArray[np.int64], unit: str = "s") -> int:
        """This time in nanoseconds; for a float that is the time of one of these rows, the stamp of that row."""
        if isinstance(self.value, float) and unit == "s":
            return next((row for row in _near(stamps, self.stamp) if shows(self.value, row)), self.stamp)
        return self.stamp


def shows(seconds: float, stamp: int) -> bool:
    """Whether these seconds are this stamp as a float: rounded once, as in Python, or twice, as NumPy divides."""
    return seconds in (stamp / NS, float(stamp) / NS)


def check_clock(kind: str, clock: str, value: Any, field: str, whose: str, index: int | None = None) -> None:
    """TimeError for a time of this kind that does not fit a clock of that kind. index: of one among several times."""
    as_utc = clock == AWARE and isinstance(value, np.datetime64)
    if kind in (NUMBER, clock) or as_utc:
        return
    if clock == NUMBER:
        wrong, expected, remedy = "is a date", f"seconds, as {whose} are", "Use one clock for both."
    else:
        has, have = ("has a zone", "none") if kind == AWARE else ("has no zone", "one")
        wrong, expected = has, f"{'no' if clock == NAIVE else 'a'} zone, as {whose} have {have}"
        remedy = "Give every time its zone, or none."
    spot = field if index is None else f"{field}[{index}]"
    raise TimeError(
        f"{spot} = {value} {wrong}: expected {expected}. {remedy}", field=field, index=index, value=str(value)
    )


def stamp_on(value: Any, field: str, clock: Kind, rows: NDArray[np.int64]) -> int:
    """A time in nanoseconds on the clock of a log with these rows: floats that are the time of one mean that row."""
    if isinstance(clock, str):
        return Moment.of(value, field).on(clock).beside(rows)
    return clock.stamp(value, field)


def stamps_on(
    times: Any, field: str, clock: Kind, rows: NDArray[np.int64], whose: str = "the log's stamps"
) -> NDArray[np.int64]:
    """Times (S,) in nanoseconds, by the same rule."""
    if not isinstance(clock, str):
        return np.array([clock.stamp(time, f"{field}[{k}]") for k, time in enumerate(times)], np.int64)
    stamps, kind = stamps_of(times, Spot(field))
    given = np.asarray(times)
    if len(given):
        check_clock(kind, clock, given[0], field, whose, 0)
    if given.dtype.kind == "f":
        for k, (seconds, stamp) in enumerate(zip(given.tolist(), stamps.tolist(), strict=True)):
            stamps[k] = next((row for row in _near(rows, stamp) if shows(seconds, row)), stamp)
    return stamps


def _near(stamps: NDArray[np.int64], stamp: int) -> list[int]:
    """The stamps that may be shown as the same float."""
    reach = np.ceil(2.0 * np.spacing(abs(stamp) / NS) * NS)
    return list(stamps[np.abs(stamps - stamp) <= reach].tolist())
