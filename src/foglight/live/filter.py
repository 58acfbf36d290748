"""A filter that is fed as readings come in, for a program in a loop.

One row at a time goes through the compiled step, with the same bits as `fog.run` on the same rows. The state is
changed at the end of a row, by stores alone: a row that is interrupted half-way leaves the filter unchanged.
"""

from collections.abc import Mapping
from math import floor
from typing import Any

import numpy as np
from numpy import ndarray

from foglight.core.dates import NUMBER
from foglight.core.errors import REFUSED, Status
from foglight.core.moments import Moment, shows
from foglight.core.resolution import FINE, LAST_SECOND, NS
from foglight.core.text import counted
from foglight.core.timestamps import time_text
from foglight.core.types import Array, ArrayLike, Time
from foglight.inference.time_steps import Clock, beyond_max_gap, span_of
from foglight.live.history import History, Marks
from foglight.live.messages import check_options, controls, in_use, unknown_sensor
from foglight.live.queries import NEVER, OtherTimes
from foglight.live.results import Info, LiveBelief, Reader, result_of
from foglight.live.saving import Saving
from foglight.live.stepper import SensorInput, Stepper
from foglight.live.times import late_by, row_time, settled
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

_BAD = int(REFUSED)
_USED = float(Status.USED)
_TOO_LATE = int(Status.LATE | Status.MISSING)
NOTHING_PENDING = (None, None)  # no rows of another clock wait to be followed
_FLOAT64 = np.dtype(np.float64)
_new: Any = object.__new__


