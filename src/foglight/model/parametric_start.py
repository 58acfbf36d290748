"""A start that depends on the parameters of a model, as that of a stationary process does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.core.types import Array, Floats
from foglight.model.belief import Belief
from foglight.model.pickling import PortablePart


@dataclass(frozen=True, eq=False)
class ParametricStart(PortablePart):
    """The belief at the first row as a function of the parameters: N(0, U diag(D) Uᵀ), and what nothing is known of.

    names: the full names of the parameters on which it depends.  state: the names of the n states.  factor: from
    {full name: symbol or float} of all parameters to U (n, n), unit upper triangular, and D (n,); smooth within their
    bounds.  unknown: the directions of which nothing is known (n, d), whatever the parameters are.
    """

    names: tuple[str, ...]
    state: tuple[str, ...]
    factor: Callable[[Mapping[str, Any]], tuple[Array, Array]]
    unknown: Floats

    def belief(self, values: Mapping[str, float]) -> Belief:
        """The belief at these values of all parameters, {full name: value}."""
        U, D = (part.astype(float) for part in self.factor(values))
        return Belief(np.zeros(len(D)), factor=(U, D), unknown=self.unknown, names=self.state)
