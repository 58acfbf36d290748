"""What a smoother states is exact: through every door, in every method and form; and it keeps the laws of a filter."""

from contextlib import nullcontext
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.compiler.kernels.smoother_stage import DRAW, LAG_ONE, SMOOTH
from foglight.inference.sample import trajectories
from oracle import models, plain
from oracle.metrics import within
from unit.on_arrays import on_arrays

from . import linear_cases, nonlinear, units
from .exactness import whitened
from .linear_cases import (
    AT_POINTS,
    DISTINCT,
    DT,
    FEATURES,
    READINGS,
    Feature,
    exact,
    stamped_log,
    stamped_model,
)
from .units import differing, linear_run, mixed, scaled

Array = NDArray[np.float64]
SMOOTHED = ("smoothed_mean", "smoothed_cov", "lag_one")
METHODS = {
    "rows": DISTINCT,
    "sensors and stamps": [fog.KF(), fog.UKF(alpha=1e-3)],
    "floats": [fog.KF(), fog.CKF()],
    "opaque": AT_POINTS[:1],
    "slopes": [fog.EKF(iterations=3)],
    "controls": [fog.UKF()],
}
EVERY = [pytest.param(f, m, id=f"{f}-{m!r}") for f in FEATURES for m in METHODS.get(f.name, [])]
SOME = [fog.KF(), fog.EKF(iterations=3, form="textbook"), fog.UKF(alpha=1e-3), fog.CKF()]


def smoothed_of(run: Any) -> dict[str, Array]:
    found = fog.smooth(run)
    return {"smoothed_mean": found.mean, "smoothed_cov": found.cov, "lag_one": found.lag_one_cov}


@pytest.mark.parametrize("feature, method", EVERY)
def test_what_is_smoothed_is_exact(feature: Feature, method: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dense conditioning on all readings at once: means, covariances, and those of neighbouring rows."""
    assert_smoothed_exactly(feature, method, monkeypatch)


def assert_smoothed_exactly(feature: Feature, method: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_cases, "of_run", smoothed_of)
    monkeypatch.setattr(linear_cases, "SAID", SMOOTHED)
    stated = {name: values[0] for name, values in feature.door(method, feature.truth.z[None]).items()}
    answer, asked = exact(feature.name), 1e-8 if feature.name == "slopes" else 1e-11
    P = answer.smoothed_cov
    within("mean", whitened(P, stated["smoothed_mean"] - answer.smoothed_mean), asked)
    within("cov", whitened(P, stated["smoothed_cov"] - P), asked)
    assert np.isnan(stated["lag_one"][0]).all()
    within("lag one", across(P, stated["lag_one"][1:] - answer.lag_one[1:]), asked)


def across(P: Array, blocks: Array) -> Array:
    """||L_k^-1 C_k L_k-1^-T||_F of blocks (T - 1, n, n) between neighbouring rows."""
    L = np.linalg.cholesky(P)
    half = np.linalg.solve(L[1:], blocks)
    return np.asarray(np.linalg.norm(np.linalg.solve(L[:-1], half.swapaxes(1, 2)), axis=(1, 2)))


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
@pytest.mark.parametrize("name", ["rows", "controls"])
def test_so_it_is_on_whole_arrays(name: str, method: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with on_arrays() as names:
        assert_smoothed_exactly(next(f for f in FEATURES if f.name == name), method, monkeypatch)
    assert any(name.startswith((SMOOTH, LAG_ONE)) for name in names)


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
def test_draws_have_the_covariance_of_the_whole_trajectory(
    method: Any, arrays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draw is affine in its normals: the sum over unit vectors is the covariance of all rows, exactly."""
    case = models.full(91, n=3, m=2, steps=7, missing=0.3, varying=True)
    monkeypatch.setattr(units, "KERNELS", {})
    with on_arrays() if arrays else nullcontext([]) as names:
        run = linear_run(case, method)
        rows, n = run.filtered.mean.shape
        smoothed = fog.smooth(run)
        drawn = trajectories(run, np.eye(rows * n).reshape(rows * n, 1, rows, n))[:, 0]
    assert any(name.startswith(DRAW) for name in names) == arrays
    away = (drawn - smoothed.mean).reshape(rows * n, rows * n)
    joint = (away.T @ away).reshape(rows, n, rows, n).swapaxes(1, 2)
    k = np.arange(rows)
    within("cov", whitened(smoothed.cov, joint[k, k] - smoothed.cov), 1e-11)
    within("lag one", across(smoothed.cov, joint[k[1:], k[:-1]] - smoothed.lag_one_cov[1:]), 1e-11)
    # Rows further apart, from the reference: the covariance of x_k and x_j is a product of gains.
    gains = [smoothed.lag_one_cov[i + 1].T @ np.linalg.inv(smoothed.cov[i + 1]) for i in range(rows - 1)]
    far = np.linalg.multi_dot([*gains, smoothed.cov[-1]])
    assert np.abs(joint[0, -1] - far).max() <= 1e-11


@pytest.mark.parametrize("method", [fog.KF(), fog.KF(form="textbook"), fog.UKF(), fog.CKF()], ids=repr)
def test_draws_without_chance_are_the_smoothed_means(method: Any) -> None:
    case = models.full(92, n=3, m=2, steps=9, missing=0.3, varying=True)
    run = linear_run(case, method)
    paths = trajectories(run, np.zeros((2, 1, 9, 3)))
    assert differing(np.array([fog.smooth(run).mean] * 2), paths[:, 0]) == 0


@pytest.mark.parametrize("method", SOME, ids=repr)
def test_smoothing_never_widens(method: Any) -> None:
    """McReynolds: the filtered covariance less the smoothed one is that of their difference, hence a covariance."""
    run = fog.run(stamped_model(), stamped_log(READINGS), method=method)
    smoothed = fog.smooth(run)
    gap = run.filtered.cov - smoothed.cov
    L = np.linalg.cholesky(run.filtered.cov)
    sizes = np.linalg.eigvalsh(np.linalg.solve(L, np.linalg.solve(L, gap).swapaxes(1, 2)))
    within("below 0", -np.minimum(sizes, 0.0), 1e-12)
    assert sizes[:-1].max() > 0.1 and (smoothed.std <= run.filtered.std * (1 + 1e-12)).all()


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
def test_the_last_row_is_the_filters_and_equal_stamps_are_one(method: Any) -> None:
    run = fog.run(stamped_model(), stamped_log(READINGS), method=method)
    smoothed = fog.smooth(run)
    assert differing(run.filtered.mean[-1], smoothed.mean[-1]) == 0
    assert differing(run.filtered.cov[-1], smoothed.cov[-1]) == 0
    (same,) = np.flatnonzero(DT[1:] == 0.0) + 1
    assert differing(smoothed.mean[same], smoothed.mean[same - 1]) == 0
    assert differing(smoothed.cov[same], smoothed.cov[same - 1]) == 0
    assert differing(smoothed.cov[same], smoothed.lag_one_cov[same]) == 0


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF(alpha=1e-3)], ids=repr)
def test_permuting_states_permutes_what_is_smoothed(method: Any) -> None:
    case = models.full(31, n=3, m=2, steps=15, missing=0.2, varying=True)
    one = fog.smooth(linear_run(case, method))
    for order in permutations(range(3)):
        T = np.eye(3)[list(order)]
        other = fog.smooth(linear_run(mixed(case, T), method))
        within("mean", whitened(one.cov, other.mean @ T - one.mean), 1e-11)
        within("cov", whitened(one.cov, T.T @ other.cov @ T - one.cov), 1e-11)
        within("lag", across(one.cov, T.T @ other.lag_one_cov[1:] @ T - one.lag_one_cov[1:]), 1e-11)


