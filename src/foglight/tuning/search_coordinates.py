"""The coordinates η in which parameters are searched: the logarithm of a parameter > 0, else the parameter itself."""

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Array


class SearchCoordinates:
    """Base class of what is maximised over parameters θ (…, p) with bounds.

    logs (p,): where η = log θ.  low, high: the bounds of θ, which broadcast with it.
    """

    logs: Array
    low: Array
    high: Array

    def eta(self, values: Array) -> Array:
        """The coordinates of these parameters; -inf for a logarithm of 0."""
        with np.errstate(divide="ignore"):
            return np.where(self.logs, np.log(np.where(self.logs, values, 1.0)), values)

    def moved(self, values: Array, step: Array) -> Array:
        """The parameters after a step in η, within their bounds."""
        with np.errstate(over="ignore"):
            new = np.where(self.logs, values * np.exp(np.where(self.logs, step, 0.0)), values + step)
        return np.asarray(np.clip(new, self.low, self.high))

    def ascending(self, values: Array, gradient: Array, information: Array) -> NDArray[np.bool_]:
        """Which coordinates can ascend: those that affect the data and whose gradient does not point beyond a bound."""
        known = np.diagonal(information, axis1=-2, axis2=-1) > 0.0
        below, above = (values <= self.low) & (gradient <= 0.0), (values >= self.high) & (gradient >= 0.0)
        return np.asarray(known & ~below & ~above)
