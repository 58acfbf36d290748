"""Tracks of different lengths, one after another: each is the run of its own rows, to the bit."""

from functools import cache
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend

START = fog.Belief([5, 0, 1, -1], cov=[[4, 1, 0, 0.5], [1, 2, 0.3, 0], [0, 0.3, 1, 0.2], [0.5, 0, 0.2, 3]])


@cache
def plane() -> fog.Model:
    """Two sensors on a plane, one of them nonlinear."""
    return fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.4),
        [fog.sensing.linear("gps", of=("x", "y"), std=0.8), fog.sensing.range("radar", std=0.3)],
        start=START,
    )


def opaque() -> fog.Model:
    """Two states that are run on the reference path."""
    walk = fog.motion.constant_velocity(("gap",), accel=0.4)
    seen = fog.opaque(lambda x, p: [np.sqrt(1.0 + x.gap**2)])
    radar = fog.Sensor("radar", ("range",), seen, lambda x, p: [[0.3]])
    return fog.Model(walk, [radar], start=fog.Belief([5, 1], cov=[[2, 0.3], [0.3, 1]]))


def varying(rows: int) -> fog.Model:
    """A linear model whose matrices differ from row to row."""
    rng = np.random.default_rng(8)
    F = np.array([[1.0, 0.1], [-0.2, 0.9]]) + 0.05 * rng.standard_normal((rows, 2, 2))
    H = np.array([[1.0, 0.4]]) + 0.1 * rng.standard_normal((rows, 1, 2))
    return fog.linear_model(F, [[0.2, 0.05], [0.05, 0.1]], H, [[0.5]], start=fog.Belief([0, 1], std=[1, 2]))


def recordings(lengths: list[int], seed: int, **shapes: int) -> list[dict[str, Any]]:
    """Arrays for Log.from_arrays: irregular stamps, missing components and rows."""
    rng = np.random.default_rng(seed)
    found = []
    for rows in lengths:
        arrays: dict[str, Any] = {
            "time": 3.0 + rng.uniform(0, 2) + np.cumsum(rng.integers(0, 5, rows)) * 0.037
        }
        for name, width in shapes.items():
            z = 5.0 + rng.standard_normal((rows, width)).cumsum(axis=0)
            z[rng.random((rows, width)) < 0.25] = np.nan
            arrays[name] = z
        found.append(arrays)
    return found


def joined(each: list[dict[str, Any]]) -> fog.Log:
    labels = np.repeat([f"walker {k}" for k in range(len(each))], [len(one["time"]) for one in each])
    arrays: dict[str, Any] = {name: np.concatenate([one[name] for one in each]) for name in each[0]}
    return fog.Log.from_arrays(track=labels, **arrays)


def bits(run: fog.Run) -> dict[str, bytes]:
    names = ("innovation", "nis", "row_loglik", "status", "gain", "innovation_cov")
    found = {name: np.ascontiguousarray(getattr(run, name)).tobytes() for name in names}
    found |= {"mean": run.filtered.mean.tobytes(), "cov": run.filtered.cov.tobytes()}
    return found | {"before": run.predicted.mean.tobytes(), "U": run.filtered.factor[0].tobytes()}


LENGTHS = [1, 40, 3, 1, 17, 200, 2]


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.UKF(alpha=0.5), fog.EKF(form="joseph"), fog.EKF(iterations=2)], ids=repr
)
def test_each_track_is_the_run_of_its_rows(method: Any) -> None:
    each = recordings(LENGTHS, 1, gps=2, radar=1)
    run = fog.run(plane(), joined(each), method)
    alone = [fog.run(plane(), fog.Log.from_arrays(**one), method) for one in each]
    parts = [bits(one) for one in alone]
    assert bits(run) == {name: b"".join(part[name] for part in parts) for name in parts[0]}
    assert run.loglik.tolist() == [one.loglik for one in alone] and len(set(run.loglik)) == len(LENGTHS)
    assert [b.mean.tolist() for b in run.belief] == [one.belief.mean.tolist() for one in alone]
    assert run.track is not None and run.track.tolist() == np.repeat(range(7), LENGTHS).tolist()
    assert "7 tracks, 264 rows" in repr(run) and "lanes" in run.engine


