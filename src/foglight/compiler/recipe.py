"""What a kernel is made from: a layout, and for each stage its outputs as a function of its inputs.

The inputs are symbols or floats, and the function is the same: traced on symbols it becomes a Program (`traced`),
evaluated on floats it is the stage itself (`foglight.compiler.engine.reference`). A new estimator is one more recipe.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs, SymbolInputs
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.trace.graph import Graph
from foglight.trace.primitives import TRACED_BELOW
from foglight.trace.program import Program, lower

_DATA = 250_000  # entries of constant matrices, at most: those of 350 states take half a gigabyte to trace


@dataclass
class Outputs:
    """The outputs of a stage, as symbols or as floats.

    carry: the carried numbers after the stage.  commit: a mask, true where the result is accepted.  record: the numbers
    that it reports.  sums: the NIS and the log-likelihood, or empty.  status: {bit: mask}.  white: the independent
    innovations followed by their variances, for the derivative of the likelihood.
    """

    carry: Any
    commit: Any
    record: list[Any] = field(default_factory=list)
    sums: list[Any] = field(default_factory=list)
    status: dict[Status, Any] = field(default_factory=dict)
    white: list[Any] = field(default_factory=list)

    def groups(self, bits: tuple[Status, ...]) -> dict[str, list[Any]]:
        """The outputs by their names in a Program, the status masks in the order of these bits."""
        if self.status.keys() != set(bits):
            raise ValueError(f"status masks for {list(self.status)}: expected {list(bits)}")
        found = {
            "carry": self.carry,
            "commit": [self.commit],
            "record": self.record,
            "sums": self.sums,
            "status": [self.status[bit] for bit in bits],
        }
        return found | ({"white": self.white} if self.white else {})


@dataclass(frozen=True)
class StageRecipe:
    """A stage of a kernel before it is traced.

    outputs: the function from its inputs and the result of `shared` to its outputs.  shared: the part that does not
    depend on the carry, computed once for all tracks of a row where stages run on floats.  The other fields are those
    of `Stage`.
    """

    name: str
    trigger: tuple[tuple[str, int], ...]
    outputs: Callable[[Inputs, Any], Outputs]
    status: tuple[Status, ...] = ()
    record: tuple[int, ...] = ()
    used: Status = Status(0)
    shared: Callable[[Inputs], Any] | None = None

    def run(self, inputs: Inputs) -> Outputs:
        """The outputs for these inputs."""
        return self.outputs(inputs, None if self.shared is None else self.shared(inputs))

    def stage(self, program: Any, note: str = "") -> Stage:
        """The stage with this program."""
        return Stage(self.name, program, self.trigger, self.record, self.status, self.used, note)


@dataclass(frozen=True)
class Recipe:
    """A kernel before it is traced.

    layout: the Kernel without its stages.  parts: the names of the model's parts whose functions the stages call.
    lines_below: how many scalar operations are about as fast as whole arrays; None if its equations need scalars.
    """

    model: Model
    method: Method
    layout: Kernel
    stages: tuple[StageRecipe, ...]
    parts: tuple[str, ...]
    lines_below: int | None = None

    @property
    def on_arrays(self) -> bool:
        """Whether its equations also run on whole arrays."""
        return self.lines_below is not None


def traced(recipe: Recipe, *, lowered: bool = True, arrays: bool = False, limit: int | None = None) -> Kernel:
    """The traced kernel. lowered=False leaves sin and log in its Programs, for a caller that differentiates them.

    arrays: in operations on whole arrays, not on scalars.  limit: of the nodes of a stage.

    Raises TooLongError for a model whose steps are too long to be worth compiling, and ModelError for a function that
    cannot be traced.
    """
    stages = tuple(
        traced_stage(
            stage,
            recipe.model,
            recipe.method,
            recipe.layout.dtype,
            lowered=lowered,
            arrays=arrays,
            limit=limit,
        )
        for stage in recipe.stages
    )
    return replace(recipe.layout, stages=stages)


def traced_stage(
    stage: StageRecipe,
    model: Model,
    method: Method,
    dtype: str = "float64",
    *,
    lowered: bool = True,
    arrays: bool = False,
    limit: int | None = None,
) -> Stage:
    """One stage of a kernel, see `traced`."""
    most = TRACED_BELOW if limit is None else min(limit, TRACED_BELOW)
    if arrays:  # the entries of constant matrices are data there, not operations
        most += min(sum(np.size(matrix) for matrix in model.matrices.values()), _DATA)
    graph = Graph(limit=most)
    inputs = SymbolInputs(model, method, graph, arrays=arrays)
    program = Program.of(graph, stage.run(inputs).groups(stage.status))
    graph.close()
    return stage.stage(lower(program, dtype) if lowered else program, inputs.note())
