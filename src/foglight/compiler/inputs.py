"""The inputs of a stage, as symbols or as floats, and the label of each number of a row."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from foglight.compiler import adaptation, recovery
from foglight.compiler.charted_curve import ChartedCurve
from foglight.compiler.curves import MatrixCurve, SymbolicCurve
from foglight.compiler.user_functions import motion_function, sensor_function
from foglight.core.types import Array
from foglight.equations import delayed, diffuse
from foglight.equations.robust import variances
from foglight.methods.layout import Layout, belief_of, upper
from foglight.methods.method import Curve, Method
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.model.part_functions import own_controls
from foglight.trace.array_functions import input_array
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.ops import maximum, sqrt, squares


class Inputs(ABC):
    """The numbers that a stage reads, by their meaning. A stage whose belief is not the carried one sets `belief`."""

    traced: bool
    # What stands for a call of an opaque function while a stage is traced; None where the function itself is called.
    asked: Callable[..., Any] | None = None

    def __init__(self, model: Model, method: Method) -> None:
        self.model = model
        self.method = method

    @abstractmethod
    def number(self, source: str, index: int, label: str) -> Any:
        """One number of "carry", "dt", "u", "row", "z" or "params"."""

    @abstractmethod
    def plain_curve(self, part: Motion | Sensor) -> Curve:
        """The part's function, as methods use it, of the coordinates x; its values are those that functions see."""

    def curve(self, part: Motion | Sensor) -> Curve:
        """The part's function, as methods use it."""
        curve = self.plain_curve(part)
        charts = self.model.charts
        return ChartedCurve(curve, charts) if charts.parts and isinstance(part, Motion) else curve

    def numbers(self, source: str, labels: Sequence[str], first: int = 0) -> list[Any]:
        """One number per label, from index `first` on."""
        return [self.number(source, first + i, label) for i, label in enumerate(labels)]

    def array(self, source: str, labels: Sequence[str], first: int = 0) -> Any:
        """The same as an array, traced as a whole where stages are."""
        return np.array(self.numbers(source, labels, first))

    @cached_property
    def dt(self) -> Any:
        """The length of the step, in seconds."""
        return self.number("dt", 0, "dt")

    @cached_property
    def carry(self) -> Any:
        """All numbers that a filter carries."""
        return np.array(self.numbers("carry", carry_labels(self.model, self.method)))

    @cached_property
    def belief(self) -> Any:
        """The belief that the stage starts from."""
        return belief_of(self.method, self.carry, len(self.model.state))

    @cached_property
    def anchor(self) -> list[Any]:
        """The anchors of rotations; empty if there are none."""
        n, size = len(self.model.state), self.model.charts.size
        return (
            list(self.carry[Layout(n, self.method.directions, size, self.method.delayed).anchor])
            if size
            else []
        )

    def seen(self, x: Any) -> Vector:
        """What functions of the model see at the coordinates x."""
        return self.model.charts.vector(x, self.anchor)

    def stds(self) -> Any:
        """The standard deviations of the belief, its unknown directions included with their weights."""
        belief = self.belief
        whole = isinstance(belief.x, ArraySymbol)
        found: Any = squares(belief.U, belief.D) if whole and self.method.factored else variances(belief)
        if isinstance(belief, diffuse.Belief | delayed.Belief):
            found = found + (belief.A * belief.A) @ belief.w
        if whole:
            return sqrt(maximum(found, 0.0))
        return np.array([sqrt(maximum(v, 0.0)) for v in found], found.dtype)

    @cached_property
    def point(self) -> list[Any]:
        """The carried point at which the sensors of the row are linearised; empty unless the method is joint."""
        n = len(self.model.state) * self.method.joint
        method = self.method
        first = Layout(n, method.directions, self.model.charts.size, method.delayed).anchor.stop
        return list(self.carry[first : first + n]) if n else []

    @cached_property
    def rejections(self) -> recovery.Records:
        """What is carried about the rejections of each sensor that may widen the belief."""
        return recovery.records_of(self.model, self.method, self.carry[: len(self.carry) - self._adaptive])

    @cached_property
    def adapted(self) -> adaptation.Adapted:
        """What is carried of noises that are adapted."""
        return adaptation.adapted_of(self.model, self.method, self.carry)

    @property
    def _adaptive(self) -> int:
        """How many numbers those are."""
        return adaptation.size(self.model, self.method)

    @cached_property
    def u(self) -> Vector:
        """All inputs of the model, by name: its controls, and t if a function names it."""
        names = self.model.inputs
        return Vector(names, self.numbers("u", names), "control")

    def controls(self, part: Motion | Sensor) -> tuple[Vector, ...]:
        """The last argument of the part's functions: its own inputs, nothing if it has none."""
        return own_controls(self.u, part)

    @cached_property
    def rows(self) -> dict[str, Array]:
        """The matrices that a linear model gives row by row."""
        labels = row_labels(self.model)
        arrays, first = {}, 0
        for name, values in self.model.rows.items():
            shape = values.shape[1:]
            size = int(np.prod(shape))
            found = self.numbers("row", labels[first : first + size], first)
            arrays[name] = np.array(found, dtype=object if self.traced else float).reshape(shape)
            first += size
        return arrays

    def params(self, part: Motion | Sensor) -> Vector:
        """The part's own parameters, by their own names."""
        names = tuple(part.params)
        indices = self.model.parameter_indices[MOTION if isinstance(part, Motion) else part.name]
        values = [self.number("params", i, name) for i, name in zip(indices, names, strict=True)]
        return Vector(names, values, "parameter")

    def matrix(self, name: str) -> Array:
        """A matrix of a linear model: this row's, or the constant one."""
        return self.rows[name] if name in self.rows else self.model.matrices[name]

    def function(self, part: Motion | Sensor) -> Any:
        """The part's function of the state, from array to array."""
        return motion_function(self) if isinstance(part, Motion) else sensor_function(self, part)

    def angles(self, part: Motion | Sensor) -> tuple[int, ...]:
        """The indices of the states, or of the measures, that are angles."""
        return indices(part.angles, self.model.state if isinstance(part, Motion) else part.measures)

    def plain_angles(self, part: Motion | Sensor) -> tuple[int, ...]:
        """The indices of the values of the part's function that are angles."""
        return indices(part.angles, part.ambient if isinstance(part, Motion) else part.measures)


