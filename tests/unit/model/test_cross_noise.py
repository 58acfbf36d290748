"""Correlated process and measurement noise, against the textbook gain K = (P Hᵀ + C) S⁻¹ with full covariances."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog

Array = NDArray[np.float64]
F_RATE = np.array([[0.0, 1.0], [-0.4, -0.3]])  # F = I + dt · F_RATE
Q_RATE = np.array([[0.05, 0.02], [0.02, 0.4]])
C_RATE = np.array([[0.03, -0.01], [0.2, 0.1]])
H = np.array([[1.0, 0.3], [0.2, 1.1]])
R = np.array([[0.5, 0.1], [0.1, 0.9]])
H_OTHER, R_OTHER = np.array([[0.4, -1.0]]), np.array([[0.7]])
START = fog.Belief([1.0, -0.5], cov=[[2.0, 0.4], [0.4, 1.5]])
STEPS = np.array([0.0, 0.1, 0.35, 0.2, 0.15, 0.4, 0.1, 0.3])
METHODS = [fog.KF(), fog.KF(form="joseph"), fog.EKF(iterations=2), fog.UKF(alpha=0.3), fog.CKF()]


def textbook(z: Array, z_other: Array) -> tuple[Array, Array, float]:
    """Means, covariances and log-likelihood, with full covariances. Simon 2006, eqs. 7.12-14."""
    x, P, loglik = np.array(START.mean), np.array(START.cov), 0.0
    means, covs = [], []
    for dt, both, one in zip(STEPS, z, z_other, strict=True):
        C = C_RATE * dt
        if dt > 0.0:
            F = np.eye(2) + dt * F_RATE
            x, P = F @ x, F @ P @ F.T + Q_RATE * dt
        used = ~np.isnan(both)
        if used.any():
            h, c = H[used], C[:, used]
            S = h @ P @ h.T + h @ c + c.T @ h.T + R[np.ix_(used, used)]
            K = (P @ h.T + c) @ np.linalg.inv(S)
            e = both[used] - h @ x
            x, P = x + K @ e, P - K @ S @ K.T
            loglik += -0.5 * (e @ np.linalg.solve(S, e) + np.log(np.linalg.det(2.0 * np.pi * S)))
        if not np.isnan(one):
            S = H_OTHER @ P @ H_OTHER.T + R_OTHER
            K = P @ H_OTHER.T / S
            e = one - H_OTHER @ x
            x, P = x + K @ e, P - K @ S @ K.T
            loglik += float(-0.5 * (e[0] ** 2 / S[0, 0] + np.log(2.0 * np.pi * S[0, 0])))
        means.append(x)
        covs.append(P)
    return np.array(means), np.array(covs), loglik


def model(cross: Any) -> fog.Model:
    """Two sensors; the noise of the first is correlated with the process noise."""
    motion = fog.Motion(
        ("gap", "speed"),
        dynamics=lambda x, dt, p: (np.eye(2) + dt * F_RATE) @ x,
        noise=lambda x, dt, p: p.q * dt * Q_RATE,
        params={"q": fog.param(1.0, low=0.0)},
    )
    pair = fog.Sensor("pair", ("a", "b"), lambda x, p: H @ x, lambda x, p: p.std**2 * R, params={"std": 1.0})
    other = fog.Sensor("other", ("c",), lambda x, p: H_OTHER @ x, lambda x, p: R_OTHER)
    return fog.with_cross_noise(fog.Model(motion, [pair, other], START), "pair", cross)


def readings() -> tuple[Array, Array]:
    rng = np.random.default_rng(11)
    z, z_other = rng.normal(size=(len(STEPS), 2)), rng.normal(size=len(STEPS))
    z[2, 0] = z[5] = z_other[1] = z_other[5] = np.nan
    return z, z_other


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_it_is_the_textbook_gain(method: Any) -> None:
    z, z_other = readings()
    run = fog.run(
        model(lambda x, dt, p: C_RATE * dt),
        fog.Log.from_arrays(np.cumsum(STEPS), pair=z, other=z_other),
        method,
    )
    means, covs, loglik = textbook(z, z_other)
    assert np.abs(run.filtered.mean[:, :2] - means).max() < 1e-12
    assert np.abs(run.filtered.cov[:, :2, :2] - covs).max() < 1e-12
    assert abs(run.loglik - loglik) < 1e-11
    without = fog.run(
        model(np.zeros((2, 2))), fog.Log.from_arrays(np.cumsum(STEPS), pair=z, other=z_other), method
    )
    assert np.abs(without.filtered.mean[-1, :2] - means[-1]).max() > 1e-3


def test_it_works_for_a_linear_model_from_matrices() -> None:
    z, _ = readings()
    F, Q, C = np.eye(2) + 0.2 * F_RATE, Q_RATE * 0.2, C_RATE * 0.2
    linear = fog.with_cross_noise(
        fog.linear_model(F, Q, H, R, start=START, b=[0.1, -0.2], d=[0.3, 0.0]), "sensor", C
    )
    run = fog.run(linear, fog.Log.regular(z, dt=0.2), fog.KF())
    x, P = np.array(START.mean), np.array(START.cov)
    for k, row in enumerate(z):
        c = np.zeros((2, 2))
        if k:
            x, P, c = F @ x + [0.1, -0.2], F @ P @ F.T + Q, C
        used = ~np.isnan(row)
        h, c = H[used], c[:, used]
        S = h @ P @ h.T + h @ c + c.T @ h.T + R[np.ix_(used, used)]
        K = (P @ h.T + c) @ np.linalg.inv(S)
        x, P = x + K @ (row[used] - h @ x - np.array([0.3, 0.0])[used]), P - K @ S @ K.T
        assert np.abs(run.filtered.mean[k, :2] - x).max() < 1e-12
        assert np.abs(run.filtered.cov[k, :2, :2] - P).max() < 1e-12
    assert run.model.state == ("x0", "x1", "x2", "x3")


def test_names_parameters_and_bounds() -> None:
    joint = model(C_RATE)
    assert joint.state == ("gap", "speed", "pair_a_noise", "pair_b_noise")
    assert joint.parameters == {"motion.q": 1.0, "motion.pair_std": 1.0, "pair.std": 1.0}
    assert joint.bounds["motion.q"] == (0.0, np.inf)
    louder = joint.with_parameters({"motion.pair_std": 2.0, "q": 4.0})
    assert np.allclose(fog.simulate(louder, steps=2, dt=0.1, seed=3)[1].shape, (2, 4))


@pytest.mark.parametrize(
    ("make", "field", "message"),
    [
        (lambda: model(np.zeros((2, 3))), "cross", r"cross has shape \(2, 3\): expected \(2, 2\)"),
        (lambda: model(lambda x, dt, p: [[1.0, 0.0]]), "cross", r"cross returned shape \(1, 2\): expected \(2, 2\)"),
        (
            lambda: fog.with_cross_noise(model(C_RATE), "radar", C_RATE),
            "sensor",
            "sensor = 'radar': expected one of pair",
        ),
        (lambda: model(5.0 * np.ones((2, 2))), "motion.noise", "no covariance|negative|indefinite"),
        (
            lambda: fog.with_cross_noise(
                fog.linear_model(np.ones((3, 1, 1)), 1.0, 1.0, 1.0, start=None), "sensor", [[0.1]]
            ),
            "model",
            "F change row by row: expected constant matrices",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make: Callable[[], Any], field: str, message: str) -> None:
    with pytest.raises(fog.ModelError) as refused:
        make()
    assert refused.value.field == field and re.search(message, str(refused.value)), str(refused.value)


def test_opaque_functions_are_refused() -> None:
    motion = fog.Motion(("gap",), fog.opaque(lambda x, dt, p: [x.gap]), lambda x, dt, p: [[dt]])
    blind = fog.Model(motion, [fog.sensing.linear("radar", of="gap", std=1.0)], fog.Belief([0.0], std=[1.0]))
    with pytest.raises(fog.ModelError, match="declared opaque"):
        fog.with_cross_noise(blind, "radar", [[0.1]])


def gauge(motion_param: str = "q", state: tuple[str, ...] = ("h",), **parts: Any) -> fog.Model:
    """One state, whose process noise is a parameter of this name, and a gauge with a parameter std."""
    motion = fog.Motion(
        state,
        lambda x, dt, p: list(x),
        lambda x, dt, p: np.diag([p[0] ** 2 * dt] * len(state)),
        params={motion_param: 2.0},
    )
    sensor = fog.Sensor(
        "gauge", ("h",), lambda x, p: [x.h], lambda x, p: [[p.std**2]], params={"std": 0.5}, **parts
    )
    return fog.Model(motion, [sensor], fog.Belief([10.0] * len(state), std=[2.0] * len(state)))


def test_a_parameter_or_state_of_the_motion_is_not_overwritten() -> None:
    with pytest.raises(
        fog.ModelError, match="adds a parameter of that name to the motion, which has one"
    ) as refused:
        fog.with_cross_noise(gauge("gauge_std"), "gauge", [[0.0]])
    assert (refused.value.field, refused.value.index) == ("motion.params", "gauge_std")
    with pytest.raises(
        fog.ModelError, match="adds a state of that name to the motion, which has one"
    ) as refused:
        fog.with_cross_noise(gauge(state=("h", "gauge_h_noise")), "gauge", [[0.0], [0.0]])
    assert (refused.value.field, refused.value.index) == ("motion.state", "gauge_h_noise")
    twice = fog.with_cross_noise(gauge(), "gauge", [[0.1]])
    with pytest.raises(fog.ModelError, match=r"adds a parameter of that name|adds a state of that name"):
        fog.with_cross_noise(twice, "gauge", [[0.1], [0.0]])


def test_noise_that_depends_on_a_control_is_refused() -> None:
    sensor = fog.Sensor(
        "gauge", ("h",), lambda x, p, u: [x.h], lambda x, p, u: [[u.accuracy**2]], controls=("accuracy",)
    )
    model = fog.Model(fog.motion.random_walk("h", std=1.0), [sensor], fog.Belief(10.0, std=2.0))
    with pytest.raises(fog.ModelError, match=r"gauge.noise depends on its controls \(accuracy\)"):
        fog.with_cross_noise(model, "gauge", [[0.1]])


def test_without_correlation_nothing_changes() -> None:
    """Parameters of one name in two parts stay apart, and each keeps its value."""
    plain = gauge("std")
    none = fog.with_cross_noise(plain, "gauge", [[0.0]])
    assert none.parameters == {"motion.std": 2.0, "motion.gauge_std": 0.5, "gauge.std": 0.5}
    log, _ = fog.simulate(plain, 50, 0.1, seed=1)
    run, other = fog.run(plain, log), fog.run(none, log)
    assert other.loglik == pytest.approx(run.loglik, rel=1e-12)
    np.testing.assert_allclose(other.filtered.mean[:, 0], run.filtered.mean[:, 0], rtol=1e-12)


NUMBERS = {  # each function of a part of one state or one measure may return a plain number
    "dynamics": (
        lambda x, dt, p: 0.9 * x.h,
        lambda x, dt, p: [[p.q * dt]],
        lambda x, p: [x.h],
        lambda x, p: [[p.r]],
    ),
    "noise": (
        lambda x, dt, p: [0.9 * x.h],
        lambda x, dt, p: p.q * dt,
        lambda x, p: [x.h],
        lambda x, p: [[p.r]],
    ),
    "measure": (
        lambda x, dt, p: [0.9 * x.h],
        lambda x, dt, p: [[p.q * dt]],
        lambda x, p: x.h,
        lambda x, p: [[p.r]],
    ),
    "sensor noise": (
        lambda x, dt, p: [0.9 * x.h],
        lambda x, dt, p: [[p.q * dt]],
        lambda x, p: x.h,
        lambda x, p: p.r,
    ),
    "all": (lambda x, dt, p: 0.9 * x.h, lambda x, dt, p: p.q * dt, lambda x, p: x.h, lambda x, p: p.r),
}


@pytest.mark.parametrize("functions", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("cross", [0.06, [[0.06]], lambda x, dt, p: 0.06, lambda x, dt, p: [[0.06]]])
def test_functions_may_return_one_number(functions: tuple[Any, ...], cross: Any) -> None:
    dynamics, noise, measure, sensor_noise = functions
    motion = fog.Motion(("h",), dynamics, noise, params={"q": 2.0})
    sensor = fog.Sensor("gauge", ("h",), measure, sensor_noise, params={"r": 0.5})
    joint = fog.with_cross_noise(fog.Model(motion, [sensor], fog.Belief(10.0, std=2.0)), "gauge", cross)
    z, x, P = np.array([9.0, 11.0, 8.5]), 10.0, 4.0
    run = fog.run(joint, fog.Log.regular(z, dt=0.1))
    for k, reading in enumerate(z):
        C = 0.06 if k else 0.0
        x, P = (0.9 * x, 0.81 * P + 0.2) if k else (x, P)
        S, K = P + 2.0 * C + 0.5, (P + C) / (P + 2.0 * C + 0.5)
        x, P = x + K * (reading - x), P - K * S * K
        assert run.filtered.mean[k, 0] == pytest.approx(x, rel=1e-12)
        assert run.filtered.cov[k, 0, 0] == pytest.approx(P, rel=1e-12)


def test_angles_controls_and_shared_parameters_survive() -> None:
    """The sensor reads a control, an angle, and a parameter that it shares with another."""
    std = fog.shared("both.std", 0.2, low=0.01)
    motion = fog.Motion(
        ("heading",), lambda x, dt, p: [x.heading], lambda x, dt, p: [[0.04 * dt]], angles=("heading",)
    )
    trimmed = fog.Sensor(
        "trimmed",
        ("heading",),
        lambda x, p, u: [x.heading + u.trim],
        lambda x, p, u: [[p.std**2]],
        params={"std": std},
        angles=("heading",),
        controls=("trim",),
    )
    plain = fog.sensing.linear("plain", of="heading", std=std)
    model = fog.Model(motion, [trimmed, plain], fog.Belief(3.1, std=0.1))
    joint = fog.with_cross_noise(model, "trimmed", [[0.0]])
    assert joint.parameters == {"both.std": 0.2} and joint.bounds == {"both.std": (0.01, np.inf)}
    assert joint.controls == ("trim",) and [s.angles for s in joint.sensors] == [("heading",), ("heading",)]
    log, _ = fog.simulate(model, 200, 0.1, seed=3, u=0.3 * np.sin(np.arange(200)))
    assert np.ptp(log["plain.heading"]) > 6.0, "the log must cross the seam"
    assert fog.run(joint, log).loglik == pytest.approx(fog.run(model, log).loglik, rel=1e-11)
