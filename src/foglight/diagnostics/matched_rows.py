"""Which row of a truth belongs to each row of a log: the nearest in time, if it is near enough.

Equal stamps belong together. So do stamps that differ by no more than two roundings of floats at that time, since one
of them may have gone through seconds as floats, which resolve 0.24 µs on a clock that counts from 1970.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.resolution import NS
from foglight.core.timestamps import time_text
from foglight.data.log import Log
from foglight.data.readers.position import kind_of

LEAST = 0.1  # of the rows that could have truth: fewer are an accident, and not a truth on the same clock

Rows = NDArray[np.int64]


class Match(NamedTuple):
    """at (rows,): the truth's row for each row of the log, -1 for none; off (rows,): nanoseconds to the nearest one.

    possible: the number of rows that could have one: of log or truth, those within the span of the other, the fewer.
    """

    at: Rows
    off: Rows
    possible: int


def matched_rows(truth: Log, log: Log, within: float) -> Rows:
    """The row of the truth for each row of the log's columns, -1 where there is none within so many seconds.

    Tracks are matched where both have them. Raises DataError if no row has one, or so few that it is an accident.
    """
    _check_clocks(truth, log)
    stamps, true_stamps = log.row_stamps(), truth.row_stamps()
    at, off = np.full((2, len(stamps)), -1)
    possible = 0
    for rows, others in _groups(truth, log):
        if not len(others):
            continue
        others = others[np.argsort(true_stamps[others], kind="stable")]
        found = nearest(stamps[rows], true_stamps[others], round(within * NS))
        at[rows] = np.where(found.at < 0, -1, others[found.at])
        off[rows] = found.off
        possible += found.possible
    count = int((at >= 0).sum())
    if not count:
        raise _no_match(truth, log)
    if count < LEAST * possible:
        apart = float(np.median(off[at < 0])) / NS
        raise DataError(
            f"truth: its stamps are those of only {count} of the log's {len(at)} rows; the others are {apart:.3g} s "
            f"from the nearest one (median). Expected at least {LEAST:.0%}. Give within= in seconds, to take the "
            "nearest row of the truth, or correct one of the clocks.",
            field="truth",
            value=count,
        )
    return at


def nearest(stamps: Rows, truth: Rows, within: int) -> Match:
    """The nearest of the truth's stamps, in order, for each stamp of a log; all in nanoseconds."""
    after = np.searchsorted(truth, stamps, side="right")
    before, after = np.maximum(after - 1, 0), np.minimum(after, len(truth) - 1)
    to_before, to_after = np.abs(stamps - truth[before]), np.abs(truth[after] - stamps)
    at, off = np.where(to_before <= to_after, before, after), np.minimum(to_before, to_after)
    resolved = np.ceil(2.0 * np.spacing(np.abs(stamps) / NS) * NS).astype(np.int64)
    covered = ((stamps >= truth[0]) & (stamps <= truth[-1])).sum()
    covering = ((truth >= stamps.min()) & (truth <= stamps.max())).sum()
    return Match(np.where(off <= np.maximum(within, resolved), at, -1), off, int(min(covered, covering)))


def _groups(truth: Log, log: Log) -> Iterator[tuple[Rows, Rows]]:
    """The rows of log and truth to be matched: all, or those of each track where both have tracks."""
    labels = log.columns().get("track")
    if truth.track is None or labels is None:
        yield np.arange(len(log.row_stamps())), np.arange(len(truth.row_stamps()))
        return
    names: dict[Any, int] = {name: k for k, name in enumerate(truth.track_names)}
    for label in dict.fromkeys(labels.tolist()):
        yield np.flatnonzero(labels == label), np.flatnonzero(truth.track == names.get(label, -1))


def _check_clocks(truth: Log, log: Log) -> None:
    """DataError if only one of them has a calendar, or the calendars differ."""
    mine, other = log.calendar, truth.calendar
    if mine is other or (mine is not None and other is not None and mine.agrees_with(other)):
        return
    have = ["no calendar" if one is None else f"the frequency {one.freq}" for one in (other, mine)]
    raise DataError(
        f"truth has {have[0]}, and the log has {have[1]}: expected the periods of the log in both. Give the truth as a "
        "dataframe with dates.",
        field="truth",
        value=have[0],
    )


def _no_match(truth: Log, log: Log) -> DataError:
    first, begins = (time_text(int(one.time_ns[0]), kind_of(one.origin)) for one in (truth, log))
    return DataError(
        f"truth: none of its {len(truth)} stamps, from {first} on, is in the log, which begins at {begins}: expected "
        "the same clock. Give within= in seconds, to take the nearest row of the truth; or leave `time` out if row k "
        "of the truth is row k of the log.",
        field="truth",
        value=float(truth.time_ns[0] / NS),
    )
