"""An equation of arrays as machine code, for a caller that evaluates it one call at a time, again and again.

The equation is traced once, on symbols in the shapes of its arguments. The first calls interpret the Program, later
ones run it compiled: the same operations in the same order, so the same arguments give the same bits in every call.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from foglight.compiler.backends.interpreter import InterpretedEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.types import Array, Floats
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower

COMPILED_AFTER = 8  # calls; to compile takes as long as some 20 interpreted calls


class ArrayFunction:
    """A function of float64 arrays of fixed shapes.

    equation: its results by name, numbers in arrays, from one array per argument. shapes: of the arguments, in order.
    A call returns the results as one record: `result["name"]` is an array, read-only unless they are writable.
    """

    def __init__(
        self,
        equation: Callable[..., Mapping[str, Array]],
        shapes: Sequence[tuple[int, ...]],
        writable: bool = False,
    ) -> None:
        graph = Graph()
        self._shapes, self._sizes = tuple(shapes), [math.prod(shape) for shape in shapes]
        inputs = [graph.input(("params", k)) for k in range(sum(self._sizes))]
        found = equation(*[self._part(np.array([*inputs, None])[:-1], k) for k in range(len(shapes))])
        graph.close()
        numbers = [number for array in found.values() for number in array.ravel()]
        outputs = {"carry": [], "commit": [True], "record": numbers, "sums": [], "status": []}
        program = lower(Program.of(graph, outputs))
        self._layout = np.dtype([(name, np.float64, array.shape) for name, array in found.items()])
        self.kernel = _one_stage(program, len(inputs))
        self._interpreted = InterpretedEngine(self.kernel)
        self._scan: Callable[[int], None] | None = None
        self._calls = 0
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
        if calls == COMPILED_AFTER + 1:
            self._scan = _compiled(self.kernel)
        if self._scan is None:
            self._interpreted.run(memory.arrays, memory.out)
        else:
            self._scan(memory.address)

    def _memory(self) -> "_Memory":
        given = np.zeros(sum(self._sizes))
        return _Memory(self.kernel, given, [self._part(given, k) for k in range(len(self._shapes))])

    def _part(self, numbers: Array, k: int) -> Array:
        """The k-th argument among the numbers of all of them."""
        first = sum(self._sizes[:k])
        return numbers[first : first + self._sizes[k]].reshape(self._shapes[k])


class _Memory:
    """The memory that a call reads and writes. views: of each argument; record: of the results."""

    def __init__(self, kernel: Kernel, given: Floats, views: list[Floats]) -> None:
        nothing = np.zeros((1, 1, 0))
        self.views = views
        self.arrays = Arrays(np.ones(1), nothing, nothing, nothing, given, np.zeros((1, kernel.carried)))
        self.out = np.empty((1, 1, kernel.width))
        self.record = self.out[0, 0]
        self._kernel, self._carry = kernel, np.empty((1, kernel.carried))

    @cached_property
    def address(self) -> int:
        """Of the frame that compiled code reads."""
        from foglight.compiler.backends.llvm_frames import make_frame

        no_memo = np.empty((1, 0), np.uint8)
        self._frame = make_frame(self._kernel, self.arrays, self._carry, self.out, no_memo)
        return self._frame.ctypes.data


def _compiled(kernel: Kernel) -> Callable[[int], None] | None:
    """The compiled kernel, or None where it can only be interpreted."""
    # Imported here, because it takes longer than a few calls that need no compiler.
    from foglight.compiler.backends.llvm_engine import CompiledEngine
    from foglight.compiler.engine.engine import engine_for

    engine = engine_for(kernel, brief=True)
    return engine.scan(1) if isinstance(engine, CompiledEngine) else None


def _one_stage(program: Program, given: int) -> Kernel:
    """The kernel of one row that carries nothing: its parameters are the arguments, its record the results."""
    width = len(program.outputs["record"])
    stage = Stage("call", program, (("dt", 0),), tuple(range(width)))
    widths = {"u": 0, "row": 0, "z": 0, "params": given}
    labels: dict[str, tuple[str, ...]] = {"u": (), "z": (), "params": ("",) * given}
    return Kernel("call", "float64", (stage,), (), widths, labels, width=width)
