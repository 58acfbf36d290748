"""The periods of a calendar have consecutive numbers, and dates that are those of pandas."""

import datetime as dt
import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from foglight.core.zones import in_utc, in_zone
from foglight.data.frequency import Frequency

STAMPED = [
    "MS", "ME", "BMS", "BME", "QS", "QE", "QS-NOV", "BQE", "YS", "YE", "YS-JUL", "YE-FEB", "YE-JUN", "W-SUN", "W-WED",
    "D", "B", "h", "15min", "2h", "2MS", "4W",
]  # fmt: skip
PERIODS = ["M", "Q-DEC", "Q-NOV", "Y-DEC", "Y-JUN", "W-SUN", "W-TUE", "D", "h", "30min"]
COARSEST = {"MS", "ME", "BMS", "BME", "QS", "QE", "YS", "YE", "YE-FEB", "W-SUN", "D", "B", "h", "15min"}


def series(index: Any, name: str = "sales") -> pd.Series:
    return pd.Series(np.arange(float(len(index))), index, name=name)


def numbers(log: fog.Log) -> list[int]:
    return (log.time_ns // 10**9).tolist()


@pytest.mark.parametrize("freq", STAMPED)
def test_dates_of_every_frequency_come_back_and_their_steps_are_1(freq: str) -> None:
    """From a leap year to the end of the next one; also where the index does not say its frequency."""
    index = pd.date_range("2019-12-29", periods=40, freq=freq)
    for given in (index, pd.DatetimeIndex(index, freq=None)) if freq in COARSEST else (index,):
        y = series(given)
        log = fog.Log.series(y)
        assert set(np.diff(numbers(log))) == {1} and len(log) == 40
        pd.testing.assert_frame_equal(log.to_frame(), y.to_frame())
        assert np.array_equal(log.columns()["time"], index.to_numpy())
        assert log.calendar is not None
        ahead = log.calendar.at(log.time_ns[-1] + 10**9 * np.arange(1, 15))
        assert np.array_equal(ahead, pd.date_range(index[-1], periods=15, freq=freq)[1:].to_numpy())
    assert len(fog.Log.series(series(index), freq=freq)) == 40
    assert repr(log).count(str(Frequency.of(freq))) == 1


@pytest.mark.parametrize("freq", PERIODS)
def test_periods_come_back_as_periods(freq: str) -> None:
    index = pd.period_range("2019-12-29", periods=40, freq=freq, name="when")
    log = fog.Log.series(series(index))
    assert set(np.diff(numbers(log))) == {1}
    pd.testing.assert_frame_equal(log.to_frame(), series(index).to_frame())
    as_column = series(index).reset_index()
    pd.testing.assert_frame_equal(fog.Log.series(as_column).to_frame(), as_column)


def test_the_numbers_are_those_of_pandas_periods() -> None:
    for freq in ("M", "Q-DEC", "Y-DEC", "D", "h"):
        index = pd.period_range("1960-02-28", periods=30, freq=freq)
        assert numbers(fog.Log.series(series(index))) == index.asi8.tolist()


@pytest.mark.parametrize(
    ("freq", "zone"),
    [
        ("MS", "America/Havana"), ("W-MON", "Europe/Berlin"), ("B", "Asia/Kathmandu"), ("D", "America/Havana"),
        ("D", "UTC+05:30"), ("h", "Europe/Berlin"), ("30min", "America/Havana"), ("h", "UTC"),
    ],
)  # fmt: skip
def test_dates_in_a_zone_come_back_in_it_and_hours_are_those_of_utc(freq: str, zone: str) -> None:
    """Across a spring and an autumn; Havana skips its midnight, and has another twice."""
    starts = ["2019-03-08 20:00", "2019-11-01 20:00"]
    for start in starts:
        index = pd.date_range(start, periods=60, freq=freq, tz=zone)
        log = fog.Log.series(series(index))
        assert set(np.diff(numbers(log))) == {1}
        pd.testing.assert_frame_equal(log.to_frame(), series(index).to_frame())


def test_a_day_with_a_changed_clock_has_23_or_25_hours() -> None:
    for day, hours in (("2020-03-29", 23), ("2020-10-25", 25), ("2020-06-01", 24)):
        after = str(pd.Timestamp(day) + pd.Timedelta("1D"))
        index = pd.date_range(day, after, freq="h", tz="Europe/Berlin", inclusive="left")
        log = fog.Log.series(series(index))
        assert len(log) == hours and set(log.dt()[1:]) == {1.0}
        assert log.row(f"{day} 23:00") == hours - 1
        assert log.row(pd.Timestamp(f"{day} 23:00", tz="Europe/Berlin")) == hours - 1


def test_zones_are_those_of_pandas() -> None:
    utc = pd.date_range("2020-03-28", "2020-03-30", freq="37min", unit="us")
    for zone in ("Europe/Berlin", "America/Havana", "UTC-03:30"):
        local = utc.tz_localize("UTC").tz_convert(zone).tz_localize(None)
        assert np.array_equal(in_zone(utc.to_numpy(), zone), local.to_numpy())
        assert np.array_equal(in_utc(local.to_numpy(), zone), utc.to_numpy())
    assert str(in_utc(np.array(["2020-10-25T02:30"], "M8[m]"), "Europe/Berlin")[0]).startswith(
        "2020-10-25T00:30"
    )
    with pytest.raises(fog.TimeError, match="zone = 'Mars/Base': expected a time zone"):
        in_utc(np.array(["2020-10-25T02:30"], "M8[m]"), "Mars/Base")


def test_years_beyond_the_range_of_nanoseconds() -> None:
    index = pd.date_range("1500-01-01", periods=900, freq="YS", unit="s")
    log = fog.Log.series(series(index))
    assert str(log) == "Log(900 rows, 1500 to 2399, year, sales)"
    pd.testing.assert_index_equal(log.to_frame().index, index)


@pytest.mark.parametrize(
    ("freq", "start", "said"),
    [
        ("MS", "1968-01", "1968-01 to 1968-03"), ("ME", "1968-01", "1968-01 to 1968-03"),
        ("QE", "1968-01", "1968-Q1 to 1968-Q3"), ("QS-NOV", "1968-02-01", "1968-02 to 1968-08"),
        ("YE", "1968-01", "1968 to 1970"), ("YS-JUL", "1968-01", "1968-07 to 1970-07"),
        ("W-SUN", "1968-01-01", "1968-01-07 to 1968-01-21"),
        ("h", "1968-01-01", "1968-01-01 00:00 to 1968-01-01 02:00"),
        ("s", "1968-01-01", "1968-01-01 00:00 to 1968-01-01 00:00:02"),
    ],
)  # fmt: skip
def test_periods_as_text(freq: str, start: str, said: str) -> None:
    log = fog.Log.series(series(pd.date_range(start, periods=3, freq=freq)), freq=freq)
    assert str(log) == f"Log(3 rows, {said}, {Frequency.of(freq)}, sales)"


MONTHS = fog.Log.series(series(pd.date_range("1968-01", periods=36, freq="ME")))


@pytest.mark.parametrize(
    "date",
    [
        "1968-03", "1968-03-31", " 1968-03 ", np.datetime64("1968-03"), np.datetime64("1968-03-31"),
        dt.date(1968, 3, 31), dt.datetime(1968, 3, 31), pd.Timestamp("1968-03-31"), pd.Period("1968-03"), -22, -22.0,
    ],
    ids=repr,
)  # fmt: skip
def test_a_row_is_found_by_any_date_of_its_period(date: Any) -> None:
    assert MONTHS.row(date) == 2
    assert str(MONTHS[date if isinstance(date, str) else pd.Timestamp("1968-03") :]).startswith(
        "Log(34 rows, 1968-03"
    )


def test_slices_take_both_ends_and_between_only_the_first() -> None:
    assert str(MONTHS["1968":"1969-02"]).startswith("Log(14 rows, 1968-01 to 1969-02")  # type: ignore[misc]
    assert str(MONTHS["1968-Q2":"1968-Q3"]).startswith("Log(6 rows, 1968-04 to 1968-09")  # type: ignore[misc]
    assert len(MONTHS[: pd.Timestamp("1968-02-28")]) == 1  # type: ignore[misc]
    assert str(MONTHS.between("1968", "1969-02")).startswith("Log(13 rows, 1968-01 to 1969-01")
    assert len(MONTHS[3:5]) == 2
    quarters = fog.Log.series(series(pd.date_range("1968-03-31", periods=8, freq="QE")))
    assert quarters.row("1969-Q2") == 5 and quarters.row("1968 q1") == 0


@pytest.mark.parametrize(
    ("select", "says"),
    [
        (lambda log: log.row("1968"), "time = '1968': expected one date of a calendar of months, and this is 12"),
        (lambda log: log.row("1968-03-15"), "and this is none of its dates. Write '1968-03'"),
        (lambda log: log.row("2001-01"), "time = '2001-01': expected the time of a row, from 1968-01 to 1970-12"),
        (lambda log: log.row("soon"), "time = 'soon': expected a date, such as '1968-03'"),
        (lambda log: log.row("1968-13"), "time = '1968-13': expected a date"),
        (lambda log: log.row(None), "time = None: expected a date"),
        (lambda log: log.row(pd.NaT), "time = NaT: expected a date"),
        (lambda log: log.row(pd.Timestamp("1968-03-31", tz="UTC")), "has a zone: expected no zone"),
        (lambda log: log[3:"1969"], "expected two numbers of rows, or two dates, without a step"),
        (lambda log: log["1968":"1969":2], "expected two numbers of rows, or two dates, without a step"),
        (lambda log: log["1990":], "the selection has no rows"),
        (lambda log: log.season(0), "period = 0: expected a whole number of periods"),
        (lambda log: fog.Log.regular([1.0], 1.0).season(12), "the log has no calendar, so its rows have no season"),
        (lambda log: fog.Log.regular([1.0], 1.0)["1968":], "expected two numbers of rows. For times write log.between"),
        (lambda log: fog.Log.regular([1.0], 1.0).row(3.0), "time = '3.0': expected the time of a row, from 0 s to 0 s"),
    ],
)  # fmt: skip
def test_a_date_that_the_log_does_not_have(select: Any, says: str) -> None:
    with pytest.raises(fog.FoglightError, match=re.escape(says)):
        select(MONTHS)


@pytest.mark.parametrize(
    ("freq", "period", "phase"),
    [
        ("MS", 12, lambda t: t.month - 1), ("ME", 12, lambda t: t.month - 1), ("QE", 4, lambda t: t.quarter - 1),
        ("QS", 4, lambda t: t.quarter - 1), ("MS", 3, lambda t: (t.month - 1) % 3), ("D", 7, lambda t: t.day_of_week),
        ("B", 5, lambda t: t.day_of_week), ("h", 24, lambda t: t.hour),
        ("h", 168, lambda t: 24 * t.day_of_week + t.hour),
        ("30min", 48, lambda t: 2 * t.hour + t.minute // 30), ("2h", 84, lambda t: 12 * t.day_of_week + t.hour // 2),
        ("YS", 4, lambda t: (t.year - 1970) % 4),
    ],
)  # fmt: skip
def test_seasons_are_aligned_with_the_calendar(freq: str, period: int, phase: Any) -> None:
    index = pd.date_range("1967-11-03", periods=400 if freq != "YS" else 200, freq=freq)
    assert np.array_equal(fog.Log.series(series(index)).season(period), phase(index))


def test_times_between_periods_are_between_their_dates() -> None:
    calendar = MONTHS.calendar
    assert calendar is not None
    half = calendar.at(np.array([500_000_000]))
    assert (
        str(half[0]).startswith("1970-02-14T00:00") and calendar.text(500_000_000) == "1970-01 and 0.5 months"
    )
    assert calendar.length(10**9) == "1 month" and calendar.length(3 * 10**9) == "3 months"


def test_frequencies_by_their_names() -> None:
    assert [Frequency.of(name).count for name in ("month", "Months", "quarter", "Q-NOV", "YE", "2 years")] == [
        1, 1, 3, 3, 12, 24,
    ]  # fmt: skip
    assert Frequency.of("15 minutes") == Frequency.of("15min") == Frequency.seconds(900)
    assert (
        str(Frequency.seconds(7_200)) == "2 hours" and Frequency.of(pd.offsets.BMonthEnd()).on_business_days
    )
    for wrong in ("fortnight", "", 12, None, "0 months", "2 business days", "month-", "M S"):
        with pytest.raises(fog.TimeError, match="expected one of year, quarter, month") as caught:
            Frequency.of(wrong)
        assert caught.value.field == "freq"


@pytest.mark.campaign
def test_the_frequency_of_random_dates_is_found_or_asked_for() -> None:
    """It is the one they were made with, but for few rows, or half of them missing; and their dates come back."""
    random, others = np.random.default_rng(5), 0
    for _ in range(1_500):
        freq = str(random.choice(sorted(COARSEST | {"BQE", "QS-NOV", "YS-JUL", "YE-JUN", "W-WED"})))
        count = int(random.integers(3, 60))
        start = pd.Timestamp("1950-01-01") + pd.Timedelta(days=int(random.integers(30_000)))
        index = pd.date_range(start, periods=count, freq=freq)
        kept = np.ones(count, bool)
        if random.random() < 0.6:
            kept[1:-1] = random.random(count - 2) > 0.25
        hour = pd.Timedelta(hours=0 if freq in ("h", "15min") else 8 * int(random.integers(3)))
        given = pd.DatetimeIndex(index[kept] + hour, freq=None)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", fog.FoglightWarning)
                log = fog.Log.series(series(given))
        except fog.TimeError as error:
            assert (len(given) < 6 or 2 * len(given) <= count) and "fit the frequency" in str(error)
            others += 1
            continue
        assert log.to_frame().dropna().index.equals(given)
        assert log.calendar is not None
        if str(log.calendar.freq) == str(Frequency.of(freq)) and len(log) == count:
            continue
        assert len(given) < 6
        others += 1
    assert others <= 15
