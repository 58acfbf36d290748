"""A Program is completely described by its text, of which it has the hash; its values are of its type."""

import hashlib
from typing import Any

import numpy as np
import pytest

from foglight.trace.graph import Graph
from foglight.trace.primitives import RULES
from foglight.trace.program import Instruction, Program, lower, reach

EXPECTED = """\
program float32
r0 = 0x0.0p+0
r1 = input a
r2 = input ('z', 1) range
r3 = limit eps eps
r4 = 0x1.99999a0000000p-4
r5 = mul r1 r2
r6 = lt r1 r3
r7 = sub r5 r4
r8 = select r6 r0 r7
r9 = sqrt r8
out: r9 r5
none: 
status: r6
"""  # noqa: W291  an empty group is only a name


def program(dtype: str = "float32") -> Program:
    graph = Graph(dtype)
    a, z = graph.input("a"), graph.input(("z", 1), "range")
    eps, tenth, dead = graph.limit("eps"), graph.constant(0.1), graph.input("dead")
    product = a * z
    assert (dead * product).op == "mul"
    small = a < eps
    return Program.of(
        graph, {"out": [np.sqrt(np.where(small, 0, product - tenth)), product], "none": [], "status": [small]}
    )


def test_the_whole_text() -> None:
    found = program()
    assert found.text() == EXPECTED
    assert found.hash() == hashlib.sha256(EXPECTED.encode()).hexdigest()
    assert found.inputs == ("a", ("z", 1)) and found.size == 5
    assert found.count() == {"mul": 1, "lt": 1, "sub": 1, "select": 1, "sqrt": 1}


def test_programs_are_values() -> None:
    """Equal if everything in them is equal, and immutable."""
    assert program() == program() and program() != program("float64")
    one = Instruction("input", (), "a")
    assert (
        one == Instruction("input", (), "a", "")
        and len({one, Instruction("input", (), "a"), Instruction("neg", (0,))}) == 2
    )
    for thing, name in ((one, "op"), (program(), "dtype")):
        with pytest.raises(AttributeError):
            setattr(thing, name, "float16")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_values_are_of_the_type(dtype: str) -> None:
    """Inputs are converted to it, limits are its own, and what has no value becomes NaN without a warning."""
    kind = np.dtype(dtype).type
    a, z = np.array([0.3, 1e-9, 2.0]), np.array([2.0, 1.0, -1.0])
    found = program(dtype).evaluate({"a": a, ("z", 1): z.tolist()})
    product = kind(a) * kind(z)
    with np.errstate(invalid="ignore"):
        root = np.sqrt(np.where(kind(a) < np.finfo(dtype).eps, kind(0), product - kind(0.1)))
    assert found["out"][0].dtype == found["out"][1].dtype == dtype and found["none"] == []
    np.testing.assert_array_equal(found["out"], [root, product])
    small = [False, dtype == "float32", False]
    assert found["status"][0].tolist() == small and np.isnan(root).tolist() == [False, not small[1], True]
    graph = Graph(dtype)
    limits = Program.of(graph, {"all": [graph.limit("tiny"), graph.limit("eps"), 0.1]}).evaluate({})["all"]
    assert limits == [np.finfo(dtype).tiny, np.finfo(dtype).eps, kind(0.1)] and {type(v) for v in limits} == {
        kind
    }


def test_lowering_sets_the_type() -> None:
    """Keys and labels stay, limits become numbers, elementary functions become operations."""
    graph = Graph()
    x = graph.input(("x", 0), "gap")
    whole = Program.of(graph, {"out": [np.sin(x) * graph.limit("eps"), x + 0.1], "none": []})
    for dtype in ("float64", "float32"):
        low = lower(whole, dtype)
        assert [(i.value, i.label) for i in low.code if i.op == "input"] == [(("x", 0), "gap")]
        assert float(np.finfo(dtype).eps) in [i.value for i in low.code if i.op == "const"]
        assert low.dtype == dtype and set(low.count()) <= set(RULES) and list(low.outputs) == ["out", "none"]
        found: list[Any] = low.evaluate({("x", 0): 0.5})["out"]
        np.testing.assert_allclose(found[0], np.sin(0.5) * np.finfo(dtype).eps, rtol=1e-6)
    assert lower(whole) == lower(whole, "float64")


def test_nodes_that_outputs_reach() -> None:
    """In the order in which they were made, each once, also if outputs repeat or later ones come first."""
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    s, p = x + y, x * y
    q = p - s
    assert [n.serial for n in reach([q, s, q])] == [x.serial, y.serial, s.serial, p.serial, q.serial]
    assert reach([p]) == [x, y, p] and reach(iter([y, y])) == [y] and reach([]) == []


def test_every_node_is_visited_once() -> None:
    """Not once per path to it, of which there are two to the 200 here."""
    node = Graph().input("x")
    for _ in range(200):
        node = node + node
    assert len(reach([node])) == 201
