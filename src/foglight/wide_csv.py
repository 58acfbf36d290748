"""A wide CSV file in: one row per stamp, one column per measurement, an empty cell where nothing came."""

import csv
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foglight import stamps
from foglight.errors import DataError, TimeError

MISSING = frozenset({"", "NaN", "nan", "NA", "null"})
CHUNK = 4_096  # rows turned into numbers at a time: few enough to stay in the cache

Progress = Callable[[int], None]


def read(
    path: Path, *, time: str | None, ignore: Collection[str], progress: Progress | None = None
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Stamps in nanoseconds (none without a time column) and {column: values (T,)}, NaN where missing.

    path: UTF-8 text with a header. time: the column of seconds. ignore: columns not to read.
    Missing is an empty cell or one of NaN, nan, NA, null; any other text that is no decimal number is a
    DataError with its line and column. `progress` is called with the number of rows read so far.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True, skipinitialspace=True)
            header = _header(next(rows, None), path, time)
            return _body(rows, header, time, ignore, path, progress)
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}. Expected a readable CSV file; check the path.", field=str(path)
        ) from error
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except csv.Error as error:
        raise DataError(
            f"{path}, line {rows.line_num}: {error}. Expected one row of comma-separated cells per line; "
            f"look for an unbalanced quote.",
            field=str(path),
            index=rows.line_num,
        ) from error


def _not_utf8(path: Path) -> DataError:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.object[error.start]:#04x} at offset {error.start}"
        return DataError(
            f"{path}: {found} is not UTF-8. Save the file as UTF-8.", field=str(path), index=error.start
        )
    return DataError(f"{path} changed while it was read. Read it again.", field=str(path))


def _header(header: list[str] | None, path: Path, time: str | None) -> list[str]:
    if not header:
        raise DataError(f"{path} is empty: expected a header line with the column names.", field=str(path))
    names = [name.strip() for name in header]
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise DataError(
            f"{path}: the header {names[0]!r} is one cell: expected commas between columns. "
            f"Write the file with commas, and with points as decimal marks.",
            field=str(path),
            value=names[0],
        )
    for position, name in enumerate(names):
        if name in names[:position]:
            raise DataError(
                f"{path}: two columns are called {name!r}: expected one of each. Rename or drop one.",
                field=name,
                index=position,
            )
        if not name:
            raise DataError(
                f"{path}: column {position + 1} has no name: expected a header line with the column names.",
                field=str(path),
                index=position,
            )
    if time is not None and time not in names:
        raise DataError(
            f"{path} has no column {time!r}: found {', '.join(names)}. "
            f"Name the time column with time=, or give the step with dt=.",
            field=time,
            value=names,
        )
    return names


