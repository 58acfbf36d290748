"""hypot and erf.

hypot scales both sides by one power of two, so that no square overflows or vanishes. erf is x + x A(x^2) up to 1 and
1 - exp(B(x)) beyond, where B is a polynomial for log(erfc x), fitted with weight erfc x, since erfc x times the error
of B is the error of erf; one evaluation with selected coefficients serves both. Both functions are valid on their
whole domain, erf within 4 ulp, hypot within 2.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import polynomial
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, copysign, pow2, rint, select, sqrt


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
