"""A filter that is fed as readings come in, for a program in a loop.

One row at a time goes through the compiled step, with the same bits as `fog.run` on the same rows. The state is
changed at the end of a row, by stores alone: a row that is interrupted half-way leaves the filter unchanged.
"""

from collections.abc import Mapping
from functools import cached_property
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from foglight.compiler.fingerprint import fingerprint
from foglight.core.errors import REFUSED, StateError, Status
from foglight.core.text import counted
from foglight.core.timestamps import LAST_SECOND, NS
from foglight.core.types import ArrayLike
from foglight.live.history import History, Marks
from foglight.live.messages import check_options, controls, in_use, unknown_sensor
from foglight.live.queries import NEVER, OtherTimes, stamp
from foglight.live.results import Info, LiveBelief, Reader, RowData, result_of
from foglight.live.saved_file import write
from foglight.live.saved_state import SavedState, as_data
from foglight.live.stepper import SensorInput, Stepper
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

_BAD = int(REFUSED)
_USED = float(Status.USED)
_FLOAT64 = np.dtype(np.float64)
_new: Any = object.__new__


class Live(OtherTimes):
    """A live filter that processes one reading at a time. Made by `fog.online` or `fog.restore`.

    The results are those of `fog.run` on the same rows, bit for bit. A call during another raises StateError.

    Attributes
    ----------
    belief : Belief
        The belief at the newest time.
    info : Info or None
        The info of the last row given to `step`.
    time : float or None
        Seconds of the newest row.
    loglik : float
        log p of all rows so far.
    rows : int
        How many rows were processed.
    counts : dict of str to int
        How many rows have each Status.

    Examples
    --------
    >>> live = fog.online(model)
    >>> belief, info = live.step(0.1, "radar", [5.2])
    >>> live
    Live(EKF(), 1 row, t = 0.1 s)
    """

    def __init__(self, model: Model, method: Method, options: Mapping[str, Any]) -> None:
        check_options(model, method, options)
        self.model = model
        self.method = method
        self.options = options
        self._stepper = stepper = Stepper(model, method)
        self._reader = Reader(model, method, stepper.kernel)
        self._marks = Marks.of(model, options["gap"], options["repeats"])
        self._raises = options["on_bad"] == "raise"
        start_time = options["start_time"]
        self.origin = origin = None if start_time is None else stamp(start_time, "start_time")
        self._side = 0
        self._newest = NEVER if origin is None else origin
        self._rows = 0
        self._counts: dict[float, int] = {}
        self._last: tuple[Any, ...] | None = None
        self._reports = np.full(stepper.kernel.widths["z"], np.nan)
        self._history: History | None = None
        self._late_span, self._lag = (
            round(min(options.get(name, 0.0), LAST_SECOND) * NS) for name in ("history", "lag")
        )
        if span := max(self._late_span, self._lag):
            widths = len(self._reports), len(model.motion.controls)
            self._history = History.starting(span, origin, stepper.whole[0], *widths)
        self._busy = False
        # What the fast path of a step uses, and when it cannot be taken: with rows to keep, marks or controls.
        self._inputs, self._seconds, self._scan = stepper.inputs, stepper.seconds, stepper.scan
        self._marked = bool(self._marks.sizes) or self._marks.gap is not None
        has_controls = bool(model.motion.controls)
        self._always_slow = self._marked or has_controls or self._history is not None or self._scan is None
        self._slow = self._always_slow or stepper.still_unknown(0)

    def step(
        self, t: Any, sensor: str | None = None, z: ArrayLike | None = None, u: ArrayLike | None = None
    ) -> tuple[Belief, Info]:
        """Process one reading: predict to its time and update with it.

        With on_bad="raise", a row that cannot be used raises DataError, TimeError or NumericalError. Whatever is
        raised, the filter is unchanged.

        Parameters
        ----------
        t : float, datetime64 or timedelta64
            The time of the reading; a float is in seconds. Readings with equal stamps belong to one instant.
        sensor : str or None, default None
            The name of the sensor; None for a row of all sensors in declared order.
        z : float or array (m,), default None
            The reading. NaN where a component is missing, None if there is no reading: the belief is only predicted.
        u : array (n_u,), default None
            The controls that acted since the row before. Needed where the motion has controls and time has passed.
            A late row without u uses that of the row after it.

        Returns
        -------
        (Belief, Info)
            The belief at the newest time, and the info of this row: innovation, S, gain, NIS, status.

        Raises
        ------
        DataError
            An unknown sensor, or a z or u that does not fit.
        TimeError
            A t that is not a time.

        Examples
        --------
        >>> live = fog.online(model)
        >>> belief, info = live.step(0.1, "radar", [5.2])
        >>> belief
        Belief(gap = 5.19501 ± 0.79, gap_speed = 0 ± 1)
        """
        if self._busy:
            raise in_use(self._rows)
        self._busy = True
        try:
            if isinstance(t, float) and -LAST_SECOND < t < LAST_SECOND:
                whole = floor(t)
                now = whole * NS + round((t - whole) * 1e9)
            else:
                now = stamp(t, "t")
            try:
                entry = self._inputs[sensor]
            except (KeyError, TypeError):
                raise unknown_sensor(sensor, self.model) from None
            given: Any = z
            kind = type(given)
            if kind is list and len(given) == entry.size:
                number = entry.number
                for i, value in enumerate(given):
                    if type(value) is not float:
                        entry.read(given)
                        break
                    number[i] = value
            elif kind is float and entry.size == 1:
                entry.number[0] = given
            elif kind is ndarray and given.dtype is _FLOAT64 and given.shape == entry.shape:
                entry.view[:] = given
            else:
                entry.read(given)
            since = now - self._newest
            if since < 0 or u is not None or self._slow:
                return self._row(now, entry, u)
            self._seconds[0] = dt = since / NS
            side = self._side
            address, before, status_view, after = entry.sides[side]
            old = before()
            self._scan(address)
            status = status_view[0]
            if status != _USED and self._raises and int(status) & _BAD:
                raise self._stepper.step_error(entry, side, now, self._rows)
            data = (self._reader, after(), old, entry.copy(), b"", dt, now, entry, 0)
            belief, info = _new(LiveBelief), _new(Info)
            belief.data = info.data = data
            counts = self._counts
            count = counts.get(status, 0) + 1
            # Stores only from here on: an interrupt comes before all of them or after.
            counts[status] = count
            self._side, self._newest, self._last = 1 - side, now, data
            self._rows += 1
            return belief, info
        finally:
            self._busy = False

    def _row(self, now: int, entry: SensorInput, u: ArrayLike | None) -> tuple[Belief, Info]:
        """Process a row with everything that a row can have: history, marks, controls, unknown directions."""
        first = self._newest == NEVER
        if not first and now < self._newest:
            return self._late(now, entry, u)
        stepper, history, side, number = self._stepper, self._history, self._side, self._rows
        dt = 0.0 if first else (now - self._newest) / NS
        control, mark, raw, reports = stepper.u, 0, entry.row, self._reports
        if u is not None or self.model.motion.controls:
            control[:] = controls(u, self.model, dt > 0.0)
        if self._marked:
            raw = raw.copy()
            z, bits, reports = self._marks.apply(np.array([dt]), raw[None], reports)
            entry.row[:], mark = z[0], int(bits[0])
        stepper.dt[0] = dt
        old, row = stepper.whole[side].tobytes(), entry.copy()
        stepper.step(entry, side, now, number)
        record = stepper.records[1 - side]
        status = int(record[stepper.kernel.status])
        if self._raises and status & _BAD:
            raise stepper.step_error(entry, side, now, number)
        data = (self._reader, stepper.record_of(1 - side), old, row, control.tobytes(), dt, now, entry, mark)
        result, last = result_of(data), 0
        count = self._counts.get(status | mark, 0) + 1
        if history is not None:
            history.put(now, raw, control, status | mark, stepper.whole[1 - side])
            last = history.last + 1
        # Stores only from here on: an interrupt comes before all of them or after.
        if history is not None:
            history.last = last
        self._counts[status | mark] = count
        self._side, self._newest, self._last, self._reports = 1 - side, now, data, reports
        self._rows += 1
        if history is not None:
            history.drop(now, self._marks)
        self._slow = self._always_slow or stepper.still_unknown(self._side)
        return result

    def _late(self, now: int, entry: SensorInput, u: ArrayLike | None) -> tuple[Belief, Info]:
        """Process a row older than the newest: insert it into the history, or leave it out."""
        stepper, history = self._stepper, self._history
        control = None if u is None else controls(u, self.model, True)
        if history is None or self._newest - now > self._late_span or not history.accepts(now, self._newest):
            if self._raises:
                raise self._too_old(now)
            return self._left_out(now, entry)
        longer, k = history.with_late_row(now, entry.row, control)
        records, arrays = longer.recompute(k, stepper, self._marks, self._rows - len(history) + k)
        bad = (records[:, stepper.kernel.status].astype(np.int64) & _BAD) != 0
        if self._raises and bad.any():
            j = int(np.argmax(bad))
            raise stepper.row_error(arrays, longer.table.carries[k + j], j)
        status = longer.table.status[k : longer.last].tolist()
        counts = dict(self._counts)
        for old in history.table.status[history.first + k : history.last].tolist():
            counts[old] -= 1
        for new in status:
            counts[new] = counts.get(new, 0) + 1
        reports = longer.last_reports(self._marks)
        data = (
            self._reader, records[0].tobytes(), arrays.carry.tobytes(), arrays.z[0, 0].tobytes(),
            arrays.u[0, 0].tobytes(), float(arrays.dt[0]), now, entry, status[0],
        )  # fmt: skip
        side = 1 - self._side
        stepper.whole[side], stepper.records[side] = longer.table.carries[longer.last], records[-1]
        belief, info = result_of((self._reader, stepper.record_of(side)))[0], result_of(data)[1]
        # Stores only from here on: an interrupt comes before all of them or after.
        self._side, self._history, self._counts = side, longer, counts
        self._last, self._reports = data, reports
        self._rows += 1
        return belief, info

    def _left_out(self, now: int, entry: SensorInput) -> tuple[Belief, Info]:
        """The result of a row that is too old to be used: it only counts."""
        stepper, nothing = self._stepper, np.full(len(self._reports), np.nan)
        record = self._reader.without_reading(stepper.record_of(self._side))
        carry = stepper.whole[self._side].tobytes()
        data = (
            self._reader, record, carry, nothing.tobytes(), stepper.u.tobytes(), 0.0, now, entry, int(Status.LATE),
        )  # fmt: skip
        result = result_of(data)
        status = int(Status.LATE | Status.MISSING)
        count = self._counts.get(status, 0) + 1
        self._counts[status], self._last = count, data
        self._rows += 1
        return result

    def copy(self) -> "Live":
        """Copy the filter in its current state; the two are then independent.

        Returns
        -------
        Live
            A filter with the same belief, history and counts.
        """
        new = Live(self.model, self.method, self.options)
        new._resume(self._saved_state())
        return new

    def __copy__(self) -> "Live":
        return self.copy()

    def __deepcopy__(self, memo: object) -> "Live":
        return self.copy()

    def __reduce__(self) -> Any:
        raise StateError(
            "a live filter holds functions and cannot be pickled. Write live.save(path), and fog.restore(path, model).",
            field="live",
        )

    def save(self, path: str | Path) -> None:
        """Write the complete state of the filter to a file, for `fog.restore`.

        Once this has returned, the file survives a loss of power. The previous file is kept beside it, as
        `path`.previous.

        Parameters
        ----------
        path : str or path
            The file.

        Raises
        ------
        DataError
            If the file cannot be written; an older file is then untouched.

        Examples
        --------
        >>> live = fog.online(model)
        >>> live.save("radar.live")
        >>> live = fog.restore("radar.live", model)
        """
        state = as_data(self._saved_state(), self.fingerprint, self.method, self.options, self.origin)
        write(state, Path(path))

    def _saved_state(self) -> SavedState:
        """A copy of the filter's complete state, without its model, method and options."""
        if self._busy:
            raise in_use(self._rows)
        self._busy = True
        try:
            last = None if self._last is None else RowData(*self._last)
            return SavedState(
                labels=self._stepper.kernel.carry,
                carry=self._stepper.whole[self._side].copy(),
                record=self._stepper.records[self._side].copy(),
                newest=None if self._newest == NEVER else self._newest,
                rows=self._rows,
                counts=dict(self._counts),
                reports=self._reports.copy(),
                last=None if last is None else last.as_plain(),
                history=None if self._history is None else self._history.copy(),
            )
        finally:
            self._busy = False

    def _resume(self, state: SavedState) -> None:
        """Continue from the state of another filter with the same model, method and options. Of the carries in the
        history only the first is needed; the others are recomputed."""
        stepper, last, history = self._stepper, state.last, state.history
        if history is not None and len(history):
            history.recompute(0, stepper, self._marks, state.rows - len(history))
        stepper.whole[self._side], stepper.records[self._side] = state.carry, state.record
        self._newest = NEVER if state.newest is None else state.newest
        self._rows, self._counts, self._reports = state.rows, state.counts, state.reports
        self._last = (
            None if last is None else RowData.from_plain(self._reader, self._inputs[last["sensor"]], last)
        )
        self._history = history
        self._slow = self._always_slow or stepper.still_unknown(self._side)

    def __repr__(self) -> str:
        when = "nothing yet" if self.time is None else f"t = {self.time:.9g} s"
        return f"Live({self.method!r}, {counted(self._rows, 'row')}, {when})"

    @cached_property
    def fingerprint(self) -> str:
        """The hash of model and method that a saved file is bound to."""
        return fingerprint(self.model, self.method)

    @property
    def belief(self) -> Belief:
        """The belief at the newest time."""
        return self._reader.carried(self._stepper.whole[self._side])

    @property
    def info(self) -> Info | None:
        """The info of the last row given to `step`, None before the first."""
        return None if self._last is None else result_of(self._last)[1]

    @property
    def time(self) -> float | None:
        """Seconds of the newest row, or of the start; None before the first row where the start has no time."""
        return None if self._newest == NEVER else self._newest / NS

    @property
    def loglik(self) -> float:
        """log p of all rows so far."""
        return float(self._stepper.carries[self._side, -2])

    @property
    def rows(self) -> int:
        """How many rows were processed, including those that were left out. Refused rows do not count."""
        return self._rows

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each Status, by its name; names without rows are left out."""
        found = self._counts.items()
        totals = {str(flag.name): sum(n for has, n in found if int(has) & flag) for flag in Status}
        return {name: rows for name, rows in totals.items() if rows}
