"""A Gaussian belief: what is known about a state, and in which directions nothing is known."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.pictured import Pictured
from foglight.core.types import ArrayLike, Floats
from foglight.equations import diffuse, gaussian, ud
from foglight.equations.angles import wrap
from foglight.model.belief_arguments import (
    covariance_of,
    deviations_of,
    directions_of,
    factor_given,
    of_length_one,
    vector_of,
)
from foglight.model.charts import NONE, Charts, Names, read_charts
from foglight.model.covariance import averaged, factor_covariance
from foglight.model.intervals import interval_of


class Belief(Pictured):
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
    rotations, unit_vectors : dict, default {}
        States that are rotations or directions, as in `fog.Motion`; names are needed too. The mean then has all their
        numbers, and is brought to length 1; std, cov and factor are about n states, of which they are small rotations
        (rad) from the mean.

    Raises
    ------
    ModelError
        For shapes that do not fit, a negative variance, an indefinite cov, NaN, an infinite mean, an unknown name, or a
        rotation of length 0 or of which nothing is known.

    Examples
    --------
    >>> start = fog.Belief(mean=[5.0, 0.0], std=[2.0, 0.5], names=("gap", "speed"))
    >>> start
    Belief(gap = 5 ± 2, speed = 0 ± 0.5)
    >>> start.cov
    array([[4.  , 0.  ],
           [0.  , 0.25]])
    """

    __slots__ = ("_angles", "_charts", "_cov", "_factor", "_mean", "_names", "_unknown")

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
        rotations: Names = NONE,
        unit_vectors: Names = NONE,
    ) -> None:
        self._mean = vector_of(mean, "mean")
        self._names = tuple(names)
        self._charts = read_charts(self._names, rotations, unit_vectors)
        entries = len(self._mean)
        n = len(self._charts.state) if self._charts.parts else entries
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
            deviations = deviations_of(std, n, self._charts)
            free = np.isinf(deviations)
            U, D = np.eye(n), np.where(free, 0.0, deviations) ** 2
        elif factor is not None:
            U, D = factor_given(factor, n)
        else:
            known, free = covariance_of(cov, n)
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
        directions = directions_of(unknown, n)
        self._unknown = frozen(np.hstack([np.eye(n)[:, free], directions]) if free.any() else directions)
        if self._unknown.size:
            self._cov = None
        if self._names and checks.names(self._names, "names") and len(self._names) != entries:
            raise ModelError(
                f"names: expected {entries} names, got {len(self._names)}. Name each state once.",
                field="names",
                value=len(self._names),
            )
        self._angles = angle_indices(angles, entries, self._names)
        if self._angles:
            wrapped = np.array(self._mean)
            wrapped[list(self._angles)] = wrap(wrapped[list(self._angles)])
            self._mean = frozen(wrapped)
        if self._charts.parts:
            self._mean = frozen(of_length_one(self._mean, self._unknown, self._charts))

    @property
    def mean(self) -> Floats:
        """Mean (n,), with all the numbers of a rotation."""
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

    def interval(self, probability: float = 0.95) -> tuple[Floats, Floats]:
        """Intervals that contain each state with the given probability: mean ± z std, infinite for an unknown state.

        Parameters
        ----------
        probability : float, default 0.95
            Between 0 and 1.

        Returns
        -------
        tuple of ndarray (n,)
            The lower and the upper ends; those of an angle may lie beyond ±π.

        Raises
        ------
        ModelError
            If probability is not between 0 and 1, or a state is part of a rotation.

        Examples
        --------
        >>> low, high = fog.Belief([5.0], std=[2.0]).interval(0.95)
        >>> low.round(2), high.round(2)
        (array([1.08]), array([8.92]))
        """
        return interval_of(self.mean, self.std, probability, None, self._charts)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the states, or an empty tuple."""
        return self._names

    @property
    def angles(self) -> tuple[int, ...]:
        """Indices of the states that are angles (rad), in ascending order."""
        return self._angles

    @property
    def charts(self) -> Charts:
        """The states that are rotations or directions, and those that std, cov and factor are about."""
        return self._charts

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
        if not self._charts.parts:
            stds = [f" ± {s:.3g}" for s in self.std]
            return f"Belief({', '.join(f'{k} = {m:.6g}{s}' for k, m, s in zip(names, self._mean, stds, strict=True))})"
        std = dict(zip(self._charts.state, self.std, strict=True))
        parts = [
            f"{k} = {m:.6g}" + (f" ± {std[k]:.3g}" if k in std else "")
            for k, m in zip(names, self._mean, strict=True)
        ]
        small = [f"{k} ± {s:.3g}" for k, s in std.items() if k not in names]
        return f"Belief({', '.join(parts)}; {', '.join(small)})"


def computed(mean: Floats, U: Floats, D: Floats, cov: Floats | None, like: Belief) -> Belief:
    """A belief that an equation computed, finite and with its angles wrapped, of these read-only arrays as they are.

    cov: U diag(D) Uᵀ, or None to compute it when it is asked for. like: a belief about the same states, without unknown
    directions, for their names and angles.
    """
    belief = Belief.__new__(Belief)
    belief._mean, belief._factor, belief._cov = mean, (U, D), cov
    belief._unknown, belief._names, belief._angles = like._unknown, like._names, like._angles
    belief._charts = like._charts
    return belief


def require_plain(belief: Belief, what: str, remedy: str) -> None:
    """ModelError for a belief about rotations, where only states that are numbers have a meaning."""
    for part in belief.charts.parts:
        raise ModelError(
            f"{what}: the belief is about the rotation {part.name}: expected states that are numbers. {remedy}",
            field="belief", value=part.name,
        )  # fmt: skip


def inside(belief: Belief) -> Any:
    """The belief in the form that the equations use."""
    if not belief.unknown.size:
        return gaussian.Belief(belief.mean, *belief.factor)
    return diffuse.Belief(belief.mean, *belief.factor, belief.unknown, np.ones(belief.unknown.shape[1]))


def in_order(belief: Belief, names: tuple[str, ...]) -> Belief:
    """The belief with its states in this order; unchanged if it has no names, or not these."""
    if belief.names == names or set(belief.names) != set(names) or belief.charts.parts:
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


def frozen(array: Floats) -> Floats:
    """The array, made read-only."""
    array.flags.writeable = False
    return array
