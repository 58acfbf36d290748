"""The bound on rounding: it holds, it is not much too wide, and it knows where a condition is uncertain."""

from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from foglight.trace.graph import Graph
from foglight.trace.ops import copysign
from foglight.trace.program import Program
from foglight.trace.rounding import ROUNDING, Evaluated
from unit.expressions import OPERATIONS, draw

Function = Any


def evaluated(function: Function, points: Any) -> Evaluated:
    """A function of several scalars at points (K, n)."""
    points = np.array(points, dtype=float)
    graph = Graph()
    inputs = [graph.input(k) for k in range(points.shape[1])]
    found = function(*inputs)
    program = Program.of(graph, {"f": list(found) if isinstance(found, (list, tuple)) else [found]})
    return Evaluated(program, dict(enumerate(points.T)))


def test_the_values_are_numpy_s() -> None:
    def values(x: Any, y: Any) -> list[Any]:
        return [
            np.sin(x) * y,
            np.arctan2(x, y),
            x**y,
            np.where(x > y, x, -y),
            x > y,
            np.expm1(x) - np.hypot(x, y),
        ]

    points = np.random.default_rng(2).uniform(0.2, 0.9, (50, 2))
    expected = np.stack([1.0 * v for v in values(*points.T)], axis=1)
    np.testing.assert_allclose(evaluated(values, points).outputs(), expected, rtol=1e-15)


def test_the_bound_holds_for_random_expressions() -> None:
    """Against 50 digits; and it is narrower than 1e-6 of the value in nearly all of them."""
    rng = np.random.default_rng(7)
    narrow = 0
    for _ in range(150):
        x = rng.uniform(0.3, 1.5, 3) * rng.choice([-1.0, 1.0], 3)
        expression = draw(rng, [list(x)], list(OPERATIONS), 10)
        found = evaluated(lambda *s, e=expression: e.traced(s), [x])
        value, bound = found.outputs()[0, 0], found.rounding()[0, 0]
        with mp.workdps(50):
            exact = expression.exact([mpf(v) for v in x])
        assert abs(value - float(exact)) <= bound
        narrow += bool(bound < 1e-6 * abs(value))
    assert narrow >= 145


def test_cancellation_widens_it() -> None:
    x = 1.0 + 2.0**-30
    assert evaluated(lambda x: x * 3.0 - 3.0, [[x]]).rounding()[0, 0] > ROUNDING
    assert evaluated(lambda x: np.exp(x), [[300.0]]).rounding()[0, 0] < 1e-9 * np.exp(300.0)
    # The argument of sin is known to 1e6 times ROUNDING.
    wide = evaluated(lambda x: np.sin(x * 3.0), [[1e6], [1e20]]).rounding()[:, 0]
    assert 1e-8 < wide[0] < 1e-5 and 2.0 <= wide[1] < 2.0 + 1e-9
    assert 2.0 <= evaluated(lambda x: np.cos(x * 3.0), [[1e20]]).rounding()[0, 0] < 2.0 + 1e-9
    assert evaluated(lambda x: np.tan(x * 3.0), [[1e20]]).rounding()[0, 0] == np.inf
    assert evaluated(lambda x: x * 3.0, [[1.0]]).rounding()[0, 0] == 3.0 * 2.0**-42 == 3.0 * ROUNDING
    for x in (1.0, 1.0 + 2.0**-50):  # the divisor is 0, or may be
        assert evaluated(lambda x: 1.0 / (x * 3.0 - 3.0), [[x]]).rounding()[0, 0] == np.inf


def test_moves_and_choices_add_no_rounding() -> None:
    assert evaluated(lambda x: -(x * 3.0), [[1.0]]).rounding()[0, 0] == 3.0 * ROUNDING
    for function in (
        lambda x: -x, abs, np.floor, np.rint, lambda x: np.where(x > 1.0, x, 2.0), lambda x: copysign(x, x + 4.0),
    ):  # fmt: skip
        assert evaluated(function, [[1.3]]).rounding()[0, 0] == 0.0


