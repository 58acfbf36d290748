"""Operations on entries, of which several that follow one another are one loop: what only they use stays in registers.

The name of such a loop says all that it does, so that equal ones are compiled once, wherever they come from:

    run_KINDS_OP.ARG.ARG_OP.ARG_out.V.V

KINDS: of each argument, "r" for rows of entries next to each other, "c" for one number a row, "s" for a scalar.
ARG: a0, a1, ... are those given, v0, v1, ... the results of the operations.  out: the results that are stored.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from foglight.compiler.backends.array_memory import Memory, Position
from foglight.compiler.backends.llvm_function import VECTOR, Function, V
from foglight.trace.array_symbol import View
from foglight.trace.primitives import MASKS
from foglight.trace.program import Program

LONGEST = 128  # operations of a run: beyond that, compiling them together takes longer
_CONDITIONS = {"select": 1, "and": 2, "or": 2, "not": 1}  # how many of the arguments are conditions


class Run(NamedTuple):
    """Some operations as one loop: its name, the registers that it is given, and those that it stores."""

    name: str
    given: list[int]
    stored: list[int]


class Runs:
    """Which operations on entries of a Program may follow one another in a loop."""

    def __init__(self, program: Program, memory: Memory) -> None:
        self.code = program.code
        self.memory = memory
        self.users: dict[int, list[int]] = {}
        for k, i in enumerate(self.code):
            if i.op != "view":
                for a in i.args:
                    self.users.setdefault(memory.root(a), []).append(k)
        for ks in program.outputs.values():
            for k in ks:
                self.users.setdefault(memory.root(k), []).append(len(self.code))

    def continues(self, k: int, run: Sequence[int]) -> bool:
        """Whether operation k may be in one loop with those of a run: it has their shape, and finds each entry at its
        own position in those results of theirs that it needs."""
        if not run:
            return True
        if len(run) == LONGEST or self.code[k].value[1] != self.code[run[0]].value[1]:
            return False
        made = set(run)
        return all(self._is_in_position(a) for a in self.code[k].args if self.memory.root(a) in made)

    def _is_in_position(self, a: int) -> bool:
        """Whether each entry of an argument is at its own position in the array that it shows."""
        i = self.code[a]
        if i.op != "view":
            return True
        view: View = i.value
        root = self.memory.root(a)
        position = self.memory.position[root]
        down, right = position.distances(view)
        same_rows = down == position.step or len(view.shape) == 1 or view.shape[0] == 1
        return same_rows and right == 1 and not position.first(view)

    def parts(self, run: Sequence[int], kind: Callable[[int], str]) -> Iterator[Sequence[int]]:
        """A run in loops, of which none overwrites what it reads later on."""
        made = set(run)
        read: list[tuple[Position, bool]] = []
        for number, k in enumerate(run):
            mine = self.memory.position[k]
            if self._is_used(k, made) and any(_collide(mine, *other) for other in read):
                yield from self.parts(run[:number], kind)
                yield from self.parts(run[number:], kind)
                return
            for a in self.code[k].args:
                root = self.memory.root(a)
                if root in self.memory.position and root not in made:
                    read.append((self.memory.position[root], kind(a) == "r" and self._is_in_position(a)))
        yield run

    def _is_used(self, k: int, within: set[int]) -> bool:
        """Whether a result is used outside a run."""
        return any(user not in within for user in self.users.get(k, ()))

    def described(self, run: Sequence[int], kind: Callable[[int], str]) -> Run:
        """The loop of a run. kind: of each register."""
        names: dict[int, str] = {}
        given: list[int] = []
        words = []
        made = set(run)
        for number, k in enumerate(run):
            arguments = []
            for a in self.code[k].args:
                root = self.memory.root(a)
                key = root if root in made else a
                if key not in names:
                    names[key] = f"a{len(given)}"
                    given.append(a)
                arguments.append(names[key])
            words.append(".".join([self.code[k].value[0], *arguments]))
            names[k] = f"v{number}"
        stored = [k for k in run if self._is_used(k, made)]
        out = ".".join(["out", *(names[k] for k in stored)])
        return Run("_".join(["run", "".join(map(kind, given)), *words, out]), given, stored)


def _collide(mine: Position, other: Position, whole: bool) -> bool:
    """Whether writing one array may overwrite what is still to be read of another one. whole: that is read entry by
    entry where each is written."""
    if mine.base != other.base or mine.offset >= other.offset + other.size:
        return False
    if other.offset >= mine.offset + mine.size:
        return False
    return not (whole and (mine.offset, mine.step) == (other.offset, other.step))


def run(name: str) -> str:
    """The loop of this name: rows of entries, each of the arrays with the step between its rows."""
    _, kinds, *words, last = name.split("_")
    outs = last.split(".")[1:]
    signature = [f"ptr %o{k}, i64 %ldo{k}" for k in range(len(outs))]
    signature += [
        f"ptr %a{k}, i64 %ld{k}" if kind != "s" else f"double %a{k}" for k, kind in enumerate(kinds)
    ]
    f = Function(f"void @{name}(i64 %rows, i64 %n, {', '.join(signature)}) #0")
    same = {f"a{k}": f.broadcast(f"%a{k}") for k, kind in enumerate(kinds) if kind == "s"}

    def row(i: str) -> list[str]:
        def start(pointer: str, step: str) -> str:
            return f.address(pointer, f.new(f"mul i64 {i}, {step}"))

        starts = {f"a{k}": start(f"%a{k}", f"%ld{k}") for k, kind in enumerate(kinds) if kind != "s"}
        ends = [start(f"%o{k}", f"%ldo{k}") for k in range(len(outs))]
        in_row = {
            f"a{k}": f.broadcast(f.load(starts[f"a{k}"], "0")) for k, kind in enumerate(kinds) if kind == "c"
        }

        def entries(c: str) -> list[str]:
            values = _Values(f, same | in_row)
            values.numbers |= {a: f.load(at, c, V) for a, at in starts.items() if a not in in_row}
            for number, word in enumerate(words):
                op, *arguments = word.split(".")
                values.add(f"v{number}", op, arguments)
            for out, at in zip(outs, ends, strict=True):
                f.store(values.number(out), at, c, V)
            return []

        f.loop("%n", entries, step=VECTOR)
        return []

    f.loop("%rows", row)
    return f.text()


class _Values:
    """Vectors of numbers and conditions, by their names."""

    def __init__(self, f: Function, numbers: dict[str, str]) -> None:
        self.f = f
        self.numbers = dict(numbers)
        self.conditions: dict[str, str] = {}

    def add(self, name: str, op: str, arguments: Sequence[str]) -> None:
        """The result of one operation."""
        count = _CONDITIONS.get(op, 0)
        given = [self.condition(a) if k < count else self.number(a) for k, a in enumerate(arguments)]
        (self.conditions if op in MASKS else self.numbers)[name] = self.f.operation(op, given)

    def number(self, name: str) -> str:
        """A vector of numbers; a condition is 1.0 or 0.0."""
        if name not in self.numbers:
            f = self.f
            self.numbers[name] = f.new(f"uitofp {f.mask} {self.conditions[name]} to {V}")
        return self.numbers[name]

    def condition(self, name: str) -> str:
        """Where a condition holds."""
        if name not in self.conditions:
            self.conditions[name] = self.f.condition(self.numbers[name])
        return self.conditions[name]
