"""What goes out: record batches with a row for each row that came in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.adaptation import columns
from foglight.core.errors import status_text
from foglight.data.columns import Numbers, distinct
from foglight.inference.batches.rows import Rows
from foglight.inference.batches.scan import Part
from foglight.inference.gaussians import Gaussians, _belief_columns, labelled
from foglight.inference.run_columns import run_columns
from foglight.methods.method import Method
from foglight.model.model import Model

REFUSED = 1 << 15  # the status of a row that was left out, above all bits of Status
_CLOCK = 2  # the columns before the results: of the track and of the time


class RowOutput:
    """Writes rows. schema: of what comes in; names: the columns of results; flag: whether there are messages."""

    def __init__(self, schema: Any, names: list[str], flag: bool) -> None:
        import pyarrow as pa

        self._names, self._flag = names, flag
        distinct([*schema.names[:_CLOCK], *names, "status", *["message"] * flag], "the output")
        results = [(name, pa.float64()) for name in names]
        texts = [(name, pa.string()) for name in ("status", *["message"] * flag)]
        self.schema = pa.schema(
            [schema.field(0), schema.field(1), *map(lambda f: pa.field(*f), results + texts)]
        )

    def batch(self, rows: Rows, parts: list[Part]) -> Any:
        """The record batch of some rows and their runs."""
        import pyarrow as pa

        found = [dict(_results(part)) for part in parts]
        whole = len(parts) == 1 and parts[0].at is None
        results = [self._column(name, found, parts, len(rows), whole) for name in self._names]
        status = np.full(len(rows), REFUSED)
        for part in parts:
            status[slice(None) if part.at is None else part.at] = _status(part)
        texts = [pa.array(result) for result in results] + [status_array(status)]
        if self._flag:
            texts.append(message_array(rows))
        return pa.RecordBatch.from_arrays(
            [rows.batch.column(0), rows.batch.column(1), *texts], schema=self.schema
        )

    @staticmethod
    def _column(
        name: str, columns: list[dict[str, Any]], parts: list[Part], rows: int, whole: bool
    ) -> NDArray[np.float64]:
        if whole:
            return np.ascontiguousarray(columns[0][name])
        found = np.full(rows, np.nan)
        for column, part in zip(columns, parts, strict=True):
            found[slice(None) if part.at is None else part.at] = column[name]
        return found


def _results(part: Part) -> list[tuple[str, NDArray[np.float64]]]:
    """The columns of numbers of a run, or of a smoothed one."""
    if part.smoothed is not None:
        return belief_columns(part.smoothed)
    found = run_columns(part.run)[_CLOCK:]
    return [(name, column.values) for name, column in found if isinstance(column, Numbers)]


def belief_columns(beliefs: Gaussians) -> list[tuple[str, NDArray[np.float64]]]:
    """Each state and its standard deviation."""
    found = _belief_columns(beliefs)
    return [(name, column.values) for name, column in found if isinstance(column, Numbers)]


def belief_names(model: Model) -> list[str]:
    """The names of the states and their standard deviations, as in the columns of results."""
    mean, std = np.zeros((0, len(model.ambient))), np.zeros((0, len(model.state)))
    found = []
    for name, values, spread in labelled(model.charts, mean, std):
        found += [name] * (values is not None) + [f"{name}_std"] * (spread is not None)
    return found


def row_names(model: Model, method: Method, smoothed: bool) -> list[str]:
    """The names of the columns of results of each row."""
    if smoothed:
        return belief_names(model)
    scales = [f"{name}_noise_scale" for name in columns(model, method, 0)]
    return [*belief_names(model), *scales, "nis", "loglik"]


def _status(part: Part) -> NDArray[np.int64]:
    found = part.run.status
    return found if part.smoothed is None else found | part.smoothed.status


def status_array(status: NDArray[np.int64]) -> Any:
    """Bits of a status as an Arrow array of text."""
    import pyarrow as pa

    bits = np.flatnonzero(np.bincount(status, minlength=1))
    number = np.zeros(int(bits[-1]) + 1 if len(bits) else 0, np.int32)
    number[bits] = np.arange(len(bits))
    texts = pa.array([words(int(code)) for code in bits], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(number[status]), texts).dictionary_decode()


def words(bits: int) -> str:
    """The status of a row in words; REFUSED if it was left out."""
    return "|".join([*(["REFUSED"] if bits & REFUSED else []), *filter(None, [status_text(bits & ~REFUSED)])])


def message_array(rows: Rows) -> Any:
    """Why each row was refused, null where it was not."""
    import pyarrow as pa

    if rows.refused is None:
        return pa.nulls(len(rows), pa.string())
    texts = pa.array([None, *rows.reasons[1:]], pa.string())
    return texts.take(pa.array(rows.refused))
