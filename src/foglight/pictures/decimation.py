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
    starts = np.concatenate([[0], 1 + np.flatnonzero(piece[1:] != piece[:-1])])
    number = np.repeat(np.arange(len(starts)), np.diff(starts, append=rows))
    finite = np.isfinite(y)
    all_finite = bool(finite.all())
    chosen = np.zeros(rows, bool)
    chosen[[0, -1]] = True
    if not all_finite:
        chosen[_first_of_each(number, ~finite)] = True
    for extreme, none in ((np.minimum, np.inf), (np.maximum, -np.inf)):
        value = y if all_finite else np.where(finite, y, none)
        found = extreme.reduceat(value, starts)[number] == value
        chosen[_first_of_each(number, found if all_finite else finite & found)] = True
    return np.flatnonzero(chosen)


def _pieces(t: NDArray[Any], count: int) -> Indices:
    """The number of each row's piece, ascending: pieces of equal time, or of equal numbers of rows if time does not
    run forwards."""
    since = (t - t[0]).astype(float)
    if not (0.0 < since[-1] < np.inf and (since[1:] >= since[:-1]).all()):
        since = np.arange(len(t), dtype=float)
    found: Indices = np.minimum(since / since[-1] * count, count - 1).astype(np.int64)
    return found


def _first_of_each(piece: Indices, chosen: NDArray[np.bool_]) -> Indices:
    """The first chosen row of each piece."""
    rows = np.flatnonzero(chosen)
    of = piece[rows]
    return rows[np.concatenate([[True], of[1:] > of[:-1]])] if len(rows) else rows
