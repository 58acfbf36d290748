"""Edges of the core: what a filter promises where a formula, taken literally, has no value or the wrong one."""

from typing import Any

import numpy as np
import pytest

import foglight as fog

SIGMA = [fog.UKF(), fog.CKF()]


def plane(measure: Any, mean: Any, std: Any, names: Any = ("r",), angles: Any = ()) -> fog.Model:
    """A random walk in the plane, measured by one function."""
    noise = 0.01 * np.eye(len(names))
    sensor = fog.Sensor("s", names, measure, lambda x, p: noise, angles=angles)
    return fog.Model(fog.motion.random_walk(("x", "y"), std=0.1), [sensor], fog.Belief(mean, std=std))


def by_points(measure: Any, mean: Any, std: Any, alpha: float, beta: float) -> Any:
    """Mean and covariance (2 states, diagonal prior) of the unscented transform, from points."""
    n, mean = 2, np.array(mean, float)
    scale = alpha * np.sqrt(n)
    steps = scale * np.diag(std)
    points = np.vstack([mean, mean + steps, mean - steps])
    values = np.array([measure(x) for x in points])
    weights = np.full(2 * n + 1, 0.5 / scale**2)
    weights[0] = 1.0 - n / scale**2
    centre = values.T @ weights
    weights[0] += 1.0 - alpha**2 + beta
    return centre, (values - centre).T @ (weights[:, None] * (values - centre))


@pytest.mark.parametrize("method", SIGMA, ids=str)
def test_a_guarded_branch_is_used_only_where_the_guard_holds(method: Any) -> None:
    def measure(x: Any, p: Any) -> list[Any]:
        return [x.y + np.where(x.x != 0.0, np.sin(x.x) / x.x, 1.0)]

    run = fog.run(plane(measure, [0.0, 0.3], [0.4, 0.2]), fog.Log.from_arrays([0.0], s=[1.1]), method)
    mean, cov = by_points(
        lambda x: [x[1] + (np.sin(x[0]) / x[0] if x[0] else 1.0)], [0.0, 0.3], [0.4, 0.2], 1.0, method.beta
    )
    np.testing.assert_allclose(run.innovation[0], 1.1 - mean, rtol=1e-12)
    np.testing.assert_allclose(run.innovation_cov[0], cov + 0.01, rtol=1e-12)


@pytest.mark.parametrize("method", SIGMA, ids=str)
def test_a_bearing_is_uncertain_where_the_mean_is_on_the_sensor(method: Any) -> None:
    model = plane(lambda x, p: [np.arctan2(x.y, x.x)], [0.0, 0.0], [1.0, 2.0], angles=("r",))
    run = fog.run(model, fog.Log.from_arrays([0.0], s=[1.0]), method)
    assert run.innovation_cov[0, 0, 0] > 0.5


@pytest.mark.parametrize("method", SIGMA, ids=str)
def test_a_range_has_sigma_points_where_the_mean_is_on_the_sensor(method: Any) -> None:
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.1)
    sensor = fog.Sensor("s", ("r",), lambda x, p: [np.hypot(x.x, x.y)], lambda x, p: [[0.01]])
    model = fog.Model(motion, [sensor], fog.Belief(np.zeros(4), std=[1.0, 2.0, 1.0, 1.0]))
    run = fog.run(model, fog.Log.from_arrays([0.0], s=[1.0]), method)
    # Two pairs of points at ranges 2 * 1 and 2 * 2 (n = 4), two pairs on the sensor; all are symmetric.
    mean = (2.0 + 4.0) / 4.0
    cov = (2.0**2 + 4.0**2) / 4.0 + (method.beta - 1.0) * mean**2
    np.testing.assert_allclose(run.innovation[0, 0], 1.0 - mean, rtol=1e-12)
    np.testing.assert_allclose(run.innovation_cov[0, 0, 0], cov + 0.01, rtol=1e-12)


def test_a_measurement_noise_accepted_at_birth_is_not_refused_in_the_step() -> None:
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(40):
        G = rng.normal(size=(4, 2))
        model = fog.linear_model(
            np.eye(3),
            np.eye(3),
            rng.normal(size=(4, 3)),
            G @ G.T,
            start=fog.Belief(np.zeros(3), std=np.ones(3)),
        )
        run = fog.run(model, fog.Log.regular(rng.normal(size=(1, 4)), 1.0), on_bad="flag")
        refused += int(run.status[0]) != fog.Status.USED
    assert refused == 0


