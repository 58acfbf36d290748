"""The lines of a text file, with the number of bytes before each, so that reading can stop and continue anywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from foglight.core.errors import DataError

BLOCK = 1 << 18  # bytes read at a time
LONGEST = (
    1 << 20
)  # bytes of one row: a file without line ends, or an unclosed quote, must not fill the memory
MOST = 1 << 24  # bytes of rows held at a time, whatever the number of rows
MARK = b"\xef\xbb\xbf"  # the byte order mark of UTF-8, at the start of a file


class Lines:
    """Lines as text, each with its line end. `offset` and `line` count the bytes and lines returned so far.

    A line ends with LF, CR or CRLF. A row of more than LONGEST bytes, or a line that is not UTF-8, is a DataError.
    `row` is the offset at which the current row began; the caller sets it.
    """

    def __init__(self, file: BinaryIO, path: Path, *, offset: int = 0, line: int = 0) -> None:
        self.path = path
        self.offset = self.row = offset
        self.line = line
        self._file = file
        self._held = b""  # read, and not returned yet
        self._split: Iterator[bytes] = iter(())
        self._ended = False
        if offset:
            file.seek(offset)
        else:
            self._read()
            if self._held.startswith(MARK):
                self._held = self._held[len(MARK) :]
                self.offset = self.row = len(MARK)

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._split, None)
        while raw is None:
            raw = self._split_more()
        self.offset += len(raw)
        self.line += 1
        if self.offset - self.row > LONGEST:
            raise self._too_long(self.line)
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise self._not_utf8(error, self.offset - len(raw)) from None

    def take(self, count: int) -> bytes | None:
        """The bytes of the next `count` lines; of fewer at the end of the file, or if the lines are long.

        None if the text has no LF line ends: then iterate line by line.
        """
        pieces = [b"".join(self._split) + self._held]
        self._split, self._held = iter(()), b""
        found, size = pieces[0].count(b"\n"), len(pieces[0])
        while found < count and size < MOST and not self._ended:
            more = self._file.read(BLOCK)
            self._ended = not more
            pieces.append(more)
            ends = more.count(b"\n")
            found, size = found + ends, size + len(more)
            if more and not ends:
                break
        held = b"".join(pieces)
        if found and size >= MOST:
            count = min(count, found)
        if found >= count:
            end = int(np.flatnonzero(np.frombuffer(held, np.uint8) == ord("\n"))[count - 1]) + 1
            taken, self._held = held[:end], held[end:]
        elif self._ended:
            taken = held
        else:
            self._held = held
            return None
        try:
            taken.decode()
        except UnicodeDecodeError as error:
            raise self._not_utf8(error, self.offset) from None
        self.offset += len(taken)
        self.row = self.offset
        self.line += _count(taken)
        return taken

    def give_back(self, taken: bytes) -> None:
        """Undo the last call, which must have been `take`."""
        self._held = taken + self._held
        self.offset -= len(taken)
        self.row = self.offset
        self.line -= _count(taken)

    def _read(self) -> None:
        more = self._file.read(BLOCK)
        self._ended = not more
        self._held += more

    def _split_more(self) -> bytes | None:
        """Split the held bytes into lines; the last may be incomplete, and stays held."""
        self._read()
        pieces = self._held.splitlines(keepends=True)
        self._held = b""
        if pieces and not self._ended:
            self._held = pieces.pop()  # also if it ends with CR: an LF may follow
        if not pieces and len(self._held) > LONGEST:
            raise self._too_long(self.line + 1)
        self._split = iter(pieces)
        if not pieces and self._ended:
            raise StopIteration
        return next(self._split, None)

    def _too_long(self, line: int) -> DataError:
        return DataError(
            f"{self.path}, line {line}: the row has more than {LONGEST} bytes, expected a line of cells. "
            f"Check that this is a CSV file, and its quotes.",
            field=str(self.path),
            index=line,
        )

    def _not_utf8(self, error: UnicodeDecodeError, offset: int) -> DataError:
        position = offset + error.start
        return DataError(
            f"{self.path}: byte {error.object[error.start]:#04x} at offset {position} is not UTF-8. "
            f"Save the file as UTF-8.",
            field=str(self.path),
            index=position,
        )


def _count(taken: bytes) -> int:
    return taken.count(b"\n") + (bool(taken) and not taken.endswith(b"\n"))
