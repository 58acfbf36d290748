"""Rows held back until their series has ended, since a smoother needs it whole."""

import numpy as np

from foglight.core import memory
from foglight.inference.batches.rows import Rows, joined


class WholeSeries:
    """Holds the rows of the series that is still open. bytes_a_row: what smoothing a row takes."""

    def __init__(self, bytes_a_row: int, by: str) -> None:
        self._bytes_a_row = bytes_a_row
        self._by = by
        self._held: list[Rows] = []

    def ended(self, rows: Rows) -> Rows | None:
        """The rows of all series that have ended; None if there are none. DataError if the open one is too long."""
        last = int(rows.series.max())
        if last < 0 and not self._held:  # rows that belong to none
            return rows
        opened = max((int(held.series.max()) for held in self._held), default=-1)
        cut = int(np.argmax(rows.series == last)) if last > opened else 0
        done = None
        if last > opened and (cut or self._held):
            done = joined([*self._held, *([rows.part(0, cut)] if cut else [])])
            self._held = []
        self._held.append(rows.part(cut, len(rows)) if cut else rows)
        count = sum(map(len, self._held))
        name = rows.keys[len(rows) - 1].as_py()
        memory.check_fits(
            self._bytes_a_row * count, f"{count} rows of series {name!r}, which a smoother needs whole,",
            "Ask for output='filtered', which needs no more than a part of a series at a time.", self._by, name,
        )  # fmt: skip
        return done

    def rest(self) -> Rows | None:
        """The rows that are held at the end of the stream."""
        return joined(self._held) if self._held else None
