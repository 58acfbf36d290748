"""Random expressions: the same list of operations on symbols and in mpmath, well within the domain of each."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf
from scipy.special import expit

from foglight.trace.ops import copysign, floor, rint
from foglight.trace.primitives import RULES
from foglight.trace.program import Instruction, Program

Function = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """On symbols, in mpmath, and whether arguments are well inside the domain."""

    arity: int
    traced: Function
    exact: Function
    inside: Function = lambda *arguments: True


def _apart(a: Any, steps: Any) -> bool:
    """Whether a number is not next to a step."""
    return bool(abs(a - steps(a)) > 1e-3)


def _choice(x: Any, y: Any) -> Any:
    return np.where((x < y) & ~(x * y > 2.0), x * y, np.where((x > 0.5) | (y <= 0.0), y - x, 0.3 * x))


def _exact_choice(x: Any, y: Any) -> Any:
    if x < y and not x * y > 2:
        return x * y
    return y - x if x > 0.5 or y <= 0 else mpf(0.3) * x


OPERATIONS: dict[str, Operation] = {
    "add": Operation(2, lambda x, y: x + y, lambda x, y: x + y),
    "sub": Operation(2, lambda x, y: x - y, lambda x, y: x - y),
    "neg": Operation(1, lambda x: -x, lambda x: -x),
    "mul": Operation(2, lambda x, y: x * y, lambda x, y: x * y),
    "square": Operation(1, lambda x: x**2, lambda x: x**2),
    "div": Operation(2, lambda x, y: x / y, lambda x, y: x / y, lambda x, y: abs(y) > 0.3),
    "sqrt": Operation(1, np.sqrt, mp.sqrt, lambda x: x > 0.2),
    "abs": Operation(1, abs, abs),
    "hypot": Operation(2, np.hypot, mp.hypot, lambda x, y: abs(x) + abs(y) > 0.2),
    "sin": Operation(1, np.sin, mp.sin),
    "cos": Operation(1, np.cos, mp.cos),
    "tan": Operation(1, np.tan, mp.tan, lambda x: abs(x) < 1.3),
    "asin": Operation(1, np.arcsin, mp.asin, lambda x: abs(x) < 0.9),
    "acos": Operation(1, np.arccos, mp.acos, lambda x: abs(x) < 0.9),
    "atan": Operation(1, np.arctan, mp.atan),
    "atan2": Operation(2, np.arctan2, mp.atan2, lambda y, x: y > 0.1),
    "exp": Operation(1, np.exp, mp.exp, lambda x: abs(x) < 3),
    "expm1": Operation(1, np.expm1, mp.expm1, lambda x: abs(x) < 3),
    "log": Operation(1, np.log, mp.log, lambda x: x > 0.2),
    "log1p": Operation(1, np.log1p, mp.log1p, lambda x: x > -0.7),
    "tanh": Operation(1, np.tanh, mp.tanh),
    "exp2": Operation(1, np.exp2, lambda x: mp.power(2, x), lambda x: abs(x) < 4),
    "log2": Operation(1, np.log2, lambda x: mp.log(x) / mp.log(2), lambda x: x > 0.2),
    "log10": Operation(1, np.log10, mp.log10, lambda x: x > 0.2),
    "cbrt": Operation(1, np.cbrt, lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda x: abs(x) > 0.2),
    "sinh": Operation(1, np.sinh, mp.sinh, lambda x: abs(x) < 3),
    "cosh": Operation(1, np.cosh, mp.cosh, lambda x: abs(x) < 3),
    "asinh": Operation(1, np.arcsinh, mp.asinh),
    "acosh": Operation(1, np.arccosh, mp.acosh, lambda x: x > 1.2),
    "atanh": Operation(1, np.arctanh, mp.atanh, lambda x: abs(x) < 0.8),
    "expit": Operation(1, expit, lambda x: 1 / (1 + mp.exp(-x))),
    "mod": Operation(
        2, lambda x, y: x % y, lambda x, y: x - y * mp.floor(x / y), lambda x, y: y > 0.3 and _apart(x / y, mp.nint)
    ),
    "pow": Operation(2, lambda x, y: x**y, mp.power, lambda x, y: x > 0.3 and abs(y) < 3),
    "minimum": Operation(2, np.minimum, min),
    "maximum": Operation(2, np.maximum, max),
    "choice": Operation(2, _choice, _exact_choice),
}  # fmt: skip
AT_POINTS: dict[str, Operation] = {
    "erf": Operation(1, lambda x: x.graph.apply("erf", x), mp.erf),
    "copysign": Operation(2, copysign, lambda x, y: abs(x) * mp.sign(y), lambda x, y: abs(y) > 1e-3),
    "floor": Operation(1, floor, mp.floor, lambda x: _apart(x, mp.nint)),
    "rint": Operation(1, rint, mp.nint, lambda x: _apart(x - 0.5, mp.nint)),
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """Operations, each with the places of its arguments among the inputs and the results so far."""

    steps: tuple[tuple[Operation, tuple[int, ...]], ...]

    def traced(self, inputs: Sequence[Any]) -> Any:
        """The last result on symbols."""
        values = list(inputs)
        for operation, places in self.steps:
            values.append(operation.traced(*[values[k] for k in places]))
        return values[-1]

    def exact(self, inputs: Sequence[Any]) -> Any:
        """The last result in mpmath."""
        values = list(inputs)
        for operation, places in self.steps:
            values.append(operation.exact(*[values[k] for k in places]))
        return values[-1]


def draw(
    rng: np.random.Generator, points: Sequence[Sequence[Any]], names: Sequence[str], length: int
) -> Expression:
    """A chain of so many operations, each on the result before and on any other, inside its domain at all points."""
    table = OPERATIONS | AT_POINTS
    values = [[mpf(v) for v in point] for point in points]
    steps: list[tuple[Operation, tuple[int, ...]]] = []
    while len(steps) < length:
        operation = table[str(rng.choice(names))]
        last = len(values[0]) - 1
        places = [last, int(rng.integers(0, last + 1))][: operation.arity]
        rng.shuffle(places)
        arguments = [[v[k] for k in places] for v in values]
        if all(operation.inside(*a) for a in arguments):
            results = [operation.exact(*a) for a in arguments]
            if max(abs(r) for r in results) < 20 and max(abs(r) for r in results) > 0.01:
                steps.append((operation, tuple(places)))
                for value, result in zip(values, results, strict=True):
                    value.append(result)
    return Expression(tuple(steps))


NUMPY: dict[str, Function] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "atan2": np.arctan2, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "pow": np.power,
    "tanh": np.tanh, "hypot": np.hypot, "erf": lambda x: np.float64(math.erf(x)),
    "exp2": np.exp2, "log2": np.log2, "log10": np.log10, "cbrt": np.cbrt, "sinh": np.sinh, "cosh": np.cosh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "expit": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "mod": np.remainder,
}  # fmt: skip


def evaluate(program: Program, inputs: dict[Any, float]) -> dict[str, list[float]]:
    """The outputs, elementary functions by NumPy: quicker than lowering them."""

    def leaf(i: Instruction) -> Any:
        if i.op == "limit":
            return getattr(np.finfo(float), i.value)
        return np.float64(inputs[i.value] if i.op == "input" else i.value)

    with np.errstate(all="ignore"):
        registers = program.replay(leaf, RULES | NUMPY)
    return {name: [float(registers[k]) for k in ks] for name, ks in program.outputs.items()}
