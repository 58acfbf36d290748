"""Times that a live filter takes: one clock for all rows, dates and units, wrong stamps, and clocks that jump."""

import copy
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
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
START = datetime(2026, 3, 2, 10, 15)
BERLIN = timezone(timedelta(hours=1))


def after(first: Any, second: Any, **options: Any) -> Any:
    """A filter after two readings."""
    live = fog.online(MODEL, **options)
    live.step(first, "gps", 0.4)
    live.step(second, "gps", 1.1)
    return live


# One clock

SAME_SECOND = [
    (START, START + timedelta(seconds=1.5)),
    (np.datetime64(START), np.datetime64(START) + np.timedelta64(1_500, "ms")),
    (pd.Timestamp(START), pd.Timestamp(START) + pd.Timedelta(1_500, "ms")),
    (START, pd.Timestamp(START) + pd.Timedelta(1_500, "ms")),
    (START.replace(tzinfo=UTC), (START + timedelta(hours=1, seconds=1.5)).replace(tzinfo=BERLIN)),
    (pd.Timestamp(START, tz="UTC"), pd.Timestamp("2026-03-02T05:15:01.5", tz="America/New_York")),
    (START.replace(tzinfo=UTC), np.datetime64("2026-03-02T10:15:01.5")),  # a datetime64 is UTC there
    (timedelta(hours=10), timedelta(hours=10, seconds=1.5)),
    (pd.Timedelta(10, "h"), np.timedelta64(36_001_500, "ms")),
    (7.0, 8.5),
    (-1, 0.5),
]


@pytest.mark.parametrize(("first", "second"), SAME_SECOND, ids=str)
def test_every_kind_of_time_gives_the_same_belief(first: Any, second: Any) -> None:
    live, plain = after(first, second), after(0.0, 1.5)
    assert live.belief.mean.tobytes() == plain.belief.mean.tobytes()
    assert live.belief.cov.tobytes() == plain.belief.cov.tobytes()
    assert live.predict(second).mean.tobytes() == plain.belief.mean.tobytes()


def test_a_day_and_the_nanoseconds_of_pandas_are_exact() -> None:
    live = after(date(2026, 3, 2), pd.Timestamp("2026-03-02T00:00:01.000000001"))
    assert live.info.time_ns == np.datetime64("2026-03-02T00:00:01.000000001").astype(int)
    assert repr(live) == "Live(EKF(), 2 rows, t = 2026-03-02 00:00:01.000000001)"
    assert repr(live.info).startswith("Info(gps at 2026-03-02 00:00:01.000000001: USED")
    zoned = after(pd.Timestamp(START, tz="UTC"), pd.Timestamp(START, tz="UTC"))
    assert repr(zoned) == "Live(EKF(), 2 rows, t = 2026-03-02 10:15:00 UTC)"


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0.0, np.datetime64("2026-01-01"), "t = 2026-01-01 is a date: expected seconds"),
        (0.0, datetime(2026, 1, 1), "t = 2026-01-01 00:00:00 is a date: expected seconds"),
        (timedelta(0), pd.Timestamp(START), "is a date: expected seconds"),
        (datetime(2026, 1, 1), 1.5, "t = 1.5 is a number, but the filter's rows so far came with dates"),
        (datetime(2026, 1, 1), 2, "is a number"),
        (datetime(2026, 1, 1), timedelta(seconds=2), "is a number"),
        (START.replace(tzinfo=UTC), START, "has no zone: expected a zone, as the filter's rows have one"),
        (START, START.replace(tzinfo=UTC), "has a zone: expected no zone, as the filter's rows have none"),
    ],
)
def test_two_clocks_do_not_mix(first: Any, second: Any, words: str) -> None:
    live = fog.online(MODEL)
    live.step(first, "gps", 0.4)
    before = live.belief, live.rows, live.loglik
    with pytest.raises(fog.TimeError) as caught:
        live.step(second, "gps", 1.1)
    assert words in str(caught.value) and caught.value.field == "t"
    assert (live.belief, live.rows, live.loglik) == before
    live.step(first, "gps", 0.5)
    assert live.rows == 2


def test_the_start_time_sets_the_clock_and_a_copy_and_a_file_keep_it(tmp_path: Path) -> None:
    dated = fog.online(MODEL, start_time=START)
    with pytest.raises(fog.TimeError, match="is a number"):
        dated.step(3.0, "gps", 0.4)
    dated.step(START + timedelta(seconds=2), "gps", 0.4)
    plain = fog.online(MODEL, start_time=5.0)
    plain.step(7.0, "gps", 0.4)
    assert dated.belief.cov.tobytes() == plain.belief.cov.tobytes()
    dated.save(tmp_path / "a.live")
    for other in (dated.copy(), fog.restore(tmp_path / "a.live", MODEL)):
        with pytest.raises(fog.TimeError, match="is a number"):
            other.step(3.0, "gps", 0.4)
        assert repr(other) == repr(dated)


