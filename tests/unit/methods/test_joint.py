"""EKF(joint=True): all sensors of a row are linearised at one point."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from laws.check_cases import log_of
from unit.walk import RADAR

Array = NDArray[np.float64]
ANCHORS = [(0.0, 0.0), (30.0, 2.0), (-1.0, 28.0), (33.0, 31.0)]
FORMS = ["factored", "joseph", "textbook"]


# Pseudoranges: the distance to a satellite plus the error of the receiver's clock, both in metres.
SATELLITES = np.array(
    [
        [15600e3, 7540e3, 20140e3],
        [18760e3, 2750e3, 18610e3],
        [17610e3, 14630e3, 13480e3],
        [19170e3, 610e3, 18390e3],
        [-7000e3, 18000e3, 17000e3],
        [12000e3, -16000e3, 17500e3],
    ]
)
STD = 5.0


def satellite(number: int) -> fog.Sensor:
    at = SATELLITES[number]

    def measure(x: Any, p: Any) -> list[Any]:
        return [np.sqrt((x.x - at[0]) ** 2 + (x.y - at[1]) ** 2 + (x.z - at[2]) ** 2) + x.clock]

    return fog.Sensor(f"s{number}", ("range",), measure, lambda x, p: [[STD**2]])


def receiver() -> fog.Model:
    """It starts at the centre of the Earth, as receivers do, with thousands of kilometres of doubt."""
    motion = fog.Motion(
        ("x", "y", "z", "clock"),
        lambda x, dt, p: list(x),
        lambda x, dt, p: np.diag([1.0, 1.0, 1.0, 100.0]) * dt,
    )
    start = fog.Belief([0.0, 0.0, 0.0, 0.0], std=[7e6, 7e6, 7e6, 1e6])
    return fog.Model(motion, [satellite(i) for i in range(6)], start)


def pseudoranges(rng: np.random.Generator) -> tuple[fog.Log, Array]:
    direction = rng.normal(size=3)
    truth = np.append(6371e3 * direction / np.linalg.norm(direction), rng.normal() * 1e5)
    z = np.linalg.norm(SATELLITES - truth[:3], axis=1) + truth[3] + STD * rng.normal(size=6)
    return fog.Log.from_arrays([0.0], **{f"s{i}": [z[i]] for i in range(6)}), truth


def test_six_pseudoranges_from_the_centre_of_the_earth() -> None:
    model, rng = receiver(), np.random.default_rng(4)
    nees, alone = [], []
    for _ in range(60):
        log, truth = pseudoranges(rng)
        belief = fog.run(model, log, method=fog.EKF(iterations=8, joint=True)).belief
        e = belief.mean - truth
        nees.append(e @ np.linalg.solve(belief.cov, e))
        apart = fog.run(model, log, method=fog.EKF(iterations=8)).belief
        alone.append(np.linalg.norm((apart.mean - truth)[:3]) / np.linalg.norm(apart.std[:3]))
    assert np.median(alone) > 1000.0, "one after the other they must fail, or this test shows nothing"
    # Sixty sums of squares of four normal numbers: 240 ± 3 · √480.
    assert 174.0 < np.sum(nees) < 306.0
    assert np.max(nees) < 25.0


def anchors(start: fog.Belief | None) -> fog.Model:
    """A walker among four anchors, one of which also sees a direction."""
    sensors = [fog.sensing.range(f"r{i}", at=at, std=0.1) for i, at in enumerate(ANCHORS)]
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.3)
    return fog.Model(motion, [*sensors, fog.sensing.bearing("camera", std=0.02)], start)


def stacked(start: fog.Belief | None) -> fog.Model:
    """The same with a single sensor."""

    def measure(x: Any, p: Any) -> list[Any]:
        return [*[np.hypot(x.x - a, x.y - b) for a, b in ANCHORS], np.arctan2(x.y, x.x)]

    noise = np.diag([0.01, 0.01, 0.01, 0.01, 0.0004])
    sensor = fog.Sensor("all", ("a", "b", "c", "d", "e"), measure, lambda x, p: noise, angles=("e",))
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.3), [sensor], start)


START = fog.Belief([10.0, 12.0, 1.0, 0.5], cov=np.diag([25.0, 16.0, 1.0, 1.0]) + 0.3)


def walk(model: fog.Model, missing: float = 0.3) -> tuple[fog.Log, fog.Log]:
    """A log with holes, for the sensors of the model and for the single one."""
    log, _ = fog.simulate(model, steps=60, dt=0.5, seed=3, missing=missing)
    return log, fog.Log.from_arrays(log.time, all=log.bind(model))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("iterations", [1, 2, pytest.param(5, marks=pytest.mark.campaign)])
def test_several_sensors_are_one_large_sensor(form: str, iterations: int) -> None:
    log, together = walk(anchors(START))
    found = fog.run(anchors(START), log, method=fog.EKF(iterations=iterations, form=form, joint=True))
    single = fog.run(stacked(START), together, method=fog.EKF(iterations=iterations, form=form))
    np.testing.assert_allclose(found.filtered.mean, single.filtered.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.filtered.cov, single.filtered.cov, rtol=1e-8, atol=1e-10)
    apart = fog.run(anchors(START), log, method=fog.EKF(iterations=iterations, form=form))
    assert np.abs(found.filtered.mean - apart.filtered.mean).max() > 1e-3


def test_an_unknown_start_too() -> None:
    start = fog.Belief([10.0, 12.0, 0.0, 0.0], std=[5.0, 4.0, np.inf, np.inf])
    log, together = walk(anchors(START), missing=0.0)
    found = fog.run(anchors(start), log, method=fog.EKF(iterations=4, joint=True))
    single = fog.run(stacked(start), together, method=fog.EKF(iterations=4))
    np.testing.assert_allclose(found.filtered.mean, single.filtered.mean, rtol=1e-8, atol=1e-8)
    assert not np.isfinite(found.filtered.std[0, 2:]).any() and np.isfinite(found.filtered.std[1]).all()


def test_the_smoother_takes_its_beliefs() -> None:
    log, together = walk(anchors(START))
    found = fog.smooth(fog.run(anchors(START), log, method=fog.EKF(iterations=3, joint=True)))
    single = fog.smooth(fog.run(stacked(START), together, method=fog.EKF(iterations=3)))
    np.testing.assert_allclose(found.mean, single.mean, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.cov, single.cov, rtol=1e-7, atol=1e-10)


def gauss_newton(z: Array, h: Callable[[Array], Array], R: Array, steps: int) -> tuple[Array, Array, float]:
    """The most probable state given z and START, its covariance, and Laplace's log p(z), by central differences."""
    m, P = np.array(START.mean), np.array(START.cov)
    x = m
    for _ in range(steps):
        H = np.array([(h(x + d) - h(x - d)) / 2e-5 for d in 1e-5 * np.eye(len(m))]).T
        e = z - h(x) - H @ (m - x)
        S = H @ P @ H.T + R
        x = m + P @ H.T @ np.linalg.solve(S, e)
    loglik = -0.5 * (e @ np.linalg.solve(S, e) + np.linalg.slogdet(2.0 * np.pi * S)[1])
    return x, P - P @ H.T @ np.linalg.solve(S, H @ P), float(loglik)


