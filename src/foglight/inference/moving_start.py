"""The start of a likelihood where it depends on the parameters: the numbers that are carried, and their derivatives.

The start is traced as a function of the parameters, like a step, and differentiated in forward mode: so the gradient of
the likelihood is exact from the first row on.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from foglight.compiler.array_function import ArrayFunction
from foglight.compiler.kept import kept
from foglight.core.types import Array
from foglight.equations import diffuse, ud
from foglight.equations.gaussian import Belief, FullBelief
from foglight.inference.prepare import beside_belief
from foglight.methods.layout import carried
from foglight.methods.method import Method
from foglight.model.model import Model, parameter_values
from foglight.model.parametric_start import ParametricStart
from foglight.trace.forward_mode import tangents
from foglight.trace.symbol import Symbol


class MovingStart:
    """What is carried at the start, as a function of the free parameters.

    names: full names of the free parameters, in their order.
    """

    def __init__(self, model: Model, method: Method, start: ParametricStart, names: Sequence[str]) -> None:
        known = list(model.parameters)
        self._free = [known.index(name) for name in names]
        self._moving = [k for k, name in enumerate(names) if name in start.names]
        self._base = parameter_values(model)
        which = tuple(self._free[k] for k in self._moving)
        key = (repr(method), "moving start", start, *which)
        self._traced = kept(model, key, lambda: _TracedStart(model, method, start, which))

    def at(self, point: Array) -> Array:
        """What is carried at the start, at values (p,) of the free parameters."""
        carry = self._traced.constants.copy()
        carry[self._traced.varying] = self._numbers(point, np.zeros(len(self._moving)))["carry"]
        return carry

    def along(self, point: Array, direction: Array) -> Array | float:
        """Its derivative (carried,) along a direction (p,); 0 where no parameter of it moves."""
        moved = direction[self._moving]
        if not moved.any():
            return 0.0
        slope = np.zeros(len(self._traced.constants))
        slope[self._traced.varying] = self._numbers(point, moved)["slope"]
        return slope

    def _numbers(self, point: Array, direction: Array) -> Array:
        values = self._base.copy()
        values[self._free] = point
        return self._traced.function(values, direction)


class _TracedStart:
    """The function from all parameters, and a direction in those with the indices `which`, to what is carried.

    constants: what is carried, 0 where it depends on parameters.  varying: the indices of these numbers.  function:
    these numbers, "carry", and their derivatives along the direction, "slope".
    """

    def __init__(self, model: Model, method: Method, start: ParametricStart, which: tuple[int, ...]) -> None:
        self._model, self._method, self._start, self._which = model, method, start, which
        self.constants, self.varying = np.zeros(0), np.zeros(0, np.int64)
        self.function = ArrayFunction(self._equation, [(len(model.parameters),), (len(which),)])

    def _equation(self, params: Array, direction: Array) -> dict[str, Array]:
        numbers = self._carried(dict(zip(self._model.parameters, params, strict=True)))
        moves = [isinstance(value, Symbol) for value in numbers]
        self.constants = np.array([0.0 if m else float(v) for m, v in zip(moves, numbers, strict=True)])
        self.varying = np.flatnonzero(moves)
        carry = [numbers[k] for k in self.varying]
        seeds = [(params[i], [along]) for i, along in zip(self._which, direction, strict=True)]
        (slope,) = tangents(carry, seeds, 1)
        return {"carry": _boxed(carry), "slope": _boxed(slope)}

    def _carried(self, values: dict[str, Any]) -> list[Any]:
        model, method, unknown = self._model, self._method, self._start.unknown
        U, D = (part.astype(object) for part in self._start.factor(values))
        x = np.full(len(D), 0.0, dtype=object)
        belief: Any = Belief(x, U, D) if method.factored else FullBelief(x, ud.covariance(U, D))
        if unknown.size:
            belief = diffuse.Belief(x, U, D, unknown.astype(object), np.ones(unknown.shape[1], dtype=object))
        return [*carried(belief), *beside_belief(model, method, x)]


def _boxed(values: Sequence[Any]) -> Array:
    """Symbols and numbers as an array, which NumPy need not look into."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
