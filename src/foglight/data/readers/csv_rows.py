"""Rows of a CSV file as columns: split with arrays if the text is plain, with the csv module if it is not.

Both give the same numbers: `np.loadtxt` and `float` parse decimal text with the same routine.
"""

import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.data.readers import csv_cells, csv_stamps, stamp_text
from foglight.data.readers.csv_lines import MOST, Lines

CHUNK = 4_096  # rows converted to columns at a time: few enough to stay in the cache
WIDEST = 32  # bytes of a stamp that is read digit by digit from the bytes
_TOKENS = re.compile(rb"(?<=[,\n])(?:NA|null)(?=[,\n])")


class CsvRows(ABC):
    """Rows of a file as columns; lines (T,) are the numbers of their last lines."""

    sorts = True

    def __init__(self, path: Path, lines: Sequence[int]) -> None:
        self.rows = len(lines)
        self.path = path
        self.lines = lines

    @abstractmethod
    def floats(self, name: str) -> NDArray[np.float64]:
        """The nearest floats (T,) to the numbers of a column, NaN where missing; DataError with line and column."""

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Values (T,) of a column, NaN where missing. Raises DataError with line, column and text."""
        values = self.floats(name)
        csv_cells.check_digits(self, name, values)
        return values

    @abstractmethod
    def texts(self, name: str) -> list[str]:
        """Cells (T,) of a column."""

    def text(self, name: str, row: int) -> str:
        """One cell of a column."""
        return self.texts(name)[row]

    def time(self, name: str, unit: str, kind: str) -> tuple[NDArray[np.int64], str]:
        """Nanoseconds (T,) of a column of stamps, and their kind: numbers, or dates with or without a zone."""
        return csv_stamps.read(self, name, unit, kind)

    def digits(
        self, name: str, stamps: NDArray[np.float64], unit: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Nanoseconds (T,) of decimal stamps in a unit of `unit` nanoseconds, and by how much rounding changed them.

        stamps: the same numbers as floats.
        """
        return stamp_text.from_texts(self.texts(name), stamps, unit)

    def index(self, row: int) -> int:
        """The line of a row."""
        return self.lines[row]

    def labels(self, name: str) -> list[int | str]:
        """Cells (T,) of a column, without surrounding blanks."""
        return [text.strip() for text in self.texts(name)]

    def spot(self, row: int, name: str) -> str:
        """The name of a cell in messages."""
        return f"{self.path}, line {self.lines[row]}: {name}"