def test_it_is_gauss_newton_and_its_likelihood_is_laplaces() -> None:
    def h(x: Array) -> Array:
        return np.array([*[np.hypot(x[0] - a, x[1] - b) for a, b in ANCHORS], np.arctan2(x[1], x[0])])

    z = np.array([14.0, 22.5, 19.3, 29.0, 1.02])
    x, P, loglik = gauss_newton(z, h, np.diag([0.01, 0.01, 0.01, 0.01, 0.0004]), steps=6)
    log = log_of(anchors(START), [0.0], z[None])
    run = fog.run(anchors(START), log, method=fog.EKF(iterations=6, joint=True))
    np.testing.assert_allclose(run.belief.mean, x, rtol=1e-7)
    np.testing.assert_allclose(run.belief.cov, P, rtol=1e-5, atol=1e-9)
    assert run.loglik == pytest.approx(loglik, rel=1e-5)


def test_angles_go_the_short_way_round() -> None:
    """A heading near ±π, and a compass: the point and the prediction lie on either side of the seam."""
    motion = fog.motion.ctrv(accel=0.2, turn_accel=0.05)
    sensors = [
        fog.sensing.range("r", at=(40.0, 3.0), std=0.2),
        fog.sensing.linear("compass", of="heading", std=0.05),
    ]

    def turned(by: float) -> fog.Model:
        cov = np.diag([1.0, 1.0, 0.2, 0.25, 0.01]) + 0.01
        return fog.Model(motion, sensors, fog.Belief([0.0, 0.0, 1.0, by, 0.0], cov=cov))

    runs = [
        fog.run(
            turned(heading),
            fog.Log.from_arrays([0.0], r=[39.0], compass=[heading + 0.3]),
            method=fog.EKF(iterations=3, joint=True),
        )
        for heading in (3.0, 1.0)
    ]
    moved = runs[0].belief.mean - runs[1].belief.mean
    assert moved[3] == pytest.approx(2.0 - 2.0 * np.pi, abs=1e-12)
    np.testing.assert_allclose(np.delete(moved, 3), 0.0, atol=1e-12)


