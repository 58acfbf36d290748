"""The tracks of a table, numbered in order of appearance. The rows of each must be together."""

import operator
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import LONGEST_NAME
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.data.readers.csv_cells import MISSING, brief
from foglight.data.readers.table_protocols import NumberedRows
from foglight.data.readers.time_order import in_order

# One for each row: plain integers or strings, or an array of them.
Labels = Sequence[Label] | NDArray[np.integer] | NDArray[np.str_]


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
        self, rows: NumberedRows, column: str, labels: Labels, before: Label | None
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The number of each row's track, and which rows begin a track. before: the track of the row before, if any."""
        firsts = _changes(labels)
        heads = _at(labels, firsts)
        check_names(rows, column, heads, firsts)
        starts = np.zeros(len(labels), bool)
        starts[firsts] = True
        if heads and heads[0] == before:
            starts[0] = False
        self.last = before
        found = [
            self._number(rows, column, label, row) for label, row in zip(heads, firsts.tolist(), strict=True)
        ]
        return np.repeat(np.array(found, np.int64), np.diff(firsts, append=len(labels))), starts

    def _number(self, rows: NumberedRows, column: str, label: Label, row: int) -> int:
        """The number of the track that begins, or goes on, in this row."""
        if label != self.last:
            number = self._numbers.setdefault(label, len(self.names))
            if number == len(self.names):
                self.names.append(label)
            elif self.ordered:
                raise DataError(
                    f"{rows.spot(row, column)} = {brief(str(label))} comes back after other tracks: expected the rows "
                    f"of each track together. {in_order(rows, 'track')}",
                    field=column,
                    index=rows.index(row),
                    value=label,
                )
            self.last = label
        return self._numbers[label]


def _changes(labels: Labels) -> NDArray[np.intp]:
    """The first row, and every row whose label is not that of the row before."""
    if isinstance(labels, np.ndarray):
        changes = labels[1:] != labels[:-1]
    else:
        changes = np.fromiter(
            map(operator.ne, islice(labels, 1, None), labels), bool, max(0, len(labels) - 1)
        )
    return np.concatenate([np.arange(min(1, len(labels))), np.flatnonzero(changes) + 1])


def _at(labels: Labels, rows: NDArray[np.intp]) -> list[Label]:
    """The labels of these rows."""
    if isinstance(labels, np.ndarray):
        return list(labels[rows].tolist())
    return [labels[row] for row in rows.tolist()]


def check_names(
    rows: NumberedRows, column: str, labels: Sequence[Label], at: NDArray[np.intp] | None = None
) -> None:
    """Raise DataError for the first label that is missing or too long. at: the rows of the labels, if not all."""
    for label in dict.fromkeys(labels):
        if label in MISSING or len(str(label)) > LONGEST_NAME:
            first = labels.index(label)
            row = first if at is None else int(at[first])
            wrong = "is not a name" if label in MISSING else f"has more than {LONGEST_NAME} characters"
            raise DataError(
                f"{rows.spot(row, column)} = {brief(str(label))} {wrong}: expected a short name or number in "
                f"every row. Complete it.",
                field=column,
                index=rows.index(row),
                value=label,
            )
