"""Filter a log part by part: each part continues from the state after the one before, with the same bits.

Little is carried from part to part: the numbers of the scan, the last stamp and track, and the sums of the summary. It
can be saved as data and restored by another process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.engine.cache import engine_of
from foglight.compiler.kernel import LOGLIK
from foglight.core import exact_numbers
from foglight.core.errors import ModelError, Status
from foglight.core.resolution import NS
from foglight.data.controls import last_known
from foglight.data.log import Log
from foglight.data.long_step import StepSizes
from foglight.data.on_time import delays_of
from foglight.inference.prepare import one_a_row, prepare
from foglight.inference.row_errors import any_refused, raise_first_bad
from foglight.inference.row_marks import ScanState, check_gap, row_marks
from foglight.inference.run import Run
from foglight.inference.time_steps import Clock, span_of, time_steps
from foglight.methods.method import Method
from foglight.model.model import Model

COUNTED = (Status.GATED, Status.REPEATED, Status.AFTER_GAP, Status.TIME_JUMP, Status.RESET)


@dataclass
class Totals:
    """Sums over the rows so far. They are accumulated row by row, so they do not depend on how the log is split."""

    rows: int = 0
    tracks: int = 0
    components: int = 0  # measured and used
    nis: float = 0.0
    loglik: float = 0.0  # of the tracks that have ended
    open: float = 0.0  # the log-likelihood of the last track so far
    steps: StepSizes = field(default_factory=StepSizes)
    flags: dict[str, int] = field(default_factory=lambda: {str(flag.name): 0 for flag in COUNTED})

    def add(self, run: Run, logliks: NDArray[np.float64], goes_on: bool) -> None:
        """Add one part.

        logliks: of its tracks, each at its last row in this part; goes_on: the first of them continues the last track
        so far.
        """
        status = run.status
        self.steps = self.steps.and_then(run._arrays.dt, self.rows)
        self.rows += len(status)
        self.components += int(np.count_nonzero(~np.isnan(run.innovation)))
        self.nis = _added(self.nis, run.nis[~np.isnan(run.nis)])
        self.tracks += len(logliks) - goes_on
        ended = logliks[:-1] if goes_on else np.concatenate([[self.open], logliks[:-1]])
        self.loglik = _added(self.loglik, ended)
        self.open = float(logliks[-1])
        for flag in COUNTED:
            self.flags[str(flag.name)] += int(np.count_nonzero(status & int(flag)))


class Stream:
    """A filter that takes a log in parts.

    >>> stream = Stream(model, fog.EKF())
    >>> runs = [stream.feed(part.log, part.goes_on) for part in fog.open_log("radar.csv").parts()]
    """

    def __init__(
        self,
        model: Model,
        method: Method,
        *,
        gap: float | None = None,
        max_gap: float | None = None,
        on_bad: str = "raise",
    ) -> None:
        check_gap(gap)
        span_of(max_gap)  # raises if it is not a span
        for name, late in delays_of(model).items():
            raise ModelError(
                f"{name}.delay = {late / NS:g} s: a log that is filtered part by part cannot have readings moved to an "
                "earlier part: expected no delay. Read the whole log, and use fog.run; or correct the stamps first.",
                field=f"{name}.delay",
                value=late / NS,
            )
        self.model = model
        self.method = method
        self.gap = gap
        self.max_gap = max_gap
        self.on_bad = on_bad
        self.totals = Totals()
        self.reached = ScanState()
        self._engine = engine_of(model, method, "result")

    def feed(self, log: Log, goes_on: bool) -> Run:
        """The run of the next rows. goes_on: the first row continues the track before it; otherwise it begins one.

        Raises what `fog.run` raises, naming the row in the whole log.
        """
        run = self.advance(log, goes_on)
        self.totals.add(run, run._carry[:, LOGLIK], goes_on)
        return run

    def advance(self, log: Log, goes_on: bool) -> Run:
        """The same without a part in the totals."""
        before = self.reached if goes_on else ScanState(self.reached.rows)
        steps = time_steps(
            log,
            None,
            before.clock,
            self.max_gap,
            on_bad=self.on_bad,
            rows_before=before.rows,
            began=before.began,
        )
        arrays = prepare(self.model, log, self.method, None, before, steps)
        carry, records = self._engine.run(arrays)
        records.flags.writeable = False
        if self.on_bad == "raise" and any_refused(carry):
            raise_first_bad(self.model, self.method, arrays, records)
        marks = row_marks(self.model, log, steps, self.gap, before)
        run = Run(self.model, log, self.method, self._engine, arrays, carry, records, marks)
        reports = None
        if log.repeats != "keep":
            reports = steps.received(log).last_reports(self.model, before=before.reports)
        controls = _last_controls(arrays, len(self.model.controls), before.controls if goes_on else None)
        began = int(steps.began[-1]) if len(steps.began) else before.began
        self.reached = ScanState(before.rows + len(log), carry[-1], steps.clock, reports, controls, began)
        return run

    def end(self) -> Totals:
        """The sums over all rows. ModelError if matrices given row by row are for more rows than the log had."""
        one_a_row(self.model, self.reached.rows)
        return self.totals

    def state(self) -> dict[str, Any]:
        """The state of the stream as plain data; floats in hexadecimal, so that no bit is lost."""
        reached, totals = self.reached, self.totals
        return {
            "rows": reached.rows,
            "carry": None if reached.carry is None else exact_numbers.written(reached.carry),
            "clock": None if reached.clock is None else list(reached.clock),
            "reports": None if reached.reports is None else exact_numbers.written(reached.reports),
            "controls": None if reached.controls is None else exact_numbers.written(reached.controls),
            "began": reached.began,
            "tracks": totals.tracks,
            "components": totals.components,
            "sums": [number.hex() for number in (totals.nis, totals.loglik, totals.open)],
            "steps": list(totals.steps),
            "flags": totals.flags,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned. Other data raise KeyError, TypeError, ValueError or OverflowError."""
        widths = self._engine.kernel.widths
        sizes = {"carry": self._engine.carried, "reports": widths["z"], "controls": len(self.model.controls)}
        carry, reports, controls = (
            None if state[name] is None else exact_numbers.numbers(state[name], size)
            for name, size in sizes.items()
        )
        rows, tracks, components = (
            exact_numbers.count(state[name]) for name in ("rows", "tracks", "components")
        )
        clock = None
        if state["clock"] is not None:
            newest, *pending = state["clock"]
            first, last = (None if stamp is None else exact_numbers.stamp(stamp) for stamp in pending)
            clock = Clock(exact_numbers.stamp(newest), first, last)
        nis, loglik, opened = (float.fromhex(number) for number in state["sums"])
        flags = {str(flag.name): exact_numbers.count(state["flags"][str(flag.name)]) for flag in COUNTED}
        began = state.get("began")  # not known in states of older releases
        began = None if began is None else exact_numbers.stamp(began)
        self.reached = ScanState(rows, carry, clock, reports, controls, began)
        steps = StepSizes(*[exact_numbers.count(number) for number in state["steps"]])
        self.totals = Totals(rows, tracks, components, nis, loglik, opened, steps, flags)


def _last_controls(arrays: Arrays, count: int, before: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """The controls (count,) of the last stamp. before: those of the row before, if that belongs to the track."""
    still, u = arrays.dt == 0.0, arrays.u[0, :, :count]
    first = arrays.first[-1] if arrays.first is not None else 0  # of the last track
    if first or before is None:
        return last_known(u[first:], still[first:])
    return last_known(np.vstack([before, u]), np.append(False, still))


def _added(total: float, numbers: NDArray[np.float64]) -> float:
    """The total plus these numbers, added one after the other."""
    return float(np.add.accumulate(np.concatenate([[total], numbers]))[-1])
