"""A bias that sets in at some row is called that, and not a random walk, which explains it as well."""

import warnings

import numpy as np
import pytest

import foglight as fog
from foglight.diagnostics.check.explanations import _size_of
from foglight.diagnostics.check.hypotheses import onsets
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.diagnostics.check.innovations import innovations_of

from .check_cases import log_of
from .robot_cases import ROBOT

START, WALK, GAUGE, BUOY = 2.0, 0.3, 0.8, 0.5
PAIR = fog.Model(
    fog.motion.random_walk("x", std=WALK),
    [fog.sensing.linear("gauge", of="x", std=GAUGE), fog.sensing.linear("buoy", of="x", std=BUOY)],
    fog.Belief([3.0], std=[START]),
)


def stepped(model: fog.Model, rows: int, first: int, step: list[float], seed: int) -> fog.Log:
    log, _ = fog.simulate(model, rows, 0.1, seed)
    z = log.bind(model).copy()
    z[first:] += step
    return log_of(model, log.time, z)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_step_as_small_as_the_noise_is_a_bias_from_some_row_on(seed: int) -> None:
    log = stepped(ROBOT, 900, 600, [0.0, 0.0, 0.0, 0.2], seed)  # one standard deviation of the odometer
    first = fog.check(fog.run(ROBOT, log)).findings[0]
    assert (first.code, first.subject) == ("BIAS", "odo.y_speed")
    assert first.estimate == pytest.approx(0.2, abs=0.03) and "from about row" in first.sentence
    model, mended = first.apply(ROBOT, log)
    assert model is ROBOT and fog.check(fog.run(model, mended)).ok
    assert fog.run(model, mended).loglik > fog.run(ROBOT, log).loglik


def test_its_row_and_size_are_the_most_likely_of_all() -> None:
    """The covariance of all 2 T readings is written down, and a step of the buoy fitted from each row on."""
    T, dt, row = 60, 0.1, 35
    log = stepped(PAIR, T, row, [0.0, 1.2], seed=3)
    common = np.minimum.outer(dt * np.arange(T), dt * np.arange(T))
    x = START**2 + WALK**2 * common
    cov = np.block([[x + GAUGE**2 * np.eye(T), x], [x, x + BUOY**2 * np.eye(T)]])
    e = np.linalg.solve(cov, log.bind(PAIR).T.ravel() - 3.0)
    steps = np.array([[0.0] * T + [0.0] * k + [1.0] * (T - k) for k in range(1, T)])
    information = np.einsum("ki,ki->k", steps, np.linalg.solve(cov, steps.T).T)
    gains, best = (steps @ e) ** 2 / information, int(np.argmax((steps @ e) ** 2 / information))

    (family,) = onsets.families(Judge(PAIR, log, fog.EKF()), ["buoy"])
    found, judge = family.at(family.tried[0]), Judge(PAIR, log, fog.EKF())
    assert found.value == pytest.approx((steps @ e)[best] / information[best], rel=1e-6)
    assert 2.0 * (judge.of(found) - judge.loglik) == pytest.approx(gains[best], rel=1e-6)
    assert f"row {best + 1} " in found.wrong and family.dof == 2


def test_of_several_tracks_no_onset_is_proposed() -> None:
    log = stepped(PAIR, 60, 30, [0.0, 2.0], seed=4)
    z = log.bind(PAIR)
    tracks = fog.Log.from_arrays(log.time, track=np.arange(60) // 30, gauge=z[:, 0], buoy=z[:, 1])
    assert onsets.families(Judge(PAIR, tracks, fog.EKF()), ["buoy"]) == []


def test_a_sensor_without_innovations_is_as_large_as_expected() -> None:
    log, _ = fog.simulate(PAIR, 50, 0.1, seed=5)
    z = log.bind(PAIR)
    silent = fog.Log.from_arrays(log.time, gauge=z[:, 0], buoy=np.full(50, np.nan))
    found = innovations_of(fog.run(PAIR, silent))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _size_of(PAIR, "buoy", found) == 1.0
        assert _size_of(PAIR, "gauge", found) == pytest.approx(np.mean(found.value[:, 0] ** 2))
