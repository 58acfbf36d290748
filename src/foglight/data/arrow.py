"""Arrow tables as other libraries hand them over, through the Arrow PyCapsule interface."""

from typing import Any
from weakref import WeakSet

from foglight.core.errors import DataError

STREAM, ARRAY = "__arrow_c_stream__", "__arrow_c_array__"
_read: WeakSet[Any] = WeakSet()  # streams that have been taken here


def pyarrow(what: str) -> Any:
    """The module pyarrow; DataError if it is not installed. what: needs it, for the message."""
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise DataError(
            f"{what} needs pyarrow, which is not installed. Run pip install 'foglight[arrow]'.",
            field="pyarrow",
        ) from None
    return pyarrow


def is_arrow(given: Any) -> bool:
    """Whether an object hands over Arrow: an array, or a stream of record batches."""
    return hasattr(type(given), STREAM) or hasattr(type(given), ARRAY)


def reader_of(given: Any) -> Any:
    """A pyarrow.RecordBatchReader of an object that hands over record batches. Nothing is read yet.

    DataError for a reader that has been read before, and for what is no record batch.
    """
    pa = pyarrow("An Arrow stream")
    try:
        if isinstance(given, pa.RecordBatchReader):
            if given in _read:
                raise DataError(
                    "reader: the stream has been read before: expected one that has not. A stream is read once; open "
                    "it again, or keep it with read_all().", field="reader",
                )  # fmt: skip
            _read.add(given)
            return given
        if hasattr(given, STREAM):
            return pa.RecordBatchReader.from_stream(given)
        batch = pa.record_batch(given)
    except (TypeError, ValueError, pa.ArrowException) as error:
        if isinstance(error, DataError):
            raise
        raise _no_batches(given, error) from error
    return pa.RecordBatchReader.from_batches(batch.schema, [batch])


def table_of(given: Any) -> Any:
    """All that an object hands over, as a pyarrow.Table."""
    reader = reader_of(given)
    try:
        return reader.read_all()
    except OSError as error:
        raise _no_batches(given, error) from error


def as_frame(given: Any) -> Any:
    """What hands over Arrow and has no columns of its own, such as a reader, as a pyarrow.Table; anything else as it
    is."""
    if not is_arrow(given) or any(
        hasattr(type(given), name) for name in ("columns", "column_names", "to_frame")
    ):
        return given
    return table_of(given)


def _no_batches(given: Any, error: Exception) -> DataError:
    reason = (str(error).splitlines() or [""])[0][:200].rstrip(".")
    return DataError(
        f"{type(given).__name__}: {reason}. Expected record batches: columns of equal length, with names.",
        field="reader", value=type(given).__name__,
    )  # fmt: skip
