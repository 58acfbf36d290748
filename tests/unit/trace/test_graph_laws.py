"""Laws of folding: random operations give what NumPy gives step by step, and nothing is left that a rule removes."""

import inspect
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.trace.graph import Graph
from foglight.trace.primitives import (
    ELEMENTARY,
    EXPONENT_BIAS,
    LOGIC,
    MANTISSA_BITS,
    MASKS,
    PRIMITIVE,
    RULES,
    TooLongError,
    biased_exponent,
    power_of_two,
)
from foglight.trace.program import LEAVES, Instruction, Program
from foglight.trace.symbol import Symbol
from unit.expressions import NUMPY

Array = NDArray[Any]
CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, -0.25, 3.0, 0.1, 2.0**-126]
COMMUTATIVE = {"add", "mul", "eq", "ne", "and", "or"}
each_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])


def by_numpy(op: str, kind: Any, *args: Array) -> Array:
    """The operation on arrays; masks count as 1 and 0 where numbers are expected, and numbers as true unless 0 where
    masks are."""
    truths = [a.dtype == bool for a in args]
    meant = [op in LOGIC] * len(args)
    if op == "select":
        meant = [True, *[all(truths[1:])] * 2]
    read = [a.astype(bool if truth else kind) for a, truth in zip(args, meant, strict=True)]
    with np.errstate(all="ignore"):
        return np.asarray(RULES[op](*read))


def allowed(op: str, args: list[Array], result: Array) -> bool:
    """Finite results, as folding assumes; no use of the sign of a zero, which folding may change."""
    if op == "copysign":
        return bool(np.all(args[1] != 0))
    if op == "pow2":
        return bool(np.all((np.rint(args[0]) == args[0]) & (abs(args[0].astype(float)) < 40)))
    return bool(np.isfinite(result).all())


@dataclass(frozen=True)
class Drawn:
    """Operations on earlier results, drawn at random: their nodes, and their values at 6 points."""

    graph: Graph
    nodes: list[Symbol]
    values: list[Array]
    program: Program


@cache
def drawn(dtype: str) -> list[Drawn]:
    rng = np.random.default_rng(5)
    return [draw(rng, Graph(dtype), 40) for _ in range(50)]


def draw(rng: np.random.Generator, graph: Graph, count: int) -> Drawn:
    kind = graph.dtype.type
    inputs = rng.uniform(-3, 3, (3, 6)).astype(kind)
    inputs[2] = np.rint(inputs[2])
    nodes = [graph.input(("x", i), f"x{i}") for i in range(3)] + [graph.constant(c) for c in CONSTANTS]
    values: list[Array] = [*inputs, *[np.full(6, c, kind) for c in CONSTANTS]]
    known = len(nodes)
    while len(nodes) < known + count:
        op = str(rng.choice(sorted(PRIMITIVE)))
        near = len(nodes) - 6 if rng.random() < 0.5 else 0
        picked = rng.integers(near, len(nodes), PRIMITIVE[op]).tolist()
        args = [values[k] for k in picked]
        result = by_numpy(op, kind, *args)
        if allowed(op, args, result):
            nodes.append(graph.apply(op, *[nodes[k] for k in picked]))
            values.append(result)
    return Drawn(graph, nodes, values, Program.of(graph, {"all": nodes}))


@each_dtype
def test_folding_changes_no_value(dtype: str) -> None:
    used: set[str] = set()
    for case in drawn(dtype):
        inputs = {("x", i): case.values[i] for i in range(3)}
        found = case.program.evaluate(inputs)["all"]
        for node, value, expected in zip(case.nodes, found, case.values, strict=True):
            assert (node.op in MASKS) == (expected.dtype == bool)
            np.testing.assert_array_equal(np.broadcast_to(value, 6), expected)
        used |= set(case.program.count())
    assert used == set(PRIMITIVE)


def removable(program: Program, i: Instruction) -> bool:
    """Whether a rule should have folded this instruction away, or put its arguments in order."""
    args = [program.code[k] for k in i.args]
    ops, values = [a.op for a in args], [a.value if a.op == "const" else None for a in args]
    known = [a.op == "lt" and all(program.code[k].op == "const" for k in a.args) for a in args]
    same = len(set(i.args)) < len(i.args)
    if i.op in COMMUTATIVE and i.args[0] > i.args[1]:
        return True
    truths = [a.op in MASKS for a in args]
    if truths != [i.op in LOGIC or (i.op == "select" and k == 0) for k in range(len(args))]:
        return True
    if i.op in LOGIC:
        return any(known) or same or (i.op == "not" and ops[0] == "not")
    if i.op == "select":
        return known[0] or i.args[1] == i.args[2] or ops[0] == "not"
    if i.op == "lookup":
        return ops[0] == "const"
    if set(ops) == {"const"}:
        return not (i.op == "lt" and values in ([0.0, 0.0], [0.0, 1.0]))  # a truth
    if i.op == "div":
        power = values[1] is not None and abs(math.frexp(values[1])[0]) == 0.5
        return values[0] == 0.0 or (power and 2.0**-126 <= abs(values[1]) <= 2.0**126)
    return {
        "add": 0.0 in values or "neg" in ops,
        "sub": same or 0.0 in values or ops[-1] == "neg",
        "mul": bool({0.0, 1.0, -1.0} & set(values)) or "neg" in ops,
        "neg": "neg" in ops,
    }.get(i.op, False)


