"""`fog.tune`: its estimates, its advice, and the input that it refuses."""

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.inference.likelihood import Likelihood
from foglight.tuning import ascent, search
from foglight.tuning.fit import Fit
from foglight.tuning.maximum import ascend
from foglight.tuning.objective import Objective
from foglight.tuning.zero_variance import slope_at_zero

START = fog.Belief([5, 0], std=[5, 1])
WALK = fog.Model(
    fog.motion.constant_velocity("gap", accel=0.4), [fog.sensing.linear("radar", of="gap", std=0.8)], START
)


def simulated(model: fog.Model = WALK, steps: int = 400, seed: int = 1) -> fog.Log:
    return fog.simulate(model, steps, dt=0.2, seed=seed)[0]


def test_the_tuned_model_is_at_the_maximum() -> None:
    log = simulated()
    fit = fog.tune(WALK, log, heldout=False)
    likelihood = Likelihood(WALK, log)
    best = np.array(list(fit.params.values()))
    assert fit.converged and fit.decrement <= 1e-10 and fit.loglik == pytest.approx(likelihood.loglik(best))
    assert fit.model.parameters == fit.params
    for i in range(2):
        for factor in (0.9, 1.1):
            assert likelihood.loglik(np.where(np.arange(2) == i, factor * best, best)) < fit.loglik - 0.01


@pytest.mark.parametrize("accel", [1e-6, 1e-2, 1e4, 0.0])
@pytest.mark.parametrize("std", [1e-3, 1e5])
def test_it_does_not_matter_where_the_search_begins(accel: float, std: float) -> None:
    log = simulated()
    best = fog.tune(WALK, log, heldout=False)
    found = fog.tune(WALK.with_parameters({"accel": accel, "std": std}), log, heldout=False)
    assert found.converged and list(found.params.values()) == pytest.approx(
        list(best.params.values()), rel=1e-6
    )


def test_other_units_give_the_same_fit() -> None:
    log = simulated()
    feet = fog.Log.regular(log.bind(WALK) / 0.3048, dt=0.2)
    model = WALK.with_start(fog.Belief([5 / 0.3048, 0], std=[5 / 0.3048, 1 / 0.3048]))
    metres, other = fog.tune(WALK, log), fog.tune(model, feet)
    for name, value in metres.params.items():
        assert other.params[name] * 0.3048 == pytest.approx(value, rel=1e-7)
        assert other.std_errors[name] * 0.3048 == pytest.approx(metres.std_errors[name], rel=1e-4)
    assert other.heldout is not None and metres.heldout is not None
    assert other.heldout.tuned == pytest.approx(metres.heldout.tuned + math.log(0.3048), rel=1e-7)


def test_only_free_parameters_change() -> None:
    log = simulated()
    fit = fog.tune(WALK, log, "accel", heldout=False)
    assert list(fit.params) == ["motion.accel"] and fit.model.parameters["radar.std"] == 0.8
    both = fog.tune(WALK, log, ["std", "motion.accel"], heldout=False)
    assert list(both.params) == ["radar.std", "motion.accel"] and both.loglik > fit.loglik


def test_several_logs_are_one_likelihood() -> None:
    logs = [simulated(seed=s) for s in range(3)]
    fit = fog.tune(WALK, logs)
    assert fit.loglik == pytest.approx(sum(fog.run(fit.model, log).loglik for log in logs))
    alone = fog.tune(WALK, logs[0])
    assert fit.std_errors["radar.std"] < 0.7 * alone.std_errors["radar.std"]
    assert fit.heldout is not None and fit.heldout.rows == 240


def test_held_out_rows_are_scored_by_a_fit_on_the_other_rows() -> None:
    z = simulated().bind(WALK).copy()
    fit = fog.tune(WALK, fog.Log.regular(z, dt=0.2))
    first = fog.tune(WALK, fog.Log.regular(z[:320], dt=0.2), heldout=False)
    rows = fog.run(first.model, fog.Log.regular(z, dt=0.2)).row_loglik
    assert fit.heldout is not None and fit.heldout.rows == 80
    assert fit.heldout.tuned == pytest.approx(rows[320:].mean(), rel=1e-6)
    before = fog.run(WALK, fog.Log.regular(z, dt=0.2)).row_loglik
    assert fit.heldout.before == pytest.approx(before[320:].mean(), rel=1e-9)
    assert fog.tune(WALK, fog.Log.regular(z[:1], dt=0.2)).heldout is None


