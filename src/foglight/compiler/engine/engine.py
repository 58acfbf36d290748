"""From a recipe to the engine that runs it: compiled where that pays, else the equations on floats.

`BACKENDS` is the registry: the first available backend runs every kernel. All of them give the same bits.
"""

from collections.abc import Callable

from foglight.compiler.backends.backend import Backend, Engine
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine.reference import ReferenceEngine
from foglight.compiler.kernel import Kernel
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
    """The engine of a recipe: on floats where a function is opaque or the steps are too long to compile.

    finish: the last change to the traced kernel before it is compiled.
    """
    opaque = [name for name in opaque_functions(recipe.model) if name.partition(".")[0] in recipe.parts]
    if opaque:
        return ReferenceEngine(recipe, f"{', '.join(opaque)} cannot be traced")
    try:
        kernel = traced(recipe)
    except TooLongError:
        return ReferenceEngine(recipe, "the model is too large to compile")
    if kernel.size > COMPILED_BELOW:
        return ReferenceEngine(recipe, f"{kernel.size} operations are too many to compile")
    return engine_for(kernel if finish is None else finish(kernel), brief=brief)
