"""The instructions of one stage on whole arrays as LLVM text: where each array is, and the call of its loop."""

from collections.abc import Sequence
from typing import Any, Protocol

from foglight.compiler.backends.array_memory import Memory, Position, rows_and_columns
from foglight.compiler.backends.dense_rows import DenseRows, dense_rows
from foglight.compiler.backends.llvm_function import VECTOR
from foglight.compiler.backends.llvm_runs import Runs
from foglight.compiler.backends.llvm_text import Text, written
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.array_symbol import View
from foglight.trace.program import Instruction, Program


class Scan(Protocol):
    """What a stage needs of the scan that it is a part of.

    t: the lines of its function.  globals: constant data of the module.
    """

    t: Text
    globals: list[str]

    def input(self, source: str, index: int) -> str:
        """One number of the row."""

    def input_address(self, source: str, index: int) -> str:
        """Where one number of the row is in memory."""

    def call(self, kind: str, loop: str, *args: str) -> str:
        """A call of a loop; returns its result, if it has one."""

    def call_loop(self, loop: str, *args: Any) -> None:
        """The same with pointers and whole numbers as arguments, for a loop without a result."""


class StageText:
    """The instructions of one stage. scalars: the name of each scalar register."""

    def __init__(
        self, scan: Scan, program: Program, memory: Memory, bases: dict[str, str], name: str
    ) -> None:
        self.scan = scan
        self.t = scan.t
        self.memory = memory
        self.runs = Runs(program, memory)
        self.run: list[int] = []  # operations on entries that wait for those that continue them
        self.bases = bases
        self.name = name
        self.scalars: dict[int, str] = {}

    def constant(self, k: int, numbers: Any) -> None:
        """A constant array, as data of the module."""
        name = f"@{self.name}.{k}"
        self.bases[f"constant {k}"] = name
        values = ", ".join(f"double {written(v)}" for v in numbers)
        self.scan.globals.append(
            f"{name} = private unnamed_addr constant [{len(numbers)} x double] [{values}], align 64"
        )

    def whole_numbers(self, k: int, what: str, numbers: list[int]) -> str:
        """Constant whole numbers, as data of the module."""
        name = f"@{self.name}.{k}.{what}"
        values = ", ".join(f"i64 {v}" for v in numbers)
        self.scan.globals.append(f"{name} = private unnamed_addr constant [{len(numbers)} x i64] [{values}]")
        return name

    def instruction(self, k: int, i: Instruction) -> None:
        """One instruction of the Program."""
        t = self.t
        if i.op == "map" and self.runs.continues(k, self.run):
            self.run.append(k)
            return
        if i.op == "block" or (i.op in ARRAY_RULES and i.op not in ("view", "first", "second")):
            self.finish()
        if i.op == "map":
            self.run.append(k)
        elif i.op == "input":
            self.scalars[k] = self.scan.input(*i.value)
        elif i.op == "const":
            self.scalars[k] = t.number(i.value)
        elif i.op not in ARRAY_RULES:
            if i.op == "block":
                self._block(k, i)
            else:
                self.scalars[k] = t.operation(i.op, [self.scalars[a] for a in i.args])
        elif i.op not in ("view", "first", "second"):
            getattr(self, f"_{i.op}")(k, i)

    def finish(self) -> None:
        """The operations that wait."""
        run, self.run = self.run, []
        for part in self.runs.parts(run, self._kind) if run else ():
            self._entries(part)

    # Where things are
    def _base(self, position: Position) -> str:
        if position.base == "constant":
            return self.bases[f"constant {position.offset}"]
        return self._at(self.bases[position.base], position.offset)

    def _at(self, pointer: str, offset: int) -> str:
        return self.t.new(f"getelementptr double, ptr {pointer}, i64 {offset}") if offset else pointer

    def shown(self, k: int) -> tuple[str, View, Position]:
        """The address of the first entry of what a register shows, the view, and the position of its matrix."""
        position = self.memory.position[self.memory.root(k)]
        view = (
            self.memory.code[k].value
            if self.memory.code[k].op == "view"
            else View.whole(position.rows, position.columns)
        )
        return self._at(self._base(position), position.first(view)), view, position

    def vector(self, k: int) -> tuple[str, int]:
        """The address of a contiguous vector, and its length."""
        where, view, _ = self.shown(k)
        return where, view.shape[-1]

    def matrix(self, k: int) -> tuple[str, tuple[int, int], tuple[int, int]]:
        """The address of the first entry of an array, its steps from row to row and entry to entry, and its shape."""
        where, view, position = self.shown(k)
        return where, position.distances(view), rows_and_columns(view.shape)

    def _out(self, k: int) -> tuple[str, Position]:
        position = self.memory.position[k]
        return self._base(position), position

    def _call(self, loop: str, *args: Any) -> None:
        self.scan.call_loop(loop, *args)

    # The operations
    def _block(self, k: int, i: Instruction) -> None:
        source, first, count = i.value
        if source != "carry":
            where, _ = self._out(k)
            self._call("block", where, 0, self.scan.input_address(source, first), 0, 1, count)

    def _pack(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        if position.base != "constant":
            for n, a in enumerate(i.args):
                row, column = divmod(n, position.columns)
                self.t.scatter(self.scalars[a], [where], str(row * position.step + column))

    def _filled(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        if i.value[0] == "unit":
            self._call("unit", where, position.step, position.rows)
            return
        # Of an array that is written anyway, only what is behind its rows has to be 0.
        whole = position.columns // VECTOR * VECTOR if self.memory.written(k) else 0
        if whole < position.columns:
            self._call(
                "filled", self._at(where, whole), position.step, position.rows, position.columns - whole
            )

    def _item(self, k: int, i: Instruction) -> None:
        position = self.memory.position[self.memory.root(i.args[0])]
        row, column = i.value
        self.scalars[k] = self.t.load(self._base(position), str(row * position.step + column))

    def _copied(self, k: int) -> None:
        if k in self.memory.copied:
            old, (where, position) = self.memory.copied[k], self._out(k)
            self._call("block", where, position.step, self._base(old), old.step, old.rows, old.columns)

    def _put(self, k: int, i: Instruction) -> None:
        self._copied(k)
        where, position = self._out(k)
        view: View = i.value
        where = self._at(where, position.first(view))
        if not view.shape:
            self.t.scatter(self.scalars[i.args[1]], [where], "0")
            return
        down, right = position.distances(view)
        part, (lda, step), (rows, n) = self.matrix(i.args[1])
        if right == step == 1:
            self._call("block", where, down, part, lda, rows, n)
        elif right == 1:
            self._call("copy", where, down, part, lda, step, rows, n)
        else:
            self._call("strided", where, down, right, part, lda, step, rows, n)

    def _kind(self, a: int) -> str:
        """How a loop is given a register: as a number, as rows of entries, or as one number a row."""
        if a in self.scalars:
            return "s"
        _, (_, right), (_, n) = self.matrix(a)
        return "r" if right == 1 and n > 1 else "c"

    def _given(self, registers: Sequence[int]) -> list[str]:
        """Registers as the arguments of a loop on entries."""
        args = []
        for a in registers:
            if a in self.scalars:
                value = self.scalars[a]
                if self.memory.code[a].is_mask:
                    value = self.t.new(f"uitofp i1 {value} to double")
                args.append(f"double {value}")
            else:
                pointer, (down, _), _ = self.matrix(a)
                args += [f"ptr {pointer}", f"i64 {down}"]
        return args

    def _entries(self, run: Sequence[int]) -> None:
        """Operations on entries as one loop."""
        _, shape = self.memory.code[run[0]].value
        rows, n = rows_and_columns(shape)
        sizes = [f"i64 {rows}", f"i64 {n}"]
        loop, given, stored = self.runs.described(run, self._kind)
        outs = []
        for k in stored:
            where, position = self._out(k)
            outs += [f"ptr {where}", f"i64 {position.step}"]
        self.scan.call("void", loop, *sizes, *outs, *self._given(given))

    def _dot(self, k: int, i: Instruction) -> None:
        (a, n), (b, _) = (self.vector(v) for v in i.args)
        self.scalars[k] = self.scan.call("double", "dot", f"ptr {a}", f"ptr {b}", f"i64 {n}")

    def _sum(self, k: int, i: Instruction) -> None:
        a, n = self.vector(i.args[0])
        self.scalars[k] = self.scan.call("double", "sum", f"ptr {a}", f"i64 {n}")

    def _dots(self, k: int, i: Instruction) -> None:
        where, _ = self._out(k)
        a, (lda, _), (rows, n) = self.matrix(i.args[0])
        b, _ = self.vector(i.args[1])
        self._call("dots", where, a, lda, b, rows, *((1, 1) if i.value[0] else (n, 0)))

    def _rows(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        pattern, _ = i.value
        values, _ = self.vector(i.args[0])
        b, (ldb, _), _ = self.matrix(i.args[1])
        dense = (
            dense_rows(pattern) if len(pattern) > 1 else None
        )  # of one row, the other loop is as fast and shorter
        if dense:
            a, (down, _), (rows, _) = self.matrix(i.args[0])
            lda = down if rows > 1 else dense.first
            sizes = (position.rows, position.columns)
            self._call("product", where, position.step, a, lda, *dense, 0, b, ldb, *sizes)
            return
        starts = [0]
        for columns in pattern:
            starts.append(starts[-1] + len(columns))
        first = self.whole_numbers(k, "starts", starts)
        which = self.whole_numbers(k, "columns", [c for columns in pattern for c in columns] or [0])
        self._call(
            "rows", where, position.step, values, first, which, b, ldb, position.rows, position.columns
        )

    def _times_upper(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        (a, (lda, _), (_, inner)), (b, (ldb, _), _) = (self.matrix(v) for v in i.args)
        dense = DenseRows(inner, 0, 0)
        self._call(
            "product", where, position.step, a, lda, *dense, 1, b, ldb, position.rows, position.columns
        )

    def _copy(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        a, (down, right), (rows, n) = self.matrix(i.args[0])
        self._call("copy", where, position.step, a, down, right, rows, n)

    def _flat(self, k: int, i: Instruction) -> None:
        where, _ = self._out(k)
        a, (down, _), (rows, n) = self.matrix(i.args[0])
        self._call("block", where, n, a, down, rows, n)

    def _unpack(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        self._call(i.op, where, position.step, self.vector(i.args[0])[0], position.rows)

    _unpack_rows = _unpack

    def _pivots(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        self._call("pivots", where, self.vector(i.args[0])[0], position.columns)

    def _packed(self, k: int, i: Instruction) -> None:
        where, _ = self._out(k)
        u, (ldu, _), (n, _) = self.matrix(i.args[0])
        self._call("packed", where, u, ldu, self.vector(i.args[1])[0], n)

    def _running(self, k: int, i: Instruction) -> None:
        where, _ = self._out(k)
        terms, n = self.vector(i.args[1])
        first = f"double {self.scalars[i.args[0]]}"
        self.scan.call("void", "running", f"ptr {where}", first, f"ptr {terms}", f"i64 {n}")

    def _preceding(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        a, (lda, _), (rows, n) = self.matrix(i.args[0])
        self._call("preceding", where, position.step, a, lda, rows, n)

    def _combine(self, k: int, i: Instruction) -> None:
        self._copied(k)
        where, position = self._out(k)
        second = self.memory.second[k]
        w, *floors = (self.vector(a)[0] for a in i.args[1:])
        given = (w, floors[0] if floors else w, len(floors), int(i.value[0]))
        sizes = (position.step, position.rows, position.columns)
        self._call(
            "combine",
            where,
            *sizes,
            *given,
            self._base(second),
            second.step,
            self._base(self.memory.scratch[k]),
        )

    def _folded(self, k: int, i: Instruction) -> None:
        where, _ = self._out(k)
        a, (lda, _), (n, _) = self.matrix(i.args[0])
        self._call("folded", where, a, lda, self.vector(i.args[1])[0], n, self._base(self.memory.second[k]))

    def _swept_along(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        (u, (ldu, _), (n, _)), (du, (ldd, _), _) = (self.matrix(i.args[a]) for a in (0, 3))
        v, factors, dv, df = (self.vector(i.args[a])[0] for a in (1, 2, 4, 5))
        sums = (self._base(self.memory.scratch[k]), self._base(self.memory.second[k]))
        self._call("swept_along", where, position.step, u, ldu, du, ldd, n, v, factors, dv, df, *sums)

    def _sweep(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        u, (ldu, _), (n, _) = self.matrix(i.args[0])
        v, factors = (self.vector(a)[0] for a in i.args[1:])
        self._call("sweep", where, position.step, u, ldu, n, v, factors, self._base(self.memory.second[k]))

    def _conditioned(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        u, (ldu, _), (n, width) = self.matrix(i.args[0])
        h, (ldh, _), (m, _) = self.matrix(i.args[2])
        d, s, *mean = (self.vector(i.args[a])[0] for a in (1, *range(3, len(i.args))))
        self._call("block", where, position.step, u, ldu, n, width)
        for row, values in enumerate((d, *mean[:1])):
            self._call("block", self._at(where, (n + row) * position.step), 0, values, 0, 1, (n, width)[row])
        scratch = self._base(self.memory.scratch[k])
        given = (h, ldh, m, int(i.value[0]), s, len(mean[1:]), mean[1] if mean else s, scratch, position.step)
        self._call("conditioned", where, position.step, n, width - n, *given)

    def _increased(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        scratch = self.memory.scratch[k]
        columns, behind = self._base(scratch), scratch.step - VECTOR
        (u, (ldu, _), (n, width)), (h, (ldh, _), (m, _)) = (self.matrix(i.args[a]) for a in (0, 2))
        d, w = (self.vector(i.args[a])[0] for a in (1, 3))
        self._call("block", where, position.step, u, ldu, n, width)
        self._call("block", self._at(where, n * position.step), 0, d, 0, 1, n)
        self._call("block", columns, scratch.step, h, ldh, m, width)
        self._call("strided", self._at(columns, behind), 0, scratch.step, w, 0, 1, 1, m)
        self._call("increased", where, position.step, n, width - n, columns, scratch.step, m, behind)

    def _squares(self, k: int, i: Instruction) -> None:
        where, _ = self._out(k)
        u, (ldu, _), (n, _) = self.matrix(i.args[0])
        self._call("squares", where, u, ldu, n, self.vector(i.args[1])[0])

    def _join(self, k: int, i: Instruction) -> None:
        self._copied(k)
        where, position = self._out(k)
        left, step = self._base(self.memory.second[k]), self.memory.second[k].step
        (h, (ldh, _), (m, columns)), (sizes, (lds, _), _) = (self.matrix(i.args[a]) for a in (1, 3))
        # Each coefficient under the column of the equations that it belongs to.
        self._call("block", self._at(left, 1), step, h, ldh, m, columns)
        self._call("block", self._at(left, m * step + 1), step, sizes, lds, m, columns)
        args = [f"ptr {where}", f"i64 {position.step}", f"i64 {position.rows}", f"ptr {left}", f"i64 {step}"]
        args += [f"ptr {self.vector(i.args[2])[0]}", f"i64 {m}", f"double {self.t.number(i.value[0])}"]
        self.scan.call("void", "join", *args)

    def _substitute(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        u, (ldu, _), (n, _) = self.matrix(i.args[0])
        b, (ldb, _), (_, columns) = self.matrix(i.args[1])
        if len(i.value[0]) == 1:
            self._call("substitute", where, u, ldu, n, b)
        else:
            self._call("substitute_all", where, position.step, u, ldu, n, b, ldb, columns)

    def _inverse(self, k: int, i: Instruction) -> None:
        where, position = self._out(k)
        c, (ldc, _), (n, _) = self.matrix(i.args[0])
        self._call("inverse", where, position.step, c, ldc, n)
