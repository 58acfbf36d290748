"""From a model and a method to the Kernel that a backend compiles."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.curves import SymbolicCurve
from foglight.compiler.inputs import TRACED_BELOW, Inputs, carry_labels, detail_sizes, indices, row_labels
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.linearity import require_linear
from foglight.compiler.user_functions import (
    Arguments,
    full_noise,
    motion_function,
    motion_noise,
    noise_of,
    sensor_function,
    sensor_noise,
)
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations import robust
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Info
from foglight.methods.layout import carried, upper
from foglight.methods.method import Curve, Method
from foglight.methods.outliers import Thresholds
from foglight.model.model import Model, Sensor
from foglight.trace.graph import Graph
from foglight.trace.ops import all_finite, any_of, negated, select
from foglight.trace.program import Program, lower


def make_kernel(
    model: Model, method: Method, dtype: str = "float64", detail: bool = False, *, lowered: bool = True
) -> Kernel:
    """The kernel of a run. detail: record what leads to the result (predicted, S, K) instead of the result.

    lowered=False: the Programs as traced, sin and log still in them, for who differentiates them; those of updates
    then have a group "white", the independent innovations and after them their variances.
    Raises TooLongError for a model whose steps are longer than is worth compiling.
    """
    predict = functools.partial(_predict_stage, lowered=lowered)
    return lay_out(model, method, dtype, detail, predict, functools.partial(_update_stage, lowered=lowered))


def lay_out(
    model: Model,
    method: Method,
    dtype: str,
    detail: bool,
    predict: Callable[..., Stage],
    update: Callable[..., Stage],
) -> Kernel:
    """A kernel from the makers of its stages."""
    if method.linear_only:
        require_linear(model)
    method.check_sensors(model.sensor_names)
    n, total = len(model.state), sum(len(s.measures) for s in model.sensors)
    labels = carry_labels(model, method)
    place = len(labels)
    sizes = [len(s.measures) for s in model.sensors]
    fields = detail_sizes(n, sizes) if detail else sizes
    stages = [predict(model, method, dtype)]
    first = 0
    for sensor, size, count in zip(model.sensors, sizes, fields, strict=True):
        record = tuple(range(place, place + count))
        stages.append(update(model, method, sensor, first, record, dtype, detail))
        place += count
        first += size
    return Kernel(
        name=f"{type(method).__name__.lower()} of {', '.join(model.state)}",
        dtype=dtype,
        stages=tuple(stages),
        carry=labels,
        widths={
            "u": len(model.motion.controls),
            "row": len(row_labels(model)),
            "z": total,
            "params": len(model.parameters),
        },
        labels={
            "u": model.motion.controls,
            "row": row_labels(model),
            "z": tuple(f"{s.name}.{m}" for s in model.sensors for m in s.measures),
            "params": tuple(model.parameters),
        },
        snapshots={0: 0} if detail else {len(stages) - 1: 0},
        sums=-1 if detail else place,
        status=-1 if detail else place + 2,
        width=place if detail else place + 3,
    )


def _predict_stage(model: Model, method: Method, dtype: str, *, lowered: bool) -> Stage:
    graph = Graph(limit=TRACED_BELOW)
    inputs = Inputs(model, method, graph)
    curve = SymbolicCurve(graph, motion_function(inputs), indices(model.motion.angles, model.state))
    traced = Program.of(graph, predict_outputs(inputs, curve))
    program = lower(traced, dtype) if lowered else traced
    return replace(predict_stage(program), note=curve.note(method, "motion.dynamics"))


def _update_stage(
    model: Model,
    method: Method,
    sensor: Sensor,
    first: int,
    record: tuple[int, ...],
    dtype: str,
    detail: bool,
    *,
    lowered: bool,
) -> Stage:
    graph = Graph(limit=TRACED_BELOW)
    inputs = Inputs(model, method, graph)
    z = [graph.input(("z", first + i), f"{sensor.name}.{name}") for i, name in enumerate(sensor.measures)]
    curve = SymbolicCurve(graph, sensor_function(inputs, sensor), indices(sensor.angles, sensor.measures))
    traced = Program.of(graph, update_outputs(inputs, sensor, curve, z, detail, white=not lowered))
    program = lower(traced, dtype) if lowered else traced
    gated = sensor.name in method.gated(model.sensor_names)
    stage = update_stage(sensor, program, first, record, gated, method.directions > 0)
    return replace(stage, note=curve.note(method, f"{sensor.name}.measure"))


def predict_stage(program: Any) -> Stage:
    """The stage that moves the belief over dt > 0."""
    return Stage("predict", program, (("dt", 0),), (), (Status.NONFINITE, Status.INDEFINITE))


def update_stage(
    sensor: Sensor, program: Any, first: int, record: tuple[int, ...], gated: bool, diffuse: bool = False
) -> Stage:
    """The stage that takes in a sensor whose components of z start at `first`."""
    bits: tuple[Status, ...] = (
        Status.NONFINITE,
        Status.INDEFINITE,
        Status.CONTRADICTED,
        Status.ILL_CONDITIONED,
        Status.SATURATED,
        Status.PARTIAL,
        *([Status.DIFFUSE] if diffuse else []),
    )
    trigger = tuple(("z", first + i) for i in range(len(sensor.measures)))
    if gated:  # it commits its clock also where it leaves its reading out
        bits = (*bits, Status.USED, Status.GATED, Status.RESET)
    return Stage(sensor.name, program, trigger, record, bits, Status(0) if gated else Status.USED)


def predict_outputs(inputs: Arguments, curve: Curve) -> dict[str, list[Any]]:
    """The outputs of a predict stage, on symbols or on floats."""
    model = inputs.model
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", len(model.state), inputs.traced)
    new = carried(inputs.method.predict(inputs.belief, curve, Q))
    n = len(model.state)
    finite = all_finite(new[:n]) & all_finite(new[n:])
    clocks = [select(clock >= 0.0, clock + inputs.dt, clock) for clock in inputs.clocks.values()]
    return {
        "carry": [*new, *clocks],
        "commit": [finite & negated(bad)],
        "record": [],
        "sums": [],
        "status": [negated(finite), bad],
    }


def update_outputs(
    inputs: Arguments, sensor: Sensor, curve: Curve, z: list[Any], detail: bool, white: bool = False
) -> dict[str, list[Any]]:
    """The outputs of an update stage, on symbols or on floats. white: the independent innovations and variances too."""
    m = len(z)
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
    thresholds = inputs.method.thresholds(sensor.name, len(sensor.measures))
    if thresholds.bounds:
        R = robust.bounded(R, info, robust.bound_for(thresholds.bounds, info, used))
        belief, held = inputs.method.update(inputs.belief, curve, innovate, R, used, angles)
        info = robust.told(info, held)
    new = carried(belief)
    n = len(inputs.model.state)
    finite = all_finite([*new[:n], info.loglik]) & all_finite(new[n:])
    verdict = info.verdict
    counted = robust.counted(info, used)
    if detail:
        shown = [info.S[i, j] for i, j in upper(m)] + list(info.K.ravel())
    else:
        shown = [select(u, v, np.nan) for u, v in zip(counted, info.innovation, strict=True)]
    outputs = {
        "carry": [*new, *inputs.clocks.values()],
        "commit": [finite & negated(verdict.indefinite) & negated(verdict.contradicted)],
        "record": shown,
        "sums": [] if detail else [info.nis, info.loglik],
        "status": [
            negated(finite),
            *verdict,
            any_of([negated(u) for u in used]),
            *([any_of(info.absorbed)] if info.absorbed else []),
        ],
    }
    if white:
        outputs["white"] = [*info.white.eps, *info.white.S]
    return gated(inputs, sensor, thresholds, info, used, outputs) if thresholds.gates else outputs


def gated(
    inputs: Arguments,
    sensor: Sensor,
    thresholds: Thresholds,
    info: Info,
    used: list[Any],
    outputs: dict[str, list[Any]],
) -> dict[str, list[Any]]:
    """The outputs of an update behind a gate: a rejected reading leaves nothing but its clock and status."""
    clock = inputs.clocks[sensor.name]
    due = clock >= thresholds.recover
    # What is known exactly cannot give way: when its time is up, what contradicts it is refused, as without a gate.
    refused = info.verdict.indefinite | (info.verdict.contradicted & due)
    rejected = robust.outlying(info, robust.limit_for(thresholds.gates, info, used)) & negated(refused)
    factor = robust.widening(info)
    wide = carried(robust.widened(inputs.belief, factor))
    reset = rejected & due & (factor > 1.0) & all_finite(wide)
    taken = outputs["commit"][0] & negated(rejected)
    infinite, indefinite, contradicted, ill, saturated, partial, *diffuse = outputs["status"]
    infinite, contradicted, ill, saturated, *diffuse = [
        mask & negated(rejected) for mask in (infinite, contradicted, ill, saturated, *diffuse)
    ]
    verdicts = [infinite, indefinite, contradicted, ill, saturated, partial, *diffuse]
    stays = select(rejected, select(reset | (clock < 0.0), 0.0, clock), -1.0)
    clocks = inputs.clocks | {sensor.name: stays}
    belief = zip(wide, carried(inputs.belief), outputs["carry"], strict=False)
    behind = {
        "carry": [
            *[select(reset, w, select(rejected, old, new)) for w, old, new in belief],
            *clocks.values(),
        ],
        "commit": [taken | rejected],
        "record": [select(rejected, np.nan, value) for value in outputs["record"]],
        "sums": [select(rejected, 0.0, value) for value in outputs["sums"]],
        "status": [*verdicts, taken, rejected, reset],
    }
    if "white" in outputs:  # a reading that is left out says nothing, as one that is missing: ε = 0, S = 1
        nothing = [0.0] * len(info.white.eps) + [1.0] * len(info.white.S)
        behind["white"] = [
            select(rejected, none, value) for none, value in zip(nothing, outputs["white"], strict=True)
        ]
    return behind


def without_records(kernel: Kernel) -> Kernel:
    """The kernel that only carries."""

    def bare(program: Program) -> Program:
        return lower(replace(program, outputs={**program.outputs, "record": ()}), program.dtype)

    stages = tuple(replace(stage, record=(), program=bare(stage.program)) for stage in kernel.stages)
    return replace(kernel, stages=stages, snapshots={}, sums=-1, status=-1, width=0)
