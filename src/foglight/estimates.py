"""What a run, a simulation or a truth says, as a CSV file: numbers with every digit, a row per log row."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.errors import ModelError, Status
from foglight.log import Log
from foglight.stamps import seconds_text
from foglight.whole_file import text_cell, whole_file

if TYPE_CHECKING:
    from foglight.scan import Run

CHUNK = 8_192  # rows turned into text at a time

Column = Callable[[slice], Sequence[str]]


def write_run(path: Path, run: "Run", progress: Callable[[int], None] | None = None) -> None:
    """time, then each state and its standard deviation (`gap`, `gap_std`), nis, loglik, status; one row a log row.

    An empty cell means: no value, because nothing was measured. Tracks follow one another, numbered in `track`.
    """
    tracks = run.log.tracks
    mean, std = (array.reshape(-1, array.shape[-1]) for array in (run.filtered.mean, run.filtered.std))
    columns = _clock(run.log)
    for i, name in enumerate(run.model.state):
        columns.append((name, _numbers(mean[:, i])))
        columns.append((f"{name}_std", _numbers(std[:, i])))
    columns.append(("nis", _numbers(run.nis.ravel())))
    columns.append(("loglik", _numbers(run.row_loglik.ravel())))
    columns.append(("status", _flags(run.status.ravel())))
    write(path, columns, len(run.log) * (tracks or 1), progress)


def write_log(path: Path, log: Log, progress: Callable[[int], None] | None = None) -> None:
    """A log as `Log.read` takes it: time in seconds and a column per measurement."""
    columns = _clock(log)
    clock = {name for name, _ in columns}
    columns += [(name, _numbers(values)) for name, values in log.columns().items() if name not in clock]
    write(path, columns, len(log) * (log.tracks or 1), progress)


def write_states(path: Path, log: Log, states: Sequence[str], values: NDArray[np.float64]) -> None:
    """States (T, n) at the log's times, such as the truth of a simulation."""
    columns = _clock(log) + [(name, _numbers(column)) for name, column in zip(states, values.T, strict=True)]
    write(path, columns, len(log), None)


def write(
    path: Path, columns: Sequence[tuple[str, Column]], rows: int, progress: Callable[[int], None] | None
) -> None:
    """Named columns of text cells, whole or not at all."""
    names = [name for name, _ in columns]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(
                f"two columns of {path} would be called {name!r}: expected different names. Rename the state.",
                field=name,
            )
    with whole_file(path) as file:
        file.write(",".join(text_cell(name) for name in names) + "\n")
        for first in range(0, rows, CHUNK):
            part = slice(first, min(first + CHUNK, rows))
            file.writelines(_lines([column(part) for _, column in columns]))
            if progress is not None:
                progress(part.stop)


def _lines(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in zip(*cells, strict=True):
        yield ",".join(row) + "\n"


def _clock(log: Log) -> list[tuple[str, Column]]:
    rows = len(log)
    stamps = log.time_ns

    def time(part: slice) -> Sequence[str]:
        return [seconds_text(stamp) for stamp in stamps[np.arange(part.start, part.stop) % rows].tolist()]

    def track(part: slice) -> Sequence[str]:
        return [str(k // rows) for k in range(part.start, part.stop)]

    return [("time", time)] if log.tracks is None else [("track", track), ("time", time)]


def _numbers(values: NDArray[Any]) -> Column:
    """Shortest text that gives the same float again; a missing value is an empty cell."""

    def cells(part: slice) -> Sequence[str]:
        return ["" if value != value else repr(value) for value in values[part].tolist()]

    return cells


def _flags(status: NDArray[np.int64]) -> Column:
    def cells(part: slice) -> Sequence[str]:
        return [_flag_names(value) for value in status[part].tolist()]

    return cells


@cache
def _flag_names(value: int) -> str:
    return "|".join(str(flag.name) for flag in Status(value))
