"""The Udacity log: a laser for the position, a radar for range, bearing and range rate, and the published errors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from oracle import plain, udacity


def velocity_model(log: udacity.Recording) -> Any:
    """Constant velocity in the plane under piecewise constant acceleration of variance 9."""

    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        return [x.px + dt * x.vx, x.py + dt * x.vy, x.vx, x.vy]

    def noise(x: Any, dt: Any, p: Any) -> Any:
        a, b, c = p.accel**2 * dt**4 / 4, p.accel**2 * dt**3 / 2, p.accel**2 * dt**2
        return [[a, 0, b, 0], [0, a, 0, b], [b, 0, c, 0], [0, b, 0, c]]

    def radar(x: Any, p: Any) -> Any:
        distance = np.hypot(x.px, x.py)
        return [distance, np.arctan2(x.py, x.px), (x.px * x.vx + x.py * x.vy) / distance]

    motion = fog.Motion(state=("px", "py", "vx", "vy"), dynamics=dynamics, noise=noise, params={"accel": 3.0})
    start = fog.Belief([*log.start, 0, 0], cov=udacity.START_COV)
    return fog.Model(motion, sensors(radar), start=start)


def sensors(radar: Any) -> list[Any]:
    """The laser and the radar of the exercise; the bearing is an angle."""
    return [
        fog.Sensor(
            "lidar",
            measures=("x", "y"),
            measure=lambda x, p: [x.px, x.py],
            noise=lambda x, p: udacity.LIDAR_COV,
        ),
        fog.Sensor(
            "radar",
            measures=("range", "bearing", "range_rate"),
            measure=radar,
            noise=lambda x, p: udacity.RADAR_COV,
            angles=("bearing",),
        ),
    ]


def turning_model(log: udacity.Recording) -> Any:
    """Constant turn rate and speed, disturbed by accelerations along the path and in the turn."""

    def dynamics(x: Any, dt: Any, p: Any) -> Any:
        half = x.rate * dt / 2
        straight = np.abs(half) < 1e-4
        chord = (
            x.speed * dt * np.where(straight, 1 - half**2 / 6, np.sin(half) / np.where(straight, 1.0, half))
        )
        return [
            x.px + chord * np.cos(x.yaw + half),
            x.py + chord * np.sin(x.yaw + half),
            x.speed,
            x.yaw + x.rate * dt,
            x.rate,
        ]

    def noise(x: Any, dt: Any, p: Any) -> Any:
        push = [dt**2 / 2 * np.cos(x.yaw), dt**2 / 2 * np.sin(x.yaw), dt, 0, 0]
        twist = [0, 0, 0, dt**2 / 2, dt]
        return fog.noise.factored(np.array([push, twist]).T, [p.accel**2, p.turn_accel**2])

    def radar(x: Any, p: Any) -> Any:
        distance = np.hypot(x.px, x.py)
        rate = x.speed * (x.px * np.cos(x.yaw) + x.py * np.sin(x.yaw)) / distance
        return [distance, np.arctan2(x.py, x.px), rate]

    tuning = {name: udacity.TURNING[name] for name in ("accel", "turn_accel")}
    motion = fog.Motion(
        state=("px", "py", "speed", "yaw", "rate"),
        dynamics=dynamics,
        noise=noise,
        params=tuning,
        angles=("yaw",),
    )
    start = fog.Belief([*log.start, 0, 0, 0], std=udacity.TURNING["start_std"])
    return fog.Model(motion, sensors(radar), start=start)


def filtered(model: Any, log: udacity.Recording, method: Any) -> Any:
    """Run on all rows; the first row's measurement is blank, for the start has used it."""
    log = log.without_first()
    return fog.run(model, fog.Log.from_arrays(log.seconds, lidar=log.lidar, radar=log.radar), method=method)


@pytest.mark.parametrize("chosen", udacity.EKF_RMSE)
def test_ekf_gives_the_published_errors(chosen: str, shared_data: Path) -> None:
    log = udacity.read(shared_data, chosen)
    run = filtered(velocity_model(log), log, fog.EKF())
    assert udacity.rmse(run.filtered.mean, log.truth) == pytest.approx(udacity.EKF_RMSE[chosen], abs=5e-9)
    assert run.filtered.mean == pytest.approx(udacity.ekf(log.without_first()), abs=1e-9)


@pytest.mark.parametrize("form", ["factored", "joseph", "textbook"])
def test_every_form_of_the_ekf_gives_them(form: str, shared_data: Path) -> None:
    log = udacity.read(shared_data)
    run = filtered(velocity_model(log), log, fog.EKF(form=form))
    assert udacity.rmse(run.filtered.mean, log.truth) == pytest.approx(udacity.EKF_RMSE["LR"], abs=5e-9)


def test_turning_ukf_is_within_the_rubric(shared_data: Path) -> None:
    log = udacity.read(shared_data)
    run = filtered(turning_model(log), log, fog.UKF())
    assert (udacity.rmse(udacity.cartesian(run.filtered.mean), log.truth) <= udacity.UKF_RUBRIC).all()
    by_hand = udacity.ukf_turning(log.without_first(), **udacity.TURNING)
    difference = run.filtered.mean - by_hand
    difference[:, 3] = plain.wrap(difference[:, 3])
    assert np.abs(difference).max() < 1e-8


@pytest.mark.parametrize(
    "method", [fog.EKF(), fog.EKF(iterations=3), fog.UKF(alpha=1e-3), fog.CKF()], ids=repr
)
def test_every_method_follows_the_turning_target(method: Any, shared_data: Path) -> None:
    """Sigma points meet the rubric of the unscented exercise, first-order filters that of the extended one."""
    log = udacity.read(shared_data)
    run = filtered(turning_model(log), log, method)
    rubric = udacity.EKF_RUBRIC if isinstance(method, fog.EKF) else udacity.UKF_RUBRIC
    assert (udacity.rmse(udacity.cartesian(run.filtered.mean), log.truth) <= rubric).all()


def test_first_rows_measurement_counts_when_it_is_given(shared_data: Path) -> None:
    """Using the first row again as a measurement gives other digits: the reading of the exercise matters."""
    log = udacity.read(shared_data)
    arrays = fog.Log.from_arrays(log.seconds, lidar=log.lidar, radar=log.radar)
    run = fog.run(velocity_model(log), arrays, method=fog.EKF())
    used_twice = [0.0964785993, 0.0849578296, 0.447621768, 0.4217314122]
    assert udacity.rmse(run.filtered.mean, log.truth) == pytest.approx(used_twice, abs=5e-9)
