"""Queries: the scales of adapted noises, and prediction and smoothing at other times."""

from typing import Any

import numpy as np

from foglight.compiler.adaptation import columns
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernels.smoother_stage import SMOOTH
from foglight.core.errors import REFUSED, TimeError
from foglight.core.moments import Moment
from foglight.core.resolution import NS
from foglight.core.row_names import Rows
from foglight.core.types import Array, ArrayLike, Time
from foglight.inference.elapsed import elapsed, with_time
from foglight.inference.gaussians import Unknown, anchors_of, belief_from
from foglight.inference.scans import unflat
from foglight.inference.smoothers import smoother_for
from foglight.live.history import History, Marks
from foglight.live.messages import before_start, controls, nothing_kept, outside_lag, too_old
from foglight.live.results import Reader
from foglight.live.stepper import Stepper
from foglight.live.times import OWN
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import Model

NEVER = 1 << 64  # the newest stamp before the first row: every row is earlier, and so leaves the fast path
_BAD = int(REFUSED)


class OtherTimes:
    """The queries of a live filter: beliefs at times other than that of the newest row. They change nothing."""

    model: Model
    method: Method
    _stepper: Stepper
    _reader: Reader
    _marks: Marks
    _history: History | None
    _side: int
    _newest: int
    _began: int | None
    _rows: int
    _late_span: int
    _lag: int

    @property
    def adapted(self) -> dict[str, float]:
        """The scale of the R of each sensor that the method adapts, and that of Q as "motion", at the newest time."""
        at = columns(self.model, self.method, len(self._stepper.kernel.carry))
        return {name: float(self._stepper.carries[self._side, column]) for name, column in at.items()}

    def predict(self, t: Time, u: ArrayLike | None = None, *, unit: str = "s") -> Belief:
        """Predict the belief at time t from the readings up to then, without changing the filter.

        Parameters
        ----------
        t : number, datetime, pandas.Timestamp or datetime64
            At or after the newest row, or within history or lag: a date if the rows came with dates, or a number in
            `unit`, such as seconds as in `live.time`.
        u : array (n_u,), default None
            The controls from the last row before t until t, where the motion has controls.
        unit : str, default "s"
            What a number counts: "s", "ms", "us" or "ns".

        Returns
        -------
        Belief
            The predicted belief.

        Raises
        ------
        TimeError
            For a time before all rows that are kept.
        NumericalError
            If the prediction leaves the range of numbers.

        Examples
        --------
        >>> live = fog.online(model)
        >>> _ = live.step(0.1, "radar", [5.2])
        >>> live.predict(0.5)
        Belief(gap = 5.19501 ± 0.887, gap_speed = 0 ± 1.03)
        """
        now, stepper = self._stamp(t, unit), self._stepper
        carry, since = stepper.whole[self._side].copy(), self._newest
        if now < since:
            found = None if self._history is None or since == NEVER else self._history.carry_at(now)
            if found is None:
                raise self._too_old(now)
            carry, since = found
        if now == since:
            return self._reader.carried(carry)
        kernel, inputs = stepper.kernel, controls(u, self.model, True)[None]
        if self._began is not None:
            inputs = with_time(inputs, elapsed(np.array([now]), self._began))
        arrays = Arrays(
            np.array([(now - since) / NS]),
            inputs[None],
            np.zeros((1, 1, 0)),
            np.full((1, 1, kernel.widths["z"]), np.nan),
            stepper.params,
            carry[None],
            rows=Rows(np.array([now]), before=self._rows, kind=stepper.clock),
        )
        predicted, records = stepper.run(arrays)
        if int(records[0, 0, kernel.status]) & _BAD:
            raise stepper.row_error(arrays, carry, 0)
        return self._reader.carried(predicted[0])

    def smoothed(self, t: Time | None = None, *, unit: str = "s") -> Belief:
        """Smooth the belief at time t with all readings so far, later ones included, without changing the filter.

        The result is that of `fog.smooth` on the rows so far, with a row without readings at t.

        Parameters
        ----------
        t : number, datetime, pandas.Timestamp or datetime64, default None
            As in `predict`: at most `lag` seconds before the newest row. None for exactly `lag` seconds before it, or
            for the first row if that is later.
        unit : str, default "s"
            What a number counts: "s", "ms", "us" or "ns".

        Returns
        -------
        Belief
            The smoothed belief.

        Raises
        ------
        TimeError
            For a time outside the lag, or a filter without a lag.
        NumericalError
            If the smoothed belief leaves the range of numbers.

        Examples
        --------
        >>> live = fog.online(model, lag=2.0)
        >>> for t, gap in ((0.0, 5.2), (0.1, 4.9), (0.2, 5.0)):
        ...     belief, info = live.step(t, "radar", [gap])
        >>> live.smoothed(0.1).std < live.predict(0.1).std
        array([ True,  True])
        """
        history, newest, stepper = self._history, self._newest, self._stepper
        if history is None or newest == NEVER or not self._lag:
            raise nothing_kept(self._lag, self._rows)
        oldest = newest - self._lag
        began = (
            int(history.table.stamps[history.first])
            if history.before is None and len(history)
            else history.before
        )
        begins = oldest if began is None else max(oldest, began)
        now = begins if t is None else self._stamp(t, unit)
        if not begins <= now <= newest:
            raise outside_lag(now, begins, newest, self._lag, self._rows, stepper.clock)
        records, arrays = self._rows_from(now, history)
        n = len(self.model.state)
        kernel, carries = stepper.kernel, stepper.unknown_after(arrays)
        if stepper.two_phase is not None:
            carries = stepper.two_phase.unsettled(carries)
        d = carries.shape[1] // (n + 1)
        (rows,) = np.nonzero(carries[:, n * d :].any(axis=1))
        unknown = Unknown(rows, unflat(carries[None, rows, : n * d], n), carries[None, rows, n * d :])
        smoother = smoother_for(self.model, self.method, arrays, records[None], kernel.status, unknown)
        found, left, _ = smoother.run(SMOOTH)
        free = np.zeros(0)
        if len(left.rows) and left.rows[0] == 0:
            free = np.concatenate([left.A[0, 0].T.ravel(), left.w[0, 0]])
        anchor = anchors_of(self.model, records[0])
        return belief_from(self.model, self.method.in_factors(), found[0, 0], free, anchor=anchor)

    def _rows_from(self, now: int, history: History) -> tuple[Array, Arrays]:
        """Records and arrays of the rows from this time on. The first is at this time: inserted if there is none."""
        k = history.insertion_index(now)
        at = k - 1 if k > history.first and int(history.table.stamps[k - 1]) == now else k
        if at < k:
            kept, index = history.copy(), at - history.first
        else:
            nothing = np.full(history.table.z.shape[1], np.nan)
            kept, index = history.with_late_row(now, nothing, None)
        number = self._rows - len(history) + index
        return kept.recompute(index, self._stepper, self._marks, number, self._began)

    def _stamp(self, t: Any, unit: str) -> int:
        """The time of a query in nanoseconds; a float that is the time of a row that is kept means that row."""
        moment, clock, history = Moment.of(t, "t", unit), self._stepper.clock, self._history
        rows = (
            np.zeros(0, np.int64) if history is None else history.table.stamps[history.first : history.last]
        )
        if self._newest != NEVER:
            rows = np.append(self._newest, rows)
        return moment.on(clock or moment.kind, OWN).beside(rows, unit)

    def _too_old(self, now: int) -> TimeError:
        span, clock = self._late_span, self._stepper.clock
        if self._newest == NEVER or self._rows == 0 or self._newest - now <= span:
            return before_start(now, self._rows, clock)
        return too_old(now, self._newest, span, self._rows, clock)
