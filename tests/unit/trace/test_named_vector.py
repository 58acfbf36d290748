"""The arguments of model functions: read in every way that NumPy and Python read, and never written."""

import numpy as np
import pytest

from foglight import ModelError
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.symbol import Symbol

NAMES = ("gap", "speed", "T")
VALUES = (5.0, -1.5, 0.25)


@pytest.fixture
def x() -> Vector:
    return Vector(NAMES, VALUES)


def test_reading_by_name_index_slice_and_unpacking(x: Vector) -> None:
    gap, speed, third = x
    assert (gap, speed, third) == VALUES == (x.gap, x.speed, x.T) == (x[0], x[1], x[-1])
    assert x["speed"] == -1.5 and len(x) == 3
    assert isinstance(x[:2], np.ndarray) and x[:2].tolist() == [5.0, -1.5]
    assert repr(x) == "gap=5.0, speed=-1.5, T=0.25"


def test_arithmetic_as_an_array(x: Vector) -> None:
    A = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 4.0]])
    np.testing.assert_array_equal(A @ x, A @ np.array(VALUES))
    np.testing.assert_array_equal(x @ A.T, A @ np.array(VALUES))
    np.testing.assert_array_equal(2.0 * x + 1.0 - x, np.array(VALUES) + 1.0)
    np.testing.assert_array_equal(np.sin(x), np.sin(VALUES))
    np.testing.assert_array_equal(x > 0.0, [True, False, True])
    assert np.asarray(x).dtype == float and np.sum(x) == 3.75
    assert np.concatenate([x, x[:1]]).tolist() == [*VALUES, 5.0] and np.dot(A[0], x) == 2.0


def test_symbols_stay_symbols() -> None:
    graph = Graph()
    x = Vector(("gap", "speed"), [graph.input(("x", i)) for i in range(2)])
    moved = np.array([[1.0, 0.5], [0.0, 1.0]]) @ x
    assert moved.dtype == object and all(isinstance(v, Symbol) for v in moved)
    assert moved[1] is x.speed and moved[0] is x.gap + 0.5 * x.speed
    assert (x + 1.0)[0] is x.gap + 1.0 and np.sin(x)[1] is np.sin(x.speed)


def test_nothing_can_be_written(x: Vector) -> None:
    sentence = "test_named_vector.py.*a state cannot be set. Return the new values"
    with pytest.raises(ModelError, match=sentence):
        x[0] = 1.0
    with pytest.raises(ModelError, match=sentence):
        x.gap = 1.0
    with pytest.raises(ModelError, match=sentence):
        x += 1.0
    x[:2][0] = 99.0
    np.asarray(x)[0] = 99.0
    assert tuple(x) == VALUES


def test_an_unknown_name_is_reported_with_the_known_ones(x: Vector) -> None:
    with pytest.raises(
        ModelError, match=r"test_named_vector.py:\d+:\d+ `x.gab`.*no state 'gab'. There are: gap, speed, T"
    ):
        x.gab  # noqa: B018
    with pytest.raises(ModelError, match=r"no state number 3. There are: gap"):
        x[3]
    with pytest.raises(ModelError, match=r"read by name, whole number or slice, not 1\.0"):
        x[1.0]
    with pytest.raises(ModelError, match=r"no parameter 'std'. There are none"):
        Vector((), (), "parameter").std  # noqa: B018
