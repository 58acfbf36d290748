"""Draws of whole trajectories: reproducible from a seed, with the right moments, and in the shape of the log."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import driven, plane
from foglight.compiler.backends import interpreter
from foglight.compiler.kernels import smoother
from foglight.compiler.kernels.smoother_stage import look_ahead
from foglight.inference.scans import FEW
from unit.inference.test_smooth import walk
from unit.on_floats import on_floats


def test_the_same_seed_gives_the_same_draws_and_more_begin_with_the_fewer() -> None:
    run, _ = walk()
    draws = fog.sample(run, draws=5, seed=7)
    assert draws.shape == (5, 30, 2) and draws.dtype == np.float64
    assert fog.sample(run, draws=5, seed=7).tobytes() == draws.tobytes()
    assert fog.sample(run, draws=2, seed=7).tobytes() == draws[:2].tobytes()
    assert not np.isin(fog.sample(run, draws=5, seed=8), draws).any()
    assert len({row.tobytes() for row in draws}) == 5


def test_many_draws_have_the_smoothed_moments() -> None:
    """2,000 draws: means within 5 standard errors; variances and covariances of neighbours within a sixth."""
    z = np.cumsum(np.random.default_rng(5).standard_normal((20, 2)), axis=0)
    run = fog.run(plane(20), fog.Log.regular(z, dt=0.2), method=fog.UKF())
    smoothed, draws = fog.smooth(run), fog.sample(run, draws=2000, seed=3)
    away = (draws - smoothed.mean) / smoothed.std
    assert np.abs(away.mean(axis=0)).max() * np.sqrt(2000) < 5.0
    assert np.abs((away**2).mean(axis=0) - 1.0).max() < 0.17
    lag = np.einsum("kti,ktj->tij", away[:, 1:], away[:, :-1]) / 2000
    expected = smoothed.lag_one_cov[1:] / (smoothed.std[1:, :, None] * smoothed.std[:-1, None, :])
    assert np.abs(lag - expected).max() < 0.17 and np.abs(expected).max() > 0.5


def test_draws_of_a_long_log_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few rows are interpreted, because compiling for them is not worth it."""
    z = np.cumsum(np.random.default_rng(7).standard_normal((FEW + 8, 2)), axis=0)
    run = fog.run(plane(len(z)), fog.Log.regular(z, dt=0.2))
    expected = fog.sample(run, draws=2, seed=1)
    run = fog.run(plane(len(z)), fog.Log.regular(z, dt=0.2))
    monkeypatch.setattr(interpreter, "scan", lambda *_: pytest.fail("interpreted"))
    assert fog.sample(run, draws=2, seed=1).tobytes() == expected.tobytes()


def test_draws_of_tracks() -> None:
    z = np.cumsum(np.random.default_rng(6).standard_normal((3, 10, 2)), axis=1)
    model = plane(10)
    together = fog.run(model, fog.Log.regular(z, dt=0.5))
    draws = fog.sample(together, draws=2, seed=4)
    assert draws.shape == (2, 3, 10, 4)
    ragged = fog.Log.from_arrays(
        np.concatenate([np.arange(10) * 0.5, np.arange(6) * 0.5]), track=["a"] * 10 + ["b"] * 6,
        camera=np.vstack([z[0], z[1, :6]]),
    )  # fmt: skip
    run = fog.run(model, ragged)
    own = fog.sample(run, draws=200, seed=4)
    assert own.shape == (200, 16, 4)
    smoothed = fog.smooth(run)
    assert np.abs((own - smoothed.mean).mean(axis=0) / smoothed.std).max() < 0.4
    alone = fog.sample(fog.run(model, fog.Log.regular(z[0], dt=0.5)), draws=200, seed=4)
    assert np.abs(alone.mean(axis=0) - own[:, :10].mean(axis=0)).max() < 1.0


def test_draws_follow_the_controls() -> None:
    model = driven(15)
    u = np.random.default_rng(2).uniform(0, 1, (15, 2))
    log, truth = fog.simulate(model, 15, dt=0.1, seed=1, u=u)
    run = fog.run(model, log)
    draws, smoothed = fog.sample(run, draws=400, seed=1), fog.smooth(run)
    assert np.abs((draws.mean(axis=0) - smoothed.mean) / smoothed.std).max() < 0.35
    assert np.abs((truth - smoothed.mean) / smoothed.std).max() < 5.0


@pytest.mark.parametrize("draws", [0, -1, 2.0, True, "3"])
def test_an_invalid_number_of_draws_is_refused(draws: Any) -> None:
    run, _ = walk()
    with pytest.raises(fog.ModelError, match="whole number >= 1") as caught:
        fog.sample(run, draws=draws, seed=1)
    assert caught.value.field == "draws" and caught.value.value == draws


@pytest.mark.parametrize("seed", [-1, 1.5, "one"])
def test_an_invalid_seed_is_refused(seed: Any) -> None:
    run, _ = walk()
    with pytest.raises(fog.ModelError, match="whole number from 0") as caught:
        fog.sample(run, draws=1, seed=seed)
    assert caught.value.field == "seed"


def test_a_state_that_no_reading_determines_has_no_distribution() -> None:
    model = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.3),
        [fog.sensing.linear("radar", of="gap", std=0.3)],
        start=None,
    )
    run = fog.run(model, fog.Log.from_arrays([0.0, 1.0], radar=[1.0, np.nan]))
    with pytest.raises(fog.DataError, match="the log does not determine gap") as caught:
        fog.sample(run, draws=1, seed=1)
    assert caught.value.field == "start" and "gap_speed" in caught.value.value
    with pytest.raises(
        fog.DataError, match="does not determine gap, gap_speed in its last row, so"
    ) as caught:
        fog.forecast(run, steps=1)
    assert caught.value.value == ["gap", "gap_speed"]


def test_draws_beyond_the_memory_are_refused() -> None:
    run, _ = walk()
    with pytest.raises(fog.DataError, match=r"1000000000000 draws of 30 rows take .* Draw fewer") as caught:
        fog.sample(run, draws=10**12, seed=1)
    assert caught.value.field == "draws"


def test_what_draws_share_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is compiled, the prediction from each row is computed once for all draws."""
    with on_floats():
        run, _ = walk(opaque=True)
        fog.smooth(run)
        looked = []

        def counted(*given: Any) -> Any:
            looked.append(given)
            return look_ahead(*given)

        monkeypatch.setattr(smoother, "look_ahead", counted)
        alone = fog.sample(run, draws=1, seed=2)
        rows, looked[:] = len(looked), []
        together = fog.sample(run, draws=20, seed=2)
    assert len(looked) == rows < len(run.log)
    assert together[:1].tobytes() == alone.tobytes()
    assert len({draw.tobytes() for draw in together}) == 20


def test_opaque_functions_are_called_once_for_all_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = walk(opaque=True)
    dynamics, calls = run.model.motion.dynamics, []
    moved = dynamics.function

    def counted(*given: Any) -> Any:
        calls.append(given)
        return moved(*given)

    monkeypatch.setattr(dynamics, "function", counted)
    alone = fog.sample(run, draws=1, seed=2)
    once, calls[:] = len(calls), []
    together = fog.sample(run, draws=20, seed=2)
    assert len(calls) == once == 5 * 29
    assert together[:1].tobytes() == alone.tobytes()
