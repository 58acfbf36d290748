"""Derivatives by central differences, for functions that cannot be traced."""

from collections.abc import Callable
from typing import Any

import numpy as np

from foglight.core.types import Array
from foglight.equations.angles import wrap
from foglight.trace.array_functions import stacked_matrices
from foglight.trace.array_symbol import ArraySymbol
from foglight.trace.ops import absolute, in_type_of, known_zero, maximum, select, with_diagonal

# The best step of a central difference, relative to a variable's size.
_STEP = float(np.cbrt(np.finfo(float).eps))


def slopes(
    value: Callable[[Array], Array], x: Array, stds: Array, angles: tuple[int, ...], size: int
) -> Array:
    """The Jacobian (size, n) of a function by central differences, angles wrapped."""
    J = np.full((size, len(x)), 0.0, x.dtype)
    for k, (middle, std) in enumerate(zip(x, stds, strict=True)):
        width = _STEP * maximum(absolute(middle), std)
        if known_zero(width):  # a variable that is 0 and known exactly keeps a slope of 0
            continue
        plus, minus = x.copy(), x.copy()
        plus[k], minus[k] = middle + width, middle - width
        rise = value(plus) - value(minus)
        for i in angles:
            rise[i] = wrap(rise[i])
        run = plus[k] - minus[k]  # not 2 width: both points are rounded
        J[:, k] = [select(run == 0.0, 0.0, r / run) for r in rise]
    return J


def slopes_of_whole(
    each: Callable[[ArraySymbol], ArraySymbol], x: Any, stds: Any, angles: tuple[int, ...]
) -> tuple[ArraySymbol, ArraySymbol]:
    """f(x) and the same slopes (size, n), on whole arrays. each: from states, one a row, to the values of f there."""
    width = _STEP * maximum(absolute(x), stds)
    repeated = np.outer(in_type_of(x, np.full(len(x), 1.0)), x)
    plus, minus = x + width, x - width
    y, above, below = _values(each, x, with_diagonal(repeated, plus), with_diagonal(repeated, minus))
    rise, run = above - below, (plus - minus)[:, None]
    for i in angles:
        rise[:, i] = wrap(rise[:, i])
    return y, select(run == 0.0, 0.0, rise / run).T


def spread_of_whole(
    each: Callable[[ArraySymbol], ArraySymbol], x: Any, columns: Any
) -> tuple[ArraySymbol, ArraySymbol, ArraySymbol]:
    """f(x), and s, d with f(x ± columns_k) = f(x) + s_k ± d_k, on whole arrays. each: as for `slopes_of_whole`."""
    y, above, below = _values(each, x, x + columns.T, x - columns.T)
    return y, (0.5 * (above + below) - y).T, (0.5 * (above - below)).T


def _values(
    each: Callable[[ArraySymbol], ArraySymbol], x: Any, above: Any, below: Any
) -> tuple[ArraySymbol, ArraySymbol, ArraySymbol]:
    """The values of f at x, and at the rows of two matrices."""
    n = len(above)
    found = each(stacked_matrices([x[None], above, below]))
    return found[0], found[1 : n + 1], found[n + 1 :]
