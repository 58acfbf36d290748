"""Differences of a graph between pairs of points, without cancellation, as sigma points need them.

A pair of points around a centre, f(x + c) and f(x - c), is written as f(x) + s + d and f(x) + s - d, with s
the symmetric and d the antisymmetric part. Instead of evaluating f at points and subtracting, the triple
(f, s, d) is carried through each operation by an exact rule, as a derivative is. For linear parts s is a
known zero and folds away. Identities: addition theorems; Julier & Uhlmann 2004 for why differences matter.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.trace.derivatives import Values, secant_square
from foglight.trace.graph import Graph
from foglight.trace.ops import copysign, known_zero, select
from foglight.trace.primitives import COMPARISON, LOGIC, MASKS
from foglight.trace.program import reach
from foglight.trace.symbol import Symbol


class Triple(NamedTuple):
    """The centre c and the pair of points c + s + d, c + s - d. For a mask: its values at the centre and at the two
    points."""

    c: Any
    s: Any
    d: Any

    @property
    def plus(self) -> Any:
        return self.c + self.s + self.d

    @property
    def minus(self) -> Any:
        return self.c + self.s - self.d

    @property
    def middle(self) -> Any:
        return self.c + self.s

    @property
    def still(self) -> bool:
        """Whether both points are known to coincide with the centre."""
        return known_zero(self.s) and known_zero(self.d)


def difference(
    graph: Graph, outputs: Values, inputs: Values, columns: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Arrays s and d (outputs, pairs) for the pairs of points inputs +- columns[:, k]."""
    lifted = [graph.lift(v) for v in outputs]
    nodes = reach(lifted)
    pairs = columns.shape[1]
    s = np.full((len(lifted), pairs), 0.0, dtype=object)
    d = np.full((len(lifted), pairs), 0.0, dtype=object)
    for k in range(pairs):
        pair = _Pair(inputs, columns[:, k])
        for node in nodes:
            pair.visit(node)
        for row, node in enumerate(lifted):
            if node.serial in pair.moved:
                s[row, k], d[row, k] = pair.moved[node.serial].s, pair.moved[node.serial].d
    return s, d


def pointwise(graph: Graph, outputs: Values, inputs: Values) -> list[str]:
    """The operations on the inputs that have no difference rule and are evaluated at the points instead."""
    moved = {x.serial for x in inputs}
    found = []
    for node in reach([graph.lift(v) for v in outputs]):
        if any(a.serial in moved for a in node.args):
            moved.add(node.serial)
            if node.op in _POINTWISE:
                found.append(node.op)
    return sorted(set(found))


class _Pair:
    """One pair of points, propagated through the graph: a triple for each node that moves."""

    def __init__(self, inputs: Values, column: NDArray[Any]) -> None:
        self.inputs = {x.serial for x in inputs}
        steps = zip(inputs, column, strict=True)
        self.moved = {x.serial: Triple(x, 0.0, c) for x, c in steps if not known_zero(c)}
        # Values of nodes at either point, computed when needed.
        self.values: dict[int, dict[int, Any]] = {1: {}, -1: {}}

    def visit(self, node: Symbol) -> None:
        """Give the node its triple, if any of its arguments has one."""
        if node.serial in self.inputs or not any(a.serial in self.moved for a in node.args):
            return
        args = [self.moved.get(a.serial) or _constant(a) for a in node.args]
        triple = self._select(node, *args) if node.op == "select" else _step(node, args)
        if not triple.still:
            self.moved[node.serial] = triple

    def at(self, node: Symbol, sign: int) -> Any:
        """The node's value at one of the two points. Not recursive: a branch may be deeper than Python's recursion
        limit."""
        values = self.values[sign]
        waiting = [node]
        while waiting:
            top = waiting[-1]
            args = () if top.serial in self.inputs else top.args
            unknown = [a for a in reversed(args) if a.serial not in values]
            if unknown:
                waiting += unknown
                continue
            waiting.pop()
            if args:
                values[top.serial] = top.graph.apply(top.op, *[values[a.serial] for a in args])
            else:
                step = self.moved[top.serial].d if top.serial in self.moved else 0.0
                values[top.serial] = top + sign * step
        return values[node.serial]

    def _select(self, node: Symbol, mask: Triple, a: Triple, b: Triple) -> Triple:
        """The triple of a branch where all three points take it; else the plain difference of the values at the
        points, since a branch that is not taken at the centre may have no value there."""
        if node.args[0].serial not in self.moved:
            return Triple(node, select(mask.c, a.s, b.s), select(mask.c, a.d, b.d))
        return _branch(mask, a, b, _from_points(node, self.at(node, 1), self.at(node, -1)))


