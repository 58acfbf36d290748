"""Derivatives of every operation against 50 digits, where they are zero, and which functions are linear."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.special import expit

from foglight.trace.derivatives import bends, depends, jacobian, linear
from foglight.trace.graph import Graph
from foglight.trace.ops import absolute, copysign, floor, lookup, rint, select
from foglight.trace.primitives import BITS, ELEMENTARY, PRIMITIVE
from foglight.trace.symbol import Symbol
from unit.traced import Traced

Function = Callable[..., Any]
RNG = np.random.default_rng(11)


def spread(low: float, high: float, count: int = 40) -> list[float]:
    """Points between the bounds, both ends approached to 1e-9 of the width."""
    near = [10.0**-k * (high - low) for k in (2, 5, 9)]
    return [*RNG.uniform(low, high, count), *[low + v for v in near], *[high - v for v in near]]


def scattered() -> list[float]:
    """Points of either sign, from 1e-9 to 1e3 in size."""
    return [float(v) for s in (1, -1) for v in s * 10.0 ** RNG.uniform(-9, 3, 30)]


# Each function on symbols, the same in mpmath, and points from its domain, the edges included.
ONE: dict[str, tuple[Function, Function, list[float]]] = {
    "neg": (lambda x: -x, lambda x: -x, scattered()),
    "sqrt": (np.sqrt, mp.sqrt, spread(0.0, 4.0)),
    "abs": (abs, abs, scattered()),
    "sin": (np.sin, mp.sin, [*scattered(), *spread(0.0, math.pi), 1e5]),
    "cos": (np.cos, mp.cos, [*scattered(), *spread(-math.pi / 2, math.pi / 2), 1e5]),
    "tan": (np.tan, mp.tan, spread(-math.pi / 2, math.pi / 2)),
    "asin": (np.arcsin, mp.asin, spread(-1.0, 1.0)),
    "acos": (np.arccos, mp.acos, spread(-1.0, 1.0)),
    "atan": (np.arctan, mp.atan, scattered()),
    "exp": (np.exp, mp.exp, spread(-700.0, 700.0)),
    "expm1": (np.expm1, mp.expm1, [*scattered()[:20], *spread(-40.0, 700.0)]),
    "log": (np.log, mp.log, spread(0.0, 4.0)),
    "log1p": (np.log1p, mp.log1p, spread(-1.0, 4.0)),
    "tanh": (np.tanh, mp.tanh, [*spread(-1e-6, 1e-6), *spread(-20.0, 20.0)]),
    "exp2": (np.exp2, lambda x: mp.power(2, x), spread(-1000.0, 1000.0)),
    "log2": (np.log2, lambda x: mp.log(x) / mp.log(2), spread(0.0, 4.0)),
    "log10": (np.log10, mp.log10, spread(0.0, 4.0)),
    "cbrt": (np.cbrt, lambda x: mp.sign(x) * mp.cbrt(abs(x)), scattered()),
    "sinh": (np.sinh, mp.sinh, [*scattered()[:20], *spread(-700.0, 700.0)]),
    "cosh": (np.cosh, mp.cosh, [*scattered()[:20], *spread(-700.0, 700.0)]),
    "asinh": (np.arcsinh, mp.asinh, scattered()),
    "acosh": (np.arccosh, mp.acosh, spread(1.0, 40.0)),
    "atanh": (np.arctanh, mp.atanh, spread(-1.0, 1.0)),
    "expit": (expit, lambda x: 1 / (1 + mp.exp(-x)), spread(-700.0, 30.0)),
    "erf": (lambda x: x.graph.apply("erf", x), mp.erf, spread(-5.0, 5.0)),
    "square": (lambda x: x**2, lambda x: x**2, scattered()),
    "cube": (lambda x: x**3, lambda x: x**3, scattered()),
    "inverse square": (lambda x: x**-2, lambda x: x**-2, scattered()),
    "root power": (lambda x: x**1.5, lambda x: x ** mpf(1.5), spread(0.0, 4.0)),
    "reciprocal": (lambda x: 1.0 / x, lambda x: 1 / x, scattered()),
    "power of x": (lambda x: 2.5**x, lambda x: mpf(2.5) ** x, spread(-20.0, 20.0)),
}  # fmt: skip

PAIRS = [(float(a), float(b)) for a, b in RNG.uniform(-3, 3, (60, 2))]
TINY = [(a * 1e-9, b) for a, b in PAIRS[:10]] + [(a, b * 1e-9) for a, b in PAIRS[:10]]
TWO: dict[str, tuple[Function, Function, list[tuple[float, float]]]] = {
    "add": (lambda x, y: x + y, lambda x, y: x + y, PAIRS),
    "sub": (lambda x, y: x - y, lambda x, y: x - y, PAIRS),
    "mul": (lambda x, y: x * y, lambda x, y: x * y, PAIRS + TINY),
    "div": (lambda x, y: x / y, lambda x, y: x / y, PAIRS + TINY),
    "copysign": (copysign, lambda x, y: abs(x) * mp.sign(y), PAIRS + TINY),
    "atan2": (np.arctan2, mp.atan2, [*PAIRS, *TINY, (1e-9, -2e-9), (-3e-12, 1e-12)]),
    "hypot": (np.hypot, mp.hypot, [*PAIRS, *TINY, (1e-9, -2e-9), (3e8, 1e-9)]),
    "pow": (lambda x, y: x**y, lambda x, y: x**y, [(abs(a), b) for a, b in PAIRS + TINY]),
    "mod": (lambda x, y: x % y, lambda x, y: x - y * mp.floor(x / y), PAIRS),
    "lookup": (lambda x, y: lookup(x > 0.0, [y * y, x * y]), lambda x, y: x * y if x > 0 else y * y, PAIRS),
    "select": (
        lambda x, y: np.where(x > y, x * x * y, np.sin(y)),
        lambda x, y: x * x * y if x > y else mp.sin(y),
        PAIRS,
    ),
    "minimum": (lambda x, y: np.minimum(x, y * y), lambda x, y: min(x, y * y), PAIRS),
    "maximum": (lambda x, y: np.maximum(x, y * y), lambda x, y: max(x, y * y), PAIRS),
    "a chain": (
        lambda x, y: np.exp(-x * x) * np.arctan2(y, np.hypot(x, 1.0)) / (2.0 + np.sin(x * y)),
        lambda x, y: mp.exp(-x * x) * mp.atan2(y, mp.hypot(x, 1)) / (2 + mp.sin(x * y)),
        PAIRS,
    ),
}  # fmt: skip


def exact(function: Function, point: tuple[float, ...]) -> list[float]:
    """The partial derivatives at 50 digits."""
    with mp.workdps(50):
        at = [mpf(v) for v in point]
        orders = [[int(i == j) for j in range(len(at))] for i in range(len(at))]
        return [float(mp.diff(function, tuple(at), tuple(order))) for order in orders]


def check(found: Function, function: Function, points: list[tuple[float, ...]]) -> None:
    traced = Traced(lambda *x: [found(*x)], len(points[0]))
    assert len(points) >= 40
    for point in points:
        _, slopes = traced(*point)
        np.testing.assert_allclose(
            slopes[0], exact(function, point), rtol=1e-12, atol=0.0, err_msg=str(point)
        )


@pytest.mark.parametrize("name", ONE)
def test_derivatives_of_one_argument(name: str) -> None:
    found, function, points = ONE[name]
    check(found, function, [(x,) for x in points])


@pytest.mark.parametrize("name", TWO)
def test_derivatives_of_two_arguments(name: str) -> None:
    check(*TWO[name])


def test_no_operation_is_left_out() -> None:
    numbers = set(ELEMENTARY) | set(PRIMITIVE) - {"lt", "le", "eq", "ne", "and", "or", "not"}
    flat = {"floor", "rint", "exponent", "pow2"}
    assert flat <= numbers and flat - {"floor", "rint"} <= set(BITS)
    assert numbers - flat <= set(ONE) | set(TWO)


def test_steps_are_flat_and_masks_carry_no_slope() -> None:
    traced = Traced(lambda x, y: [floor(x * y), rint(3.0 * x), x - floor(x), select(x > y, 2.0, 5.0)], 2)
    values, slopes = traced(1.7, 0.4)
    np.testing.assert_array_equal(values, [0.0, 5.0, 1.7 - 1.0, 2.0])
    np.testing.assert_array_equal(slopes, [[0, 0], [0, 0], [1, 0], [0, 0]])


def test_select_takes_the_slope_of_its_branch() -> None:
    """Also where the other branch has no slope: this makes a guarded quotient safe."""
    traced = Traced(lambda x: [np.where(abs(x) > 1e-9, np.sin(x) / np.where(abs(x) > 1e-9, x, 1.0), 1.0)], 1)
    _, slopes = traced(0.0)
    assert slopes[0, 0] == 0.0
    _, slopes = traced(2.0)
    assert slopes[0, 0] == pytest.approx((2 * math.cos(2) - math.sin(2)) / 4, rel=1e-14)


def test_the_slope_of_abs_has_a_sign_everywhere() -> None:
    traced = Traced(lambda x: [absolute(x)], 1)
    assert [traced(v)[1][0, 0] for v in (3.0, -3.0, 0.0)] == [1.0, -1.0, 1.0]


def symbols(count: int) -> tuple[Graph, list[Symbol]]:
    graph = Graph()
    return graph, [graph.input(("x", i), f"x{i}") for i in range(count)]


def test_jacobians_are_sparse() -> None:
    """An entry without dependence is the float 0.0, and a constant one folds to a number."""
    graph, (a, b, c, d) = symbols(4)
    J = jacobian(graph, [a + 0.5 * b, np.sin(c) * b, 3.0, d], [a, b, c, d])
    assert J.shape == (4, 4)
    zeros = [(i, j) for i, j in np.ndindex(J.shape) if not isinstance(J[i, j], Symbol) and J[i, j] == 0.0]
    assert zeros == [(0, 2), (0, 3), (1, 0), (1, 3), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0), (3, 1), (3, 2)]
    assert J[0, 0] == 1.0 and J[3, 3] == 1.0 and graph.lift(J[0, 1]) is graph.constant(0.5)
    assert J[1, 1] is np.sin(c) and J[1, 2] is b * np.cos(c)


def test_no_slopes_are_built_for_arguments_that_do_not_depend() -> None:
    """Slopes are built only for arguments that depend on x: no logarithm for the p of x**p."""
    graph, (x, p) = symbols(2)
    made: list[str] = []
    y = [x**p, p / x, np.arctan2(p, x), x * np.exp(p)]
    graph.on_new = lambda node: made.append(node.op)
    J = jacobian(graph, y, [x])
    assert "log" not in made and J.shape == (4, 1) and J[3, 0] is np.exp(p)
    made.clear()
    assert jacobian(graph, [p, p * p, 1.0], [x]).tolist() == [[0.0], [0.0], [0.0]] and not made


def test_inputs_that_are_outputs() -> None:
    graph, (x, y) = symbols(2)
    J = jacobian(graph, [y, x, y], [x, y])
    assert J.tolist() == [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]


def test_depends() -> None:
    graph, (x, y, p) = symbols(3)
    assert depends(graph, [x * p], [x]) and depends(graph, [1.0, np.where(x > 0, 1.0, p)], [x])
    assert not depends(graph, [x * p, 2.0], [y]) and not depends(graph, [y - y + x], [y])
    assert not depends(graph, [], [x])


LINEAR: dict[str, Function] = {
    "affine": lambda x, y, p: 2.0 * x - y / 3.0 + 7.0,
    "by parameters": lambda x, y, p: p * x + np.sin(p) * y / np.exp(p) - p**2,
    "constant": lambda x, y, p: p * p,
    "chosen by a parameter": lambda x, y, p: np.where(p > 0, x, 2.0 * y),
    "negated": lambda x, y, p: -(x - y) * -p,
}
NONLINEAR: dict[str, tuple[Function, str]] = {
    "product": (lambda x, y, p: p + x * y, "mul"),
    "square": (lambda x, y, p: y + x**2, "mul"),
    "quotient": (lambda x, y, p: p / x, "div"),
    "sine": (lambda x, y, p: x + np.sin(p * y), "sin"),
    "chosen by the state": (lambda x, y, p: np.where(x > 0, 1.0, 2.0) * p, "select"),
    "chosen between lines": (lambda x, y, p: np.where(x > 0, x, 2.0 * x), "select"),
    "minimum": (lambda x, y, p: np.minimum(x, y), "select"),
    "floor": (lambda x, y, p: floor(x) + y, "floor"),
    "rint": (lambda x, y, p: rint(p * x), "rint"),
    "modulo": (lambda x, y, p: x % 2.0, "mod"),
    "size": (lambda x, y, p: abs(x), "abs"),
    "sign": (lambda x, y, p: copysign(p, x), "copysign"),
    "power": (lambda x, y, p: x**p, "pow"),
    "angle": (lambda x, y, p: np.arctan2(x, y), "atan2"),
}


@pytest.mark.parametrize("name", LINEAR)
def test_linear_functions(name: str) -> None:
    graph, (x, y, p) = symbols(3)
    output = LINEAR[name](x, y, p)
    assert linear(graph, [x, output], [x, y])
    assert bends(graph, [x, output], [x, y]) is None


@pytest.mark.parametrize("name", NONLINEAR)
def test_nonlinear_functions(name: str) -> None:
    graph, (x, y, p) = symbols(3)
    function, op = NONLINEAR[name]
    output = function(x, y, p)
    assert not linear(graph, [x, output], [x, y])
    node = bends(graph, [x, output], [x, y])
    assert node is not None and node.op == op
    assert linear(graph, [function(1.5 * p, p, p)], [x, y])