def test_standard_errors_are_those_of_the_observed_information() -> None:
    log = simulated()
    fit = fog.tune(WALK, log, heldout=False)
    likelihood, best, h = Likelihood(WALK, log), np.log(list(fit.params.values())), 1e-4

    def ll(*eta: float) -> float:
        return likelihood.loglik(np.exp(eta))

    H = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = h * np.eye(2)[i], h * np.eye(2)[j]
            H[i, j] = -(ll(*best + a + b) - ll(*best + a - b) - ll(*best - a + b) + ll(*best - a - b)) / (
                4 * h * h
            )
    cov = np.linalg.inv(H)
    assert fit.cov == pytest.approx(cov, rel=1e-3)
    for i, (name, value) in enumerate(fit.params.items()):
        spread = math.sqrt(cov[i, i])
        assert fit.std_errors[name] == pytest.approx(value * spread, rel=1e-3)
        low, high = fit.intervals[name]
        assert math.log(low / value) == pytest.approx(-1.96 * spread, rel=1e-3)
        assert math.log(high / value) == pytest.approx(1.96 * spread, rel=1e-3)


def test_a_parameter_with_no_bound_at_zero_moves_as_it_is() -> None:
    def model(bias: Any) -> fog.Model:
        sensor = fog.Sensor(
            "radar", ("range",), lambda x, p: [x.gap + p.bias], lambda x, p: [[0.64]], {"bias": bias}
        )
        known = fog.sensing.linear("lidar", of="gap", std=0.5)
        return fog.Model(WALK.motion, [sensor, known], START)

    log = fog.simulate(model(-1.5), 300, dt=0.2, seed=2)[0]
    fit = fog.tune(model(0.0), log, "bias", heldout=False)
    low, high = fit.intervals["radar.bias"]
    assert fit.converged and low < -1.5 < high and low + high == pytest.approx(2 * fit.params["radar.bias"])
    bounded = fog.tune(model(fog.param(0.0, low=-1.0)), log, "bias", heldout=False)
    assert bounded.params == {"radar.bias": -1.0} and not bounded.intervals
    assert (
        bounded.advice[0]
        == "radar.bias is at its bound -1 and has no interval. Widen the bound, or fix it there."
    )


def test_a_prior_moves_the_estimate() -> None:
    log = simulated(steps=60)
    plain = fog.tune(WALK, log, heldout=False)
    firm = fog.tune(WALK, log, heldout=False, priors={"accel": (math.log(2.0), 1e-3)})
    assert firm.params["motion.accel"] == pytest.approx(2.0, rel=2e-3) and firm.loglik < plain.loglik
    assert firm.std_errors["motion.accel"] == pytest.approx(2e-3, rel=1e-2)
    loose = fog.tune(WALK, log, heldout=False, priors={"accel": fog.Belief([math.log(2.0)], std=[1e6])})
    assert loose.params["motion.accel"] == pytest.approx(plain.params["motion.accel"], rel=1e-6)
    # Gaussian prior times a nearly Gaussian likelihood: precisions add.
    likelihood = Likelihood(WALK, log)
    objective = Objective(likelihood, {"accel": (0.5, 0.3)})
    at = objective.at(np.array([0.7, 0.9]))
    away = math.log(0.7) - 0.5
    assert at.value - at.loglik == pytest.approx(-0.5 * (away / 0.3) ** 2)
    assert at.gradient[0] == pytest.approx(0.7 * likelihood.at([0.7, 0.9]).gradient[0] - away / 0.09)


