"""The equations run on floats, row by row, for what is not compiled.

A model with a function that cannot be traced (`fog.opaque`), or one so large that compiling its straight-line
steps would take longer than it saves, runs here: the same equations, on NumPy arrays. Results agree with the
compiled ones to rounding. Derivatives are exact where the function can be traced, else central differences.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from foglight.compiler.backends import interpreter
from foglight.compiler.engine.arrays import Arrays, concatenated, placed
from foglight.compiler.finite_differences import slopes
from foglight.compiler.inputs import Inputs, carry_labels, clocks_of, indices, parameter_offset
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import (
    lay_out,
    predict_outputs,
    predict_stage,
    update_outputs,
    update_stage,
)
from foglight.compiler.user_functions import motion_function, sensor_function
from foglight.core.errors import DataError, FoglightError, ModelError, NumericalError, StateError, TimeError
from foglight.core.types import Array
from foglight.equations import diffuse
from foglight.equations.gaussian import FullBelief
from foglight.methods.layout import belief_of
from foglight.methods.method import Method
from foglight.model.model import Model, Motion, Opaque, Sensor
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.point_pairs import difference
from foglight.trace.program import Program, lower

Given = Mapping[tuple[str, int], Any]
FAMILY = (ModelError, DataError, TimeError, NumericalError, StateError)


class ReferenceEngine:
    """A kernel whose stages are the equations themselves."""

    def __init__(self, model: Model, method: Method, detail: bool, reason: str) -> None:
        self._reason = reason

        def predict(model: Model, method: Method, dtype: str) -> Stage:
            return predict_stage(NumericProgram(model, method, model.motion, 0, detail))

        def update(
            model: Model,
            method: Method,
            sensor: Sensor,
            first: int,
            record: tuple[int, ...],
            dtype: str,
            detail: bool,
        ) -> Stage:
            program = NumericProgram(model, method, sensor, first, detail)
            gated = sensor.name in method.gated(model.sensor_names)
            return update_stage(sensor, program, first, record, gated, method.directions > 0)

        self.kernel: Kernel = lay_out(model, method, "float64", detail, predict, update)

    @property
    def carried(self) -> int:
        """Numbers carried from run to run."""
        return self.kernel.carried

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given; track after track."""
        results = [self._track(one) for one in arrays.each()]
        if arrays.first is not None:
            return concatenated(results)
        return placed((np.concatenate([c for c, _ in results]), np.concatenate([r for _, r in results])), out)

    def step(self, arrays: Arrays, where: str, index: int) -> tuple[Array, Array]:
        """One row; an error of the user's functions says where it happened."""
        try:
            return interpreter.scan(self.kernel, arrays.__dict__)
        except FoglightError as refused:
            if type(refused) not in FAMILY:  # of the user's own making: it stays what it is
                refused.add_note(f"This happened at {where}.")
                raise
            raise _placed(refused, where, index) from refused

    def _track(self, arrays: Arrays) -> tuple[Array, Array]:
        carry, records = arrays.carry, []
        for k in range(len(arrays.dt)):
            at = slice(k, k + 1)
            u, row, z = (a[:, at] for a in (arrays.u, arrays.row, arrays.z))
            one = Arrays(arrays.dt[at], u, row, z, arrays.params, carry)
            carry, record = self.step(one, arrays.rows.where(k), arrays.rows.number(k))
            records.append(record)
        return carry, np.concatenate(records, axis=1)

    def describe(self, arrays: Arrays) -> str:
        """What ran, and why not the compiled scan."""
        return f"reference: {self._reason}"


class Numbers:
    """What lowering.Inputs is, with floats for symbols."""

    traced = False

    def __init__(self, model: Model, method: Method, given: Given) -> None:
        self.model = model
        self.method = method
        self.given = given
        count = len(carry_labels(model, method))
        carry = np.array([self._float("carry", i) for i in range(count)])
        self.belief = belief_of(method, carry, len(model.state))
        self.clocks = clocks_of(model, method, carry)
        self.dt = self._float("dt", 0)
        self.u = Vector(model.motion.controls, self._floats("u", 0, len(model.motion.controls)), "control")

    def stds(self) -> Array:
        """The standard deviations of the belief; of what is unknown, the size of its directions."""
        belief = self.belief
        variances = np.diag(belief.P) if isinstance(belief, FullBelief) else (belief.U * belief.U) @ belief.D
        if isinstance(belief, diffuse.Belief):
            variances = variances + (belief.A * belief.A) @ belief.w
        return np.sqrt(np.maximum(variances, 0.0))

    def params(self, part: Motion | Sensor) -> Vector:
        first = parameter_offset(self.model, part)
        return Vector(tuple(part.params), self._floats("params", first, len(part.params)), "parameter")

    def matrix(self, name: str) -> Array:
        first = 0
        for other, array in self.model.rows.items():
            shape = array.shape[1:]
            size = int(np.prod(shape))
            if other == name:
                return np.array(self._floats("row", first, size)).reshape(shape)
            first += size
        return self.model.matrices[name]

    def _float(self, source: str, index: int) -> np.float64:
        return np.float64(np.squeeze(self.given[(source, index)]))

    def _floats(self, source: str, first: int, count: int) -> list[np.float64]:
        return [self._float(source, first + i) for i in range(count)]


