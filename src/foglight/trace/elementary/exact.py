"""Rounding errors of sums and products, recovered without fused operations; and polynomials.

A double-length number is a pair (head, tail) with |tail| at most about an ulp of head. Source of the
transformations: J.-M. Muller et al., Handbook of Floating-Point Arithmetic (2018), algorithms 4.3, 4.4, 4.9.
"""

from collections.abc import Sequence
from typing import Any

from foglight.trace.elementary.format import Format


def split(x: Any, form: Format) -> tuple[Any, Any]:
    """x as high + low of half its length each, exactly; products of such halves are exact."""
    shifted = x * form.splitter
    high = shifted - (shifted - x)
    return high, x - high


def fast_two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b and its rounding error, exact where |a| >= |b|, where a is zero, and where total - a is exact."""
    total = a + b
    return total, b - (total - a)


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b and its rounding error, exact whichever of the two is larger."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def quotient(n: Any, n_rest: Any, d: Any, d_rest: Any, form: Format) -> tuple[Any, Any, Any]:
    """(n + n_rest) / (d + d_rest) rounded, and also as half-length head + tail; one division."""
    inverse = 1.0 / d
    ratio = n * inverse
    head, _ = split(ratio, form)
    high, low = split(d, form)
    return ratio, head, (((n - head * high) - head * (low + d_rest)) + n_rest) * inverse


def polynomial(x: Any, coefficients: Sequence[Any]) -> Any:
    """Sum of coefficients[i] * x**i: Horner on even and odd powers, which halves the dependency chain."""
    if len(coefficients) < 5:
        return _horner(x, coefficients)
    square = x * x
    return _horner(square, coefficients[::2]) + x * _horner(square, coefficients[1::2])


def _horner(x: Any, coefficients: Sequence[Any]) -> Any:
    result = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        result = coefficient + x * result
    return result
