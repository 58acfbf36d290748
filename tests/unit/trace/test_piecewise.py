"""Functions in pieces: which segment, by comparisons and look-ups; slopes and differences in segments."""

import math
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

from foglight.trace.derivatives import linear as is_linear
from foglight.trace.graph import Graph
from foglight.trace.ops import lookup
from foglight.trace.piecewise import Curve, Grid, lines, segment
from foglight.trace.point_pairs import difference, pointwise
from foglight.trace.program import Program, lower
from unit.traced import Traced

RNG = np.random.default_rng(3)
BOUNDS = {
    "one": [0.5],
    "few": [-1.0, 0.1, 0.2, 7.0],
    "even": np.linspace(-3.0, 5.0, 40),
    "nearly even": np.linspace(-3.0, 5.0, 40) + RNG.uniform(-0.05, 0.05, 40),
    "uneven": np.sort(RNG.uniform(0.0, 1.0, 98)),
    "decades": np.logspace(-6.0, 6.0, 60),
    "two heaps": np.sort([*RNG.uniform(0.0, 1e-9, 30), *RNG.uniform(1.0, 1.0 + 1e-9, 33)]),
    "neighbours": np.nextafter(1.0, 2.0) + np.arange(9) * 2.0**-52,
    "many": np.sort(RNG.normal(0.0, 1.0, 997)),
    "whole range": np.array([-1e308, -1e300, -1.0, -1e-300, 0.0, 1e-320, 1e300, 1e308]),
}


def lowered(bounds: Any, dtype: str, x: NDArray[Any]) -> NDArray[Any]:
    graph = Graph()
    program = Program.of(graph, {"i": [segment(graph.input("x"), tuple(map(float, bounds)))]})
    found: NDArray[Any] = lower(program, dtype).evaluate({"x": x})["i"][0]
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", BOUNDS)
def test_the_segment_is_exact_at_every_bound_and_beside_it(name: str, dtype: str) -> None:
    with np.errstate(over="ignore"):
        bounds = np.asarray(BOUNDS[name]).astype(dtype)
        beside = [np.nextafter(bounds, np.asarray(end, dtype)) for end in (-np.inf, np.inf)]
        inside = RNG.uniform(-1.2, 1.2, 500) * np.clip(abs(bounds[-1]), 0.0, np.finfo(dtype).max / 4)
    x = np.concatenate([bounds, *beside, inside.astype(dtype), np.array([np.inf, -np.inf, np.nan], dtype)])
    expected = np.where(np.isnan(x), 0, np.searchsorted(bounds, x, side="right"))
    np.testing.assert_array_equal(lowered(BOUNDS[name], dtype, x), expected)
    if dtype == "float64":
        np.testing.assert_array_equal(segment(x, tuple(bounds.tolist())), expected)


def test_a_hundred_bounds_cost_a_few_operations() -> None:
    """Even or not: a bucket, and the bounds of that bucket; decades: two groups of comparisons."""

    def size(bounds: Any) -> int:
        graph = Graph()
        return lower(Program.of(graph, {"i": [segment(graph.input("x"), tuple(map(float, bounds)))]})).size

    assert size(np.linspace(0.0, 1.0, 100)) == 7 and size(BOUNDS["uneven"]) <= 15
    assert size(BOUNDS["decades"]) < 60 and size(BOUNDS["one"]) == 2


def test_a_lookup_stays_inside_its_table() -> None:
    graph = Graph()
    program = Program.of(graph, {"v": [lookup(graph.input("k"), [5.0, 7.0, 9.0])]})
    k = np.array([0.0, 0.99, 1.0, 1.5, 2.0, 2.9, 3.0, 1e300, np.inf, -1.0, -np.inf, np.nan])
    expected = [5.0, 5.0, 7.0, 7.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0, 5.0, 5.0]
    np.testing.assert_array_equal(program.evaluate({"k": k})["v"][0], expected)
    np.testing.assert_array_equal(lookup(k, [5.0, 7.0, 9.0]), expected)
    assert lookup(graph.constant(1.5), [5.0, graph.input("k"), 9.0]) is graph.input("k")


CUBIC = Curve(
    (1.0, 2.5),
    (0.0, 1.0, 2.5),
    ((1.0, -2.0, 0.5), (0.3, 0.2, 0.7), (0.1, -0.4, 0.9), (0.05, 0.3, -0.2)),
    0.0,
    4.0,
)


def exact(x: mpf) -> mpf:
    i = int(x >= 1) + int(x >= mpf(5) / 2)
    w = x - mpf(CUBIC.origins[i])
    return sum((mpf(row[i]) * w**k for k, row in enumerate(CUBIC.coefficients)), mpf(0))


@pytest.mark.parametrize("x", [0.2, 1.0, 1.7, 2.4999, 2.5, 3.9])
def test_value_and_slope_are_those_of_the_segment(x: float) -> None:
    values, slopes = Traced(lambda v: [CUBIC(v)], 1)(x)
    with mp.workdps(40):
        assert values[0] == pytest.approx(float(exact(mpf(x))), rel=1e-15)
        assert slopes[0][0] == pytest.approx(float(mp.diff(exact, mpf(x), direction=1)), rel=1e-12)
    assert CUBIC(x) == values[0]


