"""The last rows of a live filter, kept so that a late reading can be inserted where it belongs.

A window of rows with the carry before each. A late row is inserted after the rows with the same or an earlier stamp,
and all rows after it go through the compiled scan again, in one call: the result is that of the rows in order.
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
from foglight.inference.elapsed import elapsed, with_time
from foglight.inference.row_marks import bits_of
from foglight.live.stepper import Stepper
from foglight.model.model import Model

_SPARE_ROWS = 16  # rows of memory allocated beyond those in use


@dataclass(frozen=True)
class Marks:
    """The status bits that do not come from the filter: gaps and repeated readings.

    gap: seconds, or None. sizes: how many components each sensor has, where repeated readings are skipped; empty
    where all are kept.
    """

    gap: float | None
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, model: Model, gap: float | None, repeats: str) -> "Marks":
        """The marks that these options ask for."""
        return cls(gap, tuple([len(s.measures) for s in model.sensors]) if repeats == "skip" else ())

    def apply(self, dt: Array, z: Array, reports: Array) -> tuple[Array, NDArray[np.int64], Array]:
        """Mark rows dt (T,), z (T, M). reports (M,): the last report of each sensor before these rows.

        Returns z without repeats, the status bits of the rows, and the last reports after them.
        """
        if not self.sizes:
            return z, bits_of(dt, self.gap, None), reports
        starts = np.zeros(len(z), np.bool_)
        repeated = repeats.repeated(z, self.sizes, starts, reports)
        last = repeats.last_reports(z, self.sizes, starts, reports)
        return (
            repeats.without(z, self.sizes, repeated),
            bits_of(dt, self.gap, np.asarray(repeated.any(axis=1))),
            last,
        )


class HistoryTable(NamedTuple):
    """Rows as arrays, with spare rows at the end.

    stamps: nanoseconds. z: as it was given. u: the controls. late: whether the row came late. status: its bits.
    carries: the carry before each row and after the last, one more than there are rows.
    """

    stamps: NDArray[np.int64]
    z: Array
    u: Array
    late: NDArray[np.bool_]
    status: NDArray[np.int64]
    carries: Array

    @classmethod
    def empty(cls, room: int, width: int, controls: int, carried: int) -> "HistoryTable":
        """A table with room for this many rows."""
        whole = (np.empty(room, np.int64), np.empty((room, width)), np.empty((room, controls)))
        return cls(*whole, np.zeros(room, np.bool_), np.zeros(room, np.int64), np.empty((room + 1, carried)))

    def copied(self, first: int, last: int, room: int, free: int | None = None) -> "HistoryTable":
        """Rows first … last - 1 and their carries in a new table; with `free`, that row is left free to be filled."""
        new = HistoryTable.empty(room, self.z.shape[1], self.u.shape[1], self.carries.shape[1])
        rows = last - first
        before = rows if free is None else free
        for old, block in zip(self[:5], new[:5], strict=True):
            block[:before] = old[first : first + before]
            block[before + 1 : rows + 1] = old[first + before : last]
        new.carries[: rows + 1] = self.carries[first : last + 1]
        return new


class History:
    """Rows first … last - 1 of a table.

    span: nanoseconds that are kept. before: the stamp of the row before `first`, or of the start; None where nothing
    comes before. reports (M,): the last report of each sensor before `first`.
    """

    def __init__(self, span: int, before: int | None, reports: Array, table: HistoryTable, rows: int) -> None:
        self.span = span
        self.before = before
        self.reports = reports
        self.table = table
        self.first, self.last = 0, rows

    @classmethod
    def starting(cls, span: int, before: int | None, carry: Array, width: int, controls: int) -> "History":
        """No rows yet. carry: the one before the first row."""
        table = HistoryTable.empty(_SPARE_ROWS, width, controls, len(carry))
        table.carries[0] = carry
        return cls(span, before, np.full(width, np.nan), table, 0)

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def widths(self) -> tuple[int, int]:
        """The numbers of components and of controls in a row."""
        return self.table.z.shape[1], self.table.u.shape[1]

    def put(self, stamp: int, z: Array, u: Array, status: int, carry: Array) -> None:
        """Write the newest row after the last one; it counts once `last` has been increased."""
        if self.last == len(self.table.stamps):
            rows = len(self)
            table = self.table.copied(self.first, self.last, 2 * rows + _SPARE_ROWS)
            self.table, self.first, self.last = table, 0, rows
        table, k = self.table, self.last
        table.stamps[k], table.z[k], table.u[k], table.late[k], table.status[k] = stamp, z, u, False, status
        table.carries[k + 1] = carry

    def without_old(self, newest: int, marks: Marks) -> tuple[int, int | None, Array]:
        """`first`, `before` and `reports` without rows older than the span: no late row can be inserted before them.

        The caller stores them, together with what else a new row changes.
        """
        first, before, reports, oldest = self.first, self.before, self.reports, newest - self.span
        while first < self.last and self.table.stamps[first] < oldest:
            if marks.sizes:
                reports = marks.apply(np.zeros(1), self.table.z[first : first + 1], reports)[2]
            before, first = int(self.table.stamps[first]), first + 1
        return first, before, reports

    def accepts(self, stamp: int, newest: int) -> bool:
        """Whether a late row with this stamp can be inserted: not older than the span, nor before the start."""
        return newest - stamp <= self.span and (self.before is None or stamp >= self.before)

    def carry_at(self, stamp: int) -> tuple[Array, int] | None:
        """A copy of the carry after the last row of this stamp or earlier, and that row's stamp; None if dropped."""
        k = self.insertion_index(stamp)
        since = int(self.table.stamps[k - 1]) if k > self.first else self.before
        return None if since is None or stamp < since else (self.table.carries[k].copy(), since)

    def controls_at(self, stamp: int) -> bytes | None:
        """The controls of the last row with this stamp; None if there is no such row."""
        k = self.insertion_index(stamp) - 1
        return self.table.u[k].tobytes() if k >= self.first and self.table.stamps[k] == stamp else None

    def with_late_row(self, stamp: int, z: Array, u: Array | None) -> tuple["History", int]:
        """A new history with a late row inserted, and the index of that row. Nothing is recomputed yet.

        u: None for the controls of the row after it, which acted all the time since the row before.
        """
        k = self.insertion_index(stamp)
        at, rows = k - self.first, len(self)
        table = self.table.copied(self.first, self.last, rows + _SPARE_ROWS, at)
        control = self.table.u[k] if u is None else u
        table.stamps[at], table.z[at], table.u[at], table.late[at], table.status[at] = (
            stamp,
            z,
            control,
            True,
            0,
        )
        return History(self.span, self.before, self.reports, table, rows + 1), at

    def recompute(
        self, k: int, stepper: Stepper, marks: Marks, number: int, began: int | None
    ) -> tuple[Array, Arrays]:
        """Compute rows k … last - 1 from the carry before them: their records, and the arrays that were read.

        number: of row k, for error messages.  began: the stamp of the start, for a model that takes the time.  Raises
        DataError where controls are needed that were never given.
        """
        table, tail, skip = self.table, slice(k, self.last), k - self.first
        dt = self._time_steps()
        z, bits, _ = marks.apply(dt, table.z[self.first : self.last], self.reports)
        u = table.u[tail]
        arrays = Arrays(
            dt[skip:],
            (u if began is None else with_time(u, elapsed(table.stamps[tail], began)))[None],
            np.zeros((1, self.last - k, 0)),
            z[None, skip:],
            stepper.params,
            table.carries[k : k + 1].copy(),
            rows=Rows(table.stamps[tail], before=number, kind=stepper.clock),
        )
        acting = arrays.u[0, :, : len(stepper.model.motion.controls)]
        if (np.isnan(acting).any(axis=1) & (arrays.dt > 0.0)).any():
            raise DataError(
                "u: a row earlier than the first one needs the controls that acted from it to the first row. Expected "
                "them with the first row. Give the first row its u, or drop this one.",
                field="u",
            )
        kernel = stepper.kernel
        records = stepper.run(arrays)[1][0]
        status, n = records[:, kernel.status].astype(np.int64), len(kernel.carry)
        table.status[tail] = status | bits[skip:] | np.where(table.late[tail], int(Status.LATE), 0)
        # The sums are accumulated one row after the other, as the scan does it.
        after = table.carries[k + 1 : self.last + 1]
        after[:, :n] = records[:, :n]
        after[:, n] = np.add.accumulate([arrays.carry[0, n], *records[:, kernel.sums + 1]])[1:]
        after[:, n + 2 :] = stepper.unknown_after(arrays)
        after[:, n + 1] = np.bitwise_or.accumulate([int(arrays.carry[0, n + 1]), *status])[1:]
        return records, arrays

    def last_reports(self, marks: Marks) -> Array:
        """The last report of each sensor, after all rows."""
        return marks.apply(np.zeros(len(self)), self.table.z[self.first : self.last], self.reports)[2]

    def copy(self) -> "History":
        """The same rows, in memory of their own."""
        table = self.table.copied(self.first, self.last, len(self) + _SPARE_ROWS)
        return History(self.span, self.before, self.reports, table, len(self))

    def insertion_index(self, stamp: int) -> int:
        """The index at which a row with this stamp is inserted: after the rows with the same stamp."""
        return self.first + int(
            np.searchsorted(self.table.stamps[self.first : self.last], stamp, side="right")
        )

    def _time_steps(self) -> Array:
        """Seconds from the row before to each row."""
        stamps = self.table.stamps[self.first : self.last]
        before = stamps[0] if self.before is None else self.before
        return np.diff(stamps, prepend=np.int64(before)) / NS
