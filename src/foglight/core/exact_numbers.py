"""Numbers as a file of data holds them, and back with every bit; what no program of ours writes is refused.

What does not fit raises TypeError, ValueError or OverflowError: the reader of the file says which file it was.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.timestamps import LAST_SECOND, NS


def written(numbers: NDArray[np.float64]) -> list[str]:
    """Each number (T,) in hexadecimal: no bit is lost, and NaN has a spelling."""
    return [number.hex() for number in numbers.tolist()]


def numbers(texts: Any, count: int) -> NDArray[np.float64]:
    """So many numbers, no more and no fewer: the compiled step reads that many, whatever there is."""
    if not isinstance(texts, list) or len(texts) != count:
        raise ValueError(f"expected {count} numbers")
    return np.array([float.fromhex(text) for text in texts], np.float64)


def count(value: Any) -> int:
    """A whole number that is not negative."""
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def stamp(value: Any) -> int:
    """Nanoseconds that a log may have."""
    if type(value) is not int or abs(value) > LAST_SECOND * NS:
        raise ValueError(f"{value!r} is no time")
    return value
