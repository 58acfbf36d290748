"""Which rows of a log need a value of a control, and where a value would be ignored."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError


def require(
    u: NDArray[np.float64],
    rows: NDArray[np.bool_],
    needed: Sequence[str],
    names: Sequence[str],
    rows_before: int,
    sensor: str = "",
) -> None:
    """DataError unless the needed controls, of these names in u (T, n_u), are finite in these rows (T,)."""
    for name in needed:
        column = names.index(name)
        for k in np.flatnonzero(~np.isfinite(u[:, column]) & rows)[:1]:
            reason = (
                f"because {sensor} reads it with its reading in that row. Fill it in, or leave the reading out."
                if sensor
                else "because a control acts in every row. Fill the gap with the commanded value."
            )
            raise DataError(
                f"u[{rows_before + k},{column}] ({name}) = {u[k, column]}: expected a number, {reason}",
                field="u",
                index=(rows_before + int(k), column),
                value=u[k, column],
            )


def last_known(u: NDArray[np.float64], still: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The controls (n_u,) of the last stamp, each from the last row in which it is given; NaN where none is.

    u (T, n_u), still (T,): rows with the stamp of the row before.
    """
    found: NDArray[np.float64] = u[-1].copy()
    for k in range(len(u) - 1, 0, -1):
        if not still[k] or np.isfinite(found).all():
            break
        found = np.where(np.isfinite(found), found, u[k - 1])
    return found


def refuse_unused(u: NDArray[np.float64], still: NDArray[np.bool_], model: Any, rows_before: int = 0) -> None:
    """DataError for a control that only the motion reads and that differs from the one before it, in a row into which
    no time passes.

    u (T, n_u): the controls of the model.  still (T,): rows with the stamp of the row before.
    """
    read = {name for sensor in model.sensors for name in sensor.controls}
    for column, name in enumerate(model.controls):
        if name in read:
            continue
        known = np.isfinite(u[:, column])
        before = np.maximum.accumulate(np.where(known, np.arange(len(u)), -1))[:-1]  # the last known one
        stamp = np.cumsum(~still)
        same = still[1:] & known[1:] & (before >= 0) & (stamp[before] == stamp[1:])
        for k in np.flatnonzero(same & (u[before, column] != u[1:, column]))[:1] + 1:
            value, first = u[k, column], u[before[k - 1], column]
            raise DataError(
                f"u[{rows_before + k},{column}] ({name}) = {value:g}: the row has the stamp of the row before it, so "
                f"no time passes in which it could act: expected {first:g} as there, or NaN. Merge the rows of one "
                f"stamp into one, or declare controls=({name!r},) on the fog.Sensor that reads it.",
                field="u",
                index=(rows_before + int(k), column),
                value=value,
            )
