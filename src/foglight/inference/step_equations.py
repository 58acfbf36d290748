"""The equations of single calls: predict, update and fuse on the arrays of one belief.

They are compiled, once for each number of states and components: on scalars for few states, on whole arrays for many.
With very many components, and while directions are unknown, they run on floats. Which of these depends only on the
shapes, so the same call always gives the same bits.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.compiler.array_function import ArrayFunction
from foglight.core.errors import Status
from foglight.core.types import Array, Floats
from foglight.equations import extended, gaussian, robust, ud
from foglight.equations.gaussian import Factored
from foglight.equations.measurement import both_used, mask_rows
from foglight.methods.layout import wrapped
from foglight.model.belief import Belief, frozen, inside
from foglight.trace.array_functions import packed, triangle, unpacked
from foglight.trace.array_symbol import ArraySymbol, contiguous
from foglight.trace.ops import all_finite, any_of, negated, product, select, total, unit

_LONGEST = 8_500  # operations on scalars: traced and compiled within a few tenths of a second
_MOST = 64  # components, or states of a fusion, on whole arrays: their updates stand one after the other
_KEPT = 64  # functions
_compiled = functools.lru_cache(maxsize=_KEPT)
Results = Any  # arrays by name: a dict, or the record of an ArrayFunction


def predict(belief: Belief, F: Floats, b: Floats, Q: Factored) -> Results:
    """x, U, D of p(x') for x' = F x + b + w, w ~ N(0, Q), and whether all numbers are finite; P too if compiled."""
    n, r = Q.G.shape
    if belief.unknown.size:
        return _on_floats(_predicted, inside(belief), F, b, Q, belief.angles)
    whole = not _short(n, 3 * n * n * (n + r))
    return _prediction(n, r, belief.angles, whole)(belief.mean, *belief.factor, F, b, Q.G, Q.variances)


def update(belief: Belief, z: Floats, H: Floats, d: Floats, R: Floats, angles: tuple[int, ...]) -> Results:
    """x, U, D of p(x | z) for z = H x + d + v, v ~ N(0, R), and the details of the update; P too if compiled.

    angles: components of z. marks: NIS, log-likelihood, status bits, whether z contradicts what is known exactly, and
    whether all numbers are finite.
    """
    m, n = H.shape
    whole = not _short(n, 2 * m * (n**3 + m * m))
    if belief.unknown.size or (whole and (m > _MOST or n <= ud.BIERMAN_ABOVE)):
        return _on_floats(_updated, inside(belief), z, H, d, R, belief.angles, angles)
    return _measurement(n, m, belief.angles, angles, whole)(belief.mean, *belief.factor, z, H, d, R)


def fuse(a: Belief, b: Belief, angles: tuple[int, ...]) -> Results:
    """x, U, D of the fusion of two beliefs with independent errors, and the weight K of b, which is fully known."""
    n = len(a.mean)
    whole = not _short(n, 2 * n**4)
    if a.unknown.size or (whole and (n > _MOST or n <= ud.BIERMAN_ABOVE)):
        return _on_floats(_fused, inside(a), inside(b), angles)
    return _fusion(n, angles, whole)(a.mean, *a.factor, b.mean, *b.factor)


def _predicted(belief: Any, F: Array, b: Array, Q: Factored, angles: tuple[int, ...]) -> dict[str, Array]:
    """N(F x + b, F P Fᵀ + Q)."""
    new = belief.predict(wrapped(product(F, belief.x) + b, angles), F, Q)
    return {**_parts(new), "finite": _flags(_finite(F, b, new.x, new.U, new.D))}


def _updated(
    belief: Any,
    z: Array,
    H: Array,
    d: Array,
    R: Array,
    turning: tuple[int, ...],
    angles: tuple[int, ...],
) -> dict[str, Array]:
    """p(x | z) for z = H x + d + v, v ~ N(0, R). turning: the states that are angles; angles: the components."""
    used = [value == value for value in z]
    z = mask_rows(z, used)
    new, info = extended.update(
        belief, lambda x: (product(H, x) + d, H), lambda h: wrapped(z - h, angles), R, used
    )
    new = new._replace(x=wrapped(new.x, turning))
    K = mask_rows(info.K.T, used).T
    counted = robust.counted(info, used)
    both = both_used(used, info.S)
    finite = _finite(z, H, d, np.array([info.loglik]), new.x, new.U, new.D)
    return {
        **_parts(new),
        "gain": K,
        "prior_weight": unit(len(belief.x), K) - product(K, H),
        "innovation": select(np.array(counted), info.innovation, np.nan),
        "innovation_cov": select(both, info.S, np.nan),
        "marks": np.array(
            [
                select(any_of(counted), info.nis, np.nan),
                info.loglik,
                _status(info, used),
                *_flags(info.faults.contradicted, finite),
            ]
        ),
    }


def _fused(a: Any, b: gaussian.Belief, angles: tuple[int, ...]) -> dict[str, Array]:
    """Update a with b as a measurement of the whole state: z = x + v, v ~ N(0, P_b), decorrelated by U_b."""
    n = len(a.x)
    H = ud.inverse(b.U)
    new, K, spreads = a, np.full((n, n), 0.0, a.x.dtype), ud.spread_of(H, a.U, a.D)
    for j in range(n):
        floor = ud.rounding_floor(spreads[j], b.D[j], n)
        new, _, gain, _ = new.take(H[j], b.D[j], 0.0, True, floor)
        K = K + np.outer(gain, H[j] - product(H[j], K))
    mean = wrapped(a.x + product(K, wrapped(b.x - a.x, angles)), angles)
    return {"x": mean, "U": new.U, "D": new.D, "K": K}


def _status(info: gaussian.UpdateInfo, used: list[Any]) -> Any:
    """The bits of the status, as a number."""
    partial = any_of([negated(u) for u in used])
    some = float(Status.USED) + select(partial, float(Status.PARTIAL), 0.0)
    bits = [select(any_of(used), some, float(Status.MISSING))]
    for flag, holds in (
        (Status.DIFFUSE, any_of(info.absorbed)),
        (Status.ILL_CONDITIONED, info.faults.ill_conditioned),
        (Status.SATURATED, info.faults.saturated),
    ):
        bits.append(select(holds, float(flag), 0.0))
    return total(bits)


def _parts(belief: Any) -> dict[str, Array]:
    """The arrays of a belief by name."""
    return dict(belief._asdict())


def _finite(*arrays: Array) -> Any:
    """Whether all numbers in these arrays are finite. A sum of symbols can overflow: False is not the last word."""
    numbers = np.concatenate([array.ravel() for array in arrays])
    return all_finite(numbers) if numbers.dtype == object else bool(np.isfinite(numbers).all())


def _flags(*masks: Any) -> Array:
    """Masks as 1 and 0."""
    return np.array([select(mask, 1.0, 0.0) for mask in masks])


def _short(n: int, operations: int) -> bool:
    """Whether an equation is compiled. With more states another form of U is cheaper where h is known to pick one."""
    return n <= ud.BIERMAN_ABOVE and operations <= _LONGEST


def _on_floats(equation: Callable[..., dict[str, Array]], *arguments: Any) -> Results:
    with np.errstate(all="ignore"):  # the caller rejects a result that is not finite
        return {name: frozen(array) for name, array in equation(*arguments).items()}


@_compiled
def _prediction(n: int, r: int, angles: tuple[int, ...], whole: bool) -> ArrayFunction:
    def equation(x: Array, U: Array, D: Array, F: Array, b: Array, G: Array, v: Array) -> dict[str, Array]:
        return _described(_predicted(_belief(x, U, D), F, b, Factored(G, v), angles))

    shapes = [(n,), (n, n), (n,), (n, n), (n,), (n, r), (r,)]
    return ArrayFunction(equation, shapes, whole=range(len(shapes)) if whole else ())


@_compiled
def _measurement(
    n: int, m: int, turning: tuple[int, ...], angles: tuple[int, ...], whole: bool
) -> ArrayFunction:
    def equation(x: Array, U: Array, D: Array, z: Array, H: Array, d: Array, R: Array) -> dict[str, Array]:
        return _described(_updated(_belief(x, U, D), z, H, d, R, turning, angles))

    shapes = [(n,), (n, n), (n,), (m,), (m, n), (m,), (m, m)]
    many = range(3), (4,), (6,) * (m > ud.SPLIT_WHOLE_ABOVE)  # z and d are numbers that are there or missing
    return ArrayFunction(equation, shapes, whole=[k for group in many for k in group] if whole else ())


@_compiled
def _fusion(n: int, angles: tuple[int, ...], whole: bool) -> ArrayFunction:
    def equation(x_a: Array, U_a: Array, D_a: Array, x_b: Array, U_b: Array, D_b: Array) -> dict[str, Array]:
        return _described(_fused(_belief(x_a, U_a, D_a), _belief(x_b, U_b, D_b), angles), cov=False)

    shapes = [(n,), (n, n), (n,)] * 2
    return ArrayFunction(equation, shapes, whole=range(len(shapes)) if whole else ())


def _described(found: dict[str, Any], cov: bool = True) -> dict[str, Any]:
    """The results: on scalars with P, which costs next to nothing there; on arrays with all entries of U."""
    U, D = found["U"], found["D"]
    if isinstance(U, ArraySymbol):
        return {**found, "U": unpacked(packed(U, D), len(D))[0]}
    return {**found, "P": ud.covariance(U, D)} if cov else found


def _belief(x: Array, U: Any, D: Array) -> gaussian.Belief:
    """A belief of symbols, in whose U the ones and zeros are known."""
    if isinstance(U, ArraySymbol):
        stored: Any = triangle(contiguous(U.T))
        return gaussian.Belief(x, stored, D)
    above = unit(len(x), U)
    above[np.triu_indices(len(x), 1)] = U[np.triu_indices(len(x), 1)]
    return gaussian.Belief(x, above, D)
