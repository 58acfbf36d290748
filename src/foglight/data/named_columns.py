"""The columns of a dataframe that is given in place of an array: they bind by name, not by position."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.entry_names import column_names
from foglight.data.array_input import one_block


def named_blocks(
    values: Any, prefix: str, rows: int | None, alone: bool = False
) -> dict[str, NDArray[np.float64]]:
    """The columns of a dataframe as blocks (T, 1), by `prefix` and name, so that they bind by name; empty for others.

    rows: how many there must be, or None where the frame decides.  alone: whether a single column has a name, too.
    """
    labels = column_names(values, alone)
    if not labels:
        return {}
    from foglight.data.readers.frames import FrameRows, eager

    frame = FrameRows(eager(values)[0], before=prefix)
    names = {name: name if name.startswith(prefix) else prefix + name for name in labels}
    return {full: one_block(frame.numbers(name), full, rows or frame.rows) for name, full in names.items()}
