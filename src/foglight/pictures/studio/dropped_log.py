"""A log that was dropped on the page: bytes up to a bound, parsed as data and as nothing else."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foglight.core.errors import DataError
from foglight.core.text import shown
from foglight.data.log import Log

LARGEST = 200_000_000  # bytes
_KINDS = (".csv", ".parquet", ".pq")


def suffix_of(name: str) -> str:
    """The suffix of a file's name, which says how it is read. DataError for one that is not a log's."""
    suffix = Path(name.replace("\\", "/")).suffix.lower() if "\0" not in name else ""
    if suffix not in _KINDS:
        raise DataError(
            f"{shown(name)}: expected a CSV or Parquet file, with the suffix .csv, .parquet or .pq. Drop such a file.",
            field="log", value=name,
        )  # fmt: skip
    return suffix


def check_size(size: int) -> None:
    """DataError for more bytes than a dropped log may have."""
    if size > LARGEST:
        raise DataError(
            f"the dropped log has more than {LARGEST:,} bytes: expected fewer. Name it on the command line instead.",
            field="log", value=size,
        )  # fmt: skip


def log_of(name: str, data: bytes, reading: Mapping[str, Any]) -> Log:
    """The log in these bytes. name: only its suffix is used.  reading: the arguments of `Log.read`."""
    suffix = suffix_of(name)
    check_size(len(data))
    with tempfile.TemporaryDirectory(prefix="foglight-") as folder:
        path = Path(folder) / f"dropped{suffix}"
        path.write_bytes(data)
        try:
            return Log.read(path, **reading)
        except DataError as error:  # the file with that name is gone when the message is read
            message = str(error).replace(str(path), shown(name))
            raise DataError(message, field=error.field, index=error.index, value=error.value) from error
