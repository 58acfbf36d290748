"""The smoother of linear models of many states whose readings all have noise: see `equations.weighted`.

It reads what the kernel of `linear_smoother` reads, and records the smoothed beliefs. It carries equations with
weights, their rows one after the other, and the variances of the filter in the row after, beside which rounding must
be small; both of the states in reverse order, see `weighted.smoothed`. Where rounding is not small, as with an exact
reading, a row has the status of a result that is not finite.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs
from foglight.compiler.kernels.linear_smoother import (
    LINES_BELOW,
    independent_readings,
    labelled,
    layout_of,
    linear_step,
    outputs,
    sensor_stages,
)
from foglight.compiler.kernels.smoother_stage import SMOOTH, recorded
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations import weighted
from foglight.equations.gaussian import Factored
from foglight.equations.weighted import Weighted
from foglight.methods.layout import belief_size, carried
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model, Sensor
from foglight.trace.ops import any_of, joined, over, select, squares

ROUNDING = 2.0**-34  # of what the filter knows of a state: what rounding may add to it


def weighted_recipe(model: Model, method: Method) -> Recipe:
    """The recipe of the backward scan. method: of the run, for the form of the beliefs that it recorded."""
    n, size = len(model.state), belief_size(len(model.state))
    back = StageRecipe(SMOOTH, (("dt", 0),), _back, status=(Status.NONFINITE,), record=tuple(range(size)))
    z = [*model.components, *labelled("filtered", size)]
    layout = replace(layout_of(model, SMOOTH, labelled("later", carry_size(n)), z), width=size)
    return Recipe(
        model,
        method,
        layout,
        (*sensor_stages(model, _reading), back),
        (MOTION, *model.sensor_names),
        LINES_BELOW,
    )


def carry_size(n: int) -> int:
    """How many numbers are carried for n states: equations, their weights, and variances."""
    return n * (n + 1) + 2 * n


def nothing_yet(variances: Array) -> Array:
    """What is carried before the last row, for these variances (n,) of its states: equations without weight."""
    n = len(variances)
    return np.concatenate([np.eye(n, n + 1, 1).ravel(), np.zeros(n), variances[::-1]])


def _later(inputs: Inputs) -> tuple[Weighted, Any]:
    """The equations that are carried, and the filter's variances in their row: of the states in reverse order."""
    n = len(inputs.model.state)
    values = inputs.array("carry", labelled("later", carry_size(n)))
    weights, variances = n * (n + 1), n * (n + 2)
    return Weighted(values[:weights].reshape(n, n + 1), values[weights:variances]), values[variances:]


def _packed(later: Weighted, variances: Any) -> Any:
    return joined(later.rows, later.w, variances)


def _reading(inputs: Inputs, _: None, *, sensor: Sensor, first: int) -> Outputs:
    """What later readings and this sensor's reading say about the state."""
    H, e, r, used = independent_readings(inputs, sensor, first, weighed=True)
    weights = np.array([select(u, over(v), 0.0) for u, v in zip(used, r, strict=True)])
    later, variances = _later(inputs)
    return Outputs(_packed(later.joined(H[:, ::-1], e, weights), variances), commit=True)


def _back(inputs: Inputs, _: None) -> Outputs:
    """What all later readings say about the state before the step, and the smoothed belief there."""
    F, b, Q, bad = linear_step(inputs)
    n, first = len(F), len(inputs.model.components)
    after, variances = _later(inputs)
    backwards = Factored(Q.G[::-1], Q.variances)
    later = weighted.before_motion(after, F[::-1, ::-1], b[::-1], backwards).equations()
    values = inputs.array("z", labelled("filtered", belief_size(n)), first)
    known = recorded(inputs.method, values, n)
    record = carried(weighted.smoothed(known, later))
    new = _packed(later, squares(known.U, known.D)[::-1])
    buried = any_of(after.rounding(variances) > ROUNDING)
    return outputs(new, record, bad, buried)
