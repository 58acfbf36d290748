"""The derivative of a Program along a direction, operation by operation, and exactly 0 where a guard holds."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.gradient import GradientLayout, gradient_kernel
from foglight.trace.forward_mode import replayed, tangents
from foglight.trace.graph import Graph
from foglight.trace.ops import floor, reciprocal, select
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program, lower
from foglight.trace.symbol import Symbol


def along(function: Callable[..., Any], *points: float, direction: tuple[float, ...] = (1.0, -0.5)) -> float:
    """The derivative of a function of symbols at a point, along a direction."""
    graph = Graph()
    inputs = [graph.input(("x", i), f"x{i}") for i in range(len(points))]
    moves = [graph.input(("d", i), f"d{i}") for i in range(len(points))]
    seeds = [(x, [d]) for x, d in zip(inputs, moves, strict=True)]
    [(found,)] = tangents([graph.lift(function(*inputs))], seeds, 1)
    program = lower(Program.of(graph, {"out": [found]}))
    given = {("x", i): v for i, v in enumerate(points)} | {("d", i): v for i, v in enumerate(direction)}
    return float(program.evaluate(given)["out"][0])


SMOOTH: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "product": (lambda x, y: x * y - 3.0 * y, lambda x, y: x * y - 3 * y),
    "quotient": (lambda x, y: x / y, lambda x, y: x / y),
    "root": (lambda x, y: np.sqrt(x + y), lambda x, y: math.sqrt(x + y)),
    "sign": (lambda x, y: abs(-x) + np.copysign(y, -x), lambda x, y: abs(-x) + math.copysign(y, -x)),
    "circle": (
        lambda x, y: np.sin(x) * np.cos(y) + np.tan(x * y),
        lambda x, y: math.sin(x) * math.cos(y) + math.tan(x * y),
    ),
    "arcs": (
        lambda x, y: np.arcsin(x / 3) + np.arccos(y / 3) + np.arctan(x * y) + np.arctan2(x, y),
        lambda x, y: math.asin(x / 3) + math.acos(y / 3) + math.atan(x * y) + math.atan2(x, y),
    ),
    "growth": (
        lambda x, y: np.exp(x) + np.expm1(y) + np.log(x) + np.log1p(y) + x**y + np.tanh(x) + np.hypot(x, y),
        lambda x, y: (
            math.exp(x) + math.expm1(y) + math.log(x) + math.log1p(y) + x**y + math.tanh(x) + math.hypot(x, y)
        ),
    ),
    "choice": (lambda x, y: np.where(x > y, x * x, y), lambda x, y: x * x if x > y else y),
    "steps": (lambda x, y: x * floor(x * 3) + np.rint(y) * y, lambda x, y: x * math.floor(x * 3) + round(y) * y),
    "log of a choice": (
        lambda x, y: np.log(select(x > 0.0, x * y, 4.0)), lambda x, y: math.log(x * y) if x > 0 else math.log(4.0)
    ),
    "log of a choice of two": (
        lambda x, y: np.log(select(x > 0.5, x * y, y)) + np.log(select(x > 0.5, 4.0, x)),
        lambda x, y: math.log(x * y) + math.log(4.0) if x > 0.5 else math.log(y) + math.log(x),
    ),
    "log of a choice with 0": (lambda x, y: np.log(select(x > 0.0, x * y, 0.0)), lambda x, y: math.log(x * y)),
}  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH)
def test_each_derivative_is_the_difference_quotient(name: str) -> None:
    ours, theirs = SMOOTH[name]
    h = 1e-6
    for x, y in ((0.7, 0.4), (0.31, 1.2)):
        slope = (theirs(x + h, y - 0.5 * h) - theirs(x - h, y + 0.5 * h)) / (2 * h)
        assert along(ours, x, y) == pytest.approx(slope, rel=1e-8)


GUARDED: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "the root of 0": (lambda x, y: np.sqrt(x * x), (0.0, 1.0)),
    "the reciprocal of 0": (
        lambda x, y: reciprocal(x) * y * 0.0 + reciprocal(x),
        (0.0, 1.0),
    ),
    "the distance 0": (lambda x, y: np.hypot(x, y), (0.0, 0.0)),
    "the direction of the origin": (lambda x, y: np.arctan2(x, y), (0.0, 0.0)),
    "a missing reading": (lambda x, y: select(x == x, x * y, 0.0), (math.nan, 1.0)),
    "what a select discards": (lambda x, y: select(y > 2.0, 1.0 / x, 0.0), (0.0, 1.0)),
    "the log of 0 behind a select": (lambda x, y: np.log(select(x > 0.0, x, 4.0)), (0.0, 1.0)),
    "the log of a missing reading": (lambda x, y: np.log(select(x == x, x, 4.0)), (math.nan, 1.0)),
}


@pytest.mark.parametrize("name", GUARDED)
def test_behind_a_guard_the_derivative_is_exactly_zero(name: str) -> None:
    function, at = GUARDED[name]
    assert along(function, *at) == 0.0


def test_the_log_of_a_choice_shares_its_division() -> None:
    graph = Graph()
    x, d = graph.input(("x", 0)), graph.input(("d", 0))
    [(found,)] = tangents([np.log(select(x > 0.5, x, 4.0))], [(x, [d])], 1)
    program = Program.of(graph, {"out": [select(x > 0.5, 1.0 / x, 0.0), found]})
    assert [i.op for i in program.code].count("div") == 1


def test_masks_and_constants_have_no_derivative() -> None:
    graph = Graph()
    x, y = (graph.input(("x", i)) for i in range(2))
    outputs = [graph.lift(x > y), graph.lift(y * 2.0), graph.lift(3.0)]
    assert tangents(outputs, [(x, [1.0])], 1) == [[0.0, 0.0, 0.0]]


def test_a_program_is_replayed_as_it_is() -> None:
    graph = Graph()
    x = graph.input(("x", 0), "x")
    program = Program.of(graph, {"a": [np.sin(x) + graph.limit("eps")], "b": [x > 0.0, 2.5]})
    again = Graph()
    assert Program.of(again, replayed(program, again)).text() == program.text()


def counting(limit: int | None = None) -> Kernel:
    """x' = x + p dt, a total of p z, as a kernel of one stage; and its gradient."""
    graph = Graph()
    x, p, q = graph.input(("carry", 0), "x"), graph.input(("params", 0), "p"), graph.input(("params", 1), "q")
    z, dt = graph.input(("z", 0), "z"), graph.input(("dt", 0), "dt")
    S = q * q
    outputs: dict[str, list[Any]] = {
        "carry": [x + p * dt], "commit": [True], "record": [], "sums": [0.0, p * z * x], "status": [],
        "white": [z - p * x, S],
    }  # fmt: skip
    stage = Stage("eye", Program.of(graph, outputs), (("z", 0),))
    labels = {"u": (), "row": (), "z": ("z",), "params": ("p", "q")}
    kernel = Kernel("counter", "float64", (stage,), ("x",), {"u": 0, "row": 0, "z": 1, "params": 2}, labels)
    return gradient_kernel(kernel, (0, 1), limit)


