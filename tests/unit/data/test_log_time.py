"""Timestamps of every kind: units, dates with and without a zone, counters that wrap, tracks, unsorted rows."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foglight.core.errors import DataError, FoglightError, TimeError
from foglight.data.log import Log
from foglight.data.readers import stamp_text
from unit.data.test_log import model

DAY = 1_772_409_600 * 10**9  # 2 March 2026, in nanoseconds since 1970


def read(folder: Path, text: str, **options: Any) -> Log:
    path = folder / "log.csv"
    path.write_text(text)
    return Log.read(path, **options)


# Units


@pytest.mark.parametrize(
    ("unit", "stamps", "expected"),
    [
        ("s", ["0.1", "1700000000.123456789"], [100_000_000, 1_700_000_000_123_456_789]),
        ("ms", ["0.000001", "1700000000123.456789"], [1, 1_700_000_000_123_456_789]),
        ("us", ["33333", "1700000000123456.789"], [33_333_000, 1_700_000_000_123_456_789]),
        ("ns", ["-7", "1700000000123456789"], [-7, 1_700_000_000_123_456_789]),
        ("ns", ["9007199254740993", "9007199254740994"], [9_007_199_254_740_993, 9_007_199_254_740_994]),
        ("ms", ["+1e3", "1.7000000001234567891e12"], [10**9, 1_700_000_000_123_456_789]),
        ("s", ["3000000.0000000004", "3000001.0000000006"], [3_000_000 * 10**9, 3_000_001 * 10**9 + 1]),
    ],
)
def test_stamps_in_files_are_exact_in_every_unit(
    tmp_path: Path, unit: str, stamps: list[str], expected: list[int]
) -> None:
    text = "time,range\n" + "".join(f"{stamp},1\n" for stamp in stamps)
    assert read(tmp_path, text, unit=unit).time_ns.tolist() == expected


def test_integers_are_exact_in_every_unit() -> None:
    stamps = np.array([1_700_000_000_123_456_788, 1_700_000_000_123_456_789])
    assert Log.from_arrays(stamps, unit="ns", radar=[1.0, 2.0]).time_ns.tolist() == stamps.tolist()
    for unit, scale in (("ms", 10**6), ("us", 10**3)):
        log = Log.from_arrays(np.array([5, 8], np.uint8), unit=unit, radar=[1.0, 2.0])
        assert log.time_ns.tolist() == [5 * scale, 8 * scale]
    assert Log.from_arrays([0.25, 0.5], unit="us", radar=[1, 2]).time_ns.tolist() == [250, 500]


@pytest.mark.parametrize("unit", ["min", "", None, 1])
def test_unknown_units_are_refused(unit: Any) -> None:
    with pytest.raises(TimeError, match=re.escape(f"unit = {unit!r}: expected one of s, ms, us, ns")):
        Log.from_arrays([0.0], unit=unit, radar=[1.0])


def test_stamps_out_of_range_suggest_another_unit() -> None:
    with pytest.raises(TimeError, match=r"292 years from zero: expected seconds.*unit="):
        Log.from_arrays([1.7e12], radar=[1.0])
    with pytest.raises(TimeError, match=r"292 years from zero: expected ms. Check unit="):
        Log.from_arrays([1.7e18], unit="ms", radar=[1.0])
    with pytest.warns(UserWarning, match=r"time starts in the year 2115, counted from 1970.*unit='s'"):
        Log.from_arrays([4.6e9], radar=[1.0])


def test_plausible_stamps_do_not_warn(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Log.from_arrays([0.0, 1e8], radar=[1.0, 2.0])
        Log.from_arrays(np.array([0, 1], "datetime64[s]"), radar=[1.0, 2.0])
        Log.from_arrays(np.array(["1990-01-01", "2100-12-31"], "datetime64[s]"), radar=[1.0, 2.0])
    with pytest.warns(UserWarning, match=r"time starts in the year 1970, .* Check the date"):
        read(tmp_path, "time,range\n1970-01-02,2\n")


# Dates


def test_dates_keep_their_nanoseconds_and_become_utc(tmp_path: Path) -> None:
    stamps = [
        "2026-03-02T10:15:00.123456789+02:00",
        "2026-03-02 08:15:00.5Z",
        "2026-03-02T09:15:00,75+0100",
        "2026-03-02T03:15:01-05",
        "2026-03-02T08:15:01.000000001 Z",
        "2026-03-02T08:16Z",
    ]
    log = read(tmp_path, "time,range\n" + "".join(f'"{stamp}",1\n' for stamp in stamps))
    start = DAY + (8 * 3_600 + 15 * 60) * 10**9
    offsets = [123_456_789, 500_000_000, 750_000_000, 10**9, 10**9 + 1, 60 * 10**9]
    assert (log.time_ns - start).tolist() == offsets


@pytest.mark.parametrize("odd", ["", "2026-03-02T08:15:09.250Z", "2026-03-02T09:15:09,25+01:00"])
@pytest.mark.parametrize(
    "form", ["2026-03-02T08:15:0{}.25Z", "2026-03-02 10:15:0{},25+02:00", "2026-03-02T03:15:0{}.25 -0500"]
)
def test_dates_in_one_format_give_the_same_as_dates_in_several(form: str, odd: str) -> None:
    """Dates in one format are converted all at once, others one by one. One odd date must not change the rest."""
    texts = [form.format(k) for k in range(9)]
    whole, aware = stamp_text.from_dates([*texts, odd] if odd else texts)  # type: ignore[misc]
    start = DAY + (8 * 3_600 + 15 * 60) * 10**9 + 250_000_000
    assert (whole - start).tolist() == [k * 10**9 for k in range(9 + bool(odd))] and aware.all()
    for wrong in (
        "2026-02-30T08:15:09.25Z",
        "2026-03-02T08:15:x9.25Z",
        "1677-03-02T08:15:09.25Z",
        "2026-03-02T٣",
    ):
        assert stamp_text.from_dates([*texts, wrong]) == 9


def test_dates_without_a_zone_and_days(tmp_path: Path) -> None:
    log = read(tmp_path, "time,range\n2026-03-02,1\n2026-03-02T00:00:01,1\n2026-03-03,1\n")
    assert (log.time_ns - DAY).tolist() == [0, 10**9, 86_400 * 10**9]


@pytest.mark.parametrize(
    ("stamps", "words"),
    [
        (
            ["2026-03-02T10:00Z", "2026-03-02T10:01"],
            ["line 3: time = '2026-03-02T10:01' has no zone", "zone"],
        ),
        (
            ["2026-03-02T10:00", "2026-03-02T10:01Z"],
            ["line 3", "has a zone, but the rows before it have none"],
        ),
        (["2026-03-02T10:00", "2026-02-30T10:01"], ["line 3: time = '2026-02-30T10:01'", "ISO 8601"]),
        (["2026-03-02T10:00", "17"], ["line 3: time = '17'", "ISO 8601"]),
        (["17", "2026-03-02T10:00"], ["line 3: time = '2026-03-02T10:00'", "in every row"]),
        (["2026-03-02T10:00", ""], ["line 3: time = ''", "not a time"]),
        (["1677-12-31T10:00"], ["line 2", "1678"]),
        (["2262-01-01T10:00"], ["line 2", "2261"]),
        (["2026-03-02T10:00:00.1234567891"], ["line 2", "nine decimals"]),
        (["2016-12-31T23:59:60Z"], ["line 2: time = '2016-12-31T23:59:60Z'"]),
        (["2026-03-02T10:00+24:00"], ["line 2"]),
        (
            ["2026-03-29T02:30:00+01:00", "2026-03-29T02:30:00+02:00"],
            ["line 3", "earlier than the row before it"],
        ),
    ],
)
def test_dates_that_are_refused(tmp_path: Path, stamps: list[str], words: list[str]) -> None:
    with pytest.raises(TimeError) as caught:
        read(tmp_path, "time,range\n" + "".join(f"{stamp},1\n" for stamp in stamps))
    assert caught.value.field == "time" and caught.value.index == len(stamps) + 1
    for word in words:
        assert word in str(caught.value)


# Counters that wrap


def test_a_counter_of_32_bits_is_unwrapped(tmp_path: Path) -> None:
    """Steps of twenty days in milliseconds: the counter wraps after 49.7 days."""
    true = [20 * 86_400_000 * k + 5 for k in range(8)]
    text = "time,range\n" + "".join(f"{stamp % 2**32},1\n" for stamp in true)
    log = read(tmp_path, text, unit="ms", wraps=2**32)
    assert log.time_ns.tolist() == [stamp * 10**6 for stamp in true]
    with pytest.raises(TimeError, match=r"line 5: time = 889032.709 s is earlier than"):
        read(tmp_path, text, unit="ms")


def test_each_track_counts_its_own_turns(tmp_path: Path) -> None:
    text = "time,id,range\n250,a,1\n3,a,1\n254,b,1\n255,b,1\n1,b,1\n"
    log = read(tmp_path, text, unit="ns", wraps=256, track="id")
    assert log.time_ns.tolist() == [250, 259, 254, 255, 257]


@pytest.mark.parametrize(
    ("stamps", "wraps", "words"),
    [
        ([3, 255], 256, "line 3: time = 0.000000255 s is half the counter's range or more after"),
        ([100, 50], 256, "line 3"),
        ([3, 256], 256, "line 3: time = 0.000000256 s is not a value of a counter from 0"),
        ([-1, 3], 256, "line 2"),
    ],
)
def test_an_ambiguous_step_of_a_counter_is_refused(
    tmp_path: Path, stamps: list[int], wraps: int, words: str
) -> None:
    with pytest.raises(TimeError, match=re.escape(words)):
        read(tmp_path, "time,range\n" + "".join(f"{stamp},1\n" for stamp in stamps), unit="ns", wraps=wraps)


@pytest.mark.parametrize("wraps", [0, 1, 2.5, -4, "256", True, float("nan"), 2**64])
def test_invalid_counter_ranges_are_refused(tmp_path: Path, wraps: Any) -> None:
    with pytest.raises(TimeError, match=re.escape(f"wraps = {wraps!r}")):
        read(tmp_path, "time,range\n1,1\n", wraps=wraps, unit="ms")


def test_counter_ranges_may_be_numpy_numbers(tmp_path: Path) -> None:
    text = "time,range\n250,1\n3,1\n"
    for wraps in (np.int64(256), np.uint32(256), np.float64(256)):
        assert read(tmp_path, text, unit="ns", wraps=wraps).time_ns.tolist() == [250, 259]


def test_dates_cannot_be_a_counter(tmp_path: Path) -> None:
    text = "time,range\n1970-01-01T00:00:01Z,1\n1970-01-01T00:00:02Z,1\n"
    with pytest.raises(DataError, match="wraps = 65536, but 'time' holds dates"):
        read(tmp_path, text, unit="ms", wraps=2**16)


@pytest.mark.parametrize("unit", ["generic", "M", "Y"])
def test_durations_without_a_length_are_refused(unit: str) -> None:
    stamps = np.array([1, 2], "m8" if unit == "generic" else f"m8[{unit}]")
    with pytest.raises(TimeError, match="expected a unit of fixed length"):
        Log.from_arrays(stamps, z=[1, 2])
    months = np.array(["2026-02", "2026-03"], "M8[M]")
    assert Log.from_arrays(months, z=[1, 2]).dt().tolist() == [0.0, 28 * 86_400.0]


def test_an_unwrapped_counter_must_stay_within_292_years(tmp_path: Path) -> None:
    text = "time,range\n" + "".join(f"{k * 3 % 8}000000000,1\n" for k in range(12))
    with pytest.raises(TimeError, match=r"goes from 0 s to .* within 292 years"):
        read(tmp_path, text, wraps=8 * 10**9)


# Tracks


def test_each_track_is_in_time_order_on_its_own(tmp_path: Path) -> None:
    log = read(tmp_path, "id,time,range\nman,5,1\nman,6,2\ncat,0,3\ncat,0.5,4\ncat,1,5\n", track="id")
    assert log.track is not None and log.track.tolist() == [0, 0, 1, 1, 1]
    assert log.track_names == ("man", "cat") and log.tracks is None
    assert log.dt().tolist() == [0.0, 1.0, 0.0, 0.5, 0.5]
    assert log.columns()["track"].tolist() == ["man", "man", "cat", "cat", "cat"]
    assert repr(log) == "Log(5 rows in 2 tracks, 6 s, range)"
    arrays = Log.from_arrays([5, 6, 0, 0.5, 1], track=["man"] * 2 + ["cat"] * 3, range=[1, 2, 3, 4, 5])
    assert arrays.time_ns.tolist() == log.time_ns.tolist() and arrays.track_names == log.track_names
    numbered = Log.from_arrays([0.0, 1.0, 0.0], track=np.array([7, 7, 3]), range=[1, 2, 3])
    assert numbered.track_names == (7, 3) and numbered.columns()["track"].tolist() == [7, 7, 3]
    with pytest.raises(ValueError, match="read-only"):
        arrays.track[0] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("call", "words", "index"),
    [
        (
            lambda: Log.from_arrays([0, 1, 2], track=["a", "b", "a"], z=[1, 2, 3]),
            "track[2] = 'a' comes back",
            2,
        ),
        (
            lambda: Log.from_arrays([1, 0, 2], track=["a", "a", "b"], z=[1, 2, 3]),
            "time[1] = 0 s is earlier",
            1,
        ),
        (lambda: Log.from_arrays([0, 1], track=["a"], z=[1, 2]), "track has shape (1,)", None),
        (lambda: Log.from_arrays([0, 1], track=[1.5, 2.5], z=[1, 2]), "track[0] = 1.5", 0),
        (lambda: Log.from_arrays([0, 1], track=[[1], [2, 3]], z=[1, 2]), "track is ragged", None),
        (
            lambda: Log.from_arrays([0, 1], track=np.ma.array([1, 2], mask=[False, True]), z=[1, 2]),
            "track[1] = None: expected a string or an integer that names the track or sensor. Complete it.",
            1,
        ),
        (lambda: Log.from_arrays([0, 1], track=["a", ""], z=[1, 2]), "track[1] = '' is not a name", 1),
        (lambda: Log.from_arrays([0, 1], track=["a", "b" * 101], z=[1, 2]), "more than 100 characters", 1),
    ],
)
def test_invalid_tracks_are_refused(call: Any, words: str, index: int | None) -> None:
    with pytest.raises(FoglightError, match=re.escape(words)) as caught:
        call()
    assert caught.value.index == index


def test_a_control_may_be_missing_where_a_track_begins() -> None:
    driven = model(("radar", ("range",)), controls=("throttle",))
    u = [np.nan, 1.0, np.nan, 2.0]
    log = Log.from_arrays([0, 1, 0, 1], track=["a", "a", "b", "b"], u=u, radar=[1, 2, 3, 4])
    assert np.array_equal(log.controls(driven)[:, 0], u, equal_nan=True)
    with pytest.raises(DataError, match=r"u\[7,0\] \(throttle\) = nan") as caught:
        log.controls(driven, goes_on=True, rows_before=7)
    assert caught.value.index == (7, 0)


# Unsorted rows


def test_rows_are_sorted_on_request_only(tmp_path: Path) -> None:
    text = "id,time,range\nb,2,1\na,1,2\nb,1,3\na,0,4\nb,2,5\nb,1,6\n"
    log = read(tmp_path, text, track="id", sort=True)
    assert log.track_names == ("b", "a")
    assert log.columns()["range"].tolist() == [3.0, 6.0, 1.0, 5.0, 4.0, 2.0]
    assert log.dt().tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]
    plain = read(tmp_path, text, ignore=["id"], sort=True)
    assert plain.columns()["range"].tolist() == [4.0, 2.0, 3.0, 6.0, 1.0, 5.0]
    with pytest.raises(TimeError, match=r"line 3.*or pass sort=True \(--sort\)"):
        read(tmp_path, text, ignore=["id"])
    with pytest.raises(DataError, match="sort=True and wraps="):
        read(tmp_path, text, ignore=["id"], sort=True, wraps=8)


# Roles of columns


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"track": "id"}, "has no column 'id': found time, range, track"),
        ({"sensor": "name"}, "has no column 'name'"),
        ({"track": "range", "ignore": ["range"]}, "the column 'range' is ignored, but holds the track"),
        ({"track": "time"}, "the column 'time' has two of the roles"),
        ({"track": "range"}, "the column 'track' cannot be a measurement if 'range' holds the tracks"),
        ({"dt": 0.1, "track": "track", "ignore": ["time"]}, "dt = 0.1 and track = 'track'"),
        ({"repeats": "drop"}, "repeats = 'drop': expected 'keep' or 'skip'"),
        ({"ignore": None}, "ignore = None: expected names of columns"),
        ({"ignore": [["range"]]}, "ignore = [['range']]: expected names of columns"),
    ],
)
def test_roles_that_do_not_fit(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        read(tmp_path, "time,range,track\n0,1,2\n", **options)
