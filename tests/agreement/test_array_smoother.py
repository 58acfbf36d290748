"""Smoothing on whole arrays: the bits of every backend, and the numbers of the equations on scalars."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.engine import engine
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Recipe, traced
from unit.on_arrays import engines_apart


def model(n: int, m: int, seed: int) -> fog.Model:
    """Dense matrices; a third of the noises of the motion are 0, and R is full."""
    rng = np.random.default_rng(seed)
    A, B, C = rng.normal(size=(n, n)), rng.normal(size=(n, n - n // 3)), rng.normal(size=(m, m))
    return fog.linear_model(
        0.9 * A / np.abs(np.linalg.eigvals(A)).max(), B @ B.T, rng.normal(size=(m, n)), C @ C.T + np.eye(m),
        start=fog.Belief(np.zeros(n), cov=0.5 * np.eye(n) + 0.5),
    )  # fmt: skip


def log(m: int, seed: int) -> fog.Log:
    """Two tracks' worth of rows, some components missing."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(25, m))
    z[rng.random(z.shape) < 0.2] = np.nan
    return fog.Log.regular(z, dt=1.0)


def whole(recipe: Recipe) -> Kernel:
    """On whole arrays where the equations are ready for it."""
    return traced(recipe, arrays=recipe.on_arrays)


@contextmanager
def forced(choice: object, *backends: object) -> Iterator[None]:
    """Another choice between scalars and arrays, and other backends."""
    with engines_apart() as patch:
        patch.setattr(engine, "_cheaper", choice)
        if backends:
            patch.setattr(engine, "BACKENDS", list(backends))
        yield


@pytest.mark.parametrize(
    "n, m, form", [(3, 1, "factored"), (7, 2, "factored"), (8, 3, "factored"), (4, 2, "textbook")]
)
def test_smoothing_on_arrays_has_the_same_bits_everywhere_and_the_numbers_of_scalars(
    n: int, m: int, form: str
) -> None:
    found = {}
    ways = {"llvm": (whole,), "interpreter": (whole, InterpreterBackend()), "scalars": (traced,)}
    for name, way in ways.items():
        with forced(*way):
            found[name] = fog.smooth(fog.run(model(n, m, 5), log(m, 6), method=fog.KF(form=form)))
    assert "whole arrays" in found["llvm"].engine
    arrays, plain = found["llvm"], found["scalars"]
    assert arrays.mean.tobytes() == found["interpreter"].mean.tobytes()
    assert arrays.cov.tobytes() == found["interpreter"].cov.tobytes()
    assert np.abs((arrays.mean - plain.mean) / plain.std).max() < 1e-12
    np.testing.assert_allclose(arrays.std, plain.std, rtol=1e-12)


def test_lag_one_covariances_are_those_of_scalars() -> None:
    with forced(whole):
        arrays = fog.smooth(fog.run(model(6, 2, 7), log(2, 8)))
    with forced(traced):
        plain = fog.smooth(fog.run(model(6, 2, 7), log(2, 8)))
    np.testing.assert_allclose(arrays.lag_one_cov, plain.lag_one_cov, rtol=1e-9, atol=1e-12)


def within(found: np.ndarray, expected: np.ndarray, std: np.ndarray, asked: float) -> None:
    """Differences in standard deviations."""
    assert np.isfinite(found).all() and np.abs((found - expected) / std).max() < asked


@pytest.mark.parametrize("form", ["factored", "joseph"])
def test_draws_on_arrays_have_the_same_bits_everywhere_and_the_numbers_of_scalars(form: str) -> None:
    paths = {}
    ways = {"llvm": (whole,), "interpreter": (whole, InterpreterBackend()), "scalars": (traced,)}
    for name, way in ways.items():
        with forced(*way):
            run = fog.run(model(4, 2, 9), log(2, 10), method=fog.KF(form=form))
            paths[name] = fog.sample(run, draws=4, seed=2)
    assert paths["llvm"].tobytes() == paths["interpreter"].tobytes()
    within(paths["llvm"], paths["scalars"], run.filtered.std, 1e-12)


GATED = {"gate": 0.7, "recover": 0.3}
CURVED = [
    fog.EKF(**GATED), fog.EKF(form="joseph"), fog.UKF(),
    *[pytest.param(method, marks=pytest.mark.campaign)
      for method in (fog.EKF(), fog.UKF(alpha=1e-2), fog.CKF(), fog.UKF(**GATED))],
]  # fmt: skip


