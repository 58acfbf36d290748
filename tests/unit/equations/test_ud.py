"""combine, condition, split and their companions, on numbers and on symbols, against plain matrix algebra."""

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import textbook, ud
from foglight.trace import ops
from unit.both import BOTH, Call, floats, wholes
from unit.gaussians import close, gaussian, pattern

Array = NDArray[np.float64]
EPS = 2.0**-52
TINY = 2.0**-1022
pytestmark = pytest.mark.parametrize("way", BOTH)
SIZES = [1, 2, 3, 8, 9, 11]  # the form of an update changes above 8 states


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 3), (3, 7), (4, 2), (9, 12)])
def test_combine_is_a_factor_of_the_sum_of_squares(way: Call, n: int, k: int) -> None:
    rng = np.random.default_rng(100 * n + k)
    C, w = rng.normal(size=(n, k)), 10.0 ** rng.uniform(-2, 2, k)
    before = C.copy()
    U, D = way(ud.combine, C, w)
    np.testing.assert_array_equal(C, before)
    np.testing.assert_array_equal(np.tril(U), np.eye(n))
    assert np.all(D >= 0.0)
    P = (C * w) @ C.T
    scale = np.sqrt(np.outer(np.diag(P), np.diag(P)))
    close((U * D) @ U.T, P, scale, 1e-13)
    assert np.all(D[n - min(n, k) :] > 0.0)


