"""What is known of a scalar while tracing, and the sum of several."""

from typing import Any

from foglight.trace.symbol import Symbol


def known_zero(value: Any) -> bool:
    """Whether a number or a symbol is known to be 0."""
    if isinstance(value, Symbol):
        return bool(value.op == "const" and value.value == 0.0)
    return bool(value == 0.0)


def pairwise(terms: list[Any]) -> Any:
    """The sum of scalars, neighbours first; 0.0 of none."""
    while len(terms) > 1:
        pairs = [terms[k] + terms[k + 1] for k in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[len(terms) - len(terms) % 2 :]
    return terms[0] if terms else 0.0
