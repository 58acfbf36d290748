"""One track of a result: its rows, its times as an axis, and a note on which track it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import ModelError
from foglight.core.text import listed
from foglight.core.timestamps import NS, NUMBER
from foglight.data.columns import times_of
from foglight.data.log import Log
from foglight.data.readers.position import kind_of

_CLOCK = (1_000_000_000 * NS, 4_102_444_800 * NS)  # 9 September 2001, and 1 January 2100
_THINNED = 4_000  # rows from which a note says that not all of them are drawn


@dataclass(frozen=True)
class Track:
    """The rows of one track.

    number: of the track.  rows: which rows of a log whose tracks follow one another, None for all.  shared: whether
    arrays have an axis of tracks.  time (T,): seconds, or dates.  label: of the time axis.  notes: what to write.
    """

    number: int
    rows: NDArray[np.int64] | None
    shared: bool
    time: NDArray[Any]
    label: str
    notes: tuple[str, ...]

    def of(self, array: NDArray[Any]) -> NDArray[Any]:
        """The rows of this track of an array of all tracks (T, …) or (tracks, T, …)."""
        if self.shared:
            return np.asarray(array[self.number])
        return array if self.rows is None else np.asarray(array[self.rows])


def track_of(
    log: Log,
    track: Any = None,
    time_ns: NDArray[np.int64] | None = None,
    numbers: NDArray[np.int64] | None = None,
) -> Track:
    """The track of a log with this name or number; the first one if none is named. ModelError if there is none such.

    time_ns, numbers: stamps and tracks of rows that are not those of the log.
    """
    if time_ns is None:
        time_ns, numbers = log.time_ns, log.track
    names: list[Any] = []
    if log.tracks is not None or numbers is not None:
        names = list(range(log.tracks)) if log.tracks is not None else list(log.track_names)
    number = _number(names, track)
    rows = None if numbers is None else np.flatnonzero(numbers == number)
    stamps = time_ns if rows is None else time_ns[rows]
    notes: tuple[str, ...] = ()
    if len(names) > 1:
        notes = (f"Track {names[number]!r} of {len(names)}; choose another with track=.",) if track is None else (
            f"Track {names[number]!r}.",
        )  # fmt: skip
    if len(stamps) > _THINNED:
        notes = (*notes, f"{len(stamps):,} rows, thinned to their extremes.")
    return Track(number, rows, log.tracks is not None, *_times(log, stamps), notes)


def _number(names: list[Any], track: Any) -> int:
    """The number of a track."""
    if track is None:
        return 0
    for known in (names, [str(name) for name in names]):
        if track in known:
            return known.index(track)
    found = (
        f"one of {listed([str(name) for name in names])}" if names else "none, since the log has no tracks"
    )
    raise ModelError.expected("track", track, found, "Correct it, or leave it out.")


def _since_1970(stamps: NDArray[np.int64]) -> bool:
    """Whether numbers are stamps of a computer's clock: seconds since 1970, in this century's first hundred years."""
    return bool(len(stamps)) and bool(stamps.min() >= _CLOCK[0]) and bool(stamps.max() < _CLOCK[1])


def _times(log: Log, stamps: NDArray[np.int64]) -> tuple[NDArray[Any], str]:
    """Stamps as an axis, and its label."""
    if log.calendar is not None:
        return times_of(stamps, log.calendar), ""
    if kind_of(log.origin) != NUMBER or _since_1970(stamps):
        return stamps.astype("datetime64[ns]"), "time (UTC)"
    return stamps / NS, "time (s)"
