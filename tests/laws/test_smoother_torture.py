"""The smoother's own torture: a vague start, next to no noise; a gain from a linear system loses everything there."""

from contextlib import nullcontext
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.kernels.smoother_stage import SMOOTH
from foglight.inference import linear_smoother
from oracle import models, recursion
from oracle.matrices import floats
from oracle.metrics import Reference, within
from unit.on_arrays import on_arrays

from .units import mixed


def velocity(p0: float, q: float) -> models.Linear:
    z = np.cumsum(np.random.default_rng(7).standard_normal(40))[:, None]
    F, Q = np.array([[1.0, 1.0], [0.0, 1.0]]), q * np.array([[1 / 3, 1 / 2], [1 / 2, 1.0]])
    zeros = np.zeros(2)
    return models.Linear(F, Q, np.eye(1, 2), np.eye(1), zeros, p0 * np.eye(2), z, zeros, np.zeros(1))


def coupled(p0: float, q: float) -> models.Linear:
    """Two of them, x, y, x', y', seen together."""
    one, rng = velocity(p0, q), np.random.default_rng(8)
    H = np.kron(np.array([[1.0, 0.25], [-0.5, 1.0]]), np.eye(1, 2))
    z = np.cumsum(rng.standard_normal((40, 2)), axis=0)
    F, Q, zeros = np.kron(np.eye(2), one.F), np.kron(np.eye(2), one.Q), np.zeros(4)
    return models.Linear(
        F, Q, H, np.array([[1.0, 0.25], [0.25, 0.5]]), zeros, p0 * np.eye(4), z, zeros, np.zeros(2)
    )


