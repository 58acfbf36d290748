"""Warnings of a log that is too short for its model: less than a season, or fewer readings than unknown states."""

import math
import warnings

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.arrays import Arrays
from foglight.core.errors import FoglightWarning
from foglight.core.text import counted, first_of
from foglight.data.description import span_of
from foglight.data.log import Log
from foglight.model.model import Model, unknown_directions


def longest_season(model: Model) -> int:
    """The whole rows of the longest season; 0 without seasons."""
    return math.floor(max(model.seasons.values(), default=0.0))


def warn_of_short_season(model: Model, log: Log, stacklevel: int) -> None:
    """A FoglightWarning if a season is longer than the log, or than one of its tracks."""
    if not model.seasons:
        return
    lengths = np.array([len(log)]) if log.track is None else np.bincount(log.track)
    name = max(model.seasons, key=lambda season: model.seasons[season])
    short = np.flatnonzero(lengths < longest_season(model))
    if not len(short):
        return
    rows = counted(int(lengths[short[0]]), "row")
    _warn(
        f"{_which(log, short)} {rows}{_when(log)}, less than {name} of {model.seasons[name]:g} rows: the rest of its "
        "pattern is a guess, and what was seen of it cannot be separated from the level. Record at least one whole "
        f"season, or leave {name} out.",
        stacklevel,
    )


def warn_of_few_readings(model: Model, log: Log, arrays: Arrays, stacklevel: int) -> None:
    """A FoglightWarning if a log, or one of its tracks, has fewer readings than there are unknown states."""
    unknown = unknown_directions(model)
    if not unknown:
        return
    readings = _readings(arrays)
    few = np.flatnonzero(readings < unknown)
    if not len(few):
        return
    count = counted(int(readings[few[0]]), "reading")
    _warn(
        f"{_which(log, few)} {count}{_when(log)}, and the model {counted(unknown, 'state')} of "
        f"which nothing is known at the start ({unknown_states(model)}): some stay unknown to the last row, with a std "
        "of inf. Record a longer log, leave states out, or give the model a start with a finite std.",
        stacklevel,
    )


def unknown_states(model: Model) -> str:
    """The first states of which nothing is known, and how many follow."""
    if model.start is None:
        return first_of(model.state)
    return first_of([name for name, std in zip(model.state, model.start.std, strict=True) if np.isinf(std)])


def _readings(arrays: Arrays) -> NDArray[np.int64]:
    """The number of components that each track measured."""
    present = np.isfinite(arrays.z).sum(axis=2)
    if arrays.first is None:
        return np.asarray(present.sum(axis=1))
    return np.asarray(np.add.reduceat(present[0], arrays.first))


def _which(log: Log, tracks: NDArray[np.int64]) -> str:
    """What is too short: the log, or the first of its tracks."""
    if log.track is None and log.tracks is None:
        return "the log has"
    name = log.track_names[tracks[0]] if log.track is not None else int(tracks[0])
    more = f" (and {len(tracks) - 1} more)" if len(tracks) > 1 else ""
    return f"track {name!r}{more} has"


def _when(log: Log) -> str:
    """From when to when, if it is one series."""
    return f", {span_of(log)}" if log.track is None and len(log) else ""


def _warn(message: str, stacklevel: int) -> None:
    warnings.warn(message, FoglightWarning, stacklevel=stacklevel + 2)
