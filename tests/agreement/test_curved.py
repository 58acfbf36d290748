"""Curved models against what is known about them: exact moments, the most probable state, an optimiser."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import foglight as fog
from oracle import plain

MEAN = np.array([1.5, 0.7])
COV = np.array([[0.4, 0.1], [0.1, 0.3]])


def one_update(method: Any, z: Any) -> Any:
    """One range and bearing reading of a point, nothing moving."""
    motion = fog.Motion(("px", "py"), lambda x, dt, p: [x.px, x.py], lambda x, dt, p: np.zeros((2, 2)))
    radar = fog.Sensor(
        "radar",
        ("range", "bearing"),
        lambda x, p: [np.hypot(x.px, x.py), np.arctan2(x.py, x.px)],
        lambda x, p: NOISE,
        angles=("bearing",),
    )
    model = fog.Model(motion, [radar], start=fog.Belief(MEAN, cov=COV))
    return fog.run(model, fog.Log.from_arrays([0.0], radar=[z]), method=method)


NOISE = np.array([[0.02, 0.002], [0.002, 0.01]])


def polar(x: Any) -> Any:
    return np.array([np.hypot(x[0], x[1]), np.arctan2(x[1], x[0])])


def test_iterated_update_finds_the_most_probable_state() -> None:
    """The iterated EKF is Gauss-Newton on the posterior (Bell and Cathey 1993); ten steps are enough here."""
    z = np.array([2.4, 0.1])

    def surprise(x: Any) -> float:
        e, d = z - polar(x), x - MEAN
        return float(e @ np.linalg.solve(NOISE, e) + d @ np.linalg.solve(COV, d))

    best = minimize(
        surprise, MEAN, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 2000}
    )
    errors = [
        np.abs(one_update(fog.EKF(iterations=k), z).filtered.mean[0] - best.x).max() for k in (1, 2, 3, 10)
    ]
    assert errors[0] > 0.05 > 1e-3 > errors[2]
    assert errors[3] < 1e-6


def test_extended_update_is_the_linear_one_at_the_mean() -> None:
    z = np.array([2.4, 0.1])
    r = np.hypot(*MEAN)
    H = np.array([[MEAN[0] / r, MEAN[1] / r], [-MEAN[1] / r**2, MEAN[0] / r**2]])
    run = one_update(fog.EKF(), z)
    x, P, S, loglik = plain.update(MEAN, COV, z - polar(MEAN), H, NOISE)
    assert run.filtered.mean[0] == pytest.approx(x, abs=1e-14)
    assert run.filtered.cov[0] == pytest.approx(P, abs=1e-14)
    assert run.innovation_cov[0] == pytest.approx(S, abs=1e-14)
    assert run.loglik == pytest.approx(loglik, abs=1e-13)


@pytest.mark.parametrize(
    "alpha, beta, kappa", [(1.0, 2.0, 0.0), (0.3, 2.0, 0.0), (1.0, 2.0, 1.0), (1.0, 0.0, 0.0)]
)
def test_sigma_point_update_is_the_textbook_one(alpha: float, beta: float, kappa: float) -> None:
    """Point by point with the large negative weights of the textbook: another route to the same moments."""
    z = np.array([2.4, 0.1])
    method = fog.UKF(alpha=alpha, beta=beta, kappa=kappa)
    run = one_update(method, z)
    expected, S, cross = plain.unscented(polar, MEAN, COV, np.array([False, True]), alpha, beta, kappa)
    S = S + NOISE
    gain = np.linalg.solve(S, cross.T).T
    assert run.innovation[0] == pytest.approx(z - expected, abs=1e-12)
    assert run.innovation_cov[0] == pytest.approx(S, abs=1e-12)
    assert run.filtered.mean[0] == pytest.approx(MEAN + gain @ (z - expected), abs=1e-12)
    assert run.filtered.cov[0] == pytest.approx(COV - gain @ cross.T, abs=1e-12)
    if beta == 0.0:
        same = one_update(fog.CKF(), z)
        assert run.filtered.mean.tobytes() == same.filtered.mean.tobytes()
        assert run.filtered.cov.tobytes() == same.filtered.cov.tobytes()


def moved(dynamics: Any, mean: Any, cov: Any, method: Any) -> Any:
    """The belief after one motion without noise."""
    n = len(mean)
    motion = fog.Motion(tuple("abc"[:n]), dynamics, lambda x, dt, p: np.zeros((n, n)))
    sensor = fog.Sensor("first", ("value",), lambda x, p: [x[0]], lambda x, p: [[1.0]])
    model = fog.Model(motion, [sensor], start=fog.Belief(mean, cov=cov))
    run = fog.run(model, fog.Log.from_arrays([0.0, 1.0], first=[np.nan, np.nan]), method=method)
    return run.predicted.mean[1], run.predicted.cov[1]


@pytest.mark.parametrize("alpha", [1.0, 0.1, 1e-3])
def test_unscented_moments_of_a_square_are_exact(alpha: float) -> None:
    """x ~ N(m, P): x^2 has mean m^2 + P and variance 4 m^2 P + 2 P^2, at any alpha with beta = 2."""
    m, P = 1.3, 0.37
    mean, cov = moved(lambda x, dt, p: [x.a * x.a], [m], [[P]], fog.UKF(alpha=alpha))
    assert mean[0] == pytest.approx(m**2 + P, rel=1e-14)
    assert cov[0, 0] == pytest.approx(4 * m**2 * P + 2 * P**2, rel=1e-14)


def test_unscented_mean_of_products_is_exact() -> None:
    """Second degree in three correlated states; the first Taylor term leaves the trace out."""
    rng = np.random.default_rng(91)
    A = rng.standard_normal((3, 3))
    m, P = np.array([0.4, -1.1, 0.8]), A @ A.T
    expected = [m[0] * m[1] + P[0, 1], m[1] * m[2] + P[1, 2], m[0] ** 2 - m[2] ** 2 + P[0, 0] - P[2, 2]]

    def products(x: Any, dt: Any, p: Any) -> Any:
        return [x.a * x.b, x.b * x.c, x.a**2 - x.c**2]

    for method in (fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()):
        assert moved(products, m, P, method)[0] == pytest.approx(expected, rel=1e-12)
    first_order = moved(products, m, P, fog.EKF())[0]
    assert first_order == pytest.approx([m[0] * m[1], m[1] * m[2], m[0] ** 2 - m[2] ** 2], rel=1e-14)


def test_polar_to_cartesian() -> None:
    """Julier and Uhlmann 1997: the true mean is 0.9663 up, the linearised one 1; sigma points are close."""
    mean, cov = np.array([1.0, np.pi / 2]), np.diag([0.02**2, np.radians(15) ** 2])

    def cartesian(x: Any, dt: Any, p: Any) -> Any:
        return [x.a * np.cos(x.b), x.a * np.sin(x.b)]

    true_mean, true_var = 0.9663110876322262, [0.06407444174544179, 0.002568440173582265]
    linear_mean, linear_cov = moved(cartesian, mean, cov, fog.EKF())
    assert linear_mean == pytest.approx([0.0, 1.0], abs=1e-15)
    assert np.diag(linear_cov) == pytest.approx([0.06853891945200942, 0.0004], rel=1e-12)
    points_mean, points_cov = moved(cartesian, mean, cov, fog.UKF())
    assert abs(points_mean[1] - true_mean) < 0.02 * abs(linear_mean[1] - true_mean)
    expected, spread, _ = plain.unscented(
        lambda s: np.array(cartesian_of(s)), mean, cov, np.array([False, False])
    )
    assert points_mean == pytest.approx(expected, abs=1e-14)
    assert points_cov == pytest.approx(spread, abs=1e-14)
    assert abs(points_cov[0, 0] - true_var[0]) < abs(linear_cov[0, 0] - true_var[0])
    assert abs(points_cov[1, 1] - true_var[1]) < abs(linear_cov[1, 1] - true_var[1])


def cartesian_of(s: Any) -> list[float]:
    return [s[0] * np.cos(s[1]), s[0] * np.sin(s[1])]
