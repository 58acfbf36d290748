"""F, Q, H and R of a model along a trajectory of states, all rows at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.kept import kept
from foglight.compiler.user_functions import motion_noise, sensor_noise
from foglight.core.types import Floats
from foglight.methods.ekf import EKF
from foglight.methods.layout import Layout
from foglight.model.model import Model, opaque_functions
from foglight.model.part_functions import full
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower


@dataclass(frozen=True)
class Linearised:
    """F (T, n, n) and Q (T, n, n) lead to each row from the row before; H (T, M, n) and R (T, M, M) are of the row."""

    F: Floats
    Q: Floats
    H: Floats
    R: Floats


def linearised(model: Model, arrays: Arrays, x: Floats) -> Linearised | None:
    """The matrices along states x (T, N), as functions see them, of one track's rows; None for functions that cannot be
    traced. Rotations have the coordinates 0 there.

    F and Q of row k are evaluated at x of row k - 1 with the dt and u of row k.
    """
    if opaque_functions(model):
        return None
    motion_program = kept(model, ("motion's jacobian",), lambda: _motion_program(model))
    sensor_program = sensor_jacobians(model)
    T, n = len(x), len(model.state)
    carry = _carry(model, x)
    before = [np.concatenate([column[:1], column[:-1]]) for column in carry.values()]
    M = len(model.components)
    shared: dict[Any, Any] = {("dt", 0): arrays.dt}
    shared |= {("u", i): arrays.u[0, :, i] for i in range(arrays.u.shape[2])}
    shared |= {("row", i): arrays.row[0, :, i] for i in range(arrays.row.shape[2])}
    shared |= {("params", i): np.float64(v) for i, v in enumerate(arrays.params)}
    motion = motion_program.evaluate(shared | dict(zip(carry, before, strict=True)))
    sensors = sensor_program.evaluate(shared | carry)
    R, H, first = np.zeros((T, M, M)), _stacked(sensors["H"], (T, M, n)), 0
    for _, at in model.blocks:
        m = at.stop - at.start
        R[:, at, at] = _stacked(sensors["R"][first : first + m * m], (T, m, m))
        first += m * m
    return Linearised(_stacked(motion["F"], (T, n, n)), _stacked(motion["Q"], (T, n, n)), H, R)


def _carry(model: Model, x: Floats) -> dict[tuple[str, int], Floats]:
    """The means and the anchors (T,) that a filter carries at these states."""
    charts, columns = model.charts, list(x.T)
    layout = Layout(len(model.state), 0, charts.size)
    states = [np.broadcast_to(np.asarray(v, float), len(x)) for v in charts.coordinates(columns)]
    found = {("carry", i): v for i, v in enumerate(states)}
    anchors = zip(layout.indices(layout.anchor), charts.anchors(columns), strict=True)
    return found | {("carry", i): v for i, v in anchors}


def _motion_program(model: Model) -> Program:
    """F and Q as functions of the state."""
    graph = Graph()
    inputs = SymbolInputs(model, EKF(), graph)
    state = inputs.belief.x
    Q = full(motion_noise(inputs))
    motion = {
        "F": list(inputs.curve(model.motion).linearise(state)[1].ravel()),
        "Q": list(Q.ravel()),
    }
    return lower(Program.of(graph, motion))


def sensor_jacobians(model: Model) -> Program:
    """h, H and R of all sensors as functions of the state, made once for the model."""
    return kept(model, ("sensors' jacobians",), lambda: _sensor_program(model))


def _sensor_program(model: Model) -> Program:
    graph = Graph()
    inputs = SymbolInputs(model, EKF(), graph)
    state = inputs.belief.x
    found: dict[str, list[object]] = {"h": [], "H": [], "R": []}
    for sensor in model.sensors:
        h = inputs.function(sensor)(state)
        found["h"] += list(h)
        found["H"] += list(derivatives.jacobian(graph, h, state).ravel())
        found["R"] += list(full(sensor_noise(inputs, sensor)).ravel())
    return lower(Program.of(graph, found))


def _stacked(values: list[Floats], shape: tuple[int, ...]) -> Floats:
    columns = [np.broadcast_to(np.asarray(v, float), shape[0]) for v in values]
    return np.stack(columns, axis=1).reshape(shape)
