"""Drifting sensors, drifting clocks and wrong time constants are named, and their advice helps."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import foglight as fog
from foglight.diagnostics.check.hypotheses import clocks, dynamics, ramps, wander
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family
from foglight.diagnostics.check.hypotheses.identifiability import keeps_time
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.diagnostics.check.sentences import labels_of
from foglight.model.start_noises import noise_stds

from .check_cases import CASES, healthy, log_of
from .hidden_causes import CAUSES, CLOCKS, CONSTANTS, DRIFTS, Cause, dragged, relaxing, swaying
from .robot_cases import ROBOT, TURNING, WITH_COMPASS, WITH_RADAR

QUICK = [DRIFTS[0], DRIFTS[4], CONSTANTS[0], CONSTANTS[3], CONSTANTS[4], CLOCKS[0]]
PAIR = fog.Model(
    fog.motion.random_walk("x", std=0.9),
    [fog.sensing.linear("gauge", of="x", std=0.8), fog.sensing.linear("buoy", of="x", std=0.5)],
    fog.Belief([3.0], std=[2.0]),
)


def evidence_of(model: fog.Model, log: fog.Log) -> Evidence:
    M = len(model.components)
    return Evidence(model, log, log.bind(model), tuple(labels_of(model)), np.ones(M), np.ones(M), True)


def family_of(families: list[Family], subject: str, number: float) -> Family:
    return next(family for family in families if family.at(number).subject == subject)


@pytest.mark.parametrize("cause", QUICK, ids=str)
def test_a_cause_is_named_or_said_to_fit_alike(cause: Cause) -> None:
    health = fog.check(fog.run(cause.model, cause.log(seed=30)))
    assert cause.told(health), str(health)


def follows(cause: Cause, log: fog.Log, health: fog.Health) -> bool:
    """Whether the first finding, applied, is gone and the log likelier."""
    first = health.findings[0]
    model, mended = first.apply(cause.model, log)
    run = fog.run(model, mended)
    gone = not any(
        (other.code, other.subject) == (first.code, first.subject) for other in fog.check(run).findings
    )
    return gone and run.loglik > fog.run(cause.model, log).loglik


@pytest.mark.parametrize("cause", [CONSTANTS[1], CLOCKS[1]], ids=str)
def test_its_advice_makes_the_log_likelier_and_the_finding_go(cause: Cause) -> None:
    log = cause.log(seed=31)
    assert follows(cause, log, fog.check(fog.run(cause.model, log)))


@pytest.mark.campaign
@pytest.mark.parametrize("cause", CAUSES, ids=str)
def test_of_twenty_logs_with_one_cause(cause: Cause) -> None:
    """Named first or beside the first in 18, and what comes first helps in 19."""
    first, told, followed = [], [], []
    for seed in range(20):
        log = cause.log(seed)
        health = fog.check(fog.run(cause.model, log))
        first.append(cause.first(health))
        told.append(cause.told(health))
        followed.append(bool(health.findings) and follows(cause, log, health))
    print(f"{cause}: first {sum(first)}, told {sum(told)}, followed {sum(followed)} of 20")
    assert sum(told) >= 18, told
    assert sum(followed) >= 19, followed


@pytest.mark.campaign
def test_healthy_logs_have_no_such_cause() -> None:
    logs, accused = 0, []
    models = [ROBOT, WITH_COMPASS, WITH_RADAR, TURNING, swaying(3.0), relaxing(3.0), dragged(5.0)]
    drawn: list[tuple[fog.Model, fog.Log, Any]] = []
    for seed in range(12):
        for model in models:
            drawn += [
                (model, fog.simulate(model, rows, 0.1, 1_000 + seed)[0], None) for rows in (60, 250, 600)
            ]
        drawn += [(case.make(1.0, 1.0), healthy(case, 400, 7_000 + seed)[0], case.method) for case in CASES]
    for model, log, method in drawn:
        health = fog.check(fog.run(model, log, method))
        logs += 1
        accused += [finding.sentence for finding in health.findings[:1]]
    print(f"{len(accused)} false alarms of {logs}")
    assert logs >= 300 and len(accused) <= 1, "\n".join(accused)


def test_the_density_with_a_wandering_bias_is_that_of_all_readings_at_once() -> None:
    """A walk x, read by gauge + bias and by buoy: the covariance of all 2 T readings is written down."""
    T, dt, s, q = 12, 0.5, 0.3, 0.9
    log, _ = fog.simulate(PAIR, T, dt, seed=4)
    model = wander.with_bias_states(PAIR, {0: s}, {0: 0.7})
    time = dt * np.arange(T)
    common = np.minimum.outer(time, time)
    x, bias = 2.0**2 + q**2 * common, 0.7**2 + s**2 * common
    cov = np.block([[x + bias + 0.8**2 * np.eye(T), x], [x, x + 0.5**2 * np.eye(T)]])
    z = log.bind(PAIR)
    expected = multivariate_normal(np.full(2 * T, 3.0), cov).logpdf(z.T.ravel())
    assert fog.run(model, log).loglik == pytest.approx(expected, rel=1e-9)
    assert model.state == ("x", "gauge_bias_x") and model.parameters["motion.gauge_bias_x_std"] == s


def test_a_bias_beside_an_unknown_start_is_the_limit_of_a_wide_one() -> None:
    log, _ = fog.simulate(ROBOT, 60, 0.1, seed=9)
    gains = []
    for size in (1e5, np.inf):
        model = ROBOT.with_start(fog.Belief([0.0, 0.0, 8.0, 2.0], std=[size] * 4))
        biased = wander.with_bias_states(model, {0: 0.5, 1: 0.5}, {0: 1.0, 1: 1.0})
        gains.append(fog.run(biased, log).loglik - fog.run(model, log).loglik)
    assert gains[0] == pytest.approx(gains[1], abs=1e-4)


@pytest.mark.parametrize(("subject", "std"), [("gps", 0.4), ("odo.y_speed", 0.02)])
def test_the_shared_kernel_judges_the_model_that_is_returned(subject: str, std: float) -> None:
    log, _ = fog.simulate(ROBOT, 80, 0.1, seed=5)
    hypothesis = family_of(wander.families(evidence_of(ROBOT, log)), subject, std).at(std)
    model, same = hypothesis.change(ROBOT, log)
    assert same is log and len(model.state) == 4 + (2 if subject == "gps" else 1)
    found = Judge(ROBOT, log, fog.EKF()).of(hypothesis)
    assert found == pytest.approx(fog.run(model, log).loglik, rel=1e-9)


def test_what_a_ramp_a_clock_and_a_parameter_change_is_what_was_done() -> None:
    """Each mend undoes a fault that is made here by other means."""
    log, _ = fog.simulate(ROBOT, 100, 0.1, seed=6)
    z = log.bind(ROBOT)
    ramped = z + np.outer(log.time, [0.0, 0.25, 0.0, 0.0])
    drift = family_of(ramps.families(evidence_of(ROBOT, log)), "gps.y", 0.25).at(0.25)
    _, mended = drift.change(ROBOT, log_of(ROBOT, log.time, ramped))
    np.testing.assert_allclose(mended.bind(ROBOT), z, rtol=0.0, atol=1e-12)

    wrong = log_of(ROBOT, log.time * 1.25, z)
    _, mended = clocks.of_log(evidence_of(ROBOT, wrong))[0].at(0.8).change(ROBOT, wrong)
    np.testing.assert_array_equal(mended.time_ns, log.time_ns)

    fast = clocks.of_sensors(evidence_of(ROBOT, log))[0].at(0.05)
    _, moved = fast.change(ROBOT, log)
    found = moved.bind(ROBOT)
    rows = ~np.isnan(found[:, 0])
    np.testing.assert_allclose(moved.time[rows], 0.95 * log.time, rtol=0.0, atol=1e-9)
    np.testing.assert_array_equal(found[rows, :2], z[:, :2])

    wrong_tau = relaxing(5.0)
    one = dynamics.of_parameters(evidence_of(wrong_tau, fog.simulate(wrong_tau, 9, 0.1, 1)[0]))
    assert [family.at(2.0).subject for family in one] == ["motion.tau"]  # std does not enter the dynamics
    assert one[0].at(2.0).change(wrong_tau, log)[0].parameters == {
        "motion.tau": 2.0, "motion.std": 2.0, "gauge.std": 0.3,
    }  # fmt: skip


def test_the_pace_of_a_motion_is_its_time_constants() -> None:
    """The ready-made process at half the pace is the one with twice its time constant."""
    log, _ = fog.simulate(swaying(4.0), 50, 0.3, seed=7)
    slow = dynamics.of_pace(evidence_of(swaying(2.0), log))[0].at(0.5)
    model, same = slow.change(swaying(2.0), log)
    assert fog.run(model, same).loglik == pytest.approx(fog.run(swaying(4.0), log).loglik, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "told"),
    [(ROBOT, False), (TURNING, False), (PAIR, False), (swaying(3.0), True), (dragged(3.0), True)],
)
def test_only_time_constants_tell_the_pace_of_a_motion_from_its_noise(model: fog.Model, told: bool) -> None:
    assert keeps_time(model) == told


def test_nothing_is_proposed_that_one_sensor_cannot_show() -> None:
    lone = swaying(3.0)
    log, _ = fog.simulate(lone, 30, 0.1, seed=8)
    evidence = evidence_of(lone, log)
    assert not wander.families(evidence) and not ramps.families(evidence) and not clocks.of_sensors(evidence)
    assert len(clocks.of_log(evidence)) == 1  # its time constant tells
    walk = fog.Model(fog.motion.random_walk("x", std=1.0), PAIR.sensors[:1], PAIR.start)
    assert not clocks.of_log(evidence_of(walk, log_of(walk, log.time, log.bind(lone))))


def test_the_noise_of_each_component_at_the_start() -> None:
    np.testing.assert_allclose(noise_stds(WITH_RADAR), [1.0, 1.0, 0.2, 0.2, 1.0, 0.02], rtol=1e-12)


def test_a_reading_that_only_a_clock_makes_gross_is_no_outlier() -> None:
    """Without its clock put right, one reading of the radar is 7 standard deviations off."""
    cause = CLOCKS[2]
    health = fog.check(fog.run(cause.model, cause.log(seed=3)))
    assert [(finding.code, finding.subject) for finding in health.findings] == [("CLOCK", "gps")]
