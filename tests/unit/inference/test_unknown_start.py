"""A start with unknown states: runs, tracks, parts, live filters, files; what is reported and refused."""

import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.cli.demo import write_run
from foglight.cli.filter_file import filter_file
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine import two_phase_engine
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.kernels.filter import filter_recipe
from foglight.inference.stream import Stream
from foglight.methods.diffuse_start import Diffuse
from foglight.model import model_file
from unit.on_arrays import on_arrays

Array = NDArray[np.float64]
METHODS = [fog.EKF(), fog.UKF(), fog.EKF(gate=0.99, huber=2.0)]
STAMPS = np.array([0.0, 0.4, 0.4, 1.1, 1.5, 1.9, 2.7, 3.0, 3.2, 4.1])


@cache
def model(opaque: bool = False, tie: float = 0.0) -> fog.Model:
    """A gap with its speed, a bias, and two sensors. One has correlated noise, which grows with the gap if tie > 0."""

    def moved(x: Any, dt: Any, p: Any) -> Any:
        return [x.gap + dt * x.speed, x.speed, 0.9 * x.bias]

    motion = fog.Motion(
        ("gap", "speed", "bias"),
        fog.opaque(moved, key="moved 1") if opaque else moved,
        lambda x, dt, p: fog.noise.factored([[dt, 0], [1, 0], [0, 1.0]], [0.1 * dt, 0.2 * dt]),
    )
    sensors = [
        fog.Sensor("radar", ("range", "rate"), lambda x, p: [x.gap + x.bias, x.speed],
                   lambda x, p: [[0.5, 0.1 + tie * x.gap**2], [0.1 + tie * x.gap**2, 0.3]]),
        fog.Sensor("gauge", ("level",), lambda x, p: [x.gap], lambda x, p: [[0.2]]),
    ]  # fmt: skip
    return fog.Model(motion, sensors, None)


def test_an_entry_of_F_that_is_zero_in_this_run_alone() -> None:
    """A parameter of 0 is not a 0 of the model: the direction that another entry couples is observed all the same."""

    def walk(c: float | None) -> fog.Model:
        motion = fog.Motion(
            ("a", "b"),
            lambda x, dt, p: [x.a + dt * x.b, x.b + (0.0 if c is None else p.c * x.a)],
            lambda x, dt, p: [[0.1 * dt, 0.0], [0.0, 0.1 * dt]],
            {"c": 0.0 if c is None else c},
        )
        return fog.Model(motion, [fog.sensing.linear("s", of="a", std=0.3)], None)

    log = fog.Log.regular([1.0, 2.1, 2.9, 4.2], dt=1.0)
    without, with_zero = (fog.run(walk(c), log, method=fog.EKF()) for c in (None, 0.0))
    assert without.filtered.mean[1].tolist() == pytest.approx([2.1, 1.1])
    assert np.abs(with_zero.filtered.mean - without.filtered.mean).max() <= 1e-12
    assert (with_zero.status == without.status).all()


def readings() -> Array:
    """Ten rows; the first three contain little information."""
    rng = np.random.default_rng(3)
    z = rng.standard_normal((10, 3))
    z[0], z[1, [0, 2]], z[2, 1] = np.nan, np.nan, np.nan
    z[rng.random(10) < 0.4, 2] = np.nan
    return z


def log_of(z: Array, stamps: Array = STAMPS) -> fog.Log:
    return fog.Log.from_arrays(stamps, radar=z[:, :2], gauge=z[:, 2:])


def same(one: Any, other: Any) -> None:
    np.testing.assert_array_equal(one, other)


@cache
def walk() -> fog.Model:
    """Three states, each driven by the next, and two measures."""
    F = [[1, 0.5, 0.1], [0, 1, 0.5], [0, 0, 0.9]]
    return fog.linear_model(
        F, np.diag([0.1, 0.2, 0.3]), [[1.0, 0, 0], [0.3, 1, 0]], [[1, 0.2], [0.2, 2]], start=None
    )


