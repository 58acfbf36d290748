"""Results as tables: columns of plain arrays for everybody, and a dataframe in the user's own library."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.data.log_like import LogLike
from foglight.data.readers.position import Origin

_ENDS = 5  # rows of a long table that are shown, at its beginning and at its end


class Table:
    """What has `columns()`; here its dataframe. A result that was computed from a log keeps it as `log`: the log's
    library is then the default, and a column `time` with the log's rows is of dates where the log's is."""

    def columns(self) -> Mapping[str, NDArray[Any]]:
        """{name: 1-D array}, all of one length."""
        raise NotImplementedError

    def to_frame(self, library: str | None = None) -> Any:
        """The columns as a dataframe of the library that the log came from, or of pandas, polars, pyarrow or duckdb.

        time is in seconds, or a date where the log came with dates; in UTC where these had a zone. Raises DataError
        where no library is given and the log came from no dataframe, and for a library that is not installed.

        >>> run.to_frame("polars")
        """
        from foglight.data.readers.frames import native_frame

        origin = self._origin()
        known = origin.library if origin is not None else ""
        if library is None and not known:
            raise DataError(
                "library = None: expected its name, for the log came from no dataframe. Write "
                f"{type(self).__name__.lower()}.to_frame('pandas').",
                field="library",
                value=None,
            )
        stamps = self._stamps() if origin is not None else None
        kind = origin.kind if origin is not None else ""
        return native_frame(self.columns(), library or known, stamps, kind)

    def _log(self) -> LogLike | None:
        """The log that the rows are of, or whose library is the default."""
        return getattr(self, "log", None)

    def _origin(self) -> Origin | None:
        log = self._log()
        return None if log is None else log.origin

    def _stamps(self) -> NDArray[Any] | None:
        """Nanoseconds of the column `time`; None where there is none, or its rows are not the log's."""
        log = self._log()
        return None if log is None else log.row_stamps()


def glance(heading: str, columns: Sequence[tuple[str, NDArray[Any], NDArray[np.float64] | None]]) -> str:
    """A heading, and under it the first rows and the last of columns (name, values, their standard deviations)."""
    count = len(columns[0][1])
    ends = [*range(_ENDS), *range(count - _ENDS, count)] if count > 2 * _ENDS else list(range(count))
    table = []
    for name, values, stds in columns:
        cells = [name, *(_cell(values[k], None if stds is None else stds[k]) for k in ends)]
        if len(ends) < count:
            cells.insert(_ENDS + 1, "…")
        table.append([cell.rjust(max(map(len, cells))) for cell in cells])
    return "\n".join([heading, *("  ".join(line) for line in zip(*table, strict=True))])


def _cell(value: Any, std: float | None) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.15g}" if std is None else f"{value:.6g} ± {std:.3g}"


def for_json(value: Any) -> Any:
    """The value in plain dicts, lists, texts and numbers; what is no finite number becomes None."""
    if isinstance(value, Mapping):
        return {str(key): for_json(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return for_json(value.tolist())
    if isinstance(value, list | tuple):
        return [for_json(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