def test_an_absent_variance_is_estimated_as_zero() -> None:
    still = WALK.with_parameters({"accel": 0.0})
    fits = [fog.tune(WALK, simulated(still, 300, seed), heldout=False) for seed in range(12)]
    at_zero = [fit for fit in fits if fit.params["motion.accel"] == 0.0]
    assert 3 <= len(at_zero) <= 11 and all(fit.converged for fit in fits)  # half of them, in theory
    for fit in at_zero:
        assert "motion.accel" not in fit.intervals and math.isnan(fit.std_errors["motion.accel"])
        assert "radar.std" in fit.intervals
        assert fit.advice[0].startswith("motion.accel is not needed: it is at its bound 0")
        assert fit.objective.at(np.array([1e-4, fit.params["radar.std"]])).value < fit.ascent.point.value
    for fit in fits:
        others = dict(fit.params) | {"motion.accel": 1e-3}
        assert fit.ascent.point.value >= fit.objective.at(np.array(list(others.values()))).value


def test_the_slope_at_a_variance_of_zero_is_that_of_the_variance() -> None:
    log = simulated(WALK.with_parameters({"accel": 0.0}), 300, 4)
    objective = Objective(Likelihood(WALK, log))
    point = objective.at(np.array([0.0, 0.8]))
    slope, information = slope_at_zero(objective, point, 0, 0.1)
    variance = 1e-3 / math.sqrt(information)
    by_hand = (objective.at(np.array([math.sqrt(variance), 0.8])).value - point.value) / variance
    assert slope == pytest.approx(by_hand, rel=1e-2)
    assert slope_at_zero(objective, point, 0, 1e-9)[0] == pytest.approx(slope, rel=1e-2)


def test_a_variance_that_was_put_to_zero_too_early_comes_back() -> None:
    """With a far too large noise of the sensor, no noise of the motion is better than a little."""
    log = simulated(WALK.with_parameters({"accel": 0.01}), 300, 7)
    objective = Objective(Likelihood(WALK, log))
    found = ascend(objective, objective.at(np.array([1e-3, 4.0])))
    path = np.array([values[0] for _, _, values in found.path])
    assert found.converged and (path == 0.0).any() and path[-1] > 0.0 and not found.pinned
    assert found.point.value > max(
        value for (value, _, _), accel in zip(found.path, path, strict=True) if accel == 0.0
    )
    assert found.point.values == pytest.approx(
        fog.tune(WALK, log, heldout=False).ascent.point.values, rel=1e-6
    )


TIED: dict[str, tuple[Any, str]] = {
    "product": (lambda p: (p.a * p.b) ** 2, "radar.a · radar.b"),
    "quotient": (lambda p: (p.a / p.b) ** 2, "radar.a / radar.b"),
    "square": (lambda p: (p.a * p.b**2) ** 2, "radar.a · radar.b^2"),
    "sum": (lambda p: p.a**2 + p.b**2, "radar.a² + radar.b²"),
    "weighed sum": (lambda p: p.a**2 + 9.0 * p.b**2, "radar.a² + 9 radar.b²"),
    "neither": (lambda p: (p.a * np.exp(p.b)) ** 2, "radar.a · radar.b"),
}


@pytest.mark.parametrize("name", TIED)
def test_what_the_data_cannot_tell_apart_is_said(name: str) -> None:
    noise, known = TIED[name]
    two = {"a": fog.param(0.7, low=0), "b": fog.param(0.6, low=0)}
    sensor = fog.Sensor("radar", ("range",), lambda x, p: [x.gap], lambda x, p: [[noise(p)]], two)
    model = fog.Model(WALK.motion, [sensor], START)
    log = fog.Log.regular(simulated().bind(WALK), dt=0.2)
    fit = fog.tune(model, log, heldout=False)
    said = fit.advice[0]
    assert fit.converged and said.startswith("The data cannot tell radar.a and radar.b apart: radar.a ")
    assert f" together changes almost nothing; what is known is {known}" in said
    assert ("near these values" in said) == (name == "neither")
    assert said.endswith(". Fix one of them, free=… without radar.b, or give it a prior.")
    assert noise(type("P", (), {"a": fit.params["radar.a"], "b": fit.params["radar.b"]})) == pytest.approx(
        0.66, rel=0.1
    )
    one = fog.tune(model, log, ["a", "accel"], heldout=False)
    assert not any("apart" in sentence for sentence in one.advice)


