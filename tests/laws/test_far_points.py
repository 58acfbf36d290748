"""Moments by sigma points of functions whose values at the points differ by orders of magnitude, at any spread.

The oracle is the unscented transform itself, at 60 digits and more, from the same points. Plain points are its usual
evaluation in floats: what a filter computes that evaluates f at each point and subtracts.
"""

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.equations import unscented
from foglight.equations.gaussian import Belief
from foglight.trace.graph import Graph
from foglight.trace.point_pairs import difference
from foglight.trace.program import Program, lower

Array = NDArray[np.float64]
Function = Callable[..., Any]
DIGITS = 120  # of which squares of a state of 100 standard deviations may take sixty
STDS = [1e-3, 0.03, 0.5, 2.0, 5.0, 10.0, 18.0, 25.0, 37.0, 50.0, 100.0]
METHODS = {"UKF": fog.UKF(), "UKF 1e-3": fog.UKF(alpha=1e-3), "CKF": fog.CKF()}
BAR = 1e-10  # of a standard deviation
EPS = 2.0**-52
FACTOR = 8.0  # how many times the error of plain points is rounding


class Functions:
    """NumPy's functions, or mpmath's: `np.where` on a condition that is a bool takes one of its branches."""

    def __init__(self, exact: bool) -> None:
        names = {
            "exp": mp.exp, "expm1": mp.expm1, "log": mp.log, "log1p": mp.log1p, "sqrt": mp.sqrt, "tanh": mp.tanh,
            "sin": mp.sin, "cos": mp.cos, "arctan2": mp.atan2, "arctan": mp.atan, "arcsin": mp.asin, "hypot": mp.hypot,
            "where": lambda condition, a, b: a if condition else b, "maximum": max, "minimum": min,
            "sinh": mp.sinh, "cosh": mp.cosh, "arcsinh": mp.asinh, "arccosh": mp.acosh, "arctanh": mp.atanh,
            "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "exp2": lambda x: mp.power(2, x), "log10": mp.log10,
            "mod": lambda x, b: x - b * mp.floor(x / b),
        }  # fmt: skip
        for name, function in names.items():
            setattr(self, name, function if exact else getattr(np, name))


# Of functions `m` and three states.
FUNCTIONS: dict[str, Function] = {
    "logistic": lambda m, x, y, z: 1 / (1 + m.exp(-x)),
    "reciprocal of exp": lambda m, x, y, z: 1 / m.exp(x),
    "power of exp": lambda m, x, y, z: m.exp(x) ** 0.125,
    "softplus": lambda m, x, y, z: m.log(1 + m.exp(x)),
    "softplus by log1p": lambda m, x, y, z: m.log1p(m.exp(x)),
    "root of exp": lambda m, x, y, z: m.sqrt(m.exp(x)),
    "tanh": lambda m, x, y, z: m.tanh(x),
    "tanh by exp": lambda m, x, y, z: (m.exp(x) - m.exp(-x)) / (m.exp(x) + m.exp(-x)),
    "tanh by logistic": lambda m, x, y, z: 1 - 2 / (1 + m.exp(2 * x)),
    "power of two states": lambda m, x, y, z: (1 + y * y) ** (x / 16),
    "product with exp": lambda m, x, y, z: (1 + y) * m.exp(x),
    "product of three": lambda m, x, y, z: x * y * z,
    "quotient": lambda m, x, y, z: x / (1 + y * y),
    "quotient by exp": lambda m, x, y, z: y / (1 + m.exp(x)),
    "saturation": lambda m, x, y, z: x / m.sqrt(1 + x * x),
    "Lorentz curve": lambda m, x, y, z: 1 / (1 + x * x),
    "bell": lambda m, x, y, z: m.exp(-x * x / 8),
    "log of a sum of squares": lambda m, x, y, z: m.log(1 + x * x + y * y),
    "range": lambda m, x, y, z: m.hypot(x + 3, y - 4),
    "bearing": lambda m, x, y, z: m.arctan2(y + 2, x + 3),
    "bearing of exponentials": lambda m, x, y, z: m.arctan2(m.exp(x), m.exp(-y)),
    "arc tangent": lambda m, x, y, z: m.arctan(x * y),
    "arc sine of a saturation": lambda m, x, y, z: m.arcsin(x / m.sqrt(2 + x * x)),
    "damped wave": lambda m, x, y, z: m.exp(-x / 4) * m.sin(y),
    "wave of a square": lambda m, x, y, z: m.cos(x * x / 100 + y),
    "exponential linear unit": lambda m, x, y, z: m.where(x > 0, x, m.expm1(m.minimum(x, 0.0))),
    "ramp": lambda m, x, y, z: m.maximum(x, 0.0) * y,
    "clipped exp": lambda m, x, y, z: m.minimum(m.exp(x), 1000.0),
    "power of a modulus": lambda m, x, y, z: abs(x) ** 1.5,
    "hyperbolic sine": lambda m, x, y, z: m.sinh(x) + y,
    "hyperbolic cosine": lambda m, x, y, z: m.cosh(x / 4) * y,
    "arc hyperbolic sine": lambda m, x, y, z: m.arcsinh(x * y),
    "arc hyperbolic cosine": lambda m, x, y, z: m.arccosh(1 + m.exp(x)),
    "arc hyperbolic tangent of a saturation": lambda m, x, y, z: m.arctanh(x / m.sqrt(2 + x * x)),
    "cube root": lambda m, x, y, z: m.cbrt(x * y - 1),
    "power of two": lambda m, x, y, z: m.exp2(-x),
    "decibels": lambda m, x, y, z: 10 * m.log10(1 + m.exp(x)),
    "remainder": lambda m, x, y, z: m.mod(x + y, 6.25) * z,
    "share": lambda m, x, y, z: m.exp(x) / (m.exp(x) + m.exp(y)),
}  # fmt: skip
NUMPY, EXACT = Functions(exact=False), Functions(exact=True)
MEAN = np.array([0.3, -0.7, 1.1])
U = np.array([[1.0, 0.25, -0.5], [0.0, 1.0, 0.375], [0.0, 0.0, 1.0]])
SHARES = np.array([0.9, 0.4, 0.7])  # of the std, squared


