"""What a live filter tells of other times than its newest row: the future, the past, and the past in hindsight."""

from typing import Any

import numpy as np

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernels.smoother_stage import SMOOTH
from foglight.core.errors import REFUSED, TimeError
from foglight.core.row_names import Rows
from foglight.core.timestamps import NS, nanoseconds
from foglight.core.types import Array, ArrayLike
from foglight.inference.backward_pass import Backward
from foglight.inference.gaussians import Unknown, belief_from
from foglight.live.history import History, Marks
from foglight.live.messages import before_start, controls, nothing_kept, outside_lag, too_old
from foglight.live.results import Reader
from foglight.live.stepper import Machine
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

NEVER = 1 << 64  # the newest stamp before the first row: every row is earlier, and leaves the short way
_BAD = int(REFUSED)


class OtherTimes:
    """The part of a live filter that reads and changes nothing."""

    model: Model
    method: Method
    _machine: Machine
    _reader: Reader
    _marks: Marks
    _history: History | None
    _side: int
    _newest: int
    _rows: int
    _late_span: int
    _lag: int

    def predict(self, t: Any, u: ArrayLike | None = None) -> Belief:
        """The belief at time t, from all that was measured until then; nothing in the filter changes.

        t: as in `step`; at or after the newest row, or within history or lag. u: the controls from the row before to t.
        Raises TimeError for an earlier t, NumericalError where the belief then is no number.
        """
        now, machine = stamp(t, "t"), self._machine
        carry, since = machine.whole[self._side].copy(), self._newest
        if now < since:
            found = None if self._history is None or since == NEVER else self._history.carry_at(now)
            if found is None:
                raise self._too_old(now)
            carry, since = found
        if now == since:
            return self._reader.carried(carry)
        kernel = machine.kernel
        arrays = Arrays(
            np.array([(now - since) / NS]),
            controls(u, self.model, True)[None, None],
            np.zeros((1, 1, 0)),
            np.full((1, 1, kernel.widths["z"]), np.nan),
            machine.params,
            carry[None],
            rows=Rows(np.array([now]), before=self._rows),
        )
        ahead, records = machine.run(arrays)
        if int(records[0, 0, kernel.status]) & _BAD:
            raise machine.why(arrays, carry, 0)
        return self._reader.carried(ahead[0])

    def smoothed(self, t: Any = None) -> Belief:
        """The belief at time t, given all that was measured until now, later readings included; the filter stays.

        t: as in `step`, at most `lag` seconds before the newest row; left out, it is so long ago, or at the first row
        of a filter that is younger. What `fog.smooth` says of the rows so far, with a row without readings at t.
        Raises TimeError for another t, NumericalError where the belief then is no number.

        >>> live = fog.online(model, lag=2.0)
        >>> live.smoothed()
        """
        history, newest = self._history, self._newest
        if history is None or newest == NEVER or not self._lag:
            raise nothing_kept(self._lag, self._rows)
        oldest = newest - self._lag
        began = (
            int(history.table.stamps[history.first])
            if history.before is None and len(history)
            else history.before
        )
        begins = oldest if began is None else max(oldest, began)
        now = begins if t is None else stamp(t, "t")
        if not begins <= now <= newest:
            raise outside_lag(now, begins, newest, self._lag, self._rows)
        records, arrays = self._rows_from(now, history)
        machine, n = self._machine, len(self.model.state)
        kernel, carries = machine.kernel, machine.unknown_after(arrays)
        (rows,) = np.nonzero(carries.any(axis=1))
        d = carries.shape[1] // (n + 1)
        A = carries[rows, : n * d].reshape(1, len(rows), d, n).swapaxes(2, 3)
        unknown = Unknown(rows, A, carries[None, rows, n * d :])
        backward = Backward(self.model, self.method, arrays, records[None], kernel.status, unknown)
        found, left = backward.run(SMOOTH)
        free = np.zeros(0)
        if len(left.rows) and left.rows[0] == 0:
            free = np.concatenate([left.A[0, 0].T.ravel(), left.w[0, 0]])
        return belief_from(self.model, self.method.in_factors(), found[0, 0], free)

    def _rows_from(self, now: int, history: History) -> tuple[Array, Arrays]:
        """The rows from this time on, their records and what was read for them; the first is at it."""
        k = history.place(now)
        at = k - 1 if k > history.first and int(history.table.stamps[k - 1]) == now else k
        if at < k:
            kept, place = history.copy(), at - history.first
        else:
            silent = np.full(history.table.z.shape[1], np.nan)
            kept, place = history.with_late(now, silent, None)
        return kept.again(place, self._machine, self._marks, self._rows - len(history) + place)

    def _too_old(self, now: int) -> TimeError:
        span = self._late_span
        if self._newest == NEVER or self._rows == 0 or self._newest - now <= span:
            return before_start(now, self._rows)
        return too_old(now, self._newest, span, self._rows)


def stamp(t: Any, field: str) -> int:
    """A time as integer nanoseconds."""
    return int(nanoseconds([t], field)[0])
