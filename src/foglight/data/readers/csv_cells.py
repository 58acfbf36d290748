"""The cells of a CSV file: a number, a missing value, or an error with line and column."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.data.readers.table_protocols import TextTable

if TYPE_CHECKING:
    from pathlib import Path

MISSING = frozenset({"", "NaN", "nan", "NA", "null"})
EXACT = 2**53  # float64 holds every integer up to here
LONGEST_SHOWN = 40  # characters of a cell in a message


def numbers(texts: Sequence[str], lines: Sequence[int], name: str, path: "Path") -> NDArray[np.float64]:
    """Values (T,) of one column, NaN where missing. Any other text that is not a decimal number is a DataError."""
    try:
        values = np.array([np.nan if text in MISSING else float(text) for text in texts], np.float64)
    except ValueError:
        raise _not_a_number(texts, lines, name, path) from None
    everything = "".join(texts)
    unread = int(np.isnan(values).sum()) - sum(text in MISSING for text in texts)
    if (
        unread or "_" in everything or not everything.isascii()
    ):  # float() accepts more than a CSV file should hold
        raise _not_a_number(texts, lines, name, path)
    return values


def check_digits(table: TextTable, name: str, values: NDArray[np.float64]) -> None:
    """Raise DataError for the first integer, written without a decimal point, beyond 2^53."""
    for row in np.flatnonzero(np.isfinite(values) & (np.abs(values) >= EXACT)).tolist():
        text = table.text(name, row)
        digits = text.strip().lstrip("+-").lstrip("0")
        if digits.isdigit() and (len(digits) > len(str(EXACT)) or int(digits) > EXACT):
            raise DataError(
                f"{table.spot(row, name)} = {brief(text)[1:-1]}: integers beyond 2^53 lose digits as float64. "
                f"Subtract an offset or scale the column first, or leave it out with ignore=.",
                field=name,
                index=table.index(row),
                value=text,
            )


def brief(text: str) -> str:
    """The text of a cell for a message, in quotes and shortened."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…")


def _not_a_number(texts: Sequence[str], lines: Sequence[int], name: str, path: "Path") -> DataError:
    line, text = next((line, text) for line, text in zip(lines, texts, strict=True) if not _is_number(text))
    return DataError(
        f"{path}, line {line}, column {name!r}: {brief(text)} is not a number: expected a decimal number, or an "
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
