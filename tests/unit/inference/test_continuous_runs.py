"""Motions in continuous time in every verb, on every engine, and in rows that are too far apart."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.generated_c import Compiled, need_gcc
from foglight.compiler.engine.cache import engine_of
from foglight.inference.prepare import prepare
from unit.on_floats import on_floats

START = fog.Belief([0.6, 0.0], std=[0.2, 0.5])


def pendulum(**options: Any) -> fog.Model:
    """A pendulum with an encoder; two substeps, so that every engine compiles it at once."""
    motion = fog.Motion.continuous(
        ("angle", "rate"),
        lambda x, p: [x.rate, -9.81 * np.sin(x.angle) - p.friction * x.rate],
        lambda x, p: fog.noise.factored([[0.0], [1.0]], [p.shake**2]),
        params={"friction": fog.param(0.1, low=0), "shake": fog.param(0.2, low=0)},
        angles=("angle",),
        longest_step=0.1,
        **{"substeps": 2, **options},
    )
    encoder = fog.Sensor(
        "encoder", ("angle",), lambda x, p: [x.angle], lambda x, p: [[p.std**2]], {"std": 0.02}, ("angle",)
    )
    return fog.Model(motion, [encoder], START)


def oscillator() -> fog.Model:
    motion = fog.Motion.continuous(
        ("x", "v"),
        lambda x, p: [x.v, -p.k * x.x - 0.4 * x.v],
        lambda x, p: np.diag([0.0, p.q]),
        params={"k": 4.0, "q": fog.param(0.09, low=0)},
        longest_step=1.0,
    )
    return fog.Model(
        motion, [fog.sensing.linear("s", of="x", std=0.1)], fog.Belief([1.0, 0.0], std=[0.5, 0.5])
    )


MODEL = pendulum()
LOG, TRUTH = fog.simulate(MODEL, 120, 0.1, seed=2)


@pytest.mark.parametrize("method", [fog.EKF(), fog.EKF(form="joseph"), fog.UKF(), fog.CKF()], ids=repr)
def test_compiled_runs_agree_with_the_equations_on_floats(method: Any) -> None:
    run = fog.run(MODEL, LOG, method=method)
    assert run.engine.startswith("llvm")
    with on_floats():
        plain = fog.run(pendulum(), LOG, method=method)
    assert plain.filtered.mean == pytest.approx(run.filtered.mean, rel=1e-9, abs=1e-12)
    assert plain.filtered.cov == pytest.approx(run.filtered.cov, rel=1e-8, abs=1e-14)
    error = (run.filtered.mean - TRUTH) / run.filtered.std
    assert 0.5 < (error**2).mean() < 2.0


def test_generated_c_gives_the_same_bits(tmp_path: Path) -> None:
    need_gcc()
    for model in (MODEL, oscillator()):
        log, _ = fog.simulate(model, 30, 0.1, seed=4)
        engine: Any = engine_of(model, fog.EKF(), "result")
        arrays = prepare(model, log, fog.EKF(), None)
        for found, expected in zip(
            Compiled(engine.kernel, tmp_path, ("-O2",)).run(arrays), engine.run(arrays), strict=True
        ):
            assert np.array_equal(found, expected, equal_nan=True)


def test_a_linear_drift_is_a_linear_model() -> None:
    model = oscillator()
    log, _ = fog.simulate(model, 100, 0.3, seed=5)
    assert fog.explain(model).linear["motion"]
    run = fog.run(model, log, method=fog.KF())
    other = fog.run(model, log, method=fog.UKF())
    assert other.filtered.mean == pytest.approx(run.filtered.mean, abs=1e-12)
    assert other.loglik == pytest.approx(run.loglik, rel=1e-12)


def test_smoothing_sampling_and_forecasting() -> None:
    run = fog.run(MODEL, LOG)
    smoothed = fog.smooth(run)
    error = (smoothed.mean - TRUTH) / np.sqrt(np.einsum("tii->ti", smoothed.cov))
    assert 0.5 < (error[:-1] ** 2).mean() < 2.0
    assert np.all(
        smoothed.cov[10:-10].trace(axis1=1, axis2=2) < run.filtered.cov[10:-10].trace(axis1=1, axis2=2)
    )
    draws = fog.sample(run, 40, seed=1)
    spread = np.sqrt(np.einsum("tii->ti", smoothed.cov))
    assert np.abs((draws.mean(axis=0) - smoothed.mean) / spread).max() < 5.0 / np.sqrt(40)
    assert fog.forecast(run, steps=3).state.mean.shape == (3, 2)


def test_tuning_finds_the_density() -> None:
    log, _ = fog.simulate(MODEL, 400, 0.1, seed=7)
    fit = fog.tune(MODEL.with_parameters({"shake": 0.6}), log, free=("shake",))
    assert fit.params["motion.shake"] == pytest.approx(0.2, rel=0.3)
    model = oscillator()
    log, _ = fog.simulate(model, 400, 0.2, seed=8)
    assert fog.tune(model.with_parameters({"k": 3.0}), log, free=("k",)).params["motion.k"] == pytest.approx(
        4.0, rel=0.1
    )


def test_a_saved_live_filter_goes_on(tmp_path: Path) -> None:
    live = fog.online(MODEL)
    live.step(t=0.0, sensor="encoder", z=[0.5])
    live.save(tmp_path / "live.npz")
    other = fog.restore(tmp_path / "live.npz", pendulum())
    belief, _ = live.step(t=0.1, sensor="encoder", z=[0.4])
    again, _ = other.step(t=0.1, sensor="encoder", z=[0.4])
    assert np.array_equal(belief.mean, again.mean)
    with pytest.raises(fog.StateError):
        fog.restore(tmp_path / "live.npz", pendulum(substeps=3))


LATE = fog.Log.from_arrays([0.0, 0.1, 0.2, 0.5, 0.6], encoder=np.array([[0.6], [0.5], [0.4], [0.1], [0.0]]))


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_step_beyond_the_longest_one_is_refused(method: Any) -> None:
    message = r"row 3 \(t = 0.5 s\) is 0.3 s after the row before: expected at most longest_step = 0.1 s"
    with pytest.raises(fog.NumericalError, match=message) as refused:
        fog.run(MODEL, LATE, method=method)
    assert refused.value.field == "longest_step" and refused.value.index == 3
    run = fog.run(MODEL, LATE, method=method, on_bad="flag")
    assert (run.status & fog.Status.NONFINITE).astype(bool).tolist() == [False, False, False, True, False]
    both = fog.Model(MODEL.motion.with_states(fog.motion.random_walk("bias", std=[0.1])), MODEL.sensors, None)
    with pytest.raises(fog.NumericalError, match=message):
        fog.run(both.with_start(fog.Belief([0.6, 0.0, 0.0], std=[0.2, 0.5, 0.1])), LATE, method=method)


def test_a_longest_step_means_whole_nanoseconds() -> None:
    """Thirty rows a second are 33333333 and 33333334 ns apart, and 1/30 s lies between the two."""
    log = fog.Log.regular(np.zeros(30), dt=1.0 / 30.0)
    model = fog.Model(pendulum().motion, [fog.sensing.linear("s", of="rate", std=0.1)], START)
    assert len(set(np.diff(log.time_ns))) == 2
    motion = fog.Motion.continuous(
        ("angle", "rate"),
        lambda x, p: [x.rate, -np.sin(x.angle)],
        lambda x, p: np.eye(2),
        longest_step=1.0 / 30.0,
    )
    run = fog.run(fog.Model(motion, model.sensors, START), log)
    assert not (run.status & fog.Status.NONFINITE).any()


@pytest.mark.parametrize("which", ["a chain", "a spring", "a pendulum"])
def test_a_motion_without_noise(which: str) -> None:
    """The covariance is then that of the start, carried along by the slopes of the step."""
    pull = {
        "a chain": lambda a: 0.0,
        "a spring": lambda a: -60.0 * a,
        "a pendulum": lambda a: -9.81 * np.sin(a),
    }[which]
    motion = fog.Motion.continuous(
        ("x", "v"), lambda x: [x.v, pull(x.x)], lambda: np.zeros((2, 2)), longest_step=0.5, tolerance=1e-3
    )
    sensor, log = (
        fog.sensing.linear("s", of="x", std=0.1),
        fog.Log.from_arrays([0.0, 0.4], s=[np.nan, np.nan]),
    )

    def after(x: float, v: float) -> fog.Belief:
        return fog.run(fog.Model(motion, [sensor], fog.Belief([x, v], std=[0.1, 0.5])), log).belief

    h = 1e-5
    slopes = [
        (after(0.3 + a, 0.2 + b).mean - after(0.3 - a, 0.2 - b).mean) / (2 * h)
        for a, b in ((h, 0.0), (0.0, h))
    ]
    F = np.stack(slopes, axis=1)
    np.testing.assert_allclose(after(0.3, 0.2).cov, F @ np.diag([0.01, 0.25]) @ F.T, rtol=1e-7)


@pytest.mark.parametrize("make", [oscillator, pendulum])
def test_parameters_that_make_a_drift_too_fast_are_named_as_the_cause(make: Any) -> None:
    model = make()
    name = "motion.k" if make is oscillator else "motion.friction"
    message = r"expected a finite number.* make it with these parameters"
    if make is pendulum:
        message = r"^friction = 1e\+300: substeps = 2: the drift is stiff.* expected about 4e\+298 or more for steps"
    with pytest.raises(fog.ModelError, match=message):
        model.with_parameters({name: 1e300})


def test_a_control_that_makes_the_substeps_unstable_is_refused_in_its_row() -> None:
    """sinh v falls as e^(-brake t). A brake of 8 is solved; after one of 100, e^-50 would have become 0.2."""
    brake = fog.Motion.continuous(
        ("v",),
        lambda x, u: [-u.brake * np.tanh(x.v)],
        lambda: [[0.01]],
        controls=("brake",),
        longest_step=0.5,
        substeps=16,
    )
    model = fog.Model(brake, [fog.sensing.linear("s", of="v", std=0.1)], fog.Belief([1.0], std=[1.0]))
    log = fog.Log.from_arrays([0.0, 0.5, 1.0], s=[np.nan] * 3, u=[8.0, 8.0, 100.0])
    solved = fog.run(model, log[:2]).belief.mean[0]
    assert solved == pytest.approx(np.arcsinh(np.sinh(1.0) * np.exp(-4.0)), rel=2e-4)
    with pytest.raises(fog.NumericalError, match=r"at row 2 .*make it with these parameters"):
        fog.run(model, log)
    assert fog.run(model, log, on_bad="flag").status[2] & fog.Status.NONFINITE


def test_simulations_and_forecasts_say_that_a_step_is_too_long() -> None:
    run = fog.run(MODEL, LOG[:5])
    tracks = fog.run(MODEL, fog.Log.from_arrays([0.0, 0.1, 0.0], encoder=[0.6, 0.5, 0.6], track=list("aab")))
    for call, where, index in (
        (lambda: fog.simulate(MODEL, 3, 0.3, seed=1), r"row 1 \(t = 0\.3 s\) is 0\.3 s", 1),
        (lambda: fog.forecast(run, times=[0.5, 0.9]), r"forecast step 2 \(t = 0\.9 s\) is 0\.4 s", 2),
        (lambda: fog.forecast(tracks, times=[0.1, 0.2, 0.4]), r"step 3 \(t = 0\.4 s, track a\) is 0\.2 s", 3),
    ):
        with pytest.raises(
            fog.NumericalError, match=where + " after the row before: .* longest_step"
        ) as refused:
            call()
        assert (refused.value.field, refused.value.index) == ("longest_step", index)
