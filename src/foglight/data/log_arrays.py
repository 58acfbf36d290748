"""Logs from arrays: with stamps of their own, at equal steps, and merged from tables with different stamps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from foglight.core import timestamps
from foglight.core.errors import DataError
from foglight.core.types import ArrayLike
from foglight.data.array_input import one_block, tracks_and_time
from foglight.data.controls import Hold, hold_policy
from foglight.data.given_inputs import held_inputs, inputs_of
from foglight.data.log_measurements import WHOLE, LogMeasurements
from foglight.data.log_rows import starts_of
from foglight.data.named_columns import named_blocks
from foglight.data.numbers import readings, warn_if_coarse
from foglight.data.readers.options import repeat_policy
from foglight.data.readers.position import Origin


@dataclass(frozen=True, eq=False, repr=False)
class LogArrays(LogMeasurements):
    """Rows of measurements that can be made from arrays."""

    @classmethod
    def from_arrays(
        cls,
        time: ArrayLike,
        *,
        unit: str = "s",
        track: ArrayLike | None = None,
        u: ArrayLike | Mapping[str, ArrayLike] | None = None,
        hold: Hold = False,
        repeats: str = "keep",
        **sensors: ArrayLike,
    ) -> Self:
        """Make a log from arrays, one block per sensor.

        Parameters
        ----------
        time : array
            Shape (T,), in order within each track: numbers in `unit`, or datetime64 or timedelta64.
        unit : str, default "s"
            What the numbers count: "s", "ms", "us" or "ns".
        track : array, optional
            Shape (T,): the name or number of each row's track. The rows of a track must be together.
        u : array or dict, optional
            Controls, shape (T, n_u) or (T,). The control of row k acted between rows k - 1 and k. {name: array} and the
            columns of a dataframe are matched by name.
        hold : bool or dict, default False
            True carries each control forward to rows in which it is NaN; {name: value} does so, too, with these values
            before the first one.
        repeats : str, default "keep"
            "skip" leaves out a reading that equals the same sensor's previous one.
        **sensors : array
            name=z, with z of shape (T, m), or (T,) for one component. NaN marks a component that was not reported. The
            columns of a dataframe are matched with the sensor's measures by name.

        Returns
        -------
        Log
            A log with its own copy of the data.

        Raises
        ------
        TimeError
            If time runs backwards, or a timestamp is invalid.
        DataError
            If an array has the wrong shape or type.

        Examples
        --------
        >>> fog.Log.from_arrays([0, 40, 80], unit="ms", radar=[5.2, float("nan"), 4.9])
        Log(3 rows, 0.08 s, radar)
        """
        time_ns, kind, numbers, names = tracks_and_time(time, unit, track)
        if not sensors:
            raise DataError(
                "no sensor given: expected at least one, by name. Write Log.from_arrays(time, radar=z).",
                field="sensors",
            )
        rows = len(time_ns)
        blocks: dict[str, NDArray[np.float64]] = {}
        for name, z in sensors.items():
            blocks |= named_blocks(z, f"{name}.", rows) or {name: one_block(z, name, rows)}
        starts = starts_of(len(time_ns), numbers)
        inputs = inputs_of(u, rows, blocks, hold, time_ns, starts)
        return cls(
            time_ns,
            blocks | inputs.blocks,
            u=inputs.u,
            inputs=tuple(inputs.blocks),
            hold=hold_policy(hold),
            track=numbers,
            track_names=names,
            repeats=repeat_policy(repeats),
            origin=Origin("", kind),
        )

    @classmethod
    def regular(
        cls,
        z: ArrayLike,
        dt: float,
        *,
        u: ArrayLike | Mapping[str, ArrayLike] | None = None,
        hold: Hold = False,
        repeats: str = "keep",
    ) -> Self:
        """Make a log of one sensor at times 0, dt, 2 dt, … seconds.

        Parameters
        ----------
        z : array
            Shape (T,) or (T, m), or (tracks, T, m) for several series at the same times. NaN marks a missing component.
            The columns of a dataframe are matched with the sensor's measures by name.
        dt : float
            Seconds between two rows, at least 1e-9.
        u : array or dict, optional
            Controls, shape (T, n_u) or (T,), for all series; or (tracks, T, n_u) for each. The control of row k acted
            between rows k - 1 and k. {name: array} and the columns of a dataframe are matched by name.
        hold : bool or dict, default False
            As in `Log.from_arrays`.
        repeats : str, default "keep"
            "skip" leaves out a reading that equals the previous one.

        Returns
        -------
        Log
            A log whose only block belongs to the model's only sensor.

        Raises
        ------
        DataError
            If z or u has another shape, or is not numeric.
        TimeError
            If dt is not a valid step.

        Examples
        --------
        >>> fog.Log.regular([[1.0, 2.0], [1.5, float("nan")]], dt=0.5)
        Log(2 rows, 0.5 s, z)
        """
        named = named_blocks(z, "", None)
        if named:
            return cls._regular(named, None, dt, u, hold, repeats)
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
        if array.ndim == 3 and array.shape[0] > 1 and array.shape[1:] == (1, 1):
            raise DataError(
                f"z has shape {array.shape}: {len(array)} series of one row each have no step, and {len(array)} column "
                f"vectors are not a log: expected (T,), (T, m) or (tracks, T, m). Vectors are 1-D: write z[:, :, 0].",
                field=WHOLE,
                value=array.shape,
            )
        warn_if_coarse(z, WHOLE)
        return cls._regular({WHOLE: array}, len(array) if array.ndim == 3 else None, dt, u, hold, repeats)

    @classmethod
    def _regular(
        cls,
        blocks: dict[str, NDArray[np.float64]],
        tracks: int | None,
        dt: float,
        u: ArrayLike | Mapping[str, ArrayLike] | None,
        hold: Hold,
        repeats: str,
    ) -> Self:
        """The log of these blocks at times 0, dt, 2 dt, … seconds."""
        rows = next(iter(blocks.values())).shape[-2]
        time_ns = timestamps.regular(rows, dt)
        inputs = inputs_of(u, rows, blocks, hold, time_ns, starts_of(rows, None), tracks)
        return cls(
            time_ns,
            blocks | inputs.blocks,
            u=inputs.u,
            inputs=tuple(inputs.blocks),
            hold=hold_policy(hold),
            nameless=WHOLE in blocks,
            repeats=repeat_policy(repeats),
        )

    @classmethod
    def merge(
        cls,
        *,
        u: Any = None,
        hold: Hold = False,
        time: str = "time",
        unit: str = "s",
        track: str | None = None,
        repeats: str = "keep",
        **sensors: Any,
    ) -> Self:
        """Make one log of several tables, each with its own timestamps.

        The log has a row for every timestamp of any of them. A sensor without a reading there is NaN. Tables are
        dataframes, dicts of arrays such as {"time": ..., "x": ...}, pairs (time, z) of arrays, or logs.

        Parameters
        ----------
        u : table or dict of tables, optional
            Controls, by the names of its columns; of a pair (time, u) in the order of a model. {name: (time, u)} gives
            each control its own timestamps.
        hold : bool or dict, default False
            True carries each control forward: in a row without one it is that of the last timestamp before it. {name:
            value} does so, too, with these values before the first timestamp.
        time : str, default "time"
            The column of timestamps in dataframes and dicts.
        unit : str, default "s"
            What numeric timestamps count: "s", "ms", "us" or "ns".
        track : str, optional
            The column with the name of each row's track, in every table.
        repeats : str, default "keep"
            "skip" leaves out a reading that equals the same sensor's previous one.
        **sensors : table
            name=table. Its columns are matched with the sensor's measures by name; the z of a pair has shape (T, m), or
            (T,) for one component.

        Returns
        -------
        Log
            A log with its own copy of the data.

        Raises
        ------
        DataError
            If a table is none of these, or has a wrong shape or type.
        TimeError
            If the time of a table runs backwards, or some tables have dates and others numbers.

        Notes
        -----
        Timestamps are equal if they are the same nanosecond. If one occurs several times in a table, so it does in the
        log: the first rows of that timestamp are merged, then the second ones.

        Examples
        --------
        >>> gps = {"time": [0.0, 1.0], "x": [0.1, 2.2]}
        >>> log = fog.Log.merge(gps=gps, u={"speed": ([0.0, 0.4, 0.8], [2.0, 2.1, 1.9])}, hold=True)
        >>> log["gps.x"], log["speed"]
        (array([0.1, nan, nan, 2.2]), array([2. , 2.1, 1.9, 1.9]))
        """
        from foglight.data.merging import merged

        tables = merged(sensors, u, time, unit, track, cls)
        inputs = held_inputs(tables.u, tables.inputs, hold, tables.time_ns, tables.starts)
        return cls(
            tables.time_ns,
            tables.blocks | inputs.blocks,
            u=inputs.u,
            inputs=tuple(inputs.blocks),
            hold=hold_policy(hold),
            track=tables.track,
            track_names=tables.names,
            repeats=repeat_policy(repeats),
            origin=Origin("", tables.kind),
        )
