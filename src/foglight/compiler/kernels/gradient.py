"""From the Kernel of a filter to the Kernel of its likelihood's gradient.

Every stage carries, beside each number x, its derivative dx along a direction in the space of parameters. The direction
and the parameters themselves are carried too, one number each per parameter, and never change. So one kernel serves all
directions at all values of the parameters, and every backend runs them as tracks, side by side in its lanes. Whole
arrays fill the lanes with states instead, so there one kernel carries several directions, and the filter runs once for
all of them.

    carry  = x…, dx… (of each direction), d loglik (of each), direction… (each), θ…
    record = for each direction, and each independent innovation ε ~ N(0, S): dε/√S and d log S/√2

From the records of all directions, Σ (record recordᵀ) is the Fisher information (docs/reference/likelihood.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.array_functions import input_array
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.forward_mode import replayed, tangents
from foglight.trace.graph import Graph
from foglight.trace.ops import joined, reciprocal, sqrt
from foglight.trace.program import Program, lower
from foglight.trace.symbol import Symbol

SLOPE = "d loglik"
SQUARES = "nis"


@dataclass(frozen=True)
class GradientLayout:
    """The layout of a gradient kernel's carry, and of its records."""

    primal: int  # numbers that the filter itself carries
    parameters: int
    directions: int = 1
    moved: int = -1  # tangents of a direction, which follow; -1 for as many as the filter carries
    beside: int = 0  # numbers behind the values of the parameters, of which the first is the NIS

    def __post_init__(self) -> None:
        object.__setattr__(self, "moved", self.primal if self.moved < 0 else self.moved)

    @classmethod
    def of(cls, kernel: Kernel, parameters: int) -> "GradientLayout":
        """The layout of this gradient kernel."""
        directions = kernel.carry.count(SLOPE)
        primal = kernel.carry.index(f"d{' 1' if directions > 1 else ''} {kernel.carry[0]}")
        moved = (kernel.carry.index(SLOPE) - primal) // directions
        found = cls(primal, parameters, directions, moved)
        return replace(found, beside=len(kernel.carry) - found.values.stop)

    @property
    def tangent(self) -> int:
        """The index of the log-likelihood's derivative along the first direction; the others follow."""
        return self.primal + self.directions * self.moved

    @property
    def seeds(self) -> slice:
        """The indices of the directions."""
        first = self.tangent + self.directions
        return slice(first, first + self.directions * self.parameters)

    @property
    def values(self) -> slice:
        """The indices of the values of the parameters."""
        return slice(self.seeds.stop, self.seeds.stop + self.parameters)

    @property
    def stop(self) -> int:
        """How many numbers are carried."""
        stop: int = self.values.stop
        return stop + self.beside

    @property
    def squares(self) -> int | None:
        """The index of the NIS, None where that is not carried."""
        return self.stop - self.beside if self.beside else None


