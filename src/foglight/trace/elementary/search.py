"""The segment of a table that a number is in, as a branch-free sequence of comparisons and look-ups.

A few bounds are all compared. Many are first divided among buckets of equal width, fine enough that a bucket holds one
bound or a few: the bucket of x is a difference and a product, and only its own bounds are compared. Rounded differences
and products do not decrease where x increases, so a bound and an x above it never change their order. Bounds that no
buckets of equal width keep apart (decades, say) are divided into groups, whose first bounds are all compared.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace.ops import lookup, select
from foglight.trace.scalars import pairwise
from foglight.trace.symbol import Symbol

_ALL = 6  # up to here, comparing all is cheapest
_FINENESS = (1, 2, 4, 8)  # buckets for each bound; the first that suffices is taken
_TOGETHER = 3  # bounds that one bucket may hold


def segment(x: Any, *bounds: Symbol) -> Any:
    """How many of the bounds, increasing constants, are <= x; 0 for NaN. x: a symbol, or an array as a whole."""
    dtype = bounds[0].graph.dtype  # type: ignore[attr-defined]
    edges = np.array([b.value for b in bounds], dtype)
    if len(edges) <= _ALL:
        return pairwise([_is_above(x, edge) for edge in edges])
    with np.errstate(all="ignore"):
        for fineness in _FINENESS:
            origin, scale = _scaled(edges, fineness * len(edges))
            bucket = np.clip(np.nan_to_num((edges - origin) * scale), 0, fineness * len(edges) - 1).astype(
                int
            )
            held = np.bincount(bucket, minlength=fineness * len(edges))
            if held.max() == 1 or (fineness == _FINENESS[-1] and held.max() <= _TOGETHER):
                return _in_buckets(x, edges, held, origin, scale)
    return _in_groups(x, edges)


def _is_above(x: Any, edge: Any) -> Any:
    return select(edge <= x, 1.0, 0.0)


def _scaled(edges: NDArray[Any], buckets: int) -> tuple[Any, Any]:
    """Origin and scale of buckets: the first bound is in the middle of the first one, the last in that of the last."""
    scale = (buckets - edges.dtype.type(1)) / (edges[-1] - edges[0])
    return edges[0] - edges.dtype.type(0.5) / scale, scale


def _in_buckets(x: Any, edges: NDArray[Any], held: NDArray[Any], origin: Any, scale: Any) -> Any:
    first = np.concatenate([[0], np.cumsum(held)[:-1]])  # bounds in the buckets before
    position = (x - float(origin)) * float(scale)
    count = lookup(position, first.astype(float).tolist())
    for k in range(held.max()):
        # NaN where a bucket holds fewer: it is above nothing.
        own = [float(edges[f + k]) if k < n else np.nan for f, n in zip(first, held, strict=True)]
        count = count + _is_above(x, lookup(position, own))
    return count


def _in_groups(x: Any, edges: NDArray[Any]) -> Any:
    """The group first, by comparing the first bound of each; then the bounds of that group."""
    size = math.isqrt(len(edges) - 1) + 1
    groups = [edges[k : k + size] for k in range(0, len(edges), size)]
    group = pairwise([_is_above(x, float(held[0])) for held in groups[1:]])
    count = group * float(size)
    own = [[float(held[k]) if k < len(held) else np.nan for held in groups] for k in range(size)]
    return count + pairwise([_is_above(x, lookup(group, bounds)) for bounds in own])
