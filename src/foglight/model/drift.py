"""The drift f and the noise density W of a continuous motion: called as they are written, and recorded once.

dx = f(x, p, u) dt + dw with E[dw dwᵀ] = W(x, p, u) dt. The record of f has its exact Jacobian A = df/dx, on floats and
on symbols. If a function names t, the time is one more entry of x here, the last one, with a slope of 1.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError, ModelError
from foglight.core.types import Array, Floats
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.argument_names import SENSING, TIME, bound, takes_time
from foglight.model.covariance import factor_covariance
from foglight.model.pickling import Portable
from foglight.trace import derivatives
from foglight.trace.forward_mode import replayed
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.ops import known_zero
from foglight.trace.program import Program, lower
from foglight.trace.source_location import of_error
from foglight.trace.symbol import Symbol

DRIFT, DENSITY = "drift", "noise_density"


class Drift(Portable):
    """The two functions of a continuous motion, and what their records show.

    names (n,): of the entries of x.  timed: whether t is one of them.  fixed: whether A and W are the same for all x.
    constant: whether A is a matrix of numbers.  nonzero (n, n): which entries of A are not known to be 0.
    """

    def __init__(
        self,
        state: tuple[str, ...],
        controls: tuple[str, ...],
        params: Mapping[str, float],
        drift: Callable[..., Any],
        density: Callable[..., Any],
    ) -> None:
        functions = bound({DRIFT: drift, DENSITY: density}, SENSING, controls)
        self.timed = any(map(takes_time, functions.values()))
        self.state = state
        self.controls = controls
        self.names = (*state, "t") if self.timed else state
        self.params = tuple(params)
        self.values = tuple(map(np.float64, params.values()))
        self._drift, self._density = functions[DRIFT], functions[DENSITY]
        graph = Graph()
        x, p, u = (
            [graph.input((source, i), name) for i, name in enumerate(names)]
            for source, names in (("x", self.names), ("p", self.params), ("u", controls))
        )
        self._driven: list[int] | None = None
        arguments = (np.array(x), Vector(self.params, p, "parameter"), *self._held(u))
        f = _result(DRIFT, self.slope, arguments, graph)
        W = _result(DENSITY, self.density, arguments, graph)
        A = derivatives.jacobian(graph, f, x)
        self._program = Program.of(graph, {"f": list(f), "A": list(A.ravel())})
        graph.close()
        self.fixed = derivatives.linear(graph, f, x) and not derivatives.depends(
            graph, [*W.G.flat, *W.variances], x
        )
        self.constant = not derivatives.depends(graph, A.ravel(), [*x, *p, *u])
        self.nonzero = np.array([[not known_zero(v) for v in row] for row in A])

    @cached_property
    def _on_floats(self) -> Program:
        """The record in operations that floats have."""
        return lower(self._program)

    def slope(self, x: Array, p: Vector, *u: Vector) -> Array:
        """f(x, p, u), as an array of n."""
        f = returned.vector(self._drift(*self._arguments(x, p, *u)), self.state, DRIFT)
        return np.append(f, 1.0) if self.timed else f

    def jacobian(self, x: Array, p: Vector, *u: Vector) -> Array:
        """A = df/dx (n, n), exact."""
        return self.recorded(x, p, *u)[1]

    def recorded(self, x: Array, p: Vector, *u: Vector) -> tuple[Array, Array]:
        """f and A from the record. On floats an entry of x may be an array; f and A then have its axes, too."""
        n = len(self.names)
        values: dict[tuple[str, int], Any] = {}
        given: list[tuple[str, Any]] = [("x", x), ("p", p), *(("u", held) for held in u)]
        for source, vector in given:
            values |= {(source, i): v for i, v in enumerate(vector)}
        symbol = next((v for v in values.values() if isinstance(v, Symbol)), None)
        if symbol is not None:
            graph: Any = symbol.graph
            found: Any = replayed(self._program, graph, {key: graph.lift(v) for key, v in values.items()})
            f, A = (np.array(found[name], dtype=object) for name in ("f", "A"))
        else:
            found = self._on_floats.evaluate(values)
            shape = np.shape(x[0])
            f, A = (np.array([np.broadcast_to(v, shape) for v in found[name]], float) for name in ("f", "A"))
        return f, A.reshape(n, n, *A.shape[1:])

    def density(self, x: Array, p: Vector, *u: Vector) -> Factored:
        """W(x, p, u) in factored form: what is returned so, a diagonal matrix, or a full one of numbers."""
        W = self._factored(self._density(*self._arguments(x, p, *u)))
        return Factored(np.vstack([W.G, np.zeros((1, W.G.shape[1]))]), W.variances) if self.timed else W

    def _factored(self, value: Any) -> Factored:
        n = len(self.state)
        W = returned.covariance(value, n, DENSITY)
        if isinstance(W, Factored):
            return W
        apart = [(i, j) for i in range(n) for j in range(n) if i != j and not known_zero(W[i, j])]
        if not apart:
            if self._driven is None:  # the record comes first: a parameter that is 0 may change
                self._driven = [i for i in range(n) if not known_zero(W[i, i])] or [
                    0
                ]  # without noise, one of 0
            return Factored(np.eye(n)[:, self._driven], W.diagonal()[self._driven])
        if all(v.op == "const" for v in W.flat if isinstance(v, Symbol)):
            numbers = [[v.value if isinstance(v, Symbol) else v for v in row] for row in W]
            return Factored(*factor_covariance(numbers, DENSITY))
        i, j = apart[0]
        raise ModelError(
            f"{DENSITY}[{i},{j}] depends on a state, a parameter or a control: expected zeros off the diagonal, or a "
            "matrix of numbers. Write fog.noise.factored(G, densities), with a column of G for each disturbance.",
            field=DENSITY,
            index=(i, j),
            value=str(W[i, j]),
        )

    def _arguments(self, x: Array, p: Vector, *u: Vector) -> tuple[Vector, ...]:
        """The arguments of the user's functions, by position: t comes last in u."""
        n = len(self.state)
        held = [*(u[0] if u else ()), *x[n:]]
        names = (*self.controls, TIME) if self.timed else self.controls
        return (Vector(self.state, x[:n]), p, *((Vector(names, held, "control"),) if held else ()))

    def _held(self, values: Sequence[Any]) -> tuple[Vector, ...]:
        return (Vector(self.controls, values, "control"),) if self.controls else ()

    def at(self, point: Floats) -> tuple[Any, ...]:
        """The arguments (x, p, u) at a point (n + n_u, ...), x and then the controls, and at the given parameters."""
        n = len(self.names)
        return point[:n], Vector(self.params, self.values, "parameter"), *self._held(list(point[n:]))

    def with_parameters(self, values: Mapping[str, float]) -> "Drift":
        """This drift at other values of its parameters."""
        found = copy(self)
        found.values = tuple(np.float64(values[name]) for name in self.params)
        return found

    def entered(self, x: Any, dt: Any, u: tuple[Vector, ...]) -> tuple[Array, tuple[Vector, ...]]:
        """x and u of these functions from those of a motion, whose u holds the t of the end of a step."""
        values, held = list(x), list(u[0]) if u else []
        if self.timed:
            values.append(held.pop() - dt)
        kind = object if any(isinstance(v, Symbol) for v in values) else float
        return np.array(values, dtype=kind), self._held(held)

    def called(self, point: Floats) -> tuple[Array, Factored]:
        """f and W at a point of numbers, from the functions as they are written."""
        return _result(DRIFT, self.slope, self.at(point)), _result(DENSITY, self.density, self.at(point))


def _result(
    field: str, function: Callable[..., Any], arguments: tuple[Any, ...], graph: Graph | None = None
) -> Any:
    """What a function of the user returns; an error of its own becomes a ModelError with its line."""
    try:
        found = function(*arguments)
    except Exception as reason:
        if graph is not None:
            graph.raise_refusal()
        if isinstance(reason, FoglightError):
            raise
        raise ModelError(
            f"{of_error(reason) or field}: {field} raised {type(reason).__name__}: {reason}. Expected values. "
            "Use + - * / ** @, np.where, np.sin … on single states and parameters.",
            field=field,
            value=reason,
        ) from reason
    if graph is not None:
        graph.raise_refusal()
    return found
