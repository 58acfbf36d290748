"""A recording on disk, read piece by piece, each with the position from which reading continues."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foglight.core.errors import DataError
from foglight.data.readers.assembly import Assembly, Piece
from foglight.data.readers.options import Reading
from foglight.data.readers.position import Position

ROWS = 65_536  # in one part
ENDS = 65_536  # bytes at either end of a file that identify it


class Source(ABC):
    """A file that is read in pieces. Concatenated, the pieces are the log, whatever their size."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading

    @abstractmethod
    def rows(self) -> int | None:
        """The number of rows: exact, or an estimate from the file size; None if it cannot be known in advance."""

    @abstractmethod
    def pieces(
        self, position: Position | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Position, Assembly]]:
        """The pieces after a position, each with the position after it and the assembly that made it."""

    def identity(self) -> dict[str, int | str]:
        """size in bytes, and sha256 of the first and last 64 KiB, to recognise the same file later."""
        with spoken(self.path):
            regular = self.path.is_file()
        if not regular:
            raise DataError(
                f"{self.path} is not a regular file: expected one that can be read again. Copy it to a file first.",
                field=str(self.path),
            )
        size = self.path.stat().st_size
        with spoken(self.path), self.path.open("rb") as file:
            digest = hashlib.sha256(file.read(ENDS))
            file.seek(max(size - ENDS, 0))
            digest.update(file.read(ENDS))
        return {"size": size, "sha256": digest.hexdigest()}


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn an OSError raised inside the block into a DataError that names the path."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}. Expected a readable file; check the path.", field=str(path)
        ) from error
