"""filterpy and statsmodels give the same answers on random full models with missing rows and components."""

from typing import Any

import numpy as np
import pytest
from filterpy.kalman import KalmanFilter as Filterpy
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter as Statsmodels

import foglight as fog
from oracle import models

from .linear import filtered

SHAPES = [(2, 1), (3, 2), (2, 4), (5, 3)]


def by_statsmodels(case: models.Linear) -> Any:
    """All rows at once; partly missing rows included. The start is the belief at the first row."""
    m, n = case.H.shape
    peer = Statsmodels(k_endog=m, k_states=n)
    peer.bind(np.ascontiguousarray(case.z))
    peer["transition"], peer["design"], peer["selection"] = case.F, case.H, np.eye(n)
    peer["state_cov"], peer["obs_cov"] = case.Q, case.R
    peer["state_intercept"], peer["obs_intercept"] = case.b[:, None], case.d[:, None]
    peer.initialize_known(case.mean, case.cov)
    peer.tolerance = 0  # otherwise it stops computing the gain once it seems steady
    return peer.filter()


@pytest.mark.parametrize("method", [fog.KF(), fog.EKF(form="joseph")], ids=repr)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_statsmodels(shape: tuple[int, int], method: Any) -> None:
    case = models.full(500 + shape[0], *shape, steps=60, missing=0.3)
    assert np.isnan(case.z).any()
    peer = by_statsmodels(case)
    run = filtered(case, method=method)
    assert run.filtered.mean == pytest.approx(peer.filtered_state.T, abs=1e-10)
    assert run.filtered.cov == pytest.approx(peer.filtered_state_cov.transpose(2, 0, 1), abs=1e-10)
    assert run.predicted.mean == pytest.approx(peer.predicted_state.T[:-1], abs=1e-10)
    assert run.loglik == pytest.approx(peer.llf_obs.sum(), abs=1e-9)


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF(alpha=1e-3)], ids=repr)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_filterpy(shape: tuple[int, int], method: Any) -> None:
    """filterpy knows whole missing rows only, and no offsets: they are put into z and a control of 1."""
    n, m = shape
    case = models.full(600 + n, n, m, steps=60)
    z = case.z.copy()
    z[np.random.default_rng(9).random(60) < 0.3] = np.nan
    run = filtered(case, z=z, method=method)
    peer = Filterpy(dim_x=n, dim_z=m, dim_u=1)
    peer.x, peer.P, peer.F, peer.Q = case.mean.copy(), case.cov.copy(), case.F, case.Q
    peer.H, peer.R, peer.B = case.H, case.R, case.b[:, None]
    loglik = 0.0
    for k in range(60):
        if k:
            peer.predict(u=np.ones(1))
        if np.isnan(z[k]).any():
            peer.update(None)
        else:
            peer.update(z[k] - case.d)
            loglik += peer.log_likelihood
        assert run.filtered.mean[k] == pytest.approx(peer.x, abs=1e-10)
        assert run.filtered.cov[k] == pytest.approx(peer.P, abs=1e-10)
    assert run.loglik == pytest.approx(loglik, abs=1e-9)
