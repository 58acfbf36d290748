"""The kernel of a simulation: the state moved with noise, and what the sensors then report."""

from typing import Any

import numpy as np

from foglight.compiler.inputs import Inputs, indices, row_labels
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.user_functions import (
    motion_function,
    motion_noise,
    noise_of,
    sensor_function,
    sensor_noise,
)
from foglight.core.errors import Status
from foglight.core.types import Array
from foglight.equations.angles import wrap
from foglight.methods.ekf import EKF
from foglight.model.model import Model
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower


def simulation_kernel(model: Model) -> Kernel:
    """The kernel of a simulation: what a filter calls z is the noise, (r + M,) standard normals a row."""
    n, M = len(model.state), sum(len(sensor.measures) for sensor in model.sensors)
    move, r = _move(model)
    return Kernel(
        name=f"simulation of {', '.join(model.state)}",
        dtype="float64",
        stages=(move, _report(model, r, tuple(range(n, n + M)))),
        carry=model.state,
        widths={
            "u": len(model.motion.controls),
            "row": len(row_labels(model)),
            "z": r + M,
            "params": len(model.parameters),
        },
        labels={"u": model.motion.controls, "row": row_labels(model), "params": tuple(model.parameters)},
        snapshots={0: 0},
        sums=n + M,
        status=n + M + 2,
        width=n + M + 3,
    )


def _move(model: Model) -> tuple[Stage, int]:
    """x' = f(x) + G √v ξ, and how many numbers ξ has."""
    graph = Graph()
    inputs = Inputs(model, EKF(), graph)
    x = inputs.belief.x
    Q, bad = noise_of(motion_noise(inputs), "motion.noise", len(x))
    new = motion_function(inputs)(x) + _disturbance(graph, Q, 0)
    for i in indices(model.motion.angles, model.state):
        new[i] = wrap(new[i])
    outputs = {"carry": list(new), "commit": [~graph.lift(bad)], "record": [], "sums": [], "status": [bad]}
    program = lower(Program.of(graph, outputs))
    return Stage("move", program, (("dt", 0),), (), (Status.INDEFINITE,)), len(Q.variances)


def _report(model: Model, r: int, places: tuple[int, ...]) -> Stage:
    """z = h(x) + L √d ξ of every sensor."""
    graph = Graph()
    inputs = Inputs(model, EKF(), graph)
    x = inputs.belief.x
    z: list[Any] = []
    bad: Any = graph.lift(False)
    for sensor in model.sensors:
        m = len(sensor.measures)
        R, bad_R = noise_of(sensor_noise(inputs, sensor), f"{sensor.name}.noise", m)
        seen = sensor_function(inputs, sensor)(x) + _disturbance(graph, R, r)
        for i in indices(sensor.angles, sensor.measures):
            seen[i] = wrap(seen[i])
        z += list(seen)
        bad = bad | graph.lift(bad_R)
        r += len(R.variances)
    outputs = {"carry": list(x), "commit": [~bad], "record": z, "sums": [0.0, 0.0], "status": [bad]}
    program = lower(Program.of(graph, outputs))
    return Stage("report", program, (("z", 0),), places, (Status.INDEFINITE,), Status.USED)


def _disturbance(graph: Graph, noise: Any, first: int) -> Array:
    """G √v ξ for the numbers ξ from `first` on."""
    xi = [graph.input(("z", first + i), f"xi{first + i}") for i in range(len(noise.variances))]
    w = [np.sqrt(graph.lift(v)) * number for v, number in zip(noise.variances, xi, strict=True)]
    G: Array = np.asarray(noise.G, dtype=object)
    return np.array([sum((g * part for g, part in zip(row, w, strict=True)), 0.0) for row in G], dtype=object)
