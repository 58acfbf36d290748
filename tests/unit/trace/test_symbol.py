"""Plain NumPy on symbols: each way to write an operation gives that operation, and the same values."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import erf

from foglight.trace.graph import Graph
from foglight.trace.ops import (
    absolute,
    copysign,
    exponent,
    floor,
    maximum,
    minimum,
    pow2,
    product,
    rint,
    select,
    sqrt,
    total,
)
from foglight.trace.program import Program, lower
from foglight.trace.symbol import Symbol

POINTS = [(0.7, -1.3), (-0.4, 2.5), (1.6, 0.3), (-2.2, -0.8), (0.5, 2.25)]


def traced(function: Callable[..., Any], points: Any = POINTS) -> Any:
    """The function on symbols, lowered and evaluated at the points."""
    graph = Graph()
    inputs = [graph.input(("x", i)) for i in range(len(points[0]))]
    outputs = np.ravel(np.array(function(*inputs), dtype=object)).tolist()
    program = lower(Program.of(graph, {"out": outputs}))
    columns = np.array(points).T
    found = program.evaluate({("x", i): column for i, column in enumerate(columns)})["out"]
    return np.array([np.broadcast_to(v, len(points)) for v in found]).T


def plain(function: Callable[..., Any], points: Any = POINTS) -> Any:
    """The same on floats."""
    with np.errstate(all="ignore"):
        return np.array([np.ravel(function(*np.array(point))) for point in points])


SPELLINGS: dict[str, Callable[..., Any]] = {
    "operators": lambda a, b: a + b * 2.0 - 3.0 / a + (1 - b) * (2 + a) - -b / 7.0 + (+a),
    "reflected": lambda a, b: [2.0 - a, 2.0 / a, 2.0 * a, 2.0 + a, 2.0 ** a, 7.5 % a],
    "modulo": lambda a, b: [a % 0.7, a % b, a % -0.7, np.mod(a, 0.7), np.remainder(b, 1.5)],
    "whole powers": lambda a, b: [a**0, a**1, a**2, a**3, a**7, a**-1, a**-3, np.power(a, 4), np.square(a)],
    "roots": lambda a, b: [abs(a) ** 0.5, abs(a) ** 1.5, np.sqrt(abs(b)), np.float64(2.0) ** b],
    "comparisons": lambda a, b: [
        np.where(a < b, 1.0, 2.0), np.where(a <= b, 1.0, 2.0), np.where(a > b, 1.0, 2.0), np.where(a >= b, 1.0, 2.0),
        np.where(a == b, 1.0, 2.0), np.where(a != b, 1.0, 2.0), np.where(np.less(a, 0.5), 1.0, 2.0),
        np.where(np.greater_equal(0.5, b), 1.0, 2.0), np.where(np.not_equal(a, a), 1.0, 2.0),
    ],
    "logic": lambda a, b: [
        np.where((a > 0) & (b > 0), 1.0, 2.0), np.where((a > 0) | (b > 0), 1.0, 2.0), np.where(~(a > 0), 1.0, 2.0),
        np.where(np.logical_and(a > 0, b < 0), 1.0, 2.0), np.where(np.logical_or(a > 1, b > 1), 1.0, 2.0),
        np.where(np.logical_not(a > b), 1.0, 2.0),
    ],
    "masks as numbers": lambda a, b: [
        (a > 0) * b, 3.0 * (a > b) - 1.0, np.where(a > 0, a > 1, b > 2) * 1.0, (a > b) / 2.0, np.abs(a) * (b < 0) ** 2,
        np.where(a > 0, b > 0, 5.0), np.sqrt((a > b) * 4.0), 1.0 - (a >= 0),
    ],
    "numbers as masks": lambda a, b: [
        np.where(a, b, 2.0), np.where(0.0 * a, b, 2.0), np.where(np.logical_and(a, b > 0), 1.0, 2.0),
        np.where(np.logical_not(np.floor(a)), 1.0, 2.0),
    ],
    "extremes": lambda a, b: [
        np.minimum(a, b), np.maximum(a, b), np.fmin(a, 0.5), np.fmax(0.5, b), np.clip(a, -1.0, 1.0), np.sign(a),
    ],
    "one bound": lambda a, b: [
        np.clip(a, 1.0, None), np.clip(b, None, 0.5), np.clip(a, None, 1.0), np.clip(b, a_min=1, a_max=None),
        np.clip(a, b, None), np.clip(a, a_max=b, a_min=-1.0),
    ],
    "sizes": lambda a, b: [abs(a), np.abs(b), np.fabs(a), np.absolute(b), np.copysign(a, b), np.hypot(a, b)],
    "rounding": lambda a, b: [np.floor(a), np.rint(b), np.rint(a * 0.0 + 2.5), np.floor(-a)],
    "circle": lambda a, b: [np.sin(a), np.cos(b), np.tan(a), np.arctan2(a, b), np.arctan(b), np.arctan2(1.0, b)],
    "arcs": lambda a, b: [np.arcsin(a / 3.0), np.arccos(b / 3.0)],
    "growth": lambda a, b: [np.exp(a), np.expm1(b), np.log(abs(a)), np.log1p(abs(b)), np.tanh(a), erf(b)],
    "others": lambda a, b: [np.negative(a), np.positive(b), np.reciprocal(a), np.conjugate(b), np.divide(a, b)],
    "ufuncs": lambda a, b: [np.add(a, 1.0), np.subtract(1.0, b), np.multiply(a, b), np.add(np.float64(0.5), a)],
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_symbols_compute_what_floats_do(name: str) -> None:
    function = SPELLINGS[name]
    expected = plain(function)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(traced(function), expected, rtol=1e-15, atol=1e-15)


def test_numpy_floats_on_either_side() -> None:
    """The operators of NumPy scalars are called first, and must defer to symbols."""
    graph = Graph()
    x = graph.input("x")
    two = np.float64(2.0)
    assert two + x is x + two is x + 2.0 and two * x is x * 2.0 and two - x is 2.0 - x
    assert two / x is 2.0 / x and two**x is 2.0**x and two % x is 2.0 % x
    assert (two < x) is (2.0 < x) and (two >= x) is (x <= 2.0) and (two == x) is (x == 2.0)
    assert np.float32(0.5) * x is x * 0.5 and np.int64(3) * x is x * 3.0 and np.array(2.0) * x is x * 2.0
    assert type(two * x) is Symbol


def test_arrays_go_element_by_element() -> None:
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    row = np.array([1.0, 2.0, 3.0])
    assert (row * x).tolist() == (x * row).tolist() == [x, x * 2.0, x * 3.0]
    assert (row - x)[2] is 3.0 - x and (x - row)[2] is x - 3.0 and (row / x)[1] is 2.0 / x
    assert (x**row)[1] is x**2 and (x < row)[0] is (x < 1.0) and (row >= x)[0] is (x <= 1.0)
    assert np.sin(np.array([x, y])).tolist() == [np.sin(x), np.sin(y)]
    assert np.hypot(x, row)[1] is np.hypot(x, 2.0) and np.minimum(row, x).shape == (3,)
    assert np.array([[x], [y]]).dtype == object and (np.array([[x], [y]]) + row).shape == (2, 3)


def test_where_with_scalars_and_arrays() -> None:
    graph = Graph()
    x = graph.input("x")
    inside = x > 0.0
    assert np.where(inside, 1.0, x) is select(inside, 1.0, x)
    both = np.where(inside, np.array([1.0, 2.0]), x)
    assert both.tolist() == [select(inside, 1.0, x), select(inside, 2.0, x)]
    assert np.where(inside, x, x) is x
    with np.errstate(all="ignore"):
        found = traced(lambda a, b: np.where(a > 0.0, np.array([a, b]), np.array([-1.0, -2.0])))
    np.testing.assert_array_equal(found[:, 0], [0.7, -1.0, 1.6, -1.0, 0.5])
    np.testing.assert_array_equal(found[:, 1], [-1.3, -2.0, 0.3, -2.0, 2.25])


def test_powers_are_products() -> None:
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    assert x**2 is x * x and x**3 is x * x * x and x**4 is (x * x) * (x * x)
    assert x**1 is x and x**0 == 1.0 and x**-2 is 1.0 / (x * x) and x**0.5 is np.sqrt(x)
    assert x**2.0 is x**2 is x ** np.float64(2.0) is x ** np.int64(2)
    assert (x**64).op == "mul" and Program.of(graph, {"out": [x**64]}).count() == {"mul": 6}
    assert (x**65).op == (x**1.5).op == (x**y).op == (2.0**x).op == "pow"
    assert (x**-0.5).op == "pow"


def test_matrices_of_symbols() -> None:
    A = np.array([[1.0, 0.5, -2.0], [0.0, 3.0, 1.5]])
    points = [(0.7, -1.3, 2.1), (-0.4, 2.5, 0.3)]
    functions: list[Callable[..., Any]] = [
        lambda *x: A @ np.array(x),
        lambda *x: np.array(x) @ A.T,
        lambda *x: (A * np.array(x)) @ A.T,
        lambda *x: np.outer(np.array(x), np.array(x)),
        lambda *x: np.array(x).sum() + np.dot(np.array(x), A[0]) + np.array(x)[1:].mean(),
        lambda *x: np.linalg.norm(np.array(x)),
        lambda *x: product(A, np.array(x)),
        lambda *x: product(np.array(x), A.T),
        lambda *x: product(A * np.array(x), A.T),
        lambda *x: product(np.array(x), A[1]),
    ]
    for function in functions:
        found, expected = traced(function, points), plain(function, points)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=4e-15, atol=1e-14)


def test_a_product_has_numpy_s_shape() -> None:
    graph = Graph()
    v = np.array([graph.input(i) for i in range(3)])
    M = np.array([[graph.input((i, j)) for j in range(3)] for i in range(2)])
    for a, b in ((M, v), (v, M.T), (M, M.T), (v, v)):
        found, expected = product(a, b), a @ b
        assert isinstance(found, np.ndarray) == isinstance(expected, np.ndarray)
        assert not isinstance(found, np.ndarray) or found.shape == expected.shape
    assert product(M, v)[1] is total([M[1, k] * v[k] for k in range(3)])
    floats = np.random.default_rng(1).standard_normal((3, 3))
    np.testing.assert_array_equal(product(floats, floats), floats @ floats)


def test_total_is_the_sum() -> None:
    assert total([]) == 0.0 and total([1.5, 2.0]) == 3.5
    values = np.random.default_rng(2).uniform(-4, 4, (1, 7))
    found = traced(lambda *terms: total([terms[0] * terms[1], *terms[2:], 0.25]), values)
    expected = math.fsum([values[0, 0] * values[0, 1], *values[0, 2:], 0.25])
    np.testing.assert_allclose(found[0, 0], expected, rtol=1e-15)


def test_what_folds_away_keeps_the_order_of_the_sum() -> None:
    """x + (1 · y) and x + (2 · y / 2) are grouped alike: only positions matter."""
    graph = Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    assert total([0.0, x, 0.0]) is x
    assert total([x, 0.0, y, z]) is x + (y + z)
    assert total([x, y, z]) is (x + y) + z


def test_helpers_work_on_floats_and_arrays_alike() -> None:
    a, b = np.array([1.0, -2.0, np.nan, -0.0]), np.array([0.5, 3.0, 1.0, 0.0])
    np.testing.assert_array_equal(minimum(a, b), np.minimum(a, b))
    np.testing.assert_array_equal(maximum(b, a), np.maximum(b, a))
    np.testing.assert_array_equal(select(b > 0.7, a, b), np.where(b > 0.7, a, b))
    assert select(np.float64(2.0) > 1.0, 3.0, 4.0) == 3.0
    assert [f(np.float64(-2.5)) for f in (floor, rint, absolute)] == [-3.0, -2.0, 2.5]
    assert sqrt(np.float64(2.25)) == 1.5 and copysign(3.0, -0.0) == -3.0
    assert exponent(np.float64(-10.0)) == 3.0 and pow2(np.float64(-4.0)) == 0.0625
    graph = Graph()
    x = graph.input("x")
    assert [exponent(x).op, pow2(x).op, copysign(1.0, x).op] == ["exponent", "pow2", "copysign"]


@pytest.mark.parametrize("pair", [(math.nan, 1.0), (1.0, math.nan), (2.0, 1.0), (1.0, 2.0), (-0.0, 0.0)])
def test_extremes_of_nan_are_nan(pair: tuple[float, float]) -> None:
    found = traced(lambda a, b: [np.minimum(a, b), np.maximum(a, b)], [pair])
    np.testing.assert_array_equal(found, plain(lambda a, b: [np.minimum(a, b), np.maximum(a, b)], [pair]))


def test_printing() -> None:
    graph = Graph()
    x = graph.input(("x", 0), "gap")
    assert (
        repr(x) == "gap" and repr(graph.constant(0.5)) == "0.5" and repr(x + 1.0) == f"add#{(x + 1.0).serial}"
    )
