"""Which parameters are noises."""

from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.kept import kept
from foglight.methods.ekf import EKF
from foglight.model.model import MOTION, Model, Motion, Sensor, opaque_functions
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.tuning.delays import delays_among


def noise_names(model: Model) -> frozenset[str]:
    """The full names of parameters that only affect noise: the functions f and h do not read them, nor are they delays.

    Those of a part whose function is opaque count as noises if they are bounded below by 0."""
    return kept(model, ("noise names",), lambda: _noise_names(model))


def _noise_names(model: Model) -> frozenset[str]:
    noises = set(model.parameters) - set(delays_among(model, model.parameters).values())
    opaque = opaque_functions(model)
    functions: list[tuple[str, Motion | Sensor, str]] = [(MOTION, model.motion, "dynamics")]
    functions += [(sensor.name, sensor, "measure") for sensor in model.sensors]
    for name, part, function in functions:
        own = model.full_names(name)
        if f"{name}.{function}" in opaque:
            noises -= {full for full in own.values() if model.bounds[full][0] != 0.0}
            continue
        inputs = SymbolInputs(model, EKF(), Graph())
        given, values = inputs.params(part), inputs.function(part)(inputs.belief.x)
        noises -= {
            full
            for short, full in own.items()
            if derivatives.depends(inputs.graph, values, [getattr(given, short)])
        }
    return frozenset(noises)
