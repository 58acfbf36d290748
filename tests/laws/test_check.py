"""A check finds faults, is silent on healthy logs, and does not depend on units or on order."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.diagnostics.check.innovations import innovations_of
from foglight.diagnostics.check.perturbations import PerturbedModel, perturbed_model_of
from foglight.diagnostics.check.score_test import ScoreTest
from foglight.diagnostics.check.trajectory import correlation_times, lower_bound
from foglight.inference.likelihood import Likelihood
from foglight.inference.linearised import linearised

from .check_cases import CASES, FAULTS, Case, checked, faulty, healthy

ROWS = 4_000
SLOW = CASES[3:5]  # slow to compile: only in the campaign


@pytest.mark.parametrize("case", [case for case in CASES if case not in SLOW], ids=lambda case: case.name)
def test_a_healthy_filter_has_no_finding(case: Case) -> None:
    log, truth = healthy(case, 1_000, seed=77)
    health = checked(case, case.make(1.0, 1.0), log, truth)
    assert health.ok and health.codes == (fog.Code.OK,), str(health)


# One or two faults per case, every fault at least once; the campaign has all of them, many times over.
SOME = [
    (0, "R_SMALL"), (0, "COLOURED"), (1, "Q_LARGE"), (1, "SIGN"), (1, "BIAS"), (2, "R_LARGE"), (2, "BIAS"),
    (2, "COLOURED"), (5, "Q_SMALL"), (5, "SIGN"), (6, "R_SMALL"), (6, "SIGN"), (7, "BIAS"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "fault"), [(CASES[k], fault) for k, fault in SOME], ids=str)
def test_a_fault_is_found(case: Case, fault: str) -> None:
    model, log, truth = faulty(case, fault, ROWS, seed=400)
    health = checked(case, model, log, truth if case.blind else None)
    assert health.codes[0] == fault, str(health)
    if fault in ("R_SMALL", "R_LARGE", "Q_SMALL", "Q_LARGE"):
        variance = {"R_SMALL": 2.0, "R_LARGE": 0.5, "Q_SMALL": 4.0, "Q_LARGE": 0.25}[fault]
        first = health.findings[0]
        assert first.estimate == pytest.approx(variance**0.5, abs=max(4.5 * first.error, 0.05))


@pytest.mark.campaign
def test_of_a_thousand_logs() -> None:
    """>= 97 % of 504 faults are found by the first code, <= 1 % of 504 healthy logs have a finding."""
    false_alarms, correct, lines = 0, 0, []
    for number, case in enumerate(CASES):
        for seed in range(63):
            log, truth = healthy(case, ROWS, 1_000 * number + seed)
            health = checked(case, case.make(1.0, 1.0), log, truth if case.blind else None)
            false_alarms += not health.ok
            if not health.ok:
                lines.append(f"{case.name}, healthy: {health.findings[0].sentence}")
        for fault in FAULTS:
            for seed in range(9):
                model, log, truth = faulty(case, fault, ROWS, 5_000 + 100 * number + seed)
                health = checked(case, model, log, truth if case.blind else None)
                correct += health.codes[0] == fault
                if health.codes[0] != fault:
                    lines.append(f"{case.name}, {fault}: {', '.join(health.codes)}")
    print(f"false alarms {false_alarms} of 504, correct {correct} of 504", *lines, sep="\n")
    assert false_alarms <= 5 and correct >= 489


BENT = fog.Model(
    fog.motion.random_walk(("x", "y"), std=1.0),
    [fog.sensing.range_bearing("radar", at=(-10, 0), range_std=0.05, bearing_std=0.1)],
    fog.Belief([0.0, 0.0], std=[1.0, 1.0]),
)


def test_if_functions_bend_the_method_is_named() -> None:
    """With a precise range and a vague bearing, EKF and UKF err, the iterated EKF does not; the model is right."""
    log, _ = fog.simulate(BENT, steps=400, dt=0.4, seed=3)
    health = fog.check(fog.run(BENT, log))
    assert health.codes == (fog.Code.CURVED,) and "fog.EKF(iterations=5)" in health.findings[0].sentence
    assert fog.check(fog.run(BENT, log, fog.EKF(iterations=5))).ok


def test_errors_of_a_slow_state_give_no_finding() -> None:
    """A bias that hardly changes: its error is one draw for the whole log, and so is that of the state it biases."""
    gps = fog.Sensor("gps", ("x",), lambda x, p: [x.x + x.b], lambda x, p: [[1.0]])
    rare = fog.Sensor("rare", ("x",), lambda x, p: [x.x], lambda x, p: [[400.0]])
    motion = fog.motion.random_walk(("x", "b"), std=(1.0, 0.003))
    model = fog.Model(motion, [gps, rare], fog.Belief([0.0, 0.0], std=[1.0, 2.0]))
    for seed in range(8):
        log, truth = fog.simulate(model, steps=500, dt=1.0, seed=seed)
        health = fog.check(fog.run(model, log), truth)
        assert health.ok, str(health)


def test_correlation_times_of_the_model_agree_with_many_logs() -> None:
    """The variance of the mean error over its std, from the model and from 600 tracks."""
    case, tracks, rows = CASES[7], 600, 40
    model = case.make(0.02, 1.0)
    made = [fog.simulate(model, rows, case.dt, seed) for seed in range(tracks)]
    z = np.concatenate([log.bind(model) for log, _ in made])
    number, time = np.repeat(np.arange(tracks), rows), np.tile(case.dt * np.arange(rows), tracks)
    run = fog.run(model, fog.Log.from_arrays(time, track=number, gauge=z[:, :2], buoy=z[:, 2]))
    error = run.filtered.mean - np.concatenate([truth for _, truth in made])
    found = (error / run.filtered.std).reshape(tracks, rows, 2).mean(axis=1)
    expected = correlation_times(run, np.ones((rows, 2), bool))
    assert (expected > 2.0).all() and expected[0] / expected[1] != pytest.approx(1.0, abs=0.05)
    assert rows * np.mean(found**2, axis=0) == pytest.approx(expected, rel=4.0 * (2.0 / tracks) ** 0.5)


@pytest.mark.parametrize("gate", [0.99, 0.95])
def test_a_gate_on_good_readings_gives_no_finding(gate: float) -> None:
    """A gate rejects the good readings that the state predicts worst; at 0.95 a correct Q would look too small by
    seven standard deviations."""
    case = CASES[6]
    log, _ = healthy(case, 3_000, seed=19)
    health = fog.check(fog.run(case.make(1.0, 1.0), log, fog.KF(gate=gate)))
    assert health.ok, str(health)


def test_wrongly_normalised_innovations_hide_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Innovations that are normalised by their own mean square, not by the filter's S, hide a wrong R."""
    case = CASES[0]
    model, log, _ = faulty(case, "R_SMALL", 1_500, seed=3)

    def flattered(run: fog.Run) -> Any:
        found = innovations_of(run)
        return replace(found, value=found.value / np.sqrt(np.nanmean(found.value**2)))

    assert fog.check(fog.run(model, log)).rows[0].value > 1.5
    monkeypatch.setattr("foglight.diagnostics.check.check.innovations_of", flattered)
    assert fog.check(fog.run(model, log)).rows[0].inside


