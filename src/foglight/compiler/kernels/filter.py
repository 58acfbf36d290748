"""The filter: what a run computes in each row, the prediction and then each sensor's update."""

import functools
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs, carry_labels, detail_sizes, indices, row_labels
from foglight.compiler.kernel import Kernel
from foglight.compiler.linearity import require_linear
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe, traced
from foglight.compiler.user_functions import full_noise, motion_noise, noise_of, sensor_noise
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations import robust
from foglight.equations.angles import wrap
from foglight.equations.gaussian import UpdateInfo
from foglight.methods.layout import carried, upper
from foglight.methods.method import Method
from foglight.methods.outliers import Thresholds
from foglight.model.model import MOTION, Model, Sensor
from foglight.trace.ops import all_finite, any_of, negated, select
from foglight.trace.program import Program, lower

# The bits that an update may set, in the order of its masks. With an unknown start or a gate there are more.
_UPDATE = (
    Status.NONFINITE,
    Status.INDEFINITE,
    Status.CONTRADICTED,
    Status.ILL_CONDITIONED,
    Status.SATURATED,
    Status.PARTIAL,
)
_GATE = (Status.USED, Status.GATED, Status.RESET)


def filter_recipe(
    model: Model, method: Method, dtype: str = "float64", detail: bool = False, *, white: bool = False
) -> Recipe:
    """The recipe of a run. detail: record what leads to the result (predicted, S, K) instead of the result.

    white: updates also output their independent innovations and variances.
    Raises ModelError if the method is for linear models and a function is not linear.
    """
    if method.linear_only:
        require_linear(model)
    method.check_sensors(model.sensor_names)
    labels = carry_labels(model, method)
    sizes = [len(sensor.measures) for sensor in model.sensors]
    fields = detail_sizes(len(model.state), sizes) if detail else sizes
    gates = method.gated(model.sensor_names)
    stages = [StageRecipe("predict", (("dt", 0),), _predict, (Status.NONFINITE, Status.INDEFINITE))]
    column = len(labels)
    for (sensor, at), count in zip(model.blocks, fields, strict=True):
        gated = sensor.name in gates
        stages.append(
            StageRecipe(
                name=sensor.name,
                trigger=tuple(("z", i) for i in range(at.start, at.stop)),
                outputs=functools.partial(_update, sensor=sensor, first=at.start, detail=detail, white=white),
                # A gated update commits its clock even if it rejects its reading, so USED has a mask of its own.
                status=(*_UPDATE, *[Status.DIFFUSE] * (method.directions > 0), *_GATE * gated),
                record=tuple(range(column, column + count)),
                used=Status(0) if gated else Status.USED,
            )
        )
        column += count
    layout = Kernel(
        name=f"{type(method).__name__.lower()} of {', '.join(model.state)}",
        dtype=dtype,
        stages=(),
        carry=labels,
        widths={
            "u": len(model.motion.controls),
            "row": len(row_labels(model)),
            "z": len(model.components),
            "params": len(model.parameters),
        },
        labels={
            "u": model.motion.controls,
            "row": row_labels(model),
            "z": model.components,
            "params": tuple(model.parameters),
        },
        snapshots={0: 0} if detail else {len(stages) - 1: 0},
        sums=-1 if detail else column,
        status=-1 if detail else column + 2,
        width=column if detail else column + 3,
    )
    return Recipe(model, method, layout, tuple(stages), (MOTION, *model.sensor_names))


def make_kernel(
    model: Model, method: Method, dtype: str = "float64", detail: bool = False, *, lowered: bool = True
) -> Kernel:
    """The traced kernel of a run.

    lowered=False leaves sin and log in the Programs, for a caller that differentiates them. The Programs of updates
    then have a group "white": the independent innovations followed by their variances.
    Raises TooLongError for a model whose steps are too long to be worth compiling.
    """
    return traced(filter_recipe(model, method, dtype, detail, white=not lowered), lowered=lowered)


def _predict(inputs: Inputs, _: None) -> Outputs:
    """The belief after the motion."""
    model = inputs.model
    curve = inputs.curve(model.motion)
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", len(model.state), inputs.traced)
    new = carried(inputs.method.predict(inputs.belief, curve, Q))
    n = len(model.state)
    finite = all_finite(new[:n]) & all_finite(new[n:])
    clocks = [select(clock >= 0.0, clock + inputs.dt, clock) for clock in inputs.clocks.values()]
    return Outputs(
        carry=[*new, *clocks],
        commit=finite & negated(bad),
        status={Status.NONFINITE: negated(finite), Status.INDEFINITE: bad},
    )


