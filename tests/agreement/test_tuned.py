"""Tuning finds the published maximum-likelihood estimates, and tells what recorded logs hold."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement import structural_models
from agreement.test_laser_and_radar import turning_model
from foglight.tuning.fit import Fit
from oracle import structural, udacity


def variances(fit: Fit) -> list[float]:
    return [value**2 for value in fit.params.values()]


def kfas(fit: Fit) -> float:
    """The log-likelihood in the convention of KFAS."""
    return fit.loglik + structural.ABSORBED * int(fog.run(fit.model, fit.log).absorbed)


def tuned(model: fog.Model, y: Any, **options: Any) -> Fit:
    fit = fog.tune(model, structural_models.yearly(y), heldout=False, **options)
    assert fit.converged and fit.decrement <= 1e-10
    return fit


def test_nile(shared_data: Path) -> None:
    fit = tuned(structural_models.level(), structural.nile(shared_data), method=fog.KF())
    assert variances(fit) == pytest.approx([1469.177, 15098.52], abs=5e-3)
    assert fit.loglik == pytest.approx(-633.4646, abs=5e-5)
    assert kfas(fit) == pytest.approx(-632.5456, abs=5e-5)


@pytest.mark.parametrize("start", [1e-4, 1.0, 1e5])
def test_nile_from_anywhere(start: float, shared_data: Path) -> None:
    model = structural_models.level().with_parameters({"motion.std": start, "gauge.std": 1.0})
    fit = tuned(model, structural.nile(shared_data))
    assert variances(fit) == pytest.approx([1469.1763536, 15098.518328], rel=1e-6)


def test_commandeur_and_koopman(shared_data: Path) -> None:
    """Log-likelihoods divided by the number of readings, in the convention of KFAS."""
    drivers, fatalities = structural.drivers(shared_data), structural.fatalities(shared_data)
    level = tuned(structural_models.level(), drivers)
    assert variances(level) == pytest.approx([0.01186598, 0.00222155], abs=5e-9)
    assert kfas(level) / 192 == pytest.approx(0.6451960, abs=5e-8)
    norway = tuned(structural_models.level(), fatalities[:, 0])
    assert variances(norway) == pytest.approx([0.0047030, 0.00326821], abs=5e-8)
    assert kfas(norway) / 34 == pytest.approx(0.8468622, abs=5e-8)
    finland = tuned(structural_models.trend(wanders=False), fatalities[:, 1])
    assert variances(finland) == pytest.approx([0.00153314, 0.00320083], abs=6e-9)
    assert kfas(finland) / 34 == pytest.approx(0.7864746, abs=5e-8)


def test_a_slope_that_does_not_wander(shared_data: Path) -> None:
    """KFAS stopped at a variance of 2.8e-9 and 0.6247902; the maximum is at 0."""
    fit = tuned(structural_models.trend(), structural.drivers(shared_data))
    assert variances(fit) == pytest.approx([0.0121285, 0.0, 0.00211807], abs=3e-7)
    assert fit.params["motion.slope_std"] == 0.0 and "motion.slope_std" not in fit.intervals
    assert 0.6247902 < kfas(fit) / 192 < 0.62480
    assert any("motion.slope_std is not needed: it is at its bound 0" in said for said in fit.advice)


def test_structural_models_of_unemployment(shared_data: Path) -> None:
    """KFAS stopped a little before the maximum where a variance goes to 0. It knows nothing of rounded readings."""
    u = structural.unemployment(shared_data)
    level = tuned(structural_models.level(), u, resolution=False)
    assert level.params["gauge.std"] == 0.0 and kfas(level) == pytest.approx(-70.96771641, abs=5e-9)
    assert kfas(level) > -70.97242557
    trend = tuned(structural_models.trend(), u, resolution=False)
    assert variances(trend) == pytest.approx([0.01008704925, 0.0609176081, 0.0], abs=1e-5)
    assert -31.15640107 < kfas(trend) < -31.1557
    smooth = tuned(structural_models.trend(wanders=False), u)
    assert variances(smooth) == pytest.approx([0.0753064234342, 0.0008824099119], abs=2e-6)
    assert kfas(smooth) == pytest.approx(-31.92261408, abs=5e-8)
    assert kfas(tuned(structural_models.level(noise=False), u)) == pytest.approx(-70.96771641, abs=5e-9)
    random_trend = tuned(structural_models.trend(wanders=False, noise=False), u)
    assert variances(random_trend) == pytest.approx([0.08054724989], abs=2e-8)
    assert kfas(random_trend) == pytest.approx(-32.05607557, abs=5e-9)


def test_airline_passengers(shared_data: Path) -> None:
    """A model with parameters in its measurement, as anybody may write one; figures of R's arima."""
    fit = tuned(structural_models.seasonal_moving_average(), structural.airline(shared_data))
    assert fit.params["w.ma"] == pytest.approx(-0.40182, abs=5e-6)
    assert fit.params["w.sma"] == pytest.approx(-0.55694, abs=5e-6)
    assert fit.params["w.sigma"] ** 2 == pytest.approx(0.0013481, abs=5e-8)
    assert fit.loglik == pytest.approx(244.6965, abs=5e-5)
    assert fit.std_errors["w.ma"] == pytest.approx(0.0896, abs=5e-4)
    assert fit.std_errors["w.sma"] == pytest.approx(0.0731, abs=5e-4)