def test_units_change_nothing() -> None:
    """Metres or feet: the same findings, the same statistics; offsets in the new unit."""
    model, log, _ = faulty(CASES[2], "BIAS", 1_500, seed=12)
    unit = 0.3048
    p, start = model.parameters, model.start
    assert start is not None
    other = model.with_parameters({name: value / unit for name, value in p.items()}).with_start(
        fog.Belief(start.mean / unit, std=start.std / unit)
    )
    z = log.bind(model) / unit
    scaled = fog.Log.from_arrays(log.time_ns / 1e9, radar=z[:, 0], laser=z[:, 1])
    metres, feet = fog.check(fog.run(model, log)), fog.check(fog.run(other, scaled))
    assert metres.codes == feet.codes and not metres.ok
    for a, b in zip(metres.rows, feet.rows, strict=True):
        assert (a.statistic, a.subject, a.count) == (b.statistic, b.subject, b.count)
        assert [a.value, a.low, a.high] == pytest.approx([b.value, b.low, b.high], rel=1e-6, abs=1e-7)
    for first, second in zip(metres.findings, feet.findings, strict=True):
        assert second.estimate * unit == pytest.approx(first.estimate, rel=1e-4)


def test_the_order_of_states_and_sensors_does_not_matter() -> None:
    """Sensors in another order, states in another order: the same findings on the same subjects."""
    log, _ = healthy(CASES[7], 1_500, seed=5)

    model = CASES[7].make(1.0, (0.55 / 0.9) ** 2)
    permuted = fog.Model(
        fog.motion.random_walk(("tide", "level"), std=(0.6, 1.1)),
        model.sensors[::-1],
        fog.Belief([120.0, 50.0], std=[3.0, 3.0]),
    )
    plain, other = (fog.check(fog.run(each, log)) for each in (model, permuted))
    assert plain.codes == other.codes == (fog.Code.R_SMALL,)
    for first, second in zip(plain.findings, other.findings, strict=True):
        assert first.subject == second.subject == "gauge"
        assert first.estimate == pytest.approx(second.estimate, rel=1e-3)
        assert first.suggestions.keys() == {"gauge.std"} == second.suggestions.keys()
        assert first.suggestions["gauge.std"] == pytest.approx(0.9, rel=0.06)


