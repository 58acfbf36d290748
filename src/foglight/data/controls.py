"""Which rows of a log need a value of a control, how the last one is held, and where a value would be ignored."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number
from foglight.core.errors import DataError

Hold = (
    bool | Mapping[str, float]
)  # whether controls are carried forward, or {name: value before the first one}


def require(
    u: NDArray[np.float64],
    rows: NDArray[np.bool_],
    needed: Sequence[str],
    names: Sequence[str],
    rows_before: int,
    sensor: str = "",
    held: bool = False,
    when: Callable[[int], str] = lambda k: "",
) -> None:
    """DataError unless the needed controls, of these names in u (T, n_u), are finite in these rows (T,).

    sensor: that reads them; "" for the motion.  held: whether they have been carried forward.  when: what messages say
    of the time of a row.
    """
    for name in needed:
        column = names.index(name)
        for k in np.flatnonzero(~np.isfinite(u[:, column]) & rows)[:1]:
            reason = (
                f"because {sensor} reads it with its reading in that row. Fill it in, or leave the reading out."
                if sensor
                else "because a control acts in every row. Fill the gap with the commanded value."
            )
            if np.isnan(u[k, column]) and held:
                reason = f"and none comes before it to be held. Give the one before the first: hold={{{name!r}: 0.0}}."
            elif np.isnan(u[k, column]) and np.isfinite(u[:k, column]).any():
                reason = f"{reason[:-1]}; hold=True carries the last one forward."
            raise DataError(
                f"u[{rows_before + k},{column}] ({name}) = {u[k, column]}{when(k)}: expected a number, {reason}",
                field="u",
                index=(rows_before + int(k), column),
                value=u[k, column],
            )


def hold_policy(hold: Any) -> Hold:
    """False, True, or finite values by name; DataError for anything else."""
    if isinstance(hold, (bool, np.bool_)):
        return bool(hold)
    numbers = isinstance(hold, Mapping) and all(isinstance(name, str) for name in hold)
    if not numbers or not all(is_number(value) and np.isfinite(value) for value in hold.values()):
        raise DataError.expected(
            "hold", hold, "True, False or {name: value before the first one}", "Write hold={'speed': 0.0}."
        )
    return {name: float(value) for name, value in hold.items()}


def held_from(hold: Hold, names: Sequence[str]) -> NDArray[np.float64]:
    """The values (n_u,) that `hold` gives before the first one of each control; NaN where it gives none."""
    given = hold if isinstance(hold, Mapping) else {}
    for name in given:
        if name not in names:
            raise DataError.expected(
                "hold", name, f"one of the controls {', '.join(names)}", "Correct the name.", index=name
            )
    return np.array([given.get(name, np.nan) for name in names])


def carried_forward(
    u: NDArray[np.float64],
    time_ns: NDArray[np.int64],
    starts: NDArray[np.bool_],
    before: NDArray[np.float64],
    earlier: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The controls with the last known value of each where there is none: of the row's own stamp or of one before it.

    u (..., T, n_u).  starts (T,): which rows begin a track.  before, earlier (n_u,): the values before the first one of
    a track, and those of the row before the first, where that continues a track.
    """
    rows = np.arange(len(time_ns))
    first = np.maximum.accumulate(np.where(starts, rows, 0))  # of the row's track
    new = starts | np.append(True, np.diff(time_ns) != 0)
    last = np.append(np.flatnonzero(new)[1:] - 1, len(rows) - 1)[np.cumsum(new) - 1]  # of the row's stamp
    found = u.copy()
    for series in found.reshape(-1, *found.shape[-2:]):
        for column, values in enumerate(series.T):
            known = ~np.isnan(values)
            source = np.maximum.accumulate(np.where(known, rows, -1))[last]
            held = np.where(source >= first, values[source], before[column])
            if earlier is not None:
                held[(source < first) & (first == 0)] = earlier[column]
            values[~known] = held[~known]
    return found


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


def refuse_split(
    u: NDArray[np.float64], still: NDArray[np.bool_], held: NDArray[np.float64], model: Any, rows_before: int
) -> None:
    """DataError for a control that is first given in the rows of a stamp that began in the part before: rows there were
    to hold it, and have held an older one.

    u (T, n_u): as given.  still (T,): rows with the stamp of the row before.  held (n_u,): in the last row before.
    """
    split = np.logical_and.accumulate(still)
    for k, column in np.argwhere(split[:, None] & np.isfinite(u) & np.isfinite(held) & (u != held))[:1]:
        name = model.controls[column]
        raise DataError(
            f"u[{rows_before + k},{column}] ({name}) = {u[k, column]:g}: rows of the same stamp, in the part of the "
            f"file before it, have held {held[column]:g}: expected the control in the first row of its stamp. Sort it "
            "there, or read the file as a whole.",
            field="u",
            index=(rows_before + int(k), int(column)),
            value=u[k, column],
        )


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
