"""A log with other readings in place of some: those of a model's components that differ from what they were."""

from dataclasses import replace
from typing import Any

import numpy as np

from foglight.core.errors import DataError
from foglight.core.types import Floats
from foglight.data.log import Log


def with_readings(log: Log, model: Any, z: Floats) -> Log:
    """The log, but with the readings z (T, M) or (tracks, T, M) of the model's components.

    A reading that equals the one in the log stays as it is, and so do columns that the model does not read.
    """
    before = log.bind(model)
    if z.shape != before.shape:
        raise DataError(
            f"the log has readings of shape {before.shape} for this model: expected {z.shape}. Pass the log that was "
            "checked.",
            field="log",
            value=before.shape,
        )
    # A repeat that was skipped is missing from now on: its reading may differ now from the one that it repeated.
    read = before if log.repeats == "keep" else replace(log, repeats="keep").bind(model)
    changed = ~((z == read) | (np.isnan(z) & np.isnan(read)))
    source = _sources(log, model)
    blocks, number = {}, 0
    for name, block in log.blocks.items():
        blocks[name] = block.copy()
        for column in range(block.shape[-1]):
            of_column = changed & (source == number)
            for i in np.flatnonzero(of_column.reshape(-1, z.shape[-1]).any(axis=0)):
                rows = of_column[..., i]
                blocks[name][..., column][rows] = z[..., i][rows]
            number += 1
    return replace(log, blocks=blocks)


def _sources(log: Log, model: Any) -> Floats:
    """The number of the column that each reading of `log.bind` comes from, in the shape of the readings."""
    blocks, number = {}, 0
    for name, block in log.blocks.items():
        blocks[name] = np.broadcast_to(number + np.arange(float(block.shape[-1])), block.shape).copy()
        number += block.shape[-1]
    return replace(log, blocks=blocks, repeats="keep").bind(model)
