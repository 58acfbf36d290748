"""Runs, forecasts and what is made of them come back with the dates of the series, in its library."""

import copy
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import foglight as fog
from foglight.diagnostics.check.run_again import run_again
from foglight.diagnostics.truth import truth_of

MODEL = fog.Model(
    fog.motion.constant_velocity(("level",), accel=0.3),
    [fog.sensing.linear("gauge", of="level", std=0.5)],
    None,
)
RNG = np.random.default_rng(11)
Y = RNG.normal(size=60).cumsum()


def series(index: Any) -> pd.Series:
    return pd.Series(Y[: len(index)], index, name="sales")


@pytest.mark.parametrize(
    "index",
    [
        *(pd.date_range("2019-11-30", periods=30, freq=freq) for freq in ("MS", "ME", "QE", "YS", "BME", "W-SUN")),
        *(pd.date_range("2020-02-27", periods=30, freq=freq) for freq in ("B", "D", "h")),
        pd.period_range("2019-11", periods=30, freq="M"), pd.period_range("2019-11", periods=30, freq="Q"),
        pd.date_range("2020-03-28 20:00", periods=30, freq="h", tz="Europe/Berlin"),
        pd.date_range("2020-03-28", periods=30, freq="D", tz="Europe/Berlin"),
    ],
    ids=lambda index: f"{type(index).__name__[:6]} {index.freqstr}{' zone' * (getattr(index, 'tz', None) is not None)}",
)  # fmt: skip
def test_forecasts_continue_the_calendar_as_pandas_does(index: Any) -> None:
    """With the likelihood, to the bit, of the same numbers without dates."""
    y = series(index)
    run, plain = fog.run(MODEL, y), fog.run(MODEL, fog.Log.regular(y.to_numpy(), dt=1.0))
    assert run.loglik == plain.loglik
    assert run.filtered.mean.tobytes() == plain.filtered.mean.tobytes()
    ahead, numbers = fog.forecast(run, steps=14), fog.forecast(plain, steps=14)
    assert ahead.state.mean.tobytes() == numbers.state.mean.tobytes()
    assert ahead.state.cov.tobytes() == numbers.state.cov.tobytes()
    if isinstance(index, pd.PeriodIndex):
        later = pd.period_range(index[-1] + 1, periods=14, freq=index.freq)
    else:
        later = pd.date_range(index[-1], periods=15, freq=index.freq)[1:]
    pd.testing.assert_index_equal(ahead.to_frame().index, later, check_freq=True)
    pd.testing.assert_index_equal(run.to_frame().index, index)
    pd.testing.assert_index_equal(fog.smooth(run).to_frame().index, index)


def test_every_library_gives_the_same_results_in_its_own_frames() -> None:
    index = pd.date_range("2020-02-01", periods=24, freq="MS")
    y = series(index)
    days = [stamp.date() for stamp in index]
    run = fog.run(MODEL, y)
    later = [stamp.date() for stamp in pd.date_range(index[-1], periods=4, freq="MS")[1:]]
    for table in (
        pl.DataFrame({"month": days, "sales": y}),
        pa.table({"month": days, "sales": y.to_numpy()}),
    ):
        other = fog.run(MODEL, table)
        assert other.loglik == run.loglik and other.filtered.mean.tobytes() == run.filtered.mean.tobytes()
        frame = fog.forecast(other, steps=3).to_frame()
        assert type(frame) is type(table)
        assert (
            frame["month"].to_list() if isinstance(table, pl.DataFrame) else frame["month"].to_pylist()
        ) == later
    columns = fog.forecast(
        fog.run(MODEL, fog.Log.series({"t": index.to_numpy(), "y": Y[:24]})), steps=3
    ).columns()
    assert columns["time"].astype("M8[D]").tolist() == later
    assert "2022-02" in str(fog.forecast(run, steps=1)) and "Forecast(3 rows, 2022-02 to 2022-04, " in repr(
        fog.forecast(run, steps=3)
    )


def test_every_verb_takes_a_series() -> None:
    y = series(pd.date_range("2020-02-01", periods=30, freq="MS"))
    log = fog.Log.series(y)
    assert fog.tune(MODEL, y, free="std").params == fog.tune(MODEL, [log], free="std").params
    compared = fog.compare(MODEL, y, methods=[fog.KF()])
    run = fog.run(MODEL, log)
    assert compared.rows[0].run is not None and compared.rows[0].run.loglik == run.loglik
    for wrong in (run, 3, Y):
        with pytest.raises(fog.ModelError, match=r"expected a fog.Model and a fog.Log"):
            fog.run(MODEL, wrong)  # type: ignore[arg-type]


