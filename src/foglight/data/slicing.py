"""A selection of a log's rows."""

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
    return {
        "time_ns": log.time_ns[rows],
        "blocks": {name: block[..., rows, :] for name, block in log.blocks.items()},
        "u": None if log.u is None else log.u[rows],
        "nameless": log.nameless,
        "track": track,
        "track_names": names,
        "repeats": log.repeats,
        "long": log.long,
        "origin": log.origin,
    }
