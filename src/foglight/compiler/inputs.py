"""The symbols that a stage starts from, and what each carried number and each number of a row is called."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.types import Array
from foglight.methods.layout import belief_of, upper
from foglight.methods.method import Method
from foglight.model.model import Model, Motion, Sensor
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector

TRACED_BELOW = 60_000  # nodes; a longer trace would not be compiled anyway


class Inputs:
    """The symbols that a stage starts from, named for the reader of generated code."""

    traced = True

    def __init__(self, model: Model, method: Method, graph: Graph) -> None:
        self.model = model
        self.method = method
        self.graph = graph
        self.dt = graph.input(("dt", 0), "dt")
        self.carry = np.array(
            [graph.input(("carry", i), name) for i, name in enumerate(carry_labels(model, method))]
        )
        self.belief = belief_of(method, self.carry, len(model.state))
        self.clocks = clocks_of(model, method, self.carry)
        self.u = self._vector("control", "u", 0, model.motion.controls)
        self.rows = self._row_arrays()

    def params(self, part: Motion | Sensor) -> Vector:
        """The part's own parameters, by their own names."""
        return self._vector("parameter", "params", parameter_offset(self.model, part), tuple(part.params))

    def matrix(self, name: str) -> Array:
        """A matrix of a linear model: this row's, or the constant one."""
        return self.rows[name] if name in self.rows else self.model.matrices[name]

    def _row_arrays(self) -> dict[str, Array]:
        labels = row_labels(self.model)
        arrays, first = {}, 0
        for name, values in self.model.rows.items():
            shape = values.shape[1:]
            size = int(np.prod(shape))
            symbols = [self.graph.input(("row", first + i), labels[first + i]) for i in range(size)]
            arrays[name] = np.array(symbols, dtype=object).reshape(shape)
            first += size
        return arrays

    def _vector(self, kind: str, source: str, first: int, names: tuple[str, ...]) -> Vector:
        return Vector(
            names, [self.graph.input((source, first + i), name) for i, name in enumerate(names)], kind
        )


def detail_sizes(n: int, sizes: Sequence[int]) -> list[int]:
    """How many numbers of S (upper triangle) and K each sensor leaves in a detail record."""
    return [m * (m + 1) // 2 + n * m for m in sizes]


def carry_labels(model: Model, method: Method) -> tuple[str, ...]:
    """A name for each carried number: the states, U and D (or P) by pairs of states, the unknown directions and their
    weights, a clock a gated sensor."""
    names = model.state
    letters = ("U", "D") if method.factored else ("P", "P")
    triangle = [f"{letters[i == j]}[{names[i]},{names[j]}]" for i, j in upper(len(names))]
    unknown = [f"unknown direction {j} of {name}" for j in range(method.directions) for name in names]
    weights = [f"weight of unknown direction {j}" for j in range(method.directions)]
    clocks = [f"clock of {sensor} (-1 when off)" for sensor in method.gated(model.sensor_names)]
    return (*names, *triangle, *unknown, *weights, *clocks)


def clocks_of(model: Model, method: Method, values: Array) -> dict[str, Any]:
    """The clock of each gated sensor among carried numbers: seconds since it began to be rejected, else negative."""
    gated = method.gated(model.sensor_names)
    return dict(zip(gated, values[len(values) - len(gated) :], strict=True))


def row_labels(model: Model) -> tuple[str, ...]:
    """A name for each number that a linear model gives row by row."""
    labels = []
    for name, array in model.rows.items():
        labels += [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(array.shape[1:])]
    return tuple(labels)


def parameter_offset(model: Model, part: Motion | Sensor) -> int:
    """Where the part's parameters start among all parameters of the model."""
    offset = 0
    parts: list[Motion | Sensor] = [model.motion, *model.sensors]
    for other in parts:
        if other is part:
            return offset
        offset += len(other.params)
    raise ValueError("not a part of this model")


def indices(names: Sequence[str], among: Sequence[str]) -> tuple[int, ...]:
    """Where these names stand among those."""
    return tuple(among.index(name) for name in names)