def _update(inputs: Inputs, _: None, *, sensor: Sensor, first: int, detail: bool, white: bool) -> Outputs:
    """The belief after a sensor whose components of z start at `first`."""
    m = len(sensor.measures)
    z = inputs.numbers("z", [f"{sensor.name}.{name}" for name in sensor.measures], first)
    curve = inputs.curve(sensor)
    # A sensor of one component is used whenever its stage runs; others are used component by component.
    used = [True] if m == 1 else [v == v for v in z]

    def innovate(h: Array) -> Array:
        e = np.array(z, dtype=h.dtype) - h
        for i in curve.angles:
            e[i] = wrap(e[i])
        return e

    R = full_noise(sensor_noise(inputs, sensor), f"{sensor.name}.noise", m).astype(inputs.belief.x.dtype)
    angles = indices(inputs.model.motion.angles, inputs.model.state)
    belief, info = inputs.method.update(inputs.belief, curve, innovate, R, used, angles)
    thresholds = inputs.method.thresholds(sensor.name, m)
    if thresholds.bounds:
        R = robust.bounded(R, info, robust.bound_for(thresholds.bounds, info, used))
        belief, held = inputs.method.update(inputs.belief, curve, innovate, R, used, angles)
        info = robust.reported(info, held)
    new = carried(belief)
    n = len(inputs.model.state)
    finite = all_finite([*new[:n], info.loglik]) & all_finite(new[n:])
    faults = info.faults
    counted = robust.counted(info, used)
    if detail:
        shown = [info.S[i, j] for i, j in upper(m)] + list(info.K.ravel())
    else:
        shown = [select(u, v, np.nan) for u, v in zip(counted, info.innovation, strict=True)]
    commit = finite & negated(faults.indefinite) & negated(faults.contradicted)
    status = {
        Status.NONFINITE: negated(finite),
        Status.INDEFINITE: faults.indefinite,
        Status.CONTRADICTED: faults.contradicted,
        Status.ILL_CONDITIONED: faults.ill_conditioned,
        Status.SATURATED: faults.saturated,
        Status.PARTIAL: any_of([negated(u) for u in used]),
    }
    if info.absorbed:
        status[Status.DIFFUSE] = any_of(info.absorbed)
    outputs = Outputs(
        carry=[*new, *inputs.clocks.values()],
        commit=commit,
        record=shown,
        sums=[] if detail else [info.nis, info.loglik],
        status=status,
        white=[*info.white.eps, *info.white.S] if white else [],
    )
    return _behind_gate(inputs, sensor, thresholds, info, used, outputs) if thresholds.gates else outputs


def _behind_gate(
    inputs: Inputs,
    sensor: Sensor,
    thresholds: Thresholds,
    info: UpdateInfo,
    used: list[Any],
    outputs: Outputs,
) -> Outputs:
    """The outputs of an update behind a gate: a rejected reading changes only its clock and status."""
    clock = inputs.clocks[sensor.name]
    due = clock >= thresholds.recover
    # A state known exactly cannot be widened: when recovery is due, a reading that contradicts it is refused, as it is
    # without a gate.
    refused = info.faults.indefinite | (info.faults.contradicted & due)
    rejected = robust.outlying(info, robust.limit_for(thresholds.gates, info, used)) & negated(refused)
    factor = robust.widening(info)
    wide = carried(robust.widened(inputs.belief, factor))
    reset = rejected & due & (factor > 1.0) & all_finite(wide)
    taken = outputs.commit & negated(rejected)
    status = {
        bit: mask if bit in (Status.INDEFINITE, Status.PARTIAL) else mask & negated(rejected)
        for bit, mask in outputs.status.items()
    }
    stays = select(rejected, select(reset | (clock < 0.0), 0.0, clock), -1.0)
    clocks = inputs.clocks | {sensor.name: stays}
    belief = zip(wide, carried(inputs.belief), outputs.carry, strict=False)
    # A rejected reading carries no information, like a missing one: ε = 0, S = 1.
    nothing = [*[0.0] * len(info.white.eps), *[1.0] * len(info.white.S)] if outputs.white else []
    return Outputs(
        carry=[
            *[select(reset, w, select(rejected, old, new)) for w, old, new in belief],
            *clocks.values(),
        ],
        commit=taken | rejected,
        record=[select(rejected, np.nan, value) for value in outputs.record],
        sums=[select(rejected, 0.0, value) for value in outputs.sums],
        status=status | {Status.USED: taken, Status.GATED: rejected, Status.RESET: reset},
        white=[select(rejected, none, value) for none, value in zip(nothing, outputs.white, strict=True)],
    )


def without_records(kernel: Kernel) -> Kernel:
    """The kernel with nothing recorded: it only carries."""

    def bare(program: Program) -> Program:
        return lower(replace(program, outputs={**program.outputs, "record": ()}), program.dtype)

    stages = tuple(replace(stage, record=(), program=bare(stage.program)) for stage in kernel.stages)
    return replace(kernel, stages=stages, snapshots={}, sums=-1, status=-1, width=0)
