"""The stationary filter against 50-digit arithmetic and the recursion, and systems that have none."""

from typing import Any

import mpmath
import numpy as np
import pytest

import foglight as fog
from foglight.core.errors import ModelError
from foglight.inference.steady_state import steady_state


def exact_predicted_cov(F, Q, H, R):
    """The stabilising solution by structure-preserving doubling in 50 digits (Chu et al. 2004); R invertible."""
    with mpmath.workdps(50):
        F, Q, H, R = (mpmath.matrix(np.asarray(part).tolist()) for part in (F, Q, H, R))
        A, G, P = F.T, H.T * R**-1 * H, Q
        for _ in range(60):
            W = (mpmath.eye(F.rows) + G * P) ** -1
            more = A.T * P * W * A
            A, G, P = A * W * A, G + A * W * G * A.T, P + more
            if max(abs(x) for x in more) <= mpmath.mpf(10) ** -45 * max(abs(x) for x in P):
                break
        return np.array(P.tolist(), dtype=float)


def random_system(n, m, scale, seed):
    rng = np.random.default_rng(seed)
    F = np.eye(n) + 0.2 * np.triu(rng.normal(size=(n, n)), 1) - 0.1 * np.tril(rng.normal(size=(n, n)))
    G, H, L = rng.normal(size=(n, n)), rng.normal(size=(m, n)), rng.normal(size=(m, m))
    return F, G @ G.T * scale, H, L @ L.T


def drifting(density, dt=0.1):
    Q = density * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    return np.array([[1, dt], [0, 1]]), Q, np.array([[1.0, 0.0]]), np.array([[0.25]])


SYSTEMS = [
    *(random_system(n, m, scale, 10 * n + m) for n, m, scale in [(2, 1, 1), (3, 2, 1e-3), (4, 1, 1e-6), (5, 2, 1e3)]),
    *(drifting(density) for density in (1e-12, 1e-6, 1.0, 1e6)),
]  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS, ids=range(len(SYSTEMS)))
def test_torture_15_equals_the_riccati_solution_to_12_digits(system):
    F, Q, H, R = system
    settled = steady_state(F, Q, H, R)
    exact = exact_predicted_cov(F, Q, H, R)
    size = np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    assert np.max(np.abs(settled.predicted_cov - exact) / size) < 1e-12
    S = H @ exact @ H.T + R
    np.testing.assert_allclose(settled.gain, exact @ H.T @ np.linalg.inv(S), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(settled.innovation_cov, S, rtol=1e-11)
    filtered = exact - exact @ H.T @ np.linalg.inv(S) @ H @ exact
    np.testing.assert_allclose(settled.filtered_cov, filtered, rtol=1e-9, atol=1e-11 * np.max(filtered))


def test_the_recursion_converges_to_it():
    F, Q, H, R = random_system(3, 2, 0.1, seed=3)
    P = 50.0 * np.eye(3)
    for _ in range(500):
        K = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
        P = F @ (P - K @ H @ P) @ F.T + Q
    np.testing.assert_allclose(steady_state(F, Q, H, R).predicted_cov, P, rtol=1e-10)


def test_the_golden_ratio():
    settled = steady_state([[1.0]], [[1.0]], [[1.0]], [[1.0]])
    assert settled.predicted_cov[0, 0] == pytest.approx((1 + 5**0.5) / 2, rel=1e-15)


def test_an_unstable_state_settles_if_it_is_measured():
    settled = steady_state([[1.5]], [[0.0]], [[1.0]], [[1.0]])
    assert settled.predicted_cov[0, 0] == pytest.approx(1.25, rel=1e-13)  # P = 1.5² P / (P + 1)


@pytest.mark.parametrize(
    ("system", "field", "words"),
    [
        (([[1, 0], [0, 0.5]], np.eye(2), [[0.0, 1]], [[1.0]]), "H", ["never sees +1·x[0]", "detectable"]),
        (([[1, 0], [0, 1]], np.eye(2), [[2.0, 1]], [[1.0]]), "H", ["never sees", "x[0]", "x[1]"]),
        (([[1, 0.1], [0, 1]], np.zeros((2, 2)), [[1.0, 0]], [[1.0]]), "Q", ["no process noise", "gain goes to 0"]),
        (([[1, 0.1], [0, 1]], np.eye(2), np.eye(2), 1.0), "R", ["R has shape ()", "(2, 2)"]),
        (([[1, 0.1], [0, 1]], np.eye(3), np.eye(2), np.eye(2)), "Q", ["Q has shape (3, 3)", "(2, 2)"]),
        (([[1, 0.1], [0, np.nan]], np.eye(2), np.eye(2), np.eye(2)), "F", ["F[1,1] = nan"]),
        (([[1, 0.1], [0, 1]], [[1, 0], [0, -4.0]], np.eye(2), np.eye(2)), "Q", ["Q[1,1] = -4"]),
        (([[1, 0.1], [0, 1]], [[1, 2.0], [2, 1]], np.eye(2), np.eye(2)), "Q", ["Q"]),
    ],
)  # fmt: skip
def test_where_nothing_settles(system, field, words):
    with pytest.raises(ModelError) as caught:
        steady_state(*system)
    assert caught.value.field == field
    for word in words:
        assert word in str(caught.value)


def test_a_model_has_the_steady_state_of_its_matrices() -> None:
    model = fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.7),
        [fog.sensing.linear("gps", ("x", "y"), 2.0), fog.sensing.linear("wheel", "x_speed", 0.3)],
        start=None,
    )
    dt, q = 0.5, 0.7**2
    F = np.kron([[1.0, dt], [0.0, 1.0]], np.eye(2))
    Q = q * np.kron([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]], np.eye(2))
    H = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    found, expected = fog.steady_state(model, dt=dt), fog.steady_state(F, Q, H, np.diag([4.0, 4.0, 0.09]))
    np.testing.assert_allclose(found.gain, expected.gain, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.filtered_cov, expected.filtered_cov, rtol=1e-12, atol=1e-14)
    run = fog.run(model.with_start(fog.Belief(np.zeros(4), std=np.ones(4))), fog.Log.from_arrays(
        dt * np.arange(400), gps=np.zeros((400, 2)), wheel=np.zeros(400)))  # fmt: skip
    np.testing.assert_allclose(run.filtered.cov[-1], found.filtered_cov, rtol=1e-9)


@pytest.mark.parametrize(
    "call, field, words",
    [
        (lambda: fog.steady_state(walk()), "dt", "dt = None: expected the seconds between rows"),
        (lambda: fog.steady_state(walk(), dt=0.0), "dt", "expected a number of seconds above 0"),
        (lambda: fog.steady_state(walk("range")), "r.measure", "not linear in the state"),
        (
            lambda: fog.steady_state(fog.linear_model(np.ones((3, 1, 1)), 1.0, 1.0, 1.0, start=None)),
            "model",
            "F change row by row",
        ),
    ],
)
def test_a_model_that_does_not_settle_is_refused(call: Any, field: str, words: str) -> None:
    with pytest.raises(fog.ModelError, match=words) as caught:
        call()
    assert caught.value.field == field


def walk(kind: str = "linear") -> fog.Model:
    sensor = (
        fog.sensing.linear("r", "x", 1.0) if kind == "linear" else fog.sensing.range("r", ("x", "y"), std=1.0)
    )
    return fog.Model(fog.motion.random_walk(("x", "y"), std=1.0), [sensor], start=None)
