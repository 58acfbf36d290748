"""The operations of one stage on whole arrays as C statements: where each array is, and the call of its loop."""

from collections.abc import Callable, Sequence
from typing import Any

from foglight.compiler.backends.array_memory import Memory, Position, constants, rows_and_columns
from foglight.compiler.backends.c99_loops import loops
from foglight.compiler.backends.dense_rows import dense_rows
from foglight.compiler.backends.llvm_function import VECTOR
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.array_symbol import View
from foglight.trace.program import Instruction, Program

_ON_A_LINE = 8  # numbers in a line of data
_WITHOUT_CODE = frozenset({"view", "first", "second"})


def is_array_operation(i: Instruction) -> bool:
    """Whether an instruction is on whole arrays, or makes one of inputs."""
    return i.op in ARRAY_RULES or i.op == "block"


def definitions(stages: Sequence["ArrayStage"], name: str, single: bool) -> str:
    """The memory that stages share, the loops that they call and their constant arrays. single: of floats."""
    size = max(stage.memory.size for stage in stages)
    called = set().union(*[stage.loops for stage in stages])
    work = f"/* Memory of the arrays within a stage. */\nstatic {name}_real {name}_work[{max(size, 1)}];\n"
    return "\n".join([work + loops(called, name, single), *[text for stage in stages for text in stage.data]])


