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
from foglight.equations.measurement import likelihood, mask_rows
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.trace.ops import negated, select, unit
from foglight.trace.program import Program


def with_truth(kernel: Kernel, model: Model, method: Method) -> Kernel:
    """The same kernel, not lowered, for readings followed by the row's true states, NaN where unknown."""
    first = kernel.widths["z"]
    stages = [replace(stage, program=_silent(stage.program)) for stage in kernel.stages]
    names = tuple(f"truth.{state}" for state in model.state)
    stage = StageRecipe(
        name="truth",
        trigger=tuple(("z", first + i) for i in range(len(names))),
        outputs=functools.partial(_truth, first=first, names=names),
    )
    return replace(
        kernel,
        stages=(*stages, traced_stage(stage, model, method, kernel.dtype, lowered=False)),
        widths=kernel.widths | {"z": first + len(names)},
        labels=kernel.labels | {"z": (*kernel.labels["z"], *names)},
    )


def _silent(program: Program) -> Program:
    outputs = {name: regs for name, regs in program.outputs.items() if name != "white"}
    return replace(program, outputs=outputs | {"sums": ()})


def _truth(inputs: Inputs, _: None, *, first: int, names: tuple[str, ...]) -> Outputs:
    belief, n = inputs.belief, len(inputs.model.state)
    truth = inputs.numbers("z", names, first)
    known = [v == v for v in truth]
    if inputs.method.directions:  # a belief with unknown directions is not scored
        known = [mask & negated(belief.unsure) for mask in known]
    error = np.array(truth, dtype=belief.x.dtype) - belief.x
    for i in inputs.angles(inputs.model.motion):
        error[i] = wrap(error[i])
    if isinstance(belief, FullBelief):
        U, D = ud.combine(*ud.split(belief.P)[:2])
    else:
        U, D = belief.U, belief.D
    # A state whose truth is unknown is replaced by one of variance 1 that is independent of all others.
    alone = unit(n, U)
    for i in range(n):
        alone[i, i] = select(known[i], 0.0, 1.0)
    ones = np.full(n, 1.0, U.dtype)
    U, D = ud.combine(np.hstack([mask_rows(U, known), alone]), np.concatenate([D, ones]))
    eps = ud.solve_upper(U, mask_rows(error, known))
    nis, loglik = likelihood(eps, D, known)
    return Outputs(carry=list(inputs.carry), commit=True, sums=[nis, loglik], white=[*eps, *D])
