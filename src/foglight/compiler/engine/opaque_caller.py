"""Calls an opaque function at the states that a kernel asks for, and writes what it returns where a kernel reads it."""

from collections.abc import Callable
from struct import Struct
from typing import Any

import numpy as np

from foglight.compiler.engine.argument_vectors import vectors_of
from foglight.compiler.engine.reference import FloatInputs
from foglight.compiler.noise_checks import negative
from foglight.compiler.opaque_calls import Group
from foglight.compiler.recipe import Recipe
from foglight.compiler.user_functions import call
from foglight.core.types import Array, Floats
from foglight.equations import ud
from foglight.equations.gaussian import Factored
from foglight.model.model import MOTION, Motion
from foglight.model.part_functions import full
from foglight.model.returned import real
from foglight.trace.named_vector import Vector

_PLAIN = {float, int, np.float64}  # the types of numbers that need no further check


class Caller:
    """Makes the calls of a group. A result of plain numbers is taken as it is; any other is checked as in validation.

    flag: where the condition of the calls is among the numbers that are asked for.
    """

    def __init__(self, recipe: Recipe, group: Group) -> None:
        model, self._call = recipe.model, group.call
        part = self._call.part
        self.flag, self._starts = group.flag, group.starts
        self._inputs = FloatInputs(model, recipe.method, {})
        self._states = len(model.ambient)
        self._moves = isinstance(part, Motion)
        self._at = model.parameter_indices[MOTION if isinstance(part, Motion) else part.name]
        self._columns = [model.inputs.index(name) for name in part.inputs]
        self._state = vectors_of(model.ambient, "state")
        self._params, self._controls = (
            vectors_of(tuple(part.params), "parameter"),
            vectors_of(part.inputs, "control"),
        )
        self._pack = Struct(f"{len(group.starts) * self._call.size}d").pack_into
        self._noise = self._call.what.endswith(".noise")

    def parameters(self, params: Floats) -> Vector:
        """The part's own parameters, from those of the model."""
        return self._params([params[i] for i in self._at])

    def __call__(self, numbers: list[Any], dt: Any, params: Vector, u: Floats) -> None:
        """Make the calls. numbers: what was asked for; u: the controls of the row, followed by results."""
        n, size = self._states, self._call.size
        function, state, plain = self._call.function.function, self._state, not self._noise
        rest: tuple[Any, ...] = (dt, params) if self._moves else (params,)
        if self._columns:
            rest = (*rest, self._controls([u[i] for i in self._columns]))
        found: list[Any] = []
        for at in self._starts:
            x = state(numbers[at : at + n])
            try:
                result = function(x, *rest)
            except Exception as reason:
                self._checked(x, _raising(reason))
            kind = type(result)
            if kind is np.ndarray and plain and result.shape == (size,) and result.dtype == np.float64:
                found += result.tolist()
            elif (
                (kind is list or kind is tuple)
                and plain
                and len(result) == size
                and _PLAIN.issuperset(map(type, result))
            ):
                found += result
            else:
                found += self._numbers(x, result).tolist()
        self._pack(memoryview(u), 8 * self._call.first, *found)  # type: ignore[arg-type]

    def _numbers(self, x: Vector, result: Any) -> Array:
        """The numbers of a result, after all checks."""
        found = self._checked(x, lambda *_: result)
        if not self._noise:
            return found  # type: ignore[no-any-return]
        return _of_motion(found) if self._moves else _of_sensor(found)

    def _checked(self, x: Vector, function: Callable[..., Any]) -> Any:
        """What the function returns, checked and shaped; its error with the state that it was called with."""
        return call(self._call.what, function, self._read, (x,), self._inputs)

    def _read(self, result: Any, what: str) -> Any:
        found = self._call.read(result, what)
        return found if isinstance(found, Factored) else real(found, what)


def _raising(reason: Exception) -> Callable[..., Any]:
    def function(*_: Any) -> Any:
        raise reason

    return function


def _of_sensor(noise: Factored | Array) -> Array:
    """R in full; what is no covariance, in a way that R does not show, as a negative one."""
    R = full(noise).astype(float)
    return (-np.eye(len(R)) if isinstance(noise, Factored) and negative(noise) else R).ravel()


def _of_motion(noise: Factored | Array) -> Array:
    """Q in full, or as its factor with as many columns as rows: the matrix, the variances, and 1 for a factor."""
    if not isinstance(noise, Factored):
        return np.concatenate([noise.astype(float).ravel(), np.zeros(len(noise) + 1)])
    G, v = noise.G.astype(float), noise.variances.astype(float)
    n, r = G.shape
    if r > n:
        G, v = (np.eye(n), np.full(n, -1.0)) if (v < 0.0).any() else ud.combine(G, v)
        r = n
    matrix, variances = np.zeros((n, n)), np.zeros(n)
    matrix[:, :r], variances[:r] = G, v
    return np.concatenate([matrix.ravel(), variances, [1.0]])