def test_linear_parameters_that_trade_off_are_given_in_their_own_units() -> None:
    def model() -> fog.Model:
        sensor = fog.Sensor(
            "radar",
            ("range",),
            lambda x, p: [x.gap + p.a + 2 * p.b],
            lambda x, p: [[0.64]],
            {"a": 0.0, "b": 0.0},
        )
        return fog.Model(WALK.motion, [sensor, fog.sensing.linear("lidar", of="gap", std=0.5)], START)

    log = fog.simulate(model(), 200, dt=0.2, seed=2)[0]
    fit = fog.tune(model(), log, ["a", "b"], heldout=False)
    said = fit.advice[0]
    assert "cannot tell radar.a and radar.b apart: radar.a by" in said and "together changes almost" in said
    assert ("by +1, radar.b by -0.5" in said) or ("by -1, radar.b by +0.5" in said)


def test_a_short_log_is_called_short() -> None:
    fit = fog.tune(WALK, simulated(steps=12), heldout=False)
    assert any(said.startswith("The log is short: 12 readings for 2 parameters.") for said in fit.advice)


def test_faults_that_tuning_cannot_mend_are_reported() -> None:
    rng = np.random.default_rng(5)
    coloured = np.convolve(rng.standard_normal(3000), np.ones(12) / 3, "valid")
    still = fog.Model(
        fog.motion.constant_velocity("gap", accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        START,
    )
    z = 5 + np.cumsum(0.001 * rng.standard_normal(len(coloured))) + coloured
    fit = fog.tune(still, fog.Log.regular(z[:, None], dt=0.2), heldout=False)
    found = fit.check()
    assert any(said.startswith("The tuned model still fails its checks: ") for said in found.sentences)
    assert not found.ok and str(found) == "\n".join(f"- {said}" for said in found.sentences)
    good = fog.tune(WALK, simulated(), heldout=False)
    assert good.advice == [] and good.check().ok
    assert str(good.check()) == "OK: nothing speaks against the tuned model."


def test_a_fault_of_several_logs_is_reported_once() -> None:
    """And 25 healthy logs do not give a finding more often than one."""
    logs = [simulated(WALK, 80, seed) for seed in range(1, 26)]
    good = fog.tune(WALK, logs, heldout=False)
    assert good.advice == [] and good.check().sentences == []
    z = [log.columns()["radar.gap"][:, None].copy() for log in logs]
    for k in (11, 15, 20):
        z[k] += 3.0 * np.sin(np.arange(80) * 2.0)[:, None]
    z[7][33], z[9][3] = -200.0, 190.0
    spoiled = fog.tune(WALK, [fog.Log.regular(one, dt=0.2) for one in z], heldout=False)
    found = spoiled.check()
    assert [health is not None and health.level for health in found.healths] == [1e-3 / 25] * 25
    outlier, *checks = found.sentences
    assert outlier.startswith("An outlier, log 8: row 33 is ")
    assert checks and len(checks) < 6
    several = [said for said in checks if " of 25 logs; the first is log " in said]
    assert several, checks


def test_a_maximum_that_was_not_reached_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ascent, "_LONGEST", 1)
    monkeypatch.setattr(ascent, "_NEAR", 0.0)
    monkeypatch.setattr(search, "_FIRST", ((1, 0),))
    monkeypatch.setattr(search, "_AGAIN", ((1, 0),))
    fit = fog.tune(WALK.with_parameters({"accel": 40.0}), simulated(), heldout=False)
    assert not fit.converged and fit.decrement > 1e-10
    assert fit.advice[0].startswith("The maximum was not reached: the decrement is ")
    assert str(fit).startswith("NOT CONVERGED, decrement ")
    assert fit.as_dict()["converged"] is False


def test_a_likelihood_without_a_maximum_is_reported() -> None:
    fit = fog.tune(WALK, fog.Log.regular(np.full((100, 1), 5.0), dt=0.2), heldout=False)
    assert not fit.converged and len(fit.advice) == 1
    assert fit.advice[0].startswith("The likelihood has no maximum: it grows without bound towards ")
    assert "radar.std = 0, where the model predicts every reading exactly." in fit.advice[0]


