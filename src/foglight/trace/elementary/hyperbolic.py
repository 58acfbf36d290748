"""asinh, acosh, atanh: logarithms of 1 + u, where u and its rounding error are both kept.

asinh x = log(1 + x + x^2 / (1 + sqrt(1 + x^2))), acosh x = log(1 + t + sqrt(t (t + 2))) with t = x - 1, and far from
zero both are log 2x. atanh x is half of log(1 + 2x / (1 - x)). All three are valid on their whole domain.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import split, two_sum
from foglight.trace.elementary.exponential import log_of_sum
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, copysign, select, sqrt


def _of_two_terms(a: Any, b: Any, far: Any, like: Any, form: Format) -> Any:
    """log(1 + a + b), or log(1 + a) + log 2 where far."""
    total, lost = two_sum(a, select(far, 0.0, b))
    u, rest = two_sum(1.0, total)
    return log_of_sum(u, rest + lost, form) + choose(far, math.log(2.0), 0.0, like)


def asinh(x: Any, form: Format) -> Any:
    """The number whose sinh is x."""
    size = absolute(x)
    far = size > 2.0 ** (form.digits + 2)
    square = size * size
    inside = _of_two_terms(size, square / (1.0 + sqrt(1.0 + square)), far, x, form)
    return copysign(select(size < math.inf, inside, size), x)


def acosh(x: Any, form: Format) -> Any:
    """The number >= 0 whose cosh is x; NaN for x < 1."""
    far = x > 2.0 ** (form.digits + 2)
    t = x - 1.0
    inside = _of_two_terms(t, sqrt(t * (t + 2.0)), far, x, form)
    return select(x < math.inf, select(x >= 1.0, inside, math.nan), x)


def atanh(x: Any, form: Format) -> Any:
    """The number whose tanh is x; infinite at -1 and 1, NaN beyond."""
    size = absolute(x)
    below = size < 1.0
    s = select(below, size, 0.5)
    d, d_rest = two_sum(1.0, -s)
    ratio = (s + s) / d
    high, low = split(ratio, form)
    d_high, d_low = split(d, form)
    lost = (((s + s) - high * d_high) - (high * d_low + low * d_high)) - (low * d_low + ratio * d_rest)
    u, rest = two_sum(1.0, ratio)
    inside = 0.5 * log_of_sum(u, rest + lost / d, form)
    edge = choose(size == 1.0, math.inf, math.nan, x)
    return copysign(select(below, inside, edge), x)