def test_gaps_are_missing_rows() -> None:
    y = series(pd.date_range("2020-02-01", periods=40, freq="MS"))
    with pytest.warns(fog.FoglightWarning, match="no row for 2020-04, the first of 2 periods"):
        run = fog.run(MODEL, y.drop(y.index[[2, 7]]))
    z = y.to_numpy().copy()
    z[[2, 7]] = np.nan
    plain = fog.run(MODEL, fog.Log.regular(z, dt=1.0))
    assert run.loglik == plain.loglik
    pd.testing.assert_index_equal(run.to_frame().index, y.index, check_freq=False)


def test_truth_with_dates_is_matched_by_its_periods() -> None:
    y = series(pd.date_range("2020-02-01", periods=30, freq="MS"))
    run = fog.run(MODEL, y)
    level = pd.DataFrame({"level": Y[5:30]}, y.index[5:] + pd.offsets.MonthEnd(0))
    aligned = np.full((30, len(MODEL.state)), np.nan)
    aligned[5:, 0] = Y[5:30]
    days = level.index.to_numpy()
    for truth in (level, {"time": days, "level": Y[5:30]}, pl.DataFrame({"t": days, "level": Y[5:30]})):
        np.testing.assert_array_equal(truth_of(truth, MODEL, run.log), aligned)
    twice = pd.DataFrame({"level": [1.0, 2.0]}, pd.DatetimeIndex(["2020-02-01", "2020-02-03"], name="t"))
    with pytest.raises(
        fog.TimeError, match=r"truth.t\[1\] = 2020-02-03: expected one row for each month, as in the log"
    ):
        fog.check(run, twice)
    assert not [text for text in fog.check(run, effort="quick").findings if " s " in str(text)]


def test_inputs_are_matched_by_date() -> None:
    shop = fog.Sensor(
        "shop", ("sold",), lambda x, u: [x.level + u.price], lambda: [[0.3]], controls=("price",)
    )
    model = fog.Model(fog.motion.random_walk("level", std=1.0), [shop], None)
    index = pd.date_range("2020-02-29", periods=24, freq="ME", name="month")
    frame = pd.DataFrame({"sold": Y[:18], "price": np.arange(18.0)}, index[:18])
    run = fog.run(model, frame)
    by_order = fog.forecast(run, steps=4, u=np.arange(18.0, 22.0)).sensors["shop"]
    price = pd.Series(np.arange(24.0), index, name="price")
    for u in (
        price,
        price.to_frame(),
        pl.DataFrame({"month": index, "price": price}),
        price.set_axis(index.to_period("M")),
    ):
        by_date = fog.forecast(run, steps=4, u=u).sensors["shop"]
        assert by_date.mean.tobytes() == by_order.mean.tobytes()
    later = fog.forecast(run, times=["2021-10", "2021-11-30"], u=price).sensors["shop"]
    assert np.array_equal(later.mean, by_order.mean[2:4])
    with pytest.raises(fog.DataError, match=r"u has no row for 2021-11: expected price for every time ahead"):
        fog.forecast(run, steps=4, u=price[:"2021-10"])
    with pytest.raises(
        fog.TimeError, match=r"u.month has dates in the zone UTC, and the log has dates without a zone"
    ):
        fog.forecast(run, steps=4, u=price.tz_localize("UTC"))
    frame.loc["2020-05-31", "price"] = np.nan
    with pytest.raises(
        fog.DataError, match=r"u\[3,0\] \(price\) = nan in 2020-05: expected a number, because shop reads it"
    ):
        fog.run(model, frame)


