"""Parts of a log: some of its rows, or all of them with some left without readings, as changes for `replace`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import DataError
from foglight.data.log_like import LogLike


def some_rows(log: LogLike, rows: NDArray[np.int64]) -> dict[str, Any]:
    """What changes in a log of these rows only. Tracks without a row are dropped; the others keep their names."""
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
        "u": None if log.u is None else log.u[..., rows, :],
        "track": track,
        "track_names": names,
    }


def one_track(log: LogLike, number: int) -> dict[str, Any]:
    """What changes in a log of this track only, which is then a log of one series."""
    if log.tracks is not None:
        blocks = {name: block[number] if block.ndim == 3 else block for name, block in log.blocks.items()}
        return {"blocks": blocks, "u": log.u[number] if log.u is not None and log.u.ndim == 3 else log.u}
    if log.track is None:
        return {}
    first, last = np.searchsorted(log.track, [number, number + 1])  # tracks are numbered in their order
    return some_rows(log, np.arange(first, last)) | {"track": None, "track_names": ()}


def track_after_track(block: NDArray[np.float64], tracks: int) -> NDArray[np.float64]:
    """A block (T, m) or (tracks, T, m) with the rows of all tracks, one track after another; shared inputs repeated."""
    flat = block.reshape(-1, block.shape[-1])
    if block.ndim == 3 or tracks == 1:
        return flat
    repeated = np.tile(flat, (tracks, 1))
    repeated.setflags(write=False)
    return repeated


def without_readings(log: LogLike, rows: NDArray[np.bool_]) -> dict[str, Any]:
    """What changes in the log with every measurement and control missing in these rows (T,)."""
    return {"blocks": {name: np.where(rows[:, None], np.nan, block) for name, block in log.blocks.items()}}