def test_the_last_beliefs_alone() -> None:
    log = joined(recordings(LENGTHS, 2, gps=2, radar=1))
    every, last = fog.run(plane(), log), fog.run(plane(), log, keep="last")
    assert last.loglik.tolist() == every.loglik.tolist()
    assert [b.mean.tolist() for b in last.belief] == [b.mean.tolist() for b in every.belief]


def test_a_model_that_is_not_compiled() -> None:
    each = recordings([4, 1, 9], 3, radar=1)
    run, alone = (
        fog.run(opaque(), joined(each)),
        [fog.run(opaque(), fog.Log.from_arrays(**one)) for one in each],
    )
    assert run.filtered.mean.tobytes() == b"".join(one.filtered.mean.tobytes() for one in alone)
    assert run.loglik.tolist() == [one.loglik for one in alone] and "called in Python" in run.engine


def test_without_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    log = joined(recordings([5, 1, 30], 4, gps=2, radar=1))
    compiled = bits(fog.run(plane(), log))
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    assert bits(fog.run(plane(), log)) == compiled


def test_matrices_row_by_row_belong_to_the_rows_of_the_log() -> None:
    each = recordings([6, 11], 5, sensor=1)
    run = fog.run(varying(17), joined(each))
    whole = varying(17)
    for rows, one in ((slice(0, 6), each[0]), (slice(6, 17), each[1])):
        F, H = whole.rows["F"][rows], whole.rows["H"][rows]
        alone = fog.linear_model(F, [[0.2, 0.05], [0.05, 0.1]], H, [[0.5]], start=whole.start)
        assert (
            fog.run(alone, fog.Log.from_arrays(**one)).filtered.mean.tobytes()
            == run.filtered.mean[rows].tobytes()
        )
    with pytest.raises(fog.ModelError, match="17 entries, but the log has 16 rows"):
        fog.run(varying(17), joined(recordings([6, 10], 5, sensor=1)))


def test_every_track_waits_from_the_time_of_the_start() -> None:
    each = recordings([5, 8], 6, gps=2, radar=1)
    run = fog.run(plane(), joined(each), start_time=2.5)
    alone = [fog.run(plane(), fog.Log.from_arrays(**one), start_time=2.5) for one in each]
    assert run.loglik.tolist() == [one.loglik for one in alone]
    assert run.loglik.tolist() != fog.run(plane(), joined(each)).loglik.tolist()
    with pytest.raises(fog.TimeError, match="after the first row"):
        fog.run(plane(), joined(each), start_time=min(one["time"][0] for one in each) + 1e-6)


def test_a_gap_is_flagged_within_a_track_only() -> None:
    time = np.array([0.0, 0.1, 0.9, 7.0, 7.2, 7.7000001])
    log = fog.Log.from_arrays(time, track=[1, 1, 1, 2, 2, 2], gps=np.ones((6, 2)), radar=np.ones(6))
    after = [bool(status & fog.Status.AFTER_GAP) for status in fog.run(plane(), log, gap=0.5).status]
    assert after == [False, False, True, False, False, True]
    assert not (fog.run(plane(), log).status & fog.Status.AFTER_GAP).any()
    plain, waited = fog.run(plane(), log), fog.run(plane(), log, gap=0.5, start_time=-100.0)
    assert not waited.status[0] & fog.Status.AFTER_GAP
    assert fog.run(plane(), log, gap=0.5).filtered.mean.tobytes() == plain.filtered.mean.tobytes()


def test_repeats_are_flagged() -> None:
    z = np.array([1.0, 1.0, 2.0, 2.0, np.nan, 2.0])
    log = fog.Log.from_arrays(
        np.arange(6.0),
        track=list("aaabbb"),
        gps=np.ones((6, 2)) * z[:, None] * [1, 2],
        radar=z,
        repeats="skip",
    )
    run = fog.run(plane(), log)
    repeated = [bool(status & fog.Status.REPEATED) for status in run.status]
    assert repeated == [False, True, False, False, False, True]
    assert np.isnan(run.innovation[[1, 5]]).all() and not np.isnan(run.innovation[[0, 2, 3]]).any()


