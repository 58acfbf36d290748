"""The most likely offset of a sensor from one row to another, and whether the log fits with it.

An offset changes innovations linearly, so it follows from those of shifted readings (Willsky & Jones 1976).
"""

from typing import NamedTuple

import numpy as np

from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.reruns import Rerun

EVEN = 10.0  # 2 Δloglik within which two explanations are equally good,
_SHARE = 0.1  # or, of two kinds of steps, this share of it: a jump is seldom exactly of one kind
AFTER = 5  # rows from a step on that must fit
_STEPS = 2  # Gauss-Newton steps: one is exact for a linear model
_WIDE = 2.0  # median NIS over that of χ² that is too large


class Offset(NamedTuple):
    """An offset of a sensor in rows row … end - 1: its size, the readings less it, the run on them, and 2 Δloglik."""

    sensor: int
    row: int
    end: int
    size: Floats
    z: Floats
    rerun: Rerun
    gain: float


def offset_of(before: Rerun, row: int, end: int, sensor: int) -> Offset | None:
    """The most likely offset of a sensor from a row to the one before `end`; before: the run without one."""
    reruns = before.reruns
    at = reruns.slices[sensor]
    scale = before.found.scale[row:end, at]
    if not np.isfinite(scale).any(axis=0).all():
        return None
    scale = np.nanmedian(scale, axis=0)
    rows = slice(row, reruns.ends(row)[1])
    size, now = np.zeros(at.stop - at.start), before
    for _ in range(_STEPS):
        base = now.found.value[rows].ravel()
        columns = []
        for i in range(len(size)):
            moved = now.z.copy()
            moved[row:end, at.start + i] -= scale[i]
            columns.append(reruns.on(moved).found.value[rows].ravel() - base)
        A = np.stack(columns, axis=1)
        known = np.isfinite(A).all(axis=1) & np.isfinite(base)
        size = size + np.linalg.lstsq(A[known], -base[known], rcond=None)[0] * scale
        shifted = before.z.copy()
        shifted[row:end, at] -= size
        now = reruns.on(shifted)
    return Offset(sensor, row, end, size, shifted, now, now.gain_over(before))


def offset_fits(before: Rerun, offset: Offset) -> bool:
    """Whether all sensors fit before the row, and as well after it with the offset; before: the run without one."""
    row, after = offset.row, offset.rerun
    first, last = before.reruns.ends(row)
    return all(
        alike(before.width(k, slice(first, row)), after.width(k, slice(row, last)))
        and (after.ratio[row : row + AFTER, k] <= 1.0).all()
        for k in range(len(before.reruns.slices))
    )


def better(gain: float, other: float) -> bool:
    """Whether one kind of step, by its 2 Δloglik, is better than another kind, and not only as good."""
    return gain > other + max(EVEN, _SHARE * other)


def alike(before: float, after: float) -> bool:
    """Whether a median NIS over that of χ² is right, and no larger than that before a step."""
    return not (before > _WIDE or after > _WIDE * max(before, 1.0))
