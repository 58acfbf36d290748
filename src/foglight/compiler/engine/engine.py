"""From a recipe to the engine that runs it: compiled where that pays, else the equations on floats.

`BACKENDS` is the registry: the first available backend runs every kernel. All of them give the same bits.
"""

from collections.abc import Callable

from foglight.compiler.backends.backend import Backend, Engine
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine.opaque_engine import OpaqueEngine
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.kernel import Kernel
from foglight.compiler.opaque_row import opaque_row
from foglight.compiler.recipe import Recipe, traced
from foglight.model.model import opaque_functions
from foglight.trace.primitives import TooLongError

COMPILED_BELOW = 20_000  # operations; a longer Program takes longer to compile than it saves
BACKENDS: list[Backend] = [LlvmBackend(), InterpreterBackend()]


def engine_for(kernel: Kernel, *, brief: bool = False) -> Engine:
    """The engine of a kernel, from the first available backend. brief: it will run a few rows only."""
    return next(backend for backend in BACKENDS if backend.available()).engine(kernel, brief=brief)


def make_engine(
    recipe: Recipe, *, brief: bool = False, finish: Callable[[Kernel], Kernel] | None = None
) -> Engine:
    """The engine of a recipe: with calls of its opaque functions, on floats if the steps are too long to compile.

    finish: the last change to the traced kernel before it is compiled.
    """
    opaque = [name for name in opaque_functions(recipe.model) if name.partition(".")[0] in recipe.parts]
    if opaque:
        return _around(recipe, opaque)
    try:
        kernel = _cheaper(recipe)
    except TooLongError:
        return ReferenceEngine(recipe, "the model is too large to compile")
    if kernel.size > COMPILED_BELOW:
        return ReferenceEngine(recipe, f"{kernel.size} operations are too many to compile")
    return engine_for(kernel if finish is None else finish(kernel), brief=brief)


def _around(recipe: Recipe, opaque: list[str]) -> Engine:
    """The engine of a recipe with opaque functions: everything but these is compiled."""
    try:
        row = opaque_row(recipe)
    except TooLongError:
        row = None
    if row is None or row.size > 2 * COMPILED_BELOW:  # each stage stands in it twice
        return ReferenceEngine(
            recipe, f"{', '.join(opaque)} cannot be traced, and the model is too large to compile"
        )
    return OpaqueEngine(recipe, row, opaque, lambda kernel: engine_for(kernel, brief=True))


def _cheaper(recipe: Recipe) -> Kernel:
    """The kernel on scalars, or on whole arrays where that is less work: with many states, unless most of a step is the
    user's own function."""
    enough = recipe.lines_below
    if enough is None:
        return traced(recipe)
    try:
        lines = traced(recipe, limit=2 * enough)
        if lines.size <= enough:
            return lines
    except TooLongError:
        pass
    arrays = traced(recipe, arrays=True)
    if arrays.size <= enough:
        return arrays
    try:
        lines = traced(recipe)
    except TooLongError:
        return arrays
    return lines if lines.size <= min(2 * arrays.size, COMPILED_BELOW) else arrays
