"""Stamps that seem to count in a smaller unit than seconds."""

from typing import NamedTuple

import numpy as np

from foglight.core.timestamps import NS, NUMBER, UNITS, seconds_text
from foglight.data.log_like import LogLike
from foglight.data.readers.position import kind_of

_FEW = 3  # the fewest steps from which a wrong unit is inferred
_MINUTE = 60 * NS


class OtherUnit(NamedTuple):
    """The unit that stamps seem to count. apart: what they are as seconds."""

    unit: str
    apart: str

    @property
    def hint(self) -> str:
        """A sentence about it, without a full stop."""
        return f"{self.apart}: if they count {self.unit}, read with unit='{self.unit}'"


def other_unit(log: LogLike) -> OtherUnit | None:
    """The unit of stamps that are whole numbers whose steps are long in seconds, but usual in this unit; else None."""
    if kind_of(log.origin) != NUMBER:
        return None
    steps = np.diff(log.time_ns)[~log.starts()[1:]]
    steps = steps[steps > 0]
    if len(steps) < _FEW or (log.time_ns % NS).any():
        return None
    median = int(np.median(steps))
    if median % _MINUTE == 0:
        return None
    for unit, per in UNITS.items():
        if unit != "s" and NS // 250 <= median * per // NS <= NS:
            return OtherUnit(unit, f"timestamps are whole numbers, {seconds_text(median)} s apart")
    return None
