"""A Program evaluated with NumPy's own functions, and a bound on what rounding may have done to its values.

The bound is a running error analysis (Higham 2002, §3.3): each operation is evaluated at the ends of its arguments'
intervals, and adds its own rounding. A condition is uncertain if it changes between the ends; then both sides count.
"""

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace.primitives import RULES, SEARCH, not_above
from foglight.trace.program import LEAVES, Instruction, Program

Array = NDArray[Any]
# Of each operation, relative. Far above a unit roundoff, 2^-53: a function on floats may sum in another order, and its
# powers and elementary functions may differ in the last places.
ROUNDING = 2.0**-42
_EXACT = frozenset(
    {"neg", "abs", "copysign", "floor", "rint", "select", "exponent", "pow2", "lookup", SEARCH}
)
_SIGNED = frozenset({"div", "atan2", "copysign"})  # the sign of a zero matters
_PERIODIC = {"sin": 2.0, "cos": 2.0, "tan": np.inf}  # by how much they differ at most

_NUMPY: dict[str, Callable[..., Any]] = {
    **RULES, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "atan2": np.arctan2, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "pow": np.power,
    "tanh": np.tanh, "hypot": np.hypot, "erf": np.vectorize(math.erf, otypes=[float]),
    "exp2": np.exp2, "log2": np.log2, "log10": np.log10, "cbrt": np.cbrt, "sinh": np.sinh, "cosh": np.cosh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "mod": np.remainder,
    "expit": lambda x: np.exp(np.minimum(x, 0.0)) / (1.0 + np.exp(-np.abs(x))), SEARCH: not_above,
}  # fmt: skip


class Evaluated:
    """The registers of a Program at many points at once. inputs: an array (points,) for each input key."""

    def __init__(self, program: Program, inputs: Mapping[Any, Array]) -> None:
        self.program = program
        points = len(next(iter(inputs.values())))

        def leaf(i: Instruction) -> Array:
            if i.op == "input":
                return inputs[i.value]
            return np.full(points, i.value if i.op == "const" else getattr(np.finfo(float), i.value))

        with np.errstate(all="ignore"):
            self.registers: list[Array] = program.replay(leaf, _NUMPY)

    def overflowed(self) -> NDArray[np.bool_]:
        """The points (points,) at which an operation on the way to the outputs exceeds the range of floats.

        A pole, such as 1/0 or log 0, does not count: it has an argument of 0, and an overflow has none.
        """
        found = np.zeros(len(self.registers[0]), bool)
        for i, z in zip(self.program.code, self.registers, strict=True):
            if i.op not in LEAVES and z.dtype != bool and np.isinf(z).any():
                args = [self.registers[k] for k in i.args]
                found |= np.isinf(z) & np.all([np.isfinite(a) & (a != 0.0) for a in args], axis=0)
        return found

    def outputs(self) -> Array:
        """The outputs (points, values), group after group; a condition as 1 or 0."""
        return self._outputs(self.registers)

    def rounding(self) -> Array:
        """A bound of the rounding error of each output (points, values); infinite where a condition is uncertain."""
        errors: list[Array] = []
        with np.errstate(all="ignore"):
            for i, z in zip(self.program.code, self.registers, strict=True):
                errors.append(np.zeros(z.shape, z.dtype) if i.op in LEAVES else self._error(i, z, errors))
        return self._outputs(errors)

    def _error(self, i: Instruction, z: Array, errors: list[Array]) -> Array:
        if (
            i.is_mask and len(i.args) == 2 and i.args[0] == i.args[1]
        ):  # x != x: whether x is NaN, which is certain
            return np.zeros(z.shape, bool)
        args, spreads = [self.registers[k] for k in i.args], [errors[k] for k in i.args]
        own = (
            np.zeros(z.shape) if i.is_mask or i.op in _EXACT else ROUNDING * np.abs(np.nan_to_num(z, nan=0.0))
        )
        moved_by_sign = i.op in _SIGNED and any((np.isnan(a) | (a == 0.0)).any() for a in args)
        if not any(spread.any() for spread in spreads) and not moved_by_sign:
            return own.astype(z.dtype)
        still = (0.0,) if i.op in ("lookup", SEARCH) else (-1.0, 1.0)  # they have many constant arguments
        ends = product(*[(-1.0, 1.0) if spread.any() else still for spread in spreads])
        moved = [
            _NUMPY[i.op](*[_moved(a, e, s) for a, e, s in zip(args, spreads, end, strict=True)])
            for end in ends
        ]
        if i.is_mask:
            apart: Array = np.any([end != z for end in moved], axis=0)
            if i.op in ("eq", "ne"):
                apart |= (spreads[0] + spreads[1] > 0.0) & (
                    np.abs(args[0] - args[1]) <= spreads[0] + spreads[1]
                )
            return apart
        gaps = [np.where((end == z) | (np.isnan(end) & np.isnan(z)), 0.0, np.abs(end - z)) for end in moved]
        worst = np.max(np.where(np.isnan(gaps), np.inf, gaps), axis=0)
        if i.op in _PERIODIC:  # the ends of a wide interval may be alike
            worst = np.maximum(worst, np.where(spreads[0] > 1.0, _PERIODIC[i.op], 0.0))
        if i.op == "div":  # the interval of the divisor contains 0
            worst = np.where((spreads[1] >= np.abs(args[1])) & (spreads[1] > 0.0), np.inf, worst)
        if i.op == "copysign":  # the sign of a NaN is not defined
            worst = np.where(np.isnan(args[1]), np.inf, worst)
        return np.asarray(worst + own)

    def _outputs(self, registers: list[Array]) -> Array:
        found = [registers[k].astype(float) for ks in self.program.outputs.values() for k in ks]
        return np.stack(found, axis=1)


def _moved(value: Array, spread: Array, sign: float) -> Array:
    """One end of the interval of an argument; of an uncertain condition, both truth values in turn.

    A zero takes either sign: folding may change it.
    """
    if value.dtype == bool:
        return np.asarray(value ^ spread if sign > 0.0 else value)
    end = value + sign * spread
    return np.asarray(np.where(end == 0.0, np.copysign(0.0, sign), end))
