"""From a model and a method to the Kernel that a backend compiles."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.gating import gated
from foglight.compiler.user_functions import (
    Arguments,
    full_noise,
    motion_function,
    motion_noise,
    noise_of,
    sensor_function,
    sensor_noise,
)
from foglight.core.errors import ModelError, Status
from foglight.equations import robust
from foglight.equations.angles import wrap
from foglight.methods.layout import belief_of, carried, upper
from foglight.methods.methods import Curve, Method
from foglight.model.model import Model, Motion, Sensor
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.ops import all_finite, any_of, negated, select
from foglight.trace.point_pairs import difference, pointwise
from foglight.trace.program import Program, lower

Array = NDArray[Any]
POINTS_FROM = 0.1  # the least alpha for functions without a difference rule
TRACED_BELOW = 60_000  # nodes; a longer trace would not be compiled anyway


class SymbolicCurve:
    """A user's function on symbols: exact derivatives and exact differences."""

    def __init__(self, graph: Graph, function: Callable[[Array], Array], angles: tuple[int, ...]) -> None:
        self.graph = graph
        self.function = function
        self.angles = angles
        self.at_points: list[str] = []  # operations that `spread` could only evaluate at points

    def linearise(self, x: Array) -> tuple[Array, Array]:
        y = self.function(x)
        return y, derivatives.jacobian(self.graph, y, x)

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        y = self.function(x)
        self.at_points = pointwise(self.graph, y, x)
        return y, *difference(self.graph, y, x, columns)

    def note(self, method: Method, what: str) -> str:
        """What to tell of sigma points that went through `what` one by one."""
        return points_note(method, what, ", ".join(self.at_points)) if self.at_points else ""


def points_note(method: Method, what: str, reason: str) -> str:
    """That sigma points go through a function one by one; ModelError where they are too close for that."""
    alpha = getattr(method, "alpha", 1.0)
    if alpha < POINTS_FROM:
        raise ModelError(
            f"alpha = {alpha:g}: {what} has no differences ({reason}), so sigma points go through it one by one, and "
            f"so close together they lose their digits. Expected alpha >= {POINTS_FROM}. Use fog.UKF().",
            field="alpha",
            value=alpha,
        )
    return f"{what} at points ({reason})"


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
        from foglight.compiler.linearity import require_linear

        require_linear(model)
    method.check_sensors(sensor.name for sensor in model.sensors)
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
    clocks = [f"clock of {sensor} (-1 when off)" for sensor in method.gated(model)]
    return (*names, *triangle, *unknown, *weights, *clocks)


def clocks_of(model: Model, method: Method, values: Array) -> dict[str, Any]:
    """The clock of each gated sensor among carried numbers: seconds since it began to be rejected, else negative."""
    gated = method.gated(model)
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
    gated = sensor.name in method.gated(model)
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
    thresholds = inputs.method.thresholds(sensor)
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


def indices(names: Sequence[str], among: Sequence[str]) -> tuple[int, ...]:
    """Where these names stand among those."""
    return tuple(among.index(name) for name in names)
