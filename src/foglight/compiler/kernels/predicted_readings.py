"""The predicted readings of a belief: the moments of z = h(x) + v by the method's own rule, without an update.

A kernel of one stage that reads a belief where a filter reads its measurements, and records h and S of each sensor.
"""

from typing import Any

import numpy as np

from foglight.compiler import adaptation
from foglight.compiler.inputs import Inputs, row_labels
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import LINES_BELOW
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe
from foglight.compiler.user_functions import measurement_noise
from foglight.core.types import Array
from foglight.methods.layout import belief_of, belief_size, upper
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.trace.ops import select


def readings_recipe(model: Model, method: Method) -> Recipe:
    """From beliefs (as z: n means, a triangle, the anchors of rotations) to h and the upper triangle of S, by sensor.
    After the belief comes the scale of each sensor's R that is adapted.

    They are NaN where R is not a covariance.
    """
    n = len(model.state)
    width = sum(_size(len(sensor.measures)) for sensor in model.sensors)
    layout = Kernel(
        name=f"readings of {', '.join(model.state)}",
        dtype="float64",
        stages=(),
        carry=(),
        widths={
            "u": len(model.inputs),
            "row": len(row_labels(model)),
            "z": belief_size(n) + model.charts.size + len(adaptation.sensors(model, method)),
            "params": len(model.parameters),
        },
        labels={},
        width=width,
    )
    stage = StageRecipe("readings", (("z", 0),), _readings, record=tuple(range(width)))
    return Recipe(model, method, layout, (stage,), model.sensor_names, LINES_BELOW)


def moments_of(records: Array, model: Model) -> dict[str, tuple[Array, Array]]:
    """h (..., m) and S (..., m, m) of each sensor, from the records (..., width) of that kernel."""
    found, first = {}, 0
    for sensor in model.sensors:
        m = len(sensor.measures)
        h, S = records[..., first : first + m], np.empty((*records.shape[:-1], m, m))
        for k, (i, j) in enumerate(upper(m)):
            S[..., i, j] = S[..., j, i] = records[..., first + m + k]
        found[sensor.name] = (h, S)
        first += _size(m)
    return found


def _size(m: int) -> int:
    return m + m * (m + 1) // 2


def _readings(inputs: Inputs, _: None) -> Outputs:
    model, method = inputs.model, inputs.method
    labels = [f"belief {i}" for i in range(belief_size(len(model.state)))]
    inputs.belief = belief_of(method, inputs.array("z", labels), len(model.state))
    inputs.anchor = inputs.numbers("z", model.charts.labels, len(labels))
    names, first = adaptation.sensors(model, method), len(labels) + model.charts.size
    scales = inputs.numbers("z", [f"scale of the noise of {name}" for name in names], first)
    adapted = adaptation.Adapted(dict(zip(names, scales, strict=True)))
    curves = [inputs.curve(sensor) for sensor in model.sensors]
    record: list[Any] = []
    for sensor, curve in zip(model.sensors, curves, strict=True):
        m = len(sensor.measures)
        seen: list[Array] = []

        def nothing(h: Array, seen: list[Array] = seen) -> Array:
            seen.append(h)
            return h - h

        R, improper = measurement_noise(inputs, sensor, [True] * m)
        R = adapted.noise(sensor.name, R.astype(inputs.belief.x.dtype))
        info = method.update(inputs.belief, curve, nothing, R, [True] * m, ())[1].refused_if(improper)
        found = [*seen[0], *[info.S[i, j] for i, j in upper(m)]]
        record += [select(info.faults.indefinite, np.nan, value) for value in found]
    return Outputs(carry=[], commit=True, record=record)
