"""A filter is as good as it says, exactly: no sampling, one run per unit vector of the noise.

The error of a linear filter is linear in (start error, process noise, measurement noise). Whiten all of it and
run once per unit vector: the outer products of the errors then sum to the covariance that the filter states, those
of the innovations to S, and innovations of different rows to 0. A slip of 1e-6 in any matrix shows.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from oracle import models

Array = NDArray[np.float64]
CASE = models.full(81, n=3, m=2, steps=8, missing=0.25, varying=True)


def unit_noises(case: models.Linear) -> tuple[Array, Array]:
    """Truths (tracks, T, n) and logs (tracks, T, m): track 0 without noise, the others with one unit vector."""
    T, n, m = len(case.z), len(case.mean), case.z.shape[1]
    width = n * T + m * T
    root = [np.linalg.cholesky(case.cov), *(np.linalg.cholesky(Q) for Q in case.Q[1:])]
    truth, z = np.empty((width + 1, T, n)), np.empty((width + 1, T, m))
    for track in range(width + 1):
        noise = np.zeros(width)
        noise[track - 1 :][: track > 0] = 1.0
        w, v = noise[: n * T].reshape(T, n), noise[n * T :].reshape(T, m)
        x = case.mean + root[0] @ w[0]
        for k in range(T):
            if k:
                x = case.F[k] @ x + case.b[k] + root[k] @ w[k]
            truth[track, k] = x
            z[track, k] = case.H[k] @ x + case.d[k] + np.linalg.cholesky(case.R[k]) @ v[k]
    return truth, np.where(np.isnan(case.z), np.nan, z)


def stated_and_true(claimed: models.Linear, method: Any) -> dict[str, tuple[Array, Array]]:
    """What the filter of the claimed model states, and what is true when CASE makes the data."""
    truth, z = unit_noises(CASE)
    model = fog.linear_model(
        claimed.F, claimed.Q, claimed.H, claimed.R, start=fog.Belief(claimed.mean, cov=claimed.cov),
        b=claimed.b, d=claimed.d,
    )  # fmt: skip
    run = fog.run(model, fog.Log.regular(z, dt=1.0), method=method)
    error = run.filtered.mean - truth
    early = run.predicted.mean - truth
    innovation = np.where(np.isnan(z), 0.0, run.innovation)
    deviation = (innovation - innovation[0])[1:].reshape(len(truth) - 1, -1)
    used = ~np.isnan(CASE.z)
    white = np.zeros((CASE.z.size, CASE.z.size))
    for k, S in enumerate(np.where(used[:, :, None] & used[:, None, :], run.innovation_cov[0], 0.0)):
        white[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = S
    return {
        "no bias": (np.zeros_like(error[0]), error[0]),
        "filtered": (run.filtered.cov[0], np.einsum("jki,jkl->kil", error[1:], error[1:])),
        "predicted": (run.predicted.cov[0], np.einsum("jki,jkl->kil", early[1:], early[1:])),
        "innovations": (white, deviation.T @ deviation),
    }


@pytest.mark.parametrize("method", [fog.KF(), fog.KF(form="joseph"), fog.UKF(), fog.CKF()], ids=repr)
def test_stated_covariances_are_true(method: Any) -> None:
    for name, (stated, true) in stated_and_true(CASE, method).items():
        assert np.abs(stated - true).max() <= 1e-10, name


DEFECTS = {
    "R": {"R": CASE.R * (1 + 1e-6)},
    "Q": {"Q": CASE.Q * (1 + 1e-6)},
    "P0": {"cov": CASE.cov * (1 + 1e-6)},
    "H": {"H": CASE.H * (1 + 1e-6)},
    "F": {"F": CASE.F * (1 + 1e-6)},
    "Q one row late": {"Q": np.roll(CASE.Q, 1, axis=0)},
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_planted_defects_are_seen(defect: str) -> None:
    answers = stated_and_true(replace(CASE, **DEFECTS[defect]), fog.KF())
    assert max(np.abs(stated - true).max() for stated, true in answers.values()) > 1e-8
