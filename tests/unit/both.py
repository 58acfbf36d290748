"""An equation both ways: called on numbers, and traced on symbols, lowered and evaluated on the same numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.trace.array_functions import input_array
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower
from foglight.trace.symbol import Symbol

Call = Callable[..., Any]


def floats(function: Call, *arguments: Any) -> Any:
    """The equation on numbers."""
    return function(*arguments)


def symbols(function: Call, *arguments: Any) -> Any:
    """The equation on symbols, one for each number; 0.0 stays a constant, as a model's zeros do."""
    return _traced("float64", function, *arguments)[0]


def single(function: Call, *arguments: Any) -> Any:
    """The same in float32."""
    return _traced("float32", function, *arguments)[0]


def cost(function: Call, *arguments: Any) -> int:
    """How many operations the equation takes on symbols."""
    return _traced("float64", function, *arguments)[1]


def wholes(function: Call, *arguments: Any) -> Any:
    """The equation with a belief as whole arrays: the matrices, and the vectors before and between them."""
    at = [k for k, value in enumerate(arguments) if np.ndim(value) == 2][:2]
    return _traced("float64", function, *arguments, whole=at[-1] + (len(at) == 2) + 1 if at else 0)[0]


def _traced(dtype: str, function: Call, *arguments: Any, whole: int = 0) -> tuple[Any, int]:
    """whole: how many of the first arguments are arrays as a whole."""
    graph, values = Graph(), {}
    kind = np.dtype(dtype).type

    def enter(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return np.array([enter(v) for v in value.ravel().tolist()] + [None], object)[:-1].reshape(
                value.shape
            )
        if isinstance(value, np.bool_):
            return enter(float(value) + 1.0) > 1.5
        if isinstance(value, list):
            return [enter(v) for v in value]
        if not isinstance(value, float) or value == 0.0:
            return value
        key = ("x", len(values))
        values[key] = kind(value)
        return graph.input(key, f"x{key[1]}")

    outputs: list[Symbol] = []

    def leave(value: Any) -> Any:
        if isinstance(value, Symbol):
            outputs.append(value)
        elif isinstance(value, np.ndarray | tuple | list):
            for part in value:
                leave(part)

    def rebuild(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return np.array([rebuild(v) for v in value.ravel()]).reshape(value.shape)
        if isinstance(value, tuple | list):
            return [rebuild(v) for v in value]
        return numbers[id(value)] if isinstance(value, Symbol) else value

    def enter_whole(value: Any) -> Any:
        source = f"array {len(values)}"
        values.update({(source, k): np.array([v]) for k, v in enumerate(value.ravel())})
        found = input_array(graph, source, 0, value.size)
        return found.reshape(*value.shape) if value.ndim == 2 else found

    entered = [*map(enter_whole, arguments[:whole]), *map(enter, arguments[whole:])]
    result = _entries(function(*entered))
    leave(result)
    program = Program.of(graph, {"out": outputs})
    found = lower(program, dtype).evaluate(values)["out"]
    numbers = {id(node): np.ravel(value)[0] for node, value in zip(outputs, found, strict=True)}
    return rebuild(result), program.size


def _entries(value: Any) -> Any:
    if isinstance(value, ArraySymbol):
        return np.array([*value.ravel()], object).reshape(value.shape)
    return [_entries(part) for part in value] if isinstance(value, tuple | list) else value


BOTH = [floats, symbols]
