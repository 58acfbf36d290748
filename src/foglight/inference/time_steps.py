"""The time that passes before each row, and jumps of the clock: rows that are farther off than `max_gap` allows.

Such a row is left out, since one stamp from the far future would make every row after it too old. If it was the clock
that jumped, the rows after it go on from there: once they have done so for longer than `max_gap`, and no row of the old
clock has come meanwhile, the filter follows.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number
from foglight.core.errors import Status, TimeError
from foglight.core.moments import stamp_on
from foglight.core.resolution import LAST_SECOND, NS
from foglight.core.timestamps import Kind, length_text, time_text
from foglight.data.log import Log
from foglight.data.readers.position import kind_of
from foglight.data.slicing import without_readings


class Clock(NamedTuple):
    """The clock of a filter, in nanoseconds. newest: the stamp of the last row that was taken.

    first, last: the stamps of the first and the last of the rows that have been left out since then, one after another
    on a clock of their own; None if there are none.
    """

    newest: int
    first: int | None = None
    last: int | None = None

    def after(self, stamp: int, most: int, late: int = 0) -> tuple[bool, bool, "Clock"]:
        """Whether a row is beyond max_gap, whether it is taken, and the clock after it.

        most, late: by how much it may be later, or earlier.
        """
        if -max(most, late) <= stamp - self.newest <= most:
            return False, True, Clock(max(stamp, self.newest))
        goes_on = self.last is not None and 0 <= stamp - self.last <= most
        first = self.first if goes_on and self.first is not None else stamp
        if stamp - first > most:
            return True, True, Clock(stamp)
        return True, False, Clock(self.newest, first, stamp)


@dataclass(frozen=True)
class TimeSteps:
    """The rows of a log in time. before (T,): the stamp from which a row is predicted, its own where nothing precedes.

    left_out (T,), followed (T,): rows beyond `max_gap`, and those at which the filter followed the clock; None if there
    are none. clock: after the last row. began (tracks,): the stamp of the start of each track.
    """

    before: NDArray[np.int64]
    began: NDArray[np.int64]
    clock: Clock | None = None
    left_out: NDArray[np.bool_] | None = None
    followed: NDArray[np.bool_] | None = None

    def received(self, log: Log) -> Log:
        """The log with nothing measured in the rows that were left out."""
        if self.left_out is None or not self.left_out.any():
            return log
        return replace(log, **without_readings(log, self.left_out))

    @property
    def bits(self) -> NDArray[np.int64] | None:
        """Status.TIME_JUMP of the rows; None if no row has it."""
        if self.left_out is None or self.followed is None:
            return None
        return (self.left_out | self.followed) * np.int64(Status.TIME_JUMP)


def time_steps(
    log: Log,
    start_time: Any,
    before: Clock | None = None,
    max_gap: float | None = None,
    *,
    on_bad: str = "flag",
    rows_before: int = 0,
    began: int | None = None,
) -> TimeSteps:
    """The rows of a log in time. before, began: where the first row continues a track, the clock after the row before
    it, and the stamp of the start of that track.

    start_time, max_gap, on_bad: as in `fog.run`. rows_before: the number of rows before this log in a longer one.
    Raises TimeError for a start_time after the first row, and with on_bad="raise" for a row beyond max_gap.
    """
    most, stamps, starts = span_of(max_gap), log.time_ns, np.flatnonzero(log.starts())
    previous = np.concatenate([stamps[:1], stamps[:-1]])
    previous[starts] = stamps[starts]
    if start_time is not None:
        previous[starts] = _started(log, starts, start_time)
    begins_at = previous[starts]
    if before is not None:
        previous[:1] = before.newest
    if before is not None and began is not None:
        begins_at[:1] = began
    if not len(stamps):
        return TimeSteps(previous, begins_at, before)
    pending = before is not None and before.first is not None
    if most is None or not (pending or (stamps - previous > most).any()):
        return TimeSteps(previous, begins_at, Clock(int(stamps[-1])))
    left_out, followed = np.zeros((2, len(stamps)), np.bool_)
    clock = Clock(int(previous[0])) if before is None else before
    begins = {*starts.tolist()} - ({0} if before is not None else set())
    for k, stamp in enumerate(stamps.tolist()):
        clock = Clock(int(previous[k])) if k in begins else clock
        newest = clock.newest
        beyond, taken, clock = clock.after(stamp, most)
        if not taken and on_bad == "raise":
            raise beyond_max_gap(stamp, newest, most, rows_before + k, kind_of(log.origin))
        previous[k] = newest if taken else stamp
        left_out[k], followed[k] = not taken, taken and beyond
    return TimeSteps(previous, begins_at, clock, left_out, followed)


def beyond_max_gap(stamp: int, newest: int, most: int, row: int, kind: Kind) -> TimeError:
    """The error for a row that is farther from the newest one than max_gap; all times in nanoseconds."""
    apart = f"{length_text(abs(stamp - newest), kind)} {'after' if stamp > newest else 'before'}"
    return TimeError(
        f"row {row} at {time_text(stamp, kind)} comes {apart} the row before it, at {time_text(newest, kind)}: "
        f"expected at most max_gap = {length_text(most, kind)}. Drop the row, or give a longer max_gap; on_bad='flag' "
        "leaves such rows out.",
        field="time",
        index=row,
        value=stamp / NS,
    )


def _started(log: Log, starts: NDArray[np.int64], start_time: Any) -> NDArray[np.int64]:
    """The stamp of the start of each track."""
    clock, firsts = kind_of(log.origin), log.time_ns[starts]
    found = np.array(
        [stamp_on(start_time, "start_time", clock, first) for first in firsts[:, None]], np.int64
    )
    late = np.flatnonzero(found > firsts)
    if late.size:
        first = int(firsts[late[0]])
        raise TimeError(
            f"start_time = {start_time}: after the first row at {time_text(first, clock)}. "
            "Expected it at or before; leave it out to start at the first row.",
            field="start_time",
            value=start_time,
        )
    return found


def span_of(max_gap: Any) -> int | None:
    """max_gap in nanoseconds. Raises TimeError unless it is a number of seconds above 0, or None."""
    if max_gap is None:
        return None
    if not is_number(max_gap) or not max_gap > 0.0:
        raise TimeError.expected(
            "max_gap", max_gap, "a number of seconds above 0", "Leave it out to take rows after any gap."
        )
    return round(min(float(max_gap), LAST_SECOND) * NS)
