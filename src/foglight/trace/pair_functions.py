"""How elementary functions act on pairs of points: addition theorems, which subtract nothing that is nearly equal.

Roots, logarithms, exponentials and arcs are written in the values at the points, so that they hold for points of any
sizes.
"""

import math
from typing import Any

import numpy as np

from foglight.trace.elementary.exact import two_sum
from foglight.trace.ops import copysign, known_zero, limit, select
from foglight.trace.pair_rules import (
    RATIO,
    STEPPED,
    TAME,
    WILD,
    Pair,
    Rule,
    absolute,
    add,
    bounded,
    choice,
    chosen,
    constant,
    div,
    each,
    evaluated,
    far_apart,
    from_points,
    mul,
    neg,
    sub,
)

_ONE = constant(1.0)


def _sqrt(y: Pair, a: Pair) -> Pair:
    both = y.plus + y.minus
    d = _share(a.d, both)
    terms = each(lambda u, v: u / v, a.terms, y.points) if a.terms else None
    return y._replace(s=_share(a.s - d * d, 0.5 * both + y.c), d=d, uneven=a.uneven, terms=terms)


def _share(part: Any, whole: Any) -> Any:
    """part / whole for a root; 0 where all three points are at its zero."""
    return select(whole == 0.0, 0.0, part / whole)


def _hypot(y: Pair, a: Pair, b: Pair) -> Pair:
    both = y.plus + y.minus
    d = _share(2.0 * (a.middle * a.d + b.middle * b.d), both)
    rise = a.s * (a.middle + a.c) + b.s * (b.middle + b.c) + a.d * a.d + b.d * b.d - d * d
    terms = each(lambda u, v: u + v, a.sizes, b.sizes) if a.terms or b.terms else None
    y = y._replace(s=_share(rise, 0.5 * both + y.c), d=d, uneven=max(a.uneven, b.uneven), terms=terms)
    return bounded(y, y.reach + a.reach + b.reach) if y.uneven == WILD else y  # its squares may overflow, too


def _sin(y: Pair, a: Pair) -> Pair:
    sin, cos = np.sin(a.c), np.cos(a.c)
    sin_mid, cos_mid, rise, _ = _turned(sin, cos, a.s)
    sin_d, fall = _sin_versine(a.d)
    return _turning(y._replace(s=rise - sin_mid * fall, d=cos_mid * sin_d), a)


def _cos(y: Pair, a: Pair) -> Pair:
    sin, cos = np.sin(a.c), np.cos(a.c)
    sin_mid, cos_mid, _, rise = _turned(sin, cos, a.s)
    sin_d, fall = _sin_versine(a.d)
    return _turning(y._replace(s=rise - cos_mid * fall, d=-sin_mid * sin_d), a)


def _turning(y: Pair, a: Pair) -> Pair:
    """The values at the points without another sine: the rule's are as good for an angle that is linear."""
    if known_zero(a.s):
        return y._replace(plus=y.middle + y.d, minus=y.middle - y.d)
    return y._replace(uneven=a.uneven)


def _sin_versine(x: Any) -> tuple[Any, Any]:
    """sin x and 1 - cos x, both accurate near 0, from one half angle."""
    half_sin, half_cos = np.sin(0.5 * x), np.cos(0.5 * x)
    return 2.0 * half_sin * half_cos, 2.0 * half_sin * half_sin


def _turned(sin: Any, cos: Any, s: Any) -> tuple[Any, Any, Any, Any]:
    """sin and cos of the angle plus s, and the increase of each."""
    sin_s, fall = _sin_versine(s)
    sin_rise = cos * sin_s - sin * fall
    cos_rise = -sin * sin_s - cos * fall
    return sin + sin_rise, cos + cos_rise, sin_rise, cos_rise


def _tan(y: Pair, a: Pair) -> Pair:
    return div(y, _sin(evaluated(np.sin, a), a), _cos(evaluated(np.cos, a), a))


def _exp(y: Pair, a: Pair) -> Pair:
    return _growth(y, a, np.exp, 1.0)


def _exp2(y: Pair, a: Pair) -> Pair:
    return _growth(y, a, np.exp2, math.log(2.0))


