"""Covariances given in full that are refused or lose rank: the entry that is named, and the exact thresholds."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight import ModelError
from foglight.model.covariance import averaged, factor_covariance, factor_rows

Array = NDArray[np.float64]
STEP = 2.0**-54  # between numbers in [0.25, 0.5)
N = 60


def refused(P: Any, rows: bool = False) -> ModelError:
    with pytest.raises(ModelError) as caught:
        (factor_rows if rows else factor_covariance)(P, "Q")
    assert caught.value.field == "Q"
    return caught.value


def stacked(P: Any, at: int = 1) -> Array:
    """The matrix as entry `at` of a stack whose other entries are covariances."""
    P = np.array(P, float)
    valid = np.eye(len(P)) + 0.25
    return np.array([P if t == at else valid for t in range(3)])


@pytest.mark.parametrize(
    "P", [[1.0, 2.0], [[1.0, 2.0, 3.0], [2.0, 5.0, 6.0]], np.zeros((0, 0)), np.ones((2, 2, 2))]
)
def test_a_covariance_is_square(P: Any) -> None:
    error = refused(P)
    assert error.value == np.shape(P)
    assert str(error) == f"Q has shape {np.shape(P)}: expected a square matrix (n, n)."


@pytest.mark.parametrize("P", [np.eye(2), np.ones((2, 2, 3)), np.ones((2, 3, 2)), np.zeros((0, 2, 2)), [1.0]])
def test_a_stack_of_covariances_is_a_stack_of_squares(P: Any) -> None:
    error = refused(P, rows=True)
    assert error.value == np.shape(P)
    assert str(error) == f"Q has shape {np.shape(P)}: expected (T, n, n)."


REFUSED: list[tuple[Any, tuple[int, int], float, str]] = [
    ([[4.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, -9.0]], (2, 2), -9.0, "Q[2,2] = -9: a variance must be >= 0"),
    ([[4.0, 0, 1, 0], [0, 1.0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 3]], (0, 2), 1.0, "Q[0,2] = 1 but Q[2,2] = 0: a zero"),
    ([[0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [7.0, 0.0, 1.0]], (2, 0), 7.0, "Q[2,0] = 7 but Q[0,0] = 0: a zero variance"),
    ([[0.0, 2.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 1.0]], (0, 1), 2.0, "Q[0,1] = 2 but Q[0,0] = 0: a zero variance"),
    (
        [[4.0, 0.0, 0.0], [0.0, 4.0, 1.5], [0.0, 1.25, 1.0]],
        (1, 2),
        1.5,
        "Q[1,2] = 1.5 but Q[2,1] = 1.25: a covariance is symmetric (they differ by 0.25). Write (Q + Q.T) / 2",
    ),
    (
        [[16.0, 1.0, 0.0], [1.0, 4.0, 40.0], [0.0, 40.0, 1.0]],
        (1, 2),
        40.0,
        "Q[1,2] = 40 makes Q indefinite: the variances 4 and 1 allow no such covariance",
    ),
    ([[0.25, 1.0], [1.0, 0.25]], (0, 1), 1.0, "Q[0,1] = 1 makes Q indefinite: the variances 0.25 and 0.25 allow"),
    ([[0.25, 1.005], [1.005, 0.25]], (0, 1), 1.005, "Q[0,1] = 1.005 makes Q indefinite: the variances 0.25 and"),
    ([[4.0, -20.0], [-20.0, 4.0]], (0, 1), -20.0, "Q[0,1] = -20 makes Q indefinite: the variances 4 and 4 allow"),
    (
        [[0.5, 0.5, 0.5], [0.5, 0.375, 0.5], [0.5, 0.5, 0.25]],
        (2, 2),
        -0.25,
        "Q[2,2] makes Q indefinite: -0.25 remains there after the other states are eliminated (-0.25 relative, n = 3)",
    ),
    (
        [[1.0, 0.0, 0.0], [0.0, 64.0, 20.0], [0.0, 20.0, 4.0]],
        (2, 2),
        -2.25,
        "Q[2,2] makes Q indefinite: -2.25 remains there after the other states are eliminated (-0.141 relative, n = 3)",
    ),
    (
        [[64.0, 16.0, 32.0], [16.0, 4.0, 9.0], [32.0, 9.0, 16.0]],
        (1, 2),
        1.0,
        "Q[1,2] makes Q indefinite: 1 remains there after the other states are eliminated (0.0312 relative, n = 3)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("P", "index", "value", "words"), REFUSED)
def test_the_wrong_entry_is_named(P: Any, index: tuple[int, int], value: float, words: str) -> None:
    error = refused(P)
    assert error.index == index and error.value == value
    assert str(error).startswith(words), str(error)
    for t in range(3):
        error = refused(stacked(P, t), rows=True)
        assert error.index == (t, *index) and error.value == value
        assert str(error).startswith(f"Q[{t},{index[0]},{index[1]}] ")
        assert re.sub(rf"Q\[{t},(\d),(\d)\]", r"Q[\1,\2]", str(error)).startswith(words), str(error)
        if "symmetric" in words:
            assert f"but Q[{t},2,1] = 1.25" in str(error)


@pytest.mark.parametrize("size", [0.25, 0.5])
def test_a_pivot_is_a_zero_of_rank_up_to_4_n_u_of_a_variance(size: float) -> None:
    step = STEP * (size / 0.25)
    for steps, rank in ((480 * 0.25 / size, N - 1), (485 * 0.25 / size, N), (244 * 0.25 / size, N - 1)):
        P = size * np.eye(N)
        P[0, -1] = P[-1, 0] = size
        P[-1, -1] = size + int(steps) * step
        assert factor_covariance(P)[0].shape == (N, rank), steps
    P[-1, -1] = size + int(482 * 0.25 / size) * step
    assert factor_covariance(P)[0].shape == (N, N)


def test_a_pivot_of_just_4_n_u_is_a_zero_of_rank() -> None:
    P = 0.25 * np.eye(N)
    P[0, 0], P[0, -1], P[-1, 0] = 0.5, 0.375, 0.375
    for steps, rank in ((480, N - 1), (481, N)):
        P[-1, -1] = 0.28125 + steps * STEP
        assert factor_covariance(P)[0].shape == (N, rank)


def test_a_negative_variance_beyond_rounding_is_named_before_a_covariance() -> None:
    P = 0.5 * np.eye(5)
    P[0, :3] = P[:3, 0] = 0.5
    P[1, 1], P[1, 2], P[2, 1] = 0.5, 0.5 + 2.0**-20, 0.5 + 2.0**-20
    for steps, index in ((200, (1, 2)), (201, (2, 2))):  # 4 n² u is 200 steps
        P[2, 2] = 0.5 - steps * STEP
        for rows in (False, True):
            error = refused(stacked(P) if rows else P, rows)
            assert error.index == ((1, *index) if rows else index)


def test_the_first_of_several_is_named_and_values_are_in_their_own_unit() -> None:
    P = np.array([[64.0, 20.0], [20.0, 4.0]])
    error = refused([2.0**200 * P, P], rows=True)
    assert error.index == (0, 1, 1) and error.value == -2.25 * 2.0**200


def test_states_eliminated_earlier_are_not_in_a_column() -> None:
    G = np.random.default_rng(3).normal(size=(5, 7))
    L, v = factor_covariance(averaged(G @ G.T))
    assert v.shape == (5,) and np.all(np.diag(L) == 1.0)
    assert np.all((L == 0.0) != (L.T == 0.0) | np.eye(5, dtype=bool))


def test_a_remainder_up_to_4_n_squared_u_is_rounding() -> None:
    size = 0.3125
    P = size * np.eye(N)
    P[0, -1] = P[-1, 0] = size
    for steps in (28800, 14500):
        P[-1, -1] = size - steps * STEP
        assert factor_covariance(P)[0].shape == (N, N - 1)
    P[-1, -1] = size - 28801 * STEP
    error = refused(P)
    assert error.index == (N - 1, N - 1) and error.value == -28801 * STEP


def test_two_triangles_may_differ_by_1e10th_of_the_deviations() -> None:
    for unit in (1.0, 2.0**40):
        P = np.array([[0.25, 0.1], [0.1, 0.64]]) * unit
        for differ, valid in ((3.99e-11, True), (4.01e-11, False), (-4.01e-11, False), (-3.99e-11, True)):
            P[1, 0] = (0.1 + differ) * unit
            if valid:
                factor_covariance(P)
            else:
                assert refused(P).index == (0, 1)
    limit = 1e-10 * 0.5 * 0.8
    factor_covariance([[0.25, limit * (1 - 1e-12)], [0.0, 0.64]])
    assert refused([[0.25, limit * (1 + 1e-12)], [0.0, 0.64]]).index == (0, 1)


def test_columns_beyond_the_rank_are_zero_and_neighbours_change_nothing() -> None:
    ones = np.ones((3, 3))
    spread = np.diag([1.0, 2.0, 3.0]) + 0.5
    G, v = factor_rows(np.array([ones, spread, np.zeros((3, 3))]), "Q")
    assert (v > 0).sum(axis=1).tolist() == [1, 3, 0]
    for t in range(3):
        assert not G[t][:, v[t] == 0.0].any()
        alone, variances = factor_covariance(stacked(ones)[1] if t == 0 else [spread, 0 * spread][t - 1])
        np.testing.assert_array_equal(G[t][:, v[t] > 0], alone)
        np.testing.assert_array_equal(v[t][v[t] > 0], variances)


def test_the_remainder_of_one_matrix_does_not_depend_on_the_others() -> None:
    """The first matrix has one pivot, its neighbour three."""
    P = [[64.0, 16.0, 32.0], [16.0, 4.0, 9.0], [32.0, 9.0, 16.0]]
    alone, beside = refused([P], rows=True), refused(stacked(P, 0), rows=True)
    assert str(alone) == str(beside) and alone.value == beside.value == 1.0


def test_the_average_of_two_triangles() -> None:
    P = [[4.0, 1.0], [3.0, 9.0]]
    np.testing.assert_array_equal(averaged(P), [[4.0, 2.0], [2.0, 9.0]])
    np.testing.assert_array_equal(averaged([P, np.eye(2), P])[2], [[4.0, 2.0], [2.0, 9.0]])
    assert averaged([[4, 1], [2, 9]])[0, 1] == 1.5
