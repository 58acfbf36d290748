"""A check names faulty readings first, judges the rest without them, and its advice mends what it accuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.first_stage import first_stage

from .check_cases import CASES, FAULTS, faulty, healthy, log_of
from .robot_cases import GPS, MOTION, ROBOT, START
from .test_check import BENT

ALONE = fog.Model(MOTION, [GPS], START)
ROWS = 600
Spoil = Callable[[Floats, Floats, NDArray[np.int64], int], None]


def sentinel(value: float, sensor: int = 0) -> Spoil:
    def spoil(gps: Floats, odo: Floats, some: NDArray[np.int64], k: int) -> None:
        (gps, odo)[sensor][some] = value

    return spoil


def one_component(gps: Floats, odo: Floats, some: NDArray[np.int64], k: int) -> None:
    gps[some, 0] = -9999.0


def every_seventh(gps: Floats, odo: Floats, some: NDArray[np.int64], k: int) -> None:
    gps[7::7] = 0.0


def stuck(sensor: int, rows: int = ROWS) -> Spoil:
    def spoil(gps: Floats, odo: Floats, some: NDArray[np.int64], k: int) -> None:
        (gps, odo)[sensor][k : k + rows] = (gps, odo)[sensor][k]

    return spoil


def jump(sensor: int, size: tuple[float, float], rows: int = ROWS) -> Spoil:
    def spoil(gps: Floats, odo: Floats, some: NDArray[np.int64], k: int) -> None:
        (gps, odo)[sensor][k : k + rows] += size

    return spoil


def gross(sensor: int, size: float) -> Spoil:
    def spoil(gps: Floats, odo: Floats, some: NDArray[np.int64], k: int) -> None:
        rng = np.random.default_rng(k)
        (gps, odo)[sensor][some] += size * rng.choice([-1.0, 1.0], (4, 2)) * rng.uniform(1.0, 4.0, (4, 2))

    return spoil


# what is done to the log, the model, and the code and subject of the first finding
FAULTY: dict[str, tuple[Spoil, fog.Model, str, str]] = {
    "-9999": (sentinel(-9999.0), ROBOT, "SENTINEL", "gps"),
    "0, 0": (sentinel(0.0), ROBOT, "SENTINEL", "gps"),
    "-9999 in x": (one_component, ROBOT, "SENTINEL", "gps.x"),
    "every seventh 0, 0": (every_seventh, ROBOT, "SENTINEL", "gps"),
    "odometer 99": (sentinel(99.0, 1), ROBOT, "SENTINEL", "odo"),
    "gps stuck": (stuck(0), ROBOT, "STUCK", "gps"),
    "gps stuck for a while": (stuck(0, 100), ROBOT, "STUCK", "gps"),
    "odometer stuck": (stuck(1), ROBOT, "STUCK", "odo"),
    "the only sensor stuck": (stuck(0), ALONE, "STUCK", "gps"),
    "gps jumps": (jump(0, (30.0, 0.0)), ROBOT, "JUMP", "gps.x"),
    "gps jumps and comes back": (jump(0, (30.0, -20.0), 80), ROBOT, "JUMP", "gps"),
    "odometer jumps": (jump(1, (3.0, 0.0)), ROBOT, "JUMP", "odo.x_speed"),
    "the only sensor jumps": (jump(0, (30.0, 0.0)), ALONE, "JUMP", "gps.x"),
    "outliers of the gps": (gross(0, 15.0), ROBOT, "OUTLIERS", "gps"),
    "outliers of the odometer": (gross(1, 3.0), ROBOT, "OUTLIERS", "odo"),
}


def spoiled(name: str, seed: int) -> tuple[fog.Model, fog.Log, NDArray[np.int64], int]:
    """The model, the spoiled log, its four rows and its row of a step."""
    spoil, model, _, _ = FAULTY[name]
    log, _ = fog.simulate(ROBOT, steps=ROWS, dt=0.1, seed=100 + seed)
    z, rng = log.bind(ROBOT).copy(), np.random.default_rng(seed)
    some, k = np.sort(rng.choice(np.arange(80, 590), 4, replace=False)), int(rng.integers(150, 450))
    spoil(z[:, :2], z[:, 2:], some, k)
    return model, log_of(model, log.time, z), some, k


@pytest.mark.parametrize("name", FAULTY)
def test_the_first_finding_names_the_readings_and_its_advice_mends_them(name: str) -> None:
    model, log, some, k = spoiled(name, 2)
    run = fog.run(model, log)
    health = fog.check(run)
    first, (_, _, code, subject) = health.findings[0], FAULTY[name]
    assert (first.code, first.subject) == (code, subject), str(health)
    assert len(health.findings) == 1, str(health)  # nothing of the rest of the log is accused
    rows = {"SENTINEL": tuple(some), "OUTLIERS": tuple(some), "JUMP": (k,)}.get(code, first.rows)
    if name == "every seventh 0, 0":
        rows = tuple(range(7, ROWS, 7))
    assert first.rows == rows
    assert first.statistic > first.high
    again, mended = first.apply(model, log)
    rerun = fog.run(again, mended)
    kept = ~np.isnan(rerun.innovation) & ~np.isnan(run.innovation)
    assert fog.check(rerun).ok
    assert _loglik(rerun, kept) >= _loglik(run, kept)


def _loglik(run: fog.Run, kept: NDArray[np.bool_]) -> float:
    """Of the readings of sensors that are kept, each given the sensors before it in its row."""
    total = 0.0
    for at in (slice(0, 2), slice(2, 4)):
        e, S = run.innovation[:, at], run.innovation_cov[:, at, at]
        rows = kept[:, at].all(axis=1) if e.shape[1] else np.zeros(len(e), bool)
        for k in np.flatnonzero(rows):
            total -= 0.5 * (e[k] @ np.linalg.solve(S[k], e[k]) + np.linalg.slogdet(S[k])[1])
    return total


@pytest.mark.campaign
@pytest.mark.parametrize("name", FAULTY)
def test_of_twenty_logs_of_each_fault(name: str) -> None:
    """>= 90 % are named right by the first finding, and its advice mends what it accuses in >= 95 % of them."""
    named = mended = 0
    _, _, code, subject = FAULTY[name]
    for seed in range(20):
        model, log, _, _ = spoiled(name, seed)
        findings = fog.check(fog.run(model, log)).findings
        if not findings or (findings[0].code, findings[0].subject) != (code, subject):
            continue
        named += 1
        after = fog.check(fog.run(*findings[0].apply(model, log))).findings
        mended += (code, subject) not in [(finding.code, finding.subject) for finding in after]
    print(f"{name}: {named} of 20 named, {mended} mended")
    assert named >= 18 and mended >= 0.95 * named


def test_a_jump_of_one_sensor_is_told_from_one_of_the_state() -> None:
    """Two sensors of the same position: where only one jumps it is that one, where both do it is the robot."""
    beacon = fog.sensing.linear("beacon", of=("x", "y"), std=0.7)
    model = fog.Model(MOTION, [GPS, beacon], START)
    log, _ = fog.simulate(model, steps=ROWS, dt=0.1, seed=3)
    z = log.bind(model).copy()
    z[300:, 2] += 30.0
    one = fog.check(fog.run(model, log_of(model, log.time, z))).findings[0]
    assert (one.code, one.subject, one.rows) == ("JUMP", "beacon.x", (300,))
    assert one.estimate == pytest.approx(30.0, abs=0.5) and "fit alike" not in one.sentence
    z[300:, 0] += 30.0
    both_jump = log_of(model, log.time, z)
    run = fog.run(model, both_jump)
    both = fog.check(run).findings[0]
    assert (both.code, both.subject, both.rows) == ("JUMP", "motion", (300,))
    assert run.log is both_jump  # the caller's run is as it was
    with pytest.raises(fog.ModelError, match="the finding JUMP of motion has nothing to apply"):
        both.apply(model, log)


def test_where_a_sensor_or_the_state_may_have_jumped_both_are_said() -> None:
    model, log, _, _ = spoiled("the only sensor jumps", 1)
    sentence = fog.check(fog.run(model, log)).findings[0].sentence
    assert "Several explanations fit alike: this offset, or what it measures jumped there" in sentence


def test_rows_of_tracks_are_named_and_mended_in_their_tracks() -> None:
    """Side by side and one after another: a value that stands for no reading, and a jump in the second track."""
    z = np.stack([fog.simulate(ALONE, 200, 0.1, seed)[0].bind(ALONE) for seed in range(3)])
    z[0, 50] = z[2, 90] = 0.0
    z[1, 100:, 1] -= 25.0
    after = fog.Log.from_arrays(
        np.tile(0.1 * np.arange(200), 3), track=np.repeat(["ann", "bob", "cat"], 200), gps=z.reshape(-1, 2)
    )
    for log, names in (
        (fog.Log.regular(z, dt=0.1), ("row 100 (t = 10 s, track 1)", "50 of track 0, 90 of track 2")),
        (after, ("row 300 (t = 10 s, track bob)", "2 rows: 50, 490")),
    ):
        findings = fog.check(fog.run(ALONE, log)).findings
        assert [(f.code, f.rows) for f in findings] == [("JUMP", (300,)), ("SENTINEL", (50, 490))]
        assert all(name in finding.sentence for name, finding in zip(names, findings, strict=True))
        mended = log
        for finding in findings:
            mended = finding.apply(ALONE, mended)[1]
        assert fog.check(fog.run(ALONE, mended)).ok


def test_without_faulty_readings_smoothed_states_are_judged_as_well() -> None:
    log, truth = fog.simulate(ROBOT, steps=ROWS, dt=0.1, seed=5)
    z = log.bind(ROBOT).copy()
    z[[100, 300], :2] = -9999.0
    run = fog.run(ROBOT, log_of(ROBOT, log.time, z))
    health = fog.check(fog.smooth(run), truth)
    assert health.codes == ("SENTINEL",) and "smoothed" in health.title
    assert all(row.inside for row in health.rows if row.statistic == "smoothed NEES per state")


def test_where_functions_bend_readings_are_named_as_well() -> None:
    case = CASES[3]
    model = case.make(1.0, 1.0)
    log, _ = fog.simulate(model, steps=800, dt=0.5, seed=1)
    z = log.bind(model).copy()
    z[[100, 700], 0] += 60.0
    z[[200, 400, 500], 2:] = 0.0
    run = fog.run(model, log_of(model, log.time, z))
    found = {(f.code, f.subject): f.rows.tolist() for f in first_stage(run, 1e-3).faults}
    assert found == {("SENTINEL", "gps"): [200, 400, 500], ("OUTLIERS", "radar.range"): [100, 700]}


def parked(seed: int) -> fog.Run:
    """A robot that slows down, stands still while its odometer reads 0 exactly, and goes on."""
    rng = np.random.default_rng(seed)
    drive = np.interp(np.arange(ROWS), [0, 180, 220, 380, 420, ROWS], [1.0, 1.0, 0.0, 0.0, 1.0, 1.0])[:, None]
    speed = drive * np.cumsum(0.5 * np.sqrt(0.1) * rng.normal(size=(ROWS, 2)), axis=0)
    odo = np.where(drive == 0.0, 0.0, speed + 0.2 * rng.normal(size=speed.shape))
    gps = np.cumsum(0.1 * speed, axis=0) + rng.normal(size=speed.shape)
    still = ROBOT.with_start(fog.Belief([0.0] * 4, std=[3.0, 3.0, 2.0, 2.0]))
    return fog.run(still, fog.Log.from_arrays(0.1 * np.arange(ROWS), gps=gps, odo=odo))


def sound(seed: int) -> dict[str, fog.Run]:
    """Logs whose readings are not at fault: sound ones, coarse and repeated ones, and those of wrong models."""
    log, _ = fog.simulate(ROBOT, steps=ROWS, dt=0.1, seed=900 + seed)
    z = log.bind(ROBOT)
    gps, odo = z[:, :2], z[:, 2:]

    def run(gps: Floats, odo: Floats, model: fog.Model = ROBOT, method: Any = None) -> fog.Run:
        return fog.run(model, fog.Log.from_arrays(log.time, gps=gps, odo=odo), method)

    held = gps[(np.arange(ROWS) // 10) * 10]
    late = np.vstack([np.full((5, 2), np.nan), gps[:-5]])
    far = np.where((np.arange(ROWS) % 150 == 149)[:, None], -9999.0, gps)
    return {
        "sound": run(gps, odo),
        "coarse": run(np.round(gps), np.round(odo / 0.5) * 0.5),
        "held": run(held, odo),
        "parked": parked(seed),
        "gated": run(far, odo, method=fog.EKF(gate=0.999)),
        "Student": run(far, odo, method=fog.EKF(student=4.0)),
        "unknown start": run(
            gps, odo, ROBOT.with_start(fog.Belief([0.0, 0.0, 8.0, 2.0], std=[np.inf, np.inf, 2, 2]))
        ),
        "start off": run(
            gps, odo, ROBOT.with_start(fog.Belief([60.0, 0.0, 8.0, 2.0], std=[3.0, 3.0, 2.0, 2.0]))
        ),
        "scaled": run(gps, 1.5 * odo),
        "wrong sign": run(gps, -odo),
        "swapped": run(gps[:, ::-1], odo),
        "late": run(late, odo),
        "small Q": run(gps, odo, ROBOT.with_parameters({"accel": 0.02})),
        "small R": run(gps, odo, ROBOT.with_parameters({"gps.std": 0.2})),
    }


@pytest.mark.parametrize("seed", range(2))
def test_readings_that_are_not_at_fault_are_not_accused(seed: int) -> None:
    for name, run in sound(seed).items():
        assert not first_stage(run, 1e-3).faults, name


def test_a_model_at_fault_does_not_accuse_its_readings() -> None:
    for number, case in enumerate(CASES[:3] + CASES[5:]):
        for fault in FAULTS:
            model, log, _ = faulty(case, fault, 600, 5_000 + number)
            assert not first_stage(fog.run(model, log, case.method), 1e-3).faults, (case.name, fault)
    log, _ = fog.simulate(BENT, steps=400, dt=0.4, seed=3)  # EKF and UKF err, and readings look gross
    for method in (fog.EKF(), fog.UKF()):
        assert not first_stage(fog.run(BENT, log, method), 1e-3).faults


@pytest.mark.campaign
def test_of_two_thousand_healthy_logs() -> None:
    """False alarms of the first stage on healthy logs, at most 0.1 %; long and short, one track and many."""
    alarms = count = 0
    for number, case in enumerate(CASES):
        model = case.make(1.0, 1.0)
        for seed in range(250):
            log, _ = healthy(case, (30, 300, 1_000)[seed % 3], 20_000 + 1_000 * number + seed)
            alarms += bool(first_stage(fog.run(model, log, case.method), 1e-3).faults)
            count += 1
    print(f"{alarms} false alarms of {count}")
    assert alarms <= 0.001 * count
