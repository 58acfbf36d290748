"""The tracks of a table, numbered in order of appearance. The rows of each must be together."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import LONGEST_NAME
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.data.readers.csv_cells import MISSING, brief
from foglight.data.readers.table_protocols import NumberedRows
from foglight.data.readers.time_order import in_order


class Tracks:
    """The tracks seen so far.

    names: their labels, in order. last: the track of the last row seen. ordered: False if the rows will be sorted, so
    that a track may continue after others.
    """

    def __init__(self, names: Iterable[Label] = (), *, ordered: bool = True) -> None:
        self.names = list(names)
        self.ordered = ordered
        self.last: Label | None = None
        self._numbers = {name: number for number, name in enumerate(self.names)}

    def number(
        self, rows: NumberedRows, column: str, labels: Sequence[Label], before: Label | None
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The number of each row's track, and which rows begin a track. before: the track of the row before, if any."""
        check_names(rows, column, labels)
        numbers = np.empty(len(labels), np.int64)
        starts = np.zeros(len(labels), bool)
        number = -1 if before is None else self._numbers[before]
        for row, label in enumerate(labels):
            if label != before:
                starts[row] = True
                number = self._numbers.setdefault(label, len(self.names))
                if number == len(self.names):
                    self.names.append(label)
                elif self.ordered:
                    raise DataError(
                        f"{rows.spot(row, column)} = {brief(str(label))} comes back after other tracks: expected the "
                        f"rows of each track together. {in_order(rows, 'track')}",
                        field=column,
                        index=rows.index(row),
                        value=label,
                    )
                before = label
            numbers[row] = number
        self.last = before
        return numbers, starts


def check_names(rows: NumberedRows, column: str, labels: Sequence[Label]) -> None:
    """Raise DataError for the first label that is missing or too long."""
    for label in dict.fromkeys(labels):
        if label in MISSING or len(str(label)) > LONGEST_NAME:
            row = labels.index(label)
            wrong = "is not a name" if label in MISSING else f"has more than {LONGEST_NAME} characters"
            raise DataError(
                f"{rows.spot(row, column)} = {brief(str(label))} {wrong}: expected a short name or number in "
                f"every row. Complete it.",
                field=column,
                index=rows.index(row),
                value=label,
            )
