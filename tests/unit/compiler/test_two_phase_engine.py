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
