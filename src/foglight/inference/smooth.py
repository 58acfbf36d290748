"""A run, smoothed: what all readings of a log, earlier and later, say of each of its rows."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kernels.smoother_stage import LAG_ONE, SMOOTH
from foglight.core.errors import ModelError
from foglight.core.text import counted
from foglight.core.timestamps import NS
from foglight.core.types import Array
from foglight.data.columns import Columns, _clock
from foglight.data.table import Table, glance
from foglight.inference.backward_pass import Backward
from foglight.inference.gaussians import Gaussians, Unknown, _belief_columns
from foglight.inference.run import Run
from foglight.inference.truncation import limited


def smooth(run: Run) -> "Smoothed":
    """What all readings of the log say of each row: p(x_k | z_1:T), for every row k of a run.

    The last row of each track is the filter's; every row before it follows from its own filtered belief and the
    smoothed one of the row after it (Rauch, Tung & Striebel 1965), in factors, by the moments of the run's method:
    derivatives for KF and EKF, sigma points for UKF and CKF. So it is never wider than the filtered one in a linear
    model. A run in a teaching form is smoothed in factors, too. Where a gate widened the belief (Status.RESET),
    what comes later says nothing of the rows before.
    Raises StateError for a run that kept its last belief only, NumericalError naming a row that overflows.

    >>> smoothed = fog.smooth(fog.run(model, log))
    >>> smoothed.mean, smoothed.std
    """
    if not isinstance(run, Run):
        raise ModelError(
            f"smooth({type(run).__name__}): expected what fog.run returned. Write fog.smooth(fog.run(model, log)).",
            field="run",
            value=run,
        )
    scan = Backward.of(run)
    records, unknown = scan.run(SMOOTH)
    return Smoothed(run, scan.describe(), records, unknown)


class Smoothed(Gaussians, Table):
    """What all readings say of each row: one Gaussian a log row, within the model's limits.

    mean (T, n), cov (T, n, n), std (T, n), factor (U, D), a leading axis where tracks share their times;
    lag_one_cov (T, n, n); time (T,); track (T,) where the log has a column of tracks; names of the states; columns(),
    to_frame(). run: the filter's; engine: what computed it.
    """

    def __init__(self, run: Run, engine: str, records: Array, unknown: Unknown) -> None:
        method = run.method.in_factors()
        shown = limited(run.model, method, records)
        if len(unknown.rows) and shown is not records:  # a limit says little of what is unknown
            shown = shown.copy()
            shown[:, unknown.rows] = records[:, unknown.rows]
        super().__init__(run.model, method, shown, run.log.tracks is None, unknown)
        self.run, self.model, self.method, self.log = run, run.model, run.method, run.log
        self.engine = engine
        self._unlimited = records

    def __repr__(self) -> str:
        tracks = "" if self.log.tracks is None else f"{counted(self.log.tracks, 'track')} x "
        if self.track is not None:
            tracks = f"{counted(len(self.log.track_names), 'track')}, "
        return f"Smoothed({self.method!r}, {tracks}{counted(len(self.log), 'row')}, {self.engine})"

    def __str__(self) -> str:
        from foglight.inference.smooth import smoothed_columns

        cells = [(name, column.plain()) for name, column in smoothed_columns(self)]
        first = len(cells) - 2 * self._n  # of the states: mean and standard deviation by turns
        clock = [(name, values, None) for name, values in cells[:first]]
        pairs = zip(cells[first::2], cells[first + 1 :: 2], strict=True)
        return glance(repr(self), [*clock, *((name, mean, std) for (name, mean), (_, std) in pairs)])

    @property
    def time(self) -> NDArray[np.float64]:
        """Seconds (T,), as the log gives them."""
        return np.asarray(self.log.time_ns / NS)

    @property
    def track(self) -> NDArray[np.int64] | None:
        """Which track each row is of (T,); None where the log has no column of tracks."""
        return self.log.track

    @cached_property
    def lag_one_cov(self) -> Array:
        """Cov(x_k, x_k-1 | z_1:T) (T, n, n), rows of x_k, without limits; NaN in the first row of each track.

        0 where a gate began anew. From one more backward scan, when first asked for.
        """
        n = self._n
        blocks, _ = Backward.of(self.run).run(LAG_ONE)
        lag = np.full((*blocks.shape[:2], n, n), np.nan)
        lag[:, 1:] = blocks[:, :-1].reshape(len(blocks), -1, n, n)
        starts = self.log.starts()
        same = np.isnan(lag).any(axis=(2, 3)) & ~starts  # no time passed, or none that counts: x_k is x_k-1
        lag[:, starts] = np.nan
        if same.any():
            whole = Gaussians(self.model, self.method.in_factors(), self._unlimited, False)
            lag[same] = whole.cov[same]
        free = np.isinf(np.diagonal(self.cov.reshape(*blocks.shape[:2], n, n), axis1=2, axis2=3))
        lag[free] = np.nan
        lag[:, 1:].swapaxes(2, 3)[free[:, :-1]] = np.nan
        return self._shaped(lag)

    def columns(self) -> dict[str, NDArray[Any]]:
        """{name: 1-D array}: time, then each state and its standard deviation (`gap`, `gap_std`); `track` in front
        where there are tracks."""
        from foglight.data.columns import table_of
        from foglight.inference.smooth import smoothed_columns

        return table_of(smoothed_columns(self))


def smoothed_columns(smoothed: "Smoothed") -> Columns:
    """time, then each smoothed state and its standard deviation, as in `run_columns`."""
    return _clock(smoothed.log) + _belief_columns(smoothed)
