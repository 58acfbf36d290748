"""One rule for time at every door: start_time, between, forecast, compare, tune, the truth, and a live filter."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog

MODEL = fog.Model(
    fog.motion.constant_velocity("p", accel=0.5),
    [fog.sensing.linear("gps", of="p", std=0.5)],
    fog.Belief([0.3, 1.0], cov=[[1.0, 0.2], [0.2, 0.6]]),
)
EPOCHS = np.random.default_rng(15).integers(0, 2_000_000_000_000_000, 100).tolist()  # microseconds since 1970
STEPS = np.array([0, 100_003, 250_007, 400_001, 900_011, 1_000_003])
Z = np.array([0.1, 0.4, 0.2, 0.9, 1.3, 1.0])


def at_epoch(epoch: int) -> fog.Log:
    return fog.Log.from_arrays(epoch + STEPS, unit="us", gps=Z)


@pytest.mark.parametrize(
    "epoch", [*EPOCHS[:20], *[pytest.param(epoch, marks=pytest.mark.campaign) for epoch in EPOCHS[20:]]]
)
def test_a_float_as_the_log_shows_it_is_that_row(epoch: int) -> None:
    """A float since 1970 resolves 0.24 µs. log.time[k] is row k at every door all the same."""
    log, plain = at_epoch(epoch), at_epoch(0)
    run, expected = fog.run(MODEL, log, start_time=log.time[0]), fog.run(MODEL, plain)
    assert run.filtered.cov.tobytes() == expected.filtered.cov.tobytes() and run.loglik == expected.loglik
    assert (
        len(log.between(log.time[1], log.time[4])) == 3
        and log.between(log.time[1], 5e9).time_ns[0] == log.time_ns[1]
    )
    ahead = fog.forecast(run, times=[run.time[-1], run.time[-1] + 0.5])
    assert ahead.state.cov[0].tobytes() == run.filtered.cov[-1].tobytes()
    live = fog.online(MODEL, start_time=log.time[0], history=5.0, lag=5.0)
    for stamp, z in zip((epoch + STEPS).tolist(), Z.tolist(), strict=True):
        live.step(stamp, "gps", z, unit="us")
    assert live.predict(log.time[2]).mean.tobytes() == run.filtered.mean[2].tobytes()
    assert live.counts == {"USED": 6}


FIRST = np.datetime64("2026-03-02T10:15:00.000001")
DATED = fog.Log.from_arrays(FIRST + STEPS.astype("m8[us]"), gps=Z)
ZONED = fog.Log.from_arrays(pd.DatetimeIndex(FIRST + STEPS.astype("m8[us]"), tz="UTC"), gps=Z)
EARLIER: list[tuple[fog.Log, Any]] = [
    (DATED, FIRST - np.timedelta64(1_500, "ms")),
    (DATED, (FIRST - np.timedelta64(1_500, "ms")).item()),
    (DATED, pd.Timestamp(FIRST) - pd.Timedelta(1.5, "s")),
    (DATED, FIRST.astype(int) / 1e6 - 1.5),
    (ZONED, FIRST - np.timedelta64(1_500, "ms")),
    (ZONED, (FIRST - np.timedelta64(1_500, "ms")).item().replace(tzinfo=UTC)),
    (ZONED, (pd.Timestamp(FIRST, tz="UTC") - pd.Timedelta(1.5, "s")).tz_convert("Asia/Tokyo")),
    (at_epoch(0), -1.5),
    (at_epoch(0), timedelta(seconds=-1.5)),
    (at_epoch(0), np.timedelta64(-1_500, "ms")),
]
DOORS: dict[str, Callable[[fog.Log, Any], Any]] = {
    "run": lambda log, t: fog.run(MODEL, log, start_time=t).loglik,
    "compare": lambda log, t: fog.compare(MODEL, log, [fog.EKF()], start_time=t).rows[0].loglik,
    "tune": lambda log, t: fog.tune(MODEL, log, ["gps.std"], start_time=t, heldout=False).loglik,
    "online": lambda log, t: fed(fog.online(MODEL, start_time=t), log).loglik,
}  # fmt: skip


def fed(live: Any, log: fog.Log) -> Any:
    """The live filter after the rows of the log, with stamps of the kind of its start."""
    start = live.options["start_time"]
    for stamp, z in zip(log.time_ns.tolist(), Z.tolist(), strict=True):
        t: Any = np.datetime64(stamp, "ns")
        if isinstance(start, (float, timedelta, np.timedelta64)):
            t = np.timedelta64(stamp, "ns")
        live.step(pd.Timestamp(t, tz="UTC") if log is ZONED else t, "gps", z)
    return live


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("log", "start"), EARLIER, ids=lambda value: type(value).__name__)
def test_a_start_of_any_kind_is_predicted_from(door: str, log: fog.Log, start: Any) -> None:
    expected = DOORS[door](at_epoch(0), -1.5)
    if door == "online" and log is ZONED and isinstance(start, np.datetime64):
        pytest.skip("a live filter that starts at a datetime64 has a clock without a zone")
    assert DOORS[door](log, start) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("door", ["run", "compare", "tune"])
@pytest.mark.parametrize(
    ("log", "start", "words"),
    [
        (DATED, np.datetime64("2026-03-03"), "after the first row at 2026-03-02 10:15:00.000001"),
        (
            DATED,
            datetime(2026, 3, 1, tzinfo=UTC),
            "has a zone: expected no zone, as the log's stamps have none",
        ),
        (ZONED, datetime(2026, 3, 1), "has no zone: expected a zone, as the log's stamps have one"),
        (at_epoch(0), date(2026, 3, 1), "is a date: expected seconds, as the log's stamps are"),
        (at_epoch(0), 0.5, "after the first row at 0 s"),
        (at_epoch(0), "0.5", "expected seconds, a datetime, a pandas.Timestamp or a numpy.datetime64"),
        (at_epoch(0), np.float32(-1.5), "float32"),
        (at_epoch(0), float("nan"), "start_time = NaN is not a time"),
    ],
    ids=range(8),
)
def test_a_start_that_does_not_fit_is_refused(door: str, log: fog.Log, start: Any, words: str) -> None:
    with pytest.raises(fog.TimeError) as caught:
        DOORS[door](log, start)
    assert words in str(caught.value) and caught.value.field == "start_time"


@pytest.mark.parametrize(
    ("log", "first", "last"),
    [
        (DATED, FIRST + np.timedelta64(100_003, "us"), FIRST + np.timedelta64(900_011, "us")),
        (DATED, pd.Timestamp(DATED.time_ns[1]), pd.Timestamp(DATED.time_ns[4])),
        (DATED, pd.Timestamp(DATED.time_ns[1]).to_pydatetime(), DATED.time[4]),
        (ZONED, pd.Timestamp(ZONED.time_ns[1], tz="UTC"), pd.Timestamp(ZONED.time_ns[4], tz="UTC")),
        (ZONED, FIRST + np.timedelta64(100_003, "us"), ZONED.time[4]),
        (at_epoch(7), 7e-6 + 0.100003, pd.Timedelta(900_018, "us")),
    ],
    ids=range(6),
)
def test_between_takes_times_of_every_kind(log: fog.Log, first: Any, last: Any) -> None:
    assert log.between(first, last).time_ns.tolist() == log.time_ns[1:4].tolist()
    with pytest.raises(fog.TimeError, match=r"first = .*expected seconds, a datetime"):
        log.between("2026", last)


def test_between_refuses_a_date_that_does_not_fit() -> None:
    with pytest.raises(fog.TimeError, match="first = 2026-03-02 00:00:00 has no zone: expected a zone"):
        ZONED.between(datetime(2026, 3, 2), 2e9)
    with pytest.raises(fog.TimeError, match="last = 2026-03-02 is a date: expected seconds"):
        at_epoch(0).between(0.0, date(2026, 3, 2))


@pytest.mark.parametrize("log", [DATED, ZONED])
def test_a_forecast_takes_dates(log: fog.Log) -> None:
    run, plain = fog.run(MODEL, log), fog.run(MODEL, at_epoch(0))
    expected = fog.forecast(plain, times=plain.time[-1] + np.array([0.5, 1.5]))
    last, zone = pd.Timestamp(log.time_ns[-1]), "UTC" if log is ZONED else None
    ahead = last + pd.to_timedelta([0.5, 1.5], unit="s")
    for times in (
        ahead.tz_localize(zone),
        list(ahead.tz_localize(zone)),
        ahead.to_numpy(),
        run.time[-1] + [0.5, 1.5],
    ):
        found = fog.forecast(run, times=times)
        np.testing.assert_allclose(found.state.cov, expected.state.cov, rtol=1e-5)
        assert found.to_frame("pandas")["time"].dt.tz == (UTC if zone else None) or not zone
    with pytest.raises(fog.TimeError, match=r"times\[0\] = .* zone"):
        fog.forecast(run, times=ahead.tz_localize(None if zone else "UTC").to_pydatetime())
    with pytest.raises(
        fog.TimeError, match=r"times\[0\] = 2026-03-02 00:00:00.* lies before 2026-03-02 10:15:01"
    ):
        fog.forecast(run, times=[np.datetime64("2026-03-02")])


def test_a_forecast_of_seconds_refuses_dates() -> None:
    with pytest.raises(fog.TimeError, match=r"times\[0\] = 2026-03-02 is a date: expected seconds"):
        fog.forecast(fog.run(MODEL, at_epoch(0)), times=np.array(["2026-03-02"], "M8[D]"))


# Steps ahead of a log whose steps differ

MONTHS = [
    ("2021-12", "np.datetime64('2021-12') + np.arange(1, 13)", pd.date_range("2020-01-01", periods=24, freq="MS")),
    ("ends", "np.datetime64('2022-01') + np.arange(1, 13) - np.timedelta64(1, 'D')",
     pd.date_range("2020-01-31", periods=24, freq="ME")),
    ("quarters", "np.datetime64('2025-10') + 3 * np.arange(1, 13)",
     pd.date_range("2020-01-01", periods=24, freq="QS")),
    ("middle", "np.datetime64('2021-12') + np.arange(1, 13) + np.timedelta64(14, 'D')",
     pd.date_range("2020-01-01", periods=24, freq="MS") + pd.Timedelta(14, "D")),
    ("zoned", "np.datetime64('2021-12') + np.arange(1, 13)",
     pd.date_range("2020-01-01", periods=24, freq="MS", tz="UTC")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "example", "stamps"), MONTHS, ids=[name for name, *_ in MONTHS])
def test_the_remedy_for_months_can_be_pasted(name: str, example: str, stamps: Any) -> None:
    run = fog.run(MODEL, fog.Log.from_arrays(stamps, gps=np.arange(24.0)))
    with pytest.raises(fog.TimeError) as caught:
        fog.forecast(run, steps=12)
    assert f"Give times=, such as {example}." in str(caught.value)
    times = eval(example, {"np": np})
    ahead = fog.forecast(run, times=times)
    expected = pd.date_range(stamps[-1], periods=13, freq=stamps.freq or "MS")[1:]
    if name == "middle":
        expected = pd.date_range("2022-01-01", periods=12, freq="MS") + pd.Timedelta(14, "D")
    assert ahead.to_frame("pandas")["time"].dt.tz_localize(None).tolist() == list(expected.tz_localize(None))


def test_the_remedy_for_other_steps_has_as_many_times() -> None:
    dates = fog.Log.from_arrays(pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-04"]), gps=[1.0, 2, 3])
    seconds = fog.Log.from_arrays([0.0, 1.0, 3.0], gps=[1.0, 2, 3])
    for log, example in (
        (
            dates,
            r"np\.datetime64\('2020-01-04T00:00:00'\) \+ np\.arange\(1, 13\) \* np\.timedelta64\(129600, 's'\)",
        ),
        (seconds, r"run\.time\[-1\] \+ 1\.5 \* np\.arange\(1, 13\)"),
    ):
        with pytest.raises(fog.TimeError, match=f"Give times=, such as {example}"):
            fog.forecast(fog.run(MODEL, log), steps=12)
