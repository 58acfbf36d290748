"""Readings that do not belong: what a gate leaves out leaves nothing, and what it lets in is as without a gate.

Figures: of 10 % outliers, of a jump that is none. Laws: to the bit where nothing or all of a reading is left out;
in any units and orders; on every engine. The bounded update against its own matrices.
"""

import math
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.engine import cache as engines
from foglight.core.errors import Status
from foglight.equations import robust
from oracle import models
from unit.on_floats import on_floats

from . import nonlinear
from .guarded import (
    GATED,
    METHODS,
    MISSING,
    RESET,
    USED,
    Array,
    level_run,
    linear,
    pair,
    same_belief,
)
from .linear_cases import READINGS, stamped_log, stamped_model
from .units import assert_mixed, assert_scaled, differing, linear_run, mixed


@cache
def seen() -> tuple[Array, Array, Array]:
    """What the turning walker of the laws gives to see: seconds, radar, camera."""
    log, _ = fog.simulate(nonlinear.walker(), steps=25, dt=0.15, seed=4)
    z = log.bind(nonlinear.walker())
    return log.time_ns / 1e9, z[:, :2], z[:, 2:]


def curved(method: Any, radar: Any = None) -> Any:
    seconds, own, camera = seen()
    log = fog.Log.from_arrays(seconds, radar=own if radar is None else radar, camera=camera)
    return fog.run(nonlinear.walker(), log, method=method)


# To the bit.
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_where_nothing_is_rejected_nothing_is_changed(method: Any) -> None:
    one = linear(method, READINGS)
    other = linear(method.with_guards(gate=1 - 1e-15, huber=8.0), READINGS)
    same_belief(one, other)
    for name in ("nis", "innovation", "row_loglik", "status"):
        assert differing(getattr(one, name), getattr(other, name)) == 0, name


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_where_nothing_is_rejected_curved_models_are_unchanged(method: Any) -> None:
    one, other = curved(method), curved(method.with_guards(gate=1 - 1e-15, huber=8.0))
    for name in ("mean", "cov"):
        assert differing(getattr(one.filtered, name), getattr(other.filtered, name)) == 0
    assert one.loglik == other.loglik and differing(one.nis, other.nis) == 0


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_rejected_row_is_a_silent_one(method: Any) -> None:
    """One sensor is rejected in row 5, the other one used; both in row 6."""
    guarded = method.with_guards(gate=1 - 1e-9)
    for size in (60.0, -1e6, 1e160, 1e300):
        z, silent = READINGS.copy(), READINGS.copy()
        z[5, 0], silent[5, :2] = size, np.nan
        z[6, 1], z[6, 2], silent[6] = size, size, np.nan
        one, other = (linear(guarded, values) for values in (z, silent))
        same_belief(one, other, ("filtered", "predicted"))
        for name in ("nis", "row_loglik", "innovation", "innovation_cov", "gain"):
            assert differing(getattr(one, name), getattr(other, name)) == 0, name
        assert one.loglik == other.loglik
        assert one.status[5] == GATED | USED and np.isnan(one.innovation[5, :2]).all()
        assert one.status[6] == GATED and other.status[6] == MISSING and np.isnan(one.nis[6])
        assert not (one.status[:5] & GATED).any()


@pytest.mark.parametrize("method", [fog.EKF(gate=1 - 1e-9), fog.UKF(gate=1 - 1e-9)], ids=repr)
def test_a_rejected_row_of_a_curved_model_is_a_silent_one(method: Any) -> None:
    z, silent = seen()[1].copy(), seen()[1].copy()
    z[12, 0], silent[12] = 90.0, np.nan
    one, other = curved(method, z), curved(method, silent)
    assert differing(one.filtered.mean, other.filtered.mean) == 0
    assert differing(one.filtered.cov, other.filtered.cov) == 0 and one.loglik == other.loglik
    assert one.status[12] == GATED | USED and not (np.delete(one.status, 12) & GATED).any()


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_what_is_no_number_is_refused_and_not_gated(bad: float) -> None:
    z = READINGS.copy()
    z[5, 0] = bad
    method = fog.EKF(gate=0.99, recover=0.1)
    with pytest.raises(fog.DataError, match="row 5"):
        linear(method, z)
    run = fog.run(pair(), stamped_log(z), method=method, on_bad="flag")
    assert run.status[5] & Status.NONFINITE and not run.status[5] & Status.GATED


