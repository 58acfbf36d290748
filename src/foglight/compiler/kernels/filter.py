"""The filter: what a run computes in each row, the prediction and then each sensor's update."""

import functools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from foglight.compiler import adaptation, recovery
from foglight.compiler.charted_curve import ChartedCurve
from foglight.compiler.inputs import Inputs, carry_labels, detail_sizes, indices, row_labels
from foglight.compiler.kernel import Kernel
from foglight.compiler.linearity import require_linear
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe, traced
from foglight.compiler.user_functions import measurement_noise, process_noise
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations import robust, student
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Innovate, UpdateInfo
from foglight.equations.measurement import mask_noise, mask_rows
from foglight.equations.ud import split, whiten
from foglight.methods.layout import carried, upper
from foglight.methods.method import Curve, Method
from foglight.methods.outliers import Thresholds
from foglight.model.model import MOTION, Model, Opaque, Sensor
from foglight.trace.ops import all_finite, any_of, joined, negated, select, select_each
from foglight.trace.program import Program, lower

LINES_BELOW = (
    8_000  # operations; with more, whole arrays are faster for one series, and compiled ten times as fast
)
# With unknown directions. The rows after them are on arrays if these are; up to 8 states scalars are faster there.
DIFFUSE_LINES_BELOW = 16_000
# Of a start that is resolved late: its first phase has three times as many, which would be compiled for seconds.
DELAYED_LINES_BELOW = 4_000
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
    model: Model,
    method: Method,
    dtype: str = "float64",
    detail: bool = False,
    *,
    white: bool = False,
    independent: bool = False,
) -> Recipe:
    """The recipe of a run. detail: record what leads to the result (predicted, S, K) instead of the result.

    white: updates also output their independent innovations and variances.  independent: record nothing but each
    sensor's independent innovations, their variances, and the diagonal of S, as `diagnostics.check` reads them.
    Raises ModelError if the method is for linear models and a function is not linear.
    """
    if method.linear_only:
        require_linear(model)
    method.check_sensors(model.sensor_names)
    labels = carry_labels(model, method)
    sizes = [len(sensor.measures) for sensor in model.sensors]
    fields = detail_sizes(len(model.state), sizes) if detail else [3 * m if independent else m for m in sizes]
    gates = method.gated(model.sensor_names)
    stages = [StageRecipe("predict", (("dt", 0),), _predict, (Status.NONFINITE, Status.INDEFINITE))]
    if method.joint:
        every = tuple(("z", i) for i in range(len(model.components)))
        stages.append(StageRecipe("linearise", every, _linearise))
    column = 0 if independent else len(labels)
    for (sensor, at), count in zip(model.blocks, fields, strict=True):
        gated = sensor.name in gates
        stages.append(
            StageRecipe(
                name=sensor.name,
                trigger=tuple(("z", i) for i in range(at.start, at.stop)),
                outputs=functools.partial(
                    _update,
                    sensor=sensor,
                    first=at.start,
                    detail=detail,
                    white=white,
                    independent=independent,
                ),
                # A gated update commits even if it rejects its reading, for its record, so USED has a mask of its own.
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
            "u": len(model.inputs),
            "row": len(row_labels(model)),
            "z": len(model.components),
            "params": len(model.parameters),
        },
        labels={
            "u": model.inputs,
            "row": row_labels(model),
            "z": model.components,
            "params": tuple(model.parameters),
        },
        snapshots={} if independent else {0: 0} if detail else {len(stages) - 1: 0},
        sums=-1 if detail or independent else column,
        status=-1 if detail or independent else column + 2,
        width=column if detail or independent else column + 3,
    )
    enough = DIFFUSE_LINES_BELOW if method.directions else LINES_BELOW
    enough = DELAYED_LINES_BELOW if method.delayed else enough
    whole = enough if dtype == "float64" else None
    return Recipe(model, method, layout, tuple(stages), (MOTION, *model.sensor_names), whole)


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
    Q, bad = process_noise(inputs)
    adapted = inputs.adapted
    new = carried(inputs.method.predict(inputs.belief, curve, adapted.process_noise(Q)))
    anchor = curve.after if isinstance(curve, ChartedCurve) else []
    n = len(model.state)
    finite = all_finite(joined(new[:n], anchor)) & all_finite(new[n:])
    records = {name: record.after(inputs.dt) for name, record in inputs.rejections.items()}
    if adapted.motion is not None:
        adapted = adapted.after_motion(curve.linearise(inputs.belief.x)[1])
    return Outputs(
        carry=joined(new, anchor, inputs.point, recovery.carried(records), *adaptation.carried(adapted)),
        commit=finite & negated(bad),
        status={Status.NONFINITE: negated(finite), Status.INDEFINITE: bad},
    )


