"""A stage whose opaque functions are called from outside: traced with what they return as further inputs.

A function declared `fog.opaque` cannot be traced, but everything around it can. While a stage is traced, each call is
noted with its arguments, which are symbols, and what it returns is a row of new inputs, after the controls in u. The
numbers that one call needs may depend on those that an earlier one returned, as the second linearisation of an iterated
EKF does: calls that can be made together form a batch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from foglight.compiler.curves import spread_of_values
from foglight.compiler.finite_differences import slopes, slopes_of_whole, spread_of_whole
from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.noise_checks import asymmetric
from foglight.compiler.recipe import Recipe, StageRecipe
from foglight.compiler.user_functions import vector_of
from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.equations.ud import split
from foglight.methods.method import Curve, Method
from foglight.model.model import MOTION, Motion, Opaque, Sensor
from foglight.trace.array_functions import input_array
from foglight.trace.array_symbol import ArraySymbol, entries
from foglight.trace.graph import Graph
from foglight.trace.ops import any_of, in_type_of, joined, select
from foglight.trace.program import Program, reach
from foglight.trace.symbol import Symbol

Read = Callable[[Any, str], Any]  # what a function returned, checked and shaped; the name of the function


@dataclass(frozen=True)
class Call:
    """One call of an opaque function in a row, or calls at several points of a stage on whole arrays.

    what: its name, such as "radar.measure".  read: what shapes its result.  points: the states that it is called with,
    one after the other.  condition: a mask, where it is called.  first: of the numbers of its results among the columns
    of u.  size: of one result.  count: of points.
    """

    what: str
    part: Motion | Sensor
    function: Opaque
    read: Read
    points: tuple[Symbol, ...] | ArraySymbol
    condition: Any
    first: int
    size: int
    count: int = 1

    @property
    def end(self) -> int:
        """The first column of u after its results."""
        return self.first + self.size * self.count


@dataclass(frozen=True)
class Group:
    """Calls of one function, made one after the other. flag: where its condition is among the numbers that a batch
    asks for.  starts: where the state of each call begins there."""

    call: Call
    flag: int
    starts: tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """Calls that are made together. program: its record is what they need: 1, the conditions, the states. width: how
    many numbers these are."""

    program: Program
    groups: tuple[Group, ...]
    width: int


class Calls:
    """The calls of opaque functions in one stage, noted while it is traced. first: the first free column of u.  whole:
    whether the stage is on whole arrays."""

    def __init__(
        self, graph: Graph, first: int, condition: Callable[[Motion | Sensor], Any], whole: bool
    ) -> None:
        self.graph = graph
        self.found: list[Call] = []
        self._first = first
        self._whole = whole
        self._condition = condition
        self._known: dict[tuple[Any, ...], Any] = {}

    @property
    def end(self) -> int:
        """The first column of u after those of these calls."""
        return self.found[-1].end if self.found else self._first

    def note(self, what: str, part: Motion | Sensor, function: Opaque, read: Read, x: Any) -> Any:
        """What the function returns at this state, as symbols; the same for a call that was noted before."""
        point = tuple(self.graph.lift(value) for value in x)
        key = (what, *[value.serial for value in point])
        if key not in self._known:
            n = _size(part, what)
            noise = what.endswith(".noise")
            size = n if not noise else n * n + n + 1 if isinstance(part, Motion) else n * n
            first = self.end
            self.found.append(Call(what, part, function, read, point, self._condition(part), first, size))
            if self._whole and size > n * n:
                self._known[key] = _whole_noise(input_array(self.graph, "u", first, size), n)
            else:
                numbers = [self.graph.input(("u", first + k), f"{what} {k}") for k in range(size)]
                found = np.array([*numbers, None], dtype=object)[:-1]
                self._known[key] = _noise(found, n) if noise else found
        return self._known[key]

    def note_each(
        self, what: str, part: Motion | Sensor, function: Opaque, read: Read, X: ArraySymbol
    ) -> Any:
        """What the function returns at each row of X, as the rows of an array as a whole."""
        count, size, first, points = len(X), _size(part, what), self.end, X.ravel()
        key = (what, points.node.serial)
        if key not in self._known:
            self.found.append(
                Call(what, part, function, read, points, self._condition(part), first, size, count)
            )
            self._known[key] = input_array(self.graph, "u", first, count * size).reshape(count, size)
        return self._known[key]

    def batches(self, carry: Sequence[str]) -> Iterator[Batch]:
        """The calls, as few batches as their order allows. carry: the labels of what is carried."""
        together: list[Call] = []
        for call in self.found:
            begin = together[0].first if together else call.first
            points = call.points
            needed = [points.node] if isinstance(points, ArraySymbol) else [*points]
            needed += [call.condition] if isinstance(call.condition, Symbol) else []
            if any(begin <= column < call.first for node in reach(needed) for column in _columns_of(node)):
                yield self._batch(together, carry)
                together = []
            together.append(call)
        if together:
            yield self._batch(together, carry)

    def _batch(self, calls: Sequence[Call], carry: Sequence[str]) -> Batch:
        runs = [list(run) for _, run in groupby(calls, key=lambda call: call.what)]
        flags: list[Any] = [1.0, *[select(run[0].condition, 1.0, 0.0) for run in runs]]
        groups, end = [], len(flags)
        for k, run in enumerate(runs):
            n = len(run[0].points) // run[0].count
            starts = tuple(end + n * i for i in range(sum(call.count for call in run)))
            groups.append(Group(run[0], 1 + k, starts))
            end += n * len(starts)
        record = joined(flags, *[call.points for call in calls])
        kept: Any = [self.graph.input(("carry", i), label) for i, label in enumerate(carry)]
        if self._whole:
            kept = input_array(self.graph, "carry", 0, len(carry))
        outputs: dict[str, Any] = {
            "carry": kept,
            "commit": [True],
            "record": record,
            "sums": [],
            "status": [],
        }
        return Batch(Program.of(self.graph, outputs), tuple(groups), end)


class OpaqueInputs(SymbolInputs):
    """The inputs of a stage as symbols, with what opaque functions return among them."""

    def __init__(
        self, recipe: Recipe, stage: StageRecipe, graph: Graph, first: int, arrays: bool = False
    ) -> None:
        super().__init__(recipe.model, recipe.method, graph, arrays=arrays)
        self._stage = stage
        self.calls = Calls(graph, first, self._condition, arrays)

    def asked(self, what: str, function: Opaque, read: Read, x: Any) -> Any:
        """What an opaque function returns at this state, as symbols."""
        name = what.rpartition(".")[0]
        part = self.model.motion if name == MOTION else next(s for s in self.model.sensors if s.name == name)
        return self.calls.note(what, part, function, read, x)

    def plain_curve(self, part: Motion | Sensor) -> Curve:
        function = part.dynamics if isinstance(part, Motion) else part.measure
        if not isinstance(function, Opaque):
            return super().plain_curve(part)
        each = self._each(part, function) if self.arrays and not self.model.charts.parts else None
        return OpaqueCurve(self.function(part), self.stds, self.plain_angles(part), each)

    def _each(self, part: Motion | Sensor, function: Opaque) -> Callable[[ArraySymbol], ArraySymbol]:
        """From states, the rows of an array as a whole, to what a function of the state returns for each."""
        what = f"{MOTION}.dynamics" if isinstance(part, Motion) else f"{part.name}.measure"
        read = vector_of(part.ambient if isinstance(part, Motion) else part.measures)
        return lambda X: self.calls.note_each(what, part, function, read, X)

    def _condition(self, part: Motion | Sensor) -> Any:
        """When the functions of a part are called in this stage. A sensor without a reading may lack its controls."""
        if isinstance(part, Motion) or self._stage.name == part.name:
            return True
        if self._stage.name in self.model.sensor_names:
            known: Any = True
            for control in [value for vector in self.controls(part) for value in vector]:
                known = known & (control == control)
            return known
        if not self.method.joint:
            return True
        at = next(at for sensor, at in self.model.blocks if sensor is part)
        z = [self.number("z", i, f"{part.name}.{name}") for i, name in enumerate(part.measures, at.start)]
        return any_of([value == value for value in z])


class OpaqueCurve:
    """An opaque function on symbols: its differences are those of its values.

    stds: of the belief.  each: the function of several states at once, where the stage is on whole arrays.
    """

    def __init__(
        self,
        value: Callable[[Array], Array],
        stds: Callable[[], Array],
        angles: tuple[int, ...],
        each: Callable[[ArraySymbol], ArraySymbol] | None,
    ) -> None:
        self.value = value
        self.stds = stds
        self.angles = angles
        self.each = each

    def linearise(self, x: Array) -> tuple[Array, Any]:
        if self.each is not None:
            stds = self.stds()
            middle, J = slopes_of_whole(self.each, in_type_of(stds, x), stds, self.angles)
            return entries(middle), J
        x = entries(x)
        y = self.value(x)
        return y, slopes(self.value, x, self.stds(), self.angles, len(y))

    def spread(self, x: Array, columns: Any) -> tuple[Array, Any, Any]:
        if self.each is not None:
            centre, *both = spread_of_whole(self.each, x, columns)
            return entries(centre), *both
        y, s, d = spread_of_values(self.value, entries(x), entries(columns))
        return y, in_type_of(columns, s), in_type_of(columns, d)

    def note(self, method: Method, what: str) -> str:
        """Nothing: the engine says what is opaque."""
        return ""


def _columns_of(node: Symbol) -> range:
    """The columns of u that a node of the graph reads."""
    if node.op == "input" and node.value[0] == "u":
        return range(node.value[1], node.value[1] + 1)
    if node.op == "block" and node.value[0] == "u":
        return range(node.value[1], node.value[1] + node.value[2])
    return range(0)


def _size(part: Motion | Sensor, what: str) -> int:
    """How many values a function returns, or a noise is about."""
    if not isinstance(part, Motion):
        return len(part.measures)
    return len(part.state if what.endswith(".noise") else part.ambient)


def _noise(numbers: Array, n: int) -> Array | Factored:
    """A noise as the engine passes it: the full R of a sensor; for the motion, Q or the G of a factor (n, n), the
    variances, and 1 for a factor, 0 for a full Q."""
    if len(numbers) == n * n:
        return numbers.reshape(n, n)
    matrix, variances, factored = numbers[: n * n].reshape(n, n), numbers[n * n : -1], numbers[-1] == 1.0
    L, d = _split(matrix)
    G = [select(factored, given, own) for given, own in zip(matrix.ravel(), L.ravel(), strict=True)]
    v = [select(factored, given, own) for given, own in zip(variances, d, strict=True)]
    return Factored(np.array(G, dtype=object).reshape(n, n), np.array(v, dtype=object))


def _whole_noise(numbers: ArraySymbol, n: int) -> Factored:
    """The same of the motion, as arrays as a whole."""
    matrix, variances = numbers[: n * n].reshape(n, n), numbers[n * n : n * n + n]
    L, d = _split(matrix)
    factored = numbers[n * n + n] == 1.0
    return Factored(select(factored, matrix, L), select(factored, variances, d))


def _split(matrix: Any) -> tuple[Any, Any]:
    """The factor of a full Q. What is no covariance gets a negative variance, which is refused as that of a factor
    is."""
    L, d, bad = split(matrix, given=True)
    d[0] = select(bad | asymmetric(matrix), -1.0, d[0])
    return L, d
