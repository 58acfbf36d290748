"""Whether a model is linear and Gaussian and, if it is not, which line of the user's code makes it otherwise."""

import functools
from typing import Any

import numpy as np

from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.user_functions import motion_noise, sensor_noise
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.methods.ekf import EKF
from foglight.model.model import MOTION, Model, Motion, Opaque, Sensor
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.source_location import here
from foglight.trace.symbol import Symbol


def require_linear(model: Model, what_for: str = "KF()") -> None:
    """Raise a ModelError that names the line, unless every function is linear in the state and every noise is the same
    for all states."""
    parts: list[tuple[Motion | Sensor, str]] = [(model.motion, "motion.dynamics")]
    parts += [(sensor, f"{sensor.name}.measure") for sensor in model.sensors]
    for part, what in parts:
        if isinstance(part.dynamics if isinstance(part, Motion) else part.measure, Opaque):
            raise ModelError(
                f"{what} is opaque: its linearity cannot be checked, and {what_for} needs a linear model. "
                "Use fog.EKF() or fog.UKF().",
                field=what,
                value="opaque",
            )
        where = bend_of(model, part)
        if where is not None:
            raise ModelError(
                f"{what} is not linear in the state: {where or 'its definition'} bends. "
                "Use fog.EKF() or fog.UKF(), or measure a linear quantity.",
                field=what,
                value=where or what,
            )
    for part, _ in parts:
        _require_fixed_noise(model, part, what_for)


def is_linear_gaussian(model: Model) -> bool:
    """Whether every function is linear in the state, and every noise the same for all states."""
    try:
        require_linear(model)
    except ModelError:
        return False
    return True


def _require_fixed_noise(model: Model, part: Motion | Sensor, what_for: str) -> None:
    """ModelError if the noise of a part depends on the state."""
    what = f"{MOTION if isinstance(part, Motion) else part.name}.noise"
    if isinstance(part.noise, Opaque):
        raise ModelError(
            f"{what} is opaque: whether it depends on the state cannot be checked, and {what_for} needs a noise that "
            "is the same for all states. Use fog.EKF(), or write it so that it can be traced.",
            field=what,
            value="opaque",
        )
    graph = Graph()
    locations: dict[int, Any] = {}
    graph.on_new = functools.partial(_remember, locations)
    inputs = SymbolInputs(model, EKF(), graph)
    noise = motion_noise(inputs) if isinstance(part, Motion) else sensor_noise(inputs, part)
    values = [*noise.G.flat, *noise.variances] if isinstance(noise, Factored) else list(np.ravel(noise))
    node = derivatives.first_moved(graph, values, inputs.belief.x)
    if node is not None:
        where = locations.get(node.serial)
        raise ModelError(
            f"{what} depends on the state: {where or node}. {what_for} needs a noise that is the same for all states. "
            "Use fog.EKF(), which evaluates it at the mean.",
            field=what,
            value=str(where or node),
        )


def bend_of(model: Model, part: Motion | Sensor) -> str | None:
    """The line where a part's function bends, "" if it is not known; None if the function is linear in the state."""
    if is_linear(model, part):
        return None
    graph = Graph()
    locations: dict[int, Any] = {}
    graph.on_new = functools.partial(_remember, locations)
    x, y = _traced(model, part, graph)
    node = derivatives.bends(graph, y, x)
    where = locations.get(node.serial) if node is not None else None
    return str(where or "")


def is_linear(model: Model, part: Motion | Sensor) -> bool:
    """Whether the part's function is linear (affine) in the state."""
    graph = Graph()
    x, y = _traced(model, part, graph)
    return derivatives.linear(graph, y, x)


def _traced(model: Model, part: Motion | Sensor, graph: Graph) -> tuple[Array, Array]:
    inputs = SymbolInputs(model, EKF(), graph)
    return inputs.belief.x, inputs.function(part)(inputs.belief.x)


def _remember(locations: dict[int, Any], node: Symbol) -> None:
    locations[node.serial] = here()
