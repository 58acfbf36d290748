"""Which parameters are noises."""

from foglight.compiler.engine.cache import kept
from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.user_functions import motion_function, sensor_function
from foglight.methods.ekf import EKF
from foglight.model.model import MOTION, Model, opaque_functions
from foglight.trace import derivatives
from foglight.trace.graph import Graph


def noise_names(model: Model) -> frozenset[str]:
    """The full names of parameters that only affect noise: the functions f and h do not read them.

    Those of a part whose function is opaque count as noises if they are bounded below by 0."""
    return kept(
        model, ("noise names",), lambda: frozenset(n for n in model.parameters if _is_noise(model, n))
    )


def _is_noise(model: Model, name: str) -> bool:
    return all(_is_noise_of(model, name, part, own) for part, own in model.owners(name))


def _is_noise_of(model: Model, name: str, part: str, own: str) -> bool:
    """The same for one of the parts that use the parameter, under its own name there."""
    opaque = opaque_functions(model)
    inputs = SymbolInputs(model, EKF(), Graph())
    if part == MOTION:
        if f"{MOTION}.dynamics" in opaque:
            return model.bounds[name][0] == 0.0
        given, function = inputs.params(model.motion), motion_function(inputs)
    else:
        if f"{part}.measure" in opaque:
            return model.bounds[name][0] == 0.0
        sensor = next(sensor for sensor in model.sensors if sensor.name == part)
        given, function = inputs.params(sensor), sensor_function(inputs, sensor)
    return not derivatives.depends(inputs.graph, function(inputs.belief.x), [getattr(given, own)])
