"""Turns the columns of a table, part by part, into rows in time order, numbered tracks and blocks of readings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.core.timestamps import NUMBER
from foglight.data.controls import Hold
from foglight.data.long_format import Long
from foglight.data.readers import time_order
from foglight.data.readers.options import Reading
from foglight.data.readers.position import Origin, Position
from foglight.data.readers.table_protocols import ColumnTable
from foglight.data.readers.tracks import Tracks, check_names

MOST_SENSORS = 256  # in one column: each of them takes memory in every row


@dataclass(frozen=True)
class Piece:
    """Rows of a log: time_ns (T,), track (T,) numbered from the first of the file or None, blocks {name: (T, 1)}."""

    time_ns: NDArray[np.int64]
    track: NDArray[np.int64] | None
    blocks: dict[str, NDArray[np.float64]]


class Assembly:
    """Makes pieces one after another. The position carries what a piece needs to know about those before it.

    labels: the tracks seen so far, in order. ordered: False if the rows will be sorted later.
    """

    def __init__(
        self, reading: Reading, values: list[str], labels: list[Label], *, ordered: bool = True
    ) -> None:
        self.reading = reading
        self.values = values
        self.tracks = Tracks(labels, ordered=ordered)

    def piece(self, table: ColumnTable, before: Position) -> tuple[Piece, Position]:
        """The piece of a table with at least one row, and the position after it (without offset and line)."""
        rows = table.rows
        starts = np.zeros(rows, bool)
        starts[0] = before.rows == 0
        after = replace(before, rows=before.rows + rows)
        track = None
        if self.reading.track is not None:
            labels = table.labels(self.reading.track)
            track, starts = self.tracks.number(table, self.reading.track, labels, before.track)
            after = replace(after, track=self.tracks.last, tracks=len(self.tracks.names))
        time_ns, after = self._time(table, starts, before, after)
        if self.reading.sensor is None:
            blocks = {name: table.numbers(name)[:, None] for name in self.values}
        else:
            blocks, layout = self._sensors(table, self.reading.sensor, before.layout)
            after = replace(after, layout=layout)
        return Piece(time_ns, track, blocks), after

    def _time(
        self, table: ColumnTable, starts: NDArray[np.bool_], before: Position, after: Position
    ) -> tuple[NDArray[np.int64], Position]:
        reading = self.reading
        if reading.dt is not None:
            time_ns = timestamps.regular(after.rows, reading.dt, first=before.rows)
            return time_ns, replace(after, first=0, stamp=int(time_ns[-1]))
        time_ns, kind = table.time(reading.time, reading.unit, before.kind)
        turns, dates = 0, kind != NUMBER
        if reading.wraps is not None and dates:
            raise DataError(
                f"wraps = {reading.wraps // timestamps.unit_of(reading.unit)}, but {reading.time!r} holds dates: "
                "expected the numbers of a counter. Leave wraps= out.",
                field="wraps",
            )
        if reading.wraps is not None:
            time_ns, turns = time_order.unwrapped(table, reading.time, time_ns, starts, before, reading.wraps)
        first = (
            time_order.check_order(table, reading.time, time_ns, starts, before, dates)
            if self.tracks.ordered
            else 0
        )
        if not before.rows:
            time_order.warn_if_odd(reading.time, int(time_ns[0]), dates, reading.unit)
        return time_ns, replace(after, first=first, stamp=int(time_ns[-1]), turns=turns, kind=kind)

    def _sensors(
        self, table: ColumnTable, name: str, layout: str
    ) -> tuple[dict[str, NDArray[np.float64]], str]:
        """Blocks `sensor.column` for every column that a sensor has used so far, and the layout of these as JSON."""
        seen: dict[str, list[int]] = json.loads(layout) if layout else {}
        labels = table.labels(name)
        check_names(table, name, labels)
        names = [str(label) for label in labels]
        numbers = {label: number for number, label in enumerate(dict.fromkeys([*seen, *names]))}
        if len(numbers) > MOST_SENSORS:
            raise DataError(
                f"the column {name!r} names more than {MOST_SENSORS} sensors: expected those of the model. "
                f"Name the right column with sensor=.",
                field=name,
                value=len(numbers),
            )
        which = np.array([numbers[label] for label in names])
        rows_of = {label: which == number for label, number in numbers.items()}
        used: dict[str, set[int]] = {label: set(seen.get(label, ())) for label in numbers}
        blocks: dict[tuple[str, int], NDArray[np.float64]] = {}
        for k, column in enumerate(self.values):
            values = table.numbers(column)
            present = ~np.isnan(values)
            for label, rows in rows_of.items():
                if k in used[label] or (rows & present).any():
                    used[label].add(k)
                    blocks[label, k] = np.where(rows, values, np.nan)[:, None]
        found = {label: sorted(columns) for label, columns in used.items()}
        ordered = {
            f"{label}.{self.values[k]}": blocks[label, k] for label, columns in found.items() for k in columns
        }
        if len(ordered) < len(blocks):
            raise DataError(
                f"two of {name!r} and the columns give the same name sensor.column: expected different ones. "
                f"Rename a column.",
                field=name,
            )
        return ordered, json.dumps(found)


def joined(pieces: Sequence[Piece]) -> Piece:
    """The pieces concatenated; a block that a piece lacks is NaN there. Blocks are in the order of the last piece."""
    if len(pieces) == 1:
        return pieces[0]
    blocks = {}
    for name in pieces[-1].blocks:
        parts = [piece.blocks.get(name) for piece in pieces]
        blocks[name] = np.concatenate(
            [
                np.full((len(piece.time_ns), 1), np.nan) if part is None else part
                for piece, part in zip(pieces, parts, strict=True)
            ]
        )
    track = None if pieces[0].track is None else np.concatenate([piece.track for piece in pieces])
    return Piece(np.concatenate([piece.time_ns for piece in pieces]), track, blocks)


def ordered(piece: Piece) -> Piece:
    """The rows sorted by track, in order of first appearance, and by time. The sort is stable."""
    keys = (piece.time_ns,) if piece.track is None else (piece.time_ns, piece.track)
    return some_rows(piece, np.lexsort(keys))


def some_rows(piece: Piece, rows: slice | NDArray[np.int64]) -> Piece:
    """These rows of a piece, in this order."""
    return Piece(
        piece.time_ns[rows],
        None if piece.track is None else piece.track[rows],
        {name: block[rows] for name, block in piece.blocks.items()},
    )


class LogFields(NamedTuple):
    """The fields of a log, named as in `Log`."""

    time_ns: NDArray[np.int64]
    blocks: dict[str, NDArray[np.float64]]
    track: NDArray[np.int64] | None
    track_names: tuple[Label, ...]
    repeats: str
    hold: Hold
    long: Long | None
    origin: Origin


def log_fields(
    piece: Piece,
    names: Sequence[Label],
    reading: Reading,
    values: Sequence[str],
    after: Position,
    library: str = "",
) -> LogFields:
    """The fields of a log of this piece, with tracks numbered from 0. library: that of the dataframe it came from."""
    track = piece.track
    first = 0 if track is None else int(track[0])
    last = 0 if track is None else int(track[-1]) + 1
    return LogFields(
        piece.time_ns,
        piece.blocks,
        track=None if track is None else track - first,
        track_names=tuple(names[first:last]),
        repeats=reading.repeats,
        hold=reading.hold,
        long=Long.of(after.layout, values) if reading.sensor is not None else None,
        origin=Origin(library, after.kind),
    )
