"""The data of a page under construction: columns of numbers, and blocks that name them. docs/reference/page-data.md
describes the document."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats

Block = dict[str, Any]
_SINGLE = 1e37  # the largest number that is stored in 4 bytes


class Document:
    """Columns and pictures so far. `pictures` finds a picture by what it shows: {(kind, subject): id}.

    stored: what a column is made of: base64 as a file needs it, or the bytes themselves.
    """

    def __init__(self, stored: Callable[[bytes], Any] = lambda data: b64encode(data).decode("ascii")) -> None:
        self._stored = stored
        self.columns: list[Mapping[str, Any]] = []
        self.pictures: dict[tuple[str, str], str] = {}
        self._blocks = 0

    def column(self, values: NDArray[Any], exact: bool = False) -> int:
        """The number of a new column with these numbers (N,), in 4 bytes each, or with `exact` in 8."""
        kind, offset, data = packed(np.asarray(values, np.float64), exact)
        self.columns.append({"type": kind, "offset": offset, "data": self._stored(data)})
        return len(self.columns) - 1

    def block(self, kind: str, title: str, shows: tuple[str, str] | None = None, **fields: Any) -> Block:
        """A block with a name of its own; shows: what sentences find it by. Fields that are None are left out."""
        name = f"block-{self._blocks}"
        self._blocks += 1
        if shows is not None:
            self.pictures.setdefault(shows, name)
        kept = {key: value for key, value in fields.items() if value is not None and value != ""}
        return {"kind": kind, "id": name, "title": title, **kept}


def packed(values: Floats, exact: bool) -> tuple[str, float, bytes]:
    """Numbers as their type, the offset that was taken from them, and little-endian floats; infinity becomes NaN.

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
    shifted = values - offset if offset else values
    if len(known) < len(values):
        shifted = np.where(np.isfinite(values), shifted, np.nan)
    return kind, offset, shifted.astype(f"<{kind}").tobytes()