def _growth(y: Pair, a: Pair, power: Any, rate: float) -> Pair:
    """exp(rate x), from the larger of the two values, `top`; the smaller one is top (1 - t)²."""
    t = -np.expm1(-rate * abs(a.d))
    if known_zero(a.s):
        highest, rest = two_sum(a.c, abs(a.d))
        top, rise = power(highest) * (1.0 + rate * rest), 0.0
    else:
        top, centre = power(select(a.d < 0.0, a.minus, a.plus)), power(a.c)
        s = rate * a.s
        close = abs(s) <= 1.0
        rise = select(close, centre * np.expm1(select(close, s, 0.0)), top * (1.0 - t) - centre)
    d = copysign(0.5 * top * t * (2.0 - t), a.d)
    return y._replace(s=0.5 * top * t * t + rise, d=d, uneven=WILD)


def _log(y: Pair, a: Pair) -> Pair:
    """d is half the logarithm of the ratio of the points, s half that of their product over c²."""
    lower = select(a.d < 0.0, a.plus, a.minus)
    d = copysign(0.5 * np.log1p(select(a.d == 0.0, 0.0, 2.0 * abs(a.d) / lower)), a.d)
    relative = each(lambda u, v: u / abs(v), a.terms, a.points) if a.terms else (1.0, 1.0)
    y = y._replace(d=d, uneven=a.uneven, terms=each(lambda u, v: abs(u) + v, y.points, relative))
    square, product, fall = a.c * a.c, a.plus * a.minus, a.d * a.d
    if known_zero(a.s):
        return y._replace(s=-0.5 * np.log1p(fall / product))
    lift = a.s * (a.c + a.middle)
    plus, minus = a.sizes
    near = abs(lift) + fall <= RATIO * (square + plus * minus)
    rise = select(near, lift - fall, product - square)
    s = 0.5 * np.log1p(abs(rise) / select(rise < 0.0, product, square))
    return y._replace(s=copysign(s, rise))


def _log1p(y: Pair, a: Pair) -> Pair:
    above = evaluated(lambda v: 1.0 + v, a)
    above = above._replace(s=a.s, d=a.d, uneven=a.uneven, terms=each(lambda u: 1.0 + u, a.sizes))
    terms = each(lambda u, v, w: abs(u) + v / w, y.points, a.terms, above.points) if a.terms else None
    return _log(y, above)._replace(terms=terms)


def _atan2(z: Pair, y: Pair, x: Pair) -> Pair:
    """The angle of the complex number p = x + iy, from products with the conjugate of the centre."""
    square = x.c * x.c + y.c * y.c
    re_s, im_s = x.c * x.s + y.c * y.s, x.c * y.s - y.c * x.s
    re_d, im_d = x.c * x.d + y.c * y.d, x.c * y.d - y.c * x.d
    middle = square + re_s
    re, im = (middle + re_d, middle - re_d), (im_s + im_d, im_s - im_d)
    # At the origin the centre has no angle: take the angles of the points themselves.
    origin = plain = square == 0.0
    if x.uneven + y.uneven > TAME:
        far = far_apart(x, y)
        re = each(lambda u, v: x.c * u + y.c * v, x.points, y.points)
        im = each(lambda rule, u, v: select(far, x.c * v - y.c * u, rule), im, x.points, y.points)
        plain = origin | far
    plus, minus = each(
        lambda q, i, v, r: np.arctan2(select(origin, v, i), select(origin, q, r)), x.points, im, y.points, re
    )
    both = 0.5 * (plus + minus)
    # Half the angle of the product of both points is accurate, but determined only up to half turns.
    im_both = 2.0 * (middle * im_s - re_d * im_d)
    re_both = middle * middle - im_s * im_s - re_d * re_d + im_d * im_d
    fine = 0.5 * np.arctan2(im_both, re_both)
    turns = np.rint((both - fine) * (1.0 / math.pi))
    s = select(plain, both - select(origin, np.arctan2(y.c, x.c), 0.0), fine + math.pi * turns)
    uneven = max(x.uneven, y.uneven, TAME if x.still or y.still else STEPPED)
    return z._replace(s=s, d=0.5 * (plus - minus), uneven=uneven)


