"""The part of a log that descriptions, files and dataframes use."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foglight.core.row_names import Label
from foglight.data.calendar import Calendar
from foglight.data.readers.position import Origin


class LogLike(Protocol):
    """A log, as the modules below `log` see it."""

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Nanoseconds of each row (T,)."""

    @property
    def tracks(self) -> int | None:
        """The number of series of equal length that share the time, or None."""

    @property
    def track(self) -> NDArray[np.int64] | None:
        """The number of each row's track, or None."""

    @property
    def track_names(self) -> tuple[Label, ...]:
        """The names of the tracks."""

    @property
    def blocks(self) -> Mapping[str, NDArray[np.float64]]:
        """{name: readings}."""

    @property
    def u(self) -> NDArray[np.float64] | None:
        """The controls."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The blocks that hold controls, as far as that is known."""

    @property
    def repeats(self) -> str:
        """Whether repeats are kept or skipped."""

    @property
    def origin(self) -> Origin | None:
        """The dataframe library that the log came from."""

    @property
    def calendar(self) -> Calendar | None:
        """The calendar whose periods the times count, or None."""

    @property
    def nameless(self) -> bool:
        """Whether the only block belongs to the model's only sensor."""

    @property
    def long(self) -> Any:
        """For a table in long format, which columns each sensor uses."""

    def dt(self) -> NDArray[np.float64]:
        """Seconds since the previous row (T,); 0 in the first row of each track."""

    def starts(self) -> NDArray[np.bool_]:
        """Which rows begin a track."""

    def columns(self) -> Mapping[str, NDArray[Any]]:
        """{name: 1-D array}: time in seconds, then every column."""

    def row_stamps(self) -> NDArray[np.int64]:
        """Nanoseconds for each row of the columns."""

    def __len__(self) -> int:
        """The number of rows."""
