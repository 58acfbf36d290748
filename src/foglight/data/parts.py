"""A recording larger than memory, read as a sequence of logs: `fog.open_log`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from foglight.data.controls import Hold
from foglight.data.log import Log
from foglight.data.readers.assembly import log_fields
from foglight.data.readers.open import open_source
from foglight.data.readers.position import Position
from foglight.data.readers.source import ROWS, Source


@dataclass(frozen=True)
class Part:
    """Some rows of a recording as a log, and where to continue reading.

    Attributes
    ----------
    log : Log
        These rows.
    after : Position
        The position after them.
    goes_on : bool
        Whether the first row continues the last track of the part before.
    """

    log: Log
    after: Position
    goes_on: bool


class LogFile:
    """A recording on disk that is read in parts, with bounded memory. Made by `fog.open_log`.

    Iterating gives logs of 65,536 rows each, in order; their concatenation is what `Log.read` gives.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def rows(self) -> int | None:
        """The number of rows: exact, or an estimate from the file size; None if it cannot be known in advance."""
        return self.source.rows()

    def identity(self) -> dict[str, int | str]:
        """size in bytes, and sha256 of the first and last 64 KiB, to recognise the same file later."""
        return self.source.identity()

    def parts(self, after: Position | None = None, rows: int = ROWS) -> Iterator[Part]:
        """The parts in order, from the start or from the position after an earlier part.

        Parameters
        ----------
        after : Position, optional
            The position from which to continue: `Part.after`.
        rows : int, default 65536
            The most rows of a part.

        Yields
        ------
        Part
            The next rows as a log, with the position after them.

        Raises
        ------
        DataError, TimeError
            As in `Log.read`, when the part with the error is reached.

        Examples
        --------
        >>> for part in fog.open_log("radar.csv").parts(rows=200):
        ...     print(len(part.log), part.after.rows)
        200 200
        100 300
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
    hold: Hold = False,
    rename: Mapping[str, str] | None = None,
    sort: bool = False,
    wraps: float | None = None,
) -> LogFile:
    """Open a recording that is larger than memory, to be read in parts.

    Parameters
    ----------
    path : str or path
        A CSV file or, by its suffix .parquet or .pq, a Parquet file.
    dt, time, unit, track, sensor, ignore, repeats, hold, rename, wraps
        As in `Log.read`.
    sort : bool, default False
        Whether to sort the rows by track and time. The whole file is then held in memory.

    Returns
    -------
    LogFile
        Iterate over it for logs of 65,536 rows each. `.parts(rows=...)` gives other sizes, and the position from which
        another process can continue.

    Raises
    ------
    DataError, TimeError
        As in `Log.read`, when the part with the error is reached.

    Examples
    --------
    >>> for log in fog.open_log("radar.csv"):
    ...     print(log)
    Log(300 rows, 29.9 s, radar.gap)
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
            hold=hold,
            rename=rename,
            sort=sort,
            wraps=wraps,
        )
    )
