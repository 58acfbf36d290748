"""The errors that a live filter raises."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.checks import is_number
from foglight.core.entry_names import ordered
from foglight.core.errors import DataError, ModelError, StateError, TimeError
from foglight.core.timestamps import NS, seconds_text, time_text
from foglight.data.numbers import readings
from foglight.inference.row_marks import check_gap
from foglight.inference.time_steps import span_of
from foglight.methods import registry
from foglight.model.model import Model


def controls(
    u: Any, model: Model, moves: bool, z: NDArray[np.float64] | None = None, before: bytes | None = None
) -> NDArray[np.float64]:
    """The controls of a row (n_u,), NaN where none are given and none are needed.

    moves: whether time passes, so that those of the motion are needed.  z (M,): the readings of the row, whose sensors
    need theirs.  before: the controls of the row before it, if that has the same stamp.
    """
    names = model.controls
    reporting = [] if z is None else [s for s, at in model.blocks if s.controls and not np.isnan(z[at]).all()]
    needed = {name for part in ([model.motion] * moves + reporting) for name in part.controls}
    if u is None and not needed:
        return np.full(len(names), np.nan)
    given = (
        [u.get(name, np.nan) for name in names] if isinstance(u, Mapping) and u.keys() <= set(names) else u
    )
    values = readings(() if u is None else ordered(given, names, "u", DataError, alone=True), "u")
    fits = values.size == len(names) and values.ndim < 2 and bool(names)
    if not fits or not all(np.isfinite(values.reshape(-1)[names.index(name)]) for name in needed):
        value = None if u is None else values.tolist()
        which = f"finite numbers ({', '.join(names)})"
        expected = f"{len(names)} {which}" if names else "None, since the model has no controls"
        acted = (
            "that acted since the row before" if set(needed) <= set(model.motion.controls) else "of the row"
        )
        raise DataError(
            f"u = {value}: expected {expected}. "
            + (f"Pass the controls {acted}." if names else "Leave it out."),
            field="u",
            value=value,
        )
    values = values.reshape(-1)
    if before is not None and not moves:
        read = {name for sensor in model.sensors for name in sensor.controls}
        controls_before = np.frombuffer(before)[: len(names)]
        for name, value, first in zip(names, values.tolist(), controls_before.tolist(), strict=True):
            if name not in read and np.isfinite([value, first]).all() and value != first:
                raise DataError.expected(
                    "u",
                    value,
                    f"{first:g} as in the row before, since no time passes in which it could act",
                    f"Repeat the value, or declare controls=({name!r},) on the fog.Sensor that reads it.",
                    index=name,
                )
    return values


def in_use(row: int) -> StateError:
    """The error for a second call while a row is being processed."""
    return StateError(
        f"this filter is in the middle of row {row}: expected one call at a time. Give each thread its own filter, or "
        "hold a lock around the call.",
        field="live",
        index=row,
        value=threading.current_thread().name,
    )


def unknown_sensor(sensor: Any, model: Model) -> DataError:
    """The error for a sensor that the model does not have."""
    return DataError.expected(
        "sensor", sensor, f"one of {', '.join(s.name for s in model.sensors)}", "Use its name in the model."
    )


def too_old(now: int, newest: int, span: int, row: int, clock: str) -> TimeError:
    """The error for a time before all rows that are kept. now, newest, span: nanoseconds."""
    return TimeError(
        f"t = {time_text(now, clock)} is {seconds_text(newest - now)} s older than the newest row: expected at most "
        f"history = {seconds_text(span)} s. Give fog.online a longer history, or drop the row.",
        field="t",
        index=row,
        value=now / NS,
    )


def nothing_kept(lag: int, row: int) -> TimeError:
    """The error for a smoothed belief where no rows are kept. lag: nanoseconds."""
    if lag:
        what, remedy = "has received no row yet: expected at least one", "Call live.step first."
    else:
        what, remedy = (
            "keeps no rows for smoothing: expected a lag above 0",
            "Write fog.online(model, lag=2.0).",
        )
    return TimeError(f"this filter {what}. {remedy}", field="lag", index=row, value=lag / NS)


def outside_lag(now: int, begins: int, newest: int, lag: int, row: int, clock: str) -> TimeError:
    """The error for smoothing at a time before `begins` or after the newest row. All times in nanoseconds."""
    if now > newest:
        remedy = "Use live.predict."
    elif begins == newest - lag:
        remedy = "Give fog.online a longer lag."
    else:
        remedy = "Use a time at or after the start of the filter."
    return TimeError(
        f"t = {time_text(now, clock)}: expected a time from {time_text(begins, clock)} to the newest row, "
        f"{time_text(newest, clock)}, with lag = {seconds_text(lag)} s. {remedy}",
        field="t",
        index=row,
        value=now / NS,
    )


def before_start(now: int, row: int, clock: str) -> TimeError:
    """The error for a time before the start of the filter."""
    return TimeError(
        f"t = {time_text(now, clock)} is before the start of the filter: expected a later time. Give an earlier "
        "start_time, or drop the row.",
        field="t",
        index=row,
        value=now / NS,
    )


def _check_delays(model: Model, history: float) -> None:
    """TimeError for a history that is shorter than a sensor is late behind the most punctual one."""
    delays = {s.name: 0.0 if s.delay is None else s.delay.of(s.params) for s in model.sensors}
    latest = max(delays, key=lambda name: delays[name])
    behind = delays[latest] - min(delays.values())
    if behind > history:
        raise TimeError(
            f"history = {history:g} s: the readings of {latest} are {delays[latest]:g} s late, and would be older than "
            f"all rows that are kept: expected at least {behind:g}. Write history={2.0 * behind:g}.",
            field="history", index=latest, value=history,
        )  # fmt: skip


def check_options(model: Any, method: Any, options: Mapping[str, Any]) -> None:
    """Raise ModelError or TimeError for arguments that `online` cannot accept."""
    if not isinstance(model, Model):
        raise ModelError.expected("model", model, "a fog.Model", "Write fog.online(model).")
    registry.checked(method)
    if model.rows:
        change = f"{', '.join(model.rows)} change{'s' * (len(model.rows) == 1)} row by row"
        raise ModelError(
            f"{change}, and a live filter does not know how many rows will come. Expected constant matrices. Use "
            "fog.run, or a fog.Motion whose functions take dt.",
            field="model",
            value=tuple(model.rows),
        )
    for field in ("history", "lag"):
        span = options.get(field, 0.0)
        if not (is_number(span) and span >= 0.0):
            raise TimeError.expected(
                field, span, "a number of seconds >= 0", f"Write {field}=0.5, or leave it out."
            )
    _check_delays(model, options.get("history", 0.0))
    check_gap(options["gap"])
    span_of(options.get("max_gap"))
    for field, known in (("on_bad", ("flag", "raise")), ("repeats", ("keep", "skip"))):
        value = options[field]
        if value not in known:
            raise ModelError.expected(
                field, value, f"{known[0]!r} or {known[1]!r}", f"Leave it out for {known[0]!r}."
            )
