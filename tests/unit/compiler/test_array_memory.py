"""The memory of arrays: no instruction overwrites what a later one reads, over all kernels of the agreement tests."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agreement import test_array_smoother_bits
from agreement.array_cases import CASES, Case
from foglight.compiler.backends import array_memory
from foglight.compiler.backends.array_memory import Memory, Position, constants, whole_vectors
from foglight.trace.array_functions import filled, input_array
from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.array_symbol import View
from foglight.trace.graph import Graph
from foglight.trace.program import LEAVES, Instruction, Program

Cell = tuple[str, int]  # a number in memory: its base and offset
CHANGING = ("put", "combine", "join")  # their first argument becomes their result
WITHOUT_ARRAY = ("item", "dot", "sum", "view")
TRIANGULAR = ("sweep", "packed", "squares")  # they read no entry below the diagonal of U


def cell(position: Position, row: int, column: int) -> Cell:
    base = f"constant {position.offset}" if position.base == "constant" else position.base
    offset = 0 if position.base == "constant" else position.offset
    return base, offset + row * position.step + column


def whole(position: Position) -> list[Cell]:
    """All cells that an array takes, the rest of its last vectors included: loops write there, too."""
    return [cell(position, row, column) for row in range(position.rows) for column in range(position.step)]


class Simulated:
    """Memory in which each cell knows the register that last wrote it.

    owner: of each cell.  A pair has two results: register k writes its second as -k - 1.
    """

    def __init__(self, program: Program, carry: int) -> None:
        self.code = program.code
        self.memory = Memory(program, carry)
        self.owner: dict[Cell, int] = {}
        self.ends = {k for ks in program.outputs.values() for k in ks}
        for k in constants(program, self.memory):
            self.write(self.memory.position[k], k)
        for k, i in enumerate(self.code):
            self.run(k, i)
        for k in self.ends:
            self.read(k, len(self.code))

    def write(self, position: Position, register: int) -> None:
        if position.base != "constant":
            assert 0 <= position.offset and position.columns <= position.step == whole_vectors(
                position.columns
            )
        if position.base == "work":
            assert position.offset + position.size <= self.memory.size
        for at in whole(position):
            self.owner[at] = register

    def cells(self, k: int) -> Iterator[Cell]:
        """What a register shows."""
        position = self.memory.position[self.memory.root(k)]
        view = (
            self.code[k].value if self.code[k].op == "view" else View.whole(position.rows, position.columns)
        )
        for index in indices(view):
            yield cell(position, *view.at(index))

    def read(self, k: int, reader: int) -> None:
        """Every number that a register shows is still its own."""
        root = self.memory.root(k)
        if root not in self.memory.position:
            return  # a scalar
        expected = {root}
        source = self.code[root]
        if source.op in ("first", "second"):
            expected = {source.args[0] if source.op == "first" else -source.args[0] - 1}
        for at in self.cells(k):
            assert self.owner.get(at) in expected, (
                reader,
                self.code[reader : reader + 1],
                k,
                self.code[k],
                at,
            )

    def run(self, k: int, i: Instruction) -> None:
        if i.op == "block":
            self.write(self.memory.position[k], k)
            return
        if i.op in LEAVES or i.op in ("view", "first", "second"):
            return
        if self.memory.position.get(k, Position("", 0, 0, 0, 0)).base == "constant":
            return
        for a in i.args:
            self.read(a, k)
        if i.op not in ARRAY_RULES or i.op in WITHOUT_ARRAY:
            return
        position = self.memory.position[k]
        assert position.base in ("work", "result"), "what a stage may not write"
        self.keeps_its_arguments(k, i)
        self.write(position, k)
        if k in self.memory.second:
            second = self.memory.second[k]
            assert not {*whole(second)} & {*whole(position)}
            self.write(second, -k - 1)

    def keeps_its_arguments(self, k: int, i: Instruction) -> None:
        """A loop reads its arguments while it writes its results: they are apart, but for the array that is changed."""
        written = {*whole(self.memory.position[k])}
        if i.op in CHANGING:
            root = self.memory.root(i.args[0])
            old, new = self.memory.position[root], self.memory.position[k]
            assert (old == new) != (k in self.memory.copied)
            if k in self.memory.copied:
                assert self.memory.copied[k] == old and not {*whole(old)} & written
            changed = self.changed(k, i)
        else:
            changed = written
        if k in self.memory.second:
            changed |= {*whole(self.memory.second[k])}
        for a in i.args[1 if i.op in CHANGING else 0 :]:
            if self.memory.root(a) in self.memory.position:
                assert not {*self.cells(a)} & changed, (k, i)

    def changed(self, k: int, i: Instruction) -> set[Cell]:
        """The cells that an operation changes; of rows, up to whole vectors."""
        position = self.memory.position[k]
        if i.op in ("combine", "join"):
            return {*whole(position)}
        return {cell(position, *i.value.at(index)) for index in indices(i.value)}


def indices(view: View) -> Iterator[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for size in view.shape:
        found = [(*index, j) for index in found for j in range(size)]
    return iter(found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_array_is_overwritten_while_it_is_needed(case: Case) -> None:
    for stage in case.kernel.stages:
        Simulated(stage.program, len(case.kernel.carry))


@pytest.mark.parametrize("name", test_array_smoother_bits.RECIPES)
def test_nor_in_kernels_that_smooth_draw_simulate_or_predict_readings(name: str) -> None:
    kernel, *_ = test_array_smoother_bits.case(name)
    for stage in kernel.stages:
        Simulated(stage.program, len(kernel.carry))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_array_is_as_large_as_its_memory(case: Case) -> None:
    """A loop writes what its arguments' sizes say: a result of another size would overwrite its neighbours."""
    for stage in case.kernel.stages:
        memory = Memory(stage.program, len(case.kernel.carry))
        keys = {i.value for i in stage.program.code if i.op == "input"}
        inputs = {key: np.full(2, 0.5) for key in keys}
        inputs |= {("carry", k): np.full(2, 0.5) for k in range(len(case.kernel.carry))}
        for k, found in enumerate(registers(stage.program, inputs)):
            if k in memory.position and isinstance(
                found, np.ndarray
            ):  # a pair's results have registers of their own
                position = memory.position[k]
                assert found.shape[:2] == (position.rows, position.columns), (k, stage.program.code[k])


