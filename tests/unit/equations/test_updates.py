"""One linearised prediction and update, on numbers and on symbols, against the plain formulas."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import extended, unscented
from foglight.equations.gaussian import Belief, Factored, FullBelief
from oracle import plain
from unit.both import BOTH, Call
from unit.curved import Curved, full_noise, noise
from unit.gaussians import close, gaussian, independent

pytestmark = pytest.mark.parametrize("way", BOTH)
Array = NDArray[np.float64]
YES, NO = np.bool_(True), np.bool_(False)


def test_predictions(way: Call) -> None:
    rng = np.random.default_rng(1)
    n = 3
    x, U, D = gaussian(rng, n)
    F, y, Q = rng.normal(size=(n, n)), rng.normal(size=n), noise(rng, n)
    P = (U * D) @ U.T
    expected = F @ P @ F.T + (Q.G * Q.variances) @ Q.G.T
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    mean, U_new, D_new = way(
        lambda x, U, D, G, v: Belief(x, U, D).predict(y, F, Factored(G, v)),
        x,
        U,
        D,
        Q.G,
        Q.variances,
    )
    np.testing.assert_array_equal(np.array(mean, float), y)
    close((U_new * D_new) @ U_new.T, expected, scale)
    mean, P_new = way(
        lambda x, P, G, v: FullBelief(x, P).predict(y, F, Factored(G, v)), x, P, Q.G, Q.variances
    )
    np.testing.assert_array_equal(np.array(mean, float), y)
    close(P_new, expected, scale)


def gauss_newton(
    h: Curved, x: Array, P: Array, z: Array, R: Array, used: list[int], iterations: int
) -> tuple[Array, Array, dict[str, Any]]:
    """The iterated update on the components that are present, with the results of its first step."""
    point, R = x, R[np.ix_(used, used)]
    first: dict[str, Any] = {}
    for _ in range(iterations):
        H, e = h.slope(point)[used], (z - h(point))[used]
        point_new, P_new, S, ll = plain.update(x, P, e - H @ (x - point), H, R)
        if not first:
            first = {
                "e": e,
                "S": S,
                "K": np.linalg.solve(S, H @ P).T,
                "ll": ll,
                "nis": e @ np.linalg.solve(S, e),
            }
        point = point_new
    return point, P_new, first


@pytest.mark.parametrize("iterations", [1, 2, 3])
@pytest.mark.parametrize("used", [[0, 1, 2], [0, 2], [1], []])
@pytest.mark.parametrize("form", ["factored", "joseph", "textbook"])
def test_linearised_updates(way: Call, form: str, used: list[int], iterations: int) -> None:
    rng = np.random.default_rng(7)
    n, m = 4, 3
    x, U, D = gaussian(rng, n)
    D = D / D.max()
    h, R = Curved(rng, n, m, 0.05), full_noise(rng, m)
    P = (U * D) @ U.T
    z = h(x) + rng.normal(size=m)
    flags = [YES if i in used else NO for i in range(m)] if len(used) < m else [True] * m

    def step(x: Any, U: Any, D: Any, z: Any, R: Any, used: list[Any]) -> Any:
        if form == "factored":
            belief = Belief(x, U, D)
            (x, U, D), info = extended.update(belief, h.linearise, lambda v: z - v, R, used, iterations)
            return x, (U * D) @ U.T, *info[:7]
        P = (U * D) @ U.T
        (x, P), info = extended.update_full(
            FullBelief(x, P), h.linearise, lambda v: z - v, R, used, iterations, form == "joseph"
        )
        return x, P, *info[:7]

    readings = np.where(np.isin(np.arange(m), used), z, math.nan)
    x_new, P_new, e, S, K, nis, ll, faults, white = way(step, x, U, D, readings, R, flags)
    scale = np.sqrt(np.diag(P))
    assert not any(faults)
    if not used:
        close(x_new, x, scale, 1e-15)
        close(P_new, P, np.outer(scale, scale), 1e-13)
        assert nis == 0.0 and ll == 0.0 and not K.any() and not e.any()
        np.testing.assert_array_equal(np.array(white, float), [[0.0] * m, [1.0] * m, [1.0] * m])
        return
    x_plain, P_plain, first = gauss_newton(h, x, P, z, R, used, iterations)
    close(x_new, x_plain, scale, 1e-11)
    close(P_new, P_plain, np.outer(scale, scale), 1e-11)
    np.testing.assert_allclose(e[used], first["e"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(S[np.ix_(used, used)], first["S"], rtol=1e-11)
    np.testing.assert_array_equal(S, S.T)
    np.testing.assert_allclose(K[:, used], first["K"], rtol=1e-9, atol=1e-11)
    absent = [i for i in range(m) if i not in used]
    assert not K[:, absent].any() and not e[absent].any()
    assert abs(nis - first["nis"]) < 1e-10 and abs(ll - first["ll"]) < 1e-10
    expected = independent(first["e"], first["S"], R, used, m)
    np.testing.assert_allclose(np.array(white, float), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("form", ["factored", "joseph", "textbook", "sigma"])
def test_faults_are_those_of_this_update(way: Call, form: str) -> None:
    """An exactly known sum of two states, measured again: the same is ill-conditioned, another contradicts."""
    x, U = np.array([3.0, 4.0]), np.array([[1.0, -1.0], [0.0, 1.0]])
    D = np.array([1e-310, 2.0])  # x0 + x1 = 7 exactly

    def step(x: Any, U: Any, D: Any, z: Any, R: Any) -> Any:
        H = np.array([[1.0, 1.0]], x.dtype)

        def linearise(x: Any) -> tuple[Any, Any]:
            return H @ x, H

        def spread(x: Any, C: Any) -> tuple[Any, Any, Any]:
            return H @ x, 0.0 * (H @ C), H @ C

        belief, used = Belief(x, U, D), [True]
        if form == "sigma":
            weights = unscented.Weights.of(2, 1.0, 2.0, 0.0)
            return unscented.update(belief, spread, linearise, lambda v: z - v, R, used, weights, ())[
                1
            ].faults
        if form == "factored":
            return extended.update(belief, linearise, lambda v: z - v, R, used)[1].faults
        full = FullBelief(x, (U * D) @ U.T)
        return extended.update_full(full, linearise, lambda v: z - v, R, used, 1, form == "joseph")[1].faults

    for z, r, expected in (
        (7.0, 0.0, [False, False, True, True]),
        (7.0 + 3e-12, 0.0, [False, False, True, True]),  # within 1024 n eps of the terms, and beyond 1024 eps
        (7.0 + 5e-12, 0.0, [False, True, True, True]),
        (7.5, 0.0, [False, True, True, True]),
        (7.5, 0.25, [False, False, False, True]),
        (7.5, -0.25, [True, True, True, False]),
    ):
        found = [bool(v) for v in way(step, x, U, D, np.array([z]), np.array([[r]]))]
        assert found[:1] == expected[:1] and (r < 0.0 or found[:3] == expected[:3]), (z, r, found)


def test_one_iteration_in_joseph_form_by_default(way: Call) -> None:
    rng = np.random.default_rng(12)
    x, U, D = gaussian(rng, 3)
    h, R, used = Curved(rng, 3, 2), full_noise(rng, 2), [True, True]

    def factored_form(x: Any, U: Any, D: Any, R: Any, *given: Any) -> Any:
        return extended.update(Belief(x, U, D), h.linearise, lambda v: 1.0 - v, R, used, *given)[0]

    def full_form(x: Any, P: Any, R: Any, *given: Any) -> Any:
        return extended.update_full(FullBelief(x, P), h.linearise, lambda v: 1.0 - v, R, used, *given)[0]

    for default, once, twice in (
        [way(factored_form, x, U, D, R, *given) for given in ((), (1,), (2,))],
        [way(full_form, x, (U * D) @ U.T, R, *given) for given in ((), (1, True), (2, True))],
    ):
        for a, b in zip(default, once, strict=True):
            np.testing.assert_array_equal(a, b)
        assert np.all(default[0] != twice[0])
    P = (U * D) @ U.T
    assert np.any(way(full_form, x, P, R)[1] != way(full_form, x, P, R, 1, False)[1])


def full_faults(way: Call, x: Any, P: Any, H: Any, R: Any, e: Any) -> list[bool]:
    """The faults of an update of a full covariance whose innovation is e."""

    def step(x: Any, P: Any, H: Any, R: Any, e: Any) -> Any:
        belief, used = FullBelief(x, P), [True] * len(e)
        return extended.update_full(belief, lambda x: (H @ x, H), lambda v: e, R, used)[1].faults

    return [bool(v) for v in way(step, *(np.array(given, float) for given in (x, P, H, R, e)))]


def test_the_terms_of_an_innovation(way: Call) -> None:
    value, H, x = (
        np.array([2.0, -3.0]),
        np.array([[1.0, 2.0, 3.0], [5.0, -1.0, 4.0]]),
        np.array([3.0, 0.5, -2.0]),
    )
    assert way(extended.term_sizes, value, H, x) == [4.0 + 9.0 + 1.0 + 36.0, 9.0 + 225.0 + 0.25 + 64.0]


def test_with_a_full_covariance_digits_are_counted_against_the_terms(way: Call) -> None:
    """h P hᵀ cancels to 0 from terms that add up to 8: up to R = 8 eps, half of the digits of S are rounding."""
    P, H = [[4.0, -2.0], [-2.0, 1.0]], [[1.0, 2.0]]
    for r, ill in ((8.0, True), (8.008, False), (7.0, True)):
        assert full_faults(way, [0.0, 0.0], P, H, [[r * 2.0**-52]], [0.0])[2] == ill
        beside = np.diag([1.0, r * 2.0**-52])  # another component adds information, and these terms stay
        assert full_faults(way, [0.0, 0.0], P, [[1.0, 0.0], *H], beside, [0.0, 0.0])[2] == ill


def test_with_a_full_covariance_either_part_can_be_indefinite(way: Call) -> None:
    for p, r, indefinite in ((4.0, -1.0, True), (-4.0, 1.0, True), (-4.0, 8.0, False), (4.0, 1.0, False)):
        found = full_faults(way, [0.0, 0.0], [[p, 0.0], [0.0, 1.0]], [[1.0, 0.0]], [[r]], [0.5])
        assert found[0] == indefinite


def test_with_a_full_covariance_a_repetition_does_not_contradict(way: Call) -> None:
    P, H, R = [[4.0, 1.0], [1.0, 2.0]], [[1.0, 0.0], [2.0, 0.0]], np.zeros((2, 2))
    assert not full_faults(way, [1.0, 2.0], P, H, R, [1.5, 3.0])[1]
    assert full_faults(way, [1.0, 2.0], P, H, R, [1.5, 3.1])[1]


def test_a_contradiction_is_judged_by_the_prediction(way: Call) -> None:
    """The first component moves both states by 1000; the second contradicts a prediction near 0."""
    P, H, R = [[1e6, 1e6], [1e6, 1e6]], [[1.0, 0.0], [1.0, -1.0]], [[1.0, 0.0], [0.0, 0.0]]
    assert full_faults(way, [1e-3, 1e-3], P, H, R, [1e3, 1e-10])[1]
    assert not full_faults(way, [1e3, 1e3], P, H, R, [1e3, 1e-10])[1]
