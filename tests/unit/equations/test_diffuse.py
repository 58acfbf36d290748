"""The equations of a partly unknown start, on numbers, on symbols and on whole arrays, against the limit."""

from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import diffuse, extended, robust
from foglight.equations.gaussian import Belief, Factored
from foglight.trace.ops import select
from unit.both import BOTH, Call, wholes
from unit.curved import full_noise, noise
from unit.gaussians import close, gaussian

pytestmark = pytest.mark.parametrize("way", [*BOTH, wholes])
Array = NDArray[np.float64]
YES, NO = np.bool_(True), np.bool_(False)
N = 4
LIMITS = (4.0, 6.0, 8.0)


def start(seed: int, d: int = 3) -> tuple[Array, ...]:
    """x, U, D, A, w, with a different length for every direction."""
    rng = np.random.default_rng(seed)
    return *gaussian(rng, N), rng.normal(size=(N, d)), rng.uniform(0.5, 2.0, d)


def scale(P: Array) -> Array:
    deviations = np.sqrt(np.diag(P))
    return np.outer(deviations, deviations)


def square(columns: Any, weights: Any) -> Array:
    return np.asarray((columns * weights) @ columns.T, float)


def taken(way: Call, given: tuple[Array, ...], h: Array, r: float, e: float, used: Any = True) -> Any:
    """x, U, D, A, w, S, the gain, and 1.0 where the component was absorbed."""

    def step(x: Any, U: Any, D: Any, A: Any, w: Any, h: Any, r: Any, e: Any, used: Any) -> Any:
        new, S, gain, absorbed = diffuse.Belief(x, U, D, A, w).take(h, r, e, used, r * 0.0)
        return *new, S, gain, absorbed

    x, U, D, A, w, S, gain, absorbed = way(step, *given, h, r, e, used)
    return (
        *(np.array(part, float) for part in (x, U, D, A, w)),
        float(S),
        np.array(gain, float),
        bool(absorbed),
    )


ROWS = {
    "all": (np.array([0.3, -1.2, 0.7, 2.0]), 0),
    "one state": (np.array([0.0, 0.0, 1.0, 0.0]), 0),
    "not the first direction": (np.array([0.0, 1.5, 0.7, 2.0]), 1),
    "the last direction": (np.array([0.0, 1.5, 0.7, 2.0]), 2),
}


@pytest.mark.parametrize("r", [0.8, 1e-300])
@pytest.mark.parametrize("row", ROWS)
def test_an_unknown_direction_absorbs_a_reading(way: Call, row: str, r: float) -> None:
    """Durbin & Koopman 2012, §5.2: x + K0 e, P∞ - K0 F∞ K0', (I - K0 h') P* (I - K0 h')' + r K0 K0'."""
    given = start(1)
    x, U, D, A, w = given
    h, first = ROWS[row]
    A[1:, :first] = 0.0  # the directions before it are not observed
    w[1:2] *= 3.0
    P_inf, P, e = (A * w) @ A.T, (U * D) @ U.T, -1.7
    F = h @ P_inf @ h
    K0 = P_inf @ h / F
    x_new, U_new, D_new, A_new, w_new, S, gain, absorbed = taken(way, given, h, r, e)
    assert absorbed is True and S == pytest.approx(F, rel=1e-13)
    np.testing.assert_allclose(gain, K0, rtol=1e-12)
    np.testing.assert_allclose(x_new, x + K0 * e, rtol=1e-12, atol=1e-13)
    L = np.eye(N) - np.outer(K0, h)
    expected = L @ P @ L.T + r * np.outer(K0, K0)
    close(square(U_new, D_new), expected, scale(P + np.outer(K0, K0)), 1e-11)
    close(square(A_new, w_new), P_inf - F * np.outer(K0, K0), scale(P_inf))
    # The first direction that is observed has weight 0 from now on, exactly; those before it stay, to the bit.
    assert np.flatnonzero(w_new == 0.0).tolist() == [first] and (A_new[:, first] == 0.0).all()
    np.testing.assert_array_equal(A_new[:, :first], A[:, :first])
    np.testing.assert_array_equal(w_new[:first], w[:first])
    np.testing.assert_array_equal(given[3], A)  # the arguments are not written to


