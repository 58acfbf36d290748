"""Repeated readings carry no new information: which reports of a sensor equal its previous one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.types import ArrayLike
from foglight.data.numbers import readings


def repeated(
    z: NDArray[np.float64],
    sizes: Sequence[int],
    starts: NDArray[np.bool_],
    before: NDArray[np.float64] | None = None,
) -> NDArray[np.bool_]:
    """Whether a sensor's report equals its previous one in the same track, (T, sensors); NaN equals NaN.

    z (T, M): components of all sensors, `sizes` of them each. starts (T,): rows that begin a track. before (M,): the
    reports before row 0, NaN where there was none. A row in which a sensor is silent is skipped.
    """
    out = np.zeros((len(z), len(sizes)), bool)
    track = np.cumsum(starts)
    first = 0
    for number, size in enumerate(sizes):
        values = z[:, first : first + size]
        rows = np.flatnonzero(~np.isnan(values).all(axis=1))
        reports, of = values[rows], track[rows]
        if before is not None and not np.isnan(before[first : first + size]).all():
            reports = np.concatenate((before[None, first : first + size], reports))
            of = np.concatenate(([0 if not len(starts) or not starts[0] else -1], of))
            rows = np.concatenate(([-1], rows))
        now, previous = reports[1:], reports[:-1]
        same = ((now == previous) | (np.isnan(now) & np.isnan(previous))).all(axis=1)
        out[rows[1:], number] = same & (of[1:] == of[:-1])
        first += size
    return out


def last_reports(
    z: NDArray[np.float64],
    sizes: Sequence[int],
    starts: NDArray[np.bool_],
    before: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Each sensor's last report in the last track (M,), NaN where there was none; arguments as for `repeated`."""
    begun = np.flatnonzero(starts)
    own = z[begun[-1] :] if begun.size else z
    last = np.full(z.shape[1], np.nan) if begun.size or before is None else before.copy()
    first = 0
    for size in sizes:
        values = own[:, first : first + size]
        rows = np.flatnonzero(~np.isnan(values).all(axis=1))
        if rows.size:
            last[first : first + size] = values[rows[-1]]
        first += size
    return last


def without(z: NDArray[np.float64], sizes: Sequence[int], repeats: NDArray[np.bool_]) -> NDArray[np.float64]:
    """z with NaN where a sensor's report is a repeat."""
    return np.where(np.repeat(repeats, sizes, axis=1), np.nan, z)


def sizes_of(model: Any) -> list[int]:
    """The number of components of each sensor."""
    return [len(sensor.measures) for sensor in model.sensors]


def earlier_reports(before: ArrayLike | None, model: Any) -> NDArray[np.float64] | None:
    """The reports (M,) just before a log, checked."""
    if before is None:
        return None
    reports, width = readings(before, "before"), sum(sizes_of(model))
    if reports.shape != (width,):
        raise DataError(
            f"before has shape {reports.shape}: expected ({width},), every component of every sensor. Pass the "
            "result of last_reports.",
            field="before",
            value=reports.shape,
        )
    return reports
