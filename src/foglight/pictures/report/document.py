"""The data of a page under construction: columns of numbers, and blocks that name them. docs/reference/page-data.md
describes the document."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats

Block = dict[str, Any]
_SINGLE = 1e37  # the largest number that is stored in 4 bytes


class Document:
    """Columns and pictures so far. `pictures` finds a picture by what it shows: {(kind, subject): id}."""

    def __init__(self) -> None:
        self.columns: list[Mapping[str, Any]] = []
        self.pictures: dict[tuple[str, str], str] = {}
        self._blocks = 0

    def column(self, values: NDArray[Any], exact: bool = False) -> int:
        """The number of a new column with these numbers (N,), in 4 bytes each, or with `exact` in 8."""
        self.columns.append(packed(np.asarray(values, np.float64), exact))
        return len(self.columns) - 1

    def block(self, kind: str, title: str, shows: tuple[str, str] | None = None, **fields: Any) -> Block:
        """A block with a name of its own; shows: what sentences find it by. Fields that are None are left out."""
        name = f"block-{self._blocks}"
        self._blocks += 1
        if shows is not None:
            self.pictures.setdefault(shows, name)
        kept = {key: value for key, value in fields.items() if value is not None and value != ""}
        return {"kind": kind, "id": name, "title": title, **kept}


def packed(values: Floats, exact: bool) -> dict[str, Any]:
    """Numbers as base64 of little-endian floats and the offset that was taken from them; infinity becomes NaN.

    With an offset, values far from 0 that hardly vary, such as coordinates on a map, keep their digits in 4 bytes: the
    error is at most 6e-8 of the largest distance from the offset.
    """
    known = values[np.isfinite(values)]
    offset = 0.0
    if exact or (len(known) and np.abs(known).max() > _SINGLE):
        kind = "f8"
    else:
        kind = "f4"
        if len(known):
            low, high = float(known.min()), float(known.max())
            offset = 0.5 * (low + high) if high - low < 0.5 * max(abs(low), abs(high)) else 0.0
    shifted = np.where(np.isfinite(values), values - offset, np.nan)
    data = base64.b64encode(shifted.astype(f"<{kind}").tobytes()).decode("ascii")
    return {"type": kind, "offset": offset, "data": data}
