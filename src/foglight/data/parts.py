"""A recording larger than memory, as logs of some rows each: `fog.open_log`."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from foglight.data.log import Log
from foglight.data.readers.assembly import log_fields
from foglight.data.readers.open import open_source
from foglight.data.readers.position import Position
from foglight.data.readers.source import ROWS, Source


@dataclass(frozen=True)
class Part:
    """Some rows as a log of their own, and the position after them. goes_on: the first row is of the track before."""

    log: Log
    after: Position
    goes_on: bool


class LogFile:
    """A recording on disk that is read in parts, in bounded memory. Made by `fog.open_log`.

    Iterating gives logs of 65,536 rows each, in order; their concatenation is what `Log.read` gives.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def rows(self) -> int | None:
        """The rows of the log: exact, or an estimate from the size; None where that cannot be known beforehand."""
        return self.source.rows()

    def identity(self) -> dict[str, int | str]:
        """size in bytes, and sha256 of the first and last 64 KiB: whether it is the same file as before."""
        return self.source.identity()

    def parts(self, after: Position | None = None, rows: int = ROWS) -> Iterator[Part]:
        """The parts of so many rows each, from the start or from the position that an earlier part gave.

        Raises DataError and TimeError as `Log.read` does, when the part that holds the fault is reached.
        """
        before = after or Position()
        for piece, position, assembly in self.source.pieces(after, rows):
            fields = log_fields(piece, assembly.tracks.names, self.source.reading, assembly.values, position)
            goes_on = before.rows > 0 and (piece.track is None or int(piece.track[0]) < before.tracks)
            yield Part(Log(**fields._asdict()), position, goes_on)
            before = position

    def __iter__(self) -> Iterator[Log]:
        return (part.log for part in self.parts())

    def __repr__(self) -> str:
        return f"LogFile({str(self.path)!r})"


def open_log(
    path: str | PathLike[str],
    *,
    dt: float | None = None,
    time: str = "time",
    unit: str = "s",
    track: str | None = None,
    sensor: str | None = None,
    ignore: Collection[str] = (),
    repeats: str = "keep",
    wraps: float | None = None,
) -> LogFile:
    """Open a recording that is larger than memory, to be read in parts.

    Parameters
    ----------
    path : str or path
        A CSV file or, by its suffix .parquet or .pq, a Parquet file.
    dt, time, unit, track, sensor, ignore, repeats, wraps
        As in `Log.read`.

    Returns
    -------
    LogFile
        Iterate over it for logs of 65,536 rows each; `.parts(rows=...)` for other sizes, and for the position from
        which another process can go on.

    Raises
    ------
    DataError, TimeError
        As `Log.read` does, when the part that holds the fault is reached.

    Examples
    --------
    >>> for log in fog.open_log("radar.csv", unit="ms"):
    ...     print(len(log))
    """
    return LogFile(
        open_source(
            path,
            dt=dt,
            time=time,
            unit=unit,
            track=track,
            sensor=sensor,
            ignore=ignore,
            repeats=repeats,
            wraps=wraps,
        )
    )
