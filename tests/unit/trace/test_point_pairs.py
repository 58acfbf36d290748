"""Difference mode: f(x + c) and f(x - c) as f + s ± d, against 80 digits, where values at points lose all digits."""

import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.special import expit

from foglight.trace.graph import Graph
from foglight.trace.ops import copysign, floor, lookup, rint, select
from foglight.trace.point_pairs import difference, pointwise
from foglight.trace.primitives import ELEMENTARY, PRIMITIVE
from foglight.trace.program import Program, lower

Function = Callable[..., Any]
TINY = 1e-9


class Differences:
    """f, s and d of a function of n symbols returning one value, and f itself at points."""

    def __init__(self, function: Function, n: int) -> None:
        self.graph = Graph()
        self.x = [self.graph.input(("x", i)) for i in range(n)]
        columns = np.array([[self.graph.input(("c", i))] for i in range(n)], dtype=object)
        self.output = function(*self.x)
        s, d = difference(self.graph, [self.output], self.x, columns)
        outputs = {"f": [self.output], "s": [s[0, 0]], "d": [d[0, 0]]}
        self.program = lower(Program.of(self.graph, outputs))

    def __call__(self, x: Any, c: Any) -> tuple[float, float]:
        keys = {("x", i): v for i, v in enumerate(x)} | {("c", i): v for i, v in enumerate(c)}
        found = self.program.evaluate(keys | {"p": 1.0})
        return float(found["s"][0]), float(found["d"][0])

    def at(self, x: Any) -> float:
        """The value; what a filter from point values would use."""
        keys = {("x", i): v for i, v in enumerate(x)} | {("c", i): 0.0 for i in range(len(x))}
        return float(self.program.evaluate(keys | {"p": 1.0})["f"][0])


def exact(function: Function, x: Any, c: Any) -> tuple[mpf, mpf]:
    """s and d at 80 digits."""
    centre, step = [mpf(float(v)) for v in x], [mpf(float(v)) for v in c]
    plus = function(*[a + b for a, b in zip(centre, step, strict=True)])
    minus = function(*[a - b for a, b in zip(centre, step, strict=True)])
    return (plus + minus) / 2 - function(*centre), (plus - minus) / 2