class Plain(CsvRows):
    """Rows without quotes, blank lines or unusual line ends, whose measurements are all decimal numbers.

    separators (T, columns + 1): offsets in `raw` of the line end before each row, and of the comma or line end after
    each of its cells.
    """

    def __init__(self, path: Path, first_line: int, raw: bytes, separators: NDArray[np.int64]) -> None:
        super().__init__(path, range(first_line, first_line + len(separators)))
        self.values: dict[str, NDArray[np.float64]] = {}
        self.columns: dict[str, int] = {}
        self._raw = raw
        self._separators = separators

    def floats(self, name: str) -> NDArray[np.float64]:
        """The nearest floats (T,) to the numbers of a column, NaN where missing."""
        if name in self.values:
            return self.values[name]
        return csv_cells.numbers(self.texts(name), self.lines, name, self.path)

    def texts(self, name: str) -> list[str]:
        """Cells (T,) of a column."""
        first, last = self._bounds(name)
        pairs = zip(first.tolist(), last.tolist(), strict=True)
        return [self._raw[a:b].decode().lstrip(" ") for a, b in pairs]

    def text(self, name: str, row: int) -> str:
        """One cell of a column."""
        k = self.columns[name]
        first, last = self._separators[row, k] + 1, self._separators[row, k + 1]
        return self._raw[first:last].decode().lstrip(" ")

    def digits(
        self, name: str, stamps: NDArray[np.float64], unit: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Nanoseconds (T,) of decimal stamps in a unit of `unit` nanoseconds, and by how much rounding changed them."""
        first, last = self._bounds(name)
        width = int((last - first).max())
        if width <= WIDEST:
            held = np.frombuffer(self._raw + bytes(width), np.uint8)
            within = np.arange(width)
            letters = held[first[:, None] + within] * (within < (last - first)[:, None])
            exact = stamp_text.from_letters(letters, unit)
            if exact is not None:
                return exact, np.zeros(len(exact))
        return super().digits(name, stamps, unit)

    def _bounds(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        k = self.columns[name]
        return self._separators[:, k] + 1, self._separators[:, k + 1]


class Cells(CsvRows):
    """Rows read by the csv module: with quotes, blank lines and any line ends."""

    def __init__(self, path: Path, lines: list[int], columns: dict[str, list[str]]) -> None:
        super().__init__(path, lines)
        self._columns = columns

    def floats(self, name: str) -> NDArray[np.float64]:
        """The nearest floats (T,) to the numbers of a column, NaN where missing."""
        return csv_cells.numbers(self._columns[name], self.lines, name, self.path)

    def texts(self, name: str) -> list[str]:
        """Cells (T,) of a column."""
        return self._columns[name]


def read(
    lines: Lines, names: Sequence[str], numeric: Collection[str], texts: Collection[str], count: int
) -> CsvRows:
    """The next rows: at most `count`, fewer if they are long, none at the end of the file.

    Only the columns in `numeric` and `texts` are held.
    """
    first, raw = lines.line + 1, lines.take(count)
    if raw is not None:
        found = _plain(lines.path, raw, names, [name for name in names if name in numeric], first)
        if found is not None:
            return found
        lines.give_back(raw)
    return _by_cells(lines, names, {*numeric, *texts}, count)


def _plain(path: Path, raw: bytes, names: Sequence[str], numeric: Sequence[str], first: int) -> Plain | None:
    """The rows of complete lines, or None if the csv module has to read them, or to find the error in them."""
    raw = raw.replace(b"\r\n", b"\n")
    if raw and not raw.endswith(b"\n"):
        raw += b"\n"
    if not raw or b'"' in raw or b"\r" in raw or b"\0" in raw:
        return None
    width = len(names)
    letters = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    commas = np.flatnonzero(letters == ord(","))
    if len(commas) != len(ends) * (width - 1):
        return None
    starts = np.concatenate(([-1], ends[:-1]))
    separators = np.column_stack([starts, commas.reshape(len(ends), width - 1), ends])
    lengths = np.diff(separators, axis=1)
    misplaced = (lengths < 1).any()  # a comma belongs to another line
    if misplaced or lengths.max() > csv.field_size_limit():
        return None
    table = Plain(path, first, raw, separators)
    table.columns = {name: k for k, name in enumerate(names)}
    if numeric:
        wanted = [table.columns[name] for name in numeric]
        try:
            values = np.loadtxt(
                io.BytesIO(_filled(raw, width)), delimiter=",", comments=None, ndmin=2,
                usecols=wanted if len(wanted) < width else None,
            )  # fmt: skip
        except ValueError:
            return None
        if values.shape != (len(ends), len(wanted)) or not _declared(raw, separators, values, wanted):
            return None
        table.values = {name: np.ascontiguousarray(values[:, k]) for k, name in enumerate(numeric)}
    return table


def _by_cells(lines: Lines, names: Sequence[str], kept: Collection[str], count: int) -> Cells:
    rows = csv.reader(lines, strict=True, skipinitialspace=True)
    columns: dict[str, list[str]] = {name: [] for name in names if name in kept}
    numbers: list[int] = []
    width = len(names)
    chunk: list[list[str]] = []
    begun = lines.offset

    def settle() -> None:
        for name, column in zip(names, zip(*chunk, strict=True), strict=True):
            if name in columns:
                columns[name].extend(column)
        chunk.clear()

    for row in rows:
        lines.row = lines.offset
        if len(row) != width:
            if not row and width > 1:
                continue
            if row:
                raise DataError(
                    f"{lines.path}, line {lines.line}: {len(row)} cells, but the header has {width}. "
                    f"Complete the row; empty cells are fine.",
                    field=str(lines.path),
                    index=lines.line,
                    value=len(row),
                )
            row = [""]  # a missing reading, in a file of one column
        chunk.append(row)
        numbers.append(lines.line)
        if len(chunk) == CHUNK:
            settle()
        if len(numbers) == count or lines.offset - begun >= MOST:
            break
    if chunk:
        settle()
    return Cells(lines.path, numbers, columns)


def _filled(raw: bytes, width: int) -> bytes:
    """The same lines with `nan` for each missing number, as `np.loadtxt` requires."""
    raw = b"\n" + raw
    if width == 1:
        holes: tuple[tuple[bytes, bytes], ...] = ((b"\n\n", b"\nnan\n"),) * 2
    else:
        holes = (*((b",,", b",nan,"),) * 2, (b",\n", b",nan\n"), (b"\n,", b"\nnan,"))
    for hole, full in holes:
        raw = raw.replace(hole, full)
    if b"NA" in raw or b"null" in raw:
        raw = _TOKENS.sub(b"nan", raw)
    return raw[1:]


def _declared(
    raw: bytes, separators: NDArray[np.int64], values: NDArray[np.float64], wanted: Sequence[int]
) -> bool:
    """Whether every NaN comes from a cell with a token for missing: `NAN` and `-nan` are not such tokens."""
    rows, columns = np.nonzero(np.isnan(values))
    at = np.asarray(wanted)[columns]
    first, last = separators[rows, at] + 1, separators[rows, at + 1]
    filled = last > first
    return all(
        raw[a:b].decode().lstrip(" ") in csv_cells.MISSING
        for a, b in zip(first[filled].tolist(), last[filled].tolist(), strict=True)
    )
