"""Readings in arrays: converted to float64 without loss, or refused with an error message."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core import checks
from foglight.core.entry_names import column_names, entry_names, refuse_names
from foglight.core.errors import DataError

_FLOAT64 = np.dtype(np.float64)
COARSE = 4.0  # steps of float32: if readings change by less, rounding adds visible noise


def readings(values: Any, field: str) -> NDArray[np.float64]:
    """A C-contiguous float64 copy. Integers and float32 are widened, masked entries become NaN; no other type converts.

    Raises DataError that names the first entry that is not a number.
    """
    refuse_names(
        entry_names(values) if isinstance(values, (list, tuple)) else column_names(values), field, DataError
    )
    if isinstance(values, np.ma.MaskedArray):
        values = _filled(values, field)
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(
            f"{field} = {checks.brief(values)} is ragged: expected rows of equal length. "
            "Fill short rows with NaN.",
            field=field,
            value=values,
        ) from None
    kind = array.dtype
    if kind == _FLOAT64:
        fresh = type(values) in (list, tuple)  # nobody else holds this array
        return array if fresh else np.array(array, dtype=np.float64, order="C")
    if not checks.converts(kind) or kind.kind == "b":
        index, value = checks.stray(array)
        raise DataError(
            f"{checks.at(field, index)} = {checks.brief(value)}, dtype {checks.called(kind)}: expected float64, "
            f"float32 or integers. Convert it first; missing is NaN, not None.",
            field=field,
            index=checks.bare(index),
            value=value,
        )
    wide = checks.lossy(array)
    if wide is not None:
        raise DataError(
            f"{checks.at(field, wide)} = {array[wide]}: integers beyond 2^53 lose digits as float64. "
            f"Subtract an offset or scale the column first.",
            field=field,
            index=checks.bare(wide),
            value=int(array[wide]),
        )
    return np.array(array, dtype=np.float64, order="C")


def warn_if_coarse(values: Any, field: str) -> None:
    """Warn if the readings of a column are so large that float32 cannot resolve their changes."""
    given = np.asarray(values)
    if given.dtype != np.float32 or not given.size:
        return
    rows = given.reshape(-1, 1) if given.ndim < 2 else given.reshape(-1, given.shape[-1])
    for column in range(rows.shape[1]):
        finite = rows[:, column][np.isfinite(rows[:, column])].astype(np.float64)
        changes = np.abs(np.diff(finite))
        changes = changes[changes > 0.0]
        if not changes.size:
            continue
        largest = float(np.abs(finite).max())
        step = float(np.spacing(np.float32(largest)))
        if np.median(changes) < COARSE * step:
            which = f" column {column}" if rows.shape[1] > 1 else ""
            warnings.warn(
                f"{field}{which} is float32 and reaches {largest:.9g}, where float32 resolves {step:.3g}: this rounds "
                f"away the changes from row to row. Pass float64, or subtract an offset before it becomes float32.",
                stacklevel=4,
            )


def _filled(values: Any, field: str) -> Any:
    """The plain array under a mask, with NaN where it is masked."""
    if not checks.converts(values.dtype) or values.dtype.kind == "b":
        return values.data
    wide = checks.lossy(values.data)
    if wide is not None and not np.ma.getmaskarray(values)[wide]:
        return values.data  # the caller refuses this entry
    return np.ma.filled(values.astype(np.float64), np.nan)
