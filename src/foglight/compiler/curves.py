"""A user's function on symbols, as methods use it: with exact derivatives and exact differences."""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.methods.method import Method
from foglight.trace import derivatives
from foglight.trace.array_functions import mostly_constants
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.graph import Graph
from foglight.trace.ops import product
from foglight.trace.point_pairs import difference, pointwise
from foglight.trace.symbol import Symbol

POINTS_FROM = 0.1  # the smallest alpha for functions without a difference rule


class SymbolicCurve:
    """A user's function on symbols: exact derivatives and exact differences."""

    def __init__(
        self,
        graph: Graph,
        function: Callable[[Array], Array],
        angles: tuple[int, ...],
        by_value: str = "",
        slopes: dict[str, Array | None] | None = None,
    ) -> None:
        self.graph = graph
        # What is known from other graphs: under "constant" the slope if it is constant and mostly not 0, else None.
        self.slopes = {} if slopes is None else slopes
        self.function = function
        self.angles = angles
        self.by_value = by_value  # why differences are those of values at points, if they are
        self.at_points: list[str] = []  # operations that `spread` could only evaluate at points

    def linearise(self, x: Array) -> tuple[Array, Array]:
        matrix = self._matrix(x)
        if matrix is not None:
            return matrix.linearise(x)
        x = _scalars(x)
        y = self.function(x)
        return y, derivatives.jacobian(self.graph, y, x)

    def _matrix(self, x: Any) -> "MatrixCurve | None":
        """The function as A x + b on whole arrays, if it is that and A is constant and mostly not 0."""
        if not isinstance(x, ArraySymbol):
            return None
        if "constant" not in self.slopes:
            self.slopes["constant"] = self._constant_slope(_scalars(x))
        A = self.slopes["constant"]
        if A is None:
            return None
        return MatrixCurve(A, self.function(np.array([self.graph.zero] * len(x), object)), self.angles)

    def _constant_slope(self, x: Array) -> Array | None:
        """The slope of the function if it is constant and mostly not 0."""
        y = self.function(x)
        A = derivatives.jacobian(self.graph, y, x)
        if not mostly_constants(A) or derivatives.jumps(self.graph, y, x):
            return None
        entries: list[Any] = A.ravel().tolist()
        return np.array([v.value if isinstance(v, Symbol) else v for v in entries]).reshape(A.shape)

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        matrix = self._matrix(x)
        if matrix is not None:
            return matrix.spread(x, columns)
        x = _scalars(x)
        if self.by_value:
            self.at_points = [self.by_value]
            return spread_of_values(self.function, x, np.array([list(row) for row in columns], dtype=object))
        y = self.function(x)
        self.at_points = pointwise(self.graph, y, x)
        return y, *difference(self.graph, y, x, columns)

    def note(self, method: Method, what: str) -> str:
        """The note that `what` was evaluated at each sigma point, or nothing."""
        return points_note(method, what, ", ".join(self.at_points)) if self.at_points else ""


def spread_of_values(
    function: Callable[[Array], Array], x: Array, columns: Array
) -> tuple[Array, Array, Array]:
    """f(x), and s, d with f(x ± columns_k) = f(x) + s_k ± d_k, from the values at all points."""
    y = function(x)
    plus, minus = (np.array([function(x + sign * c) for c in columns.T]).T for sign in (1.0, -1.0))
    return y, 0.5 * (plus + minus) - y[:, None], 0.5 * (plus - minus)


def _scalars(x: Any) -> Array:
    """The entries of an array, which may be one that is traced as a whole."""
    return np.array(list(x), dtype=object)


class MatrixCurve:
    """A function of a linear model, A x + b, on whole arrays."""

    def __init__(self, A: Array, b: Array, angles: tuple[int, ...]) -> None:
        self.A = A.astype(object)
        self.b = b
        self.angles = angles

    def _value(self, x: Array) -> Array:
        return _scalars(product(self.A, x) + self.b)

    def linearise(self, x: Array) -> tuple[Array, Array]:
        return self._value(x), self.A

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        straight = np.full((len(self.A), columns.shape[1]), 0.0, dtype=object)
        return self._value(x), straight, product(self.A, columns)

    def note(self, method: Method, what: str) -> str:
        """Nothing: all differences are exact."""
        return ""


def points_note(method: Method, what: str, reason: str) -> str:
    """The note that a function is evaluated at each sigma point; ModelError if they are too close together for that."""
    alpha = method.points
    if alpha is not None and alpha < POINTS_FROM:
        raise ModelError(
            f"alpha = {alpha:g}: {what} has no exact differences ({reason}), so it is evaluated at each sigma point, "
            f"and the differences of points this close lose their digits. Expected alpha >= {POINTS_FROM}. "
            "Use fog.UKF().",
            field="alpha",
            value=alpha,
        )
    return f"{what} at points ({reason})"