# Units, orders, engines.
ROWS_FAR = 60
FAR_STAMPS = 50_000_000 * np.arange(ROWS_FAR, dtype=np.int64)
GUARDS = {"gate": 0.99, "huber": {"pair": 1.2}, "recover": 0.2}
STUDENT = {"gate": {"one": 0.99}, "student": {"pair": 4.0, "one": 2.5}, "recover": 0.2}


def far_log(z: Array) -> fog.Log:
    return fog.Log(FAR_STAMPS.copy(), {"pair": z[:, :2].copy(), "one": z[:, 2:].copy()})


@cache
def far() -> Array:
    """Readings that fit, then "one" jumps, while the pair is silent but for one outlier; then the pair comes back."""
    z = fog.simulate(pair(), steps=ROWS_FAR, dt=0.05, seed=6)[0].bind(pair()).copy()
    z[20, :2] += [4.0, -3.0]
    z[40:55, :2] = np.nan
    z[40:, 2] += 80.0
    z[45, :2] = 300.0
    return z


@cache
def in_plain_units(method: Any) -> Any:
    return fog.run(pair(), far_log(far()), method=method)


@pytest.mark.parametrize("guards", [GUARDS, STUDENT], ids=["huber", "student"])
@pytest.mark.parametrize("method", [fog.KF(), fog.EKF(form="textbook"), fog.UKF()], ids=repr)
def test_powers_of_two_scale_guarded_runs_exactly(method: Any, guards: dict[str, Any]) -> None:
    states, measurements = (-90, 60, 33, -1), (40, -50, 17)
    guarded = method.with_guards(**guards)
    plain = in_plain_units(guarded)
    assert (plain.status & GATED).any() and (plain.status & RESET).any() and (plain.status & USED).any()
    model = stamped_model(states=states, measurements=measurements)
    run = fog.run(model, far_log(far() * 2.0 ** np.array(measurements)), method=guarded)
    left_out = np.where(np.isnan(plain.innovation), np.nan, far())
    assert_scaled(plain, run, states, measurements, left_out)


@pytest.mark.parametrize("bound", [{"huber": 2.0}, {"student": 4.0}], ids=["huber", "student"])
@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
def test_permuting_states_permutes_a_guarded_answer(method: Any, bound: dict[str, Any]) -> None:
    case = models.full(31, n=3, m=2, steps=40, missing=0.2, varying=True)
    case.z[8, 0] += 20.0
    case.z[15:] += 40.0
    guarded = method.with_guards(gate=0.999, recover=3.0, **bound)
    expected = linear_run(case, guarded)
    assert (expected.status & GATED).any() and (expected.status & RESET).any()
    for order in permutations(range(3)):
        T = np.eye(3)[list(order)]
        found = linear_run(mixed(case, T), guarded)
        assert_mixed(expected, found, T)
        assert (found.status == expected.status).all()


