"""Smooth a run: the belief of each row given all readings of the log, earlier and later."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kernels.smoother_stage import LAG_ONE, SMOOTH
from foglight.core.errors import ModelError, Status
from foglight.core.pictured import Reported
from foglight.core.text import counted
from foglight.core.threads import at_most, with_threads
from foglight.core.timestamps import NS
from foglight.core.types import Array
from foglight.data.columns import Columns, clock, table_of
from foglight.data.table import glance
from foglight.inference.components import Decomposable, States
from foglight.inference.gaussians import Gaussians, _belief_columns, anchors_of, labelled
from foglight.inference.run import Run
from foglight.inference.scans import Scanned
from foglight.inference.smoothers import smoother_of
from foglight.inference.truncation import limited


@with_threads
def smooth(run: Run, *, threads: int | None = None) -> "Smoothed":
    """The belief of every row given all readings of the log: p(x_k | z_1:T), for every row k of a run.

    Later readings are used too, so in a linear model a smoothed belief is never wider than the filtered one.

    Parameters
    ----------
    run : Run
        The result of `fog.run`, with keep="all".
    threads : int, default None
        The most threads to use; None for one for each core of this process. No bit of the result depends on it.

    Returns
    -------
    Smoothed
        Mean and covariance of every row, within the model's limits.

    Raises
    ------
    ModelError
        If run is not the result of `fog.run`.
    StateError
        If the run kept only its last belief.
    NumericalError
        If the smoothed belief of a row is not finite; names the row.

    Notes
    -----
    The last row of each track is the filter's. In a linear model, whatever the method, every row before it is its
    filtered belief and what all later readings say about it, combined; the readings go backwards as equations without a
    prior (Dyer & McReynolds 1969; Bierman 1977, ch. X). Where the filter does not know some directions yet, the start
    given all readings moves forward instead, and one row further, where both ways must agree: if they do not,
    `Smoothed.status` says so.

    In other models, with bounds on outliers, and where a gate widened a belief, every row follows from its own
    filtered belief and the smoothed belief of the row after it (Rauch, Tung & Striebel 1965), by the moments of the
    run's method: derivatives for KF and EKF, sigma points for UKF and CKF. Where a gate widened the belief
    (Status.RESET), later readings do not change the rows before. Covariances are carried as factors in either case,
    also after a run in Joseph or textbook form.

    Examples
    --------
    >>> smoothed = fog.smooth(run)
    >>> smoothed.mean.shape
    (300, 2)
    >>> bool((smoothed.std <= run.filtered.std).all())
    True
    """
    if not isinstance(run, Run):
        raise ModelError(
            f"smooth({type(run).__name__}): expected what fog.run returned. Write fog.smooth(fog.run(model, log)).",
            field="run",
            value=run,
        )
    smoother = smoother_of(run)
    found = smoother.run(SMOOTH)
    return Smoothed(run, smoother.describe(), found, threads)


class Smoothed(Gaussians, Decomposable, Reported):
    """The result of smoothing: p(x_k | z_1:T), one Gaussian per row of the log, within the model's limits.

    Arrays are for T rows and n states. Where tracks share their times, every array but `time` has a leading axis of
    tracks. Where the log has a column of tracks, the rows of all tracks follow one another.

    Attributes
    ----------
    mean : ndarray (T, n)
        Smoothed mean, in units of the states.
    cov : ndarray (T, n, n)
        Smoothed covariance.
    std : ndarray (T, n)
        Square roots of the variances; inf for a state that no reading determines.
    factor : tuple of ndarray (T, n, n) and ndarray (T, n)
        U, unit upper triangular, and D with cov = U diag(D) Uᵀ.
    lag_one_cov : ndarray (T, n, n)
        Cov(x_k, x_k-1 | z_1:T). Computed when first asked for.
    names : tuple of str
        Names of the states.
    time : ndarray (T,)
        Time of each row, in seconds.
    track : ndarray (T,) or None
        Number of the track of each row; None where the log has no column of tracks.
    run : Run
        The run that was smoothed.
    model : Model
        The model of that run.
    log : Log
        The log of that run.
    method : KF, EKF, UKF or CKF
        The method of that run, with covariances carried as factors.
    status : ndarray (T,)
        `Status.ILL_CONDITIONED` where the belief of a row lost digits to rounding, else 0: see Notes of `fog.smooth`.
    engine : str
        What computed this result.

    Examples
    --------
    >>> smoothed = fog.smooth(run)
    >>> smoothed.std.shape, smoothed.lag_one_cov.shape
    ((300, 2), (300, 2, 2))
    """

    def __init__(self, run: Run, engine: str, found: Scanned, threads: int | None = None) -> None:
        method, records, unknown = run.method.in_factors(), found.records, found.unknown
        shown = limited(run.model, method, records)
        if len(unknown.rows) and shown is not records:  # limits do not apply to unknown states
            shown = shown.copy()
            shown[:, unknown.rows] = records[:, unknown.rows]
        anchors = anchors_of(run.model, run._kept)
        single, limits = run.log.tracks is None, run.model.motion.limits
        super().__init__(run.model, method, shown, single, unknown, anchors, limits)
        self.run, self.model, self.method, self.log = run, run.model, run.method, run.log
        self.engine = engine
        self._unlimited = records
        self._doubtful = found.doubtful
        self._threads = threads

    def __repr__(self) -> str:
        tracks = "" if self.log.tracks is None else f"{counted(self.log.tracks, 'track')} x "
        if self.track is not None:
            tracks = f"{counted(len(self.log.track_names), 'track')}, "
        return f"Smoothed({self.method!r}, {tracks}{counted(len(self.log), 'row')}, {self.engine})"

    def __str__(self) -> str:
        times = [(name, column.plain(), None) for name, column in clock(self.log)]
        mean, std = (array.reshape(-1, array.shape[-1]) for array in (self.mean, self.std))
        states = [
            (name, values if spread is not None else np.round(values, 6), spread)
            for name, values, spread in labelled(self._charts, mean, std)
            if values is not None
        ]
        return glance(repr(self), [*times, *states], self._dates())

    @property
    def time(self) -> NDArray[np.float64]:
        """Time of each row (T,), in seconds, as in the log."""
        return np.asarray(self.log.time_ns / NS)

    @property
    def track(self) -> NDArray[np.int64] | None:
        """Number of the track of each row (T,); None where the log has no column of tracks."""
        return self.log.track

    @property
    def status(self) -> NDArray[np.int64]:
        """`Status.ILL_CONDITIONED` in each row (T,) whose belief lost digits to rounding; 0 elsewhere."""
        return np.asarray(self._shaped(np.where(self._doubtful, int(Status.ILL_CONDITIONED), 0)))

    @cached_property
    def lag_one_cov(self) -> Array:
        """Cov(x_k, x_k-1 | z_1:T) (T, n, n), without limits; matrix rows belong to x_k, columns to x_k-1.

        NaN in the first row of each track, and for states that are unknown; 0 in a row where a gate reset the belief.
        Computed by one more backward scan when first asked for.
        """
        n = self._n
        with at_most(self._threads):
            blocks = smoother_of(self.run).run(LAG_ONE).records
        lag = np.full((*blocks.shape[:2], n, n), np.nan)
        lag[:, 1:] = blocks[:, :-1].reshape(len(blocks), -1, n, n)
        starts = self.log.starts()
        # No time passed, or the prediction was skipped: x_k is x_k-1.
        same = np.isnan(lag).any(axis=(2, 3)) & ~starts
        lag[:, starts] = np.nan
        if same.any():
            whole = Gaussians(self.model, self.method.in_factors(), self._unlimited, False)
            lag[same] = whole.cov[same]
        free = np.isinf(np.diagonal(self.cov.reshape(*blocks.shape[:2], n, n), axis1=2, axis2=3))
        lag[free] = np.nan
        lag[:, 1:].swapaxes(2, 3)[free[:, :-1]] = np.nan
        return self._shaped(lag)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The smoothed states as named columns, one entry per row of the log.

        Returns
        -------
        dict of str to ndarray (T,)
            time, then each state and its standard deviation (`gap`, `gap_std`). Where there are tracks, their rows
            follow one another, and `track` is the first column.

        Raises
        ------
        ModelError
            If two columns would have the same name.
        """

        return table_of(smoothed_columns(self))

    def _states(self) -> States:
        return States(self.model, self.run._arrays, self, self.run._arrays.z)


def smoothed_columns(smoothed: "Smoothed") -> Columns:
    """time, then each smoothed state and its standard deviation, as in `run_columns`."""
    return clock(smoothed.log) + _belief_columns(smoothed)