def _constant(node: Symbol) -> Triple:
    return Triple(node, node, node) if node.op in MASKS else Triple(node, 0.0, 0.0)


def _step(node: Symbol, args: list[Triple]) -> Triple:
    apply = node.graph.apply
    op = node.op
    if op in COMPARISON:
        return Triple(node, apply(op, *[a.plus for a in args]), apply(op, *[a.minus for a in args]))
    if op in LOGIC:
        return Triple(node, apply(op, *[a.s for a in args]), apply(op, *[a.d for a in args]))
    if op in _POINTWISE:
        return _from_points(node, apply(op, *[a.plus for a in args]), apply(op, *[a.minus for a in args]))
    return Triple(node, *_RULES[op](*args)[1:])


def _branch(mask: Triple, a: Triple, b: Triple, points: Triple) -> Triple:
    """a where the mask holds at all three points, b where it holds at none, else `points`."""
    all_a = mask.c & mask.s & mask.d
    any_a = mask.c | mask.s | mask.d
    s = select(all_a, a.s, select(any_a, points.s, b.s))
    d = select(all_a, a.d, select(any_a, points.d, b.d))
    return Triple(points.c, s, d)


def _from_points(c: Any, plus: Any, minus: Any) -> Triple:
    return Triple(c, 0.5 * (plus + minus) - c, 0.5 * (plus - minus))


def _add(a: Triple, b: Triple) -> Triple:
    return Triple(a.c + b.c, a.s + b.s, a.d + b.d)


def _sub(a: Triple, b: Triple) -> Triple:
    return Triple(a.c - b.c, a.s - b.s, a.d - b.d)


def _neg(a: Triple) -> Triple:
    return Triple(-a.c, -a.s, -a.d)


def _mul(a: Triple, b: Triple) -> Triple:
    s = a.c * b.s + a.s * b.middle + a.d * b.d
    return Triple(a.c * b.c, s, a.middle * b.d + a.d * b.middle)


def _div(a: Triple, b: Triple) -> Triple:
    z = a.c / b.c
    if b.still:
        return Triple(z, a.s / b.c, a.d / b.c)
    ns, nd = a.s - z * b.s, a.d - z * b.d
    share = 1.0 / (b.middle * b.middle - b.d * b.d)
    return Triple(z, (ns * b.middle - nd * b.d) * share, (nd * b.middle - ns * b.d) * share)


def _sqrt(a: Triple) -> Triple:
    r = np.sqrt(a.c)
    both = np.sqrt(a.plus) + np.sqrt(a.minus)
    d = _share(a.d, both)
    return Triple(r, _share(a.s - d * d, 0.5 * both + r), d)


def _share(part: Any, whole: Any) -> Any:
    """part / whole for a root; 0 where all three points are at its zero."""
    return select(whole == 0.0, 0.0, part / whole)


def _hypot(a: Triple, b: Triple) -> Triple:
    r = np.hypot(a.c, b.c)
    both = np.hypot(a.plus, b.plus) + np.hypot(a.minus, b.minus)
    d = _share(2.0 * (a.middle * a.d + b.middle * b.d), both)
    rise = a.s * (a.middle + a.c) + b.s * (b.middle + b.c) + a.d * a.d + b.d * b.d - d * d
    return Triple(r, _share(rise, 0.5 * both + r), d)


def _sin(a: Triple) -> Triple:
    sin, cos = np.sin(a.c), np.cos(a.c)
    sin_mid, cos_mid, rise, _ = _turned(sin, cos, a.s)
    sin_d, fall = _sin_versine(a.d)
    return Triple(sin, rise - sin_mid * fall, cos_mid * sin_d)


def _cos(a: Triple) -> Triple:
    sin, cos = np.sin(a.c), np.cos(a.c)
    sin_mid, cos_mid, _, rise = _turned(sin, cos, a.s)
    sin_d, fall = _sin_versine(a.d)
    return Triple(cos, rise - cos_mid * fall, -sin_mid * sin_d)


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


