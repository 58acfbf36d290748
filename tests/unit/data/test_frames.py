"""Dataframes in and out: pandas, polars, pyarrow and DuckDB give the same log, and get their own type back."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from foglight.core.errors import DataError, FoglightError, TimeError
from foglight.data.log import Log

START = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.timezone(dt.timedelta(hours=2)))
COLUMNS: dict[str, list[Any]] = {
    "time": [START + dt.timedelta(milliseconds=51 * k) for k in range(5)],
    "id": ["a", "a", "b", "b", "b"],
    "range": [5.25, None, float("nan"), 4.5, 4.0],
    "hits": [3, 4, None, 6, 7],
}


def relation(table: pa.Table) -> Any:
    return duckdb.from_arrow(table)


FRAMES: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": pd.DataFrame,
    "polars": lambda columns: pl.DataFrame(columns, strict=False),
    "lazy polars": lambda columns: pl.DataFrame(columns, strict=False).lazy(),
    "pyarrow": pa.table,
    "duckdb": lambda columns: relation(pa.table(columns)),
}
EAGER = ("pandas", "polars", "pyarrow")


@pytest.mark.parametrize("library", FRAMES)
def test_every_library_gives_the_same_log_and_gets_its_own_type_back(library: str) -> None:
    frame = FRAMES[library](COLUMNS)
    log = Log.from_frame(frame, track="id")
    start = int(START.timestamp()) * 10**9
    assert (log.time_ns - start).tolist() == [51_000_000 * k for k in range(5)]
    assert log.track_names == ("a", "b")
    np.testing.assert_array_equal(log.columns()["range"], [5.25, np.nan, np.nan, 4.5, 4.0])
    np.testing.assert_array_equal(log.columns()["hits"], [3, 4, np.nan, 6, 7])
    back = log.to_frame()
    assert type(back) is type(FRAMES[library.removeprefix("lazy ")](COLUMNS))
    again = Log.from_frame(back, track="track")
    assert again.time_ns.tobytes() == log.time_ns.tobytes() and again.track_names == log.track_names
    assert again.columns()["hits"].tobytes() == log.columns()["hits"].tobytes()


@pytest.mark.parametrize("library", EAGER)
def test_time_is_read_from_its_type(library: str) -> None:
    make = FRAMES[library]
    naive = [stamp.replace(tzinfo=None) for stamp in COLUMNS["time"]]
    for stamps, unit, first, step in [
        (naive, "s", 1_772_446_500 * 10**9, 51_000_000),
        ([dt.timedelta(milliseconds=51 * k) for k in range(5)], "s", 0, 51_000_000),
        ([1_700_000_000_123_456_789 + k for k in range(5)], "ns", 1_700_000_000_123_456_789, 1),
        ([0.25 * k for k in range(5)], "ms", 0, 250_000),
        ([f"2026-03-02T10:15:00.00000000{k}Z" for k in range(5)], "s", 1_772_446_500 * 10**9, 1),
    ]:
        log = Log.from_frame(make({"time": stamps, "z": [1.0, 2.0, 3.0, 4.0, 5.0]}), unit=unit)
        assert log.time_ns.tolist() == [first + step * k for k in range(5)]


def test_a_frame_is_copied() -> None:
    values = np.array([1.0, 2.0])
    frame = pd.DataFrame({"time": [0.0, 1.0], "z": values}, copy=False)
    log = Log.from_frame(frame)
    frame.loc[:, "z"] = 9.0
    values[:] = 8.0
    assert log.columns()["z"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("library", EAGER)
@pytest.mark.parametrize(
    ("columns", "words", "field", "index"),
    [
        ({"time": [0, 1], "z": ["1", "fog"]}, "z[0] = '1', type String: expected floats or integers", "z", 0),
        ({"time": [0, 1], "z": [True, False]}, "type Boolean", "z", 0),
        ({"time": [0, 1], "z": [1, 2**53 + 1]}, "z[1] = 9007199254740993: integers beyond 2^53", "z", 1),
        ({"time": [0, None], "z": [1.0, 2.0]}, "time[1] = null is not a time", "time", 1),
        ({"time": [1.0, 0.5], "z": [1.0, 2.0]}, "time[1] = 0.5 s is earlier", "time", 1),
        ({"time": ["2026-03-02T10:00Z", "soon"], "z": [1.0, 2.0]}, "time[1] = 'soon'", "time", 1),
        ({"time": ["2026-03-02T10:00Z", "2026-03-02T10:00"], "z": [1.0, 2.0]}, "has no zone", "time", 1),
        ({"time": [True, False], "z": [1.0, 2.0]}, "time has dtype bool", "time", None),
        ({"stamp": [0, 1], "z": [1.0, 2.0]}, "the frame has no column 'time': found stamp, z", "time", None),
        ({"time": [], "z": []}, "the frame has no rows", "df", None),
    ],
)
def test_frames_that_are_refused(
    library: str, columns: dict[str, list[Any]], words: str, field: str, index: int | None
) -> None:
    with pytest.raises(FoglightError, match=re.escape(words)) as caught:
        Log.from_frame(FRAMES[library](columns))
    assert caught.value.field == field and caught.value.index == index


def test_columns_that_only_pandas_can_hold() -> None:
    mixed = pd.DataFrame({"time": [0, 1, 2], "z": [1.0, "x", None]})
    with pytest.raises(DataError, match=r"z\[1\] = 'x', type Object"):
        Log.from_frame(mixed)
    stamps = pd.Series([COLUMNS["time"][0], COLUMNS["time"][1].replace(tzinfo=None)], dtype=object)
    with pytest.raises(TimeError, match=r"time\[1\] = .* has no zone, but the rows before it have one"):
        Log.from_frame(pd.DataFrame({"time": stamps, "z": [1.0, 2.0]}))
    with pytest.raises(DataError, match="Expected unique column names"):
        Log.from_frame(pd.DataFrame([[0, 1, 2]], columns=["time", "z", "z"]))
    with pytest.raises(DataError, match="column 0 is called 0: expected a string"):
        Log.from_frame(pd.DataFrame([[0, 1]]))
    nullable = pd.DataFrame({"time": [0, 1], "z": pd.array([1, None], dtype="Int64")})
    np.testing.assert_array_equal(Log.from_frame(nullable).columns()["z"], [1, np.nan])


def test_coarse_stamps_and_readings() -> None:
    with pytest.raises(TimeError, match="float32"):
        Log.from_frame(pl.DataFrame({"time": pl.Series([0.0, 1.0], dtype=pl.Float32), "z": [1.0, 2.0]}))
    north = pl.Series([5.4e6 + 0.5 * k for k in range(4)], dtype=pl.Float32)
    with pytest.warns(UserWarning, match="north is float32"):
        Log.from_frame(pl.DataFrame({"time": [0, 1, 2, 3], "north": north}))


def test_other_types_and_unknown_libraries_are_refused() -> None:
    with pytest.raises(DataError, match=r"from_frame\(dict\): expected a dataframe of pandas, polars"):
        Log.from_frame({"time": [0.0], "z": [1.0]})
    log = Log.from_arrays([0.0, 0.5], z=[[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(DataError, match=r"log.to_frame\('pandas'\)"):
        log.to_frame()
    with pytest.raises(DataError, match="library = 'spark'"):
        log.to_frame("spark")
    assert log.to_frame("polars").to_dict(as_series=False) == {
        "time": [0.0, 0.5],
        "z.0": [1.0, 3.0],
        "z.1": [2.0, 4.0],
    }


def test_long_and_unsorted_frames() -> None:
    frame = pl.DataFrame({"time": [2, 1, 1], "who": ["b", "a", "b"], "value": [1.0, 2.0, 3.0]})
    log = Log.from_frame(frame, sensor="who", sort=True)
    assert list(log.blocks) == ["b.value", "a.value"]
    np.testing.assert_array_equal(log.columns()["b.value"], [np.nan, 3.0, 1.0])