def _cofunction(a: Pair) -> Pair:
    """sqrt(1 - a²)."""
    low = sub(evaluated(lambda v: 1.0 - v, a), _ONE, a)
    high = add(evaluated(lambda v: 1.0 + v, a), _ONE, a)
    square = mul(evaluated(lambda u, v: u * v, low, high), low, high)
    # Near |a| = 1 the points of the rule are better than 1 - a² of a rounded a, unless they are but rounding.
    rounding = 8.0 * limit("eps", a.c) * (abs(square.c) + square.reach)
    rule = square.middle + square.d, square.middle - square.d
    plus, minus = each(lambda u, v: select(u > rounding, u, v), rule, square.points)
    square = square._replace(plus=plus, minus=minus)
    return _sqrt(evaluated(np.sqrt, square), square)


def _tanh(y: Pair, a: Pair) -> Pair:
    """The addition theorem at the middle."""
    t = -np.expm1(-2.0 * abs(a.d))
    d = copysign(0.5 * _tanh_difference(a.plus, a.minus, t * (2.0 - t)), a.d)
    terms = each(lambda u, v: abs(u) + (1.0 - u * u) * v, y.points, a.terms) if a.terms else None
    rise: Any = 0.0
    if not known_zero(a.s):
        rise = copysign(_tanh_difference(a.halfway, a.c, -np.expm1(-2.0 * abs(a.s))), a.s)
    fall = (y.c + rise) * abs(d) * (t / (2.0 - t))
    return y._replace(s=rise - fall, d=d, uneven=a.uneven, terms=terms)


def _tanh_difference(x: Any, y: Any, t: Any) -> Any:
    """|tanh x - tanh y| for t = 1 - exp(-2 |x - y|), as 2 sinh |x - y| / (cosh x cosh y)."""
    p, q = np.exp(-2.0 * abs(x)), np.exp(-2.0 * abs(y))
    larger = select(x * y <= 0.0, 1.0, select(p < q, q, p))
    return 2.0 * t * larger / ((1.0 + p) * (1.0 + q))


def _pow(y: Pair, a: Pair, b: Pair) -> Pair:
    """exp(b log a); by its values at the points for bases that are not positive, where the exponent may be whole."""
    log = _log(evaluated(np.log, a), a)
    rule = _exp(y, mul(evaluated(lambda u, v: u * v, b, log), b, log))
    if b.c.op == "const" and not float(b.c.value).is_integer():
        return rule
    return chosen((a.c > 0.0) & (a.plus > 0.0) & (a.minus > 0.0), rule)


def _to_base(base: float) -> Rule:
    """The logarithm to another base."""
    factor = 1.0 / math.log(base)

    def rule(y: Pair, a: Pair) -> Pair:
        y = _log(y, a)
        return y._replace(s=factor * y.s, d=factor * y.d)

    return rule


def _cbrt(y: Pair, a: Pair) -> Pair:
    """From a = y³ at all three points."""
    d = _share(a.d, y.plus * y.plus + y.plus * y.minus + y.minus * y.minus)
    halfway = 0.5 * (y.plus + y.minus)
    s = _share(a.s - 3.0 * halfway * d * d, halfway * halfway + halfway * y.c + y.c * y.c)
    terms = each(lambda u, v: _share(u, 3.0 * v * v), a.terms, y.points) if a.terms else None
    return y._replace(s=s, d=d, uneven=a.uneven, terms=terms)


def _sinh(y: Pair, a: Pair) -> Pair:
    return _hyperbolic(y, a, np.sinh, np.cosh)


def _cosh(y: Pair, a: Pair) -> Pair:
    return _hyperbolic(y, a, np.cosh, np.sinh)


def _hyperbolic(y: Pair, a: Pair, own: Any, other: Any) -> Pair:
    """The addition theorem, around the middle and from the centre to the middle."""
    rise: Any = 0.0
    if not known_zero(a.s):
        rise = y.c * _above_one(a.s) + other(a.c) * np.sinh(a.s)
    s = own(a.middle) * _above_one(a.d) + rise
    return y._replace(s=s, d=other(a.middle) * np.sinh(a.d), uneven=WILD)


def _above_one(x: Any) -> Any:
    """cosh x - 1."""
    half = np.sinh(0.5 * x)
    return 2.0 * half * half