def test_parameters_without_effect_keep_their_values_and_are_reported() -> None:
    """Also while the scale of the others is searched, and at the value 0."""
    for idle in (3.0, 0.0):
        radar = fog.Sensor(
            "radar", ("gap",), lambda x, p: [x.gap], lambda x, p: [[p.std**2]],
            params={"std": fog.param(8.0, low=0), "idle": fog.param(idle, low=0), "spare": 1.5},
        )  # fmt: skip
        fit = fog.tune(fog.Model(WALK.motion, [radar], START), simulated(), heldout=False)
        assert fit.converged and fit.params["radar.idle"] == idle and fit.params["radar.spare"] == 1.5
        assert fit.advice == [
            f"The log says nothing about radar.idle: no reading depends on it. It keeps its value, {idle:g}. Leave it "
            "out of free.",
            "The log says nothing about radar.spare: no reading depends on it. It keeps its value, 1.5. Leave it "
            "out of free.",
        ]
        assert "radar.spare   1.5       -          not known" in str(fit)


@pytest.mark.filterwarnings("error")
def test_a_prior_that_the_data_contradict_is_reported() -> None:
    log = simulated()
    for mean, std in ((math.log(100.0), 0.01), (math.log(1e-6), 0.001)):
        fit = fog.tune(WALK, log, priors={"std": (mean, std)}, heldout=False)
        said = [sentence for sentence in fit.advice if sentence.startswith("The data contradict the prior")]
        alone = fog.tune(WALK, log, heldout=False)
        assert len(said) == 1 and f"radar.std = {alone.params['radar.std']:.4g}" in said[0]
        assert f"is higher by {2 * (alone.loglik - fit.loglik):.3g}." in said[0]
    agreed = fog.tune(WALK, log, priors={"std": (math.log(0.8), 0.1)}, heldout=False)
    assert agreed.advice == []


def test_an_outlier_is_named() -> None:
    log = simulated()
    z = log.columns()["radar.gap"][:, None].copy()
    z[70] += 40.0
    fit = fog.tune(WALK, fog.Log.regular(z, dt=0.2), heldout=False)
    said = next(sentence for sentence in fit.check().sentences if sentence.startswith("An outlier"))
    assert "row 70 is" in said and said.endswith(
        "Replace it by NaN, or tune with huber=3, which bounds its influence."
    )
    bounded = fog.tune(WALK, fog.Log.regular(z, dt=0.2), method=fog.EKF(huber=3), heldout=False)
    clean = fog.tune(WALK, log, heldout=False).params["radar.std"]
    assert abs(bounded.params["radar.std"] - clean) < 0.25 * abs(fit.params["radar.std"] - clean)
    z[70] += 4000.0
    late = fog.tune(WALK, fog.Log.regular(z, dt=0.2))
    assert any(said.startswith("The last rows are not like the first") for said in late.advice)


def test_a_small_drift_is_told_from_an_unknown_start() -> None:
    """And a small parameter that is not a noise is not called a noise."""
    loose = WALK.with_parameters({"accel": 1.0})
    short = [fog.simulate(loose, 20, dt=0.1, seed=k)[0].columns()["radar.gap"] for k in range(1, 151)]
    free = fog.Model(WALK.motion, WALK.sensors, None)
    advice = fog.tune(free, fog.Log.regular(np.array(short)[:, :, None], dt=0.1), heldout=False).advice
    assert any("a slow drift is present though tiny" in said for said in advice)
    slant = fog.Sensor(
        "radar", ("slant",), lambda x, p: [np.sqrt(x.gap**2 + p.height**2)], lambda x, p: [[p.std**2]],
        params={"height": fog.param(2.0, low=0), "std": fog.param(0.8, low=0)},
    )  # fmt: skip
    above = fog.Model(WALK.motion, [slant], fog.Belief([10, 0], std=[2, 1]))
    fit = fog.tune(above, fog.simulate(above, 300, dt=0.1, seed=1)[0], heldout=False)
    assert fit.objective.likelihood.shares(fit.ascent.point.values)[1] * fit.params["radar.height"] < 0.04
    assert not any("noise is present though tiny" in said for said in fit.advice)


