"""A Parquet file as a source: read in batches, a few row groups in memory at a time."""

from collections.abc import Iterator
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

MAGIC = b"PAR1"  # first and last in every file


class ParquetSource(Source):
    """Columns of floats or integers, with null or NaN where missing, and stamps of any type that holds a time."""

    def rows(self) -> int | None:
        """The rows, as the file's footer says."""
        with _file(self.path) as file:
            return int(file.metadata.num_rows)

    def pieces(
        self, place: Position | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Position, Assembly]]:
        """The pieces after a place, with the place after each, and what assembled them."""
        with _file(self.path) as file:
            names = list(file.schema_arrow.names)
            values = self.reading.values(names, str(self.path))
            place = place or Position()
            assembly = Assembly(self.reading, values, self._labels(file, place.rows), ordered=ordered)
            roles = [
                self.reading.track,
                self.reading.sensor,
                self.reading.time if self.reading.dt is None else None,
            ]
            wanted = [name for name in names if name in {*values, *roles}]
            for frame in _batches(file, wanted, place.offset, rows):
                table = FrameRows(frame, before=f"{self.path}: ", first=place.offset)
                piece, place = assembly.piece(table, place)
                place = replace(place, offset=place.rows, line=place.rows)
                yield piece, place, assembly
            if not place.rows:
                raise DataError(
                    f"{self.path} has no rows: expected at least one. Check that the recording was written.",
                    field=str(self.path),
                )

    def _labels(self, file: Any, rows: int) -> list[Label]:
        """The labels of the tracks in the first rows, in order: none of them may come back."""
        name = self.reading.track
        found: dict[Label, None] = {}
        if name is not None and rows:
            for frame in _batches(file, [name], 0, rows):
                found |= dict.fromkeys(FrameRows(frame[: max(rows, 0)]).labels(name))
                rows -= len(frame)
                if rows <= 0:
                    break
        return list(found)


def _batches(file: Any, names: list[str], first: int, rows: int) -> Iterator["nw.DataFrame[Any]"]:
    """Frames of so many rows, the last of fewer, from a row on; row groups before it are not read."""
    import pyarrow as pa

    groups, start, end = [], 0, 0
    for number in range(file.num_row_groups):
        end += file.metadata.row_group(number).num_rows
        if end > first:
            groups.append(number)
        else:
            start = end
    held: list[Any] = []
    count = start - first
    for batch in file.iter_batches(batch_size=rows, row_groups=groups, columns=names):
        held.append(batch if count >= 0 else batch.slice(-count))
        count += batch.num_rows
        while count >= rows:
            table = pa.Table.from_batches(held)
            yield nw.from_native(table.slice(0, rows), eager_only=True)
            held = table.slice(rows).to_batches()
            count -= rows
    if count > 0:
        yield nw.from_native(pa.Table.from_batches(held), eager_only=True)


@contextmanager
def _file(path: Path) -> Iterator[Any]:
    """The open file; what pyarrow refuses is an error of ours."""
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
            told = (str(error).splitlines() or [""])[0][:200]
            raise DataError(
                f"{path}: broken Parquet file: {told.rstrip('.')}. Copy or write the file again.",
                field=str(path),
            ) from error
