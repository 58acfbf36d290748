"""Components: what each group of states contributes to a reading, z = Σ H_c x_c + d + v.

A component c is a group of states, such as the harmonics of a season. Its contribution H_c x_c is Gaussian with the
variance H_c P_cc H_cᵀ, by the joint covariance of its states. Harvey 1989, §2.3; Durbin & Koopman 2012, §3.2.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core.errors import ModelError
from foglight.core.pictured import Pictured
from foglight.core.text import counted, listed
from foglight.core.types import Array
from foglight.data.columns import clock, distinct
from foglight.data.log import Log
from foglight.data.table import Table, glance
from foglight.inference.gaussians import Gaussians, Unknown, covariances
from foglight.inference.prediction import Prediction
from foglight.inference.transformed_prediction import carried_back
from foglight.model.belief import with_unknown
from foglight.model.box_cox import BoxCox
from foglight.model.model import Model
from foglight.model.state_groups import in_components, read_groups

if TYPE_CHECKING:
    from foglight.inference.measured import Measured

IRREGULAR, OFFSET = "irregular", "offset"


class States(NamedTuple):
    """Beliefs about the states of all rows, and what was read there.

    arrays: the inputs of these rows.  z (tracks, T, M): the readings, or None for rows that lie ahead.
    """

    model: Model
    arrays: Arrays
    beliefs: Gaussians
    z: Array | None


class Decomposable(Table, Pictured):
    """A result about states, which can be split into what they contribute to the readings."""

    log: Log

    def components(
        self, groups: Mapping[str, Any] | None = None, *, probability: float = 0.95
    ) -> "Components":
        """What each component contributes to the readings, with intervals: level, season, regressors, irregular.

        A component is a group of states of the motion; a state in no group is one of its own, under its name. Its
        contribution is H x over its states, so that a regressor contributes its coefficient times its value.
        `irregular` is what remains of the reading: the measurement noise. `offset` is what no state contributes, if
        there is any. A series that is modelled by its logarithm is a product: components are then factors, their
        intervals carried back as in a forecast. On a scale of `boxcox` they are sums on that scale.

        Parameters
        ----------
        groups : dict, default that of the motion
            States that make up one component, {component: states}.
        probability : float, default 0.95
            Of the intervals in the table.

        Returns
        -------
        Components
            A table; by name, `found["level"]`, the mean, cov and intervals of each. States that contribute to no
            reading, such as a slope, are left out.

        Raises
        ------
        ModelError
            If a sensor is not linear in the state, or groups or probability is invalid.

        Examples
        --------
        >>> found = fog.smooth(run).components()
        >>> found.names, found["gap"].std.shape
        (('gap', 'irregular'), (300, 1))
        """
        found = _split(self._states(), groups, self.log.tracks is None)
        return Components(self, found.parts, found.seen, probability)

    def decompose(self, groups: Mapping[str, Any] | None = None) -> "Decomposition":
        """Every reading as the sum of its components, to rounding; with a logarithm as their product, by medians.

        Parameters
        ----------
        groups : dict, default that of the motion
            As in `components`.

        Returns
        -------
        Decomposition
            A table with each measure and its components; NaN where there is no reading.

        Raises
        ------
        ModelError
            If a sensor is not linear in the state, or groups is invalid.

        Examples
        --------
        >>> table = fog.smooth(run).decompose().columns()
        >>> list(table)
        ['time', 'radar.gap', 'gap', 'irregular']
        >>> bool(np.allclose(table["radar.gap"], table["gap"] + table["irregular"], rtol=1e-15))
        True
        """
        return Decomposition(self, *_split(self._states(), groups, self.log.tracks is None))

    @abstractmethod
    def _states(self) -> States:
        """What is known about the states of all rows."""

    def _rows(self) -> list[tuple[str, NDArray[Any]]]:
        """The columns that identify each row: its track, if there are tracks, and its time."""
        return [(name, column.plain()) for name, column in clock(self.log)]


class _Parts(Table, Pictured):
    """Components of the readings, measure by measure.

    of: the result that was split.  parts: each component, with the measures as names.  seen: for each component, which
    measures (M,) it contributes to.
    """

    def __init__(
        self, of: Decomposable, parts: dict[str, Prediction], seen: dict[str, NDArray[np.bool_]]
    ) -> None:
        self.log = of.log
        self.names = tuple(parts)
        self.measures = parts[IRREGULAR].names
        self._of, self._parts, self._seen = of, parts, seen

    def __str__(self) -> str:
        rows = [(name, values, None) for name, values in self._of._rows()]
        return glance(repr(self), [*rows, *self._shown()], self._dates(), digits=6)

    @property
    def _described(self) -> str:
        """What was split: `Smoothed, 96 rows`."""
        return f"{type(self._of).__name__}, {counted(len(self._of._rows()[0][1]), 'row')}"

    @abstractmethod
    def _shown(self) -> list[tuple[str, Array, Array | None]]:
        """The columns to print: name, values, standard deviations."""

    def _of_measure(self, j: int) -> Iterator[tuple[str, Prediction]]:
        """The components of one measure, with the names of their columns."""
        for name, part in self._parts.items():
            if self._seen[name][j]:
                yield (name if len(self.measures) == 1 else f"{self.measures[j]}.{name}"), part

    def _stamps(self) -> NDArray[Any] | None:
        return self._of._stamps()


class Components(_Parts):
    """What each component contributes to the readings of T rows, as `components()` returns it.

    Attributes
    ----------
    names : tuple of str
        The components, in the order of their states; then `offset`, if there is any, and `irregular`.
    measures : tuple of str
        Full names of the M measures, such as `gauge.flow`.
    log : Log
        The log of the result that was split.

    Examples
    --------
    >>> found = run.components()
    >>> low, high = found["gap"].interval(0.8)
    >>> list(found.columns())[:5]
    ['time', 'gap', 'gap_std', 'gap_low', 'gap_high']
    """

    def __init__(
        self,
        of: Decomposable,
        parts: dict[str, Prediction],
        seen: dict[str, NDArray[np.bool_]],
        probability: float,
    ) -> None:
        super().__init__(of, parts, seen)
        self._probability = probability
        parts[IRREGULAR].interval(probability)  # refuses what is no probability

    def __getitem__(self, name: str) -> Prediction:
        """One component.

        Parameters
        ----------
        name : str
            Name of the component.

        Returns
        -------
        Prediction
            mean (T, M), cov (T, M, M), std and interval(p) of what it contributes to each measure, with a leading axis
            of tracks where tracks share their times; std is inf where the readings do not determine it.

        Raises
        ------
        ModelError
            If there is no such component.

        Examples
        --------
        >>> run.components()["gap"].mean.shape
        (300, 1)
        """
        if name not in self._parts:
            raise ModelError.expected("component", name, f"one of {listed(self.names)}", "Rename it.")
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __repr__(self) -> str:
        return f"Components({self._described}: {', '.join(self.names)})"

    def columns(self) -> dict[str, NDArray[Any]]:
        """The components as named columns, one entry per row.

        Returns
        -------
        dict of str to ndarray (T,)
            time, then each component with its standard deviation and the ends of its interval (`level`, `level_std`,
            `level_low`, `level_high`). With several measures names begin with the measure (`gauge.flow.level`). Where
            there are tracks, their rows follow one another, and `track` is the first column.

        Raises
        ------
        ModelError
            If two columns would have the same name.
        """
        found = self._of._rows()
        for j in range(len(self.measures)):
            for label, part in self._of_measure(j):
                low, high = part.interval(self._probability)
                values = {"": part.mean, "_std": part.std, "_low": low, "_high": high}
                found += [(f"{label}{end}", array[..., j].ravel()) for end, array in values.items()]
        distinct([name for name, _ in found], "the components")
        return dict(found)

    def _shown(self) -> list[tuple[str, Array, Array | None]]:
        return [
            (label, part.mean[..., j].ravel(), part.std[..., j].ravel())
            for j in range(len(self.measures))
            for label, part in self._of_measure(j)
        ]


class Decomposition(_Parts):
    """Every reading as the sum of its components, as `decompose()` returns it.

    Attributes
    ----------
    names : tuple of str
        The components; the last one is `irregular`.
    measures : tuple of str
        Full names of the M measures, such as `gauge.flow`.
    log : Log
        The log of the readings.

    Examples
    --------
    >>> run.decompose().names
    ('gap', 'irregular')
    """

    def __init__(
        self,
        of: Decomposable,
        parts: dict[str, Prediction],
        seen: dict[str, NDArray[np.bool_]],
        readings: Array,
        scale: BoxCox | None,
    ) -> None:
        super().__init__(of, parts, seen)
        self._readings, self._scale = readings, scale

    def __repr__(self) -> str:
        sign = " + " if self._scale is None else " x "
        return f"Decomposition({self._described}: {sign.join(self.names)})"

    def columns(self) -> dict[str, NDArray[Any]]:
        """The readings and their components as named columns, one entry per row.

        Returns
        -------
        dict of str to ndarray (T,)
            time, then each measure (`gauge.flow`) and its components (`level`, …, `irregular`); with several measures
            `gauge.flow.level`. In a forecast, the measure is its mean. Where there are tracks, their rows follow one
            another, and `track` is the first column.

        Raises
        ------
        ModelError
            If two columns would have the same name.
        """
        found = [*self._of._rows(), *((name, values) for name, values, _ in self._shown())]
        distinct([name for name, _ in found], "the decomposition")
        return dict(found)

    def _shown(self) -> list[tuple[str, Array, Array | None]]:
        found: list[tuple[str, Array, Array | None]] = []
        for j, measure in enumerate(self.measures):
            found.append((measure, self._readings[..., j].ravel(), None))
            found += [(label, part.median[..., j].ravel(), None) for label, part in self._of_measure(j)]
        return found


class _Split(NamedTuple):
    """The components, which measures each contributes to, the readings (T, M), and the scale of their logarithm."""

    parts: dict[str, Prediction]
    seen: dict[str, NDArray[np.bool_]]
    readings: Array
    scale: BoxCox | None


def _split(states: States, groups: Mapping[str, Any] | None, single: bool) -> _Split:
    """The components of some states. single: whether there is no axis of tracks."""
    model = states.model
    given = model.motion.groups if groups is None else read_groups(groups, model.state)
    of_state = in_components(given, model.state)
    n, records = len(model.state), states.beliefs._records
    mean, cov = records[:, :, :n], covariances(records, n, states.beliefs._factored)
    moments = _Moments(mean, cov, states.beliefs._unknown)
    from foglight.inference.measured import measured

    sensors = measured(model, states.arrays, mean, "components()")
    for name in (IRREGULAR, *[OFFSET] * bool(sensors.d.any())):
        if name in of_state:
            raise ModelError.expected(
                "groups", name, f"another name, for {name!r} is what no state contributes",
                "Rename it, or name a group.", index=name,
            )  # fmt: skip
    means: dict[str, Array] = {}
    covs: dict[str, Array] = {}
    seen: dict[str, NDArray[np.bool_]] = {}
    for name, members in of_state.items():
        reached = np.asarray((sensors.H[..., members] != 0.0).any(axis=(0, 1, 3)))
        if reached.any():
            means[name], covs[name] = _contribution(sensors, moments, members)
            seen[name] = reached
    shape = (*mean.shape[:2], len(model.components))
    if sensors.d.any():
        means[OFFSET], covs[OFFSET] = np.broadcast_to(sensors.d, shape), np.zeros((*shape, shape[2]))
        seen[OFFSET] = np.asarray(sensors.d.any(axis=(0, 1)))
    total = sum(means.values(), np.zeros(shape))
    if states.z is None:
        readings, cov = total, np.broadcast_to(sensors.R, (*shape, shape[2]))
    else:
        readings, cov = np.broadcast_to(states.z, shape), _contribution(sensors, moments, list(range(n)))[1]
        missing = np.isnan(readings)
        cov[missing[..., :, None] | missing[..., None, :]] = np.nan
    means[IRREGULAR], covs[IRREGULAR], seen[IRREGULAR] = readings - total, cov, np.ones(shape[2], bool)
    scale = BoxCox(0.0) if all(sensor.transform == BoxCox(0.0) for sensor in model.sensors) else None
    first: Any = 0 if single else slice(None)
    parts = {
        name: carried_back(Prediction(model.components, mean[first], covs[name][first]), scale)
        for name, mean in means.items()
    }
    return _Split(parts, seen, readings[first] if scale is None else scale.back(readings[first]), scale)


class _Moments(NamedTuple):
    """mean (tracks, T, n); cov (tracks, T, n, n) of what is known; unknown: the directions that are not."""

    mean: Array
    cov: Array
    unknown: Unknown | None


def _contribution(sensors: "Measured", states: _Moments, members: list[int]) -> tuple[Array, Array]:
    """H_c x_c (tracks, T, M) and H_c P_cc H_cᵀ (tracks, T, M, M) of these states; inf for what is not known."""
    H = sensors.H[..., members]
    P = states.cov[:, :, members][..., members]
    mean = np.asarray((H @ states.mean[..., members, None])[..., 0])
    cov = H @ P @ H.swapaxes(-1, -2)
    variances = np.einsum("...ii->...i", cov)
    variances[variances < 0.0] = 0.0  # rounding: H x is known, as where a reading has no noise
    if states.unknown is not None and len(states.unknown.rows):
        rows, A = states.unknown.rows, states.unknown.A[:, :, members]
        there = np.broadcast_to(H, (len(cov), *H.shape[1:]))[:, rows]
        rounding = len(members) * np.finfo(float).eps * (np.abs(there) @ np.abs(A))
        cov[:, rows] = with_unknown(cov[:, rows], np.where(np.abs(there @ A) > rounding, there @ A, 0.0))
    return mean, cov
