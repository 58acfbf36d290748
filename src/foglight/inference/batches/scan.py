"""The filter over the rows of a stream: each series from its start, its state carried from chunk to chunk."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import FoglightError
from foglight.data.log import Log
from foglight.data.readers.position import Origin
from foglight.inference import linear_smoother
from foglight.inference.batches.rows import Rows
from foglight.inference.batches.values import numbers
from foglight.inference.row_marks import ScanState
from foglight.inference.run import Run
from foglight.inference.smooth import Smoothed, smooth
from foglight.inference.stream import Stream
from foglight.methods.method import Method
from foglight.model.model import Model


class Part(NamedTuple):
    """A run, and which rows it is about.

    at: these among the rows of the chunk, None for all; series: the number of each of its tracks.
    """

    at: NDArray[np.int64] | None
    series: NDArray[np.int64]
    run: Run
    smoothed: Smoothed | None = None


class Scan:
    """Filters rows; those of a series that is still open continue from the rows before.

    flag: a series that cannot be filtered is refused from that row on.  smoothed: whether to smooth the runs, too; then
    the rows are of whole series.
    """

    def __init__(self, model: Model, method: Method, *, flag: bool, smoothed: bool) -> None:
        self._stream = Stream(model, method, on_bad="flag" if flag else "raise")
        self._flag = flag
        self._smoothed = smoothed
        self._fed = -1  # the series of the last row that was filtered
        self._failed: tuple[int, str] = (-1, "")  # the last series that cannot go on, and why

    def feed(self, rows: Rows) -> tuple[Rows, list[Part]]:
        """The runs of these rows, and the rows, of which more may be refused now."""
        number, why = self._failed
        lost = np.flatnonzero(rows.series == number) if number >= 0 else np.zeros(0, np.int64)
        if lost.size:
            rows = rows.refusing(lost, why)
        kept = rows.kept
        used = rows if kept is None else rows.taken(kept)
        if not len(used):
            return rows, []
        try:
            return rows, self._parts(used, kept)
        except FoglightError:
            if not self._flag:
                raise
        return self._series_by_series(rows, used, np.arange(len(rows)) if kept is None else kept)

    def _series_by_series(self, rows: Rows, used: Rows, at: NDArray[np.int64]) -> tuple[Rows, list[Part]]:
        """The runs of the series that can be filtered; the rows of the others are refused."""
        parts = []
        for number, first, last in series_of(used):
            here = at[first:last]
            alone = replace(used.part(first, last), first=rows.first + int(here[0]))
            try:
                parts += self._parts(alone, here)
            except FoglightError as error:
                self._failed = (number, str(error))
                rows = rows.refusing(here, str(error))
        return rows, parts

    def _parts(self, rows: Rows, at: NDArray[np.int64] | None) -> list[Part]:
        """The runs of rows that are all used; at: which ones they are in the chunk."""
        before, goes_on = self._stream.reached, bool(rows.series[0] == self._fed)
        try:
            run = self._run(rows, goes_on)
            parts = self._smoothed_parts(rows, at, run) if self._smoothed else [_part(rows, at, run)]
        except FoglightError:
            self._stream.reached = before
            raise
        self._fed = int(rows.series[-1])
        return parts

    def _run(self, rows: Rows, goes_on: bool) -> Run:
        reached = self._stream.reached if goes_on else ScanState()
        self._stream.reached = replace(reached, rows=rows.first)
        return self._stream.advance(log_of(rows), goes_on)

    def _smoothed_parts(self, rows: Rows, at: NDArray[np.int64] | None, run: Run) -> list[Part]:
        """The runs of whole series, smoothed together where one smoother serves them all as it serves each alone."""
        kinds = _kinds(run)
        if (kinds == kinds[0]).all():
            return [_part(rows, at, run, smooth(run))]
        of_row = kinds[np.cumsum(run.log.starts()) - 1]
        parts = []
        for kind in np.unique(kinds):
            mine = np.flatnonzero(of_row == kind)
            some = rows.taken(mine)
            again = self._run(some, False)
            parts.append(_part(some, mine if at is None else at[mine], again, smooth(again)))
        return parts


def _part(rows: Rows, at: NDArray[np.int64] | None, run: Run, smoothed: Smoothed | None = None) -> Part:
    return Part(at, rows.series[run.log.starts()], run, smoothed)


def _kinds(run: Run) -> NDArray[np.int64]:
    """The kind of smoother of each series (series,): those of one kind are smoothed together.

    On whole arrays, where nothing is gained by it, each series is of its own kind.
    """
    starts = run.log.starts()
    if run._engine.kernel.on_arrays:
        return np.arange(int(starts.sum()))
    apart = linear_smoother.rows_apart(run.status)
    return np.maximum.reduceat(apart, np.flatnonzero(starts)).astype(np.int64)


def series_of(rows: Rows) -> Iterator[tuple[int, int, int]]:
    """The number, the first row and the last row + 1 of each series, of rows of which none is refused."""
    first = np.flatnonzero(np.diff(rows.series, prepend=-1))
    last = np.append(first[1:], len(rows))
    yield from zip(rows.series[first].tolist(), first.tolist(), last.tolist(), strict=True)


def log_of(rows: Rows) -> Log:
    """The log of rows of which none is refused, with a track for each series."""
    import pyarrow as pa

    begins = np.diff(rows.series, prepend=-1) != 0
    names = rows.keys.take(pa.array(np.flatnonzero(begins))).to_pylist()
    values = rows.batch.schema.names[2:]
    return Log(
        rows.time_ns,
        {name: numbers(rows.batch.column(name), name, rows.first)[:, None] for name in values},
        track=np.cumsum(begins) - 1,
        track_names=tuple(names),
        origin=Origin("", rows.kind),
    )