def test_truth_of_one_log_in_a_list_may_be_in_a_list_too() -> None:
    log, states = fog.simulate(WALK, 60, dt=0.2, seed=3)
    alone = fog.tune(WALK, log, truth=states, heldout=False)
    for truth in ([states], [{"gap": states[:, 0], "gap_speed": states[:, 1]}], states):
        assert fog.tune(WALK, [log], truth=truth, heldout=False).params == alone.params
    with pytest.raises(
        fog.DataError, match="truth has no known entry: expected values of at least one of gap, "
    ):
        fog.tune(WALK, log, truth=np.full_like(states, np.nan))


def test_a_gate_is_accepted_only_with_truth() -> None:
    """With a gate the likelihood of the readings depends on their unit: if they are large, leaving out most is best."""
    log, states = fog.simulate(WALK, 400, dt=0.2, seed=3)
    logliks = []
    for unit in (1e-3, 1e3):
        model = fog.Model(
            fog.motion.constant_velocity("gap", accel=0.4 * unit),
            [fog.sensing.linear("radar", of="gap", std=0.8 * unit)],
            fog.Belief([5 * unit, 0], std=[5 * unit, unit]),
        )
        z = log.columns()["radar.gap"][:, None] * unit
        likelihood = Likelihood(model, fog.Log.regular(z, dt=0.2), fog.EKF(gate=0.9))
        at = likelihood.values
        logliks.append(likelihood.loglik(at) - likelihood.loglik(np.array([0.0, 1e-3]) * at))
    assert logliks[0] * logliks[1] < 0.0
    assert fog.tune(WALK, log, method=fog.EKF(gate=0.99), truth=states, heldout=False).converged


def test_tuning_against_the_truth() -> None:
    log, states = fog.simulate(WALK, 2000, dt=0.2, seed=3)
    model = WALK.with_parameters({"accel": 5.0, "std": 5.0})
    fit = fog.tune(model, log, truth=states)
    assert fit.params["motion.accel"] == pytest.approx(0.4, rel=0.25)
    assert fit.params["radar.std"] == pytest.approx(0.8, rel=0.25)
    run = fog.run(fit.model, log)
    e, P = states - run.filtered.mean, run.filtered.cov
    density = [
        -0.5 * (2 * math.log(2 * math.pi) + np.linalg.slogdet(p)[1] + v @ np.linalg.solve(p, v))
        for v, p in zip(e, P, strict=True)
    ]
    assert fit.loglik == pytest.approx(sum(density), rel=1e-9)
    some = fog.tune(model, [log, log], truth=[{"gap": states[:, 0]}, states], heldout=False)
    assert some.converged
    with pytest.raises(fog.DataError, match="1 truth for 2 logs: expected one for each"):
        fog.tune(model, [log, log], truth=states)


def test_sigma_points_are_tuned_too() -> None:
    scan = fog.sensing.range_bearing("scan", at=(-20.0, 3.0), range_std=0.5, bearing_std=0.02)
    start = fog.Belief([3.0, -2.0, 0.5, 0.3], std=[2, 2, 0.7, 0.5])
    model = fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.7), [scan], start)
    log = fog.simulate(model, 300, dt=0.2, seed=1)[0]
    fit = fog.tune(
        model.with_parameters({"accel": 3.0, "range_std": 9.0, "bearing_std": 1.0}), log, method=fog.UKF()
    )
    assert fit.converged
    for name, value in model.parameters.items():
        low, high = fit.intervals[name]
        assert 0.8 * low < value < 1.2 * high


