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
    return Pieces(t, most).extremes(y)


class Pieces:
    """Pieces of time, for several series at the same times t (T,): each keeps at most about `most` of its rows."""

    def __init__(self, t: NDArray[Any], most: int) -> None:
        self._rows = len(t)
        self._all = self._rows <= most
        if not self._all:
            self._of = _pieces(t, max((most - 2) // 3, 1))
            self._starts = np.concatenate([[0], 1 + np.flatnonzero(self._of[1:] != self._of[:-1])])
            self._lengths = np.diff(self._starts, append=self._rows)

    def extremes(self, y: NDArray[Any]) -> Indices:
        """The rows to draw of a series y (T,), as `decimated` says."""
        if self._all:
            return np.arange(self._rows)
        y = np.ascontiguousarray(y)
        finite = np.isfinite(y)
        all_finite = bool(finite.all())
        chosen = np.zeros(self._rows, bool)
        chosen[[0, -1]] = True
        if not all_finite:
            chosen[self._first(~finite)] = True
        for extreme, none in ((np.minimum, np.inf), (np.maximum, -np.inf)):
            value = y if all_finite else np.where(finite, y, none)
            found = np.repeat(extreme.reduceat(value, self._starts), self._lengths) == value
            chosen[self._first(found if all_finite else finite & found)] = True
        return np.flatnonzero(chosen)

    def _first(self, chosen: NDArray[np.bool_]) -> Indices:
        """The first chosen row of each piece."""
        rows = np.flatnonzero(chosen)
        of = self._of[rows]
        return rows[np.concatenate([[True], of[1:] > of[:-1]])] if len(rows) else rows


def _pieces(t: NDArray[Any], count: int) -> Indices:
    """The number of each row's piece, ascending: pieces of equal time, or of equal numbers of rows if time does not
    run forwards."""
    since = (t - t[0]).astype(float)
    if not (0.0 < since[-1] < np.inf and (since[1:] >= since[:-1]).all()):
        since = np.arange(len(t), dtype=float)
    found: Indices = np.minimum(since / since[-1] * count, count - 1).astype(np.int64)
    return found
