"""From a log file to a file of estimates, part by part: neither is ever held in memory as a whole."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import foglight as fog
from foglight.cli.resumable import Note, Unfinished
from foglight.compiler.fingerprint import fingerprint
from foglight.core.atomic_file import whole_file
from foglight.data.column_files import heading, texts
from foglight.data.parts import LogFile
from foglight.data.readers.position import Position, position_of
from foglight.inference.run_columns import run_columns
from foglight.inference.stream import Stream, Totals
from foglight.methods.method import Method

MOST_ROWS = 65_536  # of a part
MOST_NUMBERS = 1 << 22  # of the results of a part
EVERY = 2.0  # seconds between checkpoints: the most work that is lost when a run with --resume is killed

Progress = Callable[[int], None]


def filter_file(
    source: LogFile,
    model: fog.Model,
    method: Method,
    out: Path,
    *,
    gap: float | None = None,
    max_gap: float | None = None,
    on_bad: str = "raise",
    resume: Mapping[str, Any] | None = None,
    rows: int | None = None,
    every: float = EVERY,
    progress: Progress | None = None,
    note: Note = print,
) -> Totals:
    """Write the estimates of a log as CSV, or as Parquet if `out` ends in .parquet, and return their totals.

    The estimates are those of `fog.run` on the whole log, to the byte, whatever the number of rows in a part. They
    appear under the name `out` once they are complete. resume: None, or the options with which the log is read, for
    an output that survives a killed process and can be continued (resumable.py). rows: of a part. every: seconds
    between two checkpoints. note: receives a sentence for the user.
    """
    stream = Stream(model, method, gap=gap, max_gap=max_gap, on_bad=on_bad)
    feed = _Feed(source, stream, rows or rows_of_part(model), progress)
    if resume is not None:
        if is_parquet(out):
            raise fog.DataError(
                f"cannot resume {out}: a Parquet file cannot be continued. Write CSV, or leave out --resume.",
                field=str(out),
            )
        options = {**resume, "gap": gap, "max_gap": max_gap, "on_bad": on_bad}
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
    source: LogFile, model: fog.Model, method: Method, options: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """The data that must be equal for one run to continue the output of another."""
    return {
        "log": dict(source.identity()),
        "model or method": {"fingerprint": fingerprint(model, method)},
        "set of options": dict(options),
        "release": {"version": fog.__version__},
    }


def is_parquet(out: Path) -> bool:
    """Whether the name asks for Parquet."""
    return out.suffix.lower() in (".parquet", ".pq")


def need_pyarrow(out: Path) -> None:
    """Raise DataError if Parquet cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise fog.DataError(
            f"cannot write {out}: Parquet needs pyarrow. Run pip install 'foglight[parquet]', or write CSV.",
            field=str(out),
        ) from None


def rows_of_part(model: fog.Model) -> int:
    """The number of rows in a part, chosen so that their results stay small, covariances included."""
    n = len(model.state)
    width = n * n + n * (n + 5) // 2 + sum(len(s.measures) for s in model.sensors) + 8
    return max(64, min(MOST_ROWS, MOST_NUMBERS // width))


class _Feed:
    """Feeds the parts of a source through a stream."""

    def __init__(self, source: LogFile, stream: Stream, rows: int, progress: Progress | None) -> None:
        self.source = source
        self.stream = stream
        self.rows = rows
        self.progress = progress

    def runs(self, position: Position | None) -> Iterator[tuple[fog.Run, Position]]:
        """The run of each part, and the position after it."""
        for part in self.source.parts(position, self.rows):
            yield self.stream.feed(part.log, part.goes_on), part.after
            self.report()

    def report(self) -> None:
        """Report how many rows are done."""
        if self.progress is not None:
            self.progress(self.stream.totals.rows)


def _write_resumable(
    feed: _Feed, out: Path, identity: Mapping[str, Mapping[str, Any]], every: float, note: Note
) -> Totals:
    stream = feed.stream
    with Unfinished(out, identity, note) as output:
        kept = output.open()
        position = Position()
        if kept is not None:
            position = _restored(stream, kept, output)
            note(f"continuing after {stream.totals.rows} rows.")
            feed.report()
        if not output.complete:
            last = time.monotonic()
            after = position
            for run, after in feed.runs(position):
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


def _restored(stream: Stream, kept: Mapping[str, Any], output: Unfinished) -> Position:
    """The position to continue from; the stream is restored to its state there."""
    try:
        stream.restore(kept["stream"])
        position = position_of(kept["place"])
        if position.rows != stream.totals.rows:
            raise ValueError(f"{position.rows} rows were read, and {stream.totals.rows} filtered")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise fog.StateError(
            f"{output.checkpoint} has invalid content ({type(error).__name__}: {error}). Expected the checkpoint of "
            "the last run with --resume. Delete it to start over.",
            field=str(output.checkpoint),
            value=str(error),
        ) from error
    return position


def _write_text(file: IO[bytes], feed: _Feed, out: Path) -> None:
    for k, (run, _) in enumerate(feed.runs(None)):
        columns = run_columns(run)
        if not k:
            file.write(heading(out, columns))
        for lines in texts(columns, len(run.log)):
            file.write(lines)


def _write_parquet(file: IO[bytes], feed: _Feed, out: Path) -> None:
    """Write each part as a row group."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    writer: Any = None
    try:
        for run, _ in feed.runs(None):
            columns = run_columns(run)
            table = pyarrow.table({name: column.array() for name, column in columns})
            if writer is None:
                heading(out, columns)  # refuses duplicate names, which a table would merge
                writer = ParquetWriter(file, table.schema)
            writer.write_table(table)
        writer.close()
    finally:
        if writer is not None:
            writer.is_open = False  # otherwise it would write its footer into a closed file
