"""How many rows the first phase of an unknown start takes."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine


def test_the_first_phase_lasts_as_many_rows_as_there_are_unknown_directions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More where readings are missing, in few parts."""
    one, rows = np.eye(3), 40
    model = fog.linear_model(F=one + np.diag([1.0, 1.0], 1), Q=one, H=one[:1], R=[[1.0]], start=None)
    engine = engine_of(model, fog.EKF(), "result")
    assert isinstance(engine, TwoPhaseEngine)
    asked: list[int] = []
    run = engine.first.run

    def noted(arrays: Any) -> Any:
        asked.append(len(arrays.dt))
        return run(arrays)

    monkeypatch.setattr(engine.first, "run", noted)
    z = np.random.default_rng(1).standard_normal((rows, 1))
    fog.run(model, fog.Log.regular(z, dt=1.0))
    z[1] = np.nan
    fog.run(model, fog.Log.regular(z, dt=1.0))
    fog.run(model, fog.Log.regular(np.full_like(z, np.nan), dt=1.0))
    assert asked == [3, *[3, 16], *[3, 16, 19, 2]]


@pytest.mark.parametrize("tracks", [1, 3])
def test_a_first_phase_that_is_too_long_to_compile_hands_over(
    tracks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs on floats, which record every row, also where the second phase records nothing."""

    def model() -> fog.Model:
        return fog.linear_model(np.eye(3) + 0.1, np.eye(3), np.eye(2, 3), np.eye(2), start=None)

    engine = engine_of(model(), fog.EKF(), "last")
    assert isinstance(engine, TwoPhaseEngine)
    z = np.random.default_rng(2).standard_normal((tracks, 20, 2))
    log = fog.Log.regular(z, dt=1.0)
    expected = fog.run(model(), log)
    monkeypatch.setattr("foglight.compiler.engine.engine.COMPILED_BELOW", engine.then.kernel.size)
    with pytest.warns(fog.FoglightWarning, match="row by row in Python"):
        last = fog.run(model(), log, keep="last")
    np.testing.assert_allclose(last.loglik, expected.loglik, rtol=1e-12)
    for one, other in zip(last.belief, expected.belief, strict=True):
        np.testing.assert_allclose(one.mean, other.mean, rtol=1e-10, atol=1e-12)
