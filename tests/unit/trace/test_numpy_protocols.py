"""NumPy's functions of numbers and of small arrays, traced as they stand: the values are NumPy's own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import erf, expit

from foglight.core.errors import ModelError
from foglight.trace.graph import Graph
from unit.traced import Traced

Function = Callable[..., Any]
M = np.array([[1.0, 0.2, 0.3], [0.5, 2.0, 0.1], [0.3, 0.6, 3.0]])
# Of three numbers.
FUNCTIONS: dict[str, Function] = {
    "logarithms": lambda a, b, c: [np.log2(a), np.log10(b), 20.0 * np.log10(np.array([a, c]))[1]],
    "powers": lambda a, b, c: [np.exp2(a), np.cbrt(b - 2.0), np.cbrt(np.array([a, c]))[1], np.power(a, b)],
    "hyperbolic": lambda a, b, c: [np.sinh(a), np.cosh(b), np.tanh(c)],
    "inverse hyperbolic": lambda a, b, c: [np.arcsinh(a), np.arccosh(1.0 + b), np.arctanh(0.3 * c)],
    "of SciPy": lambda a, b, c: [expit(a), erf(b)],
    "remainders": lambda a, b, c: [a % 0.25, np.mod(-b, 2.0 * np.pi), np.remainder(7.0, c), (a + np.pi) % 6.0 - np.pi],
    "limits": lambda a, b, c: [np.sign(a - b), np.clip(a, 0.5, 1.0), np.fmin(a, b), np.fmax(a, c)],
    "cross": lambda a, b, c: np.cross([a, b, c], M[0]),
    "cross of arrays": lambda a, b, c: np.cross(np.array([a, b, c]), np.array([b, c, 2.0])),
    "dot": lambda a, b, c: [np.dot(a, b), np.dot([a, b, c], M[1]), *np.dot(M, [a, b, c])],
    "inner": lambda a, b, c: [np.inner([a, b, c], M[0]), np.vdot([a, b, c], [c, a, b]), np.inner(a, b)],
    "norms": lambda a, b, c: [np.linalg.norm([a, b, c]), *np.linalg.norm(np.array([[a, b], [c, 1.0]]), axis=1)],
    "einsum": lambda a, b, c: [
        *np.einsum("ij,j->i", M, np.array([a, b, c])), np.einsum("i,ij,j", [a, b, c], M, [a, b, c])
    ],
    "sums": lambda a, b, c: [np.sum([a, b, c]), np.mean([a, b, c]), np.prod([a, b, c]), *np.cumsum([a, b, c])],
    "weights": lambda a, b, c: [np.average([a, b, c], weights=[1.0, 2.0, 3.0]), np.trace(np.array([[a, b], [c, 1.0]]))],
    "stacks": lambda a, b, c: [*np.stack([a, b, c]), *np.hstack([a, b]), *np.column_stack([[a, b], [c, 1.0]])[1]],
    "joined": lambda a, b, c: [*np.concatenate([np.array([a, b]), np.array([1.0])]), *np.append(a, [b, c])],
    "likes": lambda a, b, c: [np.zeros_like(a) + b, np.ones_like(a) * c, *np.outer([a, b], [c, 2.0])[1]],
    "polyval": lambda a, b, c: [np.polyval([1.0, 2.0, 3.0], a), np.polyval([b, c], a), np.poly1d([1.0, -2.0])(c)],
    "polynomials": lambda a, b, c: [
        np.polynomial.Polynomial([1.0, 2.0, 3.0])(a), np.polynomial.Chebyshev([1.0, 2.0, 3.0])(b)
    ],
    "select": lambda a, b, c: [np.select([a > 0.9, b > 0.9], [b, c], 0.25), np.select([c > 9.0], [b], default=a)],
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_those_of_numpy(name: str) -> None:
    function = FUNCTIONS[name]
    traced = Traced(function, 3)
    for point in ((0.3, 0.7, 1.1), (1.3, 0.2, 2.4), (0.95, 1.9, 0.6)):
        expected = np.array([float(v) for v in function(*map(np.float64, point))])
        np.testing.assert_allclose(traced(*point)[0], expected, rtol=4e-15, atol=1e-16)


def test_what_still_needs_numbers_is_refused_with_its_name() -> None:
    graph = Graph()
    x = graph.input("x")
    for use in (
        lambda: np.sinc(x),
        lambda: np.piecewise(x, [x > 0.0], [1.0, 2.0]),
        lambda: np.allclose(x, 1.0),
    ):
        with pytest.raises(ModelError, match=r"np\.\w+ cannot be traced\. .* fog\.table .* fog\.opaque"):
            use()
