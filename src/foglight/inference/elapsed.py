"""The time t that functions of a model may name: seconds since the start of the row's track.

The start is the model's start_time, or the track's first row. In a kernel t is one more input of each row, after the
controls in u, and only of models with a function that names it.
"""

import numpy as np
from numpy.typing import NDArray

from foglight.core.resolution import NS
from foglight.core.types import Array
from foglight.model.model import Model


def takes_time(model: Model) -> bool:
    """Whether a function of the model names t."""
    return len(model.inputs) > len(model.controls)


def elapsed(stamps: NDArray[np.int64], began: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Seconds from the start, `began`, to these stamps; both in nanoseconds, so that differences are exact."""
    return np.asarray((stamps - began) / NS)


def with_time(u: Array, t: NDArray[np.float64]) -> Array:
    """The inputs (..., T, n_u + 1) of rows: their controls (..., T, n_u), and t (T,)."""
    return np.concatenate([u, np.broadcast_to(t[:, None], (*u.shape[:-1], 1))], axis=-1)


def began_of(u: Array, stamps: NDArray[np.int64], first: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """The start of each track in nanoseconds, from its first row.

    u (rows, n): the inputs, t last.  first: the first row of each track; None for one track.
    """
    at = np.zeros(1, np.int64) if first is None else first
    return np.asarray(stamps[at] - np.rint(u[at, -1] * NS).astype(np.int64))
