"""Measurements on whole arrays, on numbers: what becomes of a factor, and in which order it adds; see
`array_operations`."""

from collections.abc import Sequence

import numpy as np

from foglight.trace.array_sums import PARTIAL_SUMS, Matrix, for_all_tracks, summed
from foglight.trace.array_symbol import Shape


def conditioned(
    U: Matrix, D: Matrix, H: Matrix, s: Matrix, mean: Sequence[Matrix], echelon: int, count: int, shape: Shape
) -> Matrix:
    """`ops.conditioned`: the rows of U, D and x, below one another, or without a mean those of U and D. Of row j of U,
    its first j + 1 + ahead entries count, up to whole eights, of which those behind are 0.  echelon: 1 if row i of H is
    0 before entry i + ahead, -1 if row i from the last one on is.

    Four measurements at a time, and what is left over one at a time: first if echelon is -1, since they change least
    there, else last. With f = h·U_j, factor_j = f (1 / a) and v_j = s D_j f of each of them, and the sums of v_l U_l
    over l < j, all are found for all rows j first, then the rows change.
    """
    U, D, H, s, *mean = for_all_tracks(U, D, H, s, *mean)
    n, width = U.shape[:2]
    ends = [min(width, j + width - n + PARTIAL_SUMS - (j + width - n) % PARTIAL_SUMS) for j in range(n)]
    left = count % 4
    begin = left if echelon < 0 else 0  # of those that are taken by four
    ones = range(left) if echelon < 0 else range(count - left, count)
    for first in sorted([*range(begin, begin + count - left, 4), *ones]):
        after = first + (1 if first in ones else 4)
        some, column = slice(first, after), {0: 0, 1: first, -1: count - after}[echelon]
        moved = (mean[0], mean[1][some]) if mean else ()
        U, D, mean[:1] = _by_some(U, D, H[some], s[some], moved, ends, column)
    result = np.zeros((*shape, U.shape[-1]), U.dtype)
    result[:n], result[n, :n] = U, D
    if mean:
        result[n + 1] = mean[0]
    return result


def _by_some(
    U: Matrix, D: Matrix, H: Matrix, s: Matrix, mean: Sequence[Matrix], ends: list[int], first: int
) -> tuple[Matrix, Matrix, list[Matrix]]:
    """`conditioned` by measurements that are taken together; ends: of the rows; first: of those that change.  across:
    of each pair, h of the later one times the sum of the earlier one. Without a mean, no x is returned."""
    n, count, tracks = len(U), len(H), U.shape[-1]
    begin = first + U.shape[1] - n
    begin -= begin % PARTIAL_SUMS
    f = np.stack(
        [[summed(h[begin:end] * row[begin:end]) for row, end in zip(U, ends, strict=True)] for h in H]
    )
    factors, v, D = np.empty_like(f), np.empty_like(f), D.copy()
    inverses = np.ones((count, tracks), U.dtype)
    for b in range(count):
        a, across = np.ones(tracks, U.dtype), np.zeros((count, tracks), U.dtype)
        for j in range(first, n):
            weighted = s[b] * f[b, j]
            factors[b, j], v[b, j] = f[b, j] * inverses[b], D[j] * weighted
            for c in range(b + 1, count):
                f[c, j], across[c] = f[c, j] - factors[b, j] * across[c], across[c] + v[b, j] * f[c, j]
            after = a + D[j] * (weighted * f[b, j])
            inverses[b] = 1.0 / after
            D[j], a = D[j] * (a * inverses[b]), after
    U, sums = U.copy(), np.zeros((count, *U.shape[1:]), U.dtype)
    for j, to in list(enumerate(ends))[first:]:
        for b in range(count):
            row = U[j, :to].copy()
            U[j, :to] = row - factors[b, j] * sums[b, :to]
            sums[b, :to] = sums[b, :to] + v[b, j] * row
    if not mean:
        return U, D, []
    x, z = mean
    for b in range(count):
        x = x + sums[b] * ((z[b] - summed((H[b] * x)[None])[0]) * inverses[b])
    return U, D, [x]


def increased(U: Matrix, D: Matrix, H: Matrix, w: Matrix, count: int, shape: Shape) -> Matrix:
    """`ops.increased`: the rows of U, of which row j has j + 1 + ahead entries, and D below them. From the last row on,
    each takes its share of each further column, one after the other."""
    U, D, H, w = for_all_tracks(U, D, H, w)
    n, ahead, tiny = len(U), U.shape[1] - len(U), np.finfo(U.dtype).tiny
    for j in reversed(range(n)):
        to = j + ahead
        for b in range(count):
            p, row, column = H[b, to].copy(), U[j, :to].copy(), H[b, :to].copy()
            weighted = w[b] * p
            after = D[j] + weighted * p
            inverse = np.where(after >= tiny, 1.0 / after, 0.0)
            kept = np.where(after >= tiny, D[j] * inverse, 1.0)
            U[j, :to] = kept * row + weighted * inverse * column
            H[b, :to], w[b], D[j] = column - p * row, w[b] * kept, after
    result = np.zeros((*shape, U.shape[-1]), U.dtype)
    result[:n], result[n, :n] = U, D
    return result
