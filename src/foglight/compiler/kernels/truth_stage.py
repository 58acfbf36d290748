"""A filter's kernel that scores the truth instead of the readings.

After its sensors, each row gets one more stage: log N(truth; x, P) under the filtered belief of that row, over the
states whose truth is known. It does not change the belief, and the readings no longer add to the log-likelihood.
"""

import functools
from dataclasses import replace

import numpy as np

from foglight.compiler.inputs import Inputs
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Outputs, StageRecipe, traced_stage
from foglight.equations import ud
from foglight.equations.angles import wrap
from foglight.equations.gaussian import FullBelief
from foglight.equations.measurement import likelihood
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.trace.ops import entrywise, in_type_of, negated, select, with_diagonal, zeros
from foglight.trace.program import Program


def with_truth(kernel: Kernel, model: Model, method: Method) -> Kernel:
    """The same kernel, not lowered, for readings followed by the row's true states, NaN where unknown; on whole arrays
    if it is."""
    first = kernel.widths["z"]
    stages = [replace(stage, program=_silent(stage.program)) for stage in kernel.stages]
    names = tuple(f"truth.{state}" for state in model.ambient)
    recipe = StageRecipe(
        name="truth",
        trigger=tuple(("z", first + i) for i in range(len(names))),
        outputs=functools.partial(_truth, first=first, names=names),
    )
    stage = traced_stage(recipe, model, method, kernel.dtype, lowered=False, arrays=kernel.on_arrays)
    return replace(
        kernel,
        stages=(*stages, stage),
        widths=kernel.widths | {"z": first + len(names)},
        labels=kernel.labels | {"z": (*kernel.labels["z"], *names)},
    )


def _silent(program: Program) -> Program:
    outputs = {name: regs for name, regs in program.outputs.items() if name != "white"}
    return replace(program, outputs=outputs | {"sums": ()})


def _truth(inputs: Inputs, _: None, *, first: int, names: tuple[str, ...]) -> Outputs:
    belief, n = inputs.belief, len(inputs.model.state)
    truth = inputs.array("z", names, first)
    if inputs.model.charts.parts:
        found = inputs.model.charts.coordinates(list(truth), inputs.anchor)
        truth = in_type_of(belief.x, np.array(found, dtype=object))
    known = entrywise(lambda value: value == value, truth)
    if inputs.method.directions:  # a belief with unknown directions is not scored
        known = entrywise(lambda mask: mask & negated(belief.unsure), known)
    error = truth - belief.x
    for i in inputs.angles(inputs.model.motion):
        error[i] = wrap(error[i])
    U, D = ud.factor_of(belief.P) if isinstance(belief, FullBelief) else (belief.U, belief.D)
    # A state whose truth is unknown is replaced by one of variance 1 that is independent of all others.
    alone = with_diagonal(zeros((n, n), U), select(known, 0.0, 1.0))
    columns = np.hstack([select(known[:, None], U, 0.0), alone])
    U, D = ud.combine(columns, np.concatenate([D, zeros(n, D) + 1.0]))
    eps = ud.solve_upper(U, select(known, error, 0.0))
    nis, loglik = likelihood(eps, D, list(known))
    return Outputs(carry=inputs.carry, commit=True, sums=[nis, loglik], white=[*eps, *D])
