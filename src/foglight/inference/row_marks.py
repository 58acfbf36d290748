"""Status bits that come from the log, not from the filter: rows after a gap, and rows that repeat a reading."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import Status, TimeError
from foglight.core.resolution import NS
from foglight.data.log import Log
from foglight.inference.time_steps import Clock, TimeSteps
from foglight.model.model import Model


@dataclass(frozen=True)
class ScanState:
    """The state of a filter after the rows so far, from which the next rows can continue.

    rows: how many rows so far; carry (carried,), None if the next row begins a track; clock: after the last row;
    reports (M,): the last report of each sensor, where repeats are skipped; controls (n_u,): of the last stamp; began:
    the stamp of the start of the last track.
    """

    rows: int = 0
    carry: NDArray[np.float64] | None = None
    clock: Clock | None = None
    reports: NDArray[np.float64] | None = None
    controls: NDArray[np.float64] | None = None
    began: int | None = None


def check_gap(gap: Any) -> None:
    """TimeError unless this is a number of seconds above 0, or None."""
    number = isinstance(gap, (int, float, np.number)) and not isinstance(gap, (bool, np.timedelta64))
    if gap is not None and not (number and gap > 0.0):
        raise TimeError.expected("gap", gap, "a number of seconds above 0", "Leave it out to flag no gaps.")


def row_marks(
    model: Model,
    log: Log,
    steps: TimeSteps,
    gap: float | None,
    after: ScanState | None = None,
) -> NDArray[np.int64] | None:
    """The status bits that follow from the log alone, AFTER_GAP, REPEATED and TIME_JUMP; None if no row has one.

    after: the rows before the log, from whose last one the first row continues a track.
    """
    skips, jumps = log.repeats == "skip", steps.bits
    if gap is None and not skips and jumps is None:
        return None
    dt = (log.time_ns - steps.before) / NS
    starts = log.starts()
    starts[:1] &= after is None or after.carry is None
    dt[starts] = 0.0
    reports = None if after is None else after.reports
    marks = bits_of(dt, gap, steps.received(log).repeated(model, before=reports) if skips else None)
    return marks if jumps is None else marks | jumps


def bits_of(
    steps: NDArray[np.float64], gap: float | None, repeated: NDArray[np.bool_] | None
) -> NDArray[np.int64]:
    """AFTER_GAP and REPEATED of rows. steps (T,), repeated (T,) or (tracks, T)."""
    late = np.zeros(len(steps), np.bool_) if gap is None else steps > gap
    again = np.zeros(len(steps), np.bool_) if repeated is None else repeated
    bits: NDArray[np.int64] = late * int(Status.AFTER_GAP) + again * int(Status.REPEATED)
    return bits
