"""Choose the reader of a file by its suffix."""

from os import PathLike
from pathlib import Path
from typing import Any

from foglight.data.readers.csv import CsvSource
from foglight.data.readers.options import reading
from foglight.data.readers.source import Source

PARQUET = (".parquet", ".pq")


def open_source(path: str | PathLike[str], **options: Any) -> Source:
    """The source of a CSV file or, by its suffix, a Parquet file; the options are those of `reading`."""
    path, chosen = Path(path), reading(**options)
    if path.suffix.lower() in PARQUET:
        from foglight.data.readers.parquet import ParquetSource  # needs pyarrow, an optional dependency

        return ParquetSource(path, chosen)
    return CsvSource(path, chosen)
