"""On curved models the smoothers are the textbook's: Taylor's gain, and the gain of sigma points evaluated one by one.

Särkkä & Svensson 2023, ch. 13 and 14, written out with covariances and a solve, on the filtered beliefs of the run.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.kernels.smoother_stage import SMOOTH
from laws import nonlinear
from oracle import plain
from unit.on_arrays import on_arrays

Array = NDArray[np.float64]
YAW = 3


def turned(difference: Array) -> Array:
    """Differences of states (..., 5) with the yaw the short way round."""
    difference = difference.copy()
    difference[..., YAW] = plain.wrap(difference[..., YAW])
    return difference


def taylor(f: Any, x: Array, root: Array) -> tuple[Array, Array, Array]:
    """Mean of f, its covariance without noise, and the cross-covariance of x and f; derivatives by complex steps."""
    P = root @ root.T
    F = np.array([np.imag(f(x + 1e-30j * e)) / 1e-30 for e in np.eye(len(x))]).T
    return f(x), F @ P @ F.T, P @ F.T


def points(f: Any, x: Array, root: Array, beta: float) -> tuple[Array, Array, Array]:
    """The same by the 2n + 1 points of α = 1, κ = 0. They depend on which root of P is taken: the run's, U √D."""
    n = len(x)
    spread = np.sqrt(n) * root.T
    X = np.vstack([x, x + spread, x - spread])
    Y = np.array([f(point) for point in X])
    away = turned(Y - Y[0])
    W = np.array([0.0, *[0.5 / n] * (2 * n)])
    y = Y[0] + W @ away
    away = turned(Y - y)
    centre = W.copy()
    centre[0] = beta  # 1 - α² + β beside no weight of the mean
    return y, (away.T * centre) @ away, ((X - x).T * centre) @ away


MOMENTS = {
    fog.EKF(): taylor,
    fog.EKF(form="joseph"): taylor,
    fog.UKF(): lambda f, x, root: points(f, x, root, 2.0),
    fog.CKF(): lambda f, x, root: points(f, x, root, 0.0),
}


def backwards(run: Any, moments: Any) -> tuple[Array, Array]:
    motion = run.model.motion
    p = SimpleNamespace(**motion.params)
    x, P = run.filtered.mean.copy(), run.filtered.cov.copy()
    U, D = run.filtered.factor
    roots = U * np.sqrt(D)[:, None]
    for k in reversed(range(len(x) - 1)):
        dt = run.log.dt()[k + 1]
        noise = motion.noise(x[k], dt, p)
        Q = (noise.G * noise.variances) @ noise.G.T
        y, S, C = moments(lambda s, dt=dt: np.array(motion.dynamics(s, dt, p)), x[k], roots[k])
        gain = np.linalg.solve(S + Q, C.T).T
        x[k] = x[k] + gain @ turned(x[k + 1] - y)
        P[k] = P[k] + gain @ (P[k + 1] - S - Q) @ gain.T
    return x, P


@pytest.mark.parametrize("method", [method for method in MOMENTS if method.factored], ids=repr)
def test_so_it_is_on_whole_arrays(method: Any) -> None:
    with on_arrays() as names:
        test_a_turning_walker_is_smoothed_as_the_textbook_does(method)
    assert any(name.startswith(SMOOTH) for name in names)


@pytest.mark.parametrize("method", MOMENTS, ids=repr)
def test_a_turning_walker_is_smoothed_as_the_textbook_does(method: Any) -> None:
    seconds, radar, camera = nonlinear.log()
    run = fog.run(nonlinear.walker(), fog.Log.from_arrays(seconds, radar=radar, camera=camera), method=method)
    x, P = backwards(run, MOMENTS[method])
    smoothed = fog.smooth(run)
    assert np.abs(turned(smoothed.mean - x) / smoothed.std).max() <= 1e-9
    scale = smoothed.std[:, :, None] * smoothed.std[:, None, :]
    assert np.abs((smoothed.cov - P) / scale).max() <= 1e-9
    assert np.abs(turned(smoothed.mean - run.filtered.mean) / run.filtered.std).max() > 1.0


def test_one_textbook_is_not_the_other() -> None:
    """The planted defect: points for derivatives, or the other weight of the centre, are seen."""
    seconds, radar, camera = nonlinear.log()
    log = fog.Log.from_arrays(seconds, radar=radar, camera=camera)
    for method, wrong in ((fog.EKF(), fog.CKF()), (fog.UKF(), fog.CKF()), (fog.CKF(), fog.EKF())):
        run = fog.run(nonlinear.walker(), log, method=method)
        x, _ = backwards(run, MOMENTS[wrong])
        assert np.abs(turned(fog.smooth(run).mean - x)).max() > 1e-6
