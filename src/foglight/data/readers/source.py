"""A recording on disk, read piece by piece, each with the position from which the next reading goes on."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foglight.core.errors import DataError
from foglight.data.readers.assembly import Assembly, Piece
from foglight.data.readers.options import Reading
from foglight.data.readers.position import Position

ROWS = 65_536  # of one part
ENDS = 65_536  # bytes at either end of a file by which it is known again


class Source(ABC):
    """A file to be read in pieces. The concatenation of its pieces is the log, whatever their size."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading

    @abstractmethod
    def rows(self) -> int | None:
        """The rows of the log: exact, or an estimate from the size; None where that cannot be known beforehand."""

    @abstractmethod
    def pieces(
        self, place: Position | None, rows: int, *, ordered: bool = True
    ) -> Iterator[tuple[Piece, Position, Assembly]]:
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


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """What the system refuses, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}. Expected a readable file; check the path.", field=str(path)
        ) from error
