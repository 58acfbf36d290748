"""A CSV file as a source: a header line, then one row per line."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from foglight.core import timestamps
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.data.readers import csv_rows
from foglight.data.readers.assembly import Assembly, Piece
from foglight.data.readers.csv_lines import Lines
from foglight.data.readers.position import Position
from foglight.data.readers.source import ENDS, ROWS, Source, spoken


class CsvSource(Source):
    """UTF-8 text with a header line. An empty cell, NaN, nan, NA and null mean missing."""

    def rows(self) -> int | None:
        """The rows, estimated from the length of the first and last lines."""
        with spoken(self.path):
            if not self.path.is_file():
                return None
        with spoken(self.path), self.path.open("rb") as file:
            header = len(file.readline(ENDS))
            size = self.path.stat().st_size - header
            ends = file.read(ENDS)
            file.seek(max(file.tell(), header + size - ENDS))
            ends += file.read(ENDS)
        lines = ends.count(b"\n") + (bool(ends) and not ends.endswith(b"\n"))
        return round(size / max(len(ends), 1) * lines)

    def pieces(
        self, position: Position | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Position, Assembly]]:
        """The pieces after a position, each with the position after it and the assembly that made it."""
        with spoken(self.path), self.path.open("rb") as file:
            lines = Lines(file, self.path)
            with _parsed(lines):
                names = list(self.reading.renamed(_header(lines), str(self.path)).values())
                values = self.reading.values(names, str(self.path))
                seen: list[Label] = []
                if position is not None and position.rows:
                    seen = self._labels(lines, names, position.rows)
                    lines = Lines(file, self.path, offset=position.offset, line=position.line)
            position = position or Position()
            assembly = Assembly(self.reading, values, seen, ordered=ordered)
            texts = {name for name in (self.reading.track, self.reading.sensor) if name is not None}
            while True:
                numeric, stamps = set(values), {self.reading.time} if self.reading.dt is None else set()
                if position.kind in ("", timestamps.NUMBER):
                    numeric |= stamps
                with _parsed(lines):
                    table = csv_rows.read(lines, names, numeric, texts | stamps, rows)
                if not table.rows:
                    break
                piece, position = assembly.piece(table, position)
                position = replace(position, offset=lines.offset, line=lines.line)
                yield piece, position, assembly
            if not position.rows:
                raise DataError(
                    f"{self.path} has a header but no rows: expected at least one. "
                    f"Check that the recording was written.",
                    field=str(self.path),
                )

    def _labels(self, lines: Lines, names: list[str], rows: int) -> list[Label]:
        """The labels of the tracks in the first rows, in order. None of these tracks may continue later."""
        name = self.reading.track
        found: dict[Label, None] = {}
        while name is not None and rows > 0:
            table = csv_rows.read(lines, names, (), (name,), min(rows, ROWS))
            if not table.rows:
                break
            found |= dict.fromkeys(table.labels(name))
            rows -= table.rows
        return list(found)


@contextmanager
def _parsed(lines: Lines) -> Iterator[None]:
    """Turn an error of the csv module into a DataError."""
    try:
        yield
    except csv.Error as error:
        raise DataError(
            f"{lines.path}, line {lines.line}: {error}. Expected one row of comma-separated cells per line; "
            f"look for an unbalanced quote.",
            field=str(lines.path),
            index=lines.line,
        ) from error


def _header(lines: Lines) -> list[str]:
    header = next(csv.reader(lines, strict=True, skipinitialspace=True), None)
    lines.row = lines.offset
    path = lines.path
    if not header:
        raise DataError(
            f"{path} is empty: expected a header line with the column names. Check that the recording was written.",
            field=str(path),
        )
    names = [name.strip() for name in header]
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise DataError(
            f"{path}: the header {names[0]!r} is one cell: expected commas between columns. "
            f"Write the file with commas, and with points as decimal marks.",
            field=str(path),
            value=names[0],
        )
    if "" in names:
        column = names.index("")
        raise DataError(
            f"{path}: column {column + 1} has no name: expected a header line with the column names.",
            field=str(path),
            index=column,
        )
    return names