@pytest.mark.parametrize("method", CURVED, ids=repr)
def test_curved_models_are_smoothed_on_arrays_as_on_scalars(method: fog.EKF | fog.UKF | fog.CKF) -> None:
    """Beliefs, lag-one covariances and draws: the bits of the interpreter, and the numbers of scalars."""
    z = np.random.default_rng(4).normal(size=(20, 2))
    z[7, 0], z[11], z[15] = np.nan, np.nan, 3.0  # the last one is rejected where there is a gate
    rows, found = fog.Log.regular(z, dt=0.1), {}
    ways = {"llvm": (whole,), "interpreter": (whole, InterpreterBackend()), "scalars": (traced,)}
    for name, way in ways.items():
        with forced(*way):
            run = fog.run(chain(3), rows, method=method)
            smoothed = fog.smooth(run)
            lag, draws = smoothed.lag_one_cov, fog.sample(run, draws=3, seed=5)
        found[name] = (smoothed.mean, smoothed.std, lag, draws)
        assert ("whole arrays" in smoothed.engine) == (name == "llvm")
    for one, other in zip(found["llvm"], found["interpreter"], strict=True):
        assert one.tobytes() == other.tobytes()
    mean, std, lag, draws = found["scalars"]
    within(found["llvm"][0], mean, std, 1e-11)
    within(found["llvm"][1], std, std, 1e-11)
    within(found["llvm"][2][1:], lag[1:], std[1:, :, None] * std[:-1, None], 1e-11)
    within(found["llvm"][3], draws, std, 1e-10)
    assert (np.abs(mean - run.filtered.mean) / std).max() > 0.5


def of_unknown_start(n: int, unknown: int) -> fog.Model:
    """The chain of which nothing is known of the first states, and the others roughly."""
    std = [np.inf] * unknown + [1.0] * (n - unknown)
    return chain(n).with_start(fog.Belief([0.1] * n, std=std))


UNKNOWN = [
    (2, 1, fog.EKF()),
    *[pytest.param(n, unknown, method, marks=pytest.mark.campaign)
      for n, unknown, method in
      ((4, 3, fog.EKF()), (4, 2, fog.UKF()), (4, 3, fog.EKF(**GATED)), (3, 2, fog.CKF()))],
]  # fmt: skip


@pytest.mark.parametrize(("n", "unknown", "method"), UNKNOWN, ids=str)
def test_unknown_starts_of_curved_models_are_smoothed_on_arrays_as_on_scalars(
    n: int, unknown: int, method: fog.EKF | fog.UKF | fog.CKF
) -> None:
    """Beliefs with what stays unknown, lag-one covariances and draws, of rows that a sensor leaves out."""
    z = np.random.default_rng(8).normal(size=(14, 2))
    z[0], z[1, 0], z[2, 0] = np.nan, np.nan, np.nan
    rows, found = fog.Log.regular(z, dt=0.4), {}
    ways = {"llvm": (whole,), "interpreter": (whole, InterpreterBackend()), "scalars": (traced,)}
    for name, way in ways.items():
        with forced(*way):
            run = fog.run(of_unknown_start(n, unknown), rows, method=method)
            smoothed = fog.smooth(run)
            found[name] = (
                smoothed.mean,
                smoothed.std,
                smoothed.lag_one_cov,
                fog.sample(run, draws=3, seed=5),
            )
    assert np.isinf(run.filtered.std[0]).any() and np.isfinite(found["scalars"][1]).all()
    for one, other in zip(found["llvm"], found["interpreter"], strict=True):
        assert one.tobytes() == other.tobytes()
    mean, std, lag, draws = found["scalars"]
    within(found["llvm"][0], mean, std, 1e-10)
    within(found["llvm"][1], std, std, 1e-10)
    within(found["llvm"][2][1:], lag[1:], std[1:, :, None] * std[:-1, None], 1e-10)
    within(found["llvm"][3], draws, std, 1e-9)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_a_curved_model_of_many_states_is_compiled(method: fog.EKF | fog.UKF) -> None:
    """Without the warning that a model is too large; each state given later readings is never wider."""
    rows = fog.Log.regular(np.random.default_rng(6).normal(size=(6, 2)), dt=0.1)
    run = fog.run(chain(13), rows, method=method)
    smoothed = fog.smooth(run)
    assert "whole arrays" in smoothed.engine
    assert (smoothed.std <= run.filtered.std * (1.0 + 1e-12)).all()


