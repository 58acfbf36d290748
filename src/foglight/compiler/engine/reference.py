"""Recipes run on floats, row by row, for models that are not compiled.

A model so large that compiling its straight-line steps would take longer than it saves runs here: the same equations,
on NumPy arrays. Results agree with the compiled ones to rounding. Derivatives are exact where the function can be
traced, else (`fog.opaque`) central differences.
"""

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from foglight.compiler.backends import interpreter
from foglight.compiler.curves import spread_of_values
from foglight.compiler.engine.arrays import Arrays, concatenated, placed
from foglight.compiler.finite_differences import slopes
from foglight.compiler.inputs import Inputs, SymbolInputs
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Recipe, StageRecipe
from foglight.core.errors import (
    DataError,
    FoglightError,
    FoglightWarning,
    ModelError,
    NumericalError,
    StateError,
    TimeError,
)
from foglight.core.types import Array
from foglight.methods.method import Method
from foglight.model.model import Model, Motion, Opaque, Sensor
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.point_pairs import difference
from foglight.trace.program import Program, lower
from foglight.trace.source_location import foreign

_TIMED = 2  # the row that is timed: the first one also traces the derivatives
Given = Mapping[tuple[str, int], Any]
FAMILY = (ModelError, DataError, TimeError, NumericalError, StateError)


class ReferenceEngine:
    """Runs a recipe by evaluating its equations on floats. reason: why it is not compiled."""

    same_bits = False

    def __init__(self, recipe: Recipe, reason: str) -> None:
        stages = tuple(stage.stage(NumericProgram(recipe, stage)) for stage in recipe.stages)
        self.kernel: Kernel = replace(recipe.layout, stages=stages)
        self._reason = reason
        self._kernels = recipe.model.kernels
        self._rows = 0
        self._shares = any(stage.shared is not None for stage in recipe.stages)

    @property
    def carried(self) -> int:
        """Numbers carried from run to run."""
        return self.kernel.carried

    def __deepcopy__(self, memo: object) -> "ReferenceEngine":
        """The engine itself: the copies of a run may share it."""
        return self

    def run(self, arrays: Arrays, out: Array | None = None) -> tuple[Array, Array]:
        """carry_out (tracks, carried) and records (tracks, rows, width), in `out` if given; one track at a time.

        If a stage shares a computation among tracks, all tracks advance together, row by row.
        """
        if self._shares and arrays.first is None and len(arrays.z) == 1 and arrays.tracks > 1:
            carry, parts = arrays.carry, []
            for k in range(len(arrays.dt)):
                carry, part = self._tracks(replace(arrays.rows_of(k, k + 1), carry=carry))
                parts.append(part)
            return placed((carry, np.concatenate(parts, axis=1)), out)
        return placed(self._tracks(arrays), out)

    def _tracks(self, arrays: Arrays) -> tuple[Array, Array]:
        results = [self._track(one) for one in arrays.each()]
        if arrays.first is not None:
            return concatenated(results)
        return np.concatenate([c for c, _ in results]), np.concatenate([r for _, r in results])

    def step(self, arrays: Arrays, where: str, index: int) -> tuple[Array, Array]:
        """One row; an error in the user's functions names the row where it happened."""
        started = time.perf_counter()
        try:
            found = interpreter.scan(self.kernel, arrays)
        except FoglightError as refused:
            raise_at_row(refused, where, index)
        self._rows += 1
        if self._rows == _TIMED:
            self._warn(time.perf_counter() - started)
        return found

    def _warn(self, seconds: float) -> None:
        """A warning, once for a model, of what this engine costs. seconds: of one row."""
        if self._kernels.setdefault("warned of the reference path", False):
            return
        self._kernels["warned of the reference path"] = True
        warnings.warn(
            f"{self._reason}, so the equations run row by row in Python: {1e3 * seconds:.2g} ms for each row. "
            "Write the model with fewer states or measures, or its functions with fewer operations.",
            FoglightWarning,
            stacklevel=level_of_the_user(),
        )

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
        """What ran, and why it was not compiled."""
        return f"reference: {self._reason}"


