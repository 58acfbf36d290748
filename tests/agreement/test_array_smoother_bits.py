"""Smoothing, drawing, simulating and predicting readings on whole arrays: the same bits by interpreter, LLVM and C."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from agreement.array_cases import chain, correlated, dense, noisy, sensors, varying
from agreement.generated_c import Compiled, need_gcc
from agreement.test_array_bits import differing
from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import ArrayEngine, LlvmBackend
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernels.linear_smoother import DISTURBANCE, MESSAGE, backward_recipe, forward_recipe
from foglight.compiler.kernels.predicted_readings import readings_recipe
from foglight.compiler.kernels.simulation import simulation_recipe
from foglight.compiler.kernels.smoother import smoother_recipe
from foglight.compiler.kernels.smoother_stage import DRAW, LAG_ONE, SMOOTH
from foglight.compiler.kernels.weighted_smoother import nothing_yet, weighted_recipe
from foglight.compiler.recipe import Recipe, traced
from foglight.inference.prepare import row_values
from foglight.methods.diffuse_start import Diffuse
from foglight.methods.layout import belief_size, upper
from fuzz.test_sanitized_c import wild

N, TRACKS, ROWS, UNKNOWN = 9, 3, 12, 2
RESETS = fog.EKF(gate=0.99, recover=0.3)
ADAPTED = fog.EKF(adapt=fog.adapt())
Array = NDArray[np.float64]

# Of N states, unless the name says otherwise.
RECIPES: dict[str, Callable[[], Recipe]] = {
    "EKF smooth": lambda: smoother_recipe(chain(N), fog.EKF(), SMOOTH),
    "UKF smooth": lambda: smoother_recipe(chain(N), fog.UKF(), SMOOTH),
    "CKF lag one": lambda: smoother_recipe(chain(N), fog.CKF(), LAG_ONE),
    "EKF draw": lambda: smoother_recipe(chain(N), fog.EKF(), DRAW),
    "resets smooth": lambda: smoother_recipe(chain(N), RESETS, SMOOTH),
    "resets lag one": lambda: smoother_recipe(chain(N), RESETS, LAG_ONE),
    "resets draw": lambda: smoother_recipe(chain(N), RESETS, DRAW),
    "unknown smooth": lambda: smoother_recipe(chain(N), Diffuse(fog.EKF(), UNKNOWN), SMOOTH),
    "unknown draw": lambda: smoother_recipe(chain(N), Diffuse(fog.UKF(), UNKNOWN), DRAW),
    "adapted smooth": lambda: smoother_recipe(chain(N), ADAPTED, SMOOTH),
    "linear smooth": lambda: backward_recipe(dense(N), fog.KF(), SMOOTH),
    "linear lag one": lambda: backward_recipe(varying(N), fog.KF(), LAG_ONE),
    "linear disturbance": lambda: backward_recipe(dense(N), fog.KF(), DISTURBANCE),
    "linear message": lambda: backward_recipe(dense(N), fog.KF(form="joseph"), MESSAGE),
    "linear from a covariance": lambda: backward_recipe(dense(N), fog.KF(form="joseph"), SMOOTH),
    "from a covariance": lambda: smoother_recipe(chain(N), fog.EKF(form="textbook"), LAG_ONE),
    "linear by weights": lambda: weighted_recipe(dense(N), fog.KF()),
    "linear by weights, varying": lambda: weighted_recipe(varying(N), fog.KF(form="joseph")),
    "linear by weights, sparse": lambda: weighted_recipe(sensors(N), fog.KF()),
    "linear of a full R": lambda: backward_recipe(noisy(N), fog.KF(), SMOOTH),
    "linear by weights, of a full R": lambda: weighted_recipe(correlated(N), fog.KF()),
    "linear draw": lambda: forward_recipe(dense(N), fog.KF(), DRAW, 0),
    "simulate a matrix": lambda: simulation_recipe(dense(N)),
    "simulate a function": lambda: simulation_recipe(chain(N)),
    "readings of a matrix": lambda: readings_recipe(dense(N), fog.KF()),
    "readings of points": lambda: readings_recipe(chain(N), fog.UKF()),
    "readings of adapted noise": lambda: readings_recipe(chain(N), ADAPTED),
    "readings of a covariance": lambda: readings_recipe(dense(N), fog.KF(form="joseph")),
}  # fmt: skip
LARGE: dict[str, Callable[[], Recipe]] = (
    {f"linear smooth of {n}": (lambda n=n: backward_recipe(dense(n), fog.KF(), SMOOTH)) for n in (13, 20, 50)}
    | {f"linear by weights of {n}": (lambda n=n: weighted_recipe(dense(n), fog.KF())) for n in (13, 20, 50)}
    | {f"EKF smooth of {n}": (lambda n=n: smoother_recipe(chain(n), fog.EKF(), SMOOTH)) for n in (13, 20, 50)}
)
each = pytest.mark.parametrize(
    "name", [*RECIPES, *[pytest.param(name, marks=pytest.mark.campaign) for name in LARGE]]
)


@cache
def case(name: str) -> tuple[Any, Arrays, tuple[Array, Array]]:
    """A kernel on whole arrays, what it reads, and what the interpreter makes of it."""
    recipe = (RECIPES | LARGE)[name]()
    n = len(recipe.model.state)
    kernel = traced(recipe, arrays=True)
    rng = np.random.default_rng(len(name))
    widths, carried = kernel.widths, len(kernel.carry)
    z = rng.standard_normal((TRACKS, ROWS, widths["z"]))
    carry = np.zeros((TRACKS, kernel.carried))
    carry[:, :carried] = rng.standard_normal((TRACKS, carried))
    readings = widths["z"] - belief_size(n)
    if name.startswith("linear"):
        first = len(recipe.model.components)
        z[:, :, :first][rng.random((TRACKS, ROWS, first)) < 0.2] = np.nan
        weights = "by weights" in name
        carry[:, :carried] = nothing_yet(np.ones(n)) if weights else nothing_later(n, carried)
        z[:, :, first:] = beliefs(rng, n, z.shape[2] - first, 20.0 if "covariance" in name else 1.0)
        if name == "linear draw":
            z[:] = case("linear message")[2][1]
            carry[:, :carried] = rng.standard_normal((TRACKS, carried))
    elif not name.startswith("simulate"):
        z[:, :, : belief_size(n)] = beliefs(rng, n, belief_size(n), 20.0 if "covariance" in name else 1.0)
        z[:, 4, 2], z[:, 7, n + 2] = np.inf, 1e200
        if readings == 1:  # whether the filter was reset in the next row
            z[:, :, -1] = np.where(rng.random((TRACKS, ROWS)) < 0.2, 1.0, np.nan)
            z[:, [4, 7], -1] = np.nan
        if name.startswith("unknown"):  # directions, and their weights, of which every third is 0
            z[:, :, -UNKNOWN:] = np.maximum(0.0, z[:, :, -UNKNOWN:]) * (np.arange(ROWS) % 3 > 0)[:, None]
        if carried >= belief_size(n):
            carry[:, : belief_size(n)] = beliefs(rng, n, belief_size(n))[:, 0]
    data = Arrays(
        dt=np.concatenate([[0.1, 0.0], rng.choice([0.1, 0.3], ROWS - 2)]),
        u=rng.standard_normal((TRACKS, ROWS, widths["u"])),
        row=row_values(recipe.model, ROWS)[None],
        z=z,
        params=np.array([float(v) for v in recipe.model.parameters.values()]),
        carry=carry,
    )
    return kernel, data, interpreter.scan(kernel, data)


def beliefs(rng: np.random.Generator, n: int, width: int, largest: float = 1.0) -> Array:
    """Means and triangles of n states (tracks, rows, width), up to `largest` on the diagonal, or nothing."""
    found = 0.3 * rng.standard_normal((TRACKS, ROWS, width))
    for k, (i, j) in enumerate(upper(n)):
        if i == j and width:
            found[:, :, n + k] = rng.uniform(0.2, 1.0, (TRACKS, ROWS)) * largest
    return found


def nothing_later(n: int, carried: int) -> Array:
    """Equations that say nothing."""
    return np.where(np.arange(carried) < belief_size(n), 0.0, 1.0)


@each
def test_they_are_on_whole_arrays_and_say_something(name: str) -> None:
    kernel, _, (carry, records) = case(name)
    assert any(stage.program.on_arrays for stage in kernel.stages)
    assert np.isfinite(carry).all() and 0.3 < np.isfinite(records).mean() <= 1.0
    assert np.ptp(records[:, -1], axis=0).any(), "all tracks are the same"


@each
def test_llvm(name: str) -> None:
    kernel, data, expected = case(name)
    for effort in (0, 2):
        assert differing(ArrayEngine(kernel, effort=effort).run(data), expected) == 0


@each
def test_llvm_on_any_bits(name: str) -> None:
    kernel, data, _ = case(name)
    data = wild(kernel, data)
    found = LlvmBackend().engine(kernel, brief=True).run(data)
    assert differing(found, interpreter.scan(kernel, data)) == 0


@pytest.mark.parametrize(
    "name",
    [name for name in RECIPES if not name.startswith("readings")]
    + [pytest.param(name, marks=pytest.mark.campaign) for name in LARGE],
)
def test_c(name: str, tmp_path: Path) -> None:
    need_gcc()
    kernel, data, expected = case(name)
    assert differing(Compiled(kernel, tmp_path, ("-O0",)).run(data), expected) == 0
