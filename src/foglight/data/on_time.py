"""Readings of sensors that are late, moved to the time at which they were measured: the log with corrected stamps.

A filter of that log is exact, whatever the delay: every reading meets the state of its own time. The log says what was
moved (`Log.moved`), so that it is moved once, however often a log is used.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.resolution import NS
from foglight.core.types import Array
from foglight.data.log import Log
from foglight.data.merging import common_rows


def delays_of(model: Any) -> dict[str, int]:
    """{sensor: nanoseconds} of the sensors that are late."""
    return {s.name: round(s.delay.of(s.params) * NS) for s in model.sensors if s.delay is not None}


def on_time(model: Any, log: Log) -> Log:
    """The log with the readings of late sensors at the times of their measurement; unchanged if they are there."""
    due = {name: delay - log.moved.get(name, 0) for name, delay in delays_of(model).items()}
    return moved_earlier(model, log, due) if any(due.values()) else log


def moved_earlier(model: Any, log: Log, by: Mapping[str, int]) -> Log:
    """The log with the readings of some sensors earlier by these nanoseconds, in rows of their own or of others.

    A row from which every reading was moved is left out, unless the model has controls.
    """
    z = replace(log, repeats="keep").bind(model)
    series = z.reshape(-1, *z.shape[-2:])  # one, or several that share the times
    there = np.array((~np.isnan(series)).any(axis=0))
    parts = [(by[sensor.name], at) for sensor, at in model.blocks if by.get(sensor.name)]
    starts = log.starts()
    track = np.cumsum(starts) - 1
    rows_of_parts = [np.flatnonzero(there[:, at].any(axis=1)) for _, at in parts]
    stays = there.copy()
    for _, at in parts:
        stays[:, at] = False
    kept = np.flatnonzero(stays.any(axis=1) | ~there.any(axis=1) | bool(model.controls))
    stamped = [(track[kept], log.time_ns[kept])]
    stamped += [
        (track[rows], log.time_ns[rows] - shift)
        for (shift, _), rows in zip(parts, rows_of_parts, strict=True)
    ]
    time_ns, of_track, targets = common_rows(stamped)
    found = np.full((*z.shape[:-2], len(time_ns), z.shape[-1]), np.nan)
    found[..., targets[0], :] = np.where(stays, z, np.nan)[..., kept, :]
    for (_, at), rows, target in zip(parts, rows_of_parts, targets[1:], strict=True):
        found[..., target, at] = z[..., rows, at]
    u = log.controls(model)
    blocks = {name: found[..., [k]] for k, name in enumerate(model.components)}
    return replace(
        log,
        time_ns=time_ns,
        blocks={name: found for name in log.blocks} if log.nameless else blocks,
        u=u[..., _acting(time_ns, of_track, targets[0]), :] if model.controls else None,
        track=None if log.track is None else log.track[np.flatnonzero(starts)][of_track],
        long=None,
        inputs=(),
        hold=False,
        moved={**log.moved, **{name: log.moved.get(name, 0) + shift for name, shift in by.items()}},
    )


def _acting(time_ns: Array, track: NDArray[np.int64], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the row of the log, among those that were kept, whose controls act until it: its own, the one
    before it if that has the same stamp, or the next one; after the last one of a track they are held."""
    following = np.searchsorted(kept, np.arange(len(time_ns)))
    own = np.isin(np.arange(len(time_ns)), kept)
    last = np.searchsorted(track[kept], track, side="right") - 1
    source = np.minimum(following, last)
    for k in np.flatnonzero(~own[1:] & (np.diff(time_ns) == 0) & (np.diff(track) == 0)) + 1:
        source[k] = source[k - 1]
    return source