@pytest.mark.parametrize("method", SOME, ids=repr)
def test_powers_of_two_scale_what_is_smoothed_exactly(method: Any) -> None:
    case = models.full(41, n=3, m=2, steps=10, missing=0.25, varying=True)
    states, measurements = (12, -40, 7), (-30, 5)
    s = 2.0 ** np.array(states)
    run, other_run = linear_run(case, method), linear_run(scaled(case, states, measurements), method)
    one, other = fog.smooth(run), fog.smooth(other_run)
    xi = np.random.default_rng(6).standard_normal((3, 1, 10, 3))
    pairs = {
        "mean": (s * one.mean, other.mean),
        "cov": (s[:, None] * one.cov * s, other.cov),
        "lag": (s[:, None] * one.lag_one_cov * s, other.lag_one_cov),
        "U": (s[:, None] * one.factor[0] / s, other.factor[0]),
        "D": (s * one.factor[1] * s, other.factor[1]),
        "draws": (s * trajectories(run, xi), trajectories(other_run, xi)),
    }
    assert {name: differing(*pair) for name, pair in pairs.items()} == dict.fromkeys(pairs, 0)


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_the_seam_of_an_angle_is_nowhere_backwards(method: Any) -> None:
    """A yaw that passes pi, and the same walk with the map turned half round, where it does not."""
    seconds, radar, camera = nonlinear.log()
    radar[16:22], camera[16:22] = np.nan, np.nan
    turn = nonlinear.TURN
    turned_radar = np.column_stack([radar[:, 0], (radar[:, 1] + 2 * np.pi) % (2 * np.pi) - np.pi])
    turned_camera = np.column_stack([camera[:, 0] + np.pi, camera[:, 1]])
    runs = [
        fog.run(
            nonlinear.walker(turned=turned), fog.Log.from_arrays(seconds, radar=r, camera=c), method=method
        )
        for turned, r, c in ((False, radar, camera), (True, turned_radar, turned_camera))
    ]
    one, other = map(fog.smooth, runs)
    difference = other.mean @ turn - one.mean
    difference[:, 3] = plain.wrap(difference[:, 3] - np.pi)
    assert np.abs(difference).max() <= 1e-9
    assert np.abs(turn @ other.cov @ turn - one.cov).max() <= 1e-9
    assert one.mean[:, 3].min() < -2.5 and one.mean[:, 3].max() > 2.5
    draws = trajectories(runs[0], np.random.default_rng(5).standard_normal((4, 1, 30, 5)))
    for smoothed in (one, other):
        steps = plain.wrap(np.diff(smoothed.mean[:, 3]))
        assert np.abs(steps).max() < 0.6, "no step goes the long way round"
    for yaw in (one.mean[:, 3], other.mean[:, 3], draws[..., 3]):
        assert (-np.pi <= yaw).all() and (yaw < np.pi).all()
