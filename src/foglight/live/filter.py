"""A filter that is fed as readings come in: what a program in a loop calls.

One row at a time goes through the compiled step, with the same bits as `fog.run` on the same rows. What a row
changes, it changes at its end, by stores alone: whatever stops it half-way leaves the filter where it was.
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
from foglight.live.results import Info, LiveBelief, Reader, RowData, handed_back
from foglight.live.saved_file import write
from foglight.live.saved_state import SavedState, as_data
from foglight.live.stepper import Machine, SensorInput
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

_BAD = int(REFUSED)
_USED = float(Status.USED)
_FLOAT64 = np.dtype(np.float64)
_new: Any = object.__new__


class Live(OtherTimes):
    """A live filter, made by `fog.online` or `fog.restore`."""

    def __init__(self, model: Model, method: Method, options: Mapping[str, Any]) -> None:
        check_options(model, method, options)
        self.model = model
        self.method = method
        self.options = options
        self._machine = machine = Machine(model, method)
        self._reader = Reader(model, method, machine.kernel)
        self._marks = Marks.of(model, options["gap"], options["repeats"])
        self._raises = options["on_bad"] == "raise"
        start_time = options["start_time"]
        self.origin = origin = None if start_time is None else stamp(start_time, "start_time")
        self._side = 0
        self._newest = NEVER if origin is None else origin
        self._rows = 0
        self._counts: dict[float, int] = {}
        self._last: tuple[Any, ...] | None = None
        self._reports = np.full(machine.kernel.widths["z"], np.nan)
        self._history: History | None = None
        self._late_span, self._lag = (
            round(min(options.get(name, 0.0), LAST_SECOND) * NS) for name in ("history", "lag")
        )
        if span := max(self._late_span, self._lag):
            widths = len(self._reports), len(model.motion.controls)
            self._history = History.starting(span, origin, machine.whole[0], *widths)
        self._busy = False
        # What the short way through a step touches, and who must not take it: who has rows to keep, to mark, to steer.
        self._entries, self._seconds, self._scan = machine.entries, machine.seconds, machine.scan
        self._marked = bool(self._marks.sizes) or self._marks.gap is not None
        steered = bool(model.motion.controls)
        self._always = self._marked or steered or self._history is not None or self._scan is None
        self._long = self._always or machine.unsettled(0)

    def step(
        self, t: Any, sensor: str | None = None, z: ArrayLike | None = None, u: ArrayLike | None = None
    ) -> tuple[Belief, Info]:
        """Take in one reading: the belief at the newest time, and what the reading said.

        t: seconds as a float, or a datetime64 or timedelta64; equal stamps are one instant. sensor: its name, or
        None for a row of all of them in declared order. z (m,), or one number: NaN where a component is missing,
        None for nothing at all. u: the controls that acted since the row before; needed where the motion has
        controls and time has passed. A late row without u takes that of the row after it.
        Raises DataError for an unknown sensor or a z of another shape; TimeError for a t that is no time;
        StateError if the filter is in use; and under on_bad="raise" TimeError, DataError or NumericalError for a row
        that cannot be used. The filter then stands where it stood.
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
                entry = self._entries[sensor]
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
            if since < 0 or u is not None or self._long:
                return self._row(now, entry, u)
            self._seconds[0] = dt = since / NS
            side = self._side
            address, before, sight, after = entry.sides[side]
            old = before()
            self._scan(address)
            status = sight[0]
            if status != _USED and self._raises and int(status) & _BAD:
                raise self._machine.refusal(entry, side, now, self._rows)
            told = (self._reader, after(), old, entry.copy(), b"", dt, now, entry, 0)
            belief, info = _new(LiveBelief), _new(Info)
            belief.told = info.told = told
            counts = self._counts
            count = counts.get(status, 0) + 1
            # Stores only from here on: an interrupt comes before all of them or after.
            counts[status] = count
            self._side, self._newest, self._last = 1 - side, now, told
            self._rows += 1
            return belief, info
        finally:
            self._busy = False

    def _row(self, now: int, entry: SensorInput, u: ArrayLike | None) -> tuple[Belief, Info]:
        """A row with all that a row can have."""
        first = self._newest == NEVER
        if not first and now < self._newest:
            return self._late(now, entry, u)
        machine, history, side, number = self._machine, self._history, self._side, self._rows
        dt = 0.0 if first else (now - self._newest) / NS
        control, mark, raw, reports = machine.u, 0, entry.row, self._reports
        if u is not None or self.model.motion.controls:
            control[:] = controls(u, self.model, dt > 0.0)
        if self._marked:
            raw = raw.copy()
            z, bits, reports = self._marks.apply(np.array([dt]), raw[None], reports)
            entry.row[:], mark = z[0], int(bits[0])
        machine.dt[0] = dt
        old, given = machine.whole[side].tobytes(), entry.copy()
        machine.go(entry, side, now, number)
        record = machine.records[1 - side]
        said = int(record[machine.kernel.status])
        if self._raises and said & _BAD:
            raise machine.refusal(entry, side, now, number)
        told = (self._reader, machine.told(1 - side), old, given, control.tobytes(), dt, now, entry, mark)
        result, last = handed_back(told), 0
        count = self._counts.get(said | mark, 0) + 1
        if history is not None:
            history.put(now, raw, control, said | mark, machine.whole[1 - side])
            last = history.last + 1
        # Stores only from here on: an interrupt comes before all of them or after.
        if history is not None:
            history.last = last
        self._counts[said | mark] = count
        self._side, self._newest, self._last, self._reports = 1 - side, now, told, reports
        self._rows += 1
        if history is not None:
            history.drop(now, self._marks)
        self._long = self._always or machine.unsettled(self._side)
        return result

    def _late(self, now: int, entry: SensorInput, u: ArrayLike | None) -> tuple[Belief, Info]:
        """A row older than the newest: put in its place, or left out."""
        machine, history = self._machine, self._history
        control = None if u is None else controls(u, self.model, True)
        if history is None or self._newest - now > self._late_span or not history.takes(now, self._newest):
            if self._raises:
                raise self._too_old(now)
            return self._left_out(now, entry)
        longer, k = history.with_late(now, entry.row, control)
        records, arrays = longer.again(k, machine, self._marks, self._rows - len(history) + k)
        bad = (records[:, machine.kernel.status].astype(np.int64) & _BAD) != 0
        if self._raises and bad.any():
            j = int(np.argmax(bad))
            raise machine.why(arrays, longer.table.carries[k + j], j)
        status = longer.table.status[k : longer.last].tolist()
        counts = dict(self._counts)
        for was in history.table.status[history.first + k : history.last].tolist():
            counts[was] -= 1
        for has in status:
            counts[has] = counts.get(has, 0) + 1
        reports = longer.last_reports(self._marks)
        told = (
            self._reader, records[0].tobytes(), arrays.carry.tobytes(), arrays.z[0, 0].tobytes(),
            arrays.u[0, 0].tobytes(), float(arrays.dt[0]), now, entry, status[0],
        )  # fmt: skip
        side = 1 - self._side
        machine.whole[side], machine.records[side] = longer.table.carries[longer.last], records[-1]
        belief, info = handed_back((self._reader, machine.told(side)))[0], handed_back(told)[1]
        # Stores only from here on: an interrupt comes before all of them or after.
        self._side, self._history, self._counts = side, longer, counts
        self._last, self._reports = told, reports
        self._rows += 1
        return belief, info

    def _left_out(self, now: int, entry: SensorInput) -> tuple[Belief, Info]:
        machine, kernel = self._machine, self._machine.kernel
        record = np.frombuffer(machine.told(self._side)).copy()
        record[len(kernel.carry) : kernel.width] = np.nan
        record[kernel.sums + 1], record[kernel.status] = 0.0, float(Status.MISSING)
        carry, nothing = machine.whole[self._side].tobytes(), np.full(len(self._reports), np.nan)
        told = (
            self._reader, record.tobytes(), carry, nothing.tobytes(), machine.u.tobytes(), 0.0, now, entry,
            int(Status.LATE),
        )  # fmt: skip
        result = handed_back(told)
        status = int(Status.LATE | Status.MISSING)
        count = self._counts.get(status, 0) + 1
        self._counts[status], self._last = count, told
        self._rows += 1
        return result

    def copy(self) -> "Live":
        """A filter that stands where this one stands, and goes its own way."""
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
        """Write all that the filter is to a file. Once this has returned, the file survives a loss of power.

        The file before it is kept beside it, as `path`.previous. Raises DataError where it cannot be written.

        >>> live.save("radar.live")
        >>> live = fog.restore("radar.live", model)
        """
        state = as_data(self._saved_state(), self.fingerprint, self.method, self.options, self.origin)
        write(state, Path(path))

    def _saved_state(self) -> SavedState:
        """All that the filter is beside its model, method and options: a copy."""
        if self._busy:
            raise in_use(self._rows)
        self._busy = True
        try:
            last = None if self._last is None else RowData(*self._last)
            return SavedState(
                labels=self._machine.kernel.carry,
                carry=self._machine.whole[self._side].copy(),
                record=self._machine.records[self._side].copy(),
                newest=None if self._newest == NEVER else self._newest,
                rows=self._rows,
                counts=dict(self._counts),
                reports=self._reports.copy(),
                last=None if last is None else last.plain(),
                history=None if self._history is None else self._history.copy(),
            )
        finally:
            self._busy = False

    def _resume(self, state: SavedState) -> None:
        """Go on from the state of another filter of the same model, method and options; of the history's carries only
        the first is needed."""
        machine, last, history = self._machine, state.last, state.history
        if history is not None and len(history):
            history.again(0, machine, self._marks, state.rows - len(history))
        machine.whole[self._side], machine.records[self._side] = state.carry, state.record
        self._newest = NEVER if state.newest is None else state.newest
        self._rows, self._counts, self._reports = state.rows, state.counts, state.reports
        self._last = (
            None if last is None else RowData.again(self._reader, self._entries[last["sensor"]], last)
        )
        self._history = history
        self._long = self._always or machine.unsettled(self._side)

    def __repr__(self) -> str:
        when = "nothing yet" if self.time is None else f"t = {self.time:.9g} s"
        return f"Live({self.method!r}, {counted(self._rows, 'row')}, {when})"

    @cached_property
    def fingerprint(self) -> str:
        """What a saved file says of the model and the method (`foglight.compiler.fingerprint`)."""
        return fingerprint(self.model, self.method)

    @property
    def belief(self) -> Belief:
        """The belief at the newest time."""
        return self._reader.carried(self._machine.whole[self._side])

    @property
    def info(self) -> Info | None:
        """What the last row that was given said; None before the first."""
        return None if self._last is None else handed_back(self._last)[1]

    @property
    def time(self) -> float | None:
        """Seconds of the newest row, or of the start; None before the first row where the start has no time."""
        return None if self._newest == NEVER else self._newest / NS

    @property
    def loglik(self) -> float:
        """log p of all rows so far."""
        return float(self._machine.carries[self._side, -2])

    @property
    def rows(self) -> int:
        """How many rows were given and not refused, those that were left out included."""
        return self._rows

    @property
    def counts(self) -> dict[str, int]:
        """How many rows had each Status, by its name; those that none had are left out."""
        found = self._counts.items()
        totals = {str(flag.name): sum(n for has, n in found if int(has) & flag) for flag in Status}
        return {name: rows for name, rows in totals.items() if rows}
