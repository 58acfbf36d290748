"""Rows of the stream, each with the series that it belongs to, or why it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.timestamps import Kind


@dataclass(frozen=True)
class Rows:
    """Consecutive rows.

    first: the number of the first one in the stream; batch: their columns, first the names of series and the times;
    time_ns (T,); series (T,): the number of the series, counted through the stream, -1 for a row that belongs
    to none. refused (T,): None, or the number of the reason why a row is left out, 0 for those that are not; reasons:
    in words, of which the first is empty. kind: of the stamps.
    """

    first: int
    batch: Any
    time_ns: NDArray[np.int64]
    series: NDArray[np.int64]
    kind: Kind
    refused: NDArray[np.int64] | None = None
    reasons: tuple[str, ...] = ("",)

    def __len__(self) -> int:
        return len(self.time_ns)

    @property
    def keys(self) -> Any:
        """The names of their series, an Arrow array of strings or integers."""
        return self.batch.column(0)

    @property
    def kept(self) -> NDArray[np.int64] | None:
        """The rows that are not refused; None if all are kept."""
        return None if self.refused is None else np.flatnonzero(self.refused == 0)

    def part(self, first: int, last: int) -> "Rows":
        """Rows first … last - 1 of these."""
        return Rows(
            self.first + first,
            self.batch.slice(first, last - first),
            self.time_ns[first:last],
            self.series[first:last],
            self.kind,
            None if self.refused is None else self.refused[first:last],
            self.reasons,
        )

    def taken(self, rows: NDArray[np.int64]) -> "Rows":
        """Some of these rows, none of which is refused."""
        import pyarrow as pa

        at = pa.array(rows)
        return Rows(self.first, self.batch.take(at), self.time_ns[rows], self.series[rows], self.kind)

    def refusing(self, rows: NDArray[np.int64], why: str) -> "Rows":
        """The same, with these rows refused as well."""
        refused = np.zeros(len(self), np.int64) if self.refused is None else self.refused.copy()
        reasons = self.reasons if why in self.reasons else (*self.reasons, why)
        refused[rows] = reasons.index(why)
        return Rows(self.first, self.batch, self.time_ns, self.series, self.kind, refused, reasons)


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows that follow one another as one."""
    import pyarrow as pa

    if len(parts) == 1:
        return parts[0]
    reasons = tuple(dict.fromkeys(reason for part in parts for reason in part.reasons))
    refused = None
    if any(part.refused is not None for part in parts):
        numbers = [
            np.zeros(len(part), np.int64)
            if part.refused is None
            else np.array([reasons.index(reason) for reason in part.reasons])[part.refused]
            for part in parts
        ]
        refused = np.concatenate(numbers)
    table = pa.Table.from_batches([part.batch for part in parts]).combine_chunks()
    return Rows(
        parts[0].first,
        table.to_batches()[0],
        np.concatenate([part.time_ns for part in parts]),
        np.concatenate([part.series for part in parts]),
        parts[0].kind,
        refused,
        reasons,
    )