def _update(
    inputs: Inputs, _: None, *, sensor: Sensor, first: int, detail: bool, white: bool, independent: bool
) -> Outputs:
    """The belief after a sensor whose components of z start at `first`."""
    m, n = len(sensor.measures), len(inputs.model.state)
    reading = _reading(inputs, sensor, first, alone=True)
    used, thresholds = reading.used, reading.thresholds
    belief, plain, info = _conditioned(inputs, reading, inputs.belief, inputs.point)
    new = carried(belief)
    finite = all_finite(joined(new[:n], [info.loglik])) & all_finite(new[n:])
    faults = info.faults
    counted = robust.counted(info, used)
    if detail:
        shown = [info.S[i, j] for i, j in upper(m)] + list(info.K.ravel())
    elif independent:
        groups = (*_independent(inputs, info, counted), info.S.diagonal())
        shown = [select(u, v, np.nan) for group in groups for u, v in zip(counted, group, strict=True)]
    else:
        shown = [select(u, v, np.nan) for u, v in zip(counted, info.innovation, strict=True)]
    loglik = info.loglik
    if sensor.transform is not None:
        # The density of the reading itself, Box & Cox 1964, eq. 8. One that an unknown direction absorbs has none.
        slope = sensor.transform.log_slope(_measured(inputs, sensor, first)[0])
        loglik = loglik + (select(info.absorbed[0], 0.0, slope) if info.absorbed else slope)
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
        carry=joined(
            new,
            inputs.anchor,
            inputs.point,
            recovery.carried(_after_acceptance(inputs, reading)),
            *adaptation.carried(_adapted(inputs, reading, info)),
        ),
        commit=commit,
        record=shown,
        sums=[] if detail else [info.nis, loglik],
        status=status,
        white=[*info.white.eps, *info.white.S] if white else [],
    )
    return _behind_gate(inputs, reading, plain, outputs) if thresholds.gates else outputs


def _independent(inputs: Inputs, info: UpdateInfo, counted: list[Any]) -> tuple[Array, Array]:
    """The innovations ε (m,) of a sensor, each given the components before it, and their variances (m,)."""
    if inputs.method.points is None or len(counted) == 1:
        return info.white.eps, info.white.S
    # Sigma points condition on the components after it: S = L diag(d) Lᵀ, ε = L⁻¹ e.
    L, d, _ = split(mask_noise(info.S, counted))
    return whiten(L, mask_rows(info.innovation, counted)), d


def _linearise(inputs: Inputs, _: None) -> Outputs:
    """The point at which all sensors of the row are linearised: the prediction, then the mean after all of them.

    Each iteration takes every sensor as its own stage does, behind its gate, linearised at the point before.
    """
    start: Array = inputs.belief.x
    point = start
    blocks = list(inputs.model.blocks)
    if not inputs.traced:  # a silent sensor's controls may be missing, so its functions are not called
        blocks = [(sensor, at) for sensor, at in blocks if any(_present(_measured(inputs, sensor, at.start)))]
    readings = [_reading(inputs, sensor, at.start, alone=False) for sensor, at in blocks]
    for _iteration in range(inputs.method.iterations - 1):
        belief = inputs.belief
        for reading in readings:
            new, plain, _info = _conditioned(inputs, reading, belief, list(point))
            rejected: Any = plain.faults.indefinite
            if reading.thresholds.gates:
                limit = robust.limit_for(reading.thresholds.gates, plain, reading.used)
                rejected = rejected | robust.outlying(plain, limit)
            belief = type(belief)(*[select(rejected, a, b) for a, b in zip(belief, new, strict=True)])
        point = select(all_finite(list(belief.x)), belief.x, point)
    unchanged = recovery.carried(inputs.rejections), *adaptation.carried(inputs.adapted)
    carry = joined(carried(inputs.belief), inputs.anchor, point, *unchanged)
    return Outputs(carry=carry, commit=True)


class _Reading(NamedTuple):
    """A sensor's reading in a row: what an update needs of it, and how outliers are treated."""

    sensor: Sensor
    curve: Curve
    innovate: Innovate
    used: list[Any]
    R: Array
    improper: Any
    thresholds: Thresholds


def _reading(inputs: Inputs, sensor: Sensor, first: int, *, alone: bool) -> _Reading:
    """The reading of the sensor whose part of z starts at `first`. alone: in a stage that runs only if there is one."""
    m, z, curve = len(sensor.measures), _measured(inputs, sensor, first), inputs.curve(sensor)
    # A sensor of one component is used whenever its own stage runs; others are used component by component.
    used = [True] if alone and m == 1 else _present(z)

    def innovate(h: Array) -> Array:
        e = np.array(z, dtype=h.dtype) - h
        for i in curve.angles:
            e[i] = wrap(e[i])
        return e

    R, improper = measurement_noise(inputs, sensor, used)
    R = inputs.adapted.noise(sensor.name, R.astype(inputs.belief.x.dtype))
    return _Reading(sensor, curve, innovate, used, R, improper, inputs.method.thresholds(sensor.name, m))


def _measured(inputs: Inputs, sensor: Sensor, first: int) -> list[Any]:
    """The numbers of a sensor's reading, which begin at `first` in z; NaN for one that is missing."""
    return inputs.numbers("z", [f"{sensor.name}.{name}" for name in sensor.measures], first)