@each_dtype
def test_nothing_is_left_to_fold(dtype: str) -> None:
    operations = [(case.program, i) for case in drawn(dtype) for i in case.program.code if i.op not in LEAVES]
    assert len(operations) > 500 and not [i for program, i in operations if removable(program, i)]


@each_dtype
def test_the_same_operation_again_adds_no_node(dtype: str) -> None:
    for case in drawn(dtype):
        created: list[Symbol] = []
        case.graph.on_new = created.append
        assert all(case.graph.apply(node.op, *node.args) is node for node in case.nodes if node.args)
        assert not created


def test_how_many_arguments_an_operation_has() -> None:
    """As many as the corresponding NumPy function takes."""
    for op, count in (PRIMITIVE | ELEMENTARY).items():
        function: Any = (RULES | NUMPY)[op]
        if op not in ("select", "lookup"):
            assert count == (getattr(function, "nin", None) or len(inspect.signature(function).parameters))
    assert PRIMITIVE["select"] == PRIMITIVE["lookup"] == 3


@pytest.mark.parametrize("op", sorted(op for op, count in ELEMENTARY.items() if count == 1))
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_an_elementary_function_of_zero(op: str, zero: float) -> None:
    """Folded where the result is 1 or the same zero; otherwise, and for any other argument, left to the lowering."""
    graph = Graph()
    node = graph.apply(op, zero)
    if op in ("acos", "acosh", "expit", "log", "log2", "log10"):
        assert node.op == op
    else:
        assert node is graph.constant(float(NUMPY[op](zero)))
    assert graph.apply(op, 1.0).op == op


def test_division_by_a_power_of_two_where_both_are_normal_in_either_type() -> None:
    graph = Graph()
    x = graph.input("x")
    for power in (2.0**126, -(2.0**126), 2.0**-126, -(2.0**-126)):
        assert x / power is x * (1.0 / power)
    for power in (2.0**127, 2.0**-127, 3.0 * 2.0**20):
        assert (x / power).op == "div"


def test_a_graph_with_a_limit() -> None:
    """Four nodes are inputs and operations; the next operation is refused. Constants are not counted."""
    graph = Graph(limit=4)
    x, y = graph.input("x"), graph.input("y")
    last = x * y + 1.0
    assert last is x * y + 1.0 and [x.serial, y.serial, last.serial] == [2, 3, 5]
    assert all(graph.constant(2.0 + k).value == 2.0 + k for k in range(9))
    with pytest.raises(TooLongError):
        graph.apply("sqrt", last)
    assert len({graph.zero.serial, graph.one.serial, x.serial, y.serial, (x * y).serial, last.serial}) == 6


def test_leaves_have_serial_numbers_of_their_own() -> None:
    graph = Graph()
    leaves = [
        graph.zero,
        graph.one,
        graph.input("x"),
        graph.constant(2.5),
        graph.limit("eps"),
        graph.truth(True),
    ]
    leaves += [graph.truth(False), graph.input("y", "gap"), graph.constant(math.nan), graph.limit("tiny")]
    assert [leaf.serial for leaf in leaves] == list(range(10))
    assert [repr(leaf) for leaf in leaves[2:]] == [
        "input#2",
        "2.5",
        "eps",
        "lt#5",
        "lt#6",
        "gap",
        "nan",
        "tiny",
    ]
    assert [leaf.value for leaf in leaves[:5]] == [0.0, 1.0, "x", 2.5, "eps"]


def test_keys_of_inputs_are_not_values() -> None:
    graph = Graph()
    x, *inputs = [graph.input(key) for key in ("x", 0.0, 1.0, -1.0)]
    for node in inputs:
        found = [x + node, node + x, x - node, node - x, x * node, node * x, node / x, x / node, np.cos(node)]
        assert [n.op for n in found] == ["add", "add", "sub", "sub", "mul", "mul", "div", "div", "cos"]


def test_known_masks() -> None:
    graph = Graph()
    x = graph.input("x")
    assert (graph.known(graph.truth(True)), graph.known(graph.truth(False))) == (True, False)
    unknown = [x < 0.0, graph.zero < x, graph.zero <= x, x < 1.0, graph.apply("le", 0.0, x), x, graph.one]
    assert [graph.known(node) for node in unknown] == [None] * 7


def test_symbols_of_two_traces_do_not_mix() -> None:
    """A symbol that a model function kept from an earlier call would mean another value in this one."""
    x, kept = Graph().input("x"), Graph().input("x")
    for use in (lambda: x + kept, lambda: kept * x, lambda: x < kept, lambda: np.where(x > 0.0, 1.0, kept)):
        with pytest.raises(ValueError, match="two traces were mixed"):
            use()


@each_dtype
def test_bits_of_plain_numbers(dtype: str) -> None:
    """The exponent field: its width, its bias, one number that is read and one that is built."""
    info = np.finfo(dtype)
    assert info.nmant == MANTISSA_BITS[dtype] and info.maxexp - 1 == EXPONENT_BIAS[dtype]
    if dtype == "float64":
        assert biased_exponent(-10.0) == 3.0 and power_of_two(-4.0) == 0.0625
