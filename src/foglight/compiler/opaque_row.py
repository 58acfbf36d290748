"""A row with opaque functions, cut where they are called.

For every batch of calls there is a kernel that goes on from the one before: the stages up to that batch, then one that
records what the calls need. When all calls of a row have been made, the whole row runs as the kernel that it would be
without opaque functions, with what they returned among its inputs. So each stage runs twice, which takes less time than
one call of a Python function, and what a row is remains known to the backends alone.
"""

from dataclasses import dataclass, replace

from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.opaque_calls import Batch, Group, OpaqueInputs
from foglight.compiler.recipe import Recipe
from foglight.core.errors import Status
from foglight.trace.graph import Graph
from foglight.trace.primitives import TRACED_BELOW
from foglight.trace.program import Program, lower


@dataclass(frozen=True)
class Asking:
    """A kernel whose record is what a batch of calls needs; it starts from the carry after the one before."""

    kernel: Kernel
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class OpaqueRow:
    """The kernels of a row. whole: of all stages; what the functions return begins at column `first` of its u."""

    whole: Kernel
    asking: tuple[Asking, ...]
    first: int

    @property
    def size(self) -> int:
        """Operations in all kernels."""
        return self.whole.size + sum(part.kernel.size for part in self.asking)


def opaque_row(recipe: Recipe, *, arrays: bool = False) -> OpaqueRow:
    """The kernels of a recipe some of whose functions are opaque. arrays: in operations on whole arrays.

    Raises TooLongError for steps that are too long to be worth compiling, and ModelError for a function that cannot be
    traced and is not declared opaque.
    """
    dtype, first = recipe.layout.dtype, recipe.layout.widths["u"]
    stages: list[Stage] = []
    cuts: list[tuple[int, Batch]] = []  # the number of stages before each batch
    column = first
    for stage in recipe.stages:
        graph = Graph(limit=TRACED_BELOW)
        inputs = OpaqueInputs(recipe, stage, graph, column, arrays)
        program = Program.of(graph, stage.run(inputs).groups(stage.status))
        cuts += [(len(stages), batch) for batch in inputs.calls.batches(recipe.layout.carry)]
        column = inputs.calls.end
        graph.close()
        stages.append(stage.stage(lower(program, dtype), inputs.note()))
    widths = recipe.layout.widths | {"u": column}
    whole = replace(recipe.layout, stages=tuple(stages), widths=widths)
    asking, done = [], 0
    for before, batch in cuts:
        asks = Stage(stages[before].name, lower(batch.program, dtype), stages[before].trigger)
        passed = [*map(_only_carrying, stages[done:before]), replace(asks, record=tuple(range(batch.width)))]
        kernel = replace(whole, stages=tuple(passed), snapshots={}, sums=-1, status=-1, width=batch.width)
        asking.append(Asking(kernel, batch.groups))
        done = before
    return OpaqueRow(whole, tuple(asking), first)


def _only_carrying(stage: Stage) -> Stage:
    """The stage without anything that it reports."""
    outputs = stage.program.outputs | {"record": (), "sums": (), "status": ()}  # type: ignore[operator]
    bare = lower(replace(stage.program, outputs=outputs), stage.program.dtype)
    return replace(stage, program=bare, record=(), status=(), used=Status(0))
