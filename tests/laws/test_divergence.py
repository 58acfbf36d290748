"""A filter that has lost what it tracks is reported, with the row where it began; one that has not is not."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.diagnostics.check.consequences import causes_first
from foglight.diagnostics.check.divergence import divergence_findings, stretch

from .check_cases import CASES, faulty, healthy

LOST, DIVERGED = fog.Code.LOST, fog.Code.DIVERGED


def bearings(clutter: float, seed: int = 3) -> tuple[fog.Model, fog.Log]:
    """A ship seen by two bearings; that share of the readings points anywhere."""
    rng = np.random.default_rng(seed)
    t = 2.0 * np.arange(300)
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.05)
    sensors = [
        fog.sensing.bearing("a", at=(0, 0), std=0.01), fog.sensing.bearing("b", at=(500, -500), std=0.01)
    ]  # fmt: skip
    model = fog.Model(motion, sensors, start=fog.Belief([2000, 3000, 0, 0], std=[300, 300, 10, 10]))
    x, y = 2000 + 6 * t, 3000 - 4 * t
    seen = np.stack([np.arctan2(y, x), np.arctan2(y + 500, x - 500)]) + 0.01 * rng.standard_normal((2, 300))
    for readings in seen[: 1 if clutter < 0.5 else 2]:
        wrong = rng.random(300) < clutter
        readings[wrong] = rng.uniform(-np.pi, np.pi, wrong.sum())
    return model, fog.Log.from_arrays(t, a=seen[0], b=seen[1])


@pytest.mark.parametrize(
    "method",
    [
        fog.UKF(gate=0.999),
        *[
            pytest.param(m, marks=pytest.mark.campaign)
            for m in (fog.EKF(gate=0.999), fog.UKF(gate=0.999, recover=20))
        ],
    ],
)
def test_clutter_does_not_make_a_gated_filter_diverge(method: Any) -> None:
    """These three ended up to 1e40 m away when a gate gave way after a second."""
    model, log = bearings(0.3)
    run = fog.run(model, log, method)
    assert np.abs(run.belief.mean[:2] - [2000 + 6 * 598, 3000 - 4 * 598]).max() < 300.0
    assert not {LOST, DIVERGED} & set(fog.check(run).codes)


@pytest.mark.parametrize(
    "method",
    [
        fog.EKF(gate=0.999, recover=2.0),
        pytest.param(fog.UKF(gate=0.999, recover=2.0), marks=pytest.mark.campaign),
    ],
)
def test_a_belief_that_grows_without_bound_is_reported(method: Any) -> None:
    """Mostly clutter: each widening lets a wrong bearing in."""
    model, log = bearings(0.9)
    run = fog.run(model, log, method)
    assert run.filtered.std.max() > 1e7
    health = fog.check(run)
    assert health.codes[0] == LOST and DIVERGED in health.codes
    lost, grown = health.findings[0], next(f for f in health.findings if f.code == DIVERGED)
    assert lost.estimate < 5 and "row" in lost.sentence
    row = int(grown.estimate)
    state = model.state.index(grown.subject)
    free = fog.run(model, log[:1], fog.EKF()).belief.std[state] + 10.0 * 2.0 * row + 0.05 * (2.0 * row) ** 1.5
    assert run.filtered.std[row, state] > 10.0 * free and f"row {row} " in grown.sentence


def gps(seed: int = 0, rows: int = 400) -> tuple[fog.Model, Any]:
    model = fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.3),
        [
            fog.sensing.linear("gps", of=("x", "y"), std=1.0),
            fog.sensing.linear("speed", of="x_speed", std=0.2),
        ],
        start=fog.Belief([0, 0, 0, 0], std=[2, 2, 1, 1]),
    )
    return model, fog.simulate(model, rows, 1.0, seed=seed)[0].bind(model).copy()


def logged(z: Any) -> fog.Log:
    return fog.Log.from_arrays(np.arange(len(z)), gps=z[:, :2], speed=z[:, 2])


@pytest.mark.parametrize("at", [60, pytest.param(200, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("speed", [True, False])
def test_a_jump_that_a_gate_never_follows_is_dated(at: int, speed: bool) -> None:
    """Every gps reading is rejected from there on, whether or not another sensor goes on."""
    model, z = gps()
    z[at:, :2] += 500.0
    if not speed:
        z[:, 2] = np.nan
    run = fog.run(model, logged(z), fog.KF(gate=0.999999, student={"speed": 4}))
    rejected = np.flatnonzero(run.status & fog.Status.GATED)
    assert len(rejected) > 100
    found = next(f for f in fog.check(run).findings if f.code == LOST)
    assert (
        abs(found.estimate - at) <= 1
        and f"from row {found.estimate:g} (t = {found.estimate:g} s) to" in found.sentence
    )
    assert found.subject == ("gps" if speed else "motion")
    followed = fog.run(model, logged(z), fog.KF(gate=0.9999, recover=3.0))
    assert (followed.status & fog.Status.RESET).any()
    assert not {LOST, DIVERGED} & {f.code for f in divergence_findings(followed)}


def test_a_start_far_from_all_readings_is_reported_although_too_few_are_used_for_a_check() -> None:
    model, z = gps()
    z[:, :2] += 1e5
    run = fog.run(model, logged(np.where([True, True, False], z, np.nan)[:40]), fog.KF(gate=0.999))
    assert np.isnan(run.innovation).all()
    health = fog.check(run)
    assert health.codes == (LOST, DIVERGED) and not health.ok
    away = health.findings[1]
    assert away.subject == "gps.x" and away.estimate == 0 and "row 0" in away.sentence
    assert away.statistic < 1e3 < away.low and "check the start" in away.sentence
    assert "LOST" in str(health) and health.as_dict()["findings"][0]["code"] == "LOST"


def test_a_loss_that_something_else_explains_is_called_its_consequence() -> None:
    """A process noise that is too small makes a gate reject what the sensors rightly report."""
    case = CASES[6]
    model, log, _ = faulty(case, "Q_SMALL", 1_500, seed=500)
    run = fog.run(model, log, case.method)
    astray = divergence_findings(run)
    health = fog.check(run)
    assert [finding.code for finding in astray] == [LOST] and health.codes[:2] == ("Q_SMALL", LOST)
    assert "a consequence: once Q_SMALL of motion is mended, it no longer is" in health.findings[1].sentence
    better, same = health.findings[0].apply(model, log)
    assert same is log and not divergence_findings(fog.run(better, log, case.method))


def test_a_loss_that_nothing_else_explains_comes_first() -> None:
    """Advice that leaves it lost, that breaks it, that opens its gate, or that no program can follow."""
    case = CASES[6]
    model, log, _ = faulty(case, "Q_SMALL", 1_500, seed=500)
    run = fog.run(model, log, case.method)
    astray, cause = divergence_findings(run), fog.check(run).findings[0]
    idle = replace(cause, code=fog.Code.BIAS, change=lambda model, log: (model, log))

    def broken(model: fog.Model, log: fog.Log) -> Any:
        raise fog.DataError("no", field="log")

    noisier = replace(cause, code=fog.Code.R_SMALL)
    for useless in (idle, replace(cause, change=broken), replace(cause, change=None), noisier):
        assert causes_first(run, astray, [useless], 1e-3) == [*astray, useless]
    first, second, lost, last = causes_first(run, astray, [idle, cause, idle], 1e-3)
    assert (first, second, last) == (
        idle,
        cause,
        idle,
    ) and "BIAS of motion and Q_SMALL of motion" in lost.sentence
    assert causes_first(run, [], [idle], 1e-3) == [idle]


def test_a_process_noise_that_is_wide_enough_for_a_jump_explains_no_jump() -> None:
    """What is measured jumps by 30: a process noise 4x as large lets the gate pass that, and it is not the cause."""
    z = np.r_[5.0 + np.random.default_rng(1).normal(size=80), 30.0 + np.random.default_rng(2).normal(size=80)]
    model = fog.Model(
        fog.motion.random_walk(("a",), std=0.5),
        [fog.sensing.linear("r", of="a", std=1.0)],
        fog.Belief([5.0], std=[1.0]),
    )
    health = fog.check(fog.run(model, fog.Log.from_arrays(np.arange(160.0), r=z), fog.EKF(gate=0.999)))
    assert health.codes[:2] == (LOST, "Q_SMALL") and "consequence" not in health.findings[0].sentence


def test_resets_without_end_are_reported() -> None:
    """Half of the log's readings alternate between two places, each for longer than `recover`."""
    model, z = gps(rows=600)
    z[:, 2] = np.nan
    for first in range(200, 600, 24):
        z[first : first + 12, :2] += 500.0
    run = fog.run(model, logged(z), fog.KF(gate=0.9999, recover=3.0))
    resets = np.flatnonzero(run.status & fog.Status.RESET)
    assert len(resets) > 8
    found = next(f for f in divergence_findings(run) if f.code == LOST)
    assert found.estimate == resets[0] and "widened" in found.sentence


