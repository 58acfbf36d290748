"""Rows of equal steps without a gap: by increments of the covariance a likelihood is what the filter itself finds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.cache import increments_engine
from foglight.compiler.kernels import increments
from foglight.core.types import Array
from foglight.inference.likelihood import Likelihood
from foglight.inference.likelihoods import Likelihoods
from foglight.inference.prepare import prepare
from foglight.inference.regular_rows import RegularRows, regular_rows

SEASON = fog.structural(trend="smooth", seasonal=5)


def readings(rows: int, seed: int = 0, count: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(np.cumsum(0.1 * rng.standard_normal((count, rows)), axis=1), axis=1)
    return np.asarray(walk + 2.0 * np.sin(np.pi / 6.0 * np.arange(rows)) + rng.standard_normal((count, rows)))


def drifting() -> fog.Model:
    """A motion and a gauge with offsets, in steps of dt, whose disturbance moves both states."""
    motion = fog.Motion(
        ("level", "slope"),
        lambda x, dt, p: [x.level + dt * x.slope + 0.3 * dt, 0.9 * x.slope + 0.1],
        lambda x, dt, p: fog.noise.factored([[0.5 * dt * dt], [dt]], [p.accel**2]),
        params={"accel": fog.param(0.4, low=0)},
    )
    gauge = fog.Sensor(
        "gauge",
        ("z",),
        lambda x, p: [2.0 * x.level - 1.0],
        lambda x, p: [[p.std**2]],
        {"std": fog.param(0.8, low=0)},
    )
    return fog.Model(motion, [gauge], None)


MODELS: dict[str, Any] = {
    "season": (fog.structural(trend="smooth", seasonal=12), 1.0),
    "Fourier season": (fog.structural(seasonal=fog.fourier(6, harmonics=2)), 1.0),
    "offsets": (drifting(), 0.25),
    "one state": (fog.structural(), 3600.0),
}


def both(model: fog.Model, log: fog.Log, **options: Any) -> tuple[Likelihood, Likelihood]:
    """The likelihood by increments, and by the filter itself."""
    found, usual = Likelihood(model, log, **options), Likelihood(model, log, **options)
    assert found._regular is not None
    vars(usual)["_regular"] = None
    return found, usual


def rows_of(model: fog.Model, log: fog.Log) -> RegularRows | None:
    return regular_rows(
        model, fog.EKF(), range(len(model.parameters)), [prepare(model, log, fog.EKF(), None)]
    )


@pytest.mark.parametrize("name", MODELS)
def test_likelihood_gradient_and_information_are_those_of_the_filter(name: str) -> None:
    model, dt = MODELS[name]
    found, usual = both(model, fog.Log.regular(readings(60)[0][:, None], dt=dt))
    rng = np.random.default_rng(5)
    for _ in range(5):
        values = np.exp(rng.uniform(-2.0, 1.0, len(found.names)))
        one, other = found.at(values), usual.at(values)
        assert one.loglik == pytest.approx(other.loglik, rel=1e-11, abs=1e-11)
        size = np.abs(other.gradient).max()
        assert one.gradient == pytest.approx(other.gradient, rel=1e-8, abs=1e-9 * size)
        assert one.information == pytest.approx(
            other.information, rel=1e-8, abs=1e-9 * np.abs(other.information).max()
        )


def test_noises_of_zero_are_those_of_the_filter_too() -> None:
    found, usual = both(SEASON, fog.Log.regular(readings(80)[0][:, None], dt=1.0))
    for zero in range(3):
        values = np.array([0.7, 0.05, 0.1])
        values[zero] = 0.0
        one, other = found.at(values), usual.at(values)
        assert one.loglik == pytest.approx(other.loglik, rel=1e-11)
        assert one.gradient == pytest.approx(
            other.gradient, rel=1e-7, abs=1e-7 * np.abs(other.gradient).max()
        )
    nothing = np.zeros(3)
    assert np.isnan(found.at(nothing).loglik) and np.isnan(usual.at(nothing).loglik)


def test_the_logarithm_of_readings_keeps_its_jacobian() -> None:
    z = np.exp(0.1 * readings(50)[0])
    found, usual = both(fog.structural(trend="random", log=True), fog.Log.regular(z[:, None], dt=1.0))
    values = np.array([0.3, 0.1, 0.2])
    assert found.at(values).loglik == pytest.approx(usual.at(values).loglik, rel=1e-11)


def test_readings_that_are_held_back_end_the_rows() -> None:
    found, usual = both(SEASON, fog.Log.regular(readings(80)[0][:, None], dt=1.0), share=0.7)
    values = np.array([0.9, 0.05, 0.1])
    assert found.at(values).loglik == pytest.approx(usual.at(values).loglik, rel=1e-11)


def test_the_tracks_of_a_log_are_summed() -> None:
    z = readings(40, count=5)
    time, track = np.tile(np.arange(40.0), 5), np.repeat(np.arange(5), 40)
    log = fog.Log.from_arrays(time[:-6], track=track[:-6], value=z.ravel()[:-6])  # the last is shorter
    found, usual = both(SEASON, log)
    values = np.array([0.7, 0.05, 0.1])
    one, other = found.at(values), usual.at(values)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-11)
    assert one.gradient == pytest.approx(other.gradient, rel=1e-8)
    assert one.information == pytest.approx(other.information, rel=1e-8)


def test_series_of_different_lengths_and_one_with_a_gap_are_each_their_own() -> None:
    lengths, z = (60, 45, 7, 70), readings(70, count=4)
    parts = [z[k, :n].copy() for k, n in enumerate(lengths)]
    parts[1][20] = np.nan
    track = np.repeat(np.arange(4), lengths)
    time = np.concatenate([np.arange(n, dtype=float) for n in lengths])
    log = fog.Log.from_arrays(time, track=track, value=np.concatenate(parts))
    names = tuple(SEASON.parameters)
    many = Likelihoods(SEASON, log, fog.EKF(), names)
    assert many._regular is not None and many._regular.regular.tolist() == [True, False, False, True]
    values = np.array([0.9, 0.05, 0.1])
    series = np.array([3, 1, 0])
    logliks, gradients, _ = many.at_each(series, np.tile(values, (3, 1)))
    common, nis = many.at_common(series, values)
    for k, number in enumerate(series):
        alone = fog.Log.regular(parts[number][:, None], dt=1.0)
        usual = Likelihood(SEASON, alone)
        vars(usual)["_regular"] = None
        assert logliks[k] == pytest.approx(usual.at(values).loglik, rel=1e-11)
        assert gradients[k] == pytest.approx(usual.at(values).gradient, rel=1e-8)
        assert common[k] == pytest.approx(logliks[k], rel=1e-11)
        assert nis[k] == pytest.approx(
            np.nansum(fog.run(SEASON.with_parameters(dict(zip(names, values, strict=True))), alone).nis),
            rel=1e-9,
        )


def test_every_other_log_and_model_is_filtered_as_ever() -> None:
    z = readings(60)[0]
    gap = z.copy()
    gap[30] = np.nan
    assert rows_of(SEASON, fog.Log.regular(gap[:, None], dt=1.0)) is None
    uneven = np.arange(60.0)
    uneven[40:] += 0.5
    assert rows_of(SEASON, fog.Log.from_arrays(uneven, value=z)) is None
    assert rows_of(SEASON, fog.Log.regular(z[:7][:, None], dt=1.0)) is None  # too few rows
    known = drifting().with_start(fog.Belief([0.0, 0.0], std=[1.0, 1.0]))
    assert rows_of(known, fog.Log.regular(z[:, None], dt=1.0)) is None
    forgets = fog.Motion(
        ("a", "b"),
        lambda x, dt, p: [x.a, 0.0 * x.b],
        lambda x, dt, p: fog.noise.independent([p.q**2, 1.0]),
        {"q": 1.0},
    )
    gauge = fog.sensing.linear("gauge", of="a", std=1.0)
    assert rows_of(fog.Model(forgets, [gauge], None), fog.Log.regular(z[:, None], dt=1.0)) is None


def test_where_digits_would_be_lost_the_filter_itself_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(increments, "LEAST", 0.5)
    model, names = drifting(), ("motion.accel", "gauge.std")
    z = readings(30)[0]
    found, usual = both(model, fog.Log.regular(z[:, None], dt=1.0))
    values = np.array([0.01, 1.0])
    assert found.at(values).loglik == usual.at(values).loglik and "_ordinary" in vars(found)
    many = Likelihoods(model, fog.Log.regular(z[None, :, None], dt=1.0), fog.EKF(), names)
    logliks, _, _ = many.at_each(np.array([0]), values[None])
    assert logliks[0] == pytest.approx(usual.at(values).loglik, rel=1e-12)
    assert many.at_common(np.array([0]), values)[0] == pytest.approx(logliks, rel=1e-12)


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_all_widths_and_the_interpreter_have_the_same_bits(lanes: int) -> None:
    made = increments_engine(SEASON, fog.EKF(), (0, 1, 2), 1.0)
    given = rows_of(SEASON, fog.Log.regular(readings(40, count=5)[:, :, None], dt=1.0))
    assert made is not None and given is not None
    for engine in made[1:]:
        assert isinstance(engine, CompiledEngine)
        plain = InterpreterBackend().engine(engine.kernel, brief=False)
        arrays = given.arrays
        if engine is made[2]:
            carry = np.zeros((5, engine.carried))
            n = arrays.carry.shape[1] - 2
            carry[:, :n], carry[:, -2:] = arrays.carry[:, :n], arrays.carry[:, -2:]
            carry[:, -8:-2] = [1.0, 0.0, 0.0, 0.9, 0.05, 0.1]
            arrays = replace(arrays, carry=carry)
        for one, other in zip(engine.narrowed(lanes).run(arrays), plain.run(arrays), strict=True):
            assert one.tobytes() == other.tobytes()


def test_a_panel_is_tuned_to_the_same_maxima() -> None:
    z = readings(72, seed=3, count=6)
    fits = fog.tune_each(SEASON, fog.Log.regular(z[:, :, None], dt=1.0))
    for k in range(6):
        usual = Likelihood(fits[k], fog.Log.regular(z[k][:, None], dt=1.0))
        assert fits.loglik[k] == pytest.approx(usual.loglik(usual.values), rel=1e-10)
