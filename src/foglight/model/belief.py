"""A Gaussian belief: what is known about a state, and in which directions nothing is known."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.entry_names import entry_names, refuse_names
from foglight.core.errors import ModelError
from foglight.core.types import ArrayLike, Floats
from foglight.equations import diffuse, gaussian, ud
from foglight.equations.angles import wrap
from foglight.model.covariance import averaged, factor_covariance

_LARGEST = float(np.sqrt(np.finfo(np.float64).max))


class Belief:
    """A Gaussian N(mean, cov): what is known about a state.

    Give exactly one of std, cov and factor. A Belief keeps its covariance as a factor, so that chained operations lose
    no precision; `cov` and `std` are computed from it. It is immutable: its arrays cannot be written to.

    Parameters
    ----------
    mean : array_like
        Mean, shape (n,). For a state of which nothing is known it is only the point at which to linearise. For a single
        state a number will do, here and below.
    std : array_like, optional
        Standard deviations of independent components, shape (n,); inf for a state of which nothing is known.
    cov : array_like, optional
        Covariance, shape (n, n). A state of which nothing is known has inf on the diagonal and 0 elsewhere in its row
        and column.
    factor : tuple of two array_like, optional
        U (n, n), unit upper triangular, and D (n,) with cov = U diag(D) Uᵀ.
    unknown : array_like, optional
        Further directions of which nothing is known, shape (n, d), one per column: for example those that a run has not
        observed yet. std, cov or factor then describe what is known apart from them.
    names : sequence of str, default ()
        Names of the states. Where two beliefs have names, these decide which states belong together.
    angles : sequence of str or int, default ()
        The states that are angles (rad), by name or index. Their means are kept in [-π, π), and a difference of two of
        them is taken the short way round.

    Raises
    ------
    ModelError
        For shapes that do not fit, a negative variance, an indefinite cov, NaN, an infinite mean, or an unknown name.

    Examples
    --------
    >>> start = fog.Belief(mean=[5.0, 0.0], std=[2.0, 0.5], names=("gap", "speed"))
    >>> start
    Belief(gap = 5 ± 2, speed = 0 ± 0.5)
    >>> start.cov
    array([[4.  , 0.  ],
           [0.  , 0.25]])
    """

    __slots__ = ("_angles", "_cov", "_factor", "_mean", "_names", "_unknown")

    def __init__(
        self,
        mean: ArrayLike,
        *,
        std: ArrayLike | None = None,
        cov: Any = None,
        factor: tuple[ArrayLike, ArrayLike] | None = None,
        unknown: ArrayLike | None = None,
        names: Sequence[str] = (),
        angles: Sequence[str | int] = (),
    ) -> None:
        self._mean = _vector(mean, "mean")
        n = len(self._mean)
        checks.fits_memory(n, "mean")
        if sum(given is not None for given in (std, cov, factor)) != 1:
            given = [name for name, v in (("std", std), ("cov", cov), ("factor", factor)) if v is not None]
            raise ModelError(
                f"Belief: expected exactly one of std, cov, factor, got {' and '.join(given) or 'none'}. "
                "Give std=[...] if unsure.",
                field="cov",
                value=tuple(given),
            )
        self._cov: Floats | None = None
        free = np.zeros(n, np.bool_)
        if std is not None:
            deviations = _deviations(std, n)
            free = np.isinf(deviations)
            U, D = np.eye(n), np.where(free, 0.0, deviations) ** 2
        elif factor is not None:
            U, D = _checked_factor(factor, n)
        else:
            known, free = _covariance(cov, n)
            if n > 1 and checks.is_number(known):
                raise ModelError(
                    f"cov = {known}, expected ({n}, {n}) for a mean of {n}. Nothing is broadcast: for equal, "
                    f"independent variances write {known} * np.eye({n}).", field="cov", value=known,
                )  # fmt: skip
            G, v = factor_covariance(known, field="cov")
            if len(G) != n:
                raise ModelError(
                    f"cov has shape {np.shape(cov)}, expected ({n}, {n}) for a mean of {n}. Write np.diag([...]) for "
                    "independent components.", field="cov", value=np.shape(cov),
                )  # fmt: skip
            U, D = ud.combine(G, v)
            self._cov = frozen(averaged(known))
        self._factor = (frozen(U), frozen(D))
        directions = _directions(unknown, n)
        self._unknown = frozen(np.hstack([np.eye(n)[:, free], directions]) if free.any() else directions)
        if self._unknown.size:
            self._cov = None
        self._names = tuple(names)
        if self._names and checks.names(self._names, "names") and len(self._names) != n:
            raise ModelError(
                f"names: expected {n} names, got {len(self._names)}. Name each state once.",
                field="names",
                value=len(self._names),
            )
        self._angles = angle_indices(angles, n, self._names)
        if self._angles:
            wrapped = np.array(self._mean)
            wrapped[list(self._angles)] = wrap(wrapped[list(self._angles)])
            self._mean = frozen(wrapped)

    @property
    def mean(self) -> Floats:
        """Mean (n,)."""
        return self._mean

    @property
    def factor(self) -> tuple[Floats, Floats]:
        """U (n, n), unit upper triangular, and D (n,): U diag(D) Uᵀ is the covariance apart from unknown directions."""
        return self._factor

    @property
    def unknown(self) -> Floats:
        """Directions of which nothing is known (n, d), one per column; usually d = 0."""
        return self._unknown

    @property
    def cov(self) -> Floats:
        """Covariance (n, n), computed once. An unknown state has variance inf.

        Its covariance with another state is 0 where the two are unrelated, and NaN where they are related.
        """
        if self._cov is None:
            self._cov = frozen(with_unknown(ud.covariance(*self._factor), self._unknown))
        return self._cov

    @property
    def std(self) -> Floats:
        """Standard deviations (n,); inf for an unknown state."""
        U, D = self._factor
        return np.where(self._unknown.any(axis=1), np.inf, np.sqrt((U * U) @ D))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the states, or an empty tuple."""
        return self._names

    @property
    def angles(self) -> tuple[int, ...]:
        """Indices of the states that are angles (rad), in ascending order."""
        return self._angles

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Belief):
            return NotImplemented
        if self._names and other._names and self._names != other._names:
            return False
        mine, others = [(b._mean, *b._factor, b._unknown) for b in (self, other)]
        return all(np.array_equal(a, b) for a, b in zip(mine, others, strict=True))

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


