"""The functions of a part, called by a larger part that contains it.

The larger part has more states, parameters or controls, and its parameters may have other names. The part finds its own
among them by name, and what its functions return is checked as in any model.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.argument_names import TIME
from foglight.model.noise import stack
from foglight.model.pickling import PortablePart
from foglight.trace.named_vector import Vector


class PartFunctions(PortablePart):
    """The functions of a motion or a sensor, on the arguments of a larger part.

    state: the states that the part's functions are given.  renamed: {own name: name in the larger part} of parameters
    that have another name there.
    """

    def __init__(self, part: Any, state: tuple[str, ...], renamed: Mapping[str, str] | None = None) -> None:
        self.part = part
        self.state = state
        self.renamed = renamed or {}
        self.moves = hasattr(part, "dynamics")
        self.name: str = "motion" if self.moves else part.name
        self.labels: tuple[str, ...] = part.ambient if self.moves else part.measures
        self.size = len(part.state if self.moves else part.measures)  # of the noise

    def dynamics(self, x: Any, dt: Any, p: Any, *u: Any) -> Array:
        """f of a motion, as an array of its states."""
        value = self.part.dynamics(*self.arguments(x, dt, p, *u))
        return returned.vector(value, self.labels, f"{self.name}.dynamics")

    def measure(self, x: Any, p: Any, *u: Any) -> Array:
        """h of a sensor, as an array of its measures."""
        value = self.part.measure(*self.arguments(x, p, *u))
        return returned.vector(value, self.labels, f"{self.name}.measure")

    def noise(self, x: Any, *rest: Any) -> Factored | Array:
        """Q of a motion for the arguments (x, dt, p, u), or R of a sensor for (x, p, u)."""
        value = self.part.noise(*self.arguments(x, *rest))
        return returned.covariance(value, self.size, f"{self.name}.noise")

    def full_noise(self, x: Any, *rest: Any) -> Array:
        """The same as a full covariance."""
        return full(self.noise(x, *rest))

    def arguments(self, x: Any, *rest: Any) -> tuple[Any, ...]:
        """The arguments of the part's own functions, by position: (x, dt, p, u) of a motion, (x, p, u) of a sensor."""
        step = rest[: int(self.moves)]
        p, *u = rest[len(step) :]
        own = Vector(self.state, [getattr(x, name) for name in self.state])
        names = tuple(self.part.params)
        values = [getattr(p, self.renamed.get(name, name)) for name in names]
        return (own, *step, Vector(names, values, "parameter"), *(own_controls(u[0], self.part) if u else ()))


def own_controls(u: Any, part: Any) -> tuple[Vector, ...]:
    """The inputs of a part, as the last argument of its functions; nothing if it has none. u: of a larger part."""
    names = part.inputs
    return (Vector(names, [getattr(u, name) for name in names], "control"),) if names else ()


def own_params(
    part: Any, moved: Mapping[str, float] = MappingProxyType({}), number: Callable[[float], Any] = float
) -> Vector:
    """The parameters of a part by their own names, those in `moved` with other values; each made by `number`."""
    values = {**part.params, **moved}
    return Vector(tuple(values), [number(v) for v in values.values()], "parameter")


def held_controls(part: Any, value: float = 1.0) -> tuple[Vector, ...]:
    """The inputs of a part: its controls, all at one value, and t, at that value or 1; nothing if it has none."""
    names = part.inputs
    values = [(value or 1.0) if name == TIME else value for name in names]
    return (Vector(names, values, "control"),) if names else ()


def full(noise: Factored | Array) -> Array:
    """A noise as a full covariance."""
    return noise.cov if isinstance(noise, Factored) else noise


def side_by_side(*noises: Factored | Array) -> Factored | Array:
    """Independent noises of several groups of states, one after the other; factored if all of them are."""
    if all(isinstance(noise, Factored) for noise in noises):
        return stack(*noises)  # type: ignore[arg-type]
    blocks = [full(noise) for noise in noises]
    n = sum(len(block) for block in blocks)
    whole, first = np.full((n, n), 0.0, dtype=object), 0
    for block in blocks:
        at = slice(first, first + len(block))
        whole[at, at] = block
        first = at.stop
    return whole
