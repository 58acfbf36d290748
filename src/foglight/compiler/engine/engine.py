"""From a recipe to the engine that runs it: compiled where that pays, else the equations on floats.

`BACKENDS` is the registry: the first available backend runs every kernel. All of them give the same bits.
"""

import warnings
from collections.abc import Callable

from foglight.compiler.backends.backend import Backend, Engine
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.compiler.engine.reference import ReferenceEngine, level_of_the_user
from foglight.compiler.kernel import Kernel
from foglight.compiler.recipe import Recipe, traced
from foglight.core.errors import FoglightWarning
from foglight.model.model import opaque_functions
from foglight.trace.primitives import TooLongError

# Operations. From one to the other, code of little effort is made: 50,000 operations take 3 s, and a row of them 10 µs.
_LONG, COMPILED_BELOW = 20_000, 200_000
SLOW = 50_000  # operations from which compiling takes long, and a warning says so
_MANY = 12  # states; with so many, how much work they are is first seen on whole arrays, whose trace is short
# By no more than these factors what arrays stand for exceeds the operations of scalars, which leave out zeros.
_DENSE, _SPARSE = 1.25, 2.0
BACKENDS: list[Backend] = [LlvmBackend(), InterpreterBackend()]
_said: list[bool] = []  # whether a warning has said that there is no compiler


def engine_for(kernel: Kernel, *, brief: bool = False, often: bool = False) -> Engine:
    """The engine of a kernel, from the first available backend. brief: it will run a few rows only.  often: it will run
    again and again."""
    if kernel.size > SLOW:
        warnings.warn(
            f"{kernel.name} has {kernel.size} operations: compiling them, once for a model, takes about "
            f"{kernel.size / SLOW * 3.0:.0f} s or more. Write its functions with fewer operations.",
            FoglightWarning,
            stacklevel=level_of_the_user(),
        )
    backend = next(backend for backend in BACKENDS if backend.available())
    if isinstance(backend, InterpreterBackend):
        _warn_of_the_interpreter()
    return backend.engine(kernel, brief=brief or kernel.size > _LONG, often=often)


def _warn_of_the_interpreter() -> None:
    """A warning, once in a process, if nothing can be compiled because the compiler is not there."""
    if _said:
        return
    try:
        import llvmlite.binding  # noqa: F401
    except ImportError:
        _said.append(True)
        warnings.warn(
            "llvmlite is not installed, so filters run row by row in NumPy, a thousand times slower: about 0.5 ms for "
            "each row of 2 states, 15 ms of 20. Install it: pip install llvmlite.",
            FoglightWarning,
            stacklevel=level_of_the_user(),
        )


def make_engine(
    recipe: Recipe,
    *,
    brief: bool = False,
    finish: Callable[[Kernel], Kernel] | None = None,
    arrays: bool | None = None,
) -> Engine:
    """The engine of a recipe: with calls of its opaque functions, on floats if the steps are too long to compile.

    finish: the last change to the traced kernel before it is compiled.  arrays: whether it is on whole arrays; None for
    whichever is less work.
    """
    opaque = [name for name in opaque_functions(recipe.model) if name.partition(".")[0] in recipe.parts]
    if opaque:
        return _around(recipe, opaque)
    try:
        kernel = _cheaper(recipe) if arrays is None else traced(recipe, arrays=arrays)
    except TooLongError:
        return ReferenceEngine(recipe, "the model is too large to compile")
    if kernel.size > COMPILED_BELOW:
        return ReferenceEngine(recipe, f"{kernel.size} operations are too many to compile")
    return engine_for(kernel if finish is None else finish(kernel), brief=brief)


def _around(recipe: Recipe, opaque: list[str]) -> Engine:
    """The engine of a recipe with opaque functions: everything but these is compiled."""
    from foglight.compiler.engine.opaque_engine import OpaqueEngine
    from foglight.compiler.opaque_row import opaque_row

    try:
        row = opaque_row(recipe, arrays=recipe.on_arrays and len(recipe.model.state) >= _MANY)
    except TooLongError:
        row = None
    if row is None or row.size > 2 * COMPILED_BELOW:  # each stage stands in it twice
        return ReferenceEngine(
            recipe, f"{', '.join(opaque)} cannot be traced, and the model is too large to compile"
        )
    return OpaqueEngine(
        recipe, row, opaque, lambda kernel: engine_for(kernel, brief=True, often=kernel.on_arrays)
    )


def _cheaper(recipe: Recipe) -> Kernel:
    """The kernel on scalars, or on whole arrays where that is less work: with many states, unless most of a step is the
    user's own function."""
    enough = recipe.lines_below
    if enough is None:
        return traced(recipe)
    arrays = traced(recipe, arrays=True) if len(recipe.model.state) >= _MANY else None
    if arrays is not None and arrays.work > (_DENSE if arrays.is_dense else _SPARSE) * _most(arrays, enough):
        return arrays
    try:
        lines = traced(recipe, limit=2 * enough)
        if lines.size <= enough:
            return lines
    except TooLongError:
        pass
    arrays = arrays or traced(recipe, arrays=True)
    if arrays.size <= enough:
        return arrays
    try:
        lines = traced(recipe)
    except TooLongError:
        return arrays
    return lines if lines.size <= _most(arrays, enough) else arrays


def _most(arrays: Kernel, enough: int) -> int:
    """How many scalar operations are preferred to this kernel on whole arrays, at most."""
    return enough if arrays.size <= enough else min(2 * arrays.size, _LONG)
