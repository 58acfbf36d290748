"""hypot, erf, cbrt and mod.

hypot scales both sides by one power of two, so that no square overflows or vanishes. erf is x + x A(x^2) up to 1 and
1 - exp(B(x)) beyond, where B is a polynomial for log(erfc x), fitted with weight erfc x, since erfc x times the error
of B is the error of erf; one evaluation with selected coefficients serves both. cbrt is a polynomial, corrected by one
step of Halley's method with the cube of half-length numbers exact. mod subtracts the exact multiple of the divisor. All
are valid on their whole domain, erf within 4 ulp, hypot within 2.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import polynomial, split
from foglight.trace.elementary.exponential import unpack
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, copysign, floor, pow2, rint, select, sqrt


def hypot(x: Any, y: Any, form: Format) -> Any:
    """sqrt(x^2 + y^2); infinite if either is, even beside a NaN (C99 F.9.4.3)."""
    a, b = absolute(x), absolute(y)
    longer = select(a < b, b, a)
    edge = 2.0 ** (form.bias // 2 - 1)
    shift = 2.0 ** (form.bias // 2 + form.digits)
    large, small = longer > edge, longer < 1.0 / edge
    down, up = 1.0 / shift, shift
    into = select(large, down, choose(small, up, 1.0, x))
    back = select(large, up, choose(small, down, 1.0, x))
    p, q = a * into, b * into
    return select((a == math.inf) | (b == math.inf), math.inf, sqrt(p * p + q * q) * back)


def erf(x: Any, form: Format) -> Any:
    """2/sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    size = absolute(x)
    far = size > 1.0
    argument = select(far, select(size > form.erf_one, form.erf_one, size), x * x)
    zeros = (0.0,) * (len(form.erf_far) - len(form.erf_near))
    pairs = zip(form.erf_far, form.erf_near + zeros, strict=True)
    value = polynomial(argument, [choose(far, a, b, x) for a, b in pairs])
    k = rint(value * (1.0 / math.log(2.0)))
    k = select(k < 0.0, k, 0.0)
    high, low = form.log_two
    r = (value - k * high) - k * low
    beyond = (1.0 + (r + (r * r) * polynomial(r, form.exp))) * pow2(k)
    return select(far, copysign(1.0 - beyond, x), x + x * value)


def cbrt(x: Any, form: Format) -> Any:
    """The cube root, of the sign of x; one division."""
    size = absolute(x)
    k, m = unpack(size, form)
    third = floor((k + 0.5) * (1.0 / 3.0))
    left = k - 3.0 * third
    root = choose(left == 0.0, 1.0, 2.0 ** (2 / 3), x)
    root = select(left == 1.0, 2.0 ** (1 / 3), root)
    a = m * select(left == 2.0, 4.0, left + 1.0)
    t, _ = split(root * polynomial(m, form.cbrt), form)
    square = t * t
    high, low = split(square, form)
    rest = (a - high * t) - low * t
    y = t + t * (rest / (2.0 * (square * t) + a))
    return select((size > 0.0) & (size < math.inf), copysign(y * pow2(third), x), x)


def mod(x: Any, b: Any, form: Format) -> Any:
    """x - b floor(x / b), of the sign of b, as NumPy's remainder: exact wherever that is a float.

    NaN where x / b has more digits than a float.
    """
    q = floor(x / b)
    product = q * b
    q_high, q_low = split(q, form)
    b_high, b_low = split(b, form)
    rest = ((q_high * b_high - product) + (q_high * b_low + q_low * b_high)) + q_low * b_low
    r = (x - product) - rest
    r = select((r < 0.0) & (b > 0.0) | (r > 0.0) & (b < 0.0), r + b, r)  # x / b was rounded up to q
    r = select(absolute(q) < 2.0**form.digits, r, math.nan)
    across = (x < 0.0) & (b > 0.0) | (x > 0.0) & (b < 0.0)
    infinite = (absolute(b) == math.inf) & (absolute(x) < math.inf)
    return copysign(select(infinite, select(across, b, x), r), b)