def tracks() -> Array:
    """Tracks whose states become known after different times; in the fourth never, in the fifth late."""
    rng = np.random.default_rng(4)
    z = rng.standard_normal((6, 40, 2))
    z[rng.random(z.shape) < 0.4] = np.nan
    z[3], z[4, :30] = np.nan, np.nan
    return z


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_live_filter_is_the_run_row_by_row(method: Any, opaque: bool, tmp_path: Path) -> None:
    """Restored from a file and copied after every row, and asked for a prediction between two rows."""
    whole, z = model(opaque), readings()
    run = fog.run(whole, log_of(z), method=method)
    live = fog.online(whole, method)
    assert np.isinf(live.belief.std).all() and live.belief.unknown.shape == (3, 3)
    for k, t in enumerate(STAMPS):
        belief, info = live.step(t, None, z[k])
        same(belief.mean, run.filtered.mean[k])
        same(np.isinf(belief.std), np.isinf(run.filtered.std[k]))
        np.testing.assert_allclose(belief.cov, run.filtered.cov[k], rtol=1e-12, atol=1e-15)
        same(info.innovation, run.innovation[k])
        same([info.nis, info.loglik, info.status], [run.nis[k], run.row_loglik[k], run.status[k]])
        same(info.innovation_cov, run.innovation_cov[k])
        same(info.gain, run.gain[k])
        same(info.predicted.mean, run.predicted.mean[k])
        same(np.isinf(info.predicted.std), np.isinf(run.predicted.std[k]))
        assert pickle.loads(pickle.dumps(belief)) == belief
        live.save(tmp_path / "a.live")
        live = fog.restore(tmp_path / "a.live", whole).copy()
        assert live.belief == belief and live.info is not None
        same(live.info.innovation, info.innovation)
        if k in (0, 2, 6):
            ahead = live.predict(t + 0.3)
            assert np.isinf(ahead.std).any() == np.isinf(belief.std).any()
    assert run.absorbed == 3 and live.loglik == run.loglik
    assert live.counts["DIFFUSE"] == np.sum(run.status & fog.Status.DIFFUSE != 0)
    assert live.belief == run.belief


def test_the_fast_path_is_taken_once_nothing_is_unknown() -> None:
    live = fog.online(model())
    for t, z in zip(STAMPS, readings(), strict=True):
        live.step(t, None, z)
        assert live._slow == np.isinf(live.belief.std).any()
    assert not live._slow
    assert not fog.online(model().with_start(fog.Belief(np.zeros(3), std=np.ones(3))))._slow


@pytest.mark.parametrize("order", [[0, 2, 1, 3, 5, 4, 6, 8, 7, 9], [1, 2, 3, 4, 5, 0, 9, 8, 7, 6]])
def test_late_rows_while_states_are_unknown_are_inserted(order: list[int], tmp_path: Path) -> None:
    stamps = STAMPS + 0.01 * np.arange(10)  # rows with equal stamps keep the order in which they arrive
    z = readings()
    run = fog.run(model(), log_of(z, stamps), start_time=-1.0)
    live = fog.online(model(), history=10.0, start_time=-1.0)
    for k in order:
        live.step(stamps[k], None, z[k])
        live.save(tmp_path / "b.live")
        live = fog.restore(tmp_path / "b.live", model())
    assert live.belief == run.belief and live.loglik == pytest.approx(run.loglik, rel=1e-15)


def test_a_skipped_or_refused_row_leaves_the_unknown_states_unchanged() -> None:
    live = fog.online(model(), on_bad="raise")
    live.step(1.0, "radar", [np.nan, 2.0])
    before = live.belief
    with pytest.raises(fog.DataError, match=r"radar.range = inf at row 1 \(t = 2 s\)"):
        live.step(2.0, "radar", [np.inf, 1.0])
    assert live.belief == before and np.isinf(before.std).any()
    flagging = fog.online(model())
    flagging.step(1.0, "radar", [np.nan, 2.0])
    late, info = flagging.step(0.5, "gauge", 1.0)
    assert info.status & fog.Status.LATE and late == before == flagging.belief
    with pytest.raises(fog.DataError, match=r"radar.range = inf at row 2 \(t = 0.4 s\)"):
        z = readings()
        z[2, 0] = np.inf
        fog.run(model(), log_of(z))
    with pytest.raises(fog.NumericalError, match=r"at row 3 \(t = 1.1 s\).*radar.noise"):
        fog.run(model(tie=10.0), log_of(readings()))


