"""Faults of the readings are named, what cannot be told apart is not claimed, and advice that is followed helps."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.diagnostics.check.followed import hedged
from foglight.diagnostics.check.hypotheses import delay, gains, ranking, slips, swapped
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Hypothesis
from foglight.diagnostics.check.hypotheses.judge import Judge
from foglight.diagnostics.check.sentences import labels_of

from .check_cases import CASES, FAULTS, faulty, log_of
from .robot_cases import OTHERS, ROBOT, SCALES, TURNING, WITH_COMPASS, WITH_RADAR, Fault, scaled_odo


def check(model: fog.Model, log: fog.Log, method: Any = None) -> fog.Health:
    return fog.check(fog.run(model, log, method))


@pytest.mark.parametrize("fault", [SCALES[0], SCALES[11], *OTHERS], ids=str)
def test_a_fault_of_the_readings_is_named_and_its_advice_helps(fault: Fault) -> None:
    log = fault.log(seed=3)
    before = fog.run(fault.model, log)
    health = fog.check(before)
    assert fault.told(health), str(health)
    model, mended = health.findings[0].apply(fault.model, log)
    after = check(model, mended)
    assert health.findings[0].code not in after.codes, str(after)


def test_one_whole_turn_of_a_heading_is_an_angle_not_a_jump_of_the_sensor() -> None:
    """From one row to the end it reads 2π lower; with the offset subtracted no jump is left to be seen."""
    turns = OTHERS[-1]
    health = check(turns.model, turns.log(seed=4))
    assert turns.told(health), str(health)


@pytest.mark.campaign
@pytest.mark.parametrize("fault", [*SCALES, *OTHERS], ids=str)
def test_of_twenty_logs_with_a_fault_of_the_readings(fault: Fault) -> None:
    told = [fault.told(check(fault.model, fault.log(seed))) for seed in range(20)]
    assert sum(told) >= 18, told


@pytest.mark.parametrize("model", [ROBOT, WITH_COMPASS, WITH_RADAR, TURNING])
def test_a_robot_that_is_as_it_says_has_no_finding(model: fog.Model) -> None:
    for seed in range(3):
        log, _ = fog.simulate(model, 600, 0.1, seed)
        health = check(model, log)
        assert health.ok, str(health)


def test_of_a_gps_and_an_odometer_the_log_cannot_tell_which_is_swapped() -> None:
    """Only the start knows which way x is; where that is not enough, both are named."""
    for seed in range(3):
        log, _ = fog.simulate(ROBOT, 600, 0.1, seed)
        z = log.bind(ROBOT)[:, [0, 1, 3, 2]]
        first = check(ROBOT, log_of(ROBOT, log.time, z)).findings[0]
        assert first.code == "SWAPPED"
        assert first.subject == "odo" or ("alike" in first.sentence and "of odo exchanged" in first.sentence)


def compass(std: float, q: float) -> fog.Model:
    motion = fog.Motion(
        ("heading", "rate"), lambda x, dt, p: [x.heading + dt * x.rate, x.rate],
        lambda x, dt, p: fog.noise.white_acceleration(dt, p.q**2), params={"q": fog.param(q, low=0)},
        angles=("heading",),
    )  # fmt: skip
    sensor = fog.Sensor(
        "compass", ("hdg",), lambda x, p: [x.heading], lambda x, p: [[p.std**2]],
        params={"std": fog.param(std, low=0)}, angles=("hdg",),
    )  # fmt: skip
    return fog.Model(motion, [sensor], fog.Belief([0.3, 0.0], std=[0.1, 0.1]))


COMPASS = compass(0.1, 0.2)


@pytest.mark.parametrize("std", [0.1, 0.02, 0.005])
@pytest.mark.parametrize("q", [0.02, *[pytest.param(q, marks=pytest.mark.campaign) for q in (0.2, 0.002)]])
def test_degrees_of_a_declared_angle_are_told(std: float, q: float) -> None:
    """Readings in degrees are almost evenly spread over the circle in radians: a very noisy compass fits as well, if
    the density of a reading is not spread over the turns that it may be in."""
    model = COMPASS.with_parameters({"std": std, "q": q})
    for seed in (4, 5):
        log, _ = fog.simulate(model, 400, 0.5, seed)
        health = check(model, fog.Log.from_arrays(log.time, compass=np.degrees(log.bind(model)[:, 0])))
        assert health.codes == ("GAIN",) and "degrees for radians? Divide its readings by 57.3." in str(
            health
        )


@pytest.mark.parametrize("case", [CASES[k] for k in (0, 1, 2, 5, 7)], ids=str)
@pytest.mark.parametrize(("q", "r"), [(36.0, 36.0), pytest.param(10.0, 36.0, marks=pytest.mark.campaign)])
def test_noises_that_are_too_large_are_not_a_gain(case: Any, q: float, r: float) -> None:
    """With an unknown start H -> gH is Q -> g²Q, R -> g²R: the noises are named."""
    log, _ = fog.simulate(case.make(1.0, 1.0), 1_000, case.dt, seed=3)
    model = case.make(q, r)
    assert model.start is not None
    n = len(model.state)
    for std in (model.start.std, 1_000.0 * model.start.std, np.full(n, np.inf)):
        health = check(model.with_start(fog.Belief(model.start.mean, std=std)), log, case.method)
        assert set(health.codes) == {"R_LARGE", "Q_LARGE"}, str(health)


# One or two faults a case, as in test_check.
FOLLOWED = [
    (0, "R_SMALL"), (0, "COLOURED"), (1, "Q_LARGE"), (1, "SIGN"), (2, "R_LARGE"), (2, "BIAS"), (5, "Q_SMALL"),
    (5, "SIGN"), (6, "R_SMALL"), (6, "SIGN"), (7, "BIAS"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "fault"), [(CASES[k], fault) for k, fault in FOLLOWED], ids=str)
def test_advice_that_is_followed_makes_the_log_likelier_and_the_finding_go(case: Any, fault: str) -> None:
    model, log, _ = faulty(case, fault, 1_500, seed=400)
    assert follows(case, model, log, check(model, log, case.method))


@pytest.mark.campaign
def test_advice_that_is_followed_in_many_logs() -> None:
    """In >= 95 % of the faults that are found and can be applied."""
    followed, lines = 0, []
    found = 0
    for case in CASES:
        for fault in FAULTS:
            for seed in range(3):
                model, log, _ = faulty(case, fault, 1_500, seed=500 + seed)
                health = check(model, log, case.method)
                if health.ok:
                    continue
                found += 1
                helps = follows(case, model, log, health)
                followed += helps
                if not helps:
                    lines.append(f"{case.name}, {fault}, {seed}")
    print(f"followed {followed} of {found}", *lines, sep="\n")
    assert followed >= 0.95 * found


def follows(case: Any, model: fog.Model, log: fog.Log, health: fog.Health) -> bool:
    """Whether the first finding, applied, is gone and the log likelier: as the filter without its gate sees it."""
    first = health.findings[0]
    try:
        better, mended = first.apply(model, log)
    except fog.ModelError:
        return False
    after = fog.check(fog.run(better, mended, case.method))
    open_method = case.method.with_guards(gate=None)
    likelier = fog.run(better, mended, open_method).loglik > fog.run(model, log, open_method).loglik
    gone = not any((other.code, other.subject) == (first.code, first.subject) for other in after.findings)
    return bool(likelier and gone)


def test_a_finding_with_nothing_to_apply_says_so() -> None:
    finding = fog.check(fog.run(ROBOT, SCALES[0].log(1))).findings[0]
    with pytest.raises(fog.ModelError, match="has nothing to apply"):
        replace(finding, change=None).apply(ROBOT, SCALES[0].log(1))


def test_advice_that_does_not_help_says_so() -> None:
    """Advice that makes the log less likely, and advice that leaves the noise it accuses too large."""
    case = CASES[0]
    log, _ = fog.simulate(case.make(1.0, 1.0), 800, case.dt, seed=4)
    wrong = case.make(1.0, 4.0)
    run = fog.run(wrong, log)
    found = fog.check(run).findings
    assert found[0].code == "R_LARGE" and hedged(run, [found[0]]) == [found[0]]
    worse = replace(found[0], change=lambda model, log: (case.make(1.0, 25.0), log))
    assert hedged(run, [worse])[0].sentence.endswith("no likelier: more is wrong than this.")
    halfway = replace(found[0], change=lambda model, log: (case.make(1.0, 2.5), log))
    assert "By itself it leaves a NIS of 0." in hedged(run, [halfway])[0].sentence
    assert hedged(run, [halfway, worse]) == [halfway, worse]
    assert hedged(run, [replace(worse, change=None)])[0].sentence == worse.sentence


def evidence_of(model: fog.Model, log: fog.Log) -> Evidence:
    M = len(model.components)
    return Evidence(model, log, log.bind(model), tuple(labels_of(model)), np.full(M, 9.0), np.ones(M), True)


@pytest.mark.parametrize("k", [0.5, 1.944, 5.0])
def test_the_density_of_scaled_readings_is_that_of_the_model_that_scales(k: float) -> None:
    """The log-likelihood of z/k, less n log k, is the log-likelihood of z under k(h + v)."""
    log, _ = fog.simulate(ROBOT, 200, 0.1, seed=5)
    z = log.bind(ROBOT).copy()
    z[:, 2:] *= k
    scaled = log_of(ROBOT, log.time, z)
    family = next(f for f in gains.families(evidence_of(ROBOT, scaled)) if f.at(k).subject == "odo")
    found = Judge(ROBOT, scaled, fog.EKF()).of(family.at(k))
    assert found == pytest.approx(fog.run(scaled_odo(k), scaled).loglik, rel=1e-10)


def test_exchanged_measures_are_an_exchanged_model() -> None:
    log, _ = fog.simulate(ROBOT, 200, 0.1, seed=6)
    log = log_of(ROBOT, log.time, log.bind(ROBOT))
    family = next(f for f in swapped.families(evidence_of(ROBOT, log)) if f.at(0.0).subject == "odo")
    crossed = fog.Model(
        ROBOT.motion,
        [ROBOT.sensors[0], fog.sensing.linear("odo", of=("y_speed", "x_speed"), std=0.2)],
        ROBOT.start,
    )
    found = Judge(ROBOT, log, fog.EKF()).of(family.at(0.0))
    assert found == pytest.approx(fog.run(crossed, log).loglik, rel=1e-10)


@pytest.mark.parametrize("tracked", [False, True])
def test_readings_of_a_late_sensor_are_moved_back_by_whole_time(tracked: bool) -> None:
    """Against a table of every reading by track and time."""
    rng = np.random.default_rng(8)
    steps = rng.integers(1, 9, 60) * 10_000_000
    time, track = np.cumsum(steps), np.repeat(["ann", "bob", "cy"], 20)
    z = rng.standard_normal((60, 4))
    z[rng.random((60, 4)) < 0.3] = np.nan
    extra = {"track": track} if tracked else {}
    log = fog.Log.from_arrays(time / 1e9, gps=z[:, :2], odo=z[:, 2:], **extra)
    late = 0.05
    _, moved = delay.moved_back(0, late, ROBOT, log)
    expected: dict[Any, Any] = {}
    for k in range(60):
        name = track[k] if tracked else ""
        expected[name, int(log.time_ns[k]), "odo"] = z[k, 2:]
        begins = log.time_ns[track == track[k]].min() if tracked else log.time_ns[0]
        if log.time_ns[k] - 50_000_000 >= begins:
            expected[name, int(log.time_ns[k]) - 50_000_000, "gps"] = z[k, :2]
    found = moved.bind(ROBOT)
    labels = np.array(moved.track_names)[moved.track] if tracked else np.full(len(moved), "")
    seen: dict[Any, Any] = {}
    for k in range(len(moved)):
        for name, at in (("gps", slice(0, 2)), ("odo", slice(2, 4))):
            if not np.isnan(found[k, at]).all():
                seen[str(labels[k]), int(moved.time_ns[k]), name] = found[k, at]
    wanted = {
        (str(name), stamp, sensor): value
        for (name, stamp, sensor), value in expected.items()
        if not np.isnan(value).all()
    }
    assert seen.keys() == wanted.keys()
    for key, value in wanted.items():
        assert np.array_equal(seen[key], value, equal_nan=True)


def test_a_lone_sensor_shows_no_delay_and_a_measure_that_does_not_jump_no_turns() -> None:
    case = CASES[1]
    log, _ = fog.simulate(case.make(1.0, 1.0), 100, 0.5, seed=1)
    assert delay.families(evidence_of(case.make(1.0, 1.0), log)) == []
    assert slips.families(evidence_of(case.make(1.0, 1.0), log)) == []


def test_a_hypothesis_that_breaks_the_filter_is_never_likely() -> None:
    log, _ = fog.simulate(ROBOT, 50, 0.1, seed=1)
    judge = Judge(ROBOT, log, fog.EKF())

    def broken(model: fog.Model, log: fog.Log) -> Any:
        raise fog.DataError("no", field="log")

    def fewer(model: fog.Model, log: fog.Log) -> Any:
        return model, ranking.first_rows(log, 20)

    for change in (broken, fewer):
        assert judge.of(Hypothesis(fog.Code.GAIN, "odo", 1.0, "", "", "", change)) == -np.inf
