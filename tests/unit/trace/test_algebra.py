"""Equality of expressions by the rules of algebra: what is proved holds, and what is different is never proved."""

from typing import Any

import numpy as np

from foglight.trace.algebra import Algebra
from foglight.trace.graph import Graph
from foglight.trace.symbol import Symbol


def symbols(count: int = 3) -> tuple[Graph, list[Symbol]]:
    graph = Graph()
    return graph, [graph.input(i, f"x{i}") for i in range(count)]


def equal(a: Any, b: Any) -> bool:
    """Whether it is proved, asked both ways."""
    found = Algebra().equal(a, b)
    assert Algebra().equal(b, a) is found
    return found


def test_the_rules() -> None:
    _, (x, y, z) = symbols()
    for a, b in (
        (x + (y + z), (z + x) + y), (x * (y * z), (y * x) * z), (x * (y + z), x * y + z * x),
        ((x + y) * (x - y), x * x - y * y), (x - y, -(y - x)), (0.5 * x, x / 2.0),
        (x / 3.0 * 3.0, x), (x / 3.0 + x / 3.0, 2.0 * x / 3.0), (x / y, x * (1.0 / y)),
        (x / y * z, z * x / y), ((x + y) / z, x / z + y / z), (np.sin(x + y), np.sin(y + x)),
        (np.sqrt(x * y) * z, z * np.sqrt(y * x)), (x / (y + z), x / (z + y)), (3.0, 3.0), (x - x + 2.0, 2.0),
        ((x + y) - x - y, 0.0),
        (np.where(x * y > z, x + y, 0.0), np.where(y * x > z, y + x, 0.0)), ((x + 1.0) ** 2, x * x + 2.0 * x + 1.0),
        (x * np.nan, np.nan * x), (np.inf * y, y * np.inf),
    ):  # fmt: skip
        assert equal(a, b), (a, b)


def test_what_differs_is_not_proved() -> None:
    _, (x, y, z) = symbols()
    for a, b in (
        (x, y), (x + y, x - y), (x * y, x * z), (x / y, y / x), (2.0 * x, 3.0 * x), (x + 1.0, x),
        (np.sin(x), np.cos(x)),
        (np.sin(x), np.sin(y)), (x, 1.0), (x / (y + z), x / (y - z)), (0.1 * x, x / 10.0 + 1e-17 * y),
        (0.1 * x + 0.2 * x, 0.3 * x), (np.hypot(x, y), np.hypot(x, z)), (np.arctan2(x, y), np.arctan2(y, x)),
        (np.where(x > y, x, y), np.where(x > y, y, x)), (x * np.inf, x * np.nan), (x * x, x * x * x),
    ):  # fmt: skip
        assert not equal(a, b), (a, b)
    # True, and not known to it: "not proved" is no statement.
    assert not equal(np.sin(x) ** 2 + np.cos(x) ** 2, 1.0)


def test_random_rearrangements_are_proved_and_a_changed_coefficient_is_not() -> None:
    rng = np.random.default_rng(4)
    _, inputs = symbols(4)

    def summed(terms: list[Any]) -> Any:
        left = [terms[k] for k in rng.permutation(len(terms))]
        while len(left) > 1:
            k = int(rng.integers(0, len(left) - 1))
            left[k : k + 2] = [left[k] + left[k + 1]]
        return left[0]

    def multiplied(factors: list[Any]) -> Any:
        left = [factors[k] for k in rng.permutation(len(factors))]
        while len(left) > 1:
            k = int(rng.integers(0, len(left) - 1))
            left[k : k + 2] = [left[k] * left[k + 1]]
        return left[0]

    algebra = Algebra()
    for _ in range(100):
        terms = [
            (float(rng.integers(1, 9)), [inputs[k] for k in rng.integers(0, 4, rng.integers(1, 4))])
            for _ in range(5)
        ]
        one, other = (summed([multiplied([c, *factors]) for c, factors in terms]) for _ in range(2))
        assert algebra.equal(one, other)
        c, factors = terms[0]
        changed = summed([multiplied([v, *f]) for v, f in [(c + 0.25, factors), *terms[1:]]])
        assert not algebra.equal(one, changed)


def test_long_products_are_not_expanded() -> None:
    """2^12 terms: each long factor counts as one, and the same product is still the same."""
    _, inputs = symbols(24)
    a: Any = 1.0
    b: Any = 1.0
    for k in range(12):
        a, b = a * (inputs[2 * k] + inputs[2 * k + 1]), (inputs[2 * k + 1] + inputs[2 * k]) * b
    assert equal(a, b)
    assert not equal(a, b * 2.0)
    long = sum(inputs[1:], inputs[0] * 2.0)
    other = sum(inputs[1:], inputs[0] * 3.0)
    third = sum(inputs[1:], inputs[0] * 5.0)
    assert equal(long * long, long**2) and not equal(long * long, long * inputs[0])
    assert equal(long * third, third * long)
    assert not equal(long * third, other * third) and not equal(third * long, third * other)


def test_long_sums_are_not_expanded() -> None:
    """More than 64 terms count as one, which is still equal to itself."""
    _, (x, *inputs) = symbols(80)
    long = sum(inputs[1:], inputs[0])
    assert equal((long + x) - x, long) and equal(long * x, x * (long + x - x))
    assert not equal(long + x, long) and not equal(long, x)
