"""Whether two nodes of a graph are the same by the rules of algebra, in whatever order they were added and multiplied.

Each node is expanded into a polynomial with exact rational coefficients in its atoms: inputs, reciprocals, and other
operations on arguments that are themselves in this form. Equal polynomials are equal functions; different ones may be
equal, too (sin² + cos² and 1), so that a `False` means "not proved".
"""

from collections.abc import Iterable
from fractions import Fraction
from math import isfinite
from typing import Any

from foglight.trace.program import reach
from foglight.trace.symbol import Symbol

_TERMS = 64  # a longer polynomial counts as one atom
Monomial = tuple[int, ...]  # the numbers of its atoms, sorted
Polynomial = dict[Monomial, Fraction]
_ONE: Monomial = ()


class Algebra:
    """Normal forms of the nodes of one graph, kept so that each node is expanded once."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._forms: dict[int, Polynomial] = {}

    def equal(self, a: Any, b: Any) -> bool:
        """Whether a and b, symbols or numbers, are proved to be equal."""
        return a is b or self._form(a) == self._form(b)

    def _form(self, value: Any) -> Polynomial:
        if not isinstance(value, Symbol):
            return self._constant(float(value))
        for node in reach([value]):
            if node.serial not in self._forms:
                found = self._expanded(node, [self._forms[a.serial] for a in node.args])
                self._forms[node.serial] = (
                    found if len(found) <= _TERMS else self._atom(("node", node.serial))
                )
        return self._forms[value.serial]

    def _expanded(self, node: Symbol, args: list[Polynomial]) -> Polynomial:
        if node.op == "const":
            return self._constant(node.value)
        if node.op in ("input", "limit"):
            return self._atom(("node", node.serial))
        if node.op == "neg":
            return _scaled(args[0], -1)
        if node.op in ("add", "sub"):
            return _sum(args[0], _scaled(args[1], 1 if node.op == "add" else -1))
        if node.op == "mul":
            return self._product(*args)
        if node.op == "div":
            return self._product(args[0], self._inverse(args[1]))
        return self._atom((node.op, *[self._number(form) for form in args]))

    def _constant(self, value: float) -> Polynomial:
        if not isfinite(value):
            return self._atom(("const", str(value)))
        return {_ONE: Fraction(value)} if value else {}

    def _inverse(self, form: Polynomial) -> Polynomial:
        if form.keys() == {_ONE}:
            return {_ONE: 1 / form[_ONE]}
        return self._atom(("inverse", self._number(form)))

    def _product(self, a: Polynomial, b: Polynomial) -> Polynomial:
        if len(a) * len(b) > _TERMS:
            return self._atom(("product", *sorted((self._number(a), self._number(b)))))
        products = ((tuple(sorted((*m, *k))), v * w) for m, v in a.items() for k, w in b.items())
        return _collected(products)

    def _atom(self, key: Any) -> Polynomial:
        return {(self._numbers.setdefault(key, len(self._numbers)),): Fraction(1)}

    def _number(self, form: Polynomial) -> int:
        """The same number for equal polynomials."""
        return self._numbers.setdefault(("form", frozenset(form.items())), len(self._numbers))


def _scaled(form: Polynomial, factor: int) -> Polynomial:
    return {m: factor * v for m, v in form.items()}


def _sum(a: Polynomial, b: Polynomial) -> Polynomial:
    return _collected([*a.items(), *b.items()])


def _collected(terms: Iterable[tuple[Monomial, Fraction]]) -> Polynomial:
    found: Polynomial = {}
    for monomial, value in terms:
        found[monomial] = found.get(monomial, Fraction(0)) + value
    return {m: v for m, v in found.items() if v}
