"""Differences of a graph between pairs of points, without cancellation, as sigma points need them.

A pair of points around a centre, f(x + c) and f(x - c), is written as f(x) + s + d and f(x) + s - d, with s
the symmetric and d the antisymmetric part. Instead of evaluating f at points and subtracting, s and d are carried
through each operation by an exact rule, as a derivative is. For linear parts s is a known zero and folds away. Where
points are so far apart that their values serve better, these are taken: `pair_rules` says when. Identities: addition
theorems; Julier & Uhlmann 2004 for why differences matter.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace.array_symbol import ArraySymbol, mapped
from foglight.trace.derivatives import Values
from foglight.trace.graph import Graph
from foglight.trace.ops import known_zero, zeros
from foglight.trace.pair_functions import POINTWISE, RULES
from foglight.trace.pair_rules import Pair, constant, evaluated, moving
from foglight.trace.primitives import MASKS
from foglight.trace.program import reach
from foglight.trace.symbol import Symbol


def difference(
    graph: Graph, outputs: Values, inputs: Values, columns: Any
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Arrays s and d (outputs, pairs) for the pairs of points inputs +- columns[:, k].

    Where the columns are an array as a whole, so are s and d: each operation acts on all pairs at once.
    """
    lifted = [graph.lift(v) for v in outputs]
    nodes = reach(lifted)
    pairs = columns.shape[1]
    if isinstance(columns, ArraySymbol):
        return _all_at_once(lifted, nodes, inputs, columns)
    s = np.full((len(lifted), pairs), 0.0, dtype=object)
    d = np.full((len(lifted), pairs), 0.0, dtype=object)
    for k in range(pairs):
        moved = _moved(nodes, inputs, columns[:, k])
        for row, node in enumerate(lifted):
            if node.serial in moved:
                s[row, k], d[row, k] = moved[node.serial].s, moved[node.serial].d
    return s, d


def _all_at_once(
    outputs: list[Symbol], nodes: list[Symbol], inputs: Values, columns: ArraySymbol
) -> tuple[Any, Any]:
    s, d = (zeros((len(outputs), columns.shape[1]), columns) for _ in range(2))
    moved = _moved(nodes, inputs, columns)
    for row, node in enumerate(outputs):
        if node.serial in moved:
            for matrix, value in ((s, moved[node.serial].s), (d, moved[node.serial].d)):
                if not known_zero(value):
                    matrix[row] = value
    return s, d


def pointwise(graph: Graph, outputs: Values, inputs: Values) -> list[str]:
    """The operations on the inputs that have no difference rule and are evaluated at the points instead."""
    moved = {x.serial for x in inputs}
    found = []
    for node in reach([graph.lift(v) for v in outputs]):
        if any(a.serial in moved for a in node.args):
            moved.add(node.serial)
            if node.op in POINTWISE:
                found.append(node.op)
    return sorted(set(found))


def _moved(nodes: Iterable[Symbol], inputs: Values, column: Any) -> dict[int, Pair]:
    """The pair of each node that moves when each input moves by its entry of the column, by the node's serial; an entry
    may be that of several columns."""
    given = {x.serial for x in inputs}
    moved = {x.serial: moving(x, c) for x, c in zip(inputs, column, strict=True) if not known_zero(c)}
    for node in nodes:
        if node.serial in given or not any(a.serial in moved for a in node.args):
            continue
        pair = _through(node, [moved.get(a.serial) or constant(a) for a in node.args])
        if node.op in MASKS or not pair.still:
            moved[node.serial] = pair
    return moved


def _through(node: Symbol, args: list[Pair]) -> Pair:
    """The pair of a node from those of its arguments."""

    def value(*values: Any) -> Any:
        if any(isinstance(v, ArraySymbol) for v in values):
            return mapped(node.op, *values)
        return node.graph.apply(node.op, *values)

    y = evaluated(value, *args)
    return y if node.op in MASKS else RULES[node.op](y, *args)
