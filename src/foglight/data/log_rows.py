"""The data of a log, its times and its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import ModelError
from foglight.core.pictured import Pictured
from foglight.core.row_names import Label
from foglight.core.text import Page, counted
from foglight.core.types import ArrayLike
from foglight.data.calendar import Calendar
from foglight.data.columns import times_of
from foglight.data.controls import Hold
from foglight.data.description import description
from foglight.data.long_format import Long
from foglight.data.readers.position import Origin, kind_of
from foglight.data.slicing import track_after_track
from foglight.data.table import Table


@dataclass(frozen=True, eq=False, repr=False)
class LogRows(Table, Pictured):
    """Rows in time order, as times and columns. `Log` documents the fields."""

    time_ns: NDArray[np.int64]
    blocks: Mapping[str, NDArray[np.float64]]
    u: NDArray[np.float64] | None = None
    nameless: bool = False
    track: NDArray[np.int64] | None = None
    track_names: tuple[Label, ...] = ()
    repeats: str = "keep"
    long: Long | None = None
    origin: Origin | None = None
    inputs: tuple[str, ...] = ()
    hold: Hold = False
    moved: Mapping[str, int] = field(default_factory=dict)
    tracks: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Make the arrays read-only. The class methods have checked and copied them; users call those."""
        for array in (self.time_ns, self.u, self.track, *self.blocks.values()):
            if array is not None:
                array.setflags(write=False)
        widest = max(self.blocks.values(), key=np.ndim, default=self.time_ns)
        object.__setattr__(self, "blocks", MappingProxyType(dict(self.blocks)))
        object.__setattr__(self, "tracks", len(widest) if widest.ndim == 3 else None)

    def __len__(self) -> int:
        return len(self.time_ns)

    def __repr__(self) -> str:
        first, last, kind = int(self.time_ns.min()), int(self.time_ns.max()), kind_of(self.origin)
        span = f"{timestamps.seconds_text(last - first)} s"
        if kind != timestamps.NUMBER:
            span = timestamps.span_text(first, last, kind)
        if self.calendar is not None:
            span += f", {self.calendar.freq}"
        tracks = "" if self.tracks is None else f"{self.tracks} tracks of "
        ragged = "" if self.track is None else f" in {counted(len(self.track_names), 'track')}"
        return f"Log({tracks}{counted(len(self), 'row')}{ragged}, {span}, {', '.join(self.blocks)})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "blocks": dict(self.blocks)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    @property
    def calendar(self) -> Calendar | None:
        """The calendar of a log from `Log.series`, which counts time in its periods; None for other logs."""
        kind = kind_of(self.origin)
        return kind if isinstance(kind, Calendar) else None

    @property
    def time(self) -> NDArray[np.float64]:
        """Time of each row in seconds (T,); since 1970 if the log came with dates. In periods if it has a calendar."""
        return self.time_ns / timestamps.NS

    def dt(self) -> NDArray[np.float64]:
        """Seconds since the previous row, from exact differences.

        Returns
        -------
        ndarray
            Shape (T,); 0 in the first row of each track.

        Examples
        --------
        >>> fog.Log.from_arrays([0.0, 0.1, 0.3], radar=[5.2, 5.1, 4.9]).dt().tolist()
        [0.0, 0.1, 0.2]
        """
        return self._dt

    def starts(self) -> NDArray[np.bool_]:
        """Which rows begin a track.

        Returns
        -------
        ndarray of bool
            Shape (T,).

        Examples
        --------
        >>> fog.Log.from_arrays([0, 1, 0], track=["ann", "ann", "bob"], x=[1.0, 1.5, 7.0]).starts().tolist()
        [True, False, True]
        """
        return starts_of(len(self), self.track)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The log as a table of 1-D arrays, all of the same length.

        Several tracks come one after another. A column `track` gives their numbers, or their names if the tracks have
        different lengths.

        Returns
        -------
        dict
            {name: array}: `time` in seconds, or dates if the log has a calendar; then every measurement and control. A
            block of several columns gives `name.0`, `name.1`, …

        Examples
        --------
        >>> list(log.columns())
        ['time', 'radar.gap']
        """
        repeats = self.tracks or 1
        out: dict[str, NDArray[Any]] = {"time": np.tile(times_of(self.time_ns, self.calendar), repeats)}
        if self.tracks is not None:
            out = {"track": np.repeat(np.arange(self.tracks), len(self)), **out}
        if self.track is not None:
            out = {"track": np.array(self.track_names)[self.track], **out}
        blocks = dict(self.blocks)
        if self.u is not None:
            blocks["u"] = self.u
        for name, block in blocks.items():
            flat = track_after_track(block, repeats)
            for column in range(flat.shape[1]):
                out[name if flat.shape[1] == 1 else f"{name}.{column}"] = flat[:, column]
        return out

    def row_stamps(self) -> NDArray[np.int64]:
        """Timestamps of the rows of `columns`, for all tracks one after another.

        Returns
        -------
        ndarray of int64
            Nanoseconds, as long as each of the columns.

        Examples
        --------
        >>> fog.Log.regular([1.0, 2.0, 4.0], dt=0.5).row_stamps().tolist()
        [0, 500000000, 1000000000]
        """
        return np.tile(self.time_ns, self.tracks or 1)

    def describe(self, model: Any = None) -> Page:
        """Describe the log: rates, gaps, repeats, missing readings, ranges, and hints at what looks wrong.

        A gap is a step of more than five times the sensor's median step. Controls are marked, and come last: they are
        no readings, so one that is held is neither a repeat nor stuck.

        Parameters
        ----------
        model : Model, default None
            The model that the log is for. It says which columns are controls; without it only those given as `u` are
            known.

        Returns
        -------
        Page
            Text that prints as it is, in a terminal and in a notebook; `.text` is the string.

        Raises
        ------
        ModelError
            If `model` is not a model.

        Examples
        --------
        >>> print(log.describe())
        300 rows, t = 0 to 29.9 s, 29.9 s in all
                   reports  missing  step           shortest  longest  range                repeats  gaps
        radar.gap  300      0 %      0.1 s (10 Hz)  0.1 s     0.1 s    -29.9747 to 14.8094  0
        """
        controls = getattr(model, "controls", None)
        if model is not None and not isinstance(controls, tuple):
            raise ModelError.expected(
                "model", model, "a fog.Model", "Leave it out, or write log.describe(model)."
            )
        return Page(description(self, controls))

    def write(self, path: str | PathLike[str], states: Mapping[str, ArrayLike] | None = None) -> None:
        """Write the log as a CSV file for `Log.read`: time in seconds, and one column per measurement.

        Numbers have the fewest digits that give the same float again; a missing one is an empty cell. The file is
        written completely or not at all.

        Parameters
        ----------
        path : str or path
            The file.
        states : mapping, optional
            {name: values (T,)} to be written at the log's times in place of its readings, such as the truth of a
            simulation.

        Raises
        ------
        ModelError
            If two columns would have the same name.
        DataError
            If the file cannot be written.

        Examples
        --------
        >>> log.write("radar.csv")
        >>> log.write("truth.csv", states=dict(zip(model.state, truth.T)))
        """
        from pathlib import Path

        from foglight.data.column_files import write_log, write_states

        if states is None:
            write_log(Path(path), self)
        else:
            write_states(
                Path(path), self, list(states), np.column_stack([np.asarray(v) for v in states.values()])
            )

    def _log(self) -> Self:
        return self

    @cached_property
    def _dt(self) -> NDArray[np.float64]:
        steps = np.diff(self.time_ns, prepend=self.time_ns[:1]) / timestamps.NS
        steps[self.starts()] = 0.0
        steps.setflags(write=False)
        return steps


def starts_of(rows: int, track: NDArray[np.int64] | None) -> NDArray[np.bool_]:
    """Which of these rows begin a track, by the number of each row's track; the first one, if there are none."""
    first = np.zeros(rows, bool)
    first[:1] = True
    if track is not None:
        first[1:] = track[1:] != track[:-1]
    return first
