"""The examples on simulated logs reach the figures that they state: a robot, a pendulum and a late camera."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.test_real_logs import example

FOLDER = Path(__file__).parents[2] / "examples" / "models"
ROBOT, PENDULUM, CAMERA = (example(name, FOLDER) for name in ("robot", "pendulum", "late_camera"))


def test_a_robot_without_gps_is_as_far_off_as_it_says() -> None:
    driven = ROBOT.drive(1)
    run, naive = (fog.run(ROBOT.robot(learns), driven.log) for learns in (True, False))
    before, end = (ROBOT.row_of(run, time) for time in ROBOT.OUTAGE)
    off, wide = ROBOT.off(run, driven), ROBOT.wide(run)
    assert wide[end] > 2.5 * wide[before] and off[end] < 2.0 * wide[end]
    assert wide[ROBOT.row_of(run, ROBOT.OUTAGE[1] + 3.0)] < 0.7 * wide[end]
    assert off[end] < 0.6 * ROBOT.off(naive, driven)[end]
    assert ROBOT.dead_reckoning(run, driven) > 8.0 * off[end]
    learnt = (run.filtered.mean[-1, 3:] - [ROBOT.WORN, ROBOT.OFF]) / run.filtered.std[-1, 3:]
    assert np.abs(learnt).max() < 3.0


@pytest.mark.campaign
def test_the_robot_is_within_its_95_percent_region_as_often_as_it_says() -> None:
    """Where the sky is lost, and a minute later, on 200 drives; and both unknown numbers at the end."""
    robot, inside = ROBOT.robot(), []
    for seed in range(200):
        driven = ROBOT.drive(seed)
        run = fog.run(robot, driven.log)
        rows = [ROBOT.row_of(run, time) for time in ROBOT.OUTAGE]
        off = run.filtered.mean[rows, :2] - driven.at(run.time[rows])
        squares = [
            e @ np.linalg.solve(P, e) for e, P in zip(off, run.filtered.cov[rows, :2, :2], strict=True)
        ]
        learnt = (run.filtered.mean[-1, 3:] - [ROBOT.WORN, ROBOT.OFF]) / run.filtered.std[-1, 3:]
        inside.append([*(square < 5.991 for square in squares), *(np.abs(learnt) < 1.96)])
    share = np.mean(inside, axis=0)
    assert (share >= 0.92).all() and (share <= 0.98).all(), share


def test_the_equation_of_a_pendulum_explains_its_log_and_an_euler_step_does_not() -> None:
    """At the true parameters."""
    log, truth = PENDULUM.simulated(1)
    true = {"length": PENDULUM.LENGTH, "friction": PENDULUM.FRICTION, "shake": PENDULUM.SHAKE}
    runs = [
        fog.run(PENDULUM.model(motion).with_parameters(true), log)
        for motion in (PENDULUM.continuous(), PENDULUM.euler())
    ]
    off = [run.filtered.mean[:, 1] - truth[:, 1] for run in runs]
    squares = [float(np.mean(e**2 / run.filtered.cov[:, 1, 1])) for e, run in zip(off, runs, strict=True)]
    assert 0.7 < squares[0] < 1.4 and squares[1] > 5.0
    assert runs[0].loglik > runs[1].loglik + 300.0


def test_a_late_camera_with_its_delay_is_that_of_the_corrected_stamps_to_the_bit() -> None:
    log = CAMERA.simulated(1)
    told, believed = fog.run(CAMERA.model(fog.delay(CAMERA.LATE)), log), fog.run(CAMERA.model(), log)
    rows = log.bind(CAMERA.model())
    gps, camera = ~np.isnan(rows[:, 0]), ~np.isnan(rows[:, 2])
    corrected = fog.Log.merge(
        gps=(log.time[gps], rows[gps, :2]),
        camera=((log.time[camera] - CAMERA.LATE).round(9), rows[camera, 2]),
    )
    by_hand = fog.run(CAMERA.model(), corrected)
    assert told.loglik == by_hand.loglik
    np.testing.assert_array_equal(told.filtered.mean, by_hand.filtered.mean)
    assert CAMERA.off(told) < 0.6 * CAMERA.off(believed) and told.loglik > believed.loglik + 400.0


SAID = {
    "robot": ["120 s  0.65 m  0.60 m", "heading changes by -0.00974 per second"],
    "pendulum": ["friction 0.021 to 0.085 (true 0.05)", "friction 0.635 to 0.716 (true 0.05)", "11 substeps"],
    "late_camera": ["camera is late by 0.257 s", "fog.delay(0.257)", "delay 0.241 to 0.273 s (true 0.26)"],
}


@pytest.mark.campaign
@pytest.mark.parametrize("name", SAID)
def test_what_a_simulated_example_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    script: Any = {"robot": ROBOT, "pendulum": PENDULUM, "late_camera": CAMERA}[name]
    script.main()
    said = capsys.readouterr().out
    for words in SAID[name]:
        assert words in said
