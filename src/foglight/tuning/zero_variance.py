"""Variances that are 0: whether the data want none of it.

In the logarithm of a standard deviation s, 0 is infinitely far away, and in s itself every model is flat there: the
derivative of the likelihood with respect to s is 0 at s = 0 whatever the data say. It is the derivative with respect
to the variance that tells (Harvey 1989, §5.1.2): if it is negative at 0, the maximum is at 0.
"""

import numpy as np

from foglight.tuning.ascent import Ascent, maximise
from foglight.tuning.objective import Objective, Point

_SMALL = 1e-3  # of what a variance is known to: the place from which the derivative at 0 is told
_OFTEN = 5


def ascend(objective: Objective, start: Point) -> Ascent:
    """The maximum, where no variance that was put to 0 would rather be larger."""
    found = maximise(objective, start)
    for _ in range(_OFTEN):
        wrong = {
            i: std for i, before in found.pinned.items() if (std := wanted(objective, found.point, i, before))
        }
        if not wrong:
            break
        values = found.point.values.copy()
        for i, std in wrong.items():
            values[i] = std
        pinned = {i: before for i, before in found.pinned.items() if i not in wrong}
        found = maximise(objective, objective.at(values), found.path)
        found.pinned = pinned | found.pinned
    return found


def wanted(objective: Objective, point: Point, i: int, before: float) -> float:
    """The standard deviation that the likelihood would like instead of 0, to first order; 0 if it likes 0 best.

    before: a value at which the data still said something of it, from which its scale is taken.
    """
    slope, information = slope_at_zero(objective, point, i, before)
    return float(np.sqrt(slope / information)) if slope > _SMALL * np.sqrt(information) else 0.0


def slope_at_zero(objective: Objective, point: Point, i: int, before: float) -> tuple[float, float]:
    """∂ll/∂v and the information on v at v = s² = 0, of a standard deviation s.

    From a v that is a thousandth of what it can be told to: ∂ll/∂v = (s ∂ll/∂s) / 2v.
    """
    small = before
    for _ in range(_OFTEN):
        values = point.values.copy()
        values[i] = small
        there = objective.at(values)
        with np.errstate(all="ignore"):
            information = there.information[i, i] / (4.0 * small**4)
            slope = there.gradient[i] / (2.0 * small**2)
        right = float(np.sqrt(_SMALL / np.sqrt(information))) if information > 0.0 else small
        if not np.isfinite(slope) or 0.5 < small / right < 2.0:
            break
        small = right
    return float(slope), float(information)