def _exp(a: Triple) -> Triple:
    e = np.exp(a.c)
    growth = np.expm1(a.s)
    half = np.expm1(0.5 * np.abs(a.d))  # of |d|, since expm1 of a large negative number is only -1
    sinh_half = 0.5 * (half + half / (half + 1.0))
    cosh_half = sinh_half + 1.0 / (half + 1.0)
    s = e * (growth + (1.0 + growth) * 2.0 * sinh_half * sinh_half)
    return Triple(e, s, copysign(e * (1.0 + growth) * 2.0 * sinh_half * cosh_half, a.d))


def _log(a: Triple) -> Triple:
    s = 0.5 * np.log1p((a.s * (a.c + a.middle) - a.d * a.d) / (a.c * a.c))
    return Triple(np.log(a.c), s, 0.5 * np.log1p(2.0 * a.d / a.minus))


def _atan2(y: Triple, x: Triple) -> Triple:
    """The angle of the complex number p = x + iy, from products with the conjugate of the centre."""
    square = x.c * x.c + y.c * y.c
    re_s, im_s = x.c * x.s + y.c * y.s, x.c * y.s - y.c * x.s
    re_d, im_d = x.c * x.d + y.c * y.d, x.c * y.d - y.c * x.d
    middle = square + re_s
    # At the origin the centre has no angle: take the angles of the points themselves.
    origin = square == 0.0
    plus = np.arctan2(select(origin, y.plus, im_s + im_d), select(origin, x.plus, middle + re_d))
    minus = np.arctan2(select(origin, y.minus, im_s - im_d), select(origin, x.minus, middle - re_d))
    # Half the angle of the product of both points is accurate, but determined only up to half turns.
    im = 2.0 * (middle * im_s - re_d * im_d)
    re = middle * middle - im_s * im_s - re_d * re_d + im_d * im_d
    fine = 0.5 * np.arctan2(im, re)
    turns = np.rint((0.5 * (plus + minus) - fine) * (1.0 / math.pi))
    centre = np.arctan2(y.c, x.c)
    s = select(origin, 0.5 * (plus + minus) - centre, fine + math.pi * turns)
    return Triple(centre, s, 0.5 * (plus - minus))


def _number(value: float) -> Triple:
    return Triple(value, 0.0, 0.0)


def _abs(a: Triple) -> Triple:
    mask = Triple(a.c < 0.0, a.plus < 0.0, a.minus < 0.0)
    return _branch(mask, _neg(a), a, _from_points(np.abs(a.c), np.abs(a.plus), np.abs(a.minus)))


def _tanh(a: Triple) -> Triple:
    """The addition theorem at the middle; 1 - tanh² x is computed as 1/cosh² x, so that nothing cancels."""
    t, up = np.tanh(a.c), np.tanh(a.s)
    rise = up * secant_square(a.c) / (1.0 + t * up)
    middle, side = t + rise, np.tanh(a.d)
    flat = secant_square(a.middle)
    share = flat / (flat + middle * middle * secant_square(a.d))
    return Triple(t, rise - middle * side * side * share, side * share)


def _cofunction(a: Triple) -> Triple:
    """sqrt(1 - a²)."""
    return _sqrt(_mul(_sub(_number(1.0), a), _add(_number(1.0), a)))


_POINTWISE = frozenset({"floor", "rint", "copysign", "erf"})
_RULES: dict[str, Callable[..., Triple]] = {
    "add": _add, "sub": _sub, "neg": _neg, "mul": _mul, "div": _div, "sqrt": _sqrt, "hypot": _hypot,
    "sin": _sin, "cos": _cos, "exp": _exp, "log": _log, "atan2": _atan2, "abs": _abs, "expm1": _exp,
    "tanh": _tanh,
    "tan": lambda a: _div(_sin(a), _cos(a)),
    "log1p": lambda a: _log(_add(_number(1.0), a)),
    "atan": lambda a: _atan2(a, _number(1.0)),
    "asin": lambda a: _atan2(a, _cofunction(a)),
    "acos": lambda a: _atan2(_cofunction(a), a),
    "pow": lambda a, b: _exp(_mul(b, _log(a))),
}  # fmt: skip