class Live(OtherTimes, Saving):
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
        start = None if options["start_time"] is None else Moment.of(options["start_time"], "start_time")
        self._count_in("" if start is None else start.kind)
        self._max_gap = span_of(options.get("max_gap"))
        self._side, self._rows, self._pending = 0, 0, NOTHING_PENDING
        self._counts: dict[float, int] = {}
        self._last: tuple[Any, ...] | None = None
        self._reports = np.full(stepper.kernel.widths["z"], np.nan)
        self._history: History | None = None
        self._late_span, self._lag = (
            round(min(options.get(name, 0.0), LAST_SECOND) * NS) for name in ("history", "lag")
        )
        self._begin_at(None if start is None else start.stamp)
        self._given: Any = None if start is None else start.value  # the newest time; None: any (restored)
        self._busy = False
        # What the fast path of a step uses, and when it cannot be taken: with rows to keep, marks or controls.
        self._inputs, self._seconds, self._scan = stepper.inputs, stepper.seconds, stepper.scan
        self._marked = bool(self._marks.sizes) or self._marks.gap is not None
        self._always_slow = self._marked or self._history is not None or self._scan is None
        self._always_slow |= self._max_gap is not None or bool(model.inputs)
        self._start = start.value if start is not None and isinstance(start.value, float) else None
        self._slow = self._always_slow or stepper.still_unknown(0) or self._start is not None

    def _begin_at(self, origin: int | None) -> None:
        """Begin with the model's start at this time; None for the time of the first row."""
        self.origin = origin
        self._began = origin if self._stepper.timed else None
        self._newest = NEVER if origin is None else origin
        if span := max(self._late_span, self._lag):
            widths = len(self._reports), len(self.model.controls)
            self._history = History.starting(span, origin, self._stepper.whole[0], *widths)

    def step(
        self,
        t: Time,
        sensor: str | None = None,
        z: ArrayLike | None = None,
        u: ArrayLike | None = None,
        *,
        unit: str = "s",
    ) -> tuple[Belief, Info]:
        """Process one reading: predict to its time and update with it.

        With on_bad="raise", a row that cannot be used raises DataError, TimeError or NumericalError. Whatever is
        raised, the filter is unchanged; only the stamp of a row beyond max_gap is remembered, to notice a clock that
        has jumped.

        Parameters
        ----------
        t : number, datetime, pandas.Timestamp or datetime64
            The time of the reading. All rows are on one clock: numbers in `unit`, dates with a time zone, or dates
            without. Readings with equal stamps belong to one instant.
        sensor : str or None, default None
            The name of the sensor; None for a row of all sensors in declared order.
        z : float or array (m,), default None
            The reading. NaN where a component is missing, None if there is no reading: the belief is only predicted.
        u : array (n_u,) or dict, default None
            The controls in the order of `model.controls`, or by name. Those of the motion acted since the row before,
            and are needed where time has passed; those of a sensor are needed with its reading. A late row without u
            uses those of the row after it for the motion.
        unit : str, default "s"
            What a number counts: "s", "ms", "us" or "ns".

        Returns
        -------
        (Belief, Info)
            The belief at the newest time, and the info of this row: innovation, S, gain, NIS, status.

        Raises
        ------
        DataError
            An unknown sensor, or a z or u that does not fit.
        TimeError
            A t that is not a time, is on another clock than the rows before, or has a resolution finer than nanoseconds
            that matters.

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
            clock = NUMBER
            if isinstance(t, float) and unit == "s" and not self._dated and -LAST_SECOND < t < LAST_SECOND:
                whole = floor(t)
                now = whole * NS + round((t - whole) * 1e9)
            else:
                now, clock = row_time(t, unit, self._stepper.clock)
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
            if entry.delay:
                return self._row(now - late_by(entry, self.model), self._given, entry, u, clock)
            since = now - self._newest
            if since < FINE and (since or self._given not in (None, t)):  # not the same time again
                now = settled(t, unit, now, self._newest)
                since = now - self._newest
            if since < 0 or u is not None or self._slow:
                return self._row(now, t, entry, u, clock)
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
            # Stores only from here on: an interrupt comes before all of them or after.
            counts[status] = counts.get(status, 0) + 1
            self._side, self._newest, self._given, self._last = 1 - side, now, t, data
            self._rows += 1
            return belief, info
        finally:
            self._busy = False

    def _row(
        self, now: int, given: Any, entry: SensorInput, u: ArrayLike | None, clock: str
    ) -> tuple[Belief, Info]:
        """Process a row with everything that a row can have: history, marks, controls, unknown directions, jumps."""
        if not self._rows and self._start is not None and shows(self._start, now):
            self._begin_at(now)
        stepper, history, side, number = self._stepper, self._history, self._side, self._rows
        since, mark = 0 if self._newest == NEVER else now - self._newest, 0
        if self._max_gap is not None and self._newest != NEVER:
            reached = Clock(self._newest, *self._pending).after(now, self._max_gap, self._late_span)
            beyond, taken, pending = reached[0], reached[1], reached[2][1:]
            if not taken:
                return self._beyond(now, entry, pending)
            if beyond:  # the clock has jumped; where it went back, no time is known to have passed
                mark = int(Status.TIME_JUMP)
                if since < 0 and history is not None:
                    history = History.starting(history.span, now, stepper.whole[side], *history.widths)
                since = max(since, 0)
        if since < 0:
            return self._late(now, entry, u)
        dt = stepper.dt[0] = since / NS
        control, raw, reports, began = stepper.u, entry.row, self._reports, stepper.at(now, self._began)
        if u is not None or self.model.controls:
            newest = self._last
            before = newest[4] if newest is not None and newest[6] == now and newest[4] else None
            stepper.controls[:] = controls(u, self.model, dt > 0.0, entry.row, before)
        if self._marked:
            raw = raw.copy()
            z, bits, reports = self._marks.apply(np.array([dt]), raw[None], reports)
            entry.row[:], mark = z[0], mark | int(bits[0])
        old, row = stepper.whole[side].tobytes(), entry.copy()
        stepper.step(entry, side, now, number)
        record = stepper.records[1 - side]
        status = int(record[stepper.kernel.status])
        if self._raises and status & _BAD:
            raise stepper.step_error(entry, side, now, number)
        data = (self._reader, stepper.record_of(1 - side), old, row, control.tobytes(), dt, now, entry, mark)
        result = result_of(data)
        count = self._counts.get(status | mark, 0) + 1
        if history is not None:
            history.put(now, raw, stepper.controls, status | mark, stepper.whole[1 - side])
            last, kept = history.last + 1, history.without_old(now, self._marks)
        # Stores only from here on: an interrupt comes before all of them or after.
        if history is not None:
            history.last, (history.first, history.before, history.reports) = last, kept
        self._counts[status | mark] = count
        self._side, self._newest, self._given, self._last = 1 - side, now, given, data
        self._reports, self._history, self._pending, self._began = reports, history, NOTHING_PENDING, began
        self._rows += 1
        stepper.clock = self._reader.clock = clock
        self._dated = clock not in ("", NUMBER)
        self._slow = self._always_slow or stepper.still_unknown(self._side)
        return result

    def _late_controls(self, now: int, entry: SensorInput, u: ArrayLike | None) -> Array | None:
        """The controls of a late row; None for those of the row after it."""
        read = any(s.controls and not np.isnan(entry.row[at]).all() for s, at in self.model.blocks)
        if u is None and not read:
            return None
        before = None if self._history is None else self._history.controls_at(now)
        return controls(u, self.model, before is None, entry.row, before)

    def _late(self, now: int, entry: SensorInput, u: ArrayLike | None) -> tuple[Belief, Info]:
        """Process a row older than the newest: insert it into the history, or leave it out."""
        stepper, history = self._stepper, self._history
        control = self._late_controls(now, entry, u)
        self._pending = NOTHING_PENDING  # the filter's own clock goes on
        if history is None or self._newest - now > self._late_span or not history.accepts(now, self._newest):
            if self._raises:
                raise self._too_old(now)
            return self._left_out(now, entry, Status.LATE)
        longer, k = history.with_late_row(now, entry.row, control)
        began = now if stepper.timed and not k and history.before is None else self._began  # the first row
        records, arrays = longer.recompute(k, stepper, self._marks, self._rows - len(history) + k, began)
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
        self._side, self._history, self._counts, self._began = side, longer, counts, began
        self._last, self._reports = data, reports
        self._rows += 1
        return belief, info

    def _beyond(
        self, now: int, entry: SensorInput, pending: tuple[int | None, int | None]
    ) -> tuple[Belief, Info]:
        """Leave out a row that is farther off than max_gap; its time is remembered, in case the clock has jumped."""
        assert self._max_gap is not None
        self._pending = pending
        if self._raises:
            raise beyond_max_gap(now, self._newest, self._max_gap, self._rows, self._stepper.clock)
        return self._left_out(now, entry, Status.TIME_JUMP)

    def _left_out(self, now: int, entry: SensorInput, why: Status) -> tuple[Belief, Info]:
        """The result of a row whose time is too old, or too far off, to be used: it only counts."""
        stepper, nothing = self._stepper, np.full(len(self._reports), np.nan)
        record = self._reader.without_reading(stepper.record_of(self._side))
        carry = stepper.whole[self._side].tobytes()
        data = (
            self._reader, record, carry, nothing.tobytes(), stepper.u.tobytes(), 0.0, now, entry, int(why),
        )  # fmt: skip
        result = result_of(data)
        status = int(why | Status.MISSING)
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

    def __repr__(self) -> str:
        when = "nothing yet"
        if self._newest != NEVER:
            when = f"t = {time_text(self._newest, self._stepper.clock)}"
        late = sum(rows for status, rows in self._counts.items() if int(status) & _TOO_LATE == _TOO_LATE)
        return (
            f"Live({self.method!r}, {counted(self._rows, 'row')}, {when}{f', {late} too late' * bool(late)})"
        )

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
