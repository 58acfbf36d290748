"""Smoothing where the start is unknown: the limit of ever larger starting variances, taken exactly."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends import interpreter
from foglight.inference.sample import trajectories
from foglight.inference.scans import FEW
from oracle import models, recursion
from oracle.matrices import floats
from oracle.metrics import within

from .exactness import whitened
from .test_smoother import across
from .units import differing, mixed, scaled

VAST = 1e30  # in 120 digits: its square is beyond the last digit asked for
CASES = [
    (1, 3, 2, 3),
    (2, 3, 1, 2),
    (3, 4, 1, 4),
    (4, 3, 1, 1),
]  # seed, states, measures, unknown

KERNELS: dict[Any, dict[Any, Any]] = {}


def case_of(seed: int, n: int, m: int, unknown: int) -> tuple[models.Linear, Any]:
    case = models.full(seed, n=n, m=m, steps=10, missing=0.2, varying=True)
    std = np.full(n, 1.3)
    std[:unknown] = np.inf
    return case, std


def run_of(case: models.Linear, std: Any, method: Any = None) -> Any:
    """Models of one shape share what is compiled."""
    model = fog.linear_model(
        case.F, case.Q, case.H, case.R, b=case.b, d=case.d, start=fog.Belief(case.mean, std=std)
    )
    shared = KERNELS.setdefault((case.H.shape[1:], int(np.isinf(std).sum())), {})
    object.__setattr__(model, "kernels", shared)
    return fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method)


def limit_of(case: models.Linear, std: Any) -> Any:
    """Means, covariances and lag-one covariances with a vast start, in 120 digits."""
    start = np.diag([VAST if np.isinf(s) else s * s for s in std])
    rows = recursion.filter_rows(
        case.F, case.Q, case.H, case.R, case.mean, start, case.z, b=case.b, d=case.d, digits=120
    )
    return [np.array([floats(part) for part in parts]) for parts in
            zip(*recursion.smooth_rows(rows, case.F, digits=120), strict=True)]  # fmt: skip


@pytest.mark.parametrize(
    "seed, n, m, unknown, method", [*[(*case, fog.KF()) for case in CASES], (*CASES[1], fog.UKF())]
)
def test_smoothing_an_unknown_start_is_the_limit_of_vast_ones(
    seed: int, n: int, m: int, unknown: int, method: Any
) -> None:
    case, std = case_of(seed, n, m, unknown)
    run = run_of(case, std, method)
    found = fog.smooth(run)
    x, P, lag = limit_of(case, std)
    assert np.isinf(run.filtered.std[0]).any() or unknown <= m
    within("mean", whitened(P, found.mean - x), 1e-11)
    within("cov", whitened(P, found.cov - P), 1e-11)
    within("lag one", across(P, found.lag_one_cov[1:] - lag[1:]), 1e-11)


@pytest.mark.parametrize("seed, n, m, unknown", CASES[1:2])
def test_draws_through_the_unknown_rows_are_right_in_spread(seed: int, n: int, m: int, unknown: int) -> None:
    case, std = case_of(seed, n, m, unknown)
    run = run_of(case, std)
    found = fog.smooth(run)
    rows = len(case.z)
    assert differing(found.mean, trajectories(run, np.zeros((1, 1, rows, n)))[0, 0]) == 0
    drawn = trajectories(run, np.eye(rows * n).reshape(rows * n, 1, rows, n))[:, 0]
    away = (drawn - found.mean).reshape(rows * n, rows * n)
    joint = (away.T @ away).reshape(rows, n, rows, n).swapaxes(1, 2)
    k = np.arange(rows)
    within("cov", whitened(found.cov, joint[k, k] - found.cov), 1e-11)
    within("lag one", across(found.cov, joint[k[1:], k[:-1]] - found.lag_one_cov[1:]), 1e-11)


def test_units_and_order_of_unknown_states_are_free() -> None:
    case, _ = case_of(3, 4, 1, 4)
    free = np.full(4, np.inf)
    one = fog.smooth(run_of(case, free))
    s = 2.0 ** np.array([12, -40, 7, 3])
    other = fog.smooth(run_of(scaled(case, [12, -40, 7, 3], [-9]), free))
    # Not to the bit: how unknown one state is beside another is a choice, made in the units at hand.
    within("mean", whitened(one.cov, other.mean / s - one.mean), 1e-11)
    within("cov", whitened(one.cov, other.cov / s / s[:, None] - one.cov), 1e-11)
    T = np.eye(4)[[2, 0, 3, 1]]
    turned = fog.smooth(run_of(mixed(case, T), free))
    within("mean", whitened(one.cov, turned.mean @ T - one.mean), 1e-11)
    within("cov", whitened(one.cov, T.T @ turned.cov @ T - one.cov), 1e-11)


def test_what_no_reading_tells_stays_unknown_and_no_more_than_that() -> None:
    """A third state that nothing sees: the other two are smoothed as if it were given."""
    F = np.array([[1.0, 0.5, 0.0], [0.0, 0.9, 0.0], [0.2, 0.0, 1.0]])
    Q, H = np.array([[0.1, 0.02, 0.0], [0.02, 0.2, 0.05], [0.0, 0.05, 0.3]]), np.array([[1.0, 0.3, 0.0]])
    z = np.random.default_rng(0).standard_normal((8, 1))
    log = fog.Log.regular(z, dt=1.0)
    found = fog.smooth(fog.run(fog.linear_model(F, Q, H, [[0.5]], start=None), log))
    both = fog.linear_model(F[:2, :2], Q[:2, :2], H[:, :2], [[0.5]], start=None)
    other = fog.smooth(fog.run(both, log))
    assert np.isinf(found.std[:, 2]).all() and np.isfinite(found.std[:, :2]).all()
    assert np.abs(found.mean[:, :2] - other.mean).max() <= 1e-12
    assert np.abs(found.cov[:, :2, :2] - other.cov).max() <= 1e-12
    assert np.isnan(found.lag_one_cov[1:, 2]).all() and np.isnan(found.lag_one_cov[1:, :, 2]).all()
    assert np.abs(found.lag_one_cov[1:, :2, :2] - other.lag_one_cov[1:]).max() <= 1e-12


def test_tracks_that_learn_at_different_rows_are_smoothed_as_one_by_one() -> None:
    case = models.full(5, n=2, m=1, steps=12)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, b=case.b, d=case.d, start=None)
    z = case.z + np.random.default_rng(1).standard_normal((5, 12, 1))
    z[1, 0], z[2, 1:4], z[3, :10], z[4, :11] = np.nan, np.nan, np.nan, np.nan
    together = fog.smooth(fog.run(model, fog.Log.regular(z, dt=1.0)))
    ragged = fog.Log.from_arrays(
        np.tile(np.arange(12.0), 5), track=np.repeat(np.arange(5), 12), sensor=z.reshape(-1, 1)
    )
    apart = fog.smooth(fog.run(model, ragged))
    for track in range(5):
        one = fog.smooth(fog.run(model, fog.Log.regular(z[track], dt=1.0)))
        at = slice(12 * track, 12 * track + 12)
        for name in ("mean", "cov", "lag_one_cov"):
            own = getattr(one, name)
            assert (
                differing(own, getattr(together, name)[track])
                == differing(own, getattr(apart, name)[at])
                == 0
            )
    assert np.isinf(together.std[4]).all() and np.isfinite(together.std[:4]).all()


def test_the_first_rows_of_many_short_tracks_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are few in each track, which is no reason to interpret them for every track anew."""
    walk = fog.motion.constant_velocity("x", accel=0.5)
    gauge = fog.sensing.linear("gauge", of="x", std=0.8)
    z = np.random.default_rng(0).standard_normal(3 * FEW + 3)
    log = fog.Log.from_arrays(
        np.tile(np.arange(3.0), FEW + 1), track=np.repeat(np.arange(FEW + 1), 3), gauge=z
    )
    run = fog.run(fog.Model(walk, [gauge], None), log)
    interpreted: list[int] = []
    scan = interpreter.scan
    monkeypatch.setattr(
        "foglight.inference.scans.interpreter.scan",
        lambda *args: (interpreted.append(1), scan(*args))[1],
    )
    assert np.isfinite(fog.smooth(run).mean).all() and not interpreted


def test_an_unknown_start_is_smoothed_by_the_equations_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is compiled: on floats, and on the interpreter for a few rows, the same to rounding."""
    case, std = case_of(2, 3, 1, 2)
    KERNELS.clear()
    compiled = fog.smooth(run_of(case, std))
    with monkeypatch.context() as patch:
        patch.setattr("foglight.inference.linear_smoother.FEW", 0)
        assert differing(fog.smooth(run_of(case, std)).mean, compiled.mean) == 0
    monkeypatch.setattr("foglight.compiler.engine.engine.COMPILED_BELOW", 10)
    KERNELS.clear()
    with pytest.warns(fog.FoglightWarning, match="too many to compile"):
        called = fog.smooth(run_of(case, std))
    assert called.engine.startswith("reference")
    within("mean", whitened(compiled.cov, called.mean - compiled.mean), 1e-11)
    within("cov", whitened(compiled.cov, called.cov - compiled.cov), 1e-11)
