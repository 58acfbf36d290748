"""An equation of arrays as machine code, for a caller that evaluates it one call at a time, again and again.

The equation is traced once, on symbols in the shapes of its arguments. The first calls interpret the Program, later
ones run it compiled: the same operations in the same order, so the same arguments give the same bits in every call.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends.interpreter import InterpretedEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.types import Array, Floats
from foglight.trace.array_functions import input_array
from foglight.trace.graph import Graph
from foglight.trace.ops import joined
from foglight.trace.program import Program, lower

if TYPE_CHECKING:
    from foglight.compiler.backends.llvm_engine import CompiledEngine

# Calls; to compile takes as long as some 20 interpreted calls, on whole arrays as long as three.
COMPILED_AFTER, COMPILED_AFTER_ON_ARRAYS = 8, 2


class ArrayFunction:
    """A function of float64 arrays of fixed shapes.

    equation: its results by name, numbers in arrays, from one array per argument.  shapes: of the arguments, in order.
    whole: the numbers of those that are traced as whole arrays.  A call returns the results as one record:
    `result["name"]` is an array, read-only unless they are writable.
    """

    def __init__(
        self,
        equation: Callable[..., Mapping[str, Array]],
        shapes: Sequence[tuple[int, ...]],
        writable: bool = False,
        whole: Collection[int] = (),
    ) -> None:
        graph = Graph()
        self._shapes, self._sizes = tuple(shapes), [math.prod(shape) for shape in shapes]
        found = equation(*[self._argument(graph, k, k in whole) for k in range(len(shapes))])
        graph.close()
        numbers = joined(*[array.ravel() for array in found.values()])
        outputs = {"carry": [], "commit": [True], "record": numbers, "sums": [], "status": []}
        self._layout = np.dtype([(name, np.float64, array.shape) for name, array in found.items()])
        width = self._layout.itemsize // 8
        self.kernel = _one_stage(lower(Program.of(graph, outputs)), sum(self._sizes), width)
        self._interpreted = InterpretedEngine(self.kernel)
        self._engine: CompiledEngine | None = None
        self._scan: Callable[[int], None] | None = None
        self._calls = 0
        self._compiled_after = COMPILED_AFTER_ON_ARRAYS if self.kernel.on_arrays else COMPILED_AFTER
        self._kept: Callable[[Array], bytes | bytearray] = bytearray if writable else np.ndarray.tobytes
        self._idle: list[_Memory] = []  # one for each thread that calls at the same time

    def __call__(self, *arguments: Array | float) -> Array:
        """The results for these arguments, each of its shape, or one number for all of its entries."""
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = self._memory()
        for view, argument in zip(memory.views, arguments, strict=True):
            view[...] = argument
        if self._scan is None:
            self._first_calls(memory)
        else:
            self._scan(memory.address)
        result = np.ndarray((), self._layout, self._kept(memory.record))
        self._idle.append(memory)
        return result

    def _first_calls(self, memory: "_Memory") -> None:
        """Interpret while compiling does not pay yet, or cannot be done; else compile, and run that."""
        calls = self._calls + 1  # a number of this thread, so that none is skipped where others count too
        self._calls = calls
        if calls == self._compiled_after + 1:
            self._engine = _compiled(self.kernel)
            self._scan = None if self._engine is None else self._engine.scan(1)
        if self._scan is None:
            self._interpreted.run(memory.arrays, memory.out)
        else:
            self._scan(memory.address)

    def _memory(self) -> "_Memory":
        given = np.zeros(sum(self._sizes))
        views = [self._part(given, k) for k in range(len(self._shapes))]
        return _Memory(self.kernel, given, views, self._workspace)

    def _workspace(self) -> NDArray[np.uint8]:
        """What compiled code keeps whole arrays in."""
        if self._engine is None or not self.kernel.on_arrays:
            return np.empty((1, 0), np.uint8)
        return self._engine.memo(1, 1, 1)

    def _argument(self, graph: Graph, k: int, whole: bool) -> Any:
        """The k-th argument as symbols."""
        first, shape = sum(self._sizes[:k]), self._shapes[k]
        if whole:
            vector = input_array(graph, "params", first, self._sizes[k])
            return vector if len(shape) == 1 else vector.reshape(*shape)
        numbers = [graph.input(("params", first + i)) for i in range(self._sizes[k])]
        return np.array([*numbers, None])[:-1].reshape(shape)

    def _part(self, numbers: Array, k: int) -> Array:
        """The k-th argument among the numbers of all of them."""
        first = sum(self._sizes[:k])
        return numbers[first : first + self._sizes[k]].reshape(self._shapes[k])


class _Memory:
    """The memory that a call reads and writes. views: of each argument.  record: of the results.  workspace: what gives
    compiled code memory of its own."""

    def __init__(
        self,
        kernel: Kernel,
        given: Floats,
        views: list[Floats],
        workspace: Callable[[], NDArray[np.uint8]],
    ) -> None:
        nothing = np.zeros((1, 1, 0))
        self.views = views
        self.arrays = Arrays(np.ones(1), nothing, nothing, nothing, given, np.zeros((1, kernel.carried)))
        self.out = np.empty((1, 1, kernel.width))
        self.record = self.out[0, 0]
        self._kernel, self._carry = kernel, np.empty((1, kernel.carried))
        self._workspace = workspace

    @cached_property
    def address(self) -> int:
        """Of the frame that compiled code reads."""
        from foglight.compiler.backends.llvm_frames import make_frame

        self._memory = self._workspace()
        self._frame = make_frame(self._kernel, self.arrays, self._carry, self.out, self._memory)
        return self._frame.ctypes.data


def _compiled(kernel: Kernel) -> "CompiledEngine | None":
    """The compiled kernel, or None where it can only be interpreted."""
    # Imported here, because it takes longer than a few calls that need no compiler.
    from foglight.compiler.backends.llvm_engine import CompiledEngine
    from foglight.compiler.engine.engine import engine_for

    engine = engine_for(kernel, brief=True, often=kernel.on_arrays)
    return engine if isinstance(engine, CompiledEngine) else None


def _one_stage(program: Program, given: int, width: int) -> Kernel:
    """The kernel of one row that carries nothing: its parameters are the arguments, its record the results."""
    stage = Stage("call", program, (("dt", 0),), tuple(range(width)))
    widths = {"u": 0, "row": 0, "z": 0, "params": given}
    labels: dict[str, tuple[str, ...]] = {"u": (), "z": (), "params": ("",) * given}
    return Kernel("call", "float64", (stage,), (), widths, labels, width=width)