def test_tracks_side_by_side_or_one_after_the_other_are_as_if_alone() -> None:
    z = tracks()
    together = fog.run(walk(), fog.Log.regular(z, dt=1.0))
    assert together.absorbed.tolist() == [3, 3, 3, 0, 3, 3]
    rows = [len(some) for some in np.split(np.arange(45), [6, 13, 21, 30])]
    ragged = fog.run(walk(), log_of_tracks(z[:5], rows))
    for k in range(6):
        alone = fog.run(walk(), fog.Log.regular(z[k], dt=1.0))
        last = fog.run(walk(), fog.Log.regular(z[k], dt=1.0), keep="last")
        for part in (alone, last):
            assert part.loglik == together.loglik[k] and part.absorbed == together.absorbed[k]
            assert part.belief == together.belief[k]
        same(together.filtered.mean[k], alone.filtered.mean)
        same(together.filtered.std[k], alone.filtered.std)
        same(together.predicted.cov[k], alone.predicted.cov)
        same(together.nis[k], alone.nis)
        same(together.innovation_cov[k], alone.innovation_cov)
        if k < 5:
            short = fog.run(walk(), fog.Log.regular(z[k, : rows[k]], dt=1.0))
            mine = ragged.track == k
            assert ragged.loglik[k] == short.loglik and ragged.absorbed[k] == short.absorbed
            same(ragged.filtered.std[mine], short.filtered.std)
            same(ragged.predicted.cov[mine], short.predicted.cov)
            assert ragged.belief[k] == short.belief


def log_of_tracks(z: Array, rows: list[int]) -> fog.Log:
    import pandas as pd

    parts = [
        pd.DataFrame({"track": k, "time": np.arange(count, dtype=float), "z0": z[k, :count, 0], "z1": z[k, :count, 1]})
        for k, count in enumerate(rows)
    ]  # fmt: skip
    return fog.Log.from_frame(pd.concat(parts), track="track")


@pytest.mark.parametrize("rows", [1, 7, 40])
def test_a_log_in_parts_is_the_log(rows: int) -> None:
    z = tracks()[4]
    whole = fog.run(walk(), fog.Log.regular(z, dt=1.0))
    stream, found = Stream(walk(), fog.EKF()), []
    for first in range(0, 40, rows):
        state = json.loads(json.dumps(stream.state()))
        stream = Stream(walk(), fog.EKF())
        stream.restore(state)
        part = slice(first, first + rows)
        found.append(stream.feed(fog.Log.from_arrays(np.arange(40.0)[part], sensor=z[part]), first > 0))
    same(np.concatenate([part.filtered.std for part in found]), whole.filtered.std)
    same(np.concatenate([part.filtered.mean for part in found]), whole.filtered.mean)
    same(np.concatenate([part.nis for part in found]), whole.nis)
    assert found[-1].absorbed == whole.absorbed == 3 and stream.totals.open == whole.loglik
    assert stream.totals.components == np.sum(~np.isnan(whole.innovation))


def test_a_run_continues_from_the_belief_of_another() -> None:
    """The unknown directions and their weights are part of a Belief."""
    z = tracks()[0]
    whole = fog.run(walk(), fog.Log.regular(z, dt=1.0))
    begun = fog.run(walk(), fog.Log.regular(z[:1], dt=1.0))
    assert begun.belief.unknown.size
    rest = fog.run(
        walk().with_start(begun.belief),
        fog.Log.from_arrays(np.arange(1.0, 40.0), sensor=z[1:]),
        start_time=0.0,
    )
    known = np.isfinite(rest.filtered.std).all(axis=1)
    np.testing.assert_allclose(
        rest.filtered.mean[known], whole.filtered.mean[1:][known], rtol=1e-12, atol=1e-13
    )
    assert begun.loglik + rest.loglik == pytest.approx(whole.loglik, rel=1e-13)
    assert begun.absorbed + rest.absorbed == whole.absorbed


def test_without_a_compiler_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    z = tracks()
    compiled = fog.run(walk(), fog.Log.regular(z, dt=1.0))
    assert compiled.engine.startswith("llvm")
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    plain = fog.run(walk.__wrapped__(), fog.Log.regular(z, dt=1.0))
    assert plain.engine.startswith("interpreter")
    same(plain.filtered.mean, compiled.filtered.mean)
    same(plain.filtered.std, compiled.filtered.std)
    same(plain.loglik, compiled.loglik)


