"""The same linear problem told in other units, or in any other coordinates, and how far two answers are apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from oracle import models
from oracle.metrics import within

from .exactness import whitened

Array = NDArray[np.float64]
KERNELS: dict[tuple[int, int], dict[Any, Any]] = {}


def linear_run(case: models.Linear, method: Any) -> Any:
    """A run of a model with an entry a row; models of one shape share what is compiled."""
    start = fog.Belief(case.mean, cov=case.cov)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=start, b=case.b, d=case.d)
    shared = KERNELS.setdefault((len(case.mean), case.z.shape[1]), {})
    model.kernels.update(shared)
    run = fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method)
    assert np.isfinite(run.predicted.mean).all()
    shared.update(model.kernels)
    return run


def scaled(case: models.Linear, states: Any, measurements: Any) -> models.Linear:
    """The same problem in units of 2^states and 2^measurements."""
    s, t = 2.0 ** np.array(states), 2.0 ** np.array(measurements)
    return models.Linear(
        s[:, None] * case.F / s, s[:, None] * case.Q * s, t[:, None] * case.H / s, t[:, None] * case.R * t,
        s * case.mean, s[:, None] * case.cov * s, t * case.z, s * case.b, t * case.d,
    )  # fmt: skip


def differing(expected: Any, found: Any) -> int:
    """How many numbers differ in a bit; NaN is one number."""
    a, b = (np.where(np.isnan(v), np.nan, v) for v in (np.asarray(expected, float), np.asarray(found, float)))
    assert a.shape == b.shape and a.size
    return int(np.count_nonzero(a.view(np.uint64) != b.view(np.uint64)))


def assert_scaled(plain: Any, run: Any, states: Any, measurements: Any, z: Array) -> None:
    """Not a bit differs but by the units, and the log-likelihood by their logarithm."""
    s, t = 2.0 ** np.array(states), 2.0 ** np.array(measurements)
    pairs = {
        "innovation": (t * plain.innovation, run.innovation),
        "innovation_cov": (t[:, None] * plain.innovation_cov * t, run.innovation_cov),
        "gain": (s[:, None] * plain.gain / t, run.gain),
        "nis": (plain.nis, run.nis),
        "status": (plain.status, run.status),
    }
    for kind, one, other in (
        ("predicted", plain.predicted, run.predicted),
        ("filtered", plain.filtered, run.filtered),
    ):
        pairs[f"{kind} mean"] = s * one.mean, other.mean
        pairs[f"{kind} cov"] = s[:, None] * one.cov * s, other.cov
        if plain.method.factored:
            (U, D), (U_other, D_other) = one.factor, other.factor
            pairs[f"{kind} U"], pairs[f"{kind} D"] = (s[:, None] * U / s, U_other), (s * D * s, D_other)
    shift = np.log(2) * (~np.isnan(z) @ np.array(measurements, float))
    if any(measurements):
        within(
            "row_loglik",
            np.abs(run.row_loglik - (plain.row_loglik - shift)),
            1e-12 * np.maximum(1, np.abs(shift)),
        )
    else:
        pairs["row_loglik"] = plain.row_loglik, run.row_loglik
    counts = {name: differing(*pair) for name, pair in pairs.items()}
    assert not any(counts.values()), counts


def mixed(case: models.Linear, T: Array) -> models.Linear:
    """The same problem told in T x instead of x."""
    B = np.linalg.inv(T)
    return models.Linear(
        T @ case.F @ B, T @ case.Q @ T.T, case.H @ B, case.R,
        T @ case.mean, T @ case.cov @ T.T, case.z, case.b @ T.T, case.d,
    )  # fmt: skip


def well_conditioned(case: models.Linear) -> bool:
    """Else rounding T's image of the problem, before any filter sees it, costs more than the law allows."""
    return bool(max(np.linalg.cond(case.R).max(), np.linalg.cond(case.cov)) < 1e3)


def unimodular(seed: int, n: int) -> Array:
    """A matrix of halves and quarters, of determinant 1 and well conditioned; so is its inverse."""
    rng = np.random.default_rng(seed)
    lower, upper = (np.tril(rng.choice([-0.5, 0.5], (n, n)), -1) + np.eye(n) for _ in range(2))
    return np.asarray(lower @ upper.T)


def assert_mixed(plain: Any, run: Any, T: Array) -> None:
    for kind in ("predicted", "filtered"):
        one, other = getattr(plain, kind), getattr(run, kind)
        P = T @ one.cov @ T.T
        within(f"{kind} mean", whitened(P, other.mean - one.mean @ T.T), 1e-11)
        within(f"{kind} cov", whitened(P, other.cov - P), 1e-11)
    for name in ("innovation", "innovation_cov", "nis", "row_loglik"):
        a, b = getattr(plain, name), getattr(run, name)
        assert (np.isnan(a) == np.isnan(b)).all()
        within(name, np.abs(a - b)[~np.isnan(a)] / np.maximum(1, np.abs(a[~np.isnan(a)])), 1e-11)
