"""Local times of a time zone, and UTC."""

from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

import numpy as np

from foglight.core.errors import TimeError
from foglight.core.types import Array


@cache
def zone_of(name: str) -> tzinfo:
    """A time zone by its name, such as Europe/Berlin, UTC or UTC+02:00."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    offset = name.removeprefix("UTC")
    if not offset:
        return UTC
    try:
        if offset[0] in "+-":
            return datetime.strptime(offset, "%z").tzinfo or UTC
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise TimeError.expected(
            "zone",
            name,
            "a time zone that this machine knows",
            "Convert the dates to UTC, or install tzdata.",
        ) from None


def name_of(zone: Any) -> str:
    """The name of a time zone of Python or pandas, as `zone_of` reads it."""
    return str(getattr(zone, "key", None) or zone)


def in_utc(local: Array, zone: str) -> Array:
    """Local times (T,) in UTC, to the microsecond. Of a time that occurs twice it is the first; one that a change of
    the clock skips is as late after it as it would have been."""
    found = zone_of(zone)
    times = [
        stamp.replace(tzinfo=found).astimezone(UTC).replace(tzinfo=None)
        for stamp in local.astype("M8[us]").tolist()
    ]
    return np.array(times, "M8[us]")


def in_zone(utc: Array, zone: str) -> Array:
    """Times (T,) in UTC as local times, to the microsecond."""
    found = zone_of(zone)
    times = [
        stamp.replace(tzinfo=UTC).astimezone(found).replace(tzinfo=None)
        for stamp in utc.astype("M8[us]").tolist()
    ]
    return np.array(times, "M8[us]")
