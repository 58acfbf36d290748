"""What is given to tune: the series, their names, and whether each has readings enough."""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.row_names import Label
from foglight.core.types import Array
from foglight.data.arrow import as_frame
from foglight.data.dated_rows import has_dates
from foglight.data.given_log import as_log
from foglight.data.log import Log
from foglight.data.slicing import one_track
from foglight.inference.likelihoods import Likelihoods
from foglight.inference.short_logs import longest_season
from foglight.model.model import unknown_directions

NO_READINGS, TOO_SHORT, CONSTANT = "no readings", "too short", "constant"


def log_of(data: Any, id: str, time: str, freq: str | None) -> Any:
    """A log as it is; of a panel, a dataframe with a column of names and one of dates or times, its log."""
    if isinstance(data, Log):
        return data
    data = as_frame(data)
    if isinstance(data, dict) or has_column(data, id):
        if freq is not None or has_dates(data):
            return Log.series(data, freq=freq, time=time, track=id)
        return Log.from_frame(data, time=time, track=id)
    return as_log(data)


def has_column(data: Any, name: str) -> bool:
    """Whether this is a dataframe with such a column, or such a level of its index."""
    columns: Any = getattr(data, "column_names", None) or getattr(data, "columns", ())
    levels: Any = getattr(getattr(data, "index", None), "names", None) or ()
    return name in list(columns) or name in list(levels)


def ids_of(log: Log) -> tuple[Label, ...]:
    """The names of the series: those of the tracks, or their numbers."""
    return tuple(log.track_names) if log.track is not None else tuple(range(log.tracks or 1))


def series_of(log: Log, number: int) -> Log:
    """The log of one of the series."""
    return replace(log, **one_track(log, number))


def flaw(likelihoods: Likelihoods, number: int, parameters: int) -> str:
    """Why a series cannot be tuned, in a word or two; "" if nothing is known against it."""
    count = int(likelihoods.innovations[number])
    if not count:
        return NO_READINGS
    readings, model = likelihoods.readings(number), likelihoods.model
    if count <= unknown_directions(model) + parameters or len(readings) < longest_season(model):
        return TOO_SHORT
    return CONSTANT if is_constant(readings) else ""


def is_constant(readings: Array) -> bool:
    """Whether each measure of the readings (rows, m) has one value only."""
    known = [column[np.isfinite(column)] for column in readings.T]
    return all(not len(column) or column.min() == column.max() for column in known)
