"""A recording on disk as a source of parts: each a log of its own, and a place from which the next reading goes on."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from foglight.core.errors import DataError
from foglight.data.readers.assembly import Assembly, Piece, as_log
from foglight.data.readers.options import Reading, reading
from foglight.data.readers.position import Part, Place

ROWS = 65_536  # of one part
ENDS = 65_536  # bytes at either end of a file by which it is known again
PARQUET = (".parquet", ".pq")

__all__ = ["Part", "Place", "Source", "open_source"]


class Source(ABC):
    """A file to be read in parts. The concatenation of its parts is the log, whatever their size."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading

    @abstractmethod
    def rows(self) -> int | None:
        """The rows of the log: exact, or an estimate from the size; None where that cannot be known beforehand."""

    @abstractmethod
    def pieces(
        self, place: Place | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Place, Assembly]]:
        """The pieces after a place, with the place after each, and what assembled them."""

    def identity(self) -> dict[str, int | str]:
        """size in bytes, and sha256 of the first and last 64 KiB: whether it is the same file as before."""
        if not self.path.is_file():
            raise DataError(
                f"{self.path} is no plain file: expected one that can be read again. Copy it to a file first.",
                field=str(self.path),
            )
        size = self.path.stat().st_size
        with spoken(self.path), self.path.open("rb") as file:
            digest = hashlib.sha256(file.read(ENDS))
            file.seek(max(size - ENDS, 0))
            digest.update(file.read(ENDS))
        return {"size": size, "sha256": digest.hexdigest()}

    def parts(self, place: Place | None = None, rows: int = ROWS) -> Iterator[Part]:
        """The parts of so many rows each, from the start or from a place that an earlier part gave.

        Raises DataError and TimeError as `Log.read` does, when the part that holds the fault is reached.
        """
        before = place or Place()
        for piece, after, assembly in self.pieces(place, rows):
            log = as_log(piece, assembly.tracks.names, self.reading, assembly.values, after)
            goes_on = before.rows > 0 and (piece.track is None or int(piece.track[0]) < before.tracks)
            yield Part(log, after, goes_on)
            before = after


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """What the system refuses, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}. Expected a readable file; check the path.", field=str(path)
        ) from error


def open_source(path: str | PathLike[str], **options: Any) -> Source:
    """The source of a CSV file or, by its suffix, a Parquet file; the options are those of `reading`.

    >>> for part in open_source("radar.csv", unit="ms").parts():
    ...     part.log, part.after
    """
    path, chosen = Path(path), reading(**options)
    if path.suffix.lower() in PARQUET:
        from foglight.data.readers.parquet import ParquetSource

        return ParquetSource(path, chosen)
    from foglight.data.readers.csv import CsvSource

    return CsvSource(path, chosen)