# Units


@pytest.mark.parametrize(("unit", "per"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_numbers_count_in_a_unit(unit: str, per: int) -> None:
    live, plain = fog.online(MODEL, lag=9.0), fog.online(MODEL, lag=9.0)
    for t in (1_600_000_000, 1_600_000_002, 1_600_000_003):
        live.step(t * per, "gps", 0.1 * (t % 7), unit=unit)
        plain.step(float(t), "gps", 0.1 * (t % 7))
    assert live.belief.cov.tobytes() == plain.belief.cov.tobytes() and live.info.time_ns == plain.info.time_ns
    for name in ("predict", "smoothed"):
        ask, expected = getattr(live, name), getattr(plain, name)
        assert ask(1_600_000_001 * per, unit=unit) == expected(1_600_000_001.0)


def test_a_stamp_in_another_unit_says_unit() -> None:
    with pytest.raises(fog.TimeError, match=r"292 years from zero: expected seconds.*say so with unit="):
        fog.online(MODEL).step(1_600_000_000_000_000_000, "gps", 0.0)
    with pytest.raises(fog.TimeError, match="unit = 'min': expected one of s, ms, us, ns"):
        fog.online(MODEL).step(1.0, "gps", 0.0, unit="min")


@pytest.mark.parametrize(
    "t",
    [None, "2026-01-01", b"1", [1.0], np.array([1.0]), True, np.True_, np.float32(1.0), 1j, float("nan"),
     float("inf"), np.datetime64("NaT"), pd.NaT, ...],
    ids=repr,
)  # fmt: skip
def test_what_is_no_time_is_refused(t: Any) -> None:
    live = after(0.0, 1.0)
    with pytest.raises(fog.TimeError) as caught:
        live.step(t, "gps", 1.0)
    assert caught.value.field == "t" and live.rows == 2


# Resolution


@pytest.mark.parametrize(
    "t", [2e-11, 4e-10, 1.4e-9, 2.5e-9, np.timedelta64(400, "ps"), np.timedelta64(1_400, "ps")], ids=repr
)
def test_a_step_that_rounding_changes_noticeably_is_refused(t: Any) -> None:
    live = fog.online(MODEL)
    live.step(0.0, "gps", 0.4)
    with pytest.raises(fog.TimeError, match="whole nanoseconds, and rounding to them changes this step"):
        live.step(t, "gps", 1.0)
    assert live.rows == 1


def test_rounding_of_floats_is_not_noticeable() -> None:
    """Neither of tenths added up, nor of seconds since 1970, where a float resolves 238 ns; nor of a repeated stamp."""
    live, t = fog.online(MODEL), 0.0
    for _ in range(300):
        live.step(t, "gps", 1.0)
        live.step(t + 1e-16, "gps", 1.0)
        t += 0.1
    assert live.counts == {"USED": 600} and live.time == 29.9
    live = fog.online(MODEL)
    for k in range(300):
        live.step(1.7e9 + k * 1e-3 / 3, "gps", 1.0)
        live.step(live.time, "gps", 1.0)
    assert live.counts == {"USED": 600}


def test_a_query_at_a_float_of_a_row_means_that_row() -> None:
    """`live.time` is a float: for rows since 1970 it is up to 119 ns off the row."""
    live = fog.online(MODEL, history=5.0, lag=5.0)
    for k in range(4):
        live.step(1_700_000_000_123_456_789 + 333_333_333 * k, "gps", 1.0, unit="ns")
    assert live.predict(live.time) == live.belief
    assert live.smoothed(live.time).cov.tobytes() == live.belief.cov.tobytes()
    live.step(live.time, "gps", 1.2)
    assert live.counts == {"USED": 5}, "the row at the newest time is not late"


# Wrong stamps, and clocks that jump


def readings(count: int = 200) -> Iterator[tuple[float, float]]:
    return ((k / 10, 0.1 * k + 0.3 * np.sin(7.0 * k)) for k in range(count))


@pytest.mark.parametrize("wrong", [1e6, -1e6, 27.3])
@pytest.mark.parametrize(
    "options", [{}, {"history": 0.5}, {"history": 0.5, "lag": 3.0, "gap": 0.25}], ids=str
)
def test_one_wrong_stamp_costs_one_reading(wrong: float, options: dict[str, Any]) -> None:
    live, without = (fog.online(MODEL, max_gap=2.0, **options) for _ in range(2))
    for k, (t, z) in enumerate(readings()):
        if k == 50:
            belief, info = live.step(wrong, "gps", z)
            assert info.status == fog.Status.TIME_JUMP | fog.Status.MISSING and belief == without.belief
            continue
        live.step(t, "gps", z)
        without.step(t, "gps", z)
    assert live.belief == without.belief and live.loglik == without.loglik and live.time == 19.9
    assert live.counts == without.counts | {"TIME_JUMP": 1, "MISSING": 1} and live.rows == 200


def test_without_max_gap_a_wrong_stamp_is_taken_and_the_repr_says_what_follows() -> None:
    live = fog.online(MODEL)
    for t, z in [(0.0, 0.0), (1e6, 0.1), (0.2, 0.2), (0.3, 0.3)]:
        live.step(t, "gps", z)
    assert repr(live) == "Live(EKF(), 4 rows, t = 1000000 s, 2 too late)"


@pytest.mark.parametrize("jump", [5_000.0, -5_000.0])
@pytest.mark.parametrize("history", [0.0, 0.5])
def test_a_clock_that_has_jumped_is_followed(jump: float, history: float) -> None:
    """Once its rows have gone on for longer than max_gap. Backwards, no time is known to have passed."""
    live = fog.online(MODEL, max_gap=2.0, history=history)
    seen = []
    for k, (t, z) in enumerate(readings()):
        seen.append(live.step(t + (jump if k >= 100 else 0.0), "gps", z)[1].status)
    left_out = fog.Status.TIME_JUMP | fog.Status.MISSING
    assert seen[:100] == [fog.Status.USED] * 100 and seen[100:121] == [left_out] * 21
    assert seen[121] == fog.Status.TIME_JUMP | fog.Status.USED and seen[122:] == [fog.Status.USED] * 78
    plain = fog.online(MODEL)
    for k, (t, z) in enumerate(readings()):
        if not 100 <= k < 121:  # the row 121, at 12.1 s, follows that at 9.9 s
            plain.step(t if k < 100 else t + max(jump, -2.2), "gps", z)
    assert live.time == pytest.approx(19.9 + jump)
    np.testing.assert_allclose(live.belief.cov, plain.belief.cov, rtol=1e-9)
    np.testing.assert_allclose(live.belief.mean, plain.belief.mean, rtol=1e-9)


def test_rows_of_two_clocks_in_turn_do_not_move_the_filter() -> None:
    live = fog.online(MODEL, max_gap=2.0)
    for k in range(200):
        live.step(0.1 * k + (1e6 if k % 2 else 0.0), "gps", 0.1 * k)
    assert live.counts == {"USED": 100, "MISSING": 100, "TIME_JUMP": 100} and live.time == 19.8


def test_rows_beyond_max_gap_that_raise_are_followed_too(tmp_path: Path) -> None:
    live = fog.online(MODEL, max_gap=2.0, on_bad="raise")
    live.step(0.0, "gps", 0.0)
    before = live.belief, live.loglik, live.rows
    for k in range(21):
        with pytest.raises(
            fog.TimeError, match=r"s after the row before it, at 0 s: expected at most max_gap = 2 s"
        ):
            live.step(1e4 + 0.1 * k, "gps", 0.0)
        assert (live.belief, live.loglik, live.rows) == before
        if k == 12:
            live.save(tmp_path / "a.live")
            live = fog.restore(tmp_path / "a.live", MODEL)
    live.step(1e4 + 2.1, "gps", 0.0)
    assert live.time == 1e4 + 2.1 and live.counts == {"USED": 2, "TIME_JUMP": 1}


@pytest.mark.parametrize("max_gap", [0.0, -1.0, float("nan"), "2", True, [1.0]])
def test_invalid_spans_are_refused(max_gap: Any) -> None:
    with pytest.raises(fog.TimeError, match=r"max_gap = .*: expected a number of seconds above 0"):
        fog.online(MODEL, max_gap=max_gap)


@pytest.mark.parametrize("history", [0.0, 1.0])
@pytest.mark.parametrize("unit", ["s", "ms"])
def test_two_sensors_may_report_at_one_time_whatever_its_rounding(history: float, unit: str) -> None:
    """A third of a second is no whole number of nanoseconds; said twice, it is still one time, as in a log."""
    model = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8), fog.sensing.linear("lidar", of="gap", std=0.1)],
        start=fog.Belief([5.0, 0.0], std=[1.0, 1.0]),
    )
    live = fog.online(model, history=history)
    times = np.arange(1, 6) / 3.0
    for t in times.tolist():
        live.step(t, "radar", 5.1, unit=unit)
        live.step(t, "lidar", 5.0, unit=unit)
    scale = 1.0 if unit == "s" else 1e-3
    log = fog.Log.from_arrays(
        np.repeat(times * scale, 2), radar=np.tile([5.1, np.nan], 5), lidar=np.tile([np.nan, 5.0], 5)
    )
    assert np.array_equal(live.belief.mean, fog.run(model, log).belief.mean)
    again = copy.copy(live)
    again.step(times[-1], "radar", 5.1, unit=unit)
    with pytest.raises(fog.TimeError):
        live.step(times[-1] + (4e-10 if unit == "s" else 4e-7), "radar", 5.1, unit=unit)
