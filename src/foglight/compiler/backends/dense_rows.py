"""Patterns of `rows` that are full or triangular, for which backends need no list of columns."""

from collections.abc import Sequence
from typing import NamedTuple

from foglight.trace.array_operations import PARTIAL_SUMS


class DenseRows(NamedTuple):
    """Row i has the first + i step first columns; if skip is 1, from the last multiple of eight up to i on."""

    first: int
    step: int
    skip: int


def dense_rows(pattern: Sequence[Sequence[int]]) -> DenseRows | None:
    """What describes these columns; None if nothing does."""
    ends = [max(columns, default=-1) + 1 for columns in pattern]
    step = ends[1] - ends[0] if len(ends) > 1 else 0
    if step not in (0, 1) or not ends[0] or ends != [ends[0] + i * step for i in range(len(ends))]:
        return None
    for skip in (0, 1):
        starts = [skip * (i - i % PARTIAL_SUMS) for i in range(len(ends))]
        if all(list(c) == list(range(a, b)) for c, a, b in zip(pattern, starts, ends, strict=True)):
            return DenseRows(ends[0], step, skip)
    return None