def still(std: float = 1.0) -> fog.Model:
    return fog.Model(
        fog.motion.random_walk("distance", std=1.0),
        [fog.sensing.linear("tof", of="distance", std=std)],
        fog.Belief([75.0], std=[10.0]),
    )


def test_a_sensor_before_a_wall_drifts_a_little(shared_data: Path) -> None:
    """40,000 readings at 50 Hz: the noise that its makers found, and a drift that they did not look for."""
    z = structural.static_distance(shared_data)[:40_000]
    fit = fog.tune(still(), fog.Log.regular(z[:, None], dt=0.02))
    assert fit.converged and 4.3 < fit.params["tof.std"] ** 2 < 4.9
    assert 1e-4 < fit.params["motion.std"] ** 2 * 0.02 < 1e-3  # mm² a row
    (said,) = fit.advice
    assert said.startswith(
        "motion.std = 0.14 (distance wanders by 0.14 in 1 s): a slow drift is present though tiny."
    )
    assert float(said.partition("falls by ")[2].partition(". Keep")[0]) == pytest.approx(1900, abs=30)
    assert fit.heldout is not None and fit.heldout.tuned > fit.heldout.before


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_sensor_before_a_wall_that_does_not_drift(seed: int) -> None:
    model = still(2.1).with_parameters({"motion.std": 0.0})
    log, _ = fog.simulate(model, 40_000, dt=0.02, seed=seed)
    fit = fog.tune(model.with_parameters({"motion.std": 1.0, "tof.std": 1.0}), log, heldout=False)
    assert fit.converged and fit.params["tof.std"] == pytest.approx(2.1, rel=0.02)
    assert any(said.startswith("motion.std is not needed") for said in fit.advice)


def test_laser_and_radar_by_likelihood_alone(shared_data: Path) -> None:
    """All six standard deviations start at 1 and are found; the errors against the truth are within the rubric."""
    recording = udacity.read(shared_data)
    log = recording.without_first()
    given = turning_model(recording)

    def radar(x: Any, p: Any) -> Any:
        distance = np.hypot(x.px, x.py)
        rate = x.speed * (x.px * np.cos(x.yaw) + x.py * np.sin(x.yaw)) / distance
        return [distance, np.arctan2(x.py, x.px), rate]

    one = fog.param(1.0, low=0)
    motion = fog.Motion(
        given.state,
        given.motion.dynamics,
        given.motion.noise,
        params={"accel": one, "turn_accel": one},
        angles=("yaw",),
    )
    lidar = fog.sensing.linear("lidar", of=("px", "py"), std=1.0, measures=("x", "y"))
    doppler = fog.Sensor(
        "radar",
        ("range", "bearing", "range_rate"),
        radar,
        lambda x, p: fog.noise.independent([p.range_std**2, p.bearing_std**2, p.rate_std**2]),
        params={"range_std": one, "bearing_std": one, "rate_std": one},
        angles=("bearing",),
    )
    model = fog.Model(motion, [lidar, doppler], given.start)
    whole = fog.Log.from_arrays(log.seconds, lidar=log.lidar, radar=log.radar)
    fit = fog.tune(model, whole, method=fog.UKF(), heldout=False)
    assert fit.converged
    found = [
        fit.params[name] for name in ("lidar.std", "radar.range_std", "radar.bearing_std", "radar.rate_std")
    ]
    assert found == pytest.approx([0.15, 0.3, 0.03, 0.3], rel=0.1)
    run = fog.run(fit.model, whole, fog.UKF())
    assert (udacity.rmse(udacity.cartesian(run.filtered.mean), recording.truth) <= udacity.UKF_RUBRIC).all()
    assert fog.check(run).ok


@pytest.mark.parametrize("missing_noise", ["Q", "R"])
def test_the_wrong_noise_held_fixed_is_not_the_maximum(missing_noise: str, shared_data: Path) -> None:
    fixed = {"Q": "motion.std", "R": "gauge.std"}[missing_noise]
    other = {"Q": "gauge.std", "R": "motion.std"}[missing_noise]
    model = structural_models.level().with_parameters({fixed: 10.0})
    fit = tuned(model, structural.nile(shared_data), free=other)
    assert fit.loglik < -633.4646 - 2.0 and list(fit.params) == [other]
