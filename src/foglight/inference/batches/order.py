"""The order of the rows: which series each belongs to, and which rows are where none should be."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError, FoglightError, TimeError
from foglight.core.timestamps import NS, NUMBER, time_text
from foglight.data.readers.options import Reading
from foglight.data.readers.time_order import warn_if_odd
from foglight.inference.batches.rows import Rows
from foglight.inference.batches.seen import Seen
from foglight.inference.batches.source import Chunk
from foglight.inference.batches.values import stamps, stamps_if_any

_NO_SERIES = "the row names no series"
_NO_TIME = "the row has no valid time"
_BACK = "the row is earlier than the row before it"
_RETURNED = "the series came back after others"


class Order:
    """Numbers the series of a stream, chunk by chunk. flag: rows out of order are refused; otherwise an error.

    It carries the series that is open, the time of its last row, and the names of all series so far.
    """

    def __init__(self, options: Reading, flag: bool) -> None:
        self.options = options
        self.flag = flag
        self._seen = Seen()
        self._open: Any = None  # the name of the open series
        self._number = -1  # its number
        self._newest: int | None = None  # the stamp of its last row
        self._kind: Any = ""

    def rows(self, chunk: Chunk) -> Rows:
        """The rows of a chunk. Without flag, raises DataError or TimeError for the first row that is out of order."""
        batch, count = chunk.batch, chunk.batch.num_rows
        keys = batch.column(0)
        if chunk.refused:
            nowhere, never = np.full(count, -1), np.zeros(count, np.int64)
            every = Rows(chunk.first, batch, never, nowhere, self._kind)
            return every.refusing(np.arange(count), chunk.refused)
        time_ns, bad = self._stamps(batch, chunk.first)
        if bad is None and not keys.null_count:
            found = self._in_order(chunk, keys, time_ns)
            if found is not None:
                return found
        return self._one_by_one(chunk, keys, time_ns, bad)

    def _in_order(self, chunk: Chunk, keys: Any, time_ns: NDArray[np.int64]) -> Rows | None:
        """The rows if all are where they should be, otherwise None."""
        import pyarrow.compute as pc

        begins = np.ones(len(keys), bool)
        begins[1:] = pc.not_equal(keys[1:], keys[:-1]).to_numpy(zero_copy_only=False)
        begins[0] = self._number < 0 or keys[0].as_py() != self._open
        back = np.flatnonzero(~begins[1:] & (time_ns[1:] < time_ns[:-1]))
        if back.size or (not begins[0] and self._newest is not None and time_ns[0] < self._newest):
            return None
        starts = np.flatnonzero(begins)
        new = keys.take(starts)
        if self._seen.any_known(new):
            return None
        self._seen.add(new)
        series = np.cumsum(begins) + self._number
        self._number, self._newest = int(series[-1]), int(time_ns[-1])
        if len(new):
            self._open = new[-1].as_py()
        return Rows(chunk.first, chunk.batch, time_ns, series, self._kind)

    def _one_by_one(
        self, chunk: Chunk, keys: Any, time_ns: NDArray[np.int64], bad: NDArray[np.bool_] | None
    ) -> Rows:
        """The rows, with those refused that are out of order."""
        labels = keys.to_pylist()
        series = np.full(len(labels), -1)
        wrong: dict[int, str] = {}
        for row, label in enumerate(labels):
            if label is None:
                wrong[row] = _NO_SERIES
            elif (label != self._open or self._number < 0) and label in self._seen.names:
                wrong[row] = _RETURNED
            else:
                if label != self._open or self._number < 0:
                    self._seen.names.add(label)
                    self._open, self._newest = label, None
                    self._number += 1
                series[row] = self._number
                stamp = int(time_ns[row])
                if bad is not None and bad[row]:
                    wrong[row] = _NO_TIME
                elif self._newest is not None and stamp < self._newest:
                    wrong[row] = _BACK
                else:
                    self._newest = stamp
            if row in wrong and not self.flag:
                raise self._error(wrong[row], chunk.first + row, label, int(time_ns[row]))
        rows = Rows(chunk.first, chunk.batch, time_ns, series, self._kind)
        for why in dict.fromkeys(wrong.values()):
            rows = rows.refusing(np.array([row for row, reason in wrong.items() if reason == why]), why)
        return rows

    def _error(self, why: str, row: int, label: Any, stamp: int) -> FoglightError:
        by, time = str(self.options.track), self.options.time
        remedy = f"Sort the stream by {by}, {time}; on_error='flag' leaves such rows out."
        if why == _NO_SERIES:
            return DataError.expected(
                by, None, "the name of the row's series", "Fill it in; on_error='flag' leaves such rows out.", index=row
            )  # fmt: skip
        if why == _RETURNED:
            return DataError(
                f"{by}[{row}] = {label!r} comes back after other series: expected the rows of each series together. "
                f"{remedy}", field=by, index=row, value=label,
            )  # fmt: skip
        assert self._newest is not None
        return TimeError(
            f"{time}[{row}] = {time_text(stamp, self._kind)} is earlier than the row before it of series {label!r}, "
            f"{time_text(self._newest, self._kind)}: expected rows in time order. {remedy}",
            field=time, index=row, value=stamp / NS,
        )  # fmt: skip

    def _stamps(self, batch: Any, first: int) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
        """Nanoseconds (T,), and which of them are none; None for that if all are valid."""
        column, options, known = batch.column(1), self.options, self._kind
        if self.flag:
            time_ns, bad, self._kind = stamps_if_any(column, options.time, options.unit, known)
        else:
            bad = None
            time_ns, self._kind = stamps(column, options.time, first, options.unit, known)
        if not known and bad is None:
            warn_if_odd(options.time, int(time_ns[0]), self._kind != NUMBER, options.unit)
        return time_ns, bad
