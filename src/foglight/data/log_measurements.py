"""The measurements and controls of a log, in the order in which a model declares them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import ArrayLike
from foglight.data import repeats
from foglight.data.binding import (
    bind_blocks,
    bind_controls,
    bind_whole,
    refuse_unknown,
    under_the_only_measure,
)
from foglight.data.controls import carried_forward, held_from, refuse_split, refuse_unused, require
from foglight.data.interventions import Stamped, columns_of, with_columns
from foglight.data.log_rows import LogRows
from foglight.data.long_format import bind_long, controls_of
from foglight.data.readers.position import kind_of
from foglight.data.repeats import earlier_reports, sizes_of

WHOLE = "z"  # the name of the only block of Log.regular


@dataclass(frozen=True, eq=False, repr=False)
class LogMeasurements(LogRows):
    """Rows whose columns can be bound to the sensors and controls of a model."""

    def bind(self, model: Any, *, before: ArrayLike | None = None) -> NDArray[np.float64]:
        """All measurements of a model's sensors, in the order in which the model declares them.

        With repeats="skip", a report that repeats the sensor's previous one is missing.

        Parameters
        ----------
        model : Model
            The model whose sensors the columns are bound to.
        before : array, optional
            Shape (M,): the last reports before this log, from `last_reports` of the log before it. NaN if a sensor has
            none.

        Returns
        -------
        ndarray
            z, shape (T, M) or (tracks, T, M); NaN where a component is missing.

        Raises
        ------
        DataError
            If a column fits no measure of the model, or a measure has no column.

        Examples
        --------
        >>> fog.Log.from_arrays([0.0, 0.1], radar=[5.2, float("nan")]).bind(model)
        array([[5.2],
               [nan]])
        """
        z = readings_of(self, model, before)
        return z if z.flags.writeable else z.copy()

    def repeated(self, model: Any, *, before: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Rows in which a sensor's report was left out as a repeat; none with repeats="keep".

        Parameters
        ----------
        model : Model
            The model whose sensors the columns are bound to.
        before : array, optional
            Shape (M,): the last reports before this log, as for `bind`.

        Returns
        -------
        ndarray of bool
            Shape (T,) or (tracks, T).

        Examples
        --------
        >>> fog.Log.from_arrays([0.0, 0.1, 0.2], radar=[5.2, 5.2, 5.4], repeats="skip").repeated(model)
        array([False,  True, False])
        """
        z = self._bound(model)
        if self.repeats == "keep":
            return np.zeros(z.shape[:-1], bool)
        rows: list[Any] = [found.any(axis=1) for _, found in self._repeats(z, model, before)]
        return rows[0] if self.tracks is None else np.stack(rows)

    def last_reports(self, model: Any, *, before: ArrayLike | None = None) -> NDArray[np.float64]:
        """Each sensor's last report in the last track: the argument `before` for the log that follows.

        Parameters
        ----------
        model : Model
            The model whose sensors the columns are bound to.
        before : array, optional
            Shape (M,): the last reports before this log, as for `bind`.

        Returns
        -------
        ndarray
            Shape (M,); NaN for a sensor that has not reported.

        Examples
        --------
        >>> fog.Log.from_arrays([0.0, 0.1], radar=[5.2, float("nan")]).last_reports(model)
        array([5.2])
        """
        earlier = earlier_reports(before, model)
        return repeats.last_reports(self._bound(model), sizes_of(model), self._starts(earlier), earlier)

    def controls(
        self,
        model: Any,
        *,
        goes_on: bool = False,
        rows_before: int = 0,
        before: ArrayLike | None = None,
        same_stamp: bool = True,
    ) -> NDArray[np.float64]:
        """The controls u, in the order in which the model declares them: those of the motion, then those of sensors.

        A motion's control in row k acted between rows k - 1 and k, so it may be NaN in the first row of a track, and
        where no time has passed since the row before. A sensor reads its controls in the rows of its readings.

        Parameters
        ----------
        model : Model
            The model that declares the controls.
        goes_on : bool, default False
            Whether the first row continues a track of an earlier log, and so needs a control.
        rows_before : int, default 0
            The number of rows before this log in a longer one, for the row numbers in messages.
        before : array (n_u,), optional
            The controls of the row before, if the first row continues its track.
        same_stamp : bool, default True
            Whether that row has the stamp of the first one.

        Returns
        -------
        ndarray
            Shape (T, n_u), or (tracks, T, n_u) for series with controls of their own.

        Raises
        ------
        DataError
            If a control has no column, is missing in a row that needs it, or would be ignored.

        Examples
        --------
        >>> log.controls(model).shape
        (300, 0)
        """
        blocks = self.blocks
        if self.long is not None:
            blocks = {**blocks, **controls_of(self.long, blocks, len(self), model, self._held)}
        rows = Stamped(self.time_ns, self.starts(), kind_of(self.origin), self.calendar, later=goes_on)
        events = columns_of(model.interventions, rows)
        given = with_columns(self.u, events, model.controls)
        u = bind_controls(given, {**events, **blocks}, len(self), model)
        if not model.controls:
            held_from(self.hold, ())  # refuses values for controls that there are not
            return u
        starts, moved = self.starts(), self.dt() > 0.0
        earlier = None if before is None else np.asarray(before, dtype=np.float64)
        follows = earlier is not None and same_stamp
        if goes_on:
            starts[:1], moved = False, np.append(not follows, moved[1:])
        still = ~(moved | starts)
        if self.hold is not False:
            if earlier is not None and follows:
                refuse_split(u, still, earlier, model, rows_before)
            u = carried_forward(
                u,
                self.time_ns,
                self.starts(),
                held_from(self.hold, model.controls),
                earlier if goes_on else None,
            )
        every = u if u.ndim == 3 else u[None]
        for series in every:
            require(
                series, moved, model.motion.controls, model.controls, rows_before, "", self._held, self._when
            )
            if earlier is not None and follows:
                joined = np.vstack([earlier, series])
                refuse_unused(joined, np.append(False, still), model, rows_before - 1)
            else:
                refuse_unused(series, still, model, rows_before)
        if any(sensor.controls for sensor in model.sensors):
            z = self._bound(model)
            z = z[None] if self.tracks is None else z
            for sensor, at in model.blocks:
                shown = np.asarray(~np.isnan(z[:, :, at]).all(axis=2))
                if len(every) == 1:  # inputs that all series share
                    shown = np.asarray(shown.any(axis=0))[None]
                for series, rows in zip(every, shown, strict=True):
                    require(
                        series, rows, sensor.controls, model.controls, rows_before, sensor.name, self._held,
                        self._when,
                    )  # fmt: skip
        return u

    def _when(self, row: int) -> str:
        """The period of a row, for messages; "" without a calendar."""
        return "" if self.calendar is None else f" in {self.calendar.text(int(self.time_ns[row]))}"

    @property
    def _held(self) -> bool:
        return self.hold is not False

    def _bound(self, model: Any) -> NDArray[np.float64]:
        if self.nameless:
            refuse_unknown(self.inputs, model)
            return bind_whole(self.blocks[WHOLE], model)
        if self.long is not None:
            return bind_long(self.long, self.blocks, len(self), model)
        blocks = self.blocks if self.calendar is None else under_the_only_measure(self.blocks, model)
        return bind_blocks(blocks, len(self), model)

    def _repeats(
        self, z: NDArray[np.float64], model: Any, before: ArrayLike | None
    ) -> Iterator[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
        """z of each series, and which sensors repeat themselves in its rows."""
        earlier = earlier_reports(before, model)
        every = z[None] if self.tracks is None else z
        for series in every:
            yield series, repeats.repeated(series, sizes_of(model), self._starts(earlier), earlier)

    def _starts(self, before: NDArray[np.float64] | None) -> NDArray[np.bool_]:
        """Rows that begin a track; the first row continues one if reports before it are given."""
        starts = self.starts()
        starts[:1] = before is None
        return starts


def readings_of(log: Any, model: Any, before: ArrayLike | None) -> NDArray[np.float64]:
    """As `Log.bind`; of a log whose readings need not be put together, they themselves, which cannot be written."""
    z: NDArray[np.float64] = log._bound(model)
    if log.repeats == "keep":
        return z
    sizes = sizes_of(model)
    kept = [repeats.without(series, sizes, found) for series, found in log._repeats(z, model, before)]
    return kept[0] if log.tracks is None else np.stack(kept)