def test_directions_of_weight_0_keep_it(way: Call) -> None:
    given = start(2)
    *_, A, w = given
    w[0], A[:, 0] = 0.0, 0.0
    h = ROWS["all"][0]
    _, _, _, A_new, w_new, S, _, absorbed = taken(way, given, h, 0.5, 1.0)
    assert absorbed and w_new[0] == w_new[1] == 0.0 < w_new[2] and (A_new[:, :2] == 0.0).all()
    P_inf = (A * w) @ A.T
    assert S == pytest.approx(h @ P_inf @ h, rel=1e-13)


@pytest.mark.parametrize("used", [True, YES, NO])
def test_a_reading_that_observes_no_unknown_direction_is_ordinary(way: Call, used: Any) -> None:
    given = start(3)
    x, U, D, A, w = given
    A[2:] = 0.0
    h = np.array([0.0, 0.0, 1.3, -0.4])
    if used is NO:
        h = ROWS["all"][0]
    r, e = (1.0, 0.0) if used is NO else (0.8, 0.9)
    *known, A_new, w_new, S, gain, absorbed = taken(way, given, h, r, e, used)
    plain = way(
        lambda x, U, D, h, r, e, used: Belief(x, U, D).take(h, r, e, used, r * 0.0),
        x,
        U,
        D,
        h,
        r,
        e,
        used,
    )
    for ours, theirs in zip([*known, S, gain], [*plain[0], plain[1], plain[2]], strict=True):
        np.testing.assert_array_equal(ours, np.array(theirs, float))
    assert absorbed is False and bool(plain[3]) is False
    np.testing.assert_array_equal(A_new, A)
    np.testing.assert_array_equal(w_new, w)


def test_rounding_in_the_observation_of_a_direction_is_removed_from_it(way: Call) -> None:
    """h·a = 2^-45 of terms of 1 is rounding: S = 4, k = (1/4, -3/4), and a - k 2^-45 has h·a = 0 exactly."""
    a = np.array([[1.0], [1.0 - 2.0**-45]])
    given = np.zeros(2), np.eye(2), np.array([1.0, 3.0]), a, np.ones(1)
    *_, A, w, S, gain, absorbed = taken(way, given, np.array([1.0, -1.0]), 0.0, 0.5)
    assert not absorbed and S == 4.0 and gain.tolist() == [0.25, -0.75] and w.tolist() == [1.0]
    np.testing.assert_array_equal(A, [[1.0 - 2.0**-47]] * 2)
    # A missing reading removes nothing.
    *_, A, w, S, gain, absorbed = taken(way, given, np.array([1.0, -1.0]), 1.0, 0.0, NO)
    np.testing.assert_array_equal(A, a)
    # A row that picks one state has no rounding.
    given = np.zeros(2), np.eye(2), np.array([1.0, 3.0]), np.array([[1.0], [2.0**-540]]), np.ones(1)
    *_, A, w, S, gain, absorbed = taken(way, given, np.array([0.0, 1.0]), 1.0, 0.0)
    assert not absorbed and A.tolist() == [[1.0], [2.0**-540]]


@pytest.mark.parametrize(
    ("rest", "seen"),
    [(2.0**-44, True), (0.875 * 2.0**-44, False), (-1.25 * 2.0**-44, True), (-(2.0**-45), False)],
)
def test_a_direction_is_observed_beyond_64_times_rounding(way: Call, rest: float, seen: bool) -> None:
    given = np.zeros(2), np.eye(2), np.ones(2), np.array([[1.0], [1.0 - rest]]), np.ones(1)
    *_, S, _, absorbed = taken(way, given, np.array([1.0, -1.0]), 1.0, 0.0)
    assert absorbed is seen and S == (rest**2 if seen else 3.0)


