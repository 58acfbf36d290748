"""Choose the reader of a file by its suffix."""

from os import PathLike
from pathlib import Path
from typing import Any

from foglight.data.readers.csv import CsvSource
from foglight.data.readers.options import reading
from foglight.data.readers.sorted import SortedSource
from foglight.data.readers.source import Source

PARQUET = (".parquet", ".pq")


def open_source(path: str | PathLike[str], *, sort: bool = False, **options: Any) -> Source:
    """The source of a CSV file or, by its suffix, a Parquet file; the options are those of `reading`.

    sort: whether the rows are sorted, in memory.
    """
    source = _source(path, **options)
    return SortedSource(source) if sort else source


def _source(path: str | PathLike[str], **options: Any) -> Source:
    path, chosen = Path(path), reading(**options)
    if path.suffix.lower() in PARQUET:
        from foglight.data.readers.parquet import ParquetSource  # needs pyarrow, an optional dependency

        return ParquetSource(path, chosen)
    return CsvSource(path, chosen)
