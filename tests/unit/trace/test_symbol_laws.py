"""Every way to write an operation is the same node: operators, NumPy's functions, on scalars and within arrays."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foglight import ModelError
from foglight.trace.graph import Graph
from foglight.trace.ops import (
    absolute,
    box,
    copysign,
    elementwise,
    exponent,
    floor,
    known_zero,
    maximum,
    minimum,
    negated,
    pow2,
    product,
    rint,
    select,
    sqrt,
    total,
)
from foglight.trace.primitives import MASKS
from foglight.trace.symbol import Symbol

Function = Callable[..., Any]
GRAPH = Graph()
X, Y, Z = (GRAPH.input(name, name) for name in "xyz")
ROW = np.array([2.0, 0.5, -3.0])
SYMBOLS = np.array([X, Y, X * Y])
MASKED = np.array([X < 1.0, Y < X, Y < Z])

ARITHMETIC: list[Function] = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.pow,
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
]  # fmt: skip


@pytest.mark.parametrize("function", [*ARITHMETIC, operator.and_, operator.or_])
def test_operators_on_arrays_are_the_operators_on_their_elements(function: Function) -> None:
    """On either side, with numbers or symbols in the array, and with a 0-d array for a number."""
    for array in (ROW, SYMBOLS) if function in ARITHMETIC else (MASKED, ROW > 1.0):
        other = X if function in ARITHMETIC else X < Y
        left, right = function(other, array), function(array, other)
        assert left.shape == right.shape == (3,)
        for k, element in enumerate(array.tolist()):
            assert left[k] is function(other, element) and right[k] is function(element, other)
    if function in ARITHMETIC:
        assert function(X, np.array(2.0)) is function(X, 2.0) and function(np.array(2.0), X) is function(
            2.0, X
        )
    with pytest.raises(TypeError):
        function(X, object())


NAMES: dict[str, str] = {
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "exp": "exp",
    "expm1": "expm1", "log": "log", "log1p": "log1p", "tanh": "tanh", "sqrt": "sqrt", "floor": "floor", "rint": "rint",
    "absolute": "abs", "fabs": "abs", "negative": "neg",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_functions_of_one_argument(name: str) -> None:
    function = getattr(np, name)
    node = function(X)
    assert (node.op, node.args) == (NAMES[name], (X,))
    if name != "fabs":  # NumPy looks for no method of this name on objects
        assert function(SYMBOLS).tolist() == [function(element) for element in SYMBOLS]


@pytest.mark.parametrize("name", ["arctan2", "hypot", "copysign", "minimum", "maximum", "power", "remainder"])
def test_functions_of_two_arguments(name: str) -> None:
    function = getattr(np, name)
    expected = {"arctan2": "atan2", "hypot": "hypot", "copysign": "copysign", "power": "pow"}.get(name)
    node = function(X, Y)
    assert expected is None or (node.op, node.args) == (expected, (X, Y))
    assert function(Y, X) is not node
    for a, b in ((X, ROW), (ROW, X), (SYMBOLS, X), (X, SYMBOLS)):
        expected_row = [function(p, q) for p, q in zip(*np.broadcast_arrays(box(a), box(b)), strict=True)]
        assert all(p is q for p, q in zip(function(a, b), expected_row, strict=True))
    if name in ("arctan2", "hypot"):
        assert all(
            p is function(q, r) for p, q, r in zip(function(SYMBOLS, ROW), SYMBOLS, ROW.tolist(), strict=True)
        )


def test_the_same_by_other_names() -> None:
    mask, other = X < Y, Y < Z
    pairs: list[tuple[Any, Any]] = [
        (np.square(X), X * X), (np.square(SYMBOLS)[1], Y * Y), (np.reciprocal(X), 1.0 / X), (np.positive(X), X),
        (np.conjugate(SYMBOLS)[1], Y), (np.conjugate(X), X), (np.bitwise_and(mask, other), mask & other),
        (np.bitwise_or(mask, other), mask | other), (np.invert(mask), ~mask), (np.logical_not(mask), ~mask),
        (np.logical_and(mask, other), mask & other), (np.logical_or(mask, other), mask | other),
        (np.greater(X, Y), Y < X), (np.greater_equal(X, Y), Y <= X), (np.less(X, Y), mask),
        (np.less_equal(X, Y), X <= Y),
        (np.equal(X, Y), X == Y), (np.not_equal(X, Y), X != Y), (np.divide(X, Y), X / Y), (np.add(X, Y), X + Y),
        (np.subtract(X, Y), X - Y), (np.multiply(X, Y), X * Y), (True & mask, mask), (False | mask, mask),
        (mask & Z, mask & (Z != 0.0)), (Z | mask, mask | (Z != 0.0)), (~Z, ~(Z != 0.0)),
        (mask + X, select(mask, 1.0, 0.0) + X), (select(Z, X, Y), select(Z != 0.0, X, Y)), (mask & mask, mask),
        (select(mask, other, Z), select(mask, select(other, 1.0, 0.0), Z)),
        (np.sqrt(mask), np.sqrt(select(mask, 1.0, 0.0))),
        (select(mask, other, ~other), (mask & other) | (~mask & ~other)),
    ]  # fmt: skip
    assert [k for k, (a, b) in enumerate(pairs) if a is not b] == []


def test_remainders_are_one_operation() -> None:
    assert X % Y is np.mod(X, Y) is np.remainder(X, Y) and (X % 3.0).op == (7.5 % X).op == "mod"
    assert [v.args for v in (X % Y, 7.5 % X)] == [(X, Y), (GRAPH.constant(7.5), X)]


def test_powers_up_to_64_are_products() -> None:
    assert (X**-65).op == (X**65).op == (X**64.5).op == "pow"
    assert X**-64 is 1.0 / X**64 and X**5 is (X * X) * (X * X) * X and X**6 is X**4 * X**2


@pytest.mark.parametrize("where", [lambda *args: np.where(*args), select])
def test_choices_within_arrays(where: Function) -> None:
    """Whichever of the three is the array; a number in a 0-d array is a number."""
    mask = X < Y
    cases = [
        (mask, ROW, X),
        (mask, X, ROW),
        (MASKED, X, Y),
        (MASKED, ROW, X),
        (mask, ROW[:, None], X),
    ]
    for case in cases:
        grids = np.broadcast_arrays(*[box(v) for v in case])
        expected = [select(*values) for values in zip(*[g.ravel() for g in grids], strict=True)]
        found = where(*case)
        assert found.shape == grids[0].shape and all(
            a is b for a, b in zip(found.ravel(), expected, strict=True)
        )
    assert where(mask, np.array(2.0), X) is where(mask, 2.0, X) and where(mask, X, np.array(2.0)) is where(
        mask, X, 2.0
    )
    assert where(True, X, Y) is X and where(np.False_, X, Y) is Y
    assert where(1.0, X, 2.0) is X and where(0.0, 1.0, X) is X


def test_choices_of_numbers() -> None:
    """A known mask gives the chosen argument itself, not a copy."""
    assert select(True, ROW, 0.0) is ROW and select(np.False_, 0.0, ROW) is ROW
    assert (
        select(ROW > 0.0, 1.0, -ROW).tolist() == [1.0, 1.0, 3.0] and select(np.array(True), 1.0, 2.0) == 1.0
    )
    assert negated(ROW > 0.0).tolist() == [False, False, True] and negated(True) is np.False_
    assert negated(X < Y) is ~(X < Y)


def test_what_cannot_be_traced() -> None:
    """np.where with a condition alone, outputs, reductions and functions without a rule are refused by name."""
    refused: list[tuple[Function, str]] = [
        (lambda: np.where(X > 0.0), "np.where cannot be traced"),
        (lambda: np.add(X, 1.0, out=np.empty((), object)), r"np.add\(..., out=...\) cannot be traced"),
        (lambda: np.multiply.outer(X, ROW), "np.multiply.outer on a symbol"),
        (lambda: np.sinc(X), "np.sinc cannot be traced|.* of a state"),
        (lambda: np.interp(X, [X, 2.0], [0.0, 1.0]), "np.interp needs points that are numbers"),
        (lambda: np.interp(X, [1.0, 2.0], [0.0, 1.0], period=2.0), "np.interp.*period"),
        (lambda: np.interp(X, [1.0, 1.0], [0.0, 1.0]), "points that do not increase, 1 and then 1"),
        (lambda: np.allclose(X, Y, 1e-3), "np.allclose cannot be traced"),
    ]
    for use, sentence in refused:
        with pytest.raises(ModelError, match=sentence) as caught:
            use()
        assert "test_symbol_laws.py:" in str(caught.value)


@pytest.mark.parametrize("value", [-3.0, -0.5, -0.0, 0.0, 0.25, 4.0])
def test_signs_and_limits(value: float) -> None:
    """Folded on constants: sign is -1, the same zero or 1, and clip returns the bound that is crossed."""
    c = GRAPH.constant(value)
    expected = GRAPH.constant(float(np.sign(value)) if value else value)
    assert repr(np.sign(c)) == repr(expected) if value else np.sign(c).value == 0.0
    assert np.clip(c, -1.0, 2.0) is GRAPH.constant(float(np.clip(value, -1.0, 2.0)))
    assert np.sign(X).op == "select" and np.clip(X, Y, Z) is minimum(maximum(X, Y), Z)


@pytest.mark.parametrize("function", [minimum, maximum])
def test_of_equal_arguments_the_second_is_chosen(function: Function) -> None:
    """This matters for signs of zero, and for slopes."""
    for a, b in ((0.0, -0.0), (-0.0, 0.0)):
        assert np.signbit(function(np.float64(a), np.float64(b))) == np.signbit(b)
        assert function(GRAPH.constant(a), GRAPH.constant(b)) is GRAPH.constant(b)


def test_known_zeros() -> None:
    named = Graph().input(0.0)
    assert all(
        known_zero(v) for v in (0.0, -0.0, 0, np.float64(0.0), GRAPH.zero, GRAPH.constant(-0.0), X * 0.0)
    )
    assert not any(known_zero(v) for v in (named, X, GRAPH.one, 1.0, np.nan, X - Y, GRAPH.truth(False)))


def test_helpers_on_symbols_and_numbers() -> None:
    ops: list[tuple[Function, str]] = [
        (sqrt, "sqrt"), (floor, "floor"), (rint, "rint"), (absolute, "abs"), (exponent, "exponent"), (pow2, "pow2"),
    ]  # fmt: skip
    assert [(f(X).op, f(X).args) for f, _ in ops] == [(op, (X,)) for _, op in ops]
    assert [float(f(np.float64(4.0))) for f, _ in ops] == [2.0, 4.0, 4.0, 4.0, 2.0, 16.0]
    signs = [copysign(X, Y), copysign(Y, X), copysign(X, 2.0), copysign(2.0, X)]
    assert [s.args for s in signs] == [(X, Y), (Y, X), (X, GRAPH.constant(2.0)), (GRAPH.constant(2.0), X)]
    assert copysign(3.0, -2.0) == -3.0


def test_truths_are_known_as_such() -> None:
    masks = [X < Y, X <= Y, X == Y, X != Y, (X < Y) & (Y < Z), (X < Y) | (Y < Z), ~((X < Y) & (Y < Z))]
    assert {mask.op for mask in masks} == MASKS and all(mask.is_mask is True for mask in masks)
    assert not any(value.is_mask for value in (X, X + Y, GRAPH.one, select(X < Y, X, Y)))


def in_pairs(terms: list[Any]) -> Any:
    """The sum, neighbours first, split at the largest power of two below the length."""
    if len(terms) == 1:
        return terms[0]
    half = 1 << (len(terms) - 1).bit_length() - 1
    return in_pairs(terms[:half]) + in_pairs(terms[half:])


def test_sums_add_neighbours_first() -> None:
    graph = Graph()
    terms: list[Any] = [graph.input(k) for k in range(9)]
    for count in range(1, 10):
        assert total(terms[:count]) is in_pairs(terms[:count])
        with_zero = [*terms[:2], 0.0, *terms[3:count]]
        assert count < 3 or total(with_zero) is in_pairs(with_zero)
    assert total([]) == 0.0 and total([0.5]) == 0.5 and total((1.0, 2.0, 4.0)) == 7.0


def test_products_add_as_sums_do() -> None:
    """Of numbers and symbols, on whichever side; of numbers alone by NumPy."""
    v = np.array([X, Y, Z, X * Y, Y * Z])
    A = np.random.default_rng(4).uniform(0.5, 2.0, (3, 5))
    rows = [total([a * b for a, b in zip(row, v, strict=True)]) for row in A.tolist()]
    for found in (product(A, v), product(v, A.T), product(A, v[:, None])[:, 0], product(v[None, :], A.T)[0]):
        assert all(p is q for p, q in zip(found, rows, strict=True))
    assert product(A[1], v) is rows[1] is product(v, A[1]) and product(v, v) is total([x * x for x in v])
    for a, b in ((A[:, :4], v), (v, A.T[1:]), (v, v[1:]), (A[:, 1:], v[:, None])):
        with pytest.raises(ValueError, match="zip"):
            product(a, b)
    assert product(A, A.T).dtype == float and product(A[0], A[1]) == A[0] @ A[1]


def test_element_by_element() -> None:
    column = np.array([[1.0], [2.0]], dtype=object)
    found = elementwise(lambda a, b: (a, b), [box(ROW), column])
    assert found.shape == (2, 3) and found.dtype == object and found[1, 2] == (-3.0, 2.0)
    assert (
        box(X).shape == ()
        and box(X)[()] is X
        and box(ROW).dtype == object
        and box(ROW).tolist() == ROW.tolist()
    )
    assert isinstance(elementwise(sqrt, [box(SYMBOLS)])[0], Symbol)
