"""Names for types that stand in many signatures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of numbers, or of symbols while a model is traced
Floats = NDArray[np.float64]
