"""Student-t weights: against full matrices, the density of the t distribution, and dense smoothing."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_t

import foglight as fog
from oracle import dense, models

from .guarded import METHODS, USED, level_run, linear, same_belief
from .linear_cases import READINGS
from .units import linear_run


@pytest.mark.parametrize("dof", [1.0, 4.0, 30.0])
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_the_weight_of_a_reading_is_that_of_a_t_distribution(method: Any, dof: float) -> None:
    """x + w K e, P - w K S Kᵀ with w = (ν + m)/(ν + NIS); the likelihood is the t density. In full matrices."""
    case = models.full(77, n=3, m=2, steps=1)
    for shift in (np.array([[40.0, -25.0]]), np.array([[3.0, 2.0]]), np.array([[1e8, 0.0]])):
        far = models.Linear(**{**vars(case), "z": case.z + shift})
        run = linear_run(far, method.with_guards(student=dof))
        S = case.H @ case.cov @ case.H.T + case.R
        K = case.cov @ case.H.T @ np.linalg.inv(S)
        e = far.z[0] - case.H @ case.mean - case.d
        nis = e @ np.linalg.solve(S, e)
        w = min(1.0, (dof + 2.0) / (dof + nis))
        np.testing.assert_allclose(run.filtered.mean[0], case.mean + w * K @ e, rtol=1e-10)
        np.testing.assert_allclose(run.filtered.cov[0], case.cov - w * K @ S @ K.T, rtol=1e-10)
        np.testing.assert_allclose(run.innovation[0], e, rtol=1e-12)
        np.testing.assert_allclose(run.innovation_cov[0], S, rtol=1e-12)
        np.testing.assert_allclose(run.gain[0], w * K, rtol=1e-10)
        assert run.nis[0] == pytest.approx(nis, rel=1e-12) and run.status[0] == USED
        expected = multivariate_t.logpdf(e, shape=S, df=dof)
        assert run.row_loglik[0] == pytest.approx(expected, rel=1e-11)


def test_a_reading_farther_off_pulls_less() -> None:
    """The pull is greatest near √ν standard deviations, and falls with the distance from there, to nothing."""

    def pull(size: float) -> float:
        return float(level_run(fog.KF(student=4), [0.0], [0.5 + size]).filtered.mean[0, 0]) - 0.5

    deviation = math.sqrt(5.0)
    pulls = [pull(size * deviation) for size in (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 1e2, 1e4, 1e8, 1e100)]
    assert pulls == pytest.approx([
        0.8 * deviation * r * min(1.0, 5.0 / (4.0 + r * r)) for r in (0.5, 1, 1.5, 2, 3, 5, 10, 1e2, 1e4, 1e8, 1e100)
    ], rel=1e-12)  # fmt: skip
    assert pulls[:4] == sorted(pulls[:4]) and pulls[3:] == sorted(pulls[3:], reverse=True)
    assert pulls[-1] < 1e-99


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_readings_that_fit_are_as_without_weights(method: Any) -> None:
    """To the bit: all within NIS = m."""
    case = models.full(5, n=4, m=2, steps=12, varying=True)
    z = case.z.copy()
    for k in range(12):  # each reading is moved to where it is expected, from the first on
        expected = linear_run(models.Linear(**{**vars(case), "z": z}), method)
        z[k] -= 0.99 * expected.innovation[k]
    case = models.Linear(**{**vars(case), "z": z})
    one, other = linear_run(case, method), linear_run(case, method.with_guards(student=4))
    assert one.nis.max() <= 2.0
    same_belief(one, other)


def test_many_degrees_of_freedom_are_a_gaussian() -> None:
    one, other = linear(fog.KF(), READINGS), linear(fog.KF(student=1e13), READINGS)
    np.testing.assert_allclose(other.filtered.mean, one.filtered.mean, rtol=1e-10)
    assert other.loglik == pytest.approx(one.loglik, rel=1e-10)


@pytest.mark.parametrize("bound", [{"huber": 1.2}, {"student": 4.0}], ids=["huber", "student"])
def test_smoothing_takes_the_noise_that_the_filter_took(bound: dict[str, Any]) -> None:
    """Smoothed as a plain log whose noise is that of each reading, R + (1/w - 1) S, from the reported gain."""
    case = models.full(12, n=4, m=2, steps=14, varying=True)
    case.z[[3, 7, 12]] += np.array([[30.0, -10.0], [-8.0, 5.0], [0.0, 60.0]])
    run = linear_run(case, fog.KF(**bound))
    R = np.empty(case.R.shape)
    for k, (P, H) in enumerate(zip(run.predicted.cov, case.H, strict=True)):
        R[k] = np.linalg.lstsq(run.gain[k], P @ H.T, rcond=None)[0] - H @ P @ H.T
    assert (np.trace(R, axis1=1, axis2=2) > 2.0 * np.trace(case.R, axis1=1, axis2=2)).sum() >= 3
    expected = dense.condition(
        case.F, case.Q, case.H, 0.5 * (R + R.transpose(0, 2, 1)), case.mean, case.cov, case.z, b=case.b, d=case.d,
        digits=30,
    )  # fmt: skip
    smoothed = fog.smooth(run)
    np.testing.assert_allclose(smoothed.mean, expected.smoothed_mean.astype(float), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(smoothed.cov, expected.smoothed_cov.astype(float), rtol=1e-9, atol=1e-9)
