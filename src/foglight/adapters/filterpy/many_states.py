"""The steps of many states, where a step is too long to compile: `equations.textbook` in few calls of NumPy.

A call takes as long as the arithmetic of a product of ten states, so that calls are what is saved: methods of arrays,
sums into their first term, and all but the products of covariances in one compiled function. P is symmetric up to
rounding, as that of filterpy. Whether results are finite is seen from one sum of products, which can overflow where
they are: the caller looks again.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.compiler.array_function import ArrayFunction
from foglight.core.types import Array
from foglight.equations.measurement import likelihood
from foglight.equations.textbook import inverse, symmetric
from foglight.equations.ud import split, whiten
from foglight.trace.ops import all_finite, any_of, negated, positive, product, select

LARGEST = 1_000  # n m² + m³ of a gain: traced and compiled within a fifth of a second
EPS = float(np.finfo(float).eps)
Invert = Callable[[Any], Any]


def predicted(
    x: Array, P: Array, F: Array, Q: Array, shift: Array | float, alpha_sq: float
) -> dict[str, Any]:
    """See `steps.prediction`."""
    new_x = F.dot(x)
    if isinstance(shift, np.ndarray):
        new_x += shift.reshape(x.shape)
    new_P = F.dot(P).dot(F.T)
    if alpha_sq != 1.0:
        new_P *= alpha_sq
    new_P += Q
    finite = math.isfinite(new_P.diagonal().dot(new_x.ravel()))  # no covariance is larger than its variances
    return {"x": new_x, "P": new_P, "x_prior": new_x.copy(), "P_prior": new_P.copy(), "marks": (not finite,)}


def updated(
    inv: Invert, innovation: bool, x: Array, P: Array, z: Array, H: Array, R: Array
) -> dict[str, Any]:
    """See `steps.measurement`; in Joseph's form."""
    n, m = len(x), len(z)
    cross = P.dot(H.T)
    found: Any
    if inv is np.linalg.inv and (n + m) * m * m <= LARGEST:
        found = _gain(x.shape, m, innovation)(x, cross, z, H, R)
    else:
        found = _gain_by(inv, innovation, x, cross, z, H, R)
    K = found["K"]
    A = K.dot(H)
    A -= _unit(n)  # of -A it is the same square
    new_P = A.dot(P).dot(A.T)
    new_P += found["KR"].dot(K.T)
    if inv is not np.linalg.inv and not math.isfinite(new_P.sum()):  # else it is at most P: K is the gain
        found["marks"][2] = 1.0
    return {
        "x": found["x"],
        "P": new_P,
        "x_post": found["x_post"],
        "P_post": new_P.copy(),
        "z": found["z"],
        "y": found["y"],
        "S": found["S"],
        "SI": found["SI"],
        "K": K,
        "marks": found["marks"],
    }


@functools.lru_cache(maxsize=64)
def _gain(shape: tuple[int, ...], m: int, innovation: bool) -> ArrayFunction:
    """(x, P Hᵀ, z, H, R) -> what `updated` returns but for P and its copy, and K R, for x of this shape."""
    n, column = shape[0], (-1, 1)[: len(shape)]

    def equation(x: Array, cross: Array, z: Array, H: Array, R: Array) -> dict[str, Array]:
        e = z if innovation else z - product(H, x.reshape(-1))
        factor = _factored(product(H, cross) + R, e)
        K = product(cross, factor["SI"])
        new_x = x.reshape(-1) + product(K, e)
        nis, loglik, doubt = factor["marks"]
        doubt = select(negated(all_finite(list(new_x))), 1.0, doubt)
        return {
            "x": new_x.reshape(shape),
            "x_post": new_x.reshape(shape),
            "z": z.reshape(column),
            "y": e.reshape(column),
            "S": factor["S"],
            "SI": factor["SI"],
            "K": K,
            "KR": product(K, R),
            "marks": np.array([nis, loglik, doubt]),
        }

    return ArrayFunction(equation, [shape, (n, m), (m,), (m, n), (m, m)], writable=True)


def _gain_by(
    inv: Invert, innovation: bool, x: Array, cross: Array, z: Array, H: Array, R: Array
) -> dict[str, Any]:
    """The same on NumPy's arrays: for more of them, and for an inverse of the user's own."""
    m, flat, column = len(z), x.reshape(-1), (-1, 1)[: x.ndim]
    e = z.copy() if innovation else z - H.dot(flat)
    S = H.dot(cross)
    S += R
    if inv is np.linalg.inv and m**3 <= LARGEST:
        factor = _factor(m)(S, e)
        S, SI, marks = factor["S"], factor["SI"], factor["marks"]
    else:
        np.copyto(S, S.T, where=_below(m))
        SI = inverted(inv, S)
        marks = np.array([np.nan, np.nan, inv is np.linalg.inv and singular(S, SI)])
    K = cross.dot(SI)
    new_x = K.dot(e)
    new_x += flat
    if not math.isfinite(new_x.dot(new_x)):
        marks[2] = 1.0
    new_x = new_x.reshape(x.shape)
    return {
        "x": new_x,
        "x_post": new_x.copy(),
        "z": z.copy().reshape(column),
        "y": e.reshape(column),
        "S": S,
        "SI": SI,
        "K": K,
        "KR": K.dot(R),
        "marks": marks,
    }


@functools.lru_cache(maxsize=64)
def _factor(m: int) -> ArrayFunction:
    """(S, e) -> S symmetric, its inverse, and the marks."""
    return ArrayFunction(_factored, [(m, m), (m,)], writable=True)


def _factored(S: Array, e: Array) -> dict[str, Array]:
    S = symmetric(S)
    nis, loglik, doubts = judged(S, e)
    return {"S": S, "SI": inverse(S), "marks": np.array([nis, loglik, select(any_of(doubts), 1.0, 0.0)])}


def judged(S: Array, e: Array) -> tuple[Any, Any, list[Any]]:
    """NIS and log-likelihood of an innovation, and of each direction whether S is not positive in it."""
    L, d, _ = split(S)
    nis, loglik = likelihood(whiten(L, e), d, [True] * len(e))
    return nis, loglik, [negated(positive(v)) for v in d]


def smoothed(
    x: Array, P: Array, F: Array, Q: Array, x_next: Array, P_next: Array
) -> tuple[Array, Array, Array, Array]:
    """See `steps.smoothing`."""
    cross = P.dot(F.T)
    predicted = F.dot(cross)
    predicted += Q
    C = cross.dot(np.linalg.inv(predicted))
    new_P = P + C.dot(P_next - predicted).dot(C.T)
    return x + C.dot(x_next - F.dot(x)), new_P, C, predicted


def inverted(inv: Invert, S: Array) -> Array:
    """The inverse of S by the user's function; NaN where it fails."""
    try:
        return np.asarray(inv(S))
    except np.linalg.LinAlgError:
        return np.full_like(S, np.nan)  # the caller refuses it


def singular(S: Array, SI: Array) -> bool:
    """Whether a component of S is known from the others up to rounding: S_jj (S⁻¹)_jj = 1 / (1 - R²) says so."""
    inflation = (S.diagonal() * SI.diagonal()).tolist()
    # All are looked at, since NaN is neither more nor less.
    return not all(0.0 < share and share * 2.0 * len(S) * EPS < 1.0 for share in inflation)


@functools.lru_cache(maxsize=32)
def _below(n: int) -> Array:
    """Where a matrix is below its diagonal, for a copy that makes it symmetric to the bit."""
    return np.tri(n, k=-1, dtype=bool)


@functools.lru_cache(maxsize=32)
def _unit(n: int) -> Array:
    return np.eye(n)