def test_a_process_noise_of_low_rank_is_a_covariance_at_every_dt() -> None:
    def noise(x: Any, dt: Any, p: Any) -> Any:
        G = np.array([[dt**2 / 2, 0.1 * dt], [dt, 0.2], [0.3 * dt**2, dt], [0.7, 0.9 * dt]])
        return G @ np.diag([p.a**2, p.b**2]) @ G.T

    motion = fog.Motion(tuple("abcd"), lambda x, dt, p: [0.9 * v for v in x], noise, {"a": 0.37, "b": 1.21})
    model = fog.Model(
        motion, [fog.sensing.linear("s", of="a", std=1.0)], fog.Belief(np.zeros(4), std=np.ones(4))
    )
    steps = 10.0 ** np.random.default_rng(0).uniform(-3, 1, size=200)
    log = fog.Log.from_arrays(np.cumsum(steps), s=np.zeros(200))
    assert np.all(fog.run(model, log, on_bad="flag").status == fog.Status.USED)


def indefinite_when_far() -> tuple[fog.Model, fog.Log]:
    """R is no covariance once the state is beyond 1; S stays one, for P is wide."""
    motion = fog.Motion(("a", "b"), lambda x, dt, p: [x.a + dt * x.b, x.b], lambda x, dt, p: 1e4 * np.eye(2))
    sensor = fog.Sensor("s", ("u", "v"), lambda x, p: [x.a, x.b], lambda x, p: [[1.0, x.a], [x.a, 1.0]])
    model = fog.Model(motion, [sensor], fog.Belief([0.5, 2.0], std=[0.1, 0.1]))
    return model, fog.Log.from_arrays([0.0, 1.0], s=[[0.5, 2.0], [2.0, 2.0]])


@pytest.mark.parametrize("form", ["joseph", "textbook"])
def test_the_teaching_forms_refuse_an_indefinite_measurement_noise_too(form: str) -> None:
    run = fog.run(*indefinite_when_far(), fog.EKF(form=form), on_bad="flag")
    assert run.status[1] == fog.Status.INDEFINITE


def test_a_negative_variance_in_factored_noise_is_refused() -> None:
    motion = fog.Motion(
        ("a", "b"),
        lambda x, dt, p: [x.a - dt, x.b],
        lambda x, dt, p: fog.noise.factored(np.eye(2), [x.a, 1.0]),
    )
    model = fog.Model(
        motion, [fog.sensing.linear("s", of="b", std=1.0)], fog.Belief([1.5, 2.0], std=[0.1, 1])
    )
    run = fog.run(model, fog.Log.regular(np.zeros(6), 1.0), on_bad="flag")
    assert np.all(run.filtered.factor[1] >= 0.0)
    assert np.any(run.status & fog.Status.INDEFINITE)


def test_a_refused_update_leaves_no_innovation() -> None:
    model = plane(lambda x, p: [x.x + x.y], [0.0, 0.0], [1.0, 1.0])
    run = fog.run(model, fog.Log.from_arrays([0.0, 1.0], s=[1.0, np.inf]), on_bad="flag")
    assert np.isnan(run.innovation[1, 0]) and np.isnan(run.gain[1]).all()


def test_numeric_derivatives_know_where_the_circle_closes() -> None:
    def bearing(x: Any, p: Any) -> list[Any]:
        return [np.arctan2(x.y, x.x)]

    log = fog.Log.from_arrays([0.0], s=[3.1])
    exact, numeric = (
        fog.run(plane(f, [-5.0, 1e-7], [1.0, 1.0], ("b",), ("b",)), log)
        for f in (bearing, fog.opaque(bearing))
    )
    np.testing.assert_allclose(numeric.filtered.mean, exact.filtered.mean, rtol=1e-6)


def test_the_reference_path_flags_where_the_compiled_one_does() -> None:
    def noise(x: Any, dt: Any, p: Any) -> list[list[Any]]:
        return [[1.0, x.a], [x.a, 1.0]]

    def statuses(dynamics: Any) -> Any:
        sensor = fog.sensing.linear("s", of=("a", "b"), std=1.0)
        model = fog.Model(
            fog.Motion(("a", "b"), dynamics, noise), [sensor], fog.Belief([0.5, 2.0], std=[1, 1])
        )
        log = fog.Log.regular([[0.5, 0.0], [9.0, 0.0], [9.0, 1.0]], 1.0)
        return fog.run(model, log, on_bad="flag").status.tolist()

    def still(x: Any, dt: Any, p: Any) -> list[Any]:
        return [x.a, x.b]

    assert statuses(fog.opaque(still)) == statuses(still)


def test_a_state_angle_is_reported_inside_the_circle_from_the_first_row() -> None:
    motion = fog.Motion(("h",), lambda x, dt, p: [x.h], lambda x, dt, p: [[0.1]], angles=("h",))
    compass = fog.Sensor("c", ("h",), lambda x, p: [x.h], lambda x, p: [[0.1]], angles=("h",))
    model = fog.Model(motion, [compass], fog.Belief([4.0], std=[0.1]))
    run = fog.run(model, fog.Log.from_arrays([0.0, 1.0], c=[np.nan, 4.0]))
    assert np.all(np.abs(run.filtered.mean) <= np.pi)
