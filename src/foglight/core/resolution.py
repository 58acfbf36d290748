"""The resolution and the range of time: whole nanoseconds in 64 bits. Stamps that need a finer one are refused."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import TimeError

NS = 1_000_000_000
LAST_SECOND = 9_223_372_036  # the int64 range of nanoseconds: the year 2262 when counted from 1970
NOTICEABLE = 0.01  # the share of a step by which rounding its two stamps may change it
FINE = round(1 / NOTICEABLE)  # nanoseconds: rounding can only be noticeable in shorter steps
_AROUND = 8  # rows on either side of a step from which the usual step there is taken
_ACCUMULATED = 1e-11  # of a stamp: what adding up a million steps in floats leaves of rounding error


def coarse_row(stamps: NDArray[np.int64], off: NDArray[np.float64]) -> int | None:
    """The first row to which rounding has changed the step noticeably; None if it is noticeable nowhere.

    stamps (T,): rounded to nanoseconds; off (T,): by how many nanoseconds. A change is measured against the mean step
    of the rows around it. Stamps that floats have torn apart by less than a nanosecond, between steps of usual length,
    thus count as equal.
    """
    if len(stamps) < 2:
        return None
    changed, steps = np.abs(np.diff(off)), np.abs(np.diff(stamps).astype(np.float64) - np.diff(off))
    most = float(changed.max())
    if most <= NOTICEABLE * float(steps.min()):
        return None
    ends = np.concatenate([[0.0], np.cumsum(steps)])
    rows = np.arange(len(steps))
    first, last = np.maximum(rows - _AROUND, 0), np.minimum(rows + 1 + _AROUND, len(steps))
    usual = (ends[last] - ends[first]) / (last - first)
    bad = np.flatnonzero(changed > NOTICEABLE * usual)
    return int(bad[0]) + 1 if bad.size else None


def is_coarse(step: int, off: float, stamp: float) -> bool:
    """Whether rounding this one stamp, in nanoseconds, by `off` changes the step to it noticeably.

    What the stamp before it was rounded by is not known. So a stamp within the noticeable share of one nanosecond of it
    counts as equal to it.
    """
    return 0 <= step < FINE and abs(off) > max(NOTICEABLE * max(step, 1), _ACCUMULATED * abs(stamp))


def too_coarse(spot: str, field: str, index: int | None, value: Any) -> TimeError:
    """The error for a stamp, or step, whose rounding is noticeable. spot: how the message names it, with its value."""
    return TimeError(
        f"{spot}: time is kept in whole nanoseconds, and rounding to them changes this step by more than "
        f"{NOTICEABLE:.0%}. Expected steps of whole nanoseconds, or of more than {FINE} of them. Use a larger unit: "
        "multiply the stamps by 1000, and state the model per millisecond where it was per second.",
        field=field,
        index=index,
        value=value,
    )
