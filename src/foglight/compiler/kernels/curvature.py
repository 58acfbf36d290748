"""How far a function bends: a kernel whose record is the distance between a curve and its tangent."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import make_kernel, without_records
from foglight.compiler.linearity import is_linear
from foglight.compiler.recipe import Outputs, StageRecipe, traced_stage
from foglight.compiler.user_functions import process_noise, sensor_noise
from foglight.equations import unscented
from foglight.equations.angles import wrap
from foglight.equations.gaussian import Belief
from foglight.equations.ud import weighted_squares
from foglight.methods.layout import wrapped
from foglight.methods.method import Method
from foglight.methods.ukf import UKF
from foglight.model.model import Model, Motion, Sensor
from foglight.model.part_functions import full
from foglight.trace import ops
from foglight.trace.ops import all_finite, select

Bend = tuple[list[Any], list[Any]]


def curvature_kernel(model: Model, method: Method) -> Kernel:
    """The method's kernel with one more stage before each of its own, which records shift and widening only."""
    kernel = without_records(make_kernel(model, method))
    n, count = len(model.state), len(model.state) + len(model.components)

    def bend_stage(stage: Stage, first: int, last: int, bend: Callable[[Inputs], Bend]) -> Stage:
        recipe = StageRecipe(
            name=f"{stage.name} bends",
            trigger=stage.trigger,
            outputs=functools.partial(_unchanged, bend=bend),
            record=(*range(first, last), *range(count + first, count + last)),
        )
        return traced_stage(recipe, model, method, kernel.dtype)

    predict, *updates = kernel.stages
    stages = [bend_stage(predict, 0, n, _motion_bend), predict]
    for (sensor, at), update in zip(model.blocks, updates, strict=True):
        bend = functools.partial(_sensor_bend, sensor=sensor)
        stages += [bend_stage(update, n + at.start, n + at.stop, bend), update]
    return replace(kernel, stages=tuple(stages), width=2 * count)


def _unchanged(inputs: Inputs, _: None, *, bend: Callable[[Inputs], Bend]) -> Outputs:
    shift, widening = bend(inputs)
    seen = [*shift, *widening]
    return Outputs(carry=list(inputs.carry), commit=all_finite(seen), record=seen)


def _motion_bend(inputs: Inputs) -> Bend:
    motion = inputs.model.motion
    Q, _ = process_noise(inputs)
    noise = weighted_squares(Q.G, Q.variances)
    return _bend(inputs, motion, noise, predicted=True)


def _sensor_bend(inputs: Inputs, *, sensor: Sensor) -> Bend:
    R = full(sensor_noise(inputs, sensor))
    return _bend(inputs, sensor, list(R.diagonal()), predicted=False)


def _bend(inputs: Inputs, part: Motion | Sensor, noise: list[Any], predicted: bool) -> Bend:
    """The shift and the relative widening of each value of a function.

    predicted: the shift is in standard deviations of the prediction, else of the noise.
    """
    belief: Belief = inputs.belief
    curve = inputs.curve(part)
    y, F = curve.linearise(belief.x)
    if is_linear(inputs.model, part):
        return [0.0] * len(y), [0.0] * len(y)
    weights = UKF().weights(len(belief.x))
    centre, s, d = curve.spread(belief.x, unscented.points(belief, weights))
    mean, deviations = unscented.moments(centre, s, d, weights, curve.angles)
    moved = mean - wrapped(y, curve.angles)
    straight = weighted_squares(F @ belief.U, belief.D)
    bent = weighted_squares(deviations, np.full(deviations.shape[1], 1.0 / weights.square))
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
