"""What all readings say of the process noise: p(w | z_1:T) of every step, beside the smoothed state.

w is the step's x' - f(x) = G ξ, so that w and x' have the joint columns [[0, G], [F U, G]]: the smoother's own
Gram–Schmidt and its own equations, with w for x, give mean and factor of the smoothed disturbance. E[w wᵀ] is then a
sum of squares, where P' - F Cᵀ - C Fᵀ + F P Fᵀ is a difference that loses its sign when Q is small. (Koopman 1993
smooths disturbances without factors.)
"""

from dataclasses import replace

import numpy as np

from foglight.compiler.curves import SymbolicCurve
from foglight.compiler.inputs import Inputs
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.smoother import backward_kernel, belief_size
from foglight.compiler.kernels.smoother_stage import SMOOTH, recorded
from foglight.compiler.user_functions import motion_function, motion_noise, noise_of
from foglight.equations import smoother
from foglight.equations.gaussian import Belief
from foglight.methods.ekf import KF
from foglight.methods.layout import belief_of, carried
from foglight.model.model import Model
from foglight.trace.graph import Graph
from foglight.trace.ops import all_finite, negated
from foglight.trace.program import Program, lower


def disturbance_kernel(model: Model) -> Kernel:
    """The backward kernel of a linear model that records the smoothed state, then the smoothed disturbance of the step
    that leads away from it, each as a mean and a factor; NaN where no time passed."""
    base = backward_kernel(model, KF(), SMOOTH)
    n = len(model.state)
    size = belief_size(n)
    graph = Graph()
    inputs = Inputs(model, KF(), graph)
    after = [graph.input(("carry", i), label) for i, label in enumerate(base.carry)]
    given = np.array([graph.input(("z", i), f"filtered {i}") for i in range(size)])
    belief = inputs.belief = recorded(KF(), given, n)
    curve = SymbolicCurve(graph, motion_function(inputs), ())
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", n)
    y, F = curve.linearise(belief.x)
    joint = smoother.linearised(belief, y, F, Q)
    columns = joint.columns.copy()
    columns[:n, :n], columns[:n, n:] = 0.0, Q.G  # w stands where x stood
    joint = joint._replace(columns=columns)
    nothing = np.full(n, 0.0, object)
    known: Belief = belief_of(KF(), np.array(after), n)
    found, _ = smoother.smoothed(nothing, smoother.given_next(joint), known, ())
    record = carried(found)
    outputs = {
        "carry": after,
        "commit": [all_finite(record) & negated(bad)],
        "record": record,
        "sums": [],
        "status": [],
    }
    place = tuple(range(size, 2 * size))
    stage = Stage("disturbance", lower(Program.of(graph, outputs)), (("dt", 0),), place)
    return replace(base, stages=(stage, *base.stages), snapshots={1: 0}, width=2 * size)
