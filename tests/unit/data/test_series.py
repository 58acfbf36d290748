"""Time series from series, dataframes and arrays: their dates, their frequency, and periods without a row."""

import datetime as dt
import pickle
import re
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import foglight as fog

MONTHS = pd.date_range("1949-01-01", periods=6, freq="MS")
Y = [112.0, 118.0, 132.0, np.nan, 121.0, 135.0]
DAYS = [stamp.date() for stamp in MONTHS]
POLARS = pl.DataFrame({"month": DAYS, "sales": Y})
BERLIN = MONTHS.tz_localize("Europe/Berlin")
FORMS: dict[str, Any] = {
    "series": pd.Series(Y, MONTHS, name="sales"),
    "unnamed": pd.Series(Y, MONTHS),
    "frame": pd.DataFrame({"sales": Y}, MONTHS.rename("month")),
    "column": pd.DataFrame({"month": MONTHS, "sales": Y}),
    "objects": pd.DataFrame({"month": DAYS, "sales": Y}),
    "object index": pd.Series(Y, pd.Index(DAYS, dtype=object), name="sales"),
    "periods": pd.Series(Y, MONTHS.to_period("M"), name="sales"),
    "column of periods": pd.DataFrame({"month": MONTHS.to_period("M"), "sales": Y}),
    "polars": POLARS,
    "lazy": POLARS.lazy(),
    "polars ms": POLARS.with_columns(pl.col("month").cast(pl.Datetime("ms"))),
    "polars zone": POLARS.with_columns(
        pl.col("month").cast(pl.Datetime("us")).dt.replace_time_zone("Europe/Berlin")
    ),
    "pyarrow": pa.table({"month": DAYS, "sales": Y}),
    "duckdb": duckdb.from_arrow(pa.table({"month": DAYS, "sales": Y})),
    "zone": pd.Series(Y, BERLIN, name="sales"),
    "objects with a zone": pd.DataFrame({"month": list(BERLIN), "sales": Y}).astype({"month": object}),
    "months": {"month": np.array([f"1949-0{k}" for k in range(1, 7)], "M8[M]"), "sales": Y},
    "dates": {"month": DAYS, "sales": np.array(Y)},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(form: str) -> None:
    log = fog.Log.series(FORMS[form])
    assert (log.time_ns // 10**9).tolist() == list(range(-252, -246))
    (block,) = log.blocks.values()
    np.testing.assert_array_equal(block[:, 0], Y)
    assert list(log.blocks) == (["z"] if form == "unnamed" else ["sales"])
    assert str(log).startswith("Log(6 rows, 1949-01 to 1949-06, month, ")
    again = pickle.loads(pickle.dumps(log))
    assert again.calendar == log.calendar and str(again) == str(log)


@pytest.mark.parametrize("form", ["polars", "polars ms", "polars zone"])
def test_columns_of_polars_come_back(form: str) -> None:
    back = fog.Log.series(FORMS[form]).to_frame()
    assert back.schema == FORMS[form].schema and back["month"].to_list() == FORMS[form]["month"].to_list()


def test_other_dataframes_come_back() -> None:
    back = fog.Log.series(FORMS["pyarrow"]).to_frame()
    assert back.schema == FORMS["pyarrow"].schema and back["month"] == FORMS["pyarrow"]["month"]
    assert fog.Log.series(FORMS["duckdb"]).to_frame().fetchall()[0] == (dt.date(1949, 1, 1), 112.0)
    zone = fog.Log.series(FORMS["polars zone"].to_arrow()).to_frame()
    assert str(zone.schema.field("month").type) == "timestamp[us, tz=Europe/Berlin]"
    assert zone["month"].to_pylist() == FORMS["polars zone"]["month"].to_list()
    pd.testing.assert_frame_equal(fog.Log.series(FORMS["column"]).to_frame(), FORMS["column"])
    with pytest.raises(fog.DataError, match="did not come from a dataframe"):
        fog.Log.series(FORMS["months"]).to_frame()
    assert fog.Log.series(FORMS["months"]).columns()["time"].dtype == "M8[M]"
    other = fog.Log.series(FORMS["frame"]).to_frame("polars")
    assert other.columns == ["month", "sales"] and other["month"][0] == dt.datetime(1949, 1, 1)


def test_text_is_read_where_the_column_is_named() -> None:
    texts = pl.DataFrame({"month": ["1949-01", "1949-02", "1949-03"], "y": [1.0, 2.0, 3.0]})
    assert str(fog.Log.series(texts, time="month")) == "Log(3 rows, 1949-01 to 1949-03, month, y)"
    hours = {"t": ["2020-01-01 00:00", "2020-01-01T01:00:00", "2020-01-01 02:00"], "y": [1.0, 2.0, 3.0]}
    assert (
        str(fog.Log.series(hours, time="t")) == "Log(3 rows, 2020-01-01 00:00 to 2020-01-01 02:00, hour, y)"
    )


def test_controls_are_columns_and_are_held() -> None:
    frame = FORMS["frame"].assign(price=[3.0, np.nan, np.nan, 4.0, np.nan, 5.0], note="x")
    log = fog.Log.series(frame, ignore=["note"], hold=True)
    sensor = fog.Sensor(
        "shop", ("sold",), lambda x, u: [x.level + u.price], lambda: [[1.0]], controls=("price",)
    )
    model = fog.Model(fog.motion.random_walk("level", std=1.0), [sensor], None)
    assert log.controls(model)[:, 0].tolist() == [3.0, 3.0, 3.0, 4.0, 4.0, 5.0]
    assert np.array_equal(log.bind(model)[:, 0], Y, equal_nan=True)


def test_tracks_have_their_own_first_and_last_periods() -> None:
    panel = pd.DataFrame(
        {"id": list("aaabb"), "ds": [*MONTHS[[0, 1, 3]], *MONTHS[[2, 3]]], "y": [1.0, 2.0, 4.0, 7.0, 8.0]}
    )
    with pytest.warns(fog.FoglightWarning, match="ds has no row for 1949-03, for freq='month'"):
        log = fog.Log.series(panel, track="id")
    assert str(log) == "Log(6 rows in 2 tracks, 1949-01 to 1949-04, month, y)"
    np.testing.assert_array_equal(log["y"], [1.0, 2.0, np.nan, 4.0, 7.0, 8.0])
    assert log.track is not None and log.track.tolist() == [0, 0, 0, 0, 1, 1]
    assert (log.time_ns // 10**9).tolist() == [-252, -251, -250, -249, -250, -249]
    with pytest.warns(fog.FoglightWarning):
        indexed = fog.Log.series(panel.set_index(["id", "ds"]), track="id")
    assert np.array_equal(indexed.time_ns, log.time_ns) and indexed.track_names == ("a", "b")
    back = log.to_frame()
    assert back.columns.tolist() == ["track", "ds", "y"] and back["ds"].tolist()[-1] == MONTHS[3]
    with pytest.raises(fog.DataError, match="has a level 'id' beside the dates: expected the tracks"):
        fog.Log.series(panel.set_index(["id", "ds"]))
    with pytest.raises(fog.DataError, match="the log has 2 tracks, which may each have a row at that time"):
        log.row("1949-03")


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        (["2020-01-01", "2020-02-01"], "month"), (["2021-02-01", "2021-03-01"], "month"),
        (["2020-01-01", "2020-01-08"], "week"), (["2020-01-01", "2021-01-01"], "year"),
        (["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06"], "business day"),
        (["2020-01-03", "2020-01-04"], "day"), (["2020-03-31", "2020-06-30", "2020-09-30"], "quarter"),
        (["2020-01-01 00:15", "2020-01-01 00:30"], "15 minutes"), (["2020-01-04 16:00", "2020-01-05 16:00"], "day"),
        (["2020-01-15", "2020-02-15", "2020-03-15"], "month"), (["2020-01-31", "2020-02-29", "2020-03-31"], "month"),
        (["2020-01-31", "2020-02-28", "2020-03-31"], "month"),  # the last business days
    ],
)  # fmt: skip
def test_the_frequency_is_found_where_the_dates_leave_no_doubt(dates: list[str], found: str) -> None:
    log = fog.Log.series({"t": np.array(dates, "M8[m]"), "y": np.arange(float(len(dates)))})
    assert log.calendar is not None and str(log.calendar.freq) == found and len(log) == len(dates)


def test_gaps_become_rows_without_readings_and_a_warning_names_the_first() -> None:
    y = pd.Series(np.arange(24.0), pd.date_range("2020-01", periods=24, freq="ME"))
    kept = y.drop(y.index[[3, 4, 10]])
    for given, freq in (
        (kept, None),
        (kept, "month"),
        (kept, "ME"),
        (kept.set_axis(kept.index.to_period("M")), None),
    ):
        with pytest.warns(fog.FoglightWarning) as caught:
            log = fog.Log.series(given, freq=freq)
        assert str(caught[0].message) == (
            "time has no row for 2020-04, the first of 3 periods without one, for freq='month': such periods are rows "
            "without readings now. Add them to the data as rows of NaN, or correct freq."
        )
        assert caught[0].filename == __file__
        assert np.flatnonzero(np.isnan(log["z"])).tolist() == [3, 4, 10] and len(log) == 24
        assert str(log.calendar.freq) == "month" if log.calendar else False
    days = pd.bdate_range("2024-01-01", "2024-03-01")
    with pytest.warns(fog.FoglightWarning, match="no row for 2024-02-19, for freq='business day'"):
        fog.Log.series(pd.Series(1.0, days.drop("2024-02-19")))


def test_a_row_for_every_period_must_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foglight.core.memory.available_memory", lambda: 10**6)
    table = {"t": np.array(["1900", "2000"], "M8[Y]"), "y": [1.0, 2.0]}
    with pytest.raises(
        fog.DataError, match=r"a row for each of 52594561 minutes take .* GiB, more than"
    ) as caught:
        fog.Log.series(table, freq="minute")
    assert caught.value.field == "freq"


def test_dicts_of_arrays() -> None:
    days = np.arange("2020-01-01", "2020-01-15", dtype="M8[D]")
    log = fog.Log.series({"t": days, 7: np.ones((14, 2)), "note": ["x"] * 14}, ignore=["note"])
    assert list(log.blocks) == ["7"] and log.blocks["7"].shape == (14, 2)
    panel = fog.Log.series(
        {"t": np.tile(days, 2), "y": np.arange(28.0), "id": ["a"] * 14 + ["b"] * 14}, track="id"
    )
    assert panel.track_names == ("a", "b") and len(panel) == 28
    for table, says in (
        ({"t": days[:0], "y": []}, "the table has no rows"), ({"t": days, "y": [1.0]}, "y has shape"),
        ({"t": days, "y": [[1.0], [1.0, 2.0]] * 7}, "is ragged: expected rows of equal length"),
        ({"t": [[1], [1, 2]], "y": [1.0, 2.0]}, "the table has no column of dates among t, y"),
        ({}, "no column of dates among none"),
    ):  # fmt: skip
        with pytest.raises(fog.DataError, match=says):
            fog.Log.series(table)


def test_a_column_called_as_the_index_stays() -> None:
    y = pd.DataFrame({"level": [1.0, 2.0, 3.0]}, MONTHS[:3].rename("level"))
    pd.testing.assert_frame_equal(fog.Log.series(y).to_frame(), y, check_freq=False)
    assert fog.Log.series(y).to_frame("polars").columns == ["time", "level"]


AWARE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
EAST = dt.datetime(2020, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))
NAIVE = dt.datetime(2020, 1, 2)


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ([AWARE, EAST], "time[1] = 2020-01-02 00:00:00+02:00 is in the zone UTC+02:00, and time[0] = "),
        ([AWARE, NAIVE], "time[1] = 2020-01-02 00:00:00 has no zone, and time[0] = 2020-01-01 00:00:00+00:00 is "),
        ([NAIVE, "soon"], "time[1] = 'soon': expected a date, or ISO 8601 text without a zone such as '1968-03-15'."),
        ([NAIVE, 3.0], "time[1] = 3.0: expected a date, or ISO 8601 text"),
        ([NAIVE, pd.NaT], "time[1] = NaT: expected a date, or ISO 8601 text"),
    ],
)  # fmt: skip
def test_objects_that_are_no_dates_of_one_zone(dates: list[Any], says: str) -> None:
    with pytest.raises(fog.TimeError, match=re.escape(says)) as caught:
        fog.Log.series(pd.Series([1.0, 2.0], pd.Index(dates, dtype=object)))
    assert (caught.value.field, caught.value.index) == ("time", 1)