def test_the_gradient_kernel_carries_the_direction_and_the_parameters() -> None:
    from foglight.compiler.backends import interpreter

    kernel = counting()
    layout = GradientLayout.of(kernel, 2)
    assert layout == GradientLayout(1, 2) and layout.tangent == 2
    assert layout.seeds == slice(3, 5) and layout.values == slice(5, 7) and kernel.width == 2
    assert kernel.carry == ("x", "d x", "d loglik", "direction of p", "direction of q", "p", "q")
    dt, z = np.array([0.5, 2.0, 1.0]), np.array([3.0, np.nan, -1.0])
    arrays = {
        "dt": dt, "u": np.zeros((1, 3, 0)), "row": np.zeros((1, 3, 0)), "z": z[None, :, None],
        "params": np.array([9.0, 9.0]),  # which are not read
        "carry": np.array([[2.0, 0, 0, 1, 0, 0.7, 1.5, 0, 0], [2.0, 0, 0, 0, 1, 0.7, 1.5, 0, 0]]),
    }  # fmt: skip
    carry, record = interpreter.scan(kernel, Arrays(**arrays))
    # x = 2, then 2 + 0.5 p (the second row is missing), so ll = p z_0 2 + p z_2 (2 + 0.5 p).
    x = 2 + 0.5 * 0.7
    assert carry[0, :3] == pytest.approx([x + 0.7, 1.5, 2 * 3.0 - x - 0.7 * 0.5])
    assert carry[1, :3] == pytest.approx([x + 0.7, 0.0, 0.0])
    assert (carry[:, 3:5] == np.eye(2)).all() and (carry[:, 5:7] == [0.7, 1.5]).all()
    assert record[0, 0] == pytest.approx([-2.0 / 1.5, 0.0]) and np.isnan(record[0, 1]).all()
    assert record[1, 0] == pytest.approx([0.0, 2.0 / 1.5 / math.sqrt(2)])
    assert record[0, 2] == pytest.approx([(-x - 0.7 * 0.5) / 1.5, 0.0])


def test_a_gradient_too_long_to_trace_is_refused() -> None:
    with pytest.raises(TooLongError):
        counting(limit=20)


def test_symbols_of_two_traces_are_not_mixed() -> None:
    one, other = Graph(), Graph()
    with pytest.raises(ValueError, match="two traces"):
        tangents([one.input(("x", 0)) * 2.0], [(one.input(("x", 0)), [other.input(("d", 0))])], 1)
    assert isinstance(one.input(("x", 0)), Symbol)
