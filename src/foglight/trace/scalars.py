"""What is known of a scalar while tracing, and the sum of several."""

from typing import Any

import numpy as np

from foglight.trace.symbol import Symbol


def known_zero(value: Any) -> bool:
    """Whether a number, all of several numbers, or a symbol is known to be 0."""
    if isinstance(value, Symbol):
        return bool(value.op == "const" and value.value == 0.0)
    zero = value == 0.0
    return bool(zero) if isinstance(zero, (bool, np.bool_)) else bool(zero.all())


def factors(value: Any) -> tuple[list[Symbol], float]:
    """A number or a symbol as a product of symbols that are no products, in the order of the graph, and a constant."""
    if not isinstance(value, Symbol):
        return [], float(value)
    if value.op == "const":
        return [], float(value.value)
    if value.op not in ("neg", "mul"):
        return [value], 1.0
    found: list[Symbol] = []
    constant = -1.0 if value.op == "neg" else 1.0
    for argument in value.args:
        symbols, number = factors(argument)
        found, constant = found + symbols, constant * number
    return sorted(found, key=lambda symbol: symbol.serial), constant


def pairwise(terms: list[Any]) -> Any:
    """The sum of scalars, neighbours first; 0.0 of none."""
    while len(terms) > 1:
        pairs = [terms[k] + terms[k + 1] for k in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[len(terms) - len(terms) % 2 :]
    return terms[0] if terms else 0.0
