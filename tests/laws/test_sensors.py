"""Measurements of one moment: in what order they are taken, and how many at once, is all the same in a linear model.

So are the methods: one by one, all at once, in every form and at every spread of sigma points.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from oracle import models
from oracle.metrics import within

from .exactness import whitened
from .linear_cases import DISTINCT, DT, READINGS, STAMPS, stamped_log, stamped_model, transition

Array = NDArray[np.float64]
RNG = np.random.default_rng(51)
ALPHAS = [1.0, 0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-6]
SPREADS = [*[fog.UKF(alpha=alpha) for alpha in ALPHAS], fog.UKF(beta=3.0, kappa=1.0), fog.CKF()]
H = RNG.standard_normal((4, 4))
NOISES = {"left": models.covariance(RNG, 2), "middle": np.array([[0.7]]), "right": np.array([[1.9]])}
PLACES = {"left": [0, 1], "middle": [2], "right": [3]}
START = fog.Belief(RNG.standard_normal(4), cov=models.covariance(RNG, 4))
Z = 2 * RNG.standard_normal((len(DT), 4))
Z[1, 0] = Z[2, :2] = Z[3, 2] = Z[5, 1:] = np.nan
MOTION = stamped_model().motion


def sensor(name: str, rows: Array, noise: Array) -> fog.Sensor:
    return fog.Sensor(
        name, tuple(f"{name}{i}" for i in range(len(rows))), lambda x, p: rows @ x, lambda x, p: noise
    )


def run_of(sensors: list[fog.Sensor], z: dict[str, Array], method: Any) -> Any:
    log = fog.Log(STAMPS.copy(), {name: values.copy() for name, values in z.items()})
    return fog.run(fog.Model(MOTION, sensors, start=START), log, method=method)


def assert_same(one: Any, other: Any, asked: float) -> None:
    """The same belief after every row, and the same likelihood."""
    within("mean", whitened(one.filtered.cov, other.filtered.mean - one.filtered.mean), asked)
    within("cov", whitened(one.filtered.cov, other.filtered.cov - one.filtered.cov), asked)
    seen = ~np.isnan(one.nis)
    assert (np.isnan(other.nis) == ~seen).all() and seen.sum() > 3
    within("nis", np.abs(other.nis - one.nis)[seen] / (1 + one.nis[seen]), asked)
    within("row_loglik", np.abs(other.row_loglik - one.row_loglik), asked)


def in_order(names: tuple[str, ...], method: Any) -> Any:
    sensors = [sensor(name, H[PLACES[name]], NOISES[name]) for name in names]
    return run_of(sensors, {name: Z[:, PLACES[name]] for name in names}, method)


@pytest.mark.parametrize("method", DISTINCT, ids=repr)
def test_order_of_independent_sensors_is_free(method: Any) -> None:
    first = in_order(("left", "middle", "right"), method)
    for names in (("right", "left", "middle"), ("right", "middle", "left")):
        run = in_order(names, method)
        assert_same(first, run, 1e-12)
        assert np.array_equal(run.status, first.status)


def all_at_once(method: Any, z: Array, R: Array) -> Any:
    return run_of([sensor("pair", H[:2], R)], {"pair": z}, method)


def one_by_one(method: Any, z: Array, R: Array) -> Any:
    """Two sensors of independent components, L^-1 z with R = L diag(d) L' and L = [[1, 0], [l, 1]]."""
    l = R[1, 0] / R[0, 0]  # noqa: E741
    first = sensor("first", H[:1], R[:1, :1])
    second = sensor("second", H[1:2] - l * H[:1], np.array([[R[1, 1] - l * R[1, 0]]]))
    readings = {"first": z[:, :1], "second": z[:, 1:] - l * z[:, :1] if l else z[:, 1:]}
    return run_of([first, second], readings, method)


@pytest.mark.parametrize("method", DISTINCT, ids=repr)
def test_two_updates_are_one_batch(method: Any) -> None:
    """Correlated components are taken in as independent ones; uncorrelated ones may be missing one by one."""
    whole = np.where(np.isnan(Z[:, :2]).any(axis=1, keepdims=True), np.nan, Z[:, :2])
    for z, R in ((whole, NOISES["left"]), (Z[:, :2], np.diag([0.7, 1.9]))):
        batch = all_at_once(method, z, R)
        assert_same(batch, one_by_one(method, z, R), 1e-12)
        assert_same(all_at_once(fog.KF(), z, R), batch, 1e-11)


@cache
def kalman() -> Any:
    return fog.run(stamped_model(), stamped_log(READINGS), method=fog.KF())


@pytest.mark.parametrize("method", SPREADS, ids=repr)
def test_sigma_points_at_any_spread_are_the_kalman_filter(method: Any) -> None:
    """Two sensors, uneven stamps, correlated noise, missing components."""
    assert_same(kalman(), fog.run(stamped_model(), stamped_log(READINGS), method=method), 1e-11)


def test_another_motion_is_noticed() -> None:
    """The planted defect of the comparison: a part in a billion of one entry of the noise."""
    z, R = Z[:, :2], NOISES["left"]
    slip = R * (1 + 1e-9 * np.eye(2))
    with pytest.raises(AssertionError, match="used"):
        assert_same(all_at_once(fog.KF(), z, R), all_at_once(fog.KF(), z, slip), 1e-11)
    assert not np.allclose(transition(DT[1]), transition(DT[1]).T)
