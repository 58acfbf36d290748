"""What spoils all statistics comes first: stamps in another unit, outliers; and what else a check says of causes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.data.replaced_readings import with_readings

WALK = fog.Model(
    fog.motion.constant_velocity(("x", "y"), accel=0.5),
    [fog.sensing.linear("gps", of=("x", "y"), std=2.0)],
    start=fog.Belief([0, 0, 5, 1], std=[5, 5, 2, 2]),
)


def simulated(steps: int = 300, dt: float = 0.1, seed: int = 3) -> fog.Log:
    return fog.simulate(WALK, steps=steps, dt=dt, seed=seed)[0]


def with_outliers(share: float, seed: int) -> fog.Log:
    log, rng = simulated(400, seed=seed), np.random.default_rng(seed + 100)
    z = log.bind(WALK).copy()
    hit = rng.random(len(z)) < share
    z[hit] += 2.0 * 30.0 * (rng.random((hit.sum(), 1)) + 0.5)
    return with_readings(log, WALK, z)


@pytest.mark.parametrize(("unit", "per"), [("ms", 10**6), ("us", 10**3)])
def test_stamps_in_another_unit_come_first_and_the_advice_is_right(unit: str, per: int) -> None:
    log = simulated()
    counted = replace(log, time_ns=log.time_ns // per * 10**9)
    health = fog.check(fog.run(WALK, counted))
    first = health.findings[0]
    assert (first.code, first.subject) == ("CLOCK", "log")
    assert f"if they count {unit}: if they do, read it with unit='{unit}'." in first.sentence
    assert health.notes[0].startswith("if the timestamps do count seconds: ")
    model, mended = first.apply(WALK, counted)
    np.testing.assert_array_equal(mended.time_ns, log.time_ns)
    assert fog.check(fog.run(model, mended)).ok


def test_slow_logs_in_seconds_are_not_accused() -> None:
    """Neither a sound one, nor one whose process noise is far too large, though the other unit makes that small."""
    slow = fog.simulate(WALK, steps=200, dt=30.0, seed=1)[0]
    sound = fog.check(fog.run(WALK, slow))
    assert sound.ok and not any("unit=" in note for note in sound.notes)
    wide = fog.check(fog.run(WALK.with_parameters({"accel": 20.0}), slow))
    assert "CLOCK" not in wide.codes


@pytest.mark.parametrize("seed", [0, 5])
def test_many_outliers_come_before_what_they_look_like(seed: int) -> None:
    """A row that is off in both measures makes their noises look correlated, and offsets look like a bias."""
    log = with_outliers(0.05, seed)
    health = fog.check(fog.run(WALK, log))
    first = health.findings[0]
    assert (first.code, first.subject) == ("OUTLIERS", "gps") and "set student=4 or gate=" in first.sentence
    assert fog.check(fog.run(WALK, log, fog.EKF(student=4))).ok
    assert any(note.startswith("with the outliers counted in full: ") for note in health.notes)


def test_an_ok_says_if_the_log_does_not_determine_a_state() -> None:
    blind = replace(WALK, sensors=[fog.sensing.linear("gps", of="x", std=2.0)])
    health = fog.check(fog.run(blind, fog.simulate(blind, steps=200, dt=0.1, seed=1)[0]))
    assert health.ok and health.notes[0].startswith("no reading changes if at the start y")
    assert str(health).startswith(
        "OK: nothing speaks against the model, but this log does not determine all of its states."
    )


def test_a_process_noise_that_tuning_found_needless_is_not_asked_for() -> None:
    """A noise that is correlated over one row looks as if the motion had no noise, but none makes the log likelier."""
    model = fog.Model(
        fog.motion.constant_velocity("x", accel=0.5),
        [fog.sensing.linear("gps", of="x", std=2.0)],
        start=fog.Belief([0, 1], std=[5, 2]),
    )
    e = 2.0 * np.random.default_rng(0).normal(size=301)
    log = fog.Log.regular((0.1 * np.arange(300) + e[1:] - 0.8 * e[:-1])[:, None], dt=0.1)
    fit = fog.tune(model, log, heldout=False)
    assert fit.advice[0].startswith("motion.accel is not needed")
    (said,) = fit.check().sentences
    assert "innovations of gps.x are correlated over time" in said and "process noise" not in said


def ball(gravity: float, start: fog.Belief) -> fog.Model:
    def fall(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x.height + dt * x.speed + 0.5 * p.g * dt * dt, x.speed + p.g * dt]

    def shaken(x: Any, dt: Any, p: Any) -> Any:
        return np.diag([1e-4 * dt, 0.01 * dt])

    motion = fog.Motion(("height", "speed"), fall, shaken, params={"g": gravity})
    return fog.Model(motion, [fog.sensing.linear("camera", of="height", std=0.05)], start=start)


def test_a_wrong_sign_may_be_that_of_gravity() -> None:
    known, unknown = fog.Belief([0, 20], std=[0.1, 1]), fog.Belief([0, 0], std=[10, 20])
    log = fog.simulate(ball(-9.81, known), steps=120, dt=0.033, seed=1)[0]
    (sign,) = fog.check(fog.run(ball(9.81, unknown), log)).findings
    assert sign.code == "SIGN" and "such as gravity, a mean or a control, has the wrong sign" in sign.sentence
    assert "SIGN of camera" not in sign.sentence  # it is no rival of its own
    drift = fog.check(fog.run(ball(9.81, known), log)).findings[0]
    assert (
        drift.code == "BIAS"
        and "The motion itself adds 9.81 per second: has that the wrong sign?" in drift.sentence
    )