def log_variances(kernel: Kernel) -> list[int]:
    """The columns of d log S/√2 in a direction's part of a record; in each stage, those of dε/√S come before them."""
    columns: list[int] = []
    for stage in kernel.stages:
        own = stage.record[: len(stage.record) // kernel.carry.count(SLOPE)]
        columns += own[len(own) // 2 :]
    return columns


def gradient_kernel(
    kernel: Kernel, which: tuple[int, ...], graph_limit: int | None = None, directions: int = 1
) -> Kernel:
    """The gradient kernel of a kernel that is not lowered, in the parameters with these indices.

    Raises TooLongError if a stage has more nodes than `graph_limit`.
    """
    names = [kernel.labels["params"][i] for i in which]
    numbers = [""] if directions == 1 else [f" {c + 1}" for c in range(directions)]
    moved = [f"d{c} {name}" for c in numbers for name in kernel.carry]
    labels = (*kernel.carry, *moved, *[SLOPE] * directions, *seed_labels(numbers, names), *names)
    layout = GradientLayout(len(kernel.carry), len(which), directions)
    sizes = [len(stage.program.outputs.get("white", ())) for stage in kernel.stages]
    stages = []
    for stage, record in zip(kernel.stages, record_columns(sizes, directions), strict=True):
        program = lower(_extended(stage.program, layout, which, labels, graph_limit), kernel.dtype)
        stages.append(replace(stage, program=program, record=record))
    return with_stages(kernel, stages, labels, directions * sum(sizes))


def record_columns(sizes: Sequence[int], directions: int) -> list[tuple[int, ...]]:
    """The columns of each stage's record of this size along one direction: all stages, direction by direction."""
    width, firsts = sum(sizes), np.cumsum([0, *sizes]).tolist()
    return [
        tuple(c * width + first + k for c in range(directions) for k in range(size))
        for first, size in zip(firsts, sizes, strict=False)
    ]


def with_stages(kernel: Kernel, stages: Sequence[Stage], labels: tuple[str, ...], width: int) -> Kernel:
    """The gradient kernel of a filter's kernel, with these stages, labels of what is carried, and width of a record."""
    return replace(
        kernel,
        name=f"gradient of {kernel.name}",
        stages=tuple(stages),
        carry=labels,
        snapshots={},
        sums=-1,
        status=-1,
        width=width,
    )


def seed_labels(numbers: Sequence[str], names: Sequence[str]) -> list[str]:
    """The labels of the directions, by their numbers and the names of the parameters."""
    return [f"direction{c} of {name}" for c in numbers for name in names]


def _extended(
    program: Program,
    layout: GradientLayout,
    which: tuple[int, ...],
    labels: tuple[str, ...],
    limit: int | None,
) -> Program:
    constants = sum(i.op == "const" for i in program.code) if program.on_arrays else 0
    graph = Graph(limit=limit and limit + constants)
    carried = _Arrays(graph, layout) if program.on_arrays else _Scalars(graph, layout, labels)
    values = carried.numbers(layout.values)
    seeds = np.array(carried.numbers(layout.seeds), object).reshape(layout.directions, layout.parameters)
    moving: list[Any] = [*carried.moving(), *zip(values, seeds.T, strict=True)]
    groups = replayed(program, graph, {("params", i): v for i, v in zip(which, values, strict=True)})
    new, sums, white = groups["carry"], groups["sums"], groups.get("white", [])
    moved = tangents([*new, *sums, *white], moving, layout.directions)
    slopes = carried.numbers(slice(layout.tangent, layout.tangent + layout.directions))
    inverse = [reciprocal(s) for s in white[len(white) // 2 :]]
    parts, scores = list(new), []
    for c, tangent in enumerate(moved):
        of_sums, of_white = tangent[len(new) :][: len(sums)], tangent[len(new) + len(sums) :]
        parts += tangent[: len(new)]
        slopes[c] = slopes[c] + of_sums[1] if sums else slopes[c]
        m = len(inverse)
        scores += [d * sqrt(i) for d, i in zip(of_white[:m], inverse, strict=True)]
        scores += [math.sqrt(0.5) * (d * i) for d, i in zip(of_white[m:], inverse, strict=True)]
    outputs = {
        "carry": carried.joined(parts, [*slopes, *seeds.ravel(), *values]),
        "commit": groups["commit"],
        "record": scores,
        "sums": sums,
        "status": groups["status"],
    }
    return Program.of(graph, outputs)


class _Scalars:
    """What a stage on scalars carries."""

    def __init__(self, graph: Graph, layout: GradientLayout, labels: tuple[str, ...]) -> None:
        self._all = [graph.input(("carry", i), label) for i, label in enumerate(labels)]
        self._layout = layout

    def numbers(self, at: slice) -> list[Any]:
        """Some of the carried numbers."""
        return self._all[at]

    def moving(self) -> list[tuple[Symbol, Sequence[Any]]]:
        """What the filter carries, each number with its tangents."""
        n = self._layout.primal
        along = [self._all[first : first + n] for first in range(n, self._layout.tangent, n)]
        return list(zip(self._all[:n], zip(*along, strict=True), strict=True))

    def joined(self, parts: list[Any], rest: list[Any]) -> Any:
        """The new carry, of what the filter carries and its tangents, and other numbers."""
        return [*parts, *rest]


class _Arrays:
    """What a stage on whole arrays carries, in blocks."""

    def __init__(self, graph: Graph, layout: GradientLayout) -> None:
        n, first = layout.primal, layout.tangent
        self._graph = graph
        self._blocks = [input_array(graph, "carry", k, n) for k in range(0, first, n)]
        self._first, self._rest = first, input_array(graph, "carry", first, layout.values.stop - first)

    def numbers(self, at: slice) -> list[Any]:
        """Some of the carried numbers that are not the filter's or their tangents."""
        return list(self._rest[at.start - self._first : at.stop - self._first])

    def moving(self) -> list[tuple[Symbol, Sequence[Any]]]:
        """What the filter carries as a whole, with its tangents."""
        return [(self._blocks[0].node, [block.node for block in self._blocks[1:]])]

    def joined(self, parts: list[Any], rest: list[Any]) -> Any:
        """The new carry, of what the filter carries and its tangents, and other numbers."""
        arrays = [ArraySymbol(self._graph, part.args[0], part.value) for part in parts]
        return joined(*arrays, rest)