def moments_program(f: Function, method: Any) -> Program:
    """Mean and variance of a function, and its value at the centre, by the equations of the filter, from x and D."""
    graph = Graph()
    x = np.array([graph.input(("x", i)) for i in range(3)])
    D = np.array([graph.input(("D", i)) for i in range(3)])
    weights = method.weights(3)
    output = [graph.lift(f(NUMPY, *x))]
    s, d = difference(graph, output, x, unscented.points(Belief(x, U, D), weights))
    mean, columns = unscented.moments(np.array(output), s, d, weights, ())
    variance = (columns[0] * columns[0]).sum() * (1.0 / weights.square)
    return lower(Program.of(graph, {"moments": [mean[0], variance]}))


def transform(f: Function, points: Any, method: Any, number: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Mean and variance by the unscented transform as in the paper, with its large weight of the centre."""
    alpha, beta, kappa = (number(v) for v in (method.alpha, method.beta, method.kappa))
    square = alpha * alpha * (3 + kappa)
    values = [f(*point) for point in points]
    outer = 1 / (2 * square)
    weights = [1 - 3 / square, *[outer] * 6]
    mean = sum(w * v for w, v in zip(weights, values, strict=True))
    weights[0] += 1 - alpha * alpha + beta
    return mean, sum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))


def sigma_points(method: Any, std: float, number: Callable[[Any], Any]) -> list[Any]:
    columns = unscented.points(Belief(MEAN, U, std**2 * SHARES), method.weights(3))
    x = [number(float(v)) for v in MEAN]
    moves = [[number(0.0)] * 3] + [
        [sign * number(float(v)) for v in c] for sign in (1, -1) for c in columns.T
    ]
    return [[a + b for a, b in zip(x, move, strict=True)] for move in moves]


def errors(found: tuple[Any, Any], mean: Any, std: Any) -> tuple[float, float]:
    """Of mean and standard deviation, in exact standard deviations."""
    root = mp.sqrt(max(mp.mpf(float(found[1])), 0)) if math.isfinite(found[1]) else mp.inf
    return float(abs(mp.mpf(float(found[0])) - mean) / std), float(abs(root - std) / std)


def misses(f: Function, program: Program, method: Any, std: float) -> list[Any]:
    """What the filter's moments miss by more than the bar and more than plain points do: (what, std, by how much).

    Where the centre has no weight, the rounding of the value there remains all the same, beside which the values at
    the points may be small.
    """
    with mp.workdps(DIGITS), np.errstate(all="ignore"):
        points = sigma_points(method, std, mp.mpf)
        mean, variance = transform(lambda *v: f(EXACT, *v), points, method, mp.mpf)
        plain = transform(lambda *v: f(NUMPY, *v), sigma_points(method, std, np.float64), method, np.float64)
        given = {("x", i): v for i, v in enumerate(MEAN)} | {
            ("D", i): v for i, v in enumerate(std**2 * SHARES)
        }
        exact = mp.sqrt(variance)
        bar = max(BAR, float(4 * EPS * abs(f(EXACT, *points[0])) / exact) if method == fog.CKF() else 0.0)
        ours = errors(tuple(program.evaluate(given)["moments"]), mean, exact)
        theirs = errors(plain, mean, exact)
    table = zip(("mean", "std"), ours, theirs, strict=True)
    return [(what, std, a, b) for what, a, b in table if not a <= max(bar, FACTOR * b)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_moments_are_those_of_the_transform(name: str, method: str) -> None:
    """No rule is worse than plain points by more than rounding, and close points keep all digits."""
    f, options = FUNCTIONS[name], METHODS[method]
    program = moments_program(f, options)
    assert [miss for std in STDS for miss in misses(f, program, options, std)] == []


# Of functions `m` and numbers of any size, and where an argument may be.
CHAINED: dict[str, tuple[Function, Callable[..., bool]]] = {
    "exp": (lambda m, a, b: m.exp(a), lambda a, b: abs(a) < 200),
    "expm1": (lambda m, a, b: m.expm1(a), lambda a, b: abs(a) < 200),
    "log": (lambda m, a, b: m.log(a), lambda a, b: a > 1e-60),
    "log1p": (lambda m, a, b: m.log1p(a), lambda a, b: a > -0.999),
    "sqrt": (lambda m, a, b: m.sqrt(a), lambda a, b: a > 0),
    "hypot": (lambda m, a, b: m.hypot(a, b), lambda a, b: True),
    "tanh": (lambda m, a, b: m.tanh(a), lambda a, b: True),
    "sin": (lambda m, a, b: m.sin(a), lambda a, b: abs(a) < 1000),
    "arctan2": (lambda m, a, b: m.arctan2(a, b), lambda a, b: a > 0),
    "add": (lambda m, a, b: a + b, lambda a, b: True),
    "sub": (lambda m, a, b: a - b, lambda a, b: True),
    "mul": (lambda m, a, b: a * b, lambda a, b: True),
    "div": (lambda m, a, b: a / b, lambda a, b: abs(b) > 1e-60),
    "power": (lambda m, a, b: a**0.25, lambda a, b: a > 1e-60),
    "abs": (lambda m, a, b: abs(a), lambda a, b: True),
    "maximum": (lambda m, a, b: m.maximum(a, b), lambda a, b: True),
}  # fmt: skip


def chain(rng: np.random.Generator, points: Any, length: int) -> Function:
    """So many operations, each on the result before it and on another, that have a value of any size at all points."""
    steps: list[tuple[Function, int, int]] = []
    values = [list(point) for point in points]
    while len(steps) < length:
        operation, inside = CHAINED[str(rng.choice(list(CHAINED)))]
        a, b = rng.permutation([len(values[0]) - 1, int(rng.integers(len(values[0])))])
        if all(inside(v[a], v[b]) for v in values):
            found = [operation(EXACT, v[a], v[b]) for v in values]
            if 1e-60 < max(abs(v) for v in found) < 1e60 and max(found) - min(found) > 1e-6 * max(
                map(abs, found)
            ):
                steps.append((operation, a, b))
                for v, result in zip(values, found, strict=True):
                    v.append(result)

    def function(m: Any, *inputs: Any) -> Any:
        results = list(inputs)
        for operation, a, b in steps:
            results.append(operation(m, results[a], results[b]))
        return results[-1]

    return function


@pytest.mark.parametrize("seed", range(8))
def test_random_functions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(12):
        std, method = float(rng.choice(STDS)), METHODS["UKF"]
        with mp.workdps(DIGITS):
            f = chain(rng, sigma_points(method, std, mp.mpf), 5)
        assert misses(f, moments_program(f, method), method, std) == []


def test_the_filter_has_these_moments() -> None:
    """Through a run: a logistic function of a state with a std of 50 gave NaN."""
    motion = fog.Motion(("x",), lambda x, dt, p: [1 / (1 + np.exp(-x.x))], lambda x, dt, p: [[0.0]])
    sensor = fog.Sensor("s", ("z",), lambda x, p: [x.x], lambda x, p: [[1.0]])
    log = fog.Log.from_arrays([0.0, 1.0], s=[np.nan, np.nan])
    for std, mean in ((5.0, 0.502023248501), (18.0, 0.500000004638), (50.0, 0.5), (100.0, 0.5)):
        for method in (fog.UKF(), fog.CKF()):
            run = fog.run(fog.Model(motion, [sensor], fog.Belief([0.3], std=[std])), log, method=method)
            assert run.filtered.mean[1, 0] == pytest.approx(mean, abs=1e-12)
