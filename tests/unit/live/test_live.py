"""The live filter, row by row: the bits of a run, input and output, predictions, copies, counts, speed."""

import copy
import pickle
import time
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.llvm_engine import LlvmBackend
from unit.live_cases import METHODS, MODELS, columns_of, log_of, plane, rows


def bits(belief: fog.Belief) -> list[bytes]:
    return [array.tobytes() for array in (belief.mean, *belief.factor, belief.cov)]


CASES = [("two sensors", method) for method in METHODS]
CASES += [("limits", "EKF"), ("controls", "gated"), ("matrices", "EKF"), ("opaque", "EKF")]


@cache
def model_of(name: str) -> fog.Model:
    return MODELS[name]()


def one_gauge(**options: Any) -> Any:
    """A live filter with one state and one sensor of one component."""
    return fog.online(gauge(), **options)


@cache
def gauge() -> fog.Model:
    walk = fog.motion.random_walk(("level",), std=0.3)
    return fog.Model(walk, [fog.sensing.linear("gauge", of="level", std=0.5)], fog.Belief([1.0], std=[2.0]))


@pytest.mark.parametrize(("name", "method"), CASES)
def test_every_row_has_the_bits_of_a_run(name: str, method: str) -> None:
    model = model_of(name)
    given = rows(model)
    run = fog.run(model, log_of(model, given), METHODS[method], gap=0.5)
    lives = [
        fog.online(model, METHODS[method], history=history, gap=gap)
        for history, gap in ((0, None), (0.5, 0.5))
    ]
    for k, row in enumerate(given):
        at = columns_of(model, row.sensor)
        for live in lives:
            belief, info = row.step(live)
            assert belief.mean.tobytes() == run.filtered.mean[k].tobytes()
            if METHODS[method].factored:
                assert [a.tobytes() for a in belief.factor] == [a[k].tobytes() for a in run.filtered.factor]
            assert info.innovation.tobytes() == run.innovation[k, at].tobytes()
            assert info.nis == run.nis[k] or np.isnan([info.nis, run.nis[k]]).all()
            assert info.loglik == run.row_loglik[k] and info.time == run.time[k] and info.sensor == row.sensor
            if k % 4 == 0 and name != "opaque":
                assert info.innovation_cov.tobytes() == run.innovation_cov[k, at, at].tobytes()
                assert info.gain.tobytes() == run.gain[k][:, at].tobytes()
                assert info.predicted.mean.tobytes() == run.predicted.mean[k].tobytes()
        assert info.status == run.status[k]
    for live in lives:
        assert bits(live.belief) == bits(run.belief) and live.loglik == run.loglik
        assert live.rows == len(given) and live.time == run.time[-1]
    assert lives[1].counts == counted(run.status)
    assert {"USED", "PARTIAL", "AFTER_GAP"} <= set(lives[1].counts)


def counted(status: Any) -> dict[str, int]:
    names = [str(flag.name) for value in status for flag in fog.Status(int(value))]
    return {name: names.count(name) for name in set(names)}


def test_a_row_of_all_sensors_is_a_row_of_the_log() -> None:
    model = model_of("two sensors")
    z = np.random.default_rng(3).normal(size=(20, 4)) + 2.0
    z[4, :2] = z[7] = z[9, 3] = np.nan
    run = fog.run(model, fog.Log.from_arrays(np.arange(20) / 10, fix=z[:, :2], beacon=z[:, 2:]), fog.UKF())
    live = fog.online(model, fog.UKF())
    for k, row in enumerate(z):
        belief, info = live.step(k / 10, None, row)
        assert belief.mean.tobytes() == run.filtered.mean[k].tobytes()
        assert info.innovation.tobytes() == run.innovation[k].tobytes()
        assert info.innovation_cov.tobytes() == run.innovation_cov[k].tobytes()
        assert info.gain.tobytes() == run.gain[k].tobytes() and info.status == run.status[k]
        assert info.predicted.mean.tobytes() == run.predicted.mean[k].tobytes()
    assert live.loglik == run.loglik and "beacon" not in repr(live) and "20 rows" in repr(live)


