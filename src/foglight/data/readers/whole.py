"""A whole file or dataframe as a log, with its rows in the given order or sorted."""

from collections.abc import Callable
from os import PathLike
from typing import Any

from foglight.core.errors import DataError
from foglight.data.readers.assembly import Assembly, LogFields, Piece, joined, log_fields, ordered
from foglight.data.readers.open import open_source
from foglight.data.readers.options import check_sortable, reading
from foglight.data.readers.position import Position
from foglight.data.readers.source import ROWS


def read(
    path: str | PathLike[str], *, sort: bool, progress: Callable[[int], None] | None, **options: Any
) -> LogFields:
    """The fields of the log of a file; the arguments are those of `Log.read`."""
    source = open_source(path, **options)
    if sort:
        check_sortable(source.reading)
    pieces = []
    for found in source.pieces(None, ROWS, ordered=not sort):
        piece, after, assembly = found
        pieces.append(piece)
        if progress is not None:
            progress(after.rows)
    return _log(joined(pieces), assembly, after, sort)


def from_frame(frame: Any, *, sort: bool, **options: Any) -> LogFields:
    """The fields of the log of a dataframe; the arguments are those of `Log.from_frame`."""
    from foglight.data.readers.frames import FrameRows, eager, with_index

    chosen = reading(**options)
    if sort:
        check_sortable(chosen)
    rows, library = eager(with_index(frame, chosen.sought))
    rows = rows.rename(chosen.renamed(rows.columns, "the frame"))
    values = chosen.values(rows.columns, "the frame")
    if not len(rows):
        raise DataError(
            "the frame has no rows: expected at least one. Check how it was made.", field="df", value=0
        )
    assembly = Assembly(chosen, values, [], ordered=not sort)
    piece, after = assembly.piece(FrameRows(rows), Position())
    return _log(piece, assembly, after, sort, library)


def _log(whole: Piece, assembly: Assembly, after: Position, sort: bool, library: str = "") -> LogFields:
    whole = ordered(whole) if sort else whole
    return log_fields(whole, assembly.tracks.names, assembly.reading, assembly.values, after, library)
