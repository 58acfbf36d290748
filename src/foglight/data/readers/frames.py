"""Dataframes as input and output, through narwhals: pandas, polars, pyarrow, DuckDB relations."""

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.dates import Spot, no_time
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.core.timestamps import AWARE, NAIVE, Kind
from foglight.data.array_input import plain_labels
from foglight.data.arrow import is_arrow, table_of
from foglight.data.calendar import Calendar
from foglight.data.numbers import warn_if_coarse
from foglight.data.readers import csv_stamps
from foglight.data.readers.calendar_frames import dates_of, with_calendar, with_dates

LIBRARIES = ("pandas", "polars", "pyarrow", "duckdb")
EXACT = 2**53  # float64 holds every integer up to here
TIME = "time"  # the usual name of the column of stamps


class FrameRows:
    """Rows of a dataframe. before: a prefix for messages; first: the number of the first row."""

    sorts = True

    def __init__(self, frame: "nw.DataFrame[Any]", *, before: str = "", first: int = 0) -> None:
        self.frame = frame
        self.rows = len(frame)
        self.before = before
        self.first = first

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Values (T,) of a column, NaN where missing. Raises DataError with column and row if it is not numeric."""
        series = self.frame[name]
        if series.dtype.is_integer():
            self._check_digits(series, name)
            return np.array(series.cast(nw.Float64).to_numpy(), np.float64)
        if series.dtype in (nw.Float64, nw.Float32):
            values = np.array(series.to_numpy())
            warn_if_coarse(values, name)
            return np.asarray(values, np.float64)
        present = np.flatnonzero(~series.is_null().to_numpy().astype(bool))
        if not present.size:
            return np.full(self.rows, np.nan)
        row = next((int(k) for k in present if not _is_number(series[int(k)])), int(present[0]))
        raise DataError(
            f"{self.spot(row, name)} = {series[row]!r}, type {series.dtype}: expected floats or integers, null or NaN "
            f"where missing. Convert the column, or leave it out with ignore=.",
            field=name,
            index=self.index(row),
            value=series[row],
        )

    def labels(self, name: str) -> list[Label]:
        """Names (T,) in a column: strings or integers."""
        return plain_labels(self, name, self.frame[name].to_list())

    def time(self, name: str, unit: str, kind: str) -> tuple[NDArray[np.int64], str]:
        """Nanoseconds (T,) of a column of stamps, and their kind. For dates the type gives the unit."""
        series = self.frame[name]
        dtype = series.dtype
        spot = Spot(name, self.first, self.before)
        absent = np.flatnonzero(series.is_null().to_numpy().astype(bool))
        if absent.size:
            raise no_time(spot, int(absent[0]), "null")
        if dtype == nw.String:
            return csv_stamps.dates(self, name, series.to_list(), kind)
        zoned = isinstance(dtype, nw.Datetime) and dtype.time_zone is not None
        if zoned:
            series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        stamps, found = timestamps.stamps_of(series.to_numpy(), spot, unit)
        return stamps, AWARE if zoned else found

    def index(self, row: int) -> int:
        """The index of a row in errors."""
        return self.first + row

    def spot(self, row: int, name: str) -> str:
        """The name of a column's entry in messages."""
        return f"{self.before}{name}[{self.first + row}]"

    def _check_digits(self, series: "nw.Series[Any]", name: str) -> None:
        ends = [end for end in (series.min(), series.max()) if end is not None]
        if all(-EXACT <= end <= EXACT for end in ends):
            return
        row = next(k for k, value in enumerate(series.to_list()) if value is not None and abs(value) > EXACT)
        raise DataError(
            f"{self.spot(row, name)} = {series[row]}: integers beyond 2^53 lose digits as float64. "
            f"Subtract an offset or scale the column first.",
            field=name,
            index=self.index(row),
            value=int(series[row]),
        )


def eager(frame: Any) -> tuple["nw.DataFrame[Any]", str]:
    """A user's dataframe as a narwhals frame, collected if it is lazy, and the name of its library.

    What hands over Arrow but is of no library that narwhals knows counts as one of pyarrow.
    """
    try:
        found = nw.from_native(frame)
    except TypeError:
        if is_arrow(frame):
            return eager(table_of(frame))
        raise DataError(
            f"from_frame({type(frame).__name__}): expected a dataframe of {', '.join(LIBRARIES)}. "
            f"Use Log.from_arrays for arrays.",
            field="df",
            value=type(frame).__name__,
        ) from None
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            f"the frame: {' '.join(str(error).split())}. Rename or drop a column.", field="df"
        ) from None
    library = str(found.implementation)
    if isinstance(found, nw.LazyFrame):
        found = found.collect()
    for position, name in enumerate(found.columns):
        if not isinstance(name, str):
            raise DataError(
                f"the frame: column {position} is called {name!r}: expected a string. Rename the columns.",
                field="df",
                index=position,
                value=name,
            )
    return found, library


def with_index(frame: Any, roles: Collection[str]) -> Any:
    """A pandas dataframe with its index as columns, as far as it holds what the frame lacks; other frames unchanged.

    roles: the columns that are looked for. A level of the index that has the name of one is that column; and for
    `time`, so is an index of dates, whatever its name.
    """
    index = getattr(frame, "index", None)
    if index is None or callable(index) or not hasattr(index, "get_level_values"):
        return frame
    absent = [role for role in roles if role not in frame.columns]
    levels = [index.get_level_values(k) for k in range(index.nlevels)]
    found = {level.name: level for level in levels if level.name in absent}
    dates = [level for level in levels if _of_dates(level)]
    if TIME in absent and TIME not in found and dates:
        found[TIME] = dates[0]
    periods = {name: level.to_timestamp() for name, level in found.items() if hasattr(level, "to_timestamp")}
    return frame.assign(**found | periods) if found else frame


def _of_dates(level: Any) -> bool:
    return hasattr(level, "to_timestamp") or level.dtype.kind in "mM"


def native_frame(
    columns: Mapping[str, NDArray[Any]],
    library: str,
    time_ns: NDArray[np.int64] | None = None,
    kind: Kind = "",
) -> Any:
    """Columns as a dataframe of one library. time_ns, kind: if stamps of this kind are dates, so is `time`."""
    if library not in LIBRARIES:
        raise DataError.expected(
            "library", library, f"one of {', '.join(LIBRARIES)}", "Write to_frame('pandas')."
        )
    columns = {name: np.array(values) for name, values in columns.items()}
    dates = kind in (AWARE, NAIVE) and time_ns is not None and "time" in columns
    calendar = kind if isinstance(kind, Calendar) and "time" in columns else None
    if calendar is not None:
        columns["time"] = dates_of(calendar, np.asarray(time_ns), library)
    if dates:
        columns["time"] = np.asarray(time_ns).astype("datetime64[ns]")
    try:
        backend: Any = "pyarrow" if library == "duckdb" else library
        made = nw.from_dict(columns, backend=backend)
    except ModuleNotFoundError as error:
        raise DataError(
            f"a {library} dataframe needs {error.name}, which is not installed. Run pip install {error.name}.",
            field="library",
        ) from None
    if dates and kind == AWARE:
        made = made.with_columns(nw.col("time").dt.replace_time_zone("UTC"))
    if calendar is not None:
        made = with_dates(made, calendar)
    native = made.to_native()
    if calendar is not None and library == "pandas":
        native = with_calendar(native, calendar, np.asarray(time_ns))
    if library == "duckdb":
        import duckdb

        return duckdb.from_arrow(native)
    return native


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
