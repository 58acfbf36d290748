"""From the Kernel of a filter to the Kernel of its likelihood's gradient.

Every stage carries, beside each number x, its derivative dx along one direction in the space of parameters. The
direction and the parameters themselves are carried too, one number each per parameter, and never change. So one kernel
serves all directions at all values of the parameters, and every backend runs them as tracks, side by side in its lanes.

    carry  = x…, dx…, d loglik, direction…, θ…
    record = for each independent innovation ε ~ N(0, S): dε/√S and d log S/√2

From the records of all directions, Σ (record recordᵀ) is the Fisher information (docs/reference/likelihood.md).
"""

import math
from dataclasses import dataclass, replace

from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.forward_mode import replayed, tangents
from foglight.trace.graph import Graph
from foglight.trace.ops import reciprocal, sqrt
from foglight.trace.program import Program, lower


@dataclass(frozen=True)
class GradientLayout:
    """The layout of a gradient kernel's carry."""

    primal: int  # numbers that the filter itself carries; as many tangents follow
    parameters: int

    @classmethod
    def of(cls, kernel: Kernel, parameters: int) -> "GradientLayout":
        """The layout of this gradient kernel."""
        return cls((len(kernel.carry) - 1 - 2 * parameters) // 2, parameters)

    @property
    def tangent(self) -> int:
        """The index of the log-likelihood's derivative."""
        return 2 * self.primal

    @property
    def seeds(self) -> slice:
        """The indices of the direction."""
        return slice(self.tangent + 1, self.tangent + 1 + self.parameters)

    @property
    def values(self) -> slice:
        """The indices of the values of the parameters."""
        return slice(self.seeds.stop, self.seeds.stop + self.parameters)


def gradient_kernel(kernel: Kernel, which: tuple[int, ...], graph_limit: int | None = None) -> Kernel:
    """The gradient kernel of a kernel that is not lowered, in the parameters with these indices.

    Raises TooLongError if a stage has more nodes than `graph_limit`.
    """
    names = [kernel.labels["params"][i] for i in which]
    seeds = [f"direction of {name}" for name in names]
    labels = (*kernel.carry, *[f"d {name}" for name in kernel.carry], "d loglik", *seeds, *names)
    stages, width = [], 0
    for stage in kernel.stages:
        size = len(stage.program.outputs.get("white", ()))
        stages.append(_extended(kernel, stage, which, labels, tuple(range(width, width + size)), graph_limit))
        width += size
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


def _extended(
    kernel: Kernel,
    stage: Stage,
    which: tuple[int, ...],
    labels: tuple[str, ...],
    record: tuple[int, ...],
    limit: int | None,
) -> Stage:
    layout = GradientLayout(len(kernel.carry), len(which))
    graph = Graph(limit=limit)
    carry = [graph.input(("carry", i), label) for i, label in enumerate(labels)]
    directions, values = carry[layout.seeds], carry[layout.values]
    moving = list(zip(carry[: layout.primal], carry[layout.primal :], strict=False))
    moving += zip(values, directions, strict=True)
    groups = replayed(stage.program, graph, {("params", i): v for i, v in zip(which, values, strict=True)})
    new, sums, white = groups["carry"], groups["sums"], groups.get("white", [])
    moved = tangents([*new, *sums, *white], moving)
    of_carry, of_sums, of_white = (
        moved[: len(new)],
        moved[len(new) : len(new) + len(sums)],
        moved[len(new) + len(sums) :],
    )
    slope = carry[layout.tangent] + of_sums[1] if sums else carry[layout.tangent]
    m = len(white) // 2
    inverse = [reciprocal(s) for s in white[m:]]
    scores = [d * sqrt(i) for d, i in zip(of_white[:m], inverse, strict=True)]
    scores += [math.sqrt(0.5) * (d * i) for d, i in zip(of_white[m:], inverse, strict=True)]
    outputs = {
        "carry": [*new, *of_carry, slope, *directions, *values],
        "commit": groups["commit"],
        "record": scores,
        "sums": sums,
        "status": groups["status"],
    }
    return replace(stage, program=lower(Program.of(graph, outputs), kernel.dtype), record=record)
