"""A Parquet file as a source: read in batches, a few row groups in memory at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw

from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.data.readers.assembly import Assembly, Piece
from foglight.data.readers.frames import FrameRows
from foglight.data.readers.position import Position
from foglight.data.readers.source import Source, spoken

MAGIC = b"PAR1"  # the first and the last bytes of every file


class ParquetSource(Source):
    """Columns of floats or integers, with null or NaN where missing, and stamps of any type that holds a time."""

    def rows(self) -> int | None:
        """The number of rows, from the footer of the file."""
        with _file(self.path) as file:
            return int(file.metadata.num_rows)

    def pieces(
        self, position: Position | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Position, Assembly]]:
        """The pieces after a position, each with the position after it and the assembly that made it."""
        with _file(self.path) as file:
            names = self.reading.renamed(file.schema_arrow.names, str(self.path))
            values = self.reading.values(list(names.values()), str(self.path))
            position = position or Position()
            assembly = Assembly(
                self.reading, values, self._labels(file, names, position.rows), ordered=ordered
            )
            wanted = {old: new for old, new in names.items() if new in {*values, *self.reading.roles}}
            for frame in _batches(file, wanted, position.offset, rows):
                table = FrameRows(frame, before=f"{self.path}: ", first=position.offset)
                piece, position = assembly.piece(table, position)
                position = replace(position, offset=position.rows, line=position.rows)
                yield piece, position, assembly
            if not position.rows:
                raise DataError(
                    f"{self.path} has no rows: expected at least one. Check that the recording was written.",
                    field=str(self.path),
                )

    def _labels(self, file: Any, names: Mapping[str, str], rows: int) -> list[Label]:
        """The labels of the tracks in the first rows, in order. None of these tracks may continue later."""
        name = self.reading.track
        found: dict[Label, None] = {}
        if name is not None and rows:
            for frame in _batches(file, {old: new for old, new in names.items() if new == name}, 0, rows):
                found |= dict.fromkeys(FrameRows(frame[: max(rows, 0)]).labels(name))
                rows -= len(frame)
                if rows <= 0:
                    break
        return list(found)


def _batches(file: Any, names: Mapping[str, str], first: int, rows: int) -> Iterator["nw.DataFrame[Any]"]:
    """Frames of `rows` rows, the last one shorter, starting at row `first`. Row groups before it are not read.

    names: {name in the file: name in the frames} of the columns.
    """
    import pyarrow as pa

    def frame(table: Any) -> "nw.DataFrame[Any]":
        found: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
        return found.rename(dict(names))

    groups, start, end = [], 0, 0
    for number in range(file.num_row_groups):
        end += file.metadata.row_group(number).num_rows
        if end > first:
            groups.append(number)
        else:
            start = end
    held: list[Any] = []
    count = start - first
    for batch in file.iter_batches(batch_size=rows, row_groups=groups, columns=list(names)):
        held.append(batch if count >= 0 else batch.slice(-count))
        count += batch.num_rows
        while count >= rows:
            table = pa.Table.from_batches(held)
            yield frame(table.slice(0, rows))
            held = table.slice(rows).to_batches()
            count -= rows
    if count > 0:
        yield frame(pa.Table.from_batches(held))


@contextmanager
def _file(path: Path) -> Iterator[Any]:
    """The open file. An error of pyarrow becomes a DataError."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise DataError(
            f"{path}: reading Parquet needs pyarrow, which is not installed. Run pip install 'foglight[parquet]'.",
            field=str(path),
        ) from None
    with spoken(path), path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - len(MAGIC), 0))
        if file.read() != MAGIC or size < 3 * len(MAGIC):
            raise DataError(
                f"{path}: incomplete file: {size} bytes, no footer. Expected a Parquet file that was written to its "
                f"end; copy or write it again.",
                field=str(path),
                value=size,
            )
        try:
            with pq.ParquetFile(file) as opened:
                yield opened
        except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError) as error:
            reason = (str(error).splitlines() or [""])[0][:200]
            raise DataError(
                f"{path}: broken Parquet file: {reason.rstrip('.')}. Copy or write the file again.",
                field=str(path),
            ) from error
