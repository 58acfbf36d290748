"""Names for types that appear in many signatures."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of numbers, or of symbols while a model is traced
Floats = NDArray[np.float64]
Time = (
    float | date | timedelta | np.datetime64 | np.timedelta64
)  # one time: seconds, or a date; pandas' are dates

if TYPE_CHECKING:
    from numpy.typing import ArrayLike as ArrayLike
else:

    class ArrayLike:
        """Anything that NumPy converts to an array. A class at run time, so that `help` prints one word for it."""

    ArrayLike.__module__ = "numpy.typing"