def _body(
    rows: Iterator[list[str]],
    header: list[str],
    time: str | None,
    ignore: Collection[str],
    path: Path,
    progress: Progress | None,
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    width = len(header)
    stamp_parts: list[NDArray[np.int64]] = []
    parts: dict[str, list[NDArray[np.float64]]] = {
        name: [] for name in header if name != time and name not in ignore
    }
    numbered = _numbered(rows, width, path)
    last: int | None = None
    count = 0
    while chunk := list(islice(numbered, CHUNK)):
        lines = [line for line, _ in chunk]
        cells = dict(zip(header, zip(*(row for _, row in chunk), strict=True), strict=True))
        for name, values in parts.items():
            values.append(_numbers(cells[name], lines, name, path))
        if time is not None:
            part = _stamps(cells[time], lines, time, path)
            _check_order(part, last, lines, time, path)
            last = int(part[-1])
            stamp_parts.append(part)
        count += len(chunk)
        if progress is not None:
            progress(count)
    if not count:
        raise DataError(
            f"{path} has a header but no rows: expected at least one. Check that the recording was written.",
            field=str(path),
        )
    ns = np.concatenate(stamp_parts) if time is not None else np.empty(0, np.int64)
    if time is not None:
        stamps.apart(time, ns)
    return ns, {name: np.concatenate(values) for name, values in parts.items()}


def _numbered(rows: Iterator[list[str]], width: int, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line numbers. A blank line is a missing reading in a file of one column."""
    for row in rows:
        if len(row) != width:
            if not row and width > 1:
                continue
            if row:
                line = rows.line_num  # type: ignore[attr-defined]
                raise DataError(
                    f"{path}, line {line}: {len(row)} cells, but the header has {width}. "
                    f"Complete the row; empty cells are fine.",
                    field=str(path),
                    index=line,
                    value=len(row),
                )
            row = [""]
        yield rows.line_num, row  # type: ignore[attr-defined]


def _numbers(texts: tuple[str, ...], lines: list[int], name: str, path: Path) -> NDArray[np.float64]:
    try:
        values = np.array([np.nan if text in MISSING else float(text) for text in texts])
    except ValueError:
        raise _no_number(texts, lines, name, path) from None
    everything = "".join(texts)
    unread = int(np.isnan(values).sum()) - sum(text in MISSING for text in texts)
    if unread or "_" in everything or not everything.isascii():  # float() takes more than a CSV should hold
        raise _no_number(texts, lines, name, path)
    return values


def _no_number(texts: tuple[str, ...], lines: list[int], name: str, path: Path) -> DataError:
    line, text = next((line, text) for line, text in zip(lines, texts, strict=True) if not _is_number(text))
    shown = text if len(text) <= 40 else text[:40] + "…"
    return DataError(
        f"{path}, line {line}, column {name!r}: {shown!r} is no number: expected a decimal number, or an "
        f"empty cell, NaN, nan, NA or null for a missing one. Clean the cell, or leave out "
        f"the column with ignore=.",
        field=name,
        index=line,
        value=text,
    )


def _is_number(text: str) -> bool:
    if text in MISSING:
        return True
    try:
        return text.isascii() and "_" not in text and float(text) == float(text)
    except ValueError:
        return False


def _stamps(texts: tuple[str, ...], lines: list[int], name: str, path: Path) -> NDArray[np.int64]:
    try:
        seconds = _numbers(texts, lines, name, path)
    except DataError as error:
        raise TimeError(
            f"{path}, line {error.index}: {name} = {str(error.value)[:40]!r}: expected seconds as a decimal number. "
            f"Convert dates and clock times to seconds first.",
            field=name,
            index=error.index,
            value=error.value,
        ) from None
    bad = np.flatnonzero(~(np.abs(seconds) < stamps.LAST_SECOND))
    if bad.size:
        row = int(bad[0])
        if texts[row] in MISSING:
            raise TimeError(
                f"{path}, line {lines[row]}: {name} is {texts[row]!r}, no time: every row needs a stamp. "
                f"Drop the row or give it one.",
                field=name,
                index=lines[row],
                value=texts[row],
            )
        raise TimeError(
            f"{path}, line {lines[row]}: {name} = {texts[row]} lies more than 292 years from zero: expected seconds. "
            f"Convert milliseconds, microseconds or nanoseconds first.",
            field=name,
            index=lines[row],
            value=texts[row],
        )
    return stamps.from_text(texts, seconds)


def _check_order(part: NDArray[np.int64], last: int | None, lines: list[int], name: str, path: Path) -> None:
    before = np.concatenate(([part[0] if last is None else last], part[:-1]))
    back = np.flatnonzero(part < before)
    if back.size:
        row = int(back[0])
        raise TimeError(
            f"{path}, line {lines[row]}: {name} = {stamps.seconds_text(int(part[row]))} s is earlier than the row "
            f"before it, {stamps.seconds_text(int(before[row]))} s: rows must be in time order. "
            f"Sort the file by time.",
            field=name,
            index=lines[row],
            value=int(part[row]) / stamps.NS,
        )
