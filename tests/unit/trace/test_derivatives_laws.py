"""Derivatives of random expressions, their cost, and what has no derivative at all: zeros, steps, inputs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.ops import copysign, exponent, floor, pow2, rint, select
from foglight.trace.program import Program
from foglight.trace.symbol import Symbol
from unit.expressions import AT_POINTS, OPERATIONS, draw, evaluate

Function = Callable[..., Any]


def symbols(count: int) -> tuple[Graph, list[Symbol]]:
    graph = Graph()
    return graph, [graph.input(("x", i), f"x{i}") for i in range(count)]


@pytest.mark.parametrize("name", [*OPERATIONS, *AT_POINTS])
def test_each_slope(name: str) -> None:
    """At a handful of points, quickly; test_derivatives.py has the edges of every domain."""
    operation = (OPERATIONS | AT_POINTS)[name]
    graph, inputs = symbols(operation.arity)
    slopes = derivatives.jacobian(graph, [operation.traced(*inputs)], inputs)[0]
    program = Program.of(graph, {"slopes": list(slopes)})
    rng = np.random.default_rng(len(name))
    done = 0
    with mp.workdps(30):
        while done < 4:
            x = [float(v) for v in rng.uniform(-2.0, 2.0, operation.arity)]
            if operation.inside(*x):
                found = evaluate(program, {("x", i): v for i, v in enumerate(x)})["slopes"]
                orders = np.eye(len(x), dtype=int).tolist()
                expected = [
                    float(mp.diff(operation.exact, tuple(map(mpf, x)), tuple(order))) for order in orders
                ]
                assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
                done += 1


def test_random_expressions() -> None:
    """Twelve nested operations, against differences with 60 digits."""
    rng = np.random.default_rng(8)
    names = [*OPERATIONS, *AT_POINTS]
    used: set[int] = set()
    moved = 0
    for _ in range(60):
        graph, inputs = symbols(3)
        x = rng.uniform(0.3, 1.5, 3) * rng.choice([-1.0, 1.0], 3)
        with mp.workdps(60):
            step = mpf(10) ** -20
            points = [
                [mpf(v) + (i == k) * sign * step for k, v in enumerate(x)]
                for i in range(3)
                for sign in (1, -1)
            ]
            expression = draw(rng, points, names, 12)
            values = [expression.exact(point) for point in points]
            expected = [float((values[2 * i] - values[2 * i + 1]) / (2 * step)) for i in range(3)]
        slopes = derivatives.jacobian(graph, [expression.traced(inputs)], inputs)
        program = Program.of(graph, {"slopes": list(slopes[0])})
        found = evaluate(program, {("x", i): float(v) for i, v in enumerate(x)})["slopes"]
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-11)
        used |= {id(operation) for operation, _ in expression.steps}
        moved += max(map(abs, expected)) > 0.01
    assert moved > 30 and len(used) == len(names)


# Operations of all slopes of a function of inputs, in addition to the function; elementary functions count as one.
COSTS = {
    "add": 0, "sub": 0, "neg": 0, "mul": 0, "square": 1, "div": 3, "sqrt": 1, "abs": 1, "hypot": 3, "sin": 1, "cos": 2,
    "tan": 2, "asin": 5, "acos": 5, "atan": 3, "atan2": 7, "exp": 0, "expm1": 1, "log": 1, "log1p": 2, "tanh": 7,
    "pow": 5, "minimum": 2, "maximum": 2, "choice": 4, "erf": 4, "copysign": 3, "floor": 0, "rint": 0,
    "exp2": 1, "log2": 1, "log10": 1, "cbrt": 2, "sinh": 1, "cosh": 1, "asinh": 2, "acosh": 5, "atanh": 4,
    "expit": 9, "mod": 3,
}  # fmt: skip


def cost(function: Function, arity: int) -> int:
    graph, x = symbols(arity)
    output = function(*x)
    slopes = derivatives.jacobian(graph, [output], x)
    return Program.of(graph, {"all": [output, *slopes[0]]}).size - Program.of(graph, {"all": [output]}).size


def test_the_cost_of_each_slope() -> None:
    """A change here changes what every extended filter computes: check it, then enter the new numbers."""
    assert {name: cost(o.traced, o.arity) for name, o in (OPERATIONS | AT_POINTS).items()} == COSTS


def test_slopes_where_they_are_hardest() -> None:
    """Next to a root or an edge, far out, and where 1 - tanh² has no digits left; all inputs at once."""
    cases: list[tuple[Function, Function, float]] = [
        (np.tanh, mp.tanh, 25.0), (np.tanh, mp.tanh, -300.0), (np.tanh, mp.tanh, 0.0), (np.arcsin, mp.asin, 1 - 1e-12),
        (np.arccos, mp.acos, 1e-12 - 1), (np.arctan, mp.atan, -1e9), (np.sqrt, mp.sqrt, 1e-300),
        (np.log1p, mp.log1p, 1e-9 - 1), (np.expm1, mp.expm1, -600.0), (np.tan, mp.tan, 1.5707),
        (OPERATIONS["square"].traced, lambda x: x**2, 1e-200), (AT_POINTS["erf"].traced, mp.erf, 5.5),
        (np.sin, mp.sin, 1e5), (np.cos, mp.cos, -2.0), (np.exp, mp.exp, -700.0), (np.log, mp.log, 1e-300),
    ]  # fmt: skip
    graph, x = symbols(len(cases))
    outputs = [function(v) for (function, _, _), v in zip(cases, x, strict=True)]
    J = derivatives.jacobian(graph, outputs, x)
    assert all(J[i, j] == 0.0 for i, j in np.ndindex(J.shape) if i != j and not isinstance(J[i, j], Symbol))
    program = Program.of(graph, {"slopes": list(J.diagonal())})
    found = evaluate(program, {("x", i): at for i, (_, _, at) in enumerate(cases)})["slopes"]
    with mp.workdps(700):
        expected = [float(mp.diff(reference, mpf(at), h=mpf(10) ** -640)) for _, reference, at in cases]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=0.0)


def test_slopes_that_cancel_are_the_number_zero() -> None:
    """A slope that folds to 0 is not a symbol."""
    graph, (x, y, p) = symbols(3)
    cancelled = (x * p + y) - x * p
    J = derivatives.jacobian(graph, [cancelled, np.exp(cancelled), select(p < y, cancelled, 2.0 * y)], [x, y])
    assert [type(J[i, 0]) for i in range(3)] == [float] * 3 and not J[:, 0].any()
    assert J[1, 1] is np.exp(cancelled) and isinstance(J[2, 1], Symbol)


def test_inputs_that_depend_on_each_other() -> None:
    """What is listed as an input counts as one, whatever it was computed from."""
    graph, (p, v) = symbols(2)
    moved = p + 0.1 * v
    J = derivatives.jacobian(graph, [2.0 * moved, moved * v, moved], [moved, v])
    assert J[1, 0] is v and J[1, 1] is moved
    assert [[float(graph.lift(J[i, j]).value) for j in range(2)] for i in (0, 2)] == [[2.0, 0.0], [1.0, 0.0]]


def test_columns_of_a_choice_are_built_in_order() -> None:
    """So that a Program, and what is compiled from it, is the same in every process."""
    graph, x = symbols(17)
    J = derivatives.jacobian(graph, [select(x[0] < 1.0, x[16] * x[16] + x[9] ** 3, np.sin(x[8]) * x[1])], x)
    moved = [J[0, k].serial for k in (1, 8, 9, 16)]
    assert moved == sorted(set(moved)) and J[0, 0] == J[0, 2] == 0.0


def test_the_slope_of_a_copied_sign_is_a_sign() -> None:
    graph, (x, p) = symbols(2)
    J = derivatives.jacobian(graph, [copysign(x, p)], [x, p])
    assert (
        J[0, 0] is copysign(1.0, x) * copysign(1.0, p) and J[0, 1] == 0.0 and not isinstance(J[0, 1], Symbol)
    )


def test_constants_need_no_slope() -> None:
    graph, (x, p) = symbols(2)
    scale = pow2(exponent(p) + 1.0)
    J = derivatives.jacobian(graph, [scale * x, scale], [x])
    assert J[0, 0] is scale and J[1, 0] == 0.0


def test_bends_returns_the_first_nonlinear_node() -> None:
    """In the order in which the user wrote them; what is nonlinear only in parameters is skipped."""
    graph, (x, y, p) = symbols(3)
    first = x * np.sin(p) / p + select(p < 1.0, x, -y)
    curves = [
        x * y, 1.0 / x, x / y, np.exp(y), select(x < y, x, y), select(x < 1.0, p, 2.0), floor(y), copysign(p, y),
        copysign(x, p), rint(x * p), np.hypot(x, p), abs(y), np.sqrt(x), x**p, p**x, np.arctan2(p, x),
    ]  # fmt: skip
    assert derivatives.bends(graph, [first, x + y, p * p, np.exp(p), first < 0.0], [x, y]) is None
    for curve in curves:
        node = derivatives.bends(graph, [2.0, first, curve, np.tan(curve)], [x, y])
        assert node is curve and not derivatives.linear(graph, [first, curve], [x, y])
        assert not derivatives.bends(graph, [curve], []) and derivatives.linear(graph, [curve], [])
    assert derivatives.bends(graph, [curves[1] * curves[3]], [x, y]) is curves[1]


def test_linear_between_jumps_is_not_linear() -> None:
    graph, (x, y, p) = symbols(3)
    for jump in (floor(x), rint(y), select(x < p, 1.0, 2.0), select(p < y, p, 2.0), p * floor(x + y) + x):
        assert derivatives.linear(graph, [x, 3.0, jump], [x, y]) is False
    for straight in (
        floor(p) * x,
        rint(p) + y,
        select(p < 1.0, x, y),
        copysign(2.0, p) * y,
        copysign(x, x) * 0.0,
    ):
        assert derivatives.linear(graph, [straight, x], [x, y])
    assert derivatives.linear(graph, [copysign(2.0, p) * x + select(p < 1.0, 2.0, p)], [x])
    assert not derivatives.linear(graph, [copysign(2.0, x)], [x]) and not derivatives.linear(
        graph, [copysign(x, p)], [p]
    )
    assert derivatives.linear(graph, [copysign(p, y)], [x]) and derivatives.linear(
        graph, [copysign(x, y) * math.pi], [p]
    )
