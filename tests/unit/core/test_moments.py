"""Dates, durations and single times: every kind as nanoseconds, exact, or refused by name."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from foglight.core.dates import AWARE, NAIVE, NUMBER, Spot
from foglight.core.errors import TimeError
from foglight.core.moments import Moment, shows, stamps_on
from foglight.core.timestamps import span_text, stamps_of, time_text

NOON = np.datetime64("2026-03-02T12:00:00", "ns").astype(int).item()
NEWFOUNDLAND = timezone(-timedelta(hours=3, minutes=30))


@pytest.mark.parametrize(
    ("time", "expected", "kind"),
    [
        ([datetime(2026, 3, 2, 12), datetime(2026, 3, 2, 12, 0, 0, 1)], [NOON, NOON + 1_000], NAIVE),
        ([date(2026, 3, 2), datetime(2026, 3, 2, 12)], [NOON - 43_200 * 10**9, NOON], NAIVE),
        ([datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=NEWFOUNDLAND)],
         [NOON, NOON + 1_800 * 10**9], AWARE),
        ([pd.Timestamp("2026-03-02T12:00:00.123456789", tz="Asia/Kolkata")],
         [NOON - 19_800 * 10**9 + 123_456_789], AWARE),
        ([pd.Timestamp("2026-03-02T12:00:00.123456789"), datetime(2026, 3, 2, 13)],
         [NOON + 123_456_789, NOON + 3_600 * 10**9], NAIVE),
        ([timedelta(microseconds=-1), pd.Timedelta(5, "ns")], [-1_000, 5], NUMBER),
        (pd.Series(pd.to_datetime(["2026-03-02T12:00"])).dt.tz_localize("UTC"), [NOON], AWARE),
        (pd.DatetimeIndex(["2026-03-02T12:00"]).as_unit("s"), [NOON], NAIVE),
        (pd.DatetimeIndex(["2026-03-02T12:00"], tz="Europe/Berlin").as_unit("us"), [NOON - 3_600 * 10**9], AWARE),
        (pd.Series([pd.Timedelta(1.5, "s")]), [1_500_000_000], NUMBER),
        (np.array(["1969-12-31T23:59:59.5"], "M8[ms]"), [-500_000_000], NAIVE),
        ([1900, 2], [1_900 * 10**9, 2 * 10**9], NUMBER),
        (np.array([2**63 - 1], np.uint64) % 1000, [807 * 10**9], NUMBER),
    ],
    ids=range(13),
)  # fmt: skip
def test_times_of_every_kind_are_exact(time: Any, expected: list[int], kind: str) -> None:
    stamps, found = stamps_of(time, Spot("time"))
    assert stamps.tolist() == expected and found == kind and stamps.dtype == np.int64


@pytest.mark.parametrize(
    ("time", "row", "words"),
    [
        ([datetime(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)], 1,
         "has a zone, but the rows before it have none: expected all with a zone, or none"),
        ([datetime(2026, 3, 2, tzinfo=UTC), date(2026, 3, 2)], 1, "has no zone, but the rows before it have one"),
        ([timedelta(1), datetime(2026, 3, 2)], 1, "has no zone, but the rows before it are durations: expected only"),
        ([datetime(2026, 3, 2), timedelta(1)], 1, "is a duration, but the rows before it have none"),
        ([datetime(2026, 3, 2), pd.NaT], 1, "time[1] = NaT is not a time"),
        ([date(1600, 1, 1)], 0, "time[0] = 1600-01-01 does not fit into 64-bit nanoseconds: expected 1678 to 2262"),
        ([datetime(2026, 3, 2), datetime(2262, 4, 12)], 1, "does not fit"),
        ([timedelta(days=200_000)], 0, "does not fit"),
    ],
    ids=range(8),
)  # fmt: skip
def test_times_that_do_not_fit_are_named(time: Any, row: int, words: str) -> None:
    with pytest.raises(TimeError) as caught:
        stamps_of(time, Spot("time"))
    assert words in str(caught.value) and caught.value.index == row and caught.value.field == "time"


ZONED = pd.date_range("2026-03-02T12:00", periods=3, freq="100ms", tz="Europe/Berlin")


@pytest.mark.parametrize(
    "time",
    [
        ZONED,
        pd.Series(ZONED),
        pl.Series(list(ZONED)),
        pl.Series(list(ZONED.tz_localize(None))).dt.replace_time_zone("Europe/Berlin"),
        pd.Series(ZONED).astype(pd.ArrowDtype(pa.timestamp("us", "Europe/Berlin"))),
        pa.array(ZONED),
        pa.chunked_array([pa.array(ZONED[:1]), pa.array(ZONED[1:])]),
        list(ZONED),
        list(ZONED.to_pydatetime()),
        np.array(list(ZONED), object),
    ],
    ids=range(10),
)
def test_columns_of_every_library_keep_their_zone(time: Any) -> None:
    stamps, kind = stamps_of(time, Spot("time"))
    assert kind == AWARE and (stamps - NOON + 3_600 * 10**9).tolist() == [0, 100_000_000, 200_000_000]


def test_a_single_time_has_no_index() -> None:
    with pytest.raises(TimeError, match=r"^t = NaN is not a time: expected seconds or a date") as caught:
        Moment.of(float("nan"), "t")
    assert caught.value.index is None and caught.value.field == "t"
    assert Moment.of(3, "t", "ms") == (3_000_000, NUMBER, 3, "t")
    assert Moment.of(np.int32(-3), "t").stamp == -3 * 10**9
    assert Moment.of(np.float64(0.3), "t").stamp == 300_000_000


@pytest.mark.parametrize("seed", range(5))
def test_a_float_means_the_row_that_it_shows(seed: int) -> None:
    """As Python rounds the quotient, and as NumPy does, which differ in one stamp of three since 1970."""
    stamps = np.random.default_rng(seed).integers(-(4 * 10**18), 9 * 10**18, 300)
    differ = 0
    for k, stamp in enumerate(stamps.tolist()):
        once, twice = stamp / 10**9, float((stamps / 10**9)[k])
        differ += once != twice
        for seconds in (once, twice):
            assert shows(seconds, stamp) and Moment.of(seconds, "t").beside(stamps) == stamp
            assert stamps_on([seconds], "times", NUMBER, stamps).tolist() == [stamp]
        assert not shows(np.nextafter(np.nextafter(once, np.inf), np.inf), stamp)
    assert differ > 30
    far = Moment.of(12.5, "t")
    assert far.beside(stamps) == far.stamp == 12_500_000_000


def test_text_for_people() -> None:
    assert time_text(1_500_000_000, NUMBER) == "1.5 s"
    assert time_text(NOON + 5, NAIVE) == "2026-03-02 12:00:00.000000005"
    assert time_text(NOON, AWARE) == "2026-03-02 12:00:00 UTC"
    assert span_text(0, 2 * 10**9, NUMBER) == "0 s to 2 s"
    assert span_text(NOON, NOON, AWARE) == "2026-03-02 12:00:00 to 2026-03-02 12:00:00 UTC"