def registers(program: Program, inputs: dict[Any, Any]) -> list[Any]:
    """The values of all registers."""
    every = replace(program, outputs={"all": tuple(range(len(program.code)))})
    return every.evaluate(inputs)["all"]


def test_memory_is_used_again() -> None:
    """All arrays of a stage one after the other would take several times as much."""
    for stage in CASES[2].kernel.stages:
        memory = Memory(stage.program, len(CASES[2].kernel.carry))
        made = [
            k for k, p in memory.position.items() if p.base == "work" and stage.program.code[k].op != "first"
        ]
        assert memory.size < 0.5 * sum(memory.position[k].size for k in made)


def kernel_outputs(graph: Graph, carry: Any) -> Program:
    groups: dict[str, Any] = {"carry": carry, "commit": [True], "record": [], "sums": [], "status": []}
    return Program.of(graph, groups)


def test_what_is_read_later_is_copied_before_it_is_changed() -> None:
    graph = Graph()
    x = input_array(graph, "carry", 0, 9) + 1.0
    y = x.copy()
    y[3] = 7.0
    program = kernel_outputs(graph, x * y)
    assert len(Simulated(program, 9).memory.copied) == 1
    y = x.copy()
    y[3] = 7.0
    assert Simulated(kernel_outputs(graph, y + 1.0), 9).memory.copied == {}


def test_an_array_may_be_filled_from_another_part_of_itself() -> None:
    """Where the parts overlap, from a copy: a loop would read what it has just written."""
    graph = Graph()
    A = filled(graph, "unit", (10, 10))
    A[2, 3:] = A[3:, 4]
    A[1:, 2] = A[2, 1:]
    Simulated(kernel_outputs(graph, A[2] + A[:, 2]), 10)
    x = input_array(graph, "carry", 0, 9) + 1.0
    x[1:] = x[:-1]
    Simulated(kernel_outputs(graph, x), 9)


def test_a_planted_defect_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that is given back one instruction too early."""
    really = Memory._visit

    def early(self: Memory, k: int, i: Instruction) -> None:
        for a in {self.root(a) for a in i.args}:
            if self._used[a] == k and i.op not in (*CHANGING, "view", "first", "second"):
                self._release(a, k)
        really(self, k, i)

    monkeypatch.setattr(array_memory.Memory, "_visit", early)
    with pytest.raises(AssertionError):
        for stage in CASES[0].kernel.stages:
            Simulated(stage.program, len(CASES[0].kernel.carry))


def joined(read: bool, count: int) -> tuple[Memory, int]:
    """40 zeros, of which two vectors write the first 20 and the last `count`, and the register of the zeros.

    read: whether one of them is read in between.
    """
    graph = Graph()
    left, right = (input_array(graph, "carry", first, 20) for first in (0, 20))
    both = filled(graph, "zero", (40,))
    both[:20] = left
    between = both[30] if read else graph.lift(0.0)
    both[40 - count :] = right[:count]
    program = Program.of(graph, {"carry": both, "read": [between]})
    return Memory(program, 40), next(k for k, i in enumerate(program.code) if i.op == "filled")


@pytest.mark.parametrize(
    ("read", "count", "written"), [(False, 20, True), (True, 20, False), (False, 19, False)]
)
def test_zeros_that_are_written_anyway(read: bool, count: int, written: bool) -> None:
    """Only if all of them are, and if nothing reads one before."""
    memory, zeros = joined(read, count)
    assert memory.written(zeros) is written