def test_tracks_are_judged_one_by_one() -> None:
    """Two tracks side by side, the second of which is lost; and the same, of two lengths, one after another."""
    two, z = gps()
    model = fog.Model(two.motion, two.sensors[:1], two.start)
    near, far = z[:, :2], z[:, :2].copy()
    far[150:] += 500.0
    method = fog.KF(gate=0.99999)
    side = fog.Log.regular(np.stack([near, far]), dt=1.0)
    (found,) = [f for f in divergence_findings(fog.run(model, side, method)) if f.code == LOST]
    assert (
        abs(found.estimate - 150) <= 1
        and f"row {found.estimate:g} (t = {found.estimate:g} s, track 1)" in found.sentence
    )
    seconds, track = np.r_[np.arange(300.0), np.arange(400.0)], np.repeat(["near", "far"], [300, 400])
    after = fog.Log.from_arrays(seconds, gps=np.vstack([near[:300], far]), track=track)
    (found,) = [f for f in divergence_findings(fog.run(model, after, method)) if f.code == LOST]
    assert abs(found.estimate - 150) <= 1 and "track far)" in found.sentence


# Not to be reported.
GUARDS = [{"gate": 0.999}, {"gate": 0.9999, "recover": 1.0}, {"gate": 0.999999, "student": 4.0}]


