"""atan, atan2, asin, acos: the angle as an integer number of eighth turns plus a small odd polynomial.

atan t for |t| <= tan(pi/8) is t + t^3 P(t^2); a larger ratio n/d is rotated back by an eighth turn, to
(n - d)/(d + n), or by a quarter turn, to -d/n (J.-M. Muller, Elementary Functions, 2016, sec. 11.2). The ratio is
chosen before the one division and carried with half as many digits again, so that nearly all of the error comes from
the last addition. asin and acos beyond 1/2 use asin x = pi/2 - 2 asin sqrt((1 - x)/2). All four are valid on their
whole domain.
"""

import math
from typing import Any

from foglight.trace.elementary.exact import fast_two_sum, polynomial, quotient, split
from foglight.trace.elementary.format import Format, choose
from foglight.trace.ops import absolute, copysign, select, sqrt

EIGHTH = math.tan(math.pi / 8)


def _arctangent(n: Any, n_rest: Any, d: Any, d_rest: Any, form: Format) -> tuple[Any, Any]:
    """atan((n + n_rest) / (d + d_rest)) as head + tail, for a ratio of at most tan(pi/8)."""
    ratio, head, tail = quotient(n, n_rest, d, d_rest, form)
    z = ratio * ratio
    return head, ratio * (z * polynomial(z, form.atan)) + tail


def _turned(eighths: Any, head: Any, tail: Any, form: Format) -> Any:
    """eighths * pi/4 + head + tail."""
    high, low = form.quarter_pi
    total, error = fast_two_sum(eighths * high, head)
    return total + (error + (tail + eighths * low))


def atan(x: Any, form: Format) -> Any:
    """The angle in [-pi/2, pi/2] (rad) whose tangent is x."""
    size = absolute(x)
    size = select(size > 2.0**60, 2.0**60, size)
    middle, far = size > EIGHTH, size > 1.0 / EIGHTH
    turn = choose(middle, 1.0, 0.0, x)
    n, n_rest = fast_two_sum(-turn, select(far, 0.0, size))
    d, d_rest = fast_two_sum(choose(far, 0.0, 1.0, x), turn * size)
    eighths = select(far, 2.0, turn)
    return copysign(_turned(eighths, *_arctangent(n, n_rest, d, d_rest, form), form), x)


def atan2(y: Any, x: Any, form: Format) -> Any:
    """The angle in [-pi, pi] (rad) of the point (x, y); zeros and infinities as C99 Annex F.9.1.4."""
    width, height = absolute(x), absolute(y)
    steep = width < height
    n = select(steep, -x, copysign(height, x))
    d = select(steep, height, width)
    # Scaled away from both ends of the range, so that d + |n| can be split and 1/d and the products of halves exist.
    shift = 2.0 ** (form.digits + 11)
    scale = choose(d > 2.0 ** (form.bias - form.digits - 2 * (form.digits // 2)), 1.0 / shift, shift, x)
    n, d = n * scale, d * scale
    size = absolute(n)
    infinite = d > form.largest
    far = select(infinite, form.largest, EIGHTH * d) < size
    eighths = select(steep, 2.0, 2.0 - copysign(2.0, x)) + select(far, copysign(1.0, n), 0.0)
    degenerate = (size <= d) & (infinite | (d == 0.0))
    n, d = select(degenerate, 0.0, n), select(degenerate, 1.0, d)
    turned = far & ~degenerate
    n, n_rest = fast_two_sum(select(turned, -copysign(d, n), 0.0), n)
    d, d_rest = fast_two_sum(d, select(turned, size, 0.0))
    return copysign(_turned(eighths, *_arctangent(n, n_rest, d, d_rest, form), form), y)


def _arcsine(x: Any, form: Format) -> tuple[Any, Any, Any]:
    """Whether |x| > 1/2; and asin of |x|, or in that case of sqrt((1 - |x|)/2), as head + tail."""
    size = absolute(x)
    steep = size > 0.5
    z = select(steep, 0.5 - 0.5 * size, x * x)
    root = sqrt(z)
    high, _ = split(root, form)
    tiny = 2.0 ** (1 - form.bias)  # matters only where the root is zero
    rest = (z - high * high) / ((root + high) + tiny)
    arc = select(steep, root, size)
    series = arc * (z * polynomial(z, form.asin))
    return steep, select(steep, high, size), select(steep, rest + series, series)


def asin(x: Any, form: Format) -> Any:
    """The angle in [-pi/2, pi/2] (rad) whose sine is x; NaN for |x| > 1."""
    steep, head, tail = _arcsine(x, form)
    factor = choose(steep, -2.0, 1.0, x)
    return copysign(_turned(choose(steep, 2.0, 0.0, x), factor * head, factor * tail, form), x)


def acos(x: Any, form: Format) -> Any:
    """The angle in [0, pi] (rad) whose cosine is x; NaN for |x| > 1."""
    steep, head, tail = _arcsine(x, form)
    factor = copysign(1.0, x) * choose(steep, 2.0, -1.0, x)
    eighths = select(steep, 2.0 - copysign(2.0, x), 2.0)
    return _turned(eighths, factor * head, factor * tail, form)
