"""The expression graph of a trace: one node for each distinct operation and its arguments.

Nodes are hash-consed (an equal sub-expression is the same node) and folded while they are made, so that
zeros and constants never reach a Program. Folding 0*x to 0 assumes that x is finite; a NaN input must be
replaced by a select before it is used in arithmetic.

What cannot be traced is refused, and the graph remembers the first refusal: a Program is never made of a trace that
took another path because the user's code caught the error.
"""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from foglight.core.errors import ModelError
from foglight.trace import numpy_protocols
from foglight.trace.primitives import (
    COMPARISON,
    ELEMENTARY,
    LOGIC,
    MASKS,
    PRIMITIVE,
    RULES,
    TooLongError,
    looked_up,
)
from foglight.trace.source_location import here, instead_of
from foglight.trace.symbol import Symbol

_COMMUTATIVE = frozenset({"add", "mul", "eq", "ne", "and", "or"})
_POWERS = 2.0**126  # up to here a power of two and its reciprocal are normal in either float type
_NOT_AT_ZERO = frozenset(
    {"pow", "atan2", "hypot", "mod", "acos", "acosh", "expit", "log", "log2", "log10"}
)  # not folded
_KEPT = (
    "a value of an earlier call is used (symbols of two traces were mixed). The function, or an object that it uses, "
    "keeps a state or a value computed from one: in an attribute, a global, a cache or a default argument. Compute it "
    "from the arguments, make it a state, or declare the function fog.opaque."
)
_IN_A_LIBRARY = "{} needs a number here, but this depends on a state or parameter. {}"


