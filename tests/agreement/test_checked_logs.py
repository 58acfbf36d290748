"""What a check says of recorded logs: nothing of models that are right, and what is wrong of those that are not."""

from pathlib import Path
from typing import Any

import pytest

import foglight as fog
from agreement.test_real_logs import example, recording


@pytest.fixture(scope="module")
def car(shared_data: Path) -> Any:
    script = example("laser_and_radar")
    log, _ = script.read(recording(shared_data, "laser_and_radar"))
    return script, log, dict(script.runs(log))


def test_a_car_that_turns_is_followed_honestly(car: Any) -> None:
    _, _, runs = car
    health = fog.check(runs["turning, EKF"])
    assert health.ok, str(health)


def test_a_car_that_turns_is_no_car_that_goes_straight_on(car: Any) -> None:
    """What the straight model lacks shows in the range rate, whatever its noises are."""
    _, _, runs = car
    health = fog.check(runs["straight on, EKF"])
    assert health.codes == ("COLOURED",) and health.findings[0].subject == "radar.range_rate"
    assert "the motion lacks a state" in health.findings[0].sentence


@pytest.mark.campaign
def test_the_noises_of_the_car_are_asked_for_back(car: Any) -> None:
    script, log, _ = car
    health = fog.check(fog.run(script.turning.with_parameters({"bearing_std": 0.01}), log))
    assert health.codes[0] == "R_SMALL" and health.findings[0].subject == "radar.bearing"
    assert health.findings[0].suggestions["radar.bearing_std"] == pytest.approx(0.03, rel=0.15)


@pytest.mark.campaign
def test_one_beacon_of_the_robot_is_noisier_than_the_others(shared_data: Path) -> None:
    script = example("indoor_uwb")
    log, beacons, _ = script.read(recording(shared_data, "indoor_uwb"))
    model = script.model(beacons)
    best = max(script.starts(model, log), key=lambda run: run.loglik)
    health = fog.check(best)
    assert health.codes == ("R_SMALL",) and health.findings[0].subject == "uwb107.range"
    turned = max(script.starts(model.with_parameters({"axle": 0.157}), log), key=lambda run: run.loglik)
    health = fog.check(turned)  # the wheels read the other way round: it turns where it should not
    assert health.codes[0] == "BIAS" and health.findings[0].subject == "heading"


@pytest.mark.campaign
def test_walkers_before_a_radar_need_the_iterated_filter(shared_data: Path) -> None:
    script = example("pedestrians")
    walker, time, place = script.read(recording(shared_data, "pedestrians") / "crowds_zara01.txt")
    model, _ = script.predict(walker, time, place)
    at, reports = script.scan(walker, time, place)
    runs = script.track(walker, time, place, at, reports, model.parameters["motion.accel"])
    codes = [fog.check(run).codes for run in runs]
    assert codes == [("CURVED",), ("CURVED",), ("OK",)]
