"""The maximum that `fog.tune` finds does not depend on the guess, and what it calls needless is.

The best known log-likelihoods are those of Nelder–Mead from up to ten points of each problem, which uses no gradient;
no search found more.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from agreement import structural_models
from agreement.tuning_problems import (
    Problem,
    oscillator,
    recorded_problems,
    simulated_problems,
    statsmodels_problems,
    trend,
)  # fmt: skip
from foglight.inference.likelihood import Likelihood
from foglight.tuning import maximum, search
from foglight.tuning.fit import Fit
from foglight.tuning.objective import Objective

BEST = {
    "level": -392.7328,
    "level, mostly noise": -283.3342,
    "trend": -532.3976,
    "trend that bends only": -268.4611,
    "trend, both": -134.0169,
    "walker": -398.8690,
    "two radars": -833.6054,
    "three radars": -512.0542,
    "season": -239.9659,
    "AR negative": -855.4113,
    "AR positive": -506.3758,
    "AR near one": -621.0482,
    "AR weak": -953.8365,
    "AR(2)": -776.2724,
    "AR(2) turning fast": -390.8962,
    "pair": -638.6227,
    "pair, negative gain": -798.0451,
    "pair, strong": -600.5140,
    "oscillator fast": -155.3364,
    "oscillator slow": -293.8192,
    "oscillator at 20 Hz": -221.1516,
    "oscillator damped": -385.4030,
    "gain and bias": -588.5730,
    "negative gain": -281.9177,
    "lag": -81.1174,
    "lag with a negative gain": -171.4024,
    "fading speed": -670.2340,
    "range and bearing": 359.6599,
    "range and bearing, coarse": -351.8775,
    "hidden beacon": -585.2401,
    "pendulum": 36.9803,
    "growth": 15.3322,
    "moving average": -474.9826,
    "Nile": -633.4646,
    "drivers": 118.1225,
    "Finland": 25.6722,
    "airline season": 185.2704,
    "airline": 244.6965,
    "beetle": -1658.8887,
    "car": -194.8789,
    "inflation": -457.7742,
    "log CO2, 240 months": 1071.5234,
    "CO2": -695.5536,
    "sunspots": -1399.6973,
    "sunspots as a cycle": -1334.4727,
}
CLOSE = 1e-3  # of log-likelihood
SIGNIFICANT = 5.41
OFTEN = (
    "trend, both", "three radars", "AR negative", "AR(2) turning fast", "pair", "oscillator fast", "negative gain",
    "pendulum", "moving average",
)  # fmt: skip


def found(problem: Problem, count: int = 5) -> Iterator[Fit]:
    for guess in problem.guesses(count):
        yield fog.tune(guess, problem.log, problem.free, method=problem.method, heldout=False)


def assert_best(problem: Problem, fit: Fit) -> None:
    assert fit.converged and fit.is_maximum and fit.decrement <= 1e-10
    assert fit.loglik > BEST[problem.name] - CLOSE, (problem.name, fit.loglik, fit.params)
    assert fit.loglik < BEST[problem.name] + CLOSE, f"a better one than the best known: {fit.params}"


def needless(fit: Fit) -> list[str]:
    """The parameters that may be left out, all of them, as the advice says."""
    return [
        name for name in fit.names if any(said.startswith(f"{name} is not needed") for said in fit.advice)
    ]


def cost_of_leaving_out(problem: Problem, fit: Fit, names: list[str]) -> float:
    """2 Δ log-likelihood of a fit without these parameters."""
    kept = [name for name in fit.names if name not in names]
    without = fit.model.with_parameters(dict.fromkeys(names, 0.0))
    if not kept:
        return 2.0 * (fit.loglik - fog.run(without, problem.log, problem.method).loglik)
    return 2.0 * (
        fit.loglik - fog.tune(without, problem.log, kept, method=problem.method, heldout=False).loglik
    )


@pytest.mark.parametrize("name", OFTEN)
def test_the_best_maximum_from_any_guess(name: str) -> None:
    problem = simulated_problems()[name]
    for fit in found(problem):
        assert_best(problem, fit)


@pytest.mark.campaign
def test_of_every_problem_from_any_guess(shared_data: Path) -> None:
    """The best maximum is found, and nothing is called needless that is needed."""
    recorded = list(recorded_problems(shared_data))
    problems = [*simulated_problems().values(), *recorded, *statsmodels_problems().values()]
    assert len(problems) >= 40 and {problem.name for problem in problems} == set(BEST)
    said = 0
    for problem in problems:
        for fit in found(problem):
            assert_best(problem, fit)
            names = needless(fit)
            said += len(names)
            assert not names or cost_of_leaving_out(problem, fit, names) < SIGNIFICANT, (problem.name, names)
    assert said > 50  # or this says nothing


GUESSES = (1, 1, 1), (1e-2, 1e-2, 1e-2), (1e-3, 1e-3, 1e-4), (0.1, 0.01, 1.0)


@pytest.mark.parametrize("name", ["log CO2, 240 months", "CO2", "sunspots"])
def test_recorded_trends_from_any_guess(name: str) -> None:
    """KFAS #65, statsmodels #2326 and #8314: the result depended on the guess, by up to 450 of log-likelihood."""
    problem = statsmodels_problems()[name]
    names = ("motion.level_std", "motion.slope_std", "gauge.std")
    guesses = [problem.model.with_parameters(dict(zip(names, guess, strict=True))) for guess in GUESSES]
    fits = [fog.tune(guess, problem.log, heldout=False) for guess in guesses]
    for fit in fits:
        assert fit.converged and fit.loglik == pytest.approx(BEST[name], abs=CLOSE)
        assert fit.params == pytest.approx(fits[0].params, rel=1e-5)
    assert cost_of_leaving_out(problem, fits[-1], needless(fits[-1])) < SIGNIFICANT


