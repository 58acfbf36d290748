"""The derivative of a Program along one direction, next to its values: forward mode over a whole step.

A step is straight-line code, and so is its tangent: about one more operation for an addition and two for a product. A
branch that a select does not choose contributes no tangent, so a missing reading has a tangent of exactly 0.
Griewank & Walther 2008, §3.1. Steps on whole arrays have whole tangents (`array_tangents`).
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from foglight.trace import array_tangents
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.derivatives import PARTIALS, Partials, push
from foglight.trace.graph import Graph
from foglight.trace.ops import absolute, reciprocal, select
from foglight.trace.program import Instruction, Program
from foglight.trace.symbol import Symbol

Groups = dict[str, list[Symbol]]
_LARGEST = 2.0**960  # 1/b whose derivative is a float, if db/b is not above 2⁶⁰


def replayed(program: Program, graph: Graph, instead: Mapping[Any, Symbol] | None = None) -> Groups:
    """The program's outputs as symbols of `graph`. instead: symbols that replace inputs, by source and index."""
    replaced = {} if instead is None else instead

    def leaf(i: Instruction) -> Symbol:
        if i.op == "block":
            return graph.array("block", (), i.value)
        if i.op == "input":
            return replaced[i.value] if i.value in replaced else graph.input(i.value, i.label)
        return graph.constant(i.value) if i.op == "const" else graph.limit(i.value)

    rules = {i.op: (_array_node if i.op in ARRAY_RULES else _applier)(graph, i.op) for i in program.code}
    rules["combine"] = functools.partial(array_tangents.combine, graph)
    registers = program.replay(leaf, rules)
    return {name: [registers[k] for k in ks] for name, ks in program.outputs.items()}


def tangents(
    outputs: Sequence[Symbol], seeds: Iterable[tuple[Symbol, Sequence[Any]]], directions: int
) -> list[list[Any]]:
    """For each direction the derivative of each output along it, given as `seeds` (input, its component along each
    direction); 0.0 for an output that depends on none of them, zeros for a whole array. Masks, rounding and exponents
    have derivative 0. So has an output where a guard replaces 1/0 by 0."""
    moved: dict[int, dict[int, Any]] = {x.serial: dict(enumerate(values)) for x, values in seeds}
    push(outputs, moved, _GUARDED)
    found = [moved.get(node.serial, {}) for node in outputs]
    still = [array_tangents.zeros(node) for node in outputs]
    return [[t.get(c, nothing) for t, nothing in zip(found, still, strict=True)] for c in range(directions)]


def _applier(graph: Graph, op: str) -> Callable[..., Symbol]:
    return lambda *args: graph.apply(op, *args)


def _array_node(graph: Graph, op: str) -> Callable[..., Symbol]:
    return lambda value, *args: graph.array(op, args, value)


def _inverse(a: Any) -> Any:
    """1/a; 0 where a select replaces the computed value by a constant, which does not move."""
    if isinstance(a, Symbol) and a.op == "select" and a.args[2].op == "const":
        return select(a.args[0], 1.0 / a.args[1], 0.0)
    return 1.0 / a


def _within_range(inverse: Any) -> Any:
    """1/b; 0 where the derivative of 1/b would overflow."""
    return select(absolute(inverse) < _LARGEST, inverse, 0.0)


def _quotient(x: Symbol, square: Symbol) -> Any:
    """x / square, or 0 where the square is 0 or has underflowed."""
    return x * reciprocal(square)


# Functions with a value at a point where their derivative has none: there the derivative is taken as 0. A variance that
# decays, as those of states that exact readings determine do, has a derivative as small: 1/b² would overflow before b
# itself is too small for 1/b, and d(1/b) just before.
_GUARDED: Partials = {
    **PARTIALS,
    "div": lambda z, a, b: (lambda: 1.0 / b, lambda: (_within_range(1.0 / b), -z)),
    "sqrt": lambda z, a: (lambda: 0.5 * reciprocal(z),),
    "hypot": lambda z, a, b: (lambda: _quotient(a, z), lambda: _quotient(b, z)),
    "atan2": lambda z, y, x: (lambda: _quotient(x, x * x + y * y), lambda: -_quotient(y, x * x + y * y)),
    "log": lambda z, a: (lambda: _inverse(a),),
}