@cache
def tortured(make: Any, p0: float, q: float) -> list[Reference]:
    case = make(p0, q)
    rows = recursion.filter_rows(case.F, case.Q, case.H, case.R, case.mean, case.cov, case.z, digits=90)
    return [Reference(x, P, P, 90) for x, P, _ in recursion.smooth_rows(rows, case.F, digits=90)]


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF(alpha=1e-3)], ids=repr)
@pytest.mark.parametrize(
    "make, p0, q, eP",
    [
        (velocity, 1e2, 1e-2, 1e-14),
        (velocity, 1e8, 1e-6, 5e-14),
        (velocity, 1e12, 1e-10, 5e-14),
        (velocity, 1e4, 1e-14, 5e-14),
        (coupled, 1e12, 1e-10, 1e-13),
    ],
)
def test_thirteen_digits_are_kept_in_every_order_of_states(
    make: Any, p0: float, q: float, eP: float, method: Any
) -> None:
    case, n = make(p0, q), len(make(p0, q).mean)
    references = tortured(make, p0, q)
    # A mean of so many standard deviations has no more digits than its own: 1e-13 of its size.
    sizes = np.array([float(np.linalg.norm(floats(r.whitening @ r.mean))) for r in references])
    every = list(permutations(range(n)))
    for order in every if n == 2 else every[:: len(every) // 4]:
        T = np.eye(n)[list(order)]
        c = mixed(case, T)
        model = fog.linear_model(c.F, c.Q, c.H, c.R, start=fog.Belief(c.mean, cov=c.cov))
        smoothed = fog.smooth(fog.run(model, fog.Log.regular(c.z, dt=1.0), method=method))
        U, D = smoothed.factor
        errors = np.array([r.errors(smoothed.mean[k], (U[k], D[k]), order) for k, r in enumerate(references)])
        within(f"eP {order}", errors[:, 1], eP)
        within(f"ex {order}", errors[:, 0], 1e-13 * sizes)


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
@pytest.mark.parametrize("make, p0, q", [(velocity, 1e8, 1e-6), (coupled, 1e12, 1e-10)])
def test_so_many_are_kept_by_the_smoother_of_curved_models(
    make: Any, p0: float, q: float, method: Any, arrays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From row to row, by the gain that is never solved for; on scalars and on whole arrays."""
    monkeypatch.setattr(linear_smoother, "applies", lambda *_: False)
    case, references = make(p0, q), tortured(make, p0, q)
    with on_arrays() if arrays else nullcontext([]) as names:
        model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
        smoothed = fog.smooth(fog.run(model, fog.Log.regular(case.z, dt=1.0), method=method))
    assert any(name.startswith(SMOOTH) for name in names) == arrays
    U, D = smoothed.factor
    for k, reference in enumerate(references):
        mean, cov = reference.errors(smoothed.mean[k], (U[k], D[k]), range(len(case.mean)))
        size = float(np.linalg.norm(floats(reference.whitening @ reference.mean)))
        assert cov <= 5e-14 and mean <= 1e-13 * size


@pytest.mark.parametrize(
    "make, p0, q", [(velocity, 1e8, 1e-6), (velocity, 1e4, 1e-14), (coupled, 1e12, 1e-10)]
)
def test_so_many_are_kept_by_equations_with_weights(make: Any, p0: float, q: float) -> None:
    """On whole arrays, readings go backwards as equations with weights, without rotations."""
    case, references = make(p0, q), tortured(make, p0, q)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
    with on_arrays() as names:
        smoothed = fog.smooth(fog.run(model, fog.Log.regular(case.z, dt=1.0)))
    assert not any(name.startswith(SMOOTH) for name in names), "rotations took its place"
    U, D = smoothed.factor
    for k, reference in enumerate(references):
        mean, cov = reference.errors(smoothed.mean[k], (U[k], D[k]), range(len(case.mean)))
        size = float(np.linalg.norm(floats(reference.whitening @ reference.mean)))
        assert cov <= 5e-14 and mean <= 1e-13 * size


@pytest.mark.parametrize("r", [0.0, 1e-300, 1e-25, 1e-12, 1e-6])
def test_a_reading_that_is_all_but_exact_is_smoothed_by_rotations(
    r: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equations with weights have the same numbers as long as a weight does not bury the others in its rounding."""
    rng, n = np.random.default_rng(5), 5
    A, B, H = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=(2, n))
    F, Q = A / np.abs(np.linalg.eigvals(A)).max(), B @ B.T
    model = fog.linear_model(F, Q, H, np.diag([r, 1.0]), start=fog.Belief(np.zeros(n), std=np.full(n, 2.0)))
    z = rng.normal(size=(30, 2))
    z[rng.random(z.shape) < 0.2] = np.nan
    with on_arrays():
        run = fog.run(model, fog.Log.regular(z, dt=1.0))
        found = fog.smooth(run)
        monkeypatch.setattr(linear_smoother.LinearSmoother, "_weighted", lambda _: None)
        rotated = fog.smooth(run)
    within("mean", (found.mean - rotated.mean) / rotated.std, 1e-12)
    within("std", found.std / rotated.std - 1.0, 1e-13)
    assert (found.factor[1].tobytes() == rotated.factor[1].tobytes()) == (r < 1e-20)


def test_an_explicit_gain_fails_there() -> None:
    """The planted defect: the textbook's backward pass on the same filtered beliefs."""
    case = velocity(1e12, 1e-10)
    model = fog.linear_model(case.F, case.Q, case.H, case.R, start=fog.Belief(case.mean, cov=case.cov))
    run = fog.run(model, fog.Log.regular(case.z, dt=1.0), method=fog.KF())
    x, P = run.filtered.mean.copy(), run.filtered.cov.copy()
    for k in reversed(range(39)):
        predicted = case.F @ run.filtered.cov[k] @ case.F.T + case.Q
        C = np.linalg.solve(predicted, case.F @ run.filtered.cov[k]).T
        x[k] = x[k] + C @ (x[k + 1] - case.F @ x[k])
        P[k] = P[k] + C @ (P[k + 1] - predicted) @ C.T
    worst = max(r.cov_error(cov) for r, cov in zip(tortured(velocity, 1e12, 1e-10), P, strict=True))
    assert worst > 1e-4


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF()], ids=repr)
@pytest.mark.parametrize("far", [0.0, 1e4])
def test_a_perfect_sensor_does_not_make_rounding_grow_backwards(far: float, method: Any) -> None:
    """One push a row and one reading without noise: in the end the state is known to 1e-30, and x_k follows from x_k+1
    by a map that expands. Taken at its word, a difference of 1e-16 is 750 standard deviations a hundred rows before."""
    rng, push = np.random.default_rng(1), np.array([[1.0], [-2.0]])
    F, H, R = np.array([[0.9, 0.2], [-0.2, 0.9]]), np.array([[1.0, 0.0], [0.5, 1.0]]), np.diag([0.5, 0.0])
    x, z = rng.standard_normal(2) + far, []
    for _ in range(120):
        z.append(H @ x + np.sqrt(np.diag(R)) * rng.standard_normal(2))
        x = F @ x + push @ rng.standard_normal(1)
    start, Q = fog.Belief([far, far], cov=[[1.2, 0.2], [0.2, 1.2]]), push @ push.T
    run = fog.run(fog.linear_model(F, Q, H, R, start=start), fog.Log.regular(z, dt=1.0), method=method)
    smoothed = fog.smooth(run)
    rows = recursion.filter_rows(F, Q, H, R, start.mean, start.cov, np.array(z), digits=500)
    exact = recursion.smooth_rows(rows, F, digits=500)
    mean, cov = (np.array([floats(row[i]) for row in exact]) for i in (0, 1))
    std = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    resolved = 1e-12 * np.abs(mean).max()
    within("mean", np.abs(smoothed.mean - mean) / np.maximum(std, resolved), 0.05)
    within("std", np.abs(smoothed.std - std) / np.maximum(std, resolved), 0.05)
    assert std.max() > 0.4 and run.filtered.std[-1].max() < 1e-12


@pytest.mark.parametrize("method", [fog.KF(), fog.UKF(), fog.KF(form="joseph")], ids=repr)
@pytest.mark.parametrize("slow, fast", [(1.0, 0.2), (0.95, 0.1)])
def test_a_motion_that_forgets_without_noise_is_smoothed_exactly(
    slow: float, fast: float, method: Any
) -> None:
    """One mode is forgotten at once, along no axis: Cov x' loses its rank, and what only x' - y tells is rounding."""
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    F, H, R = turn @ np.diag([slow, fast]) @ turn.T, np.array([[1.0, 0.0]]), np.array([[0.01]])
    rng, x, z = np.random.default_rng(0), np.array([3.0, -2.0]), []
    for _ in range(60):
        z.append(H @ x + 0.1 * rng.standard_normal(1))
        x = F @ x
    still, start = np.zeros((2, 2)), fog.Belief([0.0, 0.0], std=[5.0, 5.0])
    found = fog.smooth(
        fog.run(fog.linear_model(F, still, H, R, start=start), fog.Log.regular(z, dt=1.0), method)
    )
    rows = recursion.filter_rows(F, still, H, R, start.mean, start.cov, np.array(z), digits=300)
    exact = recursion.smooth_rows(rows, F, digits=300)[
        :12
    ]  # later, the fast mode is below the rounding of F itself
    mean, cov = (np.array([floats(row[i]) for row in exact]) for i in (0, 1))
    std = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    within("mean", (found.mean[:12] - mean) / std, 1e-11)
    within("std", found.std[:12] / std - 1.0, 1e-11)
