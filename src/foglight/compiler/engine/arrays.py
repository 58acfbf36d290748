"""The arrays that a scan reads, and how its results are joined."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from foglight.core.row_names import NUMBERS_ONLY, Rows
from foglight.core.types import Array


@dataclass(frozen=True)
class Arrays:
    """The arrays that a scan reads, in the kernel's type, with one leading axis of tracks (1 = shared by all).

    They are kept C-contiguous, as compiled code reads them: a transposed array, or a slice, is copied.

    dt (rows,); u, row, z (tracks or 1, rows, width); params (params,); carry (tracks or 1, carried).
    first: None, or the first row of each of several tracks whose rows follow one another: then u, row and z
    have a leading axis of 1, and carry is (tracks, carried). rows: what error messages call the rows.
    """

    dt: Array
    u: Array
    row: Array
    z: Array
    params: Array
    carry: Array
    first: NDArray[np.int64] | None = None
    rows: Rows = NUMBERS_ONLY

    def __post_init__(self) -> None:
        for name in ("dt", "u", "row", "z", "params", "carry"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name)))

    @property
    def tracks(self) -> int:
        """How many tracks lie side by side, sharing their rows' times."""
        return 1 if self.first is not None else max(len(self.z), len(self.u), len(self.carry))

    def rows_of(self, first: int, last: int) -> "Arrays":
        """Rows first … last - 1 of tracks that share their times; the carry stays."""
        u, row, z = (a[:, first:last] for a in (self.u, self.row, self.z))
        return replace(self, dt=self.dt[first:last], u=u, row=row, z=z, rows=self.rows.since(first))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of rows of each track, of tracks whose rows follow one another."""
        assert self.first is not None
        return np.diff(self.first, append=len(self.dt))

    def parts_of(
        self, tracks: NDArray[np.int64], skipped: NDArray[np.int64], count: NDArray[np.int64]
    ) -> tuple["Arrays", NDArray[np.int64]]:
        """`count` rows of each of these tracks, after the first `skipped`, and the numbers of these rows.

        Of tracks whose rows follow one another, as they do in the result."""
        assert self.first is not None
        first = np.cumsum(count) - count
        rows = np.repeat(self.first[tracks] + skipped - first, count) + np.arange(count.sum())
        u, row, z = (a[:, rows] for a in (self.u, self.row, self.z))
        carry = self.carry[np.minimum(tracks, len(self.carry) - 1)]
        return Arrays(self.dt[rows], u, row, z, self.params, carry, first), rows

    def each(self) -> Iterator["Arrays"]:
        """The tracks one by one."""
        if self.first is not None:
            for k, (start, stop) in enumerate(pairwise([*self.first.tolist(), len(self.dt)])):
                at, alone = slice(start, stop), self.carry[k : k + 1]
                u, row, z = (a[:, at] for a in (self.u, self.row, self.z))
                yield Arrays(self.dt[at], u, row, z, self.params, alone, rows=self.rows.since(start))
            return
        for k in range(self.tracks):
            u, row, z, carry = (a[min(k, len(a) - 1)][None] for a in (self.u, self.row, self.z, self.carry))
            yield Arrays(self.dt, u, row, z, self.params, carry, rows=self.rows)


def placed(result: tuple[Array, Array], out: Array | None) -> tuple[Array, Array]:
    """A carry and its records, which are copied into `out` if given."""
    if out is None:
        return result
    out[:] = result[1]
    return result[0], out


def concatenated(results: Iterable[tuple[Array, Array]]) -> tuple[Array, Array]:
    """The results of tracks whose rows follow one another."""
    carries, records = zip(*results, strict=True)
    return np.concatenate(carries), np.concatenate(records, axis=1)
