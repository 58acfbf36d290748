"""The equations of a partly unknown start on arrays of floats, which NumPy computes at once, against entry by entry."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.equations import diffuse
from foglight.equations.gaussian import Factored
from foglight.trace.ops import entrywise, known_zero

Array = NDArray[np.float64]
TURN = np.array([[np.cos(np.pi / 2), -1.0], [1.0, np.cos(np.pi / 2)]])


def each(array: Array) -> Any:
    """The same numbers one by one."""
    return array.astype(object)


def sparse(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers of which half are 0, and some are rounding beside others."""
    sizes = rng.choice([0.0, 0.0, 1e-17, 1.0, 1.0, 30.0], shape)
    return np.asarray(sizes * rng.standard_normal(shape))


@pytest.mark.parametrize("seed", range(40))
def test_what_is_rounding_in_a_matrix(seed: int) -> None:
    F = sparse(np.random.default_rng(seed), 5, 5)
    F[:2, :2] = TURN
    one_by_one = diffuse.beyond_rounding(each(F)).astype(float)
    assert diffuse.beyond_rounding(F).tolist() == one_by_one.tolist()
    assert not one_by_one[[0, 1], [0, 1]].any()
    assert F[0, 0] != 0.0 != F[1, 1]


@pytest.mark.parametrize("F", [np.zeros((3, 3)), np.eye(3), np.diag([2.0, 0.0, -1.0])], ids=str)
def test_a_diagonal_matrix_stays(F: Array) -> None:
    assert diffuse.beyond_rounding(F).tolist() == F.tolist()


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("vector", [False, True])
def test_what_is_rounding_in_a_product(seed: int, vector: bool) -> None:
    """The second direction is the rounding of a product that is 0, and one term is never rounding."""
    rng = np.random.default_rng(seed)
    a, B = sparse(rng, 4, 5), sparse(rng, 5, 3)
    B[:, 1], a[:, 3:] = 0.0, 0.0
    a[:, 0], a[:, 1] = 0.1, 0.3
    B[:2, 1] = [3.0, -1.0]
    a = a[0] if vector else a
    found = diffuse.products_beyond_rounding(a, B, diffuse.KEPT)
    one_by_one = diffuse.products_beyond_rounding(each(a), each(B), diffuse.KEPT).astype(float)
    np.testing.assert_allclose(found, one_by_one, rtol=1e-13, atol=1e-15)
    assert ((found == 0.0) == (one_by_one == 0.0)).all()
    kept = a @ np.where(np.arange(5)[:, None] == 2, B, 0.0)
    np.testing.assert_allclose(found[..., 1], kept[..., 1], rtol=1e-13, atol=0.0)


@pytest.mark.parametrize("seed", range(20))
def test_a_step_keeps_the_same_zeros(seed: int) -> None:
    rng = np.random.default_rng(seed)
    U, D = np.triu(rng.standard_normal((5, 5)), 1) + np.eye(5), rng.uniform(0.2, 2.0, 5)
    A, w = sparse(rng, 5, 3), np.array([1.0, 0.0, 1.0])
    given = (rng.standard_normal(5), U, D, A, w)
    F, h, G = sparse(rng, 5, 5), sparse(rng, 5), rng.standard_normal((5, 2))
    steps = []
    for way in (np.asarray, each):
        belief = diffuse.Belief(*map(way, given)).predict(way(given[0]), way(F), Factored(way(G), way(D[:2])))
        new, S, gain, absorbed = belief.take(way(h), 0.3, 0.7, np.bool_(True), 0.0)
        steps.append([*map(each, new), S, each(gain), bool(absorbed)])
    for at_once, one_by_one in zip(*steps, strict=True):
        found, expected = np.array(at_once, float), np.array(one_by_one, float)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
        assert ((found == 0.0) == (expected == 0.0)).all()


def test_a_function_of_entries_is_called_once_on_floats() -> None:
    calls: list[Any] = []
    result = entrywise(lambda a, b: calls.append(a) or False, np.ones((3, 1)), np.ones(2))
    assert result.tolist() == [[False, False]] * 3
    assert len(calls) == 1


def test_known_zeros_are_all_zeros() -> None:
    assert known_zero(np.zeros(3))
    assert not known_zero(np.array([0.0, 1e-300]))
    assert known_zero(np.float64(0.0))
    assert not known_zero(np.float64(np.nan))