def level_of_the_user() -> int:
    """The level of the first frame outside this package, for the function that calls this to name in a warning."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and foreign(frame):
        level, frame = level + 1, frame.f_back
    return level


def raise_at_row(refused: FoglightError, where: str, row: int) -> NoReturn:
    """Raise the same error with the row where it happened."""
    if type(refused) not in FAMILY:  # a class of the user's own: its type is kept
        refused.add_note(f"This happened at {where}.")
        raise refused
    inner = refused.index if isinstance(refused.index, tuple) else (refused.index,)
    index = row if refused.index is None else (row, *inner)
    raise type(refused)(
        f"{where}: {refused}", field=refused.field, index=index, value=refused.value
    ) from refused


class NumericProgram:
    """Takes the role of a Program in the interpreter: outputs from inputs, by evaluating the equations."""

    size = 0
    on_arrays = False
    inputs: tuple[Any, ...] = ()

    def __init__(self, recipe: Recipe, stage: StageRecipe) -> None:
        self.recipe = recipe
        self.stage = stage
        self.derivatives: dict[tuple[str, str], Program] = {}
        self._latest: tuple[bytes, Any] | None = None

    def evaluate(self, given: Given) -> dict[str, list[Any]]:
        inputs = FloatInputs(self.recipe.model, self.recipe.method, given, self.derivatives)
        outputs = self.stage.outputs(inputs, self._shared(inputs))
        groups = outputs.groups(self.stage.status)
        return {group: [np.atleast_1d(v) for v in values] for group, values in groups.items()}

    def _shared(self, inputs: "FloatInputs") -> Any:
        """The part that does not depend on the carry: computed for the first track of a row, reused for the others."""
        if self.stage.shared is None:
            return None
        controls = len(self.recipe.model.inputs)
        single = sorted(key for key in inputs.given if key[0] != "carry" and key[1] is not None)
        row = b"".join(
            np.asarray(inputs.given[key]).tobytes() for key in single if key[0] != "u" or key[1] < controls
        )
        if self._latest is None or self._latest[0] != row:
            self._latest = row, self.stage.shared(inputs)
        return self._latest[1]


class FloatInputs(Inputs):
    """The inputs as floats. derivatives: traced derivatives of the model's functions, added when needed."""

    traced = False

    def __init__(
        self,
        model: Model,
        method: Method,
        given: Given,
        derivatives: dict[tuple[str, str], Program] | None = None,
    ) -> None:
        super().__init__(model, method)
        self.given = given
        self.derivatives = {} if derivatives is None else derivatives

    def number(self, source: str, index: int, label: str) -> Any:
        return np.float64(np.squeeze(self.given[(source, index)]))

    def plain_curve(self, part: Motion | Sensor) -> "NumericCurve":
        return NumericCurve(self, part)


class NumericCurve:
    """A user's function on floats."""

    def __init__(self, inputs: FloatInputs, part: Motion | Sensor) -> None:
        self.inputs = inputs
        self.part = part
        self.function = inputs.function(part)
        self.angles = inputs.plain_angles(part)
        self.opaque = isinstance(part.dynamics if isinstance(part, Motion) else part.measure, Opaque)

    def value(self, x: Array) -> Array:
        values: Array = self.function(x).astype(float)
        return values

    def linearise(self, x: Array) -> tuple[Array, Array]:
        y = self.value(x)
        if self.opaque:
            return y, slopes(self.value, x, self.inputs.stds(), self.angles, len(y))
        program = self._derivative("J", lambda graph, f, x: {"J": derivatives.jacobian(graph, f, x).ravel()})
        return y, self._evaluate(program, x)["J"].reshape(len(y), len(x))

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        if self.opaque or self.inputs.model.charts.parts:
            return spread_of_values(self.value, x, columns)
        y = self.value(x)
        n, pairs = columns.shape

        def build(graph: Graph, f: Array, x: Array) -> dict[str, Any]:
            C = np.array(
                [[graph.input(("c", i * pairs + k)) for k in range(pairs)] for i in range(n)], dtype=object
            )
            s, d = difference(graph, f, x, C)
            return {"s": s.ravel(), "d": d.ravel()}

        found = self._evaluate(self._derivative("sd", build), x, columns)
        return y, found["s"].reshape(len(y), pairs), found["d"].reshape(len(y), pairs)

    def _derivative(self, kind: str, build: Callable[[Graph, Array, Array], dict[str, Any]]) -> Program:
        """The Program of a derivative of the function, traced once."""
        key = ("" if isinstance(self.part, Motion) else self.part.name, kind)
        known = self.inputs.derivatives
        if key not in known:
            graph = Graph()
            inputs = SymbolInputs(self.inputs.model, self.inputs.method, graph)
            x = np.array([graph.input(("x", i)) for i in range(len(self.inputs.model.state))])
            known[key] = lower(Program.of(graph, build(graph, inputs.function(self.part)(x), x)))
        return known[key]

    def _evaluate(self, program: Program, x: Array, columns: Array | None = None) -> dict[str, Array]:
        inputs = {key: np.float64(np.squeeze(v)) for key, v in self.inputs.given.items()}
        inputs |= {("x", i): v for i, v in enumerate(x)}
        if columns is not None:
            inputs |= {("c", k): v for k, v in enumerate(columns.ravel())}
        return {name: np.array(values, dtype=float) for name, values in program.evaluate(inputs).items()}
