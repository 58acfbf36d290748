"""The calendar of a series' dates: the frequency that is given, or the one that the dates leave no doubt about."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import TimeError
from foglight.core.text import counted
from foglight.core.types import Array
from foglight.data.calendar import Calendar, Numbers, Written, anchors, date_shown, indices, references
from foglight.data.frequency import Frequency, frequency_or_none

_MINUTE = 60  # seconds: shorter steps are those of a sensor's log
_DAY = 86_400
_HALF = 0.5  # of the periods must have a row in a frequency that is found
_NAMED = ("year", "quarter", "month", "week", "business day", "day")


class Dates(NamedTuple):
    """The dates of a series, in order within each track.

    local, utc (T,): datetime64 in local time and in UTC, the same without a zone.  starts (T,): which rows begin a
    track.  field: the name of the column in messages.
    """

    local: Array
    utc: Array
    zone: str
    starts: NDArray[np.bool_]
    field: str
    written: Written

    def of(self, freq: Frequency) -> Array:
        """The dates as such a calendar counts them: parts of a day in UTC, and all else in local time."""
        return self.utc if freq.unit == "s" else self.local


class _Fit(NamedTuple):
    """A calendar for the dates. odd (T,): rows whose date does not fit it. share: of its periods that have a row."""

    calendar: Calendar
    odd: NDArray[np.bool_]
    share: float


def calendar_of(dates: Dates, freq: Any = None) -> Calendar:
    """The calendar of dates with this frequency; with None that of their index, or the one that the dates show.

    Raises TimeError for a date that does not fit the frequency, and with None if there is not exactly one that all
    dates fit with a row in most of its periods.
    """
    known = Frequency.of(freq) if freq is not None else frequency_or_none(dates.written.alias)
    if known is None:
        return _found(dates).calendar
    fit = _fitted(known, dates)
    if fit.odd.any():
        raise _odd(fit, dates)
    return fit.calendar


def _fitted(freq: Frequency, dates: Dates) -> _Fit:
    """The calendar of this frequency that fits the most dates; of several the one with dates at the ends of months."""
    given = dates.of(freq)
    index = indices(freq.unit, given)
    phase = _usual(index % freq.count)
    best: tuple[tuple[int, bool], _Fit] | None = None
    for anchor in anchors(freq):
        offsets = given - references(freq.unit, anchor, index)
        offset = _shortest(_usual(offsets))
        odd = (offsets != offset) | (index % freq.count != phase)
        calendar = Calendar(freq, int(phase), anchor, offset, dates.zone, dates.written)
        rank = int(odd.sum()), bool(abs(offset) > np.timedelta64(1, "D"))
        if best is None or rank < best[0]:
            best = rank, _Fit(calendar, odd, _share(calendar.numbers(given), dates.starts))
    assert best is not None
    return best[1]


def _found(dates: Dates) -> _Fit:
    """The one frequency that all dates fit and that has a row in more of its periods than any other."""
    candidates = [Frequency(1, word) for word in _NAMED]
    steps = np.diff(dates.utc.astype("M8[ns]" if dates.written.unit == "ns" else "M8[us]"))[~dates.starts[1:]]
    seconds = np.gcd.reduce((steps // np.timedelta64(1, "s")).astype(np.int64), initial=0)
    if _MINUTE <= seconds < _DAY and (steps % np.timedelta64(1, "s") == np.timedelta64(0)).all():
        candidates.append(Frequency.seconds(int(seconds)))
    fits = [_fitted(freq, dates) for freq in candidates if _are_apart(freq, dates)]
    fits = [fit for fit in fits if not fit.odd.any()]
    most = max((fit.share for fit in fits), default=0.0)
    best = [fit for fit in fits if fit.share == most and fit.share > _HALF]
    if len(best) == 1 and len(steps):
        return best[0]
    raise _no_frequency(best or fits, dates)


def _are_apart(freq: Frequency, dates: Dates) -> bool:
    """Whether no two rows of a track are in one of the units that such a period consists of."""
    return bool(np.diff(indices(freq.unit, dates.of(freq)))[~dates.starts[1:]].all())


def _share(numbers: Numbers, starts: NDArray[np.bool_]) -> float:
    """The share of the periods from the first to the last row of each track that have a row."""
    firsts = np.flatnonzero(starts)
    lasts = np.append(firsts[1:], len(numbers)) - 1
    return len(numbers) / float((numbers[lasts] - numbers[firsts] + 1).sum())


def _usual(values: Array) -> Any:
    """The value that occurs most often; of several the least."""
    found, count = np.unique(values, return_counts=True)
    return found[np.argmax(count)]


def _shortest(offset: np.timedelta64) -> np.timedelta64:
    """The same duration in the coarsest unit in which it is whole."""
    units = (offset.astype(f"m8[{unit}]") for unit in ("D", "s", "us"))
    return next((whole for whole in units if whole == offset), offset)


def _odd(fit: _Fit, dates: Dates) -> TimeError:
    calendar, row = fit.calendar, int(np.argmax(fit.odd))
    given = dates.of(calendar.freq)
    fitting = calendar.dates(calendar.numbers(given[row : row + 1]) + np.arange(-1, 3))
    nearest = fitting[np.argmin(np.abs((fitting - given[row]).astype("m8[s]").astype(np.int64)))]
    remedy = "Correct it, or give another freq."
    if calendar.freq.unit == "M" or calendar.freq.word == "week":
        remedy = "Correct it; or, if only the period matters, give every row the first day of its period."
    value = date_shown(dates.local[row])
    return TimeError(
        f"{dates.field}[{row}] = {value}: expected a date like those of the other rows, such as {date_shown(nearest)}, "
        f"for freq={str(calendar.freq)!r}. {remedy}",
        field=dates.field,
        index=row,
        value=value,
    )


def _no_frequency(fits: list[_Fit], dates: Dates) -> TimeError:
    """The error that lists the candidates, or says that there are none."""
    if not fits:
        first = ", ".join(map(date_shown, dates.local[:3])) + ", …" * (len(dates.local) > 3)
        return TimeError(
            f"freq = None: the dates of {dates.field!r} fit no frequency: {first}. Expected equal steps of a minute or "
            "longer, such as months. Give freq='month' to see which date does not fit; or, for steps in seconds, write "
            "fog.Log.from_frame(df).",
            field="freq",
        )
    fits = sorted(fits, key=lambda fit: -fit.share)
    certain = fits[0].share == 1.0  # several fit without a gap
    without = [f" ({1.0 - fit.share:.0%} of its periods without a row)" * (not certain) for fit in fits]
    names = " or ".join(f"{fit.calendar.freq}{share}" for fit, share in zip(fits, without, strict=True))
    expected = "dates that fit only one" if certain else "a row in most periods of one of them"
    return TimeError(
        f"freq = None: the dates of {dates.field!r}, {counted(len(dates.local), 'row')}, fit the frequency {names}: "
        f"expected {expected}. Write freq={str(fits[0].calendar.freq)!r}.",
        field="freq",
    )
