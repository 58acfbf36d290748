"""Rows and values of accused readings, as text."""

import numpy as np
from numpy.typing import NDArray

from foglight.core.text import counted
from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.reruns import Reruns

_SHOWN = 6  # rows that are named, at most


def rows_text(reruns: Reruns, rows: NDArray[np.int64]) -> str:
    """Rows in words: `4 rows: 50, 200, 300, 420`, or `rows 50 to 80`."""
    if len(rows) == 1:
        return reruns.where(int(rows[0]))
    if len(rows) > 3 and len(rows) == rows[-1] - rows[0] + 1:
        return f"rows {reruns.number(int(rows[0]))} to {reruns.number(int(rows[-1]))}"
    shown = [reruns.number(int(row)) for row in rows[:_SHOWN]]
    return f"{counted(len(rows), 'row')}: {', '.join(shown)}{', …' if len(rows) > _SHOWN else ''}"


def numbers_text(values: Floats) -> str:
    """One number, or several in parentheses."""
    shown = [f"{value:.6g}" for value in values]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"


def offset_text(sizes: Floats) -> str:
    """How much higher or lower, or by how much several measures are off."""
    if len(sizes) > 1:
        return f"off by {numbers_text(sizes)}"
    return f"{numbers_text(np.abs(sizes))} {'higher' if sizes[0] > 0.0 else 'lower'}"
