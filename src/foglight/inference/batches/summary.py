"""What goes out: record batches with a row for each series, once it has ended."""

from typing import Any

import numpy as np

from foglight.data.columns import distinct
from foglight.inference.batches.output import belief_names, status_array
from foglight.inference.batches.rows import Rows
from foglight.inference.batches.scan import Part
from foglight.inference.batches.series import Series, continued, strays
from foglight.model.model import Model

_COUNTS, _SUMS, _WORDS = ("rows", "readings"), ("log_likelihood", "mean_nis"), ("status", "message")


class SummaryOutput:
    """Writes a row for each series. schema: of what comes in."""

    def __init__(self, schema: Any, model: Model) -> None:
        import pyarrow as pa

        self._names = belief_names(model)
        distinct([*schema.names[:2], *_COUNTS, *_SUMS, *self._names, *_WORDS], "the output")
        self.schema = pa.schema([
            schema.field(0), schema.field(1),
            *(pa.field(name, pa.int64()) for name in _COUNTS),
            *(pa.field(name, pa.float64()) for name in (*_SUMS, *self._names)),
            *(pa.field(name, pa.string()) for name in _WORDS),
        ])  # fmt: skip
        self._open: Series | None = None

    def batch(self, rows: Rows, parts: list[Part]) -> Any:
        """The record batch of the series that have ended in these rows, or before; None if none has."""
        import pyarrow as pa

        found = []
        if (rows.series >= 0).any():
            every = continued(self._open, rows, parts, len(self._names))
            self._open = every.part(len(every) - 1, len(every))
            if len(every) > 1:
                found.append(self._written(every.part(0, len(every) - 1)))
        if (rows.series < 0).any():
            found.append(self._written(strays(rows, len(self._names))))
        if len(found) < 2:
            return found[0] if found else None
        return pa.Table.from_batches(found).combine_chunks().to_batches()[0]

    def rest(self) -> Any:
        """The record batch of the series that is open at the end of the stream; None if there is none."""
        return None if self._open is None else self._written(self._open)

    def _written(self, series: Series) -> Any:
        import pyarrow as pa

        numbers = [series.rows, series.readings, series.loglik, series.mean_nis, *series.belief.T]
        arrays = [pa.array(np.ascontiguousarray(number)) for number in numbers]
        words = [status_array(series.status), pa.array(series.message, pa.string())]
        return pa.RecordBatch.from_arrays([series.keys, series.time, *arrays, *words], schema=self.schema)
