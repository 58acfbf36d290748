"""A smoothed run: its results, what does not change them, and what is refused."""

import re
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog
from agreement.examples import radar
from foglight.compiler.engine.cache import backward_engine
from foglight.inference.backward_pass import Backward
from foglight.inference.smoothers import smoother_of

T = np.arange(30) * 0.5


def walk(
    method: Any = None, opaque: bool = False, limits: Any = None, start: Any = None, **more: Any
) -> tuple[Any, Any]:
    """A person ahead who slows down, seen in range over an obstacle: the run and the smoothed run."""

    def f(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x.gap + dt * x.speed, x.speed * (1.0 - 0.1 * dt)]

    def h(x: Any, p: Any) -> list[Any]:
        return [np.sqrt(x.gap**2 + 4.0)]

    motion = fog.Motion(
        ("gap", "speed"), fog.opaque(f) if opaque else f,
        lambda x, dt, p: fog.noise.white_acceleration(dt, psd=p.q), {"q": 0.5}, limits=limits or {},
    )  # fmt: skip
    radar = fog.Sensor("radar", ("range",), fog.opaque(h) if opaque else h, lambda x, p: [[0.4]])
    start = fog.Belief([10.0, 0.0], std=[3.0, 1.0]) if start is None else start
    model = fog.Model(motion, [radar], start=start)
    run = fog.run(model, fog.Log.from_arrays(T, radar=ranges()), method=method, **more)
    return run, fog.smooth(run)


def rauch_tung_striebel(run: Any) -> Backward:
    """The smoother of any model, of a linear one, too."""
    return Backward(
        run.model, run.method, run._arrays, run._records, run._engine.kernel.status, run._unknown()
    )


def ranges() -> Any:
    return 10.0 + np.cumsum(np.random.default_rng(3).standard_normal(30))


def test_results_and_their_shapes() -> None:
    run, smoothed = walk()
    assert smoothed.mean.shape == smoothed.std.shape == (30, 2) and smoothed.cov.shape == (30, 2, 2)
    U, D = smoothed.factor
    assert np.abs((U * D[:, None]) @ U.swapaxes(1, 2) - smoothed.cov).max() <= 1e-14
    assert smoothed.lag_one_cov.shape == (30, 2, 2) and np.isnan(smoothed.lag_one_cov[0]).all()
    assert smoothed.lag_one_cov is smoothed.lag_one_cov
    assert smoothed.names == ("gap", "speed") and smoothed.track is None
    assert smoothed.time.tolist() == T.tolist()
    assert "30 rows, llvm" in repr(smoothed) and repr(smoothed).startswith("Smoothed(EKF(")
    assert list(smoothed.columns()) == ["time", "gap", "gap_std", "speed", "speed_std"]
    assert smoothed.to_frame("pandas")["gap"].tolist() == smoothed.mean[:, 0].tolist()
    assert smoothed.log is run.log and smoothed.model is run.model


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.EKF(form="textbook"), fog.UKF(alpha=0.5), fog.CKF()], ids=repr
)
def test_what_cannot_be_traced_is_smoothed_by_the_same_equations(method: Any) -> None:
    (_, compiled), (run, called) = walk(method), walk(method, opaque=True)
    assert re.fullmatch(r"llvm, \d+ operations; motion\.dynamics called in Python", called.engine)
    assert np.abs(called.mean - compiled.mean).max() <= 1e-7
    assert np.abs(called.cov - compiled.cov).max() <= 1e-7
    assert np.abs((called.lag_one_cov - compiled.lag_one_cov)[1:]).max() <= 1e-7
    draws = fog.sample(run, draws=2, seed=1)
    assert np.abs(draws - fog.sample(walk(method)[0], draws=2, seed=1)).max() <= 1e-6


def test_a_model_too_large_to_compile_is_smoothed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _, compiled = walk()
    monkeypatch.setattr("foglight.compiler.engine.engine.COMPILED_BELOW", 10)
    with pytest.warns(fog.FoglightWarning, match=r"row by row in Python: \S+ ms for each row"):
        _, smoothed = walk()
    assert re.fullmatch(r"reference: \d+ operations are too many to compile", smoothed.engine)
    assert np.abs(smoothed.mean - compiled.mean).max() <= 1e-12


