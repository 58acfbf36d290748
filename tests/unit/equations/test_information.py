"""Equations of information, joined, taken back through a motion, and met with a belief, against dense algebra."""

from typing import Any

import numpy as np
import pytest

from foglight.equations import diffuse, gaussian, information, ud
from foglight.equations.gaussian import Factored

N = 4


def equations(rng: np.random.Generator, count: int) -> tuple[Any, Any, Any]:
    H = rng.standard_normal((count, N))
    H[:, rng.integers(N)] *= 1e-3
    return H, rng.standard_normal(count), 10.0 ** rng.uniform(-3, 2, count)


def held(H: Any, z: Any, r: Any) -> information.Equations:
    result = information.nothing(N, np.zeros(N))
    for h, value, variance in zip(H, z, r, strict=True):
        result = result.joined(h, value, variance)
    return result


def precision(e: information.Equations) -> tuple[Any, Any]:
    """The information matrix and vector of the rows that say something."""
    told = np.diag(e.C) != 0.0
    C = e.C[told]
    return C.T @ (C / e.d[told, None]), C.T @ (e.y[told] / e.d[told])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_what_is_joined_is_the_sum_of_the_information(count: int) -> None:
    H, z, r = equations(np.random.default_rng(count), count)
    e = held(H, z, r)
    assert np.array_equal(e.C, np.triu(e.C)) and np.count_nonzero(np.diag(e.C)) == min(count, N)
    info, vector = precision(e)
    assert np.abs(info - H.T @ (H / r[:, None])).max() <= 1e-13 * np.abs(info).max()
    assert np.abs(vector - H.T @ (z / r)).max() <= 1e-13 * np.abs(vector).max()


def test_what_is_said_twice_exactly_is_said_once() -> None:
    """An exact equation, and its multiples: their difference is rounding, and says nothing about another state."""
    h = np.array([0.1, 0.7, -1.3, 2.9])
    e = held([h, h / 3.0, 7.0 * h], [1.0, 1.0 / 3.0, 7.0], [0.0, 0.0, 0.0])
    assert np.count_nonzero(np.diag(e.C)) == 1 and e.d[0] == 0.0
    assert np.abs(e.C[0] / (h / h[0]) - 1.0).max() <= 1e-15 and abs(e.y[0] - 10.0) <= 1e-14


def test_an_equation_without_coefficients_changes_no_bit() -> None:
    e = held(*equations(np.random.default_rng(1), 3))
    same = e.joined(np.zeros(N), 0.0, 1.0)
    assert all(np.array_equal(a, b) for a, b in zip(e, same, strict=True))


@pytest.mark.parametrize("count", [0, 2, 6])
@pytest.mark.parametrize("still", [0, 1, 2])
def test_a_motion_takes_back_what_dense_algebra_does(count: int, still: int) -> None:
    """Λ = Fᵀ (Λ' - Λ' G (GᵀΛ'G + V⁻¹)⁻¹ Gᵀ Λ') F, and w given x by its normal equations."""
    rng = np.random.default_rng(10 * count + still)
    after = held(*equations(rng, count)) if count else information.nothing(N, np.zeros(N))
    F, b, G = rng.standard_normal((N, N)), rng.standard_normal(N), rng.standard_normal((N, 2))
    v = 10.0 ** rng.uniform(-2, 1, 2)
    v[:still] = 0.0
    before, w = information.before_motion(after, F, b, Factored(G, v))
    info, vector = precision(after)
    moved, weights = G[:, still:], v[still:]
    inner = (
        np.linalg.inv(moved.T @ info @ moved + np.diag(1.0 / weights)) if len(weights) else np.zeros((0, 0))
    )
    rest = info - info @ moved @ inner @ moved.T @ info
    found, vector_found = precision(before)
    assert np.abs(found - F.T @ rest @ F).max() <= 1e-11 * (1.0 + np.abs(found).max())
    shift = vector - info @ b
    expected = F.T @ (shift - info @ moved @ inner @ moved.T @ shift)
    assert np.abs(vector_found - expected).max() <= 1e-11 * (1.0 + np.abs(expected).max())
    noise = w.M @ np.diag(w.d) @ w.M.T
    assert (
        np.abs(noise[still:, still:] - inner).max(initial=0.0) <= 1e-12
        and np.abs(noise[:still]).max(initial=0.0) == 0
    )
    slope = -inner @ moved.T @ info @ F
    assert np.abs(w.B[still:] - slope).max(initial=0.0) <= 1e-11 * (1.0 + np.abs(slope).max(initial=0.0))
    assert np.abs(w.c[still:] - inner @ moved.T @ shift).max(initial=0.0) <= 1e-11 * (
        1.0 + np.abs(w.c).max(initial=0.0)
    )


def test_a_belief_meets_what_later_readings_say() -> None:
    rng = np.random.default_rng(3)
    e = held(*equations(rng, 3))
    A = rng.standard_normal((N, N))
    P = A @ A.T
    L, d, _ = ud.split(P)
    known = gaussian.Belief(rng.standard_normal(N), *ud.combine(L, d))
    found = information.smoothed(known, e)
    info, vector = precision(e)
    cov = np.linalg.inv(np.linalg.inv(P) + info)
    mean = cov @ (np.linalg.solve(P, known.x) + vector)
    assert np.abs((found.U * found.D) @ found.U.T - cov).max() <= 1e-12 * np.abs(cov).max()
    assert np.abs(found.x - mean).max() <= 1e-12 * np.abs(mean).max()
    alone = information.smoothed(known, information.nothing(N, np.zeros(N)))
    assert np.array_equal(alone.x, known.x) and np.array_equal(alone.D, known.D)


@pytest.mark.parametrize("count, left", [(0, 2), (1, 1), (5, 0)])
def test_a_start_is_resolved_as_far_as_readings_go(count: int, left: int) -> None:
    """Two directions are unknown: the limit of a vast variance, and those that no reading sees stay unknown."""
    rng = np.random.default_rng(count)
    e = held(*equations(rng, count)) if count else information.nothing(N, np.zeros(N))
    A = rng.standard_normal((N, 2))
    U, D = np.eye(N) + np.triu(rng.standard_normal((N, N)), 1), rng.uniform(0.5, 2.0, N)
    x = rng.standard_normal(N)
    found = information.resolved(diffuse.Belief(x, U, D, A, np.ones(2)), e)
    assert int(np.sum(found.w)) == left
    info, vector = precision(e)
    if left:
        seen = info @ found.A
        assert (
            np.abs(seen).max() <= 1e-12 * (1.0 + np.abs(info).max())
            and (np.abs(found.A).max(axis=0)[found.w > 0] > 0).all()
        )
        return
    prior = np.linalg.inv((U * D) @ U.T)
    across = prior - prior @ A @ np.linalg.inv(A.T @ prior @ A) @ A.T @ prior  # its limit, flat along A
    cov = np.linalg.inv(across + info)
    assert np.abs((found.U * found.D) @ found.U.T - cov).max() <= 1e-10 * np.abs(cov).max()
    assert np.abs(found.x - cov @ (across @ x + vector)).max() <= 1e-10 * (1.0 + np.abs(found.x).max())