def _present(values: Iterable[Any]) -> list[Any]:
    """Which of these values are not missing."""
    return [value == value for value in values]


def _conditioned(
    inputs: Inputs, reading: _Reading, belief: Any, point: list[Any]
) -> tuple[Any, UpdateInfo, UpdateInfo]:
    """The belief after a reading, and the information on the update, without bounds on outliers and with them.

    point: the state at which the sensor is linearised, empty for the mean of the belief.
    """
    _, curve, innovate, used, R, improper, thresholds = reading
    angles = indices(inputs.model.motion.angles, inputs.model.state)
    at: Any = {"at": np.array(point)} if point else {}

    def update(R: Array) -> tuple[Any, UpdateInfo]:
        return inputs.method.update(belief, curve, innovate, R, used, angles, **at)

    new, plain = update(R)
    plain = plain.refused_if(improper)
    info = plain
    if thresholds.bounds:
        new, held = update(robust.bounded(R, plain, robust.bound_for(thresholds.bounds, plain, used)))
        info = robust.reported(plain, held)
    if thresholds.dof is not None:
        new, held = update(student.bounded(R, plain, used, thresholds.dof))
        loglik = student.loglik(plain, held, used, thresholds.dof)
        info = robust.reported(plain, held._replace(loglik=loglik))
    return new, plain, info


def _after_acceptance(inputs: Inputs, reading: _Reading) -> recovery.Records:
    """What is carried about rejections after an accepted reading."""
    sensor, used, records = reading.sensor, reading.used, inputs.rejections
    if sensor.name in records:
        records = records | {sensor.name: records[sensor.name].accepted(used)}
    if not records.keys() - {sensor.name}:
        return records
    gradients = {
        other.name: (reading.curve if other is sensor else inputs.curve(other)).linearise(inputs.belief.x)[1]
        for other in inputs.model.sensors
        if other is sensor or (other.name in records and _has_gradient(inputs, other))
    }
    return recovery.ended_by(records, sensor.name, gradients[sensor.name], used, gradients, inputs.belief)


def _adapted(inputs: Inputs, reading: _Reading, info: UpdateInfo) -> adaptation.Adapted:
    """What is carried of adapted noises after an accepted reading."""
    H, point = None, inputs.point
    if inputs.adapted.motion is not None:
        H = reading.curve.linearise(np.array(point) if point else inputs.belief.x)[1]
    return adaptation.after_reading(
        inputs.adapted, inputs.method, reading.sensor.name, info, reading.R, reading.used, H
    )


def _has_gradient(inputs: Inputs, sensor: Sensor) -> bool:
    """Whether the sensor's function can be called: one that is opaque may refuse controls that are missing, as those of
    a silent sensor may be."""
    if inputs.traced or not isinstance(sensor.measure, Opaque):
        return True
    return all(all(_present(controls)) for controls in inputs.controls(sensor))


def _behind_gate(inputs: Inputs, reading: _Reading, plain: UpdateInfo, outputs: Outputs) -> Outputs:
    """The outputs of an update behind a gate: a rejected reading changes only what is carried about rejections, and its
    status; and if its sensor has been rejected for too long, it widens the belief. plain: of the update without bounds.
    """
    sensor, used, R, thresholds = reading.sensor, reading.used, reading.R, reading.thresholds
    refused = plain.faults.indefinite
    records, belief, due, factor = inputs.rejections, inputs.belief, False, 1.0
    if sensor.name in records:
        record = records[sensor.name].refused(used, thresholds.share)
        whole = negated(any_of(plain.absorbed))
        along = [due & u & whole for due, u in zip(record.due(thresholds.recover), used, strict=True)]
        H = reading.curve.linearise(belief.x)[1]
        belief, factor = robust.widened(belief, H, plain, R, along)
        due = any_of(along)
        # What is known exactly cannot be widened: once it is due, a reading that contradicts it is refused, as it is
        # without a gate.
        refused = refused | (plain.faults.contradicted & due)
    rejected = robust.outlying(plain, robust.limit_for(thresholds.gates, plain, used)) & negated(refused)
    wide, old = carried(belief), carried(inputs.belief)
    reset = rejected & due & (factor > 1.0) & all_finite(wide)
    taken = outputs.commit & negated(rejected)
    status = {
        bit: mask if bit in (Status.INDEFINITE, Status.PARTIAL) else mask & negated(rejected)
        for bit, mask in outputs.status.items()
    }
    if sensor.name in records:
        records = records | {sensor.name: record.restarted(reset)}
    kept = joined(
        select_each(reset, wide, old),
        inputs.anchor,
        inputs.point,
        recovery.carried(records),
        *adaptation.carried(inputs.adapted),
    )
    # A rejected reading carries no information, like a missing one: ε = 0, S = 1.
    nothing = [*[0.0] * len(plain.white.eps), *[1.0] * len(plain.white.S)] if outputs.white else []
    return Outputs(
        carry=select_each(rejected, kept, outputs.carry),
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