def test_limits_hold_for_what_is_reported() -> None:
    free = walk()[1]
    _, smoothed = walk(limits={"speed": (-0.5, 0.5)})
    assert np.abs(free.mean[:, 1]).max() > 0.5 > np.abs(smoothed.mean[:, 1]).max()
    assert (smoothed.std[:, 1] < 0.5).all()
    assert np.array_equal(smoothed.lag_one_cov, free.lag_one_cov, equal_nan=True), (
        "it belongs to the belief without limits"
    )


def test_rows_after_a_reset_do_not_change_rows_before_it() -> None:
    """A jump: after eight rejections, too many for chance, the belief is widened until the readings fit."""
    z = 10.0 + 0.3 * np.random.default_rng(4).standard_normal(30)
    z[12:] += 30.0
    model = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.3),
        [fog.sensing.linear("radar", of="gap", std=0.3)],
        start=fog.Belief([10.0, 0.0], std=[1.0, 0.5]),
    )
    guarded = fog.EKF(gate=0.999, recover=2.0)
    run = fog.run(model, fog.Log.from_arrays(T, radar=z), method=guarded)
    (reset,) = np.flatnonzero(run.status & fog.Status.RESET)
    cut = fog.run(model, fog.Log.from_arrays(T[:reset], radar=z[:reset]), method=guarded)
    smoothed, before = fog.smooth(run), fog.smooth(cut)
    assert reset == 19
    np.testing.assert_allclose(smoothed.mean[:reset], before.mean, rtol=1e-12)
    np.testing.assert_allclose(smoothed.cov[:reset], before.cov, rtol=1e-12, atol=1e-14)
    assert (
        np.abs(smoothed.mean[:12, 0] - 10.0).max() < 1.0 and np.abs(smoothed.mean[20:, 0] - 40.0).max() < 1.0
    )
    assert (smoothed.lag_one_cov[reset] == 0.0).all() and (smoothed.lag_one_cov[reset + 1] != 0.0).all()
    draws = fog.sample(run, draws=200, seed=2)
    assert abs(np.corrcoef(draws[:, reset - 1, 0], draws[:, reset, 0])[0, 1]) < 0.25
    never = fog.run(model, fog.Log.from_arrays(T, radar=z), method=fog.EKF(gate=0.999))
    widths = [rauch_tung_striebel(one).arrays.z.shape[2] for one in (run, never)]
    assert widths == [6, 5], "no column for resets where the belief is never widened"


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(alpha=0.5), fog.EKF(form="joseph")], ids=repr)
def test_a_skipped_prediction_leaves_the_belief_unchanged(method: Any) -> None:
    def f(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x.gap + dt * x.speed, x.speed / np.where(dt > 3.0, 0.0, 1.0)]

    motion = fog.Motion(("gap", "speed"), f, lambda x, dt, p: fog.noise.white_acceleration(dt, psd=0.5))
    radar = fog.sensing.linear("radar", of="gap", std=0.5)
    model = fog.Model(motion, [radar], start=fog.Belief([10, 0], std=[3, 1]))
    stamps = np.where(np.arange(20) < 10, np.arange(20.0), np.arange(20.0) + 5)
    log = fog.Log.from_arrays(stamps, radar=ranges()[:20])
    run = fog.run(model, log, method=method, on_bad="flag")
    assert (np.flatnonzero(run.status & fog.Status.NONFINITE) == [10]).all()
    smoothed = fog.smooth(run)
    assert np.array_equal(smoothed.mean[9], smoothed.mean[10])
    assert np.array_equal(smoothed.cov[9], smoothed.cov[10])
    assert np.array_equal(smoothed.cov[10], smoothed.lag_one_cov[10])
    # As if the two rows had one stamp.
    closed = fog.Log.from_arrays(np.where(stamps < 10, stamps, stamps - 6), radar=ranges()[:20])
    other = fog.smooth(fog.run(model, closed, method=method))
    assert np.abs(other.mean - smoothed.mean).max() <= 1e-12
    assert np.abs(other.cov - smoothed.cov).max() <= 1e-12


def test_a_start_before_the_log_and_a_log_of_one_row() -> None:
    model = fog.Model(
        fog.motion.random_walk(("level",), std=1.0), [fog.sensing.linear("gauge", of="level", std=2.0)],
        start=fog.Belief([0.0], std=[1.0]),
    )  # fmt: skip
    run = fog.run(model, fog.Log.from_arrays([5.0], gauge=[1.0]), start_time=1.0)
    smoothed = fog.smooth(run)
    assert np.array_equal(smoothed.mean, run.filtered.mean) and np.isnan(smoothed.lag_one_cov).all()
    assert fog.sample(run, draws=3, seed=1).shape == (3, 1, 1)


