"""What is said of a log's rows beside the filter: what errors call them, which come after a gap or repeat."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import Status, TimeError
from foglight.data.readers.position import Label

if TYPE_CHECKING:
    from foglight.data.log import Log
    from foglight.model.model import Model


@dataclass(frozen=True)
class Rows:
    """Rows of a log, from row `before` on.

    time_ns (T,) and track (T,), where they are known; names: the labels of the tracks that `track` counts.
    """

    time_ns: NDArray[np.int64] | None = None
    track: NDArray[np.int64] | None = None
    names: tuple[Label, ...] = ()
    before: int = 0

    def since(self, first: int) -> "Rows":
        """These rows without the first few."""
        time_ns, track = (None if a is None else a[first:] for a in (self.time_ns, self.track))
        return replace(self, time_ns=time_ns, track=track, before=self.before + first)

    def number(self, k: int) -> int:
        """The row's number in the whole log."""
        return self.before + k

    def where(self, k: int, track: str = "") -> str:
        """Row k in words: `row 12 (t = 1.2 s, track a)`. track: what to call it where the rows do not tell."""
        told = [] if self.time_ns is None else [f"t = {self.time_ns[k] * 1e-9:.9g} s"]
        if self.track is not None:
            track = str(self.names[int(self.track[k])])
        told += [f"track {track}"] * bool(track)
        return f"row {self.number(k)}" + f" ({', '.join(told)})" * bool(told)


UNTOLD = Rows()


@dataclass(frozen=True)
class Standing:
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
    model: "Model",
    log: "Log",
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