def perturbed(run: fog.Run) -> PerturbedModel:
    return perturbed_model_of(run, 10**6, None)


@pytest.mark.parametrize(
    "method", [fog.KF(), fog.EKF(), pytest.param(fog.UKF(), marks=pytest.mark.campaign)], ids=str
)
def test_the_neutral_model_and_its_scores_agree_with_the_likelihood(method: Any) -> None:
    model, log, _ = faulty(CASES[2] if isinstance(method, fog.KF) else CASES[4], "R_SMALL", 300, seed=2)
    if type(method) is fog.EKF:
        model, log = (
            BENT.with_parameters({"range_std": 0.1}),
            fog.simulate(BENT, steps=300, dt=0.4, seed=2)[0],
        )
    run = fog.run(model, log, method)
    score_test = ScoreTest(perturbed(run))
    assert score_test.neutral.loglik == pytest.approx(run.loglik, rel=1e-12)
    perturbations = [p for p in score_test.perturbed.perturbations if p.kind != "start"]
    slopes = score_test.slopes(
        score_test.neutral, np.eye(len(score_test.perturbed.perturbations))[: len(perturbations)]
    )
    assert slopes is not None
    extended: Any = score_test.perturbed.model  # type: ignore[attr-defined]
    exact = Likelihood(extended, log, method, [p.name for p in perturbations])
    expected = exact.at(exact.values)
    units = np.array([
        value if p.kind in ("q", "own", "r") else p.unit
        for p, value in zip(perturbations, exact.values, strict=True)
    ])  # fmt: skip
    spread = np.sqrt(np.diag(expected.information)) * units
    assert np.abs(slopes.score - expected.gradient * units) / spread == pytest.approx(0.0, abs=1e-5)
    scaled = expected.information * np.outer(units, units)
    # Sigma points decorrelate a sensor's components in another order: the information agrees only on average.
    alike = 1e-5 if not isinstance(method, fog.UKF) else 0.03
    assert slopes.information / np.outer(spread, spread) == pytest.approx(
        scaled / np.outer(spread, spread), abs=alike
    )


def test_scores_with_matrices_by_row_are_those_with_constant_ones() -> None:
    """The same model, once with constant matrices and once with a copy for each row."""
    case = CASES[5]
    model, log, _ = faulty(case, "Q_SMALL", 300, seed=2)
    M = model.matrices
    many = {name: np.stack([M[name]] * 300) for name in ("F", "R")}
    rows = fog.linear_model(many["F"], M["Q"], M["H"], many["R"], start=model.start, b=M["b"], d=M["d"])
    scores = []
    for each in (model, rows):
        score_test = ScoreTest(perturbed(fog.run(each, log)))
        slopes = score_test.slopes(score_test.neutral, np.eye(len(score_test.perturbed.perturbations)))
        assert slopes is not None
        names = [(p.kind, p.index) for p in score_test.perturbed.perturbations]
        scores.append(dict(zip(names, slopes.score, strict=True)))
    assert scores[0].keys() == scores[1].keys() and len(scores[0]) > 10
    for name, score in scores[0].items():
        assert scores[1][name] == pytest.approx(score, rel=1e-4, abs=1e-4), name


