"""Tables with timestamps of their own, brought to common rows: one for every timestamp that any of them has.

A row is a track, a timestamp and how often that timestamp has come before in the table: where a table has one twice, so
has the log.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError, FoglightError, TimeError
from foglight.core.row_names import Label
from foglight.core.text import listed
from foglight.core.timestamps import AWARE, NAIVE, NUMBER, Kind
from foglight.core.types import Array
from foglight.data.array_input import one_block, tracks_and_time
from foglight.data.arrow import is_arrow
from foglight.data.given_inputs import refuse_taken
from foglight.data.log_measurements import WHOLE
from foglight.data.log_rows import LogRows, starts_of
from foglight.data.named_columns import named_blocks
from foglight.data.readers.position import kind_of

_KINDS = {NUMBER: "numbers", AWARE: "dates with a zone", NAIVE: "dates without a zone"}
_FORMS = (
    "a table with timestamps of its own: a dataframe, {'time': ..., 'x': ...}, a pair (time, z), or a fog.Log"
)


class Merged(NamedTuple):
    """The common rows, and what stands in them. u, inputs: in the order of a model, or by name."""

    time_ns: NDArray[np.int64]
    kind: Kind
    track: NDArray[np.int64] | None
    names: tuple[Label, ...]
    blocks: dict[str, Array]
    u: Array | None
    inputs: dict[str, Array]

    @property
    def starts(self) -> NDArray[np.bool_]:
        """Which rows begin a track."""
        return starts_of(len(self.time_ns), self.track)


class _Table(NamedTuple):
    """A table: its timestamps and their kind, the label of each row's track, and its columns. "": one without names."""

    name: str
    time_ns: NDArray[np.int64]
    kind: Kind
    track: list[Label] | None
    blocks: dict[str, Array]


class _Options(NamedTuple):
    """The columns of time and tracks, the unit of time, and `Log`, which reads dataframes."""

    time: str
    unit: str
    track: str | None
    log: Any


def merged(
    sensors: Mapping[str, Any], u: Any, time: str, unit: str, track: str | None, log: type[LogRows]
) -> Merged:
    """The common rows of these tables; the arguments are those of `Log.merge`, and `Log`."""
    options = _Options(time, unit, track, log)
    if not sensors:
        raise DataError(
            "no sensor given: expected at least one, by name. Write Log.merge(gps=table).", field="sensors"
        )
    tables = [_read(name, given, options) for name, given in sensors.items()]
    given = _inputs(u, options)
    every = [*tables, *given]
    _check_kinds(every)
    _check_tracks(every, options)
    names = tuple(dict.fromkeys(label for table in every for label in table.track or ()))
    numbers = {label: number for number, label in enumerate(names)}
    time_ns, number, rows_of = _common(every, numbers)
    blocks: dict[str, Array] = {}
    for table, rows in zip(tables, rows_of, strict=False):
        for column, block in table.blocks.items():
            label = _label(table.name, column)
            blocks[label] = _spread(block, rows, len(time_ns))
    inputs = {
        column or table.name: _spread(block, rows, len(time_ns))
        for table, rows in zip(given, rows_of[len(tables) :], strict=True)
        for column, block in table.blocks.items()
    }
    unnamed = inputs.pop("u") if len(given) == 1 and list(given[0].blocks) == [""] and _is_pair(u) else None
    refuse_taken(inputs, blocks)
    return Merged(time_ns, every[0].kind, number if names else None, names, blocks, unnamed, inputs)


def _label(sensor: str, column: str) -> str:
    """The name of a block: that of its sensor and of its column."""
    if not column or column == sensor or column.startswith(f"{sensor}."):
        return column or sensor
    return f"{sensor}.{column}"


def _inputs(u: Any, options: _Options) -> list[_Table]:
    """The tables of inputs: one, or one for each name."""
    if u is None:
        return []
    if isinstance(u, Mapping) and options.time not in u:
        return [_one_column(name, _read(f"u[{name!r}]", given, options)) for name, given in u.items()]
    return [_read("u", u, options)]


def _one_column(name: Any, table: _Table) -> _Table:
    """The table of one input, by its name."""
    block, *more = table.blocks.values()
    if more or block.shape[1] != 1 or not isinstance(name, str):
        raise DataError(
            f"{table.name} has {len(table.blocks) if more else block.shape[1]} columns: expected one control by its "
            "name. Write u={'speed': (time, speed)}.",
            field="u",
            index=name,
        )
    return table._replace(name=name, blocks={name: block})


def _read(name: str, given: Any, options: _Options) -> _Table:
    """A table of any form; its errors name it."""
    try:
        if isinstance(given, LogRows):
            return _of_log(name, given)
        if isinstance(given, Mapping):
            return _of_columns(name, given, options)
        if _is_pair(given):
            return _of_pair(name, given[0], given[1], options)
        if hasattr(given, "columns") or hasattr(given, "column_names") or is_arrow(given):
            frame = options.log.from_frame(given, time=options.time, unit=options.unit, track=options.track)
            return _of_log(name, frame)
    except FoglightError as error:
        field = name if error.field in ("z", name) else f"{name}.{error.field}"
        raise type(error)(f"{name}: {error}", field=field, index=error.index, value=error.value) from error
    raise DataError.expected(name, type(given).__name__, _FORMS, f"Write {name}=(time, z).")


