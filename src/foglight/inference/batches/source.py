"""Where the rows come from: record batches of any library, checked against one schema and cut into pieces."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from foglight.core.errors import DataError
from foglight.core.text import listed, shown
from foglight.data.arrow import is_arrow, pyarrow, reader_of
from foglight.data.binding import bind_blocks, bind_controls
from foglight.data.readers.options import Reading
from foglight.model.model import Model


class Chunk(NamedTuple):
    """Some rows of the stream.

    first: the number of the first of them; batch: their columns; refused: why none of them can be used, or "".
    """

    first: int
    batch: Any
    refused: str = ""


class Source:
    """Record batches, as the columns that a model needs.

    schema: of these, the names of series as plain strings or integers; None if there is not even an empty batch.
    values: the columns of measurements and controls.
    """

    def __init__(self, given: Any, options: Reading, model: Model) -> None:
        self.pa = pyarrow("fog.batches")
        self.options = options
        self._batches = self._opened(given)
        first = next(self._batches, None)
        self.schema = None
        self.values: list[str] = []
        if first is None:
            return
        whole, batch = first
        names = list(whole.names)
        for role, name in (("by", options.track), ("time", options.time)):
            if name not in names:
                raise DataError(
                    f"the stream has no column {name!r}: expected one of {listed(names)}. Name it with {role}=.",
                    field=role, value=name,
                )  # fmt: skip
        self.values = options.values(names, "the stream")
        self._check_names(whole)
        self._check_types(whole)
        blocks = {name: np.zeros((0, 1)) for name in self.values}
        bind_controls(
            None, {event.name: np.zeros((0, 1)) for event in model.interventions} | blocks, 0, model
        )
        bind_blocks(blocks, 0, model)
        fields = [whole.field(name) for name in self.columns]
        self._given = self.pa.schema(fields)
        self.schema = self.pa.schema([fields[0].with_type(self._plain(fields[0].type)), *fields[1:]])
        self._batches = chain([(whole, batch)], self._batches)

    @property
    def columns(self) -> list[str]:
        """The columns of the series, of the time and of the values."""
        return [str(self.options.track), self.options.time, *self.values]

    def chunks(self, rows: int, flag: bool) -> Iterator[Chunk]:
        """The rows, about so many at a time. flag: a batch of another schema is refused, and does not end it all."""
        first, count = 0, 0
        held: list[Any] = []
        for whole, batch in self._batches:
            if batch is None or not batch.num_rows:
                continue
            problem = self._change(whole, first + count)
            if problem is not None and not flag:
                raise problem
            if problem is not None and held:
                yield Chunk(first, self._joined(held))
                first, count, held = first + count, 0, []
            if problem is not None:
                yield Chunk(first, self._forced(batch), str(problem))
                first += batch.num_rows
                continue
            batch = self._needed(batch)
            if held and count + batch.num_rows > rows:
                yield Chunk(first, self._joined(held))
                first, count, held = first + count, 0, []
            while batch.num_rows > rows:
                yield Chunk(first, batch.slice(0, rows))
                first, batch = first + rows, batch.slice(rows)
            held.append(batch)
            count += batch.num_rows
        if held:
            yield Chunk(first, self._joined(held))

    def _opened(self, given: Any) -> Iterator[tuple[Any, Any]]:
        """(schema, batch) of each record batch; of an empty stream its schema, and None."""
        if is_arrow(given):
            yield from self._read(reader_of(given))
            return
        if not isinstance(given, Iterable) or isinstance(given, str | bytes | dict):
            raise DataError.expected(
                "reader", given, "a stream of Arrow record batches, or an iterable of them",
                "Pass pq.ParquetFile(path).iter_batches(), or a dataframe.",
            )  # fmt: skip
        for index, part in enumerate(given):
            if not is_arrow(part):
                raise DataError.expected(
                    "reader",
                    type(part).__name__,
                    "an Arrow record batch",
                    "Pass record batches.",
                    index=index,
                )
            yield from self._read(reader_of(part))

    def _read(self, reader: Any) -> Iterator[tuple[Any, Any]]:
        empty = True
        for batch in reader:
            empty = False
            yield reader.schema, batch
        if empty:
            yield reader.schema, None

    def _joined(self, batches: list[Any]) -> Any:
        if len(batches) == 1:
            return batches[0]
        table = self.pa.Table.from_batches(batches).combine_chunks()
        return table.to_batches()[0]

    def _check_names(self, schema: Any) -> None:
        by = str(self.options.track)
        kind, types = self._plain(schema.field(by).type), self.pa.types
        if not (types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind)):
            raise _of_type(by, schema.field(by).type, "strings or integers. Cast the column.")

    def _plain(self, kind: Any) -> Any:
        """The type of a column of names once it is plain strings or integers."""
        kind = kind.value_type if self.pa.types.is_dictionary(kind) else kind
        return self.pa.large_string() if str(kind) == "string_view" else kind

    def _check_types(self, schema: Any) -> None:
        """DataError for a column of values that are not numbers."""
        types = self.pa.types
        for name in self.values:
            kind = schema.field(name).type
            if not any(
                test(kind) for test in (types.is_integer, types.is_float32, types.is_float64, types.is_null)
            ):
                expected = "floats or integers, null or NaN where missing"
                raise _of_type(name, kind, f"{expected}. Cast the column, or leave it out with ignore=.")

    def _change(self, schema: Any, row: int) -> DataError | None:
        """What is wrong with the schema of a batch that begins at this row."""
        for field in self._given:
            index = schema.get_field_index(field.name)
            found = "no such column" if index < 0 else str(schema.field(index).type)
            if found != str(field.type):
                has = "is absent" if index < 0 else f"has type {found}"
                return DataError(
                    f"{field.name}[{row}] {has}: expected {field.type}, as in the first batch. Give all "
                    "batches one schema.", field=field.name, index=row, value=found,
                )  # fmt: skip
        new = [n for n in schema.names if n not in self.columns and not self.options.ignores(n)]
        if new:
            return DataError(
                f"a column {shown(new[0])} begins at row {row}: expected {listed(self.columns)}, as in the first "
                "batch. Give all batches one schema.", field=new[0], index=row, value=new[0],
            )  # fmt: skip
        return None

    def _needed(self, batch: Any) -> Any:
        """A batch with these columns only."""
        assert self.schema is not None
        names, *others = (batch.column(name) for name in self.columns)
        if names.type != self.schema.field(0).type:
            names = names.cast(self.schema.field(0).type)
        return self.pa.RecordBatch.from_arrays([names, *others], schema=self.schema)

    def _forced(self, batch: Any) -> Any:
        """A batch of another schema with the columns of the first, null where they cannot be had."""
        assert self.schema is not None
        arrays = []
        for field in self.schema:
            index = batch.schema.get_field_index(field.name)
            array = self.pa.nulls(batch.num_rows, field.type)
            if index >= 0:
                with suppress(self.pa.ArrowInvalid, self.pa.ArrowNotImplementedError):
                    array = batch.column(index).cast(field.type)
            arrays.append(array)
        return self.pa.RecordBatch.from_arrays(arrays, names=self.columns)


def _of_type(name: str, kind: Any, expected: str) -> DataError:
    return DataError(f"the column {name!r} has type {kind}: expected {expected}", field=name, value=str(kind))