def _single(value: Any) -> float:
    """A number rounded to float32; infinity if it is too large."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


class Graph:
    """Makes the symbols of one trace. Constants have type `dtype`; each is rounded once, when it enters the graph.

    Raises TooLongError beyond `limit` nodes, constants not counted: those of a table are data, not operations.
    """

    def __init__(self, dtype: str = "float64", limit: int | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self._table: dict[tuple[Any, ...], Symbol] = {}
        self._size = 0
        self._constants = 0
        self._limit = limit or sys.maxsize
        self._float = float if dtype == "float64" else _single
        self._refusal: ModelError | TooLongError | None = None
        self._closed = False
        self.on_new: Callable[[Symbol], None] | None = None
        self.zero = self.constant(0.0)
        self.one = self.constant(1.0)

    def input(self, key: object, label: str = "") -> Symbol:
        """The input that `key` names; the same key gives the same symbol."""
        return self._intern("input", (), key, label)

    def constant(self, value: float) -> Symbol:
        """A constant, identified by its bits: -0.0 is not 0.0, and all NaN are the same constant."""
        value = self._float(value)
        key = ("const", value.hex())
        node = self._table.get(key)
        if node is None:
            node = self._table[key] = Symbol(self, "const", (), value, self._size, "")
            self._size += 1
            self._constants += 1
        return node

    def limit(self, name: str) -> Symbol:
        """A limit of the float type, such as "tiny" (smallest normal) or "eps"; its value follows from the type."""
        return self._intern("limit", (), name, name)

    def refuse(self, sentence: str) -> NoReturn:
        """Raise a ModelError with the user's line and this sentence, and remember it.

        Another sentence is said where a library is what needs a number, and where the trace is closed.
        """
        location = here()
        if self._closed:
            sentence = _KEPT
        elif location.inside:
            sentence = _IN_A_LIBRARY.format(location.inside, instead_of(location.inside))
        error = ModelError(f"{location}: {sentence}", value=location.words)
        self._refusal = self._refusal or error
        raise error

    def raise_refusal(self) -> None:
        """Raise the first error of `refuse`, if there was one: the user's code may have caught it."""
        if self._refusal is not None:
            raise self._refusal

    def close(self) -> None:
        """End the trace: a symbol of it that is used later was kept by a function, and is refused."""
        self._closed = True

    def lift(self, value: Any) -> Symbol:
        """`value` as a symbol of this graph. Booleans become masks, numbers constants."""
        if isinstance(value, Symbol):
            if value.graph is not self:
                self._refuse_other(value.graph)
            return value
        if isinstance(value, (bool, np.bool_)):
            return self.truth(bool(value))
        if isinstance(value, (str, bytes)):  # which float() would read
            raise TypeError(f"{value!r} is not a number")
        return self.constant(value)

    def truth(self, value: bool) -> Symbol:
        """A constant mask."""
        return self._intern("lt", (self.zero, self.one if value else self.zero), None, "")

    def known(self, node: Symbol) -> bool | None:
        """The value of a constant mask, else None."""
        if node.op == "lt" and node.args[0] is self.zero:
            if node.args[1] is self.one:
                return True
            if node.args[1] is self.zero:
                return False
        return None

    def apply(self, op: str, *values: Any) -> Symbol:
        """The node for `op` on these arguments, folded where the result is known."""
        args = tuple([self.lift(v) for v in values])
        if op in _COMMUTATIVE and args[0].serial > args[1].serial:
            args = (args[1], args[0])
        key = (op, *[a.serial for a in args])
        node = self._table.get(key)
        if node is None:
            node = self._fold(op, args)
            if node is None:
                node = Symbol(self, op, args, None, self._size, "")
                self._size += 1
                if self._closed:
                    self.refuse(_KEPT)
                if self._size - self._constants > self._limit:
                    self._refusal = self._refusal or TooLongError()
                    raise TooLongError
                if self.on_new is not None:
                    self.on_new(node)
            self._table[key] = node
        return node

    def array(self, op: str, args: tuple[Symbol, ...], value: Any) -> Symbol:
        """The node for an operation on whole arrays, or for an entry of one. value: its static arguments."""
        return self._intern(op, args, value, "")

    def call_ufunc(self, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A NumPy ufunc on values, some of which are symbols."""
        return numpy_protocols.call_ufunc(self, ufunc, method, inputs, kwargs)

    def call_function(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """np.where and np.clip on values, some of which are symbols."""
        return numpy_protocols.call_function(self, function, args, kwargs)

    def has_rule(self, name: str) -> bool:
        """Whether NumPy's function of this name can be traced."""
        return numpy_protocols.has_rule(name)

    def _refuse_other(self, other: Any) -> NoReturn:
        """Refuse a symbol of another graph. Both graphs remember it: either may be the one that is being traced."""
        location = here()
        error = ModelError(f"{location}: {_KEPT}", value=location.words)
        self._refusal = self._refusal or error
        other._refusal = other._refusal or error
        raise error

    def _intern(self, op: str, args: tuple[Symbol, ...], value: Any, label: str) -> Symbol:
        key = (op, value, *[a.serial for a in args])
        node = self._table.get(key)
        if node is None:
            node = self._table[key] = Symbol(self, op, args, value, self._size, label)
            self._size += 1
        return node

    def _fold(self, op: str, args: tuple[Symbol, ...]) -> Symbol | None:
        a = args[0]
        if op == "select":
            if a.op not in MASKS or args[1].op in MASKS or args[2].op in MASKS:
                return self._converted(op, args)
            return self._fold_select(*args)
        if op in LOGIC:
            if a.op not in MASKS or args[-1].op not in MASKS:
                return self._converted(op, args)
            return self._fold_logic(op, args)
        if a.op in MASKS or args[-1].op in MASKS or (op == "lookup" and any(x.op in MASKS for x in args)):
            return self._converted(op, args)
        if op == "lookup" and a.op == "const":
            return args[1 + int(looked_up(a.value, *range(len(args) - 1)))]
        if op in PRIMITIVE and all(x.op == "const" for x in args):
            with np.errstate(all="ignore"):
                result = RULES[op](*[self.dtype.type(x.value) for x in args])
            return self.truth(bool(result)) if op in COMPARISON else self.constant(float(result))
        if op in ELEMENTARY:
            return self._fold_elementary(op, a)
        if op == "neg":
            return a.args[0] if a.op == "neg" else None
        if len(args) == 1:
            return None
        b = args[1]
        if op == "add":
            return self._fold_add(a, b)
        if op == "sub":
            return self._fold_sub(a, b)
        if op == "mul":
            return self._fold_mul(a, b)
        if op == "div":
            return self._fold_div(a, b)
        return None

    def _converted(self, op: str, args: tuple[Symbol, ...]) -> Symbol:
        """The operation with masks converted to 1 and 0 where it takes numbers, and numbers to masks where it takes
        masks, as NumPy does."""
        if op == "select" and args[1].op in MASKS and args[2].op in MASKS:
            mask, a, b = args
            return self.apply("or", self.apply("and", mask, a), self.apply("and", self.apply("not", mask), b))
        converted = []
        for k, x in enumerate(args):
            truth = op in LOGIC or (op == "select" and k == 0)
            if truth and x.op not in MASKS:
                x = self.apply("ne", x, 0.0)
            elif not truth and x.op in MASKS:
                x = self.apply("select", x, 1.0, 0.0)
            converted.append(x)
        return self.apply(op, *converted)

    def _is(self, node: Symbol, value: float) -> bool:
        return node.op == "const" and node.value == value

    def _fold_add(self, a: Symbol, b: Symbol) -> Symbol | None:
        if self._is(a, 0.0):
            return b
        if self._is(b, 0.0):
            return a
        if b.op == "neg":
            return self.apply("sub", a, b.args[0])
        if a.op == "neg":
            return self.apply("sub", b, a.args[0])
        return None

    def _fold_sub(self, a: Symbol, b: Symbol) -> Symbol | None:
        if a is b:
            return self.zero
        if self._is(b, 0.0):
            return a
        if self._is(a, 0.0):
            return self.apply("neg", b)
        return self.apply("add", a, b.args[0]) if b.op == "neg" else None

    def _fold_mul(self, a: Symbol, b: Symbol) -> Symbol | None:
        for x, y in ((a, b), (b, a)):
            if x.op == "const":
                if x.value == 0.0:
                    return self.zero
                if x.value == 1.0:
                    return y
                if x.value == -1.0:
                    return self.apply("neg", y)
        if "neg" in (a.op, b.op):
            x, y = (node.args[0] if node.op == "neg" else node for node in (a, b))
            size = self.apply("mul", x, y)
            return size if a.op == b.op else self.apply("neg", size)
        return None

    def _fold_div(self, a: Symbol, b: Symbol) -> Symbol | None:
        if self._is(a, 0.0):
            return self.zero
        if b.op == "const" and abs(math.frexp(b.value)[0]) == 0.5:
            inverse = 1.0 / b.value  # exact for a power of two, so the product equals the quotient
            if 1.0 / _POWERS <= abs(inverse) <= _POWERS:
                return self.apply("mul", a, inverse)
        return None

    def _fold_select(self, mask: Symbol, a: Symbol, b: Symbol) -> Symbol | None:
        known = self.known(mask)
        if known is not None:
            return a if known else b
        if a is b:
            return a
        return self.apply("select", mask.args[0], b, a) if mask.op == "not" else None

    def _fold_logic(self, op: str, args: tuple[Symbol, ...]) -> Symbol | None:
        a = args[0]
        known = self.known(a)
        if op == "not":
            if known is not None:
                return self.truth(not known)
            return a.args[0] if a.op == "not" else None
        for x, y in (args, args[::-1]):
            known = self.known(x)
            if known is not None:
                return y if known is (op == "and") else x
        return a if a is args[1] else None

    def _fold_elementary(self, op: str, a: Symbol) -> Symbol | None:
        if not self._is(a, 0.0) or op in _NOT_AT_ZERO:
            return None
        return self.one if op in ("cos", "cosh", "exp", "exp2") else a
