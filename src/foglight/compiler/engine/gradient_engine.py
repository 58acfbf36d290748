"""The engine of a likelihood's gradient: on scalars, or on whole arrays where that is less work."""

import math

from foglight.compiler.backends.backend import Engine
from foglight.compiler.engine.engine import SLOW, engine_for
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.kernels.gradient import GradientLayout, gradient_kernel
from foglight.compiler.kernels.sensitivity import sensitivity_kernel
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
_ZEROS = 4  # arrays stand for at most so many times the operations of scalars, which leave out zeros


def gradient_of(
    model: Model,
    method: Method,
    which: tuple[int, ...],
    truth: bool,
    arrays: bool | None = None,
    directions: int | None = None,
) -> Engine | None:
    """The engine of the gradient in the parameters with these indices; None if the steps are too long to compile.

    truth: of the density of the truth.  arrays: whether it is on whole arrays; None for whichever is less work.
    directions: how many a kernel on arrays carries; None for all of few parameters.
    """
    recipe = filter_recipe(model, method, white=True)
    if directions is not None:
        kernel = _on_arrays(recipe, which, truth, directions)
    else:
        kernel = _kernel(recipe, which, truth, arrays if recipe.on_arrays else False)
    if kernel is None or kernel.size > SLOW:  # central differences take less time
        return None
    return engine_for(kernel, brief=method.directions > 0, often=True)


def _kernel(recipe: Recipe, which: tuple[int, ...], truth: bool, arrays: bool | None) -> Kernel | None:
    if arrays is not None:
        return _on_arrays(recipe, which, truth) if arrays else _on_lines(recipe, which, truth, None)
    whole = _on_arrays(recipe, which, truth) if len(recipe.model.state) >= _MANY else None
    if whole is not None and _is_less(whole, LINES_BELOW) and whole.work > _work_of_lines(whole, which):
        return whole
    if whole is not None and whole.work > _ZEROS * max(LINES_BELOW, _LANES * whole.size):
        return whole  # with so many states, to count scalars takes seconds
    lines = _on_lines(recipe, which, truth, LINES_BELOW)
    if lines is not None and lines.size <= LINES_BELOW:
        return lines
    whole = whole or _on_arrays(recipe, which, truth)
    if whole is not None and _is_less(whole, LINES_BELOW):
        return whole
    lines = _on_lines(recipe, which, truth, None)
    return whole if lines is None or (whole is not None and _is_less(whole, lines.size)) else lines


def _is_less(arrays: Kernel, lines: int) -> bool:
    """Whether arrays are less work than so many operations on scalars, which compute four directions at a time."""
    return _LANES * arrays.size <= lines


def _work_of_lines(arrays: Kernel, which: tuple[int, ...]) -> int:
    """The work of arrays from which on scalars are certainly more than the limit; less where the covariance moves."""
    layout = GradientLayout.of(arrays, len(which))
    return 2 * LINES_BELOW if layout.moved == layout.primal else LINES_BELOW


def _on_lines(recipe: Recipe, which: tuple[int, ...], truth: bool, limit: int | None) -> Kernel | None:
    """limit: of the operations that are wanted; there are about three times as many as without the derivative."""
    try:
        kernel = traced(recipe, lowered=False, limit=None if limit is None else limit // 3)
        kernel = with_truth(kernel, recipe.model, recipe.method) if truth else kernel
        return gradient_kernel(kernel, which, TRACED_BELOW if limit is None else 2 * limit)
    except TooLongError:
        return None


def _on_arrays(
    recipe: Recipe, which: tuple[int, ...], truth: bool, directions: int | None = None
) -> Kernel | None:
    """The kernel with all directions side by side, or, if there are many, some at a time, about as many each time."""
    if directions is None:
        runs = max(1, math.ceil(len(which) / _AT_ONCE))
        directions = max(1, math.ceil(len(which) / runs))
    try:
        found = None if truth else sensitivity_kernel(recipe, which, TRACED_BELOW, directions)
        if found is not None:
            return found
        kernel = traced(recipe, lowered=False, arrays=True)
        kernel = with_truth(kernel, recipe.model, recipe.method) if truth else kernel
        return gradient_kernel(kernel, which, TRACED_BELOW, directions)
    except TooLongError:
        return None
