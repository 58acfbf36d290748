"""Smoothing on whole arrays: the bits of every backend, and the numbers of the equations on scalars."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.engine import engine
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Recipe, traced


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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_cheaper", choice)
        if backends:
            patch.setattr(engine, "BACKENDS", list(backends))
        yield


@pytest.mark.parametrize("n, m", [(3, 1), (7, 2), (8, 3)])
def test_smoothing_on_arrays_has_the_same_bits_everywhere_and_the_numbers_of_scalars(n: int, m: int) -> None:
    found = {}
    ways = {"llvm": (whole,), "interpreter": (whole, InterpreterBackend()), "scalars": (traced,)}
    for name, way in ways.items():
        with forced(*way):
            found[name] = fog.smooth(fog.run(model(n, m, 5), log(m, 6)))
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
    "method", [fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF(), fog.EKF(iterations=2)], ids=repr
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
