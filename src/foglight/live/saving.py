"""The complete state of a live filter: taken out for a copy or a file, and put back."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from foglight.compiler.fingerprint import fingerprint
from foglight.core.dates import NUMBER
from foglight.core.errors import StateError
from foglight.live.history import History, Marks
from foglight.live.messages import in_use
from foglight.live.queries import NEVER
from foglight.live.results import Reader, RowData
from foglight.live.saved_file import write
from foglight.live.saved_state import SavedState, as_data
from foglight.live.stepper import SensorInput, Stepper
from foglight.methods.method import Method
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

    def __reduce__(self) -> Any:
        raise StateError(
            "a live filter holds functions and cannot be pickled. Write live.save(path), and fog.restore(path, model).",
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
