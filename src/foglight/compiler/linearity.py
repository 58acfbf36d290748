"""Whether a model is linear in the state and, if it is not, which line of the user's code is nonlinear."""

import functools
from typing import Any

from foglight.compiler.inputs import SymbolInputs
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.methods.ekf import EKF
from foglight.model.model import Model, Motion, Opaque, Sensor
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.source_location import here
from foglight.trace.symbol import Symbol


def require_linear(model: Model, what_for: str = "KF()") -> None:
    """Raise a ModelError that names the nonlinear line, unless every function is linear in the state."""
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
        if is_linear(model, part):
            continue
        graph = Graph()
        locations: dict[int, Any] = {}
        graph.on_new = functools.partial(_remember, locations)
        x, y = _traced(model, part, graph)
        node = derivatives.bends(graph, y, x)
        where = locations.get(node.serial) if node is not None else None
        raise ModelError(
            f"{what} is not linear in the state: {where or 'its definition'} bends. "
            "Use fog.EKF() or fog.UKF(), or measure a linear quantity.",
            field=what,
            value=str(where or what),
        )


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
