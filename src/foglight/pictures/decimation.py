"""The rows of a long series that a picture needs: the extremes of each piece of time, so that no spike is hidden."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def decimated(t: NDArray[Any], y: NDArray[Any], most: int = 4_000) -> Indices:
    """The rows to draw of a series, at most about `most`: those of least and greatest y in each piece of time.

    A line through them covers the same pixels as one through all rows, if there are more pieces than pixels. Where y is
    not finite, one such row is kept in each piece, so that gaps remain gaps. The first and the last row are kept.

    t (T,): times, numbers or dates.  y (T,).  Returns indices in ascending order; all of them if there are few.
    """
    rows = len(y)
    if rows <= most:
        return np.arange(rows)
    piece = _pieces(t, max((most - 2) // 3, 1))
    starts = np.flatnonzero(np.diff(piece, prepend=-1))
    lengths = np.diff(starts, append=rows)
    finite = np.isfinite(y)
    kept = [np.array([0, rows - 1]), _first_of_each(piece, ~finite)]
    for sign in (1.0, -1.0):
        value = np.where(finite, sign * y, np.inf)
        least = np.repeat(np.minimum.reduceat(value, starts), lengths)
        kept.append(_first_of_each(piece, finite & (value == least)))
    return np.unique(np.concatenate(kept))


def _pieces(t: NDArray[Any], count: int) -> Indices:
    """The number of each row's piece, ascending: pieces of equal time, or of equal numbers of rows if time does not
    run forwards."""
    since = (t - t[0]).astype(float)
    if not (np.isfinite(since).all() and since[-1] > 0.0 and (np.diff(since) >= 0.0).all()):
        since = np.arange(len(t), dtype=float)
    found: Indices = np.minimum(since / since[-1] * count, count - 1).astype(np.int64)
    return found


def _first_of_each(piece: Indices, chosen: NDArray[np.bool_]) -> Indices:
    """The first chosen row of each piece."""
    rows = np.flatnonzero(chosen)
    return rows[np.diff(piece[rows], prepend=-1) > 0]
