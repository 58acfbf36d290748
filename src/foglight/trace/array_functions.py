"""What the equations do with whole arrays, as nodes of a graph; `array_operations` says what each of them computes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.trace.array_sums import PARTIAL_SUMS
from foglight.trace.array_symbol import ArraySymbol, Shape, View, contiguous, lifted, made, shown, symbols_in
from foglight.trace.scalars import known_zero, pairwise
from foglight.trace.symbol import Recorder, Symbol

DENSE = 0.5  # a matrix with a larger share of entries that are not 0 is multiplied as a whole
FEW = 2  # a row with so few entries that are not 0 is multiplied entry by entry


def input_array(graph: Recorder, source: str, first: int, count: int) -> ArraySymbol:
    """Consecutive inputs as a vector."""
    node = graph.array("block", (), (source, first, count))
    return ArraySymbol(graph, node, View((0, 0), (count,), ((0, 1),)))


def filled(graph: Recorder, value: str, shape: Shape) -> ArraySymbol:
    """A constant array: "zero" or "unit"."""
    return made(graph, "filled", (), shape, value)


def total(terms: ArraySymbol) -> Symbol:
    """The sum of a vector."""
    return terms.graph.array("sum", (shown(contiguous(terms)),), None)


def row_sums(A: ArraySymbol) -> ArraySymbol:
    """The sum of each row of a matrix."""
    return dots(contiguous(A), lifted(A.graph, np.full(A.shape[1], 1.0)))


def product(a: Any, b: Any, lower: bool = False) -> Any:
    """a @ b. What is known to be 0 in a is skipped, and so are what is behind its diagonal if it is `lower` triangular,
    or what is below that of b if b is a triangle: up to whole eights."""
    graph = symbols_in(a, b)
    assert graph is not None
    if a.ndim == 1 and b.ndim == 1:
        one, other = (contiguous(lifted(graph, v)) for v in (a, b))
        return graph.array("dot", (shown(one), shown(other)), None)
    if b.ndim == 1:
        if isinstance(a, np.ndarray) and sum(not known_zero(v) for v in a.flat) < DENSE * a.size:
            pattern, _ = _sparse(a, graph)
            sums = [pairwise([a[i, j] * b[j] for j in columns]) for i, columns in enumerate(pattern)]
            return lifted(graph, np.array(sums, object))
        A = lifted(graph, a)
        if A.view.contiguous:
            return dots(contiguous(A), lifted(graph, b))
        return _sum_of_rows(b, A.T, graph)
    if a.ndim == 1:
        triangular = isinstance(b, ArraySymbol) and b.triangular
        B = lifted(graph, b).T
        few = isinstance(a, np.ndarray) and sum(not known_zero(v) for v in a) <= FEW
        if few or not B.view.contiguous:
            return _sum_of_rows(a, lifted(graph, b), graph)
        return dots(B, lifted(graph, a), triangular=triangular)
    pattern, values = _sparse(a, graph)
    if lower:
        pattern = tuple(columns[: k - k % PARTIAL_SUMS + PARTIAL_SUMS] for k, columns in enumerate(pattern))
    elif isinstance(b, ArraySymbol) and b.triangular and len(a) > 1 and set(map(len, pattern)) == {len(b)}:
        args = (shown(contiguous(lifted(graph, a))), shown(contiguous(b)))
        return made(graph, "times_upper", args, (len(a), b.shape[1]))
    B = contiguous(lifted(graph, b))
    return made(graph, "rows", (shown(values), shown(B)), (len(a), B.shape[1]), pattern)


def dots(A: ArraySymbol, b: ArraySymbol, triangular: bool = False) -> ArraySymbol:
    """The products of the rows of A with b. triangular: row i of A has i + 1 entries, and zeros."""
    b = contiguous(b)
    repeated = ArraySymbol(b.graph, b.node, b.view.spread(A.shape))
    return made(A.graph, "dots", (shown(A), shown(repeated)), A.shape[:1], triangular)


def _sum_of_rows(a: Any, B: ArraySymbol, graph: Recorder) -> ArraySymbol:
    """Σ a_i (row i of B)."""
    pattern, values = _sparse(a[None] if isinstance(a, np.ndarray) else a, graph)
    if isinstance(a, np.ndarray) and not B.view.contiguous:  # only the rows that are used
        used = list(pattern[0]) or [0]
        B = stacked([B[i] for i in used])
        pattern = (tuple(range(len(used))),)
    else:
        B = contiguous(B)
    row = made(graph, "rows", (shown(values), shown(B)), (1, B.shape[1]), pattern)
    first: ArraySymbol = row[0]
    return first


def _sparse(a: Any, graph: Recorder) -> tuple[tuple[tuple[int, ...], ...], ArraySymbol]:
    """The columns of each row of a that are not known to be 0, and the entries there."""
    if isinstance(a, ArraySymbol):
        a = contiguous(a)
        if a.ndim == 1:
            return (tuple(range(len(a))),), a
        rows, columns = a.shape
        return (tuple(range(columns)),) * rows, a
    pattern = tuple(tuple(j for j, v in enumerate(row) if not known_zero(v)) for row in a)
    values = [row[j] for row, columns in zip(a, pattern, strict=True) for j in columns]
    return pattern, lifted(graph, np.array(values or [0.0], object))


def all_constants(A: Any) -> bool:
    """Whether an array of scalars has only constants."""
    return all(not isinstance(v, Symbol) or v.op == "const" for v in A.flat)


def mostly_constants(A: Any) -> bool:
    """Whether an array of scalars has only constants, and most of them are not 0."""
    return all_constants(A) and sum(not known_zero(v) for v in A.flat) > DENSE * A.size


def mostly_symbols(A: Any) -> bool:
    """Whether most entries of an array of scalars are symbols that are not constants."""
    return bool(sum(isinstance(v, Symbol) and v.op != "const" for v in A.flat) > DENSE * A.size)


def stacked(rows: Sequence[ArraySymbol]) -> ArraySymbol:
    """The matrix of these rows."""
    graph, width = rows[0].graph, len(rows[0])
    result = filled(graph, "zero", (len(rows), width))
    for i, row in enumerate(rows):
        result[i] = row
    return result


def stacked_matrices(matrices: Sequence[ArraySymbol]) -> ArraySymbol:
    """Matrices below each other."""
    graph, width = matrices[0].graph, matrices[0].shape[1]
    result, first = filled(graph, "zero", (sum(map(len, matrices)), width)), 0
    for matrix in matrices:
        result[first : first + len(matrix)] = matrix
        first += len(matrix)
    return result


def running(first: Any, terms: ArraySymbol) -> ArraySymbol:
    """The sums of the first terms: first, first + t_0, ...."""
    graph = terms.graph
    return made(graph, "running", (graph.lift(first), shown(contiguous(terms))), (len(terms) + 1,))


def preceding(A: ArraySymbol) -> ArraySymbol:
    """For each row, the sum of the rows before it."""
    return made(A.graph, "preceding", (shown(contiguous(A)),), A.shape)


def combine(
    columns: ArraySymbol, weights: Any, floors: Any, triangular: bool
) -> tuple[ArraySymbol, ArraySymbol]:
    """The factor U, D of C diag(w) Cᵀ; see `equations.ud.combine`."""
    graph, n = columns.graph, len(columns)
    given = [weights] if floors is None else [weights, floors]
    args = (_whole(columns), *(shown(contiguous(lifted(graph, a))) for a in given))
    both = made(graph, "second", (graph.array("combine", args, (triangular, columns.shape)),), (n + 1, n))
    return triangle(both[:n]), both[n]


def folded(N: ArraySymbol, s: ArraySymbol) -> tuple[ArraySymbol, ArraySymbol]:
    graph, n = N.graph, len(N)
    size = n * (n + 1) // 2
    both = graph.array("folded", (shown(contiguous(N)), shown(contiguous(s))), (n, (size,)))
    return made(graph, "first", (both,), (size,)), made(graph, "second", (both,), (n,))


def sweep(U: ArraySymbol, v: Any, factors: Any) -> tuple[ArraySymbol, ArraySymbol]:
    """Column j of U minus factor_j Σ_{l<j} v_l column l, for each j; and U v."""
    graph, n = U.graph, len(U)
    columns = _columns(U)
    args = (columns, *(shown(contiguous(lifted(graph, a))) for a in (v, factors)))
    both = graph.array("sweep", args, (U.shape,))
    swept = made(graph, "first", (both,), U.shape)
    return triangle(swept), made(graph, "second", (both,), (n,))


def conditioned(
    rows: ArraySymbol, D: Any, H: Any, s: Any, mean: tuple[Any, Any] | None, echelon: int
) -> tuple[ArraySymbol, ArraySymbol, ArraySymbol | None]:
    """See `ops.conditioned`."""
    graph, (n, width) = rows.graph, rows.shape
    args = (shown(contiguous(lifted(graph, a))) for a in (rows, D, H, s, *(mean or ())))
    shape = (n + 1 if mean is None else n + 2, width)
    found = made(graph, "conditioned", tuple(args), shape, echelon, len(H))
    return found[:n], found[n, :n], None if mean is None else found[n + 1]


def increased(rows: ArraySymbol, D: Any, H: Any, w: Any) -> tuple[ArraySymbol, ArraySymbol]:
    """See `ops.increased`."""
    graph, (n, width) = rows.graph, rows.shape
    args = (shown(contiguous(lifted(graph, a))) for a in (rows, D, H, w))
    found = made(graph, "increased", tuple(args), (n + 1, width), len(H))
    return found[:n], found[n, :n]


def unit(n: int, graph: Recorder) -> ArraySymbol:
    """A unit matrix stored by columns, to be filled above its diagonal."""
    return triangle(filled(graph, "unit", (n, n)))


def unpacked(stored: ArraySymbol, n: int) -> tuple[ArraySymbol, ArraySymbol]:
    """U and D of a triangle stored column by column."""
    graph, args = stored.graph, (shown(stored),)
    return triangle(made(graph, "unpack", args, (n, n))), made(graph, "pivots", args, (n,))


def packed(U: ArraySymbol, D: ArraySymbol) -> ArraySymbol:
    """U and D as the stored triangle."""
    n = len(U)
    return made(U.graph, "packed", (_columns(U), shown(contiguous(D))), (n * (n + 1) // 2,))


def squares(U: ArraySymbol, D: ArraySymbol) -> ArraySymbol:
    """The diagonal of U D Uᵀ."""
    return made(U.graph, "squares", (_columns(U), shown(contiguous(D))), (len(U),))


def joined_equations(
    C: ArraySymbol, y: Any, d: Any, rows: Any, r: Any, sizes: Any, seen: float
) -> tuple[ArraySymbol, ArraySymbol, ArraySymbol]:
    """C, y and d of equations with further ones, h·x = z + N(0, r). rows (m, n + 1): h and z of each; r (m,); sizes
    (m, n + 1): those of h, and a 0."""
    graph, n = C.graph, len(C)
    E = _side_by_side(C, lifted(graph, y), lifted(graph, d))
    rows, r, sizes = (contiguous(lifted(graph, a)) for a in (rows, r, sizes))
    args = (E, shown(rows), shown(r), shown(sizes))
    new = made(graph, "first", (graph.array("join", args, (seen, len(rows), (n, n + 2))),), (n, n + 2))
    return new[:, 1 : n + 1], new[:, n + 1], new[:, 0]


def _side_by_side(C: ArraySymbol, y: ArraySymbol, d: ArraySymbol) -> Symbol:
    """The node of the matrix of d, C and y."""
    n = len(C)
    whole = ArraySymbol(C.graph, C.node, View.whole(n, n + 2))
    parts = (whole[:, 1 : n + 1], whole[:, n + 1], whole[:, 0])
    if all(
        part.node is one.node and part.view == one.view for part, one in zip(parts, (C, y, d), strict=True)
    ):
        return C.node
    both = filled(C.graph, "zero", (n, n + 2))
    both[:, 1 : n + 1], both[:, n + 1], both[:, 0] = C, y, d
    return both.node


def inverse(C: ArraySymbol) -> ArraySymbol:
    """C⁻¹ of a unit upper triangular C, whose diagonal is not read."""
    return made(C.graph, "inverse", (shown(contiguous(C)),), C.shape)


def substituted(U: ArraySymbol, b: ArraySymbol) -> ArraySymbol:
    """U⁻¹ b for a unit upper triangular U; b is a vector, or a matrix of several."""
    return made(U.graph, "substitute", (_columns(U), shown(contiguous(b))), b.shape)


def with_diagonal(U: ArraySymbol, diagonal: ArraySymbol) -> ArraySymbol:
    """A matrix with another diagonal."""
    result = U.copy()
    at = U.diagonal().view
    result.node = U.graph.array("put", (U.node, shown(diagonal)), at)
    return result


def triangle(columns: ArraySymbol) -> ArraySymbol:
    """The upper triangular matrix whose columns are these rows."""
    turned = columns.T
    turned.triangular = True
    return turned


def _columns(U: ArraySymbol) -> Symbol:
    """The matrix whose rows are the columns of U."""
    return shown(contiguous(U.T))


def _whole(matrix: ArraySymbol) -> Symbol:
    """The node of which a matrix is all, to be changed."""
    node = matrix.node
    while node.op == "put":
        node = node.args[0]
    if node.op != "block" and node.value[-1] == matrix.shape and matrix.view == View.whole(*matrix.shape):
        return matrix.node
    return made(matrix.graph, "copy", (shown(contiguous(matrix)),), matrix.shape).node
