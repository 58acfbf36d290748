"""Derivatives, dependence and linearity of the outputs of a graph."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace import array_tangents
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.graph import Graph
from foglight.trace.ops import copysign, known_zero, lookup, select
from foglight.trace.primitives import MASKS
from foglight.trace.program import reach
from foglight.trace.symbol import Symbol

Values = Sequence[Any] | NDArray[Any]
Partials = Mapping[str, Callable[..., tuple[Callable[[], Any], ...]]]
# Constant between jumps: the derivative is 0.
_FLAT = frozenset({"floor", "rint", "segment", "exponent", "pow2"})
# They jump, so that a function of them is not linear.
_STEPS = frozenset({"floor", "rint", "segment", "mod"})
# The function jumps where this argument changes its sign or truth value.
_SWITCHES = {"select": 0, "lookup": 0, "copysign": 1}
_MULTILINEAR = frozenset({"add", "sub", "neg"})


def jacobian(graph: Graph, outputs: Values, inputs: Values) -> NDArray[np.object_]:
    """The matrix d outputs / d inputs, exact, by the chain rule in forward mode; known zeros are 0.0.

    Only non-zero entries are built: each node carries the columns that it depends on.
    """
    tangents: dict[int, dict[int, Any]] = {x.serial: {k: 1.0} for k, x in enumerate(inputs)}
    lifted = [graph.lift(v) for v in outputs]
    push(lifted, tangents)
    J = np.full((len(lifted), len(inputs)), 0.0, dtype=object)
    for row, node in enumerate(lifted):
        for column, value in tangents.get(node.serial, {}).items():
            J[row, column] = value
    return J


def push(
    outputs: Iterable[Symbol], tangents: dict[int, dict[int, Any]], partials: Partials | None = None
) -> None:
    """Give each node under `outputs` its tangents, by direction, from those of its arguments; `tangents` (serial of a
    node -> direction -> symbol) holds those of the inputs and receives the others. A missing direction means 0.

    Also through operations on whole arrays, see `array_tangents`."""
    partials = PARTIALS if partials is None else partials
    for node in reach(outputs):
        if node.serial not in tangents and node.op not in MASKS and node.op not in _FLAT:
            tangents[node.serial] = _chain(node, tangents, partials)


def _chain(node: Symbol, tangents: dict[int, dict[int, Any]], partials: Partials) -> dict[int, Any]:
    moving = [tangents.get(a.serial) for a in node.args]
    if not any(moving):
        return {}
    if node.op in ARRAY_RULES:
        return _of_arrays(node, moving, partials)
    if node.op == "select":
        _, a, b = (t or {} for t in moving)
        mask = node.args[0]
        return {c: select(mask, a.get(c, 0.0), b.get(c, 0.0)) for c in sorted({*a, *b})}
    if node.op == "lookup":
        values = [t or {} for t in moving[1:]]
        index = node.args[0]
        return {
            c: lookup(index, [t.get(c, 0.0) for t in values]) for c in sorted({c for t in values for c in t})
        }
    total: dict[int, Any] = {}
    for partial, tangent in zip(partials[node.op](node, *node.args), moving, strict=True):
        if tangent:
            slope = partial()
            same = isinstance(slope, float) and slope == 1.0
            for column, value in tangent.items():
                step = value if same else array_tangents.along(slope, value)
                total[column] = total[column] + step if column in total else step
    return {c: v for c, v in total.items() if not known_zero(v)}


def _of_arrays(node: Symbol, moving: Sequence[dict[int, Any] | None], partials: Partials) -> dict[int, Any]:
    found = {}
    for column in sorted({c for t in moving for c in t or ()}):
        moves = [(t or {}).get(column) for t in moving]
        found[column] = array_tangents.tangent(node, moves, partials, _FLAT)
    return {c: v for c, v in found.items() if v is not None}


# d node / d argument: one slope per argument, built only when needed; z is the node itself.
PARTIALS: Partials = {
    "add": lambda z, a, b: (lambda: 1.0, lambda: 1.0),
    "sub": lambda z, a, b: (lambda: 1.0, lambda: -1.0),
    "mul": lambda z, a, b: (lambda: b, lambda: a),
    "div": lambda z, a, b: (lambda: 1.0 / b, lambda: -z * (1.0 / b)),
    "neg": lambda z, a: (lambda: -1.0,),
    "sqrt": lambda z, a: (lambda: 0.5 / z,),
    "abs": lambda z, a: (lambda: copysign(1.0, a),),
    "copysign": lambda z, a, b: (
        lambda: copysign(1.0, a) * copysign(1.0, b),
        lambda: 0.0,
    ),
    "sin": lambda z, a: (lambda: np.cos(a),),
    "cos": lambda z, a: (lambda: -np.sin(a),),
    "tan": lambda z, a: (lambda: 1.0 + z * z,),
    "asin": lambda z, a: (lambda: 1.0 / np.sqrt((1.0 - a) * (1.0 + a)),),
    "acos": lambda z, a: (lambda: -1.0 / np.sqrt((1.0 - a) * (1.0 + a)),),
    "atan": lambda z, a: (lambda: 1.0 / (1.0 + a * a),),
    "atan2": lambda z, y, x: (lambda: x * (1.0 / (x * x + y * y)), lambda: -y * (1.0 / (x * x + y * y))),
    "exp": lambda z, a: (lambda: z,),
    "expm1": lambda z, a: (lambda: np.exp(a),),
    "log": lambda z, a: (lambda: 1.0 / a,),
    "log1p": lambda z, a: (lambda: 1.0 / (1.0 + a),),
    "pow": lambda z, a, b: (lambda: b * a ** (b - 1.0), lambda: np.log(a) * z),
    "tanh": lambda z, a: (lambda: secant_square(a),),
    "hypot": lambda z, a, b: (lambda: a * (1.0 / z), lambda: b * (1.0 / z)),
    "exp2": lambda z, a: (lambda: z * math.log(2.0),),
    "log2": lambda z, a: (lambda: (1.0 / math.log(2.0)) / a,),
    "log10": lambda z, a: (lambda: (1.0 / math.log(10.0)) / a,),
    "cbrt": lambda z, a: (lambda: (1.0 / 3.0) / (z * z),),
    "sinh": lambda z, a: (lambda: np.cosh(a),),
    "cosh": lambda z, a: (lambda: np.sinh(a),),
    "asinh": lambda z, a: (lambda: 1.0 / np.hypot(a, 1.0),),
    "acosh": lambda z, a: (lambda: 1.0 / np.sqrt((a - 1.0) * (a + 1.0)),),
    "atanh": lambda z, a: (lambda: 1.0 / ((1.0 - a) * (1.0 + a)),),
    "expit": lambda z, a: (lambda: 0.25 * secant_square(0.5 * a),),
    "mod": lambda z, a, b: (lambda: 1.0, lambda: np.rint((z - a) / b)),
    "erf": lambda z, a: (lambda: 2.0 / math.sqrt(math.pi) * np.exp(-(a * a)),),
}


def secant_square(a: Any) -> Any:
    """1 / cosh² a; computed as 1 - tanh² a it would lose its digits where a is large."""
    e = np.exp(-2.0 * abs(a))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def depends(graph: Graph, outputs: Values, inputs: Values) -> bool:
    """Whether any output needs any of the inputs."""
    wanted = {x.serial for x in inputs}
    return any(n.serial in wanted for n in reach([graph.lift(v) for v in outputs]))


def first_moved(graph: Graph, outputs: Values, inputs: Values) -> Symbol | None:
    """The first node under the outputs that needs any of the inputs, an operation if there is one; or None."""
    wanted = {x.serial for x in inputs}
    nodes = reach([graph.lift(v) for v in outputs])
    moved = _moved(nodes, inputs)
    operations = [n for n in nodes if n.serial in moved - wanted]
    return next(iter([*operations, *[n for n in nodes if n.serial in wanted]]), None)


def linear(graph: Graph, outputs: Values, inputs: Values) -> bool:
    """Whether the outputs are linear (affine) in the inputs: the Jacobian does not depend on them.

    A jump has a constant Jacobian on either side, so a condition or a floor that depends on an input is
    not linear either.
    """
    return not jumps(graph, outputs, inputs) and not depends(
        graph, jacobian(graph, outputs, inputs).ravel(), inputs
    )


def jumps(graph: Graph, outputs: Values, inputs: Values) -> bool:
    """Whether an output has a condition, or a rounding, that depends on an input."""
    nodes = reach([graph.lift(v) for v in outputs])
    moved = _moved(nodes, inputs)
    return any(
        node.op in _STEPS or (node.op in _SWITCHES and node.args[_SWITCHES[node.op]].serial in moved)
        for node in nodes
        if node.serial in moved
    )


def bends(graph: Graph, outputs: Values, inputs: Values) -> Symbol | None:
    """The first node that is not linear in the inputs, or None; error messages name its line."""
    nodes = reach([graph.lift(v) for v in outputs])
    moved = _moved(nodes, inputs)
    for node in nodes:
        moving = [a.serial in moved for a in node.args]
        if not any(moving) or node.op in _MULTILINEAR or node.op in MASKS:
            continue
        if node.op == "mul" and not all(moving):
            continue
        if node.op == "div" and not moving[1]:
            continue
        if node.op == "select" and not moving[0]:
            continue
        return node
    return None


def _moved(nodes: Iterable[Symbol], inputs: Values) -> set[int]:
    moved = {x.serial for x in inputs}
    for node in nodes:
        if any(a.serial in moved for a in node.args):
            moved.add(node.serial)
    return moved
