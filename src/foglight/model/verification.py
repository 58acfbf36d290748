"""Each function of a new model is traced, and the trace is compared with the plain function on floats.

A trace records one path through the user's code. What the tracer can intercept, it refuses. What it cannot, such as
`isinstance(x, float)` or an error that the code catches, shows where the trace and the plain function give different
numbers: at points around the start, far off, and on both sides of every condition.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.core.errors import ModelError
from foglight.core.types import Array, Floats
from foglight.model import comparison_points, returned
from foglight.model.covariance import ASYMMETRY
from foglight.model.model_function import ModelFunction, kept_value, symbols_in
from foglight.trace.divergence import last_common_position
from foglight.trace.graph import Graph
from foglight.trace.primitives import TRACED_BELOW, TooLongError
from foglight.trace.program import Program
from foglight.trace.rounding import Evaluated
from foglight.trace.source_location import instead_of, of_error

_NEARLY = 1e-12  # relative; a larger difference is compared with a bound on rounding
_SHOWN = 12  # arguments in a message


class Trace:
    """A model function called once with symbols: what it computes, or the error that says why it cannot be traced.

    base, spread (N,): the values of its arguments at the start, and the standard deviations of states there.
    Raises TooLongError for a function that is too long to be compiled.
    """

    def __init__(self, function: ModelFunction, state: tuple[str, ...], base: Floats, spread: Floats) -> None:
        self.function = function
        self.state = state
        self.graph = Graph(limit=TRACED_BELOW)
        self.error: ModelError | None = None
        names = function.names(state)
        inputs = [self.graph.input(("argument", k), name) for k, (name, _) in enumerate(names)]
        try:
            found = self._called(inputs)
        except ModelError as error:
            error.field = error.field or function.field
            self.error = error
            return
        try:
            outputs = [self.graph.lift(v) for array in found.values() for v in array.flat]
        except (TypeError, ValueError) as reason:  # not numbers, which the check of values reports first
            self.error = untraceable(function.field, reason)
            return
        self.shapes = {name: array.shape for name, array in found.items()}
        self.program = Program.of(self.graph, {"found": outputs})
        self.points = comparison_points.around_and_far(base, spread, [kind for _, kind in names])
        more = comparison_points.on_both_sides(self.graph, inputs, outputs, self.points)
        self.points = np.concatenate([self.points, more])

    def close(self) -> None:
        """End the trace: a symbol of it that is used later was kept by the function."""
        self.graph.close()

    def compare(self) -> None:
        """ModelError unless the function could be traced, and computes on floats what the trace computes."""
        if self.error is not None:
            raise self.error
        computed: list[Floats] = []
        plain: list[Floats] = []
        for point in self.points:
            value = self._plain(point)
            if value is not None:
                computed.append(point)
                plain.append(value)
        self.graph.raise_refusal()
        if not plain or not plain[0].size:  # a noise without disturbances has no numbers
            return
        if self.function.covariance:
            self._check_symmetry(computed, plain)
        columns = np.array(computed).T
        evaluated = Evaluated(self.program, {("argument", k): column for k, column in enumerate(columns)})
        expected, traced = np.array(plain), evaluated.outputs()
        with np.errstate(all="ignore"):
            gap = np.nan_to_num(np.abs(expected - traced), nan=np.inf)
            apart = np.isfinite(expected) & (gap > _NEARLY * np.abs(expected))
            # Beyond the range of floats the two may lose their value in different ways.
            apart &= np.isfinite(traced) | ~evaluated.overflowed()[:, None]
            if apart.any():
                apart &= gap > evaluated.rounding()
        for row, column in np.argwhere(apart)[:1]:
            raise self._difference(computed[row], column, expected[row, column], traced[row, column])

    def _called(self, inputs: Sequence[Any]) -> dict[str, Array]:
        """What the function returns on symbols of this graph. Raises the graph's refusal, even if it was caught."""
        function = self.function
        try:
            found = function.read(function.function(*function.arguments(self.state, inputs)))
        except TooLongError:
            raise
        except Exception as reason:
            self.graph.raise_refusal()
            if isinstance(reason, ModelError):
                raise
            raise untraceable(function.field, reason) from reason
        self.graph.raise_refusal()
        if any(v.graph is not self.graph for v in symbols_in(found)):
            raise kept_value(function)
        return found

    def _plain(self, point: Floats) -> Floats | None:
        """What the function returns on floats, flat; None where it raises an error: it has no value there."""
        function = self.function
        try:
            with np.errstate(all="ignore"):
                result = function.function(*function.arguments(self.state, point))
        except Exception:
            self.graph.raise_refusal()
            return None
        found = function.read(result)
        if symbols_in(found):
            raise kept_value(function)
        shapes = {name: array.shape for name, array in found.items()}
        if shapes != self.shapes:
            raise ModelError(
                f"{self._where(point)} returns {_form(shapes)} on numbers and {_form(self.shapes)} where it is traced, "
                f"at {self._shown(point)}: expected the same. Return the same form for all values of its arguments.",
                field=function.field,
                value=_form(shapes),
            )
        return np.concatenate([returned.real(array, function.field).ravel() for array in found.values()])

    def _check_symmetry(self, points: list[Floats], plain: list[Floats]) -> None:
        """ModelError for a full covariance that is not symmetric at one of the points."""
        n, field = len(self.function.labels), self.function.field
        if self.shapes.keys() != {""}:
            return  # a factor: symmetric by construction
        A = np.array(plain).reshape(-1, n, n)
        with np.errstate(all="ignore"):
            root = np.sqrt(np.einsum("tii->ti", A))
            apart = np.abs(A - A.swapaxes(1, 2)) > ASYMMETRY * root[:, :, None] * root[:, None, :]
        for k, i, j in np.argwhere(apart)[:1]:
            raise ModelError(
                f"{self.function.where}[{i},{j}] = {A[k, i, j]:.6g} but {field}[{j},{i}] = {A[k, j, i]:.6g} "
                f"at {self._shown(points[k])}: a covariance is symmetric. "
                "Return the covariance of the two in both places.",
                field=field,
                index=(int(i), int(j)),
                value=float(A[k, i, j]),
            )

    def _difference(self, point: Floats, column: int, plain: float, traced: float) -> ModelError:
        function = self.function
        again, label, arguments = self._plain(point), self._label(column), self._shown(point)
        if again is None or again[column] != plain:
            first, then = (f"{plain:.6g}", "an error") if again is None else _apart(plain, again[column])
            return ModelError(
                f"{function.where} returned {label} = {first} and then {then} for the same arguments, {arguments}: "
                "expected one value. Draw no random numbers in it and keep no counter: noise belongs to the noise "
                "function, and what changes over time to the state or the controls.",
                field=function.field,
                value=plain,
            )
        on_numbers, in_trace = _apart(plain, traced)
        return ModelError(
            f"{self._where(point)} returns {label} = {on_numbers} on numbers and {in_trace} where it is traced, "
            f"at {arguments}: expected the same. A trace takes one path for all values: leave out isinstance, "
            "type, caught errors and kept values, choose with np.where, or declare the function fog.opaque.",
            field=function.field,
            value=plain,
        )

    def _where(self, point: Floats) -> str:
        """The expression where the trace took another path, or else where the function is defined."""
        function, graph = self.function, Graph(limit=TRACED_BELOW)
        symbols = [
            graph.input(("argument", k), name) for k, (name, _) in enumerate(function.names(self.state))
        ]

        def called(numbers: Sequence[Any]) -> None:
            with np.errstate(all="ignore"):
                function.function(*function.arguments(self.state, numbers))

        parted = last_common_position(lambda: called(list(point)), lambda: called(symbols))
        graph.close()
        return function.where if parted is None else f"{parted}: {function.field}"

    def _label(self, column: int) -> str:
        if not self.function.covariance:
            return self.function.labels[column]
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            if column < size:
                index = ",".join(str(int(i)) for i in np.unravel_index(column, shape))
                return f"{name}[{index}]"
            column -= size
        raise IndexError(column)

    def _shown(self, point: Floats) -> str:
        names = [name for name, _ in self.function.names(self.state)]
        listed = [f"{name} = {value:.6g}" for name, value in zip(names, point, strict=True)]
        return ", ".join([*listed[:_SHOWN], *["…"] * (len(listed) > _SHOWN)])


def untraceable(field: str, reason: Exception) -> ModelError:
    """The error of a function that raised another error while it was traced."""
    location = of_error(reason)
    if location is not None and location.inside:
        sentence = (
            f"{location.inside} raised {type(reason).__name__}: {reason}. It needs numbers, but this depends on a "
            f"state or parameter. {instead_of(location.inside)}"
        )
    else:
        sentence = (
            f"{reason}. This cannot be traced: use + - * / ** @, np.where, np.sin … on single states and parameters, "
            "and return a list or np.array([...]), or declare the function fog.opaque."
        )
    return ModelError(f"{location or field}: {sentence}", field=field, value=reason)


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two different numbers as texts that differ."""
    digits = ".6g" if f"{one:.6g}" != f"{other:.6g}" else ".17g"
    return f"{one:{digits}}", f"{other:{digits}}"


def _form(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name or 'shape'} {shape}" for name, shape in shapes.items())