# Each operation: on symbols, in mpmath, and the domain of its arguments (low, high).
Domain = list[tuple[float, float]]
RULES: dict[str, tuple[Function, Function, Domain]] = {
    "add": (lambda x, y: x + y, lambda x, y: x + y, [(-3, 3), (-3, 3)]),
    "sub": (lambda x, y: x - y, lambda x, y: x - y, [(-3, 3), (-3, 3)]),
    "neg": (lambda x: -x, lambda x: -x, [(-3, 3)]),
    "mul": (lambda x, y: x * y, lambda x, y: x * y, [(-3, 3), (-3, 3)]),
    "cube": (lambda x: x**3, lambda x: x**3, [(0.5, 3)]),
    "div": (lambda x, y: x / y, lambda x, y: x / y, [(-3, 3), (1, 4)]),
    "reciprocal": (lambda x: 1.0 / x, lambda x: 1 / x, [(-4, -1)]),
    "sqrt": (np.sqrt, mp.sqrt, [(1, 4)]),
    "hypot": (np.hypot, mp.hypot, [(1, 4), (-4, -1)]),
    "abs": (abs, abs, [(-4, -1)]),
    "sin": (np.sin, mp.sin, [(0.3, 2.8)]),
    "cos": (np.cos, mp.cos, [(-1.2, 1.2)]),
    "tan": (np.tan, mp.tan, [(0.2, 1.2)]),
    "asin": (np.arcsin, mp.asin, [(0.1, 0.8)]),
    "acos": (np.arccos, mp.acos, [(-0.8, -0.1)]),
    "atan": (np.arctan, mp.atan, [(0.2, 4)]),
    "atan2": (np.arctan2, mp.atan2, [(-3, 3), (1, 4)]),
    "exp": (np.exp, mp.exp, [(-4, 4)]),
    "expm1": (np.expm1, mp.expm1, [(-4, 4)]),
    "log": (np.log, mp.log, [(1, 4)]),
    "log1p": (np.log1p, mp.log1p, [(-0.4, 3)]),
    "tanh": (np.tanh, mp.tanh, [(0.3, 12)]),
    "tanh below": (np.tanh, mp.tanh, [(-12, -0.3)]),
    "tanh within": (np.tanh, mp.tanh, [(-0.6, 0.6)]),
    "exp2": (np.exp2, lambda x: mp.power(2, x), [(-4, 4)]),
    "log2": (np.log2, lambda x: mp.log(x) / mp.log(2), [(1, 4)]),
    "log10": (np.log10, mp.log10, [(1, 4)]),
    "cbrt": (np.cbrt, mp.cbrt, [(0.5, 4)]),
    "cbrt below": (np.cbrt, lambda x: -mp.cbrt(-x), [(-4, -0.5)]),
    "sinh": (np.sinh, mp.sinh, [(0.3, 9)]),
    "cosh": (np.cosh, mp.cosh, [(0.3, 4)]),
    "cosh within": (np.cosh, mp.cosh, [(-2, 2)]),
    "asinh": (np.arcsinh, mp.asinh, [(0.3, 9)]),
    "asinh within": (np.arcsinh, mp.asinh, [(-2, 2)]),
    "acosh": (np.arccosh, mp.acosh, [(1.5, 9)]),
    "atanh": (np.arctanh, mp.atanh, [(-0.9, -0.2)]),
    "expit": (expit, lambda x: 1 / (1 + mp.exp(-x)), [(-9, 2)]),
    "mod": (lambda x, y: x % y, lambda x, y: x - 7 * y, [(7.2, 7.9), (1.0, 1.02)]),
    "a lookup of a segment": (
        lambda x: lookup(x.graph.apply("segment", x, 1.0, 2.0, 3.0), [9.0, 7.0, 5.0, 4.0]) * x * x,
        lambda x: 7 * x * x,
        [(1.1, 1.9)],
    ),
    "pow": (lambda x, y: x**y, mp.power, [(1, 4), (-2, 2)]),
    "root power": (lambda x: x**1.5, lambda x: x ** mpf(1.5), [(1, 4)]),
    "select": (
        lambda x, y: np.where(x > 0, np.sin(x) * y, x * x),
        lambda x, y: mp.sin(x) * y if x > 0 else x * x,
        [(-3, -1), (-3, 3)],
    ),
    "chosen by a parameter": (
        lambda x, y: select(y.graph.input("p") < 0, x * x, np.exp(x) * y),
        lambda x, y: mp.exp(x) * y,
        [(-3, 3), (-3, 3)],
    ),
    "minimum": (
        lambda x, y: np.minimum(x * x, y) * np.maximum(x, -9.0),
        lambda x, y: min(x * x, y) * x,
        [(1, 2), (6, 9)],
    ),
    "turning": (
        lambda v, h, w: v * (np.sin(h + 0.1 * w) - np.sin(h)) / w,
        lambda v, h, w: v * (mp.sin(h + mpf(0.1) * w) - mp.sin(h)) / w,
        [(5, 15), (-3, 3), (0.5, 1)],
    ),
    "range rate": (
        lambda x, y, v, h: v * (x * np.cos(h) + y * np.sin(h)) / np.hypot(x, y),
        lambda x, y, v, h: v * (x * mp.cos(h) + y * mp.sin(h)) / mp.hypot(x, y),
        [(4, 20), (-20, -4), (1, 9), (-3, 3)],
    ),
    "curved in curved": (
        lambda x, y: np.tanh(np.exp(-x * x) + np.log(y)) * np.arctan2(np.sqrt(y), x * x + 0.5),
        lambda x, y: mp.tanh(mp.exp(-x * x) + mp.log(y)) * mp.atan2(mp.sqrt(y), x * x + mpf(0.5)),
        [(-1, 1), (1, 3)],
    ),
}  # fmt: skip
PLAIN = {"floor", "rint", "copysign", "erf"}  # evaluated at points: they jump, or have no addition theorem


STRAIGHT = {"add", "sub", "neg", "abs", "mod"}


def bar(name: str) -> float:
    """The turning arc subtracts two sines, so that the dividend has twenty times the rounding error."""
    return 1e-13 if name == "turning" else 4e-15


def cases(domain: Domain, size: float, seed: int, count: int = 30) -> list[tuple[Any, Any]]:
    """Centres and steps of this size (a share of the domain's width) that keep both points inside."""
    rng = np.random.default_rng(seed)
    low, high = np.array(domain, float).T
    found = []
    for _ in range(count):
        c = rng.uniform(0.3, 1.0, len(low)) * rng.choice([-1, 1], len(low)) * size * (high - low)
        found.append((rng.uniform(low + abs(c), high - abs(c)), c))
    return found


