"""An array that records what is done to it as a whole: one node of a graph for each array operation.

An object array of symbols records one node for each entry. That is best for few states, where most entries fold away.
With many states it makes steps of ten thousand operations. The same equations, run on an ArraySymbol, record a few
operations on whole arrays (`foglight.trace.array_operations`), which backends run as loops.

An entry of an ArraySymbol is a Symbol, so that arrays and scalars mix. Assigning to a part of it replaces its node:
what was computed from the array before stays as it was.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from foglight.trace.primitives import MASKS
from foglight.trace.symbol import Arrayed, Recorder, Symbol

Shape = tuple[int, ...]


class View(NamedTuple):
    """Which entries of a matrix an array shows: entry (a, b, ...) is at start + a steps[0] + b steps[1] + ....

    start: row and column.  shape: of the array.  steps: how row and column change along each axis; (0, 0) repeats.
    """

    start: tuple[int, int]
    shape: Shape
    steps: tuple[tuple[int, int], ...]

    @classmethod
    def whole(cls, rows: int, columns: int) -> "View":
        """All entries of a matrix."""
        return cls((0, 0), (rows, columns), ((1, 0), (0, 1)))

    @property
    def contiguous(self) -> bool:
        """Whether entries along the last axis are next to each other."""
        return self.steps[-1] == (0, 1) or self.shape[-1] == 1

    def at(self, index: tuple[int, ...]) -> tuple[int, int]:
        """Row and column of an entry."""
        row, column = self.start
        for i, (down, right) in zip(index, self.steps, strict=True):
            row, column = row + i * down, column + i * right
        return row, column

    def picked(self, key: tuple[Any, ...]) -> "View":
        """The view of the entries that a key of whole numbers and slices picks; None adds an axis."""
        row, column = self.start
        shape, steps = [], []
        axes = iter(zip(self.shape, self.steps, strict=True))
        key = (*key, *[slice(None)] * (len(self.shape) - sum(k is not None for k in key)))
        for k in key:
            if k is None:
                shape.append(1)
                steps.append((0, 0))
                continue
            size, (down, right) = next(axes)
            if isinstance(k, slice):
                first, stop, step = k.indices(size)
                shape.append(len(range(first, stop, step)))
                steps.append((down * step, right * step))
            else:
                first = int(k) + (size if k < 0 else 0)
                if not 0 <= first < size:
                    raise IndexError(f"index {k} is outside an axis of {size} entries")
            row, column = row + first * down, column + first * right
        return View((row, column), tuple(shape), tuple(steps))

    def spread(self, shape: Shape) -> "View":
        """The view broadcast to this shape by NumPy's rules."""
        added = len(shape) - len(self.shape)
        steps = [(0, 0)] * added
        for old, new, step in zip(self.shape, shape[added:], self.steps, strict=True):
            if old not in (1, new):
                raise ValueError(f"shapes {self.shape} and {shape} do not fit")
            steps.append(step if old == new else (0, 0))
        return View(self.start, shape, tuple(steps))

    @property
    def turned(self) -> "View":
        """The view with its axes in reverse order."""
        return View(self.start, self.shape[::-1], self.steps[::-1])


