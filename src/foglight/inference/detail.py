"""S and K from detailed records: of the rows of a run, and of one row of a live filter."""

from typing import NamedTuple

import numpy as np

from foglight.compiler.inputs import detail_sizes
from foglight.core.types import Array
from foglight.methods.layout import upper
from foglight.model.model import Model


class Block(NamedTuple):
    """One sensor. at: its components within the reading; first: the column of its first number in the record."""

    at: slice
    first: int

    @property
    def m(self) -> int:
        """The number of components."""
        return int(self.at.stop - self.at.start)


def blocks_of(model: Model, carried: int, of: slice | None = None) -> list[Block]:
    """The sensors of a row, or those whose components are within `of`; carried: how many numbers a carry has."""
    sizes = [sensor_at.stop - sensor_at.start for _, sensor_at in model.blocks]
    firsts = np.cumsum([carried, *detail_sizes(len(model.state), sizes)]).tolist()
    of = slice(0, len(model.components)) if of is None else of
    return [
        Block(slice(at.start - of.start, at.stop - of.start), first)
        for (_, at), first in zip(model.blocks, firsts, strict=False)
        if of.start <= at.start < of.stop
    ]


def innovation_cov(detail: Array, innovation: Array, blocks: list[Block]) -> Array:
    """S (..., M, M) by sensor; NaN where a component was unused, inf where an unknown direction absorbed it."""
    M = innovation.shape[-1]
    S = np.zeros((*detail.shape[:-1], M, M))
    for block in blocks:
        for k, (i, j) in enumerate(upper(block.m)):
            i, j = block.at.start + i, block.at.start + j
            S[..., i, j] = S[..., j, i] = detail[..., block.first + k]
    unused = np.isnan(innovation) & ~np.isinf(np.diagonal(S, axis1=-2, axis2=-1))
    S[unused[..., :, None] | unused[..., None, :]] = np.nan
    return S


def gain(detail: Array, n: int, M: int, blocks: list[Block]) -> Array:
    """K (..., n, M) by sensor; NaN where the sensor did not report."""
    K = np.empty((*detail.shape[:-1], n, M))
    for block in blocks:
        start = block.first + block.m * (block.m + 1) // 2
        K[..., block.at] = detail[..., start : start + n * block.m].reshape(*K.shape[:-1], block.m)
    return K
