"""The simulation: the state is moved with noise, and the sensors report it with noise."""

import functools
from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs, SymbolInputs, row_labels
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe
from foglight.compiler.user_functions import noise_of, process_noise, sensor_noise
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations.gaussian import Belief
from foglight.methods.ekf import EKF
from foglight.methods.layout import wrapped
from foglight.model.model import MOTION, Model, Motion, Sensor
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.graph import Graph
from foglight.trace.ops import joined, negated, product, unit, zeros

LINES_BELOW = (
    20_000  # operations: as many as are compiled, for an addition of arrays is no faster than its entries
)


def simulation_recipe(model: Model) -> Recipe:
    """The recipe of a simulation. Its z is the noise: standard normals for the process, then for each measurement."""
    carry = (*model.state, *model.charts.labels)
    n, M = len(carry), len(model.components)
    r = _process_noises(model)
    layout = Kernel(
        name=f"simulation of {', '.join(model.state)}",
        dtype="float64",
        stages=(),
        carry=carry,
        widths={
            "u": len(model.inputs),
            "row": len(row_labels(model)),
            "z": r + M,
            "params": len(model.parameters),
        },
        labels={"u": model.inputs, "row": row_labels(model), "params": tuple(model.parameters)},
        snapshots={0: 0},
        sums=n + M,
        status=n + M + 2,
        width=n + M + 3,
    )
    move = StageRecipe("move", (("dt", 0),), _move, (Status.INDEFINITE,))
    report = StageRecipe(
        "report",
        (("z", 0),),
        functools.partial(_report, r=r),
        (Status.INDEFINITE,),
        record=tuple(range(n, n + M)),
        used=Status.USED,
    )
    return Recipe(model, EKF(), layout, (move, report), (MOTION, *model.sensor_names), LINES_BELOW)


def _process_noises(model: Model) -> int:
    """How many numbers the process noise takes."""
    return len(process_noise(SymbolInputs(model, EKF(), Graph()))[0].variances)


def _move(inputs: Inputs, _: None) -> Outputs:
    """x' = f(x) + G √v ξ."""
    motion, x = inputs.model.motion, _state(inputs)
    Q, bad = process_noise(inputs)
    charts, moved = inputs.model.charts, _value(inputs, motion, x)
    anchor = charts.anchors(moved) if charts.parts else []
    if charts.parts:
        moved = np.array(charts.coordinates(moved), dtype=moved.dtype)
    moved = moved + _disturbance(inputs, Q, 0)
    return Outputs(
        carry=joined(wrapped(moved, inputs.angles(motion)), anchor),
        commit=negated(bad),
        status={Status.INDEFINITE: bad},
    )


def _report(inputs: Inputs, _: None, *, r: int) -> Outputs:
    """z = h(x) + L √d ξ of every sensor."""
    x = _state(inputs)
    z: Any = []
    bad: Any = False
    for sensor in inputs.model.sensors:
        R, bad_R = noise_of(sensor_noise(inputs, sensor), f"{sensor.name}.noise", inputs.traced)
        seen = _value(inputs, sensor, x) + _disturbance(inputs, R, r)
        z = joined(z, wrapped(seen, inputs.angles(sensor)))
        bad = bad | bad_R
        r += len(R.variances)
    carry = joined(x, inputs.anchor)
    return Outputs(
        carry=carry, commit=negated(bad), record=z, sums=[0.0, 0.0], status={Status.INDEFINITE: bad}
    )


def _state(inputs: Inputs) -> Any:
    """The true state, as a belief without any doubt: the noises are evaluated there."""
    x = inputs.array("carry", inputs.model.state)
    inputs.anchor = inputs.numbers("carry", inputs.model.charts.labels, len(x))
    inputs.belief = Belief(x, unit(len(x), x), zeros(len(x), x))
    return x


def _value(inputs: Inputs, part: Motion | Sensor, x: Any) -> Any:
    """The value of the part's function; a product where it is a matrix and the state is an array as a whole."""
    whole = isinstance(x, ArraySymbol)
    return inputs.plain_curve(part).linearise(x)[0] if whole else inputs.function(part)(x)


def _disturbance(inputs: Inputs, noise: Any, first: int) -> Any:
    """G √v ξ for the numbers ξ from `first` on."""
    xi = inputs.array("z", [f"xi{first + i}" for i in range(len(noise.variances))], first)
    G: Array = np.asarray(noise.G, dtype=inputs.belief.x.dtype)
    if isinstance(xi, ArraySymbol):
        return product(G, np.array([np.sqrt(v) for v in noise.variances], object) * xi)
    w = [np.sqrt(v) * number for v, number in zip(noise.variances, xi, strict=True)]
    return np.array(
        [sum((g * part for g, part in zip(row, w, strict=True)), 0.0) for row in G], dtype=G.dtype
    )
