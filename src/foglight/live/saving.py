"""The complete state of a live filter: taken out for a copy or a file, and put back."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from foglight.compiler.fingerprint import fingerprint
from foglight.core.dates import NUMBER
from foglight.core.errors import ModelError, StateError
from foglight.core.moments import Moment
from foglight.core.types import Time
from foglight.inference.prepare import start_carry
from foglight.live.history import History, Marks
from foglight.live.messages import in_use
from foglight.live.packed_state import pack
from foglight.live.queries import NEVER
from foglight.live.results import Reader, RowData
from foglight.live.saved_file import encoded, write
from foglight.live.saved_state import OPTIONS, SavedState, as_data
from foglight.live.stepper import SensorInput, Stepper
from foglight.live.times import row_time
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model


class Saving:
    """The part of a live filter that takes out its complete state, and continues from that of another."""

    model: Model
    method: Method
    options: Mapping[str, Any]
    origin: int | None
    _stepper: Stepper
    _reader: Reader
    _marks: Marks
    _inputs: Mapping[str | None, SensorInput]
    _history: History | None
    _side: int
    _newest: int
    _began: int | None
    _given: Any
    _pending: tuple[int | None, int | None]
    _rows: int
    _counts: dict[float, int]
    _last: tuple[Any, ...] | None
    _reports: Any
    _busy: bool
    _dated: bool
    _always_slow: bool
    _slow: bool
    _start: Any

    def _begin_at(self, origin: int | None) -> None:
        raise NotImplementedError  # of the live filter

    def __reduce__(self) -> Any:
        raise StateError(
            "a live filter holds compiled code and cannot be pickled. Expected its state: write live.dumps(), and "
            "fog.restore(data, model).",
            field="live",
        )

    def _count_in(self, clock: str) -> None:
        """Set the kind of the filter's clock: numbers, or dates with or without a zone; "" while it has no row."""
        self._stepper.clock = self._reader.clock = clock
        self._dated = clock not in ("", NUMBER)

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
        StateError
            If a function of the model is a `fog.opaque` without a key.

        Examples
        --------
        >>> live = fog.online(model)
        >>> live.save("radar.live")
        >>> live = fog.restore("radar.live", model)
        """
        write(self._as_data(), Path(path))

    def dumps(self) -> bytes:
        """The complete state of the filter as bytes, for `fog.restore`: those of the file that `save` writes.

        They hold numbers and names as text, with a checksum, and can be stored in any database.

        Returns
        -------
        bytes
            About a kilobyte, and more with a history.

        Raises
        ------
        StateError
            If a function of the model is a `fog.opaque` without a key.

        Examples
        --------
        >>> live = fog.online(model)
        >>> fog.restore(live.dumps(), model)
        Live(EKF(), 0 rows, nothing yet)
        """
        return encoded(self._as_data()).encode()

    def _as_data(self) -> dict[str, Any]:
        return as_data(self._saved_state(), self.fingerprint, self.method, self.options, self.origin)

    @cached_property
    def _kind(self) -> tuple[Any, ...]:
        """Equal for filters of one model, method and options."""
        options = self.options
        return (id(self.model), id(self._stepper.engine), *[options.get(name) for name in OPTIONS])

    def _packed(self) -> bytes:
        """The complete state as bytes, without model, method and options; in a tenth of the time of `dumps`."""
        if self._busy:
            raise in_use(self._rows)
        self._busy = True
        try:
            stepper, side, last = self._stepper, self._side, self._last
            sensor = None if last is None else last[7].name
            return pack(
                stepper.whole[side].tobytes(),
                stepper.records[side].tobytes(),
                self._reports.tobytes(),
                stepper.clock,
                (None if self._newest == NEVER else self._newest, self._began, *self._pending, self.origin),
                self._rows,
                self._counts,
                last,
                None if sensor is None else self.model.sensor_names.index(sensor),
                self._history,
            )
        finally:
            self._busy = False

    def reset(self, belief: Belief, t: Time, *, unit: str = "s") -> None:
        """Begin again with this belief at this time: as a new filter whose model starts there, without compiling it.

        Rows, counts, history, log-likelihood and adapted noises begin anew. The filter keeps its model, so that it can
        be restored with it.

        Parameters
        ----------
        belief : Belief
            The belief about the n states; every direction must be known.
        t : number, datetime, pandas.Timestamp or datetime64
            The time at which it holds, on the clock of the filter's rows. It may be before them.
        unit : str, default "s"
            What a number counts: "s", "ms", "us" or "ns".

        Raises
        ------
        ModelError
            For a belief about other states, one outside the limits of the motion, or one with unknown directions.
        TimeError
            For a t that is not a time, or is on another clock than the rows before.

        Examples
        --------
        >>> live = fog.online(model)
        >>> live.reset(fog.Belief([8.0, -1.0], std=[1.0, 0.5]), t=12.0)
        >>> live.time, live.belief
        (12.0, Belief(gap = 8 ± 1, gap_speed = -1 ± 0.5))
        """
        if not isinstance(belief, Belief) or belief.unknown.size:
            raise ModelError.expected(
                "belief",
                belief,
                "a fog.Belief that knows every direction",
                "Write fog.Belief(mean=[...], std=[...]).",
            )
        model = self.model.with_start(belief)
        moment = Moment.of(t, "t", unit)
        now, clock = row_time(t, unit, self._stepper.clock)
        if self._busy:
            raise in_use(self._rows)
        self._busy = True
        try:
            given = moment.value if unit == "s" else None
            self._restart(np.array([*start_carry(model, self.method), 0.0, 0.0]), now, given, clock)
        finally:
            self._busy = False

    def _restart(self, carry: Any, now: int, given: Any, clock: str) -> None:
        """Begin with this carry at this time."""
        stepper, kernel = self._stepper, self._stepper.kernel
        stepper.whole[0], stepper.records[0] = 0.0, np.nan
        stepper.whole[0, : len(carry)] = carry
        stepper.records[0, : len(kernel.carry)] = carry[: len(kernel.carry)]
        stepper.records[0, kernel.status] = 0.0
        self._side, self._rows, self._counts, self._last, self._pending = 0, 0, {}, None, (None, None)
        self._reports = np.full(len(self._reports), np.nan)
        self._count_in(clock)
        self._begin_at(now)
        self._given, self._start = given, given if isinstance(given, float) else None
        self._slow = self._always_slow or stepper.still_unknown(0) or self._start is not None

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
                clock=self._stepper.clock,
                newest=None if self._newest == NEVER else self._newest,
                began=self._began,
                pending=self._pending,
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
            history.recompute(0, stepper, self._marks, state.rows - len(history), state.began)
        stepper.whole[self._side], stepper.records[self._side] = state.carry, state.record
        self._newest, self._given = NEVER if state.newest is None else state.newest, None
        self._began = state.began
        self._count_in(state.clock)
        self._pending = state.pending
        self._rows, self._counts, self._reports = state.rows, state.counts, state.reports
        self._last = (
            None if last is None else RowData.from_plain(self._reader, self._inputs[last["sensor"]], last)
        )
        self._history = history
        self._slow = self._always_slow or stepper.still_unknown(self._side)

    @cached_property
    def fingerprint(self) -> str:
        """The hash of model and method that a saved file is bound to."""
        return fingerprint(self.model, self.method)
