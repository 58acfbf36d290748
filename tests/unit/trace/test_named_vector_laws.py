"""A Vector reads like a tuple of its scalars and computes like their array; its errors name what was asked for."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foglight import ModelError
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector

VALUES = (5.0, -1.5, 0.25)
ROW = np.array(VALUES)


@pytest.fixture
def x() -> Vector:
    return Vector(("gap", "speed__", "T"), VALUES)


@pytest.mark.parametrize("index", [0, 1, 2, -1, -2, -3, np.int64(1), np.uint8(2)])
def test_an_index_reads_as_in_a_tuple(x: Vector, index: Any) -> None:
    assert x[index] == VALUES[index]


@pytest.mark.parametrize(
    "part", [slice(None), slice(1, None), slice(-2, None), slice(None, None, 2), slice(2, 2), slice(-9, 9)]
)
def test_a_slice_reads_as_in_a_tuple(x: Vector, part: slice) -> None:
    assert x[part].tolist() == list(VALUES[part]) and x[part].dtype == float


@pytest.mark.parametrize("index", [3, -4, 7, np.int64(3)])
def test_an_index_beyond_the_end(x: Vector, index: Any) -> None:
    with pytest.raises(
        ModelError, match=rf"no state number {index}. There are: gap, speed__, T\.$"
    ) as caught:
        x[index]
    assert caught.value.index == index and "test_named_vector_laws.py:" in str(caught.value)


@pytest.mark.parametrize("index", [True, False, 1.0, None, (0, 1), [0]])
def test_an_invalid_index(x: Vector, index: Any) -> None:
    with pytest.raises(ModelError, match="a state is read by name, whole number or slice, not"):
        x[index]


def test_an_unknown_name(x: Vector) -> None:
    for read in (lambda: x.velocity, lambda: x["velocity"]):
        with pytest.raises(ModelError, match=r"no state 'velocity'. There are: gap, speed__, T\.$") as caught:
            read()
        assert caught.value.field == "velocity"


def test_only_protocols_are_missing_attributes(x: Vector) -> None:
    """NumPy looks for them; a name that merely ends like one is an entry."""
    assert not hasattr(x, "__array_interface__") and x.speed__ == x["speed__"] == -1.5
    with pytest.raises(ModelError, match="no state 'gap__'"):
        x.gap__  # noqa: B018


def test_nothing_is_set(x: Vector) -> None:
    p = Vector(("drag",), (0.5,), "parameter")
    for change in (
        lambda: setattr(p, "drag", 1.0),
        lambda: operator.setitem(p, 0, 1.0),
        lambda: np.add(p, 1.0, out=p),
    ):
        with pytest.raises(ModelError, match="a parameter cannot be set"):
            change()
    with pytest.raises(ModelError, match="a state cannot be set"):
        np.add(ROW, ROW, out=x)
    assert (tuple(p), tuple(x)) == ((0.5,), VALUES)


CALLS: list[Callable[[Any], Any]] = [
    lambda v: np.add(v, 1.0, out=np.empty(3)),
    lambda v: np.multiply(v, 2.0, dtype=np.float32),
    lambda v: np.add.reduce(v),
    lambda v: np.outer(v, v),
    lambda v: np.subtract.outer(v, v),
    lambda v: np.sum(a=v, axis=0),
    lambda v: np.stack((v, v), axis=1),
    lambda v: np.concatenate([[v], [2.0 * v]], axis=0),
    lambda v: np.vstack([v, ROW, (1.0, 2.0, 3.0)]),
    lambda v: np.where(v > 0.0, v, -1.0),
    lambda v: np.interp(0.5, [0.0, 1.0, 2.0], fp=v),
    lambda v: np.asarray(v, dtype=np.float32),
    lambda v: np.asarray(v, dtype=int),
    lambda v: np.array(v),
    lambda v: abs(v) ** 2,
    lambda v: v @ np.outer(v, ROW),
]


@pytest.mark.parametrize("k", range(len(CALLS)))
def test_numpy_computes_with_its_array(x: Vector, k: int) -> None:
    found, expected = CALLS[k](x), CALLS[k](ROW)
    assert type(found) is type(expected) and found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_what_its_array_holds() -> None:
    """Floats if all are numbers, of any kind, or arrays over tracks; else objects."""
    whole = Vector("ab", (1, 2))
    assert np.asarray(whole).dtype == np.add(whole, 1).dtype == np.sum(whole).dtype == whole[:].dtype == float
    assert np.asarray(Vector("ab", (np.array([1.0, 2.0]), np.array([3, 4])))).tolist() == [
        [1.0, 2.0],
        [3.0, 4.0],
    ]
    symbol = Graph().input("x")
    for values in ((symbol, 2.0), (2.0, symbol), (symbol,), (2.0, symbol, 3.0)):
        found = np.asarray(Vector("abc"[: len(values)], values))
        assert found.dtype == object and all(a is b for a, b in zip(found, values, strict=True))
        part = Vector("abc"[: len(values)], values)[:]
        assert part.dtype == object and all(a is b for a, b in zip(part, values, strict=True))
    assert repr(Vector(("a", "b"), (symbol, 2.0))) == "a=input#2, b=2.0" and len(Vector((), ())) == 0