def _is_pair(given: Any) -> bool:
    return isinstance(given, (tuple, list)) and len(given) == 2


def _of_pair(name: str, time: Any, values: Any, options: _Options) -> _Table:
    time_ns, kind, _, _ = tracks_and_time(time, options.unit, None)
    rows = len(time_ns)
    blocks = named_blocks(values, "", rows, alone=name == "u") or {"": one_block(values, "z", rows)}
    return _Table(name, time_ns, kind, None, blocks)


def _of_columns(name: str, columns: Mapping[Any, Any], options: _Options) -> _Table:
    for role in (options.time, options.track):
        if role is not None and role not in columns:
            found = listed([str(column) for column in columns])
            raise DataError(
                f"there is no {role!r}: found {found}. Add it, or name the column.",
                field=name,
                value=list(columns),
            )
    track = None if options.track is None else columns[options.track]
    time_ns, kind, numbers, names = tracks_and_time(columns[options.time], options.unit, track)
    blocks = {
        str(column): one_block(values, str(column), len(time_ns))
        for column, values in columns.items()
        if column not in (options.time, options.track)
    }
    if not blocks:
        raise DataError(f"there is nothing beside {options.time!r}: expected readings. Add them.", field=name)
    return _Table(name, time_ns, kind, _labels(numbers, names), blocks)


def _of_log(name: str, log: LogRows) -> _Table:
    if log.long is not None or log.tracks is not None or log.u is not None:
        what = "in long format" if log.long is not None else "with controls or series side by side"
        raise DataError.expected(
            name, f"a log {what}", "a log of one sensor", "Give its columns as a dict with their times."
        )
    blocks = {"" if log.nameless and label == WHOLE else label: block for label, block in log.blocks.items()}
    return _Table(name, log.time_ns, kind_of(log.origin), _labels(log.track, log.track_names), blocks)


def _labels(numbers: NDArray[np.int64] | None, names: tuple[Label, ...]) -> list[Label] | None:
    return None if numbers is None else [names[number] for number in numbers.tolist()]


def _check_kinds(tables: list[_Table]) -> None:
    """TimeError unless the timestamps of all tables are numbers, or dates with a zone, or dates without."""
    first = tables[0]
    for table in tables[1:]:
        if table.kind != first.kind:
            raise TimeError(
                f"{table.name} has {_called(table.kind)}, and {first.name} has {_called(first.kind)}: expected one "
                "clock. Convert the timestamps of one of them.",
                field="time",
                value=table.name,
            )


def _called(kind: Kind) -> str:
    return _KINDS[kind] if isinstance(kind, str) else "periods of a calendar"


def _check_tracks(tables: list[_Table], options: _Options) -> None:
    """DataError unless all tables have tracks, or none has."""
    apart = [table for table in tables if (table.track is None) != (tables[0].track is None)]
    apart += [table for table in tables if options.track is not None and table.track is None]
    if apart:
        without = apart[0] if apart[0].track is None else tables[0]
        raise DataError(
            f"{without.name} does not say which track its rows belong to, as other tables do: expected a column of "
            "tracks in all of them. Give it one, and name it with track=.",
            field="track",
            value=without.name,
        )


def _common(
    tables: list[_Table], numbers: Mapping[Label, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[np.int64]]]:
    """The timestamps of the common rows, the number of the track of each, and the common row of each table's rows."""
    stamped = []
    for table in tables:
        track = np.array([numbers[label] for label in table.track or ()], np.int64)
        stamped.append((track if len(track) else np.zeros(len(table.time_ns), np.int64), table.time_ns))
    return common_rows(stamped)


def common_rows(
    stamped: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[NDArray[np.int64]]]:
    """The timestamps of the common rows, the track of each, and the common row of each table's rows.

    stamped: of each table, the tracks and the timestamps of its rows, in order of both.
    """
    keys = []
    for track, time_ns in stamped:
        rows = np.arange(len(time_ns))
        new = np.append(True, (np.diff(time_ns) != 0) | (np.diff(track) != 0))[: len(rows)]
        again = rows - np.maximum.accumulate(np.where(new, rows, 0))
        keys.append(np.stack([track, time_ns, again]))
    every = np.concatenate(keys, axis=1)
    order = np.lexsort(every[::-1])
    ordered = every[:, order]
    new = np.append(True, (np.diff(ordered, axis=1) != 0).any(axis=0))
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(new) - 1
    ends = np.cumsum([key.shape[1] for key in keys])
    return ordered[1, new], ordered[0, new], np.split(row, ends[:-1])


def _spread(block: Array, rows: NDArray[np.int64], count: int) -> Array:
    """A block in the common rows, NaN where its table has none."""
    found: Array = np.full((count, block.shape[1]), np.nan)
    found[rows] = block
    return found