@pytest.mark.parametrize(
    "guards", [{}, {"gate": 0.99}, {"huber": 2.0}, {"gate": 0.999, "huber": {"camera": 1.5}}]
)
def test_a_live_filter_is_the_run_row_by_row(guards: dict[str, Any]) -> None:
    model, method = anchors(START), fog.EKF(iterations=3, joint=True, **guards)
    log, _ = walk(model)
    z = log.bind(model)
    z[20, 1] += 40.0
    run = fog.run(model, log_of(model, log.time, z), method)
    live = fog.online(model, method)
    for k, t in enumerate(log.time):
        belief, info = live.step(t, None, z[k])
        np.testing.assert_array_equal(belief.mean, run.filtered.mean[k])
        assert info.status == run.status[k]
    assert live.loglik == run.loglik
    assert bool(run.status[20] & int(fog.Status.GATED)) == ("gate" in guards)


def test_a_rejected_reading_does_not_move_the_point() -> None:
    model, method = anchors(START), fog.EKF(iterations=3, joint=True, gate=0.999)
    log, _ = walk(model, missing=0.0)
    z = log.bind(model)[:1]
    wild, without = z.copy(), z.copy()
    wild[0, 1], without[0, 1] = 500.0, np.nan
    runs = [fog.run(model, log_of(model, [0.0], v), method) for v in (wild, without)]
    np.testing.assert_array_equal(runs[0].belief.mean, runs[1].belief.mean)
    assert runs[0].status[0] & int(fog.Status.GATED)


def test_a_function_is_not_called_for_a_silent_sensor() -> None:
    """Opaque functions run on floats, and the controls of a silent sensor may be missing."""
    seen: list[float] = []

    def measure(x: Any, p: Any, u: Any) -> list[Any]:
        seen.append(float(u.scale))
        return [u.scale * np.sin(x.a)]

    def noise(x: Any, p: Any, u: Any) -> list[list[float]]:
        seen.append(float(u.scale))
        return [[0.04]]

    motion = fog.Motion(("a", "b"), lambda x, dt, p: [x.a, x.b], lambda x, dt, p: np.diag([0.1, 0.2]) * dt)
    opaque = fog.Sensor("one", ("v",), fog.opaque(measure), fog.opaque(noise), controls=("scale",))
    other = fog.Sensor("two", ("w",), lambda x, p: [x.a * x.b], lambda x, p: [[0.09]])
    model = fog.Model(motion, [opaque, other], fog.Belief([0.5, 0.8], cov=[[0.3, 0.1], [0.1, 0.2]]))
    seen.clear()
    log = fog.Log.from_arrays([0.0, 1.0], one=[0.7, np.nan], two=[0.5, 0.6], u=[1.5, np.nan])
    run = fog.run(model, log, method=fog.EKF(iterations=3, joint=True))
    assert set(seen) == {1.5} and np.isfinite(run.filtered.mean).all()


def test_a_fit_ends_where_the_likelihood_is_highest() -> None:
    """Through the gradient of the joint update."""
    method = fog.EKF(iterations=2, joint=True)
    log, _ = walk(anchors(START), missing=0.0)
    best = fog.tune(anchors(START), log, ["camera.std"], method=method, heldout=False).model
    std = best.parameters["camera.std"]
    at, below, above = (
        fog.run(best.with_parameters({"camera.std": std * factor}), log, method).loglik
        for factor in (1.0, 0.999, 1.001)
    )
    assert max(below, above) < at < max(below, above) + 1e-3
    assert abs(above - below) < 1e-4, "the top is between them"


def test_a_model_file_may_ask_for_it(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    text = RADAR + '[method]\nkind = "ekf"\niterations = 4\njoint = true\n'
    path.write_text(text)
    assert fog.load_model(path).method == fog.EKF(iterations=4, joint=True)
    path.write_text(text.replace("joint = true", 'joint = "yes"'))
    with pytest.raises(fog.ModelError, match="joint = 'yes': expected True or False"):
        fog.load_model(path)


def test_what_cannot_be_linearised_is_named() -> None:
    """The second sensor has no derivative at the point, which is the start."""
    start = fog.Belief([30.0, 2.0, 0.0, 0.0], std=[1.0, 2.0, 1.0, 1.0])
    log = fog.Log.from_arrays([0.0], **{name: [1.0] for name in anchors(start).sensor_names})
    with pytest.raises(
        fog.NumericalError, match=r"the derivative of range with respect to x in r1.measure is nan at row 0"
    ):
        fog.run(anchors(start), log, fog.EKF(joint=True, iterations=2))


def test_it_is_said_in_the_repr_and_refused_elsewhere() -> None:
    assert repr(fog.EKF(iterations=5, joint=True)) == "EKF(iterations=5, joint=True)"
    assert fog.EKF(joint=True) != fog.EKF()
    with pytest.raises(fog.ModelError, match=r"joint = 1: expected True or False"):
        fog.EKF(joint=1)  # type: ignore[arg-type]
    for method in (fog.KF, fog.UKF, fog.CKF):
        with pytest.raises(TypeError):
            method(joint=True)  # type: ignore[call-arg]
