"""Many series out of DuckDB, sorted there, on disk if they do not fit in memory; needs the extra `duckdb`."""

import tempfile
import weakref
from pathlib import Path
from typing import Any

import duckdb

from foglight.adapters.row_order import row_order
from foglight.core.errors import DataError
from foglight.inference.batches.batches import batches as of_batches
from foglight.methods.method import Method
from foglight.model.model import Model

_ROWS = 65_536  # at a time


def batches(
    model: Model,
    source: Any,
    method: Method | None = None,
    *,
    by: str = "series_id",
    time: str = "time",
    memory: str | None = None,
    **options: Any,
) -> Any:
    """Filter, smooth or sum up the series in Parquet files, or in a relation of DuckDB, in any order.

    DuckDB sorts the rows by series and time, on disk where they do not fit in memory; `fog.batches` takes them as they
    come. Rows of one series and one time are in the order of their other columns, so that each run gives the same bits.

    Parameters
    ----------
    model : Model
        The model of each series.
    source : str, path or DuckDBPyRelation
        A folder of Parquet files, also in folders within it; a file; a pattern such as `logs/*.parquet`; or a relation,
        such as `connection.sql("SELECT …")`.
    method : KF, EKF, UKF or CKF, default EKF()
        The equations, with their options.
    by, time : str, default "series_id" and "time"
        The columns with the name of each row's series and with its time.
    memory : str, optional
        The most memory that DuckDB takes, such as "2GB", for files; default four fifths of the machine's.
    **options
        unit, ignore, output, on_error and threads of `fog.batches`.

    Returns
    -------
    pyarrow.RecordBatchReader
        The results, as of `fog.batches`.

    Raises
    ------
    DataError
        If there is no such file, or a column is absent; and as `fog.batches`.

    Examples
    --------
    >>> from foglight.adapters import duckdb as engine
    >>> reader = engine.batches(model, "logs/", output="summary")  # doctest: +SKIP
    """
    if hasattr(source, "order"):
        return of_batches(model, _sorted(source, by, time), method, by=by, time=time, **options)
    spill = tempfile.TemporaryDirectory(prefix="foglight-sort-")
    try:
        reader = _sorted(_files(Path(source), spill.name, memory), by, time)
        weakref.finalize(reader, spill.cleanup)
        return of_batches(model, reader, method, by=by, time=time, **options)
    except BaseException:
        spill.cleanup()
        raise


def _sorted(relation: Any, by: str, time: str) -> Any:
    """A reader of the rows in order."""
    order = row_order(relation.columns, by, time)
    ordered = relation.order(", ".join(f"{_quoted(name)} NULLS LAST" for name in order))
    read = getattr(ordered, "to_arrow_reader", None) or ordered.fetch_arrow_reader
    return read(_ROWS)


def _files(path: Path, spill: str, memory: str | None) -> Any:
    """The rows of Parquet files, on a connection of its own that sorts in this folder."""
    pattern = str(path / "**" / "*.parquet") if path.is_dir() else str(path)
    limit = {} if memory is None else {"memory_limit": memory}
    try:
        return duckdb.connect(config={"temp_directory": spill, **limit}).read_parquet(pattern)
    except duckdb.Error as error:
        raise DataError(
            f"source = {str(path)!r}: {str(error).splitlines()[0]} Expected Parquet files with the same columns. "
            "Name a file, a folder or a pattern.",
            field="source", value=str(path),
        ) from error  # fmt: skip


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
