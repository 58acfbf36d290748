"""The order of the rows of many series, for engines that sort them."""

from collections.abc import Sequence

from foglight.core.errors import DataError


def row_order(columns: Sequence[str], by: str, time: str) -> list[str]:
    """The columns to sort by: series, time, and for rows of one time all others, so that no order of arrival changes a
    bit. DataError if one is absent."""
    for role, name in (("by", by), ("time", time)):
        if name not in columns:
            raise DataError.expected(
                role, name, f"one of the columns {', '.join(columns)}", f"Name it with {role}=."
            )
    return [by, time, *[name for name in columns if name not in (by, time)]]
