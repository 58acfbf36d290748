"""The equations of a step on x and P, as filterpy keeps them: those of `foglight.equations.textbook`.

For few states they are compiled, once for each number of states and components; for many, and for an inverse of the
user's own, they run on NumPy's arrays: see `many_states`. The results are those that a filter keeps, each in memory of
its own.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.adapters.filterpy import many_states
from foglight.adapters.filterpy.many_states import EPS, Invert, inverted, judged, singular
from foglight.compiler.array_function import ArrayFunction
from foglight.core.types import Array
from foglight.equations import textbook
from foglight.equations.measurement import LOG_2PI
from foglight.trace.ops import all_finite, any_of, negated, product, select

LARGEST = 1_700  # n³ + n² m + n m² + m³: traced and compiled within half a second
Step = Callable[..., Any]


def short(n: int, m: int = 0) -> bool:
    """Whether a step of n states and m components is compiled."""
    return n**3 + n * n * m + n * m * m + m**3 <= LARGEST


@functools.lru_cache(maxsize=64)
def prediction(shape: tuple[int, ...]) -> Step:
    """(x, P, F, Q, shift, α²) -> x, P and their copies x_prior, P_prior, for x of this shape.

    marks: whether a result is not finite.
    """
    n = shape[0]
    if not short(n):
        return many_states.predicted
    equation = functools.partial(_predicted, shape)
    return ArrayFunction(equation, [shape, (n, n), (n, n), (n, n), (n,), ()], writable=True)


@functools.lru_cache(maxsize=64)
def measurement(
    shape: tuple[int, ...], m: int, inv: Invert, innovation: bool = False, correlated: bool = False
) -> Step:
    """(x, P, z, H, R) -> x, P, their copies x_post, P_post, and z, y, S, SI, K, for x of this shape.

    innovation: z is that of the reading, not the reading.  correlated: there is a sixth argument, the covariance M
    (n, m) of the error of x with the noise.  marks: NIS, log-likelihood (both NaN if they are computed later),
    and whether S is singular or a result not finite.
    """
    if inv is np.linalg.inv and short(shape[0], m):
        return _measurement(shape, m, innovation, correlated)
    if correlated:
        return functools.partial(_updated, shape, inv, innovation)
    return functools.partial(many_states.updated, inv, innovation)


@functools.lru_cache(maxsize=64)
def smoothing(n: int) -> Step:
    """(x, P, F, Q, x', P') -> x, P, C and the predicted covariance."""
    if not short(n, n):
        return many_states.smoothed
    of_symbols = ArrayFunction(_smoothed, [(n,), (n, n), (n, n), (n, n), (n,), (n, n)])

    def smoothed(*arguments: Array) -> tuple[Array, ...]:
        found = of_symbols(*arguments)
        return found["x"], found["P"], found["C"], found["P_predicted"]

    return smoothed


@functools.lru_cache(maxsize=64)
def _measurement(shape: tuple[int, ...], m: int, innovation: bool, correlated: bool) -> ArrayFunction:
    n = shape[0]
    shapes = [shape, (n, n), (m,), (m, n), (m, m), *[(n, m)] * correlated]
    return ArrayFunction(functools.partial(_updated, shape, None, innovation), shapes, writable=True)


def _predicted(
    shape: tuple[int, ...], x: Array, P: Array, F: Array, Q: Array, shift: Any, alpha_sq: Any
) -> dict[str, Array]:
    """N(F x + b, α² F P Fᵀ + Q): α > 1 lets old readings fade."""
    new_x = (product(F, x.reshape(-1)) + shift).reshape(shape)
    new_P = textbook.predict(P * alpha_sq, F, Q)
    marks = _marks([negated(_finite(new_x, new_P))])
    return {
        "x": new_x,
        "P": new_P,
        "x_prior": new_x.copy(),
        "P_prior": new_P.copy(),
        "marks": np.array(marks),
    }


def _updated(
    shape: tuple[int, ...],
    inv: Invert | None,
    innovation: bool,
    x: Array,
    P: Array,
    z: Array,
    H: Array,
    R: Array,
    M: Array | None = None,
) -> dict[str, Array]:
    """p(x | z) in Joseph's form; `textbook.update_correlated` with M. inv is None where it is compiled."""
    inverses: list[Array] = []

    def invert(S: Array) -> Array:
        inverses.append(textbook.inverse(S) if inv is None else inverted(inv, S))
        return inverses[0]

    x = x.reshape(-1)
    e = z if innovation else z - product(H, x)
    if M is None:
        new_x, new_P, S, K = textbook.update_joseph(x, P, H, R, e, invert)
    else:
        new_x, new_P, S, K = textbook.update_correlated(x, P, H, R, M, e, invert)
    SI = inverses[0]
    nis: Any = np.nan
    loglik: Any = np.nan
    if inv is None:
        nis, loglik, doubts = judged(S, e)
    else:
        doubts = [inv is np.linalg.inv and singular(S, SI)]
    doubts.append(negated(_finite(new_x, new_P)))
    new_x, column = new_x.reshape(shape), (-1, 1)[: len(shape)]
    return {
        "x": new_x,
        "P": new_P,
        "x_post": new_x.copy(),
        "P_post": new_P.copy(),
        "z": z.copy().reshape(column),
        "y": e.copy().reshape(column),
        "S": S,
        "SI": SI,
        "K": K,
        "marks": np.array([nis, loglik, *_marks(doubts)]),
    }


def _smoothed(x: Array, P: Array, F: Array, Q: Array, x_next: Array, P_next: Array) -> dict[str, Array]:
    found = textbook.smooth(x, P, F, Q, x_next, P_next)
    return dict(zip(("x", "P", "C", "P_predicted"), found, strict=True))


def loglik_of(e: Array, S: Array) -> float:
    """log N(e; 0, S), in the directions of S that have a variance."""
    variances, directions = np.linalg.eigh(S)
    kept = variances > len(S) * 1e6 * EPS * np.abs(variances).max()
    eps, variances = directions.T[kept] @ e, variances[kept]
    return float(-0.5 * (len(eps) * LOG_2PI + np.log(variances).sum() + (eps * eps / variances).sum()))


def _finite(x: Array, P: Array) -> Any:
    """Whether x and P are finite. A sum can overflow where they are: the caller looks again."""
    if P.dtype == object:
        return all_finite([*x.ravel(), *P.ravel()])
    return math.isfinite(x.sum() + P.sum())


def _marks(doubts: list[Any]) -> list[Any]:
    """1 if one of these holds, else 0."""
    found = any_of(doubts)
    return [float(found)] if isinstance(found, (bool, np.bool_)) else [select(found, 1.0, 0.0)]
