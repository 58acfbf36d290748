"""Named columns written as a CSV file, one line per log row."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foglight.core.atomic_file import whole_file
from foglight.core.csv_text import text_cell
from foglight.data.columns import Columns, Numbers, clock, distinct
from foglight.data.log_like import LogLike

CHUNK = 4_096  # rows converted to text at a time


def write_log(path: Path, log: LogLike, progress: Callable[[int], None] | None = None) -> None:
    """Write a log as a file for `Log.read`: time in seconds and a column per measurement."""
    columns = clock(log)
    of_clock = {name for name, _ in columns}
    columns += [(name, Numbers(values)) for name, values in log.columns().items() if name not in of_clock]
    write(path, columns, len(log) * (log.tracks or 1), progress)


def write_states(path: Path, log: LogLike, states: Sequence[str], values: NDArray[np.float64]) -> None:
    """Write states (T, n) at the log's times, such as the truth of a simulation."""
    columns = clock(log) + [(name, Numbers(column)) for name, column in zip(states, values.T, strict=True)]
    write(path, columns, len(log), None)


def write(path: Path, columns: Columns, rows: int, progress: Callable[[int], None] | None) -> None:
    """Write named columns as a CSV file, completely or not at all."""
    first = heading(path, columns)
    with whole_file(path, binary=True) as file:
        file.write(first)
        done = 0
        for lines in texts(columns, rows):
            file.write(lines)
            done = min(done + CHUNK, rows)
            if progress is not None:
                progress(done)


def heading(path: Path, columns: Columns) -> bytes:
    """The header line; ModelError if two columns have the same name."""
    names = distinct([name for name, _ in columns], str(path))
    return (",".join(map(text_cell, names)) + "\n").encode()


def texts(columns: Columns, rows: int) -> Iterator[bytes]:
    """The lines of all rows, `CHUNK` rows at a time."""
    for first in range(0, rows, CHUNK):
        part = slice(first, min(first + CHUNK, rows))
        cells = [column.cells(part) for _, column in columns]
        yield "".join([",".join(row) + "\n" for row in zip(*cells, strict=True)]).encode()
