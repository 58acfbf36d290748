"""Pairs of points, and how arithmetic acts on them without cancellation.

A pair is a centre c and two points c + s + d and c + s - d. A rule gives s and d of a result from those of its
arguments, exactly, as a derivative is: close points keep all digits. But where one of the three values is many times as
large as another, the smaller one is lost in c + s ± d. So a pair carries its values at the points too. Products and
quotients of such pairs choose between their rule and these values, by a bound on the rounding error of the rule: no
result is worse than that of the values at the points by more than rounding.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from foglight.trace.ops import known_zero, select

TAME = 0  # sums, products, roots, sines: the values differ in size as the states do
STEPPED = 1  # branches: one value may be 0, or at a limit
WILD = 2  # exponentials and quotients: the values may differ by orders of magnitude

RATIO = 8.0  # how many times as large the error of a rule may be as that of the values at the points
Two = tuple[Any, Any]


class Pair(NamedTuple):
    """The centre c, the points c + s + d and c + s - d, and the values `plus` and `minus` evaluated at the points.

    uneven: TAME, STEPPED or WILD.  terms: the sizes that the rounding errors of plus and minus are relative to, for a
    sum those of its terms; None where they are |plus| and |minus|.  A mask has no s and d.
    """

    c: Any
    s: Any
    d: Any
    plus: Any
    minus: Any
    uneven: int = TAME
    terms: Two | None = None

    @property
    def middle(self) -> Any:
        """c + s, halfway between the points."""
        return self.c + self.s

    @property
    def halfway(self) -> Any:
        """The middle, from the values at the points where c + s would be lost beside c."""
        if self.uneven == TAME:
            return self.middle
        beside = abs(self.c) <= RATIO * (abs(self.plus) + abs(self.minus))
        return select(beside, self.middle, 0.5 * (self.plus + self.minus))

    @property
    def reach(self) -> Any:
        """A bound on the distance of the points from the centre."""
        return abs(self.s) + abs(self.d)

    @property
    def sizes(self) -> Two:
        """What the rounding errors of plus and minus are relative to."""
        return self.terms or (abs(self.plus), abs(self.minus))

    @property
    def points(self) -> Two:
        """The values at the points."""
        return self.plus, self.minus

    @property
    def still(self) -> bool:
        """Whether both points are known to coincide with the centre."""
        return known_zero(self.s) and known_zero(self.d)


Rule = Callable[..., Pair]  # of the result, whose s and d are not known yet, and of its arguments


def constant(value: Any) -> Pair:
    """A value that does not move."""
    return Pair(value, 0.0, 0.0, value, value)


def moving(c: Any, d: Any) -> Pair:
    """A value that is linear in the states: it moves by d to either side."""
    return Pair(c, 0.0, d, c + d, c - d)


def evaluated(function: Callable[..., Any], *args: Pair) -> Pair:
    """The values of a function of pairs, for its rule to complete."""
    centre, plus, minus = (
        function(*values) for values in zip(*[(a.c, a.plus, a.minus) for a in args], strict=True)
    )
    return Pair(centre, 0.0, 0.0, plus, minus)


def each(function: Callable[..., Any], *pairs: Two) -> Two:
    """The function at the plus point and at the minus point."""
    plus, minus = (function(*values) for values in zip(*pairs, strict=True))
    return plus, minus


def from_points(y: Pair, *_: Pair) -> Pair:
    """The plain half-sum and half-difference of the values at the points."""
    return y._replace(s=0.5 * (y.plus + y.minus) - y.c, d=0.5 * (y.plus - y.minus), uneven=STEPPED)


def chosen(near: Any, y: Pair) -> Pair:
    """y where the mask holds, else what its values at the points say."""
    plain = from_points(y)
    return y._replace(s=select(near, y.s, plain.s), d=select(near, y.d, plain.d))


def bounded(y: Pair, error: Any) -> Pair:
    """y if this error of its rule is not much larger than that of its values at the points; else these."""
    plus, minus = y.sizes
    return chosen(error <= RATIO * (plus + minus), y)


def far_apart(*pairs: Pair) -> Any:
    """Whether a point of a vector is much nearer to 0 than the points are to the centre."""
    reach = sum(p.reach for p in pairs)
    plus, minus = (sum(sizes) for sizes in zip(*[p.sizes for p in pairs], strict=True))
    return (reach > RATIO * plus) | (reach > RATIO * minus)


def add(y: Pair, a: Pair, b: Pair) -> Pair:
    return _sum(y._replace(s=a.s + b.s, d=a.d + b.d), a, b)


def sub(y: Pair, a: Pair, b: Pair) -> Pair:
    return _sum(y._replace(s=a.s - b.s, d=a.d - b.d), a, b)


def _sum(y: Pair, a: Pair, b: Pair) -> Pair:
    if known_zero(y.s):
        return moving(y.c, y.d)
    sizes = each(lambda u, v: u + v, a.sizes, b.sizes)
    y = y._replace(uneven=WILD if WILD in (a.uneven, b.uneven) else TAME, terms=sizes)
    if y.uneven == WILD and (_branch_of(a.c, b.c) or _branch_of(b.c, a.c)):
        # max(f, 0) - f: where the branch is f, its values at the points cancel exactly.
        return bounded(y._replace(terms=None), a.reach + b.reach)._replace(terms=sizes)
    return y


def _branch_of(node: Any, other: Any) -> bool:
    """Whether one of the branches of a choice is the other node."""
    if getattr(node, "op", None) not in ("select", "abs"):
        return False
    return any(v is other or _branch_of(v, other) for v in node.args)


def neg(y: Pair, a: Pair) -> Pair:
    return y._replace(s=-a.s, d=-a.d, uneven=a.uneven, terms=a.terms)


def mul(y: Pair, a: Pair, b: Pair) -> Pair:
    terms = each(lambda u, v: u * v, a.sizes, b.sizes) if a.terms or b.terms else None
    y = y._replace(uneven=max(a.uneven, b.uneven), terms=terms)
    safe = a.still or b.still or a.uneven + b.uneven < WILD
    p, q = (a.halfway, b.halfway) if safe else (a.middle, b.middle)
    y = y._replace(s=a.c * b.s + a.s * q + a.d * b.d, d=p * b.d + a.d * q)
    if safe:
        return y
    return bounded(y, a.reach * (abs(b.plus) + abs(b.minus)) + b.reach * (abs(a.plus) + abs(a.minus)))


def div(y: Pair, a: Pair, b: Pair) -> Pair:
    if b.still:
        terms = each(lambda u: u / abs(b.c), a.terms) if a.terms else None
        return y._replace(s=a.s / b.c, d=a.d / b.c, uneven=a.uneven, terms=terms)
    share = 1.0 / (b.plus * b.minus)
    ns, nd = a.s - y.c * b.s, a.d - y.c * b.d
    s = (ns * b.middle - nd * b.d) * share
    d = (a.d * b.middle - a.middle * b.d) * share
    terms = None
    if a.terms or b.terms:
        terms = each(lambda u, v, w: u * (v / (w * w)), a.sizes, b.sizes, b.points)
    y = y._replace(s=s, d=d, uneven=WILD, terms=terms)
    if a.still and b.uneven == TAME:
        return y
    size = abs(b.c) + abs(b.plus) + abs(b.minus)
    return bounded(y, (a.reach + abs(y.c) * b.reach) * size * abs(share))


def absolute(y: Pair, a: Pair) -> Pair:
    mask = Pair(a.c < 0.0, 0.0, 0.0, a.plus < 0.0, a.minus < 0.0)
    return choice(y, mask, neg(a, a), a)._replace(uneven=a.uneven)


def choice(y: Pair, mask: Pair, a: Pair, b: Pair) -> Pair:
    """The pair of a branch where all three points take it; else from the values at the points, since a branch that is
    not taken at the centre may have no value there."""
    terms = each(select, mask.points, a.sizes, b.sizes) if a.terms or b.terms else None
    y = y._replace(uneven=max(a.uneven, b.uneven), terms=terms)
    if mask.plus is mask.c and mask.minus is mask.c:
        return y._replace(s=select(mask.c, a.s, b.s), d=select(mask.c, a.d, b.d))
    plain = from_points(y)
    all_a = mask.c & mask.plus & mask.minus
    any_a = mask.c | mask.plus | mask.minus
    s = select(all_a, a.s, select(any_a, plain.s, b.s))
    d = select(all_a, a.d, select(any_a, plain.d, b.d))
    return y._replace(s=s, d=d, uneven=max(y.uneven, STEPPED))
