"""The columns of a record batch as numbers and stamps, by the rules that hold for those of a dataframe."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.dates import AWARE, Spot
from foglight.core.errors import TimeError
from foglight.core.timestamps import LAST_SECOND, NS, stamps_of, unit_of
from foglight.data.array_input import ArrayRows

if TYPE_CHECKING:
    from foglight.data.readers.frames import FrameRows

_ERRORS = 16  # wrong stamps that are looked for one after the other


def numbers(column: Any, name: str, first: int) -> NDArray[np.float64]:
    """A column of numbers, NaN where missing. first: the number of its first row, for messages."""
    import pyarrow as pa

    if pa.types.is_float64(column.type):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return _rows(column, name, first).numbers(name)


def stamps(column: Any, name: str, first: int, unit: str, kind: str) -> tuple[NDArray[np.int64], str]:
    """A column of times as nanoseconds, and their kind; TimeError for one that is none.

    kind: of the stamps before, "" if there are none.
    """
    import pyarrow as pa

    types = pa.types
    plain = types.is_float64(column.type) or types.is_integer(column.type) or types.is_timestamp(column.type)
    if not plain or column.null_count:
        return _rows(column, name, first).time(name, unit, kind)
    time_ns, found = stamps_of(column.to_numpy(zero_copy_only=False), Spot(name, first), unit)
    zoned = types.is_timestamp(column.type) and column.type.tz is not None
    return time_ns, AWARE if zoned else found


def stamps_if_any(
    column: Any, name: str, unit: str, kind: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None, str]:
    """The same, and which of them are no times; None for that if all are. TimeError for a type that holds no times."""
    import pyarrow as pa

    bad = _missing(column, unit)
    time_ns = np.zeros(len(column), np.int64)
    errors = 0
    while not bad.all():
        rows = np.flatnonzero(~bad)
        some = column.take(pa.array(rows)) if bad.any() else column
        try:
            time_ns[rows], kind = stamps(some, name, 0, unit, kind)
            break
        except TimeError as error:
            if not isinstance(error.index, int):
                raise
            bad[rows[error.index]] = True
            errors += 1
        if errors == _ERRORS:  # there may be many more: each row for itself
            bad[[row for row in rows.tolist() if not _is_time(column[row : row + 1], name, unit)]] = True
    return time_ns, bad if bad.any() else None, kind


def _is_time(column: Any, name: str, unit: str) -> bool:
    from foglight.data.readers import csv_stamps

    value = column[0].as_py()
    try:
        if isinstance(value, str):
            csv_stamps.dates(ArrayRows(1), name, [value], "")
        else:
            stamps(column, name, 0, unit, "")
    except TimeError:
        return False
    return True


def _missing(column: Any, unit: str) -> NDArray[np.bool_]:
    """Which times are missing, or numbers that no clock shows."""
    import pyarrow as pa

    bad = np.array(column.is_null().to_numpy(zero_copy_only=False), bool)
    if pa.types.is_floating(column.type):
        most = LAST_SECOND * NS / unit_of(unit)
        bad |= ~(np.abs(column.to_numpy(zero_copy_only=False)) <= most)
    return bad


def _rows(column: Any, name: str, first: int) -> "FrameRows":
    import narwhals as nw
    import pyarrow as pa

    from foglight.data.readers.frames import FrameRows

    return FrameRows(nw.from_native(pa.table([column], names=[name]), eager_only=True), first=first)
