"""Angles in radians: the only module that knows the range to which they are wrapped."""

import math
from typing import Any

from foglight.trace.ops import floor, select


def wrap(a: Any) -> Any:
    """The angle a, wrapped to [-pi, pi): a - 2 pi floor((a + pi) / 2 pi).

    a: radians, a symbol, a float or an array. NaN stays NaN. An angle already in the range is returned bit for bit.
    Next to the ends of the range the rounding of a + pi can pick the neighbouring turn, hence the two selects.
    """
    turn = 2.0 * math.pi
    w = a - turn * floor((a + math.pi) / turn)
    w = select(w >= math.pi, w - turn, w)
    return select(w < -math.pi, w + turn, w)
