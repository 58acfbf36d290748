"""The noise of a sensor is not tuned below that of rounding its readings."""

import math
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.inference.likelihood import Likelihood
from foglight.tuning.rounding_noise import least_noises, step_of

WALK = fog.motion.random_walk("level", std=2.0)
START = fog.Belief([20.0], std=[10.0])


def model(noise: Any = lambda x, p: [[p.std**2]], **params: Any) -> fog.Model:
    params = params or {"std": fog.param(1.0, low=0)}
    return fog.Model(WALK, [fog.Sensor("gauge", ("z",), lambda x, p: [x.level], noise, params)], START)


def readings(step: float, seed: int = 1, rows: int = 300) -> Any:
    rng = np.random.default_rng(seed)
    exact = 20.0 + np.cumsum(2.0 * rng.standard_normal(rows))
    return np.round(exact / step) * step if step else exact


def test_the_step_of_rounded_readings() -> None:
    z = readings(0.5)
    assert step_of(z) == pytest.approx(0.5) and step_of(z * 0.3048) == pytest.approx(0.1524)
    assert step_of(np.append(z, np.nan)) == pytest.approx(0.5)
    # Of a logarithm, the smallest step is that of the largest values.
    logarithms = np.log(z + 100.0)
    assert step_of(logarithms) == pytest.approx(np.diff(np.unique(logarithms)).min())
    # Rounding in floating point is no step.
    assert step_of(np.round(z / 0.1) * 0.1 + 1e-15 * np.arange(len(z))) == pytest.approx(0.5, abs=1e-9)


def test_readings_that_are_not_rounded_have_no_step() -> None:
    exact = readings(0.0)
    for z in (exact, np.repeat(exact, 3), np.clip(exact, 15.0, 25.0), exact[:1], exact[:0], np.full(9, 2.0)):
        assert step_of(z) == 0.0


@pytest.mark.parametrize("step", [0.5, 4.0])
def test_the_noise_of_an_exact_sensor_stays_at_that_of_rounding(step: float) -> None:
    """Without the bound, a sensor that rounds to a step below the motion's noise is estimated as exact."""
    log = fog.Log.regular(readings(step)[:, None], dt=1.0)
    fit, free = fog.tune(model(), log, "gauge.std"), fog.tune(model(), log, "gauge.std", resolution=False)
    least = step / math.sqrt(12.0)
    assert (
        fit.converged and fit.params["gauge.std"] >= least * (1 - 1e-12) and fit.loglik <= free.loglik + 1e-9
    )
    if free.params["gauge.std"] < least:
        assert fit.params["gauge.std"] == pytest.approx(least) and "gauge.std" not in fit.intervals
        (said,) = [one for one in fit.advice if one.startswith("gauge.std")]
        assert said == (
            f"gauge.std is at {least:.3g}, the noise of rounding alone: gauge.z comes in steps of {step:g}, and this "
            "is the step / √12. The log asks for less. It has no interval. If the readings are not rounded, tune with "
            "resolution=False."
        )
        assert "at its bound" in str(fit)
        below = fog.tune(model(std=fog.param(1e-9, low=0)), log, "gauge.std", heldout=False)
        assert below.params == pytest.approx(fit.params)
        assert fit.profile("gauge.std", points=4).columns()["gauge.std"].min() >= least * (1 - 1e-12)
    else:
        assert fit.params == pytest.approx(free.params, rel=1e-6)


def test_the_two_steps_show_both_sides() -> None:
    """The one above must meet a case in which the log asks for less, and one in which it does not."""
    log = fog.Log.regular(readings(0.5)[:, None], dt=1.0)
    assert fog.tune(model(), log, "gauge.std", resolution=False).params["gauge.std"] < 0.5 / math.sqrt(12.0)


def test_which_parameters_have_a_least_value() -> None:
    log = fog.Log.regular(readings(0.5)[:, None], dt=1.0)

    def least(noise: Any, **params: Any) -> dict[int, float]:
        likelihood = Likelihood(model(noise, **params), log)
        return {
            likelihood.names[i].partition(".")[2]: one.value for i, one in least_noises(likelihood).items()
        }

    one = fog.param(0.7, low=0)
    assert least(lambda x, p: [[p.std**2]], std=one) == {"std": pytest.approx(0.5 / math.sqrt(12.0))}
    assert least(lambda x, p: [[9.0 * p.std**2]], std=one) == {"std": pytest.approx(0.5 / math.sqrt(108.0))}
    assert least(lambda x, p: [[p.var]], var=one) == {"var": pytest.approx(0.25 / 12.0)}
    assert least(lambda x, p: [[p.a**2 + p.b**2]], a=one, b=one) == {}  # either may be 0
    assert least(lambda x, p: [[(p.share * x.level) ** 2]], share=one) == {}  # it depends on the state
    assert least(lambda x, p: [[p.std**2]], std=fog.param(0.7, low=0.1)) == {}  # it has a bound of its own
    exact = Likelihood(model(), fog.Log.regular(readings(0.0)[:, None], dt=1.0))
    assert least_noises(exact) == {}


def test_the_coarsest_measure_of_a_sensor_sets_the_least_value() -> None:
    motion = fog.motion.random_walk(("a", "b"), std=2.0)
    both = fog.Model(
        motion, [fog.sensing.linear("s", of=("a", "b"), std=1.0)], fog.Belief([20, 20], std=[9, 9])
    )
    z = np.column_stack([readings(0.25, 1), readings(1.0, 2)])
    found = least_noises(Likelihood(both, fog.Log.regular(z, dt=1.0), names=("s.std",)))
    assert found[0].measure == "s.b" and found[0].step == pytest.approx(1.0)
    assert found[0].value == pytest.approx(1.0 / math.sqrt(12.0))


def test_resolution_is_true_or_false_and_not_for_em() -> None:
    log = fog.Log.regular(readings(0.5)[:, None], dt=1.0)
    with pytest.raises(fog.ModelError, match=r"resolution = 0\.5: expected True or False"):
        fog.tune(model(), log, resolution=0.5)  # type: ignore[call-overload]
    linear = fog.linear_model(F=1.0, Q=1.0, H=1.0, R=1.0, start=fog.Belief([20.0], std=[1.0]))
    with pytest.raises(fog.ModelError, match="resolution has no meaning with method="):
        fog.tune(linear, log, method="em", resolution=False)  # type: ignore[call-overload]