class ArraySymbol(Arrayed):
    """A vector or a matrix in a graph. triangular: only entries on and above its diagonal are meant to be read."""

    __slots__ = ("graph", "node", "triangular", "view")
    __array_priority__ = 1000.0
    dtype = np.dtype(object)

    def __init__(self, graph: Recorder, node: Symbol, view: View, triangular: bool = False) -> None:
        self.graph = graph
        self.node = node
        self.view = view
        self.triangular = triangular

    def __repr__(self) -> str:
        return f"<{self.node.op} {' x '.join(map(str, self.shape))}>"

    # What an array is.
    @property
    def shape(self) -> Shape:
        return self.view.shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def T(self) -> "ArraySymbol":
        return ArraySymbol(self.graph, self.node, self.view.turned)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def copy(self) -> "ArraySymbol":
        """The same array; the two are changed apart."""
        return ArraySymbol(self.graph, self.node, self.view, self.triangular)

    def ravel(self) -> "ArraySymbol":
        """All entries, row by row."""
        return (
            self
            if self.ndim == 1
            else made(self.graph, "flat", (shown(contiguous(self)),), (int(np.prod(self.shape)),))
        )

    def reshape(self, rows: int, columns: int) -> "ArraySymbol":
        """The entries of a vector as a matrix, row by row."""
        [(down, right)] = self.view.steps
        view = View(self.view.start, (rows, columns), ((columns * down, columns * right), (down, right)))
        return ArraySymbol(self.graph, self.node, view)

    def diagonal(self) -> "ArraySymbol":
        """The diagonal, as a vector."""
        (row, column), steps = self.view.start, self.view.steps
        both = (steps[0][0] + steps[1][0], steps[0][1] + steps[1][1])
        return ArraySymbol(self.graph, self.node, View((row, column), (min(self.shape),), (both,)))

    def __getitem__(self, key: Any) -> Any:
        view = self.view.picked(key if isinstance(key, tuple) else (key,))
        if view.shape:
            return ArraySymbol(self.graph, self.node, view)
        entry = self.graph.array("item", (self.node,), view.start)
        masks = self.node.op == "map" and self.node.value[0] in MASKS
        return entry if not masks else self.graph.apply("ne", entry, 0.0)

    def __setitem__(self, key: Any, value: Any) -> None:
        view = self.view.picked(key if isinstance(key, tuple) else (key,))
        if view.shape:
            value = lifted(self.graph, value)
            part = shown(ArraySymbol(self.graph, value.node, value.view.spread(view.shape)))
        else:
            part = self.graph.lift(value)
        self.node = self.graph.array("put", (self.node, part), view)
        self.triangular = False  # something may be below the diagonal now

    # Arithmetic, entry by entry.
    def __add__(self, other: Any) -> Any:
        return mapped("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return mapped("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return mapped("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return mapped("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return mapped("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return mapped("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return mapped("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return mapped("div", other, self)

    def __neg__(self) -> Any:
        return mapped("neg", self)

    def __abs__(self) -> Any:
        return mapped("abs", self)

    def __pow__(self, exponent: Any) -> Any:
        return mapped("pow", self, exponent)

    def __and__(self, other: Any) -> Any:
        return mapped("and", self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return mapped("or", self, other)

    __ror__ = __or__

    def __invert__(self) -> Any:
        return mapped("not", self)

    def __eq__(self, other: object) -> Any:
        return mapped("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return mapped("ne", self, other)

    __hash__ = None  # type: ignore[assignment]  # as of NumPy's arrays

    def __matmul__(self, other: Any) -> Any:
        return self.graph.call_function(np.matmul, (self, other), {})

    def __rmatmul__(self, other: Any) -> Any:
        return self.graph.call_function(np.matmul, (other, self), {})

    def __lt__(self, other: Any) -> Any:
        return mapped("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return mapped("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return mapped("lt", other, self)

    def __ge__(self, other: Any) -> Any:
        return mapped("le", other, self)

    # NumPy's protocols.
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc is np.matmul and method == "__call__":
            return self.graph.call_function(np.matmul, inputs, kwargs)
        if method != "__call__" or kwargs or ufunc.__name__ not in _UFUNCS:
            return NotImplemented
        return mapped(_UFUNCS[ufunc.__name__], *inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.outer and not kwargs:
            a, b = (lifted(self.graph, v) for v in args)
            column = View(a.view.start, (len(a), 1), (a.view.steps[0], (0, 0)))
            return mapped("mul", ArraySymbol(self.graph, a.node, column), b)
        if func in (np.hstack, np.concatenate) and not kwargs and len(args) == 1:
            return joined(self.graph, [lifted(self.graph, v) for v in args[0] if v.shape[-1]])
        return NotImplemented


_UFUNCS = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "div", "negative": "neg", "less": "lt",
    "less_equal": "le", "equal": "eq", "not_equal": "ne", "logical_not": "not", "logical_and": "and",
    "logical_or": "or", "invert": "not", "bitwise_and": "and", "bitwise_or": "or", "power": "pow",
    "sqrt": "sqrt", "absolute": "abs", "floor": "floor", "rint": "rint", "copysign": "copysign",
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "tanh": "tanh", "hypot": "hypot",
    "exp2": "exp2", "log2": "log2", "log10": "log10", "cbrt": "cbrt", "sinh": "sinh", "cosh": "cosh",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "expit": "expit", "remainder": "mod",
}  # fmt: skip


def symbols_in(*values: Any) -> Recorder | None:
    """The graph of the first of these values that is an ArraySymbol; None if none is."""
    return next((v.graph for v in values if isinstance(v, ArraySymbol)), None)


def shown(array: ArraySymbol) -> Symbol:
    """The node of exactly what an array shows, as an argument of another node."""
    return array.graph.array("view", (array.node,), array.view)


def made(graph: Recorder, op: str, args: tuple[Symbol, ...], shape: Shape, *static: Any) -> ArraySymbol:
    """The array that a new node computes: its shape, and other static arguments, are in the node's value."""
    node = graph.array(op, args, (*static, shape))
    rows, columns = shape if len(shape) == 2 else (1, *shape)
    whole = View.whole(rows, columns)
    return ArraySymbol(graph, node, whole if len(shape) == 2 else whole.picked((0,)))


def lifted(graph: Recorder, value: Any) -> ArraySymbol:
    """An array of symbols and numbers, or one number, as an ArraySymbol."""
    if isinstance(value, ArraySymbol):
        return value
    array = np.asarray(value, dtype=object)
    if not array.shape:
        return ArraySymbol(graph, *_single(graph, array[()]))
    return made(graph, "pack", tuple(_number(graph, v) for v in array.ravel()), array.shape)


def entries(array: Any) -> Any:
    """The entries of an array as scalars, also of one that is traced as a whole."""
    if not isinstance(array, ArraySymbol):
        return array
    rows = [list(row) for row in array] if array.ndim == 2 else list(array)
    return np.array(rows, dtype=object)


def _single(graph: Recorder, value: Any) -> tuple[Symbol, View]:
    node = made(graph, "pack", (_number(graph, value),), (1,)).node
    return node, View((0, 0), (), ())


def _number(graph: Recorder, value: Any) -> Symbol:
    """A value as a number: conditions are 1.0 or 0.0 in arrays."""
    node = graph.lift(value)
    return graph.apply("select", node, 1.0, 0.0) if node.op in MASKS else node


def contiguous(array: ArraySymbol) -> ArraySymbol:
    """The same array with the entries along its last axis next to each other."""
    if array.view.contiguous:
        return array
    if array.node.op == "unpack" and array.ndim == 2 and array.view == View.whole(*array.shape).turned:
        return made(array.graph, "unpack_rows", array.node.args, array.shape)
    return made(array.graph, "copy", (shown(array),), array.shape)


def mapped(op: str, *values: Any) -> Any:
    """An operation applied to each entry of arrays, broadcast together."""
    graph = symbols_in(*values)
    assert graph is not None
    parts = [lifted(graph, v) if isinstance(v, (ArraySymbol, np.ndarray)) else v for v in values]
    arrays = [v for v in parts if isinstance(v, ArraySymbol)]
    if all(v.ndim == 2 and not v.view.contiguous and v.view.turned.contiguous for v in arrays):
        turned = mapped(op, *[v.T if isinstance(v, ArraySymbol) else v for v in parts]).T
        turned.triangular = op == "select" and all(v.triangular for v in arrays)
        return turned
    shape = np.broadcast_shapes(*[v.shape for v in parts if isinstance(v, ArraySymbol)])
    args = tuple(_entries(v, shape) if isinstance(v, ArraySymbol) else graph.lift(v) for v in parts)
    return made(graph, "map", args, shape, op)


def known_zero(array: ArraySymbol) -> bool:
    """Whether all entries of an array are known to be 0."""
    return array.node.op == "filled" and array.node.value[0] == "zero"


def _entries(array: ArraySymbol, shape: Shape) -> Symbol:
    if array.view.steps and array.view.steps[-1] != (0, 0):
        array = contiguous(array)
    return shown(ArraySymbol(array.graph, array.node, array.view.spread(shape)))


def in_a_row(graph: Recorder, parts: Sequence[ArraySymbol]) -> ArraySymbol:
    """All entries of vectors and matrices, row by row, one after the other."""
    sizes = [int(np.prod(part.shape)) for part in parts]
    result, first = made(graph, "filled", (), (sum(sizes),), "zero"), 0
    for part, size in zip(parts, sizes, strict=True):
        steps = ((0, part.shape[-1]), (0, 1))[-part.ndim :]
        result.node = graph.array("put", (result.node, shown(part)), View((0, first), part.shape, steps))
        first += size
    return result


def joined(graph: Recorder, parts: Sequence[ArraySymbol]) -> ArraySymbol:
    """Vectors, or the columns of matrices, one after the other."""
    parts = [part for part in parts if part.shape[-1]] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    shape = (*parts[0].shape[:-1], sum(part.shape[-1] for part in parts))
    result = made(graph, "filled", (), shape, "zero")
    first = 0
    for part in parts:
        at = slice(first, first + part.shape[-1])
        result[(slice(None), at) if part.ndim == 2 else at] = part
        first = at.stop
    return result