def test_successive_calls_at_one_stamp_are_one_row() -> None:
    model = model_of("two sensors")
    z = np.random.default_rng(4).normal(size=(20, 4)) + 2.0
    run = fog.run(model, fog.Log.from_arrays(np.arange(20) / 10, fix=z[:, :2], beacon=z[:, 2:]))
    live = fog.online(model)
    for k, row in enumerate(z):
        live.step(k / 10, "fix", row[:2])
        belief, _ = live.step(k / 10, "beacon", row[2:])
        assert belief.mean.tobytes() == run.filtered.mean[k].tobytes()
    assert bits(live.belief) == bits(run.belief)
    assert live.loglik == pytest.approx(run.loglik, rel=1e-14)


def test_start_time_predicts_to_the_first_row() -> None:
    model, log = gauge(), fog.Log.from_arrays([2.0, 3.0], gauge=[1.5, 1.0])
    run = fog.run(model, log, start_time=0.5)
    for start in (0.5, np.timedelta64(500, "ms")):
        live = fog.online(model, start_time=start)
        assert live.time == 0.5 and live.belief == model.start and live.info is None
        for t, z in ((2.0, 1.5), (3.0, 1.0)):
            live.step(t, "gauge", z)
        assert live.belief == run.belief


@pytest.mark.parametrize(
    "t",
    [
        2.5, np.float64(2.5), np.timedelta64(2_500, "ms"), timedelta(seconds=2.5),
        np.timedelta64(2_500_000_000, "ns"),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize(
    "z",
    [1.5, [1.5], (1.5,), np.array([1.5]), np.array(1.5), np.float32(1.5), np.array([1.5], ">f8")],
    ids=repr,
)
def test_times_and_readings_of_many_kinds(t: Any, z: Any) -> None:
    plain, live = one_gauge(), one_gauge()
    for one, at, reading in ((plain, 2.5, [1.5]), (live, t, z)):
        one.step(1, "gauge", [2])
        one.step(at, "gauge", reading)
    assert bits(live.belief) == bits(plain.belief) and live.info.time_ns == 2_500_000_000


def test_stamps_are_those_of_a_log() -> None:
    """Seconds become nanoseconds exactly as they do in a log, before and after zero."""
    rng = np.random.default_rng(8)
    times = np.sort(
        np.concatenate([rng.uniform(-1e9, 2e9, 200), rng.uniform(-3, 3, 200), [-1e-9, 1e-9, 3e-9]])
    )
    stamps = fog.Log.from_arrays(times, gauge=np.zeros(len(times))).time_ns
    live = one_gauge()
    assert [live.step(t, "gauge", None)[1].time_ns for t in times.tolist()] == stamps.tolist()


def test_belief_and_info_stay_what_they_were() -> None:
    live = fog.online(model_of("two sensors"))
    kept = [row.step(live) for row in rows(live.model, count=12)]
    seen = [(belief.mean.copy(), info.status, info.nis) for belief, info in kept]
    for row in rows(live.model, seed=6, count=12):
        live.step(live.time + 0.1, row.sensor, row.z)
    for (belief, info), (mean, status, nis) in zip(kept, seen, strict=True):
        assert (belief.mean == mean).all() and info.status == status and (info.nis == nis or nis != nis)
        assert belief.names == live.model.state and belief.cov.shape == (4, 4)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = belief.nothing
    assert isinstance(belief, fog.Belief) and copy.copy(belief) is belief
    again = pickle.loads(pickle.dumps(belief))
    assert type(again) is fog.Belief and again == belief
    assert copy.copy(info) is info and copy.deepcopy(info) is info
    seconds = f"{info.time_ns / 1e9:.9f}".rstrip("0").rstrip(".")
    assert str(info).startswith(f"Info({info.sensor} at {seconds} s: ")


def test_predict_looks_ahead_and_changes_nothing() -> None:
    live = fog.online(model_of("two sensors"), history=10.0)
    for row in rows(live.model, count=30):
        row.step(live)
    before = live._saved_state().carry.tobytes(), live.rows, live.counts
    ahead = live.predict(live.time + 0.7)
    assert (live._saved_state().carry.tobytes(), live.rows, live.counts) == before
    moved = live.copy()
    assert moved.step(live.time + 0.7)[0] == ahead and moved.info.status == fog.Status.MISSING
    assert live.predict(live.time) == live.belief


def test_predict_within_the_history_is_what_was_known_then() -> None:
    model = model_of("two sensors")
    given = rows(model, count=30)
    live, early = fog.online(model, history=100.0), fog.online(model)
    for row in given:
        row.step(live)
    for row in given[:18]:
        row.step(early)
    assert given[17].t < given[18].t
    assert live.predict(given[17].t) == early.belief
    between = given[17].t + (given[18].t - given[17].t) // 2
    assert live.predict(between) == early.predict(between)
    with pytest.raises(fog.TimeError, match="is before the start of the filter"):
        live.predict(given[0].t - np.timedelta64(1, "ns"))
    with pytest.raises(fog.TimeError, match=r"older than the newest row: expected at most history = 0 s"):
        early.predict(given[3].t)
    with pytest.raises(fog.TimeError, match="is before the start of the filter"):
        fog.online(model).predict(3.0)


def test_controls_are_needed_where_time_passes() -> None:
    live = fog.online(model_of("controls"))
    live.step(1.0, "fix", [1.0, 2.0])
    live.step(1.0, "beacon", [2.0, 0.5])
    with pytest.raises(fog.DataError, match=r"u = None: expected 2 finite numbers \(ax, ay\)"):
        live.step(1.1, "fix", [1.0, 2.0])
    for u in ([1.0], [1.0, np.nan], [[1.0, 2.0]], 3.0):
        with pytest.raises(fog.DataError, match="Pass the controls that acted since the row before"):
            live.step(1.1, "fix", [1.0, 2.0], u)
    with pytest.raises(fog.DataError, match="u = None"):
        live.predict(1.5)
    assert live.time == 1.0 and live.rows == 2
    assert live.predict(1.1, [1.0, 0.5]) == live.copy().step(1.1, u=[1.0, 0.5])[0]
    with pytest.raises(fog.DataError, match=r"the model has no controls\. Leave it out"):
        one_gauge().step(1.0, "gauge", 1.0, u=[1.0])


def test_a_copy_goes_its_own_way() -> None:
    live = fog.online(model_of("two sensors"), fog.EKF(gate=0.9), history=0.4, gap=0.3, repeats="skip")
    given = rows(live.model)
    for row in given[:30]:
        row.step(live)
    others = [live.copy(), copy.copy(live), copy.deepcopy(live)]
    before = (bits(live.belief), live.counts, live.time)
    for row in given[30:]:
        for other in others:
            row.step(other)
    assert (bits(live.belief), live.counts, live.time) == before
    for row in given[30:]:
        row.step(live)
    for other in others:
        assert (
            bits(other.belief) == bits(live.belief)
            and other.counts == live.counts
            and other.loglik == live.loglik
        )
        assert other.info.status == live.info.status
        assert other.info.innovation.tobytes() == live.info.innovation.tobytes()
    with pytest.raises(fog.StateError, match=r"cannot be pickled\. .*write live\.dumps"):
        pickle.dumps(live)


def test_repeats_are_skipped_as_in_a_run() -> None:
    model = model_of("two sensors")
    given = rows(model)
    run = fog.run(model, log_of(model, given, repeats="skip"))
    live = fog.online(model, repeats="skip")
    status = [int(row.step(live)[1].status) for row in given]
    assert status == run.status.tolist() and bits(live.belief) == bits(run.belief)
    assert live.counts["REPEATED"] >= 5


def test_what_cannot_be_used_is_flagged_counted_and_left_out() -> None:
    live = one_gauge()
    live.step(1.0, "gauge", 1.5)
    belief, info = live.step(2.0, "gauge", np.inf)
    assert info.status == fog.Status.NONFINITE and belief == live.predict(2.0) and np.isnan(info.nis)
    before = bits(live.belief), live.loglik, live.time
    belief, info = live.step(1.5, "gauge", 7.0)
    assert info.status == fog.Status.LATE | fog.Status.MISSING and np.isnan(info.innovation).all()
    assert (bits(live.belief), live.loglik, live.time) == before and belief == live.belief
    assert info.time == 1.5 and info.loglik == 0.0 and info.innovation_cov.shape == (1, 1)
    assert live.rows == 3 and live.counts == {"USED": 1, "MISSING": 1, "LATE": 1, "NONFINITE": 1}


def test_under_raise_nothing_changes() -> None:
    live = one_gauge(on_bad="raise", history=1.0)
    for t in (1.0, 2.0, 3.0):
        live.step(t, "gauge", t)
    before = bits(live.belief), live.loglik, live.time, live.rows, live.counts, live.info.nis
    for t, z, error, words in (
        (4.0, np.inf, fog.DataError, r"gauge.level = inf at row 3 \(t = 4 s\)"),
        (2.5, np.inf, fog.DataError, r"gauge.level = inf at row 2 \(t = 2.5 s\)"),
        (
            1.5,
            1.0,
            fog.TimeError,
            r"t = 1.5 s is 1.5 s older than the newest row: expected at most history = 1 s",
        ),
        (np.nan, 1.0, fog.TimeError, "is not a time"),
        (1e12, 1.0, fog.TimeError, "292 years"),
    ):
        with pytest.raises(error, match=words):
            live.step(t, "gauge", z)
        assert (bits(live.belief), live.loglik, live.time, live.rows, live.counts, live.info.nis) == before


def test_memory_is_bounded_by_the_history() -> None:
    live = one_gauge(history=0.5)
    for k in range(3_000):
        live.step(k * 0.01, "gauge", 1.0)
    history = live._saved_state().history
    assert len(history) == 51 and len(live._history.table.stamps) < 200
    for k in range(300):
        live.step(30.0 - 0.3 * (k % 2), "gauge", 1.0)  # half of them late, and all of them within the window
    live.step(40.0, "gauge", 1.0)
    assert len(live._history) == 1


def test_without_llvm_the_bits_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, given = fog.online(model_of("matrices")), rows(model_of("matrices"), count=15)
    for row in given:
        row.step(compiled)
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    live = fog.online(MODELS["matrices"](), history=0.2)
    for row in given:
        row.step(live)
    assert bits(live.belief) == bits(compiled.belief) and live.loglik == compiled.loglik


def test_a_step_is_seven_times_quicker_than_filterpy() -> None:
    """4 states, 2 measures, the whole call. The two take turns and medians of blocks are compared, so that a busy
    machine slows both; if only one of them was slowed, the comparison is repeated."""
    from filterpy.kalman import KalmanFilter

    live, other = fog.online(plane(model_of("two sensors").sensors[0]), fog.EKF()), KalmanFilter(4, 2)
    other.F, other.H = np.eye(4) + 0.1 * np.eye(4, k=2), np.eye(4)[:2]
    z = np.random.default_rng(1).normal(size=(200, 2))
    lists = z.tolist()

    def ours(start: float) -> None:
        for k, reading in enumerate(lists):
            live.step(start + 0.1 * k, "fix", reading)

    def theirs(start: float) -> None:
        for reading in z:
            other.predict()
            other.update(reading)

    ratios: list[float] = []
    while len(ratios) < 4 and max(ratios, default=0.0) < 7.0:
        taken: dict[Any, list[float]] = {ours: [], theirs: []}
        for block in range(25):
            for call, times in taken.items():
                began = time.perf_counter()
                call(20.0 * (25 * len(ratios) + block))
                times.append(time.perf_counter() - began)
        ratios.append(float(np.median(taken[theirs]) / np.median(taken[ours])))
    assert max(ratios) >= 7.0, ratios


@pytest.mark.parametrize("option", ["history", "gap"])
def test_spans_are_numbers_of_seconds(option: str) -> None:
    with pytest.raises(fog.TimeError, match=f"{option} = np.timedelta64"):
        one_gauge(**{option: np.timedelta64(1, "s")})
