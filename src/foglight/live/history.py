"""The last rows of a live filter, kept so that a late reading can be put where it belongs.

A window of rows with the carry before each. A late row goes in after the rows of its own stamp or earlier, and all
rows after it go through the compiled scan again, in one call: what comes out is what the rows in order would give.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core.errors import DataError, Status
from foglight.core.row_names import Rows
from foglight.core.timestamps import NS
from foglight.core.types import Array
from foglight.data import repeats
from foglight.inference.row_marks import bits_of
from foglight.live.stepper import Machine
from foglight.model.model import Model

_FEWEST = 16  # rows that there is room for at first


@dataclass(frozen=True)
class Marks:
    """What is said of rows beside the filter. gap: seconds, or None; sizes: how many components each sensor has,
    where repeated readings are skipped; empty where all are kept."""

    gap: float | None
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, model: Model, gap: float | None, repeats: str) -> "Marks":
        """The marks that these options ask for."""
        return cls(gap, tuple([len(s.measures) for s in model.sensors]) if repeats == "skip" else ())

    def apply(self, dt: Array, z: Array, reports: Array) -> tuple[Array, NDArray[np.int64], Array]:
        """For rows dt (T,), z (T, M) after the last reports (M,) of each sensor: z without repeats, the bits of the
        rows, and the last reports then."""
        if not self.sizes:
            return z, bits_of(dt, self.gap, None), reports
        starts = np.zeros(len(z), np.bool_)
        again = repeats.repeated(z, self.sizes, starts, reports)
        last = repeats.last_reports(z, self.sizes, starts, reports)
        return (
            repeats.without(z, self.sizes, again),
            bits_of(dt, self.gap, np.asarray(again.any(axis=1))),
            last,
        )


class HistoryTable(NamedTuple):
    """Rows as arrays, with room for more: stamp, z as it was given, u, whether late, status; and the carry before
    each row and after the last, one more than rows."""

    stamps: NDArray[np.int64]
    z: Array
    u: Array
    late: NDArray[np.bool_]
    status: NDArray[np.int64]
    carries: Array

    @classmethod
    def empty(cls, room: int, width: int, controls: int, carried: int) -> "HistoryTable":
        """Room for so many rows."""
        whole = (np.empty(room, np.int64), np.empty((room, width)), np.empty((room, controls)))
        return cls(*whole, np.zeros(room, np.bool_), np.zeros(room, np.int64), np.empty((room + 1, carried)))

    def moved(self, first: int, last: int, room: int, hole: int | None = None) -> "HistoryTable":
        """Rows first … last - 1 and their carries in a new table, with a row to be filled at `hole` if asked."""
        new = HistoryTable.empty(room, self.z.shape[1], self.u.shape[1], self.carries.shape[1])
        rows = last - first
        before = rows if hole is None else hole
        for old, block in zip(self[:5], new[:5], strict=True):
            block[:before] = old[first : first + before]
            block[before + 1 : rows + 1] = old[first + before : last]
        new.carries[: rows + 1] = self.carries[first : last + 1]
        return new


class History:
    """Rows first … last - 1 of a table.

    span: nanoseconds that are kept. before: the stamp of the row before `first`, or of the start; None where nothing
    comes before. reports (M,): what each sensor said last before `first`.
    """

    def __init__(self, span: int, before: int | None, reports: Array, table: HistoryTable, rows: int) -> None:
        self.span = span
        self.before = before
        self.reports = reports
        self.table = table
        self.first, self.last = 0, rows

    @classmethod
    def starting(cls, span: int, before: int | None, carry: Array, width: int, controls: int) -> "History":
        """No rows yet; carry: what the first will find."""
        table = HistoryTable.empty(_FEWEST, width, controls, len(carry))
        table.carries[0] = carry
        return cls(span, before, np.full(width, np.nan), table, 0)

    def __len__(self) -> int:
        return self.last - self.first

    def put(self, stamp: int, z: Array, u: Array, status: int, carry: Array) -> None:
        """Write the newest row behind the last; it counts once `last` has been moved."""
        if self.last == len(self.table.stamps):
            rows = len(self)
            table = self.table.moved(self.first, self.last, 2 * rows + _FEWEST)
            self.table, self.first, self.last = table, 0, rows
        table, k = self.table, self.last
        table.stamps[k], table.z[k], table.u[k], table.late[k], table.status[k] = stamp, z, u, False, status
        table.carries[k + 1] = carry

    def drop(self, newest: int, marks: Marks) -> None:
        """Forget the rows that no late row can precede any more."""
        oldest = newest - self.span
        while self.first < self.last and self.table.stamps[self.first] < oldest:
            k, reports = self.first, self.reports
            if marks.sizes:
                reports = marks.apply(np.zeros(1), self.table.z[k : k + 1], reports)[2]
            stamp = int(self.table.stamps[k])
            self.before, self.first, self.reports = stamp, k + 1, reports

    def takes(self, stamp: int, newest: int) -> bool:
        """Whether a late row of this stamp has its place here: not older than the span, nor before the start."""
        return newest - stamp <= self.span and (self.before is None or stamp >= self.before)

    def carry_at(self, stamp: int) -> tuple[Array, int] | None:
        """A copy of the carry after the last row of this stamp or earlier, and that row's stamp; None if forgotten."""
        k = self.place(stamp)
        since = int(self.table.stamps[k - 1]) if k > self.first else self.before
        return None if since is None or stamp < since else (self.table.carries[k].copy(), since)

    def with_late(self, stamp: int, z: Array, u: Array | None) -> tuple["History", int]:
        """These rows and a late one, and its place. What follows from it is not computed yet.

        u: None for the control of the row after it, which acted all the time since the row before.
        """
        k = self.place(stamp)
        at, rows = k - self.first, len(self)
        table = self.table.moved(self.first, self.last, rows + _FEWEST, at)
        control = self.table.u[k] if u is None else u
        table.stamps[at], table.z[at], table.u[at], table.late[at], table.status[at] = (
            stamp,
            z,
            control,
            True,
            0,
        )
        return History(self.span, self.before, self.reports, table, rows + 1), at

    def again(self, k: int, machine: Machine, marks: Marks, number: int) -> tuple[Array, Arrays]:
        """Compute rows k … last - 1 from the carry before them: their records, and what was read for them.

        number: of row k, for errors. Raises DataError where a control is needed that nobody gave.
        """
        table, tail, skip = self.table, slice(k, self.last), k - self.first
        dt = self._since()
        z, bits, _ = marks.apply(dt, table.z[self.first : self.last], self.reports)
        arrays = Arrays(
            dt[skip:],
            table.u[None, tail],
            np.zeros((1, self.last - k, 0)),
            z[None, skip:],
            machine.params,
            table.carries[k : k + 1].copy(),
            rows=Rows(table.stamps[tail], before=number),
        )
        if (np.isnan(arrays.u[0]).any(axis=1) & (arrays.dt > 0.0)).any():
            raise DataError(
                "u: a row before the first one needs the controls that acted from it to that one. Expected them with "
                "the first row. Give the first row its u, or drop this one.",
                field="u",
            )
        kernel = machine.kernel
        records = machine.run(arrays)[1][0]
        said, n = records[:, kernel.status].astype(np.int64), len(kernel.carry)
        table.status[tail] = said | bits[skip:] | np.where(table.late[tail], int(Status.LATE), 0)
        # The sums as the scan makes them: one row after the other.
        after = table.carries[k + 1 : self.last + 1]
        after[:, :n] = records[:, :n]
        after[:, n] = np.add.accumulate([arrays.carry[0, n], *records[:, kernel.sums + 1]])[1:]
        after[:, n + 2 :] = machine.unknown_after(arrays)
        after[:, n + 1] = np.bitwise_or.accumulate([int(arrays.carry[0, n + 1]), *said])[1:]
        return records, arrays

    def last_reports(self, marks: Marks) -> Array:
        """What each sensor said last of all."""
        return marks.apply(np.zeros(len(self)), self.table.z[self.first : self.last], self.reports)[2]

    def copy(self) -> "History":
        """The same rows, to go their own way."""
        table = self.table.moved(self.first, self.last, len(self) + _FEWEST)
        return History(self.span, self.before, self.reports, table, len(self))

    def place(self, stamp: int) -> int:
        """Where a row of this stamp goes: after the rows of equal stamp."""
        return self.first + int(
            np.searchsorted(self.table.stamps[self.first : self.last], stamp, side="right")
        )

    def _since(self) -> Array:
        """Seconds from row to row, of every row."""
        stamps = self.table.stamps[self.first : self.last]
        before = stamps[0] if self.before is None else self.before
        return np.diff(stamps, prepend=np.int64(before)) / NS
