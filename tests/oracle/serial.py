"""One measurement component after the other, for a diagonal R: the same answer by scalar updates only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def innovations(F: Any, Q: Any, H: Any, R: Any, mean: Any, cov: Any, z: Array) -> Array:
    """(T, m): each component's innovation given the components before it; NaN where missing."""
    x, P = np.array(mean, float), np.array(cov, float)
    out = np.full(z.shape, np.nan)
    for k, row in enumerate(z):
        if k:
            x, P = F @ x, F @ P @ F.T + Q
        for i in np.flatnonzero(~np.isnan(row)):
            out[k, i] = row[i] - H[i] @ x
            s = H[i] @ P @ H[i] + R[i, i]
            gain = P @ H[i] / s
            x, P = x + gain * out[k, i], P - np.outer(gain, gain) * s
    return out
