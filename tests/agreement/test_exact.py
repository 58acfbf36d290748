"""Random full models against the 60-digit filter: means and covariances to 1e-11 sigma, and the log-likelihood."""

from typing import Any

import numpy as np
import pytest
from mpmath import mp

import foglight as fog
from oracle import models, recursion
from oracle.matrices import floats
from oracle.metrics import Reference

from .linear import filtered

CASES = [
    models.full(101, n=2, m=3, steps=12, missing=0.3),
    models.full(102, n=3, m=2, steps=12, missing=0.3, varying=True),
    models.full(103, n=4, m=2, steps=12, missing=0.4),
    models.full(104, n=5, m=3, steps=12, missing=0.3, varying=True),
]
METHODS = [fog.KF(), fog.EKF(), fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()]


def exact_rows(model: models.Linear, predict_first: bool) -> list[recursion.Row]:
    return recursion.filter_rows(
        model.F, model.Q, model.H, model.R, model.mean, model.cov, model.z,
        b=model.b, d=model.d, predict_first=predict_first,
    )  # fmt: skip


@pytest.mark.parametrize("predict_first", [False, True])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"n{len(case.mean)}m{case.z.shape[1]}")
def test_every_output_of_a_run_is_exact(case: models.Linear, predict_first: bool) -> None:
    rows = exact_rows(case, predict_first)
    run = filtered(case, predict_first=predict_first)
    U, D = run.filtered.factor
    Up, Dp = run.predicted.factor
    for k, row in enumerate(rows):
        after = Reference(row.mean, row.cov, row.predicted_cov)
        before = Reference(row.predicted_mean, row.predicted_cov, row.predicted_cov)
        assert max(after.errors(run.filtered.mean[k], (U[k], D[k]))) <= 1e-11
        assert max(before.errors(run.predicted.mean[k], (Up[k], Dp[k]))) <= 1e-11
        innovation = floats(row.innovation)
        assert (np.isnan(run.innovation[k]) == np.isnan(innovation)).all()
        assert run.innovation[k] == pytest.approx(innovation, abs=1e-11, nan_ok=True)
        assert run.row_loglik[k] == pytest.approx(float(row.loglik), abs=1e-11)
        assert run.nis[k] == pytest.approx(float(row.nis), rel=1e-11, nan_ok=True)
        used = ~np.isnan(case.z[k])
        S = innovation_cov(case, row, k)
        assert run.innovation_cov[k][np.ix_(used, used)] == pytest.approx(S[np.ix_(used, used)], rel=1e-11)
        H = case.H[k] if case.H.ndim == 3 else case.H
        gain = np.linalg.solve(S[np.ix_(used, used)], H[used] @ floats(row.predicted_cov)).T
        assert run.gain[k][:, used] == pytest.approx(gain, abs=1e-11)
    assert run.loglik == pytest.approx(float(sum(row.loglik for row in rows)), abs=1e-10)


def innovation_cov(case: models.Linear, row: recursion.Row, k: int) -> Any:
    H, R = (a[k] if a.ndim == 3 else a for a in (case.H, case.R))
    with mp.workdps(60):
        S = recursion.exact(H) @ row.predicted_cov @ recursion.exact(H).T + recursion.exact(R)
    return floats(S)


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("case", CASES[1:3], ids=lambda case: f"n{len(case.mean)}m{case.z.shape[1]}")
def test_every_method_is_exact_on_a_linear_model(case: models.Linear, method: Any) -> None:
    rows = exact_rows(case, False)
    run = filtered(case, method=method)
    U, D = run.filtered.factor
    for k, row in enumerate(rows):
        after = Reference(row.mean, row.cov, row.predicted_cov)
        assert max(after.errors(run.filtered.mean[k], (U[k], D[k]))) <= 1e-11
    assert run.loglik == pytest.approx(float(sum(row.loglik for row in rows)), abs=1e-10)


def test_chained_calls_are_exact() -> None:
    """`update` and `predict` on a Belief: the same filter by hand, and what they report."""
    case = CASES[0]
    rows = exact_rows(case, False)
    belief = fog.Belief(case.mean, cov=case.cov)
    for k, row in enumerate(rows):
        if k:
            belief = fog.predict(belief, F=case.F, Q=case.Q)
            belief = fog.Belief(belief.mean + case.b, factor=belief.factor)
        belief, info = fog.update(belief, z=case.z[k] - case.d, H=case.H, R=case.R)
        after = Reference(row.mean, row.cov, row.predicted_cov)
        assert max(after.errors(belief.mean, belief.factor)) <= 1e-11
        assert info.loglik == pytest.approx(float(row.loglik), abs=1e-11)
        if not np.isnan(case.z[k]).any():
            S = innovation_cov(case, row, k)
            P = floats(row.predicted_cov)
            gain = np.linalg.solve(S, case.H @ P).T
            assert info.innovation_cov == pytest.approx(S, rel=1e-11)
            assert info.gain == pytest.approx(gain, abs=1e-11)
            assert info.prior_weight == pytest.approx(np.eye(len(P)) - gain @ case.H, abs=1e-11)
            assert info.innovation == pytest.approx(floats(row.innovation), abs=1e-11)
            assert info.nis == pytest.approx(float(row.nis), rel=1e-11)
    assert len(rows) == 12