def computed(mean: Floats, U: Floats, D: Floats, cov: Floats | None, like: Belief) -> Belief:
    """A belief that an equation computed, finite and with its angles wrapped, of these read-only arrays as they are.

    cov: U diag(D) Uᵀ, or None to compute it when it is asked for. like: a belief about the same states, without unknown
    directions, for their names and angles.
    """
    belief = Belief.__new__(Belief)
    belief._mean, belief._factor, belief._cov = mean, (U, D), cov
    belief._unknown, belief._names, belief._angles = like._unknown, like._names, like._angles
    return belief


def inside(belief: Belief) -> Any:
    """The belief in the form that the equations use."""
    if not belief.unknown.size:
        return gaussian.Belief(belief.mean, *belief.factor)
    return diffuse.Belief(belief.mean, *belief.factor, belief.unknown, np.ones(belief.unknown.shape[1]))


def in_order(belief: Belief, names: tuple[str, ...]) -> Belief:
    """The belief with its states in this order; unchanged if it has no names, or not these."""
    if belief.names == names or set(belief.names) != set(names):
        return belief
    order = [belief.names.index(name) for name in names]
    U, D = belief.factor
    angles = [name for i, name in enumerate(belief.names) if i in belief.angles]
    return Belief(
        belief.mean[order],
        factor=ud.combine(U[order], D),
        unknown=belief.unknown[order],
        names=names,
        angles=angles,
    )


def angle_indices(angles: Any, n: int, names: tuple[str, ...], field: str = "angles") -> tuple[int, ...]:
    """The indices, in ascending order, of the entries among n that are angles, given by name or index."""
    if isinstance(angles, str) or not isinstance(angles, Iterable):
        raise ModelError.expected(field, angles, "a tuple", f"Write angles=({angles!r},).")
    found = []
    for k, given in enumerate(angles):
        if isinstance(given, str) and given in names:
            found.append(names.index(given))
        elif checks.is_whole(given) and 0 <= given < n:
            found.append(int(given))
        else:
            known = f"one of {', '.join(names)}, or " if names else ""
            raise ModelError.expected(
                field, given, f"{known}an index from 0 to {n - 1}", "Correct it.", index=k
            )
    return tuple(sorted(set(found)))


def with_unknown(cov: Floats, unknown: Floats) -> Floats:
    """Covariances (..., n, n) of what is known, with unknown directions (..., n, d) marked in them.

    An unknown state gets variance inf, and NaN as its covariance with every state that it is related to, either through
    the known covariance or through a shared unknown direction.
    """
    free = (unknown != 0.0).any(axis=-1)
    n = cov.shape[-1]
    related = (free[..., :, None] | free[..., None, :]) & (
        (cov != 0.0) | (unknown @ unknown.swapaxes(-1, -2) != 0.0)
    )
    whole = np.where(related, np.nan, cov)
    whole[..., np.arange(n), np.arange(n)] = np.where(free, np.inf, np.diagonal(cov, axis1=-2, axis2=-1))
    return whole