def errors(name: str, size: float) -> tuple[list[float], list[float]]:
    """Errors of s and d in difference mode and from point values, in turn; relative to the effect of the step in
    each argument alone, since together they may cancel."""
    function, reference, domain = RULES[name]
    seed = zlib.crc32(name.encode())
    measured, rule = [], Differences(function, len(domain))
    from_points = []
    with mp.workdps(80):
        for x, c in cases(domain, size, seed):
            s_exact, d_exact = exact(reference, x, c)
            alone = [exact(reference, x, np.where(np.arange(len(c)) == i, c, 0.0)) for i in range(len(c))]
            d_scale = sum(abs(d) for _, d in alone)
            s_scale = abs(s_exact) + sum(abs(s) for s, _ in alone) + d_scale * mpf(size)
            scales = (s_scale, d_scale)
            f0, plus, minus = (rule.at(v) for v in (x, x + c, x - c))
            pairs = (rule(x, c), (0.5 * (plus + minus) - f0, 0.5 * (plus - minus)))
            for errors_, (s, d) in zip((measured, from_points), pairs, strict=True):
                errors_.append(float(abs(mpf(s) - s_exact) / scales[0]))
                errors_.append(float(abs(mpf(d) - d_exact) / scales[1]))
    assert len(measured) >= 40
    return measured, from_points


@pytest.mark.parametrize("name", RULES)
def test_tiny_steps_keep_every_digit(name: str) -> None:
    """The planted defect, point values, is noticed: its s is only rounding."""
    measured, from_points = errors(name, TINY)
    assert max(measured) <= bar(name)
    assert np.median(from_points[1::2]) > 1e-10
    if name in STRAIGHT:
        assert max(measured[::2]) == 0.0
    else:
        assert np.median(from_points[::2]) > 1e-3


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(
    "size", [1e-5, 0.45, *[pytest.param(size, marks=pytest.mark.campaign) for size in (1e-2, 0.2)]]
)
def test_larger_steps(name: str, size: float) -> None:
    measured, _ = errors(name, size)
    assert max(measured) <= bar(name)


def test_no_operation_is_left_out() -> None:
    masks = {"lt", "le", "eq", "ne", "and", "or", "not"}
    internal = {"exponent", "pow2", "lookup"}
    assert set(ELEMENTARY) | set(PRIMITIVE) - masks - internal <= set(RULES) | PLAIN


def test_linear_parts_have_no_symmetric_part() -> None:
    """A known zero, so that the UKF of a linear model has the columns of the KF."""
    graph = Graph()
    x, y, p = (graph.input(v) for v in "xyp")
    columns = np.array([[graph.input("a"), 0.0], [graph.input("b"), graph.input("c")]], dtype=object)
    outputs = [2.0 * x - y * np.sin(p) + 1.0, p * p, y / np.exp(p)]
    s, d = difference(graph, outputs, [x, y], columns)
    assert all(graph.lift(v) is graph.zero for v in [*s.ravel(), *d[1]])
    assert d[0, 1] is -(columns[1, 1] * np.sin(p))
    assert d[2, 0] is columns[1, 0] / np.exp(p)


@pytest.mark.parametrize("turn", [1e-12, 1e-6, 0.3, 2.5])
def test_the_seam_of_atan2(turn: float) -> None:
    """Points on either side of the seam differ by the angle between them, not by a turn."""
    rule = Differences(np.arctan2, 2)
    for centre in (math.pi - 0.4 * turn, -math.pi + 0.3 * turn, math.pi):
        for r in (0.01, 7.0):
            x = np.array([r * math.sin(centre), r * math.cos(centre)])
            c = np.array([r * math.cos(centre), -r * math.sin(centre)]) * math.tan(turn)
            with mp.workdps(80):
                at, by = [mpf(float(v)) for v in x], [mpf(float(v)) for v in c]
                square = at[0] ** 2 + at[1] ** 2
                turned = [
                    mp.atan2(
                        (sign * (by[0] * at[1] - by[1] * at[0])),
                        square + sign * (by[0] * at[0] + by[1] * at[1]),
                    )
                    for sign in (1, -1)
                ]
                s, d = rule(x, c)
                assert abs(d - (turned[0] - turned[1]) / 2) <= 4e-16 * abs(turned[0])
                assert abs(s - (turned[0] + turned[1]) / 2) <= 4e-16 * abs(turned[0])


@pytest.mark.parametrize(("slope", "bend"), [(1.5, 0.0), (1.5, 0.3), (0.3, 1.1), (-0.2, -1.3)])
def test_points_that_turn_far(slope: float, bend: float) -> None:
    """Both beyond a quarter turn, on opposite sides or on the same: the result is the angle itself, not modulo pi."""

    def angle(x: Any) -> Any:
        return slope * x + bend * x * x

    rule, far = Differences(lambda x: np.arctan2(np.sin(angle(x)), np.cos(angle(x))), 1), 0
    for x in (0.0, 0.2, -0.3):
        for step in (1e-7, 0.4, 1.0, 1.3, 1.6):
            s_exact, d_exact = bend * step * step, (slope + 2.0 * bend * x) * step
            if abs(s_exact) + abs(d_exact) < math.pi:  # beyond, the angle is ambiguous by a turn
                s, d = rule((x,), (step,))
                assert s == pytest.approx(s_exact, rel=1e-13, abs=4e-16 * step)
                assert d == pytest.approx(d_exact, rel=1e-13)
                far += abs(s_exact) > 1.6 or abs(d_exact) > 1.6
    assert far


