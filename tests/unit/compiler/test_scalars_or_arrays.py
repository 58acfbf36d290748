"""Which kernels are on whole arrays: how much work they are, and that both phases of an unknown start are alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.engine import gradient_engine
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.kernels.linear_smoother import backward_recipe
from foglight.compiler.kernels.sensitivity import sensitivity_kernel
from foglight.compiler.kernels.smoother_stage import SMOOTH
from foglight.compiler.recipe import traced
from foglight.methods.diffuse_start import Diffuse
from foglight.trace.array_work import work
from oracle.models import covariance, full


def dense(n: int, m: int, start: fog.Belief | None = None) -> fog.Model:
    p = full(n, n, m, 1)
    return fog.linear_model(p.F, p.Q, p.H, p.R, start=start)


@pytest.mark.parametrize("unknown", [0, 9])
def test_the_work_of_arrays_is_that_of_scalars(unknown: int) -> None:
    method = Diffuse(fog.KF(), unknown) if unknown else fog.KF()
    recipe = filter_recipe(dense(9, 1), method)
    found = sum(work(stage.program) for stage in traced(recipe, arrays=True).stages)
    assert 0.75 < found / traced(recipe).size < 1.25


@pytest.mark.parametrize("n", [4, 9])
def test_both_phases_of_an_unknown_start_are_alike(n: int) -> None:
    """With nine states the second alone would be on scalars, and would differ from the first by rounding."""
    engine = engine_of(dense(n, 3), fog.KF(), "result")
    assert isinstance(engine, TwoPhaseEngine)
    assert engine.first.kernel.on_arrays == engine.then.kernel.on_arrays == (n == 9)
    known = dense(n, 3, fog.Belief([0.0] * n, std=[1.0] * n))
    assert not engine_of(known, fog.KF(), "result").kernel.on_arrays


def correlated(m: int) -> fog.Model:
    """As many states as components; R is full and known, and so is all but a factor of Q."""
    p = full(m, m, m, 1)
    R = covariance(np.random.default_rng(m), m)
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(m)),
        lambda x, dt, p_: p.F @ np.array(list(x)),
        lambda x, dt, p_: fog.noise.independent([p_.q] * m),
        {"q": 0.7},
    )
    sensor = fog.Sensor(
        "all", tuple(f"z{i}" for i in range(m)), lambda x, p_: p.H @ np.array(list(x)), lambda x, p_: R
    )
    return fog.Model(motion, [sensor], fog.Belief(np.zeros(m), std=np.ones(m)))


def smoothing(m: int) -> Kernel:
    return traced(backward_recipe(correlated(m), fog.KF(), SMOOTH), arrays=True)


def differentiating(m: int) -> Kernel:
    kernel = sensitivity_kernel(filter_recipe(correlated(m), fog.KF(), white=True), (0,), None, 1)
    assert kernel is not None
    return kernel


@pytest.mark.parametrize("kernel", [smoothing, differentiating])
def test_operations_on_arrays_grow_with_the_components_of_a_full_noise(
    kernel: Callable[[int], Kernel],
) -> None:
    """Each component is whitened and taken in a fixed number of operations, however many were taken before it."""
    sizes = [kernel(m).size for m in (15, 30)]
    assert sizes[1] < 2.2 * sizes[0]


def ring(n: int, start: fog.Belief) -> fog.Model:
    """x_i' = x_i + dt sin x_{i+1}, every second state measured; both noises have a parameter."""

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x[i] + dt * np.sin(x[(i + 1) % n]) for i in range(n)]

    at = range(0, n, 2)
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)), dynamics, lambda x, dt, p: p.q**2 * dt * np.eye(n), {"q": 0.3}
    )
    sensor = fog.Sensor(
        "half",
        tuple(f"z{i}" for i in at),
        lambda x, p: [x[i] for i in at],
        lambda x, p: p.r**2 * np.eye(len(at)),
        {"r": 0.5},
    )
    return fog.Model(motion, [sensor], start)


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.UKF(), Diffuse(fog.EKF(), 6)], ids=["EKF", "UKF", "unknown"]
)
@pytest.mark.parametrize("truth", [False, True])
def test_scalars_of_a_gradient_are_not_counted_where_arrays_are_surely_less(
    method: Any, truth: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrays are taken as they would be after counting: scalars are at least a quarter of what arrays stand for."""
    small = filter_recipe(ring(8, fog.Belief(np.zeros(8), std=np.ones(8))), method, white=True)
    arrays = gradient_engine._on_arrays(small, (0, 1), truth)
    lines = gradient_engine._on_lines(small, (0, 1), truth, None)
    assert arrays is not None and lines is not None
    assert arrays.work <= gradient_engine._ZEROS * lines.size
    large = filter_recipe(ring(16, fog.Belief(np.zeros(16), std=np.ones(16))), method, white=True)
    monkeypatch.setattr(gradient_engine, "_on_lines", None)
    found = gradient_engine._kernel(large, (0, 1), truth, None)
    assert found is not None and found.on_arrays