@pytest.mark.parametrize("step", [1e-9, 1e-5, 0.1])
def test_differences_within_a_segment_keep_every_digit(step: float) -> None:
    graph = Graph()
    x, c = graph.input("x"), graph.input("c")
    y = CUBIC(x)
    s, d = difference(graph, [y], [x], np.array([[c]], dtype=object))
    assert not pointwise(graph, [y], [x])  # a small alpha is allowed
    program = lower(Program.of(graph, {"s": [s[0, 0]], "d": [d[0, 0]]}))
    for at in (0.5, 1.6, 3.3):
        found = program.evaluate({"x": at, "c": step})
        with mp.workdps(60):
            plus, minus = exact(mpf(at) + mpf(step)), exact(mpf(at) - mpf(step))
            expected = (plus + minus) / 2 - exact(mpf(at)), (plus - minus) / 2
        assert float(found["s"][0]) == pytest.approx(float(expected[0]), rel=1e-13)
        assert float(found["d"][0]) == pytest.approx(float(expected[1]), rel=1e-14)


@pytest.mark.parametrize("at, step", [(1.0, 0.3), (1.01, 0.02), (2.0, 1.9), (2.5, 1e-6)])
def test_differences_across_segments_are_those_of_the_points(at: float, step: float) -> None:
    graph = Graph()
    x, c = graph.input("x"), graph.input("c")
    s, d = difference(graph, [CUBIC(x)], [x], np.array([[c]], dtype=object))
    found = lower(Program.of(graph, {"s": [s[0, 0]], "d": [d[0, 0]]})).evaluate({"x": at, "c": step})
    with mp.workdps(40):
        plus, minus = exact(mpf(at + step)), exact(mpf(at - step))
        expected = (plus + minus) / 2 - exact(mpf(at)), (plus - minus) / 2
    for name, value in zip("sd", expected, strict=True):
        assert float(found[name][0]) == pytest.approx(float(value), rel=1e-15, abs=2e-15)


def test_beyond_the_ends() -> None:
    x, y = [0.0, 1.0, 3.0], [1.0, 2.0, 0.0]
    outside = np.array([-2.0, -1e-300, 0.0, 3.0, 3.5, np.nan])
    held = lines(x, y, 1.0, 0.0)(outside)
    np.testing.assert_array_equal(held, [1.0, 1.0, 1.0, 0.0, 0.0, np.nan])
    np.testing.assert_array_equal(lines(x, y, None, None)(outside), [-1.0, 1.0, 1.0, 0.0, -0.5, np.nan])
    slopes = [Traced(lambda v: [lines(x, y, 1.0, 0.0)(v)], 1)(at)[1][0][0] for at in (-2.0, 0.0, 2.0, 3.5)]
    assert slopes == [0.0, 1.0, -1.0, 0.0]
    assert math.isnan(lines(x, y, math.nan, math.nan)(-1e-9)) and lines(x, y, math.nan, math.nan)(3.0) == 0.0


def test_the_slopes_of_a_grid() -> None:
    x, y = (0.0, 1.0, 3.0), (0.0, 2.0)
    grid = Grid(x, y, ((1.0, 2.0), (4.0, -3.0), (0.5, 0.0)), "linear")
    values, slopes = Traced(lambda a, b: [grid(a, b)], 2)(2.0, 0.5)
    near, far = (4.0 + 0.5) / 2, (-3.0 + 0.0) / 2
    assert values[0] == pytest.approx(0.75 * near + 0.25 * far, rel=1e-15)
    assert slopes[0] == pytest.approx(
        [0.75 * (0.5 - 4.0) / 2 + 0.25 * (0.0 + 3.0) / 2, (far - near) / 2], rel=1e-15
    )
    held = Grid(x, y, grid.values, "hold")
    assert held(-5.0, 9.0) == 2.0 and held(9.0, 1.0) == held(3.0, 1.0) == 0.25
    assert math.isnan(Grid(x, y, grid.values, "error")(1.0, 2.1))


def test_a_table_bends_at_its_bounds_and_only_there() -> None:
    graph = Graph()
    x = graph.input("x")
    assert is_linear(graph, [lines([0.0, 1.0], [2.0, 5.0], None, None)(x)], [x])
    assert not is_linear(graph, [lines([0.0, 1.0, 2.0], [2.0, 5.0, 9.0], None, None)(x)], [x])
    assert not is_linear(graph, [lines([0.0, 1.0], [2.0, 5.0], 2.0, 5.0)(x)], [x])


def test_arrays_of_symbols_and_of_numbers() -> None:
    graph = Graph()
    x = np.array([graph.input("a"), 0.5], dtype=object)
    assert CUBIC(x)[0] is CUBIC(graph.input("a")) and CUBIC(x)[1] == CUBIC(0.5)
    assert CUBIC([0.5, 1.5]).tolist() == [CUBIC(0.5), CUBIC(1.5)] and CUBIC(np.zeros((2, 3))).shape == (2, 3)
