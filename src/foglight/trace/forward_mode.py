"""The derivative of a Program along one direction, next to its values: forward mode over a whole step.

A step is straight-line code, and so is its tangent: about one more operation for an addition and two for a product. A
branch that a select does not choose contributes no tangent, so a missing reading has a tangent of exactly 0.
Griewank & Walther 2008, §3.1.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from foglight.trace.derivatives import PARTIALS, Partials, push
from foglight.trace.graph import Graph
from foglight.trace.ops import reciprocal, select
from foglight.trace.program import Instruction, Program
from foglight.trace.symbol import Symbol

Groups = dict[str, list[Symbol]]


def replayed(program: Program, graph: Graph, instead: Mapping[Any, Symbol] | None = None) -> Groups:
    """The program's outputs as symbols of `graph`. instead: symbols that replace inputs, by source and index."""
    replaced = {} if instead is None else instead

    def leaf(i: Instruction) -> Symbol:
        if i.op == "input":
            return replaced[i.value] if i.value in replaced else graph.input(i.value, i.label)
        return graph.constant(i.value) if i.op == "const" else graph.limit(i.value)

    rules = {i.op: _applier(graph, i.op) for i in program.code}
    registers = program.replay(leaf, rules)
    return {name: [registers[k] for k in ks] for name, ks in program.outputs.items()}


def tangents(outputs: Sequence[Symbol], seeds: Iterable[tuple[Symbol, Any]]) -> list[Any]:
    """The derivative of each output along a direction, given as `seeds` (input, its component); 0.0 for an output
    that depends on none of them. Masks, rounding and exponents have derivative 0. So has an output where a guard
    replaces 1/0 by 0."""
    moved: dict[int, dict[int, Any]] = {x.serial: {0: value} for x, value in seeds}
    push(outputs, moved, _GUARDED)
    return [moved.get(node.serial, {}).get(0, 0.0) for node in outputs]


def _applier(graph: Graph, op: str) -> Callable[..., Symbol]:
    return lambda *args: graph.apply(op, *args)


def _inverse(a: Symbol) -> Any:
    """1/a; 0 where a select replaces the computed value by a constant, which does not move."""
    if a.op == "select" and a.args[2].op == "const":
        return select(a.args[0], 1.0 / a.args[1], 0.0)
    return 1.0 / a


def _quotient(x: Symbol, square: Symbol) -> Any:
    """x / square, or 0 where the square is 0 or has underflowed."""
    return x * reciprocal(square)


# Functions with a value at a point where their derivative has none: there the derivative is taken as 0.
_GUARDED: Partials = {
    **PARTIALS,
    "sqrt": lambda z, a: (lambda: 0.5 * reciprocal(z),),
    "hypot": lambda z, a, b: (lambda: _quotient(a, z), lambda: _quotient(b, z)),
    "atan2": lambda z, y, x: (lambda: _quotient(x, x * x + y * y), lambda: -_quotient(y, x * x + y * y)),
    "log": lambda z, a: (lambda: _inverse(a),),
}