def test_a_step_back_takes_about_as_long_as_a_step() -> None:
    """For a filter whose covariance does not repeat; the measured ratio is 0.8 to 1.5."""
    model = radar(4000)
    run = fog.run(model, fog.simulate(model, 4000, dt=0.1, seed=1)[0])
    arrays, engine = smoother_of(run).arrays, backward_engine(model, fog.EKF(), "smooth")

    def fastest(scan: Any) -> float:
        times = []
        for _ in range(7):
            start = time.perf_counter()
            scan()
            times.append(time.perf_counter() - start)
        return min(times)

    ratio = fastest(lambda: engine.run(arrays)) / fastest(lambda: run._engine.run(run._arrays))
    assert ratio < 3.0


def test_a_run_without_rows_is_refused() -> None:
    run = walk(keep="all")[0]
    short = fog.run(run.model, run.log, keep="last")
    for act in (fog.smooth, lambda r: fog.sample(r, draws=1, seed=1)):
        with pytest.raises(fog.StateError, match="Run again with keep='all'") as caught:
            act(short)
        assert caught.value.field == "keep" and caught.value.value == "last"


def test_anything_but_a_run_is_refused() -> None:
    for name, act in (
        ("smooth", fog.smooth), ("sample", lambda r: fog.sample(r, draws=1, seed=1)),
        ("forecast", lambda r: fog.forecast(r, steps=1)),
    ):  # fmt: skip
        with pytest.raises(
            fog.ModelError, match=rf"{name}\(ndarray\): expected what fog.run returned"
        ) as caught:
            act(np.zeros(3))
        assert caught.value.field == "run"


def test_a_smoothed_belief_beyond_the_finite_numbers_names_its_row() -> None:
    """A motion so steep that the backward step overflows: the filter is finite, the smoother is not; and a linear model
    whose filter is not."""
    model = fog.linear_model(
        [[1.0, 0.0], [0.0, 1.0]], [[1e-300, 0.0], [0.0, 1.0]], [[1.0, 1e-3]], [[1.0]],
        start=fog.Belief([0.0, 0.0], std=[1.0, 1.0]),
    )  # fmt: skip
    run = fog.run(model, fog.Log.regular(np.arange(6.0)[:, None], dt=1.0))
    run._records.flags.writeable = True
    run._records[0, 3, 0] = 1e308
    run._records[0, 4:, 0] = -1e308
    run._records[0, 4:, 1] = 1e308
    with pytest.raises(fog.NumericalError, match=r"row 3 \(t = 3 s\) is not finite") as caught:
        rauch_tung_striebel(run).run("smooth")
    assert caught.value.index == 3 and caught.value.field == "row"
    run._records[0, 2, 0] = np.inf
    with pytest.raises(fog.NumericalError, match=r"row 2 \(t = 2 s\) is not finite") as caught:
        fog.smooth(run)
    assert caught.value.index == 2 and caught.value.field == "row"


def test_a_smoothed_run_prints_itself() -> None:
    run, _ = walk()
    smoothed = fog.smooth(run)
    first, names, *rows = str(smoothed).splitlines()
    assert first == repr(smoothed) and names.split() == ["time", *run.model.state]
    assert len(rows) == 11 and set(rows[5].split()) == {"…"}
    assert f"{smoothed.mean[-1, 0]:.6g} ± {smoothed.std[-1, 0]:.3g}" in rows[-1]
    assert repr(run.filtered) == f"Gaussians({', '.join(run.model.state)}: 30 rows)"
    log = fog.Log.from_frame(
        pd.DataFrame({"walker": ["b", "a"], "time": [0.0, 1.7e9], "z0": [1.0, 2.0]}), track="walker"
    )
    model = fog.linear_model(1.0, 0.5, 1.0, 0.25, start=fog.Belief([0.0], std=[1.0]))
    tracks = str(fog.smooth(fog.run(model, log))).splitlines()
    assert "2 tracks, 2 rows" in tracks[0] and [row.split()[:2] for row in tracks[2:]] == [
        ["b", "0"],
        ["a", "1700000000"],
    ]
