"""How far a function bends: a kernel whose record is the distance between a curve and its tangent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.curves import SymbolicCurve
from foglight.compiler.inputs import TRACED_BELOW, Inputs, indices
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import make_kernel, without_records
from foglight.compiler.user_functions import (
    full_noise,
    motion_function,
    motion_noise,
    noise_of,
    sensor_function,
    sensor_noise,
)
from foglight.core.types import Array
from foglight.equations import unscented
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief
from foglight.methods.layout import wrapped
from foglight.methods.method import Method
from foglight.methods.ukf import UKF
from foglight.model.model import Model, Sensor
from foglight.trace import derivatives, ops
from foglight.trace.graph import Graph
from foglight.trace.ops import all_finite, select, total
from foglight.trace.program import Program, lower


def _names(model: Model) -> tuple[str, ...]:
    return (*model.state, *(f"{s.name}.{m}" for s in model.sensors for m in s.measures))


def curvature_kernel(model: Model, method: Method) -> Kernel:
    """The method's kernel with a stage before each of its own that records shift and widening, and changes nothing."""
    kernel = without_records(make_kernel(model, method))
    names = _names(model)
    predict, *updates = kernel.stages
    n = len(model.state)

    def looking(stage: Stage, first: int, count: int, build: Callable[[Inputs], Any]) -> Stage:
        graph = Graph(limit=TRACED_BELOW)
        shift, widening = build(Inputs(model, method, graph))
        carry = [graph.input(("carry", i), label) for i, label in enumerate(kernel.carry)]
        outputs = {
            "carry": carry,
            "commit": [all_finite([*shift, *widening])],
            "record": [*shift, *widening],
            "sums": [],
            "status": [],
        }
        place = (*range(first, first + count), *range(len(names) + first, len(names) + first + count))
        program = lower(Program.of(graph, outputs), kernel.dtype)
        return Stage(f"{stage.name} bends", program, stage.trigger, place)

    stages = [looking(predict, 0, n, _motion_bend), predict]
    first = n
    for sensor, update in zip(model.sensors, updates, strict=True):
        m = len(sensor.measures)
        stages += [looking(update, first, m, lambda inputs, s=sensor: _sensor_bend(inputs, s)), update]  # type: ignore[misc]
        first += m
    return replace(kernel, stages=tuple(stages), width=2 * len(names))


def _motion_bend(inputs: Inputs) -> tuple[list[Any], list[Any]]:
    model = inputs.model
    angles = indices(model.motion.angles, model.state)
    curve = SymbolicCurve(inputs.graph, motion_function(inputs), angles)
    Q, _ = noise_of(motion_noise(inputs), "motion.noise", len(model.state))
    noise = [total(list(row * row * Q.variances)) for row in Q.G]
    return _bend(inputs, curve, noise, predicted=True)


def _sensor_bend(inputs: Inputs, sensor: Sensor) -> tuple[list[Any], list[Any]]:
    curve = SymbolicCurve(
        inputs.graph, sensor_function(inputs, sensor), indices(sensor.angles, sensor.measures)
    )
    R = full_noise(sensor_noise(inputs, sensor), f"{sensor.name}.noise", len(sensor.measures))
    return _bend(inputs, curve, list(R.diagonal()), predicted=False)


def _bend(
    inputs: Inputs, curve: SymbolicCurve, noise: list[Any], predicted: bool
) -> tuple[list[Any], list[Any]]:
    """shift and widening of each value of the curve. predicted: in units of what is predicted, else of the noise."""
    belief: Belief = inputs.belief
    y, F = curve.linearise(belief.x)
    if derivatives.linear(inputs.graph, y, belief.x):
        return [0.0] * len(y), [0.0] * len(y)
    weights = UKF().weights(len(belief.x))
    centre, s, d = curve.spread(belief.x, unscented.points(belief, weights))
    mean, deviations = unscented.moments(centre, s, d, weights, curve.angles)
    moved = mean - wrapped(y, curve.angles)
    straight = _variances(F @ belief.U, belief.D)
    bent = _variances(deviations, np.full(deviations.shape[1], 1.0 / weights.square))
    shifts, widenings = [], []
    for i, (linear, curved, r) in enumerate(zip(straight, bent, noise, strict=True)):
        rise = wrap(moved[i]) if i in curve.angles else moved[i]
        whole = linear + r
        unit = whole if predicted else select(ops.positive(r), r, whole)
        shifts.append(rise * np.sqrt(ops.reciprocal(unit)))
        widenings.append(
            np.sqrt((curved + r) * ops.reciprocal(whole)) - select(ops.positive(whole), 1.0, 0.0)
        )
    return shifts, widenings


def _variances(columns: Array, weights: Array) -> list[Any]:
    """The variances of C diag(w) Cᵀ."""
    return [total(list(row * row * weights)) for row in columns]
