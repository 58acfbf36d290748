"""A recording whose rows are sorted when it is read: it is held in memory as a whole."""

from collections.abc import Iterator
from dataclasses import replace

from foglight.data.readers.assembly import Assembly, Piece, joined, ordered, some_rows
from foglight.data.readers.options import check_sortable
from foglight.data.readers.position import Position
from foglight.data.readers.source import ROWS, Source


class SortedSource(Source):
    """Another source with its rows sorted by track, in order of first appearance, and by time."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.path, source.reading)
        check_sortable(source.reading)
        self.source = source

    def rows(self) -> int | None:
        """The number of rows of the other source."""
        return self.source.rows()

    def pieces(
        self, position: Position | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Position, Assembly]]:
        """The pieces after a position, each with the position after it and the assembly that made it."""
        whole, end, assembly = self._whole()
        first = 0 if position is None else position.rows
        while first < end.rows:
            after = min(first + rows, end.rows)
            piece = some_rows(whole, slice(first, after))
            tracks = 0 if piece.track is None else int(piece.track[-1]) + 1
            yield piece, replace(end, rows=after, line=after, tracks=tracks), assembly
            first = after

    def _whole(self) -> tuple[Piece, Position, Assembly]:
        """All rows, sorted, and the position and the assembly after them."""
        pieces = []
        for piece, position, assembly in self.source.pieces(None, ROWS, ordered=False):
            pieces.append(piece)
            end = position, assembly
        return ordered(joined(pieces)), *end
