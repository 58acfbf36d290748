"""Process noise of low rank, or none, on whole arrays: as on scalars, with a transition matrix without zeros."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.inference.likelihood import Likelihood
from unit.on_arrays import on_arrays

N = 19  # whole arrays are worked on in vectors of 8
FULL = np.linalg.qr(np.random.default_rng(4).normal(size=(N, N)))[0]
EFFECTS = {
    "none": np.zeros((N, 0)),
    "first": np.eye(N, 1),
    "first two": np.eye(N, 2) + np.eye(N, 2, 1),
    "last": np.eye(N)[:, -1:],
    "more than states": np.hstack([np.eye(N), np.ones((N, 1))]),
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_on_whole_arrays_it_is_that_of_the_textbook(effect: str) -> None:
    """The log-likelihood, from covariances."""
    G = EFFECTS[effect]
    Q = fog.noise.factored(G, np.full(G.shape[1], 0.3))
    rng = np.random.default_rng(1)
    H, z = rng.normal(size=(2, N)), rng.normal(size=(20, 2))
    log = fog.Log.regular(z, dt=1.0)
    start = fog.Belief(np.zeros(N), std=np.ones(N))
    with on_arrays() as kernels:
        whole = fog.run(fog.linear_model(FULL, Q, H, np.eye(2), start=start), log)
    assert kernels and whole.loglik == pytest.approx(textbook(G @ G.T * 0.3, H, z), rel=1e-11)


def textbook(Q: Any, H: Any, z: Any) -> float:
    """The log-likelihood, from a start of N(0, I) at the first row, with R = I."""
    x, P, total = np.zeros(N), np.eye(N), 0.0
    for k, row in enumerate(z):
        if k:
            x, P = FULL @ x, FULL @ P @ FULL.T + Q
        S, e = H @ P @ H.T + np.eye(2), row - H @ x
        K = np.linalg.solve(S, H @ P).T
        total -= 0.5 * (np.linalg.slogdet(2.0 * np.pi * S)[1] + e @ np.linalg.solve(S, e))
        x, P = x + K @ e, P - K @ S @ K.T
    return float(total)


@pytest.mark.campaign
def test_an_unknown_start_without_any_is_least_squares() -> None:
    """z = X x + v with nothing known of x: -½ (T log 2πσ² + log |XᵀX/σ²| + RSS/σ²), and its slope in σ."""
    names, T, std = tuple(f"x{k}" for k in range(N)), 40, 1.1
    h = np.random.default_rng(5).normal(size=N)
    still = fog.Motion(
        names, lambda x, dt, p: FULL @ x, lambda x, dt, p: fog.noise.factored(np.zeros((N, 0)), [])
    )
    gauge = fog.Sensor(
        "gauge", ("z",), lambda x, p: [h @ x], lambda x, p: [[p.std**2]], {"std": fog.param(1.0, low=0.0)}
    )
    z = np.random.default_rng(2).normal(size=T)
    likelihood = Likelihood(fog.Model(still, [gauge], start=None), fog.Log.regular(z[:, None], dt=1.0))
    assert likelihood._gradient is not None and likelihood._gradient.kernel.on_arrays
    found = likelihood.at([std])
    X = np.array([h @ np.linalg.matrix_power(FULL, k) for k in range(T)])
    rest = z - X @ np.linalg.lstsq(X, z)[0]
    logs = T * np.log(2.0 * np.pi * std**2) + np.linalg.slogdet(X.T @ X / std**2)[1]
    assert found.loglik == pytest.approx(-0.5 * (logs + rest @ rest / std**2), rel=1e-9)
    assert found.gradient[0] == pytest.approx(-(T - N) / std + rest @ rest / std**3, rel=1e-8)
