"""Expectation–maximisation for users: results, errors and advice. Its laws are in laws/test_em.py."""

import json
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.tuning import em

F, H = np.array([[0.9, 0.2], [-0.2, 0.9]]), np.array([[1.0, 0.0], [0.5, 1.0]])
Q, R = np.array([[0.5, 0.2], [0.2, 0.3]]), np.array([[0.4, 0.1], [0.1, 0.3]])
START = fog.Belief([0.5, -0.5], cov=np.array([[2.0, 0.3], [0.3, 1.0]]))


def model(**parts: Any) -> fog.Model:
    given: dict[str, Any] = {"F": F, "Q": Q, "H": H, "R": R, "start": START} | parts
    return fog.linear_model(**given)


LOG, _ = fog.simulate(model(), steps=300, dt=1.0, seed=5)


def test_tune_calls_it_and_returns_the_fit() -> None:
    fit: Any = fog.tune(model(Q=np.eye(2), R=np.eye(2)), LOG, method="em")
    assert fit.converged and fit.advice == [] and 3 < fit.iterations == len(fit.logliks) - 1
    assert fit.loglik == fit.logliks[-1] > fit.logliks[0]
    assert fit.columns()["loglik"].tolist() == fit.logliks.tolist()
    assert fit.to_frame("polars").shape == (fit.iterations + 1, 2)
    plain = json.loads(json.dumps(fit.as_dict(), allow_nan=False))
    assert plain["Q"] == fit.Q.tolist() and plain["converged"] is True
    assert repr(fit).startswith(f"EM: log-likelihood {fit.logliks[0]:.6f} -> {fit.loglik:.6f} in")
    assert fog.run(fit.model, LOG).loglik == pytest.approx(fit.loglik, rel=1e-12)
    np.testing.assert_allclose(fit.Q, Q, atol=0.25)


def test_advice_on_a_fit_that_has_not_converged() -> None:
    calls: list[int] = []
    fit = em.fit(model(Q=np.eye(2) * 9.0), [LOG], iterations=3, progress=calls.append)
    assert not fit.converged and calls == [1, 2, 3]
    assert "Not at the maximum yet: the last of 3 iterations gained" in fit.advice[0]
    assert "not converged" in repr(fit)


def test_a_tolerance_stops_it() -> None:
    loose, tight = (em.fit(model(), [LOG], iterations=500, tolerance=t) for t in (1e-4, 1e-8))
    assert 0 < loose.iterations < tight.iterations < 500
    assert loose.logliks[-1] - loose.logliks[-2] < 1e-4 * 600 and tight.loglik > loose.loglik


def test_a_direction_without_noise_stays_without() -> None:
    g, across = np.array([1.0, -2.0]), np.array([2.0, 1.0]) / np.sqrt(5.0)
    flat = em.fit(model(Q=np.outer(g, g)), [LOG], iterations=20, tolerance=0.0)
    assert (
        abs(across @ flat.Q @ across) < 1e-12 * np.trace(flat.Q) and np.linalg.eigvalsh(flat.R).min() > 0.01
    )
    exact = em.fit(model(R=np.diag([0.5, 0.0])), [LOG], iterations=20, tolerance=0.0)
    assert np.abs(exact.R[1]).max() < 1e-12 and exact.R[0, 0] > 0.01


def test_kernels_are_compiled_once_and_not_mixed_up() -> None:
    """Q and R are inputs of the kernels of EM, and constants of those of the model: they must be kept apart."""
    guess = model(Q=np.eye(2), R=np.eye(2))
    before = fog.run(guess, LOG, fog.KF()).loglik
    em.fit(guess, [LOG], iterations=2)
    inner = guess.kernels[("em",)]
    kept = dict(inner)
    em.fit(guess, [LOG], iterations=4)
    assert {key: id(engine) for key, engine in inner.items()} == {key: id(e) for key, e in kept.items()}
    assert fog.run(guess, LOG, fog.KF()).loglik == before
    assert fog.run(model(Q=np.eye(2), R=np.eye(2)), LOG, fog.KF()).loglik == before


def test_the_smoothed_noise_has_the_same_bits_from_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    short = fog.Log.regular(LOG.bind(model())[:8], dt=1.0)
    compiled = em.fit(model(Q=np.eye(2)), [short], iterations=2, tolerance=0.0)
    monkeypatch.setattr(LlvmBackend, "available", lambda self: False)
    plain = em.fit(model(Q=np.eye(2)), [short], iterations=2, tolerance=0.0)
    for one, other in ((plain.Q, compiled.Q), (plain.R, compiled.R), (plain.logliks, compiled.logliks)):
        assert one.tobytes() == other.tobytes()


def test_matrices_that_change_row_by_row() -> None:
    """F, H, b and d repeated for every row are the constant ones."""
    T = len(LOG)
    rows = model(
        F=np.array([F] * T), H=np.array([H] * T), b=np.full((T, 2), 0.1), d=np.full((T, 2), 0.2), Q=np.eye(2)
    )
    plain = model(b=[0.1, 0.1], d=[0.2, 0.2], Q=np.eye(2))
    one, other = (em.fit(each, [LOG], iterations=3, tolerance=0.0) for each in (rows, plain))
    np.testing.assert_allclose(one.logliks, other.logliks, rtol=1e-13)
    np.testing.assert_allclose(one.R, other.R, rtol=1e-11)
    assert fog.run(one.model, LOG).loglik == pytest.approx(one.loglik, rel=1e-12)


@pytest.mark.parametrize(
    "options, field",
    [({"iterations": 0}, "iterations"), ({"iterations": True}, "iterations"), ({"tolerance": -1.0}, "tolerance"),
     ({"tolerance": float("nan")}, "tolerance")],
)  # fmt: skip
def test_options_are_checked(options: Any, field: str) -> None:
    with pytest.raises(fog.ModelError, match=f"{field} = ") as caught:
        em.fit(model(), [LOG], **options)
    assert caught.value.field == field


def test_other_models_and_empty_logs_are_refused() -> None:
    walk = fog.Model(
        fog.motion.random_walk(("x0",), std=1.0), [fog.sensing.linear("sensor", of="x0", std=1.0)],
        fog.Belief([0.0], std=[1.0]),
    )  # fmt: skip
    for wrong, field in (
        (walk, "model"), (model(R=np.array([R] * 300)), "R"), (model(Q=np.array([Q] * 300)), "Q"),
    ):  # fmt: skip
        with pytest.raises(fog.ModelError) as caught:
            em.fit(wrong, [LOG])
        assert caught.value.field == field
    with pytest.raises(fog.DataError, match="0 readings"):
        em.fit(model(), [fog.Log.regular(np.full((4, 2), np.nan), dt=1.0)])
    few = fog.Log.regular([[np.nan, 1.0]], dt=1.0)
    with pytest.raises(fog.DataError, match="leave a state unknown in 1 rows"):
        em.fit(model(start=None), [few])
