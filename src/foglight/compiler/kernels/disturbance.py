"""The process noise given all readings: p(w | z_1:T) of every step, beside the smoothed state.

w is the step's x' - f(x) = G ξ, so that w and x' have the joint columns [[0, G], [F U, G]]. The smoother's own
Gram–Schmidt and its own equations, with w in place of x, give the mean and factor of the smoothed disturbance. E[w wᵀ]
is then a sum of squares, whereas P' - F Cᵀ - C Fᵀ + F P Fᵀ is a difference that loses its sign when Q is small.
(Koopman 1993 smooths disturbances without factors.)
"""

from dataclasses import replace

import numpy as np

from foglight.compiler.inputs import Inputs
from foglight.compiler.kernels.smoother import smoother_recipe
from foglight.compiler.kernels.smoother_stage import SMOOTH, recorded
from foglight.compiler.recipe import Outputs, Recipe, StageRecipe
from foglight.compiler.user_functions import motion_noise, noise_of
from foglight.equations import smoother
from foglight.equations.gaussian import Belief
from foglight.methods.ekf import KF
from foglight.methods.layout import belief_of, belief_size, carried
from foglight.model.model import Model
from foglight.trace.ops import all_finite, negated


def disturbance_recipe(model: Model) -> Recipe:
    """The backward scan of a linear model that records the smoothed state, then the smoothed disturbance of the step
    that leads away from it, each as a mean and a factor; NaN where no time passed."""
    base = smoother_recipe(model, KF(), SMOOTH)
    size = belief_size(len(model.state))
    stage = StageRecipe("disturbance", (("dt", 0),), _disturbance, record=tuple(range(size, 2 * size)))
    layout = replace(base.layout, snapshots={1: 0}, width=2 * size)
    return replace(base, layout=layout, stages=(stage, *base.stages))


def _disturbance(inputs: Inputs, _nothing: None) -> Outputs:
    n = len(inputs.model.state)
    size = belief_size(n)
    after = inputs.numbers("carry", [f"after {i}" for i in range(size)])
    given = inputs.numbers("z", [f"filtered {i}" for i in range(size)])
    belief = recorded(KF(), np.array(given), n)
    inputs.belief = belief
    curve = inputs.curve(inputs.model.motion)
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", n, inputs.traced)
    y, F = curve.linearise(belief.x)
    joint = smoother.linearised(belief, y, F, Q)
    columns = joint.columns.copy()
    columns[:n, :n], columns[:n, n:] = 0.0, Q.G  # w in place of x
    joint = joint._replace(columns=columns)
    nothing = np.full(n, 0.0, belief.x.dtype)
    known: Belief = belief_of(KF(), np.array(after), n)
    found, _ = smoother.smoothed(nothing, smoother.given_next(joint), known, ())
    record = carried(found)
    return Outputs(carry=after, commit=all_finite(record) & negated(bad), record=record)
