"""Fusing beliefs: the order is free, the weights add up to one, and it is the same as measuring."""

from itertools import permutations

import numpy as np
import pytest

import foglight as fog
from oracle import models


def three(n: int = 3) -> list[fog.Belief]:
    rng = np.random.default_rng(71)
    return [fog.Belief(rng.standard_normal(n), cov=models.covariance(rng, n)) for _ in range(3)]


def test_order_of_fusion_is_free() -> None:
    beliefs = three()
    information = sum(np.linalg.inv(b.cov) for b in beliefs)
    cov = np.linalg.inv(information)
    mean = cov @ sum(np.linalg.solve(b.cov, b.mean) for b in beliefs)
    for order in permutations(beliefs):
        fused = fog.fuse(*order)
        assert np.abs(fused.mean - mean).max() <= 1e-12
        assert np.abs(fused.cov - cov).max() <= 1e-12
        assert np.abs(sum(fused.weights) - np.eye(3)).max() <= 1e-12
        by_weights = sum(W @ b.mean for W, b in zip(fused.weights, order, strict=True))
        assert np.abs(by_weights - mean).max() <= 1e-12


def test_fusing_is_measuring_the_whole_state() -> None:
    a, b, _ = three()
    fused = fog.fuse(a, b)
    measured, info = fog.update(a, z=b.mean, H=np.eye(3), R=b.cov)
    assert np.abs(fused.mean - measured.mean).max() <= 1e-12
    assert np.abs(fused.cov - measured.cov).max() <= 1e-12
    assert np.abs(fused.weights[0] - info.prior_weight).max() <= 1e-12
    assert np.abs(fused.weights[1] - info.gain).max() <= 1e-12


def test_the_more_certain_weighs_more() -> None:
    """The first lines of the story: 2 ± 1 and 3 ± 0.5 make 2.8 with weights 1/5 and 4/5."""
    fused = fog.fuse(fog.Belief([2.0], std=[1.0]), fog.Belief([3.0], cov=[[0.25]]))
    assert fused.mean[0] == pytest.approx(2.8, rel=1e-15)
    assert fused.cov[0, 0] == pytest.approx(0.2, rel=1e-15)
    assert [W[0, 0] for W in fused.weights] == pytest.approx([0.2, 0.8], rel=1e-15)


def test_unknown_correlation_is_never_overconfident() -> None:
    """Covariance intersection stays consistent for every admissible cross covariance; independence does not."""
    a, b, _ = three()
    fused = fog.fuse(a, b, correlation="unknown")
    Wa, Wb = fused.weights
    La, Lb = np.linalg.cholesky(a.cov), np.linalg.cholesky(b.cov)
    rng = np.random.default_rng(72)
    naive = fog.fuse(a, b)
    overconfident = 0
    for _ in range(200):
        rotation, _ = np.linalg.qr(rng.standard_normal((3, 3)))
        cross = La @ rotation @ Lb.T
        for fusion, (Va, Vb) in ((fused, (Wa, Wb)), (naive, naive.weights)):
            true = Va @ a.cov @ Va.T + Vb @ b.cov @ Vb.T + Va @ cross @ Vb.T + Vb @ cross.T @ Va.T
            least = np.linalg.eigvalsh(fusion.cov - true).min()
            if fusion is fused:
                assert least >= -1e-9
            else:
                overconfident += least < -1e-6
    assert overconfident > 100


def test_an_update_never_widens() -> None:
    case = models.full(73, n=4, m=2, steps=30, missing=0.2)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
    run = fog.run(model, fog.Log.regular(case.z, dt=1.0), method=fog.KF())
    gained = np.linalg.eigvalsh(run.predicted.cov - run.filtered.cov)
    assert gained.min() >= -1e-12
    assert gained.max() > 0.1
