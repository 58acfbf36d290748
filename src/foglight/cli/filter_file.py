"""From a log on the disk to a file of estimates, part by part: neither is ever held whole."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import foglight
from foglight.cli.resumable import Note, Unfinished
from foglight.compiler.fingerprint import fingerprint
from foglight.core.atomic_file import whole_file
from foglight.core.errors import DataError, StateError
from foglight.data.columns import heading, texts
from foglight.data.parts import LogFile
from foglight.data.readers.position import Position, position_of
from foglight.inference.run import Run, run_columns
from foglight.inference.stream import Stream, Totals
from foglight.methods.method import Method
from foglight.model.model import Model

MOST_ROWS = 65_536  # of a part
MOST_NUMBERS = 1 << 22  # of the results of a part
EVERY = 2.0  # seconds of work that may be lost when a run that can be resumed is killed

Progress = Callable[[int], None]


def filter_file(
    source: LogFile,
    model: Model,
    method: Method,
    out: Path,
    *,
    gap: float | None = None,
    on_bad: str = "raise",
    resume: Mapping[str, Any] | None = None,
    rows: int | None = None,
    every: float = EVERY,
    progress: Progress | None = None,
    note: Note = print,
) -> Totals:
    """Write the estimates of a log, in CSV or, where `out` ends in .parquet, Parquet; return what they add up to.

    The estimates are those of `fog.run` on the whole log, to the byte, whatever the number of rows in a part. They
    appear under the name `out` once they are complete. resume: None, or the options by which the log is read, for
    an output that survives a killed process and is gone on with (unfinished.py). rows: of a part. every: seconds
    between two checkpoints.
    """
    stream = Stream(model, method, gap=gap, on_bad=on_bad)
    feed = _Feed(source, stream, rows or rows_of_part(model), progress)
    if resume is not None:
        if is_parquet(out):
            raise DataError(
                f"cannot resume {out}: a Parquet file that was cut off cannot be gone on with. Write CSV, or leave "
                "out --resume.",
                field=str(out),
            )
        options = {**resume, "gap": gap, "on_bad": on_bad}
        return _write_resumable(feed, out, identity(source, model, method, options), every, note)
    if is_parquet(out):
        need_pyarrow(out)
    with whole_file(out, binary=True) as file:
        if is_parquet(out):
            _write_parquet(file, feed, out)
        else:
            _write_text(file, feed, out)
        return stream.end()


def identity(
    source: LogFile, model: Model, method: Method, options: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """What two runs must share for their outputs to be one."""
    return {
        "log": dict(source.identity()),
        "model or method": {"fingerprint": fingerprint(model, method)},
        "set of options": dict(options),
        "release": {"version": foglight.__version__},
    }


def is_parquet(out: Path) -> bool:
    """Whether the name asks for Parquet."""
    return out.suffix.lower() in (".parquet", ".pq")


def need_pyarrow(out: Path) -> None:
    """DataError where Parquet cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise DataError(
            f"cannot write {out}: Parquet needs pyarrow. Run pip install 'foglight[parquet]', or write CSV.",
            field=str(out),
        ) from None


def rows_of_part(model: Model) -> int:
    """So many rows that their results stay small, covariances included."""
    n = len(model.state)
    width = n * n + n * (n + 5) // 2 + sum(len(s.measures) for s in model.sensors) + 8
    return max(64, min(MOST_ROWS, MOST_NUMBERS // width))


class _Feed:
    """The parts of a source through a stream."""

    def __init__(self, source: LogFile, stream: Stream, rows: int, progress: Progress | None) -> None:
        self.source = source
        self.stream = stream
        self.rows = rows
        self.progress = progress

    def runs(self, place: Position | None) -> Iterator[tuple[Run, Position]]:
        """The run of each part, and the place after it."""
        for part in self.source.parts(place, self.rows):
            yield self.stream.feed(part.log, part.goes_on), part.after
            self.tell()

    def tell(self) -> None:
        """How many rows are done."""
        if self.progress is not None:
            self.progress(self.stream.totals.rows)


def _write_resumable(
    feed: _Feed, out: Path, who: Mapping[str, Mapping[str, Any]], every: float, note: Note
) -> Totals:
    stream = feed.stream
    with Unfinished(out, who, note) as output:
        kept = output.open()
        place = Position()
        if kept is not None:
            place = _take_up(stream, kept, output)
            note(f"going on after {stream.totals.rows} rows.")
            feed.tell()
        if not output.complete:
            last = time.monotonic()
            after = place
            for run, after in feed.runs(place):
                columns = run_columns(run)
                if not output.begun:
                    output.append(heading(out, columns))
                for lines in texts(columns, len(run.log)):
                    output.append(lines)
                if time.monotonic() - last >= every:
                    output.commit({"stream": stream.state(), "place": asdict(after)})
                    last = time.monotonic()
            stream.end()
            output.commit({"stream": stream.state(), "place": asdict(after)}, done=True)
        output.finish()
    return stream.totals


def _take_up(stream: Stream, kept: Mapping[str, Any], output: Unfinished) -> Position:
    """The place to go on from, with the stream as it stood there."""
    try:
        stream.restore(kept["stream"])
        place = position_of(kept["place"])
        if place.rows != stream.totals.rows:
            raise ValueError(f"{place.rows} rows were read, and {stream.totals.rows} filtered")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise StateError(
            f"{output.checkpoint} holds what no run writes ({type(error).__name__}: {error}). Expected what the last "
            "run with --resume left. Delete it to start over.",
            field=str(output.checkpoint),
            value=str(error),
        ) from error
    return place


def _write_text(file: IO[bytes], feed: _Feed, out: Path) -> None:
    for k, (run, _) in enumerate(feed.runs(None)):
        columns = run_columns(run)
        if not k:
            file.write(heading(out, columns))
        for lines in texts(columns, len(run.log)):
            file.write(lines)


def _write_parquet(file: IO[bytes], feed: _Feed, out: Path) -> None:
    """A row group a part."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    writer: Any = None
    try:
        for run, _ in feed.runs(None):
            columns = run_columns(run)
            table = pyarrow.table({name: column.array() for name, column in columns})
            if writer is None:
                heading(out, columns)  # two of one name would have become one
                writer = ParquetWriter(file, table.schema)
            writer.write_table(table)
        writer.close()
    finally:
        if writer is not None:
            writer.is_open = False  # or it would write its end into a file that is closed