def test_inputs_of_quarters_belong_to_the_quarter_in_which_they_are() -> None:
    shop = fog.Sensor(
        "shop", ("sold",), lambda x, u: [x.level + u.price], lambda: [[0.3]], controls=("price",)
    )
    model = fog.Model(fog.motion.random_walk("level", std=1.0), [shop], None)
    ends = pd.date_range("2020-03-31", periods=12, freq="QE")
    run = fog.run(model, pd.DataFrame({"sold": Y[:8], "price": 0.0}, ends[:8]))
    by_order = fog.forecast(run, steps=4, u=np.arange(8.0, 12.0)).sensors["shop"].mean
    for index in (ends, ends.to_period("Q"), pd.date_range("2020-01-01", periods=12, freq="QS")):
        price = pd.Series(np.arange(12.0), index, name="price")
        assert np.array_equal(fog.forecast(run, steps=4, u=price).sensors["shop"].mean, by_order)
    weeks = pd.date_range("2020-01-05", periods=12, freq="W-SUN")
    weekly = fog.run(model, pd.DataFrame({"sold": Y[:8], "price": 0.0}, weeks[:8]))
    monday = pd.Series(np.arange(12.0), weeks + pd.Timedelta("1D"), name="price")
    with pytest.raises(
        fog.TimeError, match=r"u.time\[0\] = 2020-01-06: expected a date of the log's calendar, such as 2020"
    ):
        fog.forecast(weekly, steps=4, u=monday)
    days = fog.run(
        model, pd.DataFrame({"sold": Y[:8], "price": 0.0}, pd.bdate_range("2020-01-06", periods=8))
    )
    saturday = pd.Series(np.arange(20.0), pd.date_range("2020-01-06", periods=20), name="price")
    with pytest.raises(
        fog.TimeError, match=r"u.time\[5\] = 2020-01-11: expected a date of the log's calendar"
    ):
        fog.forecast(days, steps=4, u=saturday)


def test_tracks_are_forecast_from_their_own_last_period() -> None:
    index = pd.date_range("2020-02-01", periods=12, freq="MS")
    panel = pd.DataFrame(
        {"id": ["a"] * 10 + ["b"] * 6, "ds": [*index[:10], *index[6:]], "y": Y[:16], "price": 1.0}
    )
    shop = fog.Sensor("shop", ("y",), lambda x, u: [x.level + u.price], lambda: [[0.3]], controls=("price",))
    model = fog.Model(fog.motion.random_walk("level", std=1.0), [shop], None)
    run = fog.run(model, fog.Log.series(panel, track="id"))
    price = pd.Series(np.arange(30.0), pd.date_range("2020-01-01", periods=30, freq="MS"), name="price")
    ahead = fog.forecast(run, steps=2, u=price).to_frame()
    assert ahead["ds"].dt.strftime("%Y-%m").tolist() == ["2020-12", "2021-01", "2021-02", "2021-03"]
    assert (ahead["shop.y"] - ahead["level"]).round(9).tolist() == [11.0, 12.0, 13.0, 14.0]
    assert ahead["track"].tolist() == ["a", "a", "b", "b"]


def test_dates_in_the_options_and_messages_of_a_run() -> None:
    y = series(pd.date_range("2020-01-31", periods=20, freq="ME"))
    started = fog.Model(MODEL.motion, MODEL.sensors, fog.Belief([0.0, 0.0], std=[1.0, 1.0]))
    early = fog.run(started, y, start_time="2019-11")
    assert early.loglik == fog.run(started, fog.Log.series(y), start_time=early.time[0] - 2.0).loglik
    assert early.loglik == fog.run(started, fog.Log.regular(Y[:20], dt=1.0), start_time=-2.0).loglik
    assert run_again(early).loglik == early.loglik
    for options, says in (
        ({"start_time": "2020-03"}, "start_time = 2020-03: after the first row at 2020-01. Expected it at or before"),
        ({"start_time": "2019"}, "start_time = '2019': expected one date of a calendar of months, and this is 12"),
        ({"max_gap": 0.5}, "row 1 at 2020-02 comes 1 month after the row before it, at 2020-01: expected at most"),
    ):  # fmt: skip
        with pytest.raises(fog.TimeError, match=says):
            fog.run(started, y, **options)  # type: ignore[arg-type]
    bad = y.copy()
    bad.iloc[7] = np.inf
    with pytest.raises(fog.DataError, match=r"gauge.level = inf at row 7 \(t = 2020-08\): expected"):
        fog.run(MODEL, bad)


