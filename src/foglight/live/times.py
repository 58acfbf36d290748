"""The times that a live filter is given: read, compared with its clock, and refused where rounding would matter."""

from math import floor
from typing import Any

import numpy as np

from foglight.core.dates import AWARE, NAIVE, NUMBER, rounding
from foglight.core.errors import DataError, TimeError
from foglight.core.moments import Moment, shows
from foglight.core.resolution import FINE, is_coarse, too_coarse
from foglight.core.timestamps import UNITS
from foglight.live.stepper import SensorInput
from foglight.model.model import Model

OWN = "the filter's rows"


def row_time(t: Any, unit: str, clock: str) -> tuple[int, str]:
    """The time of a row in nanoseconds, and the kind of the filter's clock. clock: its kind so far, or ""."""
    moment = Moment.of(t, "t", unit)
    if clock in (AWARE, NAIVE) and moment.kind == NUMBER:
        raise TimeError(
            f"t = {t} is a number, but {OWN} so far came with dates: expected a date. Use one clock for "
            "all rows.",
            field="t",
            value=t,
        )
    return moment.on(clock or moment.kind, OWN).stamp, clock or moment.kind


def settled(t: Any, unit: str, now: int, newest: int) -> int:
    """The time of a row that is earlier than the newest, or later by a few nanoseconds, where rounding could matter.

    A float that is the time of the newest row, as `live.time` shows it, is that row's. Raises TimeError if rounding to
    nanoseconds changes the step noticeably.
    """
    if isinstance(t, float) and unit == "s" and shows(t, newest):
        return newest
    if 0 <= now - newest < FINE:
        off = _off_by(t, unit)
        if is_coarse(now - newest, off, float(now)):
            raise too_coarse(f"t = {t} {unit}" if isinstance(t, float) else f"t = {t}", "t", None, t)
    return now


def late_by(entry: SensorInput, model: Model) -> int:
    """How many nanoseconds before its stamp a reading that was just given was measured.

    DataError for a row of all sensors, which has one time for all of them, with a reading of a sensor that is late.
    """
    if entry.name is not None:
        return entry.delay
    for sensor, at in model.blocks:
        if sensor.delay is not None and not np.isnan(entry.row[at]).all():
            raise DataError.expected(
                "z",
                entry.row[at].tolist(),
                f"NaN for {sensor.name} in a row of all sensors, since it is {sensor.delay.of(sensor.params):g} s late",
                f"Write live.step(t, {sensor.name!r}, z).",
                index=sensor.name,
            )
    return 0


def _off_by(t: Any, unit: str) -> float:
    """By how many nanoseconds rounding changed a time."""
    if isinstance(t, float):
        part = (t - floor(t)) * UNITS[unit]
        return round(part) - part
    return rounding(t) if isinstance(t, np.datetime64 | np.timedelta64) else 0.0
