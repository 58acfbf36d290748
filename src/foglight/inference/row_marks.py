"""What is said of a log's rows beside the filter: what errors call them, which come after a gap or repeat."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import Status, TimeError
from foglight.data.log import Log
from foglight.model.model import Model


@dataclass(frozen=True)
class ScanState:
    """Where the rows so far leave a filter, so that the rows after them can go on from there.

    rows: so many; carry (carried,), None where the next row begins a track; stamp: the last row's, in nanoseconds;
    reports (M,): the last of each sensor, where repeats of them are skipped.
    """

    rows: int = 0
    carry: NDArray[np.float64] | None = None
    stamp: int = 0
    reports: NDArray[np.float64] | None = None


def check_gap(gap: Any) -> None:
    """TimeError unless this is a number of seconds above 0, or None."""
    number = isinstance(gap, (int, float, np.number)) and not isinstance(gap, (bool, np.timedelta64))
    if gap is not None and not (number and gap > 0.0):
        raise TimeError(
            f"gap = {gap!r}: expected a number of seconds above 0. Leave it out if no gap needs to be told.",
            field="gap",
            value=gap,
        )


def row_marks(
    model: Model,
    log: Log,
    steps: NDArray[np.float64],
    gap: float | None,
    reports: NDArray[np.float64] | None = None,
) -> NDArray[np.int64] | None:
    """The status bits that the log itself earns its rows, AFTER_GAP and REPEATED; None where there can be none.

    steps (T,): seconds since the row before, 0 where a track begins. reports (M,): just before the log.
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
