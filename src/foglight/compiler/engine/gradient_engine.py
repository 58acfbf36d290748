"""The engine of a likelihood's gradient: on scalars, or on whole arrays where that is less work."""

import math

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.engine import SLOW, engine_for
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.kernels.gradient import gradient_kernel
from foglight.compiler.kernels.truth_stage import with_truth
from foglight.compiler.recipe import Recipe, traced
from foglight.methods.method import Method
from foglight.model.model import Model
from foglight.trace.primitives import TRACED_BELOW, TooLongError

LINES_BELOW = (
    12_000  # operations; with more, whole arrays are as fast for one series, and compiled in less time
)
_MANY = 10  # states from which on arrays are tried first, which takes less time than to count scalars
_LANES = 4  # directions in a vector of scalars
_AT_ONCE = 4  # directions, at most, that a kernel on arrays carries


def gradient_of(
    model: Model, method: Method, which: tuple[int, ...], truth: bool, arrays: bool | None = None
) -> Engine | None:
    """The engine of the gradient in the parameters with these indices; None if the steps are too long to compile.

    truth: of the density of the truth.  arrays: whether it is on whole arrays; None for whichever is less work.
    """
    recipe = filter_recipe(model, method, white=True)
    kernel = _kernel(recipe, which, truth, arrays if recipe.on_arrays and not truth else False)
    if kernel is None or kernel.size > SLOW:  # central differences take less time
        return None
    return engine_for(kernel, brief=method.directions > 0)


def _kernel(recipe: Recipe, which: tuple[int, ...], truth: bool, arrays: bool | None) -> Kernel | None:
    if arrays is not None:
        return _on_arrays(recipe, which) if arrays else _on_lines(recipe, which, truth, None)
    whole = _on_arrays(recipe, which) if len(recipe.model.state) >= _MANY else None
    if whole is not None and _is_less(whole, LINES_BELOW) and whole.work > 2 * LINES_BELOW:
        return whole
    lines = _on_lines(recipe, which, truth, LINES_BELOW)
    if lines is not None and lines.size <= LINES_BELOW:
        return lines
    whole = whole or _on_arrays(recipe, which)
    if whole is not None and _is_less(whole, LINES_BELOW):
        return whole
    lines = _on_lines(recipe, which, truth, None)
    return whole if lines is None or (whole is not None and _is_less(whole, lines.size)) else lines


def _is_less(arrays: Kernel, lines: int) -> bool:
    """Whether arrays are less work than so many operations on scalars, which compute four directions at a time."""
    return _LANES * arrays.size <= lines


def _on_lines(recipe: Recipe, which: tuple[int, ...], truth: bool, limit: int | None) -> Kernel | None:
    """limit: of the operations that are wanted; there are about three times as many as without the derivative."""
    try:
        kernel = traced(recipe, lowered=False, limit=None if limit is None else limit // 3)
        kernel = with_truth(kernel, recipe.model, recipe.method) if truth else kernel
        return gradient_kernel(kernel, which, TRACED_BELOW if limit is None else 2 * limit)
    except TooLongError:
        return None


def _on_arrays(recipe: Recipe, which: tuple[int, ...]) -> Kernel | None:
    """The kernel with all directions side by side, or, if there are many, some at a time, about as many each time."""
    runs = max(1, math.ceil(len(which) / _AT_ONCE))
    try:
        kernel = traced(recipe, lowered=False, arrays=True)
        return gradient_kernel(kernel, which, TRACED_BELOW, max(1, math.ceil(len(which) / runs)))
    except TooLongError:
        return None
