"""Names for types that stand in many signatures."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of numbers, or of symbols while a model is traced
Floats = NDArray[np.float64]

if TYPE_CHECKING:
    from numpy.typing import ArrayLike as ArrayLike
else:

    class ArrayLike:
        """What NumPy makes an array of. At run time a name, so that `help` prints one word and not its definition."""

    ArrayLike.__module__ = "numpy.typing"
