"""How far a noise of the motion moves a state in a second."""

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.kernels.filter import filter_recipe
from foglight.inference.gaussians import belief_from
from foglight.inference.likelihood import Likelihood
from foglight.methods.layout import Layout
from foglight.model.at_start import start_mean
from foglight.model.model import MOTION, Model, parameter_values
from foglight.tuning.optimum import Optimum


def wander(fit: Optimum, i: int) -> str:
    """How far this noise moves a state in a second, in words; "" if it is not a noise of the motion."""
    likelihood, name = fit.objective.likelihood, fit.names[i]
    if not name.startswith(f"{MOTION}."):
        return ""
    with_noise = after_a_second(likelihood, fit.model)
    without = after_a_second(likelihood, fit.model.with_parameters({name: 0.0}))
    moved = np.sqrt(np.maximum(with_noise - without, 0.0))
    first = np.flatnonzero(moved > 0.0)
    return f" ({fit.model.state[first[0]]} wanders by {moved[first[0]]:.2g} in 1 s)" if len(first) else ""


def after_a_second(likelihood: Likelihood, model: Model) -> NDArray[np.float64]:
    """The variances of the states a second after they were known exactly, at the start's mean."""
    n, method = len(model.state), likelihood.method
    engine = ReferenceEngine(filter_recipe(model, method), "one row is not worth compiling")
    carry = np.zeros((1, engine.kernel.carried))
    carry[0, :n] = start_mean(model)
    if model.start is not None:
        carry[0, Layout(n, 0, model.charts.size).anchor] = model.charts.anchors(list(model.start.mean))
    widths = engine.kernel.widths
    u, row, z = (np.zeros((1, 1, widths[name])) for name in ("u", "row", "z"))
    params = parameter_values(model)
    last, _ = engine.run(Arrays(np.ones(1), u, row, np.full_like(z, np.nan), params, carry))
    return np.square(belief_from(model, method, last[0]).std)
