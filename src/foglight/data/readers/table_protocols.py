"""The interface that readers use for rows of a file, of a dataframe or of arrays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.core.row_names import Label

if TYPE_CHECKING:
    from pathlib import Path


class NumberedRows(Protocol):
    """The names of rows in messages. sorts: whether the user can pass sort=True."""

    sorts: bool

    def index(self, row: int) -> int:
        """The index of a row in errors."""

    def spot(self, row: int, name: str) -> str:
        """The name of a column's entry in messages."""


class ColumnTable(NumberedRows, Protocol):
    """Rows as columns."""

    rows: int

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Values (T,) of a column, NaN where missing."""

    def labels(self, name: str) -> list[Label]:
        """Names (T,) in a column."""

    def time(self, name: str, unit: str, kind: str) -> tuple[NDArray[np.int64], str]:
        """Nanoseconds (T,) of a column of stamps, and their kind."""


class TextTable(NumberedRows, Protocol):
    """Rows as columns of text."""

    path: "Path"
    lines: Sequence[int]

    def floats(self, name: str) -> NDArray[np.float64]:
        """The nearest floats (T,) to the numbers of a column, NaN where missing."""

    def text(self, name: str, row: int) -> str:
        """One cell of a column."""

    def texts(self, name: str) -> list[str]:
        """Cells (T,) of a column."""

    def digits(
        self, name: str, stamps: NDArray[np.float64], unit: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Nanoseconds (T,) of decimal stamps in a unit of `unit` nanoseconds, and by how much rounding changed them.

        stamps: the same numbers as floats.
        """
