"""The log-likelihood's gradient and information, against differences of the log-likelihood, for every kind of log."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import EXAMPLES, Example
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend
from foglight.compiler.engine import gradient_engine
from foglight.inference import directions
from foglight.inference.likelihood import Evaluation, Likelihood

RADAR = fog.sensing.linear("radar", of="gap", std=0.8)
WALK = fog.Model(fog.motion.constant_velocity("gap", accel=0.4), [RADAR], fog.Belief([5, 0], std=[5, 1]))
# Without parameters, or with jumps. SMOOTH also leaves out two that take long to compile.
JUMPS = ("varying-KF", "guarded-EKF", "elementary-EKF", "elementary-UKF")
SMOOTH = [e for e in EXAMPLES if e.name not in (*JUMPS, "radar-CKF", "radar-iterated")]


def log_of(example: Example, rows: int = 60) -> fog.Log:
    """A simulated log with missing readings and steps of several lengths."""
    model, rng = example.model(rows), np.random.default_rng(8)
    u = rng.uniform(0.0, 1.0, (rows, len(model.motion.controls)))
    if example.simulated:
        z = fog.simulate(model, rows, dt=0.1, seed=3, u=u if u.size else None)[0].bind(model)
    else:
        z = 0.3 * rng.standard_normal((rows, sum(len(s.measures) for s in model.sensors)))
    z[rng.random(z.shape) < 0.1] = np.nan
    z[rng.random(rows) < 0.05] = np.nan
    blocks, first = {}, 0
    for sensor in model.sensors:
        blocks[sensor.name] = z[:, first : first + len(sensor.measures)]
        first += len(sensor.measures)
    time = np.cumsum(rng.choice([0.1, 0.13, 0.04], rows))
    return fog.Log.from_arrays(time, u=u if u.size else None, **blocks)


def slopes(likelihood: Likelihood, values: Any, relative: float = 1e-3) -> Any:
    """Fourth-order central differences of the likelihood."""
    found = []
    for i, value in enumerate(values):
        at = [
            np.where(np.arange(len(values)) == i, value * (1 + k * relative), values) for k in (-2, -1, 1, 2)
        ]
        a, b, c, d = (likelihood.loglik(v) for v in at)
        found.append((a - 8 * b + 8 * c - d) / (12 * value * relative))
    return np.array(found)


@pytest.mark.parametrize(
    "example",
    [pytest.param(e, marks=pytest.mark.campaign if e.name == "radar-UKF" else (), id=str(e)) for e in SMOOTH],
)
def test_the_gradient_is_the_slope_of_the_likelihood(example: Example) -> None:
    likelihood = Likelihood(example.model(60), log_of(example), example.method)
    assert likelihood.exact
    found = likelihood.at(likelihood.values)
    assert found.loglik == pytest.approx(likelihood.loglik(likelihood.values), rel=1e-13)
    assert np.abs(found.gradient).min() > 1e-3
    assert found.gradient == pytest.approx(slopes(likelihood, likelihood.values), rel=1e-7)


@pytest.mark.parametrize("name", ["elementary-EKF", "guarded-EKF"])
def test_jumps_and_gates_have_the_derivative_of_the_piece_they_are_on(name: str) -> None:
    example = next(e for e in EXAMPLES if e.name == name)
    likelihood = Likelihood(example.model(60), log_of(example), example.method)
    found = likelihood.at(likelihood.values)
    assert found.gradient == pytest.approx(slopes(likelihood, likelihood.values, 1e-6), rel=1e-4)


def test_the_information_is_what_the_curvature_is_expected_to_be() -> None:
    """The mean over 400 logs of -∂²ll/∂θ², by differences of the gradient, against the mean information."""
    curvatures, informations = [], []
    for seed in range(400):
        log, _ = fog.simulate(WALK, 40, dt=0.2, seed=seed)
        likelihood = Likelihood(WALK, log)
        values = likelihood.values
        informations.append(likelihood.at(values).information)
        ends = [likelihood.at(values + sign * np.diag([1e-4, 1e-4])[i]) for i in range(2) for sign in (1, -1)]
        curvatures.append(
            [(ends[1].gradient - ends[0].gradient) / 2e-4, (ends[3].gradient - ends[2].gradient) / 2e-4]
        )
    expected, found = np.mean(informations, axis=0), np.mean(curvatures, axis=0)
    spread = np.std(curvatures, axis=0) / 20
    assert (np.abs(found - expected) < 4 * spread).all()
    assert (np.abs(found - 0.5 * expected) > 4 * spread)[np.diag_indices(2)].all()  # half of it is detected


def test_tracks_and_logs_are_summed_in_every_layout() -> None:
    z = np.random.default_rng(0).normal(size=(19, 30, 1))
    z[2, 7] = z[:, 9] = np.nan
    logs = [fog.Log.regular(one, dt=0.1) for one in z]
    apart = [Likelihood(WALK, log).at([0.3, 0.9]) for log in logs]
    track = np.repeat(np.arange(19), 30)
    ragged = fog.Log.from_arrays(np.tile(np.arange(30) * 0.1, 19), track=track, radar=z.reshape(-1, 1))
    few = fog.Log.regular(z[:3], dt=0.1)
    for together in (fog.Log.regular(z, dt=0.1), logs, ragged, [few, *logs[3:]]):
        found = Likelihood(WALK, together).at([0.3, 0.9])
        assert found.loglik == pytest.approx(sum(one.loglik for one in apart), rel=1e-13)
        assert found.gradient == pytest.approx(sum(one.gradient for one in apart), rel=1e-12)
        assert found.information == pytest.approx(sum(one.information for one in apart), rel=1e-12)


def test_blocks_of_tracks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log = fog.Log.regular(np.random.default_rng(1).normal(size=(40, 25, 1)), dt=0.1)
    whole = Likelihood(WALK, log).at([0.3, 0.9])
    monkeypatch.setattr(directions, "_LARGEST", 8 * 2 * 25 * 2 * 16)  # 16 tracks
    parts = Likelihood(WALK, log)
    assert [len(block.z) for part in parts._parts for block in part.blocks] == [16, 16, 8]
    assert parts.at([0.3, 0.9]).gradient == pytest.approx(whole.gradient, rel=1e-12)


def test_without_llvm_the_interpreter_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = fog.simulate(WALK, 40, dt=0.2, seed=5)
    compiled = Likelihood(WALK, log).at([0.3, 0.9])
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    found = Likelihood(WALK, log).at([0.3, 0.9])
    assert found.loglik == compiled.loglik and (found.gradient == compiled.gradient).all()


@pytest.mark.parametrize("low", [None, 0.0])
def test_what_cannot_be_traced_has_differences(low: float | None) -> None:
    def f(x: Any, dt: Any, p: Any) -> Any:
        return [x[0] + dt * x[1], x[1]]

    def Q(x: Any, dt: Any, p: Any) -> Any:
        return p.accel**2 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])

    params = {"accel": fog.param(0.4, low=low)}
    opaque = fog.Model(
        fog.Motion(("gap", "speed"), fog.opaque(f), Q, params=params), [RADAR], fog.Belief([5, 0], std=[5, 1])
    )
    plain = fog.Model(fog.Motion(("gap", "speed"), f, Q, params=params), [RADAR], opaque.start)
    log, _ = fog.simulate(WALK, 25, dt=0.2, seed=5)
    differences, exact = Likelihood(opaque, log), Likelihood(plain, log)
    assert not differences.exact and exact.exact
    at, true = differences.at([0.3, 0.9]), exact.at([0.3, 0.9])
    assert at.loglik == pytest.approx(true.loglik, rel=1e-12)
    assert at.gradient == pytest.approx(true.gradient, rel=1e-4)
    assert np.linalg.eigvalsh(at.information).min() > 0.0
    if low is not None:  # at the bound the difference is one-sided
        assert differences.at([0.0, 0.9]).gradient[0] == pytest.approx(0.0, abs=1e-2)


def test_a_kernel_too_long_to_compile_has_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = fog.simulate(WALK, 25, dt=0.2, seed=5)
    exact = Likelihood(WALK.with_start(fog.Belief([5, 0], std=[5, 1])), log).at([0.3, 0.9])
    monkeypatch.setattr(gradient_engine, "SLOW", 100)
    fresh = fog.Model(WALK.motion, WALK.sensors, WALK.start)
    found = Likelihood(fresh, log)
    assert not found.exact
    assert found.at([0.3, 0.9]).gradient == pytest.approx(exact.gradient, rel=1e-6)


def test_a_filter_that_fails_has_no_likelihood() -> None:
    log = fog.Log.regular(np.array([[1.0], [np.inf], [2.0]]), dt=0.1)
    likelihood = Likelihood(WALK, log)
    assert np.isnan(likelihood.at([0.3, 0.9]).loglik) and np.isnan(likelihood.loglik([0.3, 0.9]))


def test_values_of_other_parameters_stay() -> None:
    log, _ = fog.simulate(WALK, 30, dt=0.2, seed=5)
    both, one = Likelihood(WALK, log), Likelihood(WALK, log, names=["accel"])
    assert both.names == ("motion.accel", "radar.std") and one.names == ("motion.accel",)
    assert one.values == [0.4] and one.at([0.3]).loglik == both.at([0.3, 0.8]).loglik
    assert one.at([0.3]).gradient[0] == both.at([0.3, 0.8]).gradient[0]
    turned = Likelihood(WALK, log, names=["std", "accel"]).at([0.8, 0.3])
    assert turned.gradient[::-1].tolist() == both.at([0.3, 0.8]).gradient.tolist()


def test_no_name_or_a_duplicate() -> None:
    log, _ = fog.simulate(WALK, 30, dt=0.2, seed=5)
    none = Likelihood(WALK, log, names=[]).at([])
    assert none.gradient.shape == (0,) and none.loglik == Likelihood(WALK, log).loglik([0.4, 0.8])
    with pytest.raises(fog.ModelError, match=r"names: duplicate motion.accel. Name each parameter once."):
        Likelihood(WALK, log, names=["accel", "motion.accel"])


def test_an_unknown_start_has_a_gradient_too() -> None:
    for start in (None, fog.Belief([5.0, 0.0], std=[np.inf, 1.0])):
        log, _ = fog.simulate(WALK, 50, dt=0.2, seed=5)
        model = WALK.with_start(start)
        likelihood = Likelihood(model, [log, log])
        found = likelihood.at([0.3, 0.9])
        assert found.loglik == pytest.approx(
            2 * fog.run(model.with_parameters({"accel": 0.3, "std": 0.9}), log).loglik, rel=1e-13
        )
        assert found.gradient == pytest.approx(slopes(likelihood, np.array([0.3, 0.9])), rel=1e-7)
        assert np.linalg.eigvalsh(found.information).min() > 0.0


def test_only_the_first_rows_of_each_track_are_used() -> None:
    log, _ = fog.simulate(WALK, 50, dt=0.2, seed=5)
    part = Likelihood(WALK, log, share=0.8)
    first = fog.Log.regular(log.bind(WALK)[:40], dt=0.2)
    assert part.at([0.3, 0.9]).loglik == pytest.approx(
        Likelihood(WALK, first).at([0.3, 0.9]).loglik, rel=1e-13
    )
    assert (part.rows, part.used_rows, part.innovations) == (50, 40, 40)
    assert Likelihood(WALK, [log, log], share=0.5).used_rows == 50


@pytest.mark.parametrize("method", [fog.EKF(), fog.EKF(form="joseph"), fog.UKF()])
def test_the_density_of_the_truth(method: Any) -> None:
    log, states = fog.simulate(WALK, 60, dt=0.2, seed=5)
    states[3] = np.nan
    states[7, 1] = np.nan
    likelihood = Likelihood(WALK, log, method, truth=[states])
    run, total = fog.run(WALK.with_parameters({"accel": 0.3, "std": 0.9}), log, method), 0.0
    for x, mean, cov in zip(states, run.filtered.mean, run.filtered.cov, strict=True):
        known = ~np.isnan(x)
        e, P = (x - mean)[known], cov[np.ix_(known, known)]
        total -= 0.5 * (known.sum() * np.log(2 * np.pi) + np.linalg.slogdet(P)[1] + e @ np.linalg.solve(P, e))
    found = likelihood.at([0.3, 0.9])
    assert found.loglik == pytest.approx(total, rel=1e-10)
    assert likelihood.innovations == 117
    assert found.gradient == pytest.approx(slopes(likelihood, np.array([0.3, 0.9])), rel=1e-7)


def test_the_truth_counts_only_once_everything_is_known() -> None:
    log, states = fog.simulate(WALK, 60, dt=0.2, seed=5)
    model = WALK.with_start(None)
    run, total = fog.run(model, log), 0.0
    for x, mean, cov in list(zip(states, run.filtered.mean, run.filtered.cov, strict=True))[1:]:
        total -= 0.5 * (
            2 * np.log(2 * np.pi) + np.linalg.slogdet(cov)[1] + (x - mean) @ np.linalg.solve(cov, x - mean)
        )
    assert Likelihood(model, log, truth=[states]).at([0.4, 0.8]).loglik == pytest.approx(total, rel=1e-9)


def test_the_truth_of_tracks_and_of_angles() -> None:
    radar = next(e for e in EXAMPLES if e.name == "radar-EKF").model(1)
    logs, truths = zip(*[fog.simulate(radar, 20, dt=0.1, seed=s) for s in range(9)], strict=True)
    z = np.stack([log.bind(radar) for log in logs])
    together = Likelihood(radar, fog.Log.regular(z, dt=0.1), truth=[np.stack(truths)])
    apart = [
        Likelihood(radar, log, truth=[truth]).at([1.0, 0.3, 0.3, 0.03, 0.3])
        for log, truth in zip(logs, truths, strict=True)
    ]
    found = together.at([1.0, 0.3, 0.3, 0.03, 0.3])
    assert found.loglik == pytest.approx(sum(one.loglik for one in apart), rel=1e-12)
    turned = np.stack(truths)
    turned[:, :, 3] += 2 * np.pi
    again = Likelihood(radar, fog.Log.regular(z, dt=0.1), truth=[turned]).at([1.0, 0.3, 0.3, 0.03, 0.3])
    assert again.loglik == pytest.approx(found.loglik, rel=1e-9)


def test_shares_of_the_innovations_variance_add_up() -> None:
    """Every variance that S is made of is a parameter, so the shares sum to 1 once the start is forgotten."""
    log, _ = fog.simulate(WALK, 20_000, dt=0.2, seed=5)
    likelihood = Likelihood(WALK, log)
    shares = 0.5 * likelihood.values * likelihood.shares(likelihood.values)
    assert shares.sum() == pytest.approx(1.0, abs=1e-3)
    S = float(fog.run(WALK, log).innovation_cov[-1, 0, 0])
    assert 0.2 < 0.8**2 / S < shares[1] < 1.0


def test_a_second_likelihood_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = fog.simulate(WALK, 30, dt=0.2, seed=5)
    first = Likelihood(WALK, log).at([0.3, 0.9])
    monkeypatch.setattr(
        "foglight.compiler.backends.jit.compile_scan", lambda *given: pytest.fail("compiled again")
    )
    again = Likelihood(WALK.with_parameters({"accel": 7.0}), log)
    assert again.at([0.3, 0.9]).loglik == first.loglik
    assert isinstance(again._gradient, CompiledEngine) and Evaluation is type(first)
