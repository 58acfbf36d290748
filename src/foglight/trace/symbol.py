"""A scalar that records the operations applied to it: the user's model functions run on symbols.

A Symbol has NumPy's protocols and method names, so `np.sin(x)`, `A @ x` and `np.where(x > 0, a, b)` work on
it unchanged. Code that needs its value (`if x > 0`, `math.sin(x)`, `x[0] = 1`) raises a ModelError that
names the line and a form that works.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from foglight.core.errors import ModelError
from foglight.trace.primitives import MASKS
from foglight.trace.source_location import here

_LINALG = "Write it out on scalars: np.hypot(a, b) for a norm of two, np.sqrt(v @ v) for more."


class Recorder(Protocol):
    """What a symbol needs of its graph."""

    def lift(self, value: Any) -> "Symbol":
        """A value as a symbol of this graph."""

    def limit(self, name: str) -> "Symbol":
        """A limit of the float type."""

    def apply(self, op: str, *values: Any) -> "Symbol":
        """The node for an operation on these values."""

    def call_ufunc(self, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A NumPy ufunc on values, some of which are symbols."""

    def call_function(self, function: Any, args: Sequence[Any]) -> Any:
        """Another NumPy function on values, some of which are symbols."""


class Symbol:
    """One node of a Graph: an operation on other nodes, an input, or a constant."""

    __slots__ = ("args", "graph", "label", "op", "serial", "value")

    def __init__(
        self, graph: Recorder, op: str, args: "tuple[Symbol, ...]", value: Any, serial: int, label: str
    ) -> None:
        self.graph = graph
        self.op = op
        self.args = args
        self.value = value
        self.serial = serial
        self.label = label

    @property
    def is_mask(self) -> bool:
        """Whether this is a truth value, not a number."""
        return self.op in MASKS

    def __repr__(self) -> str:
        if self.op == "const":
            return repr(self.value)
        return self.label or f"{self.op}#{self.serial}"

    # Arithmetic. If the other operand is an ndarray, NumPy handles it element by element.
    def __add__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.graph.apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.graph.apply("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.graph.apply("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.graph.apply("div", other, self)

    def __mod__(self, other: Any) -> Any:
        return self - other * np.floor(self / other)

    def __rmod__(self, other: Any) -> Any:
        return other - self * np.floor(other / self)

    def __neg__(self) -> "Symbol":
        return self.graph.apply("neg", self)

    def __pos__(self) -> "Symbol":
        return self

    def __abs__(self) -> "Symbol":
        return self.graph.apply("abs", self)

    def __pow__(self, exponent: Any) -> Any:
        if is_array(exponent):
            return NotImplemented
        if not isinstance(exponent, Symbol):
            if exponent == 0.5:
                return self.sqrt()
            if float(exponent).is_integer() and abs(exponent) <= 64:
                return _integer_power(self, int(exponent))
        return self.graph.apply("pow", self, exponent)

    def __rpow__(self, base: Any) -> Any:
        return self.graph.apply("pow", base, self)

    # Comparisons give masks.
    def __lt__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("lt", other, self)

    def __ge__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("le", other, self)

    def __eq__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("eq", self, other)

    def __ne__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("ne", self, other)

    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("and", self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("or", self, other)

    __ror__ = __or__

    def __invert__(self) -> "Symbol":
        return self.graph.apply("not", self)

    # Operations that need a value.
    def __bool__(self) -> bool:
        raise ModelError(
            f"{here()}: a condition on a state or parameter cannot choose a branch while the model is "
            "being traced. Write np.where(condition, a, b), np.minimum or np.maximum on the scalars instead."
        )

    def __float__(self) -> float:
        location = here()
        for module, remedy in (("math.", "Write np.{} instead."), ("np.linalg.", _LINALG)):
            call = location.call(module)
            if call:
                raise ModelError(f"{location}: {module}{call} needs numbers. {remedy.format(call)}")
        raise ModelError(
            f"{location}: a number is needed here, but this depends on a state or parameter. Write np.sin "
            "for math.sin, drop float(), and build arrays at once with np.array([...]), not item by item."
        )

    __int__ = __index__ = __complex__ = __float__

    # NumPy's protocols.
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.graph.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.graph.call_function(func, args)

    # The method names that NumPy looks for on the elements of an object array.
    def sin(self) -> "Symbol":
        return self.graph.apply("sin", self)

    def cos(self) -> "Symbol":
        return self.graph.apply("cos", self)

    def tan(self) -> "Symbol":
        return self.graph.apply("tan", self)

    def arcsin(self) -> "Symbol":
        return self.graph.apply("asin", self)

    def arccos(self) -> "Symbol":
        return self.graph.apply("acos", self)

    def arctan(self) -> "Symbol":
        return self.graph.apply("atan", self)

    def arctan2(self, other: Any) -> "Symbol":
        return self.graph.apply("atan2", self, other)

    def hypot(self, other: Any) -> "Symbol":
        return self.graph.apply("hypot", self, other)

    def exp(self) -> "Symbol":
        return self.graph.apply("exp", self)

    def expm1(self) -> "Symbol":
        return self.graph.apply("expm1", self)

    def log(self) -> "Symbol":
        return self.graph.apply("log", self)

    def log1p(self) -> "Symbol":
        return self.graph.apply("log1p", self)

    def tanh(self) -> "Symbol":
        return self.graph.apply("tanh", self)

    def sqrt(self) -> "Symbol":
        return self.graph.apply("sqrt", self)

    def __floor__(self) -> "Symbol":
        return self.graph.apply("floor", self)

    def rint(self) -> "Symbol":
        return self.graph.apply("rint", self)

    def conjugate(self) -> "Symbol":
        return self


def _integer_power(x: Symbol, n: int) -> Any:
    if n < 0:
        return 1.0 / _integer_power(x, -n)
    result: Any = 1.0
    square: Any = x
    while n:
        if n & 1:
            result = square * result
        square = square * square
        n >>= 1
    return result


def is_array(value: Any) -> bool:
    """Whether a value is a NumPy array."""
    return isinstance(value, np.ndarray)
