"""Parts of a log: some of its rows, or all of them with some left without readings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.data.log_like import LogLike


def some_rows(log: LogLike, rows: NDArray[np.int64]) -> dict[str, Any]:
    """The fields of a log of these rows. Tracks without a row are dropped; the others keep their names."""
    if not len(rows):
        raise DataError(
            "the selection has no rows: expected at least one. Compare it with log.time.", field="rows"
        )
    if len(rows) > 1 and (np.diff(rows) != 1).any():
        raise DataError.expected(
            "step", int(rows[1] - rows[0]), "rows one after another", "Leave the step out."
        )
    track, names = log.track, log.track_names
    if track is not None:
        left, track = np.unique(track[rows], return_inverse=True)
        names = tuple(names[k] for k in left)
    return fields_of(log) | {
        "time_ns": log.time_ns[rows],
        "blocks": {name: block[..., rows, :] for name, block in log.blocks.items()},
        "u": None if log.u is None else log.u[rows],
        "track": track,
        "track_names": names,
    }


def without_readings(log: LogLike, rows: NDArray[np.bool_]) -> dict[str, Any]:
    """The fields of the log with every measurement and control missing in these rows (T,)."""
    return fields_of(log) | {
        "blocks": {name: np.where(rows[:, None], np.nan, block) for name, block in log.blocks.items()}
    }


def fields_of(log: LogLike) -> dict[str, Any]:
    """The fields that a log is made of."""
    names = ("time_ns", "blocks", "u", "nameless", "track", "track_names", "repeats", "long", "origin")
    return {name: getattr(log, name) for name in names}
