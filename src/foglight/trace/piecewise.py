"""Functions in pieces: a polynomial in each segment of a line, and a bilinear one in each cell of a grid.

They are written once, for floats, NumPy arrays and symbols: the segment is searched, its coefficients are looked up,
and the polynomial is evaluated by Horner's rule. So the derivative is the slope of the segment, and differences between
points of one segment are exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.trace.ops import box, elementwise, lookup, select
from foglight.trace.primitives import SEARCH
from foglight.trace.symbol import Symbol

Numbers = tuple[float, ...]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Σ coefficients[k][i] (x - origins[i])^k in segment i.

    bounds: between segments, one fewer than there are segments; a bound belongs to the segment above it.
    low, high: where it ends.  below, above: its values beyond the ends; None where the segments go on.
    """

    bounds: Numbers
    origins: Numbers
    coefficients: tuple[Numbers, ...]
    low: float
    high: float
    below: float | None = field(default=None, compare=False)  # may be NaN, which does not equal itself
    above: float | None = field(default=None, compare=False)

    def __call__(self, x: Any) -> Any:
        """The value at a float or a symbol, or at each of an array."""
        return each(self._value, x)

    @cached_property
    def _arrays(self) -> tuple[Array, Array, list[Array]]:
        return np.array(self.bounds), np.array(self.origins), [np.array(row) for row in self.coefficients]

    def _value(self, x: Any) -> Any:
        bounds, origins, rows = (
            (self.bounds, self.origins, self.coefficients) if isinstance(x, Symbol) else self._arrays
        )
        i = segment(x, bounds)
        w = x - _one_of(i, origins)
        value = _one_of(i, rows[-1])
        for row in rows[-2::-1]:
            value = _one_of(i, row) + w * value
        if self.above is not None:
            value = select(x > self.high, self.above, value)
        return value if self.below is None else select(x < self.low, self.below, value)


@dataclass(frozen=True)
class Grid:
    """A bilinear function in each cell of a grid. values[i][j] is that at (x[i], y[j]).

    beyond: "hold" takes the nearest point of the grid, "linear" continues the cells, "error" gives NaN.
    """

    x: Numbers
    y: Numbers
    values: tuple[Numbers, ...]
    beyond: str

    def __call__(self, x: Any, y: Any) -> Any:
        """The value at a pair of floats or symbols, or at each pair of two arrays."""
        return each(self._value, x, y)

    @cached_property
    def _arrays(self) -> tuple[Array, Array, Array]:
        return np.array(self.x), np.array(self.y), np.array(self.values).ravel()

    def _value(self, x: Any, y: Any) -> Any:
        flat = [v for row in self.values for v in row] if _traced(x, y) else self._arrays[2]
        along_x, along_y = (
            knots if isinstance(v, Symbol) else array
            for v, knots, array in ((x, self.x, self._arrays[0]), (y, self.y, self._arrays[1]))
        )
        inside = (x >= self.x[0]) & (x <= self.x[-1]) & (y >= self.y[0]) & (y <= self.y[-1])
        if self.beyond == "hold":
            x, y = _within(x, self.x), _within(y, self.y)
        i, right = _along(x, along_x)
        j, up = _along(y, along_y)
        corner, columns = i * float(len(self.y)) + j, float(len(self.y))
        near, far = (
            a + right * (_one_of(corner + (columns + k), flat) - a)
            for k, a in ((0.0, _one_of(corner, flat)), (1.0, _one_of(corner + 1.0, flat)))
        )
        value = near + up * (far - near)
        return select(inside, value, np.nan) if self.beyond == "error" else value


def lines(x: Sequence[float], y: Sequence[float], below: float | None, above: float | None) -> Curve:
    """Straight lines between points."""
    slopes = np.diff(y) / np.diff(x)
    rows = (tuple(map(float, y[:-1])), tuple(slopes.tolist()))
    return Curve(tuple(x[1:-1]), tuple(x[:-1]), rows, float(x[0]), float(x[-1]), below, above)


def segment(x: Any, bounds: Any) -> Any:
    """How many of the bounds, which increase, are <= x."""
    if not len(bounds):
        return 0.0
    if isinstance(x, Symbol):
        return x.graph.apply(SEARCH, x, *bounds)
    return np.where(np.isnan(x), 0.0, np.searchsorted(bounds, x, side="right"))


def each(function: Callable[..., Any], *values: Any) -> Any:
    """The function of scalars, or of each entry of arrays that may hold symbols."""
    arrays = [box(v) if isinstance(v, Symbol) else np.asarray(v) for v in values]
    if not any(a.dtype == object for a in arrays):
        with np.errstate(over="ignore", invalid="ignore"):  # far beyond the ends, of what a select then drops
            return np.asarray(function(*[a.astype(np.float64) for a in arrays]))[()]
    if any(a.ndim for a in arrays):
        return elementwise(function, [a.astype(object) for a in arrays])
    return function(*[a.item() for a in arrays])


def _traced(*values: Any) -> bool:
    return any(isinstance(v, Symbol) for v in values)


def _one_of(index: Any, values: Any) -> Any:
    """A look-up in an array of numbers; in a trace, none where all values are equal."""
    if isinstance(values, np.ndarray):
        return values[np.asarray(index).astype(np.intp)]
    return values[0] if len(set(values)) == 1 else lookup(index, values)


def _within(x: Any, knots: Numbers) -> Any:
    return select(x < knots[0], knots[0], select(x > knots[-1], knots[-1], x))


def _along(x: Any, knots: Any) -> tuple[Any, Any]:
    """The segment, and how far along it x is: 0 at its begin, 1 at its end."""
    i = segment(x, knots[1:-1])
    widths = np.diff(knots) if isinstance(knots, np.ndarray) else tuple(np.diff(knots).tolist())
    return i, (x - _one_of(i, knots[:-1])) / _one_of(i, widths)