def test_where_only_the_second_phase_is_compiled_they_agree_to_rounding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As for a model whose first phase is too long to compile: the engine then switches at the first row possible."""
    z = tracks()[0]
    both: Any = engine_of(walk(), fog.EKF(), "result")
    run = fog.run(walk(), fog.Log.regular(z, dt=1.0))
    recipe = filter_recipe(walk(), Diffuse(fog.EKF(), 3))
    first = ReferenceEngine(recipe, "it is too long")
    mixed = two_phase_engine.TwoPhaseEngine(first, both.then, both.kept, both.weights)
    with pytest.warns(fog.FoglightWarning, match="it is too long, so the equations run row by row"):
        carry, records = mixed.run(run._arrays)
    np.testing.assert_allclose(records[0, :, :3], run.filtered.mean, rtol=1e-12, atol=1e-13)
    assert carry[0, -2] == pytest.approx(run.loglik, rel=1e-13)


def test_limits_hold_for_what_is_known() -> None:
    """A state that is measured is cut off at its limit from then on, even if others stay unknown."""
    motion = fog.motion.random_walk(("x", "y"), std=1.0, limits={"x": (0, None)})
    limited = fog.Model(motion, [fog.sensing.linear("r", of=("x",), std=1.0)], None)
    run = fog.run(limited, fog.Log.regular(np.array([[np.nan], [-1.0], [-1.0]]), dt=1.0))
    assert run.filtered.mean[0, 0] == 0.0 and np.isinf(run.filtered.std[0, 0])
    assert (run.filtered.mean[1:, 0] > 0.0).all() and np.isinf(run.filtered.std[:, 1]).all()
    assert run.belief.mean[0] == run.filtered.mean[-1, 0]
    both = fog.Motion(("x", "y"), motion.dynamics, motion.noise, motion.params, limits={"y": (1.0, None)})
    free = fog.run(fog.Model(both, limited.sensors, None), fog.Log.regular(np.array([[-1.0]]), dt=1.0))
    assert free.filtered.mean[0].tolist() == [-1.0, 0.0] == free.belief.mean.tolist()


def test_beliefs_with_unknown_states() -> None:
    belief = fog.Belief([1.0, 2.0], std=[np.inf, 0.5])
    assert belief.std.tolist() == [np.inf, 0.5] and belief.cov.tolist() == [[np.inf, 0.0], [0.0, 0.25]]
    assert belief.unknown.tolist() == [[1.0], [0.0]] and "± inf" in repr(belief)
    assert belief == fog.Belief([1.0, 2.0], cov=np.diag([np.inf, 0.25]))
    assert belief == fog.Belief([1.0, 2.0], factor=belief.factor, unknown=belief.unknown)
    assert belief != fog.Belief([1.0, 2.0], std=[0.0, 0.5])
    moved = fog.predict(belief, [[1.0, 0.0], [1.0, 1.0]], np.eye(2))
    assert np.isinf(moved.std).all() and np.isnan(moved.cov[0, 1]) and np.isinf(moved.cov[1, 1])
    with pytest.raises(ValueError, match="read-only"):
        belief.unknown[0, 0] = 2.0
    assert fog.Belief([1.0], std=[3.0]).unknown.shape == (1, 0)


def test_a_model_file_may_contain_inf(tmp_path: Path) -> None:
    text = """
        [motion]
        kind = "constant_velocity"
        axes = ["gap"]
        accel = 0.4
        [[sensor]]
        name = "radar"
        kind = "linear"
        of = "gap"
        std = 0.8
        [start]
        mean = [0, 0]
        std = [inf, {}]
    """
    log = fog.Log.regular(np.array([[1.0], [2.0], [4.0]]), dt=1.0)
    for speed, unknown in (("inf", 2), ("1.5", 1)):
        (tmp_path / "model.toml").write_text(text.format(speed))
        read, _ = model_file.read(tmp_path / "model.toml")
        assert read.start is not None and read.start.unknown.shape == (2, unknown)
        assert fog.run(read, log).absorbed == unknown


def test_the_command_line_resumes_while_states_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of a few rows, one of them interrupted: to the byte the result of `fog.run`."""
    z = tracks()[4, :, :1]
    rows = "".join(f"{k},{'' if np.isnan(v) else repr(float(v))}\n" for k, v in enumerate(z[:, 0]))
    (tmp_path / "log.csv").write_text("time,radar\n" + rows)
    source = fog.open_log(tmp_path / "log.csv")
    whole = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        None,
    )
    run = fog.run(whole, fog.Log.read(tmp_path / "log.csv"))
    write_run(tmp_path / "whole.csv", run)
    out, stopped = tmp_path / "out.csv", 0

    def interrupt(done: int) -> None:
        nonlocal stopped
        stopped += 1
        if stopped == 5:
            raise KeyboardInterrupt

    given: dict[str, Any] = {"resume": {}, "rows": 8, "every": 0.0, "note": lambda text: None}
    with pytest.raises(KeyboardInterrupt):
        filter_file(source, whole, fog.EKF(), out, progress=interrupt, **given)
    totals = filter_file(source, whole, fog.EKF(), out, **given)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert totals.open == run.loglik and totals.rows == 40


