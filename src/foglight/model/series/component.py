"""One component of a time series: states of its own, how they move from row to row, and what they add to the series."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foglight.equations.gaussian import Factored
from foglight.model import noise
from foglight.model.parameters import Param
from foglight.model.pickling import PortablePart


@dataclass(frozen=True)
class Component(PortablePart):
    """A component of a series. Its functions are given all states x and all parameters p of the motion, by name.

    states, params: of its own.  dynamics(x, p): its states one row later.  noise(p): the variances of its
    disturbances.  disturbed: the state that each of them disturbs.  reading(x, u): what it adds to the series; u holds
    its controls.  name: under which its states are reported together; "" for each by its own.
    start(p): U and D of its covariance at the first row; None where nothing is known of it.  derived(p): what its
    parameters stand for, by name.  period: of a season, in rows.
    """

    states: tuple[str, ...]
    dynamics: Callable[[Any, Any], list[Any]]
    reading: Callable[[Any, Any], Any]
    params: Mapping[str, Param] = field(default_factory=dict)
    noise: Callable[[Any], Sequence[Any]] = lambda p: ()
    disturbed: tuple[str, ...] = ()
    start: Callable[[Any], tuple[Any, Any]] | None = None
    controls: tuple[str, ...] = ()
    name: str = ""
    derived: Callable[[Any], dict[str, Any]] | None = None
    period: float | None = None

    def covariance(self, p: Any) -> Factored:
        """The covariance of its disturbances."""
        G = np.array([[float(state == other) for other in self.disturbed] for state in self.states])
        return noise.factored(G.reshape(len(self.states), len(self.disturbed)), list(self.noise(p)))
