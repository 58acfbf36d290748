"""What all smoothers share: tracks and rows in reverse, and the error of a row whose result is not finite."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends import interpreter
from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import SEEN, Kernel
from foglight.core.errors import REFUSED, NumericalError
from foglight.core.row_names import Rows
from foglight.core.types import Array
from foglight.inference.gaussians import Unknown

FEW = 32  # up to this many rows, interpreting is faster than compiling a kernel for them


class Scanned(NamedTuple):
    """What a smoother returns, in the log's order.

    records (tracks, T, width).  unknown: the directions that all readings leave unknown.  doubtful (tracks, T): the
    rows whose result contradicts a statement that must hold.
    """

    records: Array
    unknown: Unknown
    doubtful: NDArray[np.bool_]


class ReversedTrack(NamedTuple):
    """Rows of one track: track and rows are its position in records; number is that among the tracks of the log; arrays
    are those of the scan, in reverse."""

    track: int
    rows: slice
    number: slice
    arrays: Arrays
    unknown: Unknown


class Smoother(ABC):
    """Smooths rows that have been filtered.

    arrays: of the scan, in reverse.  unknown: the filter's unknown directions.
    """

    arrays: Arrays
    unknown: Unknown

    @abstractmethod
    def describe(self) -> str:
        """What computes the scan, in words."""

    @abstractmethod
    def scan(self, what: str, arrays: Arrays, unknown: Unknown, tracks: slice) -> Scanned:
        """As `run`, for the rows of tracks of which each begins at the first row, or for tracks without unknown
        directions. tracks: which ones of the log."""

    @abstractmethod
    def drawn(self, xi: Array) -> Array:
        """Trajectories (draws, tracks, T, n) for these standard normals; zeros give the smoothed means."""

    def run(self, what: str) -> Scanned:
        """The result for every row: a belief for SMOOTH, a covariance with the row after it for LAG_ONE."""
        if self.arrays.first is None or not len(self.unknown.rows):
            return self.scan(what, self.arrays, self.unknown, slice(None))
        parts = []
        for _, rows, number, arrays, unknown in self.reversed_tracks():
            found = self.scan(what, arrays, unknown, number)
            parts.append(found._replace(unknown=found.unknown._replace(rows=found.unknown.rows + rows.start)))
        records, left, doubtful = zip(*parts[::-1], strict=True)
        rows_left, A, w = (
            np.concatenate(arrays, axis=axis)
            for axis, arrays in zip((0, 1, 1), zip(*left, strict=True), strict=True)
        )
        return Scanned(
            np.concatenate(records, axis=1), Unknown(rows_left, A, w), np.concatenate(doubtful, axis=1)
        )

    def reversed_tracks(self) -> Iterator[ReversedTrack]:
        """The tracks one by one; where their rows follow one another, the last track first."""
        stop, ragged = len(self.arrays.dt), self.arrays.first is not None
        rows, A, w = self.unknown
        for track, one in enumerate(self.arrays.each()):
            at = slice(stop - len(one.dt), stop)
            number = len(self.arrays.carry) - 1 - track if ragged else track
            if ragged:
                mine, own, stop = (at.start <= rows) & (rows < at.stop), slice(0, 1), at.start
            else:
                mine, own = np.ones(len(rows), bool), slice(track, track + 1)
            unknown = Unknown(rows[mine] - at.start, A[own][:, mine], w[own][:, mine])
            yield ReversedTrack(0 if ragged else track, at, slice(number, number + 1), one, unknown)


def flat(A: Array) -> Array:
    """Directions (tracks, rows, n, d) in the order in which they are carried: (tracks, rows, d n)."""
    return A.swapaxes(2, 3).reshape(*A.shape[:2], -1)


def unflat(numbers: Array, n: int) -> Array:
    """Directions (tracks, rows, n, d) from the order in which they are carried: (tracks, rows, d n)."""
    return numbers.reshape(*numbers.shape[:2], numbers.shape[2] // n, n).swapaxes(2, 3)


def nothing_unknown(unknown: Unknown) -> Unknown:
    """No rows, of the same tracks and as many directions."""
    return Unknown(unknown.rows[:0], unknown.A[:, :0], unknown.w[:, :0])


def left_unknown(A: Array) -> Unknown:
    """The rows in which directions A (tracks, rows, n, d) are left, and these; a direction of zeros is known."""
    rows = np.flatnonzero((A != 0.0).any(axis=(0, 2, 3)))
    return Unknown(rows, A[:, rows], (A[:, rows] != 0.0).any(axis=2).astype(float))


def firsts_and_ends(arrays: Arrays) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last row of each track whose rows follow one another; of tracks side by side, one of each."""
    firsts = np.zeros(1, np.int64) if arrays.first is None else arrays.first
    return firsts, np.append(firsts[1:], len(arrays.dt)) - 1


def reversed_firsts(arrays: Arrays) -> NDArray[np.int64] | None:
    """`first` of these arrays in reverse."""
    return None if arrays.first is None else len(arrays.dt) - 1 - firsts_and_ends(arrays)[1][::-1]


def scanned(engine: Engine, arrays: Arrays, few: bool = False) -> tuple[Array, Array]:
    """Carry and records of the scan, or the error of its first bad row.

    few: so few rows that compiling is not worth it, unless they are on whole arrays; the interpreter gives the same
    bits.
    """
    if few and engine.same_bits and not engine.kernel.on_arrays:
        carry, records = interpreter.scan(engine.kernel, arrays)
    else:
        carry, records = engine.run(arrays)
    if any(int(seen) & int(REFUSED) for seen in carry[:, SEEN]):
        _raise_first_bad(engine.kernel, arrays)
    return carry, records


def reversed_rows(labels: Rows, rows: int) -> "ReversedRows":
    """The labels of all rows of some arrays, in reverse."""
    return ReversedRows(
        _flipped(labels.time_ns),
        _flipped(labels.track),
        labels.names,
        kind=labels.kind,
        last=labels.before + rows - 1,
    )


def _flipped(array: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    return None if array is None else array[::-1]


@dataclass(frozen=True)
class ReversedRows(Rows):
    """Rows in reverse order; `last` is the number in the log of the one that comes first here."""

    last: int = 0

    def number(self, k: int) -> int:
        return self.last - self.before - k


def _raise_first_bad(kernel: Kernel, arrays: Arrays) -> NoReturn:
    """The error of the first row of a scan whose result is not finite."""
    width = kernel.width
    kernel = replace(kernel, status=width, width=width + 1)
    for number, one in enumerate(arrays.each()):
        status = interpreter.scan(kernel, one)[1][0, :, width].astype(np.int64)
        bad = np.flatnonzero(status & int(REFUSED))
        if len(bad):
            k = int(bad[0])
            where = one.rows.where(k, str(number) if arrays.tracks > 1 else "")
            raise NumericalError(
                f"the smoothed belief of {where} is not finite: expected finite numbers. Check the motion and its "
                "noise at the row after it, or their units.",
                field="row", index=one.rows.number(k), value=one.rows.number(k),
            )  # fmt: skip
    raise NumericalError("a smoothed belief is not finite. Check the model.", field="row")