@pytest.mark.parametrize("seed", range(8))
def test_what_is_needless_is_so_together(seed: int) -> None:
    """A level or a slope that wanders: of some logs either can be left out, but not both."""
    rng = np.random.default_rng(seed)
    slope = np.cumsum(rng.normal(0, 0.05, 60))
    y = np.cumsum(slope + rng.normal(0, 0.6, 60)) + rng.normal(0, 2, 60)
    problem = Problem("", trend(1.0, 0.1, 1.0), structural_models.yearly(y))
    fit = fog.tune(problem.model, problem.log, heldout=False)
    names, both = needless(fit), ["motion.level_std", "motion.slope_std"]
    assert cost_of_leaving_out(problem, fit, names) < SIGNIFICANT
    either = [said for said in fit.advice if "can only be left out if" in said]
    if either:
        assert len(names) == 1 and set(names) < set(both)
        together = cost_of_leaving_out(problem, fit, both)
        assert together > SIGNIFICANT and f"without both by {together:.3g}" in either[0]
    assert bool(either) == (seed in (2, 3, 5))


def gain_model(gain: float, noise: float = 0.5) -> fog.Model:
    """A walk whose size and sign the gain sets, read without a reference: the sign of the gain cannot be known."""
    sensor = fog.Sensor(
        "s", ("z",), lambda x, p: [p.gain * x.level], lambda x, p: [[p.std**2]],
        params={"gain": gain, "std": fog.param(noise, low=0)},
    )  # fmt: skip
    motion = fog.motion.random_walk("level", std=fog.param(0.7, low=0.7, high=0.7))
    return fog.Model(motion, [sensor], fog.Belief([0.0], std=[1.5]))


