"""Rows that come later than max_gap: refused, or left out until the clock that they are on is followed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.cli.demo import write_run
from foglight.cli.filter_file import filter_file
from foglight.inference.stream import Stream

MODEL = fog.Model(
    fog.motion.constant_velocity("p", accel=0.5),
    [fog.sensing.linear("gps", of="p", std=0.5), fog.sensing.linear("radar", of="p", std=0.8)],
    fog.Belief([0.3, 1.0], cov=[[1.0, 0.2], [0.2, 0.6]]),
)
JUMP, MISSING, USED = fog.Status.TIME_JUMP, fog.Status.MISSING, fog.Status.USED
Z = 0.1 * np.arange(60) + 0.3 * np.sin(7.0 * np.arange(60))


def log_of(time: Any, z: Any = Z, **options: Any) -> fog.Log:
    z = np.asarray(z)[: len(time)]
    radar = np.where(np.arange(len(time)) % 3 == 0, z + 0.1, np.nan)
    return fog.Log.from_arrays(time, gps=z, radar=radar, **options)


def test_a_row_beyond_max_gap_is_refused_with_its_time() -> None:
    with pytest.raises(fog.TimeError) as caught:
        fog.run(MODEL, log_of([0.0, 0.1, 500.0]), max_gap=2.0)
    assert str(caught.value) == (
        "row 2 at 500 s comes 499.9 s after the row before it, at 0.1 s: expected at most max_gap = 2 s. Drop the row, "
        "or give a longer max_gap; on_bad='flag' leaves such rows out."
    )
    assert (caught.value.field, caught.value.index, caught.value.value) == ("time", 2, 500.0)
    dated = log_of(np.array(["2026-03-02T10:15:00", "2036-03-02"], "M8[s]"))
    with pytest.raises(
        fog.TimeError, match=r"row 1 at 2036-03-02 00:00:00 comes .* at 2026-03-02 10:15:00: expected"
    ):
        fog.run(MODEL, dated, max_gap=60.0)


def test_rows_left_out_change_nothing() -> None:
    """The log ends with stamps from the far future, too few of them to be followed."""
    time = np.r_[np.arange(40) * 0.1, 1e6 + np.arange(5) * 0.1]
    run = fog.run(MODEL, log_of(time), max_gap=2.0, on_bad="flag")
    plain = fog.run(MODEL, log_of(time[:40]))
    assert run.filtered.mean[:40].tobytes() == plain.filtered.mean.tobytes() and run.loglik == plain.loglik
    assert (run.status[40:] == int(JUMP | MISSING)).all() and (run.status[:40] == int(USED)).all()
    assert run.belief == plain.belief and np.isnan(run.innovation[40:]).all()
    assert (run.filtered.mean[40:] == plain.filtered.mean[-1]).all()
    assert fog.smooth(run).mean[:40].tobytes() == fog.smooth(plain).mean.tobytes()


def test_a_forecast_goes_on_from_the_last_row_that_was_taken() -> None:
    time = np.r_[np.arange(40) * 0.1, 1e6 + np.arange(5) * 0.1]
    for track in (None, ["a"] * 20 + ["b"] * 25):
        log, plain = log_of(time, track=track), log_of(time[:40], track=None if track is None else track[:40])
        ahead = fog.forecast(fog.run(MODEL, log, max_gap=2.0, on_bad="flag"), times=[4.0, 5.0])
        expected = fog.forecast(fog.run(MODEL, plain), times=[4.0, 5.0])
        assert ahead.state.cov.tobytes() == expected.state.cov.tobytes()
        assert ahead.time.tolist() == expected.time.tolist()


def test_a_clock_that_has_jumped_is_followed_after_max_gap() -> None:
    time = np.r_[np.arange(20) * 0.1, 500.0 + np.arange(40) * 0.1]
    run = fog.run(MODEL, log_of(time), max_gap=1.0, on_bad="flag")
    assert (run.status[20:31] == int(JUMP | MISSING)).all() and run.status[31] == int(JUMP | USED)
    assert (run.status[32:] == int(USED)).all()
    kept = np.r_[0:20, 31:60]
    z, radar = Z[kept], np.where(kept % 3 == 0, Z[kept] + 0.1, np.nan)
    plain = fog.run(MODEL, fog.Log.from_arrays(time[kept], gps=z, radar=radar))
    assert run.filtered.mean[kept].tobytes() == plain.filtered.mean.tobytes() and run.loglik == plain.loglik


def test_rows_of_one_instant_far_off_are_not_followed() -> None:
    time = np.r_[np.arange(20) * 0.1, np.full(40, 500.0)]
    run = fog.run(MODEL, log_of(time), max_gap=1.0, on_bad="flag")
    assert (run.status[20:] == int(JUMP | MISSING)).all()


def test_each_track_has_its_own_clock() -> None:
    time = np.r_[np.arange(20) * 0.1, 700.0 + np.arange(20) * 0.1, 3.0, 90.0]
    track = ["a"] * 20 + ["b"] * 20 + ["c"] * 2
    run = fog.run(MODEL, log_of(time, track=track), max_gap=1.0, on_bad="flag")
    assert (run.status[:41] == int(USED)).all() and run.status[41] == int(JUMP | MISSING)
    with pytest.raises(fog.TimeError, match="row 41 at 90 s comes 87 s after the row before it"):
        fog.run(MODEL, log_of(time, track=track), max_gap=1.0)


def test_the_first_row_is_measured_from_start_time() -> None:
    log = log_of([5.0, 5.1])
    assert (fog.run(MODEL, log, max_gap=1.0).status == int(USED)).all()
    with pytest.raises(fog.TimeError, match="row 0 at 5 s comes 5 s after the row before it, at 0 s"):
        fog.run(MODEL, log, max_gap=1.0, start_time=0.0)
    assert (
        fog.run(MODEL, log, max_gap=5.0, start_time=0.0).loglik == fog.run(MODEL, log, start_time=0.0).loglik
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_live_filter_does_what_a_run_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.choice(
        [0.0, 0.1, 0.25, 0.9, 1.0, 1.1, 7.0, 400.0], 60, p=[0.1, 0.4, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]
    )
    log = log_of(np.cumsum(steps), np.cumsum(rng.normal(size=60)))
    run = fog.run(MODEL, log, max_gap=1.0, gap=0.95, on_bad="flag")
    live = fog.online(MODEL, max_gap=1.0, gap=0.95)
    for k in range(60):
        belief, info = live.step(log.time[k], None, log.bind(MODEL)[k])
        assert belief.mean.tobytes() == run.filtered.mean[k].tobytes(), k
        assert int(info.status) == run.status[k], k
    assert live.loglik == run.loglik and "TIME_JUMP" in live.counts


@pytest.mark.parametrize("rows", [1, 3, 7, 19, 60])
def test_parts_of_any_size_give_the_bytes_of_the_whole(rows: int, tmp_path: Path) -> None:
    time = np.r_[np.arange(20) * 0.1, 500.0 + np.arange(25) * 0.1, 900.0 + np.arange(15) * 0.1]
    log = log_of(time)
    log.write(tmp_path / "log.csv")
    options: dict[str, Any] = {"max_gap": 1.0, "gap": 0.5, "on_bad": "flag"}
    write_run(tmp_path / "whole.csv", fog.run(MODEL, log, **options))
    source = fog.open_log(tmp_path / "log.csv")
    totals = filter_file(source, MODEL, fog.EKF(), tmp_path / "out.csv", rows=rows, **options)
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert totals.flags["TIME_JUMP"] == 24 and totals.rows == 60
    stream, other = Stream(MODEL, fog.EKF(), **options), Stream(MODEL, fog.EKF(), **options)
    for part in source.parts(rows=rows):
        stream.feed(part.log, part.goes_on)
        other.restore(stream.state())
        assert other.state() == stream.state()
        stream, other = other, stream
    with pytest.raises(fog.TimeError, match="row 20 at 500 s"):
        filter_file(source, MODEL, fog.EKF(), tmp_path / "no.csv", rows=rows, max_gap=1.0)


def test_controls_of_rows_left_out_do_not_act() -> None:
    pushed = fog.Model(
        fog.Motion(
            ("p", "v"),
            lambda x, dt, p, u: [x.p + dt * x.v, x.v + dt * u.push],
            lambda x, dt, p, u: [[0.01 * dt, 0.002 * dt], [0.002 * dt, 0.1 * dt]],
            controls=("push",),
        ),
        MODEL.sensors,
        MODEL.start,
    )
    time = np.r_[np.arange(20) * 0.1, 500.0, 500.1]
    u = np.r_[np.full(20, 0.3), 99.0, 99.0]
    run = fog.run(pushed, log_of(time, u=u), max_gap=1.0, on_bad="flag")
    assert run.belief == fog.run(pushed, log_of(time[:20], u=u[:20])).belief


@pytest.mark.parametrize("max_gap", [0.0, -1.0, float("nan"), "2", True])
def test_invalid_spans_are_refused(max_gap: Any) -> None:
    with pytest.raises(fog.TimeError, match=r"max_gap = .*: expected a number of seconds above 0"):
        fog.run(MODEL, log_of([0.0, 1.0]), max_gap=max_gap)
    with pytest.raises(fog.TimeError, match=r"max_gap = .*"):
        Stream(MODEL, fog.EKF(), max_gap=max_gap)
