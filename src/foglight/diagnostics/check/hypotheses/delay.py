"""A sensor whose readings arrive late and carry the time of their arrival."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from foglight.core.resolution import NS
from foglight.data.log import Log
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.elapsed import ns_since_start, shortest, usual_step
from foglight.diagnostics.check.hypotheses.hypothesis import Evidence, Family, Hypothesis
from foglight.diagnostics.check.hypotheses.identifiability import is_alone
from foglight.model.model import Model

TRIED = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0, 20.0, 30.0, 45.0, 64.0)  # in steps of the log
_LONGEST = 0.1  # share of the shortest track that a delay may take


def families(evidence: Evidence) -> list[Family]:
    """A delay of each sensor. Only against another sensor, or against controls, is a delay seen at all."""
    model, log = evidence.model, evidence.log
    step = usual_step(log)
    if is_alone(model) or model.rows or log.tracks is not None or not step:
        return []
    most = _LONGEST * shortest(log)
    tried = tuple(step * k for k in TRIED if step * k <= most)
    return [
        Family(partial(_late, evidence, k), tried, fitted=True, common=partial(_without_first, model, k))
        for k in range(len(model.sensors))
        if tried
    ]


def moved_back(sensor: int, seconds: float, model: Model, log: Log) -> tuple[Model, Log]:
    """The log with the readings of a sensor this much earlier."""
    return moved_by(sensor, np.full(len(log), round(seconds * NS)), model, log)


def moved_by(sensor: int, shift: NDArray[np.int64], model: Model, log: Log) -> tuple[Model, Log]:
    """The log with the readings of a sensor earlier by these nanoseconds (T,). Those from before the start of a track
    are left out."""
    at = model.blocks[sensor][1]
    z = log.bind(model)
    track = np.zeros(len(log), np.int64) if log.track is None else log.track
    rows = np.flatnonzero(~np.isnan(z[:, at]).all(axis=1))
    rows = rows[ns_since_start(log)[rows] >= shift[rows]]
    times = np.concatenate([log.time_ns, log.time_ns[rows] - shift[rows]])
    ordinal = np.cumsum(log.starts()) - 1  # how many tracks begin before each row's own
    tracks = np.concatenate([ordinal, ordinal[rows]])
    added = np.concatenate([np.zeros(len(log), bool), np.ones(len(rows), bool)])
    readings = np.concatenate([z, np.full((len(rows), z.shape[1]), np.nan)])
    readings[: len(log), at] = np.nan
    readings[len(log) :, at] = z[rows][:, at]
    order = np.lexsort((added, times, tracks))
    times, tracks, added, readings = times[order], tracks[order], added[order], readings[order]
    # A reading that arrives at the time of another row joins that row.
    joins = np.append(False, added[1:] & (np.diff(times) == 0) & (np.diff(tracks) == 0) & ~added[:-1])
    before = np.flatnonzero(joins) - 1
    readings[before, at] = readings[joins, at]
    u = log.controls(model)
    source = _next_row(added, order, len(log))
    keep = ~joins
    blocks = {s.name: np.ascontiguousarray(readings[keep][:, part]) for s, part in model.blocks}
    return model, Log(
        times[keep], blocks, u=np.ascontiguousarray(u[source[keep]]) if u.shape[-1] else None,
        track=None if log.track is None else track[source[keep]], track_names=log.track_names, origin=log.origin,
        moved=log.moved,
    )  # fmt: skip


def _next_row(added: NDArray[np.bool_], order: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """The row of the log at or after each row: its control acts until then. After the last one, its control is held."""
    own = np.where(added, rows - 1, order)
    return np.minimum.accumulate(own[::-1])[::-1].astype(np.int64)


def _without_first(model: Model, sensor: int, log: Log, seconds: float) -> Log:
    """The log without the readings that a delay up to this long would move before the start of their track."""
    z = log.bind(model).copy()
    of_sensor = z[:, model.blocks[sensor][1]]
    of_sensor[ns_since_start(log) < round(seconds * NS)] = np.nan
    return with_readings(log, model, z)


def _or_declared(evidence: Evidence, sensor: int, seconds: float) -> str:
    """How to say so in the model, where its sensor can have a delay."""
    late = evidence.model.sensors[sensor]
    if evidence.model.matrices or late.controls or evidence.log.calendar is not None:
        return ""
    before = 0.0 if late.delay is None else late.delay.of(late.params)
    return f", or write delay=fog.delay({before + seconds:.3g}) in it"


def _late(evidence: Evidence, sensor: int, seconds: float) -> Hypothesis:
    name, calendar = evidence.model.sensors[sensor].name, evidence.log.calendar
    late = f"{seconds:.3g} s" if calendar is None else calendar.length(round(seconds * NS))
    return Hypothesis(
        Code.DELAY,
        name,
        seconds,
        f"{name} is late by {late}",
        "subtract that from the times of its readings" + _or_declared(evidence, sensor, seconds),
        f"a delay of {name}",
        partial(moved_back, sensor, seconds),
    )