@pytest.mark.parametrize("guards", [GUARDS, STUDENT], ids=["huber", "student"])
@pytest.mark.parametrize("method", [fog.EKF(), fog.EKF(form="joseph"), fog.UKF()], ids=repr)
def test_the_reference_path_guards_as_the_compiled_one_does(method: Any, guards: dict[str, Any]) -> None:
    guarded = method.with_guards(**guards)
    one = in_plain_units(guarded)
    called = fog.run(stamped_model(noises=fog.opaque), far_log(far()), method=guarded)
    with on_floats():
        on_numbers = fog.run(stamped_model(noises=fog.opaque), far_log(far()), method=guarded)
    assert on_numbers.engine.startswith("reference") and called.engine.startswith("llvm")
    for other in (called, on_numbers):
        assert (one.status == other.status).all()
        np.testing.assert_allclose(other.filtered.mean, one.filtered.mean, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(other.filtered.cov, one.filtered.cov, rtol=1e-9, atol=1e-9)
        assert other.loglik == pytest.approx(one.loglik, rel=1e-10)


@pytest.mark.parametrize("guards", [GUARDS, STUDENT], ids=["huber", "student"])
@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
def test_a_live_filter_guards_as_a_run_does(method: Any, guards: dict[str, Any]) -> None:
    """What is known of rejections is carried on, row by row, and by a run that keeps its last belief only."""
    guarded = method.with_guards(**guards)
    run, live = in_plain_units(guarded), fog.online(pair(), guarded)
    for k, (stamp, z) in enumerate(zip(FAR_STAMPS, far(), strict=True)):
        belief, info = live.step(stamp / 1e9, None, z)
        assert belief.mean.tobytes() == run.filtered.mean[k].tobytes(), k
        assert info.status == run.status[k] and differing(info.nis, run.nis[k]) == 0
    last = fog.run(pair(), far_log(far()), method=guarded, keep="last")
    assert last.loglik == run.loglik == live.loglik
    assert last.belief.mean.tobytes() == live.belief.mean.tobytes()


# The bounded update.
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_beyond_the_bound_the_gain_is_less_by_bound_over_distance(method: Any) -> None:
    """x + w K e, P - w K S Kᵀ, NIS of the plain prediction, the likelihood of S/w; in full matrices."""
    case = models.full(77, n=3, m=2, steps=1)
    bound = 1.4
    far = models.Linear(**{**vars(case), "z": case.z + np.array([[40.0, -25.0]])})
    run = linear_run(far, method.with_guards(huber=bound))
    S = case.H @ case.cov @ case.H.T + case.R
    K = case.cov @ case.H.T @ np.linalg.inv(S)
    e = far.z[0] - case.H @ case.mean - case.d
    distance = math.sqrt(e @ np.linalg.solve(S, e))
    # The quantile by its closed form for two degrees of freedom.
    limit = math.sqrt(-2.0 * math.log(math.erfc(bound / math.sqrt(2.0))))
    w = limit / distance
    assert w < 0.2
    np.testing.assert_allclose(run.filtered.mean[0], case.mean + w * K @ e, rtol=1e-11)
    np.testing.assert_allclose(run.filtered.cov[0], case.cov - w * K @ S @ K.T, rtol=1e-10)
    np.testing.assert_allclose(run.innovation[0], e, rtol=1e-12)
    np.testing.assert_allclose(run.innovation_cov[0], S, rtol=1e-12)
    np.testing.assert_allclose(run.gain[0], w * K, rtol=1e-10)
    assert run.nis[0] == pytest.approx(distance**2, rel=1e-12)
    expected = -0.5 * (np.log(np.linalg.det(2.0 * np.pi * S / w)) + limit * distance)
    assert run.row_loglik[0] == pytest.approx(expected, rel=1e-11)
    assert run.status[0] == USED


def test_no_reading_moves_the_mean_farther_than_one_at_the_bound() -> None:
    def moved(size: float) -> float:
        return float(level_run(fog.KF(huber=2.0), [0.0], [0.5 + size]).filtered.mean[0, 0]) - 0.5

    at_the_bound = moved(2.0 * math.sqrt(5.0))
    assert at_the_bound == pytest.approx(0.8 * 2.0 * math.sqrt(5.0), rel=1e-13)
    assert moved(4.0) < at_the_bound
    for size in (5.0, 50.0, 1e6, 1e100):
        assert moved(size) == pytest.approx(at_the_bound, rel=1e-12)


# The figures.
ROWS, RATE, JUMP, AT = 3000, 10.0, 40.0, 1500
SETTLED = np.r_[50:AT, AT + 10 : ROWS]  # a second after the jump


@cache
def planar() -> tuple[Any, Array, Array, NDArray[np.bool_]]:
    """Constant velocity in the plane, truth with a jump, readings of 0.5 m with 10 % of them 50 sigma off, which."""
    motion = fog.motion.constant_velocity(("x", "y"), accel=1.0)
    gps = fog.sensing.linear("gps", of=("x", "y"), std=0.5)
    model = fog.Model(motion, [gps], fog.Belief([0, 0, 0, 0], std=[1, 1, 2, 2]))
    log, truth = fog.simulate(model, steps=ROWS, dt=1.0 / RATE, seed=5)
    place = np.asarray(truth)[:, :2].copy()
    place[AT:, 0] += JUMP
    z = log.bind(model).copy()
    z[AT:, 0] += JUMP
    rng = np.random.default_rng(11)
    off = rng.random(ROWS) < 0.1
    off[:5] = False
    z[off] += 25.0 * rng.choice([-1.0, 1.0], (int(off.sum()), 2))
    return model, place, z, off


def error(method: Any, tell: bool = False) -> tuple[Any, float]:
    """A run and its RMSE in place once it has settled; tell: the outliers are left out of the log."""
    model, place, z, off = planar()
    seen = np.where(off[:, None], np.nan, z) if tell else z
    run = fog.run(model, fog.Log.from_arrays(np.arange(ROWS) / RATE, gps=seen), method=method)
    return run, float(np.sqrt(np.mean((run.filtered.mean[SETTLED, :2] - place[SETTLED]) ** 2)))


def outliers_and_a_jump() -> None:
    _, place, _, off = planar()
    informed, best = error(fog.KF(gate={"gps": 0.999}, recover=0.5), tell=True)
    run, found = error(fog.KF(gate=0.999, recover=0.5))
    gated = run.status & GATED != 0
    assert found <= 1.03 * best, f"{found:.4f} m, told which {best:.4f} m"
    assert gated[off].all() and off.sum() > 250
    assert (gated & ~off).sum() <= 0.005 * ROWS  # what the gate costs, and the rows until it gives way
    widened = np.flatnonzero(run.status & RESET)
    assert len(widened) == 1 and AT < widened[0] <= AT + 6 and not (informed.status[:AT] & RESET).any()
    assert np.abs(run.filtered.mean[AT + 10 : AT + 30, 0] - place[AT + 10 : AT + 30, 0]).max() < 2.0


def test_outliers_and_a_jump() -> None:
    """RMSE within 3 % of the run that is told which rows are outliers; the jump is followed within 1 s of data."""
    outliers_and_a_jump()
    assert error(fog.KF())[1] > 10.0 * error(fog.KF(), tell=True)[1]


def test_a_bounded_pull_is_no_gate_but_holds() -> None:
    """What a bound of 1.5 reaches: outliers of 50 sigma cost a factor of two, where unguarded they cost fourteen."""
    best, plain, held = error(fog.KF(), tell=True)[1], error(fog.KF())[1], error(fog.KF(huber=1.5))[1]
    both = error(fog.KF(gate=0.999, huber=3.0, recover=0.5))[1]
    assert held < 2.5 * best < 0.25 * plain
    assert both <= 1.03 * error(fog.KF(gate=0.999, recover=0.5))[1]


PLANTED: dict[str, Any] = {
    "outlying": lambda info, limit: info.nis < -1.0,
    "widened": lambda belief, H, info, R, along: (belief, 1.0),
    "limit_for": lambda limits, info, used: 0.3 * limits[-1],
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_gate_that_does_not_work_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robust, name, PLANTED[name])
    monkeypatch.setattr(engines, "repr", lambda method: f"{method!r} without {name}", raising=False)
    with pytest.raises(AssertionError):
        outliers_and_a_jump()


def test_a_bound_that_does_not_hold_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robust, "bounded", lambda R, info, bound: R)
    monkeypatch.setattr(engines, "repr", lambda method: f"{method!r} unbound", raising=False)
    with pytest.raises(AssertionError):
        test_a_bounded_pull_is_no_gate_but_holds()
