"""Where a log comes from: a position in a file, from which reading goes on, or a dataframe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foglight.core.row_names import Label

LARGEST = 1 << 63  # beyond what counts bytes, rows or nanoseconds


@dataclass(frozen=True)
class Position:
    """Where reading goes on, in plain numbers and texts: `Place(**json.loads(text))` makes it again.

    offset: bytes before it, or rows of a Parquet file; line: lines before it; rows: rows of the log before it;
    first, stamp: nanoseconds of the first and the last row of the last track; track: that track's label; tracks: how
    many have begun; turns: how often its counter has wrapped; kind: of the stamps; layout: what sensors of a long file
    were seen, as JSON.
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


def position_of(told: Mapping[str, Any]) -> Position:
    """The place that `dataclasses.asdict` told. What it never tells raises TypeError or ValueError."""
    place = Position(**told)
    counts = (place.offset, place.line, place.rows, place.tracks, place.turns)
    stamps = [stamp for stamp in (place.first, place.stamp) if stamp is not None]
    sound = (
        all(type(number) is int and abs(number) < LARGEST for number in (*counts, *stamps))
        and min(counts) >= 0
        and isinstance(place.track, int | str | None)
        and isinstance(place.kind, str)
        and isinstance(place.layout, str)
    )
    if not sound:
        raise ValueError(f"{place} is no place in a file")
    return place


@dataclass(frozen=True)
class Origin:
    """The dataframe library that a log came from, and the kind of its stamps there."""

    library: str
    kind: str