@pytest.mark.parametrize("case", CASES[:4] + CASES[6:], ids=lambda case: case.name)
def test_a_healthy_filter_is_not_lost(case: Any) -> None:
    for seed, guards in product(range(3), GUARDS):
        log, _ = healthy(case, 1_000, seed)
        run = fog.run(case.make(1.0, 1.0), log, case.method.with_guards(**guards))
        assert not divergence_findings(run), (seed, guards)


@pytest.mark.campaign
def test_none_of_hundreds_of_healthy_logs_is_lost() -> None:
    wrong = [
        (case.name, seed, guards)
        for case, seed, guards in product(CASES, range(13), GUARDS)
        if divergence_findings(
            fog.run(case.make(1.0, 1.0), healthy(case, 2_000, seed)[0], case.method.with_guards(**guards))
        )
    ]
    assert not wrong


def test_what_grows_by_right_is_not_reported() -> None:
    """A position without readings for most of the log; outliers and a jump that is followed; an unknown start."""
    model, z = gps(rows=2000)
    z[100:1900, :2] = np.nan  # dead reckoning
    gap = fog.run(model, logged(z), fog.KF(gate=0.999))
    assert gap.filtered.std.max() > 20.0 * gap.filtered.std[99].max() and not divergence_findings(gap)
    model, z = gps(rows=600)
    rng = np.random.default_rng(2)
    off = rng.random(600) < 0.3
    off[:20] = False
    z[off, :2] += rng.choice([-80.0, 80.0], (off.sum(), 2))
    z[300:, :2] += 500.0
    assert not divergence_findings(fog.run(model, logged(z), fog.KF(gate=0.9999, recover=8.0)))
    unknown = fog.Model(model.motion, model.sensors, start=None)
    assert not divergence_findings(fog.run(unknown, logged(z[:250]), fog.KF(gate=0.9999)))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", (0, 0, 0)),
        ("....", (0, 0, 0)),
        ("..xxx.", (3, 2, 4)),
        ("xx.xxxx.x", (4, 0, 6)),
        (".xxxxx.xx.", (5, 1, 5)),
    ],
)
def test_the_stretch_with_most_rejections(pattern: str, expected: tuple[int, int, int]) -> None:
    found = stretch(np.array([c == "x" for c in pattern], bool))
    score = expected[0]
    assert found[0] == score and (not score or found[1:] == expected[1:])
