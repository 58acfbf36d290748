"""pow, log2 and log10. pow: log2 |x| to one and a half times the working precision, times y, and 2 to that power.

With m in [sqrt(1/2), sqrt 2) and s = (m - 1)/(m + 1), log2 m = 2/(3 log 2) s (3 + s^2 + s^4 P(s^2)); all but the last
term is carried as head + tail with products of half-length heads exact (after fdlibm's e_pow, K. C. Ng).
Special values as C99 Annex F.9.4.4: pow(x, 0) = pow(1, y) = 1 even for NaN, the sign of a negative base where y is
odd, NaN where y is not an integer. At most 4 ulp on the whole plane.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import fast_two_sum, polynomial, split
from foglight.trace.elementary.exponential import at_the_ends, scale, unpack
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, copysign, floor, rint, select


def _log2(x: Any, form: Format) -> tuple[Any, Any]:
    """log2 x as half-length head + tail, for positive finite x."""
    k, m = unpack(x, form)
    d, d_rest = fast_two_sum(1.0, m)  # exact, since d - 1 is for m < 2
    f = m - 1.0
    inverse = 1.0 / d
    s = f * inverse
    high, _ = split(s, form)
    d_high, d_low = split(d, form)
    low = ((f - high * d_high) - high * (d_low + d_rest)) * inverse
    square, z = high * high, s * s
    rest = low * (high + s) + (z * z) * polynomial(z, form.log2)
    total = (3.0 + square) + rest
    total_high, _ = split(total, form)
    total_low = rest - ((total_high - 3.0) - square)
    main = high * total_high
    rest = low * total_high + total_low * s
    product_high, _ = split(main + rest, form)
    product_low = rest - (product_high - main)
    factor, factor_low = form.two_thirds
    main = factor * product_high
    rest = factor_low * product_high + product_low * (factor + factor_low)
    head, _ = split(k + (main + rest), form)
    return head, rest - ((head - k) - main)


def log2(x: Any, form: Format) -> Any:
    """The logarithm to base 2, exact for powers of two; -inf at zero, NaN below."""
    head, tail = _log2(x, form)
    return at_the_ends(x, x, head + tail)


def log10(x: Any, form: Format) -> Any:
    """The logarithm to base 10, exact for powers of ten; -inf at zero, NaN below."""
    head, tail = _log2(x, form)
    high, low = form.log10_two
    return at_the_ends(x, x, head * high + (head * low + tail * (high + low)))


def _power(x: Any, y: Any, form: Format) -> Any:
    """x**y for positive finite x and any y."""
    # A non-zero logarithm is above 2**-digits, so larger y change nothing.
    bound = 2.0 ** (form.digits + 12)
    y = select(y > bound, bound, select(y < -bound, -bound, y))
    head, tail = _log2(x, form)
    y_high, y_low = split(y, form)
    main, rest = y_high * head, y_low * head + y * tail
    k = rint(main + rest)
    lowest = form.lowest_exponent
    k = select(k < -lowest, k, -lowest)
    k = select(k > lowest, k, lowest)
    r = (main - k) + rest
    r = select(r < -1.0, -1.0, r)
    return scale(1.0 + (r * math.log(2.0) + (r * r) * polynomial(r, form.exp2)), k)


def power(x: Any, y: Any, form: Format) -> Any:
    """x**y."""
    size = absolute(x)
    whole = floor(y) == y
    half = 0.5 * y
    odd = whole & (floor(half) != half)
    zero, infinite = size == 0.0, size == math.inf
    falling = y < 0.0
    edge = select(falling, choose(zero, math.inf, 0.0, x), choose(zero, 0.0, math.inf, x))
    edge = select(y == y, edge, y)
    result = select(zero | infinite, edge, _power(size, y, form))
    result = select(odd, copysign(result, x), result)
    result = select((x < 0.0) & ~(whole | infinite), math.nan, result)
    return select((y == 0.0) | (x == 1.0), 1.0, result)
