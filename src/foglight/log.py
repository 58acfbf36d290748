"""A log: what the sensors reported, in time order, before any model gives it a meaning.

Missing is NaN, per component. Time is integer nanoseconds inside, so a step is an exact difference.
A log never changes: arrays are copied in, and those handed out are read-only.
"""

from collections.abc import Collection, Mapping
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foglight import stamps, wide_csv
from foglight.binding import bind_blocks, bind_controls, bind_whole
from foglight.errors import DataError
from foglight.readings import readings, warn_if_coarse

WHOLE = "z"  # what Log.regular calls its one block


class Log:
    """Rows of measurements in time order. Make one with `Log.read`, `Log.from_arrays` or `Log.regular`.

    time_ns (T,): int64 nanoseconds.  tracks: None, or the number of equally long series that share the time.

    >>> log = Log.from_arrays([0.0, 0.1, 0.3], radar=[5.2, float("nan"), 4.9])
    >>> log.dt().tolist()
    [0.0, 0.1, 0.2]
    """

    time_ns: NDArray[np.int64]
    tracks: int | None
    blocks: Mapping[str, NDArray[np.float64]]
    u: NDArray[np.float64] | None
    nameless: bool

    def __init__(
        self,
        time_ns: NDArray[np.int64],
        blocks: Mapping[str, NDArray[np.float64]],
        *,
        u: NDArray[np.float64] | None = None,
        nameless: bool = False,
    ) -> None:
        """From checked parts that nobody else holds; users call the class methods.

        blocks: {name: (T, m)}, or one of (tracks, T, m). nameless: the one block is the model's one sensor.
        """
        for array in (time_ns, u, *blocks.values()):
            if array is not None:
                array.setflags(write=False)
        widest = max(blocks.values(), key=np.ndim)
        self.__dict__.update(
            time_ns=time_ns,
            tracks=len(widest) if widest.ndim == 3 else None,
            blocks=dict(blocks),
            u=u,
            nameless=nameless,
        )

    @classmethod
    def from_arrays(cls, time: ArrayLike, *, u: ArrayLike | None = None, **sensors: ArrayLike) -> "Log":
        """A log from arrays: one block per sensor.

        time (T,): float64 seconds, or datetime64.  sensors: name=z with z (T, m), or (T,) where m is 1; a row
        (or one component) that did not report is NaN.  u (T, n_u): controls; row k's acted since row k - 1.
        Raises TimeError where time runs backwards, DataError where an array does not fit.
        """
        time_ns = stamps.nanoseconds(time)
        if not len(time_ns):
            raise DataError("time is empty: expected at least one row.", field="time", index=None)
        if not sensors:
            raise DataError(
                "no sensor given: expected at least one, by name. Write Log.from_arrays(time, radar=z).",
                field="sensors",
            )
        blocks = {name: _block(z, name, len(time_ns)) for name, z in sensors.items()}
        return cls(time_ns, blocks, u=None if u is None else _block(u, "u", len(time_ns)))

    @classmethod
    def regular(cls, z: ArrayLike, dt: float) -> "Log":
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
        return cls(stamps.regular(array.shape[-2], dt), {WHOLE: array}, nameless=True)

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        *,
        dt: float | None = None,
        time: str = "time",
        ignore: Collection[str] = (),
        progress: wide_csv.Progress | None = None,
    ) -> "Log":
        """A log from a wide CSV file: a row per stamp, a column per measurement.

        time: the column of stamps, in seconds; a file without one needs dt, the seconds between its rows.
        ignore: columns that are no measurements. An empty cell, NaN, nan, NA and null mean missing; in a file
        of one column a blank line does. progress: called with the number of rows read so far.
        Raises DataError with line, column and text, TimeError with the first line out of order.
        """
        if isinstance(ignore, str):
            ignore = (ignore,)
        if dt is None and time in ignore:
            raise DataError(
                f"{path}: the column {time!r} is ignored, but holds the time. Give the step with dt=, or take it out "
                f"of ignore=.",
                field=time,
            )
        time_ns, columns = wide_csv.read(
            Path(path), time=time if dt is None else None, ignore=ignore, progress=progress
        )
        if dt is not None and time in columns:
            raise DataError(
                f"{path} has a column {time!r}, and dt= was given: expected one clock. "
                f"Drop dt=, or leave the column out with ignore=.",
                field=time,
                value=dt,
            )
        if not columns:
            raise DataError(
                f"{path} has no column of measurements: expected at least one beside {time!r}. "
                f"Check ignore= and the header.",
                field=str(path),
            )
        if "time" in columns:
            raise DataError(
                f"{path}: the column 'time' is no measurement where {time!r} holds the stamps. "
                f"Leave it out with ignore=['time'].",
                field="time",
            )
        if dt is not None:
            time_ns = stamps.regular(len(next(iter(columns.values()))), dt)
        return cls(time_ns, {name: values[:, None] for name, values in columns.items()})

    def __len__(self) -> int:
        return len(self.time_ns)

    def __repr__(self) -> str:
        span = stamps.seconds_text(int(self.time_ns[-1]) - int(self.time_ns[0]))
        tracks = "" if self.tracks is None else f"{self.tracks} tracks of "
        return f"Log({tracks}{len(self)} row{'s' * (len(self) != 1)}, {span} s, {', '.join(self.blocks)})"

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Log does not change; make a new one instead of setting {name!r}")

    def __copy__(self) -> "Log":
        return self

    def __deepcopy__(self, memo: object) -> "Log":
        return self

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Log does not change; {name!r} stays")

    def columns(self) -> dict[str, NDArray[Any]]:
        """{name: 1-D array}: time in seconds, then every column; a block of several gives name.0, name.1, …

        Tracks come one after the other, numbered in `track`.
        """
        repeats = self.tracks or 1
        out: dict[str, NDArray[Any]] = {"time": np.tile(self.time_ns / stamps.NS, repeats)}
        if self.tracks is not None:
            out = {"track": np.repeat(np.arange(self.tracks), len(self)), **out}
        blocks = dict(self.blocks)
        if self.u is not None:
            blocks["u"] = self.u
        for name, block in blocks.items():
            flat = block.reshape(-1, block.shape[-1])
            for column in range(flat.shape[1]):
                out[name if flat.shape[1] == 1 else f"{name}.{column}"] = flat[:, column]
        return out

    def dt(self) -> NDArray[np.float64]:
        """Seconds since the row before, (T,), from exact differences; entry 0 is 0."""
        return self._dt

    def bind(self, model: Any) -> NDArray[np.float64]:
        """All measurements z (T, M) or (tracks, T, M), components in declared order; NaN = missing."""
        if self.nameless:
            return bind_whole(self.blocks[WHOLE], model)
        return bind_blocks(self.blocks, len(self), model)

    def controls(self, model: Any) -> NDArray[np.float64]:
        """Controls u (T, n_u), in the order that the model's motion declares."""
        return bind_controls(self.u, self.blocks, len(self), model)

    @cached_property
    def _dt(self) -> NDArray[np.float64]:
        steps = np.diff(self.time_ns, prepend=self.time_ns[:1]) / stamps.NS
        steps.setflags(write=False)
        return steps


def _block(values: ArrayLike, name: str, rows: int) -> NDArray[np.float64]:
    array = readings(values, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or len(array) != rows or not array.shape[1]:
        raise DataError(
            f"{name} has shape {np.shape(values)}, but time has {rows} rows: expected ({rows}, m), "
            f"or ({rows},) for one component. Give every row a value, NaN where nothing was reported.",
            field=name,
            value=np.shape(values),
        )
    warn_if_coarse(values, name)
    return array
