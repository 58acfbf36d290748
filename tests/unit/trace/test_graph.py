"""The graph: one node for equal expressions, zeros and constants folded, and what must not be folded."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from foglight.trace.graph import Graph
from foglight.trace.primitives import (
    ARITHMETIC,
    BITS,
    CHOICE,
    COMPARISON,
    ELEMENTARY,
    LOGIC,
    MASKS,
    PRIMITIVE,
    ROUNDING,
    RULES,
    biased_exponent,
    power_of_two,
)
from foglight.trace.symbol import Symbol

INF, NAN, TINY = math.inf, math.nan, math.ulp(0.0)
each_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
def x(graph: Graph) -> Symbol:
    return graph.input(("x", 0), "x")


@pytest.fixture
def y(graph: Graph) -> Symbol:
    return graph.input(("x", 1), "y")


def test_every_operation_is_listed_once_and_has_a_rule() -> None:
    groups = [ARITHMETIC, ROUNDING, BITS, COMPARISON, LOGIC, CHOICE]
    assert sum(len(group) for group in groups) == len(PRIMITIVE) == len(RULES)
    assert set(RULES) == set(PRIMITIVE) and not set(PRIMITIVE) & set(ELEMENTARY)
    assert MASKS == set(COMPARISON) | set(LOGIC)


def test_equal_expressions_are_one_node(graph: Graph, x: Symbol, y: Symbol) -> None:
    assert graph.input(("x", 0)) is x and graph.input(("z", 0)) is not x
    assert (x - y) * (x - y) is (x - y) * (x - y)
    assert x - y is not y - x and x / y is not y / x
    assert x + y is y + x and x * y is y * x and x + 0.1 is 0.1 + x
    assert ((x < y) & (x > 0.0)) is ((x > 0.0) & (x < y))
    assert (x == y) is (y == x) and (x > y) is (y < x) and (x >= y) is (y <= x)
    assert (x < y) is not (x <= y)


def test_sums_are_not_reassociated(graph: Graph, x: Symbol, y: Symbol) -> None:
    assert (x + y) + 1.0 is not x + (y + 1.0)
    assert (x * 0.1) * 0.3 is not x * (0.1 * 0.3)
    assert (x + 1.0) - 1.0 is not x and (x * 3.0) / 3.0 is not x


def test_constants_are_distinguished_by_their_bits(graph: Graph) -> None:
    assert graph.constant(0.0) is graph.zero and graph.constant(-0.0) is not graph.zero
    assert math.copysign(1.0, graph.constant(-0.0).value) == -1.0
    assert graph.constant(NAN) is graph.constant(-NAN) and math.isnan(graph.constant(NAN).value)
    assert graph.constant(1) is graph.one is graph.constant(np.float32(1.0))
    assert graph.constant(INF) is not graph.constant(-INF)


def test_lift(graph: Graph, x: Symbol) -> None:
    assert graph.lift(x) is x and graph.lift(2) is graph.constant(2.0)
    assert graph.known(graph.lift(np.True_)) is True and graph.known(graph.lift(False)) is False
    assert graph.known(x < 0.0) is None and graph.known(x) is None
    with pytest.raises(ValueError, match="two traces were mixed"):
        graph.lift(Graph().input("x"))


Rule = Callable[[Symbol, Symbol], Any]
FOLDED: dict[str, tuple[Rule, Rule]] = {
    "x + 0": (lambda x, y: x + 0.0, lambda x, y: x),
    "0 + x": (lambda x, y: 0.0 + x, lambda x, y: x),
    "x + -0": (lambda x, y: x + -0.0, lambda x, y: x),
    "x + (-y)": (lambda x, y: x + (-y), lambda x, y: x - y),
    "-x + y": (lambda x, y: -x + y, lambda x, y: y - x),
    "x - 0": (lambda x, y: x - 0.0, lambda x, y: x),
    "0 - x": (lambda x, y: 0.0 - x, lambda x, y: -x),
    "x - x": (lambda x, y: (x * y) - (y * x), lambda x, y: x.graph.zero),
    "x - (-y)": (lambda x, y: x - (-y), lambda x, y: x + y),
    "--x": (lambda x, y: np.negative(-x), lambda x, y: x),
    "0 * x": (lambda x, y: 0.0 * x, lambda x, y: x.graph.zero),
    "-0 * x": (lambda x, y: x * -0.0, lambda x, y: x.graph.zero),
    "1 * x": (lambda x, y: x * 1.0, lambda x, y: x),
    "-1 * x": (lambda x, y: -1.0 * x, lambda x, y: -x),
    "-x * -y": (lambda x, y: (-x) * (-y), lambda x, y: x * y),
    "-x * y": (lambda x, y: (-x) * y, lambda x, y: -(x * y)),
    "x * -y": (lambda x, y: x * (-y), lambda x, y: -(x * y)),
    "0 / x": (lambda x, y: 0.0 / x, lambda x, y: x.graph.zero),
    "x / 1": (lambda x, y: x / 1.0, lambda x, y: x),
    "x / 8": (lambda x, y: x / 8.0, lambda x, y: x * 0.125),
    "x / -0.25": (lambda x, y: x / -0.25, lambda x, y: x * -4.0),
    "sin 0": (lambda x, y: np.sin(x * 0.0), lambda x, y: x.graph.zero),
    "tanh 0": (lambda x, y: np.tanh(x * 0.0), lambda x, y: x.graph.zero),
    "cos 0": (lambda x, y: np.cos(x * 0.0), lambda x, y: x.graph.one),
    "exp 0": (lambda x, y: np.exp(x * 0.0), lambda x, y: x.graph.one),
    "select the same": (lambda x, y: np.where(x > y, x, x), lambda x, y: x),
    "select not": (lambda x, y: np.where(~(x > y), x, y), lambda x, y: np.where(x > y, y, x)),
    "select true": (lambda x, y: np.where(x.graph.truth(True), x, y), lambda x, y: x),
    "select false": (lambda x, y: np.where(x.graph.truth(False), x, y), lambda x, y: y),
    "mask & true": (lambda x, y: (x > y) & True, lambda x, y: x > y),
    "mask & false": (lambda x, y: False & (x > y), lambda x, y: x.graph.truth(False)),
    "mask | true": (lambda x, y: (x > y) | True, lambda x, y: x.graph.truth(True)),
    "mask | false": (lambda x, y: False | (x > y), lambda x, y: x > y),
    "mask & mask": (lambda x, y: (x > y) & (y < x), lambda x, y: x > y),
    "mask | mask": (lambda x, y: (x > y) | (x > y), lambda x, y: x > y),
    "not not": (lambda x, y: ~~(x > y), lambda x, y: x > y),
    "not true": (lambda x, y: ~x.graph.truth(True), lambda x, y: x.graph.truth(False)),
}  # fmt: skip


@pytest.mark.parametrize("rule", FOLDED)
def test_folding(rule: str, x: Symbol, y: Symbol) -> None:
    left, right = FOLDED[rule]
    assert left(x, y) is right(x, y)


KEPT: dict[str, tuple[Rule, str]] = {
    "x / 3": (lambda x, y: x / 3.0, "div"),
    "x / x": (lambda x, y: x / x, "div"),
    "x / 0": (lambda x, y: x / 0.0, "div"),
    "x / inf": (lambda x, y: x / INF, "div"),
    "x / nan": (lambda x, y: x / NAN, "div"),
    "x / smallest": (lambda x, y: x / TINY, "div"),
    "x + nan": (lambda x, y: x + NAN, "add"),
    "x * inf": (lambda x, y: x * INF, "mul"),
    "x < x": (lambda x, y: x < x, "lt"),
    "x == x": (lambda x, y: x == x, "eq"),
    "x != x": (lambda x, y: x != x, "ne"),
    "select of 0 and -0": (lambda x, y: np.where(x > y, 0.0, -0.0), "select"),
    "sqrt of a square": (lambda x, y: np.sqrt(x * x), "sqrt"),
    "log 0": (lambda x, y: np.log(x * 0.0), "log"),
    "acos 0": (lambda x, y: np.arccos(x * 0.0), "acos"),
    "atan2 (0, x)": (lambda x, y: np.arctan2(0.0, x), "atan2"),
    "hypot (0, x)": (lambda x, y: np.hypot(0.0, x), "hypot"),
    "0 ** x": (lambda x, y: 0.0**x, "pow"),
}


@pytest.mark.parametrize("rule", KEPT)
def test_what_must_not_fold(rule: str, x: Symbol, y: Symbol) -> None:
    """For some x the folded form has another value: NaN, an infinity, a zero of the other sign, a last bit."""
    expression, op = KEPT[rule]
    assert expression(x, y).op == op


def test_division_by_a_power_of_two_is_exact_in_both_types() -> None:
    """If the type cannot represent the reciprocal, the quotient stays."""
    for dtype, smallest in (("float64", 2.0**-1074), ("float32", 2.0**-149)):
        graph = Graph(dtype)
        x = graph.input("x")
        quotient = x / smallest
        assert quotient.op == "div" and quotient.args[1].value == smallest
        assert (x / 2.0**-40).args[1].value == 2.0**40


@each_dtype
def test_constants_are_folded_as_the_type_computes(dtype: str) -> None:
    graph = Graph(dtype)
    kind = np.dtype(dtype).type
    a, b = graph.constant(0.1), graph.constant(0.3)
    assert graph.apply("add", a, b).value == float(kind(0.1) + kind(0.3))
    assert graph.apply("div", a, b).value == float(kind(0.1) / kind(0.3))
    assert graph.apply("sqrt", a).value == float(np.sqrt(kind(0.1)))
    assert math.isnan(graph.apply("sqrt", graph.constant(-1.0)).value)
    assert math.isnan(graph.apply("mul", graph.zero, graph.constant(INF)).value)
    assert math.isnan(graph.apply("div", graph.zero, graph.zero).value)
    assert graph.apply("div", graph.one, graph.zero).value == INF
    assert graph.known(graph.apply("lt", a, b)) is True
    assert graph.known(graph.apply("ne", graph.constant(NAN), graph.constant(NAN))) is True


def test_constants_are_rounded_once_when_they_enter() -> None:
    graph = Graph("float32")
    assert graph.constant(0.1).value == float(np.float32(0.1)) != 0.1
    assert graph.constant(0.1) is graph.constant(float(np.float32(0.1)))
    assert graph.constant(1e300).value == INF and graph.constant(1e-300) is graph.zero
    assert graph.constant(-1e-300) is not graph.zero


@each_dtype
def test_elementary_functions_of_constants_wait_for_the_lowering(dtype: str) -> None:
    """Their value is that of the lowered operations, not of some libm."""
    graph = Graph(dtype)
    assert graph.apply("sin", graph.constant(0.5)).op == "sin"


def test_limits_are_known_once_the_graph_is_typed(graph: Graph) -> None:
    assert graph.limit("eps") is graph.limit("eps") is not graph.limit("tiny")
    assert (graph.limit("eps") * 2.0).op == "mul"


@each_dtype
def test_exponent_and_power_of_two_by_their_bits(dtype: str) -> None:
    kind = np.dtype(dtype).type
    bias = 1023 if dtype == "float64" else 127
    rng = np.random.default_rng(3)
    x = (rng.standard_normal(500) * 2.0 ** rng.uniform(-0.9 * bias, 0.9 * bias, 500)).astype(dtype)
    expected = [float(mp.floor(mp.log(abs(mp.mpf(float(v))), 2))) for v in x]
    with mp.workdps(40):
        np.testing.assert_array_equal(biased_exponent(x), expected)
    powers = kind(2.0) ** np.arange(1 - bias, bias + 1, dtype=dtype)
    assert biased_exponent(powers).dtype == dtype and power_of_two(powers * 0 + 1).dtype == dtype
    np.testing.assert_array_equal(biased_exponent(powers), np.arange(1 - bias, bias + 1))
    np.testing.assert_array_equal(power_of_two(np.arange(1 - bias, bias + 1, dtype=dtype)), powers)
    below = np.nextafter(powers[1:], kind(0.0))
    np.testing.assert_array_equal(biased_exponent(-below), np.arange(1 - bias, bias))
    ends = np.array([0.0, -0.0, np.finfo(dtype).smallest_subnormal, INF, -INF, NAN, -NAN], dtype)
    np.testing.assert_array_equal(biased_exponent(ends), [-bias] * 3 + [bias + 1] * 4)
    assert power_of_two(np.asarray(-bias, dtype)) == 0.0 and power_of_two(np.asarray(bias + 1, dtype)) == INF


def test_a_listener_receives_new_nodes(graph: Graph, x: Symbol, y: Symbol) -> None:
    """The message that names a nonlinear line relies on this: once per node, and not for folded expressions."""
    received: list[str] = []
    graph.on_new = lambda node: received.append(node.op)
    x * y, y * x, x + 0.0, np.sin(x * y)
    assert received == ["mul", "sin"]
