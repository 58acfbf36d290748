"""What the sensors would read of a belief: the moments of z = h(x) + v by the method's own rule, and nothing taken in.

A kernel of one stage that reads a belief where a filter reads its measurements, and records h and S of each sensor.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.compiler.curves import SymbolicCurve
from foglight.compiler.engine.engine import COMPILED_BELOW, Engine
from foglight.compiler.engine.reference import Given, Numbers, NumericCurve, NumericProgram, ReferenceEngine
from foglight.compiler.inputs import TRACED_BELOW, Inputs, indices, row_labels
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.user_functions import full_noise, sensor_function, sensor_noise
from foglight.core.locks import COMPILING
from foglight.core.types import Array
from foglight.methods.layout import belief_of, upper
from foglight.methods.method import Curve, Method
from foglight.model.model import Model, Sensor, opaque_functions
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program, lower


def readings_engine(model: Model, method: Method) -> Engine | ReferenceEngine:
    """The engine from beliefs (n means and a triangle, as z) to h and the upper triangle of S, sensor by sensor."""
    key = (repr(method), "readings")
    with COMPILING:
        if key not in model.kernels:
            model.kernels[key] = _new_engine(model, method)
        engine: Engine | ReferenceEngine = model.kernels[key]
        return engine


def moments_of(records: Array, model: Model) -> dict[str, tuple[Array, Array]]:
    """h (..., m) and S (..., m, m) of each sensor, from the records (..., width) of that engine."""
    found, first = {}, 0
    for sensor in model.sensors:
        m = len(sensor.measures)
        h, S = records[..., first : first + m], np.empty((*records.shape[:-1], m, m))
        for k, (i, j) in enumerate(upper(m)):
            S[..., i, j] = S[..., j, i] = records[..., first + m + k]
        found[sensor.name] = (h, S)
        first += _size(sensor)
    return found


def _size(sensor: Sensor) -> int:
    m = len(sensor.measures)
    return m + m * (m + 1) // 2


def _new_engine(model: Model, method: Method) -> Engine | ReferenceEngine:
    opaque = [name for name in opaque_functions(model) if not name.startswith("motion.")]
    if opaque:
        return _Reference(model, method, f"{', '.join(opaque)} cannot be traced")
    graph = Graph(limit=TRACED_BELOW)
    try:
        inputs = _Symbols(model, method, graph)
        curves = [
            SymbolicCurve(graph, sensor_function(inputs, s), indices(s.angles, s.measures))
            for s in model.sensors
        ]
        program = lower(Program.of(graph, _outputs(inputs, curves)))
    except TooLongError:
        return _Reference(model, method, "the model is too large to compile")
    if program.size > COMPILED_BELOW:
        return _Reference(model, method, f"{program.size} operations are too many to compile")
    return Engine(_lay_out(model, program))


def _lay_out(model: Model, program: Any) -> Kernel:
    n = len(model.state)
    width = sum(_size(sensor) for sensor in model.sensors)
    stage = Stage("readings", program, (("z", 0),), tuple(range(width)))
    widths = {
        "u": 0,
        "row": len(row_labels(model)),
        "z": n + n * (n + 1) // 2,
        "params": len(model.parameters),
    }
    return Kernel(f"readings of {', '.join(model.state)}", "float64", (stage,), (), widths, {}, width=width)


class _Symbols(Inputs):
    """What a sensor's functions are given, the belief read from z."""

    def __init__(self, model: Model, method: Method, graph: Graph) -> None:
        super().__init__(model, method, graph)
        n = len(model.state)
        values = [graph.input(("z", i), f"belief {i}") for i in range(n + n * (n + 1) // 2)]
        self.belief = belief_of(method, np.array(values), n)


class _Floats(Numbers):
    """The same on floats."""

    def __init__(self, model: Model, method: Method, given: Given) -> None:
        self.model, self.method, self.given = model, method, given
        n = len(model.state)
        self.belief = belief_of(method, np.array(self._floats("z", 0, n + n * (n + 1) // 2)), n)
        self.clocks = {}
        self.dt = self._float("dt", 0)
        self.u = Vector((), [], "control")


def _outputs(inputs: Any, curves: Sequence[Curve]) -> dict[str, list[Any]]:
    record: list[Any] = []
    for sensor, curve in zip(inputs.model.sensors, curves, strict=True):
        m = len(sensor.measures)
        seen: list[Array] = []

        def nothing(h: Array, seen: list[Array] = seen) -> Array:
            seen.append(h)
            return h - h

        R = full_noise(sensor_noise(inputs, sensor), f"{sensor.name}.noise", m).astype(inputs.belief.x.dtype)
        info = inputs.method.update(inputs.belief, curve, nothing, R, [True] * m, ())[1]
        record += [*seen[0], *[info.S[i, j] for i, j in upper(m)]]
    return {"carry": [], "commit": [True], "record": record, "sums": [], "status": []}


class _Stage(NumericProgram):
    """The readings of one sensor at a time on floats."""

    def __init__(self, model: Model, method: Method) -> None:
        super().__init__(model, method, model.motion, 0, False)
        self.parts = [NumericProgram(model, method, sensor, 0, False) for sensor in model.sensors]

    def evaluate(self, given: Given) -> dict[str, list[Any]]:
        inputs = _Floats(self.model, self.method, given)
        curves: list[Curve] = [
            NumericCurve(
                part, given, sensor_function(inputs, s), indices(s.angles, s.measures), inputs.stds()
            )
            for part, s in zip(self.parts, self.model.sensors, strict=True)
        ]
        return {name: [np.atleast_1d(v) for v in vs] for name, vs in _outputs(inputs, curves).items()}


class _Reference(ReferenceEngine):
    """Readings row by row on floats."""

    def __init__(self, model: Model, method: Method, reason: str) -> None:
        self._reason = reason
        self.kernel = _lay_out(model, _Stage(model, method))