class ArrayStage:
    """What the array operations of a stage become.

    memory: where its arrays are.  loops: the names of the loops that it calls.  data: its constant arrays, as text.
    in_data: the constants that are nowhere but in those arrays.
    """

    def __init__(
        self, program: Program, carry: int, name: str, index: int, number: Callable[[float], str]
    ) -> None:
        self.memory = Memory(program, carry)
        self.loops: set[str] = set()
        self.data: list[str] = []
        self._code = program.code
        self._name = name
        self._prefix = f"{name}_stage{index}_"
        self._number = number
        known = constants(program, self.memory)
        read = {a for k, i in enumerate(program.code) if k not in known for a in i.args}
        read |= {k for ks in program.outputs.values() for k in ks}
        self.in_data = {a for k in known for a in program.code[k].args} - read
        for k, values in known.items():
            self._constant(f"{name}_real", f"r{k}", [number(v) for v in values])

    def statements(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        """The statements of one instruction. names: of its arguments; only those of scalars are used."""
        if i.op in _WITHOUT_CODE or k in self.in_data:
            return []
        if k in self.memory.position and self.memory.position[k].base == "constant":
            return []
        found: list[str] = getattr(self, f"_{i.op}")(k, i, names)
        return found

    def carried(self, k: int) -> list[str]:
        """The statements that move the new carry, this register, to where a stage leaves it."""
        where, view, position = self._shown(k)
        return (
            [] if position.base == "result" else self._call("copy", "next", 0, 1, where, 0, 1, 1, *view.shape)
        )

    def recorded(self, k: int, first: int) -> list[str]:
        """The statements that write this register, an array, to the record from column `first` on."""
        where, view, _ = self._shown(k)
        value = f"({where})[k]"
        return [
            f"for (long k = 0; k < {view.shape[-1]}; k++)",
            f"    record[{first} + k] = {value} != {value} ? NAN : {value};",
        ]

    def is_array(self, k: int) -> bool:
        """Whether a register is an array."""
        return self.memory.root(k) in self.memory.position

    # Where arrays are
    def _base(self, position: Position) -> str:
        if position.base == "constant":
            return f"{self._prefix}r{position.offset}"
        base = {"carry": "carry", "result": "next", "work": f"{self._name}_work"}[position.base]
        return _at(base, position.offset)

    def _shown(self, k: int) -> tuple[str, View, Position]:
        """The address of the first entry of what a register shows, the view, and the position of its matrix."""
        position = self.memory.position[self.memory.root(k)]
        is_view = self._code[k].op == "view"
        view = self._code[k].value if is_view else View.whole(position.rows, position.columns)
        return _at(self._base(position), position.first(view)), view, position

    def _vector(self, k: int) -> str:
        """The address of a contiguous vector."""
        return self._shown(k)[0]

    def _matrix(self, k: int) -> tuple[str, int, int]:
        """The address of the first entry of an array, and its distances from row to row and from entry to entry."""
        where, view, position = self._shown(k)
        return where, *position.distances(view)

    def _size(self, k: int) -> tuple[int, int]:
        """The rows and columns of what a register shows."""
        return rows_and_columns(self._shown(k)[1].shape)

    def _out(self, k: int) -> tuple[str, Position]:
        position = self.memory.position[k]
        return self._base(position), position

    # Pieces of text
    def _value(self, loop: str, *args: Any) -> str:
        self.loops.add(loop)
        return f"{self._name}_{loop}({', '.join(map(str, args))})"

    def _call(self, loop: str, *args: Any) -> list[str]:
        return [f"{self._value(loop, *args)};"]

    def _scalar(self, k: int, value: str) -> list[str]:
        return [f"const {self._name}_real r{k} = {value};"]

    def _constant(self, kind: str, name: str, values: Sequence[str]) -> str:
        """Define a constant array; returns its name."""
        lines = [", ".join(values[k : k + _ON_A_LINE]) for k in range(0, len(values), _ON_A_LINE)]
        body = ",\n    ".join(lines)
        self.data.append(f"static const {kind} {self._prefix}{name}[{len(values)}] = {{\n    {body}\n}};\n")
        return self._prefix + name

    def _copied(self, k: int) -> list[str]:
        """The copy of an array that is also needed as it was before this register changes it."""
        if k not in self.memory.copied:
            return []
        old, (where, position) = self.memory.copied[k], self._out(k)
        return self._call(
            "copy", where, position.step, 1, self._base(old), old.step, 1, old.rows, old.columns
        )

    # The operations
    def _block(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        source, first, count = i.value
        where, _ = self._out(k)
        return (
            [] if source == "carry" else self._call("copy", where, 0, 1, _at(source, first), 0, 1, 1, count)
        )

    def _pack(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        found = []
        for n, value in enumerate(names):
            row, column = divmod(n, position.columns)
            found.append(f"*({_at(where, row * position.step + column)}) = {value};")
        return found

    def _filled(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        if i.value[0] == "unit":
            return self._call("unit", where, position.step, position.rows)
        return self._call("filled", where, position.step, position.rows, position.columns)

    def _item(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _, position = self._shown(self.memory.root(i.args[0]))
        row, column = i.value
        return self._scalar(k, f"*({_at(where, row * position.step + column)})")

    def _put(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        where = _at(where, position.first(i.value))
        if not i.value.shape:
            return [*self._copied(k), f"*({where}) = {names[1]};"]
        to, part = position.distances(i.value), self._matrix(i.args[1])
        return [*self._copied(k), *self._call("copy", where, *to, *part, *self._size(i.args[1]))]

    def _map(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        op, shape = i.value
        rows, n = rows_and_columns(shape)
        where, position = self._out(k)
        kinds, args = "", []
        for a, name in zip(i.args, names, strict=True):
            if self.is_array(a):
                address, down, right = self._matrix(a)
                kinds += "r" if right == 1 and n > 1 else "c"
                args += [address, down]
            else:
                kinds += "s"
                args.append(name)
        return self._call(f"map_{op}_{kinds}", where, position.step, rows, n, *args)

    def _dot(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        a, b = map(self._vector, i.args)
        return self._scalar(k, self._value("dot", a, b, self._size(i.args[0])[1]))

    def _sum(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        return self._scalar(k, self._value("sum", self._vector(i.args[0]), self._size(i.args[0])[1]))

    def _dots(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _ = self._out(k)
        A, down, _ = self._matrix(i.args[0])
        rows, n = self._size(i.args[0])
        triangular = i.value[0]
        entries = (1, 1) if triangular else (n, 0)
        return self._call("dots", where, A, down, self._vector(i.args[1]), rows, *entries)

    def _rows(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        pattern, _ = i.value
        B, below, _ = self._matrix(i.args[1])
        if len(self._shown(i.args[0])[1].shape) == 2:
            A, down, _ = self._matrix(i.args[0])
            dense, size = dense_rows(pattern), (position.rows, position.columns)
            assert dense is not None and not dense.step
            given = (A, down, dense.first, dense.skip, 0)
            return self._call("product", where, position.step, *given, B, below, *size)
        starts = [sum(map(len, pattern[:row])) for row in range(len(pattern) + 1)]
        columns = [c for row in pattern for c in row] or [0]
        start, column = (
            self._constant("int", f"{what}{k}", list(map(str, numbers)))
            for what, numbers in (("starts", starts), ("columns", columns))
        )
        values, size = self._vector(i.args[0]), (position.rows, position.columns)
        return self._call("rows", where, position.step, values, start, column, B, below, *size)

    def _times_upper(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        (A, down, _), (B, below, _) = (self._matrix(a) for a in i.args)
        given = (A, down, self._size(i.args[0])[1], 0, 1, B, below, position.rows, position.columns)
        return self._call("product", where, position.step, *given)

    def _copy(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        return self._call("copy", where, position.step, 1, *self._matrix(i.args[0]), *self._size(i.args[0]))

    def _flat(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _ = self._out(k)
        rows, n = self._size(i.args[0])
        return self._call("copy", where, n, 1, *self._matrix(i.args[0]), rows, n)

    def _unpack(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        return self._call("unpack", where, 1, position.step, self._vector(i.args[0]), position.rows)

    def _unpack_rows(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        return self._call("unpack", where, position.step, 1, self._vector(i.args[0]), position.rows)

    def _pivots(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        return self._call("pivots", where, self._vector(i.args[0]), position.columns)

    def _packed(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _ = self._out(k)
        U, down, _ = self._matrix(i.args[0])
        return self._call("packed", where, U, down, self._vector(i.args[1]), self._size(i.args[0])[0])

    def _running(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _ = self._out(k)
        return self._call("running", where, names[0], self._vector(i.args[1]), self._size(i.args[1])[1])

    def _preceding(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        A, down, _ = self._matrix(i.args[0])
        return self._call("preceding", where, position.step, A, down, *self._size(i.args[0]))

    def _combine(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        second = self.memory.second[k]
        w, *floors = map(self._vector, i.args[1:])
        given = (w, floors[0] if floors else "0", int(i.value[0]))
        sizes = (position.step, position.rows, position.columns)
        out = (self._base(second), second.step, self._base(self.memory.scratch[k]))
        return [*self._copied(k), *self._call("combine", where, *sizes, *given, *out)]

    def _folded(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _ = self._out(k)
        N, down, _ = self._matrix(i.args[0])
        given = (N, down, self._vector(i.args[1]), i.value[0])
        return self._call("folded", where, *given, self._base(self.memory.second[k]))

    def _swept_along(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        (U, down, _), (dU, below, _) = (self._matrix(i.args[a]) for a in (0, 3))
        vectors = [self._vector(i.args[a]) for a in (1, 2, 4, 5)]
        sums = (self._base(self.memory.scratch[k]), self._base(self.memory.second[k]))
        return self._call(
            "swept_along", where, position.step, U, down, dU, below, position.rows, *vectors, *sums
        )

    def _sweep(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        U, down, _ = self._matrix(i.args[0])
        v, factors = map(self._vector, i.args[1:])
        total = self._base(self.memory.second[k])
        return self._call("sweep", where, position.step, U, down, position.rows, v, factors, total)

    def _join(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        second, m = self.memory.second[k], i.value[1]
        H, sizes = self._base(second), _at(self._base(second), m * second.step)
        found = self._copied(k)
        for used_up, of in ((H, i.args[1]), (sizes, i.args[3])):
            A, down, right = self._matrix(of)
            found += self._call("copy", used_up, second.step, 1, A, down, right, m, position.rows + 1)
        given = (H, second.step, self._vector(i.args[2]), sizes, m, self._number(i.value[0]))
        return [*found, *self._call("join", where, position.step, position.rows, *given)]

    def _conditioned(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        n, width = self._size(i.args[0])
        found = self._call("copy", where, position.step, 1, *self._matrix(i.args[0]), n, width)
        D, s, *mean = (self._vector(i.args[a]) for a in (1, *range(3, len(i.args))))
        for row, a, size in ((n, D, n), *((n + 1, x, width) for x in mean[:1])):
            found += self._call("copy", _at(where, row * position.step), 0, 1, a, 0, 1, 1, size)
        H, down, _ = self._matrix(i.args[2])
        z, room = mean[1] if mean else "0", self._base(self.memory.scratch[k])
        given = (H, down, i.value[1], int(i.value[0]), s, z, room, position.step)
        return [*found, *self._call("conditioned", where, position.step, n, width - n, *given)]

    def _increased(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        scratch = self.memory.scratch[k]
        columns, behind = self._base(scratch), scratch.step - VECTOR
        (n, width), m = self._size(i.args[0]), i.value[0]
        D, w = (self._vector(i.args[a]) for a in (1, 3))
        return [
            *self._call("copy", where, position.step, 1, *self._matrix(i.args[0]), n, width),
            *self._call("copy", _at(where, n * position.step), 0, 1, D, 0, 1, 1, n),
            *self._call("copy", columns, scratch.step, 1, *self._matrix(i.args[2]), m, width),
            *self._call("copy", _at(columns, behind), 0, scratch.step, w, 0, 1, 1, m),
            *self._call("increased", where, position.step, n, width - n, columns, scratch.step, m, behind),
        ]

    def _substitute(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        U, down, _ = self._matrix(i.args[0])
        b, ldb, right = self._matrix(i.args[1])
        n, columns = self._size(i.args[1])
        rows = (position.step, U, down, n, b, ldb, columns)
        vector = (1, U, down, columns, b, right, 1)  # n rows of one entry
        return self._call("substitute", where, *(vector if len(i.value[0]) == 1 else rows))

    def _inverse(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, position = self._out(k)
        C, down, _ = self._matrix(i.args[0])
        return self._call("inverse", where, position.step, C, down, position.rows)

    def _squares(self, k: int, i: Instruction, names: Sequence[str]) -> list[str]:
        where, _ = self._out(k)
        U, down, _ = self._matrix(i.args[0])
        return self._call("squares", where, U, down, self._size(i.args[0])[0], self._vector(i.args[1]))


def _at(base: str, offset: int) -> str:
    """An address, `offset` numbers behind another one."""
    first, _, before = base.partition(" + ")
    offset += int(before or 0)
    return f"{first} + {offset}" if offset else first
