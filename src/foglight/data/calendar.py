"""Calendars: the periods of a time series as consecutive whole numbers, and the dates of these periods.

Period 0 is that of 1970-01-01, so the step from one month to the next is 1, whether it has 28 days or 31. A log with a
calendar has these numbers as its times. NumPy counts months, days and business days.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number, is_whole
from foglight.core.errors import TimeError
from foglight.core.resolution import NS
from foglight.core.timestamps import seconds_text
from foglight.core.types import Array
from foglight.core.zones import in_utc, in_zone
from foglight.data.frequency import Frequency

Numbers = NDArray[np.int64]
ANCHORS = ("start", "end", "first business day", "last business day")
_LAST = ("end", "last business day")
_EPOCH = np.datetime64("1970-01-01", "D")  # a Thursday
_DAY = 86_400
_AFTER_MONDAY = 3  # days, and business days
_ISO = re.compile(r"\d{4}(-\d\d(-\d\d([ T]\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?)?)?)?", re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])", re.ASCII)


class Written(NamedTuple):
    """How dates stand in the user's table.

    name: of the index or the column, "" for an index without one.  unit: of the dates, as in datetime64[us], or D.
    is_index: whether they are the index of a pandas dataframe.  alias: the frequency of this index, if it had one.
    periods: whether they are pandas' periods.
    """

    name: str
    unit: str
    is_index: bool = False
    alias: str = ""
    periods: bool = False


@dataclass(frozen=True)
class Calendar:
    """The periods of a time series and their dates. A period of months has its date in one month of them.

    Attributes
    ----------
    freq : Frequency
        What a period is: so many months, days, business days or seconds, its units.
    phase : int
        Which unit of a period has its date: the first one is 0.
    anchor : str
        What the date is counted from: the start of this unit, its end, or the first or last business day of a month.
    offset : timedelta64
        From the anchor to the date.
    zone : str
        The time zone of the dates, "" for none. Hours and their parts are counted in UTC, and all else in local time.
    written : Written
        How dates stand in the user's table.
    """

    freq: Frequency
    phase: int
    anchor: str
    offset: np.timedelta64
    zone: str
    written: Written

    @property
    def in_utc(self) -> bool:
        """Whether the dates of this calendar are in UTC, since its periods are parts of a day in a time zone."""
        return bool(self.zone) and self.freq.unit == "s"

    @property
    def first(self) -> int:
        """The unit with which period 0 begins. A date at the end of a month is that of a period that ends there."""
        return self.phase - (self.freq.count - 1 if self.anchor in _LAST else 0)

    def agrees_with(self, other: "Calendar") -> bool:
        """Whether the periods of both have the same numbers."""
        mine, others = self.freq, other.freq
        return (mine.unit, mine.count, self.first) == (others.unit, others.count, other.first)

    def numbers(self, dates: Array) -> Numbers:
        """The numbers of the periods to which these dates belong."""
        return (indices(self.freq.unit, dates) - self.first) // self.freq.count

    def takes(self, dates: Array) -> NDArray[np.bool_]:
        """Which dates leave no doubt about their period: its own, and any in a month, a day, or a quarter or year that
        begins in January."""
        own, unit = self.dates(self.numbers(dates)), self.freq.unit
        if unit == "M" and self.first == 0:
            return np.ones(len(dates), bool)
        if unit in "DB" and self.freq.count == 1:
            return np.asarray(own.astype("M8[D]") == dates.astype("M8[D]"))
        return np.asarray(own == dates)

    def dates(self, numbers: Numbers) -> Array:
        """The dates of these periods as datetime64, local or in UTC; see `in_utc`."""
        index = np.asarray(numbers, np.int64) * self.freq.count + self.phase
        return np.asarray(references(self.freq.unit, self.anchor, index) + self.offset)

    def at(self, time_ns: Numbers) -> Array:
        """The dates of times of a log. Part of a period is that part of the way to the next date."""
        whole, part = np.divmod(time_ns, NS)
        dates = self.dates(whole).astype(f"M8[{self.written.unit}]")
        if not part.any():
            return dates
        first, last = (self.dates(whole + k).astype("M8[us]") for k in (0, 1))
        return np.asarray(first + ((last - first) * (part / NS)))

    def instants(self, time_ns: Numbers) -> Array:
        """The dates of times of a log in UTC."""
        dates = self.at(time_ns)
        return in_utc(dates, self.zone) if self.zone and not self.in_utc else dates

    def stamp(self, value: Any, field: str) -> int:
        """A time as in a log, in nanoseconds: of the period whose date is given, or of a number of periods.

        A text such as "1968", "1968-03", "1968-Q1" or "1968-03-15 12:00" means the one date within this year, month,
        quarter or minute, and so does a period of pandas.
        """
        if is_number(value):
            return round(float(value) * NS)
        begins, ends = self._span(value, field)
        first, last = self._first_from(begins), self._first_from(ends)
        if last - first == 1:
            return first * NS
        near = self.text((first if last > first else int(self.numbers(np.array([begins]))[0])) * NS)
        what = "none of its dates" if last == first else f"{last - first} of its dates, from {near} on"
        raise TimeError.expected(
            field,
            str(value),
            f"one date of a calendar of {self.freq.word}s, and this is {what}",
            f"Write {near!r}.",
        )

    def ends(self, value: Any, field: str) -> tuple[int, int]:
        """The time of the first period with a date in this year, month, day or the like, and of the first one after."""
        if is_number(value):
            return self.stamp(value, field), self.stamp(value, field) + NS
        first, last = (self._first_from(end) * NS for end in self._span(value, field))
        return first, last

    def text(self, stamp: int) -> str:
        """The period of a time as people write it: 1968, 1968-Q1, 1968-03, 1968-03-15 or 1968-03-15 12:00."""
        whole, part = divmod(stamp, NS)
        shown = self._text(self.dates(np.array([whole]))[0])
        return f"{shown} and {self.length(part)}" if part else shown

    def texts(self, time_ns: Numbers) -> list[str]:
        """The dates of times of a log in ISO 8601, with a zone if they are in UTC."""
        dates = self.at(time_ns)
        unit = next(unit for unit in ("D", "s", "us", "ns") if (dates.astype(f"M8[{unit}]") == dates).all())
        return [f"{text}{'Z' * self.in_utc}" for text in dates.astype(f"M8[{unit}]").astype(str).tolist()]

    def length(self, nanoseconds: int) -> str:
        """A difference of times as text: `3 months`."""
        number = seconds_text(nanoseconds * self.freq.multiple)
        return f"{number} {self.freq.word}{'s' * (number != '1')}"

    def season(self, period: int, time_ns: Numbers) -> Numbers:
        """The phase 0 … period - 1 of each of these times in a season of so many periods.

        It is aligned with the calendar. Phase 0 is January in a year of 12 months, the first of 4 quarters, Monday in a
        week of 7 days, 5 business days or 168 hours, and the hour after midnight in a day of 24 hours. In a season that
        is none of these it is the phase of 1970-01-01.
        """
        if not is_whole(period) or int(period) < 1:
            raise TimeError.expected(
                "period", period, "a whole number of periods, at least 1", "Write season(12)."
            )
        unit, count = self.freq.unit, self.freq.count
        monday = 0
        if unit == "B" or (unit, count) == ("D", 1):
            monday = _AFTER_MONDAY
        elif unit == "s" and _DAY % count == 0 and period % (_DAY // count) == 0:
            monday = _AFTER_MONDAY * (_DAY // count)
        return np.asarray((time_ns // NS + monday) % int(period))

    def _text(self, day: np.datetime64) -> str:
        unit, count = self.freq.unit, self.freq.count
        month = day.astype("M8[M]")
        if unit == "M":
            year, number = str(month.astype("M8[Y]")), int(month.astype(np.int64)) % 12
            if count not in (3, 12) or self.first != 0:
                return str(month)
            return year if count == 12 else f"{year}-Q{number // 3 + 1}"
        if unit != "s":
            return str(day.astype("M8[D]"))
        minute = day.astype("M8[m]")
        shown = str(minute).replace("T", " ") if minute == day else date_shown(day)
        return f"{shown} UTC" if self.zone else shown

    def _first_from(self, bound: np.datetime64) -> int:
        """The first period whose date is not before this one."""
        near = int(self.numbers(np.array([bound]))[0]) + np.arange(-2, 4)
        return int(near[int((self.dates(near) < bound).sum())])

    def _span(self, value: Any, field: str) -> tuple[Any, Any]:
        """The first instant of what the value names, a year, month, day or instant, and the first one after it."""
        if hasattr(value, "start_time") and hasattr(value, "end_time"):  # a period of pandas
            ends = np.datetime64(value.start_time), np.datetime64(value.end_time) + 1
            return self._local(ends)
        if isinstance(value, str):
            quarter = _QUARTER.fullmatch(value.strip())
            if quarter:
                first = np.datetime64(quarter[1], "M") + 3 * (int(quarter[2]) - 1)
                return self._local((first, first + 3))
            found = iso_date(value)
            if found is not None:
                return self._local((found, found + 1))
        elif isinstance(value, np.datetime64) and not np.isnat(value):
            return value, value + 1
        elif isinstance(value, datetime) and value == value:
            return self._instant(value, field)
        elif isinstance(value, date) and value == value:
            return self._local((np.datetime64(value), np.datetime64(value) + 1))
        raise self._no_date(value, field)

    def _instant(self, value: datetime, field: str) -> tuple[Any, Any]:
        if (value.tzinfo is None) != (not self.zone):
            has, have = ("has no zone", "have one") if self.zone else ("has a zone", "have none")
            raise TimeError(
                f"{field} = {value} {has}: expected {'a' if self.zone else 'no'} zone, as the dates of the log {have}. "
                "Write it as text: '1968-03'.",
                field=field,
                value=str(value),
            )
        found = np.datetime64(value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value)
        found = in_zone(np.array([found]), self.zone)[0] if self.zone and not self.in_utc else found
        return found, found + 1

    def _local(self, ends: tuple[Any, Any]) -> tuple[Any, Any]:
        """Ends in local time on the clock of the calendar."""
        if not self.in_utc:
            return ends
        first, last = in_utc(np.array(ends, "M8[us]"), self.zone)
        return first, last

    @staticmethod
    def _no_date(value: Any, field: str) -> TimeError:
        return TimeError.expected(
            field,
            value,
            "a date, such as '1968-03' or '1968-03-15', or a number of periods",
            "Write '1968-03'.",
        )


def date_shown(date: np.datetime64) -> str:
    """A date for messages: without a time of day if that is midnight, and without decimals if they are 0."""
    day, second = date.astype("M8[D]"), date.astype("M8[s]")
    return str(day if day == date else second if second == date else date).replace("T", " ")


def iso_date(text: str) -> np.datetime64 | None:
    """A date in ISO 8601, whose unit is what the text gives last: a year, a month, a day and so on; None for others."""
    try:
        return np.datetime64(text.strip()) if _ISO.fullmatch(text.strip()) else None
    except ValueError:
        return None


def indices(unit: str, dates: Array) -> Numbers:
    """The numbers, from 1970 on, of the months, days, business days or seconds in which these dates are."""
    if unit == "B":
        return np.asarray(np.busday_count(_EPOCH, dates.astype("M8[D]")), np.int64)
    return dates.astype(f"M8[{unit}]").astype(np.int64)


def references(unit: str, anchor: str, index: Numbers) -> Array:
    """What the dates of these months, days, business days or seconds are counted from: their start, end, and so on."""
    if unit == "B":
        return np.asarray(np.busday_offset(_EPOCH, index, roll="forward"))
    last = anchor in _LAST
    start = (index + last).astype(f"M8[{unit}]").astype("M8[s]" if unit == "s" else "M8[D]")
    if anchor in ("start", "end"):
        return start
    return np.asarray(np.busday_offset(start, -1 if last else 0, roll="forward"))


def anchors(freq: Frequency) -> Iterator[str]:
    """What the dates of such periods may be counted from."""
    months = ANCHORS[2:] if freq.on_business_days else ANCHORS
    yield from months if freq.unit == "M" else ANCHORS[:1]
