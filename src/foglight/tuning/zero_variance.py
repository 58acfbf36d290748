"""Variances that are 0: whether the likelihood has its maximum there.

In the logarithm of a standard deviation s, 0 is infinitely far away. In s itself the likelihood is flat at 0: its
derivative with respect to s is 0 there for any data. The derivative with respect to the variance decides (Harvey 1989,
§5.1.2): if it is negative at 0, the maximum is at 0.
"""

import numpy as np

from foglight.tuning.objective import Objective, Point

_SMALL = 1e-3  # share of the standard error of a variance at which the derivative at 0 is evaluated
_ROUNDS = 5


def preferred_std(objective: Objective, point: Point, i: int, before: float) -> float:
    """The standard deviation that is most likely instead of 0, to first order; 0 if 0 is the most likely.

    before: a value that still affects the data, from which its scale is taken.
    """
    slope, information = slope_at_zero(objective, point, i, before)
    return float(np.sqrt(slope / information)) if slope > _SMALL * np.sqrt(information) else 0.0


def slope_at_zero(objective: Objective, point: Point, i: int, before: float) -> tuple[float, float]:
    """∂ll/∂v and the information on v at v = s² = 0, for a standard deviation s.

    They are evaluated at a v that is a thousandth of its standard error: ∂ll/∂v = (s ∂ll/∂s) / 2v.
    """
    small = before
    for _ in range(_ROUNDS):
        values = point.values.copy()
        values[i] = small
        near_zero = objective.at(values)
        with np.errstate(all="ignore"):
            information = near_zero.information[i, i] / (4.0 * small**4)
            slope = near_zero.gradient[i] / (2.0 * small**2)
        right = float(np.sqrt(_SMALL / np.sqrt(information))) if information > 0.0 else small
        if not np.isfinite(slope) or right == 0.0 or 0.5 < small / right < 2.0:
            break
        small = right
    return float(slope), float(information)