def _placed(refused: FoglightError, where: str, row: int) -> FoglightError:
    """The same error, said of a row."""
    inner = refused.index if isinstance(refused.index, tuple) else (refused.index,)
    index = row if refused.index is None else (row, *inner)
    return type(refused)(f"{where}: {refused}", field=refused.field, index=index, value=refused.value)


class NumericProgram:
    """What a Program is to the interpreter: outputs from inputs, here by running the equations."""

    size = 0
    inputs: tuple[Any, ...] = ()

    def __init__(self, model: Model, method: Method, part: Motion | Sensor, first: int, detail: bool) -> None:
        self.model = model
        self.method = method
        self.part = part
        self.first = first
        self.detail = detail
        self.opaque = isinstance(part.dynamics if isinstance(part, Motion) else part.measure, Opaque)
        self.derivatives: dict[str, Program] = {}

    def evaluate(self, given: Given) -> dict[str, list[Any]]:
        numbers = Numbers(self.model, self.method, given)
        stds = numbers.stds()
        if isinstance(self.part, Motion):
            function = motion_function(numbers)
            curve = NumericCurve(self, given, function, indices(self.part.angles, self.model.state), stds)
            outputs = predict_outputs(numbers, curve)
        else:
            function = sensor_function(numbers, self.part)
            curve = NumericCurve(self, given, function, indices(self.part.angles, self.part.measures), stds)
            z = [np.float64(np.squeeze(given[("z", self.first + i)])) for i in range(len(self.part.measures))]
            outputs = update_outputs(numbers, self.part, curve, z, self.detail)
        return {group: [np.atleast_1d(v) for v in values] for group, values in outputs.items()}

    def derivative(self, kind: str, build: Callable[[Graph, Array, Array], dict[str, Any]]) -> Program:
        """The Program of a derivative of the function, traced once."""
        if kind not in self.derivatives:
            graph = Graph()
            inputs = Inputs(self.model, self.method, graph)
            x = np.array([graph.input(("x", i)) for i in range(len(self.model.state))])
            part = self.part
            function = motion_function(inputs) if isinstance(part, Motion) else sensor_function(inputs, part)
            self.derivatives[kind] = lower(Program.of(graph, build(graph, function(x), x)))
        return self.derivatives[kind]


class NumericCurve:
    """A user's function on floats."""

    def __init__(
        self,
        stage: NumericProgram,
        given: Given,
        function: Callable[[Array], Array],
        angles: tuple[int, ...],
        stds: Array,
    ) -> None:
        self.stage = stage
        self.given = given
        self.function = function
        self.angles = angles
        self.stds = stds

    def value(self, x: Array) -> Array:
        return self.function(x).astype(float)

    def linearise(self, x: Array) -> tuple[Array, Array]:
        y = self.value(x)
        if self.stage.opaque:
            return y, slopes(self.value, x, self.stds, self.angles, len(y))
        program = self.stage.derivative(
            "J", lambda graph, f, x: {"J": derivatives.jacobian(graph, f, x).ravel()}
        )
        return y, self._evaluate(program, x)["J"].reshape(len(y), len(x))

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        y = self.value(x)
        if self.stage.opaque:
            plus = np.array([self.value(x + c) for c in columns.T]).T
            minus = np.array([self.value(x - c) for c in columns.T]).T
            return y, 0.5 * (plus + minus) - y[:, None], 0.5 * (plus - minus)
        n, pairs = columns.shape

        def build(graph: Graph, f: Array, x: Array) -> dict[str, Any]:
            C = np.array(
                [[graph.input(("c", i * pairs + k)) for k in range(pairs)] for i in range(n)], dtype=object
            )
            s, d = difference(graph, f, x, C)
            return {"s": s.ravel(), "d": d.ravel()}

        found = self._evaluate(self.stage.derivative("sd", build), x, columns)
        return y, found["s"].reshape(len(y), pairs), found["d"].reshape(len(y), pairs)

    def _evaluate(self, program: Program, x: Array, columns: Array | None = None) -> dict[str, Array]:
        inputs = {key: np.float64(np.squeeze(v)) for key, v in self.given.items()}
        inputs |= {("x", i): v for i, v in enumerate(x)}
        if columns is not None:
            inputs |= {("c", k): v for k, v in enumerate(columns.ravel())}
        return {name: np.array(values, dtype=float) for name, values in program.evaluate(inputs).items()}
