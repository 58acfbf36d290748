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
