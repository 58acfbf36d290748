"""Double-double arithmetic, against rational numbers."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.model.double_double import DoubleDouble

U = Fraction(1, 2**53)
Array = NDArray[np.float64]


def draw(rng: np.random.Generator, count: int) -> DoubleDouble:
    hi = rng.normal(size=count) * 2.0 ** rng.integers(-200, 200, count)
    return DoubleDouble(hi, hi * rng.uniform(-0.5, 0.5, count) * 2.0**-53)


def exact(value: DoubleDouble, k: int) -> Fraction:
    return Fraction(float(value.hi[k])) + Fraction(float(value.lo[k]))


def normal(value: DoubleDouble) -> bool:
    return bool(np.all(value.hi + value.lo == value.hi))


@pytest.mark.parametrize("near", [False, True])
def test_differences(near: bool) -> None:
    rng = np.random.default_rng(1)
    a, b = draw(rng, 500), draw(rng, 500)
    if near:
        b = DoubleDouble(a.hi * (1.0 + rng.integers(-8, 9, 500) * 2.0**-52), b.lo * a.hi / b.hi)
    found = a.minus(b)
    assert normal(found)
    for k in range(500):
        x, y = exact(a, k), exact(b, k)
        assert abs(exact(found, k) - (x - y)) <= 2 * U**2 * max(abs(x), abs(y))


def test_products_and_quotients() -> None:
    rng = np.random.default_rng(2)
    a, b = draw(rng, 500), draw(rng, 500)
    product, quotient = a.times(b), a.over(b)
    assert normal(product) and normal(quotient)
    for k in range(500):
        x, y = exact(a, k), exact(b, k)
        assert abs(exact(product, k) / (x * y) - 1) <= 4 * U**2
        assert abs(exact(quotient, k) / (x / y) - 1) <= 16 * U**2


def test_entries_are_picked() -> None:
    a = draw(np.random.default_rng(3), 5)
    picked = a.at([3, 1])
    assert picked.hi.tolist() == [a.hi[3], a.hi[1]] and picked.lo.tolist() == [a.lo[3], a.lo[1]]


def test_a_product_leaves_its_error_exactly() -> None:
    rng = np.random.default_rng(4)
    a, b = draw(rng, 2000).hi, draw(rng, 2000).hi
    product = DoubleDouble(a, 0.0 * a).times(DoubleDouble(b, 0.0 * b))
    for k in range(2000):
        assert exact(product, k) == Fraction(float(a[k])) * Fraction(float(b[k]))


def test_a_number_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        DoubleDouble(1.0, 0.0).hi = 2.0  # type: ignore[misc]
