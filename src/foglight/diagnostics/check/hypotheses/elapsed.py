"""How long the tracks of a log take, and how far apart its rows are."""

import numpy as np
from numpy.typing import NDArray

from foglight.core.resolution import NS
from foglight.core.types import Floats
from foglight.data.log import Log


def ns_since_start(log: Log) -> NDArray[np.int64]:
    """The time of each row since the start of its track, in nanoseconds (T,)."""
    starts = log.starts()
    found: NDArray[np.int64] = log.time_ns - log.time_ns[np.flatnonzero(starts)][np.cumsum(starts) - 1]
    return found


def since_start(log: Log) -> Floats:
    """The same in seconds."""
    found: Floats = ns_since_start(log) / NS
    return found


def longest(log: Log) -> float:
    """The time that the longest track takes, in seconds."""
    return float(since_start(log).max())


def shortest(log: Log) -> float:
    """The time that the shortest track takes, in seconds."""
    last = np.append(np.flatnonzero(log.starts())[1:], len(log)) - 1
    return float(since_start(log)[last].min())


def usual_step(log: Log) -> float:
    """The median time from one row to the next, in seconds; 0 if all rows are at one time."""
    steps = np.diff(log.time_ns)
    steps = steps[steps > 0]
    return float(np.median(steps)) / NS if len(steps) else 0.0
