"""A plain function of a vector, on floats: its values at many points, its Jacobian, and pairs of sigma points.

It is traced once where that is possible; then derivatives and differences are exact, and many points cost one pass.
An opaque function is called point by point, with central differences, as on the reference path.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.compiler.finite_differences import slopes
from foglight.core.checks import is_whole
from foglight.core.errors import FoglightError, ModelError
from foglight.core.types import Floats
from foglight.model import returned
from foglight.model.model import Opaque
from foglight.model.model_function import ModelFunction
from foglight.model.pickling import Portable
from foglight.model.verification import Trace
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.ops import select
from foglight.trace.point_pairs import difference
from foglight.trace.program import Program, lower
from foglight.trace.source_location import of_error
from foglight.trace.symbol import Symbol


class PlainCurve(Portable):
    """f from n numbers to m. names (n,): how f reads its argument, `x.gap`.  angles: which of its m values are angles.

    stds (n,): the scales of the steps of central differences where f is `fog.opaque`.
    Raises ModelError if f cannot be called or traced, or does not return a vector of numbers.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        names: tuple[str, ...],
        x: Floats,
        stds: Floats,
        angles: Any = (),
    ) -> None:
        self.function = function
        self.names = names
        self.stds = stds
        self.opaque = isinstance(function, Opaque)
        self.size = len(self.value(x))
        if not self.opaque:
            self._verify(x)
        self.angles = _angles(angles, self.size)
        self._programs: dict[Any, Program] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_programs": {}}

    def _verify(self, x: Floats) -> None:
        """ModelError unless f can be traced, and computes on floats what its trace computes."""
        labels = tuple(f"f[{i}]" for i in range(self.size))
        trace = Trace(ModelFunction("f", self.function, "(x)", (), labels), self.names, x, self.stds)
        trace.close()
        trace.compare()

    def value(self, x: Floats) -> Floats:
        """f(x), (m,)."""
        values = self._called(list(x))
        if not all(isinstance(v, (int, float, np.number, np.bool_)) for v in values):
            raise ModelError(
                f"f returned {values!r}: expected numbers. Write `return [...]` with numbers.",
                field="f",
                value=values,
            )
        return np.array(values, dtype=float)

    def values(self, points: Floats) -> Floats:
        """f at points (K, n), (K, m)."""
        if self.opaque:
            return np.array([self.value(x) for x in points])
        given = {("x", i): points[:, i] for i in range(len(self.names))}
        found = self._program("f", lambda graph, f, x: {"f": list(f)}).evaluate(given)["f"]
        return np.stack([np.broadcast_to(v, len(points)) for v in found], axis=1)

    def linearise(self, x: Floats) -> tuple[Floats, Floats]:
        """f(x) and its Jacobian (m, n)."""
        if self.opaque:
            return self.value(x), slopes(self.value, x, self.stds, self.angles, self.size)
        program = self._program(
            "J", lambda graph, f, x: {"f": list(f), "J": list(derivatives.jacobian(graph, f, x).ravel())}
        )
        found = program.evaluate({("x", i): v for i, v in enumerate(x)})
        return np.array(found["f"], float), np.array(found["J"], float).reshape(self.size, len(x))

    def spread(self, x: Floats, columns: Floats) -> tuple[Floats, Floats, Floats]:
        """f(x), and s, d with f(x ± columns_k) = f(x) + s_k ± d_k."""
        pairs = columns.shape[1]
        if self.opaque:
            y = self.value(x)
            plus, minus = self.values(x + columns.T).T, self.values(x - columns.T).T
            return y, 0.5 * (plus + minus) - y[:, None], 0.5 * (plus - minus)

        def build(graph: Graph, f: Any, x: Any) -> dict[str, Any]:
            C = np.array([graph.input(("c", k)) for k in range(columns.size)], dtype=object)
            s, d = difference(graph, f, x, C.reshape(columns.shape))
            return {"f": list(f), "s": list(s.ravel()), "d": list(d.ravel())}

        given = {("x", i): v for i, v in enumerate(x)} | {("c", k): v for k, v in enumerate(columns.ravel())}
        found = self._program(("sd", pairs), build).evaluate(given)
        s, d = (np.array(found[key], float).reshape(self.size, pairs) for key in "sd")
        return np.array(found["f"], float), s, d

    def _program(self, kind: Any, build: Callable[[Graph, Any, Any], dict[str, Any]]) -> Program:
        if kind not in self._programs:
            graph = Graph()
            x = np.array([graph.input(("x", i), name) for i, name in enumerate(self.names)], dtype=object)
            values = self._called(x)
            f = np.array([select(v, 1.0, 0.0) if isinstance(v, Symbol) and v.is_mask else v for v in values])
            self._programs[kind] = lower(Program.of(graph, build(graph, f, x)))
        return self._programs[kind]

    def _called(self, x: Any) -> list[Any]:
        try:
            result = self.function(Vector(self.names, x))
        except FoglightError as refused:
            refused.field = refused.field or "f"
            raise
        except Exception as reason:
            location = of_error(reason) or "f"
            hint = (
                "Handle this point in the function."
                if self.opaque
                else "Use + - * / ** @, np.where, np.sin … on single entries, or declare it fog.opaque(f)."
            )
            given = ", ".join(f"{name} = {v}" for name, v in zip(self.names, x, strict=True))
            raise ModelError(
                f"{location}: f raised {type(reason).__name__}: {reason}, called with {given}. Expected values. {hint}",
                field="f",
                value=reason,
            ) from reason
        array = returned.returned(result, "f")
        array = array.reshape(1) if array.ndim == 0 else array
        if array.ndim != 1 or not len(array):
            raise ModelError(
                f"f returned shape {array.shape}: expected a vector of numbers. Write `return [...]`.",
                field="f",
                value=array.shape,
            )
        return list(array)


def _angles(angles: Any, size: int) -> tuple[int, ...]:
    """The indices of the values that are angles, checked."""
    found = tuple(angles) if not isinstance(angles, (str, int)) else (angles,)
    for index, i in enumerate(found):
        if not is_whole(i) or not 0 <= i < size:
            raise ModelError(
                f"angles[{index}] = {i!r}: expected an index of the {size} values of f, counted from 0. Write (1,) for "
                "the second.",
                field="angles",
                index=index,
                value=i,
            )
    return tuple(int(i) for i in found)
