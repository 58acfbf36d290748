"""The derivative of each operation on whole arrays along one direction, in operations on whole arrays.

The tangent of a node is a node that lies in memory as it does, entry beside entry; a view of it is the same view of its
tangent. What does not move has none.

The factor of a sum of squares, C diag(w) Cᵀ = U D Uᵀ, is not differentiated step by step. With C = U V,

    M = U⁻¹ d(U D Uᵀ) U⁻ᵀ = A Vᵀ + V Aᵀ,   A = (U⁻¹ dC) diag(w) + ½ V diag(dw)
    dD = diag M,   dU = U X,   X_ij = M_ij / D_j above the diagonal

which is exact, subtracts nothing from a covariance, and consists of products that have much in common for all
directions. Where D_j = 0, column j of U is 0 and stays so. Tsyganova & Kulikova 2013, §3.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from foglight.trace import array_functions
from foglight.trace.array_sums import PARTIAL_SUMS
from foglight.trace.array_symbol import ArraySymbol, Shape, View, contiguous, lifted, made, shown
from foglight.trace.ops import lookup, maximum, reciprocal, select
from foglight.trace.primitives import MASKS
from foglight.trace.symbol import Recorder, Symbol

Slopes = Callable[..., tuple[Callable[[], Any], ...]]
Moves = Sequence[Any]  # the tangent of each argument, None for one that does not move


def tangent(node: Symbol, moves: Moves, partials: Any, flat: frozenset[str]) -> Any:
    """The tangent of an array operation's result, or None. partials, flat: of operations on entries, see
    `derivatives`."""
    if any(isinstance(t, Factor) for t in moves):
        if node.op in ("view", "item"):
            return moves[0].seen(node.op, node.value)
        moves = [t.copied() if isinstance(t, Factor) else t for t in moves]
    if node.op == "map":
        op = node.value[0]
        return None if op in MASKS or op in flat else _map(node, moves, partials)
    return _RULES[node.op](node, moves)


def along(slope: Any, t: Any) -> Any:
    """slope · t. A slope that is a product of two, one of them large where the other factor is small, comes as a pair:
    their own product may overflow where slope · t does not."""
    return slope[0] * (slope[1] * t) if isinstance(slope, tuple) else slope * t


# What a node shows, and back.
def _array(node: Symbol) -> Any:
    """A node as the array that it shows; a scalar as itself."""
    if node.op == "view":
        return ArraySymbol(node.graph, node.args[0], node.value)
    shape = _shape(node)
    return ArraySymbol(node.graph, node, _whole(shape)) if shape else node


def _whole(shape: Shape) -> View:
    """The view of all entries of an array of this shape in its own matrix."""
    return View.whole(*shape) if len(shape) == 2 else View.whole(1, *shape).picked((0,))


def _shape(node: Symbol) -> Shape:
    """The shape of the array that a node makes; () for a scalar."""
    while node.op == "put":
        node = node.args[0]
    if node.op == "block":
        return (node.value[2],)
    shape: Shape = node.value[-1] if node.op in _MATRICES else ()
    return shape


def zeros(node: Symbol) -> Any:
    """Zeros where a node has numbers; 0.0 for a scalar."""
    if node.op == "view":
        return shown(array_functions.filled(node.graph, "zero", node.value.shape))
    shape = _shape(node)
    return array_functions.filled(node.graph, "zero", shape).node if shape else 0.0


def _or_zeros(node: Symbol, moves: Moves) -> tuple[Symbol, ...]:
    """The tangents of all arguments, with zeros for those that do not move."""
    values = [zeros(a) if t is None else t for a, t in zip(node.args, moves, strict=True)]
    return tuple(node.graph.lift(value) for value in values)


def _is_zero(node: Symbol) -> bool:
    return node.op == "filled" and node.value[0] == "zero"


def _sum(parts: Sequence[Any]) -> Any:
    """The sum of nodes of one kind, arrays or scalars."""
    total = _array(parts[0])
    for part in parts[1:]:
        total = total + _array(part)
    return total.node if isinstance(total, ArraySymbol) else total


# Linear and bilinear operations.
def _linear(node: Symbol, moves: Moves) -> Any:
    return node.graph.array(node.op, _or_zeros(node, moves), node.value)


def _bilinear(node: Symbol, moves: Moves) -> Any:
    a, b = node.args
    parts = []
    if moves[0] is not None:
        parts.append(node.graph.array(node.op, (moves[0], b), node.value))
    if moves[1] is not None:
        parts.append(node.graph.array(node.op, (a, moves[1]), node.value))
    return _sum(parts)


def _put(node: Symbol, moves: Moves) -> Any:
    matrix, part = moves
    if part is None and _is_zero(matrix):
        return matrix
    return _linear(node, moves)


def _unpack(node: Symbol, moves: Moves) -> Any:
    """The diagonal of ones does not move."""
    moved = _array(_linear(node, moves))
    nothing = array_functions.filled(node.graph, "zero", (len(moved),))
    return array_functions.with_diagonal(moved, nothing).node


# Operations on entries.
def _map(node: Symbol, moves: Moves, partials: Any) -> Any:
    op, shape = node.value
    args = [_array(a) for a in node.args]
    tangents = [None if t is None else _array(t) if isinstance(t, Symbol) else t for t in moves]
    if op == "select":
        if tangents[1] is None and tangents[2] is None:
            return None
        return _filling(select(args[0], *[0.0 if t is None else t for t in tangents[1:]]), shape, node)
    if op == "lookup":
        return _filling(lookup(args[0], [0.0 if t is None else t for t in tangents[1:]]), shape, node)
    total: Any = None
    for partial, t in zip(partials[op](_array(node), *args), tangents, strict=True):
        if t is None:
            continue
        slope = partial()
        if isinstance(slope, float):
            if slope == 0.0:
                continue
            term = t if slope == 1.0 else -t if slope == -1.0 else slope * t
        else:
            term = along(slope, t)
        total = term if total is None else total + term
    return None if total is None else _filling(total, shape, node)


def _filling(value: Any, shape: Shape, node: Symbol) -> Symbol:
    """The node of an array, or of one number, repeated to this shape."""
    array = lifted(node.graph, value)
    if _shape(array.node) == shape and array.view == _whole(shape):
        return array.node
    spread = ArraySymbol(array.graph, array.node, array.view.spread(shape))
    return made(array.graph, "copy", (shown(spread),), shape).node


# Factors.
class Factor(NamedTuple):
    """The tangent of a factor: of U, column by column, and of D."""

    U: ArraySymbol
    D: ArraySymbol

    def seen(self, op: str, value: Any) -> Symbol:
        """The tangent of a view or an entry of the matrix of both, where D is below U."""
        graph, n = self.D.graph, len(self.D)
        view = value if op == "view" else View(value, (), ())
        ends = (view.start, view.at(tuple(size - 1 for size in view.shape)))
        rows = [row for row, _ in ends]
        part = self.U if max(rows) < n else self.D if min(rows) == n else None
        if part is None:
            return graph.array(op, (self.copied(),), value)
        at = View((rows[0] - n * (part is self.D), view.start[1]), view.shape, view.steps)
        return graph.array(op, (part.node,), at if op == "view" else at.start)

    def copied(self) -> Symbol:
        """Both as one matrix."""
        n = len(self.D)
        both = array_functions.filled(self.D.graph, "zero", (n + 1, n))
        both[:n], both[n] = self.U, self.D
        return both.node


def _of_pair(node: Symbol, moves: Moves) -> Any:
    [pair], [moved] = node.args, moves
    if pair.op == "combine":
        return _factor(pair, *moved)
    return node.graph.array(node.op, (moved,), node.value)


def _combine(node: Symbol, moves: Moves) -> Any:
    """What moves: the columns and the weights."""
    return None if moves[0] is None and moves[1] is None else tuple(moves[:2])


def _factor(pair: Symbol, dC: Symbol | None, dw: Symbol | None) -> Factor:
    """The tangent of a factor."""
    graph, (n, k) = pair.graph, pair.value[-1]
    V = made(graph, "first", (pair,), (n, k))
    both = made(graph, "second", (pair,), (n + 1, n))
    w, D, U = _array(pair.args[1]), both[n], both[:n].T
    U.triangular = True
    A: Any = None if dw is None else V * (0.5 * _array(dw))
    if dC is not None:
        moving, part = _moving(dC, k)
        Y = _solved(U, part) * w[moving]
        if A is None and moving == slice(0, k):
            A = Y
        elif A is None:
            A = array_functions.filled(graph, "zero", (n, k))
            A[:, moving] = Y
        else:
            A[:, moving] = A[:, moving] + Y
    # Row i of V, and so of A, is 0 before column i where C is triangular.
    columns = tuple(tuple(range((i - i % PARTIAL_SUMS) * pair.value[0], k)) for i in range(n))
    N = made(graph, "rows", (shown(contiguous(A)), shown(contiguous(V.T))), (n, n), columns)
    X, dD = array_functions.folded(N, reciprocal(D))
    raw, least = array_functions.dots(V * V, w), _array(pair.args[2])
    dD = select((raw > 0.0) & (raw < least), 0.0, dD)
    triangle = tuple(tuple(range(j + 1)) for j in range(n))
    dU = made(graph, "rows", (shown(X), shown(both[:n])), (n, n), triangle)
    return Factor(dU, dD)


def combine(graph: Recorder, static: Any, C: Symbol, w: Symbol, *floors: Symbol) -> Symbol:
    """A factor that is to be differentiated: a D_j that is only rounding, D_j < (n eps)² P_jj, is 0.

    Where the rank of P is less than n, or comes near it as exact readings determine more and more, the rows that remain
    are rounding: the derivative of that would be one rounding divided by another.
    """
    columns, rounding = _array(C), len(_array(C)) * graph.limit("eps")
    least = array_functions.dots(columns * columns, _array(w)) * (rounding * rounding)
    if floors:
        least = maximum(_array(floors[0]), least)
    return graph.array("combine", (C, w, shown(least)), static)


def _solved(U: ArraySymbol, B: ArraySymbol) -> ArraySymbol:
    """U⁻¹ B. Of a product of two full matrices the first one is taken: all directions have that in common."""
    node = B.node
    if node.op == "times_upper" and B.view == _whole(node.value[-1]):
        return _product(array_functions.substituted(U, _array(node.args[0])), node.args[1])
    if node.op == "rows" and B.view == _whole(node.value[-1]):
        pattern, (rows, _) = node.value
        values = _array(node.args[0])
        k = len(pattern[0])
        if all(columns == tuple(range(k)) for columns in pattern) and values.shape == (rows * k,):
            view = View(values.view.start, (rows, k), ((0, k), (0, 1)))
            first = ArraySymbol(values.graph, values.node, view)
            return _product(array_functions.substituted(U, first), node.args[1])
    return array_functions.substituted(U, B)


def _product(A: ArraySymbol, B: Symbol) -> ArraySymbol:
    result: ArraySymbol = array_functions.product(A, _array(B))
    return result


def _moving(node: Symbol, count: int) -> tuple[slice, ArraySymbol]:
    """The columns of a matrix outside of which it is known to be 0, and the matrix there."""
    first, last, inner, parts = count, 0, node, 0
    while inner.op == "put":
        view: View = inner.value
        ends = [view.at(tuple(0 for _ in view.shape)), view.at(tuple(s - 1 for s in view.shape))]
        columns = [column for _, column in ends]
        first, last = min(first, *columns), max(last, *columns)
        inner, parts = inner.args[0], parts + 1
    if not (_is_zero(inner) and first <= last):
        return slice(0, count), _array(node)
    moving = slice(first, last + 1)
    if parts == 1 and node.value == _whole(_shape(node)).picked((slice(None), moving)):
        return moving, _array(node.args[1])
    return moving, _array(node)[:, moving]


def _substitute(node: Symbol, moves: Moves) -> Any:
    """d(U⁻¹ b) = U⁻¹ (db - dU U⁻¹ b); dU has zeros on its diagonal."""
    columns = node.args[0]
    parts: Any = None if moves[1] is None else _array(moves[1])
    if moves[0] is not None:
        product = array_functions.product(_array(moves[0]).T, _array(node))
        parts = -product if parts is None else parts - product
    return node.graph.array("substitute", (columns, shown(contiguous(parts))), node.value)


def _sweep(node: Symbol, moves: Moves) -> Any:
    return node.graph.array("swept_along", (*node.args, *_or_zeros(node, moves)), node.value)


def _squares(node: Symbol, moves: Moves) -> Any:
    """d(Σ_j D_j U_ij²) = Σ_j dD_j U_ij² + 2 D_j U_ij dU_ij."""
    U, D = node.args
    graph, n, parts = node.graph, node.value[-1][0], []
    if moves[1] is not None:
        parts.append(graph.array("squares", (U, moves[1]), node.value))
    if moves[0] is not None:
        products = _array(U) * _array(moves[0])
        weights = 2.0 * _array(D)
        parts.append(
            made(graph, "rows", (shown(weights), shown(products)), (1, n), (tuple(range(n)),))[0].node
        )
    return _sum(parts)


_RULES: dict[str, Callable[[Symbol, Moves], Any]] = {
    "view": _linear, "item": _linear, "put": _put, "pack": _linear, "dot": _bilinear, "sum": _linear,
    "dots": _bilinear, "flat": _linear, "rows": _bilinear, "copy": _linear, "unpack": _unpack, "unpack_rows": _unpack,
    "pivots": _linear, "packed": _linear, "running": _linear, "preceding": _linear, "combine": _combine,
    "substitute": _substitute, "sweep": _sweep, "first": _of_pair, "second": _of_pair, "squares": _squares,
    "times_upper": _bilinear,
}  # fmt: skip
# Operations that make a matrix whose shape is in their value.
_MATRICES = frozenset(_RULES) - {"view", "item", "dot", "sum", "combine", "sweep"} | {"map", "filled"}
