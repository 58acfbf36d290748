"""One Gaussian, and the fusion of several: the static heart of the story.

What you know about how people sway is a Gaussian; what the radar says is another. `fuse` combines them in
the best linear, unbiased, minimum-variance way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foglight import shapes
from foglight.equations import factored
from foglight.equations.factoring import averaged, factor_covariance
from foglight.errors import ModelError

Array = NDArray[np.float64]
_LARGEST = float(np.sqrt(np.finfo(np.float64).max))


class Belief:
    """N(mean, cov): what is known about a state.

    mean (n,); and one of cov (n, n), std (n,) for independent components, or factor (U, D) with
    cov = U diag(D) Uᵀ. names: the states' names, for display. A Belief keeps its factor, so that chained
    operations lose nothing; `cov` and `std` are read from it. Frozen: its arrays cannot be written.

    Raises ModelError for shapes that do not fit, a negative variance, an indefinite cov, NaN or infinity.

    >>> a = fog.Belief(mean=[2.0, 0.0], std=[1.0, 0.5])
    >>> a.cov
    """

    __slots__ = ("_cov", "_factor", "_mean", "_names")

    def __init__(
        self,
        mean: ArrayLike,
        *,
        std: ArrayLike | None = None,
        cov: Any = None,
        factor: tuple[ArrayLike, ArrayLike] | None = None,
        names: Sequence[str] = (),
    ) -> None:
        self._mean = _vector(mean, "mean")
        n = len(self._mean)
        shapes.fits_memory(n, "mean")
        if sum(given is not None for given in (std, cov, factor)) != 1:
            given = [name for name, v in (("std", std), ("cov", cov), ("factor", factor)) if v is not None]
            raise ModelError(
                f"Belief: expected exactly one of std, cov, factor, got {' and '.join(given) or 'none'}. "
                "Give std=[...] if unsure.",
                field="cov",
                value=tuple(given),
            )
        self._cov: Array | None = None
        if std is not None:
            deviations = _vector(std, "std")
            _same_size(deviations, n, "std")
            for i in np.flatnonzero(deviations < 0):
                raise ModelError(
                    f"std[{i}] = {deviations[i]}: a standard deviation must be >= 0. Did you pass a signed value?",
                    field="std", index=int(i), value=deviations[i],
                )  # fmt: skip
            for i in np.flatnonzero(deviations > _LARGEST):
                raise ModelError(
                    f"std[{i}] = {deviations[i]:g}: its square is no finite number. Choose a larger unit.",
                    field="std", index=int(i), value=deviations[i],
                )  # fmt: skip
            U, D = np.eye(n), deviations**2
        elif factor is not None:
            U, D = _checked_factor(factor, n)
        else:
            G, v = factor_covariance(cov, field="cov")
            if len(G) != n:
                raise ModelError(
                    f"cov has shape {np.shape(cov)}, expected ({n}, {n}) for a mean of {n}. Write np.diag([...]) for "
                    "independent components.", field="cov", value=np.shape(cov),
                )  # fmt: skip
            U, D = factored.combine(G, v)
            self._cov = _frozen(averaged(cov))
        self._factor = (_frozen(U), _frozen(D))
        self._names = tuple(names)
        if self._names and shapes.names(self._names, "names") and len(self._names) != n:
            raise ModelError(
                f"names: expected {n} names, got {len(self._names)}. Name each state once.",
                field="names",
                value=len(self._names),
            )

    @property
    def mean(self) -> Array:
        """(n,)"""
        return self._mean

    @property
    def factor(self) -> tuple[Array, Array]:
        """U (n, n) unit upper triangular and D (n,) with cov = U diag(D) Uᵀ."""
        return self._factor

    @property
    def cov(self) -> Array:
        """(n, n)"""
        if self._cov is None:
            self._cov = _frozen(factored.covariance(*self._factor))
        return self._cov

    @property
    def std(self) -> Array:
        """(n,): square roots of the variances."""
        U, D = self._factor
        return np.sqrt((U * U) @ D)

    @property
    def names(self) -> tuple[str, ...]:
        """The states' names, or nothing."""
        return self._names

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Belief):
            return NotImplemented
        pairs = zip((self._mean, *self._factor), (other._mean, *other._factor), strict=True)
        return all(np.array_equal(a, b) for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "Belief":
        return self  # frozen throughout

    def __deepcopy__(self, memo: object) -> "Belief":
        return self

    def __repr__(self) -> str:
        names = self._names or tuple(f"[{i}]" for i in range(len(self._mean)))
        parts = ", ".join(
            f"{k} = {m:.6g} ± {s:.3g}" for k, m, s in zip(names, self._mean, self.std, strict=True)
        )
        return f"Belief({parts})"


@dataclass(frozen=True)
class Fused:
    """The fusion of several beliefs: mean (n,), cov (n, n), weights (one (n, n) matrix a belief, summing to
    the unit matrix: mean = Σ weights[i] @ beliefs[i].mean), and the belief itself."""

    belief: Belief
    weights: tuple[Array, ...]

    @property
    def mean(self) -> Array:
        """(n,)"""
        return self.belief.mean

    @property
    def cov(self) -> Array:
        """(n, n)"""
        return self.belief.cov

    @property
    def std(self) -> Array:
        """(n,)"""
        return self.belief.std


def fuse(*beliefs: Belief, correlation: str = "independent") -> Fused:
    """The best linear unbiased estimate (BLUE) of one state from several beliefs about it.

    correlation="independent": P⁻¹ = Σ P_i⁻¹, weights W_i = P P_i⁻¹ (Bar-Shalom 2001, eq. 3.4.2-9 for errors
    that are independent). correlation="unknown": covariance intersection, P⁻¹ = ω P_a⁻¹ + (1 - ω) P_b⁻¹ with
    the ω of least determinant (Julier & Uhlmann 1997, eqs. 8–9), pair by pair: never overconfident, whatever
    the errors have in common. Raises ModelError for fewer than two beliefs or sizes that differ.

    >>> both = fog.fuse(fog.Belief([2.0], std=[1.0]), fog.Belief([3.0], std=[0.5]))
    >>> both.mean, both.weights
    """
    if len(beliefs) < 2:
        raise ModelError(
            f"fuse: expected at least two beliefs, got {len(beliefs)}. Pass them one by one: fuse(a, b).",
            field="beliefs",
            value=len(beliefs),
        )
    for k, belief in enumerate(beliefs):
        if not isinstance(belief, Belief):
            raise ModelError(
                f"fuse: argument {k} is {belief!r}, expected a fog.Belief. Write fog.Belief(mean=[...], std=[...]).",
                field="beliefs", index=k, value=belief,
            )  # fmt: skip
    n = len(beliefs[0].mean)
    for k, belief in enumerate(beliefs):
        if len(belief.mean) != n:
            raise ModelError(
                f"fuse: belief {k} has {len(belief.mean)} states, expected {n}. Fuse beliefs about the same state.",
                field="beliefs", index=k, value=len(belief.mean),
            )  # fmt: skip
    if correlation not in ("independent", "unknown"):
        raise ModelError(
            f"correlation = {correlation!r}: expected 'independent', or 'unknown' where errors may be shared.",
            field="correlation", value=correlation,
        )  # fmt: skip
    result, weights = beliefs[0], [np.eye(n)]
    for other in beliefs[1:]:
        if correlation == "unknown":
            omega = _intersection(result, other)
            mean, U, D, K = _blue(_widened(result, omega), _widened(other, 1.0 - omega))
        else:
            mean, U, D, K = _blue(result, other)
        result = Belief(mean, factor=(U, D), names=beliefs[0].names)
        weights = [(np.eye(n) - K) @ W for W in weights] + [K]
    return Fused(result, tuple(_frozen(W) for W in weights))


def _blue(a: Belief, b: Belief) -> tuple[Array, Array, Array, Array]:
    """b taken in as a measurement of the whole state: z = x + v, v ~ N(0, P_b), decorrelated by U_b."""
    n = len(a.mean)
    U, D = a.factor
    U_b, D_b = b.factor
    H = np.array([factored.solve_upper(U_b, column) for column in np.eye(n)]).T  # U_b⁻¹
    K, nothing, spreads = np.zeros((n, n)), np.zeros(n), factored.spread_of(H, U, D)
    for j in range(n):
        floor = factored.rounding_floor(spreads[j], D_b[j], n)
        _, U, D, _, gain = factored.condition(nothing, U, D, H[j], D_b[j], 1.0, floor=floor)
        K = K + np.outer(gain, H[j] - H[j] @ K)
    return a.mean + K @ (b.mean - a.mean), U, D, K


def _widened(belief: Belief, omega: float) -> Belief:
    U, D = belief.factor
    return Belief(belief.mean, factor=(U, D / omega), names=belief.names)


def _intersection(a: Belief, b: Belief) -> float:
    """The ω in (0, 1) of least log-determinant."""
    from scipy.optimize import minimize_scalar

    def size(omega: float) -> float:
        D = _blue(_widened(a, omega), _widened(b, 1.0 - omega))[2]
        return float(np.sum(np.log(D, where=D > 0, out=np.zeros_like(D))))

    edge = 1e-9
    found = minimize_scalar(size, bounds=(edge, 1.0 - edge), method="bounded", options={"xatol": 1e-10})
    return float(found.x)


def _vector(value: Any, field: str) -> Array:
    array = shapes.numbers(value, field)
    if array.ndim != 1 or not len(array):
        raise ModelError(
            f"{field} has shape {array.shape}: expected a vector of numbers, one a state. Write [2.0] for one state.",
            field=field, value=array.shape,
        )  # fmt: skip
    return array


def _same_size(array: Array, n: int, field: str) -> None:
    if len(array) != n:
        raise ModelError(
            f"{field} has {len(array)} entries, expected {n} as mean has. Give one a state.",
            field=field,
            value=len(array),
        )


def _checked_factor(factor: Any, n: int) -> tuple[Array, Array]:
    if not isinstance(factor, tuple) or len(factor) != 2:
        raise ModelError(
            f"factor = {factor!r}: expected two arrays. Pass (U, D) as .factor gives it.",
            field="factor",
            value=factor,
        )
    upper, pivots = shapes.numbers(factor[0], "factor[0]"), shapes.numbers(factor[1], "factor[1]")
    if upper.shape != (n, n) or pivots.shape != (n,):
        raise ModelError(
            f"factor has shapes {upper.shape} and {pivots.shape}, expected ({n}, {n}) and ({n},). "
            "Pass (U, D) as .factor gives it.",
            field="factor",
            value=(upper.shape, pivots.shape),
        )
    if not np.array_equal(np.tril(upper), np.eye(n)):
        i, j = np.argwhere(np.tril(upper) != np.eye(n))[0]
        raise ModelError(
            f"factor: U[{i},{j}] = {upper[i, j]}, but U must be unit upper triangular. "
            "Pass (U, D) as .factor gives it.",
            field="factor", index=(int(i), int(j)), value=upper[i, j],
        )  # fmt: skip
    for i in np.flatnonzero(pivots < 0):
        raise ModelError(
            f"factor: D[{i}] = {pivots[i]}: a variance must be >= 0. Pass (U, D) as .factor gives it.",
            field="factor", index=int(i), value=pivots[i],
        )  # fmt: skip
    return upper, pivots


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
