"""Dataframes as input and output, through narwhals: pandas, polars, pyarrow, DuckDB relations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.core.timestamps import AWARE, NAIVE, NUMBER
from foglight.data.array_input import plain_labels
from foglight.data.numbers import warn_if_coarse
from foglight.data.readers import csv_stamps

LIBRARIES = ("pandas", "polars", "pyarrow", "duckdb")
EXACT = 2**53  # float64 holds every integer up to here


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
        absent = np.flatnonzero(series.is_null().to_numpy().astype(bool))
        if absent.size:
            raise timestamps.no_time(name, self.index(int(absent[0])), "null", self.before)
        if dtype == nw.String:
            return csv_stamps.dates(self, name, series.to_list(), kind)
        found = NAIVE if dtype in (nw.Datetime, nw.Date) else NUMBER
        if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
            found = AWARE
            series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        elif dtype == nw.Object:
            self._check_zones(name, series.to_list())
        values = series.to_numpy()
        return timestamps.nanoseconds(values, name, unit, first=self.first, before=self.before), found

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

    def _check_zones(self, name: str, values: list[Any]) -> None:
        """Raise TimeError for the first date without a zone after dates with one, or the reverse."""
        if not all(isinstance(value, datetime) for value in values):
            return
        aware = [value.tzinfo is not None for value in values]
        row = next((k for k, has in enumerate(aware) if has != aware[0]), None)
        if row is not None:
            raise csv_stamps.mixed(self, row, name, str(values[row]), aware[row])


def eager(frame: Any) -> tuple["nw.DataFrame[Any]", str]:
    """A user's dataframe as a narwhals frame, collected if it is lazy, and the name of its library."""
    try:
        found = nw.from_native(frame)
    except TypeError:
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


def native_frame(
    columns: Mapping[str, NDArray[Any]],
    library: str,
    time_ns: NDArray[np.int64] | None = None,
    kind: str = "",
) -> Any:
    """Columns as a dataframe of one library. time_ns, kind: if stamps of this kind are dates, so is `time`."""
    if library not in LIBRARIES:
        raise DataError.expected(
            "library", library, f"one of {', '.join(LIBRARIES)}", "Write to_frame('pandas')."
        )
    columns = {name: np.array(values) for name, values in columns.items()}
    dates = kind in (AWARE, NAIVE) and time_ns is not None and "time" in columns
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
    native = made.to_native()
    if library == "duckdb":
        import duckdb

        return duckdb.from_arrow(native)
    return native


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
