"""Patterns of `rows` that are full or triangular, for which backends need no list of columns."""

from collections.abc import Sequence
from typing import NamedTuple

from foglight.trace.array_sums import PARTIAL_SUMS


class DenseRows(NamedTuple):
    """Row i has the first + i step first columns.  skip: if it is 1, from the last multiple of eight up to i on; if it
    is -1, up to the next multiple of eight behind i."""

    first: int
    step: int
    skip: int


def dense_rows(pattern: Sequence[Sequence[int]]) -> DenseRows | None:
    """What describes these columns; None if nothing does."""
    ends = [max(columns, default=-1) + 1 for columns in pattern]
    if ends[-1] > ends[0] and all(
        list(c) == list(range(min(i - i % PARTIAL_SUMS + PARTIAL_SUMS, ends[-1])))
        for i, c in enumerate(pattern)
    ):
        return DenseRows(ends[-1], 0, -1)
    step = ends[1] - ends[0] if len(ends) > 1 else 0
    if step not in (0, 1) or not ends[0] or ends != [ends[0] + i * step for i in range(len(ends))]:
        return None
    for skip in (0, 1):
        starts = [skip * (i - i % PARTIAL_SUMS) for i in range(len(ends))]
        if all(list(c) == list(range(a, b)) for c, a, b in zip(pattern, starts, ends, strict=True)):
            return DenseRows(ends[0], step, skip)
    return None
