"""Where the arrays of a Program are in memory.

Each takes the smallest free space that is large enough. A result overwrites the array that it changes, if nothing else
reads that.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from foglight.compiler.backends.llvm_function import VECTOR
from foglight.trace.array_operations import ARRAY_RULES, indices
from foglight.trace.array_symbol import View
from foglight.trace.program import Instruction, Program

# Operations whose result is another array's memory, or no array.
_NO_MEMORY = frozenset({"view", "item", "first", "second", "dot", "sum"})
PAIRS = frozenset({"combine", "folded", "sweep", "swept_along", "join"})
_CHANGING = frozenset({"put", "combine", "join"})
# Of operations that need some while they are computed: how many rows, each as long as those of the first result.
_SCRATCH = {"combine": 1, "swept_along": 1, "conditioned": 12}


class Position(NamedTuple):
    """A matrix in memory.

    base: "work", "carry", "result" or "constant".  offset: in numbers; of a constant, its register.  step: from row to
    row.
    """

    base: str
    offset: int
    rows: int
    columns: int
    step: int

    @property
    def size(self) -> int:
        """The numbers that it takes, up to whole vectors."""
        return self.rows * self.step

    def first(self, view: View) -> int:
        """The number of the first entry that a view shows."""
        return view.start[0] * self.step + view.start[1]

    def distances(self, view: View) -> tuple[int, int]:
        """From row to row and from entry to entry of a view; a vector has one row."""
        steps = [0, 0, *[down * self.step + right for down, right in view.steps]]
        return steps[-2], steps[-1]


def whole_vectors(count: int) -> int:
    """A count rounded up to whole vectors."""
    return -(-count // VECTOR) * VECTOR


def shape_of(i: Instruction) -> tuple[int, int]:
    """Rows and columns of the array that an instruction makes."""
    return rows_and_columns(i.value[-1:] if i.op == "block" else i.value[-1])


def rows_and_columns(shape: Sequence[int]) -> tuple[int, int]:
    """Of a matrix, a vector or a scalar."""
    rows, columns = (1, 1, *shape)[-2:]
    return rows, columns


def _shape_of_second(i: Instruction, first: Position) -> tuple[int, int]:
    """Rows and columns of the second result of a pair; a join has what is left of the new equations, and its sizes."""
    if i.op == "join":
        return 2 * int(i.value[1]), first.columns
    if i.op == "combine":
        return first.rows + 1, first.rows
    return 1, i.value[0] if i.op == "folded" else first.rows


def _entries_of(view: View) -> Iterator[tuple[int, int]]:
    """Row and column of all that a view shows."""
    return (view.at(index) for index in np.ndindex(view.shape))


class Memory:
    """The positions of a Program's arrays.

    position: by register.  second: of the second result of a pair.  copied: of an array that a register copies and then
    changes.  scratch: of what a register needs only while it is computed.  size: the numbers of work memory.
    """

    def __init__(self, program: Program, carry: int) -> None:
        self.code = program.code
        self.position: dict[int, Position] = {}
        self.second: dict[int, Position] = {}
        self.copied: dict[int, Position] = {}
        self.scratch: dict[int, Position] = {}
        self.size = 0
        self._free: list[tuple[int, int]] = []  # offset, size
        # Both results of a pair that have registers of their own.
        self._named = {(i.args[0], i.op) for i in self.code if i.op in ("first", "second")}
        self._used = self._last_uses(program)
        self._result = self._roots_of_result(program)
        self._carry = carry
        for k, i in enumerate(self.code):
            self._visit(k, i)

    def root(self, k: int) -> int:
        """The register whose array this one is, or shows a part of."""
        while self.code[k].op == "view":
            k = self.code[k].args[0]
        return k

    def written(self, k: int) -> bool:
        """Whether all entries of an array are written before anything reads one, by the instructions that change it."""
        position = self.position[k]
        missing = np.ones((position.rows, position.columns), bool)
        while missing.any():
            users = self._users.get(k, [])
            if len(users) != 1 or self.code[users[0]].op != "put" or users[0] in self.copied:
                return False
            k = users[0]
            missing[indices(self.code[k].value)] = False
        return True

    @functools.cached_property
    def _users(self) -> dict[int, list[int]]:
        """The instructions that have a register among their arguments."""
        users: dict[int, list[int]] = {}
        for k, i in enumerate(self.code):
            for a in set(i.args):
                users.setdefault(a, []).append(k)
        return users

    def _last_uses(self, program: Program) -> dict[int, int]:
        used: dict[int, int] = {}
        for k, i in enumerate(self.code):
            if i.op != "view":
                used |= {self.root(a): k for a in i.args}
        end = len(self.code)
        return used | {self.root(k): end for ks in program.outputs.values() for k in ks}

    def _roots_of_result(self, program: Program) -> set[int]:
        """The chain of arrays that are changed into the new carry, where that is the whole of one."""
        found: set[int] = set()
        for k in program.outputs["carry"]:
            while self.code[k].op == "view" or (self.code[k].op == "put" and self._overwrites(k)):
                found.add(k)
                k = self.code[k].args[0]
            found.add(k)
        return found

    def _overwrites(self, k: int) -> bool:
        """Whether an instruction may overwrite what it changes: no later one reads that, and no argument shows it."""
        i = self.code[k]
        root = self.root(i.args[0])
        if self._used[root] != k:
            return False
        views = [self.code[a].value for a in i.args[1:] if self.root(a) == root]
        read = {entry for view in views for entry in _entries_of(view)}
        return not read or (i.op == "put" and read.isdisjoint(_entries_of(i.value)))

    def _visit(self, k: int, i: Instruction) -> None:
        if i.op == "block":
            source, first, count = i.value
            # Inputs but the carry are copied: nothing may be read beyond their end.
            carried = Position(source, first, 1, count, whole_vectors(count))
            self.position[k] = carried if source == "carry" else self._new(1, count, -1)
        elif i.op == "first":
            self.position[k] = self.position[i.args[0]]
        elif i.op == "second":
            self.position[k] = self.second[i.args[0]]
        elif i.op in ARRAY_RULES and i.op not in _NO_MEMORY:
            self._make(k, i)
        if i.op != "view":
            for a in {self.root(a) for a in i.args}:
                if self._used[a] == k:
                    self._release(a, k)

    def _make(self, k: int, i: Instruction) -> None:
        if i.op == "pack" and all(self.code[a].op == "const" for a in i.args):
            rows, columns = shape_of(i)
            self.position[k] = Position("constant", k, rows, columns, whole_vectors(columns))
            return
        if i.op in _CHANGING:
            old = self.position[self.root(i.args[0])]
            mine = old.base in ("work", "result") and self._overwrites(k)
            self.position[k] = old if mine else self._new(old.rows, old.columns, k)
            if not mine:
                self.copied[k] = old
        else:
            self.position[k] = self._new(*shape_of(i), k)
        if i.op in PAIRS:
            self.second[k] = self._new(*_shape_of_second(i, self.position[k]), -1)
        if i.op in _SCRATCH or i.op == "increased":
            # Further columns are changed, and each has a vector of numbers of its own.
            rows, more = (i.value[0], VECTOR) if i.op == "increased" else (_SCRATCH[i.op], 0)
            self.scratch[k] = self._new(rows, self.position[k].columns + more, -1)
            self._give_back(self.scratch[k].offset, self.scratch[k].size)

    def _new(self, rows: int, columns: int, k: int) -> Position:
        step = whole_vectors(columns)
        size = rows * step
        if k in self._result and rows == 1 and columns == self._carry:
            return Position("result", 0, rows, columns, step)
        fits = [space for space in self._free if space[1] >= size]
        if fits:
            offset, room = min(fits, key=lambda space: space[1])
            self._free.remove((offset, room))
            if room > size:
                self._free.append((offset + size, room - size))
        else:
            offset, self.size = self.size, self.size + size
        return Position("work", offset, rows, columns, step)

    def _release(self, root: int, k: int) -> None:
        """Free the position of an array that is not used any more, unless instruction k has changed it into its own."""
        kept = [self.position.get(k)] + ([self.second.get(k)] if k in self.second else [])
        op = self.code[root].op
        spaces = [self.position[root]] if op not in PAIRS and root in self.position else []
        if op in PAIRS:  # both results have their own registers, which free them
            spaces = []
            spaces += [self.position[root]] if (root, "first") not in self._named else []
            spaces += [self.second[root]] if (root, "second") not in self._named else []
        for space in spaces:
            if space.base == "work" and space not in kept:
                self._give_back(space.offset, space.size)

    def _give_back(self, offset: int, size: int) -> None:
        for space in list(self._free):
            if space[0] + space[1] == offset or offset + size == space[0]:
                self._free.remove(space)
                offset, size = min(offset, space[0]), size + space[1]
        self._free.append((offset, size))


def constants(program: Program, memory: Memory) -> dict[int, list[float]]:
    """The numbers of each constant array, rows up to whole vectors."""
    found: dict[int, list[float]] = {}
    for k, position in memory.position.items():
        if position.base == "constant" and program.code[k].op == "pack":
            values = [program.code[a].value for a in program.code[k].args]
            rows = [values[r * position.columns : (r + 1) * position.columns] for r in range(position.rows)]
            found[k] = [v for row in rows for v in (*row, *[0.0] * (position.step - position.columns))]
    return found