def test_a_saddle_is_left() -> None:
    """At a gain of 0 the log-likelihood is level by symmetry, and least along the gain."""
    log, _ = fog.simulate(gain_model(1.3), 300, dt=1.0, seed=2)
    names = ("s.gain", "s.std")
    objective = Objective(Likelihood(gain_model(0.0), log, names=names))
    top = fog.tune(gain_model(1.0), log, names, heldout=False)
    nearly = objective.at(np.array([1e-7, np.sqrt(np.mean(log.bind(top.model) ** 2))]))
    assert maximum.ascend(objective, nearly).point.value == pytest.approx(top.loglik, abs=1e-6)
    for guess in (0.0, -2.0, 5.0):
        fit = fog.tune(gain_model(guess), log, names, heldout=False)
        assert abs(fit.params["s.gain"]) == pytest.approx(top.params["s.gain"], rel=1e-6)
        if guess:
            assert fit.params["s.gain"] * guess > 0.0, "of mirrored maxima, the one near the guess"
        (other,) = fit.other_maxima
        assert other.params["s.gain"] == pytest.approx(-fit.params["s.gain"], rel=1e-6)
        assert other.loglik == pytest.approx(fit.loglik, abs=1e-6)
        assert fit.advice[0].startswith(
            f"The log-likelihood has another maximum, as high: {fit.loglik:.7g} at s.gain = "
        )
        assert fit.as_dict()["other_maxima"] == [other._asdict()]


def test_a_point_that_is_not_a_maximum_is_not_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = fog.simulate(gain_model(1.3), 300, dt=1.0, seed=2)
    monkeypatch.setattr(maximum, "_ROUNDS", 0)
    fit = fog.tune(gain_model(1.0), log, ("s.gain", "s.std"), heldout=False)
    assert not fit.is_maximum and not fit.converged and fit.decrement <= 1e-10
    assert fit.advice[0].startswith("This is not a maximum: ")
    assert str(fit).startswith("NOT CONVERGED, not a maximum: ")
    assert fit.as_dict()["is_maximum"] is False


def test_another_maximum_within_reach_is_reported_and_a_bound_removes_it() -> None:
    """At a reading a second, a frequency w looks like 2π - w."""
    problem = simulated_problems()["oscillator fast"]
    fit = fog.tune(oscillator(2.0, 0.1, 0.1, 1.0), problem.log, heldout=False)
    assert fit.params["motion.w"] == pytest.approx(2.276, abs=1e-3)
    mirrored = [2 * np.pi - other.params["motion.w"] for other in fit.other_maxima]
    assert any(w == pytest.approx(fit.params["motion.w"], rel=1e-5) for w in np.mod(mirrored, 2 * np.pi))
    assert all(fit.loglik - other.loglik < 5.0 for other in fit.other_maxima)
    assert "has another maximum, as high" in fit.advice[0] and "fog.param(" in fit.advice[0]
    motion = problem.model.motion
    bounded = fog.Motion(
        motion.state, motion.dynamics, motion.noise,
        params=dict(motion.params) | {
            "w": fog.param(2.0, low=0, high=np.pi), "g": fog.param(0.1, low=0), "q": fog.param(0.1, low=0),
        },
    )  # fmt: skip
    model = fog.Model(bounded, problem.model.sensors, problem.model.start)
    alone = fog.tune(model, problem.log, heldout=False)
    assert alone.loglik == pytest.approx(fit.loglik, abs=1e-6)
    assert all(alone.loglik - other.loglik > CLOSE for other in alone.other_maxima)


def test_a_long_log_is_judged_by_its_first_rows_and_tuned_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = fog.simulate(oscillator(0.9, 0.05, 0.3, 0.5), 3000, dt=1.0, seed=4)
    counts: list[int] = []
    fit = fog.tune(oscillator(0.2, 0.5, 1.0, 2.0), log, heldout=False, progress=counts.append)
    monkeypatch.setattr(search, "_ROWS", 3000)
    whole = fog.tune(oscillator(0.2, 0.5, 1.0, 2.0), log, heldout=False)
    assert fit.loglik == pytest.approx(whole.loglik, abs=1e-6)
    assert fit.objective.rows < 0.8 * whole.objective.rows and counts[-1] == fit.objective.rows
