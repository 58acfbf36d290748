"""Status bits that come from the log, not from the filter: rows after a gap, and rows that repeat a reading."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import Status, TimeError
from foglight.data.log import Log
from foglight.model.model import Model


@dataclass(frozen=True)
class ScanState:
    """The state of a filter after the rows so far, from which the next rows can continue.

    rows: how many rows so far; carry (carried,), None if the next row begins a track; stamp: time of the last row in
    nanoseconds; reports (M,): the last report of each sensor, where repeats are skipped.
    """

    rows: int = 0
    carry: NDArray[np.float64] | None = None
    stamp: int = 0
    reports: NDArray[np.float64] | None = None


def check_gap(gap: Any) -> None:
    """TimeError unless this is a number of seconds above 0, or None."""
    number = isinstance(gap, (int, float, np.number)) and not isinstance(gap, (bool, np.timedelta64))
    if gap is not None and not (number and gap > 0.0):
        raise TimeError.expected("gap", gap, "a number of seconds above 0", "Leave it out to flag no gaps.")


def row_marks(
    model: Model,
    log: Log,
    steps: NDArray[np.float64],
    gap: float | None,
    reports: NDArray[np.float64] | None = None,
) -> NDArray[np.int64] | None:
    """The status bits that follow from the log alone, AFTER_GAP and REPEATED; None if neither is asked for.

    steps (T,): seconds since the row before, 0 where a track begins. reports (M,): the last ones before the log.
    """
    skips = log.repeats == "skip"
    if gap is None and not skips:
        return None
    return bits_of(steps, gap, log.repeated(model, before=reports) if skips else None)


def bits_of(
    steps: NDArray[np.float64], gap: float | None, repeated: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """AFTER_GAP and REPEATED of rows. steps (T,), repeated (T,) or (tracks, T)."""
    late = np.zeros(len(steps), np.bool_) if gap is None else steps > gap
    again = np.zeros(len(steps), np.bool_) if repeated is None else repeated
    bits: NDArray[np.int64] = late * int(Status.AFTER_GAP) + again * int(Status.REPEATED)
    return bits
