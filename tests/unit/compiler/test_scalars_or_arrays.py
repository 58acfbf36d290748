"""Which kernels are on whole arrays: how much work they are, and that both phases of an unknown start are alike."""

import pytest

import foglight as fog
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.recipe import traced
from foglight.methods.diffuse_start import Diffuse
from foglight.trace.array_work import work
from oracle.models import full


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
