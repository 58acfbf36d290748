"""A scalar that records the operations applied to it: the user's model functions run on symbols.

A Symbol has NumPy's protocols and method names, so `np.sin(x)`, `A @ x` and `np.where(x > 0, a, b)` work on
it unchanged. Code that needs its value (`if x > 0`, `math.sin(x)`, `table[x]`) is refused with a ModelError that
names the line and a form that works. The graph remembers the refusal, so that it stands even if the user's code
catches the error.
"""

import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, Protocol

import numpy as np

from foglight.core.errors import ModelError
from foglight.trace.primitives import MASKS
from foglight.trace.source_location import here, numpy_asks

_LINALG = "Write it out on scalars: np.hypot(a, b) for a norm of two, np.sqrt(v @ v) for more."
_NUMBER = frozenset(name for name in dir(np.float64) if not name.startswith("_"))


class Recorder(Protocol):
    """What a symbol needs of its graph."""

    def lift(self, value: Any) -> "Symbol":
        """A value as a symbol of this graph."""

    def limit(self, name: str) -> "Symbol":
        """A limit of the float type."""

    def apply(self, op: str, *values: Any) -> "Symbol":
        """The node for an operation on these values."""

    def array(self, op: str, args: "tuple[Symbol, ...]", value: Any) -> "Symbol":
        """The node for an operation on whole arrays, or for an entry of one. value: its static arguments."""

    def refuse(self, sentence: str) -> NoReturn:
        """Raise a ModelError with the user's line and this sentence, and remember it."""

    def raise_refusal(self) -> None:
        """Raise the first error of `refuse`, if there was one."""

    def has_rule(self, name: str) -> bool:
        """Whether NumPy's function of this name can be traced."""

    def call_ufunc(self, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A NumPy ufunc on values, some of which are symbols."""

    def call_function(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
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
        if is_array(other):
            return NotImplemented
        if self.op in MASKS:
            self._refuse_condition(other)
        return self.graph.apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        if self.op in MASKS:
            self._refuse_condition(other)
        return self.graph.apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        if is_array(other):
            return NotImplemented
        if self.op in MASKS:
            self._refuse_condition(other)
        return self.graph.apply("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        if self.op in MASKS:
            self._refuse_condition(other)
        return self.graph.apply("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        if is_array(other):
            return NotImplemented
        both = self.op in MASKS and _is_condition(other)
        return self.graph.apply("and" if both else "mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        both = self.op in MASKS and _is_condition(other)
        return self.graph.apply("and" if both else "mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.graph.apply("div", other, self)

    def __mod__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("mod", self, other)

    def __rmod__(self, other: Any) -> Any:
        return self.graph.apply("mod", other, self)

    def __neg__(self) -> "Symbol":
        if self.op in MASKS:
            self._refuse_condition(True)
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

    def __hash__(self) -> int:
        self.graph.refuse(
            "a state or parameter cannot be a key of a dict, an element of a set, or an argument of a "
            "cached function: it has no value while the model is being traced. Choose with "
            "np.where(condition, a, b), drop the cache, or declare the function fog.opaque."
        )

    def __and__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("and", self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else self.graph.apply("or", self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Any:
        return NotImplemented if is_array(other) else (self & ~other) | (~self & other)

    __rxor__ = __xor__

    def __invert__(self) -> "Symbol":
        return self.graph.apply("not", self)

    def _refuse_condition(self, other: Any) -> None:
        """Between conditions alone, NumPy's + is `or`, but a sum over an array counts; and there is no -. A product is
        `and` both ways."""
        if _is_condition(other):
            self.graph.refuse(
                "+ or - of conditions alone; True + True is True in NumPy. Write (a > 0) | (b > 0) for "
                "either of them, 1.0 * (a > 0) + 1.0 * (b > 0) to count them."
            )

    # Operations that need a value.
    def __bool__(self) -> bool:
        self.graph.refuse(
            "a condition on a state or parameter cannot choose a branch while the model is "
            "being traced. Write np.where(condition, a, b), np.minimum or np.maximum on the scalars instead."
        )

    def __float__(self) -> float:
        words = here()
        name = words.call("math.")
        if name:
            known = self.graph.has_rule(name)
            remedy = (
                f"Write np.{name} instead." if known else "Write it with + - * / ** and NumPy's functions."
            )
            self.graph.refuse(f"math.{name} needs numbers. {remedy}")
        name = words.call("np.linalg.")
        if name:
            self.graph.refuse(f"np.linalg.{name} needs numbers. {_LINALG}")
        self.graph.refuse(
            "a number is needed here, but this depends on a state or parameter. Write np.sin for math.sin, drop "
            "float(), build arrays at once with np.array([...]), not item by item, or declare the function fog.opaque."
        )

    __int__ = __complex__ = __float__

    def __round__(self, digits: int | None = None) -> "Symbol":
        if digits is not None:
            self.graph.refuse(f"round(x, {digits!r}) cannot be traced. Write np.rint(x / step) * step.")
        return self.rint()

    def __format__(self, spec: str) -> str:
        if spec:
            self.graph.refuse(
                f"a state or parameter has no digits for the format {spec!r} while the model is being traced. "
                "Print it without a format, or declare the function fog.opaque."
            )
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.graph.refuse(
            "a state or parameter cannot be pickled while the model is being traced. Leave out the copy or "
            "the cache that does it, or declare the function fog.opaque."
        )

    def __copy__(self) -> "Symbol":
        return self

    def __deepcopy__(self, memo: Any) -> "Symbol":
        return self

    def __getattr__(self, name: str) -> Any:
        """NumPy's functions as methods: NumPy looks for them on the elements of an array. Another attribute of a NumPy
        number is refused, since `hasattr` would take another branch; NumPy's own code is given the usual answer."""
        function = np.__dict__.get(name)
        if isinstance(function, np.ufunc):
            return lambda *others: self.graph.call_ufunc(function, "__call__", [self, *others], {})
        if name in _NUMBER and not numpy_asks():
            self.graph.refuse(
                f".{name} of a state or parameter cannot be traced. Leave it out, write it with + - * / ** and NumPy's "
                "functions, or declare the function fog.opaque."
            )
        raise AttributeError(f"'Symbol' object has no attribute {name!r}")

    # NumPy's protocols.
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.graph.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.graph.call_function(func, args, kwargs)

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

    def __ceil__(self) -> Any:
        return -np.floor(-self)

    def __trunc__(self) -> Any:
        return np.trunc(self)

    def rint(self) -> "Symbol":
        return self.graph.apply("rint", self)

    def conjugate(self) -> "Symbol":
        return self


# Symbols stand for real numbers: np.isscalar and isinstance(x, numbers.Number) say so, as of the floats.
numbers.Real.register(Symbol)


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


def _is_condition(value: Any) -> bool:
    return value.op in MASKS if isinstance(value, Symbol) else isinstance(value, (bool, np.bool_))


def raise_refusal(values: Iterable[Any], field: str) -> None:
    """Raise what the graph of these values refused, if any of them is a symbol and its graph refused something.

    field: the function that was called with them, for the error.
    """
    for value in values:
        if isinstance(value, Symbol):
            try:
                value.graph.raise_refusal()
            except ModelError as error:
                error.field = error.field or field
                raise


class Arrayed:
    """The base of arrays that are not NumPy's, but stand where one may (`array_symbol.ArraySymbol`)."""

    __slots__ = ()


def is_array(value: Any) -> bool:
    """Whether a value is an array, NumPy's or one that is being traced as a whole."""
    return isinstance(value, (np.ndarray, Arrayed))