@pytest.mark.parametrize(("n", "rank"), [(1, 1), (2, 2), (5, 5), (5, 3), (9, 4)])
def test_a_covariance_has_the_factor_that_it_came_from(way: Call, n: int, rank: int) -> None:
    """Of any rank, and with a state that is known."""
    C = np.random.default_rng(10 * n + rank).normal(size=(n, rank))
    C[n // 2] = 0.0 if n > 2 else C[n // 2]
    P = C @ C.T
    one, other = way(ud.factor_of, P), wholes(ud.factor_of, P)
    for U, D in (one, other):
        np.testing.assert_array_equal(np.tril(U), np.eye(n))
        assert np.all(D >= 0.0) and np.count_nonzero(D > 1e-13 * np.diag(P).max()) <= rank
        scale = np.sqrt(np.outer(np.diag(P), np.diag(P)))
        close((U * D) @ U.T, P, scale + (scale == 0.0), 1e-13)


def test_a_row_without_weight_has_no_variance_and_affects_no_other(way: Call) -> None:
    rng = np.random.default_rng(2)
    C, w = rng.normal(size=(4, 6)), rng.uniform(1.0, 2.0, 6)
    C[2] = 0.0
    U, D = way(ud.combine, C, w)
    assert D[2] == 0.0 and np.all(np.delete(D, 2) > 0.0)
    np.testing.assert_array_equal(U[:, 2], np.eye(4)[2])
    rest = [0, 1, 3]
    alone = way(ud.combine, C[rest], w)
    np.testing.assert_array_equal(U[np.ix_(rest, rest)], alone[0])
    np.testing.assert_array_equal(D[rest], alone[1])


def test_a_row_below_its_floor_has_no_variance(way: Call) -> None:
    rng = np.random.default_rng(3)
    C, w = rng.normal(size=(3, 5)), rng.uniform(1.0, 2.0, 5)
    U, D = way(ud.combine, C, w)
    for floors in ({1: D[1]}, {1: 0.5 * D[1], 0: 0.0}, {}):
        kept = way(ud.combine, C, w, floors)
        np.testing.assert_array_equal(kept[0], U)
        np.testing.assert_array_equal(kept[1], D)
    cut_U, cut_D = way(ud.combine, C, w, {1: np.nextafter(D[1], np.inf)})
    assert cut_D[1] == 0.0 and cut_D[2] == D[2] and cut_U[0, 1] == 0.0
    assert cut_U[0, 2] == U[0, 2] and cut_U[1, 2] == U[1, 2]


@pytest.mark.parametrize("kind", ["full", "one", "two"])
@pytest.mark.parametrize("n", SIZES)
def test_condition_is_the_textbook_update(way: Call, n: int, kind: str) -> None:
    for seed in range(5 if way is floats else 2):
        rng = np.random.default_rng(10 * n + seed)
        x, U, D = gaussian(rng, n)
        if seed == 1 and n > 2:
            D[1] = 0.0
        h, r, e = pattern(rng, n, kind), rng.uniform(0.1, 1.0), rng.normal()
        P = (U * D) @ U.T
        S = h @ P @ h + r
        before = (x.copy(), U.copy(), D.copy(), h.copy())
        x_new, U_new, D_new, s, k = way(ud.condition, x, U, D, h, r, e)
        for old, now in zip(before, (x, U, D, h), strict=True):
            np.testing.assert_array_equal(old, now)
        np.testing.assert_array_equal(np.tril(U_new), np.eye(n))
        assert np.all(D_new <= D) and np.all((D_new > 0.0) == (D > 0.0))
        deviations = np.sqrt(np.diag(P))
        assert abs(s / S - 1.0) < 1e-13
        close(k, P @ h / S, deviations / np.sqrt(S))
        close(x_new, x + P @ h * (e / S), deviations * max(abs(e), 1.0))
        close((U_new * D_new) @ U_new.T, P - np.outer(P @ h, P @ h) / S, np.outer(deviations, deviations))


@pytest.mark.parametrize("n", SIZES)
def test_what_is_not_used_leaves_every_bit(way: Call, n: int) -> None:
    rng = np.random.default_rng(n)
    x, U, D = gaussian(rng, n)
    h = rng.normal(size=n)
    x_new, U_new, D_new, s, k = way(ud.condition, x, U, D, h, 1.0, 0.0, np.False_)
    for old, new in ((x, x_new), (U, U_new), (D, D_new), (np.zeros(n), k)):
        np.testing.assert_array_equal(old, new)
    assert s == 1.0


@pytest.mark.parametrize("r", [1e-3, 1e-20, 1e-200])
@pytest.mark.parametrize("n", SIZES)
def test_a_state_measured_directly_is_exact_to_rounding(way: Call, n: int, r: float) -> None:
    """x_i given z: var r P/(P + r), cov with x_j r P_ij/(P + r), both without losing a digit."""
    for i in range(n):
        rng = np.random.default_rng(n)
        x, U, D = gaussian(rng, n)
        P = (U * D) @ U.T
        _, U_new, D_new, S, _ = way(ud.condition, x, U, D, np.eye(n)[i], r, 0.0)
        share = r / (P[i, i] + r)
        row = (U_new * D_new)[i] @ U_new.T
        assert abs(S / (P[i, i] + r) - 1.0) < 1e-14
        deviations = np.sqrt(P[i, i] * np.diag(P))
        close(row, share * P[i], share * deviations, 1e-13)


@pytest.mark.parametrize("n", [2, 3, 8, 9])
def test_without_noise_what_was_measured_is_known(way: Call, n: int) -> None:
    for kind in ("full", "one", "two"):
        rng = np.random.default_rng(n)
        x, U, D = gaussian(rng, n)
        h = pattern(rng, n, kind)
        P = (U * D) @ U.T
        x_new, U_new, D_new, S, _ = way(ud.condition, x, U, D, h, 0.0, 1.0)
        left = ((h @ U_new) ** 2 * D_new).sum()
        assert 0.0 <= left < (100 * EPS) ** 2 * S
        assert abs(h @ (x_new - x) - 1.0) < 1e-12
        deviations = np.sqrt(np.diag(P))
        close(
            (U_new * D_new) @ U_new.T,
            P - np.outer(P @ h, P @ h) / S,
            np.outer(deviations, deviations),
            1e-11,
        )


def test_a_variance_below_the_floor_is_rounding_and_changes_nothing(way: Call) -> None:
    rng = np.random.default_rng(5)
    x, U, D = gaussian(rng, 3)
    h = rng.normal(size=3)
    S = way(ud.condition, x, U, D, h, 0.25, 1.0)[3]
    kept = way(ud.condition, x, U, D, h, 0.25, 1.0, True, S)
    assert kept[3] == S and kept[2][2] < D[2] and np.all(kept[0] != x)
    for floor in (np.nextafter(S, np.inf), 2.0 * S):
        x_new, U_new, D_new, s, k = way(ud.condition, x, U, D, h, 0.25, 1.0, True, floor)
        assert s == 0.0 and not k.any()
        for old, new in ((x, x_new), (U[2], U_new[2]), (D[2], D_new[2])):
            np.testing.assert_array_equal(old, new)


def test_the_smallest_normal_variance_counts(way: Call) -> None:
    unit = np.ones((1, 1))
    x, D = np.zeros(1), np.array([3.0 * TINY])
    assert way(ud.condition, x, unit, D, np.array([1.0]), 0.0, 1.0)[0][0] == 1.0
    below = way(ud.condition, x, unit, np.array([0.5 * TINY]), np.array([1.0]), 0.0, 1.0)
    assert below[0][0] == 0.0 and below[2][0] == 0.5 * TINY and below[3] == 0.0
    at = way(ud.condition, x, unit, np.array([TINY]), np.array([1.0]), 0.0, 1.0)
    assert at[3] == TINY and at[0][0] == 1.0 and at[2][0] == 0.0


def test_spread_is_the_variance_without_covariances(way: Call) -> None:
    rng = np.random.default_rng(6)
    _, U, D = gaussian(rng, 4)
    variances = np.diag((U * D) @ U.T)
    H = rng.normal(size=(4, 4))
    H[1] = [0.0, 0.0, 2.0, 0.0]
    H[2, 0] = H[2, 3] = 0.0
    H[3] = 0.0
    spread = way(ud.spread_of, H, U, D)
    assert spread[1] == 0.0 and spread[3] == 0.0
    np.testing.assert_allclose(np.array(spread)[[0, 2]], (H * H @ variances)[[0, 2]], rtol=1e-14)
    assert [way(ud.picks_one, h) for h in H] == [False, True, False, False]


def test_the_floor_is_what_rounding_makes_and_noise_does_not_cover(way: Call) -> None:
    floor = 3.0 * (5 * EPS) ** 2
    for r in (0.0, floor * 2.0**-20):
        assert way(ud.rounding_floor, 3.0, r, 5) == floor
    for r in (np.nextafter(floor * 2.0**-20, 1.0).item(), floor, 1.0):
        assert way(ud.rounding_floor, 3.0, r, 5) == 0.0
    assert way(ud.rounding_floor, 0.0, 0.0, 5) == 0.0


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_split_is_a_factor(way: Call, n: int) -> None:
    rng = np.random.default_rng(n)
    for rank in range(1, n + 1):
        G = rng.integers(-4, 5, size=(n, rank)) * 2.0 ** rng.integers(-3, 4, size=(n, 1))
        G[:rank] += 4.0 * np.eye(rank) * 2.0 ** rng.integers(-3, 4, size=(rank, 1))
        A = G @ G.T
        before = A.copy()
        L, d, bad = way(ud.split, A)
        np.testing.assert_array_equal(A, before)
        assert not bad
        np.testing.assert_array_equal(np.triu(L), np.eye(n))
        scale = np.sqrt(np.outer(np.diag(A), np.diag(A)))
        assert np.all(np.abs((L * d) @ L.T - A) <= 1e-13 * scale)
        assert np.sum(d > 0.0) == np.linalg.matrix_rank(G) and np.all(d >= 0.0)


@pytest.mark.parametrize("last", [0.0, 24 * EPS, 25 * EPS, -47 * EPS, -48 * EPS])
def test_split_of_whole_arrays_is_that_of_scalars(way: Call, last: float) -> None:
    """Pivots at both bounds; full matrices with a column that a zero variance forbids, and a variance below 0."""
    rng, n = np.random.default_rng(12), 12
    G = rng.normal(size=(n, n))
    forbidden, negative = G @ G.T, G @ G.T
    forbidden[3, 3] = 0.0
    negative[5, 5] = -1e-3
    for A in (planted(n, last), G @ G.T, G[:, :7] @ G[:, :7].T, forbidden, negative):
        for given in (False, True):
            one, other = way(ud.split, A, given), wholes(ud.split, A, given)
            assert one[2] == other[2]
            if not one[2]:
                P = [(L * d) @ L.T for L, d, _ in (one, other)]
                assert np.all(np.abs(P[0] - P[1]) <= 1e-12 * np.sqrt(np.outer(np.diag(A), np.diag(A))))


def planted(n: int, last: float) -> Array:
    """A covariance, except that its last pivot is exactly `last`."""
    A = np.eye(n)
    A[0, n - 1] = A[n - 1, 0] = 1.0
    A[n - 1, n - 1] = 1.0 + last
    return A


def test_a_pivot_counts_as_zero_up_to_4_n_u_of_its_diagonal(way: Call) -> None:
    n = 60
    assert way(ud.split, planted(n, 120 * EPS))[1][-1] == 0.0
    assert way(ud.split, planted(n, 121 * EPS))[1][-1] == 121 * EPS


def test_a_pivot_is_negative_beyond_what_rounding_can_explain(way: Call) -> None:
    n = 60
    assert not way(ud.split, planted(n, -239 * EPS))[2]
    _, d, bad = way(ud.split, planted(n, -240 * EPS))
    assert bad and d[-1] == 0.0


def test_rounding_grows_with_what_is_eliminated(way: Call) -> None:
    """With l = 2 the rounding of the first diagonal counts four times: 120 eps (4 + 4 · 1) in all."""
    A = planted(60, 0.0)
    A[0, -1] = A[-1, 0] = 2.0
    for pivot, indefinite in ((-958 * EPS, False), (-960 * EPS, True)):
        A[-1, -1] = 4.0 + pivot
        assert way(ud.split, A)[2] == indefinite


def test_a_diagonal_matrix_has_no_tolerance(way: Call) -> None:
    _, d, bad = way(ud.split, np.diag([4.0, 0.0, 1e-300]))
    assert not bad and d.tolist() == [4.0, 0.0, 1e-300]
    assert way(ud.split, np.diag([4.0, -1e-300, 1.0]))[2]
    assert way(ud.split, np.diag([-4.0, 1.0]))[2]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_triangular_systems_are_solved(way: Call, n: int) -> None:
    rng = np.random.default_rng(n)
    U = np.triu(rng.normal(size=(n, n)), 1) + np.eye(n)
    b, B = rng.normal(size=n), rng.normal(size=(n, 3))
    before = b.copy(), B.copy()
    np.testing.assert_allclose(U @ way(ud.solve_upper, U, b), b, rtol=0, atol=1e-13)
    np.testing.assert_allclose(U.T @ way(ud.whiten, U.T, b), b, rtol=0, atol=1e-13)
    np.testing.assert_allclose(U.T @ way(ud.whiten, U.T, B), B, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(before[0], b)
    np.testing.assert_array_equal(before[1], B)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_covariance_is_symmetric_to_the_bit(way: Call, n: int) -> None:
    _, U, D = gaussian(np.random.default_rng(n), n)
    P = way(ud.covariance, U, D)
    np.testing.assert_array_equal(P, P.T)
    np.testing.assert_allclose(P, (U * D) @ U.T, rtol=1e-13, atol=1e-13)


def test_an_underflowed_square_has_no_reciprocal(way: Call) -> None:
    assert ops.limit("tiny", 1.0) == TINY and ops.limit("eps", 1.0) == EPS
    inverses = [ops.reciprocal, ops.over] if way is floats else [ops.reciprocal]
    for inverse in inverses:
        assert way(inverse, 4.0) == 0.25 and way(inverse, 0.0) == 0.0 and way(inverse, 0.5 * TINY) == 0.0
        assert way(inverse, TINY) == 1.0 / TINY
    assert way(ops.over, 4.0) == 0.25
    assert way(ops.positive, TINY) and not way(ops.positive, np.nextafter(TINY, 0.0))
    np.testing.assert_array_equal(way(ud.unit, 3, np.zeros(2)), np.eye(3))


@pytest.mark.parametrize(("n", "m"), [(3, 2), (2, 3), (4, 1)])
def test_the_two_forms_with_full_covariance_are_the_same_update(way: Call, n: int, m: int) -> None:
    rng = np.random.default_rng(10 * n + m)
    x, U, D = gaussian(rng, n)
    P = way(ud.covariance, U, D)
    H, G = rng.normal(size=(m, n)), rng.normal(size=(m, m + 1))
    R, e, F = G @ G.T, rng.normal(size=m), rng.normal(size=(n, n))
    S = H @ P @ H.T + R
    K = np.linalg.solve(S, H @ P).T
    for form in (textbook.update_textbook, textbook.update_joseph):
        x_new, P_new, S_new, K_new = way(form, x, P, H, R, e)
        scale = np.sqrt(np.diag(P))
        np.testing.assert_allclose(S_new, S, rtol=1e-12)
        np.testing.assert_allclose(K_new, K, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(x_new, x + K @ e, rtol=1e-10, atol=1e-11)
        close(P_new, P - K @ S @ K.T, np.outer(scale, scale), 1e-11)
        for A in (P_new, S_new):
            np.testing.assert_array_equal(A, A.T)
    Q = G[:1, :1] * np.ones((n, n)) + np.eye(n)
    predicted = way(textbook.predict, P, F, Q)
    np.testing.assert_allclose(predicted, F @ P @ F.T + Q, rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(predicted, predicted.T)


def test_joseph_is_right_for_any_covariance_of_noise(way: Call) -> None:
    """The sum of two squares stays a covariance where the difference does not."""
    P = np.array([[1e8, 1e8 - 1.0], [1e8 - 1.0, 1e8]])
    H, R = np.array([[1.0, -1.0]]), np.array([[1e-12]])
    P_new = way(textbook.update_joseph, np.zeros(2), P, H, R, np.zeros(1))[1]
    assert np.all(np.linalg.eigvalsh(P_new) > -1e-8)


def test_the_inverse_leaves_out_directions_without_variance(way: Call) -> None:
    S = np.array([[4.0, 2.0, 0.0], [2.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    expected = np.zeros((3, 3))
    expected[:2, :2] = np.linalg.inv(S[:2, :2])
    np.testing.assert_allclose(way(textbook.inverse, S), expected, rtol=1e-14, atol=1e-15)


def test_symmetric_copies_the_upper_triangle(way: Call) -> None:
    A = np.arange(9.0).reshape(3, 3)
    B = way(textbook.symmetric, A)
    np.testing.assert_array_equal(B, [[0, 1, 2], [1, 4, 5], [2, 5, 8]])
    np.testing.assert_array_equal(A, np.arange(9.0).reshape(3, 3))