def test_a_table_a_profile_and_a_dictionary() -> None:
    fit = fog.tune(WALK, simulated())
    path = fit.columns()
    assert list(path) == ["iteration", "loglik", "decrement", "motion.accel", "radar.std"]
    assert len(path["loglik"]) == fit.iterations + 1 and path["loglik"][-1] == fit.loglik
    assert path["motion.accel"][-1] == fit.params["motion.accel"]
    assert fit.to_frame("pandas").shape == (fit.iterations + 1, 5)
    profile = fit.profile("accel", points=7)
    logliks, values = profile.columns()["loglik"], profile.columns()["motion.accel"]
    assert logliks[3] == pytest.approx(fit.loglik, abs=1e-9) and logliks.argmax() == 3
    assert math.log(values[-1] / values[0]) == pytest.approx(
        6 * fit.std_errors["motion.accel"] / values[3], rel=1e-6
    )
    assert profile.to_frame("pandas").shape == (7, 3)
    said = json.loads(json.dumps(fit.as_dict()))
    assert said["params"] == fit.params and said["heldout"]["rows"] == 80 and said["advice"] == fit.advice
    with pytest.raises(fog.ModelError, match=r"points = 1, reach = 3\.0: expected a whole number from 2"):
        fit.profile("accel", points=1)


def test_a_profile_next_to_a_bound() -> None:
    fit = fog.tune(WALK, simulated(WALK.with_parameters({"accel": 0.0}), 300, 2), heldout=False)
    assert fit.params["motion.accel"] == 0.0
    profile = fit.profile("accel", points=5)
    assert profile.values[0, 0] == 0.0 and (np.diff(profile.values[:, 0]) > 0.0).all()
    assert profile.logliks[0] == pytest.approx(fit.loglik) and (np.diff(profile.logliks) < 0.0).all()
    assert fit.as_dict()["std_errors"]["motion.accel"] is None


def test_the_printed_fit() -> None:
    text = str(fog.tune(WALK, simulated()))
    lines = text.splitlines()
    assert lines[0].startswith("Tuned: log-likelihood -") and lines[0].endswith(" iterations.")
    assert lines[1].split("  ")[0] == "parameter" and lines[2].startswith("motion.accel  ")
    assert lines[4].startswith("Held out, last 80 rows: log-likelihood ")


def test_progress_counts_rows_and_ctrl_c_leaves_nothing_broken() -> None:
    log, counts = simulated(), []
    fit = fog.tune(WALK, log, heldout=False, progress=counts.append)
    assert all(b > a and (b - a) % 400 == 0 for a, b in pairwise([0, *counts]))
    assert counts[-1] == fit.objective.rows and max(b - a for a, b in pairwise(counts)) < 0.5 * counts[-1]

    def stop(rows: int) -> None:
        if rows > 3000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fog.tune(WALK, log, progress=stop)
    assert fog.tune(WALK, log, heldout=False).params == fit.params


def linear() -> fog.Model:
    return fog.linear_model([[1.0]], [[0.1]], [[1.0]], [[1.0]], start=fog.Belief([0.0], std=[1.0]))


def test_em_by_tune() -> None:
    log = fog.simulate(linear(), 60, dt=1.0, seed=1)[0]
    fit = fog.tune(linear(), log, method="em", iterations=3)
    assert fit.iterations == 3
    assert fit.Q.shape == (1, 1) and not isinstance(fit, Fit)
    with pytest.raises(fog.ModelError, match='free has no meaning with method="em"') as caught:
        fog.tune(linear(), log, "accel", method="em")  # type: ignore[call-overload]
    assert caught.value.field == "free"


