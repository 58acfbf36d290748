"""sin, cos and tan: reduction to an eighth turn by a four-part pi/2, then short polynomials.

Cody and Waite, Software Manual for the Elementary Functions (1980), ch. 8, with the rounding errors of the
reduction kept: x = k pi/2 + r - tail with |r| <= pi/4. Range |x| <= 2**20 in float64 and 2**12 in float32 (a float32
has too few bits to multiply a longer k exactly); beyond it, and for infinities, the result is NaN.
sin and cos share all operations but their last ones; tan shares the reduction.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import polynomial
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, floor, select


def _reduce(x: Any, form: Format) -> tuple[Any, Any, Any]:
    """The quadrant number k and the reduced angle r - tail.

    r keeps the sign of a zero x, since k is +0 there; tail is then +0.
    """
    x = select(absolute(x) <= form.angle, x, math.nan)
    k = floor(x * (2 / math.pi) + 0.5)
    first, second, third, fourth = form.half_pi
    r1 = x - k * first
    product = k * second
    r2 = r1 - product
    error = (r1 - r2) - product
    product = k * third
    r = r2 - product
    error = error + ((r2 - r) - product)
    return k, r, k * fourth - error


def _quarter(x: Any, form: Format) -> tuple[Any, Any, Any]:
    """(sine, cosine) up to their common sign, and that sign."""
    k, r, tail = _reduce(x, form)
    z = r * r
    half = 0.5 * z
    weight = 1.0 - half
    sine = r - (tail * weight + (z * r) * polynomial(z, form.sin))
    cosine = weight + (((1.0 - weight) - half) + ((z * z) * polynomial(z, form.cos) + r * tail))
    halves = 0.5 * k
    pairs = floor(halves)
    odd = pairs != halves
    turns = 0.5 * pairs
    sign = choose(turns != floor(turns), -1.0, 1.0, x)
    return select(odd, cosine, sine), select(odd, -sine, cosine), sign


def sin(x: Any, form: Format) -> Any:
    """sin x, x in radians."""
    sine, _, sign = _quarter(x, form)
    return sign * sine


def cos(x: Any, form: Format) -> Any:
    """cos x, x in radians."""
    _, cosine, sign = _quarter(x, form)
    return sign * cosine


def tan(x: Any, form: Format) -> Any:
    """tan x, x in radians: a polynomial of its own, then t or -1/t; one division."""
    k, r, tail = _reduce(x, form)
    z = r * r
    bend = (z * r) * polynomial(z, form.tan)
    slope = r + bend
    t = r - (tail * (1.0 + slope * slope) - bend)
    half = 0.5 * k
    odd = floor(half) != half
    return select(odd, -1.0, t) / select(odd, t, 1.0)