@pytest.mark.campaign
@pytest.mark.filterwarnings("error")
def test_so_is_one_of_an_unknown_start() -> None:
    """Without the warning, in a few hundredths of the time that its equations take on Python's floats."""
    z = np.random.default_rng(6).normal(size=(40, 2))
    run = fog.run(of_unknown_start(13, 4), fog.Log.regular(z, dt=0.1))
    smoothed = fog.smooth(run)
    assert "whole arrays" in smoothed.engine and np.isinf(run.filtered.std[0]).any()
    assert np.isfinite(smoothed.mean).all() and (smoothed.std <= run.filtered.std * (1.0 + 1e-12)).all()
    assert fog.sample(run, draws=2, seed=1).shape == (2, 40, 13)


def test_dense_models_are_drawn_simulated_and_forecast_in_machine_code() -> None:
    given = model(14, 2, 11)
    run = fog.run(given, log(2, 12))
    assert fog.sample(run, draws=2, seed=1).shape == (2, 25, 14)
    readings, truth = fog.simulate(model(105, 2, 13), steps=3, dt=1.0, seed=1)
    assert truth.shape == (3, 105) and len(readings) == 3


@pytest.mark.parametrize("make", [lambda: model(6, 2, 14), lambda: chain(6)], ids=["matrices", "functions"])
def test_simulations_and_forecasts_on_arrays_have_the_numbers_of_scalars(make: Any) -> None:
    found = {}
    for name, way in {"arrays": whole, "scalars": traced}.items():
        with forced(way):
            given = make()
            simulated, truth = fog.simulate(given, steps=40, dt=0.5, seed=3)
            run = fog.run(given, simulated)
            ahead = fog.forecast(run, steps=5)
            sensor = next(iter(ahead.sensors.values()))
            found[name] = (truth, *simulated.blocks.values(), sensor.mean, sensor.cov)
    for one, other in zip(found["arrays"], found["scalars"], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


def chain(n: int) -> fog.Model:
    """x_i' = x_i + dt sin x_{i+1}, in a ring; two are measured, one of them as an angle."""
    return fog.Model(
        fog.Motion(
            tuple(f"s{i}" for i in range(n)),
            lambda x, dt, p: [x[i] + dt * np.sin(x[(i + 1) % n]) for i in range(n)],
            lambda x, dt, p: np.diag([0.1 * dt] * n),
        ),
        [
            fog.Sensor(
                "pair", ("first", "middle"), lambda x, p: [x[0] * x[1], np.arctan2(x[0], 2.0 + np.cos(x[n // 2]))],
                lambda x, p: np.diag([0.1, 0.2]), angles=("middle",),
            )
        ],
        fog.Belief([0.1] * n, std=[1.0] * n),
    )  # fmt: skip


@pytest.mark.parametrize(
    "method",
    [
        fog.UKF(),
        fog.EKF(iterations=2),
        *[pytest.param(method, marks=pytest.mark.campaign) for method in (fog.UKF(alpha=1e-3), fog.CKF())],
    ],
    ids=repr,
)
def test_a_function_acts_on_all_pairs_of_points_at_once_as_on_each(
    method: fog.EKF | fog.UKF | fog.CKF,
) -> None:
    rows = fog.Log.regular(np.random.default_rng(3).normal(size=(20, 2)), dt=0.1)
    with forced(whole):
        arrays = fog.run(chain(5), rows, method=method)
    with forced(whole, InterpreterBackend()):
        interpreted = fog.run(chain(5), rows, method=method)
    with forced(traced):
        plain = fog.run(chain(5), rows, method=method)
    assert "whole arrays" in arrays.engine
    assert arrays.filtered.mean.tobytes() == interpreted.filtered.mean.tobytes()
    assert np.abs((arrays.filtered.mean - plain.filtered.mean) / plain.filtered.std).max() < 1e-10
    np.testing.assert_allclose(arrays.filtered.std, plain.filtered.std, rtol=1e-10)