@pytest.mark.parametrize(
    "given, field, says",
    [
        ({"free": "speed"}, "free", "there is no parameter 'speed'. There are: motion.accel, radar.std."),
        (
            {"free": []},
            "free",
            "free = []: expected at least one of motion.accel, radar.std. Leave it out for all.",
        ),
        (
            {"free": ["accel", "motion.accel"]},
            "free",
            "free: motion.accel is a duplicate: expected each parameter once. Leave one out.",
        ),
        ({"free": 3}, "free", "free = 3: expected at least one of motion.accel, radar.std."),
        (
            {"method": fog.UKF(gate=0.99)},
            "method",
            "method = UKF(gate=0.99): expected a method without a gate, since readings that it leaves out add",
        ),
        (
            {"priors": [("accel", 0.4)]},
            "priors",
            "priors = [('accel', 0.4)]: expected {name: (mean, std)}. Write priors={'motion.accel': (0.0, 1.0)}.",
        ),
        ({"method": "ekf"}, "method", "method = 'ekf': expected fog.KF(), EKF(), UKF(), CKF(), or \"em\"."),
        (
            {"priors": {"accel": 0.4}},
            "priors",
            "priors['accel'] = 0.4: expected (mean, std) of the parameter",
        ),
        ({"iterations": 5}, "iterations", 'iterations = 5: expected only with method="em"'),
        ({"priors": {"accel": (0.4, 0.0)}}, "priors", "with std > 0. Write (math.log(0.4), 0.5)."),
        (
            {"free": "std", "priors": {"accel": (0.4, 1.0)}},
            "priors",
            "this parameter is not tuned: expected one of radar.std. Add it to free, or leave its prior out.",
        ),
    ],
)
def test_what_is_refused(given: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(fog.ModelError) as caught:
        fog.tune(WALK, simulated(steps=5), **given)
    assert says in str(caught.value) and caught.value.field == field


def test_what_cannot_be_tuned_is_refused() -> None:
    log = simulated(steps=5)
    with pytest.raises(fog.ModelError, match="the model has no parameters: expected some to tune") as caught:
        fog.tune(linear(), log)
    assert caught.value.field == "free"
    with pytest.raises(fog.ModelError, match=r"tune\(Model, str\): expected a fog.Model and a fog.Log"):
        fog.tune(WALK, "radar.csv")  # type: ignore[call-overload]
    with pytest.raises(fog.ModelError, match=r"tune\(Model, list\)"):
        fog.tune(WALK, [])
    with pytest.raises(fog.DataError, match="the log has no reading at all: expected some to tune by"):
        fog.tune(WALK, fog.Log.regular(np.full((5, 1), np.nan), dt=0.1))
    with pytest.raises(
        fog.NumericalError, match=r"the filter breaks at motion\.accel = 0\.4, radar\.std = 0\.8"
    ) as bad:
        fog.tune(WALK, fog.Log.regular([[1.0], [np.inf]], dt=0.1))
    assert bad.value.field == "free"


def test_ninety_five_of_a_hundred_intervals_cover() -> None:
    """200 logs. Intervals of half the width would cover 67 %."""
    covered = {name: 0 for name in WALK.parameters}
    narrow = dict(covered)
    for seed in range(200):
        fit = fog.tune(WALK, simulated(seed=seed), heldout=False)
        assert fit.converged
        for name, value in WALK.parameters.items():
            low, high = np.log(fit.intervals[name])
            covered[name] += low < math.log(value) < high
            narrow[name] += abs(math.log(value) - 0.5 * (low + high)) < 0.25 * (high - low)
    assert all(184 <= hits <= 196 for hits in covered.values())
    assert all(hits < 160 for hits in narrow.values())


RANGE = fog.sensing.range_bearing("scan", at=(-20.0, 3.0), range_std=0.5, bearing_std=0.02)
TUNED = {
    "walk": WALK,
    "unknown start": WALK.with_start(None),
    "level": fog.Model(
        fog.motion.random_walk("gap", std=0.3), [fog.sensing.linear("radar", of="gap", std=0.8)], None
    ),
    "radar": fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.7),
        [RANGE],
        fog.Belief([3, -2, 0.5, 0.3], std=[2, 2, 0.7, 0.5]),
    ),
}


@pytest.mark.campaign
@pytest.mark.parametrize("name", TUNED)
def test_intervals_of_a_thousand_logs(name: str) -> None:
    model = TUNED[name]
    n = len(model.state)
    known = model.with_start(model.start or fog.Belief(np.zeros(n), std=np.ones(n)))
    covered = {full: 0 for full in model.parameters}
    for seed in range(1000):
        fit = fog.tune(model, simulated(known, 400, seed), heldout=False)
        assert fit.converged
        for full, value in model.parameters.items():
            low, high = fit.intervals[full]
            covered[full] += low < value < high
    print(name, covered)
    assert all(920 <= hits <= 980 for hits in covered.values())