def test_the_truncation_by_a_gate_is_allowed_for() -> None:
    """Scores of a healthy log with a tight gate are centred: without the truncated χ² every R would look too large."""
    case = CASES[6]
    model = case.make(1.0, 1.0)
    statistics = []
    for seed in range(12):
        log, _ = healthy(case, 800, seed)
        run = fog.run(model, log, fog.KF(gate=0.9))
        score_test = ScoreTest(perturbed_model_of(run, 10**6, ~np.isnan(run.innovation)[None]))
        slopes = score_test.slopes(score_test.neutral, np.eye(len(score_test.perturbed.perturbations)))
        assert slopes is not None
        statistics.append(slopes.score / np.sqrt(np.diag(slopes.information)))
    found = np.array(statistics)
    noises = [k for k, p in enumerate(score_test.perturbed.perturbations) if p.kind == "r"]
    assert np.abs(found[:, noises].mean(axis=0)).max() < 3.5 / np.sqrt(12)
    assert 0.4 < found[:, noises].std(axis=0).min() and found[:, noises].std(axis=0).max() < 1.8


@pytest.mark.parametrize("seed", range(3))
def test_the_lower_bound_of_a_linear_model_is_the_filters_covariance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 3, 2
    F, G = np.eye(n) + 0.3 * rng.standard_normal((n, n)), rng.standard_normal((n, 2))
    A, B = rng.standard_normal((m, m)), rng.standard_normal((n, n))
    F /= max(1.0, np.abs(np.linalg.eigvals(F)).max())
    start = fog.Belief(rng.standard_normal(n), cov=B @ B.T + np.eye(n))
    H, R = rng.standard_normal((m, n)), A @ A.T + 0.1 * np.eye(m)
    model = fog.linear_model(F, G @ G.T, H, R, start=start)
    log, truth = fog.simulate(model, steps=60, dt=1.0, seed=seed, missing=0.3)
    run = fog.run(model, log)
    along = linearised(model, run._arrays, truth)
    assert along is not None
    bound = lower_bound(along, ~np.isnan(run.innovation), run._arrays.dt, start.cov)
    assert np.abs(bound / run.filtered.cov - 1.0).max() < 1e-9
    assert np.abs(bound - run.filtered.cov).max() < 1e-12 * np.abs(bound).max()


def test_the_lower_bound_is_tichavskys_recursion() -> None:
    """With an invertible Q, the recursion as published."""
    model = CASES[4].make(1.0, 1.0)
    log, truth = fog.simulate(model, steps=40, dt=0.5, seed=3)
    run = fog.run(model, log)
    along = linearised(model, run._arrays, truth)
    assert along is not None
    assert model.start is not None
    bound = lower_bound(along, ~np.isnan(run.innovation), run._arrays.dt, model.start.cov)
    J = np.linalg.inv(model.start.cov) + along.H[0].T @ np.linalg.solve(along.R[0], along.H[0])
    assert np.linalg.inv(J) == pytest.approx(bound[0], rel=1e-9)
    for k in range(1, 40):
        Q = np.linalg.inv(along.Q[k])
        D11, D12 = along.F[k].T @ Q @ along.F[k], -along.F[k].T @ Q
        D22 = Q + along.H[k].T @ np.linalg.solve(along.R[k], along.H[k])
        J = D22 - D12.T @ np.linalg.solve(J + D11, D12)
        scale = np.sqrt(np.diag(bound[k]))
        assert np.abs(np.linalg.inv(J) - bound[k]).max() < 1e-8 * scale.max() ** 2


def test_a_linear_model_linearised_is_its_matrices() -> None:
    model = CASES[5].make(1.0, 1.0)
    log, truth = fog.simulate(model, steps=5, dt=1.0, seed=3)
    run = fog.run(model, log)
    along = linearised(model, run._arrays, truth)
    assert along is not None
    for name, found in (("F", along.F), ("Q", along.Q), ("H", along.H), ("R", along.R)):
        assert found == pytest.approx(np.broadcast_to(model.matrices[name], found.shape), abs=1e-14), name
