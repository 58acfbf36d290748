"""Beliefs as a scan records them: one Gaussian per row, and its directions that are still unknown."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core import memory
from foglight.core.text import counted
from foglight.core.types import Array
from foglight.data.columns import Columns, Numbers
from foglight.equations import quaternions, ud
from foglight.inference.compiled_covariances import compiled
from foglight.inference.truncation import limited
from foglight.methods.layout import Layout, belief_of, upper
from foglight.methods.method import Method
from foglight.model.belief import Belief, with_unknown
from foglight.model.charts import Charts
from foglight.model.covariance import averaged
from foglight.model.intervals import interval_of
from foglight.model.model import Model
from foglight.model.pickling import Portable

# Rows at once: few enough for the cache, many enough that the cost of a call does not matter.
_ROWS_AT_ONCE, _FEWEST, _NUMBERS = 8_192, 64, 200_000


class Unknown(NamedTuple):
    """Unknown directions.

    rows (R,): the rows in which any track has one; A (tracks, R, n, d): one column per direction, 0 once it is known;
    w (tracks, R, d): their weights, also 0 once known.
    """

    rows: NDArray[np.int64]
    A: Array
    w: Array


class Gaussians(Portable):
    """One Gaussian per row, for T rows and n states; a leading axis of tracks where tracks share their times.

    Attributes
    ----------
    names : tuple of str
        Names of the states, in the order of mean.
    mean : ndarray (T, n)
        Mean, in units of the states; with all the numbers of rotations, if the motion has some. cov, std and factor are
        then about small rotations from it.
    cov : ndarray (T, n, n)
        Covariance. An unknown state has inf on the diagonal, and NaN for its covariance with the states that depend on
        it.
    std : ndarray (T, n)
        Square roots of the variances; inf for an unknown state.
    factor : tuple of ndarray (T, n, n) and ndarray (T, n)
        U, unit upper triangular, and D with cov = U diag(D) Uᵀ, without the unknown directions.

    Examples
    --------
    >>> run.filtered.mean.shape, run.filtered.cov.shape
    ((300, 2), (300, 2, 2))
    """

    def __init__(
        self,
        model: Model,
        method: Method,
        records: Array,
        single: bool,
        unknown: Unknown | None = None,
        anchors: Array | None = None,
        limits: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._unknown = unknown
        self._limits = dict(limits)
        self._charts = model.charts
        self._anchors = anchors if model.charts.parts else None
        self._n = len(model.state)
        self._factored = method.factored
        self._records = records
        self._single = single
        self.names = model.ambient

    def __repr__(self) -> str:
        tracks, rows = self._records.shape[:2]
        many = "" if self._single else f"{counted(tracks, 'track')} x "
        return f"Gaussians({', '.join(self.names)}: {many}{counted(rows, 'row')})"

    @property
    def mean(self) -> Array:
        """Mean (T, n), in units of the states; with all the numbers of rotations."""
        x = self._records[:, :, : self._n]
        return self._shaped(x if self._anchors is None else seen(self._charts, x, self._anchors))

    @cached_property
    def cov(self) -> Array:
        """Covariance (T, n, n); inf on the diagonal for an unknown state, NaN beside it where others depend on it."""
        cov = covariances(self._records, self._n, self._factored)
        if self._anchors is not None:
            J = self._charts.turned(self._records[:, :, : self._n], self._anchors)
            cov = J @ cov @ J.swapaxes(2, 3)
        if self._unknown is not None and len(self._unknown.rows):
            cov[:, self._unknown.rows] = with_unknown(cov[:, self._unknown.rows], self._unknown.A)
        return self._shaped(cov)

    @cached_property
    def std(self) -> Array:
        """Square roots of the variances (T, n); inf for an unknown state."""
        of_records = self._anchors is None and (self._unknown is None or not len(self._unknown.rows))
        if "cov" in self.__dict__ or not of_records:
            return np.asarray(np.sqrt(np.diagonal(self.cov, axis1=-2, axis2=-1)))
        return self._shaped(np.sqrt(variances(self._records, self._n, self._factored)))

    @cached_property
    def factor(self) -> tuple[Array, Array]:
        """U (T, n, n), unit upper triangular, and D (T, n) with cov = U diag(D) Uᵀ, without unknown directions."""
        triangle = self._records[:, :, self._n : self._n + self._n * (self._n + 1) // 2]
        if not self._factored or self._anchors is not None:
            cov = self.cov.reshape(-1, self._n, self._n)
            pairs = [ud.factor_of(P) for P in cov]
            U = np.array([u for u, _ in pairs]).reshape(*self._records.shape[:2], self._n, self._n)
            D = np.array([d for _, d in pairs]).reshape(*self._records.shape[:2], self._n)
            return self._shaped(U), self._shaped(D)
        U = np.zeros((*triangle.shape[:2], self._n, self._n))
        D = np.empty((*triangle.shape[:2], self._n))
        for k, (i, j) in enumerate(upper(self._n)):
            if i == j:
                U[:, :, i, i] = 1.0
                D[:, :, i] = triangle[:, :, k]
            else:
                U[:, :, i, j] = triangle[:, :, k]
        return self._shaped(U), self._shaped(D)

    def interval(self, probability: float = 0.95) -> tuple[Array, Array]:
        """Intervals that contain each state with the given probability, if the model is right.

        They are mean ± z std, cut off at the limits of the states; infinite where nothing is known of a state. The ends
        of an angle's interval may lie beyond ±π.

        Parameters
        ----------
        probability : float, default 0.95
            Between 0 and 1.

        Returns
        -------
        tuple of ndarray (T, n)
            The lower and the upper ends.

        Raises
        ------
        ModelError
            If probability is not between 0 and 1, or a state is part of a rotation.

        Examples
        --------
        >>> low, high = run.filtered.interval(0.95)
        >>> low.shape
        (300, 2)
        """
        ends = np.array([self._limits.get(name, (-np.inf, np.inf)) for name in self._charts.state])
        return interval_of(self.mean, self.std, probability, ends, self._charts)

    def _errors(self, truth: Array) -> Array:
        """mean - truth (…, n), for rotations the small one from the mean to the truth, backwards; truth like mean."""
        if self._anchors is None:
            return np.asarray(self.mean - truth)
        charts, mean = self._charts, np.moveaxis(self.mean, -1, 0)
        found = -np.stack(charts.coordinates(np.moveaxis(truth, -1, 0), charts.anchors(mean)), axis=-1)
        for i, j in charts.plain:
            found[..., i] += mean[j]
        return found

    def _at(self, rows: NDArray[np.int64]) -> "Gaussians":
        """The same in some rows, in ascending order."""
        found = object.__new__(Gaussians)
        computed = ("cov", "std", "factor")  # of all rows
        vars(found).update({name: value for name, value in vars(self).items() if name not in computed})
        found._records = self._records[:, rows]
        found._anchors = None if self._anchors is None else self._anchors[:, rows]
        if self._unknown is not None:
            _, which, at = np.intersect1d(self._unknown.rows, rows, return_indices=True)
            found._unknown = Unknown(at, self._unknown.A[:, which], self._unknown.w[:, which])
        return found

    def euler(self, rotation: str) -> Array:
        """Roll, pitch and yaw (T, 3) of a rotation, in rad: by yaw about z, then pitch about y, then roll about x.

        Parameters
        ----------
        rotation : str
            Name of the rotation, a key of `rotations` of the motion.

        Returns
        -------
        ndarray (T, 3)
            The angles of the mean, pitch in [-π/2, π/2] and the others in [-π, π].

        Raises
        ------
        ModelError
            If the motion has no such rotation, or one of the plane.

        Examples
        --------
        >>> still = fog.Motion(("w", "x", "y", "z"), lambda x, dt, p: list(x),
        ...                    lambda x, dt, p: fog.noise.independent([dt, dt, dt]),
        ...                    rotations={"attitude": ("w", "x", "y", "z")})
        >>> start = still.belief([1.0, 0.0, 0.0, 0.0], std=[0.1, 0.1, 0.1])
        >>> level = fog.Sensor("level", ("x",), lambda x, p: [x.x], lambda x, p: [[0.01]])
        >>> run = fog.run(fog.Model(still, [level], start), fog.Log.regular([0.1, 0.2], dt=0.1))
        >>> run.filtered.euler("attitude").shape
        (2, 3)
        """
        mean = np.moveaxis(self.mean[..., self._charts.quaternion(rotation)], -1, 0)
        return np.stack(quaternions.to_euler(mean), axis=-1)

    def _shaped(self, array: Array) -> Array:
        return array[0] if self._single else array


def anchors_of(model: Model, records: Array) -> Array:
    """The anchors of rotations (..., size) among the carried numbers (..., width) of a fully known belief."""
    found: Array = records[..., Layout(len(model.state), 0, model.charts.size).anchor]
    return found


def seen(charts: Charts, x: Array, anchors: Array) -> Array:
    """What functions see (..., N) at coordinates (..., n)."""
    return np.stack(charts.values(list(np.moveaxis(x, -1, 0)), list(np.moveaxis(anchors, -1, 0))), axis=-1)


def covariances(records: Array, n: int, factored: bool) -> Array:
    """Covariances (…, n, n) of records (…, width): n means, and the upper triangle of the covariance or of its factor.

    The equation runs on many rows side by side, with the bits of any backend. To compile it would cost more than it
    saves, unless there are very many, and n³ operations of a large model could not be compiled at all.
    """
    flat = records.reshape(-1, records.shape[-1])
    found = memory.empty((1, len(flat), n * n), np.float64).reshape(-1, n, n)
    if factored and compiled(flat, n, found):
        return found.reshape(*records.shape[:-1], n, n)
    above, column = np.array(upper(n)).T
    diagonal = np.arange(n)
    for rows in _at_once(len(flat), n * n):
        entries = flat[rows, n : n + n * (n + 1) // 2].T
        P = np.zeros((n, n, entries.shape[1]))
        P[column, above] = entries
        if factored:
            D = P[diagonal, diagonal]
            P[diagonal, diagonal] = 1.0
            with np.errstate(over="ignore", invalid="ignore"):
                P = ud.covariances(P, D)
            P[P != P] = np.nan  # the canonical one, as compiled code stores it
        else:
            P[above, column] = entries
        found[rows] = P.transpose(2, 0, 1)
    return found.reshape(*records.shape[:-1], n, n)


def variances(records: Array, n: int, factored: bool) -> Array:
    """Their diagonals (…, n) alone, with the same bits."""
    flat = records.reshape(-1, records.shape[-1])
    found = np.empty((len(flat), n))
    at = {pair: n + k for k, pair in enumerate(upper(n))}
    for rows in _at_once(len(flat), n):
        U = {pair: flat[rows, k] for pair, k in at.items()}
        for i in range(n):
            later = range(i + 1, n) if factored else ()
            with np.errstate(over="ignore", invalid="ignore"):
                found[rows, i] = ud.variance(
                    [1.0, *(U[i, k] for k in later)], [U[i, i], *(U[k, k] for k in later)]
                )
    return found.reshape(*records.shape[:-1], n)


def _at_once(rows: int, numbers: int) -> Iterator[slice]:
    """Some rows after the others, for so many numbers a row."""
    most = min(_ROWS_AT_ONCE, max(_FEWEST, _NUMBERS // numbers))
    for first in range(0, rows, most):
        yield slice(first, first + most)


def belief_from(
    model: Model,
    method: Method,
    carry: Array,
    apart: Array | None = None,
    *,
    limits: bool = True,
    anchor: Array | None = None,
) -> Belief:
    """The belief at the beginning of these carried numbers, within the model's limits unless limits is False.

    apart: the unknown directions, one after the other, then their weights.  anchor: of rotations, if not in `carry`.
    """
    n, charts = len(model.state), model.charts
    unknown = np.zeros((n, 0))
    if apart is not None and apart.size:
        weights = apart[len(apart) - len(apart) // (n + 1) :]
        A = apart[: n * len(weights)].reshape(-1, n).T * np.sqrt(weights)
        unknown = A[:, weights > 0.0]
    if charts.parts and anchor is None:
        anchor = anchors_of(model, carry)
    if limits and not unlimited(model, unknown):
        carry = limited(model, method, carry[None])[0]
    found = belief_of(method, carry, n)
    labels: dict[str, Any] = {"names": model.ambient, "angles": model.motion.angles}
    if charts.parts:
        assert anchor is not None
        labels |= {"rotations": charts.rotations, "unit_vectors": charts.unit_vectors}
        J = charts.turned(found.x, anchor)
        mean = charts.values(found.x, anchor)
        if not method.factored:
            return Belief(mean, cov=averaged(J @ found.P @ J.T), **labels)
        return Belief(mean, factor=ud.combine(J @ found.U, found.D), unknown=J @ unknown, **labels)
    if not method.factored:
        return Belief(found.x, cov=found.P, **labels)
    return Belief(found.x, factor=(found.U, found.D), unknown=unknown, **labels)


def unlimited(model: Model, unknown: Array) -> NDArray[np.bool_]:
    """Whether limits do not apply to beliefs with these unknown directions (…, n, d): a limited state is unknown."""
    if not model.motion.limits:
        return np.zeros(unknown.shape[:-2], np.bool_)
    states = [model.state.index(name) for name in model.motion.limits]
    found: NDArray[np.bool_] = (unknown[..., states, :] != 0.0).any(axis=(-1, -2))
    return found


def labelled(charts: Charts, mean: Array, std: Array) -> list[tuple[str, Array | None, Array | None]]:
    """The mean (rows,) of each state with its standard deviation (rows,), by name; the numbers of a rotation have none,
    and the small rotations after them no mean."""
    at = {j: i for i, j in charts.plain}
    last = {part.ambient.stop - 1: part for part in charts.parts}
    found: list[tuple[str, Array | None, Array | None]] = []
    for j, name in enumerate(charts.ambient):
        found.append((name, mean[:, j], std[:, at[j]] if j in at else None))
        if j in last:
            part = last[j]
            found += [(charts.state[i], None, std[:, i]) for i in range(part.state.start, part.state.stop)]
    return found


def _belief_columns(beliefs: "Gaussians", ending: str = "") -> Columns:
    """Each state and its standard deviation, alternating; ending: of the names of states."""
    mean, std = (array.reshape(-1, array.shape[-1]) for array in (beliefs.mean, beliefs.std))
    columns: Columns = []
    for name, values, spread in labelled(beliefs._charts, mean, std):
        if values is not None:
            columns.append((f"{name}{ending}", Numbers(values)))
        if spread is not None:
            columns.append((f"{name}{ending}_std", Numbers(spread)))
    return columns
