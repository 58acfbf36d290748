"""Sums over entries of arrays on numbers, in eight parts: see `array_operations`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[Any]
PARTIAL_SUMS = 8


def summed(terms: Matrix) -> Matrix:
    """The sums over the last axis but the tracks', in eight partial sums."""
    count = -(-terms.shape[-2] // PARTIAL_SUMS)
    padded = np.zeros((*terms.shape[:-2], count * PARTIAL_SUMS, terms.shape[-1]), terms.dtype)
    padded[..., : terms.shape[-2], :] = terms
    parts = np.zeros((*terms.shape[:-2], PARTIAL_SUMS, terms.shape[-1]), terms.dtype)
    for k in range(count):
        parts = parts + padded[..., k * PARTIAL_SUMS : (k + 1) * PARTIAL_SUMS, :]
    while parts.shape[-2] > 1:
        parts = parts[..., 0::2, :] + parts[..., 1::2, :]
    return parts[..., 0, :]


def tracks_of(*args: Any) -> int:
    return max(np.shape(a)[-1] if np.ndim(a) else 1 for a in args)


def for_all_tracks(*args: Any) -> list[Any]:
    """Copies of arrays and scalars with as many tracks as the one that has most: a shared one has 1."""
    tracks = tracks_of(*args)
    return [np.broadcast_to(a, (*np.shape(a)[:-1], tracks)).copy() for a in args]