def test_points_that_straddle_a_condition() -> None:
    """Where the points take different branches the plain difference is taken, whichever branch the centre takes."""
    rule = Differences(lambda x, y: np.where(x > 0, x * x + y, np.sin(x) - 3.0), 2)

    def plain(x: float, y: float) -> float:
        return x * x + y if x > 0 else math.sin(x) - 3.0

    for x, c in ((0.4, 1.0), (-0.4, 1.0), (0.4, -1.0), (-0.4, -1.0), (0.0, 0.5)):
        s, d = rule((x, 2.0), (c, 0.1))
        plus, minus, centre = plain(x + c, 2.1), plain(x - c, 1.9), plain(x, 2.0)
        assert s == pytest.approx(0.5 * (plus + minus) - centre, rel=1e-14)
        assert d == pytest.approx(0.5 * (plus - minus), rel=1e-14)


def test_points_on_the_same_side_around_a_centre_that_is_not() -> None:
    rule = Differences(lambda x: np.where(abs(x) > 0.5, x**3, np.exp(x)), 1)
    for x, c in ((0.0, 1.0), (0.2, -0.9), (-0.3, 1.2)):
        s, d = rule((x,), (c,))
        assert s == pytest.approx(0.5 * ((x + c) ** 3 + (x - c) ** 3) - math.exp(x), rel=1e-14)
        assert d == pytest.approx(0.5 * ((x + c) ** 3 - (x - c) ** 3), rel=1e-14)


def test_points_that_straddle_in_a_nested_condition() -> None:
    rule = Differences(lambda x: np.where((x > 0) & ~(x > 1), abs(x - 0.5), np.minimum(x, 2.0)), 1)

    def plain(x: float) -> float:
        return abs(x - 0.5) if 0 < x <= 1 else min(x, 2.0)

    for x in (-0.3, 0.2, 0.6, 0.9, 1.2, 1.9):
        for c in (0.05, 0.35, 1.3, -0.7):
            s, d = rule((x,), (c,))
            plus, minus = plain(x + c), plain(x - c)
            assert s == pytest.approx(0.5 * (plus + minus) - plain(x), abs=1e-15)
            assert d == pytest.approx(0.5 * (plus - minus), abs=1e-15)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_operations_that_are_evaluated_at_points_are_reported(name: str) -> None:
    function: Function = {
        "floor": lambda x, y: floor(2.0 * x) + y,
        "rint": lambda x, y: rint(x * y),
        "copysign": lambda x, y: copysign(x * x, y),
        "erf": lambda x, y: x.graph.apply("erf", x * y),
    }[name]
    rule = Differences(function, 2)
    assert pointwise(rule.graph, [rule.output], rule.x) == [name]
    x, c = np.array([0.7, -0.3]), np.array([0.4, 0.9])
    plus, minus, centre = rule.at(x + c), rule.at(x - c), rule.at(x)
    s, d = rule(x, c)
    assert s == pytest.approx(0.5 * (plus + minus) - centre, abs=2e-15)
    assert d == pytest.approx(0.5 * (plus - minus), abs=2e-15)


def test_pointwise_counts_only_arguments_that_depend() -> None:
    graph = Graph()
    x, p = graph.input("x"), graph.input("p")
    assert pointwise(graph, [floor(p) * x, np.sin(x)], [x]) == []
    assert pointwise(graph, [floor(p) * x, rint(x + p), floor(x)], [x]) == ["floor", "rint"]


def test_a_whole_motion() -> None:
    """CTRV: the guarded arc through its straight limit, every output, against 80 digits."""

    def motion(m: Any, where: Function) -> Function:
        def outputs(v: Any, h: Any, w: Any) -> Any:
            turning = abs(w) > 1e-9
            safe = where(turning, w, 1.0)
            return v * where(turning, (m.sin(h + safe * 0.1) - m.sin(h)) / safe, m.cos(h) * 0.1)

        return outputs

    rule = Differences(motion(np, np.where), 3)
    reference = motion(mp, lambda mask, a, b: a if mask else b)
    with mp.workdps(80):
        for w in (0.7, -0.02, 0.0):
            x, c = np.array([11.0, 2.2, w]), np.array([3e-4, -2e-4, 0.0 if w == 0.0 else 1e-5])
            for got, wanted in zip(rule(x, c), exact(reference, x, c), strict=True):
                assert abs(got - wanted) <= (1e-13 if abs(w) > 0.1 else 1e-11) * abs(wanted)
