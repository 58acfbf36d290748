"""A scalar that records what is done to it: what the user's model function runs on.

A Symbol carries NumPy's protocols and method names, so `np.sin(x)`, `A @ x` and `np.where(x > 0, a, b)`
work on it as they stand. What would need its value (`if x > 0`, `math.sin(x)`, `x[0] = 1`) raises a
ModelError that names the line and the spelling that works.
"""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.trace.source_location import here

if TYPE_CHECKING:
    from foglight.trace.graph import Graph

_MASKS = frozenset({"lt", "le", "eq", "ne", "and", "or", "not"})
_LINALG = "Write it out on scalars: np.hypot(a, b) for a norm of two, np.sqrt(v @ v) for more."


class Symbol:
    """One node of a Graph: an operation on other nodes, an input, or a constant."""

    __slots__ = ("args", "graph", "label", "op", "serial", "value")

    def __init__(
        self, graph: "Graph", op: str, args: "tuple[Symbol, ...]", value: Any, serial: int, label: str
    ) -> None:
        self.graph = graph
        self.op = op
        self.args = args
        self.value = value
        self.serial = serial
        self.label = label

    @property
    def is_mask(self) -> bool:
        """Whether this is a truth, not a number."""
        return self.op in _MASKS

    def __repr__(self) -> str:
        if self.op == "const":
            return repr(self.value)
        return self.label or f"{self.op}#{self.serial}"

    # Arithmetic. An ndarray on the other side is NumPy's to handle, element by element.
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
        return self - other * floor(self / other)

    def __rmod__(self, other: Any) -> Any:
        return other - self * floor(other / self)

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
                return sqrt(self)
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

    # What would need a value.
    def __bool__(self) -> bool:
        raise ModelError(
            f"{here()}: a condition on a state or parameter cannot choose a branch while the model is "
            "being traced. Write np.where(condition, a, b), np.minimum or np.maximum on the scalars instead."
        )

    def __float__(self) -> float:
        place = here()
        for module, remedy in (("math.", "Write np.{} instead."), ("np.linalg.", _LINALG)):
            call = place.call(module)
            if call:
                raise ModelError(f"{place}: {module}{call} needs numbers. {remedy.format(call)}")
        raise ModelError(
            f"{place}: a number is needed here, but this depends on a state or parameter. Write np.sin "
            "for math.sin, drop float(), and build arrays at once with np.array([...]), not item by item."
        )

    __int__ = __index__ = __complex__ = __float__

    # NumPy's protocols.
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from foglight.trace import numpy_protocols

        return numpy_protocols.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from foglight.trace import numpy_protocols

        return numpy_protocols.call_function(func, args)

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


def known_zero(value: Any) -> bool:
    """Whether a value is 0 already while tracing, and folds away."""
    if isinstance(value, Symbol):
        return bool(value.op == "const" and value.value == 0.0)
    return bool(value == 0.0)


def select(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask holds, else b: on symbols a node (one an element of arrays), on floats np.where."""
    for value in (mask, a, b):
        if isinstance(value, Symbol):
            if any(is_array(v) and v.ndim for v in (mask, a, b)):
                return elementwise(select, [box(v) for v in (mask, a, b)])
            return value.graph.apply("select", mask, a, b)
    if isinstance(mask, (bool, np.bool_)):
        return a if mask else b
    if any(is_array(v) and v.dtype == object for v in (mask, a, b)):
        return elementwise(select, [box(v) for v in (mask, a, b)])
    return np.where(mask, a, b)[()]


def negated(mask: Any) -> Any:
    """Where the mask does not hold."""
    return np.logical_not(mask)


def total(terms: Sequence[Any]) -> Any:
    """The sum of scalars, neighbours first, in pairs: short chains, and an order that only positions decide.

    A known zero keeps its place. Were it dropped, or were the order that of what is known first, a model whose
    F holds an exact 1 (which folds away) would be summed in another order than the same model in other units.
    """
    left = list(terms)
    if not left:
        return 0.0
    while len(left) > 1:
        pairs = [left[i] + left[i + 1] for i in range(0, len(left) - 1, 2)]
        left = pairs + left[len(left) - len(left) % 2 :]
    return left[0]


def product(a: NDArray[Any], b: NDArray[Any]) -> Any:
    """a @ b for vectors and matrices: NumPy's on floats, and on symbols each entry a `total`."""
    if a.dtype != object and b.dtype != object:
        return a @ b
    rows, columns = np.atleast_2d(a), np.atleast_2d(b.T)
    result = np.empty((len(rows), len(columns)), dtype=object)
    for i, j in np.ndindex(result.shape):
        result[i, j] = total([x * y for x, y in zip(rows[i], columns[j], strict=True)])
    return result.reshape(a.shape[:-1] + b.shape[1:])[()]


def all_finite(values: Sequence[Any]) -> Any:
    """Whether all values are finite: then so is their sum, short of overflow."""
    return absolute(total(values)) < np.inf


def any_of(masks: Sequence[Any]) -> Any:
    """Whether any of these masks holds."""
    return functools.reduce(lambda a, b: a | b, masks)


def minimum(a: Any, b: Any) -> Any:
    """The smaller; NaN if either is."""
    return select((a < b) | (a != a), a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger; NaN if either is."""
    return select((b < a) | (a != a), a, b)


def unary(op: str, fallback: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one scalar: a node on a Symbol, else NumPy's."""

    def function(x: Any) -> Any:
        return x.graph.apply(op, x) if isinstance(x, Symbol) else fallback(x)

    return function


sqrt = unary("sqrt", np.sqrt)
floor = unary("floor", np.floor)
rint = unary("rint", np.rint)
absolute = unary("abs", np.abs)


def binary(op: str, fallback: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two scalars: a node if either is a Symbol, else NumPy's."""

    def function(a: Any, b: Any) -> Any:
        for value in (a, b):
            if isinstance(value, Symbol):
                return value.graph.apply(op, a, b)
        return fallback(a, b)

    return function


copysign = binary("copysign", np.copysign)


def exponent(x: Any) -> Any:
    """The exponent field less its bias, as a number (see graph.biased_exponent)."""
    from foglight.trace.graph import biased_exponent

    return x.graph.apply("exponent", x) if isinstance(x, Symbol) else biased_exponent(x)


def pow2(k: Any) -> Any:
    """2**k for a whole number k in the normal range (see graph.power_of_two)."""
    from foglight.trace.graph import power_of_two

    return k.graph.apply("pow2", k) if isinstance(k, Symbol) else power_of_two(k)


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
    """Whether a value is NumPy's to handle."""
    return isinstance(value, np.ndarray)


def box(value: Any) -> Any:
    """A value as an object array, 0-d for a scalar."""
    boxed = np.empty((), dtype=object)
    if is_array(value):
        return value.astype(object)
    boxed[()] = value
    return boxed


def elementwise(function: Callable[..., Any], arrays: list[Any]) -> Any:
    """The function on every element of arrays that are broadcast together."""
    grids = np.broadcast_arrays(*arrays)
    result = np.empty(np.broadcast(*arrays).shape, dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = function(*[g[index] for g in grids])
    return result