@pytest.mark.parametrize("gap", [0.0, -1.0, float("nan"), True, "1"])
def test_an_invalid_gap_is_refused(gap: Any) -> None:
    log = joined(recordings([3], 7, gps=2, radar=1))
    with pytest.raises(fog.TimeError, match="gap = "):
        fog.run(plane(), log, gap=gap)


@pytest.mark.parametrize("keep", ["all", "last"])
def test_the_first_bad_row_is_named_with_its_track(keep: str) -> None:
    each = recordings([6, 9, 4], 9, gps=2, radar=1)
    each[1]["radar"][0] = np.inf
    each[2]["radar"][1] = np.inf
    log = joined(each)
    with pytest.raises(
        fog.DataError, match=r"radar.range = inf at row 6 \(t = [\d.]+ s, track walker 1\)"
    ) as caught:
        fog.run(plane(), log, keep=keep)
    assert caught.value.index == 6
    flagged = fog.run(plane(), log, on_bad="flag")
    assert np.flatnonzero(flagged.status & fog.Status.NONFINITE).tolist() == [6, 16]


def test_an_error_of_a_function_names_its_track() -> None:
    def seen(x: Any, p: Any) -> Any:
        return [x.gap if x.gap < 50 else float("nan")] if x.gap < 40 else "far"

    walk = fog.motion.constant_velocity(("gap",), accel=9.0)
    model = fog.Model(
        walk,
        [fog.Sensor("radar", ("range",), fog.opaque(seen), lambda x, p: [[0.01]])],
        start=fog.Belief([5, 0], std=[5, 5]),
    )
    log = fog.Log.from_arrays([0.0, 1, 0, 1, 2], track=["near"] * 2 + ["far"] * 3, radar=[4.0, 5, 30, 90, 90])
    with pytest.raises(fog.ModelError, match=r"row 4 \(t = 2 s, track far\)") as caught:
        fog.run(model, log)
    assert isinstance(caught.value.index, int) and caught.value.index == 4


def test_a_track_costs_little() -> None:
    """One call of the compiled scan per track: what Python adds takes less time than filtering a hundred rows."""
    from time import perf_counter

    rows, tracks = 60_000, 2_000
    rng = np.random.default_rng(1)
    arrays: dict[str, Any] = {
        "time": np.arange(rows) * 0.1,
        "gps": rng.standard_normal((rows, 2)),
        "radar": 5 + rng.random(rows),
    }
    one = fog.Log.from_arrays(**arrays)
    many = fog.Log.from_arrays(track=np.repeat(np.arange(tracks), rows // tracks), **arrays)
    model = plane()

    def taken(log: fog.Log) -> float:
        begun = perf_counter()
        fog.run(model, log)
        return perf_counter() - begun

    first, second = (min(taken(log) for _ in range(5)) for log in (one, many))
    a_row = first / rows
    assert (second - first) / tracks < 100 * a_row


def test_sharing_memos_changes_no_bit() -> None:
    """Tracks with equal stamps reuse each other's covariances, to the bit (compiler/backends/llvm_memo.py)."""
    model = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.8)],
        start=fog.Belief([5, 0], cov=[[2, 0.3], [0.3, 1]]),
    )  # fmt: skip
    z = np.random.default_rng(2).standard_normal(900)
    log = fog.Log.from_arrays(np.tile(np.arange(90) * 0.1, 10), track=np.repeat(np.arange(10), 90), radar=z)
    run = fog.run(model, log)
    from foglight.compiler.backends import interpreter

    engine = run._engine
    assert isinstance(engine, CompiledEngine)
    alone = [interpreter.scan(engine.kernel, one)[1] for one in run._arrays.each()]
    assert np.concatenate(alone, axis=1).tobytes() == run._kept.tobytes()
