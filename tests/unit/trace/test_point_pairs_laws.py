"""Difference mode on random expressions and at its edges, and the cost of each of its rules."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

from foglight.trace.derivatives import jacobian
from foglight.trace.graph import Graph
from foglight.trace.ops import copysign, floor, select
from foglight.trace.pair_rules import TAME, WILD, Pair, constant, moving
from foglight.trace.point_pairs import difference, pointwise
from foglight.trace.program import Program
from foglight.trace.symbol import Symbol
from unit.expressions import AT_POINTS, OPERATIONS, draw, evaluate

Function = Callable[..., Any]


def pair(function: Function, x: Any, c: Any) -> tuple[float, float]:
    """s and d of a function of n symbols for the points x ± c."""
    program = traced(function, len(x))
    keys = {("x", i): float(v) for i, v in enumerate(x)} | {("c", i): float(v) for i, v in enumerate(c)}
    found = evaluate(program, keys)
    return found["s"][0], found["d"][0]


def traced(function: Function, n: int, moving: int | None = None) -> Program:
    """s and d of a function of n inputs, of which the first few move."""
    graph = Graph()
    inputs = [graph.input(("x", i)) for i in range(n)]
    columns = np.full((n, 1), 0.0, dtype=object)
    for i in range(n if moving is None else moving):
        columns[i, 0] = graph.input(("c", i))
    s, d = difference(graph, [function(*inputs)], inputs, columns)
    return Program.of(graph, {"s": [s[0, 0]], "d": [d[0, 0]]})


def exact(function: Function, x: NDArray[Any], c: NDArray[Any]) -> tuple[Any, Any]:
    centre, step = [mpf(float(v)) for v in x], [mpf(float(v)) for v in c]
    plus = function([a + b for a, b in zip(centre, step, strict=True)])
    minus = function([a - b for a, b in zip(centre, step, strict=True)])
    return (plus + minus) / 2 - function(centre), (plus - minus) / 2


def curved(values: Any) -> list[Any]:
    """Arguments that have a symmetric part, and a third that does not move."""
    x, y, p = values
    return [x + 0.2 * x * x, y - 0.1 * x * y, p]


@pytest.mark.parametrize("order", [(0, 1), (0, 2), (2, 1)])
@pytest.mark.parametrize("name", [*OPERATIONS, *AT_POINTS])
def test_each_rule_on_curved_arguments(name: str, order: tuple[int, ...]) -> None:
    """At a handful of points, quickly; test_point_pairs.py has all sizes of steps."""
    operation = (OPERATIONS | AT_POINTS)[name]
    order = order[: operation.arity]
    program = traced(lambda *values: operation.traced(*[curved(values)[k] for k in order]), 3, moving=2)
    rng = np.random.default_rng(len(name))
    with mp.workdps(30):
        done = 0
        while done < 6:
            x, c = rng.uniform(-2.0, 2.0, 3), np.array([*rng.uniform(-0.5, 0.5, 2), 0.0])
            points = [[curved([mpf(u) for u in at])[k] for k in order] for at in (x, x + c, x - c)]
            if all(operation.inside(*at) for at in points):
                centre, plus, minus = (operation.exact(*at) for at in points)
                keys = {("x", i): float(v) for i, v in enumerate(x)} | {
                    ("c", i): float(v) for i, v in enumerate(c)
                }
                found = evaluate(program, keys)
                assert found["s"][0] == pytest.approx(
                    float((plus + minus) / 2 - centre), rel=1e-12, abs=1e-13
                )
                assert found["d"][0] == pytest.approx(float((plus - minus) / 2), rel=1e-12, abs=1e-13)
                done += 1


@pytest.mark.parametrize("size", [0.3, 1e-6])
def test_random_expressions(size: float) -> None:
    """Fourteen nested operations, so that each rule is applied to arguments that are nonlinear themselves."""
    rng = np.random.default_rng(5)
    names = [*OPERATIONS, *(AT_POINTS if size > 0.1 else ())]
    used: set[int] = set()
    moved = 0
    for _ in range(60):
        x = rng.uniform(0.3, 1.5, 4) * rng.choice([-1.0, 1.0], 4)
        c = rng.uniform(0.3, 1.0, 4) * size * rng.choice([-1.0, 1.0], 4)
        c[3] = 0.0
        with mp.workdps(60):
            expression = draw(rng, [x, x + c, x - c], names, 14)
            s_exact, d_exact = exact(expression.exact, x, c)
        s, d = pair(lambda *inputs, e=expression: e.traced(inputs), x, c)
        assert abs(d - d_exact) <= 1e-10 * size * (1.0 + abs(d_exact) / size), expression
        assert abs(s - s_exact) <= 1e-10 * size**2 * (1.0 + abs(s_exact) / size**2), expression
        used |= {id(operation) for operation, _ in expression.steps}
        moved += abs(d_exact) > 0.01 * size
    assert moved > 30 and len(used) == len(names)


def test_tiny_steps_are_derivatives() -> None:
    """d / step tends to the Jacobian: two independent modules agree."""
    rng = np.random.default_rng(6)
    for _ in range(40):
        x = rng.uniform(0.3, 1.5, 3)
        expression = draw(rng, [x, x * (1 + 1e-5), x * (1 - 1e-5)], list(OPERATIONS), 10)
        graph = Graph()
        inputs = [graph.input(("x", i)) for i in range(3)]
        output = expression.traced(inputs)
        slopes = jacobian(graph, [output], inputs)[0]
        _, d = difference(graph, [output], inputs, np.diag([1e-7, 2e-7, -1e-7]).astype(object))
        program = Program.of(graph, {"slopes": list(slopes), "d": list(d[0])})
        found = evaluate(program, {("x", i): float(v) for i, v in enumerate(x)})
        expected = np.array(found["slopes"]) * [1e-7, 2e-7, -1e-7]
        np.testing.assert_allclose(found["d"], expected, rtol=1e-9, atol=1e-20)


# Operations of s and d together, elementary functions count as one: for inputs, and for squares, which have an s.
COSTS = {
    "add": (1, 2), "sub": (1, 2), "neg": (1, 2), "mul": (4, 10), "square": (3, 8), "div": (42, 55), "sqrt": (15, 17),
    "abs": (21, 24), "hypot": (24, 36), "sin": (10, 25), "cos": (11, 26), "tan": (66, 83), "asin": (95, 104),
    "acos": (93, 104), "atan": (38, 46), "atan2": (45, 60), "exp": (19, 27), "expm1": (19, 28), "log": (17, 38),
    "log1p": (19, 43), "tanh": (33, 59), "pow": (70, 96), "minimum": (25, 29), "maximum": (25, 29), "choice": (60, 72),
    "erf": (9, 11), "copysign": (11, 15), "floor": (9, 11), "rint": (9, 11),
    "exp2": (20, 28), "log2": (19, 40), "log10": (19, 40), "cbrt": (26, 28), "sinh": (8, 20), "cosh": (8, 20),
    "asinh": (41, 43), "acosh": (53, 55), "atanh": (79, 94), "expit": (40, 67), "mod": (27, 33),
}  # fmt: skip


def cost(function: Function, arity: int, curved: bool) -> int:
    """The operations of s and d of a function, in addition to those of its arguments and the function."""
    graph = Graph()
    x = [graph.input(("x", i)) for i in range(arity)]
    columns = np.array([[graph.input(("c", i))] for i in range(arity)], dtype=object)
    arguments = [v * v for v in x] if curved else x
    s, d = difference(graph, [*arguments, function(*arguments)], x, columns)
    whole = Program.of(graph, {"all": [*arguments, function(*arguments), *s[:, 0], *d[:, 0]]})
    given = Program.of(graph, {"all": [*arguments, function(*arguments), *s[:-1, 0], *d[:-1, 0]]})
    return whole.size - given.size


def test_the_cost_of_each_rule() -> None:
    """A change here changes what every unscented filter computes: check it, then enter the new numbers."""
    table = OPERATIONS | AT_POINTS
    found = {
        name: tuple(cost(o.traced, o.arity, curved) for curved in (False, True)) for name, o in table.items()
    }
    assert found == COSTS


def test_a_condition_on_a_parameter_costs_one_choice() -> None:
    """Both points take the branch of the centre: no branch is evaluated at a point."""
    found = traced(lambda x, y: select(x.graph.input("p") < 1.0, x * y, np.sin(x)), 2)
    assert found.count() == traced(lambda x, y: x * y, 2).count() + traced(
        lambda x, y: np.sin(x), 2
    ).count() + Counter({"select": 2, "lt": 1})
    mixed = traced(lambda x, y: select((x.graph.input("p") < 1.0) & ~(x.graph.input("q") < x), x * y, y), 2)
    values = {("x", 0): 0.7, ("x", 1): 2.0, ("c", 0): 0.5, ("c", 1): 0.25, "p": 0.0, "q": 0.1}
    for p, q, s, d in ((2.0, 0.0, 0.0, 0.25), (0.0, 2.0, 0.125, 1.175), (0.0, 0.0, 0.0, 0.25)):
        found_at = evaluate(mixed, values | {"p": p, "q": q})
        assert (found_at["s"][0], found_at["d"][0]) == (pytest.approx(s), pytest.approx(d))
    left = evaluate(mixed, values | {"q": 0.5})  # x y on the left alone
    assert left["s"][0] == pytest.approx((2.25 + 0.2 * 1.75) / 2 - 2.0)
    assert left["d"][0] == pytest.approx((2.25 - 0.2 * 1.75) / 2)
    straddling = evaluate(mixed, values | {"q": 1.0})  # x y at the centre and on the left, y on the right
    assert straddling["s"][0] == pytest.approx((2.25 + 0.2 * 1.75) / 2 - 1.4)
    assert straddling["d"][0] == pytest.approx((2.25 - 0.2 * 1.75) / 2)


def test_inputs_that_depend_on_each_other() -> None:
    """What is listed as an input moves by its own column, whatever it was computed from."""
    graph = Graph()
    p, v, a = (graph.input(name) for name in "pva")
    moved = p + 0.1 * v
    choice = np.where(
        v > 4.75, moved * v, moved
    )  # 1.5 * 5 at the centre and 1.625 * 5.375 or 1.375 at the points
    s, d = difference(
        graph, [2.0 * moved, moved * v, choice], [moved, v], np.array([[a], [3.0 * a]], dtype=object)
    )
    program = Program.of(graph, {"s": list(s[:, 0]), "d": list(d[:, 0])})
    found = evaluate(program, {"p": 1.0, "v": 5.0, "a": 0.125})
    assert found == {"s": [0.0, 0.046875, -2.4453125], "d": [0.25, 1.1875, 3.6796875]}
    s, d = difference(graph, [moved, v], [moved, v], np.array([[0.0], [a]], dtype=object))
    assert graph.lift(d[0, 0]) is graph.zero and d[1, 0] is a and graph.lift(s[1, 0]) is graph.zero


def test_outputs_that_are_numbers_or_constant() -> None:
    graph = Graph()
    x, p = graph.input("x"), graph.input("p")
    still = (x + p) - x
    outputs = [3.0, floor(still), abs(still) * 2.0, select(still < 1.0, x, p)]
    s, d = difference(graph, outputs, [x], np.array([[graph.input("c")]], dtype=object))
    assert s[:3, 0].tolist() == d[:3, 0].tolist() == [0.0] * 3
    assert d[3, 0] is select(still < 1.0, graph.input("c"), 0.0)
    assert pointwise(graph, [2.0, floor(x)], [x]) == ["floor"]
    with pytest.raises(ValueError):
        difference(graph, [x], [x, p], np.ones((1, 1)))


def test_a_column_of_zeros_adds_no_nodes() -> None:
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    outputs = [np.where(x > y, np.exp(x), floor(y)), abs(x), np.arctan2(y, x)]
    made: list[Symbol] = []
    graph.on_new = made.append
    s, d = difference(graph, outputs, [x, y], np.zeros((2, 3)))
    assert s.shape == d.shape == (3, 3) and not made
    assert s.tolist() == d.tolist() == [[0.0] * 3] * 3
    s, d = difference(graph, outputs, [x, y], np.array([[0.0], [graph.input("c")]], dtype=object))
    assert (s[1, 0], d[1, 0]) == (0.0, 0.0) and "exp" not in [node.op for node in made]


def test_branches_deeper_than_the_recursion_limit() -> None:
    def function(x: Any) -> Any:
        y = x
        for _ in range(800):
            y = y + 0.001 * (1.0 - y) * y
        return np.where(x > 0.5, y, x)

    s, d = pair(function, (0.4,), (0.2,))
    plus = 0.6
    for _ in range(800):
        plus = plus + 0.001 * (1.0 - plus) * plus
    assert s == pytest.approx((plus + 0.2) / 2 - 0.4, rel=1e-14)
    assert d == pytest.approx((plus - 0.2) / 2, rel=1e-14)


ORIGIN: dict[str, tuple[Function, Function]] = {
    "atan2": (np.arctan2, math.atan2),
    "hypot": (np.hypot, math.hypot),
    "root of a square": (lambda x, y: np.sqrt(x * x), lambda x, y: math.sqrt(x * x)),
    "abs": (lambda x, y: abs(x) + abs(y), lambda x, y: abs(x) + abs(y)),
}


@pytest.mark.parametrize("name", ORIGIN)
@pytest.mark.parametrize("step", [(0.3, -0.2), (-1e-9, 2e-9), (0.0, 0.5), (-0.5, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("x", [0.0, -0.0])
def test_points_around_the_origin(name: str, step: tuple[float, float], x: float) -> None:
    """The centre has no slope, and its angle depends on the sign of a zero; the points have both."""
    function, plain = ORIGIN[name]
    s, d = pair(function, (0.0, x), step)
    plus, minus = plain(0.0 + step[0], x + step[1]), plain(0.0 - step[0], x - step[1])
    if step != (0.0, 0.0):
        assert s == pytest.approx((plus + minus) / 2 - plain(0.0, x), rel=1e-14, abs=1e-300)
        assert d == pytest.approx((plus - minus) / 2, rel=1e-14, abs=1e-300)
    elif math.copysign(1.0, x) > 0.0:
        assert s == d == 0.0


@pytest.mark.parametrize(
    ("x", "c"), [(-0.125, 0.375), (0.125, 0.375), (-0.125, -0.25), (0.0, 0.5), (-0.5, 0.5)]
)
def test_abs_across_zero(x: float, c: float) -> None:
    expected = (abs(x + c) + abs(x - c)) / 2 - abs(x), (abs(x + c) - abs(x - c)) / 2
    assert pair(abs, (x,), (c,)) == expected


def test_abs_that_touches_zero_keeps_its_digits() -> None:
    """A point or a centre at 0 is on the positive branch: nothing is subtracted there."""
    assert pair(lambda x, y: abs(x * x + 1e-20 * y), (0.0, 0.0), (1.0, 1.0)) == (1.0, 1e-20)
    for step in (1.0, -1.0):
        assert pair(lambda x: abs(x + 1e-20 * (x * x)), (1.0,), (step,)) == (1e-20, step)


def test_large_arguments_keep_their_digits() -> None:
    """1 - tanh² and sinh at the ends of the range, against 400 digits."""
    cases: list[tuple[Function, Function, float, float]] = [
        (np.tanh, mp.tanh, 300.0, 0.5), (np.tanh, mp.tanh, -40.0, 3.0), (np.tanh, mp.tanh, 0.2, 400.0),
        (np.exp, mp.exp, -600.0, 1e-3), (np.exp, mp.exp, 300.0, -380.0), (np.expm1, mp.expm1, -50.0, 40.0),
        (np.log, mp.log, 1e150, 9e149), (np.log, mp.log, 1e-150, -9e-151), (np.log1p, mp.log1p, 1e-12, 1e-13),
    ]  # fmt: skip
    with mp.workdps(400):
        for function, reference, x, c in cases:
            s_exact, d_exact = exact(lambda at, f=reference: f(at[0]), np.array([x]), np.array([c]))
            s, d = pair(function, (x,), (c,))
            assert abs(s - s_exact) <= 1e-14 * abs(s_exact), (reference, x)
            assert abs(d - d_exact) <= 1e-14 * abs(d_exact), (reference, x)


def test_a_pair_is_its_points() -> None:
    pair = Pair(3.0, 0.5, -2.0, 1.5, 5.5)
    assert (pair.points, pair.sizes, pair.middle, pair.halfway) == ((1.5, 5.5), (1.5, 5.5), 3.5, 3.5)
    assert (pair.reach, pair._replace(terms=(2.0, 7.0)).sizes) == (2.5, (2.0, 7.0))
    assert moving(3.0, -2.0) == Pair(3.0, 0.0, -2.0, 1.0, 5.0)
    still, moves = constant(3.0), (moving(3.0, 0.1), Pair(3.0, 0.1, 0.0, 3.1, 3.1))
    assert still.still and not any(pair.still for pair in moves)


def test_a_centre_far_off_does_not_hide_its_points() -> None:
    """The middle of 2^-60 and 3 * 2^-60 around a centre of 1: c + s would be 0."""
    tiny = 2.0**-60
    for uneven, halfway in ((TAME, 0.0), (WILD, 2.0 * tiny)):
        assert Pair(1.0, -1.0, -tiny, tiny, 3.0 * tiny, uneven).halfway == halfway


def test_operations_at_points_are_named_once_and_in_order() -> None:
    graph = Graph()
    x, p = graph.input("x"), graph.input("p")
    outputs = [floor(x) + floor(2.0 * x), copysign(x, p), np.sin(x), graph.apply("erf", p), np.rint(x * p)]
    assert pointwise(graph, outputs, [x]) == ["copysign", "floor", "rint"]
    assert pointwise(graph, outputs, [p]) == ["copysign", "erf", "rint"]
    assert pointwise(graph, outputs, []) == []
