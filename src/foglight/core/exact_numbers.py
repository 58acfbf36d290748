"""Numbers written to data files and read back without losing a bit. Anything that Foglight does not write is refused.

Invalid input raises TypeError, ValueError or OverflowError; the caller that reads the file adds its name.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.timestamps import LAST_SECOND, NS


def written(numbers: NDArray[np.float64]) -> list[str]:
    """Each number (T,) in hexadecimal, which loses no bit and can represent NaN."""
    return [number.hex() for number in numbers.tolist()]


def numbers(found: Any, count: int) -> NDArray[np.float64]:
    """Exactly `count` numbers, as texts or an array: the compiled step reads that many without checking."""
    if not isinstance(found, list | np.ndarray) or len(found) != count:
        raise ValueError(f"expected {count} numbers")
    return found if isinstance(found, np.ndarray) else np.array([float.fromhex(text) for text in found])


def count(value: Any) -> int:
    """A non-negative integer."""
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def stamp(value: Any) -> int:
    """A timestamp in nanoseconds, within the range of a log."""
    if type(value) is not int or abs(value) > LAST_SECOND * NS:
        raise ValueError(f"{value!r} is not a time")
    return value
