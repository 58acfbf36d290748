"""Time and tracks as arrays: checked, in order, and numbered."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.dates import Spot
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.core.types import ArrayLike
from foglight.data.numbers import readings, warn_if_coarse
from foglight.data.readers import time_order
from foglight.data.readers.position import Position
from foglight.data.readers.table_protocols import NumberedRows
from foglight.data.readers.tracks import Labels, Tracks


class ArrayRows:
    """Rows that messages name by their number: `time[2]`."""

    sorts = False

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def index(self, row: int) -> int:
        """The index of a row in errors."""
        return row

    def spot(self, row: int, name: str) -> str:
        """The name of a column's entry in messages."""
        return f"{name}[{row}]"


def tracks_and_time(
    time: ArrayLike, unit: str, track: ArrayLike | None
) -> tuple[NDArray[np.int64], str, NDArray[np.int64] | None, tuple[Label, ...]]:
    """Nanoseconds (T,) in order within each track and their kind, the number of each row's track, and the names."""
    time_ns, kind = timestamps.stamps_of(time, Spot("time"), unit)
    if not len(time_ns):
        raise DataError("time is empty: expected at least one row.", field="time", index=None)
    rows = ArrayRows(len(time_ns))
    starts = np.zeros(rows.rows, bool)
    starts[0] = True
    numbers, names = None, Tracks()
    if track is not None:
        numbers, starts = names.number(rows, "track", _labels(track, rows.rows), None)
    dates = kind != timestamps.NUMBER
    time_order.check_order(rows, "time", time_ns, starts, Position(), dates)
    time_order.warn_if_odd("time", int(time_ns[0]), dates, unit)
    return time_ns, kind, numbers, tuple(names.names)


def _labels(track: ArrayLike, rows: int) -> Labels:
    try:
        array: NDArray[Any] = np.asarray(track)
    except ValueError:
        raise DataError(
            f"track is ragged: expected the name of each row's track, ({rows},). Give every row one.",
            field="track",
        ) from None
    if array.shape != (rows,):
        raise DataError(
            f"track has shape {array.shape}, but time has {rows} rows: expected the name of each row's track, "
            f"({rows},). Give every row one.",
            field="track",
            value=array.shape,
        )
    if isinstance(track, np.ma.MaskedArray):  # a masked entry becomes None, and is refused
        return plain_labels(ArrayRows(rows), "track", track.tolist())
    if array.dtype.kind in "iuU":
        return array
    return plain_labels(ArrayRows(rows), "track", array.tolist())


def plain_labels(rows: NumberedRows, name: str, labels: list[Any]) -> list[Label]:
    """The labels, if all are integers or strings; otherwise DataError for the first row that is not."""
    if set(map(type, labels)) <= {int, str}:
        return labels
    for row, label in enumerate(labels):
        if not isinstance(label, (int, str)) or isinstance(label, bool):
            remedy = "Complete it." if label is None else "Convert the column, for instance with astype(str)."
            raise DataError(
                f"{rows.spot(row, name)} = {label!r}: expected a string or an integer that names the track or sensor. "
                f"{remedy}",
                field=name,
                index=rows.index(row),
                value=label,
            )
    return labels


def _remedy(array: NDArray[np.float64], name: str, rows: int) -> str:
    if array.ndim == 3 and array.shape[0] == rows and array.shape[2] == 1:
        return f"Vectors are 1-D: write {name}[..., 0]."
    return "Give every row a value, NaN where nothing was reported."


def one_block(values: ArrayLike, name: str, rows: int) -> NDArray[np.float64]:
    """Readings (T, m) of one sensor, or controls, from an array (T, m) or (T,)."""
    array = readings(values, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or len(array) != rows or not array.shape[1]:
        raise DataError(
            f"{name} has shape {np.shape(values)}, but time has {rows} rows: expected ({rows}, m), "
            f"or ({rows},) for one component. {_remedy(array, name, rows)}",
            field=name,
            value=np.shape(values),
        )
    warn_if_coarse(values, name)
    return array