class SymbolInputs(Inputs):
    """The inputs as symbols, labelled for the reader of generated code.

    given: symbols that stand for inputs, by source and index."""

    traced = True

    def __init__(self, model: Model, method: Method, graph: Graph, *, arrays: bool = False) -> None:
        super().__init__(model, method)
        self.graph = graph
        self.arrays = arrays
        self.given: dict[tuple[str, int], Any] = {}
        if arrays:
            self.carry = input_array(graph, "carry", 0, len(carry_labels(model, method)))
        self._curves: list[tuple[str, SymbolicCurve | MatrixCurve]] = []
        # Inputs are numbered in the order of first use. Using them here makes that order the same in every kernel.
        _ = self.dt, self.belief, self.rejections, self.u, self.rows

    def number(self, source: str, index: int, label: str) -> Any:
        key = (source, index)
        return self.given[key] if key in self.given else self.graph.input(key, label)

    def array(self, source: str, labels: Sequence[str], first: int = 0) -> Any:
        if self.arrays:
            return input_array(self.graph, source, first, len(labels))
        return super().array(source, labels, first)

    def plain_curve(self, part: Motion | Sensor) -> Curve:
        curve: SymbolicCurve | MatrixCurve
        name = f"{MOTION}.dynamics" if isinstance(part, Motion) else f"{part.name}.measure"
        if self.arrays and (self.model.matrices or self.model.rows):
            A, b = (self.matrix(name) for name in (("F", "b") if isinstance(part, Motion) else ("H", "d")))
            curve = MatrixCurve(A, b, self.angles(part))
        else:
            by_value = "rotations" if self.model.charts.parts else ""
            slopes = self.model.kernels.setdefault(("slope", name), {}) if self.arrays else None
            curve = SymbolicCurve(self.graph, self.function(part), self.plain_angles(part), by_value, slopes)
        self._curves.append((name, curve))
        return curve

    def note(self) -> str:
        """A note for users on how the curves were computed."""
        return "; ".join(filter(None, (curve.note(self.method, name) for name, curve in self._curves)))


def detail_sizes(n: int, sizes: Sequence[int]) -> list[int]:
    """How many numbers of S (upper triangle) and K each sensor writes to a detail record."""
    return [m * (m + 1) // 2 + n * m for m in sizes]


def carry_labels(model: Model, method: Method) -> tuple[str, ...]:
    """A label for each carried number: the states, U and D (or P) by pairs of states, the unknown directions and their
    weights, the anchors of rotations, the point at which sensors are linearised, and what is carried about rejected
    readings and of noises that are adapted."""
    names = model.state
    letters = ("U", "D") if method.factored else ("P", "P")
    triangle = [f"{letters[i == j]}[{names[i]},{names[j]}]" for i, j in upper(len(names))]
    unknown = [f"unknown direction {j} of {name}" for j in range(method.directions) for name in names]
    weights = [f"weight of unknown direction {j}" for j in range(method.directions)]
    layout = Layout(len(names), method.directions, delayed=method.delayed)
    regression = [
        f"number {k} of the regression on the start" for k in range(len(Layout.indices(layout.regression)))
    ]
    weights += ["updates of known states before the regression ends"] * method.delayed
    point = [f"{name} where the sensors are linearised" for name in names] * method.joint
    own = (*recovery.labels(model, method), *adaptation.labels(model, method))
    return (*names, *triangle, *regression, *unknown, *weights, *model.charts.labels, *point, *own)


def row_labels(model: Model) -> tuple[str, ...]:
    """A label for each number that a linear model gives row by row."""
    labels = []
    for name, array in model.rows.items():
        labels += [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(array.shape[1:])]
    return tuple(labels)


def indices(names: Sequence[str], among: Sequence[str]) -> tuple[int, ...]:
    """The index of each of these names in `among`."""
    return tuple(among.index(name) for name in names)
