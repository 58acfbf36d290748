"""Clocks that run fast or slow: of one sensor, whose stamps fall behind or get ahead, or of the whole log."""

from dataclasses import replace
from functools import partial

import numpy as np

from foglight.data.log import Log
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.delay import moved_by
from foglight.diagnostics.check.hypotheses.elapsed import longest, ns_since_start, usual_step
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import is_alone, keeps_time
from foglight.model.model import Model

# Factors of the clock of a log: near 1, where a clock is likely to be, they are closer.
FACTORS = (0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.93, 0.97, 1.03, 1.08, 1.18, 1.4, 2.0, 2.8, 5.0, 10.0)
_LEAST, _MOST = 0.5, 0.1  # steps that a clock is off by at the end of the log; seconds in a second


def of_sensors(evidence: Evidence) -> list[Family]:
    """The clock of each sensor, fast or slow. Only against another sensor, or against controls, is it seen at all."""
    model, log = evidence.model, evidence.log
    step, whole = usual_step(log), longest(log)
    if is_alone(model) or model.rows or log.tracks is not None or not step or not whole:
        return []
    least = min(_LEAST * step / whole, _MOST)
    tried = tuple(_MOST * 0.5**k for k in range(int(np.log2(_MOST / least)), -1, -1))
    return [
        Family(partial(_of_sensor, evidence, k, sign), tried, fitted=True)
        for k in range(len(model.sensors))
        for sign in (1.0, -1.0)
    ]


def of_log(evidence: Evidence) -> list[Family]:
    """The clock of the log. With one sensor it is seen only if the motion has time constants."""
    model, timed = evidence.model, keeps_time(evidence.model)
    if model.rows or (is_alone(model) and not timed):
        return []
    return [Family(partial(_of_log, timed), FACTORS, fitted=True)]


def _of_sensor(evidence: Evidence, sensor: int, sign: float, off: float) -> Hypothesis:
    name, whole = evidence.model.sensors[sensor].name, longest(evidence.log)
    fast = "fast" if sign > 0.0 else "slow"
    lag = "late" if sign > 0.0 else "early"
    return Hypothesis(
        Code.CLOCK,
        name,
        1.0 + sign * off,
        f"the clock of {name} is {fast} by {off:.3g} s in a second: its stamps are {off * whole:.3g} s {lag} at the "
        "end",
        f"divide the time since the start by {1.0 / (1.0 - sign * off):.6g} in them",
        f"a {fast} clock of {name}",
        partial(_put_right, sensor, sign * off),
        modest=True,
    )


def _put_right(sensor: int, off: float, model: Model, log: Log) -> tuple[Model, Log]:
    return moved_by(sensor, np.rint(off * ns_since_start(log)).astype(np.int64), model, log)


def _of_log(timed: bool, factor: float) -> Hypothesis:
    fast = "slow" if factor > 1.0 else "fast"
    return Hypothesis(
        Code.CLOCK,
        "log",
        1.0 / factor,
        f"the clock of the log is {fast}: a second of its stamps is {factor:.4g} s of the motion",
        f"multiply the time between rows by {factor:.4g}",
        f"a {fast} clock of the log",
        partial(stretched, factor),
        modest=True,
        beside_noises=timed,
    )


def stretched(factor: float, model: Model, log: Log) -> tuple[Model, Log]:
    """The log with the time since the start of each track multiplied by a factor."""
    since = ns_since_start(log)
    return model, replace(log, time_ns=log.time_ns - since + np.rint(factor * since).astype(np.int64))