def test_what_is_reported_about_an_unknown_start(capsys: pytest.CaptureFixture[str]) -> None:
    print(fog.explain(model().with_start(fog.Belief([1.0, 2.0, 3.0], std=[np.inf, 1.0, 2.0]))))
    text = capsys.readouterr().out
    assert "gap: nothing known" in text and "speed: 2 ± 1" in text
    run = fog.run(walk(), fog.Log.regular(tracks()[0], dt=1.0))
    assert run.engine.endswith("operations while something is unknown")
    assert fog.run(walk().with_start(fog.Belief(np.zeros(3), std=np.ones(3))), run.log).absorbed == 0
    cells = run.columns()
    assert np.isinf(cells["x2_std"][0]) and "DIFFUSE" in cells["status"][0]
    assert "linearised while" in fog.run(model(opaque=True), log_of(readings()), method=fog.UKF()).engine


def test_noise_that_is_shared_starts_with_its_own_variance() -> None:
    """The noise state of `with_cross_noise` is not unknown, whatever else is."""
    plain = fog.linear_model(1.0, 0.5, 1.0, 0.3, start=None)
    joint = fog.with_cross_noise(plain, "sensor", [[0.0]])
    z = np.random.default_rng(1).standard_normal((6, 1))
    one, other = (fog.run(m, fog.Log.regular(z, dt=1.0)) for m in (plain, joint))
    assert other.absorbed == 1 and other.loglik == pytest.approx(one.loglik, rel=1e-13)
    np.testing.assert_allclose(other.filtered.mean[:, 0], one.filtered.mean[:, 0], rtol=1e-12)


@pytest.mark.parametrize(
    "make, field, says",
    [
        (lambda: fog.Belief([0.0], std=[-np.inf]), "std", "expected a finite number"),
        (lambda: fog.Belief([np.inf], std=[1.0]), "mean", "expected a finite number"),
        (lambda: fog.Belief([0.0, 0.0], cov=[[np.inf, np.inf], [np.inf, np.inf]]), "cov", "expected 0"),
        (lambda: fog.Belief([0.0, 0.0], cov=[[1.0, np.inf], [np.inf, 1.0]]), "cov", "expected a finite number"),
        (lambda: fog.Belief([0.0, 0.0], std=[np.inf, -1.0]), "std", "must be >= 0"),
        (lambda: fog.run(walk(), fog.Log.regular(tracks()[0], dt=1.0), method=fog.KF(form="textbook")), "form",
         "Leave form= out"),
        (lambda: fog.online(walk(), fog.EKF(form="joseph")), "form", "Leave form= out"),
    ],
)  # fmt: skip
def test_refused(make: Any, field: str, says: str) -> None:
    with pytest.raises(fog.ModelError, match=says) as caught:
        make()
    assert caught.value.field == field


@pytest.mark.parametrize("unknown", [True, False])
def test_a_row_that_overflows_on_whole_arrays_is_named(unknown: bool) -> None:
    z = np.array([[1.0], [2.0], [1e200], [3.0]])
    start = None if unknown else fog.Belief([0.0, 0.0], std=[1.0, 1.0])
    with on_arrays() as names:
        moving = fog.linear_model(
            [[1.0, 1.0], [0.0, 1.0]], np.diag([0.1, 0.2]), [[1.0, 0.0]], 1.0, start=start
        )
        with pytest.raises(fog.NumericalError, match="log-likelihood of sensor is -inf at row 2 "):
            fog.run(moving, fog.Log.regular(z, dt=1.0))
    assert names
