"""Logs as users give them: a log, or a table with dates, which is one."""

from typing import Any

from foglight.data.arrow import is_arrow
from foglight.data.log import Log
from foglight.data.table import Table


def as_log(given: Any) -> Any:
    """A series or dataframe as `Log.series` makes a log of it; a log, or anything else, as it is."""
    if isinstance(given, Table):
        return given
    is_frame = any(hasattr(type(given), name) for name in ("columns", "column_names", "to_frame"))
    return Log.series(given) if is_frame or is_arrow(given) else given