def _asinh(y: Pair, a: Pair) -> Pair:
    return _inverse_hyperbolic(y, a, lambda x: np.hypot(x, 1.0))


def _acosh(y: Pair, a: Pair) -> Pair:
    return _inverse_hyperbolic(y, a, lambda x: np.sqrt((x - 1.0) * (x + 1.0)))


def _inverse_hyperbolic(y: Pair, a: Pair, other: Any) -> Pair:
    """Differences of results from the addition theorem; the middle of the results from that of their sinh or cosh."""

    def difference(u: Any, v: Any, apart: Any) -> Any:
        across, along = u * other(v), v * other(u)
        same = u * v > 0.0
        return np.arcsinh(select(same, apart * (u + v) / select(same, across + along, 1.0), across - along))

    d = 0.5 * difference(a.plus, a.minus, 2.0 * a.d)
    step = (a.s - a.c * _above_one(d)) / np.cosh(d)
    s = difference(a.c + step, a.c, step)
    terms = each(lambda u, v, w: abs(u) + v / other(w), y.points, a.terms, a.points) if a.terms else None
    return y._replace(s=s, d=d, uneven=a.uneven, terms=terms)


def _atanh(y: Pair, a: Pair) -> Pair:
    """Half the logarithm of (1 + a) / (1 - a)."""
    low = sub(evaluated(lambda v: 1.0 - v, a), _ONE, a)._replace(terms=None)
    high = add(evaluated(lambda v: 1.0 + v, a), _ONE, a)._replace(terms=None)
    ratio = div(evaluated(lambda u, v: u / v, high, low), high, low)
    log = _log(evaluated(np.log, ratio), ratio)
    return y._replace(s=0.5 * log.s, d=0.5 * log.d, uneven=a.uneven)


def _expit(y: Pair, a: Pair) -> Pair:
    """(1 + tanh(a/2)) / 2."""
    half = Pair(0.5 * a.c, 0.5 * a.s, 0.5 * a.d, 0.5 * a.plus, 0.5 * a.minus, a.uneven)
    tanh = _tanh(evaluated(np.tanh, half), half)
    return y._replace(s=0.5 * tanh.s, d=0.5 * tanh.d, uneven=WILD)


def _mod(y: Pair, a: Pair, b: Pair) -> Pair:
    """a less a multiple of b; from the values at the points where the multiple is not the same for all three."""
    centre, plus, minus = (
        np.rint((v - u) / w)
        for u, v, w in ((y.c, a.c, b.c), (y.plus, a.plus, b.plus), (y.minus, a.minus, b.minus))
    )
    terms = each(lambda u, v: u + abs(centre) * v, a.sizes, b.sizes)
    y = y._replace(
        s=a.s - centre * b.s, d=a.d - centre * b.d, uneven=max(a.uneven, b.uneven, STEPPED), terms=terms
    )
    return chosen((plus == centre) & (minus == centre), y)


POINTWISE = frozenset({"floor", "rint", "copysign", "erf"})  # they jump, or have no addition theorem
TABLES = ("segment", "lookup")  # their differences are exactly 0 while all points are in one segment
RULES: dict[str, Rule] = {
    "add": add, "sub": sub, "neg": neg, "mul": mul, "div": div, "abs": absolute, "select": choice,
    "sqrt": _sqrt, "hypot": _hypot, "sin": _sin, "cos": _cos, "tan": _tan, "exp": _exp, "expm1": _exp, "log": _log,
    "log1p": _log1p, "tanh": _tanh, "pow": _pow, "atan2": _atan2, "exp2": _exp2, "log2": _to_base(2.0),
    "log10": _to_base(10.0), "cbrt": _cbrt, "sinh": _sinh, "cosh": _cosh, "asinh": _asinh, "acosh": _acosh,
    "atanh": _atanh, "expit": _expit, "mod": _mod,
    "atan": lambda y, a: _atan2(y, a, _ONE),
    "asin": lambda y, a: _atan2(y, a, _cofunction(a)),
    "acos": lambda y, a: _atan2(y, _cofunction(a), a),
    **dict.fromkeys(POINTWISE, from_points), **dict.fromkeys(TABLES, from_points),
}  # fmt: skip
