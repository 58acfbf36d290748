"""Forecasts of many series as one long table."""

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from foglight.core.row_names import Label
from foglight.core.types import Array
from foglight.data.columns import times_of
from foglight.data.log import Log
from foglight.data.readers.frames import TIME
from foglight.data.table import Table
from foglight.inference.forecast import Forecast
from foglight.inference.rows_ahead import stamps_ahead

_PARTS = ("mean", "lower", "upper")


class Forecasts(Table):
    """A row for each series and time ahead: the name of the series, the time, and of each measure its mean, lower and
    upper, which are NaN until they are put in.

    names: of the columns of the series and the times.  measures: sensor.measure of each.
    """

    def __init__(
        self, log: Log, ids: tuple[Label, ...], names: tuple[str, str], measures: tuple[str, ...], steps: int
    ) -> None:
        self.log, self._ids, self._names, self._measures = log, ids, names, measures
        last = np.append(log.starts()[1:], True)
        self._time_ns = stamps_ahead(log, log.time_ns[last], steps, None, 3 * len(measures))
        if log.tracks is not None:
            self._time_ns = np.tile(self._time_ns[:1], (log.tracks, 1))
        self._values = np.full((len(ids), self._time_ns.shape[1], len(measures), 3), np.nan)

    def put(self, number: int, ahead: Forecast, probability: float) -> None:
        """Put in the forecast of one series."""
        parts = [(sensor.mean, *sensor.interval(probability)) for sensor in ahead.sensors.values()]
        self._values[number] = np.concatenate([np.stack(part, axis=2) for part in parts], axis=1)

    def columns(self) -> dict[str, Array]:
        """The names of the series, their times, and the values."""
        count, steps = self._time_ns.shape
        found: dict[str, Any] = {
            self._names[0]: np.array(self._ids).repeat(steps),
            TIME: times_of(self._time_ns.ravel(), self.log.calendar),
        }
        for k, name in enumerate(self._measures):
            before = "" if len(self._measures) == 1 else f"{name}_"
            values = self._values[:, :, k].reshape(count * steps, 3)
            found |= {f"{before}{part}": own for part, own in zip(_PARTS, values.T, strict=True)}
        return found

    def to_frame(self, library: str | None = None) -> Any:
        """The columns as a dataframe, with the name that the times had."""
        frame = super().to_frame(library)
        if not hasattr(frame, "columns") or TIME not in list(frame.columns) or self._names[1] == TIME:
            return frame
        return nw.from_native(frame, eager_only=True).rename({TIME: self._names[1]}).to_native()

    def _stamps(self) -> NDArray[np.int64]:
        return self._time_ns.ravel()