@pytest.mark.parametrize(
    "function, certain, uncertain",
    [
        (lambda x: np.where(x * 3.0 > 3.0, 10.0, 20.0), 1.1, 1.0),
        (lambda x: np.where(x * 3.0 >= 3.0, 10.0, 20.0), 0.9, 1.0),
        (lambda x: np.where(x * 3.0 == 3.0, 10.0, 20.0), 1.1, 1.0),
        (lambda x: np.where(x * 3.0 != 3.0, 10.0, 20.0), 1.1, 1.0),
        (lambda x: np.floor(x * 3.0), 1.1, 1.0),
        (lambda x: np.rint(x * 3.0), 1.1, 0.5),
    ],
)
def test_uncertain_conditions(function: Function, certain: float, uncertain: float) -> None:
    bounds = evaluated(function, [[certain], [uncertain]]).rounding()[:, 0]
    assert bounds[0] == 0.0 and bounds[1] >= 1.0


def test_several_uncertain_conditions() -> None:
    """Each may turn out either way, by itself; and an equality may hold anywhere within the rounding."""
    both = evaluated(lambda x: np.where((x * 3.0 >= 3.0) & (x * 3.0 > 3.0), 10.0, 20.0), [[1.0]])
    assert both.rounding()[0, 0] >= 10.0
    for function in (
        lambda x: np.where(x * 3.0 == 3.0, 10.0, 20.0),
        lambda x: np.where(x * 3.0 != 3.0, 10.0, 20.0),
        lambda x: np.where(x * 3.0 == x * 2.0 + 1.0, 10.0, 20.0),
    ):
        assert evaluated(function, [[1.0 + 2.0**-50]]).rounding()[0, 0] >= 10.0


def test_a_value_that_rounding_may_bring_into_a_domain() -> None:
    edge = evaluated(lambda x: np.sqrt(x * 3.0 - 3.0), [[1.0 - 2.0**-52]])
    assert np.isnan(edge.outputs()[0, 0]) and edge.rounding()[0, 0] == np.inf
    sign = evaluated(lambda x: copysign(2.0, np.sqrt(x)), [[-1.0], [4.0]]).rounding()
    assert sign.tolist() == [[np.inf], [0.0]]


def test_conditions_on_exact_numbers_are_certain_and_so_is_a_test_for_nan() -> None:
    assert evaluated(lambda x: np.where(x > 1.0, 10.0, 20.0), [[1.0], [2.0]]).rounding().tolist() == [
        [0.0],
        [0.0],
    ]
    wide = evaluated(lambda x: np.where(np.isnan(x * 3.0), 10.0, 20.0), [[1.1], [np.nan]])
    assert wide.outputs().tolist() == [[20.0], [10.0]] and wide.rounding().tolist() == [[0.0], [0.0]]
    low = evaluated(lambda x: np.minimum(x * 3.0, x * 2.0), [[1.1]])
    assert low.rounding()[0, 0] < 1e-11


def test_a_nan_is_certain() -> None:
    found = evaluated(lambda x: np.sqrt(x - 4.0) + 1.0, [[1.0]])
    assert np.isnan(found.outputs()[0, 0]) and found.rounding()[0, 0] == 0.0


def test_signed_zeros() -> None:
    """The sign of a zero may be lost while a graph is folded, so what depends on it is uncertain."""
    assert evaluated(lambda x: np.arctan2(x, -1.0), [[0.0]]).rounding()[0, 0] >= 2.0 * np.pi - 1e-9
    assert evaluated(lambda x: 1.0 / x, [[0.0], [-0.0]]).rounding().tolist() == [[np.inf], [np.inf]]
    assert evaluated(lambda x: copysign(2.0, x), [[0.0], [3.0]]).rounding().tolist() == [[4.0], [0.0]]


def test_overflow_is_not_a_pole() -> None:
    for function, point, expected in (
        (lambda x: np.exp(x), 800.0, True), (lambda x: x * x, 1e200, True), (lambda x: x + x, 1.5e308, True),
        (lambda x: 1.0 / x, 1e-310, True), (lambda x: 1.0 / x, 0.0, False), (lambda x: np.log(x), 0.0, False),
        (lambda x: np.where(x > 0.0, np.inf, x), 1.0, False), (lambda x: np.exp(x), 1.0, False),
        (lambda x: 1.0 / np.exp(x), 800.0, True),
    ):  # fmt: skip
        assert evaluated(function, [[point], [1.0]]).overflowed().tolist() == [expected, False], point
    assert evaluated(lambda x: 1.0 / x, [[0.0], [1e-310]]).overflowed().tolist() == [False, True]
