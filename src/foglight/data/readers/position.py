"""Where a log comes from: a position in a file, from which reading continues, or a dataframe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foglight.core.row_names import Label
from foglight.core.timestamps import NUMBER, Kind

LARGEST = 1 << 63  # exceeds every count of bytes, rows or nanoseconds


@dataclass(frozen=True)
class Position:
    """Where reading continues, as plain numbers and strings: `Position(**json.loads(text))` rebuilds it.

    offset: bytes before it, or rows of a Parquet file; line: lines before it; rows: rows of the log before it;
    first, stamp: nanoseconds of the first and the last row of the last track; track: the label of that track; tracks:
    the number of tracks so far; turns: how often its counter has wrapped; kind: the kind of the stamps; layout: the
    sensors of a long table seen so far, as JSON.
    """

    offset: int = 0
    line: int = 0
    rows: int = 0
    first: int | None = None
    stamp: int | None = None
    track: Label | None = None
    tracks: int = 0
    turns: int = 0
    kind: str = ""
    layout: str = ""


def position_of(fields: Mapping[str, Any]) -> Position:
    """The position with the fields of `dataclasses.asdict`. Invalid fields raise TypeError or ValueError."""
    position = Position(**fields)
    counts = (position.offset, position.line, position.rows, position.tracks, position.turns)
    stamps = [stamp for stamp in (position.first, position.stamp) if stamp is not None]
    sound = (
        all(type(number) is int and abs(number) < LARGEST for number in (*counts, *stamps))
        and min(counts) >= 0
        and isinstance(position.track, int | str | None)
        and isinstance(position.kind, str)
        and isinstance(position.layout, str)
    )
    if not sound:
        raise ValueError(f"{position} is not a position in a file")
    return position


@dataclass(frozen=True)
class Origin:
    """The dataframe library that a log came from, "" if from none, and the kind of its timestamps."""

    library: str
    kind: Kind


def kind_of(origin: Origin | None) -> Kind:
    """The kind of a log's timestamps: numbers, unless it came with dates; its calendar, if it has one."""
    return NUMBER if origin is None or not origin.kind else origin.kind
