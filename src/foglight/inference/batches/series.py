"""What a summary says of series, added up row by row, so that it does not depend on where the stream is cut."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.kernel import LOGLIK
from foglight.core.types import Array
from foglight.inference.batches.output import REFUSED, belief_columns
from foglight.inference.batches.rows import Rows
from foglight.inference.batches.scan import Part

Whole = NDArray[np.int64]


@dataclass
class Series:
    """Series, one after another.

    number: of the first one. keys, time: Arrow arrays of their names and of the times of their last rows. rows,
    readings, loglik, nis (series,): counts of rows and of components used, and sums; belief (series, columns): the
    last one; status, message (series,).
    """

    number: int
    keys: Any
    time: Any
    rows: Whole
    readings: Whole
    loglik: Array
    nis: Array
    belief: Array
    status: Whole
    message: list[str | None]

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, first: int, last: int) -> "Series":
        """Some of them."""
        at = slice(first, last)
        own = {name: values[at] for name, values in vars(self).items() if name != "number"}
        return Series(self.number + first, **own)

    @property
    def mean_nis(self) -> Array:
        """The NIS of a reading (series,): 1 if the model is right; NaN without readings."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(self.readings > 0, self.nis / np.maximum(self.readings, 1), np.nan))

    def add(self, part: Part, at: Whole, of: Whole) -> Whole:
        """Add a run. at: its rows in the chunk; of: which series each belongs to. Returns where each series ends."""
        run = part.run
        used, count = ~np.isnan(run.nis), len(self)
        self.readings += np.bincount(of, (~np.isnan(run.innovation)).sum(axis=1), count).astype(np.int64)
        # One after the other, as bincount adds, beginning with the sums so far.
        self.nis = np.bincount(np.append(np.arange(count), of[used]), np.append(self.nis, run.nis[used]))
        np.bitwise_or.at(self.status, of, run.status)
        ends = np.append(np.flatnonzero(np.diff(of)), len(of) - 1)
        self.loglik[of[ends]] = run._carry[:, LOGLIK]
        last = belief_columns(run.filtered._at(ends))
        self.belief[of[ends]] = np.stack([values for _, values in last], axis=1)
        return ends

    def refuse(self, of: Whole, reasons: list[str]) -> None:
        """Note that a row of each of these was left out, and why."""
        self.status[of] |= REFUSED
        for k, why in zip(of.tolist(), reasons, strict=True):
            self.message[k] = self.message[k] or why


def empty(number: int, count: int, columns: int) -> Series:
    """So many series of which nothing is known."""
    whole, nothing = np.zeros(count, np.int64), np.full(count, np.nan)
    return Series(
        number, None, None, whole, whole.copy(), nothing, np.zeros(count), np.full((count, columns), np.nan),
        whole.copy(), [None] * count,
    )  # fmt: skip


def continued(before: Series | None, rows: Rows, parts: list[Part], columns: int) -> Series:
    """The series that was open before, continued by these rows, and those that begin in them.

    columns: how many numbers a belief has.
    """
    import pyarrow as pa

    number = 0 if before is None else before.number
    belongs = np.flatnonzero(rows.series >= 0)
    of = rows.series - number
    found = empty(number, int(of.max()) + 1, columns)
    if before is not None:
        for name in ("rows", "readings", "loglik", "nis", "belief", "status", "message"):
            getattr(found, name)[0] = getattr(before, name)[0]
    found.rows += np.bincount(of[belongs], minlength=len(found))
    last = np.full(len(found), -1)
    for part in parts:
        at = np.arange(len(rows)) if part.at is None else part.at
        ends = at[found.add(part, at, of[at])]
        last[of[ends]] = ends
    if rows.refused is not None:
        lost = belongs[rows.refused[belongs] > 0]
        found.refuse(of[lost], [rows.reasons[k] for k in rows.refused[lost].tolist()])
    first = belongs[np.flatnonzero(np.diff(of[belongs], prepend=-1))]
    keys = rows.keys.take(pa.array(first if before is None else first[of[first] > 0]))
    times = rows.batch.column(1).take(pa.array(last, mask=last < 0))
    if before is not None:
        keys = pa.concat_arrays([before.keys, keys])
        times = times if last[0] >= 0 else pa.concat_arrays([before.time, times[1:]])
    return replace(found, keys=keys, time=times)


def strays(rows: Rows, columns: int) -> Series:
    """Rows that belong to no series, each stretch of one name and one reason as one."""
    import pyarrow as pa

    assert rows.refused is not None
    at = np.flatnonzero(rows.series < 0)
    names = rows.keys.take(pa.array(at)).to_pylist()
    marks = list(zip(names, rows.refused[at].tolist(), strict=True))
    begins = np.array([k for k, mark in enumerate(marks) if not k or mark != marks[k - 1]])
    ends = np.append(begins[1:], len(marks))
    found = empty(-1, len(begins), columns)
    found.rows += ends - begins
    found.refuse(np.arange(len(begins)), [rows.reasons[marks[k][1]] for k in begins])
    keys, times = rows.keys.take(pa.array(at[begins])), rows.batch.column(1).take(pa.array(at[ends - 1]))
    return replace(found, keys=keys, time=times)
