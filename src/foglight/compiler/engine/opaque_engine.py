"""Runs a recipe whose opaque functions are called in Python, between kernels that do everything else.

In a row each kernel that asks (`compiler/opaque_row.py`) says where functions are called; what they return is written
into the columns of u that stand for it; then the kernel of the whole row runs. A kernel is compiled, or interpreted
where nothing can be compiled. The results agree to rounding with those of `ReferenceEngine`: it makes the same calls.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from foglight.compiler.backends.backend import Engine
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.llvm_frames import make_frame
from foglight.compiler.engine.arrays import Arrays, placed
from foglight.compiler.engine.opaque_caller import Caller
from foglight.compiler.engine.reference import ReferenceEngine, raise_at_row
from foglight.compiler.kernel import Kernel
from foglight.compiler.opaque_row import OpaqueRow
from foglight.compiler.recipe import Recipe
from foglight.core.errors import FoglightError
from foglight.core.types import Array, Floats

# What functions returned, by the row, the states they were called with, and the controls.
_Known = dict[tuple[Any, ...], Floats]


class OpaqueEngine(ReferenceEngine):
    """The engine of a row with opaque functions. names: of these functions; make: the engine of a kernel.

    Its `kernel` is that of the equations on floats, by which a row that was refused is explained.
    """

    def __init__(
        self, recipe: Recipe, row: OpaqueRow, names: Sequence[str], make: Callable[[Kernel], Engine]
    ) -> None:
        super().__init__(recipe, ", ".join(names))
        self._row = row
        self._controls = len(recipe.model.inputs)
        self._engines = [make(part.kernel) for part in row.asking], make(row.whole)
        self._callers = [[Caller(recipe, group) for group in part.groups] for part in row.asking]
        self._idle: list[_Memory] = []  # one for each thread, or nested call, that runs at the same time

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given; one track at a time.

        If a stage shares a computation among tracks, they share the calls for it, too.
        """
        if not self._shares or arrays.first is not None or len(arrays.z) > 1 or arrays.tracks == 1:
            return super().run(arrays, out)
        known: _Known = {}
        carries, records = zip(*[self._track(one, known) for one in arrays.each()], strict=True)
        return placed((np.concatenate(carries), np.concatenate(records)), out)

    def _track(self, arrays: Arrays, known: "_Known | None" = None) -> tuple[Array, Array]:
        """One track. known: the results of calls for others, which are added to."""
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = _Memory(*self._engines)
        dt, u, row, z = arrays.dt, arrays.u[0], arrays.row[0], arrays.z[0]
        records = np.empty((1, len(dt), self.kernel.width))
        memory.params[:], memory.carry[:] = arrays.params, arrays.carry
        asking = [
            (run, record, [(caller, caller.flag, caller.parameters(arrays.params)) for caller in callers])
            for (run, record), callers in zip(memory.asking, self._callers, strict=True)
        ]
        first, controls, k = self._row.first, self._controls, 0
        try:
            with np.errstate(all="ignore"):
                for k in range(len(dt)):
                    memory.dt[0], memory.row[:], memory.z[:] = dt[k], row[k], z[k]
                    memory.u[:first], memory.u[first:] = u[k], np.nan
                    for run, record, callers in asking:
                        run()
                        numbers = list(record)
                        if numbers[0] != 1.0:  # the stage is not present in this row
                            continue
                        key = (k, record.tobytes(), u[k, :controls].tobytes()) if known is not None else ()
                        if known is not None and key in known:
                            np.copyto(memory.u[first:], known[key], where=np.isnan(memory.u[first:]))
                            continue
                        for caller, flag, params in callers:
                            if numbers[flag] == 1.0:
                                caller(numbers, dt[k], params, memory.u)
                        if known is not None:
                            known[key] = memory.u[first:].copy()
                    memory.run()
                    records[0, k], memory.carry[:] = memory.record, memory.carry_out
        except FoglightError as refused:
            raise_at_row(refused, arrays.rows.where(k), arrays.rows.number(k))
        carry = memory.carry[None].copy()
        self._idle.append(memory)
        return carry, records

    def describe(self, arrays: Arrays) -> str:
        """What ran, and what was called in Python."""
        how = "llvm" if isinstance(self._engines[1], CompiledEngine) else "interpreter"
        notes = "".join(f"; {stage.note}" for stage in self._row.whole.stages if stage.note)
        return f"{how}, {self._row.size} operations; {self._reason} called in Python{notes}"


class _Memory:
    """The memory that the kernels of a row read and write.

    asking: for each kernel that asks, a function that runs it, and its record.  run: runs the whole row, from carry to
    record and carry_out.
    """

    def __init__(self, asking: Sequence[Engine], whole: Engine) -> None:
        widths = whole.kernel.widths
        self.dt, self.params = np.zeros(1), np.zeros(widths["params"])
        self.u, self.row, self.z = (np.zeros(widths[name]) for name in ("u", "row", "z"))
        self.carry = carry = np.zeros(whole.carried)
        self.asking: list[tuple[Callable[[], None], Floats]] = []
        for engine in asking:
            run, record, carry = self._bound(engine, carry)
            self.asking.append((run, record))
        self.run, self.record, self.carry_out = self._bound(whole, self.carry)

    def _bound(self, engine: Engine, carry: Floats) -> tuple[Callable[[], None], Floats, Floats]:
        """A function that runs an engine from this carry, its record, and the carry after it."""
        after, record = np.zeros(len(carry)), np.zeros(engine.kernel.width)
        u, row, z = (values[None, None] for values in (self.u, self.row, self.z))
        arrays = Arrays(self.dt, u, row, z, self.params, carry[None])
        if not isinstance(engine, CompiledEngine):

            def interpreted() -> None:
                carries, records = engine.run(arrays)
                after[:], record[:] = carries[0], records[0, 0]

            return interpreted, record, after
        scan, memo = engine.scan(1), engine.memo(1, 1, 1)[:1]
        frame = make_frame(engine.kernel, arrays, after[None], record[None, None], memo)
        address = frame.ctypes.data

        def compiled(held: Any = (frame, arrays, memo, after, record)) -> None:  # what the address refers to
            scan(address)

        return compiled, record, after
