"""Covariances of a run of any size: right, with the bits of the equation, fast, and without a compiler."""

import time
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.inference import compiled_covariances
from foglight.inference.gaussians import covariances, variances
from oracle import plain


def matrices(n: int) -> tuple[Any, ...]:
    """F, Q, H, R and the covariance of the start of a dense model of n states."""
    rng = np.random.default_rng(n)
    F = np.linalg.qr(rng.normal(size=(n, n)))[0] * 0.95
    G, start = rng.normal(size=(2, n, n)) / np.sqrt(n)
    R = np.array([[0.5, 0.1], [0.1, 0.4]])
    return F, G @ G.T + 0.1 * np.eye(n), rng.normal(size=(2, n)), R, start @ start.T + np.eye(n)


def chain(n: int) -> fog.Model:
    """A dense linear model of n states, of which two combinations are measured."""
    F, Q, H, R, P = matrices(n)
    return fog.linear_model(F, Q, H, R, start=fog.Belief(np.linspace(-1.0, 1.0, n), cov=P))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 20])
def test_a_factor_gives_its_product(n: int) -> None:
    """Against the product in NumPy. The triangle is stored column by column."""
    rng = np.random.default_rng(n)
    upper = [(i, j) for j in range(n) for i in range(j + 1)]
    records = rng.normal(size=(3, 5, n + len(upper) + 4))
    U, D = np.tile(np.eye(n), (3, 5, 1, 1)), np.empty((3, 5, n))
    P = np.empty((3, 5, n, n))
    for k, (i, j) in enumerate(upper):
        if i == j:
            records[..., n + k] **= 2
            D[..., i] = records[..., n + k]
        else:
            U[..., i, j] = records[..., n + k]
        P[..., i, j] = P[..., j, i] = records[..., n + k]
    np.testing.assert_allclose(
        covariances(records, n, factored=True),
        np.einsum("...ik,...k,...jk->...ij", U, D, U),
        rtol=1e-12,
        atol=1e-13,
    )
    assert covariances(records, n, factored=False).tobytes() == P.tobytes()
    for factored in (True, False):
        whole = covariances(records, n, factored)
        assert (variances(records, n, factored) == np.diagonal(whole, axis1=-2, axis2=-1)).all()


@pytest.mark.parametrize("unknown", [False, True])
def test_parts_of_the_covariances_have_the_bits_of_the_whole(unknown: bool) -> None:
    """Standard deviations, and the covariances of a few rows, need not wait for the others."""
    F, Q, H, R, P = matrices(4)
    model = fog.linear_model(F, Q, H, R, start=None if unknown else fog.Belief(np.zeros(4), cov=P))
    log = fog.Log.regular(np.random.default_rng(4).normal(size=(2, 9, 2)), dt=1.0)
    parts, whole = fog.run(model, log).filtered, fog.run(model, log).filtered
    rows = np.array([0, 3, 8])
    of_rows, std = parts._at(rows).cov[1], parts.std
    assert of_rows.tobytes() == np.ascontiguousarray(whole.cov[1, rows]).tobytes()
    assert std.tobytes() == np.sqrt(np.diagonal(whole.cov, axis1=-2, axis2=-1)).tobytes()
    assert np.isinf(std[:, 0]).any() == unknown


@pytest.mark.parametrize("form", ["ud", "joseph", "textbook"])
@pytest.mark.parametrize("n", [2, 5, 9])
def test_the_covariances_of_a_run_are_those_of_the_textbook(n: int, form: str) -> None:
    model, rng = chain(n), np.random.default_rng(n)
    z = rng.normal(size=(12, 2))
    run = fog.run(model, fog.Log.regular(z, dt=1.0), fog.EKF() if form == "ud" else fog.EKF(form=form))
    F, Q, H, R, P = matrices(n)
    expected = plain.kalman(F, Q, H, R, model.start.mean, P, z).cov
    np.testing.assert_allclose(run.filtered.cov, expected, rtol=1e-9, atol=1e-12)
    assert (run.filtered.cov == run.filtered.cov.transpose(0, 2, 1)).all()
    np.testing.assert_allclose(run.belief.cov, run.filtered.cov[-1], rtol=1e-13)


def test_parts_of_the_rows_have_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    log = fog.Log.regular(np.random.default_rng(1).normal(size=(4, 30, 2)), dt=1.0)
    whole = fog.run(chain(6), log).filtered.cov
    monkeypatch.setattr("foglight.inference.gaussians._ROWS_AT_ONCE", 7)
    again = fog.run(chain(6), log)
    assert again.filtered.cov.tobytes() == whole.tobytes() and whole.shape == (4, 30, 6, 6)


@pytest.mark.parametrize("n", [40, pytest.param(60, marks=pytest.mark.campaign)])
def test_covariances_of_many_states_take_no_time(n: int) -> None:
    """They took 28 s at 40 states, and minutes at 60, when they were compiled."""
    run = fog.run(chain(n), fog.Log.regular(np.zeros((3, 2)), dt=0.1))
    began = time.process_time()
    cov = run.filtered.cov
    assert time.process_time() - began < 5.0
    np.testing.assert_allclose(np.sqrt(np.diagonal(cov, axis1=1, axis2=2)), run.filtered.std, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_compiled_covariances_have_the_bits_of_the_others(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of rows that are not finite, too, whose NaN is the canonical one."""
    draw, width = np.random.default_rng(n), n + n * (n + 1) // 2 + 3
    rows = draw.normal(size=(200, width)) * 10.0 ** draw.integers(-160, 160, size=(200, 1))
    rows[draw.random(rows.shape) < 0.02] = np.inf
    rows[draw.random(rows.shape) < 0.02] = np.nan
    monkeypatch.setattr(compiled_covariances, "_seen", {})
    others = covariances(rows, n, True)
    monkeypatch.setattr(compiled_covariances, "WORTH", 0)
    found = np.full((200, n, n), 7.0)
    assert compiled_covariances.compiled(rows, n, found)
    assert found.tobytes() == others.tobytes() and np.isnan(others).any() and np.isfinite(others).any()


def test_covariances_are_compiled_once_that_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_covariances, "_seen", {})
    monkeypatch.setattr(compiled_covariances, "WORTH", 2 * 100 * 9)
    rows, found = np.ones((100, 12)), np.empty((100, 3, 3))
    assert [compiled_covariances.compiled(rows, 3, found) for _ in range(3)] == [False, True, True]
    assert not compiled_covariances.compiled(rows[::2], 3, found[:50])
