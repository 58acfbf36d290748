"""`fog.anomalies`: the readings, and the changes of the state, that are improbable if the model is right."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number
from foglight.core.errors import DataError, ModelError
from foglight.core.text import counted
from foglight.core.types import Floats
from foglight.data.columns import times_of
from foglight.data.table import Table, glance
from foglight.diagnostics.chi_square import discovery_rates, two_sided
from foglight.diagnostics.residuals import Residuals, of_filter, of_smoother, without
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed
from foglight.model.model import Model
from foglight.model.reading_scales import on_given_scale

_PASSES = 10  # of the smoother, at most


def anomalies(found: Run | Smoothed, rate: float = 0.05) -> "Anomalies":
    """The improbable readings of a log; from a smoothed run also the improbable changes of its states.

    Each reading of a run is compared with its prediction, given the past alone. Each reading of a smoothed run is
    compared with what all other readings say, which finds more: an outlier is there while what follows it returns, and
    a change of the level is there while what follows it stays.

    Parameters
    ----------
    found : Run or Smoothed
        What `fog.run` or, for linear models, `fog.smooth` returned.
    rate : float, default 0.05
        The false discovery rate: of all that is reported, the expected share that is chance.

    Returns
    -------
    Anomalies
        Prints as a table, the most improbable first; `columns()`, `to_frame()`, and the probability of every reading.

    Raises
    ------
    ModelError
        If found is not a run, rate is not between 0 and 1, or a smoothed run is of a model that is not linear, or of a
        method with a bound on outliers.
    DataError
        If no reading can be compared with anything.
    StateError
        If the run kept only its last belief.

    Notes
    -----
    The probability of a residual is that of one at least as large on either side, 2 Φ(-|z|). What is reported is
    chosen by Benjamini & Hochberg 1995, which controls the false discovery rate of independent residuals. Those of a
    filter are; but after an outlier its predictions are off for some rows. The residuals of a smoother are the
    auxiliary ones of Harvey & Koopman 1992, E[v | all readings] and E[w | all readings] over their standard
    deviations; outliers are left out, and the rest smoothed again, until no more are found. Neighbours among them are
    correlated, so that one event may be reported in two rows: the most improbable one comes first.

    Examples
    --------
    >>> odd = fog.anomalies(fog.smooth(run))
    >>> odd.probability.shape, len(odd)
    ((300, 1), 0)
    """
    given: Any = rate
    if not (is_number(given) and 0.0 < given < 1.0):
        raise ModelError.expected("rate", rate, "a number between 0 and 1", "Write rate=0.05.")
    if isinstance(found, Run):
        residuals = of_filter(found)
    elif not isinstance(found, Smoothed):
        raise ModelError(
            f"anomalies({type(found).__name__}): expected what fog.run or fog.smooth returned. Write "
            "fog.anomalies(fog.run(model, log)).",
            field="found", value=type(found).__name__,
        )  # fmt: skip
    else:
        residuals = _without_outliers(found, rate)
    if not np.isfinite(residuals.z).any():
        raise DataError(
            f"no reading of {counted(len(found.log), 'row')} can be compared with a prediction: expected some after "
            "those that determine the state. Give a longer log, or a model with a start that has a finite std.",
            field="log", value=len(found.log),
        )  # fmt: skip
    return Anomalies(found, residuals, rate)


class Anomalies(Table):
    """What is improbable in a log, as `fog.anomalies` returns it: `len()` of them, the most improbable first.

    Arrays are for T rows and M measured components. Where tracks share their times, they have a leading axis of tracks.

    Attributes
    ----------
    probability : ndarray (T, M)
        For each reading the probability of one that is at least as far off; NaN where there is none to compare.
    flagged : ndarray of bool (T, M)
        Which readings are reported.
    z : ndarray (T, M)
        The residuals, each over its standard deviation.
    state_probability : ndarray (T, n) or None
        From a smoothed run: the same probability for the step of each state from the row before; NaN where it has no
        noise. None from a run.
    rate : float
        The false discovery rate.
    log : Log
        The log.

    Examples
    --------
    >>> odd = fog.anomalies(run, rate=0.2)
    >>> odd.flagged.shape
    (300, 1)
    """

    def __init__(self, found: Run | Smoothed, residuals: Residuals, rate: float) -> None:
        self.log, self.rate = found.log, rate
        p, adjusted = _probabilities(residuals.z)
        names = [*found.model.components, *(found.model.state if residuals.states else ())]
        M, single = len(found.model.components), found.log.tracks is None
        flagged = adjusted <= rate
        at = np.argwhere(flagged)
        at = at[np.lexsort((at[:, 1], -np.abs(residuals.z[flagged])))]
        self.probability, self.z, self.flagged = (
            a[0, :, :M] if single else a[:, :, :M] for a in (p, residuals.z, flagged)
        )
        steps = p[0, :, M:] if single else p[:, :, M:]
        self.state_probability = steps if residuals.states else None
        track, row, column = at.T
        self._row, self._of = row, np.array(names, dtype=str)[column]
        self._tracks: NDArray[Any] | None = None
        if found.log.track is not None:
            self._tracks = np.array(found.log.track_names)[found.log.track[row]]
        elif not single:
            self._tracks = track
        pick = tuple(at.T)
        self._values = {
            "kind": np.where(column < M, "reading", "state"),
            "value": _as_given(found.model, residuals.value)[pick],
            "expected": _as_given(found.model, residuals.expected)[pick],
            "z": residuals.z[pick],
            "probability": p[pick],
            "adjusted": adjusted[pick],
        }
        self._tested = int(np.isfinite(p).sum())

    def __len__(self) -> int:
        return len(self._row)

    def columns(self) -> dict[str, NDArray[Any]]:
        """What is reported as named columns, the most improbable first.

        Returns
        -------
        dict of str to ndarray
            track (where there are tracks), time, name of the measure or of the state, kind ("reading" or "state"),
            value (the reading, or the step of the state beyond what its dynamics say), expected, z (their difference
            over its standard deviation), probability, and adjusted: the smallest rate at which it is reported.
        """
        found: dict[str, NDArray[Any]] = {} if self._tracks is None else {"track": self._tracks}
        return {
            **found,
            "time": times_of(self.log.time_ns[self._row], self.log.calendar),
            "name": self._of,
            **self._values,
        }

    def __repr__(self) -> str:
        return f"Anomalies({len(self)} of {self._tested} residuals, false discovery rate {self.rate:g})"

    def __str__(self) -> str:
        if not len(self):
            return repr(self)
        return glance(
            repr(self),
            [(name, values, None) for name, values in self.columns().items()],
            self._dates(),
            digits=6,
        )

    def _stamps(self) -> NDArray[Any] | None:
        return self.log.time_ns[self._row]


def _as_given(model: Model, values: Floats) -> Floats:
    """Values of readings, and steps of the states after them (…, M + n), with the readings on the scale of the log."""
    M = len(model.components)
    return np.concatenate([on_given_scale(model, values[..., :M]), values[..., M:]], axis=-1)


def _probabilities(z: Floats) -> tuple[Floats, Floats]:
    """The probability of each residual, and the smallest false discovery rate at which it is reported."""
    p = two_sided(z)
    known, adjusted = np.isfinite(p), np.full(p.shape, np.nan)
    adjusted[known] = discovery_rates(p[known])
    return p, adjusted


def _without_outliers(smoothed: Smoothed, rate: float) -> Residuals:
    """The residuals of a smoothed run after it was smoothed again without its outliers, until no more are found.

    An outlier spoils what its neighbours are compared with. A reading is left out if it is reported, and is farther
    off than the steps of the states to and from its row, which may explain it, and than its neighbours.
    """
    z = np.broadcast_to(smoothed.run._arrays.z, (len(smoothed._records), *smoothed.run._arrays.z.shape[1:]))
    outliers, M = np.zeros(z.shape, bool), z.shape[2]
    residuals = of_smoother(smoothed, z)
    for _ in range(_PASSES):
        far = np.nan_to_num(np.abs(residuals.z), nan=0.0)
        rows = np.pad(far, ((0, 0), (1, 1), (0, 0)))
        steps = np.maximum(rows[:, 1:-1, M:], rows[:, 2:, M:]).max(axis=2, keepdims=True)
        neighbours = np.maximum(rows[:, :-2, :M], rows[:, 2:, :M])
        worst = (far[:, :, :M] >= steps) & (far[:, :, :M] >= neighbours)
        reported = _probabilities(residuals.z)[1][:, :, :M] <= rate
        more = worst & reported & ~outliers
        if not more.any():
            break
        outliers |= more
        residuals = of_smoother(without(smoothed.run, outliers), z)
    return residuals
