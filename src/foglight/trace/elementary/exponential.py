"""exp, exp2, expm1, sinh, cosh, tanh, expit, log, log1p: an integer power of two and a polynomial for the remainder.

exp: x = k log 2 + r with |r| <= log(2)/2, exp r = 1 + r + r^2 Q(r). log: x = 2^k m with m in [sqrt(1/2), sqrt 2),
log m from s = (m - 1)/(m + 1), one division (P. T. P. Tang, ACM TOMS 15, 1989, and 16, 1990, without his tables).
All are valid on their whole domain, including subnormal arguments and results.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import polynomial, two_sum
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, copysign, exponent, floor, pow2, rint, select

ROOT_TWO = math.sqrt(2.0)


def scale(p: Any, k: Any) -> Any:
    """p * 2**k as two products by exact powers of two: rounds once, and overflows and underflows correctly."""
    half = floor(0.5 * k)
    return (p * pow2(half)) * pow2(k - half)


def _reduce(x: Any, lowest: float | None, highest: float, form: Format) -> tuple[Any, Any, Any]:
    """(k, r, rest): e**x = 2**k (1 + r - rest) with integer k, after limiting x to `lowest` and k to `highest`.

    A NaN gives k = highest and stays in r, so that no power of two is built from a NaN.
    """
    if lowest is not None:
        x = select(x < lowest, lowest, x)
    k = rint(x * (1.0 / math.log(2.0)))
    k = select(k < highest, k, highest)
    high, low = form.log_two
    r = x - k * high
    tail = k * low
    reduced = r - tail
    return k, r, tail - (reduced * reduced) * polynomial(reduced, form.exp)


def exp(x: Any, form: Format) -> Any:
    """e**x; overflows to infinity, underflows gradually to zero."""
    k, r, rest = _reduce(x, form.lowest_exponent * math.log(2.0), -form.lowest_exponent, form)
    return scale(1.0 + (r - rest), k)


def expm1(x: Any, form: Format) -> Any:
    """e**x - 1, accurate near zero."""
    k, r, rest = _reduce(x, -1.5 * form.digits, form.bias + 1.0, form)
    power = pow2(k - 1.0)
    beyond = (power * r + (power - 0.5)) - power * rest
    return copysign(select(k == 0.0, r - rest, 2.0 * beyond), x)


def exp2(x: Any, form: Format) -> Any:
    """2**x; overflows to infinity, underflows gradually to zero."""
    highest = -form.lowest_exponent
    x = select(x < -highest, -highest, select(x > highest, highest, x))
    k = rint(x)
    k = select(k < highest, k, highest)
    r = x - k
    return scale(1.0 + (r * math.log(2.0) + (r * r) * polynomial(r, form.exp2)), k)


def _half(x: Any, form: Format) -> tuple[Any, Any]:
    """e**|x| / 2 as a power of two and a rest; an infinity beyond the range."""
    k, r, rest = _reduce(absolute(x), None, form.bias + 1.0, form)
    power = pow2(k - 1.0)
    return power, power * (r - rest)


def sinh(x: Any, form: Format) -> Any:
    """sinh x = h + h / (2h + 1) with 2h = e**|x| - 1; one division."""
    power, rest = _half(x, form)
    h = (power - 0.5) + rest
    return copysign(select(h < 2.0**form.digits, h + h / ((h + h) + 1.0), h), x)


def cosh(x: Any, form: Format) -> Any:
    """cosh x = h + 1 / (4h) with 2h = e**|x|; one division."""
    power, rest = _half(x, form)
    h = power + rest
    return h + 0.25 / h


def expit(x: Any, form: Format) -> Any:
    """1 / (1 + e**-x), accurate where it is nearly 0; one division."""
    e = exp(-absolute(x), form)
    return select(x < 0.0, e, 1.0) / (1.0 + e)


def tanh(x: Any, form: Format) -> Any:
    """tanh x = u / (u + 2) with u = e**2|x| - 1; for small x via x - tanh x; one division."""
    size = absolute(x)
    double = select(size > 0.5 * form.digits, form.digits, size + size)
    k, r, rest = _reduce(double, None, 2.0 * form.digits, form)
    power = pow2(k)
    u = (power * r + (power - 1.0)) - power * rest
    small = k < 2.0
    ratio = select(small, size * u + (double - u), u) / (u + 2.0)
    return copysign(select(small, size - ratio, ratio), x)


def _log(k: Any, f: Any, tail: Any, form: Format) -> Any:
    """k log 2 + log(1 + f) + tail (1 - f + ...), f in [sqrt(1/2) - 1, sqrt(2) - 1]."""
    s = f / (2.0 + f)
    z = s * s
    half = 0.5 * f * f
    high, low = form.log_two
    small = s * (half + z * polynomial(z, form.log)) + k * low
    if tail is not None:
        small = small + tail * (1.0 - 2.0 * (s - z))
    return k * high - ((half - small) - f)


def unpack(x: Any, form: Format) -> tuple[Any, Any]:
    """(k, m): x = m * 2**k with m in [sqrt(1/2), sqrt 2), for positive finite x, including subnormal ones."""
    below = x < 1.0
    lift = form.digits + 7.0
    scaled = x * choose(below, 2.0**lift, 2.0**-lift, x)
    k = exponent(scaled * ROOT_TWO)
    return k + choose(below, -lift, lift, x), scaled * pow2(-k)


def log(x: Any, form: Format) -> Any:
    """The natural logarithm; -inf at zero, NaN below."""
    k, m = unpack(x, form)
    inside = _log(k, m - 1.0, None, form)
    return at_the_ends(x, x, inside)


def log1p(x: Any, form: Format) -> Any:
    """log(1 + x), accurate near zero; -inf at -1, NaN below."""
    u, rest = two_sum(1.0, x)
    return copysign(at_the_ends(u, x, log_of_sum(u, rest, form)), x)


def log_of_sum(u: Any, rest: Any, form: Format) -> Any:
    """log(u + rest) for a positive finite u and a rest of about an ulp of it."""
    k = exponent(u * (0.25 * ROOT_TWO))  # too small by two, so that 2**-k exists for the largest u
    power = 0.25 * pow2(-k)
    return _log(k + 2.0, u * power - 1.0, rest * power, form)


def at_the_ends(u: Any, x: Any, inside: Any) -> Any:
    """The result of a logarithm inside of its domain, completed: x at infinity and NaN, -inf at zero, NaN below."""
    lowest = choose(u == 0.0, -math.inf, math.nan, u)
    return select(u < math.inf, select(u > 0.0, inside, lowest), x)