@pytest.mark.parametrize(
    ("w", "coefficient", "seen"),
    [(2.0**-1022, 1.0, True), (2.0**-1022, 0.5, False), (1.0, 2.0**-511, True), (1.0, 2.0**-512, False),
     (2.0**-60, 2.0**-481, True), (2.0**-60, 2.0**-482, False), (2.0**-1022, 1.0 - 2.0**-50, False)],
)  # fmt: skip
def test_a_square_that_underflows_is_not_observed(
    way: Call, w: float, coefficient: float, seen: bool
) -> None:
    given = np.zeros(1), np.eye(1), np.ones(1), np.ones((1, 1)), np.array([w])
    *_, w_new, S, _, absorbed = taken(way, given, np.array([coefficient]), 1.0, 0.0)
    assert (
        absorbed is seen
        and bool(w_new[0] == 0.0) is seen
        and S == (w * coefficient * coefficient if seen else 1.0 + coefficient * coefficient)
    )


def test_prediction_propagates_directions_and_the_known_part_as_the_filter_does(way: Call) -> None:
    rng = np.random.default_rng(4)
    given = start(4)
    F, y, Q = rng.normal(size=(N, N)), rng.normal(size=N), noise(rng, N)

    def step(x: Any, U: Any, D: Any, A: Any, w: Any, G: Any, v: Any) -> Any:
        belief = diffuse.Belief(x, U, D, A, w)
        return *belief.predict(y, F, Factored(G, v)), *belief.known.predict(y, F, Factored(G, v))

    *known, A, w, x_plain, U_plain, D_plain = way(step, *given, Q.G, Q.variances)
    for ours, theirs in zip(known, (x_plain, U_plain, D_plain), strict=True):
        np.testing.assert_array_equal(np.array(ours, float), np.array(theirs, float))
    np.testing.assert_allclose(np.array(A, float), F @ given[3], rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(np.array(w, float), given[4])


@pytest.mark.parametrize(
    ("rest", "left"), [(2.0**-48, 2.0**-48), (0.875 * 2.0**-48, 0.0), (-(2.0**-47), -(2.0**-47))]
)
def test_entries_of_a_direction_up_to_4_times_rounding_are_zero(way: Call, rest: float, left: float) -> None:
    F, A = np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([[1.0], [1.0 - rest]])

    def step(A: Any) -> Any:
        Q = Factored(np.zeros((2, 1)), np.ones(1))
        belief = diffuse.Belief(np.zeros(2), np.eye(2), np.ones(2), A, np.ones(1))
        return belief.predict(np.zeros(2), F, Q).A

    found = np.array(way(step, A), float)
    assert found.tolist() == [[left], [2.0 * (1.0 - rest)]]


def test_a_sum_is_rounding_up_to_its_bound(way: Call) -> None:
    """3 - 1 = 2, of 4 in all: times · 2 · 2^-52 is half at times = 2^50; a single term is never rounding."""
    bound = 2.0**50

    def found(times: float, *terms: float) -> float:
        return float(way(lambda terms: diffuse.sum_beyond_rounding(terms, times), np.array(terms)))

    assert found(bound, 3.0, -1.0) == found(bound, -3.0, 1.0) == 0.0
    less = np.nextafter(bound, 0.0)
    assert found(less, 3.0, -1.0) == 2.0 and found(less, -3.0, 1.0) == -2.0
    assert found(2.0 * bound, 3.0, 0.0) == 3.0 and found(bound, 0.0, 0.0) == 0.0
    # A zero is not a term, but counts in the length of the sum.
    assert found(less, 3.0, -1.0, 0.0) == 0.0 and found(less / 1.51, 3.0, -1.0, 0.0) == 2.0


@pytest.mark.parametrize(
    ("w", "unsure"),
    [((0.0, 1e-300), 1), ((0.5, 0.0), 1), ((0.0, 0.0), 0), ((2.0, 2.0), 1), ((0.0, 0.0, 0.1), 1)],
)
def test_unsure_while_any_weight_is_left(way: Call, w: tuple[float, ...], unsure: int) -> None:
    def step(w: Any) -> Any:
        return diffuse.Belief(np.zeros(1), np.eye(1), np.ones(1), np.ones((1, len(w))), w).unsure

    weights = np.array(w)
    assert bool(way(step, weights)) is bool(unsure)


def limit(
    given: tuple[Array, ...], H: Array, R: Array, e: Array, used: list[int]
) -> tuple[Array, Array, float]:
    """x, P and the log-likelihood with the weights of the directions times 10^60, in 250 digits."""
    with mpmath.workdps(250):
        x, U, D, A, w = (mpmath.matrix(part.tolist()) for part in given)
        vast = mpmath.mpf(10) ** 60
        P = U * mpmath.diag(D) * U.T + vast * A * mpmath.diag(w) * A.T
        H, R = mpmath.matrix(H[used].tolist()), mpmath.matrix(R[np.ix_(used, used)].tolist())
        e = mpmath.matrix(e[used].tolist())
        S = H * P * H.T + R
        K = P * H.T * mpmath.inverse(S)
        mean, cov = x + K * e, P - K * S * K.T
        nis = (e.T * mpmath.inverse(S) * e)[0]
        loglik = -(len(used) * mpmath.log(2 * mpmath.pi) + mpmath.log(mpmath.det(S)) + nis) / 2
        loglik += mpmath.log(vast) / 2
        return np.array(mean.tolist(), float)[:, 0], np.array(cov.tolist(), float), float(loglik)


@pytest.mark.parametrize("used", [[0, 1, 2], [0, 2], [1, 2], []])
@pytest.mark.parametrize("correlated", [True, False])
def test_an_update_is_the_limit_of_vast_variances(way: Call, correlated: bool, used: list[int]) -> None:
    rng = np.random.default_rng(11)
    given = start(6, 1)
    given[2][:] = rng.uniform(0.5, 2.0, N)
    H, e, R = rng.normal(size=(3, N)), rng.normal(size=3), full_noise(rng, 3)
    H[0, :], given[3][3] = [1.0, -0.5, 0.2, 0.0], 0.8
    if not correlated:
        R = np.diag(np.diag(R))
        H[0] -= (H[0] @ given[3][:, 0]) / given[3][3, 0] * np.eye(N)[3]  # the first one does not observe it
    flags: list[Any] = [YES if i in used else NO for i in range(3)] if len(used) < 3 else [True] * 3

    def step(x: Any, U: Any, D: Any, A: Any, w: Any, R: Any, used: list[Any]) -> Any:
        new, info = extended.update(
            diffuse.Belief(x, U, D, A, w), lambda at: (H @ at, H + 0.0 * U[0, 0]),
            lambda value: e + 0.0 * U[0, 0], R, used,
        )  # fmt: skip
        bounds = [of(LIMITS, info, used) for of in (robust.bound_for, robust.limit_for)]
        results = info.innovation, info.S, info.K, info.nis, info.loglik
        return *new, *results, *info.white, list(info.absorbed), bounds

    x, U, D, A, w, innovation, cov, K, nis, loglik, eps, S, r, absorbed, bounds = way(step, *given, R, flags)
    first = next((i for i in used if correlated or i), None)
    assert [bool(a) for a in absorbed] == [i == first for i in range(3)]
    eps, S, r = (np.array(part, float) for part in (eps, S, r))
    if first is None:
        assert float(w[0]) == given[4][0] and float(loglik) == 0.0
        assert [float(bound) for bound in bounds] == [LIMITS[0]] * 2
        return
    mean, P, expected = limit(given, H, R, e, used)
    assert float(w[0]) == 0.0 and (np.array(A, float) == 0.0).all()
    np.testing.assert_allclose(np.array(x, float), mean, rtol=1e-10, atol=1e-10)
    moved = np.array(K, float)[:, used] @ e[used]
    np.testing.assert_allclose(moved, mean - given[0], rtol=1e-9, atol=1e-10)
    close(square(U, D), P, scale(P), 1e-10)
    assert float(loglik) == pytest.approx(expected, rel=1e-10)
    assert eps[first] == 0.0 and S[first] == r[first] == 1.0
    others = [i for i in used if i != first]
    assert float(nis) == pytest.approx((eps**2 / S).sum(), rel=1e-10)
    np.testing.assert_array_equal(np.array(innovation, float), eps)
    alone = np.diag(np.where([i == first for i in range(3)], np.inf, S))
    np.testing.assert_array_equal(np.array(cov, float), alone)
    assert bounds[0] == np.inf and bounds[1] == LIMITS[len(others) - 1 if others else 0]


def reports(way: Call, given: tuple[Array, ...], H: Array, e: Array, R: Array, used: list[Any]) -> Any:
    """What an update reports with an unknown direction, and without it: innovation, S, nis, loglik, faults."""

    def step(x: Any, U: Any, D: Any, A: Any, w: Any, R: Any, used: list[Any]) -> Any:
        belief, found = diffuse.Belief(x, U, D, A, w), []
        for some in (belief, belief.known):
            _, info = extended.update(
                some, lambda at: (H @ at, H + 0.0 * U[0, 0]), lambda value: e + 0.0 * U[0, 0], R, used
            )
            assert bool(info.absorbed) is (some is belief)
            masks = [select(mask, 1.0, 0.0) for mask in info.faults]
            found.append([info.innovation, info.S, info.nis, info.loglik, masks])
        return found

    return way(step, *given, R, used)


def test_a_sensor_that_observes_no_unknown_direction_reports_as_usual(way: Call) -> None:
    rng = np.random.default_rng(13)
    given = start(7, 1)
    given[3][:3] = 0.0
    H, e = rng.normal(size=(3, N)), rng.normal(size=3)
    H[:, 3] = 0.0
    for used in ([True] * 3, [YES, NO, YES]):
        ours, theirs = reports(way, given, H, e, full_noise(rng, 3), used)
        for mine, same in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(np.array(mine, float), np.array(same, float), rtol=1e-13)
        assert np.array(ours[1], float)[0, 2] != 0.0


def test_absorbed_components_have_no_faults(way: Call) -> None:
    """A reading far noisier than the known state is saturated, unless an unknown direction absorbs it."""
    given = np.ones(2), np.eye(2), np.array([1.0, 1e-20]), np.array([[1.0], [0.0]]), np.ones(1)
    e, R = np.array([0.5, 0.25]), np.diag([1e20, 1.0])
    for used, saturated in (([YES, NO], 0.0), ([NO, NO], 0.0), ([NO, YES], 1.0), ([YES, YES], 1.0)):
        ours, _ = reports(way, given, np.eye(2), e, R, used)
        assert [float(mask) for mask in ours[4]] == [0.0, 0.0, 0.0, saturated]


def test_an_exact_reading_with_an_unknown_direction_may_differ_by_rounding(way: Call) -> None:
    """1024 · n · 2^-52 of √2, for x = h(x) = 1 and n = 4 states."""
    given = np.ones(N), np.eye(N), np.array([1.0, 1.0, 0.0, 1.0]), np.eye(N)[:, :1], np.ones(1)
    for times, contradicted in ((3.9, 0.0), (4.1, 1.0)):
        e = np.array([times * 1024.0 * 2.0**-52 * np.sqrt(2.0)])
        ours, theirs = reports(way, given, np.eye(N)[2:3], e, np.zeros((1, 1)), [True])
        assert float(ours[4][1]) == contradicted == float(theirs[4][1])