def test_a_log_is_described_in_periods_and_written_with_dates(tmp_path: Any) -> None:
    log = fog.Log.series(
        series(pd.date_range("2020-01-01", periods=5, freq="MS")).where([True, True, False, True, True])
    )
    lines = str(log.describe()).splitlines()
    assert lines[0] == "5 rows, 2020-01 to 2020-05, 4 months in all"
    assert lines[2].split()[:11] == [
        "sales",
        "4",
        "20",
        "%",
        "1",
        "month",
        "1",
        "month",
        "2",
        "months",
        lines[2].split()[10],
    ]
    log.write(tmp_path / "sales.csv")
    written = (tmp_path / "sales.csv").read_text().splitlines()
    assert written[:2] == ["time,sales", f"2020-01-01,{Y[0]}"]
    back = pd.read_csv(tmp_path / "sales.csv", index_col=0, parse_dates=True)
    assert np.array_equal(fog.Log.series(back).bind(MODEL), log.bind(MODEL), equal_nan=True)
    hours = fog.Log.series(series(pd.date_range("2020-01-01", periods=2, freq="h", tz="Europe/Berlin")))
    hours.write(tmp_path / "hours.csv")
    assert (tmp_path / "hours.csv").read_text().splitlines()[1].startswith("2019-12-31T23:00:00Z,")


def test_logs_of_one_calendar_are_merged() -> None:
    index = pd.date_range("2020-01-01", periods=4, freq="MS")
    a, b = fog.Log.series(series(index)), fog.Log.series(series(index[1:]))
    merged = fog.Log.merge(shop=a, web=b)
    assert merged.calendar == a.calendar and np.isnan(merged["web.sales"][0])
    with pytest.raises(
        fog.TimeError, match="web has numbers, and shop has periods of a calendar: expected one clock"
    ):
        fog.Log.merge(shop=a, web=fog.Log.regular([1.0, 2.0], dt=1.0))
    assert copy.deepcopy(a) is a


def test_a_forecast_of_some_dates_goes_through_the_periods_between_them() -> None:
    """A model of rows takes one step a row. The tracks end at different dates; inputs are those of the dates, too."""
    event = fog.intervention("bend", 30, "ramp")
    model = fog.structural("y", trend="fixed", seasonal=4, intervention=event)
    model = model.with_parameters({"level_std": 0.1, "season_std": 0.1, "irregular_std": 0.1})
    months = pd.period_range("2020-01", periods=48, freq="M")
    y = np.random.default_rng(2).normal(size=48).cumsum()
    ends = {"a": 48, "b": 40}
    index = [month for size in ends.values() for month in months[:size].to_timestamp()]
    table = pd.DataFrame(
        {"month": index, "y": [*y, *y[:40]], "of": np.repeat(list(ends), list(ends.values()))}
    )
    run = fog.run(model, fog.Log.series(table, track="of"))
    some = fog.forecast(run, times=["2024-03", "2024-06"])
    for number, (name, size) in enumerate(ends.items()):
        alone = fog.run(model, table[table["of"] == name].set_index("month")["y"])
        every = fog.forecast(alone, steps=54 - size)
        at = [50 - size, 53 - size]
        for ours, theirs in ((some.sensors["y"], every.sensors["y"]), (some.state, every.state)):
            own = slice(2 * number, 2 * number + 2)
            assert np.array_equal(ours.mean.reshape(4, -1)[own], theirs.mean[at])
            assert np.array_equal(ours.cov.reshape(4, -1)[own], theirs.cov[at].reshape(2, -1))
        assert np.array_equal(
            fog.forecast(alone, times=["2024-03", "2024-06"]).state.mean, every.state.mean[at]
        )


def test_inputs_of_some_dates_act_until_each_of_them() -> None:
    frame = pd.DataFrame(
        {"y": Y[:18], "p": np.arange(18.0)}, pd.period_range("2020-01", periods=18, freq="M")
    )
    run = fog.run(fog.structural("y", seasonal=4, regression="p", tvp=True), frame)
    future = pd.DataFrame({"p": np.arange(6.0)}, pd.period_range("2021-07", periods=6, freq="M"))
    every = fog.forecast(run, steps=6, u=future).sensors["y"]
    for u in (future, {"p": [2.0, 5.0]}):
        some = fog.forecast(run, times=["2021-09", "2021-12"], u=u).sensors["y"]
        assert np.array_equal(some.mean, every.mean[[2, 5]]) and np.array_equal(some.cov, every.cov[[2, 5]])
    with pytest.raises(fog.DataError, match="u has no row for 2021-08: expected p for every time ahead"):
        fog.forecast(run, times=["2021-09"], u=future.drop(future.index[1]))
