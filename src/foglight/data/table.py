"""Results as tables: columns of plain arrays, and dataframes in the user's own library."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.core.timestamps import NUMBER, Kind, time_text
from foglight.data.log_like import LogLike
from foglight.data.readers.position import Origin, kind_of

Dates = tuple[NDArray[Any], Kind]  # stamps (T,), and their kind

_ENDS = 5  # rows shown at the beginning and at the end of a long table


class Table:
    """Base class of results with `columns()`, which adds their conversion to a dataframe.

    A result that was computed from a log keeps it as `log`. The library of that log is then the default, and the column
    `time` holds dates if the log came with dates.
    """

    def columns(self) -> Mapping[str, NDArray[Any]]:
        """The result as {name: 1-D array}, all of the same length."""
        raise NotImplementedError

    def to_frame(self, library: str | None = None) -> Any:
        """The columns as a dataframe.

        `time` is in seconds, or a date if the log came with dates; in UTC if these had a time zone. If the log has a
        calendar, its dates are as they were given: their name, type and zone, and in pandas the index if they were it.

        Parameters
        ----------
        library : str, optional
            "pandas", "polars", "pyarrow" or "duckdb"; by default the library that the log came from.

        Returns
        -------
        dataframe
            A dataframe of that library.

        Raises
        ------
        DataError
            If no library is given and the log did not come from a dataframe, or the library is not installed.

        Examples
        --------
        >>> log.to_frame("polars").shape
        (300, 2)
        """
        return self._framed(self.columns, library)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The table of `to_frame("pyarrow")` for other libraries: pl.DataFrame(run), pa.table(run) and the like read
        it. DataError if pyarrow is not installed."""
        return self._framed(self.columns, "pyarrow").__arrow_c_stream__(requested_schema)

    def _framed(self, columns: Callable[[], Mapping[str, NDArray[Any]]], library: str | None) -> Any:
        """These columns as a dataframe."""
        from foglight.data.readers.frames import native_frame

        origin = self._origin()
        known = origin.library if origin is not None else ""
        if library is None and not known:
            raise DataError(
                "library = None: expected a name, because the log did not come from a dataframe. Write "
                f"{type(self).__name__.lower()}.to_frame('pandas').",
                field="library",
                value=None,
            )
        stamps = self._stamps() if origin is not None else None
        kind: Kind = origin.kind if origin is not None else ""
        return native_frame(columns(), library or known, stamps, kind)

    def _log(self) -> LogLike | None:
        """The log that the rows come from, or None."""
        return getattr(self, "log", None)

    def _origin(self) -> Origin | None:
        log = self._log()
        return None if log is None else log.origin

    def _dates(self) -> "Dates | None":
        """The dates of the rows, for `glance`; None if the log did not come with dates."""
        kind, stamps = kind_of(self._origin()), self._stamps()
        return None if kind == NUMBER or stamps is None else (stamps, kind)

    def _stamps(self) -> NDArray[Any] | None:
        """Nanoseconds of the column `time`; None if there is no such column, or its rows are not those of the log."""
        log = self._log()
        return None if log is None else log.row_stamps()


def glance(
    heading: str,
    columns: Sequence[tuple[str, NDArray[Any], NDArray[np.float64] | None]],
    dates: Dates | None = None,
    digits: int = 15,
) -> str:
    """A heading, and below it the first and last rows of the columns (name, values, standard deviations).

    dates: shown in the column `time` in place of its values.  digits: of numbers without a standard deviation, but for
    the time.
    """
    count = len(columns[0][1])
    ends = [*range(_ENDS), *range(count - _ENDS, count)] if count > 2 * _ENDS else list(range(count))
    table = []
    for name, values, stds in columns:
        if name == "time" and dates is not None:
            cells = [name, *(time_text(int(dates[0][k]), dates[1]) for k in ends)]
        else:
            many = 15 if name == "time" else digits
            cells = [name, *(_cell(values[k], None if stds is None else stds[k], many) for k in ends)]
        if len(ends) < count:
            cells.insert(_ENDS + 1, "…")
        table.append([cell.rjust(max(map(len, cells))) for cell in cells])
    return "\n".join([heading, *("  ".join(line) for line in zip(*table, strict=True))])


def _cell(value: Any, std: float | None, digits: int) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.{digits}g}" if std is None else f"{value:.6g} ± {std:.3g}"


def for_json(value: Any) -> Any:
    """The value as plain dicts, lists, strings and numbers; NaN and infinity become None."""
    if isinstance(value, Mapping):
        return {str(key): for_json(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return for_json(value.tolist())
    if isinstance(value, list | tuple):
        return [for_json(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
