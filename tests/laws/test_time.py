"""Functions of the time t: the same numbers as with the time as a control that is given row by row, to the bit, in
everything that reads rows; and as with the time as a state that is known exactly, to rounding.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from agreement.generated_c import Compiled
from foglight.compiler.kernels.filter import make_kernel
from foglight.inference import elapsed
from foglight.inference.stream import Stream

Array = NDArray[np.float64]
METHODS = [fog.EKF(), fog.EKF(form="joseph"), fog.EKF(iterations=3), fog.UKF()]
STATES = ("place", "speed")
Q = np.array([[0.03, 0.01], [0.01, 0.2]])
START = fog.Belief([0.5, -1.0], cov=np.array([[2.0, 0.3], [0.3, 1.0]]))


def moved(x: Any, dt: Any, p: Any, t: Any) -> list[Any]:
    return [x.place + dt * x.speed, x.speed - p.pull * dt * np.sin(0.7 * t) * x.place]


def disturbed(dt: Any, t: Any) -> Any:
    return Q * (dt * (1.0 + 0.1 * np.cos(t)))


def seen(x: Any, p: Any, t: Any) -> list[Any]:
    return [x.place * np.cos(0.2 * t) + p.drift * t]


def spread(t: Any) -> Any:
    return [[0.3 + 0.02 * t]]


PARAMS, SEEN = {"pull": 0.4}, {"drift": 0.05}


def timed(start: fog.Belief | None = START, turn: Any = lambda function: function) -> fog.Model:
    """Every function names t. turn: what each of them is made of."""
    motion = fog.Motion(
        STATES, turn(lambda x, dt, p, t: moved(x, dt, p, t)), turn(lambda dt, t: disturbed(dt, t)), PARAMS
    )
    eye = fog.Sensor("eye", ("angle",), turn(lambda x, t, p: seen(x, p, t)), turn(lambda t: spread(t)), SEEN)
    return fog.Model(motion, [eye], start)


def controlled(start: fog.Belief | None = START) -> fog.Model:
    """The time is a control."""
    motion = fog.Motion(
        STATES,
        lambda x, dt, p, u: moved(x, dt, p, u.now),
        lambda x, dt, p, u: disturbed(dt, u.now),
        PARAMS,
        controls=("now",),
    )
    eye = fog.Sensor(
        "eye",
        ("angle",),
        lambda x, p, u: seen(x, p, u.now),
        lambda x, p, u: spread(u.now),
        SEEN,
        controls=("now",),
    )
    return fog.Model(motion, [eye], start)


def with_a_clock() -> fog.Model:
    """The time is a state without variance."""
    motion = fog.Motion(
        (*STATES, "now"),
        lambda x, dt, p: [*moved(x, dt, p, x.now + dt), x.now + dt],
        lambda x, dt, p: np.pad(disturbed(dt, x.now + dt), (0, 1)),
        PARAMS,
    )
    eye = fog.Sensor("eye", ("angle",), lambda x, p: seen(x, p, x.now), lambda x: spread(x.now), SEEN)
    return fog.Model(motion, [eye], fog.Belief([*START.mean, 0.0], cov=np.pad(START.cov, (0, 1))))


RNG = np.random.default_rng(4)
TIMES = 7.3 + np.cumsum(RNG.choice([0.0, 0.1, 0.23, 0.4], 60))
Z = np.where(RNG.random(60) < 0.2, np.nan, RNG.normal(size=60))
FAR = 12 * 86_400.0  # seconds


def log_of(times: Array, z: Array, began: Any = None, **options: Any) -> tuple[fog.Log, fog.Log]:
    """A log for the model with t, and the same with the time as a control. began: seconds, for each row."""
    plain = fog.Log.from_arrays(times, eye=z, **options)
    origin = plain.time_ns[0] if began is None else np.rint(np.asarray(began) * 1e9).astype(np.int64)
    now = (plain.time_ns - origin) / 1e9
    return plain, fog.Log.from_arrays(times, eye=z, u=now, **options)


def same(one: Any, other: Any) -> None:
    """Two runs, smoothed runs or forecasts of the same bits."""
    assert one.filtered.mean.tobytes() == other.filtered.mean.tobytes()
    assert one.filtered.cov.tobytes() == other.filtered.cov.tobytes()
    assert one.loglik == other.loglik if np.ndim(one.loglik) == 0 else (one.loglik == other.loglik).all()


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize(
    "start", [START, fog.Belief([0.5, -1.0], std=[np.inf, 1.0])], ids=["known", "unknown"]
)
def test_a_run_and_all_that_follows_from_it(method: Any, start: fog.Belief) -> None:
    if start is not START and not method.factored:
        return
    log, given = log_of(TIMES, Z)
    run, other = fog.run(timed(start), log, method), fog.run(controlled(start), given, method)
    same(run, other)
    assert run.predicted.mean.tobytes() == other.predicted.mean.tobytes()
    assert run.gain.tobytes() == other.gain.tobytes()
    assert fog.smooth(run).mean.tobytes() == fog.smooth(other).mean.tobytes()
    draws = [fog.sample(each, 3, seed=1) for each in (run, other)]
    assert np.asarray(draws[0]).tobytes() == np.asarray(draws[1]).tobytes()


def test_the_time_as_a_state() -> None:
    log, _ = log_of(TIMES, Z)
    run, clock = fog.run(timed(), log), fog.run(with_a_clock(), log)
    np.testing.assert_allclose(clock.filtered.mean[:, :2], run.filtered.mean, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(clock.filtered.cov[:, :2, :2], run.filtered.cov, rtol=1e-12, atol=1e-14)
    assert clock.loglik == pytest.approx(run.loglik, rel=1e-13)


@pytest.mark.parametrize("start_time", [None, 7.0])
def test_each_track_has_its_own_start(start_time: float | None) -> None:
    times = np.concatenate([TIMES, TIMES + 2.0, TIMES[:20] + 0.5])
    z, track = np.concatenate([Z, -Z, Z[:20]]), np.repeat([3, 1, 2], [60, 60, 20])
    firsts = np.repeat(times[[0, 60, 120]], [60, 60, 20])
    firsts = firsts if start_time is None else np.full(140, start_time)
    log, given = log_of(times, z, firsts, track=track)
    runs = [fog.run(m, r, start_time=start_time) for m, r in ((timed(), log), (controlled(), given))]
    same(*runs)
    alone = fog.run(timed(), fog.Log.from_arrays(times[60:120], eye=z[60:120]), start_time=start_time)
    assert runs[0].filtered.mean[60:120].tobytes() == alone.filtered.mean.tobytes()
    ahead = [times.max() + 0.5, times.max() + 1.5]
    assert fog.forecast(runs[0], times=ahead).state.mean.shape == (6, 2)
    for k, first in enumerate((firsts[0], firsts[60], firsts[120])):
        u = np.rint((np.array(ahead) - first) * 1e9) / 1e9
        expected = fog.forecast(runs[1], times=ahead, u=u).state.mean.reshape(3, 2, 2)[k]
        found = fog.forecast(runs[0], times=ahead).state.mean.reshape(3, 2, 2)[k]
        assert found.tobytes() == expected.tobytes()


def test_series_that_share_their_times() -> None:
    z = np.stack([Z, -Z, 2.0 * Z])[:, :, None]
    run = fog.run(timed(), fog.Log.regular(z, dt=0.2))
    given = fog.run(controlled(), fog.Log.regular(z, dt=0.2, u=np.rint(0.2 * np.arange(60) * 1e9) / 1e9))
    same(run, given)
    one = fog.run(timed(), fog.Log.regular(z[1], dt=0.2))
    assert run.filtered.mean[1].tobytes() == one.filtered.mean.tobytes()


@pytest.mark.parametrize("start_time", [None, 7.0, 7.3 - FAR])
def test_a_forecast_is_the_run_on_rows_without_readings(start_time: float | None) -> None:
    ahead = TIMES[-1] + np.array([0.3, 0.3, 2.0])
    log, _ = log_of(TIMES, Z)
    longer, _ = log_of(np.append(TIMES, ahead), np.append(Z, [np.nan] * 3))
    run, whole = (fog.run(timed(), rows, start_time=start_time) for rows in (log, longer))
    found = fog.forecast(run, times=ahead)
    np.testing.assert_array_equal(found.state.mean, whole.filtered.mean[-3:])
    np.testing.assert_array_equal(found.state.cov, whole.filtered.cov[-3:])


@pytest.mark.parametrize("start_time", [None, 7.0])
def test_live_late_saved_and_smoothed(start_time: float | None, tmp_path: Path) -> None:
    model, lag = timed(), 5.0
    log = fog.Log.from_arrays(TIMES, eye=Z)
    run = fog.run(model, log, start_time=start_time)
    live = fog.online(model, start_time=start_time)
    late = fog.online(model, history=60.0, lag=lag, start_time=start_time)
    order = np.argsort(np.arange(60) + RNG.uniform(0.0, 12.0, 60), kind="stable")
    if start_time is not None:
        order = np.arange(60)
    for k in range(60):
        live.step(TIMES[k], "eye", Z[k])
    rows = _kept_in_order(order, TIMES)
    for step, k in enumerate(rows):
        _, info = late.step(TIMES[k], "eye", Z[k])
        if step == 30:
            late.save(tmp_path / "late.live")
            late = [late.copy(), fog.restore(tmp_path / "late.live", model)][step % 2]
        assert np.isfinite(info.predicted.mean).all()
    assert live.belief.mean.tobytes() == run.filtered.mean[-1].tobytes() and live.loglik == run.loglik
    assert late.belief.mean.tobytes() == live.belief.mean.tobytes() and late.loglik == live.loglik
    smoothed = fog.smooth(run)
    k = int(np.flatnonzero(np.diff(TIMES) > 0.0)[-4])  # the last row of its time
    assert late.smoothed(TIMES[k]).mean.tobytes() == smoothed.mean[k].tobytes()
    ahead = fog.forecast(run, times=[TIMES[-1] + 0.7])
    assert late.predict(TIMES[-1] + 0.7).mean.tobytes() == ahead.state.mean[0].tobytes()


def _kept_in_order(order: Array, times: Array) -> list[int]:
    """The rows in this order of arrival, those of one time in their own order."""
    found: list[int] = []
    for k in order.tolist():
        if k not in found:
            found += [int(i) for i in np.flatnonzero(times == times[k])]
    return found


def test_a_late_row_before_all_others_is_the_start() -> None:
    model = timed()
    live = fog.online(model, history=100.0)
    for k in (3, 4, 0, 5):
        live.step(TIMES[k] + k, "eye", 0.1 * k)
    log = fog.Log.from_arrays([TIMES[k] + k for k in (0, 3, 4, 5)], eye=[0.0, 0.3, 0.4, 0.5])
    run = fog.run(model, log)
    assert live.belief.mean.tobytes() == run.filtered.mean[-1].tobytes() and live.loglik == run.loglik


@pytest.mark.parametrize("cuts", [[1, 2, 30], [17, 59], [60]])
def test_a_log_in_parts_and_resumed(cuts: list[int]) -> None:
    model = timed()
    run = fog.run(model, fog.Log.from_arrays(TIMES, eye=Z))
    stream, first = Stream(model, fog.EKF()), 0
    for last in [*cuts, 60] if cuts[-1] < 60 else cuts:
        part = stream.feed(fog.Log.from_arrays(TIMES[first:last], eye=Z[first:last]), first > 0)
        assert part.filtered.mean.tobytes() == run.filtered.mean[first:last].tobytes()
        state, first = stream.state(), last
        stream = Stream(model, fog.EKF())
        stream.restore(state)
    assert stream.end().loglik + stream.end().open == run.loglik


def test_a_simulation() -> None:
    u = np.rint(0.1 * np.arange(80) * 1e9) / 1e9
    log, truth = fog.simulate(timed(), 80, 0.1, seed=2)
    given, other = fog.simulate(controlled(), 80, 0.1, seed=2, u=u)
    assert truth.tobytes() == other.tobytes() and log["eye.angle"].tobytes() == given["eye.angle"].tobytes()
    assert log.u is None


def test_tuning_and_comparing() -> None:
    log, _ = fog.simulate(timed(), 300, 0.1, seed=5)
    given = fog.Log.from_arrays(log.time, eye=log["eye.angle"], u=log.time)
    names = ["motion.pull", "eye.drift"]
    fit, other = (fog.tune(m, r, names) for m, r in ((timed(), log), (controlled(), given)))
    assert fit.model.parameters == other.model.parameters
    assert fit.loglik == other.loglik
    assert fog.check(fog.run(timed(), log)).ok == fog.check(fog.run(controlled(), given)).ok


def test_opaque_functions_are_given_t() -> None:
    log, _ = log_of(TIMES[:20], Z[:20])
    traced, called = fog.run(timed(), log), fog.run(timed(turn=fog.opaque), log)
    assert "called in Python" in called.engine
    np.testing.assert_allclose(called.filtered.mean, traced.filtered.mean, rtol=1e-7, atol=1e-8)
    live = fog.online(timed(turn=fog.opaque))
    for k in range(20):
        live.step(TIMES[k], "eye", Z[k])
    assert live.belief.mean.tobytes() == called.filtered.mean[-1].tobytes()


def test_generated_c_reads_t(tmp_path: Path) -> None:
    log, _ = log_of(TIMES, Z)
    run = fog.run(timed(), log)
    compiled = Compiled(make_kernel(timed(), fog.EKF()), tmp_path, ("-O2",))
    carry, records = compiled.run(run._arrays)
    assert carry.tobytes() == run._carry.tobytes()
    assert records[0, :, :2].tobytes() == run.filtered.mean.tobytes()


def test_comparing_methods() -> None:
    log, given = log_of(TIMES, Z)
    methods = [fog.EKF(), fog.UKF()]
    tables = [str(fog.compare(m, r, methods)) for m, r in ((timed(), log), (controlled(), given))]
    assert _without_times(tables[0]) == _without_times(tables[1])


def _without_times(table: str) -> str:
    """The words of a table, without times, whose columns are as wide as these need."""
    return " ".join(re.sub(r"[\d.]+ [nµm]?s\b|takes [\d.]+x", "", table).split())


def test_a_clock_that_jumps() -> None:
    """Rows that are left out, and a clock that is followed: t is that of the stamps."""
    times = np.array([0.0, 1.0, 90.0, 92.0, 140.0, 155.0, 156.0])
    z = [0.1, 0.2, 9.0, 0.3, 0.1, -0.2, 0.4]
    rows = log_of(times, np.array(z))
    runs = [
        fog.run(m, r, max_gap=60.0, on_bad="flag") for m, r in zip((timed(), controlled()), rows, strict=True)
    ]
    same(*runs)
    jumps = (runs[0].status & fog.Status.TIME_JUMP) != 0
    assert np.flatnonzero(jumps).tolist() == [2, 3, 4, 5]
    live = fog.online(timed(), max_gap=60.0)
    for t, value in zip(times, z, strict=True):
        live.step(t, "eye", value)
    assert live.belief.mean.tobytes() == runs[0].filtered.mean[-1].tobytes()


def test_a_model_without_t_is_unchanged() -> None:
    """Its kernels read no more than before, and its fingerprint is that of the same functions by position."""
    named = fog.Motion(("a",), lambda x, dt: [x.a * (1.0 - 0.1 * dt)], lambda dt: [[0.1 * dt]])
    placed = fog.Motion(("a",), lambda x, dt, p: [x.a * (1.0 - 0.1 * dt)], lambda x, dt, p: [[0.1 * dt]])
    gauge = fog.sensing.linear("gauge", of="a", std=0.5)
    live = [fog.online(fog.Model(m, [gauge], fog.Belief([1.0], std=[1.0]))) for m in (named, placed)]
    assert live[0].fingerprint == live[1].fingerprint
    runs = [fog.run(each.model, fog.Log.regular([1.0, 2.0, 1.5], dt=0.1)) for each in live]
    assert runs[0].loglik == runs[1].loglik and runs[0].engine == runs[1].engine


def test_a_steady_state_is_refused() -> None:
    motion = fog.Motion(("a",), lambda x, dt, t: [x.a + t], lambda dt: [[0.1 * dt]])
    model = fog.Model(motion, [fog.sensing.linear("s", of="a", std=0.5)], fog.Belief([1.0], std=[1.0]))
    with pytest.raises(fog.ModelError, match="names t, the time, and a filter then never settles"):
        fog.steady_state(model, dt=0.1)


def _off(stamps: Array, began: Any) -> Array:
    return elapsed.elapsed(stamps, began) + 1e-9


DEFECTS = [
    (
        "inference.prepare",
        lambda stamps, _: stamps / 1e9,
        "tracks",
    ),  # since 1970, or whenever the stamps begin
    ("inference.prepare", lambda stamps, began: elapsed.elapsed(stamps, began.min()), "tracks"),  # of the log
    (
        "inference.prepare",
        lambda stamps, began: np.append(0.0, elapsed.elapsed(stamps, began)[:-1]),
        "tracks",
    ),
    ("inference.rows_ahead", _off, "forecast"),
    ("live.history", _off, "live"),
    ("live.queries", _off, "live"),
]


@pytest.mark.parametrize(("module", "wrong", "law"), DEFECTS)
def test_a_time_that_is_wrong_is_noticed(
    module: str, wrong: Any, law: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The planted defects: t from another origin, of the row before, or off by a nanosecond."""
    laws = {
        "tracks": lambda: test_each_track_has_its_own_start(None),
        "forecast": lambda: test_a_forecast_is_the_run_on_rows_without_readings(7.0),
        "live": lambda: test_live_late_saved_and_smoothed(None, tmp_path),
    }
    monkeypatch.setattr(f"foglight.{module}.elapsed", wrong)
    with pytest.raises(AssertionError):
        laws[law]()