def _deviations(std: Any, n: int) -> Floats:
    """Standard deviations (n,) >= 0, checked; inf where nothing is known."""
    finite, infinite = _without_infinite(std, "std")
    deviations = np.array(_vector(finite, "std"))
    _same_size(deviations, n, "std")
    for i in np.flatnonzero(deviations < 0):
        raise ModelError(
            f"std[{i}] = {deviations[i]}: a standard deviation must be >= 0. Did you pass a signed value?",
            field="std", index=int(i), value=deviations[i],
        )  # fmt: skip
    for i in np.flatnonzero(deviations > _LARGEST):
        raise ModelError(
            f"std[{i}] = {deviations[i]:g}: its square is not a finite number. Choose a larger unit.",
            field="std", index=int(i), value=deviations[i],
        )  # fmt: skip
    if infinite is not None:
        deviations[infinite] = np.inf
    return deviations


def _covariance(cov: Any, n: int) -> tuple[Any, NDArray[np.bool_]]:
    """The covariance with the infinite variances set to 0, and a mask (n,) of the states that had them."""
    cov = [[cov]] if n == 1 and checks.is_number(cov) else cov
    infinite = _without_infinite(cov, "cov")[1]
    free = np.zeros(n, np.bool_)
    if infinite is None or infinite.shape != (n, n):
        return cov, free
    whole, free = np.array(cov, dtype=float), np.diagonal(infinite)
    whole[free, free] = 0.0
    for i, j in np.argwhere(whole != 0.0):
        if free[i] or free[j]:
            raise ModelError(
                f"cov[{i},{j}] = {whole[i, j]:g} next to an infinite variance: expected 0, because nothing is known of "
                "that state. Set the entry to 0, or give the state a finite variance.",
                field="cov", index=(int(i), int(j)), value=float(whole[i, j]),
            )  # fmt: skip
    return whole, free


def _without_infinite(value: Any, field: str) -> tuple[Any, NDArray[np.bool_] | None]:
    """The numbers with +inf replaced by 0, and a mask of those entries; value and None if there are none."""
    refuse_names(entry_names(value), field, ModelError)
    try:
        array = np.array(value)
    except ValueError:  # rows of different lengths
        return value, None
    if isinstance(value, np.ma.MaskedArray) or array.dtype.kind != "f" or not np.isposinf(array).any():
        return value, None
    infinite = np.isposinf(array)
    return np.where(infinite, 0.0, array), infinite


def _directions(unknown: Any, n: int) -> Floats:
    """Unknown directions (n, d), checked; none by default."""
    if unknown is None:
        return np.zeros((n, 0))
    array = np.array(unknown, dtype=float) if np.size(unknown) == 0 else checks.numbers(unknown, "unknown")
    array = checks.filled(array, (n, 1))
    if array.ndim != 2 or len(array) != n:
        raise ModelError(
            f"unknown has shape {array.shape}, expected ({n}, d): a column for each direction. Leave it out, and give "
            "std=inf for a state of which nothing is known.",
            field="unknown",
            value=array.shape,
        )
    return array


def _vector(value: Any, field: str) -> Floats:
    array = checks.filled(checks.numbers(value, field), (1,))
    if array.ndim != 1 or not len(array):
        column = f" Vectors are 1-D: write np.ravel({field})." if array.ndim > 1 else ""
        raise ModelError(
            f"{field} has shape {array.shape}: expected a vector of numbers, one per state. Write [2.0] for one state."
            f"{column}",
            field=field, value=array.shape,
        )  # fmt: skip
    return array


def _same_size(array: Floats, n: int, field: str) -> None:
    if len(array) != n:
        raise ModelError(
            f"{field} has {len(array)} entries, expected {n}, as many as mean. Give one per state.",
            field=field,
            value=len(array),
        )


def _checked_factor(factor: Any, n: int) -> tuple[Floats, Floats]:
    if not isinstance(factor, tuple) or len(factor) != 2:
        raise ModelError.expected("factor", factor, "two arrays", "Pass (U, D) as .factor gives it.")
    upper = checks.filled(checks.numbers(factor[0], "factor[0]"), (n, n))
    pivots = checks.filled(checks.numbers(factor[1], "factor[1]"), (n,))
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


def frozen(array: Floats) -> Floats:
    """The array, made read-only."""
    array.flags.writeable = False
    return array
