"""A log: what the sensors reported, in time order, before any model gives it a meaning.

Missing is NaN, per component. Time is integer nanoseconds inside, so a step is an exact difference.
A log never changes: arrays are copied in, and those handed out are read-only.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import DataError
from foglight.core.row_names import Label
from foglight.core.text import Page, counted, listed
from foglight.core.types import ArrayLike
from foglight.data import repeats as same_again
from foglight.data.array_input import one_block, tracks_and_time
from foglight.data.binding import bind_blocks, bind_controls, bind_whole
from foglight.data.columns import write_log, write_states
from foglight.data.description import description
from foglight.data.long_format import Long, bind_long, controls_of
from foglight.data.numbers import readings, warn_if_coarse
from foglight.data.readers.options import repeat_policy
from foglight.data.readers.position import Origin
from foglight.data.repeats import earlier_reports, sizes_of
from foglight.data.slicing import some_rows
from foglight.data.table import Table

WHOLE = "z"  # what Log.regular calls its one block

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False, repr=False)
class Log(Table):
    """Rows of measurements in time order. Make one with `Log.read`, `.from_frame`, `.from_arrays` or `.regular`.

    time_ns (T,): int64 nanoseconds.  tracks: None, or the number of equally long series that share the time.
    track: None, or (T,) the number of each row's track: tracks of their own lengths, one after another, named in
    track_names.  repeats: "keep", or "skip" where the same reading again is not new information.

    >>> log = Log.from_arrays([0.0, 0.1, 0.3], radar=[5.2, float("nan"), 4.9])
    >>> log.dt().tolist()
    [0.0, 0.1, 0.2]
    """

    time_ns: NDArray[np.int64]
    blocks: Mapping[str, NDArray[np.float64]]  # {name: (T, m)}, or one of (tracks, T, m)
    u: NDArray[np.float64] | None = None
    nameless: bool = False  # whether the one block is the model's one sensor
    track: NDArray[np.int64] | None = None
    track_names: tuple[Label, ...] = ()
    repeats: str = "keep"
    long: Long | None = None  # how blocks named sensor.column find a model
    origin: Origin | None = None  # the dataframe that the log came from
    tracks: int | None = field(init=False)

    def __post_init__(self) -> None:
        """The parts are checked, and nobody else holds them: users call the class methods."""
        for array in (self.time_ns, self.u, self.track, *self.blocks.values()):
            if array is not None:
                array.setflags(write=False)
        widest = max(self.blocks.values(), key=np.ndim, default=self.time_ns)
        object.__setattr__(self, "blocks", MappingProxyType(dict(self.blocks)))
        object.__setattr__(self, "tracks", len(widest) if widest.ndim == 3 else None)

    @classmethod
    def from_arrays(
        cls,
        time: ArrayLike,
        *,
        unit: str = "s",
        track: ArrayLike | None = None,
        u: ArrayLike | None = None,
        repeats: str = "keep",
        **sensors: ArrayLike,
    ) -> "Log":
        """A log from arrays: one block per sensor.

        time (T,): numbers in `unit`, one of s, ms, us, ns, or datetime64.  sensors: name=z with z (T, m), or (T,)
        where m is 1; a row (or one component) that did not report is NaN.  track (T,): names or numbers of tracks,
        the rows of each together, in time order.  u (T, n_u): controls; row k's acted since row k - 1.
        repeats: "skip" leaves out a reading that equals the same sensor's before it.
        Raises TimeError where time runs backwards, DataError where an array does not fit.
        """
        time_ns, numbers, names = tracks_and_time(time, unit, track)
        if not sensors:
            raise DataError(
                "no sensor given: expected at least one, by name. Write Log.from_arrays(time, radar=z).",
                field="sensors",
            )
        blocks = {name: one_block(z, name, len(time_ns)) for name, z in sensors.items()}
        return cls(
            time_ns,
            blocks,
            u=None if u is None else one_block(u, "u", len(time_ns)),
            track=numbers,
            track_names=names,
            repeats=repeat_policy(repeats),
        )

    @classmethod
    def regular(cls, z: ArrayLike, dt: float, *, repeats: str = "keep") -> "Log":
        """A log of one sensor at times 0, dt, 2 dt, … seconds.

        z (T,), (T, m), or (tracks, T, m) for many series at the same times; NaN = missing.

        >>> Log.regular([[1.0, 2.0], [1.5, float("nan")]], dt=0.5)
        Log(2 rows, 0.5 s, z)
        """
        array = readings(z, WHOLE)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim not in (2, 3) or 0 in array.shape:
            raise DataError(
                f"z has shape {np.shape(z)}: expected (T,), (T, m) or (tracks, T, m), none of them 0. "
                f"Put time on the second-last axis.",
                field=WHOLE,
                value=np.shape(z),
            )
        warn_if_coarse(z, WHOLE)
        time_ns = timestamps.regular(array.shape[-2], dt)
        return cls(time_ns, {WHOLE: array}, nameless=True, repeats=repeat_policy(repeats))

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        *,
        dt: float | None = None,
        time: str = "time",
        unit: str = "s",
        track: str | None = None,
        sensor: str | None = None,
        ignore: Collection[str] = (),
        repeats: str = "keep",
        sort: bool = False,
        wraps: float | None = None,
        progress: Progress | None = None,
    ) -> "Log":
        """A log from a CSV file or, by its suffix .parquet or .pq, a Parquet file.

        time: the column of stamps, numbers in `unit` (s, ms, us or ns) or ISO 8601 dates and times; a file without
        one needs dt, the seconds between its rows. Each column is a measurement; with sensor= the table is long: a
        row is a report of the sensor that this column names. track: the column that names the rows' track.
        ignore: columns that are no measurements. An empty cell, NaN, nan, NA and null mean missing; in a file
        of one column a blank line does. repeats: "skip" leaves out a reading that equals the same sensor's before.
        sort: put the rows in order of track and time. wraps: the range of a counter of time that starts again at 0,
        in its unit. progress: called with the number of rows read so far.
        Raises DataError with line, column and text, TimeError with the first line out of order.
        """
        from foglight.data.readers.whole import read

        fields = read(
            path, dt=dt, time=time, unit=unit, track=track, sensor=sensor, ignore=ignore, repeats=repeats,
            sort=sort, wraps=wraps, progress=progress,
        )  # fmt: skip
        return cls(**fields._asdict())

    @classmethod
    def from_frame(
        cls,
        df: Any,
        *,
        dt: float | None = None,
        time: str = "time",
        unit: str = "s",
        track: str | None = None,
        sensor: str | None = None,
        ignore: Collection[str] = (),
        repeats: str = "keep",
        sort: bool = False,
        wraps: float | None = None,
    ) -> "Log":
        """A log from a dataframe of pandas, polars, pyarrow or DuckDB; the options are those of `Log.read`.

        Stamps may be dates with or without a zone, durations, texts in ISO 8601, or numbers in `unit`. Missing is
        null, None or NaN. Raises DataError and TimeError with column and row.
        """
        from foglight.data.readers.whole import from_frame

        fields = from_frame(
            df, dt=dt, time=time, unit=unit, track=track, sensor=sensor, ignore=ignore, repeats=repeats,
            sort=sort, wraps=wraps,
        )  # fmt: skip
        return cls(**fields._asdict())

    def write(self, path: str | PathLike[str], states: Mapping[str, ArrayLike] | None = None) -> None:
        """Write the log as a CSV file that `Log.read` takes: time in seconds, and a column for each measurement.

        Numbers have the fewest digits that give the same float again, and a missing one is an empty cell. The file is
        written whole or not at all.

        Parameters
        ----------
        path : str or path
            The file.
        states : mapping, optional
            {name: values (T,)} to be written at the log's times in place of its readings, such as a truth.

        Raises
        ------
        ModelError
            Where two columns would have the same name.
        DataError
            Where the file cannot be written.

        Examples
        --------
        >>> log, truth = fog.simulate(model, steps=100, dt=0.1, seed=1)
        >>> log.write("radar.csv")
        >>> log.write("truth.csv", states=dict(zip(model.state, truth.T)))
        """
        if states is None:
            write_log(Path(path), self)
        else:
            write_states(
                Path(path), self, list(states), np.column_stack([np.asarray(v) for v in states.values()])
            )

    def __len__(self) -> int:
        return len(self.time_ns)

    def __repr__(self) -> str:
        span = timestamps.seconds_text(int(self.time_ns.max()) - int(self.time_ns.min()))
        tracks = "" if self.tracks is None else f"{self.tracks} tracks of "
        ragged = "" if self.track is None else f" in {counted(len(self.track_names), 'track')}"
        return f"Log({tracks}{counted(len(self), 'row')}{ragged}, {span} s, {', '.join(self.blocks)})"

    def __copy__(self) -> "Log":
        return self

    def __deepcopy__(self, memo: object) -> "Log":
        return self

    def __getitem__(self, key: str | slice) -> Any:
        """A column (T,) or a sensor's block (T, m) by its name, or a log of some of the rows.

        >>> log = Log.from_arrays([0.0, 0.1, 0.3], radar=[5.2, float("nan"), 4.9])
        >>> log["radar"]
        array([5.2, nan, 4.9])
        >>> log[1:]
        Log(2 rows, 0.2 s, radar)
        """
        if isinstance(key, slice):
            return Log(**some_rows(self, np.arange(len(self))[key]))
        columns = self.columns()
        if key in columns or key in self.blocks:
            return columns[key] if key in columns else self.blocks[key]
        raise DataError.expected(
            "log[...]",
            key,
            f"a slice of rows, or one of {listed(dict.fromkeys([*columns, *self.blocks]))}",
            "Rename it.",
        )

    def between(self, first: Any, last: Any) -> "Log":
        """The rows with first <= time < last: seconds, datetimes, or datetime64.

        >>> Log.regular([1.0, 2.0, 3.0, 4.0], dt=0.5).between(0.5, 1.5)
        Log(2 rows, 0.5 s, z)
        """
        begins, ends = (
            int(timestamps.nanoseconds(np.array([stamp]), name)[0])
            for stamp, name in ((first, "first"), (last, "last"))
        )
        return Log(**some_rows(self, np.flatnonzero((begins <= self.time_ns) & (self.time_ns < ends))))

    @property
    def time(self) -> NDArray[np.float64]:
        """Seconds (T,) of each row; since 1970 where the log came with dates."""
        return self.time_ns / timestamps.NS

    def columns(self) -> dict[str, NDArray[Any]]:
        """{name: 1-D array}: time in seconds, then every column; a block of several gives name.0, name.1, …

        Tracks come one after the other, numbered in `track`, or named there where they have lengths of their own.
        """
        repeats = self.tracks or 1
        out: dict[str, NDArray[Any]] = {"time": np.tile(self.time_ns / timestamps.NS, repeats)}
        if self.tracks is not None:
            out = {"track": np.repeat(np.arange(self.tracks), len(self)), **out}
        if self.track is not None:
            out = {"track": np.array(self.track_names)[self.track], **out}
        blocks = dict(self.blocks)
        if self.u is not None:
            blocks["u"] = self.u
        for name, block in blocks.items():
            flat = block.reshape(-1, block.shape[-1])
            for column in range(flat.shape[1]):
                out[name if flat.shape[1] == 1 else f"{name}.{column}"] = flat[:, column]
        return out

    def row_stamps(self) -> NDArray[np.int64]:
        """Nanoseconds of each row of the columns: of all tracks, one after the other."""
        return np.tile(self.time_ns, self.tracks or 1)

    def _log(self) -> Self:
        return self

    def describe(self) -> Page:
        """What is in the log: rates, gaps, repeats, missing readings, ranges, and hints at what looks wrong.

        It prints as text, in a terminal and in a notebook. A gap is a step of more than five times the sensor's
        median step.

        >>> print(log.describe())
        """
        return Page(description(self))

    def dt(self) -> NDArray[np.float64]:
        """Seconds since the row before, (T,), from exact differences; 0 in the first row of each track."""
        return self._dt

    def starts(self) -> NDArray[np.bool_]:
        """Which rows begin a track, (T,)."""
        first = np.zeros(len(self), bool)
        first[:1] = True
        if self.track is not None:
            first[1:] = self.track[1:] != self.track[:-1]
        return first

    def bind(self, model: Any, *, before: ArrayLike | None = None) -> NDArray[np.float64]:
        """All measurements z (T, M) or (tracks, T, M), components in declared order; NaN = missing.

        With repeats="skip", a sensor's repeated report is missing. before (M,): the reports just before the log.
        """
        z = self._bound(model)
        if self.repeats == "keep":
            return z
        sizes = sizes_of(model)
        again = [same_again.without(lane, sizes, found) for lane, found in self._again(z, model, before)]
        return again[0] if self.tracks is None else np.stack(again)

    def repeated(self, model: Any, *, before: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Rows (T,) or (tracks, T) in which a sensor's repeat was left out; none with repeats="keep"."""
        z = self._bound(model)
        if self.repeats == "keep":
            return np.zeros(z.shape[:-1], bool)
        rows = [found.any(axis=1) for _, found in self._again(z, model, before)]
        return rows[0] if self.tracks is None else np.stack(rows)

    def last_reports(self, model: Any, *, before: ArrayLike | None = None) -> NDArray[np.float64]:
        """Each sensor's last report (M,) in the last track, NaN where it has none: `before` of the log that follows."""
        earlier = earlier_reports(before, model)
        return same_again.last_reports(self._bound(model), sizes_of(model), self._starts(earlier), earlier)

    def controls(self, model: Any, *, goes_on: bool = False, rows_before: int = 0) -> NDArray[np.float64]:
        """Controls u (T, n_u), in the order that the model's motion declares.

        The first row of a track has no row before it, and may have none; goes_on: the log's first row has one;
        rows_before: how many rows of a longer log are before it, for messages.
        """
        blocks = self.blocks
        if self.long is not None:
            blocks = {**blocks, **controls_of(self.long, blocks, len(self), model.motion.controls)}
        starts = self.starts()
        starts[:1] &= not goes_on
        return bind_controls(self.u, blocks, starts, model, rows_before)

    def _bound(self, model: Any) -> NDArray[np.float64]:
        if self.nameless:
            return bind_whole(self.blocks[WHOLE], model)
        if self.long is not None:
            return bind_long(self.long, self.blocks, len(self), model)
        return bind_blocks(self.blocks, len(self), model)

    def _again(self, z: NDArray[np.float64], model: Any, before: ArrayLike | None) -> Any:
        """Each series' z, and which sensors repeat themselves in its rows."""
        earlier = earlier_reports(before, model)
        lanes = z[None] if self.tracks is None else z
        for lane in lanes:
            yield lane, same_again.repeated(lane, sizes_of(model), self._starts(earlier), earlier)

    def _starts(self, before: NDArray[np.float64] | None) -> NDArray[np.bool_]:
        """Rows that begin a track; the first goes on where reports before it are given."""
        starts = self.starts()
        starts[:1] = before is None
        return starts

    @cached_property
    def _dt(self) -> NDArray[np.float64]:
        steps = np.diff(self.time_ns, prepend=self.time_ns[:1]) / timestamps.NS
        steps[self.starts()] = 0.0
        steps.setflags(write=False)
        return steps
